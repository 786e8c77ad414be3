/**
 * The answers of a reader, by chapter, in the browser's storage; where that is disabled, in memory
 * until the page is closed.
 */

/**
 * @typedef {object} Answer
 * @property {string[]} entries what was typed: one text, or one for each cell of an array
 * @property {boolean} right
 * @property {number} wrong how many wrong answers came before
 */

/**
 * @typedef {object} Chapter
 * @property {number} total the exercises that it has
 * @property {Record<string, Answer>} answers by the name and number of the exercise
 */

const PREFIX = "convlib.exercises.";

/** @type {Map<string, string>} where the storage is disabled or full */
const memory = new Map();

/** Dispatches "change" after the answers of a chapter have changed; its detail is the chapter. */
export const changes = new EventTarget();

/**
 * @param {string} chapter
 * @returns {Chapter}
 */
export function load(chapter) {
  try {
    const stored = memory.get(chapter) ?? localStorage.getItem(PREFIX + chapter);
    const { total, answers } = JSON.parse(stored ?? "{}");
    return { total: Number(total) || 0, answers: { ...answers } };
  } catch {
    return { total: 0, answers: {} };
  }
}

/**
 * @param {string} chapter
 * @param {Chapter} value
 */
function save(chapter, value) {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(PREFIX + chapter, text);
    memory.delete(chapter);
  } catch {
    memory.set(chapter, text);
  }
  announce(chapter);
}

/**
 * @param {string} chapter
 * @param {number} total the exercises that the chapter has
 * @param {string} name of the exercise in its chapter
 * @param {Answer} answer
 */
export function remember(chapter, total, name, answer) {
  const { answers } = load(chapter);
  save(chapter, { total, answers: { ...answers, [name]: answer } });
}

/** @param {string} chapter */
export function forget(chapter) {
  memory.delete(chapter);
  try {
    localStorage.removeItem(PREFIX + chapter);
  } catch {
    // nothing was stored
  }
  announce(chapter);
}

/**
 * @param {string} chapter
 * @returns {{answered: number, right: number, total: number}} of the exercises, without questions
 *   inside the text
 */
export function progress(chapter) {
  const { answers, total } = load(chapter);
  const names = Object.keys(answers).filter((name) => name.startsWith("check"));
  const right = names.filter((name) => answers[name].right);
  return { answered: names.length, right: right.length, total };
}

/** @param {string} chapter */
function announce(chapter) {
  changes.dispatchEvent(new CustomEvent("change", { detail: chapter }));
}

// Another tab changed or deleted answers; without a key, all of them.
addEventListener("storage", ({ key }) => {
  if (key?.startsWith(PREFIX)) announce(key.slice(PREFIX.length));
});
