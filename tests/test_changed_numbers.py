"""What a learner does: change a number in a cell, and run on.

Each chapter runs through with ten changes, or ends in an error message of a library: never in
an error of NumPy or Python about shapes and names, and never in a wrong official answer.
"""

import re
import traceback
import warnings

import matplotlib.pyplot as plt
import pytest
from taught import NOTEBOOKS

LIBRARIES = re.compile(r"(convlib|torch)[/\\]")
# Each change as (old text, new text), in the order of what a learner might try.
CHANGES = {
    "window": [
        ("[[3, 1, 2], [0, 4, 1], [2, 0, 5]])", "[[3, 1, 2, 7], [0, 4, 1, 1], [2, 0, 5, 3]])"),
        ("[[1, 2], [0, -1]])", "[[1, 2, 1], [0, -1, 2]])"),
        ("[[1, 2], [0, -1]])", "[[1.5, 2], [0, -1]])"),
        ("[[1, 2], [0, -1]])", "[[0, 0], [0, 0]])"),
        ("[[1, 0], [0, 1]]])", "[[5, 0], [0, 7]]])"),
        ("[12:300:3, 110:398:3, c]", "[12:300:5, 110:398:4, c]"),
        ("(2, 3, 7, 6))", "(1, 3, 64, 64))"),
        ("(4, 3, 3, 2))", "(4, 3, 1, 5))"),
        ("np.ones((5, 2, 2, 2), dtype=int)", "np.ones((6, 2, 3, 1), dtype=int)"),
        ("bias=np.array([100, 0])", "bias=np.array([1, 2])"),
    ],
    "stride": [
        ("x = np.arange(25).reshape(5, 5)", "x = np.arange(42).reshape(6, 7)"),
        ("x = np.arange(25).reshape(5, 5)", "x = np.arange(64 * 64).reshape(64, 64)"),
        ("x = np.arange(25).reshape(5, 5)", "x = np.arange(25).reshape(5, 5).astype(np.int32)"),
        ("ones = np.ones((2, 2), dtype=int)", "ones = np.ones((3, 2), dtype=int)"),
        ("ones = np.ones((2, 2), dtype=int)", "ones = np.zeros((2, 2), dtype=int)"),
        ("kernel = np.array([[1, 2], [3, 4]])", "kernel = np.array([[1, 2, 5], [3, 4, 6]])"),
        ("slide(x, kernel, stride=2)", "slide(x, kernel, stride=3)"),
        ("(2, 3, 9, 8))", "(2, 1, 9, 8))"),
        ("for stride in (1, 2, 3):\n    reference", "for stride in (4, 5):\n    reference"),
        ("draw_row(size=8, kernel_size=3, stride=3)", "draw_row(size=9, kernel_size=4, stride=2)"),
    ],
    "padding": [
        ("np.arange(1, 10).reshape(3, 3)", "np.arange(1, 21).reshape(4, 5)"),
        ("kernel = np.array([[1, 1, 1], [1, 2, 1], [1, 1, 1]])", "kernel = np.ones((2, 3), int)"),
        ("for padding in (0, 1, 2, (1, 0)):", "for padding in ('same', 'valid', 3):"),
        ("output_size(32, k, stride=2, padding=p) == 16", "output_size(64, k, 2, p) == 32"),
        ("((1, 0), (2, 2))", "((0, 3), (1, 0))"),
        ("(2, 3, 6, 5))", "(1, 3, 64, 64))"),
        ("((1, 1), (3, 3), (2, 0), (0, 1))", "((5, 1), (0, 0))"),
        ("kernel_size=3, stride=2)\n    print(size", "kernel_size=4, stride=3)\n    print(size"),
        ("np.array([1, 2, 3, 4]), padding=2", "np.array([1, 2, 3, 4, 5]), padding=4"),
        ("pad(part, ((12, 12), (12, 12)), mode)", "pad(part, ((30, 30), (30, 30)), mode)"),
    ],
    "dilation": [
        ("np.arange(25).reshape(5, 5)", "np.arange(42).reshape(6, 7)"),
        ("kernel = np.array([[1, 2], [3, 4]])", "kernel = np.array([[0, 0], [0, 0]])"),
        ("draw_row(size=9, kernel_size=3, dilation=4)", "draw_row(12, 2, dilation=5)"),
        ("7, kernel_size=3, stride=2, padding=1", "8, kernel_size=3, stride=3, padding='valid'"),
        ("(2, 3, 12, 11))", "(1, 3, 64, 64))"),
        ("(4, 3, 3, 2))", "(4, 3, 1, 4))"),
        ("for dilation in ((1, 1), (2, 2), (2, 3), (5, 1)):", "for dilation in ((2, 3),):"),
        ("for sample in (3068, 3069, 3070, 3071):", "for sample in (0, 5, 1023):"),
        ("ways((2, 2, 2))", "ways((3, 3))"),
        ("dilation=4)\nexcept", "dilation=3)\nexcept"),
    ],
    "groups": [
        ("np.array([1, 2, 3, 4]).reshape(4, 1, 1)", "np.array([5, 6, 7, 8]).reshape(4, 1, 1)"),
        ("torch.nn.Conv2d(10, 15, kernel_size=3, groups=5)", "torch.nn.Conv2d(12, 8, 3, groups=4)"),
        ("draw_connectivity(10, 15, groups=5)", "draw_connectivity(9, 6, groups=3)"),
        ("(4, 6, groups=2)", "(3, 6, groups=3)"),
        ("(2, 12, 9, 8))", "(1, 12, 64, 64))"),
        ("for groups in (1, 3, 12):", "for groups in (2, 4, 6):"),
        ("for groups in (1, 2, 4, 8, 64):", "for groups in (1, 16, 32):"),
        ("connectivity(6, 6, groups=2)", "connectivity(6, 6, groups=3)"),
        ("np.arange(6).reshape(1, 6, 1), groups=2", "np.arange(6).reshape(1, 6, 1), groups=3"),
        ("np.zeros((1, 4, 9, 9))", "np.zeros((1, 4, 64, 32))"),
    ],
    "separable": [
        ("first = [[3, 1, 2], [0, 4, 1], [2, 0, 5]]", "first = [[0, 1, 2], [0, 4, 9], [2, 7, 5]]"),
        ("[[[[1, 2], [0, -1]]], [[[1, 0], [0, 1]]]]", "[[[[0, 0], [0, 0]]], [[[0, 0], [0, 0]]]]"),
        ("mixing = np.array([10, 1])", "mixing = np.array([0, 5])"),
        ("changed[1] = 999", "changed[0] = 999"),
        ("torch.nn.Conv2d(4, 8, kernel_size=3, groups=4)", "torch.nn.Conv2d(4, 12, 5, groups=4)"),
        ("separable_cost(512, 512, 3, 14)", "separable_cost(64, 128, 5, 64)"),
        ("macs_and_bytes(512, 512, 3, 14)", "macs_and_bytes(64, 128, 5, 64)"),
        ("draw_volumes(2, 1, kernel_size=2, groups=2", "draw_volumes(3, 5, 1, groups=3"),
        ("convlib.Conv2d(32, 48, kernel_size=3, groups=32)", "convlib.Conv2d(6, 4, 3, groups=2)"),
        (
            "DepthwiseSeparableConv2d(2, 1, 2, bias=False",
            "DepthwiseSeparableConv2d(2, 1, 2, bias=True",
        ),
    ],
    "tiles": [
        ("np.outer([1, 2, 1], [1, 2, 1])", "np.outer([1, 2, 1], [0, 1, 3])"),
        ("photo[12:300:3, 110:398:3, 1]", "photo[0:480:2, 20:420:2, 2]"),
        ("np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])", "np.arange(20, dtype=np.int32)"),
        ("weight = np.array([[[1, 2, 1]]])", "weight = np.array([[[0, 0, 0, 0, 0]]])"),
        ("((3, 1, 1), (3, 2, 1), (3, 1, 1))", "((3, 1, 1), (5, 3, 'same'), (2, 1, 0))"),
        ('digits = "314159265358979323846264"', 'digits = "27182818284590452353602874713527"'),
        ("for tile in (1, 2, 3, 5, 8, 12):", "for tile in (4, 100):"),
        ("tiles.plan(layers, (1, 96, 96), tile=12)", "tiles.plan(layers, (1, 96, 64), (12, 5))"),
        ("Conv2d(4, 1, 3, padding=2, dilation=2)", "Conv2d(4, 6, (3, 5), padding=2, groups=2)"),
        ("tile=(20, 31))", "tile=(1, 48))"),
    ],
    "transposed": [
        ("small = np.array([[1, 10], [100, 1000]])", "small = np.array([[1, 2, 3], [4, 5, 6]])"),
        ("kernel = np.array([[1, 2], [3, 4]])", "kernel = np.array([[1, 2, 3], [0, -1, 4]])"),
        ("kernel = np.array([[1, 2], [3, 4]])", "kernel = np.array([[0.5, 2], [3, 4]])"),
        ("np.array([3, 1, 4, 1, 5]), np.array([1, 2, 3])", "np.arange(9), np.array([1, 2, 3, 4])"),
        ("np.array([3, 1, 4, 1, 5]), np.array([1, 2, 3])", "np.arange(3), np.array([1, 2, 3, 4])"),
        ("scatter(small, kernel, stride=2)", "scatter(small, kernel, stride=3)"),
        ("transposed_size(4, kernel_size=3, stride=3)", "transposed_size(7, 5, 3, padding=2)"),
        ("(0, 0), (1, 0), (1, 1)):", "(0, 0), (1, 1), (2, 2)):"),
        ("(2, 3, 5, 4))", "(1, 3, 9, 2))"),
        ("np.ones((4, 4), dtype=int), np.ones((3, 3)", "np.ones((6, 3)), np.ones((4, 5)"),
    ],
    "columns": [
        ("[[3, 1, 2], [0, 4, 1], [2, 0, 5]]", "[[0, 0, 7], [5, 4, 1], [2, 9, 5]]"),
        ("[[1, 2], [0, -1]])", "[[1.5, 2], [0, 4]])"),
        ("[[0, 1, 0], [1, 0, 2], [0, 3, 1]]", "[[9, 1, 9], [1, 9, 2], [9, 3, 1]]"),
        ("plain = (1, 1), ((0, 0), (0, 0)), (1, 1)", "plain = (1, 1), ((1, 1), (1, 1)), (1, 1)"),
        ("[[0, 0], [0, 1]], [[0, 0], [0, 0]]]", "[[0, 2], [0, 0]], [[0, 3], [0, 0]]]"),
        ("(2, 3, 9, 8))", "(1, 5, 64, 64))"),
        ("(4, 3, 3, 2))", "(6, 3, 1, 4))"),
        ('"padding": 1, "stride": (2, 1)', '"padding": (2, 0), "stride": 3'),
        ("((3, 1, 1), (3, 2, 1), (4, 4, 0))", "((5, 2, 0), (8, 8, 4))"),
        ("small = np.array([[1, 10], [100, 1000]])", "small = np.arange(12).reshape(3, 4)"),
    ],
    "networks": [
        ("layers = [(3, 1), (3, 2), (3, 1)]", "layers = [(5, 2), (2, 1), (1, 1)]"),
        ("layers = [(3, 1), (3, 2), (3, 1)]", "layers = [(3, 2), (3, 2), (3, 2)]"),
        ("kernels = np.array([[[1, 2, 1]],", "kernels = np.array([[[0, 5, 0]],"),
        ("row = np.arange(13)", "row = np.arange(40)"),
        ("[(7, 2, 3), (3, 2, 1)]:", "[(11, 4), (5, 1, 2, 3), (2, 2)]:"),
        ("[0, 1, -5, 2], [2, -2, 1, 1]\n", "[9, 1, -5, 2], [2, -2, 7, -1]\n"),
        ("variance, gamma, beta = 3, 4, 6, 1", "variance, gamma, beta = 0, 16, 4, 5"),
        ("for depth in (9, 36):", "for depth in (1, 16):"),
        ("nn.ReLU(), Residual(8), nn.Flatten()", "Residual(8), Residual(8), nn.Flatten()"),
        ("summary(model, (3, 32, 32))", "summary(model, (3, 64, 64))"),
    ],
    "gradients": [
        ("x = np.arange(25).reshape(5, 5)", "x = np.arange(25).reshape(5, 5)[::-1] - 7"),
        ("kernel = np.array([[1, 2], [3, 4]])", "kernel = np.array([[0, 0], [0, 0]])"),
        ("kernel = np.array([[1, 2], [3, 4]])", "kernel = np.array([[-1, 2], [1.5, 4]])"),
        ("np.array([[1, 10], [100, 1000]])", "np.array([[1, 10, 3], [100, 1000, 7]])"),
        ("np.array([[2, 0], [1, 3]]), 20", "np.array([[0, 0], [0, 0]]), 5"),
        ("np.ones((3, 3), dtype=int), kernel, size=(4, 4)", "np.eye(6, dtype=int), kernel, (7, 7)"),
        ("(2, 6, 9, 8))", "(1, 6, 64, 32))"),
        ('"dilation": (3, 2), "groups": 2', '"dilation": 1, "groups": 3'),
        ("n = 4\n", "n = 6\n"),
        ("default_rng(2)", "default_rng(5)"),
    ],
}
CASES = [
    (chapter, number) for chapter, changes in CHANGES.items() for number in range(len(changes))
]


def sources(chapter):
    """Return the code of a chapter's cells, without the one that installs."""
    cells = NOTEBOOKS[chapter].cells
    return [cell.source for cell in cells if cell.cell_type == "code" and cell.id != "setup"]


def run(cells):
    """Run cells as a notebook does; return the error that ends them, if any."""
    names = {}
    try:
        with warnings.catch_warnings(action="ignore"):
            for source in cells:
                exec(compile(source, "<cell>", "exec"), names)
                plt.close("all")
    except Exception as error:  # noqa: BLE001 (an error of any kind is what is looked for)
        return error
    return None


def explained(error):
    """Whether a library raised an error: torch's compiled functions raise RuntimeError."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return isinstance(error, RuntimeError) or LIBRARIES.search(frame.filename)


@pytest.mark.parametrize("chapter", CHANGES)
def test_ten_changes_are_tried(chapter):
    text = "\n".join(sources(chapter))
    assert len(set(CHANGES[chapter])) == 10
    for old, new in CHANGES[chapter]:
        assert old in text, old
        assert new not in text


@pytest.mark.parametrize(("chapter", "number"), CASES, ids=str)
def test_a_changed_number_runs_or_is_explained(chapter, number, capsys):
    old, new = CHANGES[chapter][number]
    error = run([source.replace(old, new) for source in sources(chapter)])
    assert error is None or explained(error), f"{type(error).__name__}: {error}"
    said = capsys.readouterr().out
    answers = [line for line in said.splitlines() if line.startswith(("Not ", "This answer"))]
    assert not answers


def test_an_error_that_no_library_explains_is_found():
    assert not explained(run(["import numpy as np", "np.ones(3) + np.ones(4)"]))
    assert not explained(run(["undefined"]))
    assert explained(run(["import convlib", "convlib.output_size(3, 5)"]))
