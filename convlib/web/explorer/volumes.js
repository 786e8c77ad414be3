/**
 * Volumes of a layer as SVG: the channels of input, kernels and output, one behind another.
 *
 * One output number is dark, and so are the kernel and the part of the input that it is computed
 * from. Other groups are grey, and what would hide the dark part is transparent.
 */

import { html, nothing, svg } from "../vendor/lit-html.js";
import { OTHER, SHADES } from "./shades.js";
import { omitted, scene } from "./solids.js";
import { describe, shapes } from "./stages.js";

/** @typedef {import("./solids.js").Face} Face */
/** @typedef {import("./solids.js").Stage} Stage */

const PIXELS = 17; // of a cell at most
const LETTERS = 1.05; // of a cell: height of the labels

const GREY = "#7a7a7a";

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

/** @param {number} value */
function short(value) {
  return Number(value.toFixed(3));
}
