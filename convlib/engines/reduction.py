"""A convolution of any dtype as one of real numbers, which the engines compute."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from convlib.arguments import Array
from convlib.precision import Numbers, largest, numbers_of
from convlib.spec import ConvSpec

BLOCK = 1 << 19  # weights whose absolute values are added at a time


class Reduction(NamedTuple):
    """The real convolution that computes one of another dtype."""

    numbers: Numbers
    spec: ConvSpec
    exact: bool  # whether approximate engines are excluded

    @property
    def kind(self) -> str:
        """Kind of the dtype: "f" or "i"."""
        return self.numbers.dtype.kind


def reduce(
    spec: ConvSpec, dtype: np.dtype[Any], exact: bool, largest_sum: Callable[[], int]
) -> Reduction:
    """Reduce a convolution to real numbers; approximate engines compute float dtypes only.

    ``largest_sum`` returns a bound of the absolute value of every sum.

    Examples
    --------
    >>> spec = ConvSpec.of((1, 2, 5, 5), (3, 2, 2, 2), itemsize=8)
    >>> reduced = reduce(spec, np.dtype("complex64"), True, lambda: 0)
    >>> reduced.numbers.dtype.name, reduced.spec.in_channels, reduced.spec.out_channels
    ('float32', 4, 6)
    """
    numbers = numbers_of(dtype, largest_sum)
    return Reduction(numbers, in_real_numbers(spec, numbers), exact or dtype.kind != "f")


def in_real_numbers(spec: ConvSpec, numbers: Numbers) -> ConvSpec:
    """Return the spec of the same convolution of real numbers."""
    if numbers.parts == 1 and numbers.dtype.itemsize == spec.itemsize:
        return spec
    return replace(
        spec,
        in_channels=spec.in_channels * numbers.parts,
        out_channels=spec.out_channels * numbers.parts,
        itemsize=numbers.dtype.itemsize,
    )


def largest_sum(input: Array, weight: Array, bias: Array | None) -> int:
    """Bound the absolute value of every sum of a convolution of integers.

    Examples
    --------
    >>> largest_sum(np.array([[[3, -4]]]), np.array([[[1, -2]], [[2, 0]]]), None)
    12
    """
    step = max(1, BLOCK * len(weight) // weight.size)
    axes = tuple(range(1, weight.ndim))
    blocks = (weight[first : first + step] for first in range(0, len(weight), step))
    kernel = int(max(np.abs(block, dtype=np.float64).sum(axis=axes).max() for block in blocks))
    return largest(input) * kernel + (0 if bias is None else largest(bias))
