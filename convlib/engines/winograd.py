"""Winograd convolution of 3x3 and 5x5 kernels: fewer multiplications, at larger errors.

A tile of the input and the kernel are both turned into the values of polynomials at some
points, where one product for each point replaces many of the definition. After Lavin & Gray
(2016), arXiv:1509.09308.
"""

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from convlib.arguments import Array
from convlib.engines import columns, workspace
from convlib.engines.cost import COPY, REORDER, TILE, matmul
from convlib.engines.engine import Engine
from convlib.engines.workspace import Workspace
from convlib.precision import finite
from convlib.spec import ConvSpec

# Infinity is added. Halves lose nothing; the five keep the error of a tile of 4 small.
POINTS = {
    3: (Fraction(0), Fraction(1), Fraction(-1)),
    5: (Fraction(0), Fraction(3, 4), Fraction(-3, 4), Fraction(3, 2), Fraction(-3, 2)),
}

UNEVEN = 1.65  # its many small products take longer than one large one


@lru_cache
def transforms(outputs: int, taps: int) -> tuple[Array, Array, Array]:
    """Winograd's matrices A, G, B of ``A @ ((G @ kernel) * (B @ tile))``.

    For a tile of ``outputs + taps - 1`` numbers this gives the ``outputs`` sums of a kernel
    of ``taps``.

    Examples
    --------
    >>> A, G, B = transforms(outputs=2, taps=3)
    >>> A @ ((G @ [1, 10, 100]) * (B @ [1, 2, 3, 4]))
    array([321., 432.])
    """
    points = POINTS[outputs + taps - 2]

    def powers(degree: int) -> list[list[Fraction]]:
        """Powers of each point; of infinity the highest only."""
        infinity = [Fraction(power == degree - 1) for power in range(degree)]
        return [*([point**power for power in range(degree)] for point in points), infinity]

    def product_without(left_out: Fraction | None) -> list[Fraction]:
        """Coefficients, the constant first, of the product of (x - point) without one point."""
        product = [Fraction(1)]
        for point in points:
            if point != left_out:
                times_x, times_point = [Fraction(0), *product], [*product, Fraction(0)]
                pairs = zip(times_x, times_point, strict=True)
                product = [by_x - point * by_point for by_x, by_point in pairs]
        return product + [Fraction(0)] * (len(points) + 1 - len(product))

    G = powers(taps)
    for row, point in enumerate(points):
        scale = math.prod(point - other for other in points if other != point)
        G[row] = [entry / scale for entry in G[row]]
    A = zip(*powers(outputs), strict=True)
    B = [product_without(point) for point in (*points, None)]
    return np.array(list(A), float), np.array(G, float), np.array(B, float)


def multiply_tiles(tiles: Array, bank: Array, A: Array, B: Array, space: Workspace) -> Array:
    """Winograd: transform tiles, multiply point by point, transform back.

    Parameters
    ----------
    tiles : ndarray, shape (size, size, C, *positions)
        Pixel (y, x) of each tile.
    bank : ndarray, shape (size * size, O, C)
        The kernels, transformed.
    A, B : ndarray, shape (side, size), (size, size)
        Of `transforms`.
    space : Workspace

    Returns
    -------
    ndarray, shape (side, side, O, *positions)
        Pixel (y, x) of the output of each tile, in the workspace.

    Notes
    -----
    Page ``engines``. The Kronecker product of a matrix with itself transforms rows and
    columns at once.
    """
    (points, O, C), positions = bank.shape, tiles.shape[3:]  # points: size**2
    count, pixels = math.prod(positions), len(A) ** 2
    most = points * max(C, O) * count
    one, other = space.arrays(bank.dtype, (most,), (most,))
    flat = one[: tiles.size].reshape(points, -1)  # (y * x, c * positions)
    flat.reshape(tiles.shape)[...] = tiles
    values = other[: tiles.size].reshape(points, C, count)
    np.matmul(np.kron(B, B), flat, out=values.reshape(points, -1))
    products = one[: points * O * count].reshape(points, O, count)
    np.matmul(bank, values, out=products)
    outputs = other[: pixels * O * count].reshape(pixels, -1)
    np.matmul(np.kron(A, A), products.reshape(points, -1), out=outputs)
    return outputs.reshape(len(A), len(A), O, *positions)


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Winograd convolution, image by image, some rows of tiles at a time."""
    O, C, taps, dtype = spec.out_channels, spec.in_channels, spec.kernel_size[0], input.dtype
    side = outputs_per_tile(spec)
    A, G, B = (matrix.astype(dtype) for matrix in transforms(side, taps))
    bank = (np.kron(G, G) @ weight.reshape(O * C, -1).T).reshape(-1, O, C)  # (points, o, c)
    tile_rows, tile_columns = (-(-size // side) for size in spec.output_size)
    inside, tiles = padded_tiles(spec, side, tile_rows, tile_columns, dtype)
    result = np.empty(spec.output_shape, dtype)
    biases = np.zeros((O, 1, 1), dtype) if bias is None else bias.reshape(O, 1, 1)
    row_bytes = dtype.itemsize * len(bank) * 2 * max(C, O) * tile_columns
    step = max(1, workspace.SIZE // row_bytes)
    with Workspace() as space:
        for image, out in zip(input, result, strict=True):
            inside[...] = image[:, : inside.shape[1], : inside.shape[2]]
            for first in range(0, tile_rows, step):
                outputs = multiply_tiles(tiles[..., first : first + step, :], bank, A, B, space)
                part = out[:, first * side : (first + step) * side]
                for i, j in np.ndindex(side, side):
                    into = part[:, i::side, j::side]
                    np.add(outputs[i, j, :, : into.shape[1], : into.shape[2]], biases, out=into)
    if not finite(result):  # a transform mixes all pixels of a tile
        return columns.compute(input, weight, bias, spec)
    return result


def padded_tiles(
    spec: ConvSpec, side: int, rows: int, columns: int, dtype: "np.dtype[Any]"
) -> tuple[Array, Array]:
    """Allocate a padded image; return views of its inside and of all its tiles."""
    (height, width), taps, C = spec.axes, spec.kernel_size[0], spec.in_channels
    padded = np.zeros((C, rows * side + taps - 1, columns * side + taps - 1), dtype)
    size = side + taps - 1
    c, y, x = padded.strides
    shape = (size, size, C, rows, columns)
    tiles: Array = np.ndarray(shape, dtype, padded, 0, (y, x, c, side * y, side * x))
    inside = padded[
        :, height.before : height.before + height.size, width.before : width.before + width.size
    ]
    return inside, tiles


def outputs_per_tile(spec: ConvSpec) -> int:
    """Rows and columns of outputs per tile: 4, or 2 for 5x5 kernels and small outputs."""
    return 2 if spec.kernel_size[0] == 5 or max(spec.output_size) <= 14 else 4


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite unless dense, 3x3 or 5x5, stride and dilation 1."""
    kernel_size = spec.kernel_size
    if kernel_size not in ((3, 3), (5, 5)):
        return math.inf
    if {*spec.stride, *spec.dilation, spec.groups} != {1}:
        return math.inf
    O, C, side = spec.out_channels, spec.in_channels, outputs_per_tile(spec)
    points = (side + kernel_size[0] - 1) ** 2
    tiles = math.prod(-(-size // side) for size in spec.output_size)
    forward = matmul(points, points, C * tiles) + COPY * 2 * points * C * tiles
    back = matmul(side**2, points, O * tiles) + COPY * 2 * side**2 * O * tiles
    image = forward + points * matmul(O, C, tiles) + back
    weights = matmul(points, math.prod(kernel_size), O * C) + REORDER * points * O * C
    return TILE + UNEVEN * (weights + spec.batch * image)


ENGINE = Engine("winograd", compute, cost, needs="3x3 or 5x5; stride, dilation and groups 1")
