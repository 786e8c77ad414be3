"""Downloads: notebooks, the book as a PDF, and the command that clones the repository."""

import re
import shutil
from pathlib import Path

from docutils import nodes

# Colab opens notebooks from github.com only.
PUBLIC = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")
COLAB = "https://colab.research.google.com/github/{}/blob/{}/{}"
PDF = "conv2d.pdf"
RESERVED = "https://example.com/"  # no repository has an address that begins so
RUN = "run-it-yourself"  # the section of the front page


def colab_address(repository, branch, path):
    """Return the address at which Colab opens a file of the repository, or None."""
    found = PUBLIC.fullmatch(repository or "")
    return found and COLAB.format(found[1], branch, path)


def add_clone_command(app, doctree, docname):
    """Show on the front page how the repository is cloned, if it has an address."""
    repository = app.config.html_theme_options.get("repository_url") or RESERVED
    if docname != app.config.root_doc or repository.startswith(RESERVED):
        return
    for section in doctree.findall(nodes.section):
        if RUN in section["ids"]:
            section += nodes.paragraph("", "Or clone the repository, with its tests and tools:")
            folder = repository.rstrip("/").rpartition("/")[2].removesuffix(".git")
            commands = f"git clone {repository}\ncd {folder}\nmake lab"
            section += nodes.literal_block(commands, commands, language="none")


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
    app.connect("doctree-resolved", add_clone_command)
    app.connect("html-page-context", add_to_context)
    app.connect("build-finished", copy_downloads)
