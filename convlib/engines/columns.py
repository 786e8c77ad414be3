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
    Page ``engines``. Each row of the kernel copies one contiguous run of memory.
    """
    positions = result.shape[-1]
    for i, start in enumerate(starts):
        pixels = flat[..., start : start + positions]  # (g, j, c, positions)
        patches[:, :, i] = pixels.swapaxes(1, 2)
    columns = patches.reshape(len(bank), -1, positions)  # (g, c*i*j, positions)
    np.matmul(bank, columns, out=result)


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Convolution of two or more axes by im2col, tile by tile."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    kH, kW = spec.kernel_size[-2:]
    bank = weight.reshape(G, O, C, -1, kH, kW).swapaxes(3, 4)  # other taps beside the columns
    columns = math.prod(bank.shape[4:])
    return compute_by_tiles(
        multiply_columns,
        input,
        bank.reshape(G, O, C * kH * columns),
        bias,
        spec,
        lambda groups, positions: (groups, C, kH, columns, positions),
    )


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite for a single axis."""
    if len(spec.axes) < 2:
        return math.inf
    O, C, kH = spec.group_outputs, spec.group_inputs, spec.kernel_size[-2]
    taps, positions = math.prod(spec.kernel_size), math.prod(spec.output_size)
    copies = COPY * (taps // kH) * C * positions * (kH + spec.stride[-2])
    product = matmul(O, C * taps, positions)
    return TILE * math.prod(spec.output_size[:-2]) + spec.batch * spec.groups * (product + copies)


ENGINE = Engine("columns", compute, cost, tiled=True, needs="two axes or more")
