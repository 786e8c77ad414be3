"""Real numbers that stand for those of other dtypes."""

import numpy as np
import pytest
from against_torch import integers

from convlib.precision import (
    COMPUTED_IN,
    as_channels,
    as_kernels,
    finite,
    from_channels,
    from_kernel_products,
    largest,
    numbers_of,
)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_a_dtype_that_is_computed_as_itself_is_not_copied(dtype):
    array, numbers = np.ones((2, 4, 3), dtype), COMPUTED_IN[dtype]
    assert as_channels(array, 2, numbers) is array
    assert as_kernels(array, 2, numbers) is array


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64", "complex128"])
@pytest.mark.parametrize("groups", [1, 2])
def test_channels_are_read_back_as_they_were(dtype, groups):
    array, numbers = integers((2, 4, 3, 5), dtype, 1), COMPUTED_IN[dtype]
    channels = as_channels(array, groups, numbers)
    assert channels.dtype == numbers.dtype
    result = np.empty((2, 4, 5, 3), dtype).swapaxes(2, 3)  # of any layout
    from_channels(channels, groups, result)
    assert np.array_equal(result, array)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_real_kernels_multiply_as_complex_ones(groups):
    weight, image = (
        integers((6, 2, 1), "complex128", 1),
        integers((1, 2 * groups, 1), "complex128", 2),
    )
    numbers = COMPUTED_IN["complex128"]
    kernels = as_kernels(weight, groups, numbers).reshape(groups, -1, 4)
    pixels = as_channels(image, groups, numbers).reshape(groups, 4, 1)
    result = np.empty((1, 6, 1), complex)
    from_channels((kernels @ pixels).reshape(1, 12, 1), groups, result)
    by_group = weight.reshape(groups, -1, 2) @ image.reshape(groups, 2, 1)
    assert np.array_equal(result.ravel(), by_group.ravel())


def test_products_of_parts_are_those_of_complex_numbers():
    grad, image = integers((1, 3, 1), "complex128", 1), integers((1, 2, 1), "complex128", 2)
    numbers = COMPUTED_IN["complex128"]
    sent, pixels = (as_channels(array, 1, numbers)[0] for array in (grad, image))
    result = np.empty((3, 2, 1), complex)
    from_kernel_products((sent @ pixels.T)[..., np.newaxis], 1, result)
    assert np.array_equal(result[..., 0], grad[0] @ image[0].T)


def test_kernels_of_every_stride_are_negated():  # np.negative of NumPy 2.4 is wrong for some
    for step in range(1, 9):
        weight = integers((8, 2, 3, 4), "complex128", 1)[:, :, :1, ::step]
        kernels = as_kernels(weight, 1, COMPUTED_IN["complex128"])
        assert np.array_equal(kernels[:8, 2:], 0 - weight.imag)


def test_integers_are_floats_while_every_sum_fits():
    asked = []

    def bound():
        asked.append(True)
        return 2**53 - 1

    assert numbers_of(np.dtype("int64"), bound).dtype == np.float64
    assert asked
    assert numbers_of(np.dtype("int64"), lambda: 2**53).dtype == np.int64
    asked.clear()
    assert numbers_of(np.dtype("float32"), bound).dtype == np.float32
    assert not asked  # floats need no bound


def test_the_largest_integer_is_known_exactly_even_the_most_negative_one():
    assert largest(np.array([2**62, -(2**63)])) == 2**63
    assert largest(np.array([3, -2])) == 3
    assert largest(np.zeros((0, 2), int)) == 0


def test_finite_sees_a_single_infinity_or_nan():
    for value in (np.inf, -np.inf, np.nan):
        array = np.ones(1000, np.float32)
        assert finite(array)
        array[123] = value
        assert not finite(array)
