"""The address of the site, from one place: ``html.baseurl``, or BOOK_URL at build time.

With an address, pages have canonical URLs and the 404 page links to the front page. Without
one, nothing absolute is written.
"""

import os
from urllib.parse import urlsplit

from sphinx.errors import ConfigError

# Previews of links are fetched from elsewhere and need absolute addresses.
ABSOLUTE = ("og:url", "og:image", "twitter:card")

NOT_FOUND = """<h1>This page is not here</h1>
<p>Perhaps its name has changed. Begin at the <a href="{0}">front page</a>, or
<a href="{0}search.html">search</a> for a word: <code>stride</code>, <code>dilation</code>,
<code>groups</code>.</p>"""


def normalized(address):
    """Validate an address and end it with a slash; an empty one stays empty."""
    if not address:
        return ""
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
        raise ConfigError(f"BOOK_URL or html.baseurl, {address!r}, must be a whole https address")
    return address.rstrip("/") + "/"


def configure(app, config):
    """Set the address in every extension that needs it."""
    address = normalized(os.environ.get("BOOK_URL") or config.html_baseurl)
    prefix = urlsplit(address).path or "/"
    config.html_baseurl = config.ogp_site_url = address
    config.notfound_urls_prefix = prefix
    config.notfound_context = {
        "title": "This page is not here",
        "body": NOT_FOUND.format(prefix),
    }


def describe(app, pagename, templatename, context, doctree):
    """Give every page a description, and absolute addresses or none."""
    lines = context.get("metatags", "").splitlines()  # pages without a source have none
    if not doctree:
        lines.append(f'<meta name="description" content="{app.config.book_description}" />')
    if not app.config.html_baseurl:
        lines = [line for line in lines if not any(f'"{name}' in line for name in ABSOLUTE)]
    context["metatags"] = "\n".join(lines)
    context["book_description"] = app.config.book_description
    if pagename == app.config.notfound_pagename:
        context["content_root"] = app.config.notfound_urls_prefix
        context["pageurl"] = None


def redirect_index(app):
    """Add an index page that redirects to the front page."""
    root = app.config.root_doc
    context = {
        "front": app.builder.get_target_uri(root),
        "address": app.config.html_baseurl,
        "card": app.config.ogp_image,
    }
    yield "index", context, "redirect-index.html"


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinxext.opengraph")
    app.setup_extension("notfound.extension")
    app.add_config_value("book_description", "", "html", types=frozenset({str}))
    app.connect("config-inited", configure, priority=100)
    app.connect("html-page-context", describe, priority=800)
    app.connect("html-collect-pages", redirect_index)
