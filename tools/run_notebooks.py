"""Execute notebooks in place, reproducibly: the same notebook gives the same bytes.

``python -m tools.run_notebooks stride`` runs book/stride.ipynb; with no argument, all of them.
Times, widget state and the version of Python, which differ from run to run, are not stored,
nor what an editor notes on a cell, nor the scripts of explorers and exercises, which the set-up
cell loads for other kernels. What the page folds is folded in JupyterLab, too. The set-up cell
is replaced by the current one, and a cell tagged ``convlib`` by the definition of its function
in convlib/core.py.
"""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from convlib import core, web

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
WIDTH = ROOT / "book" / "ruff.toml"
ADDRESS = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
# Where convlib comes from if no wheel is beside the notebook; a reserved address is none.
PUBLIC = None if ADDRESS.startswith("https://example.com/") else f"git+{ADDRESS}"
SETUP = f"""import importlib
import subprocess
import sys
from pathlib import Path

try:
    importlib.import_module("convlib")
except ImportError:  # as where a notebook was downloaded
    wheels = [f"{{path}}[diagrams]" for path in sorted(Path().glob("convlib-*.whl"))]
    source = (wheels or [{PUBLIC!r}])[-1]
    if source is None:
        advice = "put its wheel, from the book's zip, beside this notebook"
        raise ModuleNotFoundError(f"convlib is missing: {{advice}}") from None
    install = f'"{{sys.executable}}" -m pip install --quiet "{{source}}"'
    failed, said = subprocess.getstatusoutput(install)
    if failed:
        raise RuntimeError(said) from None
    importlib.invalidate_caches()
importlib.import_module("convlib.web").load()"""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def set_up():
    """Return the cell that installs convlib where it is missing, and loads its scripts.

    The book's pages leave it out.
    """
    metadata = {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
    return new_code_cell(SETUP, id="setup", metadata=metadata)


def write_metadata(cell):
    """Keep the tags of a cell and what the page shows with it; fold in editors what it folds."""
    tags = cell.metadata.get("tags", [])
    hidden = {
        "outputs_hidden": {"hide-output", "hide-cell"} & set(tags),
        "source_hidden": {"hide-input", "hide-cell", "remove-cell"} & set(tags),
    }
    metadata = {
        "jupyter": {name: True for name, reasons in hidden.items() if reasons},
        "mystnb": cell.metadata.get("mystnb", {}),
        "tags": tags,
    }
    cell.metadata = nbformat.from_dict({name: value for name, value in metadata.items() if value})


def write_definition(cell):
    """Copy the definition of a tagged cell from the core, in lines that fit the page."""
    if "convlib" in cell.metadata.get("tags", []):
        name = re.search(r"^def (\w+)", cell.source, re.MULTILINE)[1]
        ruff = [Path(sys.executable).with_name("ruff"), "format", "--config", WIDTH, "-"]
        source = inspect.getsource(getattr(core, name))
        done = subprocess.run(ruff, input=source, capture_output=True, text=True, check=True)
        cell.source = done.stdout.rstrip()


def run(path):
    """Execute a notebook in book/ from top to bottom and save it with its outputs.

    If a cell raises, the error is raised here, and the file is not changed.
    """
    notebook = nbformat.read(path, as_version=4)
    title, *cells = (cell for cell in notebook.cells if cell.id != "setup")
    notebook.cells = [title, set_up(), *cells]
    for cell in (title, *cells):
        write_definition(cell)
        write_metadata(cell)
    notebook.metadata = nbformat.from_dict(METADATA)
    resources = {"metadata": {"path": BOOK}}
    NotebookClient(
        notebook, record_timing=False, coalesce_streams=True, resources=resources
    ).execute(env=os.environ | web.OFF)
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.write(notebook, path)
    print(f"{path.name}: {sum(cell.cell_type == 'code' for cell in notebook.cells)} cells run")


def main(prefixes):
    """Run the notebooks whose names begin with one of the prefixes; with none, all of them."""
    paths = []
    for prefix in prefixes or [""]:
        matching = sorted(BOOK.glob(f"{prefix}*.ipynb"))
        if not matching:
            sys.exit(f"no notebook in book/ begins with {prefix!r}")
        paths += matching
    for path in paths:
        run(path)


if __name__ == "__main__":
    main(sys.argv[1:])
