/** Python's literals: how a torch call spells them, and how convlib's messages show them. */

/**
 * A value as it is written in a call. A plain array is a tuple, null is None; integers beyond
 * JavaScript's exact range are BigInt.
 *
 * @typedef {number | bigint | boolean | string | null | PythonFloat | Value[]} Value
 */

/** A number that is written with a point or an exponent; 1.0 is no int in Python. */
export class PythonFloat {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
  }
}

/**
 * A list, which differs from a tuple in its brackets only.
 *
 * @extends {Array<Value>}
 */
export class PythonList extends Array {
  static get [Symbol.species]() {
    return Array; // what map and filter return is no list of the call
  }
}

const LONGEST = 100; // characters of a value in a message, as in convlib.arguments
const LONGEST_INT = 40; // these are the limits of Python's reprlib
const LONGEST_STRING = 30;
const MOST_ENTRIES = 6;

/**
 * Name of the Python type of a value.
 *
 * @param {Value} value
 * @returns {string}
 */
export function typeName(value) {
  if (value === null) return "NoneType";
  if (value instanceof PythonFloat) return "float";
  if (value instanceof PythonList) return "list";
  if (Array.isArray(value)) return "tuple";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return { bigint: "int", boolean: "bool", string: "str" }[/** @type {"bigint"} */ (typeof value)];
}

/**
 * Write a value as Python's repr does.
 *
 * @param {Value} value
 * @returns {string}
 */
export function repr(value) {
  if (Array.isArray(value)) return bracketed(value, value.map(repr));
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value === null) return "None";
  return value instanceof PythonFloat ? floatRepr(value.value) : numberRepr(value);
}

/**
 * Write a value in one short line, as a message shows it.
 *
 * @param {Value} value
 * @returns {string}
 */
export function shown(value) {
  const text = shortened(value).split(/\s+/).filter(Boolean).join(" ");
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}

/**
 * @param {Value} value
 * @returns {string}
 */
function shortened(value) {
  if (Array.isArray(value)) {
    const entries = value.slice(0, MOST_ENTRIES).map(shortened);
    return bracketed(value, value.length > MOST_ENTRIES ? [...entries, "..."] : entries);
  }
  if (typeof value === "string") {
    const start = quoted(value.slice(0, LONGEST_STRING));
    if (start.length <= LONGEST_STRING) return start;
    return withoutMiddle(quoted(withoutMiddle(value, LONGEST_STRING, "")), LONGEST_STRING);
  }
  const text = repr(value);
  return typeName(value) === "int" && text.length > LONGEST_INT
    ? withoutMiddle(text, LONGEST_INT)
    : text;
}

/**
 * Replace what is between the start and the end of a text, so that it has some length.
 *
 * @param {string} text
 * @param {number} length
 * @param {string} [ellipsis]
 * @returns {string}
 */
function withoutMiddle(text, length, ellipsis = "...") {
  const before = Math.floor((length - 3) / 2);
  return text.slice(0, before) + ellipsis + text.slice(text.length - (length - 3 - before));
}

/**
 * @param {Value[]} value
 * @param {string[]} entries
 * @returns {string}
 */
function bracketed(value, entries) {
  if (value instanceof PythonList) return `[${entries.join(", ")}]`;
  return entries.length === 1 ? `(${entries[0]},)` : `(${entries.join(", ")})`;
}

/**
 * @param {string} text
 * @returns {string}
 */
function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `${quote}${escaped.replaceAll(quote, `\\${quote}`)}${quote}`;
}

/**
 * @param {number | bigint} value
 * @returns {string}
 */
function numberRepr(value) {
  return typeof value === "bigint" || Number.isInteger(value) ? String(value) : floatRepr(value);
}

/**
 * @param {number} value
 * @returns {string}
 */
function floatRepr(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    const [digits, exponent] = value.toExponential().split("e");
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${Object.is(value, -0) ? "-0" : value}.0` : String(value);
}
