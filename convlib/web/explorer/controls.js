/** The controls: the torch call as text, and sliders that write it. */

import { KINDS } from "../model/call.js";
import { MODES } from "../model/arguments.js";
import { PRESETS } from "../model/presets.js";
import { html, noChange, nothing } from "../vendor/lit-html.js";
import { EXAMPLES } from "./examples.js";
import { counted, times } from "./format.js";
import { entries } from "./parameters.js";
import { steps } from "./steps.js";

/** @typedef {import("./parameters.js").Parameter} Parameter */
/** @typedef {import("./state.js").State} State */

/**
 * What the controls show beside the state.
 *
 * @typedef {object} Panel
 * @property {Parameter[]} parameters in order
 * @property {string} typing name of the field that is being typed into, and is left as it is
 * @property {boolean} playing
 * @property {string} copied name of the button that has just copied
 * @property {boolean} addressed whether the page's address has the settings
 * @property {string} tip explanation of a factor
 * @property {boolean} depth whether the channels are drawn in 3-D
 * @property {boolean} brief whether only the first settings are unfolded
 * @property {boolean} deep whether the explorer has several channels from the start
 */

const FEW = 4; // settings that are always unfolded
/** @type {Record<string, string>} */
const NUMBERS = { counting: "0, 1, 2, ...", ones: "ones", edge: "edge", random: "random" };
/** @type {Record<string, string>} */
const WEIGHTS = { counting: "1, 2, 3, ...", ones: "ones", edge: "edge", random: "random" };

/**
 * Play, presets and overlay, under the drawing.
 *
 * @param {State} state
 * @param {Panel} panel
 */
export function toolbar(state, { playing }) {
  const { count, place } = steps(state);
  const { input, weight } = state.sources;
  return html`<div class="toolbar">
    <div class="steps" role="group" aria-label="Step by step">
      <button type="button" data-step="-1" aria-label="Back" aria-disabled=${String(place < 1)}>
        ◀
      </button>
      <button type="button" class="play" data-play>${playing ? "Pause" : "Play"}</button>
      <button
        type="button"
        data-step="1"
        aria-label="Forward"
        aria-disabled=${String(place >= count - 1)}
      >
        ▶
      </button>
    </div>
    <label>Input ${numbers(input, NUMBERS)} </label>
    <label>Kernel ${numbers(weight, WEIGHTS)} </label>
    <label class="button"
      >Own picture<input class="file" type="file" accept="image/*" data-picture
    /></label>
  </div>`;
}

/**
 * The presets of a board, and what else its numbers are.
 *
 * @param {import("./sources.js").Source} source
 * @param {Record<string, string>} names
 */
function numbers({ board, name, picture, untouched }, names) {
  const other = picture ? "own picture" : "own numbers";
  const chosen = untouched ? name : "other";
  return html`<select data-preset=${board} .value=${chosen}>
    ${PRESETS.map((preset) => option(preset, names[preset], chosen))}
    ${untouched ? nothing : option("other", other, chosen)}
  </select>`;
}

/**
 * The torch call.
 *
 * @param {State} state
 * @param {Panel} panel
 */
export function call(state, { copied }) {
  const invalid = Boolean(state.error);
  return html`<div class="call">
    <label
      ><span>torch call</span>
      <input
        type="text"
        data-call
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        aria-invalid=${String(invalid)}
        aria-describedby="message"
        .value=${state.text}
      />
    </label>
    <button type="button" data-copy="call">${copied === "call" ? "Copied" : "Copy"}</button>
  </div>`;
}

/**
 * In a fixed place the size of the output, or what is wrong.
 *
 * @param {State} state
 */
export function message(state) {
  const problem = state.editing?.problem || state.error || state.notice;
  return html`<p id="message" class="message ${problem ? "error" : ""}" role="status">
    ${problem || answer(state)}
  </p>`;
}

/** @param {State} state */
function answer({ plane: { geometry, layer } }) {
  const channels = counted(layer.out_channels, "channel");
  return html`Output: <strong class="size">${channels} of ${times(geometry.outputSize)}</strong>`;
}

/**
 * A slider and a field for each parameter; all but the first ones can be folded.
 *
 * @param {State} state
 * @param {Panel} panel
 */
export function sliders(state, panel) {
  const flat = state.call.kind.endsWith("1d");
  const transposed = state.call.kind.startsWith("ConvTranspose");
  const shape = `fields ${state.apart && !flat ? "apart" : ""}`;
  const fields = panel.parameters.map((parameter) => field(state, panel, parameter));
  return html`<div class=${shape}>${fields.slice(0, FEW)}</div>
    <details class="more" ?open=${!panel.brief}>
      <summary>All settings</summary>
      <div class=${shape}>${fields.slice(FEW)} ${choices(state, { flat, transposed })}</div>
    </details>`;
}

/**
 * The settings that are chosen or ticked.
 *
 * @param {State} state
 * @param {{ flat: boolean, transposed: boolean }} kind
 */
function choices(state, { flat, transposed }) {
  return html`<label class="choice"
      ><code class="name">padding_mode</code>
      <select data-mode ?disabled=${transposed} .value=${String(state.call.values.padding_mode)}>
        ${MODES.map((mode) => option(mode, `'${mode}'`, state.call.values.padding_mode))}
      </select>
    </label>
    <label class="choice"
      ><span class="name">layer</span>
      <select data-kind .value=${state.call.kind}>
        ${KINDS.map((kind) => option(kind, kind, state.call.kind))}
      </select>
    </label>
    <label class="choice"
      ><span class="name">example</span>
      <select data-example .value=${""}>
        <option value="">choose one</option>
        ${EXAMPLES.map(({ name }) => html`<option value=${name}>${name}</option>`)}
      </select>
    </label>
    <div class="ticks">
      <label class="tick"
        ><input type="checkbox" data-bias .checked=${state.call.values.bias !== false} />
        <code>bias</code></label
      >
      <label class="tick"
        ><input type="checkbox" data-apart ?disabled=${flat} .checked=${state.apart && !flat} />
        height and width apart</label
      >
      <label class="tick"
        ><input type="checkbox" data-coverage .checked=${state.coverage} /> coverage: how often a
        pixel is used</label
      >
      <button type="button" data-reset>Reset</button>
    </div>`;
}

/**
 * @param {State} state
 * @param {Panel} panel
 * @param {Parameter} parameter
 */
function field(state, panel, parameter) {
  const { name } = parameter;
  const values = entries(state, parameter);
  const transposed = state.call.kind.startsWith("ConvTranspose");
  const unused = name === "output_padding" && !transposed;
  const sides = values.map((value, axis) => {
    const side = values.length === 2 ? ["height", "width"][axis] : "";
    return fieldAxis(panel, parameter, { axis, side, value, unused });
  });
  return html`<div
    class="field ${unused ? "unused" : ""}"
    data-name=${name}
    role="group"
    aria-label=${name}
  >
    <code class="name">${name}</code>${sides}
    ${name === "padding" && !transposed ? paddingWord(values[0]) : nothing}
  </div>`;
}

/**
 * @param {Panel} panel
 * @param {Parameter} parameter
 * @param {{ axis: number, side: string, value: unknown, unused: boolean }} place
 */
function fieldAxis({ typing }, { name, min, max }, { axis, side, value, unused }) {
  const label = side ? `${name}, ${side}` : name;
  const id = `${name}-${axis}`;
  const disabled = unused || typeof value === "string";
  const number = typeof value === "number" ? String(value) : "";
  return html`<span class="axis">
    <span class="side" aria-hidden="true">${side}</span>
    <input
      type="number"
      step="1"
      inputmode="numeric"
      data-parameter=${name}
      data-axis=${axis}
      aria-label=${label}
      ?disabled=${disabled}
      .value=${typing === id ? noChange : number}
    />
    <input
      type="range"
      step="1"
      min=${min}
      max=${max}
      data-parameter=${name}
      data-axis=${axis}
      aria-label="${label}, slider"
      ?disabled=${disabled}
      .value=${number || String(min)}
    />
  </span>`;
}

/** @param {unknown} value */
function paddingWord(value) {
  const word = typeof value === "string" ? value : "number";
  return html`<select data-word aria-label="padding, number or word" .value=${word}>
    ${option("number", "number", word)} ${option("same", "'same'", word)}
    ${option("valid", "'valid'", word)}
  </select>`;
}

/**
 * @param {string} value
 * @param {string} text
 * @param {unknown} chosen
 */
function option(value, text, chosen) {
  return html`<option value=${value} ?selected=${value === chosen}>${text}</option>`;
}

/**
 * @param {Panel} panel
 */
export function links({ addressed, copied }) {
  if (!addressed) return nothing;
  const words = copied === "link" ? "Copied" : "Copy a link to this case";
  return html`<p class="links"><button type="button" data-copy="link">${words}</button></p>`;
}
