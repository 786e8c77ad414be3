/* <groups-explorer>: who reads whom along the channels. Dots in rows, a line for each kernel. */

const MOST_DOTS = 16; // in a row
const ROOM = { width: 440, row: 84, dot: 8, edge: 16, words: 50 };

class GroupsExplorer extends Explorer {
  static parameters = [
    { name: "in_channels", preset: 4, slide: [1, 16] },
    { name: "out_channels", preset: 8, slide: [1, 16] },
    { name: "kernel_size", preset: 3, slide: [1, 7] },
    { name: "groups", preset: 1, slide: [1, 16] },
    { name: "size", preset: 7, slide: [1, 32] },
    { name: "pointwise", preset: false },
  ];

  chosen = { row: 1, channel: 0 };

  compute() {
    return steps(this.settings);
  }

  extras() {
    const turn = () => (this.settings = { pointwise: this.tick.checked });
    this.tick = html("input", { type: "checkbox", change: turn });
    const walk = () => (this.settings = this.stops()[this.way.value]);
    this.way = html("input", {
      type: "range",
      min: 0,
      step: 1,
      "aria-label": "from dense to depthwise-separable",
      input: walk,
    });
    return [
      html("label", { class: "tick" }, this.tick, " then a 1 x 1 convolution (pointwise)"),
      html(
        "label",
        { class: "way" },
        html("span", {}, "dense"),
        this.way,
        html("span", {}, "depthwise-separable"),
      ),
    ];
  }

  fill(typed) {
    super.fill(typed);
    const { groups, pointwise } = this.settings;
    const stops = this.stops();
    this.tick.checked = pointwise;
    this.way.max = stops.length - 1;
    const stop = stops.findIndex((each) => each.groups === groups && each.pointwise === pointwise);
    if (stop >= 0) this.way.value = stop;
    this.way.setAttribute("aria-valuetext", `groups=${groups}${pointwise ? ", then 1 x 1" : ""}`);
  }

  /* The way from dense, through every number of groups that divides, to depthwise-separable. */
  stops() {
    const { in_channels, out_channels } = this.settings;
    const separable = { groups: in_channels, pointwise: true };
    if (!(in_channels >= 1 && in_channels <= LARGEST)) return [separable];
    const groups = range(in_channels, (number) => number + 1);
    const dividing = groups.filter(
      (count) => in_channels % count === 0 && out_channels % count === 0,
    );
    return [...dividing.map((count) => ({ groups: count, pointwise: false })), separable];
  }

  code() {
    const { in_channels, out_channels, kernel_size, groups, pointwise } = this.settings;
    const kernel = `kernel_size=${python(kernel_size)}, padding='same'`;
    const parts = groups === 1 ? "" : `, groups=${python(groups)}`;
    const [inputs, outputs] = [python(in_channels), python(out_channels)];
    if (!pointwise) {
      const layer = `Conv2d(${inputs}, ${outputs}, ${kernel}${parts})`;
      return [`nn.${layer}`, `convlib.${layer}`];
    }
    const spatial = `Conv2d(${inputs}, ${inputs}, ${kernel}${parts}, bias=False)`;
    const mixing = `Conv2d(${inputs}, ${outputs}, kernel_size=1)`;
    const separable = `convlib.DepthwiseSeparableConv2d(${inputs}, ${outputs}, ${kernel})`;
    const pair = `[convlib.${spatial}, convlib.${mixing}]`;
    return [
      `nn.Sequential(nn.${spatial}, nn.${mixing})`,
      groups === in_channels ? separable : pair,
    ];
  }

  /* The drawing */

  result() {
    return [html("strong", { class: "kind" }, kind(this.settings))];
  }

  draw() {
    const steps = this.layer;
    this.rows = [steps[0].inputs, ...steps.map((step) => step.outputs)];
    if (Math.max(...this.rows) > MOST_DOTS) {
      const words = `More than ${MOST_DOTS} channels in a row are not drawn. The numbers hold.`;
      return [this.costs(), html("p", {}, words)];
    }
    const row = Math.min(this.chosen.row, this.rows.length - 1);
    this.chosen = { row, channel: Math.min(this.chosen.channel, this.rows[row] - 1) };
    const parts = [this.costs(), this.picture()];
    this.mark();
    return parts;
  }

  /* What the rows of dots are called. */
  get names() {
    return this.layer.length > 1 ? ["input", "middle", "output"] : ["input", "output"];
  }

  picture() {
    const height = ROOM.row * (this.rows.length - 1) + 2 * ROOM.edge;
    const names = this.names;
    this.links = this.layer.flatMap((step, above) =>
      range(step.inputs * step.outputs, (number) => {
        const [output, input] = [Math.floor(number / step.inputs), number % step.inputs];
        const [x1, y1] = this.place(above, input);
        const [x2, y2] = this.place(above + 1, output);
        const exists = step.reads(output, input);
        const element = svg("line", { x1, y1, x2, y2, class: exists ? "" : "none" });
        return { above, input, output, exists, element };
      }),
    );
    this.dots = this.rows.map((count, row) =>
      range(count, (channel) => {
        const [cx, cy] = this.place(row, channel);
        const said = `${names[row]} channel ${channel}`;
        return svg("circle", {
          cx,
          cy,
          r: ROOM.dot,
          class: names[row],
          role: "button",
          "aria-label": said,
          click: () => this.choose(row, channel),
        });
      }),
    );
    const labels = names.map((name, row) =>
      svg("text", { x: 0, y: this.place(row, 0)[1] + 4, "aria-hidden": "true" }, name),
    );
    const attributes = {
      viewBox: `0 0 ${ROOM.width} ${height}`,
      role: "group",
      "aria-label": "Channels, and who reads whom",
    };
    const events = { keydown: (event) => this.move(event), click: (event) => this.touch(event) };
    const lines = svg("g", { "aria-hidden": "true" }, ...this.links.map((link) => link.element));
    return svg("svg", { ...attributes, ...events }, lines, ...labels, ...this.dots.flat());
  }

  /* Where a dot stands: groups of the first step keep together, in its output too. */
  place(row, channel) {
    const count = this.rows[row];
    const groups = row < 2 ? this.layer[0].groups : 1;
    const gap = Math.min(0.6, 4 / groups); // of the step from one dot to the next
    const left = ROOM.words + ROOM.edge;
    const room = ROOM.width - left - ROOM.edge;
    const whole = count - 1 + gap * (groups - 1) || 1;
    const at = channel + gap * Math.floor(channel / (count / groups));
    return [count === 1 ? left + room / 2 : left + (room * at) / whole, ROOM.edge + ROOM.row * row];
  }

  costs() {
    const { in_channels, out_channels, kernel_size, size } = this.settings;
    const dense = new Step(in_channels, out_channels, kernel_size, 1, true);
    const total = (field) => this.layer.reduce((sum, step) => sum + step[field], 0n);
    const pixels = BigInt(size) ** 2n;
    const rows = [
      ["this", total("weights"), total("parameters"), pixels * total("weights")],
      ["dense", dense.weights, dense.parameters, pixels * dense.weights],
    ];
    const share = (100 * Number(total("weights"))) / Number(dense.weights);
    const head = ["", "weights", "parameters", `MACs on ${size} x ${size} pixels`];
    return html(
      "table",
      { class: "costs" },
      html("caption", {}, `${share.toFixed(1)} % of the multiplications of the dense layer`),
      html(
        "thead",
        {},
        html(
          "tr",
          {},
          ...head.map((word) => html(word ? "th" : "td", word ? { scope: "col" } : {}, word)),
        ),
      ),
      html(
        "tbody",
        {},
        ...rows.map(([name, ...numbers]) =>
          html(
            "tr",
            { class: name },
            html("th", { scope: "row" }, name),
            ...numbers.map((number) => html("td", {}, grouped(number))),
          ),
        ),
      ),
    );
  }

  /* Choosing */

  choose(row, channel) {
    this.chosen = { row, channel };
    this.mark(true);
    this.dots[row][channel].focus();
  }

  /* Choose the dot that is nearest to a touch: on a small screen dots are small. */
  touch(event) {
    if (event.target.localName === "circle") return;
    const places = this.dots.flatMap((dots, row) =>
      dots.map((dot, channel) => {
        const { x, y, width, height } = dot.getBoundingClientRect();
        const away = Math.hypot(x + width / 2 - event.clientX, y + height / 2 - event.clientY);
        return { row, channel, away };
      }),
    );
    const { row, channel } = places.reduce((one, other) => (other.away < one.away ? other : one));
    this.choose(row, channel);
  }

  move(event) {
    const { row, channel } = this.chosen;
    const ends = { Home: 0, End: Infinity, ArrowLeft: channel - 1, ArrowRight: channel + 1 };
    const rows = { ArrowUp: row - 1, ArrowDown: row + 1 };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = rows[event.key] ?? row;
    if (!(event.key in ends || event.key in rows) || !this.rows[to]) return;
    event.preventDefault();
    this.choose(to, Math.min(Math.max(ends[event.key] ?? channel, 0), this.rows[to] - 1));
  }

  mark(aloud = false) {
    const { row, channel } = this.chosen;
    const near = new Set();
    for (const { above, input, output, exists, element } of this.links) {
      const [from, to] = [`${above},${input}`, `${above + 1},${output}`];
      const touches = exists && [from, to].includes(`${row},${channel}`);
      element.classList.toggle("strong", touches);
      if (touches) near.add(from).add(to);
    }
    this.dots.forEach((dots, y) =>
      dots.forEach((dot, x) => {
        const chosen = y === row && x === channel;
        dot.classList.toggle("chosen", chosen);
        dot.classList.toggle("linked", !chosen && near.has(`${y},${x}`));
        dot.setAttribute("aria-pressed", chosen);
        dot.setAttribute("tabindex", chosen ? 0 : -1);
      }),
    );
    this.say(this.sentences().join(" "), aloud);
  }

  /* What the chosen channel reads, and who reads it. */
  sentences() {
    const { row, channel } = this.chosen;
    const last = this.layer.length;
    const who = (number) => `${this.names[number]} channel`;
    const said = [];
    if (row > 0) {
      const step = this.layer[row - 1];
      const read = range(step.inputs, (input) => input).filter((input) =>
        step.reads(channel, input),
      );
      const count = read.length * step.kernel ** 2;
      const weights = `${read.length} x ${step.kernel} x ${step.kernel} = ${count} weights`;
      said.push(`${capital(who(row))} ${channel} reads ${plural(who(row - 1), read)}: ${weights}.`);
    }
    if (row < last) {
      const step = this.layer[row];
      const readers = range(step.outputs, (output) => output).filter((output) =>
        step.reads(output, channel),
      );
      said.push(`${capital(who(row))} ${channel} is read by ${plural(who(row + 1), readers)}.`);
    }
    return said;
  }
}

function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}

function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

const CLASSES = [ConvExplorer, GroupsExplorer];
KINDS.forEach(
  (name, kind) => customElements.get(name) ?? customElements.define(name, CLASSES[kind]),
);
