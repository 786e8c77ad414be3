// The search page: finds sections by the words of their headings and of their index entries, in
// any order, and shows them before the pages that contain the words somewhere.
// Without this script Sphinx's own search works as it does elsewhere.
(() => {
  /** The share of the query's words that a section must have, and how many words at least. */
  const SHARE = 0.6;
  const WORDS = 2;
  /** Words of questions, and those that are everywhere in this book. */
  const EMPTY = ["how", "what", "which", "why", "when", "can", "do", "does", "make", "use", "vs"]
    .concat(["torch", "pytorch"]);

  /**
   * Returns the stems of the words of a text, without those that say nothing.
   * @param {string} text
   * @returns {Set<string>}
   */
  const stems = (text) => {
    const stemmer = new Stemmer();
    const ignored = [...stopwords, ...EMPTY];
    const words = splitQuery(text.toLowerCase()).filter((word) => !ignored.includes(word));
    return new Set(words.map((word) => stemmer.stemWord(word)));
  };

  /** Returns how many words two sets have in common. */
  const common = (one, other) => [...one].filter((word) => other.has(word)).length;

  /**
   * Lists all sections of the book: file, anchor, heading and phrases, which are the heading, the
   * title of the page, and index entries.
   */
  const listSections = ({ alltitles, indexentries, titles }) => {
    const sections = new Map();
    const at = (file, id) => {
      const key = `${file}#${id ?? ""}`;
      if (!sections.has(key)) sections.set(key, { file, id, heading: "", phrases: [] });
      return sections.get(key);
    };
    for (const [heading, places] of Object.entries(alltitles)) {
      for (const [file, id] of places) {
        const isPage = heading === titles[file];
        const section = at(file, isPage ? null : id);
        section.heading = heading;
        section.phrases.push(heading);
      }
    }
    for (const [entry, places] of Object.entries(indexentries)) {
      for (const [file, id] of places) {
        const isPage = sections.has(`${file}#`) && titleAnchor(alltitles, titles, file) === id;
        at(file, isPage ? null : id).phrases.push(entry);
      }
    }
    return [...sections.values()];
  };

  /** Returns the anchor of the heading of a page. */
  const titleAnchor = (alltitles, titles, file) =>
    alltitles[titles[file]]?.find(([other]) => other === file)?.[1];

  /**
   * Rates a section from 0 (not found) to 100: half for the share of the query's words that it
   * has, half for its phrase that is most like the query.
   */
  const rate = (query, section) => {
    const sets = section.phrases.map(stems);
    const all = new Set(sets.flatMap((set) => [...set]));
    const share = common(query, all) / query.size;
    let best = 0;
    let contained = false;
    for (const set of sets) {
      const words = common(query, set);
      best = Math.max(best, (2 * words) / (query.size + set.size));
      contained ||= words === set.size && words > WORDS;
    }
    const enough = share >= SHARE && common(query, all) >= Math.min(WORDS, query.size);
    return enough || contained ? 50 * share + 50 * best : 0;
  };

  /** Returns the results of Sphinx's form, worst first, for the sections that are found. */
  const findSections = (text) => {
    const { docnames, filenames, titles } = Search._index;
    const query = stems(text);
    if (!query.size) return [];
    const results = [];
    for (const section of listSections(Search._index)) {
      const score = rate(query, section);
      const { file, id, heading } = section;
      const title = id && heading ? `${titles[file]} > ${heading}` : titles[file];
      const anchor = id ? `#${id}` : "";
      if (score) results.push([docnames[file], title, anchor, null, score, filenames[file]]);
    }
    return results.sort((one, other) => one[4] - other[4]);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const searchPages = Search._performSearch;
    Search._performSearch = (text, ...rest) => {
      const sections = findSections(text);
      const found = new Set(sections.map((result) => result[5] + result[2]));
      const pages = searchPages(text, ...rest).filter((result) => !found.has(result[5] + result[2]));
      return [...pages, ...sections];
    };
  });
})();
