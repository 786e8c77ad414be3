/** How many exercises are right: in the list of chapters, and above a chapter's exercises. */

import { create } from "./html.js";
import { changes, forget, progress } from "./store.js";

const CHAPTERS = "nav.bd-links a.reference.internal";
const LINE = "exercise-progress";

/** @returns {boolean} whether a line on progress is on the page */
export const hasProgressLine = () => document.querySelector(`.${LINE}`) !== null;

/**
 * @param {string} chapter
 * @param {number} total the exercises that it has
 * @returns {HTMLElement} the number of right answers, with a button that forgets all answers
 */
export function createProgressLine(chapter, total) {
  const count = create("span", { role: "status" });
  const button = create("button", { type: "button" }, "Forget my answers");
  button.addEventListener("click", () => forget(chapter));
  const update = () => {
    const { answered, right } = progress(chapter);
    count.textContent = answered ? `${right} of ${total} right.` : "";
    button.hidden = !answered;
  };
  changes.addEventListener("change", update);
  update();
  return create("p", { className: LINE }, count, " ", button);
}

/** Adds the line to the section with the exercises. */
function addProgressLine() {
  const form = document.querySelector('exercise-form[name="check"]');
  const heading = form?.closest("section")?.querySelector("h2");
  if (!form || !heading) return;
  const chapter = form.getAttribute("chapter") ?? "";
  heading.after(createProgressLine(chapter, Number(form.getAttribute("total"))));
}

/**
 * @param {HTMLAnchorElement} link to a chapter
 * @returns {string} the chapter's name, as in convlib.exercises: "stride" of stride.html
 */
function chapterOf(link) {
  const file = new URL(link.href).pathname.split("/").at(-1) ?? "";
  return file.replace(/\.html$/, "");
}

/** Writes the numbers beside the links to the chapters. */
function updateChapters() {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll(CHAPTERS)
  )) {
    link.querySelector(".exercise-count")?.remove();
    const { answered, right, total } = progress(chapterOf(link));
    if (!answered || !total) continue;
    const short = create("span", { "aria-hidden": "true" }, `${right}/${total}`);
    const long = create("span", { className: "spoken" }, `, ${right} of ${total} exercises right`);
    link.append(create("span", { className: "exercise-count" }, short, long));
  }
}

addProgressLine();
updateChapters();
changes.addEventListener("change", updateChapters);
