/** Cells by mouse, touch and keyboard: hover, select, walk, edit. */

import { addressOf, key } from "./address.js";

/** @typedef {import("./address.js").Address} Address */
/** @typedef {import("./state.js").State} State */

/** @type {Record<string, [down: number, right: number]>} */
const MOVES = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Home: [0, -Infinity],
  End: [0, Infinity],
};
const FIRST_OF_NUMBER = /^[-\d.]$/;

/** Listens to the cells under a root. */
export class Gestures {
  #root;
  #state;
  /** The cell that was marked when the pointer went down: a second click edits it. */
  #markedBefore = "";

  /**
   * @param {ShadowRoot} root
   * @param {State} state
   */
  constructor(root, state) {
    this.#root = root;
    this.#state = state;
    root.addEventListener("pointerover", (event) =>
      this.#hover(/** @type {PointerEvent} */ (event)),
    );
    root.addEventListener("pointerdown", () => (this.#markedBefore = key(state.marked)));
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("focusin", (event) => this.#focus(event));
    root.addEventListener("focusout", (event) => this.#leave(event));
    root.addEventListener("input", (event) => this.#input(event));
    root.addEventListener("keydown", (event) => this.#press(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {Event} event */
  #addressAt({ target }) {
    const cell = /** @type {Element} */ (target).closest("[data-key]");
    return cell ? addressOf(/** @type {HTMLElement} */ (cell).dataset.key ?? "") : null;
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    if (event.pointerType === "touch" || this.#state.editing) return;
    this.#state.hover(this.#addressAt(event));
  }

  /** @param {Event} event */
  #click(event) {
    const address = this.#addressAt(event);
    if (!address || isEditor(event)) return;
    if (key(address) === this.#markedBefore && address.board !== "output") {
      this.#edit(address);
    } else {
      this.#state.select(address);
      this.#cell(address)?.focus();
    }
  }

  /** @param {Event} event */
  #focus(event) {
    const address = this.#addressAt(event);
    if (!address || isEditor(event) || address.board === "output") return;
    if (key(address) !== key(this.#state.marked)) this.#state.select(address);
  }

  /** @param {Event} event */
  #leave(event) {
    if (isEditor(event)) this.#state.stopEditing(true);
  }

  /** @param {Event} event */
  #input(event) {
    if (isEditor(event)) this.#state.type(/** @type {HTMLInputElement} */ (event.target).value);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const address = this.#addressAt(event);
    if (!address || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = isEditor(event)
      ? this.#pressInEditor(event, address)
      : this.#pressOnCell(event, address);
    if (done) event.preventDefault();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Address} address
   */
  #pressInEditor({ key: name }, address) {
    const vertical = name === "ArrowUp" || name === "ArrowDown";
    if (!vertical && name !== "Enter" && name !== "Escape") return false;
    this.#state.stopEditing(name !== "Escape");
    if (vertical) this.#walk(address, MOVES[name]);
    else this.#cell(address)?.focus();
    return true;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Address} address
   */
  #pressOnCell({ key: name }, address) {
    if (name in MOVES) {
      this.#walk(address, MOVES[name]);
    } else if (address.board === "output") {
      if (name !== "Enter" && name !== " ") return false;
      this.#state.select(address);
    } else if (FIRST_OF_NUMBER.test(name)) {
      this.#edit(address, name);
    } else if (["Enter", " ", "F2"].includes(name)) {
      this.#edit(address);
    } else if (["Delete", "Backspace"].includes(name)) {
      this.#edit(address, "");
    } else {
      return false;
    }
    return true;
  }

  /**
   * Go to another cell of the same board.
   *
   * @param {Address} from
   * @param {[number, number]} move
   */
  #walk({ board, index }, [down, right]) {
    if (board === "bias") return;
    const { inputShape, outputShape, weightShape } = this.#state.plane;
    const shape = { input: inputShape, output: outputShape, weight: weightShape }[board];
    const to = [...index];
    [down, right].forEach((step, side) => {
      const axis = index.length - 2 + side;
      to[axis] = Math.max(0, Math.min(index[axis] + step, shape[axis] - 1));
    });
    const address = { board, index: to };
    this.#state.select(address);
    this.#cell(address)?.focus();
  }

  /**
   * @param {Address} address
   * @param {string} [text] in place of the number
   */
  #edit(address, text) {
    this.#state.startEditing(address);
    const editor = /** @type {HTMLInputElement | null} */ (this.#root.querySelector(".editor"));
    if (!editor) return;
    editor.focus();
    if (text === undefined) return editor.select();
    editor.value = text;
    this.#state.type(text);
  }

  /** @param {Address} address */
  #cell(address) {
    return /** @type {HTMLElement | null} */ (
      this.#root.querySelector(`.cell[data-key="${key(address)}"]`)
    );
  }
}

/** @param {Event} event */
function isEditor({ target }) {
  return /** @type {Element} */ (target).classList.contains("editor");
}
