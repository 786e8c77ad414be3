"""Convolution by one matmul for each tap, which skips the padding: for large dilations."""

import math

import numpy as np

from convlib.arguments import Array
from convlib.engines import einsum
from convlib.engines.cost import COPY, REORDER, matmul
from convlib.engines.engine import Engine
from convlib.engines.tiles import pixel_slices
from convlib.precision import finite
from convlib.spec import ConvSpec

BLOCK = 1 << 20  # weights that are reordered at a time


def add_taps(input: Array, weight: Array, spec: ConvSpec, result: Array) -> None:
    """Add, for each tap, the pixels that it reads times its weights.

    Parameters
    ----------
    input : ndarray, shape (g, C, *size)
        An image, without padding.
    weight : ndarray, shape (*kernel_size, g, O, C)
    spec : ConvSpec
    result : ndarray, shape (g, O, *output_size)
        Added to.

    Notes
    -----
    Page ``engines``. A tap in the padding would add zeros, so nothing is multiplied there.
    """
    G, C = input.shape[:2]
    for tap in np.ndindex(*spec.kernel_size):
        slices = [valid_slices(spec, axis, i) for axis, i in enumerate(tap)]
        into, pixels = zip(*slices, strict=True)
        part = result[..., *into]  # (g, o, *positions)
        if part.size:
            matrix = input[..., *pixels].reshape(G, C, -1)  # (g, c, positions)
            part += (weight[tap] @ matrix).reshape(part.shape)


def valid_slices(spec: ConvSpec, axis: int, i: int) -> tuple[slice, slice]:
    """Output slice and input slice for which tap i of an axis reads pixels, not padding.

    Examples
    --------
    >>> spec = ConvSpec.of((1, 1, 5), (1, 1, 3), padding=1)
    >>> valid_slices(spec, axis=0, i=0)  # all outputs but the first, which reads padding
    (slice(1, 5, None), slice(0, 4, 1))
    """
    rule = spec.axes[axis]
    first = i * rule.dilation
    positions = range(first, first + spec.output_size[axis] * rule.stride, rule.stride)
    return pixel_slices(rule.size, rule.before, positions)


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Convolution by one matmul for each tap, image by image, some channels at a time."""
    if any(map(any, spec.padding)) and not finite(weight):
        return einsum.compute(input, weight, bias, spec)  # 0 of the padding times infinity
    return sum_taps(input, weight, bias, spec)


def sum_taps(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Sum the products with pixels only: padding times infinity is nothing, not NaN."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    axes = len(spec.axes)
    bank = np.moveaxis(weight.reshape(G, O, C, *spec.kernel_size), range(-axes, 0), range(axes))
    images = input.reshape(spec.batch, G, C, *spec.size)
    result = np.empty((spec.batch, G, O, *spec.output_size), input.dtype)
    result[...] = 0 if bias is None else bias.reshape(G, O, *[1] * axes)
    block = max(1, BLOCK * C // spec.weights)
    for first in range(0, C, block):
        channels = slice(first, first + block)
        part = np.ascontiguousarray(bank[..., channels])  # (*kernel_size, g, o, c)
        for image, out in zip(images[:, :, channels], result, strict=True):
            add_taps(image, part, spec, out)
    return result.reshape(spec.output_shape)


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    taps, positions = math.prod(spec.kernel_size), 1
    for axis, size in enumerate(spec.kernel_size):  # positions, summed over all taps
        valid = (valid_slices(spec, axis, i)[0] for i in range(size))
        positions *= sum(into.stop - into.start for into in valid)
    each = positions // taps
    per_tap = 10_000 + G * matmul(O, C, each) + COPY * G * (C + 2 * O) * positions // taps
    return spec.batch * taps * per_tap + REORDER * spec.weights


ENGINE = Engine("taps", compute, cost)
WITHOUT_PADDING = Engine("taps", sum_taps, cost)
