/** Arrays of numbers with a shape. */

import { InvalidArgument } from "./errors.js";
import { repr, shown } from "./python.js";

/**
 * Nested arrays of numbers, such as [[1, 2], [3, 4]].
 *
 * @typedef {number | Nested[]} Nested
 */

/** Numbers in the order of memory, the last index the fastest. */
export class Tensor {
  /**
   * @param {number[]} shape
   * @param {number[]} [data]
   */
  constructor(shape, data) {
    this.shape = shape;
    /** @type {number[]} */
    this.data = data ?? new Array(product(shape)).fill(0);
  }

  /**
   * The numbers of nested arrays, of which all at one level have the same length.
   *
   * @param {string} name of the argument, for messages
   * @param {unknown} nested
   * @returns {Tensor}
   * @throws {InvalidArgument}
   */
  static from(name, nested) {
    /** @type {number[]} */
    const shape = [];
    for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
    if (!shape.length) throw new InvalidArgument(`${name} must be nested arrays of numbers`);
    /** @type {unknown[]} */
    const data = shape.reduce((/** @type {unknown[]} */ levels, length) => {
      if (levels.some((level) => !Array.isArray(level) || level.length !== length)) {
        throw new InvalidArgument(`${name} must have rows of the same length`);
      }
      return levels.flatMap((level) => /** @type {unknown[]} */ (level));
    }, [nested]);
    const wrong = data.find((entry) => typeof entry !== "number" || !Number.isFinite(entry));
    if (wrong !== undefined || data.includes(undefined)) {
      const text = Array.isArray(wrong) ? "an array" : shown(/** @type {null} */ (wrong ?? null));
      throw new InvalidArgument(`${name} must contain finite numbers, not ${text}`);
    }
    return new Tensor(shape, /** @type {number[]} */ (data));
  }

  /**
   * The number at an index.
   *
   * @param {number[]} index
   * @returns {number}
   */
  at(index) {
    return this.data[offset(index, this.shape)];
  }

  /**
   * A copy with one other number.
   *
   * @param {number[]} index
   * @param {number} value
   * @returns {Tensor}
   */
  with(index, value) {
    return new Tensor(this.shape, this.data.with(offset(index, this.shape), value));
  }

  /**
   * The numbers as nested arrays.
   *
   * @returns {Nested[]}
   */
  nested() {
    return this.shape
      .slice(1)
      .reduceRight((/** @type {Nested[]} */ rows, length) => chunks(rows, length), this.data);
  }
}

/**
 * Throw unless an array has the layer's shape.
 *
 * @param {string} name
 * @param {Tensor} tensor
 * @param {number[]} shape
 */
export function checkShape(name, tensor, shape) {
  if (repr(tensor.shape) === repr(shape)) return;
  throw new InvalidArgument(
    `${name} of shape ${repr(tensor.shape)} must have the layer's shape ${repr(shape)}`,
  );
}

/**
 * Place of an index in the order of memory; axes of the shape beyond the index are not counted.
 *
 * @param {number[]} index
 * @param {number[]} shape
 * @returns {number}
 */
export function offset(index, shape) {
  return index.reduce((place, entry, axis) => place * shape[axis] + entry, 0);
}

/**
 * Every index of an array, in the order of memory.
 *
 * @param {number[]} shape
 * @returns {number[][]}
 */
export function indices(shape) {
  return shape.reduce(
    (/** @type {number[][]} */ found, length) =>
      found.flatMap((index) => Array.from({ length }, (_, entry) => [...index, entry])),
    [[]],
  );
}

/**
 * @param {number[]} factors
 * @returns {number}
 */
export function product(factors) {
  return factors.reduce((result, factor) => result * factor, 1);
}

/**
 * @param {Nested[]} entries
 * @param {number} length
 * @returns {Nested[]}
 */
function chunks(entries, length) {
  const count = length ? entries.length / length : 0;
  return Array.from({ length: count }, (_, row) => entries.slice(row * length, (row + 1) * length));
}
