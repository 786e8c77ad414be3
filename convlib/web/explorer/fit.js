/** The largest cells with which all boards fit into a stage of fixed size. Pure arithmetic. */

/**
 * Boards of one kind, all of one size.
 *
 * @typedef {object} Group
 * @property {number} count of the boards
 * @property {number} rows
 * @property {number} columns
 * @property {number} below rem: height of what stands under the boards, in a line of groups
 * @property {number} beside rem: its width beside the boards, where they have a line of their own
 * @property {number} least rem: width of the group at least
 */

/**
 * How the groups are arranged: beside one another, the output on a line of its own, or each.
 *
 * @typedef {"row" | "stacked" | "column"} Arrangement
 */

/**
 * `cell` in pixels, and `columns` of boards side by side in each group.
 *
 * @typedef {{ cell: number, columns: number, arrangement: Arrangement }} Fit
 */

/** @typedef {{ width: number, height: number, rem: number }} Stage in pixels */

// Lengths in rem; the style sheet has the same.
const LARGEST_CELL = 4;
const TITLE = 1.6; // above a group
const TITLE_WIDTH = 5.75;
const CAPTION_WIDTH = 3.6;
const CAPTION = 1.2; // above each board of several
const GAP = 0.6; // between boards
const OPERATOR = 2.25; // the sign between two groups

/**
 * @param {{ input: Group, weight: Group, output: Group }} groups
 * @param {Stage} stage
 * @returns {Fit}
 */
export function fit({ input, weight, output }, stage) {
  const under = (/** @type {Group} */ group) => ({ ...group, beside: 0 });
  const beside = (/** @type {Group} */ group) => ({ ...group, below: 0, least: 0 });
  /** @type {{ arrangement: Arrangement, lines: Group[][] }[]} */
  const arrangements = [
    { arrangement: "row", lines: [[under(input), under(weight), under(output)]] },
    { arrangement: "stacked", lines: [[under(input), under(weight)], [beside(output)]] },
    { arrangement: "column", lines: [[input], [beside(weight)], [beside(output)]] },
  ];
  const most = Math.max(input.count, output.count);
  /** @type {Fit} */
  let best = { cell: 0, columns: 1, arrangement: "row" };
  for (const { arrangement, lines } of arrangements) {
    for (const columns of [1, 2, 4].filter((count) => count === 1 || count <= most)) {
      const across = lines.map((line) => cellAcross(line, columns, stage));
      const cell = Math.min(...across, cellDown(lines, columns, stage));
      // A little larger is no reason to lay everything out anew.
      if (cell > best.cell * 1.05) best = { cell, columns, arrangement };
    }
  }
  const cell = Math.min(best.cell, LARGEST_CELL * stage.rem);
  return { ...best, cell: Math.max(1, Math.floor(cell * 4) / 4) };
}

/**
 * The largest cell with which the groups of a line fit beside one another. A group of few cells
 * is as wide as its title or its captions.
 *
 * @param {Group[]} line
 * @param {number} columns
 * @param {Stage} stage
 */
function cellAcross(line, columns, { width, rem }) {
  const groups = line.map((group) => {
    const boards = Math.min(columns, group.count);
    const gaps = (boards - 1) * GAP;
    const captions = boards > 1 ? boards * CAPTION_WIDTH + gaps : 0;
    const least = Math.max(TITLE_WIDTH, captions, group.least) + group.beside;
    return { cells: group.columns * boards, fixed: gaps + group.beside, least };
  });
  const room = width / rem - (line.length - 1) * OPERATOR;
  /** @type {typeof groups} */
  let narrow = [];
  let cell = 0;
  for (let tries = 0; tries <= groups.length; tries++) {
    const others = groups.filter((group) => !narrow.includes(group));
    const taken = [...narrow.map(({ least }) => least), ...others.map(({ fixed }) => fixed)];
    const left = room - sum(taken);
    cell = left / Math.max(1, sum(others.map(({ cells }) => cells)));
    const size = cell;
    narrow = groups.filter(({ cells, fixed, least }) => cells * size + fixed < least);
  }
  return cell * rem;
}

/**
 * The largest cell with which the highest group of each line fits above that of the next.
 *
 * @param {Group[][]} lines
 * @param {number} columns
 * @param {Stage} stage
 */
function cellDown(lines, columns, { height, rem }) {
  const gaps = (lines.length - 1) * GAP;
  const heights = lines.map((line) =>
    line.map(({ count, rows, below }) => {
      const down = Math.ceil(count / columns);
      const captions = count > 1 ? down * CAPTION : 0;
      return { cells: down * rows, fixed: TITLE + captions + (down - 1) * GAP + below };
    }),
  );
  const choices = heights.reduce(
    (paths, line) => paths.flatMap((path) => line.map((group) => [...path, group])),
    /** @type {{ cells: number, fixed: number }[][]} */ ([[]]),
  );
  const cells = choices.map((path) => {
    const fixed = gaps + sum(path.map((group) => group.fixed));
    return (height - fixed * rem) / sum(path.map((group) => group.cells));
  });
  return Math.min(...cells);
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
