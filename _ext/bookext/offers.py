"""What a reader may take along: the notebook behind a page, and the book as a PDF."""

import re
import shutil
from pathlib import Path

# Notebooks that Colab can open lie on github.com and nowhere else.
PUBLIC = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")
COLAB = "https://colab.research.google.com/github/{}/blob/{}/{}"
PDF = "conv2d.pdf"


def colab_address(repository, branch, path):
    """Say where Colab opens a file of the repository, or None where it cannot."""
    found = PUBLIC.fullmatch(repository or "")
    return found and COLAB.format(found[1], branch, path)


def notebook(app, pagename):
    """Find the notebook behind a page of the book, or None."""
    path = Path(app.env.doc2path(pagename))
    return path if path.suffix == ".ipynb" else None


def printed(app):
    """Find the PDF that `make pdf` has left, or None."""
    path = Path(app.srcdir) / "_build" / PDF
    return path if path.exists() else None


def offer(app, pagename, templatename, context, doctree):
    """Tell the templates what there is to take."""
    theme = app.config.html_theme_options
    path = doctree and notebook(app, pagename)
    context["book_notebook"] = path and path.name
    context["book_colab"] = path and colab_address(
        theme.get("repository_url"), theme.get("repository_branch"), f"{pagename}.ipynb"
    )
    context["book_pdf"] = printed(app) and PDF


def copy_offers(app, exception):
    """Lay the notebooks beside their pages, byte for byte, and the PDF on top."""
    if exception or app.builder.format != "html":
        return
    for pagename in app.env.found_docs:
        if path := notebook(app, pagename):
            shutil.copyfile(path, Path(app.outdir) / f"{pagename}.ipynb")
    if path := printed(app):
        shutil.copyfile(path, Path(app.outdir) / PDF)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", offer)
    app.connect("build-finished", copy_offers)
