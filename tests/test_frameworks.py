"""Conversions between frameworks: the stored results are intact, the page's tables right."""

import math
import re
from importlib.metadata import version
from itertools import product

import pytest
import torch
import torch.nn.functional as F
from taught import NOTEBOOKS, ROOT

from tools.frameworks.__main__ import ADAPTERS
from tools.frameworks.adapters import onnx
from tools.frameworks.store import digest, read, record

FILE = read()
RESULTS = [(name, result) for name, content in FILE.items() for result in content["results"]]
TEXT = "\n".join(c.source for c in NOTEBOOKS["frameworks"].cells if c.cell_type == "markdown")
SIZES = {"H": 3, "W": 3, "C": 2, "M": 2}  # of all stored kernels that are converted
# The stored results behind each column of the tables, and torch's call.
COLUMNS = {
    "dense and grouped": {"conv": F.conv2d, "groups": lambda x, w: F.conv2d(x, w, groups=2)},
    "depthwise, multiplier M": {"depthwise": lambda x, w: F.conv2d(x, w, groups=2)},
    "transposed": {"transposed": lambda x, w: F.conv_transpose2d(x, w, stride=2)},
    "Linear": {"dense": lambda x, w: F.linear(x.flatten(1), w)},
}


def table(corner):
    """Return the entries of the table with that upper left cell, by row and by column."""
    lines = TEXT[TEXT.index(f"| {corner} |") :].split("\n\n")[0].splitlines()
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


TO_TORCH, FROM_TORCH = table("to torch from"), table("from torch to")
FRAMEWORKS = [row for row in TO_TORCH if row != "torch has"]


def converted(entry, w):
    """Evaluate the code of an entry."""
    (code,) = re.findall(r"`(.+?)`", entry)[:1]
    return eval(code, {"w": w, **SIZES})


@pytest.mark.parametrize(("framework", "name"), RESULTS)
def test_a_stored_result_is_as_it_was_written(framework, name):
    result = FILE[framework]["results"][name]
    assert result["sha256"] == digest(result)


def test_every_adapter_has_results_of_the_pinned_versions():
    assert sorted(FILE) == sorted(ADAPTERS)
    pins = (ROOT / "tools" / "frameworks" / "requirements.txt").read_text()
    pins += (ROOT / "requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==([\d.]+)", pins, re.MULTILINE))
    for content in FILE.values():
        for package, stored in content["versions"].items():
            if package != "jaxlib":  # comes with jax
                assert stored.partition("+")[0] == pinned[package]


def test_onnx_still_gives_the_stored_results():
    assert FILE["onnx"]["versions"]["onnx"] == version("onnx")
    for name, call, output, arrays in onnx.results():
        assert FILE["onnx"]["results"][name] == record(call, output, **arrays)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", FRAMEWORKS)
def test_an_entry_of_the_table_gives_the_numbers_of_the_framework(row, column):
    compared = 0
    for framework, (name, call) in product(row.lower().split(", "), COLUMNS[column].items()):
        if name in (results := FILE[framework]["results"]):
            x, w, y = (torch.tensor(results[name][key]) for key in ("input", "weight", "output"))
            if column != "Linear" and framework != "onnx":
                x, y = x.movedim(-1, 1), y.movedim(-1, 1)
            assert torch.equal(call(x, converted(TO_TORCH[row][column], w)), y)
            compared += 1
    assert compared or (row, column) == ("ONNX", "depthwise, multiplier M")  # a grouped one there


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", FROM_TORCH)
def test_there_and_back_changes_nothing(row, column):
    shapes = {"depthwise, multiplier M": (4, 1, 3, 3), "Linear": (4, 18)}
    shape = shapes.get(column, (4, 2, 3, 3))
    w = torch.arange(math.prod(shape)).reshape(shape)
    there = converted(FROM_TORCH[row][column], w)
    assert torch.equal(converted(TO_TORCH[row][column], there), w)


def test_each_right_attempt_has_the_numbers_and_each_wrong_one_only_the_shape():
    outputs = [output for c in NOTEBOOKS["frameworks"].cells for output in c.get("outputs", [])]
    printed = "".join(output.get("text", "") for output in outputs)
    lines = re.findall(r"^(\w+): (\w+) shape, (\w+) numbers$", printed, re.MULTILINE)
    assert {shape for _, shape, _ in lines} == {"same"}
    numbers = {name: {third for other, _, third in lines if other == name} for name, *_ in lines}
    assert numbers.pop("before") == {"same", "OTHER"}  # it depends on the framework
    assert {name for name, found in numbers.items() if found == {"same"}} == {
        "right",
        "same",
        "after",
    }
    assert len([name for name, found in numbers.items() if found == {"OTHER"}]) >= 5
