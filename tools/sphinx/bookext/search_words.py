"""Words that readers search for, and that a page does not use in a heading.

``book/search_words.yml`` lists them under the page and the heading that answer. They become index
entries, which the general index lists. ``search-sections.js`` finds sections by the words of their
headings and of these entries.
"""

from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)


class AddSearchWords(SphinxTransform):
    """Add an index entry for each word to the section that it is listed for."""

    default_priority = 840  # before Sphinx collects the index entries, at 850

    def apply(self):
        """Add the entries of the page that is read."""
        page = Path(self.env.docname).name
        sections = {
            section[0].astext(): section for section in self.document.findall(nodes.section)
        }
        for heading, words in self.config.search_words.get(page, {}).items():
            if heading not in sections:
                logger.warning("search_words.yml: %s has no heading %r", page, heading)
                continue
            section = sections[heading]
            anchor = "" if section.parent is self.document else section["ids"][0]
            entries = [("single", word, anchor, "main", None) for word in words]
            section.insert(1, addnodes.index(entries=entries))


def read_words(app, config):
    """Read the words by page and heading; Sphinx rebuilds the pages when they change."""
    path = Path(app.srcdir) / "book" / "search_words.yml"
    config.search_words = yaml.safe_load(path.read_text()) if path.exists() else {}


def add_script(app, pagename, templatename, context, doctree):
    """Add the script of the search page."""
    if pagename == "search":
        app.add_js_file("search-sections.js")


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("search_words", {}, "env", types=[dict])
    app.add_transform(AddSearchWords)
    app.connect("config-inited", read_words)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True}
