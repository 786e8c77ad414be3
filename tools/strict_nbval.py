"""A pytest plugin that leaves nbval nothing to overlook.

nbval by itself passes a notebook that was never run and a picture that has changed, and
lets a cell opt out. Here every code cell must have been run from top to bottom, every
output counts, in its order, pictures pixel by pixel, and nothing may be exempted.
Wraps two methods of nbval 0.11.0, which requirements.txt pins.
"""

import base64
import io
import re

import nbformat
import numpy as np
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams
from PIL import Image
from sphinx_external_toc.parsing import parse_toc_yaml

TOLERANCE = 16  # of 255, in any channel of any pixel: below what anyone sees, above noise
OUTPUTS = ("stream", "display_data", "execute_result")
HIDING = re.compile(r"^\s*[%!?]|\?\s*$|clear_output|get_ipython|update_display", re.MULTILINE)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Refuse the command lines that compare less."""
    option = config.option
    if option.nbval_lax or option.nbval_sanitize_with or option.sanitize_with or option.nbdime:
        raise pytest.UsageError("outputs are compared as they are: no lax, sanitize or nbdime")


def faults(notebook):
    """Say what keeps the outputs of a notebook from being compared in full."""
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        yield f"not saved after 'restart and run all': its cells are counted {counts}"
    for number, cell in enumerate(code):
        if hidden := HIDING.search(cell.source):
            yield f"Cell {number} hides output or is no plain Python: {hidden[0].strip()!r}"
        for output in cell.outputs:
            if output.output_type not in OUTPUTS:
                yield f"Cell {number} ends in an {output.output_type}: catch it and print it"
            if output.get("name") == "stderr":
                yield f"Cell {number} warns; a warning names files of the machine it ran on"
            if output.output_type == "stream" and re.search("[\r\b]", output.text):
                yield f"Cell {number} prints over what it printed, which nbval does not compare"


def unlisted(path):
    """Say whether a notebook lies below a _toc.yml that does not list it."""
    for folder in path.parents:
        toc = folder / "_toc.yml"
        if toc.exists():
            page = path.relative_to(folder).with_suffix("").as_posix()
            return page not in parse_toc_yaml(toc)
    return False


def picture(data):
    """Decode a PNG to (height, width, RGBA)."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"), dtype=int)


def picture_difference(new, stored):
    """Say where two PNGs differ by more than the tolerance; None where they do not."""
    new, stored = picture(new), picture(stored)
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


def output_difference(new, stored):
    """Compare what nbval leaves out: the order of outputs, and pictures."""
    kinds = [[o.output_type, o.get("name"), sorted(o.get("data", ()))] for o in new]
    wanted = [[o.output_type, o.get("name"), sorted(o.get("data", ()))] for o in stored]
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
    said = output_difference(coalesce_streams(test), coalesce_streams(ref))
    self.comparison_traceback.extend([said] if said else [])
    return said is None


IPyNbFile.collect = collect
IPyNbCell.compare_outputs = compare_outputs
