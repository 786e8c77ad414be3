"""Classes of block quotes by the bold words that they begin with, for boxes of their own.

A block quote is readable wherever a notebook is shown; only the book's pages draw it as a box.
"""

from docutils import nodes

CLASSES = {"Rule.": "rule", "Trap.": "trap", "You will be able to": "objectives"}


def mark(app, doctree):
    """Give each block quote that begins with bold words their class."""
    for quote in doctree.findall(nodes.block_quote):
        words = next(iter(quote.findall(nodes.strong)), nodes.strong()).astext()
        if words in CLASSES and quote.astext().startswith(words):
            quote["classes"].append(CLASSES[words])


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", mark)
