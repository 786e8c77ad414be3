"""Depthwise: one matmul makes several rows of a channel's output, at the price of zeros."""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convlib.checks import Array
from convlib.engines import rows
from convlib.engines.cost import COPY, TILE, matmul
from convlib.engines.tiles import moves, spread, tiles
from convlib.engines.workspace import Workspace
from convlib.precision import finite
from convlib.problem import Problem

ROWS = 8  # of the output at once


def band(weight: Array, rows: int, stride: int) -> Array:
    """Write kernels once for each row of a band, a stride further each time.

    Parameters
    ----------
    weight : ndarray, shape (C, kH, kW)
    rows : int
        Rows of the output that one matmul makes.
    stride : int
        Rows from one window to the next.

    Returns
    -------
    ndarray, shape (C, rows, lines * kW)
        Zero but for the kernels; ``lines`` rows of the input are read by those of the output.

    Notes
    -----
    Chapter ``09-speed``. Each number that the matmul fetches is used for several rows.

    Examples
    --------
    >>> band(np.array([[[1], [2]]]), rows=3, stride=1)[0]
    array([[1, 2, 0, 0],
           [0, 1, 2, 0],
           [0, 0, 1, 2]])
    """
    C, kH, kW = weight.shape
    lines = (rows - 1) * stride + kH  # of the input, which these rows read
    matrix = np.zeros((C, rows, lines, kW), weight.dtype)
    for row in range(rows):
        matrix[:, row, row * stride : row * stride + kH] = weight
    return matrix.reshape(C, rows, lines * kW)


def multiply_bands(copies: Array, weight: Array, stride: int, result: Array) -> None:
    """Make ROWS rows of the output at a time, and then those that are left over."""
    C, rows, W_out = result.shape
    c, line, _, x = copies.strides  # (c, lines, j, w)
    whole = rows - rows % ROWS
    for first, last, deep in ((0, whole, ROWS), (whole, rows, rows - whole)):
        if first < last:
            matrix = band(weight, deep, stride)[:, np.newaxis]
            shape = (C, (last - first) // deep, matrix.shape[-1], W_out)
            steps = (c, deep * stride * line, W_out * x, x)
            view = as_strided(copies[:, first * stride :], shape, steps)
            np.matmul(matrix, view, out=result[:, first:last].reshape(*shape[:2], deep, W_out))


def compute(input: Array, weight: Array, bias: Array | None, problem: Problem) -> Array:
    """Make the output tile by tile, the rows of each in bands."""
    (kH, kW), (H_out, W_out), stride = problem.kernel_size, problem.output_size, problem.stride[0]
    images = input[:, :, np.newaxis]
    result = np.empty((len(input), len(weight), H_out, W_out), input.dtype)
    with Workspace() as space:
        for image, channels, first, count in tiles(problem, kW * W_out, 0):
            lines = range(first * stride, (first + count - 1) * stride + kH)
            C = channels.stop - channels.start
            (copies,) = space.arrays(input.dtype, (C, len(lines), kW, W_out))
            into = copies.swapaxes(1, 2)[:, :, np.newaxis]
            spread(images[image, channels], moves(problem, (lines,), flat=False), into)
            part = result[image, channels, first : first + count]
            multiply_bands(copies, weight[channels, 0], stride, part)
            if bias is not None:
                part += bias[channels, np.newaxis, np.newaxis]
    if not finite(result):  # the zeros of a band spread what is not
        return rows.compute(input, weight, bias, problem)
    return result


def cost(problem: Problem) -> float:
    """Estimate nanoseconds; infinite where the way is not open."""
    if not problem.depthwise or problem.dilation[0] != 1:
        return math.inf
    (kH, kW), (H_out, W_out), stride = problem.kernel_size, problem.output_size, problem.stride[0]
    once = matmul(ROWS, ((ROWS - 1) * stride + kH) * kW, W_out)
    planes = problem.batch * problem.out_channels
    return TILE + planes * H_out * (once / ROWS + COPY * stride * kW * W_out)
