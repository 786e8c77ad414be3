"""Pointwise (1 x 1) convolution: one matmul on the input, without a copy."""

import math
from collections.abc import Iterator

import numpy as np

from convlib.arguments import Array
from convlib.engines.cost import matmul
from convlib.engines.engine import Engine
from convlib.spec import ConvSpec

BLOCK = 1 << 23  # bytes of pixels that may be copied at a time


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Pointwise convolution: mix the channels of each pixel that the stride samples."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    bank, images = weight.reshape(G, O, C), input.reshape(spec.batch, G, C, *spec.size)
    biases = None if bias is None else bias.reshape(G, O, 1)
    result = np.empty((spec.batch, G, O, *spec.output_size), input.dtype)
    if biases is not None and 2 * C <= O:  # a channel of ones is faster than adding to the output
        bank = np.concatenate([bank, biases], axis=2)
    steps = [slice(None, None, step) for step in spec.stride]
    sampled = images[:, :, :, *steps]
    for image in range(spec.batch):
        for rows in row_blocks(spec, bank.shape[2]):
            pixels = sampled[image, :, :, rows]
            pixels = pixels.reshape(G, C, -1)  # (g, c, positions), a copy if the stride skips
            if bank.shape[2] > C:
                ones = np.ones((G, 1, pixels.shape[2]), input.dtype)
                pixels = np.concatenate([pixels, ones], axis=1)
            out = result[image, :, :, rows].reshape(G, O, -1)
            np.matmul(bank, pixels, out=out)
            if biases is not None and bank.shape[2] == C:
                out += biases
    return result.reshape(spec.output_shape)


def row_blocks(spec: ConvSpec, channels: int) -> Iterator[slice]:
    """Cut the first axis of the output so that the pixels of a block fit a few megabytes."""
    rows = spec.output_size[0]
    per_row = spec.groups * channels * math.prod(spec.output_size[1:]) * spec.itemsize
    step = max(1, BLOCK // per_row)
    return (slice(first, first + step) for first in range(0, rows, step))


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite unless the kernel has one tap and there is no padding."""
    if math.prod(spec.kernel_size) > 1 or any(map(any, spec.padding)):
        return math.inf
    O, C, positions = spec.group_outputs, spec.group_inputs, math.prod(spec.output_size)
    return 5_000 + spec.batch * spec.groups * matmul(O, C, positions)


ENGINE = Engine("pointwise", compute, cost, tiled=True, needs="one tap, no padding")
