/** Parameters and MACs as products, each factor with its explanation. */

import { macs, parameters } from "../model/costs.js";
import { html } from "../vendor/lit-html.js";
import { thousands } from "./format.js";

/** @typedef {import("../model/costs.js").Cost} Cost */

/** @param {import("./state.js").State} state */
export function costs({ plane, error }) {
  const { geometry, layer } = plane;
  const lines = [line("Parameters", parameters(layer))];
  if (!geometry.error && !error) lines.push(line("MACs", macs(geometry)));
  return lines;
}

/**
 * @param {string} name
 * @param {Cost} cost
 */
function line(name, { count, factors }) {
  const parts = factors.map(({ operator, name: factor, value, explanation }) => {
    const words = `${factor} ${value}: ${explanation}`;
    return html`${operator ? html`<span class="sign">${SIGNS[operator]}</span>` : ""}<button
        type="button"
        class="factor"
        data-tip=${explanation}
        aria-label=${words}
      >
        <span>${thousands(value)}</span><small>${factor.replace("kernel_size ", "kernel ")}</small>
      </button>`;
  });
  return html`<div class="cost" role="group" aria-label=${name}>
    <span class="which">${name}</span>${parts}<span class="sign">=</span
    ><strong class="count">${thousands(count)}</strong>
  </div>`;
}

/** @type {Record<string, string>} */
const SIGNS = { "*": "·", "/": "/", "+": "+" };
