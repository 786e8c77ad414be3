/** Where the numbers of an explorer come from: a preset or a picture, and what was typed. */

import { preset } from "../model/presets.js";
import { Tensor, indices } from "../model/tensor.js";
import { greyValues } from "./picture.js";

/** @typedef {import("../model/layer.js").Geometry} Geometry */
/** @typedef {import("../model/presets.js").Preset} Preset */
/** @typedef {"input" | "weight" | "bias"} Board */

/** Numbers of one board, for a layer of any shape. Immutable. */
export class Source {
  /**
   * @param {Board} board
   * @param {Preset} name
   * @param {ReadonlyMap<string, number>} [edits] numbers by their index, in place of the preset's
   * @param {import("./picture.js").Picture | null} [picture] in place of the preset
   * @param {number | null} [constant] in place of the preset
   */
  constructor(board, name, edits = new Map(), picture = null, constant = null) {
    this.board = board;
    this.name = name;
    this.edits = edits;
    this.picture = picture;
    this.constant = constant;
  }

  /** Whether these are the numbers of the preset. */
  get untouched() {
    return this.edits.size === 0 && !this.picture && this.constant === null;
  }

  /**
   * The same numbers but one.
   *
   * @param {number[]} index
   * @param {number} value
   */
  with(index, value) {
    const edits = new Map(this.edits).set(index.join(), value);
    return new Source(this.board, this.name, edits, this.picture, this.constant);
  }

  /**
   * The numbers of an array, and these beyond its ends; an array of one number goes on with it.
   *
   * @param {Tensor} tensor
   */
  withAll(tensor) {
    const [first, ...others] = tensor.data;
    if (others.every((number) => number === first)) {
      return new Source(this.board, this.name, new Map(), null, first);
    }
    const places = indices(tensor.shape).map((index) => index.join());
    const edits = new Map(places.map((place, offset) => [place, tensor.data[offset]]));
    return new Source(this.board, this.name, edits);
  }

  /**
   * The numbers for a layer on an image; null is the bias of a layer that has none.
   *
   * @param {Geometry} geometry
   * @returns {Tensor | null}
   */
  tensor(geometry) {
    const base = this.#base(geometry);
    if (!base || !this.edits.size) return base;
    const data = indices(base.shape).map(
      (index, offset) => this.edits.get(index.join()) ?? base.data[offset],
    );
    return new Tensor(base.shape, data);
  }

  /** @param {Geometry} geometry */
  #base(geometry) {
    if (this.picture) return grey(this.picture, geometry);
    const base = preset(this.name, geometry)[this.board];
    if (!base || this.constant === null) return base;
    return new Tensor(base.shape, new Array(base.data.length).fill(this.constant));
  }
}

/**
 * Every channel of the input shows the picture; one dimension is its middle row.
 *
 * @param {import("./picture.js").Picture} picture
 * @param {Geometry} geometry
 */
function grey(picture, { inputShape: [channels, ...size] }) {
  const [height, width] = size.length === 2 ? size : [1, size[0]];
  const pixels = greyValues(picture, height, width).flat();
  return new Tensor([channels, ...size], Array.from({ length: channels }, () => pixels).flat());
}
