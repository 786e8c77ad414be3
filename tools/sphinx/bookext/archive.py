"""The book to take away: convlib's wheel and a zip of all notebooks, beside the pages.

Where the site has an address, a notebook downloaded from it installs the wheel from there.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from sphinx.errors import ExtensionError

ZIP = "conv2d-book.zip"
FOLDER = "conv2d-book"  # in the zip
# What the notebooks need beside convlib, as pinned in these files.
PINS = {
    "requirements.txt": ("numpy", "matplotlib", "torch", "dask", "ipykernel"),
    "tools/lab/requirements.txt": ("jupyterlab", "jupyterlab-myst"),
}
KINDS = (".ipynb", ".md", ".bib", ".json", ".png")  # of files in book/
SOURCE = re.compile(r"\(wheels or \[.*?\]\)")  # in the set-up cell: where convlib comes from
MOMENT = (1980, 1, 1, 0, 0, 0)  # the same content gives the same bytes
README = """Conv2d, parameter by parameter: the notebooks

They need Python 3.11 to 3.14. In this folder, in a terminal:

    python3 -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/jupyter lab

and open intro.ipynb. On Linux, pip installs a build of torch for graphics cards, which is large;
https://pytorch.org says how to install the one for processors before.

Without JupyterLab, the first cell of each notebook installs convlib from the wheel in this folder.
"""


def build_wheel(source, folder):
    """Build convlib's wheel from a copy of its sources; return its path."""
    with tempfile.TemporaryDirectory() as copy:
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(source / name, copy)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source / "convlib", Path(copy) / "convlib", ignore=ignored)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--no-build-isolation", "--disable-pip-version-check", "-w", folder, copy]
        subprocess.run(command, check=True)
    (wheel,) = Path(folder).glob("*.whl")
    return wheel


def requirements(source, wheel):
    """Return the lines that install everything a notebook needs."""
    lines = [f"./{wheel.name}"]
    for file, names in PINS.items():
        text = (source / file).read_text()
        lines += [re.search(rf"^{name}==\S+", text, re.MULTILINE)[0] for name in names]
    return "\n".join(lines) + "\n"


def contents(source, wheel):
    """Yield (name, bytes) of what the zip contains."""
    yield "README.txt", README.encode()
    yield "requirements.txt", requirements(source, wheel).encode()
    yield wheel.name, wheel.read_bytes()
    book = source / "book"
    for path in sorted([*book.glob("[!.]*"), *book.glob("_static/[!.]*")]):
        if path.suffix in KINDS:
            yield path.relative_to(book).as_posix(), path.read_bytes()


def write_zip(source, wheel, path):
    """Write the zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents(source, wheel):
            archive.writestr(zipfile.ZipInfo(f"{FOLDER}/{name}", MOMENT), data)


def with_source(notebook, wheel):
    """Return the text of a notebook whose set-up cell installs the wheel from an address.

    A wheel beside the notebook is preferred. Without a set-up cell, the text is unchanged.
    """
    if '"id": "setup"' not in notebook:
        return notebook
    source = f"(wheels or [{f'convlib[diagrams] @ {wheel}'!r}])"
    text, count = SOURCE.subn(lambda found: source, notebook)
    if count != 1:
        raise ExtensionError(f"a set-up cell says {count} times, not once, where convlib is")
    return text


def add_address(target, wheel):
    """Write the address of the wheel into the notebooks beside the pages."""
    for path in target.glob("book/*.ipynb"):
        text = path.read_text(encoding="utf-8")
        path.write_text(with_source(text, wheel), encoding="utf-8", newline="\n")


def add_archive(app, exception):
    """Write wheel and zip beside the pages; a book without convlib's sources has none."""
    source, target = Path(app.srcdir), Path(app.outdir)
    if exception or app.builder.format != "html" or not (source / "pyproject.toml").exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(source, folder)
        write_zip(source, wheel, target / ZIP)
        for old in target.glob("*.whl"):
            old.unlink()
        shutil.copy(wheel, target)
    if address := app.config.html_baseurl:
        add_address(target, f"{address}{wheel.name}")


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", add_archive, priority=900)  # after the notebooks are copied
