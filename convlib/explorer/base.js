/* What the explorers have in common: fields, the address, lines to copy, and where to draw. */

/* Make elements of HTML, SVG or MathML from a name, attributes and children. */
function maker(space) {
  return (name, attributes = {}, ...children) => {
    const element = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(key, value);
      else if (value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };
}
const html = maker("http://www.w3.org/1999/xhtml");
const svg = maker("http://www.w3.org/2000/svg");
const math = maker("http://www.w3.org/1998/Math/MathML");

/* Read a setting as it is written in an attribute and in the address: 3 or 3,5 or same. */
function parsed(name, text) {
  if (name === "padding" && WORDS.includes(text)) return text;
  if (name === "pointwise") return text === "true";
  const entries = text.split(",").map((entry) => {
    const number = entry.trim() === "" ? NaN : Number(entry);
    return Number.isFinite(number) ? number : null;
  });
  return short(entries.slice(0, 2));
}

/* Write one number where height and width have the same, and the other way round. */
function short(entries) {
  return entries.length === 1 || entries[0] === entries[1] ? entries[0] : entries;
}
function both(value) {
  return Array.isArray(value) ? [...value] : [value, value];
}

const KINDS = ["conv-explorer", "groups-explorer"];

class Explorer extends HTMLElement {
  /* What a kind of explorer says of itself: its parameters in order, each with its preset, the
     ends of its slider, and whether height and width can differ. */
  static parameters = [];

  apart = false; // whether height and width have fields of their own
  #settings = {};
  #waiting = null;

  connectedCallback() {
    if (this.shadowRoot) return;
    this.attachShadow({ mode: "open" });
    this.dataset.lmSuppressShortcuts = true; // JupyterLab's keys would change the notebook
    const first = document.querySelector(KINDS.join()) === this;
    // The first explorer of a page has its address; JupyterLab's address is not for it.
    this.addressed = first && location.pathname.endsWith(".html");
    const address = new URLSearchParams(this.addressed ? location.search : "");
    this.given = {};
    for (const { name, preset } of this.constructor.parameters) {
      const attribute = this.getAttribute(name);
      this.given[name] = attribute === null ? preset : parsed(name, attribute);
      this.#settings[name] = address.has(name) ? parsed(name, address.get(name)) : this.given[name];
    }
    // What is said aloud when it changes stays in its place: the answer, and what is chosen.
    this.refusal = html("p", { class: "refusal", role: "status" });
    this.answer = html("p", { class: "answer", role: "status" });
    this.drawing = html("div", { class: "drawing" });
    this.said = html("p", { class: "said" });
    this.lines = html("div", { class: "lines" });
    this.shadowRoot.append(html("style", {}, STYLE), this.fields(), this.refusal, this.answer);
    this.shadowRoot.append(this.drawing, this.said, this.lines);
    this.fill();
    this.render();
  }

  get settings() {
    return { ...this.#settings };
  }

  set settings(changes) {
    this.change(changes);
  }

  /* Take changes, and show them everywhere but in the field that is being typed into. */
  change(changes, typed = null) {
    Object.assign(this.#settings, changes);
    this.fill(typed);
    this.render();
    this.remember();
  }

  /* Draw what the settings give, or say why they give nothing. */
  render() {
    try {
      this.layer = this.compute();
      this.refusal.textContent = "";
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.layer = null;
      this.refusal.textContent = error.message;
    }
    this.say("");
    this.answer.replaceChildren(...(this.layer ? this.result() : []));
    this.drawing.replaceChildren(...(this.layer ? this.draw() : []));
    this.lines.replaceChildren(...this.code().map(line), ...(this.addressed ? [this.link()] : []));
  }

  /* Say who reads whom: aloud where a cell was chosen, not while sliders or the slide move. */
  say(words, aloud = false) {
    this.said.setAttribute("aria-live", aloud ? "polite" : "off");
    this.said.textContent = words;
  }

  /* Fields */

  get numbers() {
    return this.constructor.parameters.filter(({ slide }) => slide);
  }

  fields() {
    const rows = this.numbers.map((parameter) => this.field(parameter));
    const form = html("form", { class: "fields", submit: (event) => event.preventDefault() });
    form.append(...rows, ...this.extras());
    form.append(html("button", { type: "button", click: () => this.reset() }, "Reset"));
    return form;
  }

  reset() {
    this.apart = false;
    this.settings = this.given;
  }

  field({ name, slide, pair }) {
    const inputs = range(pair ? 2 : 1, (axis) => {
      const side = pair ? ["height", "width"][axis] : "";
      const typed = (event) => this.type(name, axis, event.target);
      const number = { type: "number", step: 1, inputmode: "numeric", input: typed };
      const slider = { type: "range", step: 1, min: slide[0], max: slide[1], input: typed };
      return html(
        "span",
        { class: `axis axis-${axis}` },
        html("span", { class: "side", "aria-hidden": "true" }, side),
        html("input", number),
        html("input", slider),
      );
    });
    return html("fieldset", { name }, html("legend", {}, html("code", {}, name)), ...inputs);
  }

  /* Take what was typed into the field of an axis; without a second field it is for both. */
  type(name, axis, input) {
    const entries = both(this.#settings[name]);
    entries[axis] = parsed(name, input.value);
    this.change({ [name]: this.apart ? short(entries) : entries[axis] }, input);
  }

  /* Show the settings in the fields. */
  fill(typed) {
    for (const { name } of this.numbers) {
      const value = this.#settings[name];
      const row = this.shadowRoot.querySelector(`fieldset[name=${name}]`);
      row.querySelectorAll(".axis").forEach((place, axis) => {
        for (const input of place.querySelectorAll("input")) {
          const side = this.apart ? [", height", ", width"][axis] : "";
          const slider = input.type === "range" ? ", slider" : "";
          input.setAttribute("aria-label", `${name}${side}${slider}`);
          if (slider) input.setAttribute("aria-valuetext", python(both(value)[axis]));
          input.disabled = typeof value === "string";
          if (input !== typed && !input.disabled) input.value = both(value)[axis] ?? "";
        }
      });
    }
  }

  /* The address, so that a case can be sent to somebody. Browsers allow only so many changes. */

  get search() {
    const search = new URLSearchParams(location.search);
    for (const { name } of this.constructor.parameters) search.set(name, this.#settings[name]);
    return `?${search}`.replaceAll("%2C", ",");
  }

  remember() {
    if (!this.addressed) return;
    clearTimeout(this.#waiting);
    const replace = () => history.replaceState(history.state, "", this.search + location.hash);
    this.#waiting = setTimeout(replace, 200);
  }

  link() {
    const copied = () => new URL(`${this.search}#${this.id}`, location.href).href;
    return html("p", {}, copier("Copy a link to this case", copied));
  }
}

function plural(words, numbers) {
  return `${words}${numbers.length === 1 ? "" : "s"} ${numbers.join(", ")}`;
}

/* A line of code with a button that copies it. */
function line(code) {
  const copy = copier("Copy", () => code, `Copy ${code}`);
  return html("p", { class: "line" }, html("code", {}, code), copy);
}

function copier(words, text, label = words) {
  const button = html("button", { type: "button" });
  const say = (shown, name = shown) => {
    button.textContent = shown;
    button.setAttribute("aria-label", name);
  };
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      say("Copied");
    } catch {
      say("No clipboard here");
    }
    setTimeout(say, 1500, words, label);
  });
  say(words, label);
  return button;
}
