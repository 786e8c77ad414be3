"""Every window a column: one matmul for all taps."""

import math

import numpy as np

from convlib.checks import Array
from convlib.engines.cost import COPY, TILE, matmul
from convlib.engines.tiles import by_tiles
from convlib.problem import Problem


def multiply_columns(
    flat: Array, starts: tuple[int, ...], bank: Array, patches: Array, result: Array
) -> None:
    """Write every window as a column, and multiply once.

    Parameters
    ----------
    flat : ndarray, shape (g, kW, C, rows * W_out)
        The input, once for each column of the kernel, its rows in one line.
    starts : tuple of int
        For each row of the kernel, where in ``flat`` what it reads begins.
    bank : ndarray, shape (g, O, C * kH * kW)
    patches : ndarray, shape (g, C, kH, kW, places)
        Memory for the columns.
    result : ndarray, shape (g, O, places)
        Overwritten.

    Notes
    -----
    Chapter ``09-speed``. Known as im2col. What is copied is one run of memory for each row of
    the kernel.
    """
    places = result.shape[-1]
    for i, start in enumerate(starts):
        read = flat[..., start : start + places]  # (g, j, c, places)
        patches[:, :, i] = read.swapaxes(1, 2)
    columns = patches.reshape(len(bank), -1, places)  # (g, c * i * j, places)
    np.matmul(bank, columns, out=result)


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
