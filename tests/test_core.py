"""The core: what a reader types in from the pages gives torch's numbers, with NumPy alone."""

import ast
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from taught import tagged_cells, type_in

import convlib
from convlib import core, networks

torch.set_num_threads(1)  # the cases are too small for more

SOURCES = [source for _, source in tagged_cells()]
CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
SIZE = (7, 8, 5)

# Of every setting, as many entries as a case has axes.
GRID = {
    "kernel_size": [(1, 1, 1), (2, 3, 1), (3, 2, 2)],
    "stride": [(1, 1, 1), (2, 1, 3), (3, 2, 1)],
    "padding": [((0, 0), (0, 0), (0, 0)), ((1, 2), (0, 1), (2, 0))],
    "dilation": [(1, 1, 1), (2, 1, 2)],
    "groups": [1, 2, 4],
    "N": [0, 1, 3],
}

every_number_of_axes = pytest.mark.parametrize("axes", [1, 2, 3])


@pytest.fixture(scope="module")
def book():
    """Give the functions as the pages define them."""
    return type_in(SOURCES)


def cases(axes, *names):
    """Combine the settings of the grid, those of each axis cut to the number of axes."""
    for values in itertools.product(*(GRID[name] for name in names)):
        yield tuple(value[:axes] if isinstance(value, tuple) else value for value in values)


def integers(shape, seed, dtype=float):
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(dtype)


def flat(pairs):
    """Write pairs as F.pad wants them: one row of numbers, the last axis first."""
    return [entry for pair in reversed(pairs) for entry in pair]


def cut(array, padding, size):
    """Remove the padding from the last axes of an array."""
    inside = [slice(before, before + n) for (before, _), n in zip(padding, size, strict=True)]
    return array[(..., *inside)]


def same(ours, theirs):
    """Compare shapes and all bits (that there are no zeros of two signs, integers assure)."""
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else theirs
    return np.array_equal(ours, theirs)


# Judges: each compares the functions of a namespace with torch, and counts the comparisons.


def judge_convolution(book, axes):
    size, count = SIZE[:axes], 0
    names = ("kernel_size", "stride", "padding", "dilation", "groups", "N")
    for case in cases(axes, *names):
        k, s, p, d, g, N = case
        x, w, b = integers((N, 4, *size), 1), integers((8, 4 // g, *k), 2), integers(8, 3)
        leaves = [torch.tensor(array, requires_grad=True) for array in (x, w)]
        padded = F.pad(leaves[0], flat(p))
        expected = CONV[axes](padded, leaves[1], torch.tensor(b), s, 0, d, g)
        output = book.convolve(x, w, b, s, p, d, g)
        assert same(output, expected), case
        assert same(book.convolve(x, w, None, s, p, d, g), output - b.reshape(-1, *[1] * axes))
        grad = integers(output.shape, 4)
        expected.backward(torch.tensor(grad))
        assert same(book.input_gradient(x.shape, w, grad, s, p, d, g), leaves[0].grad), case
        assert same(book.weight_gradient(x, w.shape, grad, s, p, d, g), leaves[1].grad), case
        count += 1
    return count


def judge_dtypes(book, axes):
    size, count = SIZE[:axes], 0
    for k, s, p, d, g in cases(axes, "kernel_size", "stride", "padding", "dilation", "groups"):
        for dtype in ("float32", "int64"):
            x = integers((2, 4, *size), 1, dtype)
            w = integers((8, 4 // g, *k), 2, dtype)
            padded = F.pad(torch.tensor(x), flat(p))
            output = book.convolve(x, w, None, s, p, d, g)
            assert same(output, CONV[axes](padded, torch.tensor(w), None, s, 0, d, g))
            assert output.dtype == dtype
            count += 1
    return count


def judge_transposed_convolution(book, axes):
    size, count = (4, 3, 2)[:axes], 0
    for case in cases(axes, "kernel_size", "stride", "padding", "dilation", "groups", "N"):
        k, s, p, d, g, N = case
        for extra in {(0,) * axes, tuple(max(a, b) - 1 for a, b in zip(s, d, strict=True))}:
            rules = list(zip(size, k, s, p, extra, d, strict=True))
            if min(book.transposed_size(*rule) for rule in rules) < 1:
                continue
            x, w = integers((N, 4, *size), 1), integers((4, 6 // math.gcd(g, 2), *k), 2)
            whole = TRANSPOSED[axes](torch.tensor(x), torch.tensor(w), None, s, 0, extra, g, d)
            result = tuple(book.transposed_size(*rule) for rule in rules)
            shape = (N, whole.shape[1], *result)
            expected = cut(whole, p, result)
            padded = tuple(n + sum(pair) for n, pair in zip(result, p, strict=True))
            assert padded == whole.shape[2:], case
            assert same(book.input_gradient(shape, w, x, s, p, d, g), expected), case
            count += 1
    return count


def judge_columns(book, axes):
    """Compare with torch along one axis and two; along three, torch has no unfold."""
    size, count = SIZE[:axes], 0
    for k, s, p, d, N in cases(axes, "kernel_size", "stride", "padding", "dilation", "N"):
        x = integers((N, 3, *size), 1)
        columns = book.unfold(x, k, d, p, s)
        lift = (1,) * (2 - axes)  # a row is an image of height 1
        settings = [(*lift, *k), (*lift, *d), 0, (*lift, *s)]
        padded = F.pad(torch.tensor(x), flat(p))
        picture = padded.reshape(*padded.shape[:2], *lift, *padded.shape[2:])
        assert same(columns, F.unfold(picture, *settings)), (k, s, p, d, N)
        numbers = integers(columns.shape, 2)
        folded = F.fold(torch.tensor(numbers), picture.shape[2:], *settings)
        image = cut(folded.reshape(padded.shape), p, size)
        assert same(book.fold(numbers, size, k, d, p, s), image), (k, s, p, d, N)
        count += 1
    return count


def judge_columns_of_volumes(book):
    """Three axes: the columns times the weight are the convolution; fold is the adjoint."""
    count = 0
    for k, s, p, d in cases(3, "kernel_size", "stride", "padding", "dilation"):
        x, w = integers((2, 3, *SIZE), 1), integers((4, 3, *k), 2)
        columns = book.unfold(x, k, d, p, s)
        expected = F.conv3d(F.pad(torch.tensor(x), flat(p)), torch.tensor(w), None, s, 0, d)
        assert same((w.reshape(4, -1) @ columns).reshape(expected.shape), expected)
        numbers = integers(columns.shape, 3)
        folded = book.fold(numbers, SIZE, k, d, p, s)
        assert folded.shape == x.shape
        assert (folded * x).sum() == (numbers * columns).sum()
        count += 1
    return count


def judge_padding(book):
    """Compare with torch in four modes, and zeros with np.pad; every side has its own number."""
    count = 0
    for axes in (1, 2, 3):
        x = integers((2, 3, *SIZE[:axes]), 1)
        for padding in (((0, 0),) * 3, ((1, 2), (3, 0), (2, 4))):
            pairs = padding[:axes]
            for mode in ("zeros", "reflect", "replicate", "circular"):
                torch_mode = "constant" if mode == "zeros" else mode
                expected = F.pad(torch.tensor(x), flat(pairs), torch_mode)
                assert same(book.pad(x, pairs, mode), expected), (pairs, mode)
                count += 1
            assert same(book.pad(x, pairs), np.pad(x, ((0, 0), (0, 0), *pairs)))
    image = integers((4, 5), 2)  # without batch and channels
    assert same(book.pad(image, ((1, 0), (0, 2))), np.pad(image, ((1, 0), (0, 2))))
    return count


def row_cases():
    """List (size, kernel_size, stride, padding, dilation) of rows that hold a window."""
    paddings = [0, 1, 3, "valid", "same", (0, 2), (3, 1)]
    grid = itertools.product((1, 2, 5, 8, 13), (1, 2, 3, 4), (1, 2, 3, 5), paddings, (1, 2, 3))
    for size, k, s, padding, d in grid:
        total = sum(padding) if isinstance(padding, tuple) else 0
        total = 2 * padding if isinstance(padding, int) else total
        if s == 1 if padding == "same" else size + total > d * (k - 1):
            yield size, k, s, padding, d


def torch_row(size, k, s, padding, d):
    """Convolve a row with ones in torch, any padding; return the row and the output."""
    row = torch.zeros(1, 1, size, requires_grad=True)
    pixels, padding = (F.pad(row, padding), 0) if isinstance(padding, tuple) else (row, padding)
    return row, F.conv1d(pixels, torch.ones(1, 1, k), None, s, padding, d)


def judge_rules_of_one_axis(book):
    """Ask torch: for the size of its output, and for the pixels that each number reads."""
    count = 0
    for case in row_cases():
        size, k, _, _, d = case
        row, output = torch_row(*case)
        assert book.output_size(*case) == output.shape[2], case
        pixels = book.taps(*case)
        assert pixels.shape == (output.shape[2], k)
        assert np.array_equal(np.diff(pixels, axis=1), np.full((len(pixels), k - 1), d))
        reads = [torch.autograd.grad(number, row, retain_graph=True)[0] for number in output[0, 0]]
        for window, read in zip(pixels, reads, strict=True):
            inside = [pixel for pixel in window if 0 <= pixel < size]
            assert inside == read.flatten().nonzero().flatten().tolist(), case
        assert same(book.coverage(*case), sum(reads).flatten()), case
        count += 1
    return count


def judge_sides(book):
    """Pad by hand, with the two numbers: that gives what torch's ``padding`` gives."""
    count = 0
    for case in row_cases():
        size, k, s, padding, d = case
        x, w = torch.arange(1.0, size + 1)[None, None], 10.0 ** torch.arange(k)[None, None]
        sides = book.sides(padding, k, d)
        if isinstance(padding, tuple):
            assert sides == padding
            continue
        expected = F.conv1d(x, w, None, s, padding, d)
        assert torch.equal(F.conv1d(F.pad(x, sides), w, None, s, 0, d), expected), case
        count += 1
    return count


def judge_reach(book):
    """Find the least number of pixels on which torch runs the kernel: the reach."""
    count = 0
    for k, d in itertools.product(range(1, 6), range(1, 6)):
        sizes = range(1, 30)
        runs = []
        for size in sizes:
            try:
                F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, k), dilation=d)
            except RuntimeError:
                continue
            runs.append(size)
        assert book.reach(k, d) == min(runs)
        count += 1
    return count


def judge_transposed_size(book):
    count = 0
    grid = itertools.product((1, 2, 5), (1, 2, 3, 4), (1, 2, 3), (0, 1), (1, 2), range(3))
    for n, k, s, p, d, extra in grid:
        if extra >= max(s, d) or (n - 1) * s + d * (k - 1) + 1 + extra <= 2 * p:
            continue
        kernel = torch.zeros(1, 1, k)
        large = F.conv_transpose1d(torch.zeros(1, 1, n), kernel, None, s, p, extra, 1, d)
        assert book.transposed_size(n, k, s, p, extra, d) == large.shape[2]
        assert book.transposed_size(n, k, s, (0, 2 * p), extra, d) == large.shape[2]
        if extra < s:
            assert book.output_size(large.shape[2], k, s, p, d) == n
        count += 1
    return count


STACKS = [  # kernel_size, stride, padding, dilation of each layer
    [(3, 1, 0, 1)],
    [(7, 2, 3, 1), (3, 2, 1, 1)],
    [(2, 1, (1, 0), 1), (2, 1, (2, 0), 2), (2, 1, (4, 0), 4)],
    [(3, 1, "same", 2), (1, 3, 0, 1), (4, 2, (0, 3), 1), (3, 1, 1, 1)],
    [(5, 3, 2, 1), (2, 1, "valid", 3)],
]


def pixels_read(row, layers, number):
    """Run layers of ones in torch, and name the first and the last pixel that a number reads."""
    for k, s, padding, d in layers:
        padded, p = (F.pad(row, padding), 0) if isinstance(padding, tuple) else (row, padding)
        row = F.conv1d(padded, torch.ones(1, 1, k, dtype=torch.float64), None, s, p, d)
    return row[0, 0, number]


def judge_receptive_fields(book):
    """Compare with the gradient of one number, far from both ends, where no padding is read."""
    count = 0
    for number, pair in itertools.product((9, 10), itertools.product(STACKS, STACKS)):
        steps = [math.prod(layer[1] for layer in layers) for layers in pair]
        if steps[0] != steps[1]:
            continue
        row = torch.zeros(1, 1, 300, dtype=torch.float64, requires_grad=True)
        fields = []
        for layers in pair:
            field = (1, 1, 0)
            for layer in layers:
                field = book.through_layer(field, *layer)
            fields.append(field)
        both = sum(pixels_read(row, layers, number) for layers in pair)
        both.backward()
        read = row.grad.flatten().nonzero().flatten()
        size, step, start = book.parallel(fields)
        assert start + number * step == read[0]
        assert start + number * step + size - 1 == read[-1]
        count += 1
    return count


def judge_channels(book):
    """Ask torch's gradient who reads whom, and torch's shuffle for the order of channels."""
    count = 0
    for C_in, C_out, groups in (
        (1, 1, 1),
        (4, 6, 1),
        (4, 6, 2),
        (6, 12, 3),
        (4, 4, 4),
        (10, 15, 5),
    ):
        x = torch.ones(1, C_in, 2, 2, requires_grad=True)
        output = F.conv2d(x, torch.ones(C_out, C_in // groups, 1, 1), groups=groups)
        reads = [torch.autograd.grad(c.sum(), x, retain_graph=True)[0] for c in output[0]]
        expected = torch.stack([read[0, :, 0, 0] for read in reads])
        assert same(book.connectivity(C_in, C_out, groups), expected)
        for size in ((3,), (3, 2), (2, 2, 2)):
            image = integers((2, C_in, *size), 1)
            shuffled = F.channel_shuffle(torch.tensor(image), groups)
            assert same(book.channel_shuffle(image, groups), shuffled)
            count += 1
    return count


def judge_macs(book):
    """Of ones, without padding, every product is 1: the sum of one output counts them."""
    count = 0
    for C_out, C_in, groups, k, s in itertools.product((4, 8), (4, 12), (1, 2, 4), (1, 3), (1, 2)):
        weight = torch.ones(C_out, C_in // groups, k, 2)
        output = F.conv2d(torch.ones(1, C_in, 7, 5), weight, stride=s, groups=groups)
        assert book.macs(tuple(weight.shape), tuple(output.shape[2:])) == output.sum()
        count += 1
    return count


# A judge, the number of axes if it takes one, and how many comparisons it makes.
JUDGES = {
    **{f"convolution-{axes}": (judge_convolution, (axes,), 324) for axes in (1, 2, 3)},
    **{f"dtypes-{axes}": (judge_dtypes, (axes,), 216) for axes in (1, 2, 3)},
    "transposed-1": (judge_transposed_convolution, (1,), 594),
    "transposed-2": (judge_transposed_convolution, (2,), 594),
    "transposed-3": (judge_transposed_convolution, (3,), 504),
    "columns-1": (judge_columns, (1,), 108),
    "columns-2": (judge_columns, (2,), 108),
    "columns-3": (judge_columns_of_volumes, (), 36),
    "padding": (judge_padding, (), 24),
    "rows": (judge_rules_of_one_axis, (), 1208),
    "sides": (judge_sides, (), 800),
    "reach": (judge_reach, (), 25),
    "transposed size": (judge_transposed_size, (), 296),
    "fields": (judge_receptive_fields, (), 14),
    "channels": (judge_channels, (), 18),
    "macs": (judge_macs, (), 48),
}


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("name", JUDGES)
def test_what_is_typed_in_from_the_pages_is_what_torch_computes(book, name):
    judge, arguments, comparisons = JUDGES[name]
    assert judge(book, *arguments) == comparisons


# Function, text and what stands in its place, and the judge that must see it.
FAULTS = [
    ("pad", "*padding], mode", "*[(before, 0) for before, _ in padding]], mode", "padding"),
    ("pad", "[*unchanged, *padding]", "[*padding, *unchanged]", "padding"),
    ("pad", '"replicate": "edge"', '"replicate": "symmetric"', "padding"),
    ("reach", "dilation * (kernel_size - 1) + 1", "kernel_size", "reach"),
    ("sides", "total // 2, total - total // 2 ", "total - total // 2, total // 2 ", "sides"),
    ("sides", "reach(kernel_size, dilation) - 1", "kernel_size - 1", "sides"),
    ("output_size", ") // stride + 1", " - 1) // stride + 2", "rows"),
    ("output_size", "before + size + after", "2 * before + size", "rows"),
    ("taps", "* stride - before", "* stride + before", "rows"),
    ("taps", "np.arange(kernel_size) * dilation", "np.arange(kernel_size) * stride", "rows"),
    ("coverage", "pixels >= 0", "pixels > 0", "rows"),
    ("coverage", "pixels < size", "pixels < size - 1", "rows"),
    ("windows", "(*stride, *dilation)", "(*dilation, *stride)", "convolution-1"),
    ("windows", "(*stride, *dilation)", "(*stride[::-1], *dilation)", "convolution-2"),
    ("windows", "*dilation)]", "*[1] * len(dilation))]", "convolution-1"),
    (
        "convolve",
        "np.split(view, groups, axis=1)",
        "[view[:, g::groups] for g in range(groups)]",
        "convolution-1",
    ),
    ("convolve", "np.split(weight, groups)", "np.split(weight, groups)[::-1]", "convolution-2"),
    ("convolve", "bias.reshape", "bias[::-1].reshape", "convolution-3"),
    ("convolve", "input, padding)", "input, padding[::-1])", "convolution-2"),
    ("convolve", "return output", "return output.astype(float)", "dtypes-1"),
    (
        "connectivity",
        "np.eye(groups, dtype=int), block",
        "block, np.eye(groups, dtype=int)",
        "channels",
    ),
    (
        "connectivity",
        "(out_channels // groups, in_channels // groups)",
        "(out_channels, in_channels)",
        "channels",
    ),
    (
        "channel_shuffle",
        "(N, groups, C // groups, *size)",
        "(N, C // groups, groups, *size)",
        "channels",
    ),
    ("through_layer", "dilation) - 1) * step", "dilation) - 1) * step * stride", "fields"),
    ("through_layer", "start - before * step", "start - before * step * stride", "fields"),
    ("through_layer", "step * stride,", "step + stride,", "fields"),
    ("parallel", "min(start", "max(start", "fields"),
    ("parallel", "max(start + size", "min(start + size", "fields"),
    ("macs", "(*weight_size, *output_size)", "(*weight_size[1:], *output_size)", "macs"),
    ("overlap_add", "+= parts", "= parts", "convolution-1"),
    ("overlap_add", "i * d, i * d + n * s, s", "i, i + n * s, s", "convolution-1"),
    (
        "overlap_add",
        "image[(..., *inside)]",
        "image[(..., *[slice(n) for n in size])]",
        "convolution-2",
    ),
    ("input_gradient", "groups, axis=1)", "groups, axis=1)[::-1]", "convolution-2"),
    ("weight_gradient", "np.concatenate(parts)", "np.concatenate(parts[::-1])", "convolution-1"),
    (
        "weight_gradient",
        "weight_size[2:], stride, dilation",
        "weight_size[2:], dilation, stride",
        "convolution-3",
    ),
    ("transposed_size", "- before - after", "- 2 * before", "transposed size"),
    ("transposed_size", "+ output_padding", "", "transposed size"),
    ("transposed_size", "reach(kernel_size, dilation)", "kernel_size", "transposed-1"),
    ("unfold", "range(2, 2 + axes))", "range(1, 1 + axes))", "columns-2"),
    ("unfold", "stride, dilation)", "dilation, stride)", "columns-3"),
    ("fold", "range(-axes, 0)\n", "range(-axes, 0)[::-1]\n", "columns-2"),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(("name", "right", "wrong", "judge"), FAULTS)
def test_a_fault_planted_in_a_definition_is_seen(name, right, wrong, judge):
    (number,) = (n for n, source in enumerate(SOURCES) if f"def {name}(" in source)
    assert SOURCES[number].count(right) == 1
    faulty = [*SOURCES]
    faulty[number] = faulty[number].replace(right, wrong)
    compare, arguments, _ = JUDGES[judge]
    with pytest.raises((AssertionError, ValueError, IndexError, RuntimeError)):
        compare(type_in(faulty), *arguments)


# The public functions of the same names.

ROW = [(13, 3, 2, (2, 1), 2), (8, 4, 1, "same", 2), (5, 2, 3, "valid", 2), (9, 3, 4, 1, 1)]


@pytest.mark.parametrize("name", ["output_size", "taps", "coverage"])
@pytest.mark.parametrize("case", ROW)
def test_a_rule_of_the_page_and_the_public_one_agree(book, name, case):
    typed_in, public = getattr(book, name)(*case), getattr(convlib, name)(*case)
    assert np.array_equal(typed_in, public)
    assert type(typed_in) is type(public)


@pytest.mark.parametrize("case", ROW)
def test_other_rules_of_the_page_and_the_public_ones_agree(book, case):
    size, k, s, padding, d = case
    assert book.reach(k, d) == convlib.reach(k, d)
    assert book.sides(padding, k, d) == convlib.sides(padding, k, d)
    pair = book.sides(padding, k, d)
    args = (size, k, s, pair, max(s, d) - 1, d)
    assert book.transposed_size(*args) == convlib.transposed_size(*args)
    field = book.through_layer((3, 2, -1), k, s, padding, d)
    assert networks.through_layer((3, 2, -1), k, s, padding, d) == field
    assert networks.parallel([field, (2, field[1], 0)]) == book.parallel([field, (2, field[1], 0)])
    assert networks.macs((8, 4, k, k), (size, size)) == book.macs((8, 4, k, k), (size, size))


def test_functions_on_arrays_of_the_page_and_the_public_ones_agree(book):
    x, k, s, p, d = integers((2, 4, 7, 8), 1), (3, 2), (2, 1), ((1, 2), (0, 1)), (1, 2)
    for mode in ("zeros", "reflect", "replicate", "circular"):
        assert same(book.pad(x, p, mode), convlib.pad(x, p, mode))
    assert same(book.windows(x, k, s, d), convlib.windows(x, k, s, d))
    assert same(book.connectivity(4, 6, 2), convlib.connectivity(4, 6, 2))
    assert same(book.channel_shuffle(x, 2), convlib.channel_shuffle(x, 2))
    columns = book.unfold(x, k, d, p, s)
    assert same(columns, convlib.unfold(x, k, d, p, s))
    assert same(book.fold(columns, (7, 8), k, d, p, s), convlib.fold(columns, (7, 8), k, d, p, s))


@every_number_of_axes
def test_convolutions_of_the_page_and_the_public_ones_agree(book, axes):
    public = {name: getattr(convlib, f"conv{axes}d{name}") for name in ("", "_input", "_weight")}
    x, w, b = (
        integers((2, 4, *SIZE[:axes]), 1),
        integers((6, 2, *(3, 2, 2)[:axes]), 2),
        integers(6, 3),
    )
    settings = (2, 1, 1)[:axes], ((1, 2), (0, 1), (2, 0))[:axes], (1, 2, 2)[:axes], 2
    output = book.convolve(x, w, b, *settings)
    assert same(output, public[""](x, w, b, *settings))
    grad = integers(output.shape, 4)
    gradients = book.input_gradient(x.shape, w, grad, *settings)
    assert same(gradients, public["_input"](x.shape, w, grad, *settings))
    gradients = book.weight_gradient(x, w.shape, grad, *settings)
    assert same(gradients, public["_weight"](x, w.shape, grad, *settings))


# The module itself.

TEXT = Path(core.__file__).read_text()
TREE = ast.parse(TEXT)


def test_the_core_can_be_read_in_one_sitting():
    assert len(TEXT.splitlines()) <= 200
    lengths = [node.end_lineno - node.lineno + 1 for node in TREE.body if hasattr(node, "args")]
    assert len(lengths) > 15
    assert max(lengths) <= 15


def test_the_core_imports_numpy_and_has_no_decorators_and_no_private_helpers():
    imports = [node for node in ast.walk(TREE) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert list(map(ast.unparse, imports)) == [
        "import numpy as np",
        "from numpy.lib.stride_tricks import sliding_window_view",
    ]
    functions = [node for node in ast.walk(TREE) if isinstance(node, ast.FunctionDef)]
    assert not [function.name for function in functions if function.decorator_list]
    assert not [function.name for function in functions if function.name.startswith("_")]


def test_the_stub_of_the_core_has_its_signatures():
    stub = ast.parse(Path(core.__file__).with_suffix(".pyi").read_text())
    declared = [node for node in stub.body if isinstance(node, ast.FunctionDef)]
    defined = [node for node in TREE.body if isinstance(node, ast.FunctionDef)]
    for node in declared:
        node.returns = None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                assert argument.annotation, node.name
                argument.annotation = None
    written = [[(f.name, ast.unparse(f.args)) for f in each] for each in (declared, defined)]
    assert written[0] == written[1]
