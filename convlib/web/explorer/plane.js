/**
 * A layer and its numbers as they are drawn: always with rows and columns, of which one
 * dimension has a single row.
 */

import { ConvAxis } from "../model/axis.js";
import { macs } from "../model/costs.js";
import { Values } from "../model/values.js";

/** @typedef {import("../model/axis.js").Axis} Axis */
/** @typedef {import("../model/layer.js").Geometry} Geometry */
/** @typedef {import("../model/tensor.js").Tensor} Tensor */
/** @typedef {import("./address.js").Address} Address */
/** @typedef {{ input: Tensor, weight: Tensor, bias: Tensor | null }} Numbers */

const MOST_MACS = 1_000_000; // of an output that is computed as a whole

/** The row of one dimension. */
const SINGLE_ROW = {
  size: 1,
  kernel_size: 1,
  stride: 1,
  padding: /** @type {[number, number]} */ ([0, 0]),
  dilation: 1,
  output_padding: 0,
};

export class Plane {
  /** @type {Values | null} null where the kernel overhangs or the layer is too large */
  values = null;
  /** @type {Map<string, number>} outputs of a large layer that were drawn */
  #outputs = new Map();

  /**
   * @param {Geometry} geometry
   * @param {Numbers | null} numbers null: too many
   */
  constructor(geometry, numbers) {
    this.geometry = geometry;
    this.layer = geometry.layer;
    this.numbers = numbers;
    const axes = geometry.axes;
    /** @type {(ConvAxis | import("../model/axis.js").TransposedAxis)[]} height first */
    this.axes = axes.length === 2 ? axes : [new ConvAxis(SINGLE_ROW), ...axes];
    if (numbers && !geometry.error) {
      this.values = new Values(this.layer, numbers);
      this.small = macs(geometry).count <= MOST_MACS;
    }
  }

  /** (C_in, H, W) */
  get inputShape() {
    return [this.layer.in_channels, ...this.axes.map((axis) => axis.size)];
  }

  /** (C_out, H_out, W_out); with a 0 where the kernel overhangs */
  get outputShape() {
    return [this.layer.out_channels, ...this.axes.map((axis) => Math.max(axis.outputSize, 0))];
  }

  /** Shape of the weight, with rows and columns. */
  get weightShape() {
    return [...this.layer.weightShape.slice(0, 2), ...this.axes.map((axis) => axis.kernel_size)];
  }

  /**
   * The model's index: without the row in one dimension.
   *
   * @param {number[]} index
   * @param {string} board
   */
  drop(index, board) {
    if (this.layer.dimensions === 2 || board === "bias") return index;
    return [...index.slice(0, -2), ...index.slice(-1)];
  }

  /**
   * A position of the model, with a row also in one dimension.
   *
   * @param {number[]} position
   */
  lift(position) {
    return this.layer.dimensions === 2 ? position : [0, ...position];
  }

  /**
   * The number in a cell, or null: there is none.
   *
   * @param {Address} address
   * @returns {number | null}
   */
  value({ board, index }) {
    if (!this.numbers || !this.#contains(board, index)) return null;
    const place = this.drop(index, board);
    if (board === "output") return this.#output(place);
    return this.numbers[board]?.at(place) ?? null;
  }

  /**
   * The number that a window reads at a position, which may lie in the padding.
   *
   * @param {number} channel
   * @param {number[]} position row and column
   */
  read(channel, position) {
    if (this.values) return this.values.read(channel, this.drop(position, "input"));
    return this.value({ board: "input", index: [channel, ...position] });
  }

  /**
   * The products of an output, with positions of rows and columns; null where there is none.
   *
   * @param {number[]} index [channel, row, column]
   */
  products(index) {
    return this.values && this.values.products(this.drop(index, "output"));
  }

  /**
   * What a transposed layer computes and crops.
   *
   * @param {number[]} index [channel, row, column]
   */
  cropped(index) {
    return this.values && this.values.outputAt(this.drop(index, "output"));
  }

  /**
   * Positions that a kernel joins, along rows and along columns.
   *
   * @typedef {{ input: number, output: number, tap: number }[][]} Links
   */

  /**
   * Everything that a weight multiplies, and where the products are added.
   *
   * @param {number[]} tap row and column of the kernel
   * @returns {Links}
   */
  linksOfTap(tap) {
    return this.axes.map((axis, number) => {
      const links = [];
      for (let output = 0; output < axis.outputSize; output++) {
        links.push(...axis.sources(output).filter((link) => link.tap === tap[number]));
      }
      return links;
    });
  }

  /**
   * Everything that a pixel of the input is added to.
   *
   * @param {number[]} position row and column
   * @returns {Links}
   */
  linksOfInput(position) {
    return this.axes.map((axis, number) => axis.targets(position[number]));
  }

  /**
   * Everything that a pixel of the output is the sum of.
   *
   * @param {number[]} position row and column
   * @returns {Links}
   */
  linksOfOutput(position) {
    return this.axes.map((axis, number) => axis.sources(position[number]));
  }

  /**
   * How often each pixel is read, or written if transposed.
   *
   * @returns {number[][]} of rows and of columns, to be multiplied
   */
  coverage() {
    return this.axes.map((axis) => axis.coverage());
  }

  /**
   * @param {string} board
   * @param {number[]} index
   */
  #contains(board, index) {
    const shapes = {
      input: this.inputShape,
      weight: this.weightShape,
      bias: [this.layer.out_channels],
      output: this.outputShape,
    };
    const shape = shapes[/** @type {Address["board"]} */ (board)];
    return index.length === shape.length && index.every((at, axis) => at >= 0 && at < shape[axis]);
  }

  /** @param {number[]} place */
  #output(place) {
    if (!this.values) return null;
    if (this.small) return this.values.output.at(place);
    const known = this.#outputs.get(place.join());
    const value = known ?? this.values.outputAt(place);
    this.#outputs.set(place.join(), value);
    return value;
  }
}
