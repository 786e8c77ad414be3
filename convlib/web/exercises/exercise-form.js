/** The element `<exercise-form>`: a question of the book with a field for its answer. */

import { decode, feedback, rightAnswer } from "./feedback.js";
import { createField } from "./fields.js";
import { create, markUp } from "./html.js";
import { createProgressLine, hasProgressLine } from "./progress.js";
import { changes, load, remember } from "./store.js";

/** @typedef {import("./store.js").Answer} Answer */

const TRIES_BEFORE_HINT = 2;

/** Cells of the book's pages, and of JupyterLab (whose shortcuts do not apply inside a form). */
const CELL = ".cell, .jp-Cell";
const FOLDED = "details, .jp-Placeholder-content";

let forms = 0;

/**
 * What convlib's `check(n, None)` shows in a notebook.
 *
 * Attributes: `chapter`, `name` ("check" or "question") and `number` are the name of the exercise,
 * `total` the number of exercises in the chapter, `kind` what an answer is, `data` the exercise in
 * base64. The content is shown where no script runs, and in print.
 */
export class ExerciseForm extends HTMLElement {
  #exercise = decode("number", btoa("{}"));
  /** @type {import("./fields.js").Field | undefined} */
  #field;
  #feedback = create("div", { className: "feedback", role: "status" });
  /** @type {Answer | undefined} */
  #answer;
  #onChange = () => this.#restore();

  connectedCallback() {
    if (!this.#field) this.#build();
    this.#restore();
    changes.addEventListener("change", this.#onChange);
  }

  disconnectedCallback() {
    changes.removeEventListener("change", this.#onChange);
  }

  get chapter() {
    return this.getAttribute("chapter") ?? "";
  }

  get #name() {
    return `${this.getAttribute("name")} ${this.getAttribute("number")}`;
  }

  get #total() {
    return Number(this.getAttribute("total"));
  }

  #build() {
    const kind = this.getAttribute("kind") ?? "";
    this.#exercise = decode(kind, this.getAttribute("data") ?? "");
    forms += 1;
    const list = kind === "choice" ? this.#listOfOptions() : undefined;
    const field = createField(this.#exercise, `exercise-${forms}`, [...(list?.children ?? [])]);
    this.#field = field;
    if (list) list.classList.add("exercise-options");
    const isExercise = this.getAttribute("name") === "check";
    const offer = isExercise ? "Show the worked answer" : "Show the answer";
    const worked = create("button", { type: "button" }, offer);
    worked.addEventListener("click", () => this.#showWorkedAnswer());
    const form = create(
      "form",
      { noValidate: true, "aria-label": this.#label(), "data-lm-suppress-shortcuts": true },
      ...this.#question(),
      field.element,
      create("div", { className: "actions" }, create("button", {}, "Check"), worked),
      this.#feedback,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#check(field);
    });
    form.addEventListener("keydown", (event) => this.#onKey(event, form));
    this.append(form);
    const first = this.#name === "check 1" && !hasProgressLine();
    if (first) this.append(createProgressLine(this.chapter, this.#total));
  }

  /**
   * Keeps keys from JupyterLab, which moves to another cell by arrows and prevents what Enter does.
   *
   * @param {KeyboardEvent} event
   * @param {HTMLFormElement} form
   */
  #onKey(event, form) {
    if (event.ctrlKey || event.metaKey) return;
    event.stopPropagation();
    if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) {
      return;
    }
    event.preventDefault();
    form.requestSubmit();
  }

  #label() {
    const number = this.getAttribute("number");
    return this.getAttribute("name") === "check" ? `Exercise ${number}` : `Question ${number}`;
  }

  #question() {
    const { question, code } = this.#exercise;
    const parts = [];
    if (question) parts.push(create("p", {}, ...markUp(question)));
    const properties = { className: "code", tabIndex: 0 };
    if (code) parts.push(create("pre", properties, create("code", {}, code)));
    return parts;
  }

  /** @returns {Element | undefined} the list above the cell, whose items begin with the letters */
  #listOfOptions() {
    const above = this.closest(CELL)?.previousElementSibling;
    const lists = above?.matches("ul") ? [above] : [...(above?.querySelectorAll("ul") ?? [])];
    return lists.at(-1);
  }

  /** @param {import("./fields.js").Field} field */
  #check(field) {
    const said = feedback(this.#exercise, field.typed());
    if (said.verdict !== "unreadable") {
      const right = said.verdict === "right";
      const wrong = (this.#answer?.wrong ?? 0) + (right ? 0 : 1);
      this.#answer = { entries: field.read(), right, wrong };
      remember(this.chapter, this.#total, this.#name, this.#answer);
    }
    this.#say(said);
  }

  /** Shows the answer that is stored, unless it is the one that this form has stored. */
  #restore() {
    const answer = load(this.chapter).answers[this.#name];
    const field = this.#field;
    if (!field || JSON.stringify(answer) === JSON.stringify(this.#answer)) return;
    this.#answer = answer;
    field.write(answer?.entries ?? field.read().map(() => ""));
    if (answer) this.#say(feedback(this.#exercise, field.typed()));
    else this.#show("none", []);
  }

  /** @param {import("./feedback.js").Feedback} said */
  #say({ verdict, sentence }) {
    const { hint } = this.#exercise;
    const tries = this.#answer?.wrong ?? 0;
    const needed = verdict === "wrong" && tries >= TRIES_BEFORE_HINT && !sentence.includes(hint);
    this.#show(verdict, needed ? [sentence, `Hint: ${hint}`] : [sentence]);
  }

  /**
   * @param {string} verdict
   * @param {string[]} sentences
   */
  #show(verdict, sentences) {
    this.#feedback.dataset.verdict = verdict;
    this.#feedback.replaceChildren(...sentences.map((text) => create("p", {}, ...markUp(text))));
  }

  #showWorkedAnswer() {
    const { because, limit } = this.#exercise;
    const answer = rightAnswer(this.#exercise);
    this.#show("worked", [`${limit ? "An" : "The"} answer is ${answer}: ${because}`]);
    const below = this.closest(CELL)?.nextElementSibling;
    for (const folded of below?.querySelectorAll(FOLDED) ?? []) {
      if (folded instanceof HTMLDetailsElement) folded.open = true;
      else if (folded instanceof HTMLElement) folded.click();
    }
  }
}

customElements.define("exercise-form", ExerciseForm);
