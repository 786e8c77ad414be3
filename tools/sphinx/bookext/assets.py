"""Scripts and styles of a page: none twice, none unused."""

from pathlib import Path

from docutils import nodes

# Scripts and styles by a word in their name or body, and the markup that needs them.
# thebe would run code on a server; the book does not use it.
NEEDED_BY = {
    "thebe": None,
    "sphinx-design": 'class="sd-',
    "design-tabs": 'class="sd-tab-',
    "togglebutton": 'class="toggle',
    "toggleHint": 'class="toggle',
    "toggleOpenOnPrint": 'class="toggle',
    "copybutton": 'div class="highlight',
    "clipboard": 'div class="highlight',
    "find-message": 'class="find-message"',
}
# The first draws icons that the theme's web font has drawn already, and book/_templates leaves
# it out; the others are no pages.
SUPERFLUOUS = (
    "scripts/fontawesome.js",
    "scripts/fontawesome.js.map",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
)


def remove_unused(app, pagename, templatename, context, doctree):
    """Keep each script and style once, if the page contains the markup that needs it."""
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        kept = {}
        for asset in context.get(kind, []):
            text = f"{asset.filename} {asset.attributes.get('body', '')}"
            markup = [sign for word, sign in NEEDED_BY.items() if word in text]
            if all(sign is not None and sign in body for sign in markup):
                kept.setdefault(text, asset)
        context[kind] = list(kept.values())


def remove_kernel_config(app, doctree, docname):
    """Remove the kernel configuration of thebe."""
    for raw in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in raw.astext() or "kernelName" in raw.astext():
            raw.parent.remove(raw)


def remove_superfluous(app, exception):
    """Delete large files that no page requests, and templates that look like pages."""
    for name in SUPERFLUOUS:
        (Path(app.outdir) / "_static" / name).unlink(missing_ok=True)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", remove_unused, priority=900)
    app.connect("doctree-resolved", remove_kernel_config, priority=900)
    app.connect("build-finished", remove_superfluous)
