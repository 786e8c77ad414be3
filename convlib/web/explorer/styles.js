/** The style sheet, as text: a notebook loads the modules from addresses without a folder. */

export const STYLES = /* css */ `
:host {
  display: block;
  container-type: inline-size;
  margin: 1.25rem 0;
  padding: clamp(0.5rem, 2vw, 1rem);
  border: 1px solid #8a8a8a;
  border-radius: 0.6rem;
  color: inherit;
  line-height: 1.4;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --pale-input: #cfe3f2;
  --mid-input: #8fc1e3;
  --strong-input: #0072b2;
  --pale-kernel: #f8dcae;
  --mid-kernel: #eebd6c;
  --strong-kernel: #a65300;
  --pale-output: #c3e6d8;
  --mid-output: #7fcbb0;
  --strong-output: #00775a;
  --error: #d55e00;
  --focus: #d97400;
  --line: #8a8a8a;
  --ink: #10222e;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
p { margin: 0; }
code { font-family: var(--mono); font-size: 0.875em; }
button, input, select { font: inherit; color: inherit; }
button, select, .button, input[type="text"], input[type="number"] {
  min-height: 2rem;
  padding: 0.15rem 0.6rem;
  border: 1px solid var(--line);
  border-radius: 0.35rem;
  background: transparent;
}
button, .button, select { cursor: pointer; }
button:hover, .button:hover { border-color: currentColor; }
button[aria-disabled="true"] { color: var(--line); cursor: default; }
option { color: CanvasText; background: Canvas; }
:focus-visible, .button:focus-within { outline: 3px solid var(--focus); outline-offset: 1px; }
.hidden, .file {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

/* The drawing: a stage of fixed height, in which the cells are as large as they can be. The
   lengths of titles, captions and gaps are also in fit.js and boards.js. */
.stage { height: 24rem; }
.stage.deep { height: 28rem; }
.boards {
  display: flex;
  align-items: center;
  justify-content: center;
  width: 100%;
  height: 100%;
}
.boards:is(.stacked, .column) { flex-wrap: wrap; gap: 0.6rem 0; align-content: center; }
.boards.stacked .operator:nth-of-type(4), .boards.column .operator { display: none; }
.boards.stacked .group.output, .boards.column .group { width: 100%; }
.operator { width: 2.25rem; font-size: 1.4rem; text-align: center; }
.group > .title { height: 1.6rem; font-weight: 600; text-align: center; white-space: nowrap; }
.group > .title, .caption { display: grid; justify-content: center; width: 0; min-width: 100%; }
.content { display: flex; flex-direction: column; align-items: center; }
.stacked .group.output .content, .column .content {
  flex-direction: row;
  gap: 0.75rem;
  justify-content: center;
}
.tables {
  display: grid;
  grid-template-columns: repeat(var(--columns), auto);
  gap: 0.6rem;
  justify-content: center;
}
.caption { height: 1.2rem; font-size: 0.8rem; line-height: 1.2rem; white-space: nowrap; }
.board:has(.caption) { min-width: 3.6rem; }
.sheet { position: relative; width: max-content; margin: 0 auto; }
.row { display: flex; }
.none { font-style: italic; white-space: nowrap; }

.cell {
  position: relative;
  display: grid;
  place-items: center;
  width: var(--cell);
  height: var(--cell);
  overflow: hidden;
  border: max(0.5px, min(1px, var(--cell) * 0.04)) solid transparent;
  border-radius: calc(var(--cell) * 0.14);
  background-clip: padding-box;
  color: var(--ink);
  font-size: min(1.4rem, calc(var(--cell) * min(0.46, 1.3 / max(var(--chars), 1))));
  font-variant-numeric: tabular-nums;
  line-height: 1;
  print-color-adjust: exact;
  user-select: none;
}
.tiny .cell { font-size: 0; }
[data-key] { cursor: pointer; touch-action: manipulation; }
.cell.input { background-color: var(--pale-input); }
.cell.weight, .cell.bias { background-color: var(--pale-kernel); }
.cell.output { background-color: var(--pale-output); }
.board.dimmed .caption { font-style: italic; }
.cell.pad, .cell.missing { border: 1px dotted var(--line); color: inherit; }
.cell.pad.window {
  border-color: transparent;
  background-color: var(--mid-input);
  color: var(--ink);
  outline: max(1px, min(2px, var(--cell) * 0.04)) dashed var(--strong-input);
  outline-offset: calc(var(--cell) * -0.08);
}
.dimmed .cell { color: color-mix(in srgb, currentColor 88%, transparent); }
.dimmed .cell.input { background-color: color-mix(in srgb, var(--pale-input) 20%, transparent); }
.dimmed .cell.output { background-color: color-mix(in srgb, var(--pale-output) 25%, transparent); }
.cell.beyond { border: 1px dashed var(--error); }
.cell.beyond.window {
  background: repeating-linear-gradient(45deg, var(--error) 0 5px, #f2a36b 5px 8px);
}
.cell.cropped {
  border: 1px dotted var(--line);
  color: inherit;
  background: linear-gradient(to top right, #0000 48%, var(--line) 48% 52%, #0000 52%);
}
.cell.added { border: 1px dashed var(--strong-output); }
.cell.input.window { background-color: var(--strong-input); color: #ffffff; }
.cell.input.marked { background-color: var(--mid-input); color: var(--ink); }
.cell.weight.touched { background-color: var(--mid-kernel); }
.cell.weight.marked, .cell.bias.marked {
  background-color: var(--strong-kernel);
  color: #ffffff;
}
.cell.output.touched { background-color: var(--mid-output); }
.cell.output.selected { background-color: var(--strong-output); color: #ffffff; }
.cell.touched { --ring: max(1.5px, var(--cell) * 0.06); }
.cell.input.touched { box-shadow: inset 0 0 0 var(--ring) var(--strong-kernel); }
.cell.output.touched { box-shadow: inset 0 0 0 var(--ring) var(--ink); }
.cell.input.window.touched { box-shadow: inset 0 0 0 var(--ring) var(--mid-kernel); }
.cell.partner.partner, .cell.marked.marked {
  z-index: 1;
  box-shadow:
    inset 0 0 0 max(2px, var(--cell) * 0.08) var(--ink),
    0 0 0 2px #ffffff;
}
.cell:focus-visible { z-index: 2; outline-offset: -1px; }
.frame {
  position: absolute;
  top: calc(var(--row) * var(--cell));
  left: calc(var(--column) * var(--cell));
  width: calc(var(--spans) * var(--cell));
  height: calc(var(--rows) * var(--cell));
  border: 2px solid currentColor;
  border-radius: calc(var(--cell) * 0.18);
  pointer-events: none;
}
.invalid .frame { border: 3px solid var(--error); }

/* Numbers as shades of grey. */
.grey .cell:is(.input, .output) {
  --grey: color-mix(in srgb, #ffffff var(--share), #000000);
  border-width: 0.5px;
  border-radius: 0;
  background-color: var(--grey);
}
.grey .cell:is(.input, .output).low { color: #ffffff; }
.grey .cell:is(.input, .output).high { color: #000000; }
.grey .cell.input.window {
  background-color: color-mix(in srgb, var(--grey) 50%, var(--strong-input));
}
.grey .cell.output.selected {
  z-index: 1;
  box-shadow:
    inset 0 0 0 3px var(--strong-output),
    0 0 0 2px #ffffff;
}

/* How often a pixel is read or written. */
.cell[data-count] { padding-bottom: calc(var(--cell) * 0.26); }
.cell[data-count]:not(.window, .selected, .marked) {
  background-color: color-mix(in srgb, #e69f00 var(--share), #ffffff);
  color: #000000;
}
.cell[data-count="0"]:not(.window, .selected, .marked) {
  background: repeating-linear-gradient(45deg, #d8d8d8 0 4px, #ffffff 4px 8px);
}
.cell[data-count]::after {
  content: "×" attr(data-count);
  position: absolute;
  right: 0.15em;
  bottom: 0.1em;
  font-size: max(0.5rem, var(--cell) * 0.26);
  font-weight: 600;
}
.tiny .cell[data-count]::after { content: ""; }

.cell .editor {
  position: absolute;
  inset: 0;
  width: 100%;
  min-height: 0;
  padding: 0;
  border: 0;
  border-radius: 0;
  background: #ffffff;
  color: #000000;
  font-size: min(1.4rem, var(--cell) * 0.42);
  text-align: center;
}
.cell .editor[aria-invalid="true"] { box-shadow: inset 0 0 0 3px var(--error); }
.bias-line { display: flex; gap: 0.4rem; align-items: center; height: 2.4rem; --cell: 1.75rem; }
.filters { display: flex; gap: 0.3rem; align-items: flex-end; height: 3rem; }
.boards:is(.stacked, .column) .filters { flex-wrap: wrap; width: 7rem; height: auto; }
.filter {
  display: flex;
  gap: 0.3rem;
  align-items: center;
  min-height: 2.4rem;
  padding: 0.2rem 0.4rem;
  font-size: 0.85rem;
}
.filter[aria-pressed="true"] { border-bottom: 4px solid var(--strong-output); }
.squares { display: grid; grid-template-columns: repeat(2, 0.6rem); gap: 2px; }
.squares i { height: 0.6rem; border: 1px dotted var(--line); border-radius: 2px; }
.squares i.read {
  border-style: solid;
  border-color: var(--strong-kernel);
  background: var(--pale-kernel);
}
.omitted { font-size: 0.9rem; }

/* The sum. */
.sum { height: 8.25rem; margin-top: 0.5rem; overflow: auto; }
.sum.deep { height: 10rem; }
.sum .title { margin-bottom: 0.2rem; }
.progress { float: right; margin-left: 1rem; font-size: 0.9rem; opacity: 0.85; }
.line { font-family: var(--mono); font-size: 0.85rem; line-height: 1.6; }
.single .line { font-size: 1rem; line-height: 1.7; }
.which { margin-right: 0.5em; opacity: 0.85; }
.term { border-radius: 0.3em; white-space: nowrap; cursor: pointer; }
.term.hot { outline: 2.5px solid var(--focus); outline-offset: 1px; }
.chip { padding: 0.05em 0.25em; border-radius: 0.25em; color: var(--ink); }
.chip.input { background: var(--pale-input); }
.chip.weight, .chip.bias { background: var(--pale-kernel); }
.chip.bias { outline: 1px dashed var(--strong-kernel); }
.chip.pad { background: var(--mid-input); outline: 1px dashed var(--strong-input); }
.chip.part { background: var(--pale-output); }
.chip.output { background: var(--strong-output); color: #ffffff; font-weight: 600; }
.hint { margin-top: 0.4rem; font-size: 0.85rem; opacity: 0.8; }
.result { white-space: nowrap; }
.scatter { display: flex; flex-wrap: wrap; gap: 0 1.5em; }
.rest { font-style: italic; }

/* Controls. */
.toolbar, .call { display: flex; flex-wrap: wrap; gap: 0.4rem 0.75rem; align-items: center; }
.toolbar { margin-top: 0.5rem; font-size: 0.9rem; }
.toolbar label, .tick {
  position: relative;
  display: inline-flex;
  gap: 0.4rem;
  align-items: center;
}
.steps { display: flex; gap: 0.35rem; align-items: center; }
.play { min-width: 4.5rem; }
.toolbar select { width: 8.5rem; }
.call { flex-wrap: nowrap; margin-top: 0.75rem; }
.call label { display: contents; }
.call label span { font-weight: 600; white-space: nowrap; }
.call input {
  flex: 1;
  min-width: 0;
  min-height: 2.6rem;
  border-width: 2px;
  font-family: var(--mono);
  font-size: 1.05rem;
}
.call input[aria-invalid="true"] { border-color: var(--error); }
.message {
  min-height: 3.2em;
  margin-top: 0.4rem;
  padding: 0.2em 0.7em 0.2em calc(0.7em + 4px);
  overflow-wrap: anywhere;
}
.message.error {
  padding-left: 0.7em;
  border-left: 4px solid var(--error);
  background: rgb(213 94 0 / 12%);
}
.fields {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr));
  gap: 0.35rem 1.5rem;
  align-items: center;
  margin-top: 0.4rem;
}
.fields.apart { grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); }
.field, .choice { display: flex; gap: 0.2rem 0.5rem; align-items: center; min-width: 0; }
.name { flex: 0 0 7.6rem; }
.field.unused { opacity: 0.75; }
.field:has(select) { flex-wrap: wrap; }
.field select { flex: 1 1 5.5rem; max-width: 7rem; padding: 0.15rem 0.3rem; }
.choice select { flex: 1; min-width: 0; }
.axis { display: flex; flex: 1 1 8rem; gap: 0.5rem; align-items: center; min-width: 6.6rem; }
.side { display: none; }
.apart .field { flex-wrap: wrap; }
.apart .axis { flex-basis: 9.5rem; }
.apart .side:not(:empty) { display: inline; width: 2.8rem; font-size: 0.8rem; }
input[type="number"] { width: 3.6rem; padding-right: 0.2rem; }
input[type="range"] {
  flex: 1;
  min-width: 2.5rem;
  height: 1.75rem;
  accent-color: var(--strong-input);
}
.ticks {
  display: flex;
  grid-column: 1 / -1;
  flex-wrap: wrap;
  gap: 0.3rem 1.25rem;
  align-items: center;
}

.depth, .more, .facts { margin-top: 0.75rem; }
.more > .fields, .facts > .formula { margin-top: 0.6rem; }
summary { width: max-content; cursor: pointer; }
.depth svg { margin: 0.5rem auto; }

/* What it costs. */
.facts {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 0.5rem;
  margin-top: 0.75rem;
  padding-top: 0.5rem;
  border-top: 1px solid rgb(138 138 138 / 45%);
}
.formula p { padding: 0.25rem 0; overflow-x: auto; overflow-y: hidden; }
math { font-family: "Book Math", math; }
math .size { font-weight: 700; }
math .invalid { color: var(--error); }
.cost { display: flex; flex-wrap: wrap; gap: 0.1rem 0.2rem; font-variant-numeric: tabular-nums; }
.cost .which { min-width: 5.5rem; }
.factor {
  display: inline-flex;
  flex-direction: column;
  align-items: center;
  min-height: 0;
  padding: 0 0.2rem 0.1rem;
  border-color: transparent;
  line-height: 1.4;
}
.factor small {
  font-size: 0.7rem;
  opacity: 0.85;
  text-decoration: underline dotted;
  text-underline-offset: 0.2em;
}
.tip { min-height: 1.4em; font-size: 0.9rem; }
.links { margin-top: 0.5rem; }

@container (max-width: 34rem) {
  .stage { height: 27rem; }
  .stage.deep { height: 37rem; }
  .sum { height: 11rem; }
  .sum.deep { height: 13rem; }
  .line { font-size: 0.8rem; }
  .single .line { font-size: 0.9rem; }
  .call { flex-wrap: wrap; }
  .call label span { flex-basis: 100%; }
  .call input { font-size: 1rem; }
  .message { min-height: 4.5em; }
  .group > .title { font-size: 0.85rem; }
  .name { flex-basis: 6.6rem; }
  .formula math { font-size: 0.72rem; }
}
@media (forced-colors: active) {
  .cell, .chip, .squares i { forced-color-adjust: none; } /* here a colour is what is said */
}
@media print {
  :host([replaces]) { display: none; }
  .toolbar, .call button, .fields, .links { display: none; }
}
`;
