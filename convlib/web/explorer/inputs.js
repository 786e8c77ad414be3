/** The controls by mouse, touch and keyboard: each field changes the state. */

import { EXAMPLES } from "./examples.js";
import { setEntry } from "./parameters.js";
import { readPicture } from "./picture.js";

/** @typedef {import("./controls.js").Panel} Panel */
/** @typedef {import("./state.js").State} State */

/**
 * What the element does for its controls.
 *
 * @typedef {object} Actions
 * @property {() => void} render
 * @property {() => void} reset
 * @property {(by: number) => void} step
 * @property {() => void} play
 * @property {() => string} link
 */

const COPIED = 1500; // milliseconds

/** Listens to the controls under a root. */
export class Inputs {
  #state;
  #panel;
  #actions;

  /**
   * @param {ShadowRoot} root
   * @param {State} state
   * @param {Panel} panel
   * @param {Actions} actions
   */
  constructor(root, state, panel, actions) {
    this.#state = state;
    this.#panel = panel;
    this.#actions = actions;
    root.addEventListener("input", (event) => this.#input(element(event)));
    root.addEventListener("change", (event) => this.#choose(element(event)));
    root.addEventListener("click", (event) => this.#click(element(event)));
    root.addEventListener("focusout", () => this.#leave());
    root.addEventListener("toggle", (event) => this.#unfold(event), { capture: true });
    for (const type of ["pointerover", "focusin"]) {
      root.addEventListener(type, (event) => this.#explain(element(event)));
    }
  }

  /** @param {HTMLInputElement} field */
  #input(field) {
    const { dataset, value } = field;
    if ("call" in dataset) return this.#state.setText(value);
    const parameter = this.#panel.parameters.find(({ name }) => name === dataset.parameter);
    if (!parameter) return undefined;
    const axis = Number(dataset.axis);
    if (field.type === "number") this.#panel.typing = `${parameter.name}-${axis}`;
    if (value !== "") setEntry(this.#state, parameter, axis, Number(value));
    return undefined;
  }

  /** Show the value in the field that was typed into, whatever stands there. */
  #leave() {
    if (!this.#panel.typing) return;
    this.#panel.typing = "";
    this.#actions.render();
  }

  /** @param {HTMLInputElement} field */
  #choose(field) {
    const { dataset, value, checked } = field;
    const state = this.#state;
    if (dataset.preset && value !== "other") {
      state.setPreset(
        /** @type {"input" | "weight"} */ (dataset.preset),
        /** @type {import("../model/presets.js").Preset} */ (value),
      );
    } else if ("picture" in dataset) {
      this.#readPicture(field);
    } else if ("coverage" in dataset) {
      state.setCoverage(checked);
    } else if ("apart" in dataset) {
      state.setApart(checked);
    } else {
      this.#chooseArgument(field);
    }
  }

  /** @param {HTMLInputElement} field */
  #chooseArgument(field) {
    const { dataset, value, checked } = field;
    const state = this.#state;
    if ("kind" in dataset) state.setKind(/** @type {import("../model/call.js").Kind} */ (value));
    if ("mode" in dataset) state.setArguments({ padding_mode: value });
    if ("bias" in dataset) state.setArguments({ bias: checked });
    if ("word" in dataset) state.setArguments({ padding: value === "number" ? 0 : value });
    if ("example" in dataset) this.#takeExample(field);
  }

  /** @param {HTMLInputElement} field */
  #takeExample(field) {
    const example = EXAMPLES.find(({ name }) => name === field.value);
    field.value = ""; // the list names what can be chosen, not what is shown
    if (!example) return;
    const { call, size, input, weight, coverage } = example;
    this.#state.setApart(false);
    this.#state.setText(call);
    this.#state.setSizes([size, size]);
    this.#state.setPreset("input", input);
    this.#state.setPreset("weight", weight);
    this.#state.setCoverage(coverage);
  }

  /** @param {HTMLInputElement} field */
  async #readPicture(field) {
    const [file] = field.files ?? [];
    if (!file) return;
    try {
      this.#state.setPicture(await readPicture(file));
    } catch (error) {
      this.#state.notify(/** @type {Error} */ (error).message);
    }
    field.value = ""; // so that the same file can be chosen again
  }

  /** @param {HTMLElement} target */
  #click(target) {
    const button = target.closest("button");
    if (!button) return;
    const { dataset } = button;
    if (dataset.step) this.#actions.step(Number(dataset.step));
    if ("play" in dataset) this.#actions.play();
    if ("reset" in dataset) this.#actions.reset();
    if (dataset.channel) this.#state.selectChannel(Number(dataset.channel));
    if (dataset.copy) this.#copy(dataset.copy);
  }

  /** @param {string} what "call" or "link" */
  async #copy(what) {
    const text = what === "call" ? this.#state.text : this.#actions.link();
    try {
      await navigator.clipboard.writeText(text);
      this.#show(what);
    } catch {
      this.#state.notify("This browser does not let the page copy.");
    }
  }

  /** @param {string} what */
  #show(what) {
    this.#panel.copied = what;
    this.#actions.render();
    setTimeout(() => {
      this.#panel.copied = "";
      this.#actions.render();
    }, COPIED);
  }

  /** @param {Event} event */
  #unfold({ target }) {
    if (!(target instanceof HTMLDetailsElement && "depth" in target.dataset)) return;
    this.#panel.depth = target.open;
    this.#actions.render();
  }

  /** @param {HTMLElement} target */
  #explain(target) {
    const tip = target.closest("button")?.dataset.tip ?? "";
    if (tip === this.#panel.tip) return;
    this.#panel.tip = tip;
    this.#actions.render();
  }
}

/** @param {Event} event */
function element({ target }) {
  return /** @type {HTMLInputElement} */ (target);
}
