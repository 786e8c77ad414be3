/** Parameters and MACs of a layer, as products whose factors are explained. */

/** @typedef {import("./layer.js").Geometry} Geometry */
/** @typedef {import("./layer.js").Layer} Layer */

/**
 * @typedef {object} Factor
 * @property {string} name such as "out_channels"
 * @property {number} value
 * @property {string} operator "" for the first, "*", "/" or, for the bias, "+"
 * @property {string} explanation a sentence
 */

/**
 * A count, and the factors whose product it is.
 *
 * @typedef {object} Cost
 * @property {bigint} count
 * @property {Factor[]} factors
 */

/**
 * Numbers in weight and bias.
 *
 * @param {Layer} layer
 * @returns {Cost}
 */
export function parameters(layer) {
  return cost(layer.bias ? [...weightFactors(layer), biasTerm(layer)] : weightFactors(layer));
}

/**
 * Multiplications, each with an addition, for one image; those with zeros of the padding count.
 *
 * @param {Geometry} geometry without error
 * @returns {Cost}
 */
export function macs(geometry) {
  const { layer } = geometry;
  const sizes = layer.transposed ? geometry.size : geometry.outputSize;
  return cost([...weightFactors(layer), ...positionFactors(layer, sizes)]);
}

const SIDES = { 1: ["length"], 2: ["height", "width"] };

/**
 * @param {Layer} layer
 * @returns {Factor[]}
 */
function weightFactors(layer) {
  const { in_channels, out_channels, groups, kernel_size } = layer;
  const factors = [
    factor("", "out_channels", out_channels, "Each output channel has a kernel of its own."),
    factor("*", "in_channels", in_channels, "A kernel has a table of weights per input channel."),
    factor("/", "groups", groups, "A kernel reads the input channels of its own group only."),
  ];
  const taps = kernel_size.map((count, axis) => {
    const side = SIDES[/** @type {1} */ (layer.dimensions)][axis];
    const noun = { height: "rows", width: "columns", length: "taps" }[side];
    return factor("*", `kernel_size ${side}`, count, `A table of weights has ${count} ${noun}.`);
  });
  return [...factors, ...taps];
}

/**
 * @param {Layer} layer
 * @returns {Factor}
 */
function biasTerm({ out_channels }) {
  return factor("+", "bias", out_channels, "A number is added for each output channel.");
}

/**
 * @param {Layer} layer
 * @param {number[]} sizes
 * @returns {Factor[]}
 */
function positionFactors(layer, sizes) {
  const board = layer.transposed ? "input" : "output";
  return sizes.map((size, axis) => {
    const side = SIDES[/** @type {1} */ (layer.dimensions)][axis];
    const explanation = `Each weight is used once at every position of the ${board}.`;
    return factor("*", `${board} ${side}`, size, explanation);
  });
}

/**
 * @param {string} operator
 * @param {string} name
 * @param {number} value
 * @param {string} explanation
 * @returns {Factor}
 */
function factor(operator, name, value, explanation) {
  return { operator, name, value, explanation };
}

/**
 * @param {Factor[]} factors
 * @returns {Cost}
 */
function cost(factors) {
  const count = factors.reduce((result, { operator, value }) => {
    const number = BigInt(value); // large layers have more digits than a number holds
    if (operator === "/") return result / number;
    return operator === "+" ? result + number : result * number;
  }, 1n);
  return { count, factors };
}
