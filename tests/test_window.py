"""Sliding windows as a view."""

import numpy as np
import pytest

from convlib import output_size, windows


def test_each_entry_is_the_pixel_under_its_tap():
    image = np.arange(2 * 7 * 9).reshape(2, 7, 9)
    stride, dilation = (2, 3), (3, 2)
    view = windows(image, (2, 3), stride, dilation)
    assert view.shape == (2, *output_size((7, 9), (2, 3), stride, 0, dilation), 2, 3)
    for c, y, x, i, j in np.ndindex(*view.shape):
        assert view[c, y, x, i, j] == image[c, y * 2 + i * 3, x * 3 + j * 2]


def test_it_is_a_view_that_cannot_be_written_to():
    image = np.zeros((4, 4))
    view = windows(image, 2)
    assert np.shares_memory(view, image)
    assert not view.flags.writeable
    assert image.flags.writeable


@pytest.mark.parametrize("dtype", ["uint8", "bool", "U1", "float16"])
def test_any_dtype_can_be_looked_at(dtype):
    assert windows(np.zeros((3, 3), dtype=dtype), 2).dtype == dtype


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_entries_of_the_kernel_count_the_axes(axes):
    assert (
        windows(np.zeros((5,) * 4), (2,) * axes).shape
        == (5,) * (4 - axes) + (4,) * axes + (2,) * axes
    )


def test_an_int_is_a_square_window():
    assert windows(np.zeros((3, 5, 6)), 2).shape == (3, 4, 5, 2, 2)
