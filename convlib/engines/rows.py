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
    Page ``engines``. Where `multiply_columns` copies the pixels that a row of the kernel
    reads, this reads them in place.
    """
    matrix = flat.reshape(len(bank), -1, flat.shape[-1])  # (g, j * c, rows * w)
    for i, start in enumerate(starts):
        pixels = matrix[..., start : start + result.shape[-1]]
        np.matmul(bank[:, i], pixels, out=summand if i else result)
        if i:
            result += summand


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Convolution of two or more axes by one matmul for each row of the kernel, tile by tile."""
    O = spec.group_outputs
    return compute_by_tiles(
        multiply_rows,
        input,
        weights_by_row(weight, spec),
        bias,
        spec,
        lambda groups, positions: (groups, O, positions),
    )


def weights_by_row(weight: Array, spec: ConvSpec) -> Array:
    """Copy the weight in the order (g, kH, O, columns * C); columns are taps of a row."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    kH, kW = spec.kernel_size[-2:]
    bank = weight.reshape(G, O, C, -1, kH, kW).transpose(0, 4, 1, 3, 5, 2)
    return np.ascontiguousarray(bank).reshape(G, kH, O, spec.weights // (G * kH * O))


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite for a single axis."""
    if len(spec.axes) < 2:
        return math.inf
    O, C, kH = spec.group_outputs, spec.group_inputs, spec.kernel_size[-2]
    columns, positions = math.prod(spec.kernel_size) // kH, math.prod(spec.output_size)
    products = kH * matmul(O, C * columns, positions) + (kH - 1) * ADD * O * positions
    copies = COPY * columns * C * positions * spec.stride[-2]
    count = spec.batch * spec.groups
    tiles = TILE * math.prod(spec.output_size[:-2])
    return tiles + count * (products + copies) + REORDER * spec.weights


ENGINE = Engine("rows", compute, cost, tiled=True, needs="two axes or more")
