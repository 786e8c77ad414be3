/* The arithmetic of a layer, and convlib's sentences where it refuses.

   A setting is a number, a pair [height, width], or for padding 'same' or 'valid'. null is a
   field that holds no number. What stands here is compared with convlib, case by case. */

const LARGEST = 9999;
const WORDS = ["same", "valid"];

class Refusal extends Error {}

/* Write a value as Python does. */
function python(value) {
  if (Array.isArray(value)) return `(${value.map(python).join(", ")})`;
  if (typeof value === "string") return `'${value}'`;
  return value === null ? "None" : String(value);
}

/* Take one int, within the bounds of its name; whole is the pair it stands in. */
function integer(name, value, whole = null) {
  const said = `${name}=${python(whole ?? value)}`;
  if (!Number.isInteger(value)) {
    const type = value === null ? "NoneType" : Array.isArray(value) ? "tuple" : "float";
    throw new Refusal(`${said} must be ${whole ? "ints" : "an int"}, not ${type}`);
  }
  const least = name === "padding" ? 0 : 1;
  if (value < least) throw new Refusal(`${said} must be at least ${least}`);
  if (value > LARGEST) throw new Refusal(`${said} must be at most ${LARGEST} to be explored`);
  return value;
}

/* Take an int or a pair of them, and give a pair. */
function integers(name, value) {
  if (Array.isArray(value)) return value.map((entry) => integer(name, entry, value));
  return [integer(name, value), value];
}

function paddings(value, stride) {
  if (!WORDS.includes(value)) return integers("padding", value);
  if (value === "same" && stride.some((step) => step !== 1)) {
    const said = `padding='same' keeps the size, which stride=${python(stride)} cannot`;
    const hint = "convlib.tensorflow_same gives TensorFlow's SAME, for any stride";
    throw new Refusal(`${said}: stride must be 1; ${hint}`);
  }
  return [value, value];
}

/* One axis of an image and the windows along it. */
class Axis {
  constructor(size, kernel, stride, padding, dilation) {
    const reach = dilation * (kernel - 1) + 1;
    const total = padding === "same" ? reach - 1 : padding === "valid" ? 0 : 2 * padding;
    const before = Math.floor(total / 2);
    Object.assign(this, { size, kernel, stride, dilation, reach, before, after: total - before });
    if (reach > this.padded) {
      const spans = `kernel_size=${kernel} with dilation=${dilation} spans ${reach} pixels`;
      const frame = `size=${size}, padding=${python([before, this.after])}`;
      const has = total ? `padded input has: ${this.padded} (${frame})` : `input has: ${size}`;
      throw new Refusal(`${spans}, more than the ${has}`);
    }
    this.count = Math.floor((this.padded - reach) / stride) + 1;
  }

  get padded() {
    return this.before + this.size + this.after;
  }

  /* The pixels under the taps of a window; below 0 or from size on they lie in the padding. */
  taps(window) {
    return range(this.kernel, (tap) => window * this.stride - this.before + tap * this.dilation);
  }

  /* The windows that read a pixel. */
  readers(pixel) {
    const windows = range(this.count, (window) => window);
    return windows.filter((window) => this.taps(window).includes(pixel));
  }

  coverage() {
    const counts = new Array(this.size).fill(0);
    for (let window = 0; window < this.count; window++) {
      for (const pixel of this.taps(window)) if (pixel in counts) counts[pixel]++;
    }
    return counts;
  }
}

/* The two axes of a layer, height first. */
function axes({ size, kernel_size, stride, padding, dilation }) {
  const sizes = integers("size", size);
  const kernels = integers("kernel_size", kernel_size);
  const strides = integers("stride", stride);
  const dilations = integers("dilation", dilation);
  const frame = paddings(padding, strides);
  return range(
    2,
    (axis) => new Axis(sizes[axis], kernels[axis], strides[axis], frame[axis], dilations[axis]),
  );
}

/* One step of a network along channels only: who reads whom, and what it costs. */
class Step {
  constructor(inputs, outputs, kernel, groups, bias) {
    Object.assign(this, { inputs, outputs, kernel, groups });
    // As BigInt: the numbers of large layers have more digits than others hold.
    this.weights = BigInt(outputs) * BigInt(inputs / groups) * BigInt(kernel) ** 2n;
    this.parameters = this.weights + BigInt(bias ? outputs : 0);
  }

  group(channel, channels) {
    return Math.floor(channel / (channels / this.groups));
  }

  reads(output, input) {
    return this.group(output, this.outputs) === this.group(input, this.inputs);
  }
}

/* Refuse channel counts that groups do not divide. */
function channels(in_channels, out_channels, groups) {
  const counts = { in_channels, out_channels };
  for (const [name, count] of Object.entries({ ...counts, groups })) integer(name, count);
  for (const [name, count] of Object.entries(counts)) {
    if (count % groups) throw new Refusal(`${name}=${count} must be divisible by groups=${groups}`);
  }
}

/* The steps from in_channels to out_channels: a convolution, or one in place and a 1 x 1. */
function steps({ in_channels, out_channels, kernel_size, groups, size, pointwise }) {
  const behind = pointwise ? in_channels : out_channels;
  channels(in_channels, behind, groups);
  integer("kernel_size", kernel_size);
  channels(behind, out_channels, 1);
  integer("size", size);
  const first = new Step(in_channels, behind, kernel_size, groups, !pointwise);
  return pointwise ? [first, new Step(behind, out_channels, 1, 1, true)] : [first];
}

/* Say what such steps are called. */
function kind({ in_channels, groups, pointwise }) {
  if (groups === 1) return pointwise ? "dense, then pointwise" : "dense";
  const spatial = groups === in_channels ? "depthwise" : "grouped";
  if (!pointwise) return spatial;
  return spatial === "depthwise" ? "depthwise-separable" : "grouped, then pointwise";
}

function range(count, rule) {
  return Array.from({ length: count }, (_, number) => rule(number));
}
