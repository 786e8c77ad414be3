"""conv1d, conv2d, conv3d: bit for bit as torch on integers, and the laws of the chapters."""

import itertools
import math

import numpy as np
import pytest
import torch.nn.functional as F
from against_torch import (
    BATCHES,
    DTYPES,
    SAME_NUMBERS,
    check_counts,
    combinations,
    drawn,
    engines_by_chance,
    integers,
    of_torch,
    tally,
    unaligned,
)

from convlib import conv1d, conv2d, conv3d

ALL = dict.fromkeys(DTYPES, 1)
GRIDS = {  # axes: sizes, channels, then what is crossed: kernels, strides, paddings, ...
    1: (
        [(9,), (4,)],
        6,
        [[1, 2, 3, 5], [1, 2, 3, (2,)], [0, 1, (2,), "same", "valid"], [1, 2, 3], [1, 2, 3, 6]],
        ALL,
    ),
    2: (
        [(5, 7), (5, 7), (7, 5), (3, 4)],
        6,
        [
            [(1, 1), (2, 3), (3, 2), (3, 3), (1, 4)],
            [1, (2, 1), (1, 3), 2],
            [0, (1, 0), (0, 2), 2, "same", "valid"],
            [1, (2, 1), (1, 2), 2],
            [1, 2, 3, 6],
        ],
        {dtype: 1 if dtype in ("float64", "float32") else 5 for dtype in DTYPES},
    ),
    3: (
        [(3, 4, 5), (4, 3, 2)],
        4,
        [
            [(1, 1, 1), (2, 1, 3), (1, 3, 2), (2, 2, 2), (3, 2, 1)],
            [1, (1, 2, 1), (2, 1, 3), 2],
            [0, (1, 0, 2), 1, "same", "valid"],
            [1, (1, 2, 1), (2, 1, 2)],
            [1, 2, 4],
        ],
        ALL,
    ),
}


def cases(axes):
    """Yield every combination of the lists above, with images and biases drawn at random."""
    sizes, C, lists, every = GRIDS[axes]
    for dtype, chance, combination in combinations(*lists, BATCHES, every=every):
        kernel, stride, padding, dilation, groups, batch = combination
        batched = () if batch is None else (batch,)
        input = drawn((*batched, C, *chance.choice(sizes)), dtype, chance)
        C_out, taps = groups * chance.choice([1, 2]), (kernel,) if axes == 1 else kernel
        weight = drawn((C_out, C // groups, *taps), dtype, chance)
        bias = chance.choice([None, drawn((C_out,), dtype, chance)])
        arguments = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        yield (input, weight, bias), arguments


THEIRS = {1: of_torch(F.conv1d), 2: of_torch(F.conv2d), 3: of_torch(F.conv3d)}


TWO_AXES = {"einsum", "taps", "columns", "rows", "banded", "pointwise"}  # or one, as a column
with_and_without_numba = pytest.mark.parametrize("numba", [True, False])
ENGINES = {1: TWO_AXES, 2: TWO_AXES, 3: TWO_AXES - {"banded"}}


def expected_engines(axes, numba):
    return ENGINES[axes] | ({"direct"} if numba else set())


def compare_with_torch(candidate, axes=2):
    return tally(candidate, THEIRS[axes], cases(axes))


@with_and_without_numba
def test_conv1d_equals_torch_bit_for_bit_on_integers(numba_switch, numba):
    numba_switch(numba)
    with engines_by_chance() as engines:
        counts = compare_with_torch(conv1d, axes=1)
    assert {name for name, count in engines.items() if count > 10} == expected_engines(1, numba)
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (2_696, 1_144),
            "float32": (2_683, 1_157),
            "float16": (2_698, 1_142),
            "int64": (2_696, 1_144),
            "complex64": (2_676, 1_164),
            "complex128": (2_695, 1_145),
        },
    )


@with_and_without_numba
def test_conv2d_equals_torch_bit_for_bit_on_integers(numba_switch, numba):
    numba_switch(numba)
    with engines_by_chance() as engines:
        counts = compare_with_torch(conv2d)
    assert {name for name, count in engines.items() if count > 10} == expected_engines(2, numba)
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (6_160, 1_520),
            "float32": (6_167, 1_513),
            "float16": (1_228, 308),
            "int64": (1_224, 312),
            "complex64": (1_244, 292),
            "complex128": (1_226, 310),
        },
    )


@with_and_without_numba
def test_conv3d_equals_torch_bit_for_bit_on_integers(numba_switch, numba):
    numba_switch(numba)
    with engines_by_chance() as engines:
        counts = compare_with_torch(conv3d, axes=3)
    assert {name for name, count in engines.items() if count > 10} == expected_engines(3, numba)
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (2_552, 1_048),
            "float32": (2_535, 1_065),
            "float16": (2_551, 1_049),
            "int64": (2_537, 1_063),
            "complex64": (2_570, 1_030),
            "complex128": (2_540, 1_060),
        },
    )


def swap(pair):
    return pair[::-1] if isinstance(pair, tuple) else pair


def stride_forgotten(input, weight, bias, stride, **rest):
    return conv2d(input, weight, bias, stride=1, **rest)


def height_and_width_swapped(input, weight, bias, stride, padding, dilation, groups):
    return conv2d(input, weight, bias, swap(stride), swap(padding), swap(dilation), groups)


def odd_row_of_same_on_top(input, weight, bias, stride, padding, dilation, groups):
    if padding == "same" and stride == 1:
        steps = dilation if isinstance(dilation, tuple) else (dilation, dilation)
        totals = [step * (taps - 1) for step, taps in zip(steps, weight.shape[2:], strict=True)]
        frame = [(total - total // 2, total // 2) for total in totals]
        input = np.pad(input, [(0, 0)] * (input.ndim - 2) + frame)
        padding = 0
    return conv2d(input, weight, bias, stride, padding, dilation, groups)


def groups_interleaved(input, weight, bias, groups, **rest):
    order = np.arange(6).reshape(-1, groups).T.ravel()
    return conv2d(np.take(input, order, axis=-3), weight, bias, groups=groups, **rest)


def kernel_flipped(input, weight, bias, **rest):
    return conv2d(input, weight[..., ::-1, ::-1], bias, **rest)


def bias_forgotten(input, weight, bias, **rest):
    return conv2d(input, weight, None, **rest)


def padding_counted_in_total(input, weight, bias, padding, **rest):
    if not isinstance(padding, str):
        down, right = padding if isinstance(padding, tuple) else (padding, padding)
        frame = [(down // 2, down - down // 2), (right // 2, right - right // 2)]
        input = np.pad(input, [(0, 0)] * (input.ndim - 2) + frame)
        padding = 0
    return conv2d(input, weight, bias, padding=padding, **rest)


def dilation_forgotten(input, weight, bias, dilation, **rest):
    return conv2d(input, weight, bias, **rest)


@pytest.mark.parametrize(
    "broken",
    [
        stride_forgotten,
        height_and_width_swapped,
        odd_row_of_same_on_top,
        groups_interleaved,
        kernel_flipped,
        bias_forgotten,
        padding_counted_in_total,
        dilation_forgotten,
    ],
)
def test_grid_catches(broken):
    with pytest.raises(AssertionError):
        compare_with_torch(broken)


def depth_last(input, weight, bias, stride, padding, dilation, groups):
    turned = [a[::-1] if isinstance(a, tuple) else a for a in (stride, padding, dilation)]
    return conv3d(input, weight, bias, *turned, groups)


def test_the_grid_of_conv3d_catches_an_order_of_axes_that_is_not_torchs():
    with pytest.raises(AssertionError):
        compare_with_torch(depth_last, axes=3)


def odd_column_of_same_on_the_left(input, weight, bias, stride, padding, dilation, groups):
    if padding == "same" and stride == 1:
        total = dilation * (weight.shape[-1] - 1)
        before_after = (total - total // 2, total // 2)
        input = np.pad(input, [(0, 0)] * (input.ndim - 1) + [before_after])
        padding = 0
    return conv1d(input, weight, bias, stride, padding, dilation, groups)


def test_the_grid_of_conv1d_catches_an_odd_column_of_same_on_the_left():
    with pytest.raises(AssertionError):
        compare_with_torch(odd_column_of_same_on_the_left, axes=1)


@pytest.fixture
def arrays():
    return integers((2, 6, 9, 8), "float64", 1), integers((6, 6, 3, 2), "float64", 2)


@pytest.mark.parametrize("stride", [2, 3, (1, 2), (4, 3)])
def test_stride_is_a_slice_of_the_dense_result(arrays, stride):
    down, right = (stride, stride) if isinstance(stride, int) else stride
    dense = conv2d(*arrays)
    assert np.array_equal(conv2d(*arrays, stride=stride), dense[..., ::down, ::right])


@pytest.mark.parametrize("dilation", [(1, 1), (2, 1), (1, 3), (3, 4)])
def test_dilation_is_a_kernel_stuffed_with_zeros(arrays, dilation):
    input, weight = arrays
    stuffed = np.zeros((6, 6, 2 * dilation[0] + 1, dilation[1] + 1))
    stuffed[..., :: dilation[0], :: dilation[1]] = weight
    assert np.array_equal(conv2d(input, weight, dilation=dilation), conv2d(input, stuffed))


@pytest.mark.parametrize("groups", [2, 3, 6])
def test_groups_are_a_concatenation_of_small_convolutions(arrays, groups):
    input, weight = arrays
    weight = weight[:, : 6 // groups]
    parts = zip(np.split(input, groups, axis=1), np.split(weight, groups), strict=True)
    joined = np.concatenate([conv2d(image, bank) for image, bank in parts], axis=1)
    assert np.array_equal(conv2d(input, weight, groups=groups), joined)


def test_padding_is_a_frame_of_zeros(arrays):
    input, weight = arrays
    framed = np.pad(input, [(0, 0), (0, 0), (2, 2), (1, 1)])
    assert np.array_equal(conv2d(input, weight, padding=(2, 1)), conv2d(framed, weight))


def test_huge_padding_with_a_huge_stride():
    result = conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), padding=1500, stride=1501)
    assert result.tolist() == [[[[0, 0], [0, 9]]]]


@pytest.mark.parametrize(("kernel", "dilation"), [((7, 8), 1), ((3, 4), 50)])
def test_same_accepts_a_kernel_wider_than_the_image(kernel, dilation):
    input, weight = integers((1, 2, 3, 4), "float64", 1), integers((2, 2, *kernel), "float64", 2)
    expected = THEIRS[2](input, weight, None, padding="same", dilation=dilation)
    assert np.array_equal(conv2d(input, weight, padding="same", dilation=dilation), expected)


def test_stride_beyond_the_image_leaves_one_window():
    assert conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)), stride=10**6).tolist() == [[[[4]]]]


def test_dilation_of_a_kernel_of_one_is_irrelevant():
    assert conv2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 1, 1)), dilation=1000).sum() == 4


@pytest.mark.parametrize(
    "form", [2, (2,), [2], (2, 2), [2, 2], np.int64(2), (np.int32(2), 2), np.uint8(2)]
)
@pytest.mark.parametrize("name", ["stride", "padding", "dilation"])
def test_ints_are_accepted_in_every_form_that_torch_accepts(arrays, name, form):
    assert np.array_equal(conv2d(*arrays, **{name: form}), conv2d(*arrays, **{name: 2}))


def test_arguments_are_in_the_order_of_torch(arrays):
    input, weight = arrays
    positional = (input, weight[:, :3], np.ones(6), 2, 1, (2, 3), 2)
    by_position = THEIRS[2](*positional[:3], stride=2, padding=1, dilation=(2, 3), groups=2)
    assert np.array_equal(conv2d(*positional), by_position)


@pytest.mark.parametrize("dtype", ["int64", "complex64", "complex128"])
def test_other_dtypes_are_exact_on_integers(dtype):
    input, weight = integers((2, 4, 6, 5), dtype, 1), integers((6, 2, 3, 2), dtype, 2)
    bias = integers(6, dtype, 3)
    if dtype.startswith("complex"):
        input, weight = input + 1j * input[::-1], weight - 2j * weight[::-1]
        input, weight = input.astype(dtype), weight.astype(dtype)
    result = conv2d(input, weight, bias, padding=1, groups=2)
    expected = THEIRS[2](input, weight, bias, padding=1, groups=2)
    assert result.dtype == expected.dtype == dtype
    assert np.array_equal(result, expected)


def test_int64_is_exact_where_float64_would_round():
    big = np.array([[[[2**53, 1]]]])
    assert conv2d(big, np.ones((1, 1, 1, 2), dtype=np.int64)).item() == 2**53 + 1


def test_float16_is_summed_in_float32_and_rounded_once():
    rng = np.random.default_rng(0)
    input, weight = rng.normal(size=(1, 64, 6, 6)), rng.normal(size=(8, 64, 3, 3))
    input, weight = input.astype(np.float16), weight.astype(np.float16)
    exact = conv2d(input.astype(np.float64), weight.astype(np.float64))
    result = conv2d(input, weight)
    assert result.dtype == np.float16
    assert (result == exact.astype(np.float16)).mean() > 0.99


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("what", ["noise", "spike", "zeros beside data"])
def test_errors_stay_within_the_bound_of_adding_the_own_terms(dtype, what):
    rng = np.random.default_rng(0)
    input = rng.normal(size=(1, 8, 10, 10)).astype(dtype)
    if what == "spike":
        input[0, 3, 4, 4] = 1e8
    if what == "zeros beside data":
        input[..., :5] = 0
    weight, bias = rng.normal(size=(4, 8, 3, 3)).astype(dtype), rng.normal(size=4).astype(dtype)
    result = conv2d(input, weight, bias)
    windows = np.lib.stride_tricks.sliding_window_view(input[0], (3, 3), axis=(1, 2))
    for o, y, x in np.ndindex(*result.shape[1:]):
        products = windows[:, y, x].astype(np.longdouble) * weight[o].astype(np.longdouble)
        terms = [*map(float, products.ravel()), float(bias[o])]
        exact, bound = math.fsum(terms), math.fsum(map(abs, terms))
        error = abs(float(result[0, o, y, x]) - exact)
        assert error <= (len(terms) + 8) * np.finfo(dtype).eps * bound
    if what == "zeros beside data":
        assert np.array_equal(result[0, :, :, 0], np.broadcast_to(bias[:, None], (4, 8)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_infinity_and_nan_reach_exactly_the_windows_that_contain_them(value):
    input = np.ones((1, 4, 9, 9), dtype=np.float32)
    input[0, 2, 4, 5] = value
    result = conv2d(input, np.ones((4, 2, 3, 3), dtype=np.float32), dilation=2, groups=2)
    touched = np.zeros((4, 5, 5), dtype=bool)
    for y, x, i, j in np.ndindex(5, 5, 3, 3):
        touched[2:, y, x] |= (y + 2 * i == 4) and (x + 2 * j == 5)
    assert np.array_equal(~np.isfinite(result[0]), touched)


def test_overflow_follows_ieee_without_a_warning():
    big = np.full((1, 1, 2, 2), 3e38, dtype=np.float32)
    assert np.isposinf(conv2d(big, big)).all()
    half = np.full((1, 1, 2, 2), 60000, dtype=np.float16)
    assert np.isposinf(conv2d(half, half)).all()


def test_an_infinite_bias_plus_an_infinity_gives_no_warning():
    image, kernel = np.full((1, 1, 1, 1), np.inf), np.ones((1, 1, 1, 1))
    assert np.isnan(conv2d(image, kernel, np.array([-np.inf]))).all()


def test_the_largest_stride_is_legal():
    assert conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), stride=2**63 - 1).item() == 4


def test_subclasses_of_arrays_are_read_as_arrays(tmp_path):
    mapped = np.memmap(tmp_path / "image", dtype=np.float64, mode="w+", shape=(1, 1, 3, 3))
    result = conv2d(mapped, np.ones((1, 1, 2, 2)))
    assert type(result) is np.ndarray


def test_every_layout_gives_the_same_new_writeable_array(arrays):
    expected = conv2d(*arrays, padding=1)
    for one, other in itertools.product(SAME_NUMBERS, repeat=2):
        input, weight = one(arrays[0]), other(arrays[1])
        kept = input.copy(), weight.copy()
        result = conv2d(input, weight, padding=1)
        assert np.array_equal(result, expected)
        assert result.flags.writeable
        assert not np.shares_memory(result, input)
        assert np.array_equal(input, kept[0])
        assert np.array_equal(weight, kept[1])


def test_a_broadcast_input_is_read_as_its_shape_says(arrays):
    row = np.broadcast_to(np.arange(8.0), (2, 6, 9, 8))
    assert row.strides[:3] == (0, 0, 0)
    assert np.array_equal(conv2d(row, arrays[1]), conv2d(row.copy(), arrays[1]))


def test_an_unaligned_array_is_unaligned():
    assert not unaligned(np.ones(3)).flags.aligned


def test_a_result_is_new_even_where_nothing_is_computed():
    input = np.ones((1, 1, 3, 3))
    result = conv2d(input, np.ones((1, 1, 1, 1)))
    result[...] = 7
    assert input.sum() == 9
