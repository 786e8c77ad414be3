"""Padding and its modes, compared with torch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlib import pad

TORCH_MODE = {"zeros": "constant"}


@pytest.mark.parametrize(
    ("mode", "padded"),
    [
        ("zeros", "00123400"),
        ("reflect", "32123432"),
        ("replicate", "11123444"),
        ("circular", "34123412"),
    ],
)
def test_modes_are_as_the_docstring_draws_them(mode, padded):
    assert "".join(map(str, pad(np.array([1, 2, 3, 4]), ((2, 2),), mode))) == padded
    assert padded in pad.__doc__


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("pairs", [((0, 0), (1, 2)), ((3, 0), (0, 2)), ((2, 1), (3, 3))])
def test_equals_torch_whose_order_is_reversed(mode, pairs):
    image = np.arange(40.0).reshape(1, 2, 4, 5)
    (top, bottom), (left, right) = pairs
    expected = F.pad(torch.tensor(image), (left, right, top, bottom), TORCH_MODE.get(mode, mode))
    assert np.array_equal(pad(image, pairs, mode), expected)


def test_an_int_extends_height_and_width_and_pairs_the_last_axes():
    assert pad(np.zeros((2, 3, 4)), 1).shape == (2, 5, 6)
    assert pad(np.zeros((2, 3, 4)), ((1, 1), (0, 2))).shape == (2, 5, 6)
    assert pad(np.zeros((2, 3, 4)), ((2, 0),)).shape == (2, 3, 6)
    assert pad(np.zeros((2, 3, 4)), [[1, 0], [0, 0], [0, 2]]).shape == (3, 3, 6)


def test_the_widest_borders_of_the_modes():
    row = np.arange(3)
    assert pad(row, ((2, 2),), "reflect").tolist() == [2, 1, 0, 1, 2, 1, 0]
    assert pad(row, ((3, 3),), "circular").tolist() == [0, 1, 2] * 3
    assert pad(row, ((9, 0),), "replicate").tolist() == [0] * 10 + [1, 2]


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_an_empty_batch_is_padded_too(mode):
    assert pad(np.zeros((0, 1, 4, 4)), 1, mode).shape == (0, 1, 6, 6)


def test_the_result_is_new_even_without_a_border():
    image = np.zeros((3, 3))
    result = pad(image, 0)
    assert not np.shares_memory(result, image)
    assert result.flags.writeable
