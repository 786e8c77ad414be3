"""What all convolutions and gradients are reduced to: exact, in bands, in little memory."""

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from against_torch import DTYPES, LAYOUTS, integers

import convlib
from convlib import backward, compute, core
from convlib.engines import able, columns, compiled, einsum, rows, taps, workspace
from convlib.engines.bands import bands
from convlib.engines.phases import merge_parts, phases, plan_parts
from convlib.spec import Axis, ConvSpec

KERNELS, SIZES = (3, 2, 2), (9, 6, 5)
GRID = list(
    itertools.product(
        (1, 2, 3),  # axes
        (1, 2, (3, 1, 2)),  # stride
        (0, ((0, 3), (2, 0), (1, 4))),  # padding
        (1, (2, 3, 1)),  # dilation
        (1, 2),  # groups
    )
)


def layer(axes, stride, padding, dilation, groups, batch=2):
    """Return the spec of a layer, whose tuples are cut to the number of axes."""
    cut = [value[:axes] if type(value) is tuple else value for value in (stride, padding, dilation)]
    shapes = (batch, 4, *SIZES[:axes]), (6, 4 // groups, *KERNELS[:axes])
    return ConvSpec.of(*shapes, *cut, groups)


def arrays(spec, dtype):
    return [
        integers(shape, dtype, seed)
        for seed, shape in enumerate((spec.input_shape, spec.weight_shape, spec.output_shape), 1)
    ]


def arguments(spec):
    return {
        "stride": spec.stride,
        "padding": spec.padding,
        "dilation": spec.dilation,
        "groups": spec.groups,
    }


def check_against_definition(spec, dtype):
    """Compare a convolution and both gradients with the definitions, bit for bit."""
    x, w, y = arrays(spec, dtype)
    axes, rest = len(spec.axes), tuple(arguments(spec).values())
    name = f"conv{axes}d"
    for result, expected in (
        (getattr(convlib, name)(x, w, None, *rest), core.convolve(x, w, None, *rest)),
        (
            getattr(convlib, f"{name}_input")(x.shape, w, y, *rest),
            core.input_gradient(x.shape, w, y, *rest),
        ),
        (
            getattr(convlib, f"{name}_weight")(x, w.shape, y, *rest),
            core.weight_gradient(x, w.shape, y, *rest),
        ),
    ):
        assert result.dtype == dtype
        assert np.array_equal(result, expected), (dtype, spec)


@pytest.mark.parametrize("numba", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_equals_the_definitions_on_a_grid(monkeypatch, numba_switch, dtype, numba):
    numba_switch(numba)
    monkeypatch.setattr(compiled, "START", -1e9)  # whatever numba can compute is left to it
    for case in GRID:
        check_against_definition(layer(*case), dtype)


@pytest.mark.parametrize("most", [400, 2_000, 8_000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_bands_of_every_size_give_the_same_numbers(monkeypatch, dtype, most):
    for module, name in itertools.product((compute, backward), ("BAND", "LARGEST")):
        monkeypatch.setattr(module, name, most)
    backward.fastest_way.cache_clear()
    monkeypatch.setattr(convlib.functional, "_plans", {})
    for case in GRID[::7]:
        check_against_definition(layer(*case), dtype)
    backward.fastest_way.cache_clear()


@pytest.mark.parametrize("copied", [True, False])
@pytest.mark.parametrize("most", [1, 60, 500, 2_000, 10**6])
@pytest.mark.parametrize("case", GRID[::11], ids=str)
def test_bands_cover_the_output_once_and_are_no_larger_than_needed(case, most, copied):
    spec = layer(*case)
    covered = np.zeros((spec.batch, *spec.output_size), int)
    for band in bands(spec, most, copied):
        covered[(band.images, *band.writes)] += 1
        read = np.empty(spec.input_shape)[band.input]
        assert read.shape == band.spec.input_shape
        assert covered[(band.images, *band.writes)].shape[1:] == band.spec.output_size
        least = [-(-axis.reach // axis.stride) for axis in spec.axes] if copied else [1] * case[0]
        numbers = copied * read.size + math.prod(band.spec.output_shape)
        assert numbers <= most or (np.array(band.spec.output_size) <= least).all()
    assert (covered == 1).all()


def test_a_band_in_the_padding_reads_nothing(monkeypatch):
    monkeypatch.setattr(compute, "BAND", 1)
    spec = ConvSpec.of((1, 1, 2, 2), (1, 1, 1, 1), padding=3)
    assert next(iter(bands(spec, 1))).reads == (slice(0, 0), slice(0, 0))
    ones = np.ones((1, 1, 2, 2), np.complex64)
    assert convlib.conv2d(ones, ones[..., :1, :1], padding=3).sum() == 4


# Phases


@pytest.mark.parametrize("stride", [1, 2, 3, 4, 6, 50])
@pytest.mark.parametrize("dilation", [1, 2, 3, 4, 9])
@pytest.mark.parametrize("padding", [(0, 0), (1, 4), (7, 0)])
def test_phases_contain_every_tap_of_every_window_once(stride, dilation, padding):
    for size, kernel in itertools.product((1, 5, 12), (1, 2, 5)):
        axis = Axis(size, kernel, stride, padding, dilation)
        if axis.reach > axis.padded:
            continue
        out = axis.output_size
        pairs = []  # tap and window that send to a pixel
        for phase in phases(axis, out):
            assert phase.axis.output_size == len(range(size)[phase.pixels])
            inner = core.taps(*phase.axis._replace(stride=1))
            for pixel, places in zip(range(size)[phase.pixels], inner, strict=True):
                for tap, place in zip(range(kernel)[phase.taps], places, strict=True):
                    if 0 <= place < phase.axis.size:
                        pairs.append((range(out)[phase.reads][place], tap, pixel))
        read = core.taps(*axis)
        expected = [(o, i, p) for (o, i), p in np.ndenumerate(read) if 0 <= p < size]
        assert sorted(pairs) == expected


def test_a_phase_is_one_convolution_for_stride_1_and_none_where_nothing_is_read():
    spec = ConvSpec.of((1, 1, 9, 9), (1, 1, 3, 3), padding=1)
    parts, complete = plan_parts(spec, spec.output_size)
    assert complete
    assert [part.spec.padding for part in parts] == [((1, 1), (1, 1))]
    sparse = ConvSpec.of((1, 1, 10**6), (1, 1, 2), stride=10**5)
    parts, complete = plan_parts(sparse, sparse.output_size)
    assert not complete
    assert len(parts) == 2


@pytest.mark.parametrize("way", ["parts", "merged", "scatter"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_way_to_the_gradient_of_the_input_gives_the_same_numbers(monkeypatch, way, dtype):
    monkeypatch.setattr(backward, "fastest_way", lambda *_: way)
    merged = 0
    for case in GRID:
        spec = layer(*case)
        _, w, y = arrays(spec, dtype)
        bias = integers((4,), dtype, 4)
        plain = core.input_gradient(spec.input_shape, w, y, *arguments(spec).values())
        expected = plain + bias.reshape(-1, *[1] * case[0])
        assert np.array_equal(backward.input_gradient(w, y, spec), plain)
        assert np.array_equal(backward.input_gradient(w, y, spec, bias), expected)
        merged += merge_parts(spec.as_column(), spec.as_column().output_size) is not None
    assert 20 < merged < len(GRID)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_zeros_of_merged_kernels_meet_no_infinity(monkeypatch, value):
    monkeypatch.setattr(backward, "fastest_way", lambda *_: "merged")
    spec = ConvSpec.of((1, 2, 11, 11), (4, 2, 3, 3), stride=2)
    w, y = np.ones(spec.weight_shape, np.float32), np.ones(spec.output_shape, np.float32)
    y[0, 1, 2, 3] = value
    result = backward.input_gradient(w, y, spec)
    expected = core.input_gradient(spec.input_shape, w, y, *arguments(spec).values())
    assert np.array_equal(result, expected, equal_nan=True)
    assert np.isfinite(result).any()


# Infinity and NaN


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_an_infinite_weight_reaches_the_gradient_of_the_pixels_that_it_read(value, dtype):
    for case in GRID[::5]:
        spec = layer(*case)
        _, w, y = arrays(spec, dtype)
        w[...], y[...] = 1, 1
        w[1, 0, ..., 1] = value
        rest = tuple(arguments(spec).values())
        result = getattr(convlib, f"conv{len(spec.axes)}d_input")(spec.input_shape, w, y, *rest)
        marked = np.zeros(spec.weight_shape)
        marked[1, 0, ..., 1] = 1
        reached = core.input_gradient(spec.input_shape, marked, y.real.astype(float), *rest) > 0
        assert reached.any()
        assert np.array_equal(~np.isfinite(result), reached)


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_an_infinite_gradient_reaches_the_pixels_of_its_window(value, dtype):
    for case in GRID[::5]:
        spec = layer(*case)
        _, w, y = arrays(spec, dtype)
        w[...], y[...] = 1, 1
        at = (1, 2, *[size // 2 for size in spec.output_size])
        marked = np.zeros(spec.output_shape)
        y[at], marked[at] = value, 1
        rest = tuple(arguments(spec).values())
        result = getattr(convlib, f"conv{len(spec.axes)}d_input")(spec.input_shape, w, y, *rest)
        ones = np.ones(spec.weight_shape)
        reached = core.input_gradient(spec.input_shape, ones, marked, *rest) > 0
        assert np.array_equal(~np.isfinite(result), reached)


# Dtypes


@pytest.fixture
def dtypes_seen(monkeypatch):
    """Record the dtypes with which engines compute."""
    seen = []

    def recording(engine):
        def computed(input, *rest, **named):
            seen.append(input.dtype.name)
            return engine.compute(input, *rest, **named)

        return engine._replace(compute=computed)

    fastest = compute.fastest
    monkeypatch.setattr(compute, "fastest", lambda *given: recording(fastest(*given)))
    return seen


@pytest.mark.parametrize(
    ("largest", "bias", "dtype"),
    [(2**50, 0, "float64"), (2**50 - 1, 7, "float64"), (2**50, 2**53 - 7 * 2**50, "int64")],
)
def test_int64_is_computed_as_float64_while_every_sum_fits(dtypes_seen, largest, bias, dtype):
    image = np.full((1, 1, 3, 3), -largest)
    image[0, 0, 1, 1] = largest
    weight = np.array([[[[1, -2], [3, 1]]], [[[0, 0], [1, 0]]]])  # sums of 7 and 1
    result = convlib.conv2d(image, weight, np.array([bias, 0]))
    expected = core.convolve(image, weight, np.array([bias, 0]), (1, 1), ((0, 0),) * 2, (1, 1), 1)
    assert np.array_equal(result, expected)
    assert set(dtypes_seen) == {dtype}


@pytest.mark.parametrize("value", [2**31, 2**62, -(2**63)])
def test_int64_wraps_as_the_definition_where_nothing_fits(value):
    x, w = np.full((1, 2, 4, 4), value), np.full((3, 2, 2, 2), 2**31)
    y = np.full((1, 3, 3, 3), value)
    settings = (1, 1), ((0, 0),) * 2, (1, 1), 1
    assert np.array_equal(convlib.conv2d(x, w), core.convolve(x, w, None, *settings))
    gradient = convlib.conv2d_input(x.shape, w, y)
    assert np.array_equal(gradient, core.input_gradient(x.shape, w, y, *settings))
    gradient = convlib.conv2d_weight(x, w.shape, y)
    assert np.array_equal(gradient, core.weight_gradient(x, w.shape, y, *settings))


@pytest.mark.parametrize("dtype", ["complex64", "complex128", "float16"])
def test_float16_and_complex_numbers_are_computed_in_real_floats(dtypes_seen, dtype):
    convlib.conv2d(np.ones((1, 2, 40, 40), dtype), np.ones((4, 2, 3, 3), dtype))
    assert set(dtypes_seen) == {"float64" if dtype == "complex128" else "float32"}


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("what", ["noise", "spike"])
def test_complex_errors_stay_within_the_bound_of_adding_the_own_terms(dtype, what):
    rng = np.random.default_rng(0)
    spec = ConvSpec.of((2, 6, 17, 18), (8, 3, 3, 2), (2, 1), 1, 1, 2)
    shapes = spec.input_shape, spec.weight_shape, spec.output_shape
    x, w, y = ((rng.normal(size=s) + 1j * rng.normal(size=s)).astype(dtype) for s in shapes)
    if what == "spike":
        x[0, 1, 3, 3] = y[0, 1, 2, 2] = 1e8 + 1e8j
    rest = tuple(arguments(spec).values())
    wide = [array.astype(np.clongdouble) for array in (x, w, y)]
    absolute = [np.abs(array) for array in wide]

    def defined(x, w, y):
        return (
            core.convolve(x, w, None, *rest),
            core.input_gradient(x.shape, w, y, *rest),
            core.weight_gradient(x, w.shape, y, *rest),
        )

    results = (
        convlib.conv2d(x, w, None, *rest),
        convlib.conv2d_input(x.shape, w, y, *rest),
        convlib.conv2d_weight(x, w.shape, y, *rest),
    )
    terms = 3 * 6, 4 * 6, 2 * math.prod(spec.output_size)
    for result, exact, bound, count in zip(
        results, defined(*wide), defined(*absolute), terms, strict=True
    ):
        assert (np.abs(result - exact) <= (count + 8) * np.finfo(dtype).eps * bound).all()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
@pytest.mark.parametrize("dtype", ["float32", "complex64", "int64"])
def test_every_layout_is_read_by_the_gradients_and_left_unchanged(dtype, layout):
    for case in GRID[::17]:
        spec = layer(*case)
        x, w, y = (layout(array) for array in arrays(spec, dtype))
        kept = x.copy(), w.copy(), y.copy()
        rest, name = tuple(arguments(spec).values()), f"conv{len(spec.axes)}d"
        result = getattr(convlib, f"{name}_input")(x.shape, w, y, *rest)
        assert np.array_equal(result, core.input_gradient(x.shape, *kept[1:], *rest))
        result = getattr(convlib, f"{name}_weight")(x, w.shape, y, *rest)
        assert np.array_equal(result, core.weight_gradient(kept[0], w.shape, kept[2], *rest))
        assert all(map(np.array_equal, (x, w, y), kept))


# Any number of axes


@pytest.mark.parametrize("engine", [columns.ENGINE, rows.ENGINE, taps.ENGINE, einsum.ENGINE])
def test_engines_compute_along_any_number_of_axes(engine):
    for case in GRID:
        spec = layer(*case)
        if engine in able(spec):
            x, w, _ = arrays(spec, "float64")
            expected = core.convolve(x, w, None, *arguments(spec).values())
            assert np.array_equal(engine.compute(x, w, None, spec), expected)
    four = ConvSpec.of((1, 2, 4, 5, 4, 6), (3, 2, 2, 3, 2, 2), (1, 2, 1, 2), 1, (2, 1, 1, 1))
    x, w, _ = arrays(four, "float64")
    expected = core.convolve(x, w, None, *arguments(four).values())
    if engine is not einsum.ENGINE:  # which has letters for three
        assert np.array_equal(engine.compute(x, w, None, four), expected)


# Memory, beside the result and what is kept for later calls

PHOTO, STEM = (1, 3, 2000, 2000), (8, 3, 7, 7)
LARGE = {  # input, weight, settings
    "photo": (PHOTO, STEM, {"stride": 2}),
    "photo, same size": ((1, 3, 1000, 2000), STEM, {"padding": 3}),
    "channels to mix": (PHOTO, (8, 3, 1, 1), {}),
    "sampled channels": ((1, 16, 1000, 1000), (16, 16, 1, 1), {"stride": 2}),
    "far taps": ((1, 3, 1000, 1000), (8, 3, 3, 3), {"padding": 300, "dilation": 300}),
    "batch": ((32, 64, 56, 56), (64, 64, 3, 3), {"padding": 1}),
    "DeepLab": ((1, 2048, 33, 33), (256, 2048, 3, 3), {"padding": 12, "dilation": 12}),
    "many weights": ((1, 1024, 7, 7), (1024, 1024, 3, 3), {"padding": 1}),
    "31 x 31": ((1, 128, 56, 56), (128, 1, 31, 31), {"padding": 15, "groups": 128}),
    "sound": ((1, 3, 2_000_000), (8, 3, 7), {"padding": 3}),
    "film": ((1, 8, 4, 256, 512), (8, 8, 3, 3, 3), {"padding": 1}),
}


def measured(function, *given):
    """Return the bytes that a call takes beside its result at most, and keeps."""
    workspace._cached.clear()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = function(*given)
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - before - result.nbytes, now - before - result.nbytes


@pytest.mark.usefixtures("loops_compiled")
@pytest.mark.parametrize("name", LARGE)
def test_no_call_takes_more_than_48_mb_beside_its_result_or_keeps_more_than_16(name):
    input, weight, settings = LARGE[name]
    spec = ConvSpec.of(input, weight, **settings)
    x, w, y = (np.ones(s, np.float32) for s in (input, weight, spec.output_shape))
    rest, function = tuple(arguments(spec).values()), f"conv{len(input) - 2}d"
    bias = np.ones(weight[0], np.float32)
    calls = [
        (getattr(convlib, function), x, w, bias, *rest),
        (getattr(convlib, f"{function}_input"), input, w, y, *rest),
        (getattr(convlib, f"{function}_weight"), x, weight, y, *rest),
    ]
    for call in calls:
        peak, kept = measured(*call)
        assert peak < 48 << 20
        assert kept < 16 << 20


@pytest.mark.usefixtures("loops_compiled")
@pytest.mark.parametrize("dtype", ["float16", "complex64", "int64"])
def test_converted_dtypes_take_no_more_than_48_mb_beside_the_result(dtype):
    x, w = np.ones((1, 3, 1200, 1200), dtype), np.ones(STEM, dtype)
    y = np.ones((1, 8, 597, 597), dtype)
    for call in (
        (convlib.conv2d, x, w, None, 2),
        (convlib.conv2d_input, x.shape, w, y, 2),
        (convlib.conv2d_weight, x, w.shape, y, 2),
    ):
        assert measured(*call)[0] < min(48 << 20, x.nbytes + 2 * y.nbytes)


@pytest.mark.usefixtures("loops_compiled")
def test_transposed_convolutions_and_columns_take_no_more_than_48_mb():
    one = np.float32(1)
    for call in (
        (convlib.conv_transpose2d, np.full((1, 8, 500, 500), one), np.full(STEM, one), None, 2),
        (convlib.unfold, np.full((1, 3, 1000, 1000), one), 3, 1, 1),
        (convlib.fold, np.full((1, 27, 998 * 998), one), 1000, 3),
    ):
        assert measured(*call)[0] < 48 << 20


@pytest.mark.usefixtures("loops_compiled")
def test_a_part_of_an_image_is_not_copied_as_a_whole():
    image = np.ones((1, 3, 2500, 2010), np.float32)[..., 5:-5]
    weight = np.ones((1, 3, 3, 3), np.float32)
    assert measured(convlib.conv2d, image, weight, None, 1, 1)[0] < 48 << 20


@pytest.mark.usefixtures("loops_compiled")
def test_the_gradient_of_infinite_weights_is_computed_in_bands():
    size, weight = (1, 2, 1500, 1200), np.full((8, 2, 2, 2), np.inf, np.float32)
    grad = np.ones((1, 8, 1501, 1201), np.float32)
    assert measured(convlib.conv2d_input, size, weight, grad, 1, 1)[0] < 48 << 20
