"""The cells of the book that define the functions of `convlib.core`, in the order of its pages."""

from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import yaml
from numpy.lib.stride_tricks import sliding_window_view
from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
NOTEBOOKS = {path.stem: nbformat.read(path, as_version=4) for path in sorted(BOOK.glob("*.ipynb"))}
PAGES = [Path(page).name for page in parse_toc_yaml(ROOT / "_toc.yml")]
NUMBERED, *_ = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
CHAPTERS = [Path(chapter["file"]).name for chapter in NUMBERED["chapters"]]


def tags(cell):
    return cell.metadata.get("tags", [])


def tagged_cells():
    """List the (page, source) of the cells tagged ``convlib``, as a reader comes to them."""
    notebooks = [(page, NOTEBOOKS[page]) for page in PAGES if page in NOTEBOOKS]
    cells = [(page, cell) for page, notebook in notebooks for cell in notebook.cells]
    return [(page, cell.source) for page, cell in cells if "convlib" in tags(cell)]


def type_in(sources):
    """Execute definitions where nothing exists but NumPy, and return what they define."""
    names = {"np": np, "sliding_window_view": sliding_window_view}
    for source in sources:
        exec(source, names)
    return SimpleNamespace(**names)
