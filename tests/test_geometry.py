"""Sizes and places of windows, by their meaning."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlib import coverage, output_size, pad, reach, sides, taps, windows

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
        framed = pad(np.arange(size), (p,)) if p else np.arange(size)
        seen = windows(framed, (k,), s, d)
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
    assert output_size(5, (3, 2)) == (3, 4)
    assert output_size((5,), 3) == (3,)
    assert reach(3, (1, 2)) == (3, 5)
    assert coverage((2, 3, 4), 1).shape == (2, 3, 4)
