"""What readers take from the site: the zip and its commands, in JupyterLab: `make rehearsal`."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from building import build
from lab import Notebook, serve_notebooks

from tools.serving import serve

pytestmark = pytest.mark.rehearsal
ROOT = Path(__file__).parents[2]
NOTEBOOK = "stride.ipynb"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Build the pages for the address at which they are served; yields it."""
    folder = tmp_path_factory.mktemp("public")
    with serve(folder) as server:
        site = f"{server}/_build/html"  # where the builder writes, so there is a path as well
        if failure := build(ROOT, folder, BOOK_URL=site):
            pytest.fail(f"the book did not build:\n{failure}", pytrace=False)
        yield site


def download(address, folder):
    """Download a file, and return its path."""
    path = folder / address.rpartition("/")[2]
    with urlopen(address) as answer:
        path.write_bytes(answer.read())
    return path


@pytest.fixture(scope="module")
def unpacked(address, tmp_path_factory):
    """Unpack the zip in an empty folder, and run the first two commands of its README."""
    folder = tmp_path_factory.mktemp("reader")
    with zipfile.ZipFile(download(f"{address}/conv2d-book.zip", folder)) as archive:
        archive.extractall(folder)
    book = folder / "conv2d-book"
    commands = re.findall(r"^    (\S.+)$", (book / "README.txt").read_text(), re.MULTILINE)
    assert commands[2] == ".venv/bin/jupyter lab"  # serve_notebooks gives it options
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    own["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), own["PATH"]])
    for command in commands[:2]:
        done = subprocess.run(
            command, shell=True, cwd=book, env=own, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return book


def test_the_zip_has_the_wheel_of_the_release(unpacked):
    (wheel,) = unpacked.glob("convlib-*.whl")
    released = Path(os.environ["CONVLIB_WHEEL"])
    assert wheel.name == released.name
    contents = []
    for path in (wheel, released):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if ".dist-info/" not in name]
            contents.append({name: archive.read(name) for name in names})
    assert contents[0] == contents[1]


def test_a_notebook_of_the_zip_runs_in_jupyterlab(unpacked, browser, tmp_path):
    cells = nbformat.read(unpacked / NOTEBOOK, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    with serve_notebooks(unpacked, tmp_path, unpacked / ".venv" / "bin" / "python") as lab:
        notebook = Notebook(browser, lab, NOTEBOOK, len(cells))
        notebook.run_all()
        seen = notebook.cells()
        notebook.save()
    assert not [cell["errors"] for cell in seen if cell["errors"]]
    saved = nbformat.read(unpacked / NOTEBOOK, as_version=4).cells
    now = [cell for cell in saved if cell.cell_type == "code"]
    assert [cell.execution_count for cell in now] == list(range(1, len(code) + 1))
    open_cells = [
        (old, new)
        for old, new in zip(code, now, strict=True)
        if not {"remove-cell", "hide-output", "hide-cell"} & set(old.metadata.get("tags", []))
    ]
    stored, printed = map(texts, zip(*open_cells, strict=True))
    assert len(stored) > 5
    assert printed == stored


def texts(cells):
    """List what cells print: streams, and results that are plain text only."""
    return [
        output.get("text") or output.data.get("text/plain")
        for cell in cells
        for output in cell.outputs
        if output.output_type == "stream" or set(output.get("data", {})) == {"text/plain"}
    ]


def test_the_downloaded_notebook_names_the_wheel_of_the_site(address, tmp_path):
    notebook = download(f"{address}/book/{NOTEBOOK}", tmp_path).read_text()
    (wheel,) = re.findall(r"convlib\[diagrams\] @ ([^']+\.whl)'", notebook)
    assert wheel.startswith(f"{address}/convlib-")
    assert zipfile.is_zipfile(download(wheel, tmp_path))
