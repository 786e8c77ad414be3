/** Numbers to start from, for the input, the weight and the bias of a layer. */

import { Tensor, indices, product } from "./tensor.js";

/** @typedef {import("./layer.js").Geometry} Geometry */
/** @typedef {import("./layer.js").Layer} Layer */
/** @typedef {"counting" | "ones" | "edge" | "random"} Preset */

/** @type {Preset[]} */
export const PRESETS = ["counting", "ones", "edge", "random"];

const SEED = 1; // of the random integers, so that a page shows the same ones every time

/**
 * Numbers of a layer on an image of some size.
 *
 * counting: the input counts from 0, the weight from 1, in the order of memory.
 * ones: the input and the weight are ones.
 * edge: the left half of the input is dark and the right one bright; the kernels are those of
 *   Sobel and Prewitt, widened to their size: negative on the left, positive on the right.
 * random: integers from 0 to 9 in the input, from -3 to 3 in the weight and the bias.
 *
 * The bias is 0, except with random numbers, and null where the layer has none.
 *
 * @param {Preset} name
 * @param {Geometry} geometry also one with an error
 * @returns {{input: Tensor, weight: Tensor, bias: Tensor | null}}
 */
export function preset(name, geometry) {
  const { layer, inputShape } = geometry;
  const rules = RULES[name];
  const input = rules.input(inputShape);
  const weight = rules.weight(layer.weightShape);
  return { input, weight, bias: layer.bias ? rules.bias([layer.out_channels]) : null };
}

/** @typedef {(shape: number[]) => Tensor} Rule */

/** @type {Record<Preset, {input: Rule, weight: Rule, bias: Rule}>} */
const RULES = {
  counting: { input: counting(0), weight: counting(1), bias: constant(0) },
  ones: { input: constant(1), weight: constant(1), bias: constant(0) },
  edge: { input: step, weight: difference, bias: constant(0) },
  random: {
    input: random(0, 9, SEED),
    weight: random(-3, 3, SEED + 1),
    bias: random(-3, 3, SEED + 2),
  },
};

/**
 * @param {number} first
 * @returns {Rule}
 */
function counting(first) {
  return (shape) => new Tensor(shape, Array.from({ length: product(shape) }, (_, i) => first + i));
}

/**
 * @param {number} value
 * @returns {Rule}
 */
function constant(value) {
  return (shape) => new Tensor(shape, new Array(product(shape)).fill(value));
}

/**
 * A picture that is 0 on the left and 9 on the right.
 *
 * @type {Rule}
 */
function step(shape) {
  const width = shape[shape.length - 1];
  const column = (/** @type {number[]} */ index) => index[index.length - 1];
  return new Tensor(
    shape,
    indices(shape).map((index) => (2 * column(index) < width ? 0 : 9)),
  );
}

/**
 * Kernels that answer to vertical edges: -1 in the left half, 1 in the right, 0 between.
 *
 * @type {Rule}
 */
function difference(shape) {
  const width = shape[shape.length - 1];
  return new Tensor(
    shape,
    indices(shape).map((index) => Math.sign(2 * index[index.length - 1] - (width - 1))),
  );
}

/**
 * Integers of a generator with a fixed seed (mulberry32).
 *
 * @param {number} least
 * @param {number} most
 * @param {number} seed
 * @returns {Rule}
 */
function random(least, most, seed) {
  return (shape) => {
    let state = seed;
    const draw = () => {
      state = (state + 0x6d2b79f5) | 0;
      let bits = Math.imul(state ^ (state >>> 15), state | 1);
      bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
      return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
    };
    const data = Array.from({ length: product(shape) }, () => {
      return least + Math.floor(draw() * (most - least + 1));
    });
    return new Tensor(shape, data);
  };
}
