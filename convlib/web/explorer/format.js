/** Numbers as text for cells and sentences; sums use `format` of the model. */

import { format } from "../model/numbers.js";

const LEGIBLE = 5; // characters of a number in a cell

/**
 * A number for a cell, in as many characters as can be read there.
 *
 * @param {number} value
 */
export function brief(value) {
  const text = format(value);
  if (text.length <= LEGIBLE) return text;
  const size = Math.abs(value);
  if (size < 0.01 || size >= 1e5) return value.toExponential(0).replace("e+", "e");
  return format(Number(value.toPrecision(size < 1 ? 2 : 3)));
}

/**
 * An integer with its thousands separated: 23,608,202.
 *
 * @param {number | bigint} value
 */
export function thousands(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/**
 * "1 window", "2 windows".
 *
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * "row 3", "rows 0, 2", "rows 0 to 4".
 *
 * @param {string} noun
 * @param {number[]} numbers in order
 */
export function listed(noun, numbers) {
  const [first] = numbers;
  if (numbers.length === 1) return `${noun} ${first}`;
  const dense = numbers.length > 3 && numbers.every((number, place) => number === first + place);
  return `${noun}s ${dense ? `${first} to ${numbers.at(-1)}` : numbers.join(", ")}`;
}

/**
 * "5 x 7"; "7" in one dimension.
 *
 * @param {number[]} sizes
 */
export function times(sizes) {
  return sizes.join(" x ");
}
