/**
 * Volumes of a layer as SVG: the channels of input, kernels and output, one behind another.
 *
 * One output number is dark, and so are the kernel and the part of the input that it is computed
 * from. Other groups are grey, and what would hide the dark part is transparent.
 */

import { html, nothing, svg } from "../vendor/lit-html.js";
import { listed, times } from "./format.js";
import { omitted, scene } from "./solids.js";

/** @typedef {import("../model/axis.js").Axis} Axis */
/** @typedef {import("../model/layer.js").Layer} Layer */
/** @typedef {import("./solids.js").Face} Face */
/** @typedef {import("./solids.js").Stage} Stage */

const PIXELS = 17; // of a cell at most
const LETTERS = 0.85; // of a cell: height of the labels

/** Of a part, the colours of front, top and right side; as in convlib/diagrams/volumes.py. */
export const SHADES = {
  input: {
    plain: { front: "#cfe3f2", top: "#e3eff8", right: "#b3cde0" },
    chosen: { front: "#0072b2", top: "#3390c5", right: "#005a8d" },
  },
  kernel: {
    plain: { front: "#f8dcae", top: "#fbebd0", right: "#e3c593" },
    chosen: { front: "#a65300", top: "#be7b3a", right: "#833f00" },
  },
  output: {
    plain: { front: "#c3e6d8", top: "#dbf0e8", right: "#a5cfbe" },
    chosen: { front: "#00775a", top: "#33947d", right: "#005b45" },
  },
};
export const OTHER = { front: "#dcdcdc", top: "#ebebeb", right: "#c4c4c4" };
const GREY = "#7a7a7a";

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
  return axis.sources(output).map(({ input }) => input);
}

/**
 * The picture, and below it what is not drawn.
 *
 * @param {Stage[]} stages one below another
 */
export function volumes(stages) {
  const { faces, labels, bounds } = scene(stages);
  const [left, top, right, bottom] = bounds;
  const margin = 0.1; // for the lines around the outermost cells
  const box = [left - margin, top - margin, right - left + 2 * margin, bottom - top];
  const parts = stages.flatMap(omitted);
  return html`<svg
      class="volumes"
      role="img"
      viewBox=${box.map(short).join(" ")}
      style="display: block; width: 100%; max-width: ${Math.round(box[2] * PIXELS)}px; height: auto"
    >
      <title>Volumes: ${stages.map(shapes).join("; then ")}</title>
      <desc>${stages.map(describe).join(" ")}</desc>
      <g stroke-width="0.06" stroke-linejoin="round" style="forced-color-adjust: none">
        ${faces.map(polygon)}
      </g>
      <g text-anchor="middle" fill="currentColor" font-size=${LETTERS} aria-hidden="true">
        ${labels.map(({ x, y, text }) => {
          return svg`<text x=${short(x)} y=${short(y)} dy="0.35em">${text}</text>`;
        })}
      </g>
    </svg>
    ${parts.length ? html`<p class="omitted">Drawn: ${parts.join("; ")}.</p>` : nothing}`;
}

/** @param {Face} face */
function polygon(face) {
  const points = face.points.map((point) => point.map(short).join()).join(" ");
  const stroke = face.tone === "ghost" ? GREY : "#ffffff";
  return svg`<polygon points=${points} fill=${fill(face)} stroke=${stroke}></polygon>`;
}

/**
 * The colour of a face.
 *
 * @param {Face} face
 */
function fill({ part, side, tone }) {
  if (tone === "ghost") return "none";
  return tone === "other" ? OTHER[side] : SHADES[part][tone][side];
}

/** @param {Stage} stage */
function shapes({ in_channels, out_channels, groups, kernel_size, size, output_size, names }) {
  const [input, weight, output] = names;
  return (
    `${input} ${times([in_channels, ...size])}, ` +
    `${weight} ${times([out_channels, in_channels / groups, ...kernel_size])}, ` +
    `${output} ${times([out_channels, ...output_size])}`
  );
}

/**
 * In words, what is dark.
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

/** @param {number} value */
function short(value) {
  return Number(value.toFixed(3));
}
