"""One matmul for each tap, on the input as it lies; what would read the padding is left out."""

import math

import numpy as np

from convlib.checks import Array
from convlib.engines import view
from convlib.engines.cost import COPY, REORDER, matmul
from convlib.engines.tiles import inside
from convlib.precision import finite
from convlib.problem import Problem

MOST = 1 << 20  # weights that are reordered at once


def add_taps(input: Array, weight: Array, problem: Problem, result: Array) -> None:
    """Add, tap by tap, what the tap reads of the image times its weights.

    Parameters
    ----------
    input : ndarray, shape (g, C, *size)
        An image, without padding.
    weight : ndarray, shape (*kernel_size, g, O, C)
    problem : Problem
        What is known of the convolution.
    result : ndarray, shape (g, O, *output size)
        Added to.

    Notes
    -----
    Chapter ``09-speed``. Where a tap lies in the padding there is nothing to add, and so
    nothing is multiplied.
    """
    G, C = input.shape[:2]
    for tap in np.ndindex(*problem.kernel_size):
        into, pixels = zip(*(meets(problem, *at) for at in enumerate(tap)), strict=True)
        part = result[..., *into]  # (g, o, *places)
        if part.size:
            read = input[..., *pixels].reshape(G, C, -1)  # (g, c, places)
            part += (weight[tap] @ read).reshape(part.shape)


def meets(problem: Problem, axis: int, i: int) -> tuple[slice, slice]:
    """Say at which places of the output tap i of an axis lies on the image, and on what."""
    step, begin = problem.stride[axis], i * problem.dilation[axis]
    places = range(begin, begin + problem.output_size[axis] * step, step)
    return inside(problem.size[axis], problem.frame[axis][0], places)


def compute(input: Array, weight: Array, bias: Array | None, problem: Problem) -> Array:
    """Make the output image by image, some input channels at a time."""
    if any(map(any, problem.frame)) and not finite(weight):
        return view.compute(input, weight, bias, problem)  # 0 of the frame times infinity
    G, O, C = problem.groups, problem.group_outputs, problem.group_inputs
    axes = len(problem.kernel_size)
    bank = np.moveaxis(weight.reshape(G, O, C, *problem.kernel_size), range(-axes, 0), range(axes))
    images = input.reshape(len(input), G, C, *problem.size)
    result = np.empty((len(input), G, O, *problem.output_size), input.dtype)
    result[...] = 0 if bias is None else bias.reshape(G, O, *[1] * axes)
    block = max(1, MOST * C // problem.weights)
    for first in range(0, C, block):
        some = slice(first, first + block)
        part = np.ascontiguousarray(bank[..., some])  # (*kernel_size, g, o, c)
        for image, out in zip(images[:, :, some], result, strict=True):
            add_taps(image, part, problem, out)
    return result.reshape(len(input), G * O, *problem.output_size)


def cost(problem: Problem) -> float:
    """Estimate nanoseconds."""
    G, O, C = problem.groups, problem.group_outputs, problem.group_inputs
    taps, places = math.prod(problem.kernel_size), 1
    for axis, size in enumerate(problem.kernel_size):  # places, summed up over all taps
        met = (meets(problem, axis, i)[0] for i in range(size))
        places *= sum(into.stop - into.start for into in met)
    each = 10_000 + G * matmul(O, C, places // taps) + COPY * G * (C + 2 * O) * places // taps
    return problem.batch * taps * each + REORDER * problem.weights
