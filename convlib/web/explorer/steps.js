/** Step by step: from window to window, or, transposed, from pixel to pixel of the input. */

/** @typedef {import("./address.js").Address} Address */
/** @typedef {import("./state.js").State} State */

/**
 * @param {State} state
 * @returns {{ count: number, place: number, noun: string, at: (place: number) => Address }} place
 *   is -1 where no step is selected
 */
export function steps(state) {
  const { plane, selected, marked } = state;
  const { transposed } = plane.layer;
  const [, rows, columns] = transposed ? plane.inputShape : plane.outputShape;
  const board = transposed ? "input" : "output";
  const pixel = marked?.board === "input" ? marked.index : null;
  const index = transposed ? pixel : selected;
  const channel = index?.[0] ?? plane.layer.inputChannels(selected[0])[0];
  return {
    count: rows * columns,
    place: index ? index[1] * columns + index[2] : -1,
    noun: transposed ? "pixel" : "window",
    at: (place) => ({ board, index: [channel, Math.floor(place / columns), place % columns] }),
  };
}
