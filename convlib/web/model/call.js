/** The torch call as text: parsed into its arguments, and written again as short as possible. */

import { InvalidArgument } from "./errors.js";
import { parseCall } from "./syntax.js";
import { repr } from "./python.js";

/** @typedef {import("./python.js").Value} Value */
/** @typedef {"Conv1d" | "Conv2d" | "ConvTranspose1d" | "ConvTranspose2d"} Kind */
/** @typedef {Record<string, Value>} Arguments by torch's names, defaults included */

/** @type {Arguments} in torch's order, after the required ones */
const CONV = {
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
  bias: true,
  padding_mode: "zeros",
};
/** @type {Arguments} */
const TRANSPOSED = {
  stride: 1,
  padding: 0,
  output_padding: 0,
  groups: 1,
  bias: true,
  dilation: 1,
  padding_mode: "zeros",
};
const REQUIRED = ["in_channels", "out_channels", "kernel_size"];
/** @type {Record<Kind, Arguments>} */
const DEFAULTS = {
  Conv1d: CONV,
  Conv2d: CONV,
  ConvTranspose1d: TRANSPOSED,
  ConvTranspose2d: TRANSPOSED,
};

/** Names of the layers that can be explored. */
export const KINDS = /** @type {Kind[]} */ (Object.keys(DEFAULTS));

/** A call of a layer's constructor: its text is valid, its values need not be. */
export class Call {
  /**
   * @param {Kind} kind
   * @param {Arguments} values
   */
  constructor(kind, values) {
    /** @type {Kind} */
    this.kind = kind;
    /** @type {Arguments} */
    this.values = { ...DEFAULTS[kind], ...values };
  }

  /**
   * Parse a call such as "nn.Conv2d(2, 4, 3, stride=2)".
   *
   * @param {string} text
   * @returns {Call}
   * @throws {InvalidArgument}
   */
  static parse(text) {
    const { name, positional, named } = parseCall(text);
    const kind = KINDS.find((known) => known === name.split(".").at(-1));
    if (!kind) {
      throw new InvalidArgument(`${name} is not known; known are ${KINDS.join(", ")}`);
    }
    return new Call(kind, bind([...REQUIRED, ...Object.keys(DEFAULTS[kind])], positional, named));
  }

  /**
   * The same call with other values, which need not be valid.
   *
   * @param {Arguments} changes
   * @returns {Call}
   */
  with(changes) {
    return new Call(this.kind, { ...this.values, ...changes });
  }

  /** The shortest call of torch: "nn.Conv2d(2, 4, 3, stride=2)". */
  toString() {
    const required = REQUIRED.map((name) => repr(short(this.values[name])));
    const keywords = Object.entries(DEFAULTS[this.kind])
      .map(([name, preset]) => [name, repr(short(this.values[name])), repr(preset)])
      .filter(([, value, preset]) => value !== preset)
      .map(([name, value]) => `${name}=${value}`);
    return `nn.${this.kind}(${[...required, ...keywords].join(", ")})`;
  }
}

/**
 * One number where all axes have the same.
 *
 * @param {Value} value
 * @returns {Value}
 */
function short(value) {
  const same = Array.isArray(value) && new Set(value.map(repr)).size === 1;
  return same && !Array.isArray(value[0]) ? value[0] : value;
}

/**
 * Give each value its argument's name, as Python does when a function is called.
 *
 * @param {string[]} names in order
 * @param {Value[]} positional
 * @param {[string, Value][]} named
 * @returns {Arguments}
 */
function bind(names, positional, named) {
  const fail = (/** @type {string} */ problem) => {
    return new InvalidArgument(`${problem}; it takes ${names.join(", ")}`);
  };
  if (positional.length > names.length) throw fail("too many positional arguments");
  /** @type {Map<string, Value>} */
  const values = new Map(positional.map((value, index) => [names[index], value]));
  for (const [name, value] of named) {
    if (values.has(name)) throw fail(`multiple values for argument '${name}'`);
    values.set(name, value);
  }
  const missing = REQUIRED.find((name) => !values.has(name));
  if (missing) throw fail(`missing a required argument: '${missing}'`);
  const unknown = [...values.keys()].find((name) => !names.includes(name));
  if (unknown) throw fail(`got an unexpected keyword argument '${unknown}'`);
  return Object.fromEntries(values);
}
