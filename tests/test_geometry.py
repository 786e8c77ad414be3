"""Output size, effective kernel size, taps, coverage: tested by their definitions."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlib import (
    conv2d,
    coverage,
    output_size,
    pad,
    reach,
    sides,
    taps,
    tensorflow_same,
    transposed_size,
    windows,
)

SIZES, KERNELS = range(1, 12), range(1, 5)
STRIDES, PADDINGS, DILATIONS = (1, 2, 3, 5), (0, 1, 3), (1, 2, 4)
CASES = [
    case
    for case in itertools.product(SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS)
    if case[0] + 2 * case[3] >= case[4] * (case[1] - 1) + 1
]


def test_the_grid_of_sizes_is_not_empty():
    assert len(CASES) == 1_288


def test_output_size_is_how_many_windows_fit_and_no_more():
    for size, k, s, p, d in CASES:
        n, padded = output_size(size, k, s, p, d), size + 2 * p
        assert (n - 1) * s + reach(k, d) <= padded < n * s + reach(k, d)


def test_output_size_is_torchs():
    for size, k, s, p, d in CASES:
        result = F.conv1d(torch.ones(1, 1, size), torch.ones(1, 1, k), None, s, p, d)
        assert result.shape[-1] == output_size(size, k, s, p, d)


def test_reach_is_from_the_first_tap_to_the_last():
    for k, d in itertools.product(range(1, 6), range(1, 6)):
        steps = np.arange(k) * d
        assert reach(k, d) == len(range(steps[0], steps[-1] + 1))


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4, 5])
def test_same_keeps_the_size_and_puts_the_odd_pixel_after(kernel_size, dilation):
    before, after = sides("same", kernel_size, dilation)
    assert 0 <= after - before <= 1
    assert output_size(9, kernel_size, 1, "same", dilation) == 9


def test_same_is_split_as_torch_splits_it():
    row = torch.tensor([[[1.0, 2, 3, 4, 5]]])
    result = F.conv1d(row, torch.tensor([[[1.0, 10]]]), padding="same")
    assert result.tolist() == [[[21, 32, 43, 54, 5]]]
    assert sides("same", 2) == (0, 1)


def test_valid_is_no_padding():
    assert sides("valid", (3, 5)) == ((0, 0), (0, 0))
    assert output_size(7, 3, 2, "valid") == output_size(7, 3, 2)


def test_taps_are_the_pixels_that_the_view_of_windows_shows():
    for size, k, s, p, d in CASES:
        padded = pad(np.arange(size), ((p, p),))
        seen = windows(padded, (k,), s, d)
        named = taps(size, k, s, p, d)
        inside = (named >= 0) & (named < size)
        assert np.array_equal(np.where(inside, named, 0), np.where(inside, seen, 0))
        assert not seen[~inside].any()


def test_coverage_counts_each_pixel_in_the_view_of_windows():
    layers = [
        ((5, 7), (2, 3), (2, 1), (0, 1), (1, 2)),
        ((6, 6), 3, 1, "same", 2),
        ((4, 9), 2, 3, 0, 1),
    ]
    for size, k, s, p, d in layers:
        numbers = np.arange(1, np.prod(size) + 1).reshape(size)
        seen = windows(pad(numbers, sides(p, k if isinstance(k, tuple) else (k, k), d)), k, s, d)
        counts = np.bincount(seen.ravel(), minlength=numbers.size + 1)[1:].reshape(size)
        assert np.array_equal(coverage(size, k, s, p, d), counts)


def test_coverage_is_the_gradient_of_the_sum_of_a_convolution_with_ones():
    image = torch.zeros(1, 1, 7, 9, requires_grad=True)
    F.conv2d(image, torch.ones(1, 1, 3, 2), stride=(2, 3), padding=1).sum().backward()
    assert np.array_equal(coverage((7, 9), (3, 2), (2, 3), 1), image.grad[0, 0])


def test_ints_give_an_int_and_a_tuple_a_tuple():
    assert output_size(5, 3) == 3
    assert isinstance(output_size(np.int64(5), 3), int)
    assert output_size((5, 6), 3) == (3, 4)
    assert output_size([5, 6], [3, 2], (1,)) == (3, 5)
    assert output_size((5,), 3) == (3,)
    assert reach((3, 3), (1, 2)) == (3, 5)
    assert coverage((2, 3, 4), 1).shape == (2, 3, 4)


def test_size_determines_the_axes_so_a_flat_pair_is_before_and_after_on_one():
    assert coverage(8, 8, 4, (7, 0)).tolist() == [2, 1, 1, 1, 1, 0, 0, 0]  # cached_conv#10
    assert coverage(8, 8, 4, (4, 0)).tolist() == [2, 2, 2, 2, 1, 1, 1, 1]
    assert output_size(8, 3, padding=(2, 0)) == 8
    assert output_size((8,), 3, padding=(2, 0)) == (8,)
    assert output_size((8, 8), 3, padding=(2, 0)) == (10, 6)  # torch's meaning: height, width
    assert output_size((8, 8), 3, padding=((2, 0), (0, 1))) == (8, 7)
    assert sides((2, 0), 3) == (2, 0)
    assert sides((2, 0), (3, 3)) == ((2, 2), (0, 0))
    assert transposed_size(6, 4, 2, (0, 2)) == 12  # causal: nothing off before, 2 off after


@pytest.mark.parametrize("before", [0, 1, 3])
@pytest.mark.parametrize("after", [0, 2])
def test_padding_before_and_after_counts_as_extra_pixels(before, after):
    for size, k, s, d in itertools.product((5, 9), (1, 3), (1, 2), (1, 2)):
        padded = pad(np.arange(1, size + 1), ((before, after),))
        seen = windows(padded, (k,), s, d)
        positional = size, k, s, (before, after), d
        assert output_size(*positional) == len(seen)
        counts = np.bincount(seen.ravel(), minlength=size + 1)[1:]
        assert np.array_equal(coverage(*positional), counts)


# TensorFlow's SAME of sizes, kernels, strides and dilations: as onnx's reference computes
# SAME_UPPER for timm#2779 and onnxscript#3037, and as many windows as ceil(size / stride).
@pytest.mark.parametrize(
    ("size", "kernel_size", "stride", "dilation", "pairs"),
    [
        ((5, 7), 3, 2, 2, ((2, 2), (2, 2))),
        ((9, 9), 3, 2, 3, ((3, 3), (3, 3))),
        ((224, 224), 3, 2, 1, ((0, 1), (0, 1))),
        ((4,), 1, 3, 1, ((0, 0),)),
    ],
)
def test_tensorflow_same_counts_the_dilation(size, kernel_size, stride, dilation, pairs):
    padding = tensorflow_same(size, kernel_size, stride, dilation)
    assert padding == pairs
    rounded_up = tuple(-(-n // stride) for n in size)
    assert output_size(size, kernel_size, stride, padding, dilation) == rounded_up
    lower = tensorflow_same(size, kernel_size, stride, dilation, lower=True)
    assert lower == tuple(pair[::-1] for pair in pairs)


def test_tensorflow_same_is_the_least_padding_that_gives_as_many_windows_as_strides_begin():
    for n, k, s, d in itertools.product(SIZES, KERNELS, STRIDES, DILATIONS):
        before, after = tensorflow_same(n, k, s, d)
        expected = -(-n // s)
        assert output_size(n, k, s, (before, after), d) == expected
        assert 0 <= after - before <= 1
        fewer = before + after - 1
        if fewer >= 0 and fewer + n >= reach(k, d):
            assert output_size(n, k, s, (0, fewer), d) < expected
        if s == 1:
            assert (before, after) == sides("same", k, d)


def test_tensorflow_same_equals_onnx_bit_for_bit():
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    image = np.arange(35, dtype=np.float32).reshape(1, 1, 5, 7)
    weight = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
    for auto_pad, lower in (("SAME_UPPER", False), ("SAME_LOWER", True)):
        node = helper.make_node("Conv", ["x", "w"], ["y"], auto_pad=auto_pad, strides=[2, 2])
        infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in "xwy"]
        graph = helper.make_graph([node], "g", infos[:2], infos[2:])
        model = helper.make_model(graph)
        (expected,) = ReferenceEvaluator(model).run(None, {"x": image, "w": weight})
        pairs = tensorflow_same((5, 7), 3, stride=2, lower=lower)
        assert np.array_equal(conv2d(image, weight, stride=2, padding=pairs), expected)
