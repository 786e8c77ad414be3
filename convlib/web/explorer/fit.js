/** The largest cells with which all boards fit into a stage of fixed size. Pure arithmetic. */

/**
 * Boards of one kind, all of one size: `count` of them, `rows` x `columns` cells each, and what
 * stands under them (in pixels).
 * @typedef {{ count: number, rows: number, columns: number, below: number }} Group
 *
 * `cell` in pixels, and `columns` of boards side by side in each group; `stacked` where the
 * output has a line of its own.
 * @typedef {{ cell: number, columns: number, stacked: boolean }} Fit
 */

const LARGEST_CELL = 3; // rem
const CAPTION = 1.5; // rem above a board
const GAP = 0.75; // rem between boards of a group
const OPERATOR = 2.25; // rem for the sign between two groups

/**
 * @param {{ input: Group, weight: Group, output: Group }} groups
 * @param {{ width: number, height: number, rem: number }} stage in pixels
 * @returns {Fit}
 */
export function fit({ input, weight, output }, { width, height, rem }) {
  const lines = [
    { stacked: false, lines: [[input, weight, output]] },
    { stacked: true, lines: [[input, weight], [output]] },
  ];
  const most = Math.max(input.count, output.count);
  let best = { cell: 0, columns: 1, stacked: false };
  for (const arrangement of lines) {
    for (const columns of [1, 2, 4].filter((count) => count === 1 || count <= most)) {
      const cell = largestCell(arrangement.lines, columns, width, height, rem);
      // A little larger is no reason to lay everything out anew.
      if (cell > best.cell * 1.05) best = { cell, columns, stacked: arrangement.stacked };
    }
  }
  return { ...best, cell: Math.floor(Math.min(best.cell, LARGEST_CELL * rem) * 4) / 4 };
}

/**
 * @param {Group[][]} lines
 * @param {number} columns
 * @param {number} width
 * @param {number} height
 * @param {number} rem
 */
function largestCell(lines, columns, width, height, rem) {
  const across = lines.map((line) => {
    const side = line.map((group) => Math.min(columns, group.count));
    const cells = sum(line.map((group, k) => group.columns * side[k]));
    const gaps = sum(side.map((count) => (count - 1) * GAP)) + (line.length - 1) * OPERATOR;
    return (width - gaps * rem) / cells;
  });
  const heights = lines.map((line) =>
    line.map((group) => {
      const down = Math.ceil(group.count / columns);
      const fixed = (down * (CAPTION + GAP) - GAP) * rem + group.below;
      return { cells: down * group.rows, fixed };
    }),
  );
  const gaps = (lines.length - 1) * GAP * rem;
  // Over the lines, every choice of one group of each must fit in height.
  const choices = heights.reduce(
    (paths, line) => paths.flatMap((path) => line.map((group) => [...path, group])),
    /** @type {{ cells: number, fixed: number }[][]} */ ([[]]),
  );
  const down = choices.map(
    (path) => (height - gaps - sum(path.map(({ fixed }) => fixed))) / sum(path.map((g) => g.cells)),
  );
  return Math.min(...across, ...down);
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
