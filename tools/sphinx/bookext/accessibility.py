"""Corrections of HTML that screen readers misread."""

import re

EMPTY_HEAD = re.compile(r'<th class="(head[^"]*)"><p></p></th>')
REPLACEMENTS = {
    'role="doc-biblioentry"': 'role="listitem"',  # ARIA has deprecated the first
    '<summary aria-label="Toggle hidden content">': "<summary>",  # its own text says more
}


def correct(app, pagename, templatename, context, doctree):
    """Turn header cells without text into data cells, and replace misleading attributes."""
    if "body" in context:
        body = EMPTY_HEAD.sub(r'<td class="\1"></td>', context["body"])
        for old, new in REPLACEMENTS.items():
            body = body.replace(old, new)
        context["body"] = body


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", correct)
