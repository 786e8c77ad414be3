/** A convolution layer: its arguments, valid and in one form, and its geometry on an image. */

import * as args from "./arguments.js";
import { ConvAxis, TransposedAxis } from "./axis.js";
import { Call } from "./call.js";
import { InvalidArgument } from "./errors.js";
import { shown } from "./python.js";

/** @typedef {import("./call.js").Arguments} Arguments */
/** @typedef {import("./python.js").Value} Value */

/** Arguments of a layer, validated in the order of convlib's constructors. */
export class Layer {
  /**
   * @param {Call} call
   * @throws {InvalidArgument}
   */
  constructor(call) {
    const { values } = call;
    /** @type {import("./call.js").Kind} */
    this.kind = call.kind;
    this.dimensions = call.kind.endsWith("1d") ? 1 : 2;
    this.transposed = call.kind.startsWith("ConvTranspose");
    this.in_channels = args.integer("in_channels", values.in_channels);
    this.out_channels = args.integer("out_channels", values.out_channels);
    this.groups = args.integer("groups", values.groups);
    args.checkGroups(this.in_channels, this.out_channels, this.groups);
    this.kernel_size = args.integers("kernel_size", values.kernel_size, this.dimensions);
    this.stride = args.integers("stride", values.stride, this.dimensions);
    this.dilation = args.integers("dilation", values.dilation, this.dimensions);
    /** Padding before and after each axis, also of 'same'. */
    this.sides = args.padding(values.padding, this, !this.transposed);
    /** @type {number[] | "same" | "valid"} */
    this.padding =
      typeof values.padding === "string"
        ? /** @type {"same" | "valid"} */ (values.padding)
        : this.sides.map(([before]) => before);
    this.output_padding = args.integers(
      "output_padding",
      values.output_padding ?? 0,
      this.dimensions,
    );
    const modes = this.transposed ? args.MODES.slice(0, 1) : args.MODES;
    this.padding_mode = args.choice("padding_mode", values.padding_mode, modes);
    this.bias = args.flag("bias", values.bias);
    this.#checkExplorable();
  }

  /**
   * The layer that a torch call describes.
   *
   * @param {string} text such as "nn.Conv2d(2, 4, 3, stride=2, padding=1)"
   * @returns {Layer}
   * @throws {InvalidArgument}
   */
  static parse(text) {
    return new Layer(Call.parse(text));
  }

  /** The arguments in one form, as a call that can be changed and written. */
  get call() {
    const { in_channels, out_channels, kernel_size, stride, padding, dilation, groups } = this;
    const { bias, padding_mode, output_padding } = this;
    /** @type {Arguments} */
    const values = { in_channels, out_channels, kernel_size, stride, padding, dilation, groups };
    if (this.transposed) values.output_padding = output_padding;
    return new Call(this.kind, { ...values, bias, padding_mode });
  }

  /**
   * The layer with some other arguments.
   *
   * @param {Arguments} changes by torch's names, such as {stride: [2, 1]}
   * @returns {Layer}
   * @throws {InvalidArgument}
   */
  with(changes) {
    return new Layer(this.call.with(changes));
  }

  /** The shortest torch call that describes the layer. */
  toString() {
    return this.call.toString();
  }

  /** Shape of the weight: (C_out, C_in / groups, ...), transposed (C_in, C_out / groups, ...). */
  get weightShape() {
    const [kernels, others] = this.transposed
      ? [this.in_channels, this.out_channels]
      : [this.out_channels, this.in_channels];
    return [kernels, others / this.groups, ...this.kernel_size];
  }

  /**
   * Input channels that an output channel reads.
   *
   * @param {number} output
   * @returns {number[]}
   */
  inputChannels(output) {
    const inputs = this.in_channels / this.groups;
    const group = Math.floor(output / (this.out_channels / this.groups));
    return Array.from({ length: inputs }, (_, index) => group * inputs + index);
  }

  /**
   * First two indices of the weight table that joins two channels of one group.
   *
   * @param {number} output
   * @param {number} input
   * @returns {[number, number]}
   */
  weightTable(output, input) {
    return this.transposed
      ? [input, output % (this.out_channels / this.groups)]
      : [output, input % (this.in_channels / this.groups)];
  }

  /**
   * Axes and sizes on an image. A setting that does not fit the image throws nothing: its
   * geometry has an `error`, and axes that can be drawn.
   *
   * @param {Value} size an int or one for each axis: (H, W) or (L,)
   * @returns {Geometry}
   * @throws {InvalidArgument} size itself is invalid
   */
  geometry(size) {
    const sizes = args.integers("size", size, this.dimensions);
    for (const pixels of sizes) args.checkExplorable("size", pixels);
    return new Geometry(this, sizes);
  }

  /** Throw where sliders cannot show an argument. */
  #checkExplorable() {
    const { padding, sides, call } = this;
    if (typeof padding !== "string" && sides.some(([before, after]) => before !== after)) {
      throw new InvalidArgument(
        `padding=${shown(sides)} differs before and after, which the explorer cannot show; ` +
          "diagrams.draw_positions and diagrams.draw_coverage draw it",
      );
    }
    for (const [name, value] of Object.entries(call.values)) {
      for (const entry of Array.isArray(value) ? value : [value]) {
        if (typeof entry === "number") args.checkExplorable(name, entry);
      }
    }
  }
}

/** A layer on an image of one size. */
export class Geometry {
  /**
   * @param {Layer} layer
   * @param {number[]} size
   */
  constructor(layer, size) {
    const Kind = layer.transposed ? TransposedAxis : ConvAxis;
    this.layer = layer;
    this.size = size;
    /** @type {(ConvAxis | TransposedAxis)[]} height first */
    this.axes = size.map((pixels, axis) => {
      return new Kind({
        size: pixels,
        kernel_size: layer.kernel_size[axis],
        stride: layer.stride[axis],
        padding: layer.sides[axis],
        dilation: layer.dilation[axis],
        output_padding: layer.output_padding[axis],
      });
    });
    /** @type {InvalidArgument | null} why the layer does not fit this image */
    this.error = this.#error();
  }

  /** Pixels of the output along each axis. */
  get outputSize() {
    return this.axes.map((axis) => axis.outputSize);
  }

  /** Shape of the input, (C_in, ...size). */
  get inputShape() {
    return [this.layer.in_channels, ...this.size];
  }

  /** Shape of the output, (C_out, ...outputSize). */
  get outputShape() {
    return [this.layer.out_channels, ...this.outputSize];
  }

  /**
   * How often each pixel is read (of the input), or written if transposed (of the output):
   * the counts of the axes, to be multiplied.
   *
   * @returns {number[][]}
   */
  coverage() {
    return this.axes.map((axis) => axis.coverage());
  }

  /** @returns {InvalidArgument | null} */
  #error() {
    const error = this.axes.map((axis) => axis.error).find((each) => each !== null);
    if (error) return error;
    try {
      args.checkMode(this.layer.padding_mode, this.layer.sides, this.size);
    } catch (caught) {
      return /** @type {InvalidArgument} */ (caught);
    }
    return null;
  }
}
