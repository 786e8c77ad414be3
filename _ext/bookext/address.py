"""Where the book stands, said once: ``html.baseurl``, or BOOK_URL while it is built.

With an address a page names itself and its card in full, and the page for addresses that
lead nowhere finds its way back. Without one, nothing absolute is said.
"""

import os
from urllib.parse import urlsplit

from sphinx.errors import ConfigError

# A preview is fetched by a stranger, who wants whole addresses.
WHOLE = ("og:url", "og:image", "twitter:card")

LOST = """<h1>This page is not here</h1>
<p>Perhaps its name has changed. Begin at the <a href="{0}">front page</a>, or
<a href="{0}search.html">search</a> for a word: <code>stride</code>, <code>dilation</code>,
<code>groups</code>.</p>"""


def whole(address):
    """Check an address, and end it with a slash; none is none."""
    if not address:
        return ""
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
        raise ConfigError(f"BOOK_URL or html.baseurl, {address!r}, must be a whole https address")
    return address.rstrip("/") + "/"


def settle(app, config):
    """Tell the address to everything that wants it."""
    address = whole(os.environ.get("BOOK_URL") or config.html_baseurl)
    prefix = urlsplit(address).path or "/"
    config.html_baseurl = config.ogp_site_url = address
    config.notfound_urls_prefix = prefix
    config.notfound_context = {
        "title": "This page is not here",
        "body": LOST.format(prefix),
    }


def describe(app, pagename, templatename, context, doctree):
    """Give every page a description, and whole addresses or none."""
    lines = context.get("metatags", "").splitlines()  # a page of its own has none
    if not doctree:
        lines.append(f'<meta name="description" content="{app.config.book_description}" />')
    if not app.config.html_baseurl:
        lines = [line for line in lines if not any(f'"{name}' in line for name in WHOLE)]
    context["metatags"] = "\n".join(lines)
    context["book_description"] = app.config.book_description
    if pagename == app.config.notfound_pagename:
        context["content_root"] = app.config.notfound_urls_prefix
        context["pageurl"] = None


def add_front_door(app):
    """Send those who come to the folder to the front page."""
    root = app.config.root_doc
    said = {
        "front": app.builder.get_target_uri(root),
        "address": app.config.html_baseurl,
        "card": app.config.ogp_image,
    }
    yield "index", said, "door.html"


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinxext.opengraph")
    app.setup_extension("notfound.extension")
    app.add_config_value("book_description", "", "html", types=frozenset({str}))
    app.connect("config-inited", settle, priority=100)
    app.connect("html-page-context", describe, priority=800)
    app.connect("html-collect-pages", add_front_door)
