/**
 * Geometry of volumes in isometric projection: their cells as polygons, and the labels.
 *
 * matplotlib draws the same polygons: convlib/diagrams/solids.py has the same functions in the
 * same order, and a test compares what they return.
 *
 * The unit is the side of a cell. x points right and y down. Of each volume, columns lead right
 * and down, rows down, and channels right and up, so that its front, top and right side are seen.
 */

/** @typedef {[number, number]} Point */
/** @typedef {[column: number, row: number, depth: number]} Space */
/** @typedef {[left: number, top: number, right: number, bottom: number]} Bounds */
/** @typedef {"input" | "kernel" | "output"} Part */
/** @typedef {"front" | "top" | "right"} Side */
/** @typedef {"chosen" | "plain" | "other" | "ghost"} Tone plain: of the same group */

/**
 * One convolution: shapes, and the output numbers whose window is marked.
 *
 * @typedef {object} Stage
 * @property {number} in_channels
 * @property {number} out_channels
 * @property {number} groups
 * @property {[number, number]} kernel_size
 * @property {number[]} weight_shape that the label names; a transposed layer has another order
 * @property {[number, number]} size
 * @property {[number, number]} output_size
 * @property {[number[], number[]]} window rows and columns of the input that it reads
 * @property {[number, number]} position row and column of the output numbers
 * @property {number[]} chosen their channels, without a gap
 * @property {[string, string, string]} names of input, weight and output
 */

/**
 * A polygon: one side of a cell, or of what is transparent.
 *
 * @typedef {{ points: Point[], part: Part, side: Side, tone: Tone }} Face
 */

/**
 * Text, centred at a point.
 *
 * @typedef {{ x: number, y: number, text: string }} Label
 */

/**
 * What is drawn, in order, and within which bounds.
 *
 * @typedef {{ faces: Face[], labels: Label[], bounds: Bounds }} Scene
 */

/**
 * Input or output of a stage: its shape, and what is marked and drawn of it.
 *
 * @typedef {object} Volume
 * @property {Part} part
 * @property {string} name
 * @property {number[]} shape channels, rows, columns
 * @property {number} perGroup channels
 * @property {number[]} groups that are marked
 * @property {number[][]} marked channels, rows, columns
 * @property {number[][]} drawn
 */

/**
 * Channels that are drawn without a gap: all of one tone, but for what is marked.
 *
 * @typedef {{ part: Part, depth: number, drawn: number[][], tone: Tone }} Box
 */

/**
 * What is moved to its place as a whole: faces, their bounds, and two labels below.
 *
 * @typedef {{ faces: Face[], bounds: Bounds, texts: string[] }} Group
 */

const MOST_SIDE = 8; // rows, columns and channels that are drawn
const MOST_KERNELS = 6;
const GAP = 0.8; // between groups of channels, and between kernels
const SPACE = 1.6; // between input, kernels and output
const LINE = 1.4; // from one label to the next
const LETTER = 0.62; // mean width of a letter of a label
const [COS, SIN] = [Math.sqrt(3) / 2, 0.5];
const NOUNS = ["channels", "rows", "columns"];

/**
 * Draw stages one below another.
 *
 * @param {Stage[]} stages
 * @returns {Scene}
 */
export function scene(stages) {
  const faces = [];
  const labels = [];
  let [right, bottom] = [0, 0];
  for (const [number, stage] of stages.entries()) {
    const drawn = stageScene(stage, bottom + (number ? SPACE : 0));
    faces.push(...drawn.faces);
    labels.push(...drawn.labels);
    right = Math.max(right, drawn.bounds[2]);
    bottom = drawn.bounds[3];
  }
  return { faces, labels, bounds: [0, 0, right, bottom] };
}

/**
 * Name what is drawn of a stage, where that is not everything.
 *
 * @param {Stage} stage
 * @returns {string[]}
 */
export function omitted(stage) {
  /** @type {[string, number[], number][]} */
  const counts = [inputOf(stage), outputOf(stage)].flatMap(({ name, drawn, shape }) =>
    NOUNS.map((noun, axis) => [`${name} ${noun}`, drawn[axis], shape[axis]]),
  );
  counts.push(["kernels", drawnKernels(stage), stage.out_channels]);
  const weights = drawnWeights(stage);
  for (const [axis, count] of kernelShape(stage).entries()) {
    counts.push([`kernel ${NOUNS[axis]}`, weights[axis], count]);
  }
  return counts
    .filter(([, drawn, count]) => drawn.length < count)
    .map(([noun, drawn, count]) => `${noun} ${drawn[0]} to ${drawn.at(-1)} of ${count}`);
}

/**
 * Draw input, kernels and output of one stage side by side.
 *
 * @param {Stage} stage
 * @param {number} top
 * @returns {Scene}
 */
function stageScene(stage, top) {
  const groups = [volumeGroup(inputOf(stage)), kernelsGroup(stage), volumeGroup(outputOf(stage))];
  const height = Math.max(...groups.map(heightOf));
  const faces = [];
  const labels = [];
  let left = 0;
  for (const [number, group] of groups.entries()) {
    if (number) {
      labels.push({ x: left + SPACE / 2, y: top + height / 2, text: "*="[number - 1] });
      left += SPACE;
    }
    const [x0, y0, x1, y1] = group.bounds;
    const width = Math.max(x1 - x0, LETTER * Math.max(...group.texts.map((text) => text.length)));
    const middle = left + width / 2;
    faces.push(...moved(group.faces, middle - (x0 + x1) / 2, top + (height - y0 - y1) / 2));
    for (const [line, text] of group.texts.entries()) {
      labels.push({ x: middle, y: top + height + LINE * (line + 1), text });
    }
    left += width;
  }
  return { faces, labels, bounds: [0, top, left, top + height + 2.5 * LINE] };
}

/**
 * Describe the input, of which the channels of the chosen groups are read in the window.
 *
 * @param {Stage} stage
 * @returns {Volume}
 */
function inputOf(stage) {
  const perGroup = stage.in_channels / stage.groups;
  const groups = chosenGroups(stage);
  const channels = range(groups[0] * perGroup, (last(groups) + 1) * perGroup);
  const shape = [stage.in_channels, ...stage.size];
  const marked = [channels, ...stage.window];
  const drawn = drawnOf(marked, shape);
  return { part: "input", name: stage.names[0], shape, perGroup, groups, marked, drawn };
}

/**
 * Describe the output, of which one position of the chosen channels is computed.
 *
 * @param {Stage} stage
 * @returns {Volume}
 */
function outputOf(stage) {
  const [row, column] = stage.position;
  const shape = [stage.out_channels, ...stage.output_size];
  const marked = [stage.chosen, [row], [column]];
  const perGroup = stage.out_channels / stage.groups;
  const groups = chosenGroups(stage);
  const drawn = drawnOf(marked, shape);
  return { part: "output", name: stage.names[2], shape, perGroup, groups, marked, drawn };
}

/** @param {Stage} stage */
function chosenGroups({ out_channels, groups, chosen }) {
  const perGroup = out_channels / groups;
  return range(Math.floor(chosen[0] / perGroup), Math.floor(last(chosen) / perGroup) + 1);
}

/**
 * The channels, rows and columns that are drawn, around those that are marked.
 *
 * @param {number[][]} marked
 * @param {number[]} shape
 */
function drawnOf(marked, shape) {
  return marked.map((places, axis) => {
    const count = shape[axis];
    const inside = places.filter((place) => place >= 0 && place < count);
    return inside.length ? around(inside[0], last(inside) + 1, count, MOST_SIDE) : first(count);
  });
}

/**
 * At most `most` places below `count`, with those from `start` to `stop`.
 *
 * @param {number} start
 * @param {number} stop
 * @param {number} count
 * @param {number} most
 */
function around(start, stop, count, most) {
  const length = Math.min(most, count);
  const spare = Math.max(0, length - (stop - start));
  const begin = Math.min(Math.max(0, start - Math.floor(spare / 2)), count - length);
  return range(begin, begin + length);
}

/** @param {number} count */
function first(count) {
  return range(0, Math.min(count, MOST_SIDE));
}

/**
 * Draw a volume, split between groups and in front of what is marked.
 *
 * @param {Volume} volume
 * @returns {Group}
 */
function volumeGroup({ part, name, shape, perGroup, groups, marked, drawn }) {
  const [channels, rows, columns] = drawn;
  const begin = marked[0][0];
  const boxes = runs(channels, perGroup, begin).map(([depth, run]) => {
    const inGroup = groups.includes(Math.floor(run[0] / perGroup));
    const tone = /** @type {Tone} */ (run[0] < begin ? "ghost" : inGroup ? "plain" : "other");
    return { part, depth, drawn: [run, rows, columns], tone };
  });
  const faces = [...boxes].reverse().flatMap((box) => facesOf(box, marked));
  return { faces, bounds: boundsOf(last(boxes)), texts: [name, times(shape)] };
}

/**
 * Split channels between groups, with a gap, and before `cut`: depth and channels.
 *
 * @param {number[]} channels
 * @param {number} perGroup
 * @param {number} cut
 * @returns {[number, number[]][]}
 */
function runs(channels, perGroup, cut) {
  const found = /** @type {[number, number[]][]} */ ([]);
  let start = channels[0];
  for (let end = start + 1; end <= last(channels) + 1; end++) {
    if (end > last(channels) || end % perGroup === 0 || end === cut) {
      const gaps = Math.floor(start / perGroup) - Math.floor(channels[0] / perGroup);
      found.push([start - channels[0] + GAP * gaps, range(start, end)]);
      start = end;
    }
  }
  return found;
}

/**
 * Draw kernels in two lines.
 *
 * @param {Stage} stage
 * @returns {Group}
 */
function kernelsGroup(stage) {
  const kernels = drawnKernels(stage);
  const [perGroup, groups] = [stage.out_channels / stage.groups, chosenGroups(stage)];
  /** @type {Box} */
  const box = { part: "kernel", depth: 0, drawn: drawnWeights(stage), tone: "plain" };
  const [left, top, right, bottom] = boundsOf(box);
  const pitch = [right - left + GAP, bottom - top + GAP];
  const across = Math.ceil(kernels.length / 2);
  const lines = Math.ceil(kernels.length / across);
  const faces = kernels.flatMap((kernel, number) => {
    const other = groups.includes(Math.floor(kernel / perGroup)) ? "plain" : "other";
    const tone = stage.chosen.includes(kernel) ? "chosen" : other;
    const [line, place] = [Math.floor(number / across), number % across];
    return moved(facesOf({ ...box, tone }), place * pitch[0], line * pitch[1]);
  });
  return {
    faces,
    bounds: [left, top, right + pitch[0] * (across - 1), bottom + pitch[1] * (lines - 1)],
    texts: [stage.names[1], times(stage.weight_shape)],
  };
}

/** @param {Stage} stage */
function drawnKernels({ chosen, out_channels }) {
  return around(chosen[0], chosen[0] + 1, out_channels, MOST_KERNELS);
}

/** @param {Stage} stage */
function drawnWeights(stage) {
  return kernelShape(stage).map(first);
}

/** @param {Stage} stage */
function kernelShape({ in_channels, groups, kernel_size }) {
  return [in_channels / groups, ...kernel_size];
}

/**
 * The faces of the front, the top and the right side, cell by cell.
 *
 * @param {Box} box
 * @param {number[][]} [marked]
 * @returns {Face[]}
 */
function facesOf({ part, depth: z0, drawn, tone }, marked = [[], [], []]) {
  const [channels, rows, columns] = drawn;
  const [depth, height, width] = drawn.map((places) => places.length);
  if (tone === "ghost") {
    return [
      { side: "front", points: parallelogram([0, 0, z0], [width, 0, 0], [0, height, 0]) },
      { side: "top", points: parallelogram([0, 0, z0], [width, 0, 0], [0, 0, depth]) },
      { side: "right", points: parallelogram([width, 0, z0], [0, 0, depth], [0, height, 0]) },
    ].map((face) => /** @type {Face} */ ({ ...face, part, tone }));
  }
  /** @type {Face[]} */
  const faces = [];
  const add = (
    /** @type {Side} */ side,
    /** @type {number[]} */ cell,
    /** @type {Point[]} */ points,
  ) => {
    const chosen = cell.every((place, axis) => marked[axis].includes(place));
    faces.push({ points, part, side, tone: chosen ? "chosen" : tone });
  };
  for (const [y, row] of rows.entries()) {
    for (const [x, column] of columns.entries()) {
      const points = parallelogram([x, y, z0], [1, 0, 0], [0, 1, 0]);
      add("front", [channels[0], row, column], points);
    }
  }
  for (const [z, channel] of channels.entries()) {
    for (const [x, column] of columns.entries()) {
      const points = parallelogram([x, 0, z0 + z], [1, 0, 0], [0, 0, 1]);
      add("top", [channel, rows[0], column], points);
    }
    for (const [y, row] of rows.entries()) {
      const points = parallelogram([width, y, z0 + z], [0, 0, 1], [0, 1, 0]);
      add("right", [channel, row, last(columns)], points);
    }
  }
  return faces;
}

/**
 * Project a corner and the two edges that begin in it.
 *
 * @param {Space} corner
 * @param {Space} along
 * @param {Space} down
 * @returns {Point[]}
 */
function parallelogram(corner, along, down) {
  const ends = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  return ends.map(([one, other]) => {
    const place = corner.map((c, axis) => c + one * along[axis] + other * down[axis]);
    return project(/** @type {Space} */ (place));
  });
}

/**
 * @param {Space} place
 * @returns {Point}
 */
function project([column, row, depth]) {
  return [COS * (column + depth), row + SIN * (column - depth)];
}

/**
 * Bounds of boxes from depth 0 to the last one.
 *
 * @param {Box} box
 * @returns {Bounds}
 */
function boundsOf({ depth: z0, drawn }) {
  const [channels, rows, columns] = drawn.map((places) => places.length);
  const depth = z0 + channels;
  return [0, -SIN * depth, COS * (columns + depth), rows + SIN * columns];
}

/** @param {Group} group */
function heightOf({ bounds }) {
  return bounds[3] - bounds[1];
}

/**
 * @param {Face[]} faces
 * @param {number} right
 * @param {number} down
 * @returns {Face[]}
 */
function moved(faces, right, down) {
  return faces.map((face) => {
    return { ...face, points: face.points.map(([x, y]) => [x + right, y + down]) };
  });
}

/** @param {number[]} sizes */
function times(sizes) {
  return sizes.join(" x ");
}

/**
 * @param {number} start
 * @param {number} stop
 */
function range(start, stop) {
  return Array.from({ length: stop - start }, (_, index) => start + index);
}

/**
 * @template T
 * @param {T[]} entries
 * @returns {T}
 */
function last(entries) {
  return entries[entries.length - 1];
}
