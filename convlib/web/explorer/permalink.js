/** The settings in the page's address, so that a case can be sent to somebody. */

import { PRESETS } from "../model/presets.js";
import { InvalidArgument } from "../model/errors.js";
import { Source } from "./sources.js";

/** @typedef {import("./sources.js").Board} Board */
/** @typedef {import("./state.js").State} State */

/** @type {Board[]} */
const BOARDS = ["input", "weight", "bias"];
const LONGEST = 4000; // characters of an array in an address

/**
 * The query of an address, with the settings and what else stands in it.
 *
 * @param {State} state
 * @param {Record<Board, Source>} initial numbers of the page itself, which need no mention
 * @param {string} search the query until now
 */
export function withSettings(state, initial, search) {
  const query = new URLSearchParams(search);
  query.set("call", state.text);
  query.set("size", sizeText(state));
  query.set("selected", state.selected.join());
  for (const board of BOARDS) {
    const source = state.sources[board];
    query.delete(board);
    // A picture is the reader's own and stays in the page.
    if (source === initial[board] || source.picture) continue;
    const array = source.untouched ? null : state.plane.numbers?.[board]?.nested();
    const text = array ? JSON.stringify(array) : source.name;
    if (text.length <= LONGEST) query.set(board, text);
  }
  return `?${query}`.replaceAll("%2C", ",").replaceAll("%28", "(").replaceAll("%29", ")");
}

/**
 * Take the settings of an address; what cannot be read is left out.
 *
 * @param {State} state
 * @param {string} search
 */
export function restore(state, search) {
  const query = new URLSearchParams(search);
  state.setText(query.get("call") ?? state.text);
  const size = parseSize(query.get("size"));
  if (size) state.setSizes(size);
  for (const board of BOARDS) {
    const text = query.get(board);
    if (text !== null) restoreNumbers(state, board, text);
  }
  const selected = parseSelected(query.get("selected"));
  if (selected) state.selectOutput(selected);
}

/**
 * @param {State} state
 * @param {Board} board
 * @param {string} text a preset's name, or an array
 */
function restoreNumbers(state, board, text) {
  const name = PRESETS.find((known) => known === text);
  if (name) return state.setSource(new Source(board, name));
  try {
    return state.setArray(board, JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof InvalidArgument) return undefined;
    throw error;
  }
}

/**
 * Height and width of "5" or "5,7"; null where the text is something else.
 *
 * @param {string | null} text
 */
export function parseSize(text) {
  const sizes = text?.split(",").map(Number) ?? [];
  if (![1, 2].includes(sizes.length) || sizes.some((size) => !Number.isInteger(size))) return null;
  return [sizes[0], sizes[1] ?? sizes[0]];
}

/**
 * Channel, row and column of "0,1,1", or channel and position of "0,1".
 *
 * @param {string | null} text
 */
export function parseSelected(text) {
  const index = text?.split(",").map(Number) ?? [];
  if (![2, 3].includes(index.length) || index.some((place) => !Number.isInteger(place)))
    return null;
  return index;
}

/** @param {State} state */
function sizeText({ size }) {
  return [size].flat().join();
}
