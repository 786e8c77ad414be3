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
   */
  constructor(board, name, edits = new Map(), picture = null) {
    this.board = board;
    this.name = name;
    this.edits = edits;
    this.picture = picture;
  }

  /** Whether these are the numbers of the preset. */
  get untouched() {
    return this.edits.size === 0 && !this.picture;
  }

  /**
   * The same numbers but one.
   *
   * @param {number[]} index
   * @param {number} value
   */
  with(index, value) {
    const edits = new Map(this.edits).set(index.join(), value);
    return new Source(this.board, this.name, edits, this.picture);
  }

  /**
   * The same numbers where an array has none.
   *
   * @param {Tensor} tensor
   */
  withAll(tensor) {
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
    const base = this.picture ? grey(this.picture, geometry) : preset(this.name, geometry)[this.board];
    if (!base || !this.edits.size) return base;
    const data = indices(base.shape).map(
      (index, offset) => this.edits.get(index.join()) ?? base.data[offset],
    );
    return new Tensor(base.shape, data);
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
