/** The output size as a formula: in words, and with its numbers filled in. */

import { TransposedAxis } from "../model/axis.js";
import { html, mathml } from "../vendor/lit-html.js";

/** @typedef {import("../model/axis.js").Axis} Axis */
/** @typedef {import("./plane.js").Plane} Plane */

/** @param {Plane} plane */
export function formula({ geometry }) {
  const { axes, layer } = geometry;
  const words = layer.transposed ? transposedWords() : convWords();
  const names = layer.dimensions === 2 ? ["height", "width"] : ["length"];
  const filled = axes.map((axis) =>
    axis instanceof TransposedAxis ? transposed(axis) : conv(axis),
  );
  const alike = axes.length === 2 && text(axes[0]) === text(axes[1]);
  const lines = alike
    ? [line("height and width", filled[0])]
    : filled.map((each, number) => line(names[number], each));
  return html`<p>${words}</p>
    ${lines}`;
}

/**
 * @param {string} name
 * @param {unknown} content
 */
function line(name, content) {
  return html`<p><span class="which">${name}</span> ${content}</p>`;
}

/** @param {Axis} axis everything that its formula depends on */
function text(axis) {
  const { size, kernel_size, stride, before, after, dilation, output_padding } = axis;
  return [size, kernel_size, stride, before, after, dilation, output_padding].join();
}

function convWords() {
  return html`<math displaystyle="true"
    ><mo>⌊</mo
    ><mfrac
      ><mrow
        ><mi>size</mi><mo>+</mo><mn>2</mn><mo>·</mo><mi>padding</mi><mo>−</mo><mi>dilation</mi
        ><mo>·</mo><mo stretchy="false">(</mo><mi>kernel_size</mi><mo>−</mo><mn>1</mn
        ><mo stretchy="false">)</mo><mo>−</mo><mn>1</mn></mrow
      ><mi>stride</mi></mfrac
    ><mo>⌋</mo><mo>+</mo><mn>1</mn></math
  >`;
}

/** @param {Axis} axis */
function conv({ size, before, after, dilation, kernel_size, stride, outputSize }) {
  return html`<math displaystyle="true"
    ><mo>⌊</mo
    ><mfrac
      ><mrow
        ><mn>${size}</mn><mo>+</mo>${padding(before, after)}<mo>−</mo><mn>${dilation}</mn><mo>·</mo
        ><mo stretchy="false">(</mo><mn>${kernel_size}</mn><mo>−</mo><mn>1</mn
        ><mo stretchy="false">)</mo><mo>−</mo><mn>1</mn></mrow
      ><mn>${stride}</mn></mfrac
    ><mo>⌋</mo><mo>+</mo><mn>1</mn><mo>=</mo>${result(outputSize)}</math
  >`;
}

// Without a fraction, in pieces, between which a narrow page breaks the line.
function transposedWords() {
  const size = html`<math
    ><mo stretchy="false">(</mo><mi>size</mi><mo>−</mo><mn>1</mn><mo stretchy="false">)</mo
    ><mo>·</mo><mi>stride</mi></math
  >`;
  const padded = html`<math><mo form="infix">−</mo><mn>2</mn><mo>·</mo><mi>padding</mi></math>`;
  const kernel = html`<math
    ><mo form="infix">+</mo><mi>dilation</mi><mo>·</mo><mo stretchy="false">(</mo
    ><mi>kernel_size</mi><mo>−</mo><mn>1</mn><mo stretchy="false">)</mo></math
  >`;
  const end = html`<math><mo form="infix">+</mo><mi>output_padding</mi><mo>+</mo><mn>1</mn></math>`;
  return [size, padded, kernel, end];
}

/** @param {Axis} axis */
function transposed(axis) {
  const { size, before, after, dilation, kernel_size, stride, output_padding } = axis;
  return html`<math
    ><mo stretchy="false">(</mo><mn>${size}</mn><mo>−</mo><mn>1</mn><mo stretchy="false">)</mo
    ><mo>·</mo><mn>${stride}</mn><mo>−</mo>${padding(before, after)}<mo>+</mo><mn>${dilation}</mn
    ><mo>·</mo><mo stretchy="false">(</mo><mn>${kernel_size}</mn><mo>−</mo><mn>1</mn
    ><mo stretchy="false">)</mo><mo>+</mo><mn>${output_padding}</mn><mo>+</mo><mn>1</mn
    ><mo>=</mo>${result(axis.outputSize)}</math
  >`;
}

/**
 * @param {number} before
 * @param {number} after
 */
function padding(before, after) {
  return before === after
    ? mathml`<mn>2</mn><mo>·</mo><mn>${before}</mn>`
    : mathml`<mn>${before}</mn><mo>+</mo><mn>${after}</mn>`;
}

/** @param {number} count */
function result(count) {
  const sign = count < 0 ? mathml`<mo>−</mo>` : "";
  const kind = count < 1 ? "invalid" : "size";
  return mathml`<mrow class=${kind}>${sign}<mn>${Math.abs(count)}</mn></mrow>`;
}
