/**
 * Feedback on a typed answer: the sentences of convlib/exercises, by the same grammar. No DOM.
 */

/** @typedef {number | string | Value[]} Value a number, a word, or a tuple */

/**
 * @typedef {object} Known an answer that an exercise knows
 * @property {Value} answer
 * @property {number} within how far numbers of an answer may be from its own
 */

/**
 * @typedef {object} Limit a rule for a tuple of whole numbers, each at least 1
 * @property {number[]} coefficients of their weighted sum
 * @property {number} constant added to the sum
 * @property {number} at_least the smallest sum that is right
 * @property {string} below the sentence on a smaller one, with {} in its place
 */

/**
 * @typedef {object} Exercise as convlib encodes it
 * @property {"number" | "tuple" | "choice" | "text" | "array"} kind
 * @property {Known} right
 * @property {string} because
 * @property {Array<Known & {sentence: string}>} slips
 * @property {string} hint
 * @property {string} expected what an answer must be, with an example
 * @property {string[]} words the letters of a choice; otherwise wrong answers that are words
 * @property {string} question that a page asks in place of the text's
 * @property {string} code shown below that question
 * @property {Limit} [limit]
 * @property {[number, number]} [shape] of an array: rows and columns
 */

/**
 * @typedef {object} Feedback
 * @property {"right" | "wrong" | "unreadable"} verdict
 * @property {string} sentence
 */

const LONGEST = 200;
const SUPERSCRIPTS = /[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]/g;
const LIKE_ASCII = new Map([
  ["\u2212", "-"],
  ["\u2013", "-"],
  ["\u2010", "-"],
  ["\u2044", "/"],
  ["\u2018", "'"],
  ["\u2019", "'"],
  ["\u201c", '"'],
  ["\u201d", '"'],
  ["\u00d7", "x"],
]);
const BEFORE = /^[ \t\r\n\f\v'"`]+/;
const BEHIND = /[ \t\r\n\f\v'"`.,;:!]+$/;
const AROUND_A_WORD = /^[ \t\r\n\f\v'"`()[\]{}.,:;]+|[ \t\r\n\f\v'"`()[\]{}.,:;]+$/g;
const NAME = /[a-z_][a-z_0-9.]*(?=[([])/g;
const THOUSANDS = /^[+-]?[0-9]{1,3}(?:[ ,][0-9]{3})+$/;
const NUMBER = /[+-]?(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?/;
const TOKEN = new RegExp(`[ \\t\\r\\n\\f\\v]*(?:(${NUMBER.source})|([()\\[\\],/x]))`, "y");
const WORD = /^[a-z0-9_.-]{1,40}$/;

/** An answer that is neither right nor wrong, because it cannot be read. */
export class Unreadable extends Error {}

/**
 * Reads numbers, fractions, and tuples and lists of them, with or without brackets.
 */
class Parser {
  /** @type {string[]} */
  #tokens = [];
  #next = 0;

  /** @param {string} text */
  constructor(text) {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const token = TOKEN.exec(text);
      if (!token) throw new Unreadable("an unknown character");
      this.#tokens.push(token[1] ?? token[2]);
    }
  }

  /** @returns {Value} of the whole text: brackets around it may be omitted */
  value() {
    const entries = this.#entries(undefined);
    if (!entries.length) throw new Unreadable("no number");
    return oneOrAll(entries);
  }

  /**
   * @param {string | undefined} end a bracket; undefined for the end of the text
   * @returns {Value[]} the entries up to there; between two may be a comma or an x
   */
  #entries(end) {
    /** @type {Value[]} */
    const entries = [];
    while (this.#peek() !== end) {
      if (entries.length && (this.#peek() === "," || this.#peek() === "x")) {
        this.#next += 1;
        if (this.#peek() === end) break; // the comma in (3,)
      }
      entries.push(this.#entry());
    }
    this.#next += 1;
    return entries;
  }

  /** @returns {Value} a number, a fraction, or what is between two brackets */
  #entry() {
    const token = this.#take();
    if (token === "(" || token === "[") return oneOrAll(this.#entries(token === "(" ? ")" : "]"));
    const number = this.#number(token);
    if (this.#peek() !== "/") return number;
    this.#next += 1;
    const divisor = this.#number(this.#take());
    if (divisor === 0) throw new Unreadable("a division by zero");
    return number / divisor;
  }

  /**
   * @param {string | undefined} token
   * @returns {number}
   */
  #number(token) {
    if (token === undefined || "()[],/x".includes(token)) throw new Unreadable("no number");
    return Number(token.replaceAll("_", ""));
  }

  #peek() {
    return this.#tokens.at(this.#next);
  }

  #take() {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }
}

/**
 * @param {Value[]} entries
 * @returns {Value} a tuple with one entry means this entry
 */
const oneOrAll = (entries) => (entries.length === 1 ? entries[0] : entries);

/**
 * @param {string} text as typed
 * @returns {string} in plain characters, without quotes and full stops around it
 */
const clean = (text) =>
  [...text.replace(SUPERSCRIPTS, "^").normalize("NFKC")]
    .map((character) => LIKE_ASCII.get(character) ?? character)
    .join("")
    .replace(BEFORE, "")
    .replace(BEHIND, "");

/**
 * @param {Exercise} exercise
 * @param {string} typed
 * @returns {Value} what a typed answer means
 * @throws {Unreadable}
 */
function read({ kind, words, limit }, typed) {
  if ([...typed].length > LONGEST) throw new Unreadable("too long");
  const text = clean(typed).toLowerCase();
  const word = text.replace(AROUND_A_WORD, "");
  if (words.includes(word) || (kind === "text" && WORD.test(word))) return word;
  if (kind === "choice" || kind === "text") throw new Unreadable("none of the words");
  const unnamed = text.replace(NAME, "");
  const grouped = kind === "number" && THOUSANDS.test(unnamed);
  const value = new Parser(grouped ? unnamed.replace(/[ ,]/g, "") : unnamed).value();
  if (limit && !fits(limit, value)) throw new Unreadable("the rule cannot be applied");
  return value;
}

/**
 * @param {Limit} limit
 * @param {Value} value
 * @returns {boolean} whether an answer has as many entries as the rule, whole numbers from 1
 */
function fits({ coefficients }, value) {
  const entries = [value].flat();
  const whole = entries.every((entry) => Number.isInteger(entry) && Number(entry) >= 1);
  return whole && entries.length === coefficients.length;
}

/**
 * @param {Limit} limit
 * @param {Value} value an answer that fits
 * @returns {number} its weighted sum
 */
function total({ coefficients, constant }, value) {
  const entries = [value].flat().map(Number);
  return coefficients.reduce((sum, each, i) => sum + each * entries[i], constant);
}

/**
 * @param {Known} known
 * @param {Value} value
 * @returns {boolean} whether an answer is the known one
 */
function matches({ answer, within }, value) {
  if (Array.isArray(value) && Array.isArray(answer)) {
    const same = value.every((entry, i) => matches({ answer: answer[i], within }, entry));
    return value.length === answer.length && same;
  }
  if (typeof value === "number" && typeof answer === "number") {
    return Math.abs(value - answer) <= within;
  }
  return value === answer;
}

/**
 * @param {Exercise} exercise
 * @param {string} typed
 * @returns {Feedback} the verdict on a typed answer, and convlib's sentence on it
 */
export function feedback(exercise, typed) {
  let value;
  try {
    value = read(exercise, typed);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const sentence = `This answer cannot be read. Give ${exercise.expected}.`;
    return { verdict: "unreadable", sentence };
  }
  const { right, because, slips, limit, hint } = exercise;
  const isRight = limit ? total(limit, value) >= limit.at_least : matches(right, value);
  const text = clean(typed);
  if (isRight) {
    const answer = limit ? text : rightAnswer(exercise);
    return { verdict: "right", sentence: `Right, ${answer}: ${because}` };
  }
  const slip = slips.find((known) => matches(known, value));
  if (slip) return { verdict: "wrong", sentence: `Not ${text}: ${slip.sentence}` };
  const below = limit?.below.replace("{}", String(total(limit, value)));
  return { verdict: "wrong", sentence: below ? `Not ${text}: ${below}` : `Not ${text}. ${hint}` };
}

/**
 * @param {string} kind
 * @param {string} data the attribute of an element, base64 of JSON
 * @returns {Exercise}
 */
export function decode(kind, data) {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  return { kind, ...JSON.parse(new TextDecoder().decode(bytes)) };
}

/**
 * @param {Exercise} exercise
 * @returns {string} its right answer, or one of them, in Python's notation
 */
export function rightAnswer({ right, kind }) {
  return spelled(right.answer, kind === "array" ? "[]" : "()");
}

/**
 * @param {Value} value
 * @param {string} brackets around the entries of a tuple
 * @returns {string} in Python's notation
 */
function spelled(value, brackets) {
  if (!Array.isArray(value)) return String(value);
  const entries = value.map((entry) => spelled(entry, brackets));
  return `${brackets[0]}${entries.join(", ")}${brackets[1]}`;
}
