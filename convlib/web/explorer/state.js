/**
 * What an explorer shows: the call as text, the size, the numbers, and what is selected. Views
 * read it and call its methods; the arithmetic is the model's.
 */

import { Call } from "../model/call.js";
import { InvalidArgument } from "../model/errors.js";
import { Layer } from "../model/layer.js";
import { parse } from "../model/numbers.js";
import { shown } from "../model/python.js";
import { Tensor, checkShape, product } from "../model/tensor.js";
import { checkBias, checkInput } from "../model/values.js";
import { key } from "./address.js";
import { Plane } from "./plane.js";
import { Source } from "./sources.js";

/** @typedef {import("../model/layer.js").Geometry} Geometry */
/** @typedef {import("../model/presets.js").Preset} Preset */
/** @typedef {import("./sources.js").Board} Board */

/** @typedef {import("./address.js").Address} Address */

/**
 * What changed: "settings" are the call, the size or a number; "selection" the cell that is
 * selected or marked; "view" what is only looked at.
 *
 * @typedef {"settings" | "selection" | "view"} Change
 */

const MOST_NUMBERS = 200_000; // of the input or the weight; more are not computed

export class State {
  /** The call as it was typed. */
  text = "nn.Conv2d(1, 1, 3)";
  /** @type {Call} the last text that is a call; its values may be invalid */
  call = Call.parse(this.text);
  /** @type {(number | null)[]} height and width; one dimension has the width only */
  sizes = [5, 5];
  /** Message of what is invalid, or "". */
  error = "";
  /** @type {Plane} the last valid setting, or the present one if only its kernel overhangs */
  plane;
  /** @type {number[]} output that is explained: [channel, row, column] */
  selected = [0, 0, 0];
  /** @type {Address | null} cell of the input or the weight whose partners are highlighted */
  marked = null;
  /** @type {Address | null} cell under the pointer; in place of the marked or selected one */
  hovered = null;
  /** @type {{ address: Address, before: number, problem: string } | null} cell being typed into */
  editing = null;
  /** What could not be done, until something else changes. */
  notice = "";
  coverage = false;
  apart = false;

  /** @type {Record<Board, Source>} */
  sources = {
    input: new Source("input", "counting"),
    weight: new Source("weight", "counting"),
    bias: new Source("bias", "counting"),
  };

  #listener;
  /** @type {Layer | null} the layer of the text, null where it is invalid */
  #layer = null;

  /** @param {(change: Change) => void} listener */
  constructor(listener) {
    this.#listener = listener;
    this.plane = new Plane(new Layer(this.call).geometry(this.sizes), null);
    this.#compute();
  }

  /** Everything as it is at first. */
  reset() {
    const { text, sizes, sources } = new State(() => {});
    Object.assign(this, { text, sizes, sources, marked: null, coverage: false, apart: false });
    this.#settingsChanged();
  }

  /** @param {string} notice */
  notify(notice) {
    this.notice = notice;
    this.#listener("view");
  }

  /* The layer */

  /** The layer of the present text. @throws {InvalidArgument} the text is invalid */
  get layer() {
    if (!this.#layer) throw new InvalidArgument(this.error);
    return this.#layer;
  }

  /**
   * Values of the present setting.
   *
   * @returns {import("../model/values.js").Values}
   * @throws {InvalidArgument} the setting is invalid, or too large
   */
  get values() {
    if (this.error) throw new InvalidArgument(this.error);
    if (!this.plane.values) throw new InvalidArgument("the layer is too large to be computed here");
    return this.plane.values;
  }

  /** @param {string} text */
  setText(text) {
    if (text === this.text) return;
    this.text = text;
    this.#settingsChanged();
  }

  /**
   * Change arguments of the call, and write the call anew.
   *
   * @param {import("../model/call.js").Arguments} changes
   */
  setArguments(changes) {
    this.setText(this.call.with(changes).toString());
  }

  /**
   * Use another layer with the same arguments, as far as it has them.
   *
   * @param {import("../model/call.js").Kind} kind
   */
  setKind(kind) {
    const { output_padding, ...values } = this.call.values;
    const transposed = kind.startsWith("ConvTranspose");
    const dimensions = kind.endsWith("1d") ? 1 : 2;
    const fitting = Object.entries(values).map(([name, value]) => {
      const long = Array.isArray(value) && value.length > dimensions;
      return [name, long ? value.slice(-dimensions) : value];
    });
    const changes = transposed ? { padding_mode: "zeros" } : {};
    const words = transposed && typeof values.padding === "string" ? { padding: 0 } : {};
    const kept = transposed && output_padding !== undefined ? { output_padding } : {};
    const all = { ...Object.fromEntries(fitting), ...kept, ...changes, ...words };
    this.setText(new Call(kind, all).toString());
  }

  /** @param {(number | null)[]} sizes height and width */
  setSizes(sizes) {
    if (sizes.join() === this.sizes.join()) return;
    this.sizes = sizes;
    this.#settingsChanged();
  }

  /** The size as the layer's argument: an int where height and width have the same. */
  get size() {
    const sizes = this.call.kind.endsWith("1d") ? this.sizes.slice(-1) : this.sizes;
    return new Set(sizes).size === 1 ? sizes[0] : sizes;
  }

  /**
   * Show one field for height and width, or two.
   *
   * @param {boolean} apart
   */
  setApart(apart) {
    this.apart = apart;
    if (apart) return this.#listener("view");
    const first = (/** @type {import("../model/python.js").Value} */ value) =>
      Array.isArray(value) ? value[0] : value;
    this.sizes = [this.sizes[0], this.sizes[0]];
    const joined = Object.entries(this.call.values).map(([name, value]) => [name, first(value)]);
    this.text = this.call.with(Object.fromEntries(joined)).toString();
    this.#settingsChanged();
  }

  /* Numbers */

  /**
   * Take the numbers of a preset, for the input, or for weight and bias.
   *
   * @param {"input" | "weight"} board
   * @param {Preset} name
   */
  setPreset(board, name) {
    const bias = board === "weight" ? new Source("bias", name) : this.sources.bias;
    this.sources = { ...this.sources, bias };
    this.setSource(new Source(board, name));
  }

  /** @param {Source} source */
  setSource(source) {
    this.sources = { ...this.sources, [source.board]: source };
    this.#settingsChanged();
  }

  /** @param {import("./picture.js").Picture} picture */
  setPicture(picture) {
    const { name } = this.sources.input;
    this.sizes = [picture.height, picture.width];
    this.apart ||= picture.height !== picture.width;
    this.setSource(new Source("input", name, new Map(), picture));
  }

  /**
   * Take all numbers of an array; those of the input bring their size with them.
   *
   * @param {Board} board
   * @param {import("../model/tensor.js").Nested[]} nested
   * @throws {InvalidArgument} its shape is not the layer's
   */
  setArray(board, nested) {
    const { layer } = this;
    const tensor = Tensor.from(board, nested);
    if (board === "input") {
      checkInput(layer, tensor);
      const size = tensor.shape.slice(1);
      this.sizes = [...this.sizes, ...size].slice(-2);
      if (layer.dimensions === 2) this.apart ||= size[0] !== size[1];
    } else if (board === "weight") {
      checkShape("weight", tensor, layer.weightShape);
    } else {
      checkBias(layer, tensor);
    }
    this.setSource(this.sources[board].withAll(tensor));
  }

  /** @param {import("../model/tensor.js").Nested[] | null} nested */
  setBias(nested) {
    if (nested === null) checkBias(this.layer, null);
    else this.setArray("bias", nested);
  }

  /* Editing a cell */

  /** @param {Address} address of the input, the weight or the bias */
  startEditing(address) {
    const before = this.plane.value(address);
    if (before === null || address.board === "output") return;
    this.editing = { address, before, problem: "" };
    this.#listener("view");
  }

  /**
   * Take what is typed into the cell; text that is no number keeps the last one.
   *
   * @param {string} text
   */
  type(text) {
    if (!this.editing) return;
    const { address } = this.editing;
    const number = parse(text);
    if (number === null) {
      const value = this.plane.value(address);
      this.editing.problem = `${shown(text)} is not a number. The cell keeps ${value}.`;
      return this.#listener("view");
    }
    this.editing.problem = "";
    this.#setNumber(address, number);
  }

  /** @param {boolean} keep whether the number that was typed stays */
  stopEditing(keep) {
    if (!this.editing) return;
    const { address, before } = this.editing;
    this.editing = null;
    if (keep) this.#listener("view");
    else this.#setNumber(address, before);
  }

  /**
   * @param {Address} address
   * @param {number} number
   */
  #setNumber({ board, index }, number) {
    const source = this.sources[/** @type {Board} */ (board)];
    this.setSource(source.with(this.plane.drop(index, board), number));
  }

  /* Selecting */

  /**
   * Explain an output, or highlight the partners of another cell.
   *
   * @param {Address} address
   */
  select(address) {
    this.hovered = null;
    if (address.board === "output") {
      this.selected = address.index;
      this.marked = null;
    } else {
      this.marked = address;
    }
    this.#listener("selection");
  }

  /**
   * Explain the output nearest to an index of the model.
   *
   * @param {number[]} index (channel, row, column), or (channel, position)
   */
  selectOutput([channel, ...position]) {
    this.selected = [channel, ...[0, ...position].slice(-2)];
    this.marked = null;
    this.#clamp();
    this.#listener("selection");
  }

  /** @param {number} channel of the output */
  selectChannel(channel) {
    const [, row, column] = this.selected;
    this.select({ board: "output", index: [channel, row, column] });
  }

  /** @param {Address | null} address */
  hover(address) {
    if (key(address) === key(this.hovered)) return;
    this.hovered = address;
    this.#listener("view");
  }

  /** The output that is explained now: the one under the pointer, or the selected one. */
  get explained() {
    return this.hovered?.board === "output" ? this.hovered.index : this.selected;
  }

  /** The cell whose partners are highlighted now. */
  get active() {
    if (!this.hovered) return this.marked;
    return this.hovered.board === "output" ? null : this.hovered;
  }

  /** @param {boolean} coverage */
  setCoverage(coverage) {
    this.coverage = coverage;
    this.#listener("view");
  }

  /* Computing */

  #settingsChanged() {
    this.#compute();
    this.#listener("settings");
  }

  /** Compute what the settings give; where they are invalid, keep what can be drawn. */
  #compute() {
    this.error = "";
    this.notice = "";
    this.#layer = null;
    try {
      this.call = Call.parse(this.text);
      const pairs = Object.values(this.call.values).some(Array.isArray);
      this.apart ||= pairs && this.call.kind.endsWith("2d");
      this.#layer = new Layer(this.call);
      const geometry = this.#layer.geometry(this.size);
      this.plane = this.#planeOf(geometry);
      if (geometry.error) throw geometry.error;
    } catch (error) {
      if (!(error instanceof InvalidArgument)) throw error;
      this.error = error.message;
    }
    this.#clamp();
  }

  /** @param {Geometry} geometry */
  #planeOf(geometry) {
    const overhangs = geometry.axes.some((axis) => axis.overhang);
    if (geometry.error && !overhangs) return this.plane;
    const { layer, inputShape } = geometry;
    if (Math.max(product(inputShape), product(layer.weightShape)) > MOST_NUMBERS) {
      return new Plane(geometry, null);
    }
    const { input, weight, bias } = this.sources;
    const numbers = {
      input: /** @type {Tensor} */ (input.tensor(geometry)),
      weight: /** @type {Tensor} */ (weight.tensor(geometry)),
      bias: bias.tensor(geometry),
    };
    return new Plane(geometry, numbers);
  }

  /** Keep what is selected within the boards. */
  #clamp() {
    const { outputShape } = this.plane;
    this.selected = this.selected.map((place, axis) => {
      return Math.max(0, Math.min(place, outputShape[axis] - 1));
    });
    this.hovered = null;
    if (this.marked && this.plane.value(this.marked) === null) this.marked = null;
    if (this.editing && this.plane.value(this.editing.address) === null) this.editing = null;
  }
}
