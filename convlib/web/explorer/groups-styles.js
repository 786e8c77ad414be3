/** The style sheet of <groups-explorer>, beside that of all explorers. */

export const GROUPS_STYLES = /* css */ `
.drawing { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem 2rem; align-items: center; }
.drawing.stale, .costs-table.stale { opacity: 0.6; }
.drawing > * { min-width: 0; }
.picture { display: grid; justify-items: center; }
.connectivity { display: block; width: 100%; height: auto; overflow: visible; }
.connectivity text { font-size: 13px; fill: currentColor; }
line { stroke: var(--line); vector-effect: non-scaling-stroke; transition: opacity 0.3s; }
line.none { opacity: 0; }
line.strong { stroke: var(--focus); stroke-width: 3; }
circle {
  cursor: pointer;
  stroke: var(--ink);
  vector-effect: non-scaling-stroke;
  fill: var(--pale-input);
}
circle.middle { fill: var(--pale-kernel); }
circle.output { fill: var(--pale-output); }
circle:is(.linked, .chosen) { fill: var(--strong-input); }
circle.middle:is(.linked, .chosen) { fill: var(--strong-kernel); }
circle.output:is(.linked, .chosen) { fill: var(--strong-output); }
circle.chosen { stroke: var(--focus); stroke-width: 3; }
.said { min-height: 2.8em; margin-top: 0.5rem; }
.answer { min-height: 1.7rem; }
.kind { font-size: 1.1rem; font-weight: 600; }
.message { min-height: 2.2em; }
.costs-table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.costs-table caption { padding: 0.3em 0; text-align: left; }
.costs-table :is(th, td) { padding: 0.15em 0.8em 0.15em 0; font-weight: 400; text-align: right; }
.costs-table th[scope="row"] { text-align: left; }
.way { display: flex; grid-column: 1 / -1; gap: 0.5rem; align-items: center; }
.copies { margin-top: 0.75rem; }
.copy { display: flex; gap: 0.6rem; align-items: center; margin: 0.4rem 0; }
.copy code { overflow-wrap: anywhere; }

@container (max-width: 44rem) {
  .drawing { grid-template-columns: minmax(0, 1fr); }
}
@container (max-width: 34rem) {
  .connectivity text { font-size: 16px; }
  .costs-table :is(th, td) { padding-right: 0.5em; font-size: 0.85rem; }
}
@media (prefers-reduced-motion: reduce) {
  line { transition: none; }
}
@media (forced-colors: active) {
  circle, line { forced-color-adjust: none; } /* here a colour is what is said */
}
@media print {
  .copies button { display: none; }
}
`;
