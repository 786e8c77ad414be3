"""Every window a column: one matmul for all taps."""

import math

import numpy as np

from convlib.checks import Array
from convlib.engines.cost import COPY, TILE, matmul
from convlib.engines.problem import Problem
from convlib.engines.tiles import by_tiles


def multiply_columns(
    flat: Array, starts: tuple[int, ...], bank: Array, patches: Array, result: Array
) -> None:
    """Write what one row of the kernel reads below what the last one reads; multiply once."""
    for i, start in enumerate(starts):
        read = flat[..., start : start + result.shape[-1]]  # (g, j, c, places)
        patches[:, :, i] = read.swapaxes(1, 2)
    groups, _, terms = bank.shape  # terms = c * i * j
    np.matmul(bank, patches.reshape(groups, terms, -1), out=result)


def compute(input: Array, weight: Array, bias: Array | None, problem: Problem) -> Array:
    """Make the output tile by tile, each by one matmul."""
    C, kernel_size = problem.group_inputs, problem.kernel_size
    bank = weight.reshape(problem.groups, problem.group_outputs, -1)
    return by_tiles(
        multiply_columns,
        input,
        bank,
        bias,
        problem,
        lambda groups, places: (groups, C, *kernel_size, places),
    )


def cost(problem: Problem) -> float:
    """Estimate nanoseconds; infinite where the way is not open."""
    if len(problem.size) != 2:
        return math.inf
    (kH, kW), O, C = problem.kernel_size, problem.group_outputs, problem.group_inputs
    places, count = math.prod(problem.output_size), problem.batch * problem.groups
    copies = COPY * kW * C * places * (kH + problem.stride[0])
    return TILE + count * (matmul(O, C * kH * kW, places) + copies)
