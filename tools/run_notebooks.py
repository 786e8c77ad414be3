"""Execute notebooks in place, so that the same notebook gives the same bytes.

``python -m tools.run_notebooks 02`` runs book/02-*.ipynb; with no argument, all of them.
Times, widget state and the version of Python, which differ from run to run, are left out.
The first code cell, which fetches convlib where it is missing, is written anew.
"""

import sys
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
ADDRESS = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
SETUP = f"""import importlib
import subprocess
import sys

try:
    importlib.import_module("convlib")
except ImportError:  # the notebook came alone, as on Colab
    book = "git+{ADDRESS}"
    install = f'"{{sys.executable}}" -m pip install --quiet {{book}}'
    failed, said = subprocess.getstatusoutput(install)
    if failed:
        raise RuntimeError(said) from None
    importlib.invalidate_caches()"""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def set_up():
    """Make the cell with which a notebook runs anywhere; no reader needs to see it."""
    metadata = {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
    return new_code_cell(SETUP, id="setup", metadata=metadata)


def run(path):
    """Execute a notebook from top to bottom and save it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    title, *cells = (cell for cell in notebook.cells if cell.id != "setup")
    notebook.cells = [title, set_up(), *cells]
    notebook.metadata = nbformat.from_dict(METADATA)
    where = {"metadata": {"path": BOOK}}
    NotebookClient(notebook, record_timing=False, coalesce_streams=True, resources=where).execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.write(notebook, path)
    print(f"{path.name}: {sum(cell.cell_type == 'code' for cell in notebook.cells)} cells run")


if __name__ == "__main__":
    chosen = [path for word in sys.argv[1:] or [""] for path in sorted(BOOK.glob(f"{word}*.ipynb"))]
    if not chosen:
        sys.exit(f"no notebook in book/ begins with {' or '.join(sys.argv[1:])}")
    for path in chosen:
        run(path)
