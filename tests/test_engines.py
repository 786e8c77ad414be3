"""Every way to compute gives the definition's result: exact ones to the bound, others to theirs."""

import itertools
import math
import threading
import tracemalloc
from collections import deque

import numpy as np
import pytest
from against_torch import LAYOUTS, integers

import convlib
from convlib import Conv2d, conv1d, conv2d, coverage, functional
from convlib.engines import (
    EXACT,
    FEWER,
    banded,
    choose,
    columns,
    fourier,
    pointwise,
    rows,
    taps,
    tiles,
    view,
    winograd,
    workspace,
)
from convlib.engines.tiles import inside
from convlib.groups import conv_by_definition
from convlib.problem import Problem

BOTH = [np.float32, np.float64]


def name(way):
    return way.__name__.rpartition(".")[2] if hasattr(way, "__name__") else None


every_way = pytest.mark.parametrize("way", EXACT, ids=name)
both_dtypes = pytest.mark.parametrize("dtype", BOTH)


def problem_of(input, weight, *geometry, **named):
    return Problem.of(input.shape, weight.shape, *geometry, **named, itemsize=input.itemsize)


def is_open(way, problem):
    return way.cost(problem) < math.inf


# One case or more that is open to each way, small and with every parameter in use.
CASES = {
    "pointwise": [
        {"shape": (2, 6, 5, 7), "weight": (8, 3, 1, 1), "stride": (1, 2), "groups": 2},
        {"shape": (1, 4, 3, 4), "weight": (20, 4, 1, 1)},
    ],
    "columns": [
        {
            "shape": (2, 6, 9, 8),
            "weight": (4, 3, 3, 2),
            "stride": (2, 1),
            "padding": (2, 1),
            "groups": 2,
        },
        {"shape": (1, 3, 7, 9), "weight": (5, 3, 3, 3), "padding": "same", "dilation": (1, 2)},
    ],
    "rows": [
        {
            "shape": (2, 6, 9, 8),
            "weight": (4, 3, 3, 2),
            "stride": (1, 3),
            "padding": (2, 1),
            "groups": 2,
        },
        {
            "shape": (1, 4, 9, 6),
            "weight": (4, 1, 3, 3),
            "stride": 2,
            "padding": 3,
            "dilation": 2,
            "groups": 4,
        },
        {"shape": (1, 2, 12, 5), "weight": (3, 2, 2, 3), "padding": (5, 1), "dilation": (9, 1)},
    ],
    "taps": [
        {
            "shape": (2, 4, 7, 6),
            "weight": (6, 2, 3, 3),
            "stride": (1, 2),
            "padding": 2,
            "groups": 2,
        },
        {
            "shape": (1, 2, 4, 5, 6),
            "weight": (3, 2, 2, 3, 2),
            "padding": (1, 0, 2),
            "dilation": (2, 1, 1),
        },
    ],
    "banded": [
        {"shape": (2, 3, 21, 6), "weight": (3, 1, 3, 3), "padding": 1, "groups": 3},
        {
            "shape": (1, 3, 24, 9),
            "weight": (3, 1, 4, 2),
            "stride": (2, 3),
            "dilation": (1, 2),
            "groups": 3,
        },
    ],
    "view": [
        {
            "shape": (2, 6, 9, 8),
            "weight": (4, 3, 3, 2),
            "stride": (2, 1),
            "padding": (2, 1),
            "groups": 2,
        },
        {"shape": (2, 3, 9), "weight": (4, 3, 2), "padding": 1, "dilation": 3},
    ],
}
EACH = [(way, case) for way in EXACT for case in CASES[name(way)]]
each_case = pytest.mark.parametrize(("way", "case"), EACH, ids=name)


def settled(case):
    return {key: value for key, value in case.items() if key not in ("shape", "weight")}


def torch_like(input, weight, bias, case):
    return conv_by_definition(input, weight, bias, **settled(case))


def drawn(case, dtype, seed=0):
    return (
        integers(case["shape"], np.dtype(dtype).name, seed + 1),
        integers(case["weight"], np.dtype(dtype).name, seed + 2),
        integers(case["weight"][:1], np.dtype(dtype).name, seed + 3),
    )


def test_every_way_has_cases_that_are_open_to_it():
    assert sorted(CASES) == sorted(map(name, EXACT))
    for way, case in EACH:
        input, weight, _ = drawn(case, np.float32)
        assert is_open(way, problem_of(input, weight, **settled(case)))


# Exactness


@both_dtypes
def test_every_way_that_is_open_gives_the_bits_of_the_definition_on_a_grid(dtype):
    counts = dict.fromkeys(map(name, EXACT), 0)
    steps = [1, 2, (1, 3)], [0, (2, 1), "same"], [1, 2, (4, 1)]
    shapes = [((2, 4, 9, 10), (6, 3, 3)), ((1, 4, 10, 9), (4, 1, 1)), ((1, 4, 12, 9), (4, 2, 5))]
    for (shape, (C_out, *kernel_size)), groups, *rest in itertools.product(
        shapes, (1, 2, 4), *steps
    ):
        stride, padding, dilation = rest
        if C_out % groups or (padding == "same" and stride != 1):
            continue
        case = {
            "shape": shape,
            "weight": (C_out, shape[1] // groups, *kernel_size),
            "stride": stride,
        }
        case |= {"padding": padding, "dilation": dilation, "groups": groups}
        input, weight, bias = drawn(case, dtype)
        problem = problem_of(input, weight, **settled(case))
        wanted = torch_like(input, weight, bias, case)
        for way in EXACT:
            if is_open(way, problem):
                result = way.compute(input, weight, bias, problem)
                assert (result + 0).tobytes() == (wanted + 0).tobytes(), (name(way), case)
                assert result.shape == wanted.shape
                assert np.array_equal(
                    way.compute(input, weight, None, problem), torch_like(input, weight, None, case)
                )
                counts[name(way)] += 1
    assert counts == {
        "pointwise": 36, "columns": 168, "rows": 168, "taps": 168, "banded": 14, "view": 168,
    }  # fmt: skip


def test_a_workspace_cuts_no_more_than_the_memory_it_borrowed(monkeypatch):
    monkeypatch.setattr(workspace, "_waiting", deque([np.empty(16, np.uint8)]))
    with workspace.Workspace() as space:
        fitting, other = space.arrays(np.dtype(np.float64), (2,), (3, 4))
        assert np.may_share_memory(fitting, space._memory)
    assert fitting.shape == (2,)
    assert other.shape == (3, 4)


@pytest.fixture
def tiny_workspaces(monkeypatch):
    """Let a workspace be one byte, kept in a pool of its own: nothing fits in it."""
    monkeypatch.setattr(workspace, "_waiting", deque(maxlen=workspace.KEPT))
    for module in (workspace, tiles, winograd):
        monkeypatch.setattr(module, "SIZE", 1)


@pytest.mark.usefixtures("tiny_workspaces")
@both_dtypes
@each_case
def test_a_tile_may_be_as_small_as_a_row(way, case, dtype):
    input, weight, bias = drawn(case, dtype)
    result = way.compute(input, weight, bias, problem_of(input, weight, **settled(case)))
    assert np.array_equal(result, torch_like(input, weight, bias, case))


def test_tiles_cover_every_row_of_every_group_of_every_image_once(monkeypatch):
    problem = problem_of(np.ones((2, 6, 30, 5)), np.ones((6, 2, 3, 3)), groups=3, padding=1)
    for size in (1, 3_000, 10_000, 100_000, 10_000_000):
        monkeypatch.setattr(tiles, "SIZE", size)
        covered = np.zeros((2, 3, 30), int)
        for image, groups, first, height in tiles.tiles(problem, 30, 20):
            covered[image, groups, first : first + height] += 1
        assert (covered == 1).all()


@both_dtypes
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
@each_case
def test_every_layout_is_read_as_it_shows_and_left_as_it_is(way, case, layout, dtype):
    input, weight, bias = (layout(array) for array in drawn(case, dtype))
    kept = input.copy(), weight.copy(), bias.copy()
    result = way.compute(input, weight, bias, problem_of(input, weight, **settled(case)))
    assert np.array_equal(result, torch_like(*kept, case))
    assert result.flags.c_contiguous
    assert result.flags.writeable
    for array, copy in zip((input, weight, bias), kept, strict=True):
        assert np.array_equal(array, copy)
        assert not np.may_share_memory(result, array)


def exact_and_magnitude(input, weight, bias, case):
    """Sum in the widest dtype there is, the terms and their absolute values."""
    wide = [array.astype(np.longdouble) for array in (input, weight, bias)]
    return torch_like(*wide, case), torch_like(*map(np.abs, wide), case)


@both_dtypes
@pytest.mark.parametrize("what", ["noise", "spike", "zeros beside data", "1e8 beside 1"])
@each_case
def test_errors_stay_within_what_summing_the_own_terms_can_cost(way, case, what, dtype):
    rng = np.random.default_rng(0)
    shapes = case["shape"], case["weight"], case["weight"][:1]
    input, weight, bias = (rng.normal(size=shape).astype(dtype) for shape in shapes)
    if what == "spike":
        input[0, 0, 2] = 1e8
    if what == "zeros beside data":
        input[..., input.shape[-1] // 2 :] = 0
    if what == "1e8 beside 1":
        input[..., ::2] *= 1e8
    result = way.compute(input, weight, bias, problem_of(input, weight, **settled(case)))
    exact, magnitude = exact_and_magnitude(input, weight, bias, case)
    terms = math.prod(case["weight"][1:]) + 1
    assert (abs(result - exact) <= (terms + 8) * np.finfo(dtype).eps * magnitude).all()
    empty = magnitude == abs(bias).reshape(-1, *[1] * (input.ndim - 2))
    if what == "zeros beside data":
        assert empty.any()
    spread = np.broadcast_to(bias.reshape(-1, *[1] * (input.ndim - 2)), result.shape)
    assert np.array_equal(result[empty], spread[empty])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@each_case
def test_what_is_not_finite_reaches_exactly_the_windows_that_hold_it(way, case, value):
    input, weight = np.ones(case["shape"], np.float32), np.ones(case["weight"], np.float32)
    marked = np.zeros_like(input)
    steps = {key: case[key] for key in ("stride", "padding", "dilation") if key in case}
    reads = coverage(case["shape"][2:], case["weight"][2:], **steps)
    at = (0, 1, *np.argwhere(reads)[reads.astype(bool).sum() // 2])  # a pixel amid those read
    input[at], marked[at] = value, 1
    with np.errstate(invalid="ignore"):
        result = way.compute(input, weight, None, problem_of(input, weight, **settled(case)))
    touched = torch_like(marked, weight, None, case) > 0
    assert touched.any()
    assert not touched.all()
    assert np.array_equal(~np.isfinite(result), touched)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@each_case
def test_weights_that_are_not_finite_meet_the_padding_as_in_the_definition(way, case, value):
    input, weight, bias = drawn(case, np.float32)
    weight[0, 0, ..., 0] = value
    with np.errstate(invalid="ignore"):
        result = way.compute(input, weight, bias, problem_of(input, weight, **settled(case)))
        wanted = torch_like(input, weight, bias, case)
    assert np.isnan(wanted).any() or not settled(case).get("padding")
    assert np.array_equal(result, wanted, equal_nan=True)


# Fewer multiplications: other bounds, and only for those who ask

DENSE = [
    {"shape": (2, 5, 23, 18), "weight": (4, 5, 3, 3), "padding": 1},  # tiles of 4
    {"shape": (1, 16, 12, 13), "weight": (8, 16, 3, 3), "padding": (0, 2)},  # tiles of 2
    {"shape": (1, 6, 17, 30), "weight": (3, 6, 5, 5), "padding": 2},
]
LARGE = [
    {"shape": (2, 11, 26, 19), "weight": (11, 1, 9, 8), "padding": (4, 2), "groups": 11},
    {"shape": (1, 3, 30, 31), "weight": (3, 1, 15, 15), "stride": (2, 3), "groups": 3},
]


def kinds_of_input(shape, dtype):
    rng = np.random.default_rng(1)
    noise = rng.normal(size=shape).astype(dtype)
    spike = noise.copy()
    spike[0, 0, 7, 7] = 1e8
    half = noise.copy()
    half[..., 9:] = 0
    return noise, spike, half


def absolutes(input, weight, problem):
    """Send absolute values through Winograd's matrices of absolute values, tile by tile."""
    side, k = winograd.outputs_of_a_tile(problem), weight.shape[2]
    A, G, B = (abs(matrix) for matrix in winograd.transforms(side, k))
    (H_out, W_out), size = problem.output_size, side + k - 1
    down, right = -(-H_out // side), -(-W_out // side)
    (top, _), (left, _) = problem.frame
    framed = np.zeros((*input.shape[:2], down * side + k - 1, right * side + k - 1))
    inner = framed[..., top : top + input.shape[2], left : left + input.shape[3]]
    inner[...] = abs(input[..., : inner.shape[2], : inner.shape[3]])
    bank = G @ abs(weight).astype(float) @ G.T  # (o, c, size, size)
    result = np.zeros((len(input), len(weight), down * side, right * side))
    for y, x in np.ndindex(down, right):
        tile = framed[..., y * side : y * side + size, x * side : x * side + size]
        products = np.einsum("ncyx,ocyx->noyx", B @ tile @ B.T, bank)
        result[..., y * side : (y + 1) * side, x * side : (x + 1) * side] = A @ products @ A.T
    return result[..., :H_out, :W_out]


@both_dtypes
@pytest.mark.parametrize("case", DENSE)
def test_winograd_stays_within_its_bound(case, dtype):
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=case["weight"]).astype(dtype), np.ones(case["weight"][0], dtype)
    for input in kinds_of_input(case["shape"], dtype):
        problem = problem_of(input, weight, **settled(case))
        result = winograd.compute(input, weight, bias, problem)
        exact, _ = exact_and_magnitude(input, weight, bias, case)
        points = (winograd.outputs_of_a_tile(problem) + weight.shape[2] - 1) ** 2
        terms = weight.shape[1] + 2 * points + weight[0, 0].size + 10
        bound = terms * np.finfo(dtype).eps * (absolutes(input, weight, problem) + 1)
        assert (abs(result - exact) <= bound).all()


@both_dtypes
@pytest.mark.parametrize("case", LARGE)
def test_fourier_stays_within_its_bound(case, dtype):
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=case["weight"]).astype(dtype), np.ones(case["weight"][0], dtype)
    for input in kinds_of_input(case["shape"], dtype):
        problem = problem_of(input, weight, **settled(case))
        result = fourier.compute(input, weight, bias, problem)
        exact, _ = exact_and_magnitude(input, weight, bias, case)
        norms = [np.linalg.norm(a.astype(float), axis=(-2, -1)) for a in (input, weight)]
        norm = norms[0] * norms[1][:, 0]  # (n, c)
        pixels = math.prod(
            size + sum(b) for size, b in zip(problem.size, problem.frame, strict=True)
        )
        bound = 8 * np.log2(pixels) * np.finfo(dtype).eps * (norm[..., None, None] + 1)
        assert (abs(result - exact) <= bound).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    ("way", "case"), [(winograd, case) for case in DENSE] + [(fourier, case) for case in LARGE]
)
def test_what_is_not_finite_is_left_to_an_exact_way(way, case, value):
    input, weight = np.ones(case["shape"], np.float32), np.ones(case["weight"], np.float32)
    input[0, 1, 8, 8] = value
    with np.errstate(invalid="ignore"):
        result = way.compute(input, weight, None, problem_of(input, weight, **settled(case)))
        wanted = torch_like(input, weight, None, case)
    assert np.array_equal(result, wanted, equal_nan=True)


@both_dtypes
@pytest.mark.parametrize("case", DENSE[:2])
def test_winograd_takes_every_layout_and_small_workspaces(case, dtype, request):
    input, weight, bias = drawn(case, dtype)
    problem = problem_of(input, weight, **settled(case))
    wanted = winograd.compute(input, weight, bias, problem)
    assert np.allclose(wanted, torch_like(input, weight, bias, case), rtol=0, atol=0.1)
    for layout in LAYOUTS[:-1]:
        given = [layout(array) for array in (input, weight, bias)]
        assert np.array_equal(winograd.compute(*given, problem), wanted)
    request.getfixturevalue("tiny_workspaces")
    small = winograd.compute(input, weight, None, problem) + bias[:, None, None]
    assert np.allclose(small, wanted, rtol=0, atol=0.1)


def test_transforms_make_a_convolution_of_every_size_they_know():
    rng = np.random.default_rng(0)
    for outputs, taps_ in ((2, 3), (4, 3), (2, 5)):
        A, G, B = winograd.transforms(outputs, taps_)
        tile, kernel = rng.normal(size=outputs + taps_ - 1), rng.normal(size=taps_)
        assert np.allclose(A @ ((G @ kernel) * (B @ tile)), np.correlate(tile, kernel, "valid"))


def test_fast_lengths_have_no_other_factors():
    for least in range(1, 300):
        length, rest = fourier.fast_length(least), fourier.fast_length(least)
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        assert rest == 1
        assert least <= length < 2 * least


# The choice

NAMED = {
    pointwise: {"shape": (1, 64, 56, 56), "weight": (256, 64, 1, 1)},
    columns: {"shape": (1, 512, 7, 7), "weight": (512, 512, 3, 3), "padding": 1},
    rows: {"shape": (1, 64, 224, 224), "weight": (64, 64, 3, 3), "padding": 1},
    taps: {"shape": (1, 2048, 33, 33), "weight": (256, 2048, 3, 3), "padding": 18, "dilation": 18},
    banded: {"shape": (1, 96, 56, 56), "weight": (96, 1, 7, 7), "padding": 3, "groups": 96},
    view: {"shape": (1, 1, 5, 5), "weight": (1, 1, 2, 2)},
    winograd: {"shape": (1, 256, 56, 56), "weight": (256, 256, 3, 3), "padding": 1},
    fourier: {"shape": (1, 128, 56, 56), "weight": (128, 1, 31, 31), "padding": 15, "groups": 128},
}


@pytest.mark.parametrize("way", NAMED, ids=name)
def test_each_way_is_the_choice_for_some_layer_of_a_real_network(way):
    case = NAMED[way]
    input = np.broadcast_to(np.float32(0), case["shape"])
    weight = np.broadcast_to(np.float32(0), case["weight"])
    problem = problem_of(input, weight, **settled(case))
    assert choose(problem, exact=way in EXACT) is way
    assert choose(problem) in EXACT


def test_nobody_who_does_not_ask_gets_fewer_multiplications(monkeypatch):
    def never(*_):
        raise AssertionError

    for way in FEWER:
        monkeypatch.setattr(way, "compute", never)
    for case in (NAMED[winograd], NAMED[fourier]):
        small = (*case["shape"][:2], 20, 20)
        arrays = np.ones(small, np.float32), np.ones(case["weight"], np.float32)
        functional._plans.clear()
        conv2d(*arrays, **settled(case))


def test_exact_is_asked_for_by_name_and_is_true_or_false():
    input, weight = np.ones((1, 1, 5, 5)), np.ones((1, 1, 2, 2))
    for wrong in (1, 0, None, "yes", np.True_):
        with pytest.raises(TypeError, match=r"^exact=.* must be True or False$"):
            conv2d(input, weight, exact=wrong)
        with pytest.raises(TypeError, match=r"^exact=.* must be True or False$"):
            Conv2d(1, 1, 2, exact=wrong)
    with pytest.raises(TypeError, match="positional"):
        conv2d(input, weight, None, 1, 0, 1, 1, False)


def test_a_layer_hands_exact_on_and_shows_it():
    layer = Conv2d(64, 64, 3, padding=1, rng=0, exact=False)
    input = np.random.default_rng(0).normal(size=(1, 64, 40, 40)).astype(np.float32)
    asked = conv2d(input, layer.weight, layer.bias, padding=1, exact=False)
    assert np.array_equal(layer(input), asked)
    assert not np.array_equal(asked, conv2d(input, layer.weight, layer.bias, padding=1))
    assert repr(layer).endswith("padding=(1, 1), exact=False)")


@pytest.mark.parametrize("dtype", ["int64", "complex64", "complex128"])
def test_other_dtypes_go_by_the_definition_asked_or_not(dtype):
    case = {"shape": (1, 64, 28, 28), "weight": (64, 64, 3, 3), "padding": 1}
    rng, shapes = np.random.default_rng(0), (case["shape"], case["weight"], (64,))
    input, weight, bias = (rng.integers(-9, 10, shape).astype(dtype) for shape in shapes)
    floats = problem_of(input.real.astype(float), weight.real.astype(float), padding=1)
    assert choose(floats, exact=False) is winograd
    wanted = torch_like(input, weight, bias, case)
    assert np.array_equal(conv2d(input, weight, bias, padding=1, exact=False), wanted)


def test_a_row_stands_up_to_be_cut_into_tiles():
    rng = np.random.default_rng(0)
    row, kernel = rng.normal(size=(1, 8, 70_000)), rng.normal(size=(4, 8, 3))
    tracemalloc.start()
    result = conv1d(row, kernel, padding=2, dilation=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    wanted = conv_by_definition(row, kernel, None, padding=2, dilation=2)
    assert np.allclose(result, wanted)
    assert peak - result.nbytes < 4 << 20
    image = conv2d(row[:, :, np.newaxis], kernel[:, :, np.newaxis], padding=(0, 2), dilation=(1, 2))
    assert np.array_equal(image[:, :, 0], result)


def test_images_of_one_row_or_column_stand_up_only_where_that_changes_nothing():
    sizes, steps = [(1, 1), (1, 7), (7, 1)], [1, (1, 2), (3, 1)]
    kernels, paddings = [(1, 1), (1, 2), (2, 1)], [0, 1, (0, 2), (2, 0)]
    counted = 0
    for size, kernel, stride, padding in itertools.product(sizes, kernels, steps, paddings):
        case = {"shape": (2, 3, *size), "weight": (2, 3, *kernel)}
        input, weight, bias = drawn(case, np.float64)
        try:
            result = conv2d(input, weight, bias, stride, padding)
        except ValueError:
            continue
        assert np.array_equal(result, conv_by_definition(input, weight, bias, stride, padding))
        counted += 1
    assert counted == 84


@pytest.mark.parametrize(
    ("size", "before", "places"),
    [
        *itertools.product(
            (1, 4, 5), (0, 2, 7), (range(0, 1), range(0, 6), range(3, 13, 2), range(9, 24, 3))
        )
    ],
)
def test_inside_says_which_places_lie_on_the_image(size, before, places):
    met, pixels = inside(size, before, places)
    pairs = [(i, p - before) for i, p in enumerate(places) if 0 <= p - before < size]
    assert list(range(len(places)))[met] == [i for i, _ in pairs]
    assert list(range(size))[pixels] == [pixel for _, pixel in pairs]


def test_rows_between_taps_that_are_far_apart_are_not_copied():
    problem = problem_of(np.ones((1, 1, 500, 4)), np.ones((1, 1, 3, 2)), dilation=(200, 1))
    assert tiles.plan(problem, first=0, count=5).lines == 3 * 5
    assert tiles.plan(problem, first=0, count=100).lines == 3 * 100
    near = problem_of(np.ones((1, 1, 500, 4)), np.ones((1, 1, 3, 2)), dilation=(2, 1))
    assert tiles.plan(near, first=0, count=100).lines == 104


# What is kept from call to call

CALLS = [
    (*arrays, settled(case) | {"exact": exact})
    for case in [case for cases in CASES.values() for case in cases] + DENSE + LARGE
    for exact in (True, False)
    if len(case["shape"]) == 4
    for rng in [np.random.default_rng(len(case))]
    for arrays in [[rng.normal(size=case[key]).astype(np.float32) for key in ("shape", "weight")]]
]


def forget_everything():
    functional._plans.clear()
    workspace._waiting.clear()
    for cached in (tiles.plan, tiles.moves, view.layout, winograd.transforms):
        cached.cache_clear()


def test_the_same_call_gives_the_same_bits_cold_warm_in_threads_and_after_eviction(monkeypatch):
    def run(_=None):
        return [conv2d(input, weight, **rest).tobytes() for input, weight, rest in CALLS]

    def cold():
        results = []
        for input, weight, rest in CALLS:
            forget_everything()
            results.append(conv2d(input, weight, **rest).tobytes())
        return results

    wanted = cold()
    assert run() == wanted
    assert run() == wanted
    together = threading.Barrier(8)
    found = []

    def at_once():
        together.wait()
        found.extend(run() == wanted for _ in range(5))

    forget_everything()
    threads = [threading.Thread(target=at_once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 40
    monkeypatch.setattr(functional, "PLANS", 2)  # every other call evicts
    functional._plans.clear()
    assert run() == wanted
    assert len(functional._plans) <= 2


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("case", [NAMED[view], DENSE[0], LARGE[1], CASES["pointwise"][1]])
def test_a_weight_that_is_changed_in_place_is_never_answered_from_before(case, exact):
    input, weight, bias = drawn(case, np.float64)
    for _ in range(3):
        before = conv2d(input, weight, bias, **settled(case), exact=exact)
        weight[0] += 1
        bias[-1] -= 5
        after = conv2d(input, weight, bias, **settled(case), exact=exact)
        assert np.allclose(after, torch_like(input, weight, bias, case))
        assert not np.array_equal(before, after)


@pytest.mark.parametrize(
    "wrong",
    [
        {"stride": True}, {"stride": 1.0}, {"stride": (1, True)}, {"stride": (1.0, 1)},
        {"padding": False}, {"padding": (0, 0.0)}, {"dilation": np.True_}, {"groups": True},
        {"groups": 1.0}, {"exact": 1},
    ],
)  # fmt: skip
def test_what_equals_a_good_argument_is_still_refused_when_that_one_was_seen(wrong):
    input, weight = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    for stride in (1, (1, 1)):
        conv2d(input, weight, stride=stride, padding=(0, 0))
        conv2d(input, weight, stride=stride)
    with pytest.raises(TypeError, match=next(iter(wrong))):
        conv2d(input, weight, **wrong)


def test_refusals_are_not_remembered_as_plans():
    functional._plans.clear()
    for _ in range(2):
        with pytest.raises(ValueError, match="groups=2 must divide"):
            conv2d(np.ones((1, 3, 4, 4)), np.ones((1, 1, 2, 2)), groups=2)
    assert not functional._plans


def test_subclasses_and_other_dtypes_do_not_meet_in_a_plan(tmp_path):
    input, weight = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    conv2d(input, weight)
    mapped = np.memmap(tmp_path / "image", dtype=np.float64, mode="w+", shape=(1, 1, 4, 4))
    assert type(conv2d(mapped, weight)) is np.ndarray
    with pytest.raises(TypeError, match="MaskedArray"):
        conv2d(np.ma.masked_array(input), weight)
    with pytest.raises(TypeError, match="byte order"):
        conv2d(input.astype(input.dtype.newbyteorder()), weight)
    with pytest.raises(TypeError, match="float32"):
        conv2d(input, weight.astype(np.float32))


def test_no_more_than_16_mb_is_kept_whatever_was_called():
    forget_everything()
    weight = np.ones((2, 1, 3, 3), np.float32)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    barrier = threading.Barrier(8)

    def many(start):
        barrier.wait()
        for size in range(start, 1600, 8):
            conv2d(np.ones((1, 2, 40, 10 + size), np.float32), weight, padding=1, groups=2)

    threads = [threading.Thread(target=many, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(functional._plans) > 500
    assert 3 << 20 < kept < 16 << 20


@pytest.mark.parametrize(
    "case", [NAMED[way] for way in (pointwise, columns, banded, view)], ids=str
)
def test_memory_beyond_arguments_and_result_is_bounded(case):
    input, weight = np.ones(case["shape"], np.float32), np.ones(case["weight"], np.float32)
    conv2d(np.ones((1, 1, 5, 5)), np.ones((1, 1, 2, 2)))  # what NumPy makes once
    forget_everything()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = conv2d(input, weight, **settled(case))
    peak = tracemalloc.get_traced_memory()[1] - before - result.nbytes
    tracemalloc.stop()
    patches = input.itemsize * len(input) * math.prod(case["shape"][1:2] + case["weight"][2:])
    assert peak <= max(4 << 20, patches * math.prod(result.shape[2:]) // 4)


def test_convlib_still_says_what_it_is_without_the_ways():
    assert not {name(way) for way in EXACT + FEWER} & (set(convlib.__all__) - {"taps"})
