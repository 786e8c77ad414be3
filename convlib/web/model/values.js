/** Values of a layer: its output, and the products that one output number is the sum of. */

import { range } from "./axis.js";
import { InvalidArgument } from "./errors.js";
import { format, operand, sum } from "./numbers.js";
import { repr } from "./python.js";
import { Tensor, checkShape, indices, offset, product } from "./tensor.js";

/** @typedef {import("./axis.js").Link} Link */
/** @typedef {import("./layer.js").Layer} Layer */
/** @typedef {import("./tensor.js").Nested} Nested */

/**
 * One multiplication. All positions are (row, column), or (position,) in one dimension.
 *
 * @typedef {object} Term
 * @property {number[]} tap position in the kernel
 * @property {number[]} pixel position in the input; outside of it lies the padding
 * @property {boolean} inside whether the pixel is one of the input
 * @property {number[] | null} source the pixel of the input whose value is taken: pixel itself,
 *   in the padding the one that padding_mode repeats, and null where the padding is zero
 * @property {number} weight
 * @property {number} value
 * @property {number} product weight * value
 */

/**
 * What one input channel adds to an output number.
 *
 * @typedef {object} ChannelProducts
 * @property {number} channel of the input
 * @property {[number, number]} table first two indices of its table in the weight
 * @property {Term[]} terms in the order of the taps
 * @property {number} sum
 * @property {string} text "1*0 + 2*1 + 3*5 + 4*6 = 41": weight * value, in the order of the taps
 */

/**
 * An output number, as the sum that it is.
 *
 * @typedef {object} Products
 * @property {number[]} selected (channel, row, column), or (channel, position)
 * @property {ChannelProducts[]} channels the input channels that contribute
 * @property {number | null} bias null: the layer has none
 * @property {number} total
 * @property {string} text "41 + 5 = 46": the sums of the channels, the bias last
 * @property {string[]} lines the text of each channel; then the total, if it adds anything
 */

/** A layer with numbers: its input, its weight and its bias. */
export class Values {
  /** @type {Tensor | undefined} computed when it is asked for */
  #output;

  /**
   * @param {Layer} layer
   * @param {{input: Tensor, weight: Tensor, bias: Tensor | null}} numbers
   * @throws {InvalidArgument} shapes do not fit, or the layer does not fit the input
   */
  constructor(layer, { input, weight, bias }) {
    checkInput(layer, input);
    checkShape("weight", weight, layer.weightShape);
    checkBias(layer, bias);
    this.layer = layer;
    this.input = input;
    this.weight = weight;
    this.bias = bias;
    this.geometry = layer.geometry(input.shape.slice(1));
    if (this.geometry.error) throw this.geometry.error;
  }

  /**
   * The output, (C_out, H_out, W_out) or (C_out, L_out).
   *
   * @returns {Tensor}
   */
  get output() {
    this.#output ??= this.#compute();
    return this.#output;
  }

  /**
   * One number of the output, without computing the others.
   *
   * @param {number[]} index (channel, row, column), or (channel, position); also a cropped one
   * @returns {number}
   */
  outputAt([channel, ...position]) {
    const reads = position.map((place, axis) => this.#reads(axis, place));
    return this.#total(channel, this.#offsets(reads));
  }

  /**
   * The products and sums of one output number.
   *
   * @param {number[]} selected (channel, row, column), or (channel, position)
   * @returns {Products}
   */
  products(selected) {
    const [output, ...position] = selected;
    const positions = this.#positions(position);
    const channels = this.layer.inputChannels(output).map((channel) => {
      const terms = positions.map((each) => this.#term(output, channel, each));
      const total = sum(terms.map((term) => term.product));
      const table = this.layer.weightTable(output, channel);
      return { channel, table, terms, sum: total, text: channelText(terms, total) };
    });
    const bias = this.bias ? this.bias.at([output]) : null;
    const sums = channels.map((channel) => channel.sum);
    const summands = bias === null ? sums : [...sums, bias];
    const total = sum(summands);
    const text = `${summands.map(operand).join(" + ")} = ${format(total)}`;
    const lines = channels.map((channel) => channel.text);
    if (summands.length > 1) lines.push(text);
    return { selected, channels, bias, total, text, lines };
  }

  /**
   * The number that is read at a position, which may lie in the padding.
   *
   * @param {number} channel of the input
   * @param {number[]} pixel (row, column), or (position,)
   * @returns {number}
   */
  read(channel, pixel) {
    const source = pixel.map((input, axis) => this.#source(input, axis));
    if (source.includes(null)) return 0;
    return this.input.at([channel, .../** @type {number[]} */ (source)]);
  }

  #compute() {
    const { axes, outputShape, outputSize } = this.geometry;
    const reads = axes.map((axis, number) => {
      return range(axis.outputSize, (place) => this.#reads(number, place));
    });
    const output = new Tensor(outputShape);
    const positions = indices(outputSize);
    positions.forEach((position, place) => {
      const offsets = this.#offsets(position.map((entry, axis) => reads[axis][entry]));
      for (let channel = 0; channel < this.layer.out_channels; channel++) {
        output.data[channel * positions.length + place] = this.#total(channel, offsets);
      }
    });
    return output;
  }

  /**
   * What an output position reads along one axis, without the zeros of the padding.
   *
   * @param {number} axis
   * @param {number} place
   * @returns {{tap: number, source: number}[]}
   */
  #reads(axis, place) {
    return this.geometry.axes[axis].sources(place).flatMap(({ input, tap }) => {
      const source = this.#source(input, axis);
      return source === null ? [] : [{ tap, source }];
    });
  }

  /**
   * Where the factors of an output position are in memory: the weight from the start of its table,
   * the value from the start of its channel.
   *
   * @param {{tap: number, source: number}[][]} reads of each axis
   * @returns {{weight: number, value: number}[]}
   */
  #offsets(reads) {
    const { kernel_size } = this.layer;
    const { size } = this.geometry;
    return reads.reduce(
      (found, links, axis) =>
        found.flatMap(({ weight, value }) =>
          links.map(({ tap, source }) => ({
            weight: weight * kernel_size[axis] + tap,
            value: value * size[axis] + source,
          })),
        ),
      [{ weight: 0, value: 0 }],
    );
  }

  /**
   * @param {number} output channel
   * @param {{weight: number, value: number}[]} offsets
   * @returns {number}
   */
  #total(output, offsets) {
    const { layer, weight, input } = this;
    const [taps, pixels] = [product(layer.kernel_size), product(this.geometry.size)];
    const sums = layer.inputChannels(output).map((channel) => {
      const table = offset(layer.weightTable(output, channel), layer.weightShape) * taps;
      const image = channel * pixels;
      const products = offsets.map((at) => {
        return weight.data[table + at.weight] * input.data[image + at.value];
      });
      return sum(products);
    });
    return sum(this.bias ? [...sums, this.bias.at([output])] : sums);
  }

  /**
   * Pairs of tap and pixel of an output position, the same for all channels.
   *
   * @param {number[]} position
   * @returns {{tap: number[], pixel: number[], source: number[] | null}[]}
   */
  #positions(position) {
    const links = this.geometry.axes.map((axis, number) => axis.sources(position[number]));
    return combinations(links).map((each) => {
      const pixel = each.map(({ input }) => input);
      const sources = pixel.map((input, axis) => this.#source(input, axis));
      const source = sources.includes(null) ? null : /** @type {number[]} */ (sources);
      return { tap: each.map(({ tap }) => tap), pixel, source };
    });
  }

  /**
   * The pixel whose value is read at a position, or null for a zero.
   *
   * @param {number} pixel
   * @param {number} axis
   * @returns {number | null}
   */
  #source(pixel, axis) {
    const last = this.geometry.size[axis] - 1;
    if (pixel >= 0 && pixel <= last) return pixel;
    switch (this.layer.padding_mode) {
      case "reflect":
        return pixel < 0 ? -pixel : 2 * last - pixel;
      case "replicate":
        return pixel < 0 ? 0 : last;
      case "circular":
        return pixel < 0 ? pixel + last + 1 : pixel - last - 1;
      default:
        return null;
    }
  }

  /**
   * @param {number} output
   * @param {number} channel
   * @param {{tap: number[], pixel: number[], source: number[] | null}} position
   * @returns {Term}
   */
  #term(output, channel, { tap, pixel, source }) {
    const weight = this.weight.at([...this.layer.weightTable(output, channel), ...tap]);
    const value = source ? this.input.at([channel, ...source]) : 0;
    const inside = this.geometry.axes.every((axis, number) => axis.hasInput(pixel[number]));
    return { tap, pixel, inside, source, weight, value, product: weight * value };
  }
}

/**
 * @param {Term[]} terms
 * @param {number} total
 */
function channelText(terms, total) {
  const products = terms.map(({ weight, value }) => `${operand(weight)}*${operand(value)}`);
  return products.length ? `${products.join(" + ")} = ${format(total)}` : format(total);
}

/**
 * Every combination of one link for each axis, the last axis the fastest.
 *
 * @param {Link[][]} links
 * @returns {Link[][]}
 */
function combinations(links) {
  return links.reduce(
    (/** @type {Link[][]} */ found, axis) =>
      found.flatMap((first) => axis.map((link) => [...first, link])),
    [[]],
  );
}

/**
 * Throw unless an array may be the layer's input.
 *
 * @param {Layer} layer
 * @param {Tensor} input
 */
export function checkInput(layer, { shape }) {
  if (shape.length !== layer.dimensions + 1) {
    const expected = layer.dimensions === 1 ? "(C, W)" : "(C, H, W)";
    throw new InvalidArgument(`its input has shape ${repr(shape)}, and ${expected} is needed`);
  }
  if (shape[0] !== layer.in_channels) {
    throw new InvalidArgument(
      `in_channels=${layer.in_channels}, but its input has ${shape[0]} channels: ${repr(shape)}`,
    );
  }
}

/**
 * Throw unless the bias is there as the layer says, a number for each output channel.
 *
 * @param {Layer} layer
 * @param {Tensor | null} bias
 */
export function checkBias(layer, bias) {
  if (bias && layer.bias) checkShape("bias", bias, [layer.out_channels]);
  else if (bias) throw new InvalidArgument("bias must be null: the layer has bias=False");
  else if (layer.bias) {
    throw new InvalidArgument(`bias must have shape (${layer.out_channels},), not null`);
  }
}
