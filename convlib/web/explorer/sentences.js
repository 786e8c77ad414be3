/** What is selected or marked, in one sentence, as it is shown and announced. */

import { format, operand } from "../model/numbers.js";
import { counted, listed } from "./format.js";
import { steps } from "./steps.js";

/** @typedef {import("./plane.js").Plane} Plane */
/** @typedef {import("./state.js").State} State */

const MOST_PRODUCTS = 9; // that are read out; of more, only their sum

/**
 * @param {State} state
 * @param {import("./address.js").Address | null} cell of the input or the weight, or the bias;
 *   null: the selected output
 */
export function sentence(state, cell) {
  if (!state.plane.values) return "";
  switch (cell?.board) {
    case "input":
      return ofInput(state, cell.index);
    case "weight":
      return ofWeight(state, cell.index);
    case "bias": {
      const value = format(state.plane.value(cell) ?? 0);
      return `The bias ${value} is added to every output of channel ${cell.index[0]}.`;
    }
    default:
      return ofOutput(state);
  }
}

/**
 * What is explained, in a few words.
 *
 * @param {State} state
 */
export function heading({ plane, explained }) {
  const value = plane.value({ board: "output", index: explained });
  if (value === null) return plane.geometry.error ? "No window fits, so there is no output." : "";
  return `Output ${position(plane, explained, plane.layer.out_channels)} = ${format(value)}`;
}

/**
 * Which step this is: "window 5 of 9".
 *
 * @param {State} state
 */
export function progress(state) {
  const { count, place, noun } = steps(state);
  return place < 0 || !count ? "" : `${noun} ${place + 1} of ${count}`;
}

/** @param {State} state */
function ofOutput({ plane, selected }) {
  const sum = plane.products(selected);
  if (!sum) return "";
  const place = `Output ${position(plane, selected, plane.layer.out_channels)}`;
  const [first, ...others] = sum.channels;
  const bias = sum.bias === null ? "" : ` + ${operand(sum.bias)}`;
  if (!others.length && first.terms.length <= MOST_PRODUCTS) {
    const left = first.text.replace(/ = \S+$/, "");
    const products = first.terms.length ? left : "0";
    return `${place}: ${products}${bias} = ${format(sum.total)}.`;
  }
  const parts = sum.channels.slice(0, MOST_PRODUCTS).map((channel) => operand(channel.sum));
  const more = sum.channels.length > MOST_PRODUCTS ? " + ..." : "";
  const channels = listed(
    "input channel",
    sum.channels.map(({ channel }) => channel),
  );
  const names = `the sum${others.length ? "s" : ""} of ${channels}${bias && " and the bias"}`;
  return `${place}: ${parts.join(" + ")}${more}${bias} = ${format(sum.total)}, ${names}.`;
}

/**
 * @param {State} state
 * @param {number[]} index
 */
function ofInput({ plane }, index) {
  const { layer } = plane;
  const links = plane.linksOfInput(index.slice(1));
  const [rows, columns] = links.map((axis) => {
    return [...new Set(axis.map(({ output }) => output))].sort((a, b) => a - b);
  });
  const value = format(plane.value({ board: "input", index }) ?? 0);
  const pixel = `Input ${value} at ${position(plane, index, layer.in_channels)}`;
  const count = rows.length * columns.length;
  if (!count) return `${pixel} is read by no window.`;
  const where = places(plane, rows, columns);
  if (!layer.transposed) return `${pixel} is read by ${counted(count, "window")}: ${where}.`;
  const kept = rows.filter((row) => plane.axes[0].hasOutput(row)).length;
  const inside = kept * columns.filter((column) => plane.axes[1].hasOutput(column)).length;
  const cropped = count === inside ? "" : `; ${count - inside} of them are cropped`;
  return `${pixel} is added to ${counted(count, "output")}: ${where}${cropped}.`;
}

/**
 * @param {State} state
 * @param {number[]} index
 */
function ofWeight({ plane, selected }, index) {
  const value = format(plane.value({ board: "weight", index }) ?? 0);
  const [row, column] = index.slice(2);
  const place =
    plane.layer.dimensions === 2 ? `row ${row}, column ${column}` : `position ${column}`;
  const links = plane.linksOfTap([row, column]);
  const count = links[0].length * links[1].length;
  const many = plane.layer.transposed
    ? counted(count, "input pixel")
    : `one pixel in each of ${counted(count, "window")}`;
  const table = index.slice(0, 2).join();
  const sum = plane.products(selected);
  const channel = sum?.channels.find((entry) => entry.table.join() === table);
  const tap = plane.drop([0, row, column], "input").slice(1).join();
  const term = channel?.terms.find((entry) => entry.tap.join() === tap);
  const product =
    term && `${operand(term.weight)}*${operand(term.value)} = ${format(term.product)}`;
  const here = product ? `, here ${product}` : "";
  return `Weight ${value} at ${place} multiplies ${many}${here}.`;
}

/**
 * @param {Plane} plane
 * @param {number[]} index [channel, row, column]
 * @param {number} channels of the board
 */
function position({ layer }, [channel, row, column], channels) {
  const which = channels > 1 ? `channel ${channel}, ` : "";
  return layer.dimensions === 2
    ? `${which}row ${row}, column ${column}`
    : `${which}position ${column}`;
}

/**
 * @param {Plane} plane
 * @param {number[]} rows
 * @param {number[]} columns
 */
function places({ layer }, rows, columns) {
  const across = listed(layer.dimensions === 2 ? "column" : "position", columns);
  return layer.dimensions === 2 ? `${listed("row", rows)}, ${across}` : across;
}
