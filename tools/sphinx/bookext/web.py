"""Scripts of explorers and exercises: the files of convlib/web, on the pages that need them."""

import shutil
from pathlib import Path, PurePosixPath

from convlib import web

EVERYWHERE = ["exercises/progress.js"]  # the list of chapters is on every page
FETCHED = {".js": 'rel="modulepreload"', ".css": 'rel="preload" as="style"'}


def element_modules():
    """Return the module of each custom element by its tag, which is the name of the module."""
    index = web.sources()[web.ENTRY]
    return {PurePosixPath(path).stem: path for path in web.references(web.ENTRY, index)}


def required_modules(body):
    """Return the modules of the elements in the HTML of a page."""
    return [path for tag, path in element_modules().items() if f"<{tag}" in body]


def add_to_context(app, pagename, templatename, context, doctree):
    """Give the templates the modules that a page evaluates, and have the browser fetch them early.

    The addresses have no checksums: a module must have the same address as where it is imported.
    """

    def address(file):
        return context["pathto"](f"_static/web/{file}", resource=True)

    modules = EVERYWHERE + required_modules(context.get("body", ""))
    context["book_modules"] = [address(module) for module in modules]
    files = dict.fromkeys(file for module in modules for file in web.sources(module))
    links = [f'\n<link {FETCHED[Path(file).suffix]} href="{address(file)}" />' for file in files]
    context["metatags"] = context.get("metatags", "") + "".join(links)


def copy_files(app, exception):
    """Copy the files next to the other static ones."""
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "web"
    unpublished = shutil.ignore_patterns("*.py", "*.d.ts", "__pycache__")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(web.FOLDER, target, ignore=unpublished)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", add_to_context)
    app.connect("build-finished", copy_files)
