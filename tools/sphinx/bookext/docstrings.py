"""Docstrings for the API reference.

numpydoc sections become definition lists, and names that have a page become links.
"""

import itertools
import re

from docutils import nodes

# Documentation of other libraries: links only, nothing is requested at build time.
OUTSIDE = {
    "torch": "https://docs.pytorch.org/docs/stable/generated/{}.html",
    "numpy": "https://numpy.org/doc/stable/reference/generated/{}.html",
}
# torch.nn.grad has no page; F.channel_shuffle has that of its layer.
WITHOUT_PAGE = "torch.nn.grad."
ELSEWHERE = {"torch.nn.functional.channel_shuffle": "torch.nn.ChannelShuffle"}

LISTS = ("Parameters", "Attributes", "Returns", "Raises")
LINKS = [
    (r"Chapter ``([\w-]+)``", r"Chapter :doc:`/book/\1`"),
    (rf"``((?!{WITHOUT_PAGE})(?:torch|numpy)\.[\w.]+)``", r":py:obj:`\1`"),
    (r"(?<![`:])`(numpy\.[\w.]+)`(?!`)", r":py:obj:`\1`"),
    (r"(?<![`:])`(\w[\w.]*)`(?!`)", r":py:obj:`\1 <convlib.\1>`"),
    (r"arXiv:(\d{4}\.\d{5})", r"`arXiv:\1 <https://arxiv.org/abs/\1>`__"),
]


def read_docstring(app, what, name, obj, options, lines):
    """Convert numpydoc sections to reStructuredText: headings, definitions, links."""
    section = None
    written = []
    for line, after in itertools.pairwise([*lines, ""]):
        if line and set(after) == {"-"}:
            section = line
            written += [f".. rubric:: {line}", ""]
        elif not (line and set(line) == {"-"}):
            term = section in LISTS and line and not line.startswith(" ")
            if section != "Examples":
                line = line.replace("(*", r"(\*").replace(", *", r", \*") if term else line
                for pattern, link in LINKS:
                    line = re.sub(pattern, link, line)
            written.append(line)
            if term and not after.startswith(" "):
                written.append("    ..")  # a term without a definition
    lines[:] = written


def link_outside(app, env, node, contnode):
    """Link a name of torch or NumPy to its page."""
    name = node["reftarget"]
    page = OUTSIDE.get(name.partition(".")[0])
    if page is None:
        return None
    address = page.format(ELSEWHERE.get(name, name))
    return nodes.reference("", "", contnode, internal=False, refuri=address)


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", read_docstring)
    app.connect("missing-reference", link_outside)
