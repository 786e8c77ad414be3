"""Formulas as MathML, which browsers and screen readers know: no script, no font but one."""

import re

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.math import get_node_equation_number


def mathml(formula, as_block):
    r"""Convert a formula; in \text, ``\_`` is an underscore, as in LaTeX and in KaTeX."""
    plain = re.sub(r"\\text\{[^{}]*\}", lambda text: text[0].replace(r"\_", "_"), formula)
    return tex2mathml(plain, as_block=as_block)


def visit_inline(translator, node):
    """Write a formula in a line as MathML, which browsers and screen readers know."""
    translator.body.append(mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def visit_block(translator, node):
    """Write a formula on its own line, with its number if it has one."""
    translator.body.append('<div class="math notranslate nohighlight">')
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append(mathml(node.astext(), as_block=True))
    translator.body.append("</div>")
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
