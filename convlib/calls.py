"""A call of a convolution: its arguments, validated and in one form."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from convlib import arguments, operands
from convlib.arguments import Array, Ints, Padding, Pairs
from convlib.padding import check_mode
from convlib.spec import ConvSpec, Sizes, check_padded_size


class Call(NamedTuple):
    """A validated call of a convolution."""

    spec: ConvSpec  # as engines are given it
    dtype: np.dtype[Any]
    exact: bool
    result: Sizes  # shape
    border: tuple[Pairs, str] | None  # what is added to the input first, if not zeros


def read(
    axes: int,
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
    exact: bool = True,
    padding_mode: str = "zeros",
) -> Call:
    """Validate the arguments of a convolution along ``axes`` axes.

    Examples
    --------
    >>> call = read(1, np.ones((2, 9)), np.ones((4, 2, 3)), stride=2)
    >>> call.spec.size, call.result
    ((9, 1), (4, 4))
    """
    image, kernels, _, parts = operands.convolution(axes, input, weight, bias, groups)
    shape = image.reshape(-1, *image.shape[-axes - 1 :]).shape  # (N, C_in, *size)
    itemsize = max(4, image.itemsize)  # float16 is accumulated in float32
    spec = ConvSpec.of(shape, kernels.shape, stride, padding, dilation, parts, itemsize)
    check_padded_size(padding, spec.padding, image.shape, spec.dilation)
    check_mode(padding_mode, spec.padding, image.shape)
    allow_exact = arguments.flag("exact", exact)
    result = (*image.shape[: -axes - 1], *spec.output_shape[1:])
    border = None
    if padding_mode != "zeros":
        border = spec.padding, padding_mode
        bare = [axis._replace(size=axis.padded, padding=(0, 0)) for axis in spec.axes]
        spec = replace(spec, axes=tuple(bare))
    return Call(spec.as_column(), image.dtype, allow_exact, result, border)
