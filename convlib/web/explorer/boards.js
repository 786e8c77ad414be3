/** The boards: input channels, the kernel of the explained output, output channels. */

import { html, nothing } from "../vendor/lit-html.js";
import { key } from "./address.js";
import { fit } from "./fit.js";
import { listed } from "./format.js";
import { format } from "../model/numbers.js";

/** @typedef {import("./scene.js").Cell} Cell */
/** @typedef {import("./scene.js").Drawing} Drawing */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./state.js").State} State */

// In rem, for the arithmetic of the fit; the style sheet has the same.
const BIAS_LINE = 2.4;
const BIAS_COLUMN = 5;
const FILTER_LINE = 3;
const FILTER = 3.5;
const FILTER_COLUMN = 7.75;

const NOTHING = { below: 0, beside: 0, least: 0 };
const LEGIBLE = 14; // pixels of a cell with a number

/**
 * @param {State} state
 * @param {Scene} scene
 * @param {{ width: number, height: number, rem: number }} stage its size in pixels
 */
export function boards(state, scene, stage) {
  const { cell, columns, arrangement } = fit(groups(scene), stage);
  const { transposed } = state.plane.layer;
  const draw = (/** @type {Drawing[]} */ drawings) =>
    drawings.map((drawing) => board(state, drawing, drawings.length > 1));
  const none = html`<p class="none">no output</p>`;
  const classes = [arrangement, scene.grey ? "grey" : "", cell < LEGIBLE ? "tiny" : ""];
  return html`<div
    class="boards ${classes.join(" ")}"
    style="--cell: ${cell}px; --columns: ${columns}"
  >
    ${group("input", scene.titles.input, draw(scene.input))}
    ${operator(transposed ? "×" : "∗", transposed ? "times" : "convolved with")}
    ${group("weight", scene.titles.weight, draw(scene.weight), bias(state, scene))}
    ${operator(transposed ? "→" : "=", transposed ? "is added to" : "gives")}
    ${group(
      "output",
      scene.titles.output,
      scene.output.length ? draw(scene.output) : none,
      filters(state, scene),
    )}
  </div>`;
}

/**
 * Sizes of the groups, in cells.
 *
 * @param {Scene} scene
 */
function groups({ input, weight, bias: number, outputs, output }) {
  const size = (/** @type {Drawing[]} */ drawings) => ({
    count: Math.max(drawings.length, 1),
    rows: drawings[0]?.rows.length ?? 1,
    columns: drawings[0]?.rows[0].length ?? 2,
    ...NOTHING,
  });
  const withBias = number ? { below: BIAS_LINE, beside: BIAS_COLUMN, least: 0 } : NOTHING;
  const buttons = { below: FILTER_LINE, beside: FILTER_COLUMN, least: outputs.length * FILTER };
  const withFilters = outputs.length > 1 ? buttons : NOTHING;
  return {
    input: size(input),
    weight: { ...size(weight), ...withBias },
    output: { ...size(output), ...withFilters },
  };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {unknown} tables
 * @param {unknown} [below]
 */
function group(name, title, tables, below = nothing) {
  return html`<div class="group ${name}" role="group" aria-label=${title}>
    <div class="title" aria-hidden="true">${title}</div>
    <div class="content">
      <div class="tables">${tables}</div>
      ${below}
    </div>
  </div>`;
}

/**
 * @param {string} sign
 * @param {string} meaning
 */
function operator(sign, meaning) {
  return html`<div class="operator" role="img" aria-label=${meaning}>${sign}</div>`;
}

/**
 * @param {State} state
 * @param {Drawing} drawing
 * @param {boolean} captioned
 */
function board(state, drawing, captioned) {
  const { name, caption, label, dimmed, frame } = drawing;
  const reachable = drawing.rows.some((row) => row.some(({ address }) => address));
  const rows = drawing.rows.map((row) => boardRow(state, drawing, row));
  return html`<div class="board ${name} ${dimmed ? "dimmed" : ""}">
    ${captioned ? html`<div class="caption" aria-hidden="true">${caption}</div>` : nothing}
    <div class="sheet">
      <div class="grid" role=${reachable ? "grid" : "img"} aria-label=${label}>${rows}</div>
      ${frame ? outline(frame) : nothing}
    </div>
  </div>`;
}

/**
 * @param {State} state
 * @param {Drawing} drawing
 * @param {Cell[]} row
 */
function boardRow(state, drawing, row) {
  const cells = row.map((each) => {
    return each.address ? selectable(state, each, drawing.stop, "gridcell") : fixed(each);
  });
  const reachable = row.some(({ address }) => address);
  return html`<div
    class="row"
    role=${reachable ? "row" : nothing}
    aria-hidden=${reachable ? nothing : "true"}
  >
    ${cells}
  </div>`;
}

/** @param {Cell} cell a cell that only shows its number */
function fixed({ text, classes }) {
  return html`<div class="cell ${classes}" style="--chars: ${text.length}" aria-hidden="true">
    ${text}
  </div>`;
}

/**
 * @param {State} state
 * @param {Cell} cell
 * @param {string} stop
 * @param {string} role
 */
function selectable(state, cell, stop, role) {
  const name = key(cell.address);
  const chosen = key(state.marked) || key({ board: "output", index: state.selected });
  const editing = key(state.editing?.address ?? null) === name;
  const light = cell.share < 0.45 ? "low" : "high";
  return html`<div
    class="cell ${cell.classes} ${light}"
    role=${role}
    tabindex=${name === stop ? 0 : -1}
    data-key=${name}
    data-count=${cell.count || nothing}
    aria-label=${cell.label}
    aria-selected=${role === "gridcell" ? String(name === chosen) : nothing}
    style="--chars: ${cell.text.length}; --share: ${Math.round(100 * cell.share)}%"
  >
    ${editing ? editor(state, cell) : cell.text}
  </div>`;
}

/**
 * @param {State} state
 * @param {Cell} cell
 */
function editor({ editing }, { label }) {
  return html`<input
    class="editor"
    type="text"
    autocomplete="off"
    spellcheck="false"
    enterkeyhint="done"
    aria-label="New number, ${label}"
    aria-invalid=${String(Boolean(editing?.problem))}
    .defaultValue=${format(editing?.before ?? 0)}
  />`;
}

/** @param {import("./scene.js").Frame} frame */
function outline({ row, column, rows, columns }) {
  return html`<div
    class="frame"
    style="--row: ${row}; --column: ${column}; --rows: ${rows}; --spans: ${columns}"
  ></div>`;
}

/**
 * @param {State} state
 * @param {Scene} scene
 */
function bias(state, { bias: cell }) {
  if (!cell) return nothing;
  const name = key(cell.address);
  return html`<div class="bias-line" role="group" aria-label="Bias">
    <span aria-hidden="true">bias</span>
    ${selectable(state, cell, name, "button")}
  </div>`;
}

/**
 * Buttons that select an output channel and show which input channels it reads.
 *
 * @param {State} state
 * @param {Scene} scene
 */
function filters({ plane, explained }, { outputs, inputs }) {
  const { layer } = plane;
  if (layer.out_channels === 1) return nothing;
  const buttons = outputs.map((output) => {
    const read = layer.inputChannels(output);
    const squares = inputs.map((channel) => {
      return html`<i class=${read.includes(channel) ? "read" : ""}></i>`;
    });
    return html`<button
      type="button"
      class="filter"
      data-channel=${output}
      aria-pressed=${String(output === explained[0])}
      aria-label="Output channel ${output}, reads ${listed("input channel", read)}"
    >
      <span class="squares">${squares}</span>${output}
    </button>`;
  });
  const [before, after] = [outputs[0] - 1, outputs[outputs.length - 1] + 1];
  if (before >= 0) buttons.unshift(others(before, "◀", "Lower output channels"));
  if (after < layer.out_channels) buttons.push(others(after, "▶", "Higher output channels"));
  return html`<div class="filters" role="group" aria-label="Output channel">${buttons}</div>`;
}

/**
 * A button to channels that are not drawn.
 *
 * @param {number} channel
 * @param {string} sign
 * @param {string} label
 */
function others(channel, sign, label) {
  return html`<button type="button" class="filter" data-channel=${channel} aria-label=${label}>
    ${sign}
  </button>`;
}
