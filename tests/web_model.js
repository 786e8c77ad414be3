/** What the model of the explorer answers to the cases of test_web_model.py. */

import { TransposedAxis } from "../convlib/web/model/axis.js";
import { macs, parameters } from "../convlib/web/model/costs.js";
import { InvalidArgument } from "../convlib/web/model/errors.js";
import { Layer } from "../convlib/web/model/layer.js";
import { format, operand, parse } from "../convlib/web/model/numbers.js";
import { preset } from "../convlib/web/model/presets.js";
import { Tensor } from "../convlib/web/model/tensor.js";
import { Values } from "../convlib/web/model/values.js";

/** @typedef {import("../convlib/web/model/axis.js").Axis} Axis */
/** @typedef {import("../convlib/web/model/call.js").Arguments} Arguments */
/** @typedef {import("../convlib/web/model/costs.js").Cost} Cost */
/** @typedef {import("../convlib/web/model/presets.js").Preset} Preset */
/** @typedef {{call: string, size: number[]}} GeometryCase */
/** @typedef {{call: string, input: unknown, weight: unknown, bias: unknown, selected: number[]}}
 * ValuesCase */

/** What each test asks, by its name. */
const QUESTIONS = {
  /** @param {GeometryCase} question */
  geometry({ call, size }) {
    const layer = Layer.parse(call);
    const { axes, error, outputSize } = layer.geometry(size);
    const written = { call: String(layer), weight: layer.weightShape };
    if (error) return { ...written, error: error.message, axes: axes.map(drawn) };
    return { ...written, size: outputSize, axes: axes.map(links) };
  },

  /** @param {ValuesCase} question */
  values({ call, input, weight, bias, selected }) {
    const values = new Values(Layer.parse(call), {
      input: Tensor.from("input", input),
      weight: Tensor.from("weight", weight),
      bias: bias === null ? null : Tensor.from("bias", bias),
    });
    const products = values.products(selected);
    const read = products.channels.map(({ channel, terms }) => {
      return terms.map(({ pixel }) => values.read(channel, pixel));
    });
    return { output: values.output.nested(), products, read };
  },

  /** @param {GeometryCase} question */
  costs({ call, size }) {
    const layer = Layer.parse(call);
    const costs = { parameters: parameters(layer), macs: macs(layer.geometry(size)) };
    return Object.fromEntries(Object.entries(costs).map(([name, cost]) => [name, counted(cost)]));
  },

  /** @param {{call: string, changes: Arguments}} question */
  change({ call, changes }) {
    return String(Layer.parse(call).with(changes));
  },

  /** @param {GeometryCase & {preset: Preset}} question */
  preset({ call, size, preset: name }) {
    const { input, weight, bias } = preset(name, Layer.parse(call).geometry(size));
    return { input: input.nested(), weight: weight.nested(), bias: bias && bias.nested() };
  },

  /** @param {{value: number}} question */
  format({ value }) {
    return [format(value), operand(value)];
  },

  /** @param {{text: string}} question */
  parse({ text }) {
    return parse(text);
  },
};

/**
 * @param {{ask: string}} question
 * @returns {unknown} the answer, or the message of an invalid argument
 */
export function answer(question) {
  try {
    const ask = QUESTIONS[/** @type {keyof typeof QUESTIONS} */ (question.ask)];
    return ask(/** @type {any} */ (question));
  } catch (error) {
    if (error instanceof InvalidArgument) return { error: error.message };
    throw error;
  }
}

/**
 * An axis as it is drawn where the layer does not fit.
 *
 * @param {Axis} axis
 */
function drawn(axis) {
  const { overhang, inputRange, outputRange } = axis;
  return { overhang, inputRange, outputRange, first: axis.sources(0).map(({ input }) => input) };
}

/**
 * All links of an axis, from both sides, as pairs of a pixel and a tap.
 *
 * @param {import("../convlib/web/model/axis.js").ConvAxis | TransposedAxis} axis
 */
function links(axis) {
  const { inputRange, outputRange } = axis;
  const board = Array.from({ length: outputRange[1] - outputRange[0] }, (_, i) => {
    return outputRange[0] + i;
  });
  const transposed = axis instanceof TransposedAxis;
  return {
    inputRange,
    outputRange,
    sources: Array.from({ length: axis.outputSize }, (_, output) =>
      axis.sources(output).map(({ input, tap }) => [input, tap]),
    ),
    targets: Array.from({ length: axis.size }, (_, input) =>
      axis.targets(input).map(({ output, tap }) => [output, tap]),
    ),
    coverage: axis.coverage(),
    cropped: transposed ? board.filter((output) => axis.isCropped(output)) : [],
    added: transposed ? board.filter((output) => axis.isAdded(output)) : [],
  };
}

/** @param {Cost} cost */
function counted({ count, factors }) {
  const formula = factors.map(({ operator, value }) => `${operator}${value}`).join("");
  return { count: String(count), formula, names: factors.map(({ name }) => name) };
}
