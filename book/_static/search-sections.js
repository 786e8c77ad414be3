// The search page: finds sections by the words of their headings and of their index entries, in
// any order. Those with most words of the query come before the pages that contain all words
// somewhere, those with some of them after.
// Without this script Sphinx's own search works as it does elsewhere.
(() => {
  /** The share of the query's words that a section has, and how many words at least. */
  const MOST = 0.6;
  const SOME = 0.4;
  const WORDS = 2;
  /** Words of questions, and those that are everywhere in this book. */
  const EMPTY = [
    "how", "what", "which", "why", "when", "can", "do", "does", "make", "use", "vs", "my", "about",
    "torch", "pytorch",
  ];

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
   * Rates a section: the share of the query's words that it has, 1 if the query has all words of a
   * longer phrase; and from 0 to 100, half for this share, half for the phrase most like the query.
   */
  const rate = (query, section) => {
    const sets = section.phrases.map(stems);
    const all = new Set(sets.flatMap((set) => [...set]));
    const number = common(query, all);
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
   * Returns the sections with most words of the query, and those with some, as results of
   * Sphinx's form, worst first.
   */
  const findSections = (text) => {
    const { docnames, filenames, titles } = Search._index;
    const query = stems(text);
    const found = { most: [], some: [] };
    for (const section of query.size ? listSections(Search._index) : []) {
      const { share, score } = rate(query, section);
      const { file, id, heading } = section;
      const title = id && heading ? `${titles[file]} > ${heading}` : titles[file];
      const result = [docnames[file], title, id ? `#${id}` : "", null, score, filenames[file]];
      if (share >= SOME) found[share >= MOST ? "most" : "some"].push(result);
    }
    const byScore = (one, other) => one[4] - other[4];
    return { most: found.most.sort(byScore), some: found.some.sort(byScore) };
  };

  document.addEventListener("DOMContentLoaded", () => {
    const searchPages = Search._performSearch;
    Search._performSearch = (text, ...rest) => {
      const { most, some } = findSections(text);
      const address = (result) => result[5] + result[2];
      const found = new Set([...most, ...some].map(address));
      const pages = searchPages(text, ...rest).filter((result) => !found.has(address(result)));
      return [...some, ...pages, ...most];
    };
  });
})();
