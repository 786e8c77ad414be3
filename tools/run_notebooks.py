"""Execute notebooks in place, so that the same notebook gives the same bytes.

``python -m tools.run_notebooks 02`` runs book/02-*.ipynb; with no argument, all of them.
Times, widget state and the version of Python, which differ from run to run, are left out.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

BOOK = Path(__file__).parents[1] / "book"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def run(path):
    """Execute a notebook from top to bottom and save it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
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
