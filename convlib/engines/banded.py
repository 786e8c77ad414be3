"""Depthwise convolution by a banded matrix: several output rows of a channel per matmul."""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convlib.arguments import Array
from convlib.engines import rows
from convlib.engines.cost import COPY, TILE, matmul
from convlib.engines.engine import Engine
from convlib.engines.tiles import fill_shifted_copies, plan_copies, tiles
from convlib.engines.workspace import Workspace
from convlib.precision import finite
from convlib.spec import ConvSpec

ROWS = 8  # of the output per matmul


def band(weight: Array, rows: int, stride: int) -> Array:
    """Banded matrix: kernels once per output row, each a stride further.

    Parameters
    ----------
    weight : ndarray, shape (C, kH, kW)
    rows : int
        Rows of the output per matmul.
    stride : int
        Rows from one window to the next.

    Returns
    -------
    ndarray, shape (C, rows, input_rows * kW)
        Zero outside the kernels; ``input_rows`` are read by the rows of the output.

    Notes
    -----
    Page ``engines``. Each number that the matmul fetches is used for several rows.

    Examples
    --------
    >>> band(np.array([[[1], [2]]]), rows=3, stride=1)[0]
    array([[1, 2, 0, 0],
           [0, 1, 2, 0],
           [0, 0, 1, 2]])
    """
    C, kH, kW = weight.shape
    input_rows = (rows - 1) * stride + kH  # that these rows of the output read
    matrix = np.zeros((C, rows, input_rows, kW), weight.dtype)
    for row in range(rows):
        matrix[:, row, row * stride : row * stride + kH] = weight
    return matrix.reshape(C, rows, input_rows * kW)


def multiply_bands(copies: Array, weight: Array, stride: int, result: Array) -> None:
    """Depthwise convolution of a tile: ROWS rows of the output per matmul, then the rest."""
    C, rows, W_out = result.shape
    channel_step, row_step, _, column_step = copies.strides  # (c, input rows, j, w)
    whole = rows - rows % ROWS
    for first, last, count in ((0, whole, ROWS), (whole, rows, rows - whole)):
        if first < last:
            matrix = band(weight, count, stride)[:, np.newaxis]
            shape = (C, (last - first) // count, matrix.shape[-1], W_out)
            strides = (channel_step, count * stride * row_step, W_out * column_step, column_step)
            view = as_strided(copies[:, first * stride :], shape, strides)
            np.matmul(matrix, view, out=result[:, first:last].reshape(*shape[:2], count, W_out))


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Depthwise convolution by banded matrices, tile by tile."""
    (kH, kW), W_out, stride = spec.kernel_size, spec.output_size[1], spec.stride[0]
    images = input[:, :, np.newaxis]
    result = np.empty(spec.output_shape, input.dtype)
    with Workspace() as space:
        for image, channels, first, count in tiles(spec, kW * W_out, 0):
            input_rows = range(first * stride, (first + count - 1) * stride + kH)
            C = channels.stop - channels.start
            (copies,) = space.arrays(input.dtype, (C, len(input_rows), kW, W_out))
            into = copies.swapaxes(1, 2)[:, :, np.newaxis]
            plan = plan_copies(spec, (input_rows,), flat=False)
            fill_shifted_copies(images[image, channels], plan, into)
            part = result[image, channels, first : first + count]
            multiply_bands(copies, weight[channels, 0], stride, part)
            if bias is not None:
                part += bias[channels, np.newaxis, np.newaxis]
    if not finite(result):  # zeros of the band times infinity or NaN
        return rows.compute(input, weight, bias, spec)
    return result


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite unless depthwise and without dilation along the height."""
    if not spec.depthwise or spec.dilation[0] != 1:
        return math.inf
    (kH, kW), (H_out, W_out), stride = spec.kernel_size, spec.output_size, spec.stride[0]
    once = matmul(ROWS, ((ROWS - 1) * stride + kH) * kW, W_out)
    planes = spec.batch * spec.out_channels
    return TILE + planes * H_out * (once / ROWS + COPY * stride * kW * W_out)


ENGINE = Engine(
    "banded",
    compute,
    cost,
    tiled=True,
    needs="2-D, groups = C_in = C_out, dilation 1 along H",
)
