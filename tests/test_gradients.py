"""unfold, fold and the gradients of a convolution: bit for bit as torch, and their laws."""

import itertools
import math
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from against_torch import (
    DTYPES,
    SAME_NUMBERS,
    check_counts,
    combinations,
    drawn,
    integers,
    of_torch,
    tally,
    through_float64,
)

from convlib import (
    conv1d_input,
    conv1d_weight,
    conv2d,
    conv2d_input,
    conv2d_weight,
    conv3d_input,
    conv3d_weight,
    conv_transpose2d,
    coverage,
    fold,
    output_size,
    pad,
    sides,
    unfold,
    windows,
)
from convlib.core import overlap_add

COLUMNS = [  # crossed: kernels, dilations, paddings, strides, batches
    [1, 2, 3, (2, 3), (3, 1), (1, 4), (4, 2), (1, 2)],
    [1, 2, (2, 1), (1, 3), (3, 2)],
    [0, 1, (1, 0), (0, 2), (3, 1)],
    [1, 2, (2, 1), (1, 3), (3, 2)],
    [None, 0, 1, 2],
]
LAYERS = [  # crossed: kernels, strides, paddings, dilations, groups, batches
    [(1, 1), (2, 3), (3, 2), (3, 3), (1, 4), (2, 1)],
    [1, (2, 1), (1, 3), 2, (3, 2)],
    [0, (1, 0), (0, 2), 1, 2],
    [1, (2, 1), (1, 2), 2],
    [1, 2, 3, 6],
    [0, 1, 3],
]
SIZES = [(5, 7), (5, 7), (7, 5), (3, 4)]


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def count_windows(size, kernel, stride, padding, dilation):
    """Return the output size by the textbook's formula; below 1 where no window fits."""
    return [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, *map(pair, (kernel, stride, padding, dilation)), strict=True)
    ]


def unfold_cases():
    for dtype, chance, combination in combinations(*COLUMNS, every=dict.fromkeys(DTYPES, 1)):
        kernel, dilation, padding, stride, batch = combination
        batched, C = () if batch is None else (batch,), chance.choice([1, 2, 3])
        input = drawn((*batched, C, *chance.choice(SIZES)), dtype, chance)
        yield (input,), {
            "kernel_size": kernel, "dilation": dilation, "padding": padding, "stride": stride
        }  # fmt: skip


def fold_cases():
    """Yield columns for fold; one case in ten has too many, too few or too long ones."""
    for dtype, chance, combination in combinations(*COLUMNS, every=dict.fromkeys(DTYPES, 1)):
        kernel, dilation, padding, stride, batch = combination
        batched, C = () if batch is None else (batch,), chance.choice([1, 2, 3])
        size = chance.choice([*SIZES, 5])
        count = np.prod(count_windows(pair(size), kernel, stride, padding, dilation))
        wrong = chance.choice([(1, 0), (-1, 0), (0, 1)]) if chance.random() < 0.1 else (0, 0)
        columns = max(1, count + wrong[0]), C * np.prod(pair(kernel)) + wrong[1]
        input = drawn((*batched, columns[1], columns[0]), dtype, chance)
        yield (input,), {
            "output_size": size, "kernel_size": kernel,
            "dilation": dilation, "padding": padding, "stride": stride,
        }  # fmt: skip


def gradient_cases(wrt, every, lists=LAYERS):
    """Yield cases at random; where no window fits, the gradient has one number per channel."""
    for dtype, chance, combination in combinations(*lists, every=every):
        kernel, stride, padding, dilation, groups, batch = combination
        size = chance.choice(SIZES)
        sizes = (batch, 6, *size)
        C_out = groups * chance.choice([1, 2])
        weight = (C_out, 6 // groups, *kernel)
        out = size
        if padding != "same":
            border = 0 if padding == "valid" else padding
            out = [max(1, n) for n in count_windows(size, kernel, stride, border, dilation)]
        grad = drawn((batch, C_out, *out), dtype, chance)
        arrays = (
            (sizes, drawn(weight, dtype, chance), grad)
            if wrt == "input"
            else (drawn(sizes, dtype, chance), weight, grad)
        )
        yield (
            arrays,
            {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups},
        )


def accepting_int64(function):
    """Make a function of torch accept int64 too, through float64, in which all is exact here."""
    return partial(_accepting_int64, of_torch(function))


def _accepting_int64(function, input, **named):
    return (through_float64(function) if input.dtype == np.int64 else function)(input, **named)


def test_unfold_equals_torch_bit_for_bit_on_integers():
    counts = tally(unfold, accepting_int64(F.unfold), unfold_cases())
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (3_454, 546),
            "float32": (3_439, 561),
            "float16": (3_449, 551),
            "int64": (3_456, 544),
            "complex64": (3_461, 539),
            "complex128": (3_438, 562),
        },
    )


def test_fold_equals_torch_bit_for_bit_on_integers():
    counts = tally(fold, accepting_int64(F.fold), fold_cases())
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (3_120, 880),
            "float32": (3_165, 835),
            "float16": (3_129, 871),
            "int64": (3_124, 876),
            "complex64": (3_146, 854),
            "complex128": (3_103, 897),
        },
    )


THREE = dict.fromkeys(("float64", "float32", "float16"), 1)


def test_conv2d_input_equals_torch_bit_for_bit_on_integers():
    counts = tally(
        conv2d_input, of_torch(torch.nn.grad.conv2d_input), gradient_cases("input", THREE)
    )
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (6_820, 380),
            "float32": (6_800, 400),
            "float16": (6_849, 351),
        },
    )


def test_conv2d_weight_equals_torch_bit_for_bit_on_integers():
    theirs = of_torch(torch.nn.grad.conv2d_weight)
    counts = tally(conv2d_weight, theirs, gradient_cases("weight", THREE))
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (6_820, 380),
            "float32": (6_800, 400),
            "float16": (6_849, 351),
        },
    )


STRINGS = [  # crossed as LAYERS; torch.nn.grad knows no strings
    [(1, 1), (2, 3), (3, 2), (1, 4)],
    [1],
    ["same", "valid", (1, 0)],
    [1, (2, 1), (1, 2)],
    [1, 2, 6],
    [0, 1, 3],
]
SIX = dict.fromkeys(DTYPES, 1)


def autograd_input(size, weight, grad_output, **arguments):
    """Differentiate torch's conv2d; of complex weights autograd takes the conjugate."""
    input = torch.zeros(size, dtype=weight.dtype, requires_grad=True)
    F.conv2d(input, weight.conj().resolve_conj(), **arguments).backward(grad_output)
    return input.grad


def autograd_weight(input, size, grad_output, **arguments):
    """Differentiate with respect to the weight; of a complex input autograd takes the conjugate."""
    weight = torch.zeros(size, dtype=input.dtype, requires_grad=True)
    F.conv2d(input.conj().resolve_conj(), weight, **arguments).backward(grad_output)
    return weight.grad


def by_autograd(wrt):
    """Return autograd's gradient as a function of arrays, which may be int64."""
    return partial(_by_autograd, of_torch(autograd_input if wrt == "input" else autograd_weight))


def _by_autograd(function, *arrays, **arguments):
    exact = arrays[2].dtype == np.int64
    return (through_float64(function) if exact else function)(*arrays, **arguments)


@pytest.mark.parametrize(
    ("ours", "wrt"), [(conv2d_input, "input"), (conv2d_weight, "weight")], ids=["input", "weight"]
)
def test_equals_autograd_in_every_dtype_and_with_strings_for_padding(ours, wrt):
    counts = tally(ours, by_autograd(wrt), gradient_cases(wrt, SIX, STRINGS))
    check_counts(
        counts,
        {  # rejected: a kernel that overhangs
            "float64": (306, 18),
            "float32": (314, 10),
            "float16": (305, 19),
            "int64": (305, 19),
            "complex64": (306, 18),
            "complex128": (311, 13),
        },
    )


@pytest.mark.parametrize("dtype", ["int64", "complex128"])
def test_torchs_own_gradients_reject_integers_and_complex_numbers(dtype):
    ones = np.ones((1, 1, 2, 2), dtype)
    for theirs, arguments in [
        (torch.nn.grad.conv2d_input, ((1, 1, 3, 3), ones, ones)),
        (torch.nn.grad.conv2d_weight, (np.ones((1, 1, 3, 3), dtype), (1, 1, 2, 2), ones)),
    ]:
        with pytest.raises(NotImplementedError):
            of_torch(theirs)(*arguments)


def test_torchs_own_gradients_reject_strings():
    ones = torch.ones(1, 1, 3, 3)
    with pytest.raises(RuntimeError, match="'padding'"):
        torch.nn.grad.conv2d_input((1, 1, 3, 3), ones, ones, padding="same")


def kernel_not_flipped(input_size, weight, grad_output, stride, padding, dilation, groups):
    """Correlate the dilated gradient with the kernel, which is not flipped."""
    (C_out, C, *taps), (N, _, *size) = weight.shape, input_size
    bank = weight.reshape(groups, C_out // groups, C, *taps).swapaxes(1, 2)
    bank = bank.reshape(-1, C_out // groups, *taps)  # without [..., ::-1, ::-1]
    down, right = pair(stride)
    out = grad_output.shape[2:]
    spread = np.zeros((N, C_out, (out[0] - 1) * down + 1, (out[1] - 1) * right + 1), weight.dtype)
    spread[..., ::down, ::right] = grad_output
    reaches = [d * (k - 1) for d, k in zip(pair(dilation), taps, strict=True)]
    full = conv2d(spread, bank, None, 1, tuple(reaches), dilation, groups)
    whole = np.zeros((N, input_size[1], *np.add(size, np.multiply(pair(padding), 2))), weight.dtype)
    whole[..., : full.shape[2], : full.shape[3]] = full
    (p, q), (H, W) = pair(padding), size
    return whole[..., p : p + H, q : q + W].copy()


def rows_left_over_are_cut(input_size, weight, grad_output, **rest):
    result = conv2d_input(input_size, weight, grad_output, **rest)
    if result.size:
        result[..., -1, :] = 0
    return result


def stride_forgotten_in_the_gradient(input_size, weight, grad_output, stride, **rest):
    return conv2d_input(input_size, weight, grad_output, stride=1, **rest)


@pytest.mark.parametrize(
    "broken", [kernel_not_flipped, rows_left_over_are_cut, stride_forgotten_in_the_gradient]
)
def test_the_grid_of_conv2d_input_catches(broken):
    with pytest.raises(AssertionError):
        tally(broken, of_torch(torch.nn.grad.conv2d_input), gradient_cases("input", THREE))


def test_the_broken_variant_is_right_where_the_kernel_is_the_same_either_way():
    weight, grad = np.ones((4, 2, 2, 3)), integers((1, 4, 3, 2), "float64", 1)
    arguments = {"stride": (2, 3), "padding": (1, 2), "dilation": (2, 1), "groups": 2}
    arrays = (1, 4, 6, 4), weight, grad
    assert np.array_equal(
        kernel_not_flipped(*arrays, **arguments), conv2d_input(*arrays, **arguments)
    )


def taps_summed_in_reverse(input, weight_size, grad_output, **rest):
    return conv2d_weight(input, weight_size, grad_output, **rest)[..., ::-1, ::-1].copy()


def groups_interleaved(input, weight_size, grad_output, groups, **rest):
    order = np.arange(6).reshape(-1, groups).T.ravel()
    return conv2d_weight(input[:, order], weight_size, grad_output, groups=groups, **rest)


def first_image_only(input, weight_size, grad_output, **rest):
    return conv2d_weight(input[:1], weight_size, grad_output[:1], **rest)


@pytest.mark.parametrize("broken", [taps_summed_in_reverse, groups_interleaved, first_image_only])
def test_the_grid_of_conv2d_weight_catches(broken):
    with pytest.raises(AssertionError):
        tally(broken, of_torch(torch.nn.grad.conv2d_weight), gradient_cases("weight", THREE))


def taps_before_channels(input, kernel_size, **rest):
    columns = unfold(input, kernel_size, **rest)
    taps = math.prod(pair(kernel_size))
    *batch, long, count = columns.shape
    dealt = columns.reshape(*batch, long // taps, taps, count)
    return dealt.swapaxes(-3, -2).reshape(columns.shape).copy()


def windows_column_by_column(input, kernel_size, **rest):
    turned = {name: pair(value)[::-1] for name, value in rest.items()}
    columns = unfold(input.swapaxes(-2, -1), pair(kernel_size)[::-1], **turned)
    return columns.copy()


def dilation_and_stride_swapped(input, kernel_size, dilation, padding, stride):
    return unfold(input, kernel_size, stride, padding, dilation)


@pytest.mark.parametrize(
    "broken", [taps_before_channels, windows_column_by_column, dilation_and_stride_swapped]
)
def test_the_grid_of_unfold_catches(broken):
    with pytest.raises(AssertionError):
        tally(broken, accepting_int64(F.unfold), unfold_cases())


def averaged_where_they_overlap(input, output_size, kernel_size, **rest):
    total = fold(input, output_size, kernel_size, **rest)
    ones = fold(np.ones_like(input), output_size, kernel_size, **rest)
    return (total / np.maximum(ones.real, 1)).astype(input.dtype)


def folded_taps_before_channels(input, output_size, kernel_size, **rest):
    *batch, long, count = input.shape
    taps = math.prod(pair(kernel_size))
    if long % taps:
        return fold(input, output_size, kernel_size, **rest)
    dealt = input.reshape(*batch, taps, long // taps, count).swapaxes(-3, -2)
    return fold(dealt.reshape(input.shape), output_size, kernel_size, **rest)


@pytest.mark.parametrize("broken", [averaged_where_they_overlap, folded_taps_before_channels])
def test_the_grid_of_fold_catches(broken):
    with pytest.raises(AssertionError):
        tally(broken, accepting_int64(F.fold), fold_cases())


SHAPES = [  # kernel, dilation, padding, stride
    (2, 1, 0, 1),
    ((2, 3), (2, 1), (1, 2), (1, 3)),
    ((3, 1), 1, (0, 1), 4),
    ((1, 4), (3, 2), 3, (2, 1)),
]


@pytest.mark.parametrize("arguments", SHAPES, ids=str)
def test_fold_is_the_gradient_of_unfold_and_vice_versa(arguments):
    image = torch.tensor(integers((2, 3, 6, 8), "float64", 1), requires_grad=True)
    columns = F.unfold(image, *arguments)
    grad = integers(columns.shape, "float64", 2)
    columns.backward(torch.tensor(grad))
    assert np.array_equal(fold(grad, (6, 8), *arguments), image.grad)
    laid = torch.tensor(grad, requires_grad=True)
    pixels = integers((2, 3, 6, 8), "float64", 3)
    F.fold(laid, (6, 8), *arguments).backward(torch.tensor(pixels))
    assert np.array_equal(unfold(pixels, *arguments), laid.grad)


@pytest.mark.parametrize("arguments", SHAPES, ids=str)
def test_fold_is_the_adjoint_of_unfold(arguments):
    x = integers((2, 3, 6, 8), "int64", 1)
    y = integers(unfold(x, *arguments).shape, "int64", 2)
    assert (unfold(x, *arguments) * y).sum() == (x * fold(y, (6, 8), *arguments)).sum()


@pytest.mark.parametrize("arguments", SHAPES, ids=str)
def test_folding_what_was_unfolded_multiplies_by_the_coverage(arguments):
    x = integers((2, 3, 6, 8), "int64", 1)
    kernel, dilation, padding, stride = arguments
    counts = coverage((6, 8), kernel, stride, padding, dilation)
    assert np.array_equal(fold(unfold(x, *arguments), (6, 8), *arguments), x * counts)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(("step", "hole", "frame"), [(1, 1, 0), (2, 1, 1), (1, 2, 2), (3, 2, 1)])
def test_overlap_add_is_the_adjoint_of_the_view_of_windows(axes, step, hole, frame):
    size, kernel = (6, 7, 5)[:axes], (2, 3, 2)[:axes]
    border = tuple((frame, frame + axis) for axis in range(axes))
    x = integers((1, 2, *size), "int64", 1)
    view = windows(pad(x, border), kernel, step, hole)
    v = integers(view.shape, "int64", 2)
    back = overlap_add(v, size, (step,) * axes, border, (hole,) * axes)
    assert back.shape == x.shape
    assert (view * v).sum() == (x * back).sum()


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("padding", [0, (1, 2), "same", "valid"])
@pytest.mark.parametrize("dilation", [1, (2, 1)])
@pytest.mark.parametrize("stride", [1, 2, (1, 3)])
def test_both_gradients_are_adjoints_of_the_convolution(stride, padding, dilation, groups):
    if padding == "same" and stride != 1:
        stride = 1
    x = integers((2, 4, 6, 7), "int64", 1)
    w = integers((8, 4 // groups, 2, 3), "int64", 2)
    arguments = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    result = conv2d(x, w, **arguments)
    y = integers(result.shape, "int64", 3)
    product = (result * y).sum()
    assert product == (x * conv2d_input(x.shape, w, y, **arguments)).sum()
    assert product == (w * conv2d_weight(x, w.shape, y, **arguments)).sum()


@pytest.mark.parametrize("axes", [1, 3])
def test_unfold_and_fold_accept_one_axis_and_three(axes):
    size, kernel = (5, 4, 6)[:axes], (2, 3, 2)[:axes]
    x = integers((2, 3, *size), "int64", 1)
    columns = unfold(x, kernel, stride=2, padding=1)
    view = windows(pad(x, ((1, 1),) * axes), kernel, 2)
    for place, window in enumerate(np.ndindex(*view.shape[2 : 2 + axes])):
        seen = view[(slice(None), slice(None), *window)].reshape(2, -1)
        assert np.array_equal(columns[..., place], seen)
    counts = coverage(size, kernel, 2, 1)
    assert np.array_equal(fold(columns, size, kernel, stride=2, padding=1), x * counts)


def test_a_convolution_is_a_product_with_the_columns():
    x, w = integers((2, 3, 6, 5), "int64", 1), integers((4, 3, 2, 3), "int64", 2)
    product = w.reshape(4, -1) @ unfold(x, (2, 3), stride=2, padding=1)
    expected = conv2d(x, w, stride=2, padding=1)
    assert np.array_equal(product.reshape(expected.shape), expected)


def test_the_rows_that_the_stride_leaves_over_get_zeros():
    weight, grad, stride = np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)), (3, 2)
    assert output_size((6, 5), 2, stride) == (2, 2)
    expected = coverage((6, 5), 2, stride)
    assert not expected[[2, 5]].any()
    assert np.array_equal(conv2d_input([1, 1, 6, 5], weight, grad, stride)[0, 0], expected)


def test_an_empty_batch_has_gradients():
    weight, grad = np.ones((4, 2, 2, 3)), np.ones((0, 4, 4, 3))
    assert conv2d_input((0, 4, 5, 5), weight, grad, groups=2).shape == (0, 4, 5, 5)
    result = conv2d_weight(np.ones((0, 4, 5, 5)), weight.shape, grad, groups=2)
    assert np.array_equal(result, np.zeros(weight.shape))
    assert unfold(np.ones((0, 2, 4, 4)), 2).shape == (0, 8, 9)
    assert fold(np.ones((0, 8, 9)), 4, 2).shape == (0, 2, 4, 4)


def test_arguments_are_in_the_order_of_torch():
    x, w = integers((2, 4, 7, 9), "float64", 1), integers((6, 2, 2, 3), "float64", 2)
    y = integers((2, 6, 4, 4), "float64", 3)
    rest = (2, (1, 2), (2, 3), 2)
    y = integers(conv2d(x, w, None, *rest).shape, "float64", 3)
    tensors = torch.tensor(x), torch.tensor(w), torch.tensor(y)
    result = torch.nn.grad.conv2d_input(x.shape, *tensors[1:], *rest)
    assert np.array_equal(conv2d_input(x.shape, w, y, *rest), result)
    result = torch.nn.grad.conv2d_weight(tensors[0], w.shape, tensors[2], *rest)
    assert np.array_equal(conv2d_weight(x, w.shape, y, *rest), result)
    columns = unfold(x, (2, 3), 1, (1, 2), 3)
    assert np.array_equal(columns, F.unfold(tensors[0], (2, 3), 1, (1, 2), 3))
    folded = F.fold(torch.tensor(columns), (7, 9), (2, 3), 1, (1, 2), 3)
    assert np.array_equal(fold(columns, (7, 9), (2, 3), 1, (1, 2), 3), folded)


def test_every_layout_gives_the_same_new_writeable_array():
    x, w = integers((2, 4, 5, 6), "float64", 1), integers((6, 4, 2, 3), "float64", 2)
    y = integers((2, 6, 4, 4), "float64", 3)
    columns = unfold(x, (2, 3))
    calls = [
        (lambda a: conv2d_input(x.shape, a(w), a(y)), conv2d_input(x.shape, w, y)),
        (lambda a: conv2d_weight(a(x), w.shape, a(y)), conv2d_weight(x, w.shape, y)),
        (lambda a: unfold(a(x), (2, 3)), columns),
        (lambda a: fold(a(columns), (5, 6), (2, 3)), fold(columns, (5, 6), (2, 3))),
    ]
    for (call, expected), layout in itertools.product(calls, SAME_NUMBERS):
        result = call(layout)
        assert np.array_equal(result, expected)
        assert result.flags.writeable


@pytest.mark.parametrize("shape", [(2, 3), (3, 3)])
def test_columns_and_images_are_new_even_where_nothing_is_computed(shape):
    image = np.ones((1, 1, *shape))
    for result in (unfold(image, 1), unfold(image, shape), fold(unfold(image, 1), shape, 1)):
        result[...] = 7
    assert image.sum() == math.prod(shape)


def test_int64_is_exact_where_float64_would_round():
    big, ones = np.array([[[[2**53, 1]]]]), np.ones((1, 1, 1, 2), dtype=np.int64)
    assert conv2d_input((1, 1, 1, 3), ones, big).tolist() == [[[[2**53, 2**53 + 1, 1]]]]
    assert conv2d_weight(big, (1, 1, 1, 1), ones).item() == 2**53 + 1
    assert fold(np.array([[2**53, 0], [0, 1]]), (1, 2), (1, 1)).shape == (2, 1, 2)
    assert fold(np.array([[0, 1], [2**53, 0]]), (1, 3), (1, 2)).tolist() == [[[0, 2**53 + 1, 0]]]
    assert unfold(big, 1).tolist() == [[[2**53, 1]]]


def test_float16_is_summed_in_float32_and_rounded_once():
    ones, far = np.ones((1, 4, 1, 1), np.float16), np.zeros((1, 4, 1, 1), np.float16)
    far[0, :, 0, 0] = 2048, 1, 1, 1  # one by one, float16 stays at 2048
    assert conv2d_input((1, 1, 1, 1), ones.reshape(4, 1, 1, 1), far).item() == 2052
    row = far.reshape(1, 1, 1, 4)
    assert conv2d_weight(row, (1, 1, 1, 1), np.ones_like(row)).item() == 2052
    columns = np.zeros((4, 4), np.float16)
    columns[[3, 2, 1, 0], [0, 1, 2, 3]] = 2048, 1, 1, 1
    assert fold(columns, (1, 7), (1, 4))[0, 0, 3] == 2052


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("what", ["noise", "spike"])
def test_errors_stay_within_the_bound_of_adding_the_own_terms(dtype, what):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 4, 6, 6)).astype(dtype), rng.normal(size=(3, 4, 3, 2)).astype(dtype)
    y = rng.normal(size=(2, 3, 4, 5)).astype(dtype)
    if what == "spike":
        x[0, 2, 3, 3] = y[0, 1, 2, 2] = 1e8
    by_pixel, by_tap = {}, {}
    for n, o, c, r, q, i, j in np.ndindex(2, 3, 4, 4, 5, 3, 2):
        product = float(np.longdouble(y[n, o, r, q]) * w[o, c, i, j])
        by_pixel.setdefault((n, c, r + i, q + j), []).append(product)
        product = float(np.longdouble(y[n, o, r, q]) * x[n, c, r + i, q + j])
        by_tap.setdefault((o, c, i, j), []).append(product)
    for result, terms in (
        (conv2d_input(x.shape, w, y), by_pixel),
        (conv2d_weight(x, w.shape, y), by_tap),
    ):
        for place, summands in terms.items():
            bound = (len(summands) + 8) * np.finfo(dtype).eps * math.fsum(map(abs, summands))
            assert abs(float(result[place]) - math.fsum(summands)) <= bound


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_infinity_and_nan_reach_exactly_the_sums_that_contain_them(value):
    weight = np.ones((4, 2, 2, 3), np.float32)
    grad = np.ones((2, 4, 3, 3), np.float32)
    grad[1, 3, 1, 2] = value
    result = conv2d_input((2, 4, 6, 9), weight, grad, stride=(2, 3), groups=2)
    touched = np.zeros(result.shape, dtype=bool)
    touched[1, 2:, 2:4, 6:9] = True
    assert np.array_equal(~np.isfinite(result), touched)
    image = np.ones((2, 4, 6, 9), np.float32)
    image[0, 1, 2, 8] = value
    result = conv2d_weight(image, weight.shape, np.ones_like(grad), stride=(2, 3), groups=2)
    touched = np.zeros(weight.shape, dtype=bool)
    touched[:2, 1, 0, 2] = True  # row 2 is the first of its window, column 8 the last
    assert np.array_equal(~np.isfinite(result), touched)
    columns = np.ones((6, 4))
    columns[4, 1] = value  # tap (1, 1) of the window in the second of two columns
    touched = np.zeros((1, 3, 4), dtype=bool)
    assert unfold(np.ones((1, 3, 4)), (2, 3)).shape == columns.shape
    touched[0, 1, 2] = True
    assert np.array_equal(~np.isfinite(fold(columns, (3, 4), (2, 3))), touched)


def test_overflow_follows_ieee_without_a_warning():
    big = np.full((1, 1, 2, 2), 3e38, dtype=np.float32)
    assert np.isposinf(conv2d_input((1, 1, 3, 3), big, big)).any()
    assert np.isposinf(conv2d_weight(big, (1, 1, 1, 1), big)).all()
    assert np.isposinf(fold(big[0].reshape(4, 1).repeat(4, 1), 3, 2)).any()


def test_same_gives_the_odd_row_its_gradient():
    ones = np.ones((1, 1, 2, 1))
    gradient = conv2d_input((1, 1, 3, 1), ones, np.ones((1, 1, 3, 1)), padding="same")
    assert gradient.ravel().tolist() == [1, 2, 2]
    assert sides("same", 2) == (0, 1)


GRADIENTS = {
    1: (conv1d_input, conv1d_weight),
    2: (conv2d_input, conv2d_weight),
    3: (conv3d_input, conv3d_weight),
}


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("batch", [0, 1, 3])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (3, 2)])
@pytest.mark.parametrize("pairs", [((0, 0),) * 3, ((1, 2), (2, 0), (0, 1))], ids=str)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_gradients_along_every_number_of_axes_equal_autograd(
    axes, pairs, stride, dilation, batch, groups
):
    size, kernel, pairs = (7, 6, 5)[:axes], (3, 2, 2)[:axes], pairs[:axes]
    x = integers((batch, 4, *size), "float64", 1)
    w = integers((6, 4 // groups, *kernel), "float64", 2)
    image, weight = (torch.tensor(a, requires_grad=True) for a in (x, w))
    flat = [side for pair in reversed(pairs) for side in pair]  # torch: the last axis first
    convolve = getattr(F, f"conv{axes}d")
    output = convolve(F.pad(image, flat), weight, None, stride, 0, dilation, groups)
    grad = integers(tuple(output.shape), "float64", 3)
    output.backward(torch.tensor(grad))
    settings = stride, pairs, dilation, groups
    wrt_input, wrt_weight = GRADIENTS[axes]
    for result, expected in (
        (wrt_input(x.shape, w, grad, *settings), image.grad),
        (wrt_weight(x, w.shape, grad, *settings), weight.grad),
    ):
        assert np.array_equal(result, expected)
        assert result.flags.c_contiguous
        assert result.flags.writeable


@pytest.mark.parametrize("axes", [1, 3])
def test_the_gradients_have_the_argument_order_of_torch(axes):
    size, kernel = (7, 6, 5)[:axes], (3, 2, 2)[:axes]
    x, w = integers((2, 4, *size), "float64", 1), integers((6, 2, *kernel), "float64", 2)
    settings = (2, 1, 1, 2)  # stride, padding, dilation, groups
    out = getattr(F, f"conv{axes}d")(torch.tensor(x), torch.tensor(w), None, *settings)
    grad = integers(tuple(out.shape), "float64", 3)
    theirs = torch.nn.grad
    expected = getattr(theirs, f"conv{axes}d_input")(
        x.shape, torch.tensor(w), torch.tensor(grad), *settings
    )
    assert np.array_equal(GRADIENTS[axes][0](x.shape, w, grad, *settings), expected)
    expected = getattr(theirs, f"conv{axes}d_weight")(
        torch.tensor(x), w.shape, torch.tensor(grad), *settings
    )
    assert np.array_equal(GRADIENTS[axes][1](x, w.shape, grad, *settings), expected)


@pytest.mark.parametrize("pairs", [((2, 1), (0, 3)), [[0, 1], [1, 0]]], ids=str)
def test_unfold_and_fold_accept_pairs(pairs):
    x = integers((2, 3, 5, 6), "int64", 1)
    columns = unfold(x, (2, 3), padding=pairs, stride=2)
    assert np.array_equal(columns, unfold(pad(x, pairs), (2, 3), stride=2))
    counts = coverage((5, 6), (2, 3), 2, pairs)
    assert np.array_equal(fold(columns, (5, 6), (2, 3), padding=pairs, stride=2), x * counts)


def test_results_are_contiguous_arrays_of_their_own():
    x, w = integers((1, 4, 5, 6), "float64", 1), integers((4, 2, 2, 3), "float64", 2)
    grad = integers((1, 4, 6, 6), "float64", 3)
    results = [
        unfold(x, (2, 3), padding=1),
        unfold(x, 1),
        fold(unfold(x, 2, padding=1), (5, 6), 2, padding=1),
        conv2d_input((1, 4, 5, 6), w, grad, padding=1, groups=2),
        conv2d_weight(x, (4, 2, 2, 3), grad, padding=1, groups=2),
        conv_transpose2d(x, w, padding=1, groups=2),
        conv_transpose2d(x, w, groups=2),
    ]
    for result in results:
        assert result.flags.c_contiguous
        assert result.flags.writeable
        assert not any(np.may_share_memory(result, array) for array in (x, w, grad))
