/**
 * <conv-explorer>: a convolution that computes, with its torch call as the control.
 *
 * The drawing is written with lit-html (vendored, 3 kB compressed). It was tried on the boards:
 * with elements made by hand, every highlight needs code that finds the cell again and takes the
 * class away from the last one; a template says once how a cell looks in a state, and what is
 * focused or being typed into survives, because lit-html changes only what differs.
 */

import { InvalidArgument } from "../model/errors.js";
import { PRESETS } from "../model/presets.js";
import { shown } from "../model/python.js";
import { html, nothing, render } from "../vendor/lit-html.js";
import { boards } from "./boards.js";
import * as controls from "./controls.js";
import { costs } from "./costs.js";
import { formula } from "./formula.js";
import { Gestures } from "./gestures.js";
import { Inputs } from "./inputs.js";
import { ordered } from "./parameters.js";
import { parseSelected, parseSize, restore, withSettings } from "./permalink.js";
import { products } from "./products.js";
import { scene } from "./scene.js";
import { heading, progress, sentence } from "./sentences.js";
import { stageOf } from "./stages.js";
import { State } from "./state.js";
import { steps } from "./steps.js";
import { STYLES } from "./styles.js";
import { volumes } from "./volumes.js";

/** @typedef {import("../model/tensor.js").Nested} Nested */
/** @typedef {import("./sources.js").Board} Board */

const PACE = 900; // milliseconds from one step to the next
const REPLACED = "replaced-by-explorer"; // class of a figure that is hidden while one runs
const LATER = 250; // milliseconds until the address is written; browsers allow only so many

/**
 * A convolution or transposed convolution, in one or two dimensions, with numbers.
 *
 * Attributes, all optional, are the initial state:
 *
 * - `call`: a torch call, such as "nn.Conv2d(1, 1, 2, stride=2)";
 * - `size`: "5" or "5,7", height and width;
 * - `preset`: "counting", "ones", "edge" or "random";
 * - `input`, `weight`, `bias`: nested arrays as JSON, in place of the preset;
 * - `selected`: "channel,row,column" of the output that is explained;
 * - `parameter`: whose slider comes first; settings for others are folded then;
 * - `replaces`: id of a static figure that is hidden while the element runs, and printed instead.
 *
 * The content is what is shown without scripts. The properties are documented below and in the
 * reference of the book. A `change` event is fired when the call, the size, a number or the
 * selected output has changed.
 *
 * Data flow in one direction: the fields call methods of State; State computes a Plane (layer and
 * numbers) and says what changed; the element renders what State has. `scene` turns it into
 * plain data, the other modules turn that into templates.
 */
export class ConvExplorer extends HTMLElement {
  #state = new State((change) => this.#changed(change));
  #root = this.attachShadow({ mode: "open" });
  /** @type {import("./controls.js").Panel} */
  #panel = {
    parameters: ordered(null),
    typing: "",
    playing: false,
    copied: "",
    addressed: false,
    tip: "",
    deep: false,
    depth: false,
    brief: false,
  };
  #stage = { width: 0, height: 0, rem: 16 };
  #announcement = "";
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  #started = false;
  #stepping = false;
  /** @type {State["sources"]} numbers that the attributes give */
  #initial = this.#state.sources;
  #observer = new ResizeObserver(([entry]) => this.#resized(entry.contentRect));

  /* Public interface */

  /** The torch call, as text. An invalid one keeps its text; the drawing stays. */
  get call() {
    return this.#state.text;
  }

  set call(text) {
    this.#state.setText(String(text));
  }

  /**
   * Pixels of the input: [height, width], or [length] in one dimension. One number is for both.
   *
   * @returns {(number | null)[]}
   */
  get size() {
    return this.#state.call.kind.endsWith("1d") ? this.#state.sizes.slice(-1) : this.#state.sizes;
  }

  /** @param {number | number[]} size */
  set size(size) {
    const sizes = [size].flat();
    if (![1, 2].includes(sizes.length) || !sizes.every((entry) => typeof entry === "number")) {
      throw new TypeError(`size=${JSON.stringify(size)} must be a number or [height, width]`);
    }
    this.#state.setSizes([sizes[0], sizes.at(-1) ?? null]);
  }

  /**
   * The input, (C_in, H, W) or (C_in, L). Setting it sets the size.
   *
   * @returns {Nested[]}
   */
  get input() {
    return this.#state.values.input.nested();
  }

  set input(array) {
    this.#state.setArray("input", array);
  }

  /**
   * The weight, in the shape that torch gives it for the call.
   *
   * @returns {Nested[]}
   */
  get weight() {
    return this.#state.values.weight.nested();
  }

  set weight(array) {
    this.#state.setArray("weight", array);
  }

  /**
   * The bias, (C_out,), or null where the layer has none.
   *
   * @returns {Nested[] | null}
   */
  get bias() {
    return this.#state.values.bias?.nested() ?? null;
  }

  set bias(array) {
    this.#state.setBias(array);
  }

  /**
   * The output, (C_out, H_out, W_out) or (C_out, L_out).
   *
   * @returns {Nested[]}
   */
  get output() {
    return this.#state.values.output.nested();
  }

  /**
   * The products that the selected output is the sum of.
   *
   * @returns {import("../model/values.js").Products}
   */
  get products() {
    const { values, plane, selected } = this.#state;
    return values.products(plane.drop(selected, "output"));
  }

  /* Life */

  connectedCallback() {
    if (!this.#started) this.#start();
    this.#figure()?.classList.add(REPLACED);
  }

  disconnectedCallback() {
    this.#pause();
    this.#figure()?.classList.remove(REPLACED);
  }

  #start() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    this.#root.adoptedStyleSheets = [sheet];
    this.dataset.lmSuppressShortcuts = "true"; // JupyterLab's keys would change the notebook
    const first = document.querySelector("conv-explorer") === this;
    // The first explorer of a page has its address; JupyterLab's address is not for it.
    this.#panel.addressed = first && /(\.html|\/)$/.test(location.pathname);
    this.#panel.parameters = ordered(this.getAttribute("parameter"));
    this.#panel.brief = this.hasAttribute("parameter");
    this.#takeAttributes();
    const { in_channels, out_channels } = this.#state.plane.layer;
    this.#panel.deep = Math.max(in_channels, out_channels) > 1;
    if (this.#panel.addressed) restore(this.#state, location.search);
    this.#started = true;
    this.#render();
    new Gestures(this.#root, this.#state);
    new Inputs(this.#root, this.#state, this.#panel, {
      render: () => this.#render(),
      reset: () => this.#takeAttributes(),
      step: (by) => this.#step(by),
      play: () => (this.#panel.playing ? this.#pause() : this.#play()),
      link: () => this.#link(),
    });
    this.addEventListener("pointerleave", () => this.#state.hover(null));
    this.#observer.observe(/** @type {Element} */ (this.#root.querySelector(".stage")));
  }

  /** Take the initial state; an attribute that cannot be read is reported and left out. */
  #takeAttributes() {
    const state = this.#state;
    state.reset();
    const text = (/** @type {string} */ name) => this.getAttribute(name);
    state.setText(text("call") ?? state.text);
    const size = parseSize(text("size"));
    if (size) state.setSizes(size);
    const preset = PRESETS.find((name) => name === text("preset"));
    if (preset) {
      state.setPreset("input", preset);
      state.setPreset("weight", preset);
    }
    for (const board of /** @type {Board[]} */ (["input", "weight", "bias"])) {
      this.#takeArray(board, text(board));
    }
    state.selectOutput(parseSelected(text("selected")) ?? [0, 0, 0]);
    this.#initial = state.sources;
  }

  /**
   * @param {Board} board
   * @param {string | null} text
   */
  #takeArray(board, text) {
    if (text === null) return;
    try {
      this.#state.setArray(board, JSON.parse(text));
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof InvalidArgument)) throw error;
      reportError(new TypeError(`${board}=${shown(text)}: ${error.message}`));
    }
  }

  #figure() {
    const id = this.getAttribute("replaces");
    const figure = id ? document.getElementById(id) : null;
    return figure?.closest(".cell") ?? figure; // a figure of a cell with the code that draws it
  }

  /* Changes */

  /** @param {import("./state.js").Change} change */
  #changed(change) {
    if (!this.#started) return;
    if (change !== "view" && !this.#stepping) this.#pause();
    if (change === "selection" && !this.#panel.playing) {
      this.#announcement = sentence(this.#state, this.#state.marked);
    }
    this.#render();
    if (change === "view") return;
    this.#remember();
    this.dispatchEvent(new Event("change"));
  }

  /** @param {DOMRectReadOnly} rectangle */
  #resized({ width, height }) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.#stage = { width, height, rem };
    this.#render();
  }

  #remember() {
    if (!this.#panel.addressed) return;
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      const search = withSettings(this.#state, this.#initial, location.search);
      history.replaceState(history.state, "", search + location.hash);
    }, LATER);
  }

  #link() {
    const search = withSettings(this.#state, this.#initial, location.search);
    return new URL(`${search}#${this.id}`, location.href).href;
  }

  /* Step by step */

  /** @param {number} by */
  #step(by) {
    this.#pause();
    this.#go(by);
  }

  /**
   * Go on by some steps, if there are as many; says whether there are more.
   *
   * @param {number} by
   */
  #go(by) {
    const { count, place, at } = steps(this.#state);
    const next = place + by;
    if (next < 0 || next >= count) return false;
    this.#select(at(next));
    return next < count - 1;
  }

  /** @param {import("./address.js").Address} address of a step, at which playing goes on */
  #select(address) {
    this.#stepping = true;
    this.#state.select(address);
    this.#stepping = false;
  }

  #play() {
    const { count, place, at } = steps(this.#state);
    this.#panel.playing = true;
    if (place < 0 || place === count - 1) this.#select(at(0)); // at the end it begins again
    this.#clock = setInterval(() => this.#go(1) || this.#pause(), PACE);
    this.#render();
  }

  #pause() {
    if (!this.#panel.playing) return;
    clearInterval(this.#clock);
    this.#panel.playing = false;
    this.#render();
  }

  /* Rendering */

  #render() {
    render(this.#template(), this.#root);
  }

  #template() {
    const state = this.#state;
    const panel = this.#panel;
    const drawn = this.#stage.width ? scene(state) : null;
    const overhangs = Boolean(state.plane.geometry.error);
    const { active } = state;
    const deep = panel.deep ? "deep" : ""; // more room, from the start: nothing may jump later
    return html`
      <div class="stage ${deep} ${overhangs ? "invalid" : ""}">
        ${drawn ? boards(state, drawn, this.#stage) : this.#tooLarge()}
      </div>
      ${drawn?.omitted.map((words) => html`<p class="omitted">${words}</p>`)}
      <div class="sum ${deep}" tabindex="0" role="group" aria-label="Products and their sum">
        <p class="title">
          <span class="progress">${progress(state)}</span>
          ${active ? sentence(state, active) : heading(state)}
        </p>
        ${products(state)}
        <p class="hint">
          Point at a number or tap it to see what it touches. Click it twice, or type, to change it.
        </p>
      </div>
      <p class="hidden" aria-live="polite">${this.#announcement}</p>
      ${controls.toolbar(state, panel)} ${controls.call(state, panel)} ${controls.message(state)}
      ${controls.sliders(state, panel)}
      <details class="depth" data-depth>
        <summary>Channels in 3-D</summary>
        ${panel.depth ? this.#volumes() : nothing}
      </details>
      <details class="facts" ?open=${!panel.brief}>
        <summary>Output size, parameters and MACs</summary>
        <div class="formula">${formula(state.plane)}</div>
        <div class="costs">
          ${costs(state)}
          <p class="tip">${panel.tip || "Point at a factor, or move to it, to read what it is."}</p>
        </div>
      </details>
      ${controls.links(panel)}
    `;
  }

  #volumes() {
    const { plane, explained } = this.#state;
    if (plane.layer.transposed) return html`<p>Only convolutions are drawn in 3-D.</p>`;
    if (plane.geometry.error) return nothing;
    return volumes([stageOf(plane.layer, plane.axes, explained)]);
  }

  #tooLarge() {
    if (this.#state.plane.numbers) return nothing;
    return html`<p>
      This layer has too many numbers to draw and to compute here. The sizes, parameters and MACs
      below are right.
    </p>`;
  }
}

const hidden = new CSSStyleSheet();
hidden.replaceSync(`@media screen { .${REPLACED} { display: none !important; } }`);
document.adoptedStyleSheets.push(hidden);
if (!customElements.get("conv-explorer")) customElements.define("conv-explorer", ConvExplorer);
