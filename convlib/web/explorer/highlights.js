/** Which cells are joined by a multiplication to the one that is selected, marked or hovered. */

import { range } from "../model/axis.js";

/** @typedef {import("./plane.js").Plane} Plane */
/** @typedef {import("./scene.js").Frame} Frame */
/** @typedef {import("./state.js").State} State */

/** @param {State} state */
export function highlights(state) {
  return new Highlights(state);
}

/** Answers, for each cell, with its classes. */
export class Highlights {
  /** @param {State} state */
  constructor(state) {
    const { plane, explained, active } = state;
    this.plane = plane;
    this.explained = explained;
    this.active = active;
    const [channel, ...position] = explained;
    this.channels = plane.layer.inputChannels(channel);
    const valid = Boolean(plane.values);
    /** Positions that the explained output reads; of a kernel that overhangs, its first window. */
    this.window = pairs(plane.linksOfOutput(valid ? position : [0, 0]), "input");
    /** Input channel whose table contains the active weight. */
    this.markedChannel = this.#channelOf(active);
    const touched = this.#touched();
    this.touchedInput = touched ? pairs(touched, "input") : new Set();
    this.touchedOutput = touched ? pairs(touched, "output") : new Set();
    /** The active pixel of the input, or the one under the active weight in the window. */
    this.partner = this.#partner();
  }

  /**
   * Whether the explained output reads an input channel.
   *
   * @param {number} channel
   */
  contributes(channel) {
    return this.channels.includes(channel);
  }

  /**
   * @param {number} channel
   * @param {number[]} position row and column, also in the padding
   */
  input(channel, position) {
    const place = position.join();
    const { active } = this;
    const isActive = active?.board === "input" && active.index.join() === `${channel},${place}`;
    const ofWeight = active?.board === "weight" && channel === this.markedChannel;
    return names({
      window: this.contributes(channel) && this.window.has(place),
      touched: ofWeight && this.touchedInput.has(place),
      partner: ofWeight && this.partner?.pixel === place,
      marked: isActive,
    });
  }

  /** @param {number[]} index [first, second, row, column] */
  weight(index) {
    const { active } = this;
    const isActive = active?.board === "weight" && active.index.join() === index.join();
    const tap = index.slice(2).join();
    const channel = this.#channelOf({ board: "weight", index });
    const ofInput = active?.board === "input" && active.index[0] === channel;
    return names({
      marked: isActive,
      partner: ofInput && this.partner?.taps.includes(tap),
      touched: ofInput && this.plane.layer.transposed,
    });
  }

  /** @param {number} output */
  bias(output) {
    return names({ marked: this.active?.board === "bias" && this.active.index[0] === output });
  }

  /**
   * @param {number} channel
   * @param {number[]} position row and column, also cropped
   */
  output(channel, position) {
    const [output, row, column] = this.explained;
    const selected = `${row},${column}` === position.join();
    return names({
      selected: channel === output && selected,
      touched: this.#reaches(channel) && this.touchedOutput.has(position.join()),
    });
  }

  /**
   * Outline of the window in a channel of the input.
   *
   * @param {number} channel
   * @returns {Frame | null}
   */
  inputFrame(channel) {
    const { plane, explained } = this;
    if (plane.layer.transposed || !this.contributes(channel)) return null;
    const position = plane.values ? explained.slice(1) : [0, 0];
    return frame(plane, plane.linksOfOutput(position), "input");
  }

  /**
   * Outline of the block that a pixel of the input is scattered to.
   *
   * @param {number} channel
   * @returns {Frame | null}
   */
  outputFrame(channel) {
    const { plane, active } = this;
    if (!plane.layer.transposed || active?.board !== "input") return null;
    if (!this.#reaches(channel)) return null;
    return frame(plane, plane.linksOfInput(active.index.slice(1)), "output");
  }

  /**
   * Whether a product of the active cell is added to an output channel.
   *
   * @param {number} channel
   */
  #reaches(channel) {
    const { active, plane, explained } = this;
    if (active?.board === "input")
      return plane.layer.inputChannels(channel).includes(active.index[0]);
    return channel === explained[0];
  }

  /** @returns {import("./plane.js").Links | null} */
  #touched() {
    const { active, plane } = this;
    if (!active || !plane.values) return null;
    const place = active.index.slice(-2);
    if (active.board === "input") return plane.linksOfInput(place);
    if (active.board === "weight")
      return this.markedChannel === null ? null : plane.linksOfTap(place);
    if (active.index[0] !== this.explained[0]) return null;
    const [height, width] = plane.axes.map((axis) =>
      range(axis.outputSize, (output) => ({ input: -Infinity, output, tap: -1 })),
    );
    return [height, width];
  }

  /** Where the explained sum contains the active cell. */
  #partner() {
    const { active, plane, explained } = this;
    if (!active || !plane.values) return null;
    const links = plane.linksOfOutput(explained.slice(1));
    const name = active.board === "input" ? "input" : "tap";
    const place = active.index.slice(-2);
    const found = links.map((axis, number) => axis.filter((link) => link[name] === place[number]));
    if (found.some((axis) => axis.length === 0)) return null;
    return { pixel: found.map(([link]) => link.input).join(), taps: [...pairs(found, "tap")] };
  }

  /**
   * The input channel to which a table of the explained output belongs.
   *
   * @param {import("./address.js").Address | null} address
   */
  #channelOf(address) {
    if (address?.board !== "weight") return null;
    const { layer } = this.plane;
    const table = address.index.slice(0, 2).join();
    const output = this.explained[0];
    return this.channels.find((c) => layer.weightTable(output, c).join() === table) ?? null;
  }
}

/**
 * Every row with every column, as text.
 *
 * @param {import("./plane.js").Links} links
 * @param {"input" | "output" | "tap"} name
 * @returns {Set<string>}
 */
function pairs([rows, columns], name) {
  const unique = [rows, columns].map((links) => [...new Set(links.map((link) => link[name]))]);
  return new Set(unique[0].flatMap((row) => unique[1].map((column) => `${row},${column}`)));
}

/**
 * @param {Plane} plane
 * @param {import("./plane.js").Links} links
 * @param {"input" | "output"} name
 * @returns {Frame}
 */
function frame({ axes }, [rows, columns], name) {
  return {
    row: rows[0][name],
    column: columns[0][name],
    rows: axes[0].reach,
    columns: axes[1].reach,
  };
}

/** @param {Record<string, unknown>} flags */
function names(flags) {
  return Object.keys(flags)
    .filter((name) => flags[name])
    .join(" ");
}
