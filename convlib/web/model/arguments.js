/** Arguments of a layer validated and normalised, with the messages of `convlib.arguments`. */

import { InvalidArgument } from "./errors.js";
import { repr, shown, typeName } from "./python.js";

/** @typedef {import("./python.js").Value} Value */
/** @typedef {[before: number, after: number]} Pair */

export const MODES = ["zeros", "reflect", "replicate", "circular"];
export const WORDS = ["same", "valid"]; // as padding
export const LARGEST_SETTING = 9999; // of what is explored

const LARGEST = 2n ** 63n - 1n;
const LARGEST_SIZE = 2n ** 31n - 1n;
const BOUNDED = ["size", "padding"];
const FROM_ZERO = ["padding", "output_padding"]; // other integers start at 1
/** @type {Record<number, string>} */
const ORDER = { 1: "(width,)", 2: "(height, width)" };
/** @type {Record<number, string>} */
const PAIRS = { 1: "(before, after)", 2: "((top, bottom), (left, right))" };

/**
 * An int within the bounds of its name.
 *
 * @param {string} name
 * @param {Value} value
 * @param {Value} [container] the tuple or list in which it is an entry
 * @returns {number}
 */
export function integer(name, value, container) {
  const text = `${name}=${shown(container === undefined ? value : container)}`;
  if (typeName(value) !== "int") {
    const kind = container === undefined ? "an int" : "ints";
    throw new InvalidArgument(`${text} must be ${kind}, not ${typeName(value)}`);
  }
  const number = /** @type {number | bigint} */ (value);
  const least = FROM_ZERO.includes(name) ? 0 : 1;
  const most = BOUNDED.includes(name) ? LARGEST_SIZE : LARGEST;
  if (number < least) throw new InvalidArgument(`${text} must be at least ${least}`);
  if (number > most) throw new InvalidArgument(`${text} must be at most ${most}`);
  if (typeof number === "bigint") throw tooLarge(name, number);
  return number;
}

/**
 * Throw if a number is too large for a slider.
 *
 * @param {string} name
 * @param {number} value
 */
export function checkExplorable(name, value) {
  if (value > LARGEST_SETTING) throw tooLarge(name, value);
}

/**
 * @param {string} name
 * @param {number | bigint} value
 */
function tooLarge(name, value) {
  return new InvalidArgument(`${name}=${value} must be at most ${LARGEST_SETTING} to be explored`);
}

/**
 * An int for each axis, from one int, from a tuple of one, or of one for each axis.
 *
 * @param {string} name
 * @param {Value} value
 * @param {number} axes
 * @param {string} [order] what the entries of the tuple mean
 * @returns {number[]}
 */
export function integers(name, value, axes, order = ORDER[axes]) {
  if (!Array.isArray(value)) return new Array(axes).fill(integer(name, value));
  const entries = Array.from(value, (entry) => integer(name, entry, value));
  if (entries.length === axes) return entries;
  if (entries.length === 1) return new Array(axes).fill(entries[0]);
  const expected = `an int or ${axes} ints: ${order}`;
  throw new InvalidArgument(
    `${name}=${shown(value)} has ${entries.length} entries, not ${expected}`,
  );
}

/**
 * Pixels that a dilated kernel spans, the effective kernel size.
 *
 * @param {number} kernelSize
 * @param {number} dilation
 * @returns {number}
 */
export function reach(kernelSize, dilation) {
  return dilation * (kernelSize - 1) + 1;
}

/**
 * Padding before and after each axis.
 *
 * @param {Value} value an int, an int for each axis, pairs, 'same' or 'valid'
 * @param {{kernel_size: number[], stride: number[], dilation: number[]}} rest normalised
 * @param {boolean} words whether 'same' and 'valid' are allowed
 * @returns {Pair[]}
 */
export function padding(value, rest, words) {
  const axes = rest.kernel_size.length;
  if (typeof value === "string" && words) return paddingOfWord(value, rest);
  if (!Array.isArray(value)) return symmetric(new Array(axes).fill(integer("padding", value)));
  if (value.some((entry) => Array.isArray(entry))) return pairsOf(value, value, axes);
  if (axes === 1 && value.length === 2) return pairsOf(value, [value], axes);
  const order = `${ORDER[axes]}, or a pair (before, after) for each axis`;
  return symmetric(integers("padding", value, axes, order));
}

/**
 * @param {number[]} amounts
 * @returns {Pair[]}
 */
function symmetric(amounts) {
  return amounts.map((amount) => [amount, amount]);
}

/**
 * @param {Value[]} value padding as it is written
 * @param {Value[]} entries a pair for each axis
 * @param {number} axes
 * @returns {Pair[]}
 */
function pairsOf(value, entries, axes) {
  const pairs = entries.filter((entry) => Array.isArray(entry) && entry.length === 2);
  if (entries.length !== axes || pairs.length !== axes) {
    throw new InvalidArgument(
      `padding=${shown(value)} must have one pair per axis: ${PAIRS[axes]}`,
    );
  }
  return pairs.map((pair) => {
    const [before, after] = /** @type {Value[]} */ (pair);
    return [integer("padding", before, value), integer("padding", after, value)];
  });
}

/**
 * @param {string} value
 * @param {{kernel_size: number[], stride: number[], dilation: number[]}} rest
 * @returns {Pair[]}
 */
function paddingOfWord(value, { kernel_size, stride, dilation }) {
  if (!WORDS.includes(value)) {
    throw new InvalidArgument(
      `padding=${shown(value)} must be an int, a tuple of ints, a pair (before, after) for each ` +
        `axis, 'same' or 'valid'${hintOfWord(value)}`,
    );
  }
  if (value === "same" && stride.some((step) => step !== 1)) {
    throw new InvalidArgument(
      `padding='same' keeps the size, which stride=${repr(stride)} cannot: stride must be 1; ` +
        "convlib.tensorflow_same gives TensorFlow's SAME, for any stride",
    );
  }
  return kernel_size.map((taps, axis) => {
    const total = value === "same" ? reach(taps, dilation[axis]) - 1 : 0;
    const before = Math.floor(total / 2);
    return [before, total - before]; // of an odd total, one more after
  });
}

/**
 * @param {string} value
 * @returns {string}
 */
function hintOfWord(value) {
  if (MODES.includes(value)) {
    return `; pad(input, padding, mode=${repr(value)}) adds such a border`;
  }
  if (value.toLowerCase() === "same") {
    return "; convlib.tensorflow_same gives the padding of TensorFlow's SAME";
  }
  if (value === "causal") {
    return "; causal is (dilation * (kernel_size - 1), 0) along the axis of time";
  }
  return "";
}

/**
 * True or False, and nothing that only counts as one of them.
 *
 * @param {string} name
 * @param {Value} value
 * @returns {boolean}
 */
export function flag(name, value) {
  if (typeof value === "boolean") return value;
  throw new InvalidArgument(`${name}=${shown(value)} must be True or False`);
}

/**
 * One of several strings.
 *
 * @param {string} name
 * @param {Value} value
 * @param {string[]} choices
 * @returns {string}
 */
export function choice(name, value, choices) {
  if (typeof value === "string" && choices.includes(value)) return value;
  throw new InvalidArgument(
    `${name}=${shown(value)} must be one of ${choices.map(repr).join(", ")}`,
  );
}

/**
 * Throw unless groups divide both channel counts.
 *
 * @param {number} in_channels
 * @param {number} out_channels
 * @param {number} groups
 */
export function checkGroups(in_channels, out_channels, groups) {
  for (const [name, count] of Object.entries({ in_channels, out_channels })) {
    if (count % groups) {
      throw new InvalidArgument(`${name}=${count} must be divisible by groups=${groups}`);
    }
  }
}

/**
 * Throw if an image has too few pixels for a border of that mode.
 *
 * @param {string} mode
 * @param {Pair[]} pairs
 * @param {number[]} size
 */
export function checkMode(mode, pairs, size) {
  pairs.forEach((pair, axis) => {
    const most = { reflect: size[axis] - 1, circular: size[axis] }[mode];
    if (most !== undefined && Math.max(...pair) > most) {
      throw new InvalidArgument(
        `padding=${repr(pair)} in mode ${repr(mode)} must be at most ${most} on a side of size ` +
          `${size[axis]}`,
      );
    }
  });
}

