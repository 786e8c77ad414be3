/** A convolution along its channels alone: who reads whom, its names and its costs. */

import { integer, LARGEST_SETTING } from "./arguments.js";
import { Call } from "./call.js";
import { macs, parameters } from "./costs.js";
import { Layer } from "./layer.js";

/** @typedef {import("./python.js").Value} Value */

/**
 * What the sliders say; the numbers need not be valid.
 *
 * @typedef {object} Settings
 * @property {Value} in_channels
 * @property {Value} out_channels
 * @property {Value} kernel_size
 * @property {Value} groups
 * @property {Value} size height and width, which padding='same' keeps
 * @property {boolean} pointwise whether a 1 x 1 convolution follows
 */

/** @typedef {{ weights: bigint, parameters: bigint, macs: bigint }} Costs */

/**
 * The layers from in_channels to out_channels: a convolution, or one that keeps the number of
 * channels and has no bias, and a 1 x 1 convolution.
 *
 * @param {Settings} settings
 * @returns {Layer[]}
 * @throws {import("./errors.js").InvalidArgument}
 */
export function layers(settings) {
  const found = calls(settings).map((call) => new Layer(call));
  integer("kernel_size", settings.kernel_size); // not one for each axis, as a layer may have
  integer("size", settings.size);
  found[0].geometry(settings.size);
  return found;
}

/**
 * The calls of torch that create the layers.
 *
 * @param {Settings} settings
 * @returns {Call[]}
 */
export function calls({ in_channels, out_channels, kernel_size, groups, pointwise }) {
  const spatial = { in_channels, kernel_size, groups, padding: "same" };
  if (!pointwise) return [new Call("Conv2d", { ...spatial, out_channels })];
  return [
    new Call("Conv2d", { ...spatial, out_channels: in_channels, bias: false }),
    new Call("Conv2d", { in_channels, out_channels, kernel_size: 1 }),
  ];
}

/**
 * The layers as one line of torch, and as one of convlib.
 *
 * @param {Settings} settings
 * @returns {[torch: string, convlib: string]}
 */
export function code(settings) {
  const parts = calls(settings).map(String);
  const own = parts.map((part) => part.replace("nn.", "convlib."));
  if (parts.length === 1) return [parts[0], own[0]];
  return [`nn.Sequential(${parts.join(", ")})`, separable(settings) ?? `[${own.join(", ")}]`];
}

/**
 * The class of convlib that consists of both layers, if there is one.
 *
 * @param {Settings} settings
 */
function separable({ in_channels, out_channels, kernel_size, groups }) {
  if (groups !== in_channels) return null;
  const call = new Call("Conv2d", { in_channels, out_channels, kernel_size, padding: "same" });
  return String(call).replace("nn.Conv2d", "convlib.DepthwiseSeparableConv2d");
}

/**
 * What such layers are called.
 *
 * @param {Settings} settings
 */
export function kind({ in_channels, groups, pointwise }) {
  if (groups === 1) return pointwise ? "dense, then pointwise" : "dense";
  const spatial = groups === in_channels ? "depthwise" : "grouped";
  if (!pointwise) return spatial;
  return spatial === "depthwise" ? "depthwise-separable" : "grouped, then pointwise";
}

/**
 * From dense, through every number of groups that divides, to depthwise-separable.
 *
 * @param {Settings} settings
 * @returns {Pick<Settings, "groups" | "pointwise">[]}
 */
export function stops({ in_channels, out_channels }) {
  const last = { groups: in_channels, pointwise: true };
  const [inputs, outputs] = [Number(in_channels), Number(out_channels)];
  if (!(inputs >= 1 && inputs <= LARGEST_SETTING)) return [last];
  const groups = Array.from({ length: inputs }, (_, index) => index + 1);
  const dividing = groups.filter((count) => inputs % count === 0 && outputs % count === 0);
  return [...dividing.map((count) => ({ groups: count, pointwise: false })), last];
}

/**
 * Weights, parameters and multiplications of layers on an image.
 *
 * @param {Layer[]} several
 * @param {Value} size
 * @returns {Costs}
 */
export function costs(several, size) {
  const sum = (/** @type {(layer: Layer) => bigint} */ count) =>
    several.reduce((total, layer) => total + count(layer), 0n);
  return {
    weights: sum((layer) => layer.weightShape.reduce((all, side) => all * BigInt(side), 1n)),
    parameters: sum((layer) => parameters(layer).count),
    macs: sum((layer) => macs(layer.geometry(size)).count),
  };
}

/**
 * The dense layer with which others are compared.
 *
 * @param {Settings} settings
 * @returns {Layer[]}
 */
export function dense(settings) {
  return layers({ ...settings, groups: 1, pointwise: false });
}
