/** <groups-explorer>: channels from dense to depthwise-separable, who reads whom, and the costs. */

import { code, costs, dense, kind, layers, stops } from "../model/channels.js";
import { InvalidArgument } from "../model/errors.js";
import { html, noChange, nothing, render } from "../vendor/lit-html.js";
import { Connectivity } from "./connectivity.js";
import { thousands } from "./format.js";
import { GROUPS_STYLES } from "./groups-styles.js";
import { stageOf } from "./stages.js";
import { STYLES } from "./styles.js";
import { volumes } from "./volumes.js";

/** @typedef {import("../model/channels.js").Settings} Settings */
/** @typedef {import("../model/channels.js").Costs} Costs */
/** @typedef {import("../model/layer.js").Layer} Layer */
/** @typedef {import("./connectivity.js").Dot} Dot */
/** @typedef {"in_channels" | "out_channels" | "kernel_size" | "groups" | "size"} Name */

/** @type {{ name: Name, preset: number, most: number }[]} */
const PARAMETERS = [
  { name: "in_channels", preset: 4, most: 16 },
  { name: "out_channels", preset: 8, most: 16 },
  { name: "kernel_size", preset: 3, most: 7 },
  { name: "groups", preset: 1, most: 16 },
  { name: "size", preset: 7, most: 32 },
];
const MOST_DOTS = 16; // in a row
const LATER = 250; // milliseconds until the address is written; browsers allow only so many
const SHORTLY = 1500; // milliseconds for which a button says that it has copied

/**
 * A layer along its channels. Attributes are the initial settings: `in_channels`, `out_channels`,
 * `kernel_size`, `groups`, `size` (numbers) and `pointwise` ("true": a 1 x 1 convolution
 * follows). The content is what is shown without scripts.
 */
export class GroupsExplorer extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  /** @type {Settings} */
  #initial = settingsOf(() => null);
  /** @type {Settings} */
  #settings = this.#initial;
  /** @type {Settings} the last settings that are valid, which are drawn */
  #valid = this.#initial;
  #problem = "";
  /** @type {Dot} */
  #chosen = { row: 1, channel: 0 };
  #announcement = "";
  #copied = "";
  /** @type {Name | null} of the field that is being typed into, and is left as it is */
  #typing = null;
  #addressed = false;
  #started = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;

  /**
   * The settings; setting some leaves the others.
   *
   * @returns {Settings}
   */
  get settings() {
    return { ...this.#settings };
  }

  /** @param {Partial<Settings>} changes */
  set settings(changes) {
    this.#change(changes);
  }

  connectedCallback() {
    if (this.#started) return;
    this.#started = true;
    this.#root.adoptedStyleSheets = [STYLES, GROUPS_STYLES].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    this.dataset.lmSuppressShortcuts = "true"; // JupyterLab's keys would change the notebook
    const first = document.querySelector("conv-explorer, groups-explorer") === this;
    // The first explorer of a page has its address; JupyterLab's address is not for it.
    this.#addressed = first && /(\.html|\/)$/.test(location.pathname);
    this.#initial = settingsOf((name) => this.getAttribute(name));
    const address = new URLSearchParams(this.#addressed ? location.search : "");
    this.#take(settingsOf((name) => address.get(name) ?? this.getAttribute(name)));
    this.#render();
  }

  /* Changes */

  /**
   * @param {Partial<Settings>} changes
   * @param {Name | null} typing
   */
  #change(changes, typing = null) {
    this.#typing = typing;
    this.#announcement = "";
    this.#take({ ...this.#settings, ...changes });
    this.#render();
    this.#remember();
  }

  /** @param {Settings} settings */
  #take(settings) {
    this.#settings = settings;
    try {
      layers(settings);
      this.#valid = settings;
      this.#problem = "";
    } catch (error) {
      if (!(error instanceof InvalidArgument)) throw error;
      this.#problem = error.message;
    }
  }

  /** @param {Dot} dot */
  #choose(dot) {
    const channels = new Connectivity(layers(this.#valid));
    this.#chosen = channels.nearest(dot);
    this.#announcement = channels.sentence(this.#chosen);
    this.#render();
    const { row, channel } = this.#chosen;
    const selector = `circle[data-row="${row}"][data-channel="${channel}"]`;
    /** @type {SVGElement} */ (this.#root.querySelector(selector)).focus();
  }

  /**
   * Choose the dot that is nearest to a touch: on a small screen dots are small.
   *
   * @param {MouseEvent} event
   */
  #touch(event) {
    const dots = [...this.#root.querySelectorAll("circle")].map((circle) => {
      const { x, y, width, height } = circle.getBoundingClientRect();
      const away = Math.hypot(x + width / 2 - event.clientX, y + height / 2 - event.clientY);
      return { ...dotOf(circle), away };
    });
    this.#choose(dots.reduce((one, other) => (other.away < one.away ? other : one)));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { row, channel } = this.#chosen;
    /** @type {Record<string, Dot>} */
    const moves = {
      ArrowLeft: { row, channel: channel - 1 },
      ArrowRight: { row, channel: channel + 1 },
      ArrowUp: { row: row - 1, channel },
      ArrowDown: { row: row + 1, channel },
      Home: { row, channel: 0 },
      End: { row, channel: Infinity },
      Enter: { row, channel },
      " ": { row, channel },
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    this.#choose(moves[event.key]);
  }

  /* Address and clipboard */

  get #search() {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(this.#settings)) query.set(name, String(value));
    return `?${query}`.replaceAll("%2C", ",");
  }

  #remember() {
    if (!this.#addressed) return;
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      history.replaceState(history.state, "", this.#search + location.hash);
    }, LATER);
  }

  /** @param {string} text */
  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.#copied = text;
    } catch {
      this.#copied = "";
      this.#announcement = "The browser does not allow this page to copy.";
    }
    this.#render();
    setTimeout(() => {
      this.#copied = "";
      this.#render();
    }, SHORTLY);
  }

  /* Rendering */

  #render() {
    if (this.#started) render(this.#template(), this.#root);
  }

  #template() {
    const several = layers(this.#valid);
    const channels = new Connectivity(several);
    this.#chosen = channels.nearest(this.#chosen);
    const stale = this.#problem ? "stale" : "";
    const drawable = Math.max(...channels.rows) <= MOST_DOTS;
    return html`
      <p class="answer" role="status">
        <strong class="kind">${this.#problem ? "" : kind(this.#settings)}</strong>
      </p>
      <div class="drawing ${stale}">
        ${drawable ? this.#dots(channels) : tooMany()}
        <div class="picture">${volumes(stages(several, this.#valid, channels, this.#chosen))}</div>
      </div>
      <p class="said">${drawable ? channels.sentence(this.#chosen) : nothing}</p>
      <p class="hidden" aria-live="polite">${this.#announcement}</p>
      <p class="message ${this.#problem ? "error" : ""}" role="status">
        ${this.#problem ? `${this.#problem}. The drawing shows the last valid setting.` : nothing}
      </p>
      ${this.#fields()} ${costsTable(several, this.#valid, stale)} ${this.#copies()}
    `;
  }

  /** @param {Connectivity} channels */
  #dots(channels) {
    return html`<div
      @click=${(/** @type {MouseEvent} */ event) => this.#touch(event)}
      @keydown=${(/** @type {KeyboardEvent} */ event) => this.#press(event)}
    >
      ${channels.template(this.#chosen)}
    </div>`;
  }

  #fields() {
    const { pointwise } = this.#settings;
    return html`<div class="fields">
      ${PARAMETERS.map((parameter) => this.#field(parameter))} ${this.#way()}
      <label class="tick"
        ><input
          type="checkbox"
          .checked=${pointwise}
          @change=${() => this.#change({ pointwise: !pointwise })}
        />
        then a 1 x 1 convolution (pointwise)</label
      >
      <div><button type="button" @click=${() => this.#change(this.#initial)}>Reset</button></div>
    </div>`;
  }

  /** @param {{ name: Name, most: number }} parameter */
  #field({ name, most }) {
    const value = this.#settings[name];
    const number = typeof value === "number" ? String(value) : "";
    const input = (/** @type {InputEvent} */ event) => {
      const { value: text, type } = /** @type {HTMLInputElement} */ (event.target);
      this.#change({ [name]: numberOf(text) }, type === "number" ? name : null);
    };
    return html`<div class="field" data-name=${name} role="group" aria-label=${name}>
      <code class="name">${name}</code>
      <span class="axis">
        <input
          type="number"
          step="1"
          inputmode="numeric"
          aria-label=${name}
          .value=${this.#typing === name ? noChange : number}
          @input=${input}
        />
        <input
          type="range"
          step="1"
          min="1"
          max=${most}
          aria-label="${name}, slider"
          .value=${number || "1"}
          @input=${input}
        />
      </span>
    </div>`;
  }

  #way() {
    const { groups, pointwise } = this.#settings;
    const all = stops(this.#settings);
    const stop = all.findIndex((each) => each.groups === groups && each.pointwise === pointwise);
    return html`<label class="way"
      ><span>dense</span>
      <input
        type="range"
        min="0"
        max=${all.length - 1}
        step="1"
        aria-label="from dense to depthwise-separable"
        aria-valuetext="groups=${String(groups)}${pointwise ? ", then 1 x 1" : ""}"
        .value=${String(Math.max(stop, 0))}
        @input=${(/** @type {InputEvent} */ event) => {
          const { value } = /** @type {HTMLInputElement} */ (event.target);
          this.#change(all[Number(value)]);
        }}
      />
      <span>depthwise-separable</span></label
    >`;
  }

  #copies() {
    const anchor = this.id && `#${this.id}`;
    const link = new URL(this.#search + anchor, location.href).href;
    return html`<div class="copies">
      ${code(this.#settings).map(
        (line) =>
          html`<p class="copy">
            <code>${line}</code>
            <button type="button" aria-label="Copy ${line}" @click=${() => this.#copy(line)}>
              ${this.#copied === line ? "Copied" : "Copy"}
            </button>
          </p>`,
      )}
      ${
        this.#addressed
          ? html`<p>
              <button type="button" class="link" @click=${() => this.#copy(link)}>
                ${this.#copied === link ? "Copied" : "Copy a link to this case"}
              </button>
            </p>`
          : nothing
      }
    </div>`;
  }
}

/**
 * Settings from texts, such as attributes; what is missing has its preset.
 *
 * @param {(name: string) => string | null} text
 * @returns {Settings}
 */
function settingsOf(text) {
  const numbers = PARAMETERS.map(({ name, preset }) => {
    const given = text(name);
    return [name, given === null ? preset : numberOf(given)];
  });
  return { ...Object.fromEntries(numbers), pointwise: text("pointwise") === "true" };
}

/**
 * The number that a text is; an array of several, and null where it is none.
 *
 * @param {string} text
 * @returns {number | null | (number | null)[]}
 */
function numberOf(text) {
  const entries = text.split(",").map((entry) => {
    const number = entry.trim() === "" ? NaN : Number(entry);
    return Number.isFinite(number) ? number : null;
  });
  return entries.length === 1 ? entries[0] : entries;
}

/**
 * What is drawn as volumes: one output number that depends on the chosen channel, in a window
 * that has no padding if the image is large enough.
 *
 * @param {Layer[]} several
 * @param {Settings} settings valid
 * @param {Connectivity} channels
 * @param {Dot} chosen
 */
function stages(several, { size }, channels, { row, channel }) {
  const [first, second] = several;
  const { axes, outputSize } = first.geometry(size);
  const place = axes.map((axis, number) => Math.min(axis.before, outputSize[number] - 1));
  if (!second) {
    const output = row ? channel : channels.below({ row, channel })[0];
    return [stageOf(first, axes, [output, ...place])];
  }
  const every = Array.from({ length: first.out_channels }, (_, index) => index);
  const middle = [channels.below({ row, channel }), [channel], every][row];
  const pixels = second.geometry(outputSize).axes;
  return [
    { ...stageOf(first, axes, [0, ...place]), chosen: middle, names: NAMES[0] },
    { ...stageOf(second, pixels, [row === 2 ? channel : 0, ...place]), names: NAMES[1] },
  ];
}

/** @type {[string, string, string][]} */
const NAMES = [
  ["input", "weight", "middle"],
  ["middle", "1 x 1 weight", "output"],
];

function tooMany() {
  return html`<p>
    More than ${MOST_DOTS} channels in a row are not drawn as dots. The numbers below are right.
  </p>`;
}

/**
 * @param {Layer[]} several
 * @param {Settings} settings valid
 * @param {string} stale
 */
function costsTable(several, settings, stale) {
  const { size } = settings;
  const [own, whole] = [costs(several, size), costs(dense(settings), size)];
  const share = (100 * Number(own.weights)) / Number(whole.weights);
  const row = (/** @type {string} */ name, /** @type {Costs} */ all) =>
    html`<tr class=${name}>
      <th scope="row">${name}</th>
      <td>${thousands(all.weights)}</td>
      <td>${thousands(all.parameters)}</td>
      <td>${thousands(all.macs)}</td>
    </tr>`;
  return html`<table class="costs-table ${stale}">
    <caption>
      ${share.toFixed(1)} % of the multiplications of the dense layer
    </caption>
    <thead>
      <tr>
        <td></td>
        <th scope="col">weights</th>
        <th scope="col">parameters</th>
        <th scope="col">MACs on ${String(size)} x ${String(size)} pixels</th>
      </tr>
    </thead>
    <tbody>
      ${row("this", own)} ${row("dense", whole)}
    </tbody>
  </table>`;
}

/** @param {SVGElement} circle */
function dotOf({ dataset }) {
  return { row: Number(dataset.row), channel: Number(dataset.channel) };
}

if (!customElements.get("groups-explorer")) {
  customElements.define("groups-explorer", GroupsExplorer);
}
