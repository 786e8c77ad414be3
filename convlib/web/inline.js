/** The key under which a page remembers that the modules were loaded. */
const LOADED = Symbol.for("convlib.web");
const page = /** @type {Record<symbol, Promise<object>>} */ (/** @type {unknown} */ (globalThis));

/**
 * Gives every file an address of its own, and imports the last one.
 *
 * @param {Array<[path: string, text: string]>} files each after all files to which it refers; a
 *   reference is written as "convlib:" and the path
 * @returns {Promise<object>} the exports of the last file
 */
export function importInline(files) {
  const addresses = new Map();
  for (const [path, text] of files) {
    const linked = text.replaceAll(/"convlib:([^"]+)"/g, (_, name) => `"${addresses.get(name)}"`);
    const type = path.endsWith(".css") ? "text/css" : "text/javascript";
    addresses.set(path, URL.createObjectURL(new Blob([linked], { type })));
  }
  return import([...addresses.values()].at(-1));
}

/**
 * Imports the files unless a cell of this page, in whatever notebook, has done so: a custom element
 * can be defined only once.
 *
 * @param {Array<[path: string, text: string]>} files
 * @returns {Promise<object>}
 */
export function importInlineOnce(files) {
  page[LOADED] ??= importInline(files);
  return page[LOADED];
}
