"""Browser code of explorers and exercises: ES modules, and the HTML that loads them in a notebook.

Pages of the site load the files as they are. A notebook cannot refer to a file of the package, so
`scripts` puts their text into one script, which gives each file an address of its own (a blob URL)
and replaces two forms of reference by these addresses:

- a static import or re-export, ``from "../model/layer.js"``: relative, in double quotes;
- ``new URL("./explorer.css", import.meta.url)``, for style sheets.

A file must not refer back to one that refers to it.
"""

import json
import os
import posixpath
import re
import sys
from collections.abc import Mapping
from functools import cache
from graphlib import TopologicalSorter
from html import escape
from importlib import import_module
from pathlib import Path

from convlib.web.folding import fold_outputs

FOLDER = Path(__file__).parent
ENTRY = "index.js"
# The environment of a kernel whose outputs are stored or compared: `load` does nothing.
OFF = {"CONVLIB_WEB": "off"}

_IMPORT = re.compile(r'^(\s*(?:import|export)\b(?:[^"\';]*?\bfrom)?\s*")(\.{1,2}/[^"]+)"', re.M)
_ASSET = re.compile(r'(\bnew URL\(\s*")(\.{1,2}/[^"]+)",\s*import\.meta\.url,?\s*\)')


def references(path: str, text: str) -> list[str]:
    """Return the files to which a file refers, relative to the folder, in order."""
    found = [*_IMPORT.finditer(text), *_ASSET.finditer(text)]
    return [_resolve(path, reference[2]) for reference in found]


def sources(entry: str = ENTRY, folder: Path = FOLDER) -> dict[str, str]:
    """Return the text of a file and of all that it needs, each after those to which it refers.

    Raises
    ------
    FileNotFoundError
        A file refers to one that does not exist.
    graphlib.CycleError
        Files refer to one another.
    """
    texts: dict[str, str] = {}
    needs: dict[str, list[str]] = {}
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if path not in texts:
            texts[path] = (folder / path).read_text(encoding="utf-8")
            needs[path] = references(path, texts[path])
            waiting += needs[path]
    return {path: texts[path] for path in TopologicalSorter(needs).static_order()}


def scripts(entry: str = ENTRY, folder: Path = FOLDER) -> str:
    """Return HTML that contains a module with all that it needs, and evaluates it once a page."""
    files = [[path, _linked(path, text)] for path, text in sources(entry, folder).items()]
    # No "<", so that no file can end the script.
    literal = json.dumps(files, ensure_ascii=False).replace("<", "\\u003c")
    loader = _inline_loader()
    return f'<script type="module">\n{loader}\nimportInlineOnce({literal});\n</script>'


def load() -> None:
    """Prepare a notebook: load explorers and exercises, fold answers and what is to be predicted.

    Call it in the first cell. It does nothing in a kernel whose environment contains `OFF`, and
    displays no scripts where each output is a frame of its own: there `element` adds them.
    """
    if os.environ.items() >= OFF.items():
        return
    fold_outputs()
    if not in_separate_frames():
        notebook = import_module("IPython.display")  # in every kernel, but no dependency of convlib
        notebook.display({"text/html": scripts()}, raw=True)


def element(name: str, attributes: Mapping[str, str | None], content: str = "") -> str:
    """Return the HTML of a custom element, as the output of a cell.

    Parameters
    ----------
    name : str
        Its tag, such as ``conv-explorer``.
    attributes : mapping
        Their values are escaped; an attribute whose value is None is omitted.
    content : str
        HTML that is shown where no script runs. In a notebook, say that the cell must be run.

    Returns
    -------
    str
        The element; where each output is a frame of its own, followed by the scripts.
    """
    words = [f' {key}="{escape(value)}"' for key, value in attributes.items() if value is not None]
    html = f"<{name}{''.join(words)}>{content}</{name}>"
    return f"{html}\n{scripts()}" if in_separate_frames() else html


def in_separate_frames() -> bool:
    """Return whether the notebook shows each output in a frame of its own, as Colab does."""
    return "google.colab" in sys.modules


@cache
def _inline_loader() -> str:
    return (FOLDER / "inline.js").read_text(encoding="utf-8")


def _resolve(path: str, reference: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), reference))


def _linked(path: str, text: str) -> str:
    """Replace relative references, which a blob URL cannot resolve, by names of files."""
    text = _IMPORT.sub(lambda found: f'{found[1]}convlib:{_resolve(path, found[2])}"', text)
    return _ASSET.sub(lambda found: f'{found[1]}convlib:{_resolve(path, found[2])}")', text)
