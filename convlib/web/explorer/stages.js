/** Convolutions as they are drawn by solids.js, and in words. */

import { listed, times } from "./format.js";

/** @typedef {import("../model/axis.js").Axis} Axis */
/** @typedef {import("../model/layer.js").Layer} Layer */
/** @typedef {import("./solids.js").Stage} Stage */

/**
 * A convolution, and the window of one output number.
 *
 * @param {Layer} layer
 * @param {Axis[]} axes rows and columns, on which the layer fits
 * @param {number[]} selected channel, row and column of the output
 * @returns {Stage}
 */
export function stageOf(layer, axes, [channel, row, column]) {
  const { in_channels, out_channels, groups } = layer;
  const [rows, columns] = axes;
  return {
    in_channels,
    out_channels,
    groups,
    kernel_size: [rows.kernel_size, columns.kernel_size],
    weight_shape: [...layer.weightShape.slice(0, 2), rows.kernel_size, columns.kernel_size],
    size: [rows.size, columns.size],
    output_size: [rows.outputSize, columns.outputSize],
    window: [read(rows, row), read(columns, column)],
    position: [row, column],
    chosen: [channel],
    names: ["input", "weight", "output"],
  };
}

/**
 * @param {Axis} axis
 * @param {number} output
 */
function read(axis, output) {
  const places = axis.sources(output).map(({ input }) => input);
  return places.sort((one, other) => one - other); // a transposed layer counts downwards
}

/**
 * The shapes of input, weight and output.
 *
 * @param {Stage} stage
 */
export function shapes({ in_channels, out_channels, weight_shape, size, output_size, names }) {
  const [input, weight, output] = names;
  return (
    `${input} ${times([in_channels, ...size])}, ` +
    `${weight} ${times(weight_shape)}, ` +
    `${output} ${times([out_channels, ...output_size])}`
  );
}

/**
 * What is marked, in words.
 *
 * @param {Stage} stage
 */
export function describe({ in_channels, out_channels, groups, size, chosen, ...stage }) {
  const [input, , output] = stage.names;
  const inputs = in_channels / groups;
  const group = (/** @type {number} */ channel) => Math.floor(channel / (out_channels / groups));
  const [first, last] = [group(chosen[0]), group(chosen[chosen.length - 1])];
  const count = (last - first + 1) * inputs;
  const channels = Array.from({ length: count }, (_, index) => first * inputs + index);
  const [rows, columns] = stage.window.map((places, axis) => {
    return places.filter((place) => place >= 0 && place < size[axis]);
  });
  const [row, column] = stage.position;
  const place =
    rows.length && columns.length
      ? `${listed("channel", channels)}, ${listed("row", rows)}, ${listed("column", columns)}`
      : "zeros of the padding only";
  const apart = first === last ? "" : ", each in its own group,";
  const subject = `${output} ${listed("channel", chosen)}, row ${row}, column ${column}`;
  return `${subject[0].toUpperCase()}${subject.slice(1)}: computed${apart} from ${input} ${place}.`;
}
