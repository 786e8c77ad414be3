/**
 * One axis of a layer: sizes, and which output pixel is joined to which input pixel.
 *
 * Both kinds of axes have the same members, so that a drawing needs not to know the kind. A
 * convolution reads: the input has a border, every output pixel has one source for each tap,
 * and some of the sources lie in the padding or, where the kernel overhangs, beyond it. A
 * transposed convolution writes: every input pixel has one target for each tap, and some of the
 * targets are cropped.
 */

import { reach } from "./arguments.js";
import { InvalidArgument } from "./errors.js";
import { repr } from "./python.js";

/**
 * A multiplication along one axis: input pixel, times tap, added to output pixel. Pixels are
 * counted from 0; numbers outside of 0 to size - 1 lie in the padding or are cropped.
 *
 * @typedef {{input: number, output: number, tap: number}} Link
 */

/**
 * @typedef {object} AxisOptions
 * @property {number} size pixels of the input
 * @property {number} kernel_size
 * @property {number} stride
 * @property {import("./arguments.js").Pair} padding before and after
 * @property {number} dilation
 * @property {number} output_padding 0 unless transposed
 */

/** What the axes of a convolution and of a transposed convolution have in common. */
export class Axis {
  /** @param {AxisOptions} options */
  constructor({ size, kernel_size, stride, padding, dilation, output_padding }) {
    this.size = size;
    this.kernel_size = kernel_size;
    this.stride = stride;
    this.before = padding[0];
    this.after = padding[1];
    this.dilation = dilation;
    this.output_padding = output_padding;
  }

  /** Pixels that the dilated kernel spans. */
  get reach() {
    return reach(this.kernel_size, this.dilation);
  }

  /**
   * Number of output pixels; below 1 where the setting is invalid.
   *
   * @type {number}
   */
  get outputSize() {
    throw new Error("not implemented");
  }

  /**
   * Pixels of the input board as [first, end): the padding of a convolution included.
   *
   * @type {[number, number]}
   */
  get inputRange() {
    return [0, this.size];
  }

  /**
   * Pixels of the output board as [first, end): the cropped ones included.
   *
   * @type {[number, number]}
   */
  get outputRange() {
    return [0, Math.max(this.outputSize, 0)];
  }

  /** Pixels by which a kernel reaches beyond the padded input; 0 where it fits. */
  get overhang() {
    return 0;
  }

  /** Message of a setting that does not fit, or null. @returns {InvalidArgument | null} */
  get error() {
    return null;
  }

  /**
   * The links of an output pixel, in the order of the taps.
   *
   * @param {number} _output
   * @returns {Link[]}
   */
  sources(_output) {
    throw new Error("not implemented");
  }

  /**
   * The links of an input pixel, in the order of the taps.
   *
   * @param {number} _input
   * @returns {Link[]}
   */
  targets(_input) {
    throw new Error("not implemented");
  }

  /**
   * Whether a pixel is one of the input.
   *
   * @param {number} input
   */
  hasInput(input) {
    return input >= 0 && input < this.size;
  }

  /**
   * Whether a pixel is one of the output.
   *
   * @param {number} output
   */
  hasOutput(output) {
    return output >= 0 && output < this.outputSize;
  }
}

/** Axis of a convolution. */
export class ConvAxis extends Axis {
  /** Pixels of the input, padding included. */
  get padded() {
    return this.before + this.size + this.after;
  }

  get outputSize() {
    return Math.floor((this.padded - this.reach) / this.stride) + 1;
  }

  /** @type {[number, number]} */
  get inputRange() {
    return [-this.before, this.size + this.after];
  }

  get overhang() {
    return Math.max(this.reach - this.padded, 0);
  }

  get error() {
    if (!this.overhang) return null;
    const pair = repr([this.before, this.after]);
    const has =
      this.before || this.after
        ? `padded input has: ${this.padded} (size=${this.size}, padding=${pair})`
        : `input has: ${this.size}`;
    return new InvalidArgument(
      `kernel_size=${this.kernel_size} with dilation=${this.dilation} spans ${this.reach} ` +
        `pixels, more than the ${has}`,
    );
  }

  /**
   * The pixels under the taps of a window. Window 0 is also there where the kernel overhangs:
   * its pixels from inputRange[1] on do not exist.
   *
   * @param {number} output
   * @returns {Link[]}
   */
  sources(output) {
    const start = output * this.stride - this.before;
    return range(this.kernel_size, (tap) => ({ input: start + tap * this.dilation, output, tap }));
  }

  /**
   * The windows that read a pixel, by their taps.
   *
   * @param {number} input
   * @returns {Link[]}
   */
  targets(input) {
    const links = range(this.kernel_size, (tap) => {
      const output = (input + this.before - tap * this.dilation) / this.stride;
      return { input, output, tap };
    });
    return links.filter(({ output }) => Number.isInteger(output) && this.hasOutput(output));
  }

  /**
   * How many windows read each pixel of the input.
   *
   * @returns {number[]}
   */
  coverage() {
    return range(this.size, (input) => this.targets(input).length);
  }
}

/** Axis of a transposed convolution. */
export class TransposedAxis extends Axis {
  /** Pixels that the kernels cover, before any is cropped. */
  get uncropped() {
    return (this.size - 1) * this.stride + this.reach;
  }

  get outputSize() {
    return this.uncropped - this.before - this.after + this.output_padding;
  }

  /** @type {[number, number]} */
  get outputRange() {
    return [-this.before, Math.max(this.uncropped - this.before, this.outputSize)];
  }

  get error() {
    const most = Math.max(this.stride, this.dilation);
    if (this.output_padding >= most) {
      return new InvalidArgument(
        `output_padding=${this.output_padding} must be smaller than ${most}, the larger of ` +
          `stride=${this.stride} and dilation=${this.dilation}`,
      );
    }
    if (this.outputSize >= 1) return null;
    return new InvalidArgument(
      `padding=${this.before} removes more than there is: the output would have size ` +
        `${this.outputSize}`,
    );
  }

  /**
   * Whether a pixel is written and then removed, by the padding.
   *
   * @param {number} output
   */
  isCropped(output) {
    const [first, end] = this.outputRange;
    return output >= first && output < end && !this.hasOutput(output);
  }

  /**
   * Whether a pixel is there because of output_padding only.
   *
   * @param {number} output
   */
  isAdded(output) {
    return this.hasOutput(output) && output >= this.outputSize - this.output_padding;
  }

  /**
   * The input pixels that are added to an output pixel, by their taps; none: a bias at most.
   *
   * @param {number} output also a cropped one
   * @returns {Link[]}
   */
  sources(output) {
    const links = range(this.kernel_size, (tap) => {
      const input = (output + this.before - tap * this.dilation) / this.stride;
      return { input, output, tap };
    });
    return links.filter(({ input }) => Number.isInteger(input) && this.hasInput(input));
  }

  /**
   * The output pixels to which an input pixel is added, the cropped ones included.
   *
   * @param {number} input
   * @returns {Link[]}
   */
  targets(input) {
    const start = input * this.stride - this.before;
    return range(this.kernel_size, (tap) => ({ input, output: start + tap * this.dilation, tap }));
  }

  /**
   * How many input pixels are added to each pixel of the output.
   *
   * @returns {number[]}
   */
  coverage() {
    return range(Math.max(this.outputSize, 0), (output) => this.sources(output).length);
  }
}

/**
 * @template T
 * @param {number} count
 * @param {(index: number) => T} rule
 * @returns {T[]}
 */
export function range(count, rule) {
  return Array.from({ length: count }, (_, index) => rule(index));
}
