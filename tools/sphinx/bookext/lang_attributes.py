"""lang attributes on Chinese terms, for fonts and screen readers."""

import re

from docutils import nodes

CHINESE = re.compile("[\u4e00-\u9fff]")


def mark(app, doctree):
    """Set the language of the terms of a glossary that contain Chinese."""
    for term in doctree.findall(nodes.term):
        if CHINESE.search(term.astext()):
            term["classes"].append("language-zh-Hans")  # docutils writes lang="zh-Hans"


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", mark)
