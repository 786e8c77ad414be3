/** The arguments that have a slider: their order, their ends, and their values in a call. */

import { PythonFloat } from "../model/python.js";

/** @typedef {import("../model/python.js").Value} Value */
/** @typedef {import("./state.js").State} State */

/**
 * @typedef {object} Parameter
 * @property {string} name torch's, or "size"
 * @property {number} min of the slider; the field beside it takes other numbers, too
 * @property {number} max
 * @property {boolean} axes whether height and width can differ
 */

/** @type {Parameter[]} */
const PARAMETERS = [
  { name: "size", min: 1, max: 16, axes: true },
  { name: "kernel_size", min: 1, max: 7, axes: true },
  { name: "stride", min: 1, max: 5, axes: true },
  { name: "padding", min: 0, max: 5, axes: true },
  { name: "dilation", min: 1, max: 5, axes: true },
  { name: "output_padding", min: 0, max: 4, axes: true },
  { name: "groups", min: 1, max: 4, axes: false },
  { name: "in_channels", min: 1, max: 4, axes: false },
  { name: "out_channels", min: 1, max: 4, axes: false },
];

/**
 * All parameters, that of the chapter first.
 *
 * @param {string | null} first
 */
export function ordered(first) {
  const chosen = PARAMETERS.filter(({ name }) => name === first);
  return [...chosen, ...PARAMETERS.filter(({ name }) => name !== first)];
}

/**
 * The value of each field of a parameter: of height and width, of both, or of a count. A word,
 * and what is no number, stands as it is.
 *
 * @param {State} state
 * @param {Parameter} parameter
 * @returns {Value[]}
 */
export function entries(state, { name, axes }) {
  const value = name === "size" ? state.size : (state.call.values[name] ?? 0);
  const both = (Array.isArray(value) ? value : [value, value]).map(plain);
  const apart = axes && state.apart && !state.call.kind.endsWith("1d");
  return both.slice(0, apart ? 2 : 1);
}

/** @param {Value} value a float as a number; a layer rejects it, but it can be shown */
function plain(value) {
  return value instanceof PythonFloat ? value.value : value;
}

/**
 * Take a number for one field of a parameter.
 *
 * @param {State} state
 * @param {Parameter} parameter
 * @param {number} axis
 * @param {number} number
 */
export function setEntry(state, parameter, axis, number) {
  const { name, axes } = parameter;
  const flat = state.call.kind.endsWith("1d");
  const fields = entries(state, parameter).map((entry) => (typeof entry === "number" ? entry : 0));
  fields[axis] = number;
  if (name === "size") {
    const [height, width = height] = fields;
    return state.setSizes(flat ? [state.sizes[0], height] : [height, width]);
  }
  const value = axes && state.apart && !flat ? fields : fields[0];
  return state.setArguments({ [name]: value });
}
