/**
 * A cell: its board, and its index in that array with a row also in one dimension:
 * [channel, row, column], of a weight [first, second, row, column], of the bias [channel].
 *
 * @typedef {{ board: "input" | "weight" | "bias" | "output", index: number[] }} Address
 */

/**
 * The address as text, "input:0,2,1", as it stands in the data-key of the drawn cell.
 *
 * @param {Address | null} address
 */
export function key(address) {
  return address ? `${address.board}:${address.index}` : "";
}

/**
 * The address that a text means.
 *
 * @param {string} text
 * @returns {Address}
 */
export function addressOf(text) {
  const [board, index] = text.split(":");
  return { board: /** @type {Address["board"]} */ (board), index: index.split(",").map(Number) };
}
