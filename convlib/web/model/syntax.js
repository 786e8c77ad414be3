/** Syntax of one call in Python: a dotted name and arguments that are literals. */

import { MODES, WORDS } from "./arguments.js";
import { InvalidArgument } from "./errors.js";
import { PythonFloat, PythonList, shown } from "./python.js";

/** @typedef {import("./python.js").Value} Value */
/** @typedef {{name: string, positional: Value[], named: [string, Value][]}} ParsedCall */
/** @typedef {{type: "name" | "number" | "string" | "sign", text: string, at: number}} Token */

/** @type {Token["type"][]} */
const TYPES = ["name", "number", "string", "sign"];
const PATTERNS = [
  /(?<name>[\p{L}_][\p{L}\p{N}_]*)/u,
  /(?<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/u,
  /(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/u,
  /(?<sign>[-+*/%(),.=[\]{}])/u,
];
const TOKEN = `\\s*(?:${PATTERNS.map(({ source }) => source).join("|")})`;
/** @type {Map<string, string>} */
const CLOSING = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);
const CLOSED = [...CLOSING.values()];
/** @type {Map<string, Value>} */
const CONSTANTS = new Map([
  ["True", true],
  ["False", false],
  ["None", null],
]);
const UNQUOTED = [...WORDS, ...MODES]; // torch prints these strings without quotes
const EXAMPLE = "an example is nn.Conv2d(1, 1, 3)";

/**
 * Parse the text of one call; nothing is evaluated.
 *
 * @param {string} text
 * @returns {ParsedCall}
 * @throws {InvalidArgument} the text is no call, or an argument is no literal
 */
export function parseCall(text) {
  return new Parser(text).call();
}

class Parser {
  /** @type {Token[]} */
  #tokens = [];
  #next = 0;

  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.#tokens = this.#tokenize();
    this.#checkBrackets();
    this.#checkNeighbours();
  }

  /** @returns {ParsedCall} */
  call() {
    const name = this.#dottedName();
    if (!this.#take("(")) throw this.#error(EXAMPLE);
    /** @type {ParsedCall} */
    const call = { name, positional: [], named: [] };
    while (!this.#take(")")) {
      this.#argument(call);
      this.#take(",");
    }
    if (this.#peek(0)) throw this.#error(EXAMPLE);
    return call;
  }

  /** @param {ParsedCall} call */
  #argument(call) {
    const [name, sign] = [this.#peek(0), this.#peek(1)];
    if (name?.type === "name" && sign?.text === "=") {
      this.#next += 2;
      call.named.push([name.text, this.#value()]);
      return;
    }
    if (call.named.length) throw this.#error("positional argument follows keyword argument");
    call.positional.push(this.#value());
  }

  /** @returns {Value} of an argument */
  #value() {
    const start = this.#next;
    const value = this.#literal();
    if (value !== undefined && this.#atEnd()) return value;
    throw new InvalidArgument(`${this.#expressionFrom(start)} must be a number or a word`);
  }

  #atEnd() {
    return [",", ")", "]"].includes(this.#peek(0)?.text ?? "");
  }

  /** @returns {Value | undefined} undefined where no literal is next */
  #literal() {
    const token = this.#tokens[this.#next++];
    if (token.type === "number") return number(token.text);
    if (token.type === "string") return unquoted(token.text);
    const constant = CONSTANTS.get(token.text);
    if (constant !== undefined) return constant;
    if (UNQUOTED.includes(token.text)) return token.text;
    if (token.text === "-" || token.text === "+") return this.#signed(token.text);
    return token.text === "(" || token.text === "[" ? this.#bracketed(token.text) : undefined;
  }

  /**
   * @param {string} sign
   * @returns {Value | undefined}
   */
  #signed(sign) {
    const token = this.#tokens[this.#next++];
    if (token?.type !== "number") return undefined;
    const value = number(token.text);
    if (sign === "+") return value;
    if (value instanceof PythonFloat) return new PythonFloat(-value.value);
    return value && -value; // an int has no -0
  }

  /**
   * A tuple or list, or a value in parentheses.
   *
   * @param {string} opening
   * @returns {Value | undefined}
   */
  #bracketed(opening) {
    const closing = /** @type {string} */ (CLOSING.get(opening));
    /** @type {Value[]} */
    const values = [];
    let comma = false;
    while (!this.#take(closing)) {
      const value = this.#literal();
      if (value === undefined || !this.#atEnd()) return undefined;
      values.push(value);
      comma = this.#take(",") || comma;
    }
    if (opening === "[") return PythonList.from(values);
    return values.length === 1 && !comma ? values[0] : values;
  }

  #dottedName() {
    const first = this.#peek(0);
    if (first?.type !== "name") throw this.#error(EXAMPLE);
    this.#next++;
    let name = first.text;
    while (this.#take(".")) {
      const part = this.#tokens[this.#next++];
      if (part?.type !== "name") throw this.#error(EXAMPLE);
      name += `.${part.text}`;
    }
    return name;
  }

  /**
   * The text of an expression, up to the comma or bracket that ends it.
   *
   * @param {number} start
   */
  #expressionFrom(start) {
    let depth = 0;
    let end = start;
    for (; end < this.#tokens.length; end++) {
      const { text } = this.#tokens[end];
      if (depth === 0 && [",", ")", "]"].includes(text)) break;
      depth += Number(CLOSING.has(text)) - Number(CLOSED.includes(text));
    }
    const stop = this.#tokens[end]?.at ?? this.text.length;
    return this.text.slice(this.#tokens[start].at, stop).trim();
  }

  /** @returns {Token[]} */
  #tokenize() {
    /** @type {Token[]} */
    const tokens = [];
    const pattern = new RegExp(TOKEN, "uy");
    const length = this.text.trimEnd().length;
    while (pattern.lastIndex < length) {
      const match = pattern.exec(this.text);
      if (!match) throw this.#error(EXAMPLE);
      const groups = /** @type {Record<Token["type"], string>} */ (match.groups);
      const [type] = TYPES.filter((each) => groups[each] !== undefined);
      const text = groups[type];
      tokens.push({ type, text, at: pattern.lastIndex - text.length });
    }
    return tokens;
  }

  #checkBrackets() {
    /** @type {string[]} */
    const open = [];
    for (const { text, type } of this.#tokens) {
      if (type !== "sign") continue;
      if (CLOSING.has(text)) open.push(text);
      if (!CLOSED.includes(text)) continue;
      const last = open.pop();
      if (!last) throw this.#error(`unmatched '${text}'`);
      if (CLOSING.get(last) !== text) {
        const reason = `closing parenthesis '${text}' does not match opening parenthesis '${last}'`;
        throw this.#error(reason);
      }
    }
    if (open.length) throw this.#error(`'${open.at(-1)}' was never closed`);
  }

  /** Throw where a value has no comma before it, or a comma or "=" no value. */
  #checkNeighbours() {
    this.#tokens.slice(1).forEach((token, index) => {
      const before = this.#tokens[index];
      const values = before.type !== "sign" && token.type !== "sign";
      const comma = token.text === "," && ["(", "[", ",", "="].includes(before.text);
      if (values || comma || (before.text === "=" && token.text === ")")) {
        throw this.#error(EXAMPLE);
      }
    });
  }

  /** @param {number} ahead */
  #peek(ahead) {
    return this.#tokens.at(this.#next + ahead);
  }

  /** @param {string} text */
  #take(text) {
    const token = this.#peek(0);
    if (token?.type !== "sign" || token.text !== text) return false;
    this.#next++;
    return true;
  }

  /** @param {string} reason */
  #error(reason) {
    return new InvalidArgument(`call=${shown(this.text)} is no call of a layer: ${reason}`);
  }
}

/**
 * @param {string} text
 * @returns {Value}
 */
function number(text) {
  const digits = text.replaceAll("_", "");
  if (/[.eE]/.test(digits)) return new PythonFloat(Number(digits));
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
}

/** @param {string} text */
function unquoted(text) {
  return text.slice(1, -1).replaceAll(/\\(.)/g, "$1");
}
