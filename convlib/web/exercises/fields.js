/** What an answer is typed into: a text field, radio buttons, or a grid of text fields. */

import { create } from "./html.js";

/** @typedef {import("./feedback.js").Exercise} Exercise */

/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {() => string[]} read the entries: one text, or one for each cell of a grid
 * @property {(entries: string[]) => void} write
 * @property {() => string} typed the answer as one text
 */

/** Of a text field: what is typed is no sentence. */
const PLAIN = { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: false };

/**
 * @param {Exercise} exercise
 * @param {string} id unique on the page
 * @param {Element[]} options the texts of a choice, in the order of its letters, if there are any
 * @returns {Field}
 */
export function createField(exercise, id, options) {
  if (exercise.kind === "choice") return createChoice(exercise.words, id, options);
  if (exercise.shape) return createGrid(exercise.shape, exercise.expected);
  return createText(exercise.expected, id);
}

/**
 * @param {string} expected
 * @param {string} id
 * @returns {Field}
 */
function createText(expected, id) {
  const input = create("input", { ...PLAIN, id, "aria-describedby": `${id}-expected` });
  const element = create(
    "div",
    { className: "field" },
    create("label", { htmlFor: id }, "Your answer"),
    input,
    create("span", { id: `${id}-expected`, className: "expected" }, expected),
  );
  return {
    element,
    read: () => [input.value],
    write: ([text]) => (input.value = text),
    typed: () => input.value,
  };
}

/**
 * @param {string[]} letters
 * @param {string} id
 * @param {Element[]} options
 * @returns {Field}
 */
function createChoice(letters, id, options) {
  const inputs = letters.map((value) => create("input", { type: "radio", name: id, value }));
  const labels = inputs.map((input, i) => {
    const option = create("span", {}, input.value);
    if (options.length === letters.length) option.append(": ", ...contentOf(options[i]));
    return create("label", {}, input, option);
  });
  const legend = create("legend", {}, "Your answer");
  const chosen = () => inputs.find((input) => input.checked)?.value ?? "";
  return {
    element: create("fieldset", { className: "choice" }, legend, ...labels),
    read: () => [chosen()],
    write: ([letter]) => inputs.forEach((input) => (input.checked = input.value === letter)),
    typed: chosen,
  };
}

/**
 * @param {Element} option an item of a list, which begins with its letter
 * @returns {Node[]} copies of what follows the letter
 */
function contentOf(option) {
  const content = /** @type {Element} */ (option.cloneNode(true));
  content.querySelector("code")?.remove();
  return [...(content.querySelector("p") ?? content).childNodes];
}

/**
 * @param {[number, number]} shape
 * @param {string} expected
 * @returns {Field}
 */
function createGrid([rows, columns], expected) {
  const inputs = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) =>
      create("input", { ...PLAIN, "aria-label": `row ${row}, column ${column}` }),
    ),
  );
  const lines = inputs.map((line) => create("div", { className: "row" }, ...line));
  const legend = create("legend", {}, "Your answer");
  const hint = create("span", { className: "expected" }, expected.split(", for")[0]);
  return {
    element: create("fieldset", { className: "grid" }, legend, ...lines, hint),
    read: () => inputs.flat().map((input) => input.value),
    write: (entries) => inputs.flat().forEach((input, i) => (input.value = entries[i] ?? "")),
    typed: () => {
      const texts = inputs.map((line) => line.map(({ value }) => value.trim() || "?").join(", "));
      return `[${texts.map((text) => `[${text}]`).join(", ")}]`;
    },
  };
}
