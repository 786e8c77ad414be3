/* <conv-explorer>: where the windows lie. An image, its output, and who reads whom. */

const MOST_CELLS = 32; // along a side; what is larger is computed, not drawn
const MOVES = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Home: [0, -Infinity],
  End: [0, Infinity],
  Enter: [0, 0],
  " ": [0, 0],
};
const PACE = 700; // milliseconds from one window to the next

class ConvExplorer extends Explorer {
  static parameters = [
    { name: "size", preset: 7, slide: [1, 16], pair: true },
    { name: "kernel_size", preset: 3, slide: [1, 8], pair: true },
    { name: "stride", preset: 1, slide: [1, 6], pair: true },
    { name: "padding", preset: 0, slide: [0, 6], pair: true },
    { name: "dilation", preset: 1, slide: [1, 6], pair: true },
  ];

  chosen = { board: "output", row: 0, column: 0 };
  window = 0; // the output pixel that was chosen last, counted row by row
  #clock = null;

  disconnectedCallback() {
    this.pause();
  }

  compute() {
    this.pause();
    return axes({ ...this.settings, size: both(this.settings.size) });
  }

  /* Fields beside the numbers */

  extras() {
    const words = [[0, "number"], ...WORDS.map((word) => [word, `'${word}'`])];
    const options = words.map(([value, text]) => html("option", { value }, text));
    const change = () => (this.settings = { padding: parsed("padding", this.choice.value) });
    this.choice = html("select", { "aria-label": "padding, number or word", change }, ...options);
    this.tick = html("input", { type: "checkbox", change: () => this.split(this.tick.checked) });
    return [html("label", { class: "tick" }, this.tick, " height and width apart")];
  }

  split(apart) {
    this.apart = apart;
    const heights = Object.entries(this.settings).map(([name, value]) => [name, both(value)[0]]);
    this.settings = apart ? {} : Object.fromEntries(heights);
  }

  fields() {
    const form = super.fields();
    form.querySelector("fieldset[name=padding]").append(this.choice);
    return form;
  }

  fill(typed) {
    const values = Object.values(this.settings);
    this.apart ||= values.some(Array.isArray);
    this.tick.checked = this.apart;
    this.shadowRoot.querySelector(".fields").classList.toggle("apart", this.apart);
    this.choice.value = WORDS.includes(this.settings.padding) ? this.settings.padding : "0";
    super.fill(typed);
  }

  code() {
    const { size, ...layer } = this.settings;
    const presets = Object.fromEntries(
      ConvExplorer.parameters.map(({ name, preset }) => [name, preset]),
    );
    const said = Object.entries(layer).filter(
      ([name, value]) => name === "kernel_size" || value !== presets[name],
    );
    const keywords = said.map(([name, value]) => `${name}=${python(value)}`).join(", ");
    return [
      `nn.Conv2d(1, 1, ${keywords})`,
      `convlib.output_size(${python(both(size))}, ${keywords})`,
    ];
  }

  /* The drawing */

  result() {
    const [height, width] = this.layer;
    const size = html("strong", { class: "size" }, `${height.count} x ${width.count}`);
    return ["Output: ", size, " pixels"];
  }

  draw() {
    const [height, width] = this.layer;
    const parts = [formula(this.layer)];
    if ([height, width].some(({ padded, count }) => Math.max(padded, count) > MOST_CELLS)) {
      const words = `More than ${MOST_CELLS} pixels along a side are not drawn. The numbers hold.`;
      return [...parts, html("p", {}, words)];
    }
    const { board, row, column } = this.chosen;
    const [rows, columns] = this.counts(board);
    this.chosen = { board, row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
    this.boards = { input: this.inputBoard(), output: this.outputBoard() };
    this.lit = [];
    this.window = Math.min(this.window, height.count * width.count - 1);
    const boards = html(
      "div",
      { class: "boards" },
      this.boards.input.element,
      this.boards.output.element,
    );
    boards.style.setProperty("--wide", width.padded + width.count);
    boards.style.setProperty("--narrow", Math.max(width.padded, width.count));
    parts.push(boards, this.controls(), legend());
    this.mark();
    return parts;
  }

  /* The rows and columns of a board, without padding. */
  counts(board) {
    return this.layer.map((axis) => (board === "output" ? axis.count : axis.size));
  }

  inputBoard() {
    const [height, width] = this.layer;
    const [down, across] = [height.coverage(), width.coverage()];
    const most = Math.max(...down) * Math.max(...across);
    const pads = height.before + height.after + width.before + width.after;
    const name = `Input, ${height.size} x ${width.size}${pads ? ", padded" : ""}`;
    return this.board("input", name, height, width, (row, column) => {
      const readers = down[row] * across[column];
      const share = most ? Math.round((100 * readers) / most) : 0;
      return {
        text: readers,
        label: `row ${row}, column ${column}, read by ${counted(readers)}`,
        class: readers ? "pixel" : "pixel unread",
        style: `--share: ${share}%`,
      };
    });
  }

  outputBoard() {
    const [height, width] = this.layer;
    const name = `Output, ${height.count} x ${width.count}`;
    const [rows, columns] = [height, width].map(({ count }) => ({
      size: count,
      before: 0,
      after: 0,
    }));
    return this.board("output", name, rows, columns, (row, column) => ({
      text: "",
      label: `row ${row}, column ${column}`,
      class: "pixel",
    }));
  }

  /* A grid of cells, with those of the padding around it. */
  board(board, name, height, width, describe) {
    const cells = new Map();
    const rows = range(height.before + height.size + height.after, (y) => {
      const row = y - height.before;
      return html(
        "tr",
        {},
        ...range(width.before + width.size + width.after, (x) => {
          const column = x - width.before;
          const inside = row >= 0 && row < height.size && column >= 0 && column < width.size;
          const cell = inside
            ? pixel(describe(row, column))
            : html("td", { class: "pad", "aria-hidden": "true" });
          const choose = () => this.choose({ board, row, column });
          if (inside) cell.addEventListener("click", choose);
          cells.set(`${row},${column}`, cell);
          return cell;
        }),
      );
    });
    const grid = html(
      "table",
      { role: "grid", "aria-label": name, keydown: (event) => this.move(board, event) },
      html("tbody", {}, ...rows),
    );
    cells.get("0,0").tabIndex = 0;
    return {
      cells,
      stop: { board, row: 0, column: 0 },
      element: html("figure", { class: board }, html("figcaption", {}, name), grid),
    };
  }

  controls() {
    const button = (words, click) => html("button", { type: "button", click }, words);
    this.back = button("Back", () => this.step(-1));
    this.playing = button("Play", () => (this.#clock ? this.pause() : this.play()));
    this.forth = button("Forward", () => this.step(1));
    this.progress = html("span", { class: "progress" });
    return html(
      "div",
      { class: "controls", role: "group", "aria-label": "The slide" },
      this.back,
      this.playing,
      this.forth,
      this.progress,
    );
  }

  /* Choosing */

  choose(chosen, focus = false) {
    this.chosen = chosen;
    this.pause();
    this.mark(true);
    if (focus) this.cell.focus();
  }

  /* Go on from the cell of a board that the tab key stopped at, or choose it. */
  move(board, event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in MOVES)) return;
    event.preventDefault();
    const [down, right] = MOVES[event.key];
    const { row, column } = this.boards[board].stop;
    const [rows, columns] = this.counts(board);
    const within = (place, count) => Math.min(Math.max(place, 0), count - 1);
    const place = { row: within(row + down, rows), column: within(column + right, columns) };
    this.choose({ board, ...place }, true);
  }

  /* Mark the chosen cell and who reads whom, and say it. */
  mark(aloud = false) {
    const { board, row, column } = this.chosen;
    const [height, width] = this.layer;
    const isOutput = board === "output";
    const rows = isOutput ? height.taps(row) : height.readers(row);
    const columns = isOutput ? width.taps(column) : width.readers(column);
    const cell = this.boards[board].cells.get(`${row},${column}`);
    const other = this.boards[isOutput ? "input" : "output"].cells;
    for (const lit of this.lit) lit.classList.remove("chosen", "linked");
    this.lit = rows.flatMap((y) => columns.map((x) => other.get(`${y},${x}`)));
    for (const linked of this.lit) linked.classList.add("linked");
    cell.classList.add("chosen");
    this.lit.push(cell);
    this.stopAt(cell);
    this.cell = cell;
    const words = isOutput ? reads : readBy;
    this.say(words(row, column, rows, columns, height, width), aloud);
    if (isOutput) this.window = row * width.count + column;
    const count = height.count * width.count;
    this.progress.textContent = isOutput ? `window ${this.window + 1} of ${count}` : "";
    // Not disabled: that would take the focus from who steps to the end.
    this.back.setAttribute("aria-disabled", this.window === 0);
    this.forth.setAttribute("aria-disabled", this.window === count - 1);
  }

  /* Let the tab key stop at one cell of each board, the one that was chosen there last. */
  stopAt(cell) {
    for (const { cells, stop } of Object.values(this.boards)) {
      const last = cells.get(`${stop.row},${stop.column}`);
      last.setAttribute("aria-selected", false);
      if (stop.board === this.chosen.board) last.tabIndex = -1;
    }
    this.boards[this.chosen.board].stop = this.chosen;
    cell.tabIndex = 0;
    cell.setAttribute("aria-selected", true);
  }

  /* The slide: window after window, row by row. */

  step(by) {
    this.pause();
    this.slide(by, true);
  }

  /* Go on by some windows, if there are; says whether there are more. */
  slide(by, aloud = false) {
    const [height, width] = this.layer;
    const last = height.count * width.count - 1;
    const window = this.window + by;
    if (window < 0 || window > last) return false;
    const [row, column] = [Math.floor(window / width.count), window % width.count];
    this.chosen = { board: "output", row, column };
    this.mark(aloud);
    return window < last;
  }

  play() {
    if (!this.slide(0)) this.slide(-this.window); // at the end it begins again
    this.playing.textContent = "Pause";
    this.#clock = setInterval(() => this.slide(1) || this.pause(), PACE);
  }

  pause() {
    if (!this.#clock) return;
    clearInterval(this.#clock);
    this.#clock = null;
    this.playing.textContent = "Play";
  }
}

function counted(windows) {
  return `${windows} ${windows === 1 ? "window" : "windows"}`;
}

function pixel({ text, label, style = "", class: kind }) {
  const attributes = { role: "gridcell", tabindex: -1, class: kind, style, "aria-label": label };
  return html("td", { ...attributes, "aria-selected": "false" }, String(text));
}

function reads(row, column, rows, columns, height, width) {
  const outside = (taps, size) => taps.some((place) => place < 0 || place >= size);
  const padded = outside(rows, height.size) || outside(columns, width.size);
  const taps = `${plural("row", rows)} and ${plural("column", columns)}`;
  const ends = `${height.size} rows and ${width.size} columns`;
  const where = `below 0, or from ${ends} on, lies the padding`;
  return `Output pixel (${row}, ${column}) reads ${taps}${padded ? `; ${where}` : ""}.`;
}

function readBy(row, column, rows, columns) {
  const count = rows.length * columns.length;
  const who = `Input pixel (${row}, ${column}) is read by `;
  if (count === 0) return `${who}no window.`;
  const where = `output ${plural("row", rows)} and ${plural("column", columns)}`;
  return `${who}${rows.length} x ${columns.length} = ${counted(count)}: ${where}.`;
}

function legend() {
  const words = [
    ["taps", "read by the chosen output pixel"],
    ["count", "number: how many windows read the pixel"],
    ["unread", "read by none"],
    ["pad", "padding"],
    ["tapped", "padding that is read"],
  ];
  return html(
    "ul",
    { class: "legend" },
    ...words.map(([name, text]) =>
      html("li", {}, html("span", { class: `swatch ${name}`, "aria-hidden": "true" }), text),
    ),
  );
}

/* The size formula with its numbers, once where both axes have the same. */
function formula([height, width]) {
  const [first, second] = [filled(height), filled(width)];
  const same = first.outerHTML === second.outerHTML;
  const lines = same
    ? [["height and width", first]]
    : [
        ["height", first],
        ["width", second],
      ];
  return html(
    "div",
    { class: "formula" },
    ...lines.map(([words, element]) => html("p", {}, `${words}: `, element)),
  );
}

function filled({ size, before, after, dilation, kernel, stride, count }) {
  const sign = (text) => math("mo", {}, text);
  const number = (value) => math("mn", {}, String(value));
  const frame =
    before === after
      ? [number(2), sign("·"), number(before)]
      : [number(before), sign("+"), number(after)];
  const above = math(
    "mrow",
    {},
    number(size),
    sign("+"),
    ...frame,
    sign("−"),
    number(dilation),
    sign("·"),
    sign("("),
    number(kernel),
    sign("−"),
    number(1),
    sign(")"),
    sign("−"),
    number(1),
  );
  return math(
    "math",
    { displaystyle: "true" },
    sign("⌊"),
    math("mfrac", {}, above, number(stride)),
    sign("⌋"),
    sign("+"),
    number(1),
    sign("="),
    number(count),
  );
}
