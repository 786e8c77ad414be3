"""Outputs that a reader should predict first: folded when a cell of a notebook is run.

JupyterLab folds a stored output, but unfolds it when the cell is run, as by Run All Cells.
"""

import re
from html import escape
from importlib import import_module
from typing import Any

# The first line of a cell that shows an answer, and the title of its output.
TITLE = re.compile(r'print\("((?:Answer to|Compare with your) [^"]+:)"\)')
MAGIC = "show_folded"


def fold_outputs() -> None:
    """In this kernel, fold the output of each cell that begins by printing a title like these."""
    shell = import_module("IPython").get_ipython()
    if add_magic not in shell.input_transformers_cleanup:
        shell.register_magic_function(show_folded, "cell", MAGIC)
        shell.input_transformers_cleanup.insert(0, add_magic)


def add_magic(lines: list[str]) -> list[str]:
    """Replace the line that prints a title by a cell magic with this title."""
    title = TITLE.fullmatch(lines[0].rstrip()) if lines else None
    return [f"%%{MAGIC} {title[1]}\n", *lines[1:]] if title else lines


def show_folded(title: str, cell: str) -> None:
    """Run code, and display all its outputs in one element that is opened by a click."""
    with import_module("IPython.utils.capture").capture_output(stderr=False) as captured:
        import_module("IPython").get_ipython().run_cell(cell)
    outputs = "\n".join(_html(output.data) for output in captured.outputs)
    printed = f"<pre>{escape(captured.stdout)}</pre>\n" if captured.stdout else ""
    html = f"<details>\n<summary>{escape(title)}</summary>\n{printed}{outputs}\n</details>"
    import_module("IPython.display").display({"text/html": html}, raw=True)


def _html(data: dict[str, Any]) -> str:
    """Return the richest form of an output as HTML."""
    if "text/html" in data:
        return str(data["text/html"])
    if "image/png" in data:
        return f'<img src="data:image/png;base64,{data["image/png"].strip()}" alt="" />'
    return f"<pre>{escape(data['text/plain'])}</pre>"
