"""Engines compared with the definition, each within its error bound; choice and caches."""

import inspect
import itertools
import math
import threading
import tracemalloc
from collections import deque
from pathlib import Path

import nbformat
import numpy as np
import pytest
from against_torch import LAYOUTS, integers
from book_code import essence

import convlib
from convlib import Conv2d, compute, conv1d, conv2d, core, coverage, engines, functional, spec
from convlib.engines import (
    APPROXIMATE,
    EXACT,
    able,
    banded,
    choice,
    choose,
    columns,
    direct,
    einsum,
    fourier,
    pointwise,
    rows,
    taps,
    tiles,
    winograd,
    workspace,
)
from convlib.engines.tiles import pixel_slices
from convlib.spec import ConvSpec

BOOK = Path(__file__).parents[1] / "book"
BOTH = [np.float32, np.float64]


def name(value):
    return value.name if isinstance(value, engines.Engine) else None


every_engine = pytest.mark.parametrize("engine", EXACT + APPROXIMATE, ids=name)
both_dtypes = pytest.mark.parametrize("dtype", BOTH)


def spec_of(input, weight, **settings):
    return ConvSpec.of(input.shape, weight.shape, **settings, itemsize=input.itemsize)


# Cases that each engine can compute, small and with every parameter in use.
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
    "direct": [
        {
            "shape": (2, 3, 11, 9),
            "weight": (6, 1, 3, 4),  # twelve taps: nine and three
            "stride": (2, 1),
            "padding": ((2, 0), (1, 3)),
            "groups": 3,
        },
        {
            "shape": (1, 2, 14, 15),
            "weight": (2, 1, 2, 5),
            "stride": (1, 3),
            "padding": (1, 2),
            "dilation": (4, 2),
            "groups": 2,
        },
        {"shape": (1, 2, 5, 6, 7), "weight": (2, 1, 2, 3, 2), "padding": 1, "groups": 2},
        {"shape": (2, 6, 9, 8), "weight": (4, 3, 3, 2), "padding": (2, 1), "groups": 2},
    ],
    "einsum": [
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
EACH = [(engine, case) for engine in EXACT for case in CASES[engine.name]]
each_case = pytest.mark.parametrize(("engine", "case"), EACH, ids=name)


def settings(case):
    return {key: value for key, value in case.items() if key not in ("shape", "weight")}


def defined(input, weight, bias, case):
    """Return the definition's result."""
    spec = spec_of(input, weight, **settings(case))
    return core.convolve(input, weight, bias, spec.stride, spec.padding, spec.dilation, spec.groups)


def computed(engine, input, weight, bias, case):
    """Return an engine's result."""
    return engine.compute(input, weight, bias, spec_of(input, weight, **settings(case)))


def drawn(case, dtype, seed=0):
    return (
        integers(case["shape"], np.dtype(dtype).name, seed + 1),
        integers(case["weight"], np.dtype(dtype).name, seed + 2),
        integers(case["weight"][:1], np.dtype(dtype).name, seed + 3),
    )


def test_every_engine_has_cases_that_it_can_compute():
    assert sorted(CASES) == sorted(engine.name for engine in EXACT)
    for engine, case in EACH:
        assert engine in able(ConvSpec.of(case["shape"], case["weight"], **settings(case)))


# Exactness


@both_dtypes
def test_every_able_engine_gives_the_bits_of_the_definition_on_a_grid(dtype):
    counts = {engine.name: 0 for engine in EXACT}
    steps = [1, 2, (1, 3)], [0, (2, 1), ((0, 3), (2, 0)), "same"], [1, 2, (4, 1)]
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
        expected = defined(input, weight, bias, case)
        for engine in able(spec_of(input, weight, **settings(case))):
            result = computed(engine, input, weight, bias, case)
            assert (result + 0).tobytes() == (expected + 0).tobytes(), (engine.name, case)
            assert result.shape == expected.shape
            without_bias = computed(engine, input, weight, None, case)
            assert np.array_equal(without_bias, defined(input, weight, None, case))
            counts[engine.name] += 1
    assert counts == {
        "pointwise": 36, "columns": 240, "rows": 240, "taps": 240, "banded": 20, "einsum": 240,
        "direct": 150,
    }  # fmt: skip


@pytest.mark.parametrize("dtype", [*BOTH, np.int64, np.complex64, np.complex128])
def test_einsum_computes_every_dtype_every_batch_and_up_to_three_axes(dtype):
    steps = (1, 2), (0, 1, "uneven"), (1, 2), (1, 2)
    for N, axes, stride, padding, dilation, groups in itertools.product(
        (0, 1, 2), (1, 2, 3), *steps
    ):
        pairs = ((2, 1), (0, 3), (1, 0))[:axes] if padding == "uneven" else padding
        case = {
            "shape": (N, 4, 6, 5, 7)[: axes + 2],
            "weight": (6, 4 // groups, 3, 2, 1)[: axes + 2],
        }
        case |= {"stride": stride, "padding": pairs, "dilation": dilation, "groups": groups}
        input, weight, bias = drawn(case, dtype)
        # Its itemsize only matters for tiles; einsum has none.
        spec = ConvSpec.of(case["shape"], case["weight"], **settings(case), itemsize=4)
        expected = defined(input, weight, bias, case)
        result = einsum.compute(input, weight, bias, spec)
        assert result.dtype == dtype
        assert result.shape == expected.shape
        assert np.array_equal(result, expected)


@both_dtypes
def test_an_empty_batch_gives_an_empty_batch_in_every_able_engine(dtype):
    counts = {engine.name: 0 for engine in EXACT + APPROXIMATE}
    for case in [case for cases in CASES.values() for case in cases] + DENSE + LARGE:
        case = case | {"shape": (0, *case["shape"][1:])}
        input, weight, bias = drawn(case, dtype)
        for engine in able(spec_of(input, weight, **settings(case)), exact=False):
            result = computed(engine, input, weight, bias, case)
            assert result.dtype == dtype
            assert result.shape == defined(input, weight, bias, case).shape
            counts[engine.name] += 1
    assert all(counts.values())


@pytest.fixture
def tiny_workspaces(monkeypatch):
    """Set a workspace size of one byte, in which nothing fits."""
    monkeypatch.setattr(workspace, "SIZE", 1)


@pytest.mark.usefixtures("tiny_workspaces")
@both_dtypes
@each_case
def test_a_tile_may_be_as_small_as_a_row(engine, case, dtype):
    input, weight, bias = drawn(case, dtype)
    result = computed(engine, input, weight, bias, case)
    assert np.array_equal(result, defined(input, weight, bias, case))


@pytest.mark.parametrize("cached", [1, workspace.SIZE - 8, workspace.SIZE + 8])
def test_a_buffer_of_another_size_is_not_reused(monkeypatch, cached):
    monkeypatch.setattr(workspace, "_cached", deque([np.empty(cached, np.uint8)]))
    with workspace.Workspace() as space:
        fits, does_not = space.arrays(np.dtype(np.uint8), (workspace.SIZE,), (1,))
        buffer = space._buffer
        assert buffer.size == workspace.SIZE
        assert np.may_share_memory(fits, buffer)
        assert not np.may_share_memory(does_not, buffer)
    with workspace.Workspace() as space:
        assert space._buffer is buffer


def test_tiles_cover_every_row_of_every_group_of_every_image_once(monkeypatch):
    spec = spec_of(np.ones((2, 6, 30, 5)), np.ones((6, 2, 3, 3)), groups=3, padding=1)
    for size in (1, 3_000, 10_000, 100_000, 10_000_000):
        monkeypatch.setattr(workspace, "SIZE", size)
        covered = np.zeros((2, 3, 30), int)
        for image, groups, first, height in tiles.tiles(spec, 30, 20):
            covered[image, groups, first : first + height] += 1
        assert (covered == 1).all()


@pytest.mark.parametrize("limit", [1, 40, 100, 10_000])
def test_taps_reorders_no_more_than_a_block_of_weights_at_a_time(monkeypatch, limit):
    case = {"shape": (2, 14, 6, 5), "weight": (4, 7, 2, 3), "padding": 1, "groups": 2}
    input, weight, bias = drawn(case, np.float64)
    seen = []

    def recording(image, part, *rest):
        seen.append((image.shape[1], part.size))
        return add_taps(image, part, *rest)

    add_taps = taps.add_taps
    monkeypatch.setattr(taps, "add_taps", recording)
    monkeypatch.setattr(taps, "BLOCK", limit)
    result = taps.compute(input, weight, bias, spec_of(input, weight, **settings(case)))
    assert np.array_equal(result, defined(input, weight, bias, case))
    assert sum(channels for channels, _ in seen) == 2 * 7  # of each image all
    one_channel = weight.size // 7
    assert max(size for _, size in seen) <= max(limit, one_channel)
    assert len(seen) == 2 * {1: 7, 40: 7, 100: 2, 10_000: 1}[limit]


@both_dtypes
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
@each_case
def test_every_layout_of_the_arguments_is_read_and_left_unchanged(engine, case, layout, dtype):
    input, weight, bias = (layout(array) for array in drawn(case, dtype))
    kept = input.copy(), weight.copy(), bias.copy()
    result = computed(engine, input, weight, bias, case)
    assert np.array_equal(result, defined(*kept, case))
    assert result.flags.c_contiguous
    assert result.flags.writeable
    for array, copy in zip((input, weight, bias), kept, strict=True):
        assert np.array_equal(array, copy)
        assert not np.may_share_memory(result, array)


def exact_and_magnitude(input, weight, bias, case):
    """Return the sums of the terms and of their absolute values, in the widest dtype."""
    wide = [array.astype(np.longdouble) for array in (input, weight, bias)]
    return defined(*wide, case), defined(*map(np.abs, wide), case)


@both_dtypes
@pytest.mark.parametrize("what", ["noise", "spike", "zeros beside data", "1e8 beside 1"])
@each_case
def test_errors_stay_within_the_bound_of_adding_the_own_terms(engine, case, what, dtype):
    rng = np.random.default_rng(0)
    shapes = case["shape"], case["weight"], case["weight"][:1]
    input, weight, bias = (rng.normal(size=shape).astype(dtype) for shape in shapes)
    if what == "spike":
        input[0, 0, 2] = 1e8
    if what == "zeros beside data":
        input[..., input.shape[-1] // 2 :] = 0
    if what == "1e8 beside 1":
        input[..., ::2] *= 1e8
    result = computed(engine, input, weight, bias, case)
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
def test_infinity_and_nan_reach_exactly_the_windows_that_contain_them(engine, case, value):
    input, weight = np.ones(case["shape"], np.float32), np.ones(case["weight"], np.float32)
    marked = np.zeros_like(input)
    steps = {key: case[key] for key in ("stride", "padding", "dilation") if key in case}
    reads = coverage(case["shape"][2:], case["weight"][2:], **steps)
    at = (0, 1, *np.argwhere(reads)[reads.astype(bool).sum() // 2])  # a pixel that is read
    input[at], marked[at] = value, 1
    with np.errstate(invalid="ignore"):
        result = computed(engine, input, weight, None, case)
    touched = defined(marked, weight, None, case) > 0
    assert touched.any()
    assert not touched.all()
    assert np.array_equal(~np.isfinite(result), touched)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@each_case
def test_infinite_and_nan_weights_times_padding_are_nan_as_in_the_definition(engine, case, value):
    input, weight, bias = drawn(case, np.float32)
    weight[0, 0, ..., 0] = value
    with np.errstate(invalid="ignore"):
        result = computed(engine, input, weight, bias, case)
        expected, _ = exact_and_magnitude(input, weight, bias, case)
    assert np.isnan(expected).any() or not settings(case).get("padding")
    assert np.array_equal(result, expected, equal_nan=True)


# Approximate engines: other bounds, and only on request

DENSE = [
    {"shape": (2, 5, 23, 18), "weight": (4, 5, 3, 3), "padding": 1},  # tiles of 4
    {"shape": (1, 16, 12, 13), "weight": (8, 16, 3, 3), "padding": ((0, 2), (2, 1))},  # tiles of 2
    {"shape": (1, 6, 17, 30), "weight": (3, 6, 5, 5), "padding": 2},
]
LARGE = [
    {"shape": (2, 11, 26, 19), "weight": (11, 1, 9, 8), "padding": ((4, 1), (0, 3)), "groups": 11},
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


def errors(engine, case, dtype):
    """Yield each kind of input, weight, spec, and the errors of what an engine computes."""
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=case["weight"]).astype(dtype), np.ones(case["weight"][0], dtype)
    for input in kinds_of_input(case["shape"], dtype):
        spec = spec_of(input, weight, **settings(case))
        result = engine.compute(input, weight, bias, spec)
        exact, _ = exact_and_magnitude(input, weight, bias, case)
        yield input, weight, spec, abs(result - exact)


def absolutes(input, weight, spec):
    """Run Winograd's algorithm on absolute values, with matrices of absolute values."""
    side, k = winograd.outputs_per_tile(spec), weight.shape[2]
    A, G, B = (abs(matrix) for matrix in winograd.transforms(side, k))
    (H_out, W_out), size = spec.output_size, side + k - 1
    down, right = -(-H_out // side), -(-W_out // side)
    (top, _), (left, _) = spec.padding
    padded = np.zeros((*input.shape[:2], down * side + k - 1, right * side + k - 1))
    inner = padded[..., top : top + input.shape[2], left : left + input.shape[3]]
    inner[...] = abs(input[..., : inner.shape[2], : inner.shape[3]])
    bank = G @ abs(weight).astype(float) @ G.T  # (o, c, size, size)
    result = np.zeros((len(input), len(weight), down * side, right * side))
    for y, x in np.ndindex(down, right):
        tile = padded[..., y * side : y * side + size, x * side : x * side + size]
        products = np.einsum("ncyx,ocyx->noyx", B @ tile @ B.T, bank)
        result[..., y * side : (y + 1) * side, x * side : (x + 1) * side] = A @ products @ A.T
    return result[..., :H_out, :W_out]


@both_dtypes
@pytest.mark.parametrize("case", DENSE)
def test_winograd_stays_within_its_bound(case, dtype):
    for input, weight, problem, error in errors(winograd, case, dtype):
        points = (winograd.outputs_per_tile(problem) + weight.shape[2] - 1) ** 2
        terms = weight.shape[1] + 2 * points + weight[0, 0].size + 10
        bound = terms * np.finfo(dtype).eps * (absolutes(input, weight, problem) + 1)
        assert (error <= bound).all()


@both_dtypes
@pytest.mark.parametrize("case", LARGE)
def test_fourier_stays_within_its_bound(case, dtype):
    for input, weight, problem, error in errors(fourier, case, dtype):
        norms = [np.linalg.norm(a.astype(float), axis=(-2, -1)) for a in (input, weight)]
        norm = norms[0] * norms[1][:, 0]  # (n, c)
        pixels = math.prod(axis.padded for axis in problem.axes)
        bound = 8 * np.log2(pixels) * np.finfo(dtype).eps * (norm[..., None, None] + 1)
        assert (error <= bound).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    ("engine", "case"),
    [(winograd.ENGINE, case) for case in DENSE] + [(fourier.ENGINE, case) for case in LARGE],
    ids=name,
)
def test_infinity_and_nan_are_left_to_an_exact_engine(engine, case, value):
    input, weight = np.ones(case["shape"], np.float32), np.ones(case["weight"], np.float32)
    input[0, 1, 8, 8] = value
    with np.errstate(invalid="ignore"):
        result = computed(engine, input, weight, None, case)
        expected = defined(input.astype(np.longdouble), weight.astype(np.longdouble), None, case)
    assert np.array_equal(result, expected, equal_nan=True)


@both_dtypes
@pytest.mark.parametrize("case", DENSE[:2])
def test_winograd_accepts_every_layout_and_small_workspaces(case, dtype, request):
    input, weight, bias = drawn(case, dtype)
    spec = spec_of(input, weight, **settings(case))
    expected = winograd.compute(input, weight, bias, spec)
    assert np.allclose(expected, defined(input, weight, bias, case), rtol=0, atol=0.1)
    for layout in LAYOUTS[:-1]:
        inputs = [layout(array) for array in (input, weight, bias)]
        assert np.array_equal(winograd.compute(*inputs, spec), expected)
    request.getfixturevalue("tiny_workspaces")
    small = winograd.compute(input, weight, None, spec) + bias[:, None, None]
    assert np.allclose(small, expected, rtol=0, atol=0.1)


def test_transforms_of_every_size_give_a_convolution():
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

LAYERS = {
    "pointwise": {"shape": (1, 64, 56, 56), "weight": (256, 64, 1, 1)},
    "columns": {"shape": (1, 512, 7, 7), "weight": (512, 512, 3, 3), "padding": 1},
    "rows": {"shape": (1, 64, 224, 224), "weight": (64, 64, 3, 3), "padding": 1},
    "taps": {
        "shape": (1, 2048, 33, 33),
        "weight": (256, 2048, 3, 3),
        "padding": 18,
        "dilation": 18,
    },
    "banded": {"shape": (1, 96, 56, 56), "weight": (96, 1, 7, 7), "padding": 3, "groups": 96},
    "direct": {"shape": (1, 32, 112, 112), "weight": (32, 1, 3, 3), "padding": 1, "groups": 32},
    "einsum": {"shape": (1, 1, 5, 5), "weight": (1, 1, 2, 2)},
    "winograd": {"shape": (1, 256, 56, 56), "weight": (256, 256, 3, 3), "padding": 1},
    "fourier": {
        "shape": (1, 128, 56, 56),
        "weight": (128, 1, 31, 31),
        "padding": 15,
        "groups": 128,
    },
}


@every_engine
def test_each_engine_is_the_choice_for_some_layer_of_a_real_network(engine, numba_switch):
    numba_switch(engine is direct.ENGINE)
    case = LAYERS[engine.name]
    spec = ConvSpec.of(case["shape"], case["weight"], **settings(case))
    assert choose(spec, exact=engine in EXACT) is engine
    assert choose(spec) in EXACT


@pytest.mark.parametrize("case", LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("exact", [True, False])
def test_able_engines_are_those_of_finite_cost_the_cheapest_first(case, exact):
    spec = ConvSpec.of(case["shape"], case["weight"], **settings(case))
    candidates = EXACT if exact else EXACT + APPROXIMATE
    engines = able(spec, exact)
    costs = [engine.cost(spec) for engine in engines]
    assert costs == sorted(costs)
    assert set(engines) == {engine for engine in candidates if engine.cost(spec) < math.inf}
    assert choose(spec, exact) is engines[0]


@pytest.mark.usefixtures("numpy_only")
def test_approximate_engines_compute_only_with_exact_false(monkeypatch):
    def never(*_, **__):
        raise AssertionError("an approximate engine")

    monkeypatch.setattr(functional, "_plans", {})
    monkeypatch.setattr(compute, "fastest", choose)
    fakes = tuple(engine._replace(compute=never) for engine in APPROXIMATE)
    monkeypatch.setattr(choice, "APPROXIMATE", fakes)
    for case in (LAYERS["winograd"], LAYERS["fourier"]):
        arrays = np.ones(case["shape"], np.float32), np.ones(case["weight"], np.float32)
        conv2d(*arrays, **settings(case))
        with pytest.raises(AssertionError, match="an approximate engine"):
            conv2d(*arrays, **settings(case), exact=False)


def test_exact_is_keyword_only_and_true_or_false():
    input, weight = np.ones((1, 1, 5, 5)), np.ones((1, 1, 2, 2))
    for wrong in (1, 0, None, "yes", np.True_):
        with pytest.raises(TypeError, match=r"^exact=.* must be True or False$"):
            conv2d(input, weight, exact=wrong)
        with pytest.raises(TypeError, match=r"^exact=.* must be True or False$"):
            Conv2d(1, 1, 2, exact=wrong)
    with pytest.raises(TypeError, match="positional"):
        conv2d(input, weight, None, 1, 0, 1, 1, False)


@pytest.mark.usefixtures("numpy_only")
def test_a_layer_passes_exact_on_and_shows_it():
    layer = Conv2d(128, 128, 3, padding=1, rng=0, exact=False)
    input = np.random.default_rng(0).normal(size=(1, 128, 32, 32)).astype(np.float32)
    expected = conv2d(input, layer.weight, layer.bias, padding=1, exact=False)
    assert np.array_equal(layer(input), expected)
    assert not np.array_equal(expected, conv2d(input, layer.weight, layer.bias, padding=1))
    assert repr(layer).endswith("padding=1, exact=False)")


@pytest.mark.usefixtures("numpy_only")
@pytest.mark.parametrize("dtype", ["int64", "complex64", "complex128"])
def test_other_dtypes_are_computed_by_the_definition_whatever_exact_is(dtype):
    case = {"shape": (1, 128, 32, 32), "weight": (128, 128, 3, 3), "padding": 1}
    rng, shapes = np.random.default_rng(0), (case["shape"], case["weight"], (128,))
    input, weight, bias = (rng.integers(-9, 10, shape).astype(dtype) for shape in shapes)
    assert choose(spec_of(input, weight, padding=1), exact=False) is winograd.ENGINE
    expected = defined(input, weight, bias, case)
    assert np.array_equal(conv2d(input, weight, bias, padding=1, exact=False), expected)


@pytest.mark.usefixtures("loops_compiled")
def test_a_row_is_computed_as_a_column_that_is_cut_into_tiles():
    rng = np.random.default_rng(0)
    row, kernel = rng.normal(size=(1, 8, 70_000)), rng.normal(size=(4, 8, 3))
    tracemalloc.start()
    result = conv1d(row, kernel, padding=2, dilation=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    expected = core.convolve(row, kernel, None, (1,), ((2, 2),), (2,), 1)
    assert np.allclose(result, expected)
    assert peak - result.nbytes < 4 << 20
    image = conv2d(row[:, :, np.newaxis], kernel[:, :, np.newaxis], padding=(0, 2), dilation=(1, 2))
    assert np.array_equal(image[:, :, 0], result)


def test_images_of_one_row_or_column_give_the_definition_s_result():
    sizes, steps = [(1, 1), (1, 7), (7, 1)], [1, (1, 2), (3, 1)]
    kernels, paddings = [(1, 1), (1, 2), (2, 1)], [0, 1, (0, 2), (2, 0)]
    counted = 0
    for size, kernel, stride, padding in itertools.product(sizes, kernels, steps, paddings):
        case = {"shape": (2, 3, *size), "weight": (2, 3, *kernel)}
        case |= {"stride": stride, "padding": padding}
        input, weight, bias = drawn(case, np.float64)
        try:
            result = conv2d(input, weight, bias, stride, padding)
        except ValueError:
            continue
        assert np.array_equal(result, defined(input, weight, bias, case))
        counted += 1
    assert counted == 84


@pytest.mark.parametrize(
    ("size", "before", "positions"),
    [
        *itertools.product(
            (1, 4, 5), (0, 2, 7), (range(0, 1), range(0, 6), range(3, 13, 2), range(9, 24, 3))
        )
    ],
)
def test_pixel_slices_are_those_of_the_positions_on_the_image(size, before, positions):
    valid, pixels = pixel_slices(size, before, positions)
    pairs = [(i, p - before) for i, p in enumerate(positions) if 0 <= p - before < size]
    assert list(range(len(positions)))[valid] == [i for i, _ in pairs]
    assert list(range(size))[pixels] == [pixel for _, pixel in pairs]


def test_rows_between_taps_that_are_far_apart_are_not_copied():
    far = ConvSpec.of((1, 1, 500, 4), (1, 1, 3, 2), dilation=(200, 1))
    assert tiles.plan_tile(far, first=0, count=5).rows == 3 * 5
    assert tiles.plan_tile(far, first=0, count=100).rows == 3 * 100
    near = ConvSpec.of((1, 1, 500, 4), (1, 1, 3, 2), dilation=(2, 1))
    assert tiles.plan_tile(near, first=0, count=100).rows == 104


# What is cached between calls

CALLS = [
    (*arrays, settings(case) | {"exact": exact})
    for case in [case for cases in CASES.values() for case in cases] + DENSE + LARGE
    for exact in (True, False)
    if len(case["shape"]) == 4
    for rng in [np.random.default_rng(len(case))]
    for arrays in [[rng.normal(size=case[key]).astype(np.float32) for key in ("shape", "weight")]]
]


def clear_caches():
    functional._plans.clear()
    workspace._cached.clear()
    for cached in (
        tiles.plan_tile, tiles.plan_copies, einsum.plan_windows, winograd.transforms,
    ):  # fmt: skip
        cached.cache_clear()


def test_the_same_call_gives_the_same_bits_cold_warm_in_threads_and_after_eviction(monkeypatch):
    def run(_=None):
        return [conv2d(input, weight, **rest).tobytes() for input, weight, rest in CALLS]

    def cold():
        results = []
        for input, weight, rest in CALLS:
            clear_caches()
            results.append(conv2d(input, weight, **rest).tobytes())
        return results

    expected = cold()
    assert run() == expected
    assert run() == expected
    together = threading.Barrier(8)
    equal = []

    def at_once():
        together.wait()
        equal.extend(run() == expected for _ in range(5))

    clear_caches()
    threads = [threading.Thread(target=at_once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert equal == [True] * 40
    monkeypatch.setattr(functional, "MOST_PLANS", 2)  # every other call evicts
    functional._plans.clear()
    assert run() == expected
    assert len(functional._plans) <= 2


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("case", [LAYERS["einsum"], DENSE[0], LARGE[1], CASES["pointwise"][1]])
def test_a_weight_that_is_changed_in_place_is_read_again(case, exact):
    input, weight, bias = drawn(case, np.float64)
    for _ in range(3):
        before = conv2d(input, weight, bias, **settings(case), exact=exact)
        weight[0] += 1
        bias[-1] -= 5
        after = conv2d(input, weight, bias, **settings(case), exact=exact)
        assert np.allclose(after, defined(input, weight, bias, case))
        assert not np.array_equal(before, after)


@pytest.mark.parametrize(
    "wrong",
    [
        {"stride": True}, {"stride": 1.0}, {"stride": (1, True)}, {"stride": (1.0, 1)},
        {"padding": False}, {"padding": (0, 0.0)}, {"dilation": np.True_}, {"groups": True},
        {"groups": 1.0}, {"exact": 1},
    ],
)  # fmt: skip
def test_an_invalid_argument_is_rejected_even_if_an_equal_valid_one_was_seen(wrong):
    input, weight = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    for stride in (1, (1, 1)):
        conv2d(input, weight, stride=stride, padding=(0, 0))
        conv2d(input, weight, stride=stride)
    with pytest.raises(TypeError, match=next(iter(wrong))):
        conv2d(input, weight, **wrong)


def test_rejected_calls_are_not_cached():
    functional._plans.clear()
    for _ in range(2):
        with pytest.raises(ValueError, match="groups=2 must divide"):
            conv2d(np.ones((1, 3, 4, 4)), np.ones((1, 1, 2, 2)), groups=2)
    assert not functional._plans


def test_subclasses_and_other_dtypes_do_not_share_a_plan(tmp_path):
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


@pytest.mark.usefixtures("loops_compiled")
def test_no_more_than_16_mb_is_kept_whatever_was_called():
    clear_caches()
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


@pytest.mark.usefixtures("numpy_only")
@pytest.mark.parametrize(
    "engine",
    [pointwise.ENGINE, columns.ENGINE, taps.ENGINE, banded.ENGINE, einsum.ENGINE],
    ids=name,
)
def test_memory_beyond_arguments_and_result_is_bounded(engine):
    case = LAYERS[engine.name]
    input, weight = np.ones(case["shape"], np.float32), np.ones(case["weight"], np.float32)
    conv2d(np.ones((1, 1, 5, 5)), np.ones((1, 1, 2, 2)))  # NumPy's one-time allocations
    clear_caches()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = conv2d(input, weight, **settings(case))
    peak = tracemalloc.get_traced_memory()[1] - before - result.nbytes
    tracemalloc.stop()
    patches = input.itemsize * len(input) * math.prod(case["shape"][1:2] + case["weight"][2:])
    assert peak <= max(4 << 20, patches * math.prod(result.shape[2:]) // 4)


def test_engines_are_not_part_of_the_public_interface():
    names = {engine.name for engine in EXACT + APPROXIMATE}
    assert not names & (set(convlib.__all__) - {"taps"})


# The limit of a result that is many times larger than its input


@pytest.mark.parametrize(
    ("input_count", "most"),
    [(1, 2**31), (2**29, 2**31), (2**29 + 1, 2**31 + 4), (2**30, 2**32), (2**40, 2**42)],
)
def test_a_result_may_have_2_to_the_31_numbers_or_four_times_its_input(input_count, most):
    spec.check_result_size("cause", most, input_count)
    with pytest.raises(ValueError, match=rf"^cause to {most + 1} numbers, more than"):
        spec.check_result_size("cause", most + 1, input_count)


# The page


ON_THE_PAGE = [
    columns.multiply_columns,
    rows.multiply_rows,
    taps.add_taps,
    banded.band,
    winograd.multiply_tiles,
    fourier.correlate_spectra,
]


@pytest.mark.parametrize("function", ON_THE_PAGE, ids=lambda function: function.__name__)
def test_the_code_on_the_page_is_the_code_of_the_engine(function):
    cells = nbformat.read(BOOK / "engines.ipynb", as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    (cell,) = (cell for cell in code if f"def {function.__name__}(" in cell.source)
    assert "tags" not in cell.metadata  # "convlib" is for the definitions of core
    assert essence(cell.source) == essence(inspect.getsource(function))
