/** What is drawn, as plain data: the boards with their cells, and what is highlighted in them. */

import { TransposedAxis, range } from "../model/axis.js";
import { key } from "./address.js";
import { brief, counted, listed, times } from "./format.js";
import { highlights } from "./highlights.js";

/** @typedef {import("./plane.js").Plane} Plane */
/** @typedef {import("./address.js").Address} Address */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./highlights.js").Highlights} Highlights */

/**
 * @typedef {object} Cell
 * @property {Address | null} address null: it cannot be selected (padding, cropped, beyond)
 * @property {string} text
 * @property {string} label what a screen reader says
 * @property {string} classes
 * @property {string} count how often it is read or written, if that is asked for
 * @property {number} share 0 to 1: of the highest count, or of the way from dark to bright
 */

/**
 * @typedef {object} Frame outline of a window, in cells of the board
 * @property {number} row
 * @property {number} column
 * @property {number} rows
 * @property {number} columns
 */

/**
 * @typedef {object} Drawing of one channel, or of one table of weights
 * @property {string} name such as "input"
 * @property {string} caption
 * @property {string} label
 * @property {Cell[][]} rows
 * @property {boolean} dimmed it does not contribute
 * @property {Frame | null} frame
 * @property {string} stop key of the cell at which the tab key stops
 */

/**
 * @typedef {object} Scene
 * @property {{ input: string, weight: string, output: string }} titles
 * @property {Drawing[]} input
 * @property {Drawing[]} weight of the explained output, one for each input channel that is drawn
 * @property {Cell | null} bias
 * @property {number[]} inputs channels of the input that are drawn
 * @property {number[]} outputs channels of the output that are drawn
 * @property {Drawing[]} output
 * @property {boolean} grey whether numbers are drawn as shades of grey
 * @property {string[]} omitted sentences: what is not drawn
 */

const MOST_CHANNELS = 4;
const MOST_CELLS = 32; // along a side of a board
const PAGE = 16; // cells by which a larger board is moved on

/**
 * @param {State} state
 * @returns {Scene | null} null where the numbers are too many
 */
export function scene(state) {
  const { plane } = state;
  if (!plane.numbers) return null;
  const lit = highlights(state);
  const inputs = drawnInputs(state);
  const outputs = drawnOutputs(state);
  const sections = { input: inputSections(state), output: outputSections(state) };
  const grey = Boolean(state.sources.input.picture) || state.sources.input.name === "edge";
  const drawing = new Drawer(state, lit, grey);
  const fits = plane.outputShape.every((count) => count > 0);
  return {
    titles: titles(state),
    input: inputs.map((channel) => drawing.input(channel, sections.input)),
    weight: inputs.map((channel) => drawing.weight(channel)),
    bias: drawing.bias(),
    inputs,
    outputs,
    output: fits ? outputs.map((channel) => drawing.output(channel, sections.output)) : [],
    grey,
    omitted: omitted(plane, inputs, outputs, sections),
  };
}

/** Draws boards as data. */
class Drawer {
  /**
   * @param {State} state
   * @param {Highlights} lit
   * @param {boolean} grey
   */
  constructor(state, lit, grey) {
    this.state = state;
    this.plane = state.plane;
    this.lit = lit;
    this.grey = grey;
    const { transposed } = this.plane.layer;
    const valid = Boolean(this.plane.values);
    this.counts = state.coverage && valid ? this.plane.coverage() : null;
    this.counted = transposed ? "output" : "input";
    this.most = this.counts ? Math.max(...this.counts[0]) * Math.max(...this.counts[1]) : 0;
  }

  /**
   * @param {number} channel
   * @param {Section[]} sections
   * @returns {Drawing}
   */
  input(channel, sections) {
    const { plane, lit } = this;
    const [rows, columns] = sections;
    const scale = this.#scale("input");
    const cells = grid(sections, (row, column) => {
      const position = [row, column];
      const index = [channel, row, column];
      const inside = plane.axes.every((axis, number) => axis.hasInput(position[number]));
      if (!inside) return this.#outside(channel, position);
      const value = /** @type {number} */ (plane.value({ board: "input", index }));
      return this.#cell({ board: "input", index }, value, lit.input(channel, position), {
        place: `row ${row}, column ${column}`,
        share: scale(value),
      });
    });
    const size = times(plane.geometry.size);
    return {
      name: "input",
      caption: `channel ${channel}`,
      label: `Input channel ${channel}, ${size} pixels`,
      rows: cells,
      dimmed: !lit.contributes(channel),
      frame: within(lit.inputFrame(channel), rows.first, columns.first),
      stop: this.#stop(cells),
    };
  }

  /**
   * @param {number} channel of the input
   * @returns {Drawing}
   */
  weight(channel) {
    const { plane, lit } = this;
    const [output] = this.state.explained;
    const [height, width] = plane.axes.map((axis) => axis.kernel_size);
    const joined = plane.layer.inputChannels(output).includes(channel);
    const table = joined ? plane.layer.weightTable(output, channel) : null;
    const cells = range(height, (row) =>
      range(width, (column) => {
        if (!table) return blank("missing");
        const index = [...table, row, column];
        const value = /** @type {number} */ (plane.value({ board: "weight", index }));
        return this.#cell({ board: "weight", index }, value, lit.weight(index), {
          place: `row ${row}, column ${column}`,
          share: 0,
        });
      }),
    );
    const size = times(plane.layer.kernel_size);
    return {
      name: "weight",
      caption: table ? `[${table.join(", ")}]` : "not read",
      label: table
        ? `Weight of output channel ${output} and input channel ${channel}, ${size}`
        : `Output channel ${output} does not read input channel ${channel}`,
      rows: cells,
      dimmed: !table,
      frame: null,
      stop: this.#stop(cells),
    };
  }

  /** @returns {Cell | null} */
  bias() {
    const [output] = this.state.explained;
    const address = /** @type {Address} */ ({ board: "bias", index: [output] });
    const value = this.plane.value(address);
    if (value === null) return null;
    return this.#cell(address, value, this.lit.bias(output), {
      place: `bias[${output}]`,
      share: 0,
    });
  }

  /**
   * @param {number} channel
   * @param {Section[]} sections
   * @returns {Drawing}
   */
  output(channel, sections) {
    const { plane, lit } = this;
    const [rows, columns] = sections;
    const scale = this.#scale("output");
    const cells = grid(sections, (row, column) => {
      const position = [row, column];
      const index = [channel, row, column];
      const inside = plane.axes.every((axis, number) => axis.hasOutput(position[number]));
      if (!inside) return this.#cropped(channel, position);
      const value = /** @type {number} */ (plane.value({ board: "output", index }));
      const classes = lit.output(channel, position);
      const added = isAdded(plane, position) ? `${classes} added` : classes;
      return this.#cell({ board: "output", index }, value, added, {
        place: `row ${row}, column ${column}`,
        share: scale(value),
      });
    });
    const size = times(plane.geometry.outputSize);
    return {
      name: "output",
      caption: `channel ${channel}`,
      label: `Output channel ${channel}, ${size} pixels`,
      rows: cells,
      dimmed: channel !== this.state.explained[0],
      frame: within(lit.outputFrame(channel), rows.first, columns.first),
      stop: this.#stop(cells),
    };
  }

  /**
   * @param {Address} address
   * @param {number} value
   * @param {string} classes
   * @param {{ place: string, share: number }} rest
   * @returns {Cell}
   */
  #cell(address, value, classes, { place, share }) {
    const { board, index } = address;
    const counts = board === this.counted ? this.counts : null;
    const count = counts ? counts[0][index[1]] * counts[1][index[2]] : 0;
    const often = counts ? `, ${this.#often(count)}` : "";
    return {
      address,
      text: brief(value),
      label: `${place}: ${brief(value)}${often}`,
      classes: `${board} ${counts && !count ? "unread " : ""}${classes}`,
      count: counts ? String(count) : "",
      share: counts ? count / (this.most || 1) : share,
    };
  }

  /** @param {number} count */
  #often(count) {
    return this.counted === "input"
      ? `read by ${counted(count, "window")}`
      : `sum of ${counted(count, "product")}`;
  }

  /**
   * A cell of the padding, or beyond it where the kernel overhangs.
   *
   * @param {number} channel
   * @param {number[]} position
   * @returns {Cell}
   */
  #outside(channel, position) {
    const { axes } = this.plane;
    const beyond = axes.some((axis, number) => position[number] >= axis.inputRange[1]);
    const read = this.lit.input(channel, position);
    if (beyond) return blank(`beyond ${read}`);
    const value = this.plane.read(channel, position);
    return { ...blank(`pad ${read}`), text: value === null ? "" : brief(value) };
  }

  /**
   * A cell that a transposed layer computes and removes.
   *
   * @param {number} channel
   * @param {number[]} position
   * @returns {Cell}
   */
  #cropped(channel, position) {
    const value = this.plane.cropped([channel, ...position]);
    const text = value === null ? "" : brief(value);
    return { ...blank(`cropped ${this.lit.output(channel, position)}`), text };
  }

  /**
   * How bright the numbers of a board are.
   *
   * @param {"input" | "output"} board
   * @returns {(value: number) => number}
   */
  #scale(board) {
    if (!this.grey || !this.plane.values) return () => 0;
    const { input, output } = this.plane.values;
    const data = board === "input" ? input.data : this.plane.small ? output.data : [0];
    const [least, most] = data.reduce(
      ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
      [Infinity, -Infinity],
    );
    return (value) => (most > least ? Math.min(1, (value - least) / (most - least)) : 0.5);
  }

  /** @param {Cell[][]} cells */
  #stop(cells) {
    const { marked, selected } = this.state;
    const chosen = [key(marked), key({ board: "output", index: selected })];
    const all = cells.flat().flatMap(({ address }) => (address ? [key(address)] : []));
    return all.find((cell) => chosen.includes(cell)) ?? all[0] ?? "";
  }
}

/**
 * @param {State} state
 * @returns {Scene["titles"]}
 */
function titles({ plane: { layer, geometry }, explained: [output] }) {
  const single = layer.in_channels === 1 && layer.out_channels === 1;
  const indices = layer.transposed ? `[:, ${layer.weightTable(output, 0)[1]}]` : `[${output}]`;
  const valid = geometry.outputSize.every((size) => size > 0);
  return {
    input: `input, ${times(geometry.size)}`,
    weight: `${single ? "kernel" : `weight${indices}`}, ${times(layer.kernel_size)}`,
    output: valid ? `output, ${times(geometry.outputSize)}` : "output",
  };
}

/**
 * Rows or columns of a board that are drawn, as [first, end).
 *
 * @typedef {{ first: number, end: number, all: number[] }} Section
 */

/** @param {State} state */
function inputSections({ plane, marked, selected }) {
  const { axes, geometry, layer } = plane;
  return axes.map((axis, number) => {
    const [first, end] = axis.inputRange;
    const window = geometry.error || layer.transposed ? [] : axis.sources(selected[number + 1]);
    const places = window.map(({ input }) => input);
    const focus = marked?.board === "input" ? [marked.index[number + 1]] : places;
    return section(first, end + axis.overhang, focus);
  });
}

/** @param {State} state */
function outputSections({ plane, selected }) {
  return plane.axes.map((axis, number) => {
    const [first, end] = axis.outputRange;
    return section(first, end, [selected[number + 1]]);
  });
}

/**
 * The part of a board that is drawn: all of it, or as much as is drawn at most, by pages.
 *
 * @param {number} first
 * @param {number} end
 * @param {number[]} focus places that should be in it
 * @returns {Section}
 */
function section(first, end, focus) {
  const all = [first, end];
  if (end - first <= MOST_CELLS) return { first, end, all };
  const lowest = Math.max(first, Math.min(end - 1, ...focus));
  const page = first + PAGE * Math.floor((focus.length ? lowest - first : 0) / PAGE);
  const start = Math.min(page, end - MOST_CELLS);
  return { first: start, end: start + MOST_CELLS, all };
}

/** @param {State} state */
function drawnInputs({ plane, selected }) {
  const { in_channels } = plane.layer;
  const [first] = plane.layer.inputChannels(selected[0]);
  const start = Math.max(0, Math.min(first, in_channels - MOST_CHANNELS));
  return range(Math.min(in_channels, MOST_CHANNELS), (channel) => start + channel);
}

/** @param {State} state */
function drawnOutputs({ plane, selected: [channel] }) {
  const { out_channels } = plane.layer;
  const start = channel - (channel % MOST_CHANNELS);
  return range(Math.min(MOST_CHANNELS, out_channels - start), (offset) => start + offset);
}

/**
 * @param {Plane} plane
 * @param {number[]} inputs
 * @param {number[]} outputs
 * @param {{ input: Section[], output: Section[] }} sections
 */
function omitted(plane, inputs, outputs, sections) {
  const { in_channels, out_channels } = plane.layer;
  const channels = [
    ["input", inputs, in_channels],
    ["output", outputs, out_channels],
  ].map(([name, drawn, count]) => {
    const all = /** @type {number[]} */ (drawn);
    return all.length < Number(count) ? `${listed(`${name} channel`, all)} of ${count}` : "";
  });
  const sides = ["input", "output"].flatMap((name) =>
    sections[/** @type {"input"} */ (name)].map(({ first, end, all }, axis) => {
      if (end - first === all[1] - all[0]) return "";
      const noun = `${name} ${["row", "column"][axis]}`;
      return `${noun}s ${first} to ${end - 1} of ${all[1] - all[0]}`;
    }),
  );
  const drawn = [...channels, ...sides].filter(Boolean);
  return drawn.length ? [`Drawn are ${drawn.join("; ")}. All of them are computed.`] : [];
}

/**
 * @param {Section[]} sections
 * @param {(row: number, column: number) => Cell} cell
 */
function grid([rows, columns], cell) {
  return range(rows.end - rows.first, (down) =>
    range(columns.end - columns.first, (right) => cell(rows.first + down, columns.first + right)),
  );
}

/**
 * @param {Frame | null} frame
 * @param {number} row
 * @param {number} column
 */
function within(frame, row, column) {
  return frame && { ...frame, row: frame.row - row, column: frame.column - column };
}

/**
 * @param {Plane} plane
 * @param {number[]} position
 */
function isAdded({ axes }, position) {
  return axes.some((axis, number) => {
    return axis instanceof TransposedAxis && axis.isAdded(position[number]);
  });
}

/**
 * @param {string} classes
 * @returns {Cell}
 */
function blank(classes) {
  return { address: null, text: "", label: "", classes, count: "", share: 0 };
}
