"""Transposed convolutions in 1, 2 and 3 dimensions: bit for bit as torch, and their laws."""

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from against_torch import (
    BATCHES,
    DTYPES,
    SAME_NUMBERS,
    WIDER,
    check_counts,
    combinations,
    drawn,
    integers,
    of_torch,
    tally,
)

from convlib import (
    conv1d,
    conv2d,
    conv2d_input,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    output_size,
    transposed_size,
)

ALL = dict.fromkeys(DTYPES, 1)
GRIDS = {  # axes: sizes, channels, lists to cross: kernels, strides, paddings, output_paddings, ...
    1: (
        [(5,), (2,)],
        6,
        [[1, 2, 3, 4], [1, 2, (3,)], [0, 1, 2], [0, 1, (2,)], [1, 2, 3], [1, 2, (3,)]],
        ALL,
    ),
    2: (
        [(3, 4), (4, 2), (1, 3)],
        6,
        [
            [(1, 1), (2, 3), (3, 2), (1, 4)],
            [1, (2, 1), (1, 3), 2],
            [0, (1, 0), (0, 2), 1],
            [0, 1, (1, 0), (0, 2)],
            [1, 2, 3],
            [1, (2, 1), (1, 2)],
        ],
        {dtype: 1 if dtype in ("float64", "float32") else 5 for dtype in DTYPES},
    ),
    3: (
        [(2, 3, 3), (3, 1, 2)],
        4,
        [
            [(1, 1, 1), (2, 1, 3), (1, 3, 2), (2, 2, 1), (2, 3, 1)],
            [1, (1, 2, 1), (2, 1, 3), 2],
            [0, (1, 0, 2), 1],
            [0, 1, (0, 1, 0)],
            [1, 2, 4],
            [1, (2, 1, 2)],
        ],
        ALL,
    ),
}
OURS = {1: conv_transpose1d, 2: conv_transpose2d, 3: conv_transpose3d}
THEIRS = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
FORWARD = {1: conv1d, 2: conv2d, 3: conv3d}


def cases(axes):
    """Every combination of the lists above, on images, with and without bias, by chance."""
    sizes, C, lists, every = GRIDS[axes]
    for dtype, chance, combination in combinations(*lists, BATCHES, every=every):
        kernel, stride, padding, output_padding, groups, dilation, batch = combination
        batched = () if batch is None else (batch,)
        size, taps = chance.choice(sizes), (kernel,) if axes == 1 else kernel
        arguments = {"stride": stride, "padding": padding, "output_padding": output_padding}
        if batch == 0 and not accepted_by_torch(
            expected_sizes(size, taps, **arguments, dilation=dilation)
        ):
            continue  # torch accepts it; convlib does not, see the test below
        input = drawn((*batched, C, *size), dtype, chance)
        out = chance.choice([1, 2])
        weight = drawn((C, out, *taps), dtype, chance)
        bias = chance.choice([None, drawn((out * groups,), dtype, chance)])
        yield (input, weight, bias), {**arguments, "groups": groups, "dilation": dilation}


def expected_sizes(size, kernel, stride, padding, output_padding, dilation):
    """Yield for each axis whether torch accepts output_padding, and the output size."""
    spread = [np.broadcast_to(v, len(size)) for v in (stride, padding, output_padding, dilation)]
    for n, k, s, p, o, d in zip(size, kernel, *spread, strict=True):
        yield o < max(s, d), (n - 1) * s - 2 * p + d * (k - 1) + o + 1


def accepted_by_torch(axes):
    """Return whether torch accepts axes of `expected_sizes`."""
    legal, results = zip(*axes, strict=True)
    return all(legal) and min(results) >= 1


def compare_with_torch(candidate, axes=2):
    return tally(candidate, of_torch(THEIRS[axes]), cases(axes))


def test_conv_transpose1d_equals_torch_bit_for_bit_on_integers():
    counts = compare_with_torch(conv_transpose1d, axes=1)
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (3_038, 639),
            "float32": (3_036, 640),
            "float16": (3_030, 642),
            "int64": (3_024, 649),
            "complex64": (3_031, 640),
            "complex128": (3_037, 638),
        },
    )


def test_conv_transpose2d_equals_torch_bit_for_bit_on_integers():
    counts = compare_with_torch(conv_transpose2d)
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (4_489, 3_547),
            "float32": (4_530, 3_507),
            "float16": (899, 705),
            "int64": (882, 722),
            "complex64": (887, 706),
            "complex128": (906, 703),
        },
    )


def test_conv_transpose3d_equals_torch_bit_for_bit_on_integers():
    counts = compare_with_torch(conv_transpose3d, axes=3)
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (1_867, 1_844),
            "float32": (1_840, 1_853),
            "float16": (1_868, 1_834),
            "int64": (1_853, 1_848),
            "complex64": (1_864, 1_863),
            "complex128": (1_869, 1_844),
        },
    )


def output_padding_ignored(*arrays, output_padding, **rest):
    return conv_transpose2d(*arrays, **rest)


def output_padding_in_front(*arrays, output_padding, **rest):
    result = conv_transpose2d(*arrays, output_padding=output_padding, **rest)
    steps = output_padding if isinstance(output_padding, tuple) else (output_padding,) * 2
    return np.roll(result, steps, axis=(-2, -1))


def dilation_and_groups_swapped(*arrays, groups, dilation, **rest):
    return conv_transpose2d(*arrays, groups=dilation, dilation=groups, **rest)


def padding_added(input, weight, bias, padding, **rest):
    result = conv_transpose2d(input, weight, bias, **rest)
    down, right = padding if isinstance(padding, tuple) else (padding, padding)
    return np.pad(result, [(0, 0)] * (result.ndim - 2) + [(down, down), (right, right)])


def kernel_flipped(input, weight, bias, **rest):
    return conv_transpose2d(input, weight[..., ::-1, ::-1], bias, **rest)


def groups_interleaved(input, weight, bias, groups, **rest):
    order = np.arange(6).reshape(-1, groups).T.ravel()
    return conv_transpose2d(np.take(input, order, axis=-3), weight, bias, groups=groups, **rest)


def bias_forgotten(input, weight, bias, **rest):
    return conv_transpose2d(input, weight, None, **rest)


@pytest.mark.parametrize(
    "broken",
    [
        output_padding_ignored,
        output_padding_in_front,
        dilation_and_groups_swapped,
        padding_added,
        kernel_flipped,
        groups_interleaved,
        bias_forgotten,
    ],
)
def test_grid_catches(broken):
    with pytest.raises(AssertionError):
        compare_with_torch(broken)


FORWARD = {1: conv1d, 2: conv2d, 3: conv3d}
OURS = {1: conv_transpose1d, 2: conv_transpose2d, 3: conv_transpose3d}
TORCHS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
SIZES = {1: (9,), 2: (7, 8), 3: (5, 6, 4)}
LAYERS = list(itertools.product([1, 2, 3], [1, 2, 3], [0, 1], [1, 2], [1, 2]))


def forward_and_back(axes, stride, padding, dilation, groups):
    """Draw an image, the weights of a convolution, and what its output is multiplied by."""
    kernel = (2, 3, 2)[:axes]
    x = integers((2, 4, *SIZES[axes]), "float64", 1)
    w = integers((6, 4 // groups, *kernel), "float64", 2)
    out = output_size(SIZES[axes], kernel, stride, padding, dilation)
    y = integers((2, 6, *out), "float64", 3)
    smallest = transposed_size(out, kernel, stride, padding, 0, dilation)
    left_over = tuple(n - m for n, m in zip(SIZES[axes], smallest, strict=True))
    there = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return x, w, y, there, {**there, "output_padding": left_over}


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_is_the_adjoint_of_the_convolution(layer):
    x, w, y, there, back = forward_and_back(*layer)
    axes = layer[0]
    assert (FORWARD[axes](x, w, **there) * y).sum() == (x * OURS[axes](y, w, **back)).sum()


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_is_what_autograd_makes_of_the_convolution(layer):
    x, w, y, there, back = forward_and_back(*layer)
    axes, image = layer[0], torch.tensor(x, requires_grad=True)
    TORCHS[axes](image, torch.tensor(w), **there).backward(torch.tensor(y))
    assert np.array_equal(OURS[axes](y, w, **back), image.grad)


def test_is_the_input_gradient_with_another_name():
    _, w, y, there, back = forward_and_back(2, 3, 1, 2, 2)
    assert np.array_equal(conv_transpose2d(y, w, **back), conv2d_input((2, 4, 7, 8), w, y, **there))


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2), (3, 2)])
def test_is_a_convolution_of_the_dilated_image_with_the_flipped_kernel(stride, dilation):
    y, w = integers((2, 3, 4, 5), "float64", 1), integers((3, 2, 2, 3), "float64", 2)
    spread = np.zeros((2, 3, 3 * stride + 1, 4 * stride + 1))
    spread[..., ::stride, ::stride] = y
    around = dilation, 2 * dilation
    flipped = w.swapaxes(0, 1)[..., ::-1, ::-1]
    expected = conv2d(spread, flipped, padding=around, dilation=dilation)
    assert np.array_equal(conv_transpose2d(y, w, stride=stride, dilation=dilation), expected)


ROUND_TRIPS = list(itertools.product(range(1, 9), [1, 2, 3, 4], [1, 2, 3, 5], [0, 1, 2], [1, 2, 3]))


def test_every_size_that_the_stride_rounds_down_has_its_output_padding():
    checked = 0
    for n, k, s, p, d in ROUND_TRIPS:
        if (n - 1) * s - 2 * p + d * (k - 1) + 1 < 1:
            continue  # rejected, as other tests check
        sizes = [transposed_size(n, k, s, p, o, d) for o in range(s)]
        assert [output_size(size, k, s, p, d) for size in sizes] == [n] * s
        assert output_size(sizes[-1] + 1, k, s, p, d) == n + 1
        checked += s
    assert checked == 3_003


def test_transposed_size_is_torchs():
    checked = 0
    for n, k, s, p, d in ROUND_TRIPS:
        row, kernel = torch.ones(1, 1, n).double(), torch.ones(1, 1, k).double()
        for o in range(max(s, d)):
            if (n - 1) * s - 2 * p + d * (k - 1) + 1 + o >= 1:
                result = F.conv_transpose1d(row, kernel, None, s, p, o, 1, d)
                assert result.shape[-1] == transposed_size(n, k, s, p, o, d)
                checked += 1
    assert checked == 3_428


def test_transposed_size_answers_axis_by_axis():
    assert transposed_size((2, 3), (3, 2), 2, 1, (0, 1), 1) == (3, 5)
    assert transposed_size((2,), 3) == (4,)
    assert transposed_size((2, 2), (3, 5)) == (4, 6)
    assert isinstance(transposed_size(np.int64(2), 3), int)


@pytest.mark.parametrize("arguments", [{"output_padding": 1}, {"padding": 2}], ids=str)
def test_an_empty_batch_is_checked_where_torch_takes_it_or_fails_by_chance(arguments):
    shapes = (0, 1, 2, 3), (1, 1, 2, 2)
    full = of_torch(F.conv_transpose2d)
    with pytest.raises(ValueError, match="padding"):
        conv_transpose2d(*map(np.ones, shapes), **arguments)
    if "output_padding" in arguments:
        assert full(*map(np.ones, shapes), **arguments).shape == (0, 1, 4, 5)
    with pytest.raises(RuntimeError, match="output"):
        full(np.ones((1, 1, 2, 3)), np.ones(shapes[1]), **arguments)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_result_of_size_0_is_rejected_in_every_dtype(dtype):
    arrays = np.ones((3, 2, 2, 3), dtype), np.ones((2, 2, 1, 1), dtype)
    with pytest.raises(ValueError, match="the output would have size 0"):
        conv_transpose2d(*arrays, padding=1)
    if dtype not in WIDER:  # there it depends on the processor and the number of threads
        with pytest.raises(RuntimeError, match="too small"):
            of_torch(F.conv_transpose2d)(*arrays, padding=1)


def test_torchs_layer_reads_same_as_four_paddings_and_convlib_rejects_it():
    assert torch.nn.ConvTranspose2d(1, 1, 3, padding="same").padding == tuple("same")
    with pytest.raises(TypeError, match="padding='same' must be an int"):
        conv_transpose2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), padding="same")


@pytest.fixture
def arrays():
    return integers((2, 6, 3, 4), "float64", 1), integers((6, 2, 3, 2), "float64", 2)


@pytest.mark.parametrize("form", [2, (2,), [2], (2, 2), [2, 2], np.int64(2), (np.int32(2), 2)])
@pytest.mark.parametrize("name", ["stride", "padding", "dilation", "output_padding"])
def test_ints_are_accepted_in_every_form_that_torch_accepts(arrays, name, form):
    keywords = {"stride": 3, "dilation": 1, name: form}
    assert np.array_equal(
        conv_transpose2d(*arrays, **keywords), conv_transpose2d(*arrays, **{**keywords, name: 2})
    )


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_arguments_are_in_the_order_of_torch(axes):
    input = integers((2, 4, 4, 3, 4)[: axes + 2], "float64", 1)
    weight = integers((4, 3, 2, 3, 2)[: axes + 2], "float64", 2)
    positional = (input, weight, np.arange(6.0), 3, 1, 2, 2, 4)
    assert np.array_equal(OURS[axes](*positional), THEIRS[axes](*map(tensor, positional)))


def tensor(value):
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


def test_every_layout_gives_the_same_new_writeable_array(arrays):
    expected = conv_transpose2d(*arrays, stride=2)
    for one, other in itertools.product(SAME_NUMBERS, repeat=2):
        result = conv_transpose2d(one(arrays[0]), other(arrays[1]), stride=2)
        assert np.array_equal(result, expected)
        assert result.flags.writeable


def test_int64_is_exact_where_float64_would_round():
    big, kernel = np.array([[[2**53, 1]]]), np.array([[[1, 1]]])
    assert conv_transpose1d(big, kernel).tolist() == [[[2**53, 2**53 + 1, 1]]]


def test_float16_is_summed_in_float32_and_rounded_once():
    row, kernel = np.full((1, 4, 2), 0.0, np.float16), np.ones((4, 1, 1), np.float16)
    row[0, :, 0] = 2048, 1, 1, 1  # one by one, float16 stays at 2048
    assert conv_transpose1d(row, kernel).tolist() == [[[2052, 0]]]  # 2051, halfway to even
    row[0, :, 1] = 60000, 60000, -60000, -60000
    assert conv_transpose1d(row, kernel)[0, 0, 1] == 0
    bias = np.array([-60000], np.float16)
    lifted = conv_transpose1d(np.abs(row[:, :2]), kernel[:2], bias)
    assert lifted[0, 0, 1] == 60000  # the bias is added before the rounding


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("what", ["noise", "spike"])
def test_errors_stay_within_the_bound_of_adding_the_own_terms(dtype, what):
    rng = np.random.default_rng(0)
    input = rng.normal(size=(1, 8, 6, 6)).astype(dtype)
    if what == "spike":
        input[0, 3, 2, 2] = 1e8
    weight, bias = rng.normal(size=(8, 4, 3, 3)).astype(dtype), rng.normal(size=4).astype(dtype)
    result = conv_transpose2d(input, weight, bias, stride=2, padding=1)
    terms = {place: [float(bias[place[0]])] for place in np.ndindex(*result.shape[1:])}
    for c, y, x, o, i, j in np.ndindex(8, 6, 6, 4, 3, 3):
        place = o, 2 * y + i - 1, 2 * x + j - 1
        if place in terms:
            terms[place].append(float(np.longdouble(input[0, c, y, x]) * weight[c, o, i, j]))
    for place, summands in terms.items():
        bound = (len(summands) + 8) * np.finfo(dtype).eps * math.fsum(map(abs, summands))
        assert abs(float(result[0][place]) - math.fsum(summands)) <= bound


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_infinity_and_nan_reach_exactly_the_pixels_under_their_kernel(value):
    input = np.ones((1, 4, 4, 4), dtype=np.float32)
    input[0, 2, 1, 2] = value
    result = conv_transpose2d(input, np.ones((4, 2, 2, 3), np.float32), stride=3, groups=2)
    touched = np.zeros((4, 11, 12), dtype=bool)
    touched[2:, 3:5, 6:9] = True
    assert np.array_equal(~np.isfinite(result[0]), touched)


def test_overflow_follows_ieee_without_a_warning():
    big = np.full((1, 1, 2, 2), 3e38, dtype=np.float32)
    assert np.isposinf(conv_transpose2d(big, big)).all()


def test_a_result_is_new_even_where_nothing_is_computed():
    input = np.ones((1, 1, 3, 3))
    result = conv_transpose2d(input, np.ones((1, 1, 1, 1)))
    result[...] = 7
    assert input.sum() == 9


@pytest.mark.parametrize("pairs", [((0, 2), (1, 0)), ((3, 0), (0, 0))], ids=str)
def test_asymmetric_padding_crops_each_side_separately(arrays, pairs):
    whole = conv_transpose2d(*arrays, stride=2)
    (top, bottom), (left, right) = pairs
    H, W = whole.shape[2:]
    expected = whole[..., top : H - bottom, left : W - right]
    assert np.array_equal(conv_transpose2d(*arrays, stride=2, padding=pairs), expected)


def test_a_causal_layer_in_chunks_equals_the_whole():  # mlx-audio#391
    row, kernel = integers((1, 1, 6), "float64", 1), integers((1, 1, 4), "float64", 2)
    whole = conv_transpose1d(row, kernel, stride=2)  # the last input reaches outputs 10 to 13
    causal = conv_transpose1d(row, kernel, stride=2, padding=(0, 2))
    assert np.array_equal(causal, whole[..., :12])
    chunks = np.zeros((1, 1, 14))
    for first in (0, 3):
        part = conv_transpose1d(row[..., first : first + 3], kernel, stride=2)
        chunks[..., 2 * first : 2 * first + 8] += part  # an overlap of kernel_size - stride
    assert np.array_equal(chunks, whole)
