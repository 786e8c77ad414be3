"""Pytest plugin: what the strict comparison allows in this book, and what it asks besides.

Kernels load no scripts, the set-up cell is the only one that a page leaves out, and every
notebook is a page.
"""

import functools
import os

import nbval.kernel
from sphinx_external_toc.parsing import parse_toc_yaml

from convlib import web
from tools import strict_nbval
from tools.run_notebooks import set_up

SET_UP = set_up()


def pytest_configure():
    """Let kernels load no scripts, and start them again if they die at once."""
    os.environ.update(web.OFF)
    nbval.kernel.start_new_kernel = started_again(nbval.kernel.start_new_kernel)


def started_again(start):
    """Return a function that starts a kernel, and another one if the first dies before it is ready.

    The ports of a kernel are chosen before it begins to listen, so another process may be faster.
    """

    @functools.wraps(start)
    def start_again(*arguments, **settings):
        try:
            return start(*arguments, **settings)
        except RuntimeError:
            return start(*arguments, **settings)

    return start_again


def removed_cells(notebook, path):
    """Yield a fault for each cell that a page leaves out, but for the set-up cell as it is."""
    for cell in notebook.cells:
        removed = "remove-cell" in cell.metadata.get("tags", ())
        if removed and {**cell, "execution_count": None} != SET_UP:
            yield f"cell {cell.id} is removed, which only the set-up cell may be"


def unlisted(notebook, path):
    """Yield a fault if the notebook is missing in the _toc.yml of a folder above it."""
    for folder in path.parents:
        toc = folder / "_toc.yml"
        if toc.exists():
            page = path.relative_to(folder).with_suffix("").as_posix()
            if page not in parse_toc_yaml(toc):
                yield "not listed in _toc.yml: no reader would find it"
            return


strict_nbval.ALLOWED["tags"] |= {"convlib", "remove-cell"}
strict_nbval.CHECKS += [removed_cells, unlisted]
