/** The products of the explained output and their sum; or where an input pixel is scattered to. */

import { format, operand } from "../model/numbers.js";
import { html, nothing } from "../vendor/lit-html.js";
import { key } from "./address.js";

/** @typedef {import("../model/values.js").ChannelProducts} ChannelProducts */
/** @typedef {import("../model/values.js").Term} Term */
/** @typedef {import("./state.js").State} State */

const MOST_TERMS = 49; // of one channel that are written out
const MOST_LINES = 8;

/** @param {State} state */
export function products(state) {
  const { plane, active } = state;
  if (!plane.values) return nothing;
  if (plane.layer.transposed && active?.board === "input") return scattered(state, active.index);
  return gathered(state);
}

/** @param {State} state */
function gathered(state) {
  const { plane, explained } = state;
  const sum = plane.products(explained);
  if (!sum) return nothing;
  const single = sum.channels.length === 1;
  const shown = sum.channels.slice(0, MOST_LINES);
  const lines = shown.map((channel) =>
    channelLine(state, channel, single ? sum.bias : null, single),
  );
  return html`<div class="lines ${single ? "single" : ""}">
    ${lines} ${single ? nothing : totalLine(sum, shown.length)}
  </div>`;
}

/**
 * @param {State} state
 * @param {ChannelProducts} channel
 * @param {number | null} bias the last summand, if this is the only channel
 * @param {boolean} single
 */
function channelLine(state, channel, bias, single) {
  const { layer } = state.plane;
  const terms = channel.terms.slice(0, MOST_TERMS).map((each) => term(state, channel, each));
  const left = channel.terms.length - terms.length;
  const all = left ? [...terms, html`<span class="rest">${left} more products</span>`] : terms;
  if (bias !== null) all.push(biasTerm(bias));
  const sum = channel.sum + (bias ?? 0);
  const label = single ? nothing : html`<span class="which">channel ${channel.channel}</span>`;
  const result = html`<span class="chip ${single ? "output" : "part"}">${format(sum)}</span>`;
  const empty = layer.transposed && !all.length;
  return html`<p class="line">
    ${label} ${empty ? html`<span class="rest">no input pixel is added here</span>` : joined(all)}
    <span class="result">= ${result}</span>
  </p>`;
}

/**
 * @param {import("../model/values.js").Products} sum
 * @param {number} shown channels that have a line
 */
function totalLine({ channels, bias, total }, shown) {
  const parts = channels
    .slice(0, shown)
    .map((channel) => html`<span class="chip part">${operand(channel.sum)}</span>`);
  const left = channels.length - shown;
  if (left) parts.push(html`<span class="rest">${left} more channels</span>`);
  if (bias !== null) parts.push(biasTerm(bias));
  return html`<p class="line total">
    <span class="which">sum</span> ${joined(parts)}
    <span class="result">= <span class="chip output">${format(total)}</span></span>
  </p>`;
}

/**
 * @param {State} state
 * @param {ChannelProducts} channel
 * @param {Term} product
 */
function term({ plane, active }, channel, { tap, pixel, inside, weight, value }) {
  const weightKey = key({ board: "weight", index: [...channel.table, ...plane.lift(tap)] });
  const inputKey = key({ board: "input", index: [channel.channel, ...plane.lift(pixel)] });
  const hot = active && [weightKey, inputKey].includes(key(active)) ? "hot" : "";
  return html`<span class="term ${hot}" data-key=${weightKey}
    ><span class="chip weight">${operand(weight)}</span>*<span
      class="chip ${inside ? "input" : "pad"}"
      >${operand(value)}</span
    ></span
  >`;
}

/** @param {number} bias */
function biasTerm(bias) {
  return html`<span class="chip bias" title="bias">${operand(bias)}</span>`;
}

/** @param {unknown[]} summands */
function joined(summands) {
  return summands.map((each, place) => (place ? html` + ${each}` : each));
}

/**
 * What a transposed layer adds for one pixel of the input.
 *
 * @param {State} state
 * @param {number[]} index [channel, row, column]
 */
function scattered({ plane, explained: [output] }, index) {
  const [channel, row, column] = index;
  const value = plane.value({ board: "input", index });
  const [rows, columns] = plane.linksOfInput([row, column]);
  if (value === null || !plane.layer.inputChannels(output).includes(channel)) {
    return html`<p class="rest">Output channel ${output} does not use this input channel.</p>`;
  }
  const parts = rows.flatMap((down) =>
    columns.map((right) => {
      const target = [down.output, right.output];
      const sum = plane.products([output, ...target]);
      const { terms = [] } = sum?.channels.find((each) => each.channel === channel) ?? {};
      const tap = [down.tap, right.tap].join();
      const found = terms.find((each) => plane.lift(each.tap).join() === tap);
      return found ? scatterTerm(plane, found, target) : nothing;
    }),
  );
  return html`<div class="lines"><p class="line scatter">${parts.slice(0, MOST_TERMS)}</p></div>`;
}

/**
 * @param {import("./plane.js").Plane} plane
 * @param {Term} product
 * @param {number[]} target
 */
function scatterTerm(plane, { weight, value, product }, target) {
  const kept = plane.axes.every((axis, number) => axis.hasOutput(target[number]));
  const where = plane.layer.dimensions === 2 ? `(${target.join(", ")})` : `(${target[1]})`;
  return html`<span class="term"
    ><span class="chip weight">${operand(weight)}</span>*<span class="chip input"
      >${operand(value)}</span
    >
    = ${format(product)} ${kept ? `to ${where}` : html`<s>to ${where}</s>`}</span
  >`;
}
