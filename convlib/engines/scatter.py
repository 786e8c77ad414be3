"""Windows added up at their places, without a padded image: fold, and gradients of the input."""

import math

import numpy as np

from convlib.arguments import Array
from convlib.engines.cost import ADD, COPY, matmul
from convlib.engines.taps import valid_slices
from convlib.spec import ConvSpec


def add_windows(parts: Array, spec: ConvSpec, result: Array) -> None:
    """Add windows to the pixels that they read.

    Parameters
    ----------
    parts : ndarray, shape (..., *kernel_size, *output_size)
    spec : ConvSpec
    result : ndarray, shape (..., *size)
        Added to.
    """
    for tap in np.ndindex(*spec.kernel_size):
        slices = [valid_slices(spec, axis, i) for axis, i in enumerate(tap)]
        into, pixels = zip(*slices, strict=True)
        index = (..., *tap, *into)
        result[(..., *pixels)] += parts[index]


def take_windows(image: Array, spec: ConvSpec, result: Array) -> None:
    """Write the pixels of all windows, zero for padding, (..., *kernel_size, *output_size)."""
    for tap in np.ndindex(*spec.kernel_size):
        slices = [valid_slices(spec, axis, i) for axis, i in enumerate(tap)]
        into, pixels = zip(*slices, strict=True)
        part = result[(..., *tap, *[slice(None)] * len(tap))]
        if part[(..., *into)].size < part.size:
            part[...] = 0
        part[(..., *into)] = image[(..., *pixels)]


def input_gradient(
    weight: Array, grad_output: Array, bias: Array | None, spec: ConvSpec, result: Array
) -> None:
    """Gradient of the input: each number of the output's gradient is sent through its kernel.

    The weight is read as it lies, which pays for small maps and many weights.
    """
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    kernels = weight.reshape(G, O, -1).swapaxes(1, 2)  # (g, c * taps, o)
    result[...] = 0 if bias is None else bias.reshape(-1, *[1] * len(spec.axes))
    for grads, image in zip(grad_output, result, strict=True):
        parts = kernels @ grads.reshape(G, O, -1)  # (g, c * taps, positions)
        add_windows(parts.reshape(G * C, *spec.kernel_size, *spec.output_size), spec, image)


def scratch(spec: ConvSpec) -> int:
    """Bytes of memory that `input_gradient` takes."""
    windows = math.prod(spec.kernel_size) * math.prod(spec.output_size)
    return spec.in_channels * windows * spec.itemsize


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds of `input_gradient`."""
    taps, positions = math.prod(spec.kernel_size), math.prod(spec.output_size)
    product = spec.groups * matmul(spec.group_inputs * taps, spec.group_outputs, positions)
    moved = (COPY + 2 * ADD) * spec.in_channels * taps * positions
    return spec.batch * (product + moved + 5_000 * taps)
