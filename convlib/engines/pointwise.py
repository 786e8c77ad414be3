"""Pointwise (1 x 1) convolution: one matmul on the input, without a copy."""

import math

import numpy as np

from convlib.arguments import Array
from convlib.engines.cost import matmul
from convlib.engines.engine import Engine
from convlib.spec import ConvSpec


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Pointwise convolution: mix the channels of each pixel that the stride samples."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    steps = [slice(None, None, step) for step in spec.stride]
    sampled = input[(slice(None), slice(None), *steps)]
    positions = math.prod(spec.output_size)
    bank, images = weight.reshape(G, O, C), sampled.reshape(spec.batch, G, C, positions)
    result = np.empty((spec.batch, G, O, positions), input.dtype)
    if bias is not None and 2 * C <= O:  # a channel of ones is faster than adding to the output
        ones = np.ones((spec.batch, G, 1, positions), input.dtype)
        images = np.concatenate([images, ones], axis=2)
        bank, bias = np.concatenate([bank, bias.reshape(G, O, 1)], axis=2), None
    for image, out in zip(images, result, strict=True):
        np.matmul(bank, image, out=out)
        if bias is not None:
            out += bias.reshape(G, O, 1)
    return result.reshape(spec.output_shape)


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite unless the kernel has one tap and there is no padding."""
    if math.prod(spec.kernel_size) > 1 or any(map(any, spec.padding)):
        return math.inf
    O, C, positions = spec.group_outputs, spec.group_inputs, math.prod(spec.output_size)
    return 5_000 + spec.batch * spec.groups * matmul(O, C, positions)


ENGINE = Engine("pointwise", compute, cost)
