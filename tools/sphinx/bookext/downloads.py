"""Downloads: the notebook of a page, and the book as a PDF."""

import re
import shutil
from pathlib import Path

# Colab opens notebooks from github.com only.
PUBLIC = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")
COLAB = "https://colab.research.google.com/github/{}/blob/{}/{}"
PDF = "conv2d.pdf"


def colab_address(repository, branch, path):
    """Return the address at which Colab opens a file of the repository, or None."""
    found = PUBLIC.fullmatch(repository or "")
    return found and COLAB.format(found[1], branch, path)


def notebook(app, pagename):
    """Return the path of the notebook of a page, or None."""
    path = Path(app.env.doc2path(pagename))
    return path if path.suffix == ".ipynb" else None


def pdf(app):
    """Return the path of the PDF that `make pdf` wrote, or None."""
    path = Path(app.srcdir) / "_build" / PDF
    return path if path.exists() else None


def add_to_context(app, pagename, templatename, context, doctree):
    """Give the templates what can be downloaded."""
    theme = app.config.html_theme_options
    path = doctree and notebook(app, pagename)
    context["book_notebook"] = path and path.name
    context["book_colab"] = path and colab_address(
        theme.get("repository_url"), theme.get("repository_branch"), f"{pagename}.ipynb"
    )
    context["book_pdf"] = pdf(app) and PDF


def copy_downloads(app, exception):
    """Copy the notebooks next to their pages, byte for byte, and the PDF to the top."""
    if exception or app.builder.format != "html":
        return
    for pagename in app.env.found_docs:
        if path := notebook(app, pagename):
            shutil.copyfile(path, Path(app.outdir) / f"{pagename}.ipynb")
    if path := pdf(app):
        shutil.copyfile(path, Path(app.outdir) / PDF)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", add_to_context)
    app.connect("build-finished", copy_downloads)
