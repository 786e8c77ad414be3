"""Types of `convlib.core`, whose definitions are printed in the book without them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Sizes = Sequence[int]
Pairs = Sequence[tuple[int, int]]
AxisPadding = int | tuple[int, int] | str
Field = tuple[int, int, int]

def pad(input: Array, padding: Pairs, mode: str = "zeros") -> Array: ...
def reach(kernel_size: int, dilation: int = 1) -> int: ...
def sides(padding: AxisPadding, kernel_size: int, dilation: int = 1) -> tuple[int, int]: ...
def output_size(
    size: int, kernel_size: int, stride: int = 1, padding: AxisPadding = 0, dilation: int = 1
) -> int: ...
def taps(
    size: int, kernel_size: int, stride: int = 1, padding: AxisPadding = 0, dilation: int = 1
) -> Array: ...
def coverage(
    size: int, kernel_size: int, stride: int = 1, padding: AxisPadding = 0, dilation: int = 1
) -> Array: ...
def windows(input: Array, kernel_size: Sizes, stride: Sizes, dilation: Sizes) -> Array: ...
def convolve(
    input: Array,
    weight: Array,
    bias: Array | None,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Array: ...
def connectivity(in_channels: int, out_channels: int, groups: int = 1) -> Array: ...
def channel_shuffle(input: Array, groups: int) -> Array: ...
def through_layer(
    field: Field,
    kernel_size: int,
    stride: int = 1,
    padding: AxisPadding = 0,
    dilation: int = 1,
) -> Field: ...
def parallel(fields: Sequence[Field]) -> Field: ...
def macs(weight_size: Sizes, output_size: Sizes) -> int: ...
def overlap_add(
    parts: Array, size: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes
) -> Array: ...
def transposed_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: AxisPadding = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int: ...
def input_gradient(
    input_size: Sizes,
    weight: Array,
    grad_output: Array,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Array: ...
def weight_gradient(
    input: Array,
    weight_size: Sizes,
    grad_output: Array,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int,
) -> Array: ...
def unfold(
    input: Array, kernel_size: Sizes, dilation: Sizes, padding: Pairs, stride: Sizes
) -> Array: ...
def fold(
    input: Array,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes,
    padding: Pairs,
    stride: Sizes,
) -> Array: ...
