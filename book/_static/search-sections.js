// The search page: finds sections by the words of their headings and of their index entries, in
// any order. Those with half of the query's words or more come before the pages that contain all
// words somewhere, those with fewer after.
// Without this script Sphinx's own search works as it does elsewhere.
(() => {
  /**
   * A section of the book; a page is one without an anchor. Its phrases are its heading, and the
   * index entries that lead to it.
   * @typedef {{file: number, id: string | null, heading: string, phrases: string[]}} Section
   *
   * What Sphinx's index contains: numbers of files, anchors.
   * @typedef {Record<string, [number, string | null][]>} Places
   *
   * Sphinx's form of a result: page, title, anchor, description, score, file.
   * @typedef {[string, string, string, string | null, number, string]} Result
   */

  /** The share of the query's words that a section has, and how many words at least. */
  const MOST = 0.5;
  const SOME = 0.4;
  const WORDS = 2;
  /** Words of questions, and those that are everywhere in this book. */
  const EMPTY = [
    "how", "what", "which", "why", "when", "can", "do", "does", "make", "use", "vs", "my", "about",
    "torch", "pytorch",
  ];

  /** Returns what Sphinx's scripts define, which is there once the page is read. */
  const sphinx = () => {
    // @ts-expect-error: globals of other scripts
    return { Search, Stemmer, splitQuery, stopwords };
  };

  /**
   * Returns the stems of the words of a text, without those that say nothing.
   * @param {string} text
   * @returns {Set<string>}
   */
  const stems = (text) => {
    const { Stemmer, splitQuery, stopwords } = sphinx();
    const stemmer = new Stemmer();
    const ignored = [...stopwords, ...EMPTY];
    /** @type {string[]} */
    const words = splitQuery(text.toLowerCase());
    return new Set(words.filter((word) => !ignored.includes(word))
      .map((word) => stemmer.stemWord(word)));
  };

  /**
   * Returns how many words two sets have in common.
   * @param {Set<string>} one
   * @param {Set<string>} other
   */
  const common = (one, other) => [...one].filter((word) => other.has(word)).length;

  /**
   * Lists all sections of the book.
   * @param {{alltitles: Places, indexentries: Places}} index
   */
  const listSections = ({ alltitles, indexentries }) => {
    /** @type {Map<string, Section>} */
    const sections = new Map();
    /** @type {(file: number, id: string | null) => Section} A page's own entries have no anchor. */
    const at = (file, id) => {
      const key = `${file}#${id || ""}`;
      const section = sections.get(key) ?? { file, id: id || null, heading: "", phrases: [] };
      sections.set(key, section);
      return section;
    };
    for (const [heading, places] of Object.entries(alltitles)) {
      for (const [file, id] of places) {
        const section = at(file, id);
        section.heading = heading;
        section.phrases.push(heading);
      }
    }
    for (const [entry, places] of Object.entries(indexentries)) {
      for (const [file, id] of places) at(file, id).phrases.push(entry);
    }
    return [...sections.values()];
  };

  /**
   * Rates a section: the share of the query's words that it has, 1 if the query has all words of a
   * longer phrase; and from 0 to 100, half for this share, half for the phrase most like the query.
   * @param {Set<string>} query
   * @param {Section} section
   */
  const rate = (query, section) => {
    const sets = section.phrases.map(stems);
    const number = common(query, new Set(sets.flatMap((set) => [...set])));
    let likeness = 0;
    let contained = false;
    for (const set of sets) {
      const words = common(query, set);
      likeness = Math.max(likeness, (2 * words) / (query.size + set.size));
      contained ||= words === set.size && words > WORDS;
    }
    const enough = number >= Math.min(WORDS, query.size);
    const share = enough ? number / query.size : 0;
    return { share: contained ? 1 : share, score: 50 * share + 50 * likeness };
  };

  /**
   * Returns the sections with half of the query's words or more, and those with fewer, worst first.
   * @param {string} text
   */
  const findSections = (text) => {
    const index = sphinx().Search._index;
    const query = stems(text);
    /** @type {{most: Result[], some: Result[]}} */
    const found = { most: [], some: [] };
    for (const section of query.size ? listSections(index) : []) {
      const { share, score } = rate(query, section);
      const { file, id, heading } = section;
      const page = index.titles[file];
      const title = id && heading ? `${page} > ${heading}` : page;
      const anchor = id ? `#${id}` : "";
      if (share >= SOME) {
        found[share >= MOST ? "most" : "some"].push(
          [index.docnames[file], title, anchor, null, score, index.filenames[file]]);
      }
    }
    /** @type {(one: Result, other: Result) => number} */
    const byScore = (one, other) => one[4] - other[4];
    return { most: found.most.sort(byScore), some: found.some.sort(byScore) };
  };

  document.addEventListener("DOMContentLoaded", () => {
    const { Search } = sphinx();
    /** @type {(text: string, ...rest: unknown[]) => Result[]} */
    const searchPages = Search._performSearch.bind(Search);
    /** @type {(result: Result) => string} */
    const address = (result) => result[5] + result[2];
    Search._performSearch = (/** @type {string} */ text, /** @type {unknown[]} */ ...rest) => {
      const { most, some } = findSections(text);
      const found = new Set([...most, ...some].map(address));
      const pages = searchPages(text, ...rest).filter((result) => !found.has(address(result)));
      return [...some, ...pages, ...most];
    };
  });
})();
