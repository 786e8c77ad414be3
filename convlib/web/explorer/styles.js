/** The style sheet, as text: a notebook loads the modules from addresses without a folder. */

export const STYLES = /* css */ `
:host {
  display: block;
  container-type: inline-size;
  margin: 1.25rem 0;
  padding: 0.75rem 1rem 1rem;
  border: 1px solid #8a8a8a;
  border-radius: 0.6rem;
  color: inherit;
  line-height: 1.4;
  --stage: 23rem;
  --sum: 8.25rem;
  --mono: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --pale-input: #cfe3f2;
  --mid-input: #8fc1e3;
  --strong-input: #0072b2;
  --pale-kernel: #f8dcae;
  --strong-kernel: #a65300;
  --pale-output: #c3e6d8;
  --mid-output: #7fcbb0;
  --strong-output: #00775a;
  --error: #d55e00;
  --ring: #d97400;
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
:focus-visible, .button:focus-within { outline: 3px solid var(--ring); outline-offset: 1px; }
.hidden, .file {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

/* The drawing: a stage of fixed height, in which the cells are as large as they can be. */
.stage { position: relative; height: var(--stage); }
.boards {
  display: flex;
  flex-wrap: wrap;
  gap: 0.75rem 0;
  align-content: center;
  align-items: center;
  justify-content: center;
  width: 100%;
  height: 100%;
}
.operator { width: 2.25rem; font-size: 1.4rem; text-align: center; }
.boards.stacked .operator:nth-child(4) { position: absolute; visibility: hidden; }
.boards.stacked .group.output { width: 100%; }
.group { display: flex; flex-direction: column; align-items: center; }
.tables {
  display: grid;
  grid-template-columns: repeat(var(--columns), auto);
  gap: 0.75rem;
  justify-content: center;
}
.caption {
  height: 1.5rem;
  overflow: hidden;
  font-size: 0.85rem;
  text-align: center;
  white-space: nowrap;
}
.board { max-width: 100%; }
.board.dimmed { opacity: 0.45; }
.board .caption { display: grid; justify-content: center; width: 0; min-width: 100%; overflow: visible; }
.sheet { position: relative; width: max-content; margin: 0 auto; }
.row { display: flex; }
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
  font-size: calc(var(--cell) * min(0.46, 1.5 / max(var(--chars), 1)));
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
.cell.pad { border: 1px dotted var(--line); color: inherit; }
.cell.pad.window { background-color: var(--pale-kernel); color: var(--ink); }
.cell.missing { border: 1px dotted var(--line); }
.cell.beyond { border: 1px dashed var(--error); }
.cell.beyond.window { background-color: var(--error); }
.cell.cropped {
  color: inherit;
  border: 1px dotted var(--line);
  background: linear-gradient(to top right, transparent 47%, var(--line) 47% 53%, transparent 53%);
}
.cell.added { border: 1px dashed var(--strong-output); }
.cell.input.window { background-color: var(--strong-input); color: #ffffff; }
.cell.input.marked { background-color: var(--mid-input); color: var(--ink); }
.cell.weight.touched { background-color: #f0c682; }
.cell.weight.marked, .cell.bias.marked { background-color: var(--strong-kernel); color: #ffffff; }
.cell.output.touched { background-color: var(--mid-output); }
.cell.output.selected { background-color: var(--strong-output); color: #ffffff; }
.cell.touched { box-shadow: inset 0 0 0 max(1.5px, calc(var(--cell) * 0.07)) var(--strong-kernel); }
.cell.output.touched { box-shadow: inset 0 0 0 max(1.5px, calc(var(--cell) * 0.07)) var(--ink); }
.cell.input.window.touched { box-shadow: inset 0 0 0 max(1.5px, calc(var(--cell) * 0.07)) #f5c26b; }
.cell.partner, .cell.input.window.partner, .cell.marked {
  box-shadow: inset 0 0 0 max(2px, calc(var(--cell) * 0.1)) var(--ink), 0 0 0 2px #ffffff;
  z-index: 1;
}
.cell:focus-visible { outline-offset: -1px; z-index: 2; }
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
.invalid .frame { border-color: var(--error); border-width: 3px; }
.stale { opacity: 0.45; }

/* Numbers as shades of grey. */
.grey .cell:is(.input, .output) {
  background-color: color-mix(in srgb, #ffffff var(--share), #000000);
  border-width: 0.5px;
  border-radius: 0;
}
.grey .cell:is(.input, .output).low { color: #ffffff; }
.grey .cell:is(.input, .output).high { color: #000000; }
.grey .cell.input.window { background-color: color-mix(in srgb, color-mix(in srgb, #ffffff var(--share), #000000) 45%, var(--strong-input)); color: #ffffff; }
.grey .cell.input.window.high { color: #000000; }
.grey .cell.output.selected { box-shadow: inset 0 0 0 3px var(--strong-output), 0 0 0 2px #ffffff; z-index: 1; }

/* How often a pixel is read or written. */
.cell[data-count]:not(.window, .selected, .marked) {
  background-color: color-mix(in srgb, #e69f00 var(--share), #ffffff);
  color: var(--ink);
}
.cell[data-count="0"]:not(.window, .selected, .marked) {
  background: repeating-linear-gradient(45deg, #d8d8d8 0 4px, #ffffff 4px 8px);
}
.cell[data-count]::after {
  content: "×" attr(data-count);
  position: absolute;
  right: 0.15em;
  bottom: 0.1em;
  font-size: max(0.5rem, calc(var(--cell) * 0.26));
  font-weight: 600;
}
.cell[data-count] { padding-bottom: calc(var(--cell) * 0.26); }
.tiny .cell[data-count]::after { content: ""; }

.editor {
  position: absolute;
  inset: 0;
  width: 100%;
  min-height: 0 !important;
  padding: 0 !important;
  border: 0 !important;
  border-radius: 0 !important;
  background: #ffffff !important;
  color: #000000;
  font-size: calc(var(--cell) * 0.42);
  text-align: center;
}
.editor[aria-invalid="true"] { box-shadow: inset 0 0 0 3px var(--error); }
.bias-line { display: flex; gap: 0.4rem; align-items: center; height: 2.5rem; --cell: 1.75rem; }
.bias-line .caption { height: auto; }
.filters { display: flex; gap: 0.3rem; align-items: center; height: 3.25rem; }
.filter { display: flex; gap: 0.3rem; align-items: center; min-height: 2.4rem; padding: 0.2rem 0.4rem; font-size: 0.85rem; }
.filter[aria-pressed="true"] { border-color: var(--strong-output); box-shadow: inset 0 -4px 0 var(--strong-output); }
.squares { display: grid; grid-template-columns: repeat(2, 0.6rem); gap: 2px; }
.squares i { height: 0.6rem; border: 1px dotted var(--line); border-radius: 2px; }
.squares i.read { border-style: solid; border-color: var(--strong-kernel); background: var(--pale-kernel); }

/* The sum. */
.sum { height: var(--sum); margin-top: 0.5rem; overflow: auto; line-height: 1.75; }
.title { font-size: 0.9rem; }
.title .said { opacity: 0.85; }
.line { font-family: var(--mono); font-size: 0.9rem; }
.which { margin-right: 0.5em; font-family: inherit; font-size: 0.85em; opacity: 0.85; }
.term { white-space: nowrap; border-radius: 0.3em; cursor: pointer; }
.term.hot { outline: 2.5px solid var(--ring); outline-offset: 1px; }
.chip { padding: 0.05em 0.25em; border-radius: 0.25em; color: var(--ink); }
.chip.input { background: var(--pale-input); }
.chip.weight, .chip.bias { background: var(--pale-kernel); }
.chip.bias { outline: 1px dashed var(--strong-kernel); }
.chip.pad { background: #e6e6e6; }
.chip.part { background: var(--pale-output); }
.chip.output { background: var(--strong-output); color: #ffffff; font-weight: 600; }
.rest { font-style: italic; }

/* Controls. */
.toolbar, .call { display: flex; flex-wrap: wrap; gap: 0.4rem 0.75rem; align-items: center; margin-top: 0.6rem; }
.toolbar label, .tick { display: inline-flex; gap: 0.4rem; align-items: center; position: relative; }
.toolbar { font-size: 0.9rem; }
.steps { display: flex; gap: 0.35rem; align-items: center; }
.play { min-width: 4.5rem; }
.progress { min-width: 8rem; }
.call .text { display: flex; flex: 1 1 20rem; gap: 0.5rem; align-items: center; min-width: 0; }
.call .text span { white-space: nowrap; font-weight: 600; }
.call .text input { flex: 1; min-width: 0; min-height: 2.5rem; border-width: 2px; font-family: var(--mono); font-size: 1rem; }
.call .text input[aria-invalid="true"] { border-color: var(--error); }
.message { min-height: 3.3em; margin-top: 0.4rem; padding: 0.25em 0.7em; border-left: 4px solid transparent; overflow-wrap: anywhere; }
.message.error { border-left-color: var(--error); background: rgb(213 94 0 / 12%); }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.35rem 1.5rem; align-items: center; margin-top: 0.4rem; }
.fields.apart { grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
.field { display: flex; flex-wrap: wrap; gap: 0.2rem 0.5rem; align-items: center; min-width: 0; }
.field .name { flex: 0 0 7.6rem; }
.field.unused { opacity: 0.45; }
.axis { display: flex; flex: 1 1 6rem; gap: 0.5rem; align-items: center; min-width: 0; }
.side { display: none; }
.apart .side:not(:empty) { display: inline; width: 2.8rem; font-size: 0.8rem; }
input[type="number"] { width: 3.6rem; padding-right: 0.2rem; }
input[type="range"] { flex: 1; min-width: 3rem; height: 1.75rem; accent-color: var(--strong-input); }
.choice { display: flex; gap: 0.5rem; align-items: center; }
.ticks { display: flex; flex-wrap: wrap; gap: 0.3rem 1rem; }
[data-reset] { justify-self: start; }

/* What it costs. */
.facts { display: grid; gap: 0.5rem 2rem; margin-top: 1rem; }
.formula p { margin: 0.2rem 0; overflow-x: auto; overflow-y: hidden; }
math { font-family: "Book Math", math; font-size: 1.05rem; }
math .size { font-weight: 700; }
math .invalid { color: var(--error); }
.cost { display: flex; flex-wrap: wrap; gap: 0.2rem 0.35rem; align-items: flex-start; font-variant-numeric: tabular-nums; }
.cost .which { min-width: 6rem; padding-top: 0.2rem; }
.cost .sign, .cost .count { padding-top: 0.15rem; }
.factor { display: inline-flex; flex-direction: column; align-items: center; min-height: 0; padding: 0 0.4rem 0.1rem; border-color: transparent; border-radius: 0.3rem; line-height: 1.3; }
.factor small { font-size: 0.7rem; opacity: 0.85; text-decoration: underline dotted; text-underline-offset: 0.2em; }
.tip { min-height: 1.4em; font-size: 0.9rem; }
.links { margin-top: 0.75rem; }
.omitted { font-size: 0.9rem; }

@container (max-width: 34rem) {
  :host { padding: 0.5rem; }
  .stage { height: 27rem; }
  .sum { height: 11rem; }
  .line { font-size: 0.8rem; }
  .call .text { flex-basis: 100%; flex-wrap: wrap; gap: 0.1rem; }
  .fields, .fields.apart { grid-template-columns: 100%; }
  .message { min-height: 4.6em; }
}
@media (forced-colors: active) {
  .cell, .chip, .squares i { forced-color-adjust: none; } /* here a colour is what is said */
}
@media print {
  :host([replaces]) { display: none; }
  .toolbar, .call button, .call select, .fields, .links { display: none; }
}
`;
