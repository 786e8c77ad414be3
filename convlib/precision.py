"""Real numbers that stand for those of any dtype, in which sums are computed."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from convlib.arguments import Array

EXACT = 2**53  # float64 represents every integer up to this one


class Numbers(NamedTuple):
    """Real numbers in which those of another dtype are computed."""

    dtype: np.dtype[Any]
    parts: int = 1  # 2: the real part and the imaginary part, as channels


COMPUTED_IN = {
    "float16": Numbers(np.dtype("float32")),
    "float32": Numbers(np.dtype("float32")),
    "float64": Numbers(np.dtype("float64")),
    "complex64": Numbers(np.dtype("float32"), 2),
    "complex128": Numbers(np.dtype("float64"), 2),
    "int64": Numbers(np.dtype("int64")),
}


def numbers_of(dtype: np.dtype[Any], largest_sum: Callable[[], int]) -> Numbers:
    """Return the real numbers in which a dtype is computed: integers as float64 if exact.

    ``largest_sum`` returns a bound of the absolute value of every sum.

    Examples
    --------
    >>> numbers_of(np.dtype("int64"), lambda: 2**53)
    Numbers(dtype=dtype('int64'), parts=1)
    >>> numbers_of(np.dtype("int64"), lambda: 2**53 - 1)
    Numbers(dtype=dtype('float64'), parts=1)
    """
    if dtype.kind == "i" and largest_sum() < EXACT:
        return COMPUTED_IN["float64"]
    return COMPUTED_IN[dtype.name]


def largest(array: Array) -> int:
    """Largest absolute value of integers; 0 of an empty array."""
    return max(int(array.max()), -int(array.min())) if array.size else 0


def as_channels(array: Array, groups: int, numbers: Numbers) -> Array:
    """Convert an array (N, C, *size) to real numbers (N, parts * C, *size).

    In each group the real parts come first, then the imaginary parts.

    Examples
    --------
    >>> as_channels(np.array([[1 + 2j, 3 + 4j]]), 2, COMPUTED_IN["complex128"])
    array([[1., 2., 3., 4.]])
    """
    if numbers.parts == 1:
        return array.astype(numbers.dtype, copy=False)
    N, C, *size = array.shape
    channels = np.empty((N, groups, 2, C // groups, *size), numbers.dtype)
    grouped = array.reshape(N, groups, C // groups, *size)
    channels[:, :, 0], channels[:, :, 1] = grouped.real, grouped.imag
    return channels.reshape(N, 2 * C, *size)


def as_kernels(weight: Array, groups: int, numbers: Numbers) -> Array:
    """Convert kernels (C_out, C, *k) to real numbers, (parts * C_out, parts * C, *k).

    They read and give channels in the order of `as_channels`: (a + bi)(c + di) has the real
    part ac - bd and the imaginary part ad + bc.

    Examples
    --------
    >>> as_kernels(np.array([[1 + 2j]]), 1, COMPUTED_IN["complex128"])
    array([[ 1., -2.],
           [ 2.,  1.]])
    """
    if numbers.parts == 1:
        return weight.astype(numbers.dtype, copy=False)
    C_out, C, *k = weight.shape
    kernels = np.empty((groups, 2, C_out // groups, 2, C, *k), numbers.dtype)
    grouped = weight.reshape(groups, C_out // groups, C, *k)
    kernels[:, 0, :, 0] = kernels[:, 1, :, 1] = grouped.real
    kernels[:, 1, :, 0] = grouped.imag
    kernels[:, 0, :, 1] = 0 - grouped.imag  # NumPy 2.4's -x is wrong for some strides
    return kernels.reshape(2 * C_out, 2 * C, *k)


def from_channels(channels: Array, groups: int, result: Array) -> None:
    """Write what `as_channels` would read into an array (N, C, *size) of another dtype.

    Examples
    --------
    >>> result = np.empty((1, 2), complex)
    >>> from_channels(np.array([[1.0, 2.0, 3.0, 4.0]]), 2, result)
    >>> result
    array([[1.+2.j, 3.+4.j]])
    """
    if result.dtype.kind != "c":
        result[...] = channels
        return
    N, C, *size = result.shape
    parts = channels.reshape(N, groups, 2, C // groups, *size)
    grouped = result.reshape(N, groups, C // groups, *size)  # a view
    grouped.real, grouped.imag = parts[:, :, 0], parts[:, :, 1]


def from_kernel_products(products: Array, groups: int, result: Array) -> None:
    """Write products of all parts, (parts * C_out, parts * C, *k), into (C_out, C, *k)."""
    if result.dtype.kind != "c":
        result[...] = products
        return
    C_out, C, *k = result.shape
    parts = products.reshape(groups, 2, C_out // groups, 2, C, *k)
    grouped = result.reshape(groups, C_out // groups, C, *k)
    np.subtract(parts[:, 0, :, 0], parts[:, 1, :, 1], out=grouped.real)
    np.add(parts[:, 0, :, 1], parts[:, 1, :, 0], out=grouped.imag)


def finite(array: Array) -> bool:
    """Whether all numbers are finite, in one pass.

    May return False for finite numbers whose squares overflow.

    Examples
    --------
    >>> finite(np.ones(3)), finite(np.array([1.0, np.inf, np.nan])), finite(np.array([1e200]))
    (True, False, False)
    """
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.vdot(array, array)))
