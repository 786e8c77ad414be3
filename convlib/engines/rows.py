"""Convolution by one matmul for each row of the kernel: im2col with fewer copies."""

import math

import numpy as np

from convlib.arguments import Array
from convlib.engines.cost import ADD, COPY, REORDER, TILE, matmul
from convlib.engines.engine import Engine
from convlib.engines.tiles import compute_by_tiles
from convlib.spec import ConvSpec


def multiply_rows(
    flat: Array, starts: tuple[int, ...], bank: Array, summand: Array, result: Array
) -> None:
    """Multiply by each row of the kernel in turn, and add up.

    Parameters
    ----------
    flat : ndarray, shape (g, kW, C, rows * W_out)
        A shifted copy of the input for each column of the kernel, its rows in one line.
    starts : tuple of int
        For each row of the kernel, where in ``flat`` the pixels that it reads begin.
    bank : ndarray, shape (g, kH, O, kW * C)
    summand : ndarray, shape (g, O, positions)
        Memory for the product of one row of the kernel.
    result : ndarray, shape (g, O, positions)
        Overwritten.

    Notes
    -----
    Chapter ``speed``. Where `multiply_columns` copies the pixels that a row of the kernel
    reads, this reads them in place.
    """
    matrix = flat.reshape(len(bank), -1, flat.shape[-1])  # (g, j * c, rows * w)
    for i, start in enumerate(starts):
        pixels = matrix[..., start : start + result.shape[-1]]
        np.matmul(bank[:, i], pixels, out=summand if i else result)
        if i:
            result += summand


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """2-D convolution by one matmul for each row of the kernel, tile by tile."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    kH, kW = spec.kernel_size
    bank = weight.reshape(G, O, C, kH, kW).transpose(0, 3, 1, 4, 2)
    bank = np.ascontiguousarray(bank).reshape(G, kH, O, kW * C)
    return compute_by_tiles(
        multiply_rows, input, bank, bias, spec, lambda groups, positions: (groups, O, positions)
    )


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite unless there are two axes."""
    if len(spec.axes) != 2:
        return math.inf
    (kH, kW), O, C = spec.kernel_size, spec.group_outputs, spec.group_inputs
    positions, count = math.prod(spec.output_size), spec.batch * spec.groups
    products = kH * matmul(O, C * kW, positions) + (kH - 1) * ADD * O * positions
    copies = COPY * kW * C * positions * spec.stride[0]
    return TILE + count * (products + copies) + REORDER * spec.weights


ENGINE = Engine("rows", compute, cost)
