"""What the book asks of Sphinx beyond its settings.

Formulas as MathML, each script once, and docstrings made fit for the reference: their
sections as definition lists, and a link wherever they name something that has a page.
"""

import itertools
import re

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.math import get_node_equation_number

# Where names from outside are explained: links only, nothing is asked for when pages are built.
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
    """Turn NumPy's sections into what reStructuredText knows: headings, definitions, links."""
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
                written.append("    ..")  # a term that says it all: its definition is empty
    lines[:] = written


def link_outside(app, env, node, contnode):
    """Link a name of torch or NumPy to its page."""
    name = node["reftarget"]
    page = OUTSIDE.get(name.partition(".")[0])
    if page is None:
        return None
    address = page.format(ELSEWHERE.get(name, name))
    return nodes.reference("", "", contnode, internal=False, refuri=address)


def visit_inline(translator, node):
    """Write a formula in a line as MathML, which browsers and screen readers know."""
    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def visit_block(translator, node):
    """Write a formula on its own line, with its number if it has one."""
    translator.body.append('<div class="math notranslate nohighlight">')
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append(tex2mathml(node.astext(), as_block=True))
    translator.body.append("</div>")
    raise nodes.SkipNode


def each_script_once(app, pagename, templatename, context, doctree):
    """Drop inline scripts that the theme adds a second time; their constants clash."""
    seen = set()
    kept = []
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body")
        if body is None or body not in seen:
            kept.append(script)
        seen.add(body)
    context["script_files"] = kept


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("autodoc-process-docstring", read_docstring)
    app.connect("missing-reference", link_outside)
    app.connect("html-page-context", each_script_once, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
