// The field on the errors page: finds the rows of the index for a pasted message, and says what
// the numbers in the message are. Without this script, the index is read as it is.
(() => {
  const place = document.querySelector(".find-message");
  if (!place) return;

  /** @type {[RegExp, string[]][]} what the captured numbers are, in their order */
  const NUMBERS = [
    [/transposed=1, weight of size \[(\d+).*expected input\[([\d, ]+)\].*but got (\d+) channels/,
      ["first axis of the weight: the channels that the layer reads", "shape of the input",
        "channels that the input has"]],
    [/Given groups=(\d+), weight of size \[(\d+), (\d+).*expected input\[([\d, ]+)\] to have (\d+) channels, but got (\d+)/,
      ["groups", "C_out of the weight", "channels in each table of the weight: C_in / groups",
        "shape of the input, with a 1 in front if there was no batch axis",
        "channels that the weight reads: the third number times groups",
        "what axis 1 of the input has: is it your height, your batch, or 1?"]],
    [/expected weight to be divisible by (\d+) at dimension 0, but got weight of size \[\[(\d+)/,
      ["groups", "kernels in the weight: C_out"]],
    [/\(batched\) input to conv\w+, but got input of size: \[([\d, ]+)\]/, ["shape of the input"]],
    [/per channel: \(([\d x]+)\)\. Kernel size: \(([\d x]+)\)/,
      ["input with its padding: n + 2p", "reach of the kernel: d(k - 1) + 1"]],
    [/input size: \(([\dx]+)\)\. Calculated output size: \(([\d x]+)\)/,
      ["channels and size of the input", "channels and size of the output: 0 means no window"]],
    [/size per channel: \(([\d x]+)\)\. Calculated output size per channel: \(([-\d x]+)\)/,
      ["size of the input", "(n - 1)s - 2p + d(k - 1) + 1, which should be at least 1"]],
    [/pad=(\d+), kernel_size=(\d+) and dilation=(\d+)/, ["p", "k", "d: 2p may be at most k"]],
    [/padding \((\d+), \d+\) at dimension (\d+) of input \[([\d, ]+)\]/,
      ["p", "the axis that is too short, counted from 0", "shape of the input"]],
    [/requested an output size of \(([\d, ]+)\).*range from \[([\d, ]+)\] to \[([\d, ]+)\]/,
      ["output_size", "smallest possible", "largest possible"]],
    [/calculated number of sliding blocks ([\d* ]+) = (\d+), but got input\.size\(2\)=(\d+)/,
      ["windows down and across", "windows", "columns that the input has"]],
    [/except in dimension (\d+)\. Expected size (\d+) but got size (\d+) for tensor number (\d+)/,
      ["dim, the axis of the concatenation", "size of the first tensor on another axis",
        "size of a later tensor there", "that tensor, counted from 0"]],
    [/tensor a \((\d+)\).*tensor b \((\d+)\) at non-singleton dimension (\d+)/,
      ["size of the left tensor there", "size of the right tensor there",
        "the axis, counted from 0: 1 is channels, 2 height, 3 width"]],
    [/running_mean should contain (\d+) elements not (\d+)/,
      ["channels of the input", "channels that the layer was built for"]],
    [/cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)/,
      ["rows: the batch, if Flatten is there", "numbers in each row: C * H_out * W_out",
        "in_features", "out_features"]],
    [/shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)/,
      ["what view was given", "all numbers of the input: N * C * H * W"]],
    [/shape torch\.Size\(\[([\d, ]*)\]\) from checkpoint.*model is torch\.Size\(\[([\d, ]*)\]\)/,
      ["shape in the file", "shape in your network"]],
    [/expected bias to be 1-dimensional with (\d+) elements, but got bias of size \[([\d, ]+)\]/,
      ["kernels: C_out", "shape of the bias"]],
  ];

  const NOT_FOUND =
    "No row of the index contains this message. Paste its last line, or search the page for a " +
    "part of it.";

  /**
   * @template {keyof HTMLElementTagNameMap} Name
   * @param {Name} name
   * @param {object} properties
   * @param {...(Node | string)} children
   * @returns {HTMLElementTagNameMap[Name]}
   */
  const element = (name, properties, ...children) => {
    const created = Object.assign(document.createElement(name), properties);
    created.append(...children);
    return created;
  };

  /** @param {string} text */
  const oneLine = (text) => text.trim().replace(/\s+/g, " ");

  /** @param {string} quoted a message, with an ellipsis where it differs from case to case */
  const pattern = (quoted) =>
    new RegExp(quoted.split("…").map((part) => part.replace(/[^\w\s]/g, "\\$&")).join(".+"));

  /** @type {NodeListOf<HTMLTableRowElement>} */
  const tableRows = document.querySelectorAll("#the-index tbody tr, #devices tbody tr");
  const rows = [...tableRows].map((row) => ({
    quoted: pattern(oneLine(row.cells[0].textContent)),
    cells: [...row.cells].slice(1),
  }));

  /**
   * Where the numbers are in a message: start, end and meaning.
   *
   * @param {string} message
   * @returns {[number, number, string][]}
   */
  const numbers = (message) => {
    for (const [expression, meanings] of NUMBERS) {
      const [, ...places] = new RegExp(expression, "d").exec(message)?.indices ?? [];
      if (!places.length) continue;
      return places.map(([start, end] = [0, 0], i) => [start, end, meanings[i]]);
    }
    const found = [...message.matchAll(/-?\d+/g)];
    return found.map(({ index, 0: text }) => [index, index + text.length, ""]);
  };

  /**
   * @param {string} message
   * @param {[number, number, string][]} spans
   */
  const marked = (message, spans) => {
    const quote = element("p", { className: "message" });
    let end = 0;
    for (const [from, to] of spans) {
      quote.append(message.slice(end, from), element("mark", {}, message.slice(from, to)));
      end = to;
    }
    quote.append(message.slice(end));
    return quote;
  };

  /** @param {HTMLTableCellElement} cell */
  const content = (cell) => (cell.querySelector("p") ?? cell).cloneNode(true).childNodes;

  /** @param {string} message */
  const answer = (message) => {
    const found = rows.filter(({ quoted }) => quoted.test(message));
    if (!found.length) return [element("p", {}, NOT_FOUND)];
    const spans = numbers(message);
    const list = element("ul", {});
    for (const [from, to, meaning] of spans) {
      if (!meaning) continue;
      list.append(element("li", {}, element("mark", {}, message.slice(from, to)), `: ${meaning}`));
    }
    const fixes = found.map(({ cells: [fix, compared] }) => {
      const line = element("p", {}, element("strong", {}, "Fix: "), ...content(fix));
      if (compared) line.append(" (", ...content(compared), ")");
      return line;
    });
    return [...fixes, marked(message, spans), ...(list.children.length ? [list] : [])];
  };

  const placeholder = "Paste a message of torch here";
  const field = element("textarea", { id: "message", rows: 3, spellcheck: false, placeholder });
  field.setAttribute("aria-label", placeholder);
  const output = element("div", { className: "answer" });
  output.setAttribute("aria-live", "polite");
  field.addEventListener("input", () => {
    const message = oneLine(field.value);
    output.replaceChildren(...(message ? answer(message) : []));
  });
  place.append(field, output);
})();
