"""Classes by which the book's pages draw boxes and a button, and other viewers plain text.

A block quote gets one by the bold words that it begins with; a paragraph, if it is a bold link.
"""

from docutils import nodes
from sphinx import addnodes

CLASSES = {"Rule.": "rule", "Trap.": "trap", "You will be able to": "objectives"}


def mark(app, doctree):
    """Give block quotes that begin with certain bold words, and bold links, a class."""
    for quote in doctree.findall(nodes.block_quote):
        words = next(iter(quote.findall(nodes.strong)), nodes.strong()).astext()
        if words in CLASSES and quote.astext().startswith(words):
            quote["classes"].append(CLASSES[words])
    for words in doctree.findall(nodes.strong):
        paragraph, links = words.parent, list(words.findall(addnodes.pending_xref))
        if links and paragraph.astext() == words.astext():
            paragraph["classes"].append("button")


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", mark)
