/** Elements of the page, and the style sheet of exercises, which is added to it once. */

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./exercises.css", import.meta.url).href;
document.head.append(style);

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} properties of the element; those with a hyphen are attributes
 * @param {Array<Node | string>} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function create(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, String(value));
    else Reflect.set(element, name, value);
  }
  element.append(...children);
  return element;
}

/**
 * @param {string} sentence with `code` and *emphasis*
 * @returns {Array<Node | string>}
 */
export function markUp(sentence) {
  return sentence.split(/(`[^`]+`|(?<=^|\s)\*[a-z]+\*)/).map((part) => {
    if (/^`.+`$/.test(part)) return create("code", {}, part.slice(1, -1));
    if (/^\*[a-z]+\*$/.test(part)) return create("em", {}, part.slice(1, -1));
    return part;
  });
}
