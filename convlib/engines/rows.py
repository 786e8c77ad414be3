"""One matmul for each row of the kernel: the input is shifted under it, not copied again."""

import math

import numpy as np

from convlib.checks import Array
from convlib.engines.cost import ADD, COPY, REORDER, TILE, matmul
from convlib.engines.tiles import by_tiles
from convlib.problem import Problem


def multiply_rows(
    flat: Array, starts: tuple[int, ...], bank: Array, more: Array, result: Array
) -> None:
    """Multiply by one row of the kernel after the other, and add up.

    Parameters
    ----------
    flat : ndarray, shape (g, kW, C, rows * W_out)
        The input, once for each column of the kernel, its rows in one line.
    starts : tuple of int
        For each row of the kernel, where in ``flat`` what it reads begins.
    bank : ndarray, shape (g, kH, O, kW * C)
    more : ndarray, shape (g, O, places)
        Memory for what is added.
    result : ndarray, shape (g, O, places)
        Overwritten.

    Notes
    -----
    Chapter ``09-speed``. Where `multiply_columns` copies what each row of the kernel reads,
    this only looks further down.
    """
    lines = flat.reshape(len(bank), -1, flat.shape[-1])  # (g, j * c, rows * w)
    for i, start in enumerate(starts):
        read = lines[..., start : start + result.shape[-1]]
        np.matmul(bank[:, i], read, out=more if i else result)
        if i:
            result += more


def compute(input: Array, weight: Array, bias: Array | None, problem: Problem) -> Array:
    """Make the output tile by tile, and each tile row of the kernel by row of the kernel."""
    G, O, C = problem.groups, problem.group_outputs, problem.group_inputs
    kH, kW = problem.kernel_size
    bank = weight.reshape(G, O, C, kH, kW).transpose(0, 3, 1, 4, 2)
    bank = np.ascontiguousarray(bank).reshape(G, kH, O, kW * C)
    return by_tiles(
        multiply_rows, input, bank, bias, problem, lambda groups, places: (groups, O, places)
    )


def cost(problem: Problem) -> float:
    """Estimate nanoseconds; infinite where the way is not open."""
    if len(problem.size) != 2:
        return math.inf
    (kH, kW), O, C = problem.kernel_size, problem.group_outputs, problem.group_inputs
    places, count = math.prod(problem.output_size), problem.batch * problem.groups
    products = kH * matmul(O, C * kW, places) + (kH - 1) * ADD * O * places
    copies = COPY * kW * C * places * problem.stride[0]
    return TILE + count * (products + copies) + REORDER * problem.weights
