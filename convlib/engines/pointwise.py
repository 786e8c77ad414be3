"""A kernel of one tap: one matmul, on the input as it lies."""

import math

import numpy as np

from convlib.checks import Array
from convlib.engines.cost import matmul
from convlib.problem import Problem


def compute(input: Array, weight: Array, bias: Array | None, problem: Problem) -> Array:
    """Mix the channels of each pixel that the stride meets."""
    G, O, C = problem.groups, problem.group_outputs, problem.group_inputs
    every = [slice(None, None, step) for step in problem.stride]
    met = input[(slice(None), slice(None), *every)]
    bank, images = weight.reshape(G, O, C), met.reshape(len(input), G, C, -1)
    result = np.empty((len(input), G, O, images.shape[-1]), input.dtype)
    if bias is not None and 2 * C <= O:  # a channel of ones costs less than a visit to the output
        ones = np.ones((*images.shape[:2], 1, images.shape[-1]), input.dtype)
        images = np.concatenate([images, ones], axis=2)
        bank, bias = np.concatenate([bank, bias.reshape(G, O, 1)], axis=2), None
    for image, out in zip(images, result, strict=True):
        np.matmul(bank, image, out=out)
        if bias is not None:
            out += bias.reshape(G, O, 1)
    return result.reshape(len(input), G * O, *problem.output_size)


def cost(problem: Problem) -> float:
    """Estimate nanoseconds; infinite where the way is not open."""
    if math.prod(problem.kernel_size) > 1 or any(map(any, problem.frame)):
        return math.inf
    O, C, places = problem.group_outputs, problem.group_inputs, math.prod(problem.output_size)
    return 5_000 + problem.batch * problem.groups * matmul(O, C, places)
