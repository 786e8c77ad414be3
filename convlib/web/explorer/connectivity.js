/** Channels as rows of dots, and a line for each table of weights that joins two of them. */

import { svg, html } from "../vendor/lit-html.js";
import { listed } from "./format.js";

/** @typedef {import("../model/layer.js").Layer} Layer */

/**
 * A dot: its row, 0 for the input, and its channel.
 *
 * @typedef {{ row: number, channel: number }} Dot
 */

const ROOM = { width: 440, row: 84, dot: 8, edge: 16, words: 50 };
const WIDEST_GAP = 0.6; // between groups, of the step from one dot to the next

export class Connectivity {
  /** @param {Layer[]} layers one after another */
  constructor(layers) {
    this.layers = layers;
    this.rows = [layers[0].in_channels, ...layers.map((layer) => layer.out_channels)];
    this.names = layers.length > 1 ? ["input", "middle", "output"] : ["input", "output"];
  }

  /**
   * The dot that exists and is nearest to another.
   *
   * @param {Dot} dot
   * @returns {Dot}
   */
  nearest({ row, channel }) {
    const inside = Math.min(Math.max(row, 0), this.rows.length - 1);
    return { row: inside, channel: Math.min(Math.max(channel, 0), this.rows[inside] - 1) };
  }

  /**
   * Whether a channel reads one of the row above.
   *
   * @param {number} row of the channel that reads, from 1 on
   * @param {number} output
   * @param {number} input
   */
  reads(row, output, input) {
    const { in_channels, out_channels, groups } = this.layers[row - 1];
    const [inputs, outputs] = [in_channels / groups, out_channels / groups];
    return Math.floor(output / outputs) === Math.floor(input / inputs);
  }

  /**
   * Channels of the row above that a dot reads.
   *
   * @param {Dot} dot
   * @returns {number[]}
   */
  above({ row, channel }) {
    return row ? this.layers[row - 1].inputChannels(channel) : [];
  }

  /**
   * Channels of the row below that read a dot.
   *
   * @param {Dot} dot
   * @returns {number[]}
   */
  below({ row, channel }) {
    if (row === this.layers.length) return [];
    const outputs = Array.from({ length: this.rows[row + 1] }, (_, output) => output);
    return outputs.filter((output) => this.reads(row + 1, output, channel));
  }

  /**
   * What a dot reads, and what reads it.
   *
   * @param {Dot} dot
   */
  sentence(dot) {
    const { row, channel } = dot;
    const noun = (/** @type {number} */ number) => `${this.names[number]} channel`;
    const subject = capital(`${noun(row)} ${channel}`);
    const sentences = [];
    if (row > 0) {
      const inputs = this.above(dot);
      const [height, width] = this.layers[row - 1].kernel_size;
      const product = `${inputs.length} x ${height} x ${width}`;
      const weights = `${product} = ${inputs.length * height * width} weights`;
      sentences.push(`${subject} reads ${listed(noun(row - 1), inputs)}: ${weights}.`);
    }
    if (row < this.layers.length) {
      sentences.push(`${subject} is read by ${listed(noun(row + 1), this.below(dot))}.`);
    }
    return sentences.join(" ");
  }

  /**
   * The drawing, with a dot chosen.
   *
   * @param {Dot} chosen
   */
  template(chosen) {
    const height = ROOM.row * (this.rows.length - 1) + 2 * ROOM.edge;
    return html`<svg
      class="connectivity"
      viewBox="0 0 ${ROOM.width} ${height}"
      role="group"
      aria-label="Channels, and which channel reads which"
    >
      <g aria-hidden="true">${this.#lines(chosen)}</g>
      ${this.names.map((name, row) => {
        return svg`<text x="0" y=${this.#place(row, 0)[1] + 4} aria-hidden="true">${name}</text>`;
      })}
      ${this.#dots(chosen)}
    </svg>`;
  }

  /** @param {Dot} chosen */
  #lines(chosen) {
    return this.layers.flatMap((layer, row) =>
      pairs(layer.out_channels, layer.in_channels).map(([output, input]) => {
        const [x1, y1] = this.#place(row, input);
        const [x2, y2] = this.#place(row + 1, output);
        const exists = this.reads(row + 1, output, input);
        const ends = [
          { row, channel: input },
          { row: row + 1, channel: output },
        ];
        const strong = exists && ends.some((end) => same(end, chosen));
        const classes = `${exists ? "" : "none"} ${strong ? "strong" : ""}`.trim();
        const key = `${row},${input},${output}`;
        return svg`<line data-key=${key} class=${classes} x1=${x1} y1=${y1} x2=${x2} y2=${y2} />`;
      }),
    );
  }

  /** @param {Dot} chosen */
  #dots(chosen) {
    const near = new Set([
      ...this.above(chosen).map((channel) => `${chosen.row - 1},${channel}`),
      ...this.below(chosen).map((channel) => `${chosen.row + 1},${channel}`),
    ]);
    return this.rows.flatMap((count, row) =>
      Array.from({ length: count }, (_, channel) => {
        const [x, y] = this.#place(row, channel);
        const pressed = same({ row, channel }, chosen);
        const state = pressed ? "chosen" : near.has(`${row},${channel}`) ? "linked" : "";
        return svg`<circle
          cx=${x}
          cy=${y}
          r=${ROOM.dot}
          class="${this.names[row]} ${state}"
          role="button"
          data-row=${row}
          data-channel=${channel}
          aria-label="${this.names[row]} channel ${channel}"
          aria-pressed=${String(pressed)}
          tabindex=${pressed ? 0 : -1}
        ></circle>`;
      }),
    );
  }

  /**
   * Where a dot stands: groups of the first layer keep together, in its output too.
   *
   * @param {number} row
   * @param {number} channel
   * @returns {[x: number, y: number]}
   */
  #place(row, channel) {
    const count = this.rows[row];
    const groups = row < 2 ? this.layers[0].groups : 1;
    const gap = Math.min(WIDEST_GAP, 4 / groups);
    const left = ROOM.words + ROOM.edge;
    const room = ROOM.width - left - ROOM.edge;
    const whole = count - 1 + gap * (groups - 1) || 1;
    const at = channel + gap * Math.floor(channel / (count / groups));
    const x = count === 1 ? left + room / 2 : left + (room * at) / whole;
    return [Number(x.toFixed(2)), ROOM.edge + ROOM.row * row];
  }
}

/**
 * @param {number} outputs
 * @param {number} inputs
 */
function pairs(outputs, inputs) {
  return Array.from({ length: outputs * inputs }, (_, number) => {
    return [Math.floor(number / inputs), number % inputs];
  });
}

/**
 * @param {Dot} one
 * @param {Dot} other
 */
function same(one, other) {
  return one.row === other.row && one.channel === other.channel;
}

/** @param {string} words */
function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}
