"""Pytest plugin: strict comparison of notebooks, which nbval alone does not do.

nbval alone accepts a notebook that was never run and a changed picture, and lets a cell opt
out. With this plugin every code cell must have been run, in order; all outputs are compared,
in order, pictures pixel by pixel; and no cell can be exempted. A report shows what is stored
before what is computed now.

The file needs nothing else of this repository, so it can be copied: the page ``comparison`` of
the book says how. It needs nbval, NumPy and Pillow; it wraps two methods of nbval 0.11.0 and
replaces a third.
"""

import ast
import base64
import difflib
import io
import pprint
import re

import nbformat
import numpy as np
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile
from PIL import Image

# Of 255, in any channel of any pixel: allows another processor's noise, not another digit.
TOLERANCE = 16
OUTPUTS = ("stream", "display_data", "execute_result")
# Names by which a cell could hide output, or print something else when it is compared.
HIDING = {
    *("clear_output", "update_display", "display_id", "capture_output", "get_ipython"),
    *("redirect_stdout", "redirect_stderr", "stdout", "stderr", "InteractiveShell"),
    *("environ", "threading", "In", "Out", "displayhook"),
}
# Metadata that is known to hide no output and to exempt no cell.
ALLOWED = {
    "notebook": {"kernelspec", "language_info"},
    "cell": {"execution", "tags", "jupyter", "mystnb"},
    "mystnb": {"figure", "image", "code_prompt_show", "code_prompt_hide"},
    "image": {"alt"},
    "figure": {"name", "caption"},
    "tags": {"hide-input", "hide-output", "hide-cell"},
}
# Functions of a notebook and its path that yield more faults; a conftest.py can add its own.
CHECKS = []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Raise on options with which less is compared."""
    option = config.option
    if option.nbval_lax or option.nbval_sanitize_with or option.sanitize_with or option.nbdime:
        raise pytest.UsageError("outputs are compared as they are: no lax, sanitize or nbdime")


def find_faults(notebook):
    """Yield every reason why the outputs of a notebook would not be compared completely."""
    nbformat.validate(notebook)
    yield from unknown_metadata("notebook", notebook.metadata)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        yield f"not saved after 'restart and run all': its cells are counted {counts}"
    for cell in notebook.cells:
        if cell.cell_type == "raw" or "attachments" in cell:
            yield f"{cell.cell_type} cell {cell.id} shows what nothing compares"
        mystnb = cell.metadata.get("mystnb", {})
        yield from unknown_metadata("cell", cell.metadata)
        yield from unknown_metadata("tags", cell.metadata.get("tags", ()))
        yield from unknown_metadata("mystnb", mystnb)
        yield from unknown_metadata("image", mystnb.get("image", ()))
        yield from unknown_metadata("figure", mystnb.get("figure", ()))
    for number, cell in enumerate(code):
        yield from (f"Cell {number} {fault}" for fault in hidden_output(cell.source))
        for output in cell.outputs:
            if output.output_type not in OUTPUTS:
                yield f"Cell {number} ends in an {output.output_type}: catch it and print it"
            if output.get("name") == "stderr":
                yield f"Cell {number} warns; a warning names files of the machine it ran on"
            if output.output_type == "stream" and re.search("[\r\b]", output.text):
                yield f"Cell {number} prints over what it printed, which nbval does not compare"


def unknown_metadata(where, keys):
    """Yield a message if metadata has keys that are not known to be harmless."""
    if unknown := set(keys) - ALLOWED[where]:
        yield f"{where} metadata that may hide or exempt: {', '.join(sorted(unknown))}"


def hidden_output(source):
    """Yield messages on names and syntax that could hide the output of a cell."""
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


def decode_png(data):
    """Decode a plain RGBA PNG to an array; raise for others, which browsers show differently."""
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    plain = image.format == "PNG" and image.mode == "RGBA" and getattr(image, "n_frames", 1) == 1
    if not plain or set(image.info) - {"Software", "dpi"}:
        raise ValueError("the picture is no plain RGBA PNG as matplotlib saves it")
    return np.asarray(image, dtype=int)


def picture_difference(new, stored):
    """Return where two PNGs differ by more than the tolerance, or None."""
    try:
        new, stored = decode_png(new), decode_png(stored)
    except (ValueError, OSError) as error:
        return str(error)
    if new.shape != stored.shape:
        return f"the stored picture is {stored.shape[:2]} pixels, now it is {new.shape[:2]}"
    off = np.abs(new - stored).max(axis=2)
    rows, columns = np.nonzero(off > TOLERANCE)
    if not len(rows):
        return None
    return (
        f"{len(rows)} pixels differ by more than {TOLERANCE} of 255 (worst {off.max()}), in rows "
        f"{rows.min()}-{rows.max()}, columns {columns.min()}-{columns.max()}"
    )


def describe(output):
    """Return type, stream, MIME types and metadata of an output, without its contents."""
    meta = dict(output.get("metadata", {}))
    return [output.output_type, output.get("name"), sorted(output.get("data", ())), meta]


def text_difference(new, stored):
    """Return a diff from a stored value to the new one, as lines.

    Where nothing but white space differs, the lines are written as Python literals.
    """
    texts = [value if isinstance(value, str) else pprint.pformat(value) for value in (stored, new)]
    lines = [text.splitlines(keepends=True) for text in texts]
    if texts[0].split() == texts[1].split():
        lines = [[repr(line) for line in part] for part in lines]
    diff = difflib.unified_diff(*lines, "stored", "now", lineterm="")
    return [line.rstrip("\n") for line in diff]


def output_difference(new, stored):
    """Compare order, metadata and pictures, which nbval does not; return a message or None."""
    kinds, stored_kinds = ([describe(output) for output in outputs] for outputs in (new, stored))
    if kinds != stored_kinds:
        return f"the stored outputs are {stored_kinds}, now they are {kinds}"
    for fresh, old in zip(new, stored, strict=True):
        for mime in fresh.get("data", ()):
            if mime == "image/jpeg":
                return "a JPEG is not compared: show a PNG"
            if mime == "image/png" and (
                difference := picture_difference(fresh.data[mime], old.data[mime])
            ):
                return difference
    return None


def collect(self, nbval_collect=IPyNbFile.collect):
    """Collect the cells of a notebook, or raise with its faults."""
    cells = list(nbval_collect(self))
    messages = list(find_faults(self.nb))
    messages += [fault for check in CHECKS for fault in check(self.nb, self.path)]
    messages += [
        f"{cell.name} is exempted by {dict(cell.options)}"
        for cell in cells
        if dict(cell.options) != {"check": True}
    ]
    if messages:
        raise self.CollectError(f"{self.path.name}: " + "; ".join(messages))
    return cells


def compare_outputs(self, test, ref, skip_compare=None, nbval_compare=IPyNbCell.compare_outputs):
    """Compare as nbval does, and then what it does not compare."""
    if not nbval_compare(self, test, ref, skip_compare):
        return False
    difference = output_difference(test, self.cell.outputs)
    self.comparison_traceback.extend([difference] if difference else [])
    return difference is None


def format_output_compare(self, key, left, right):
    """Report a stored value (left) and the new one (right), which are not equal."""
    self.comparison_traceback += [f"{key} differs:", *text_difference(right, left)]


IPyNbFile.collect = collect
IPyNbCell.compare_outputs = compare_outputs
IPyNbCell.format_output_compare = format_output_compare
