"""Scripts of explorers and exercises: the files of convlib/web, on the pages that need them."""

import shutil
from pathlib import Path, PurePosixPath

from convlib import web


def element_modules():
    """Return the module of each custom element by its tag, which is the name of the module."""
    index = web.sources()[web.ENTRY]
    return {PurePosixPath(path).stem: path for path in web.references(web.ENTRY, index)}


def required_modules(body):
    """Return the modules of the elements in the HTML of a page."""
    return [path for tag, path in element_modules().items() if f"<{tag}" in body]


def tags(paths, address):
    """Return HTML that loads modules, and fetches at once all files to which they refer.

    Parameters
    ----------
    paths : list of str
        The modules, relative to the folder.
    address : callable
        Returns the address of a file on the page.
    """
    files = dict.fromkeys(file for path in paths for file in web.sources(path))
    for file in files:
        kind = 'preload" as="style' if file.endswith(".css") else "modulepreload"
        yield f'<link rel="{kind}" href="{address(file)}" />'
    for path in paths:
        yield f'<script type="module" src="{address(path)}"></script>'


def add_scripts(app, pagename, templatename, context, doctree):
    """Load the modules of the elements that a page contains."""

    def address(file):
        return context["pathto"](f"_static/web/{file}", resource=True)

    paths = required_modules(context.get("body", ""))
    context["metatags"] = context.get("metatags", "") + "\n".join(tags(paths, address))


def copy_files(app, exception):
    """Copy the files next to the other static ones."""
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "web"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(web.FOLDER, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", copy_files)
