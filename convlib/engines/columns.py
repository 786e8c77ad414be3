"""im2col: every window a column, and one matmul for all taps."""

import math

import numpy as np

from convlib.arguments import Array
from convlib.engines.cost import COPY, TILE, matmul
from convlib.engines.engine import Engine
from convlib.engines.tiles import compute_by_tiles
from convlib.spec import ConvSpec


def multiply_columns(
    flat: Array, starts: tuple[int, ...], bank: Array, patches: Array, result: Array
) -> None:
    """Write every window as a column (im2col), and multiply once.

    Parameters
    ----------
    flat : ndarray, shape (g, kW, C, rows * W_out)
        A shifted copy of the input for each column of the kernel, its rows in one line.
    starts : tuple of int
        For each row of the kernel, where in ``flat`` the pixels that it reads begin.
    bank : ndarray, shape (g, O, C * kH * kW)
    patches : ndarray, shape (g, C, kH, kW, positions)
        Memory for the columns.
    result : ndarray, shape (g, O, positions)
        Overwritten.

    Notes
    -----
    Chapter ``speed``. Each row of the kernel copies one contiguous run of memory.
    """
    positions = result.shape[-1]
    for i, start in enumerate(starts):
        pixels = flat[..., start : start + positions]  # (g, j, c, positions)
        patches[:, :, i] = pixels.swapaxes(1, 2)
    columns = patches.reshape(len(bank), -1, positions)  # (g, c*i*j, positions)
    np.matmul(bank, columns, out=result)


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """2-D convolution by im2col, tile by tile."""
    C, kernel_size = spec.group_inputs, spec.kernel_size
    bank = weight.reshape(spec.groups, spec.group_outputs, -1)
    return compute_by_tiles(
        multiply_columns,
        input,
        bank,
        bias,
        spec,
        lambda groups, positions: (groups, C, *kernel_size, positions),
    )


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite unless there are two axes."""
    if len(spec.axes) != 2:
        return math.inf
    (kH, kW), O, C = spec.kernel_size, spec.group_outputs, spec.group_inputs
    positions, count = math.prod(spec.output_size), spec.batch * spec.groups
    copies = COPY * kW * C * positions * (kH + spec.stride[0])
    return TILE + count * (matmul(O, C * kH * kW, positions) + copies)


ENGINE = Engine("columns", compute, cost)
