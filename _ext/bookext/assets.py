"""What a page loads: nothing twice, nothing that it does not use."""

from pathlib import Path

from docutils import nodes

# Scripts and styles by a word in their name or body, and the markup that needs them.
# thebe runs code on somebody's server, which is never asked here.
NEEDED_BY = {
    "thebe": None,
    "sphinx-design": 'class="sd-',
    "design-tabs": 'class="sd-tab-',
    "togglebutton": 'class="toggle',
    "toggleHint": 'class="toggle',
    "toggleOpenOnPrint": 'class="toggle',
    "copybutton": 'div class="highlight',
    "clipboard": 'div class="highlight',
}
# The first draws icons that the theme's web font has drawn already, and book/_templates leaves
# it out; the others are no pages.
SUPERFLUOUS = (
    "scripts/fontawesome.js",
    "scripts/fontawesome.js.map",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
)


def keep_what_is_used(app, pagename, templatename, context, doctree):
    """Keep each script and each style once, if the page has what it is for."""
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        kept = {}
        for asset in context.get(kind, []):
            said = f"{asset.filename} {asset.attributes.get('body', '')}"
            markup = [sign for word, sign in NEEDED_BY.items() if word in said]
            if all(sign is not None and sign in body for sign in markup):
                kept.setdefault(said, asset)
        context[kind] = list(kept.values())


def forget_the_kernel(app, doctree, docname):
    """Take out what thebe would be told of its kernel."""
    for raw in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in raw.astext() or "kernelName" in raw.astext():
            raw.parent.remove(raw)


def remove_superfluous(app, exception):
    """Leave nothing behind that no page asks for and that is large, or looks like a page."""
    for name in SUPERFLUOUS:
        (Path(app.outdir) / "_static" / name).unlink(missing_ok=True)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", keep_what_is_used, priority=900)
    app.connect("doctree-resolved", forget_the_kernel, priority=900)
    app.connect("build-finished", remove_superfluous)
