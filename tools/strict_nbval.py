"""A pytest plugin that leaves nbval nothing to overlook.

nbval by itself passes a notebook that was never run and a picture that has changed, and
lets a cell opt out. Here every code cell must have been run from top to bottom, every
output counts, in its order, pictures pixel by pixel, and nothing may be exempted.
Wraps two methods of nbval 0.11.0, which requirements.txt pins.
"""

import ast
import base64
import io
import re

import nbformat
import numpy as np
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile
from PIL import Image
from sphinx_external_toc.parsing import parse_toc_yaml

from tools.run_notebooks import set_up

TOLERANCE = 16  # of 255, in any channel of any pixel: noise of another processor, no digit
OUTPUTS = ("stream", "display_data", "execute_result")
# Words with which a cell could hide what it prints, or print something else when it is compared.
HIDING = {
    *("clear_output", "update_display", "display_id", "capture_output", "get_ipython"),
    *("redirect_stdout", "redirect_stderr", "stdout", "stderr", "InteractiveShell"),
    *("environ", "threading", "In", "Out", "displayhook"),
}
ALLOWED = {
    "notebook": {"kernelspec", "language_info"},
    "cell": {"tags", "jupyter", "mystnb"},
    "mystnb": {"figure", "image", "code_prompt_show", "code_prompt_hide"},
    "image": {"alt"},
    "figure": {"name", "caption"},
    "tags": {"convlib", "hide-output", "hide-cell"},
}
SET_UP = set_up()  # the one cell that a page may leave out, if it is exactly this and shows nothing


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Refuse the command lines that compare less."""
    option = config.option
    if option.nbval_lax or option.nbval_sanitize_with or option.sanitize_with or option.nbdime:
        raise pytest.UsageError("outputs are compared as they are: no lax, sanitize or nbdime")


def faults(notebook):
    """Say what keeps the outputs of a notebook from being compared in full."""
    nbformat.validate(notebook)
    yield from strange("notebook", notebook.metadata)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        yield f"not saved after 'restart and run all': its cells are counted {counts}"
    for cell in notebook.cells:
        if cell.cell_type == "raw" or "attachments" in cell:
            yield f"{cell.cell_type} cell {cell.id} shows what nothing compares"
        mystnb = cell.metadata.get("mystnb", {})
        yield from strange("cell", cell.metadata)
        if {**cell, "execution_count": None} != SET_UP:
            yield from strange("tags", cell.metadata.get("tags", ()))
        yield from strange("mystnb", mystnb)
        yield from strange("image", mystnb.get("image", ()))
        yield from strange("figure", mystnb.get("figure", ()))
    for number, cell in enumerate(code):
        yield from (f"Cell {number} {fault}" for fault in hiding(cell.source))
        for output in cell.outputs:
            if output.output_type not in OUTPUTS:
                yield f"Cell {number} ends in an {output.output_type}: catch it and print it"
            if output.get("name") == "stderr":
                yield f"Cell {number} warns; a warning names files of the machine it ran on"
            if output.output_type == "stream" and re.search("[\r\b]", output.text):
                yield f"Cell {number} prints over what it printed, which nbval does not compare"


def strange(where, keys):
    """Say which keys could change what a page shows and are not known to be harmless."""
    if unknown := set(keys) - ALLOWED[where]:
        yield f"{where} metadata that may hide or exempt: {', '.join(sorted(unknown))}"


def hiding(source):
    """Say which words of a cell could hide what it prints."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        yield "is no plain Python: magics and shell commands can hide output"
        return
    words = {
        word
        for node in ast.walk(tree)
        for field in ("id", "attr", "arg", "name", "module")
        for word in str(getattr(node, field, "")).split(".")
    }
    if found := words & HIDING:
        yield f"could hide output by {', '.join(sorted(found))}"
    if source.rstrip().endswith(";") or "<style" in source or "<script" in source:
        yield "could hide output: no ';' at the end, no <style, no <script"


def unlisted(path):
    """Say whether a notebook lies below a _toc.yml that does not list it."""
    for folder in path.parents:
        toc = folder / "_toc.yml"
        if toc.exists():
            page = path.relative_to(folder).with_suffix("").as_posix()
            return page not in parse_toc_yaml(toc)
    return False


def picture(data):
    """Decode a plain PNG to (height, width, RGBA); refuse what browsers may show otherwise."""
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    plain = image.format == "PNG" and image.mode == "RGBA" and getattr(image, "n_frames", 1) == 1
    if not plain or set(image.info) - {"Software", "dpi"}:
        raise ValueError("the picture is no plain RGBA PNG as matplotlib saves it")
    return np.asarray(image, dtype=int)


def picture_difference(new, stored):
    """Say where two PNGs differ by more than the tolerance; None where they do not."""
    try:
        new, stored = picture(new), picture(stored)
    except (ValueError, OSError) as error:
        return str(error)
    if new.shape != stored.shape:
        return f"the picture is {new.shape[:2]} pixels, the stored one {stored.shape[:2]}"
    off = np.abs(new - stored).max(axis=2)
    rows, columns = np.nonzero(off > TOLERANCE)
    if not len(rows):
        return None
    return (
        f"{len(rows)} pixels differ by more than {TOLERANCE} of 255 (worst {off.max()}), in rows "
        f"{rows.min()}-{rows.max()}, columns {columns.min()}-{columns.max()}"
    )


def kind(output):
    """Tell what kind of output it is, but for its contents."""
    meta = dict(output.get("metadata", {}))
    return [output.output_type, output.get("name"), sorted(output.get("data", ())), meta]


def output_difference(new, stored):
    """Compare what nbval leaves out: the order of outputs, their metadata, and pictures."""
    kinds, wanted = ([kind(output) for output in outputs] for outputs in (new, stored))
    if kinds != wanted:
        return f"the outputs are {kinds}, the stored ones {wanted}"
    for fresh, old in zip(new, stored, strict=True):
        for mime in fresh.get("data", ()):
            if mime == "image/jpeg":
                return "a JPEG is not compared: show a PNG"
            if mime == "image/png" and (
                said := picture_difference(fresh.data[mime], old.data[mime])
            ):
                return said
    return None


def collect(self, nbval_collect=IPyNbFile.collect):
    """Collect the cells of a notebook that hides nothing."""
    cells = list(nbval_collect(self))
    said = list(faults(self.nb))
    if unlisted(self.path):
        said.append("not listed in _toc.yml: no reader would find it")
    said += [
        f"{cell.name} is exempted by {dict(cell.options)}"
        for cell in cells
        if dict(cell.options) != {"check": True}
    ]
    if said:
        raise self.CollectError(f"{self.path.name}: " + "; ".join(said))
    return cells


def compare_outputs(self, test, ref, skip_compare=None, nbval_compare=IPyNbCell.compare_outputs):
    """Compare as nbval does, and then what it leaves out."""
    if not nbval_compare(self, test, ref, skip_compare):
        return False
    said = output_difference(test, self.cell.outputs)
    self.comparison_traceback.extend([said] if said else [])
    return said is None


IPyNbFile.collect = collect
IPyNbCell.compare_outputs = compare_outputs
