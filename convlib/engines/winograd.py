"""Fewer multiplications than the definition has: Winograd's way, and its price in exactness.

A tile of the input and the kernel are both turned into the values of polynomials at some
points, where one product for each point does what takes many in the definition. After Lavin
& Gray (2016), arXiv:1509.09308.
"""

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from convlib.checks import Array
from convlib.engines import columns
from convlib.engines.cost import COPY, TILE, matmul
from convlib.engines.workspace import SIZE, Workspace
from convlib.precision import finite
from convlib.problem import Problem

# Infinity comes on top. Halves lose nothing; the five keep the error of a tile of 4 small.
POINTS = {
    3: (Fraction(0), Fraction(1), Fraction(-1)),
    5: (Fraction(0), Fraction(3, 4), Fraction(-3, 4), Fraction(3, 2), Fraction(-3, 2)),
}


@lru_cache
def transforms(outputs: int, taps: int) -> tuple[Array, Array, Array]:
    """Make the matrices A, G, B of ``A @ ((G @ kernel) * (B @ tile))``.

    For a tile of ``outputs + taps - 1`` numbers this gives the ``outputs`` numbers that a
    kernel of ``taps`` makes of it.

    Examples
    --------
    >>> A, G, B = transforms(outputs=2, taps=3)
    >>> A @ ((G @ [1, 10, 100]) * (B @ [1, 2, 3, 4]))
    array([321., 432.])
    """
    points = POINTS[outputs + taps - 2]

    def powers(degree: int) -> list[list[Fraction]]:
        """List the powers of each point, and of infinity the last alone."""
        infinity = [Fraction(power == degree - 1) for power in range(degree)]
        return [*([point**power for power in range(degree)] for point in points), infinity]

    def without(left_out: Fraction | None) -> list[Fraction]:
        """Multiply (x - point) for all points but one; give the coefficients, 1's first."""
        product = [Fraction(1)]
        for point in points:
            if point != left_out:
                times_x, times_point = [Fraction(0), *product], [*product, Fraction(0)]
                pairs = zip(times_x, times_point, strict=True)
                product = [one - point * other for one, other in pairs]
        return product + [Fraction(0)] * (len(points) + 1 - len(product))

    G = powers(taps)
    for row, point in enumerate(points):
        scale = math.prod(point - other for other in points if other != point)
        G[row] = [entry / scale for entry in G[row]]
    A, B = zip(*powers(outputs), strict=True), [without(point) for point in (*points, None)]
    return np.array(list(A), float), np.array(G, float), np.array(B, float)


def multiply_tiles(tiles: Array, bank: Array, A: Array, B: Array, space: Workspace) -> Array:
    """Transform tiles, multiply point by point, and transform back.

    Parameters
    ----------
    tiles : ndarray, shape (size, size, C, *places)
        Pixel (y, x) of each tile.
    bank : ndarray, shape (size * size, O, C)
        The kernels, transformed.
    A, B : ndarray, shape (side, size), (size, size)
        As `transforms` makes them.
    space : Workspace

    Returns
    -------
    ndarray, shape (side, side, O, *places)
        Pixel (y, x) of the output of each tile, in the workspace.

    Notes
    -----
    Chapter ``09-speed``. The Kronecker product of a matrix with itself transforms rows and
    columns at once.
    """
    (points, O, C), places = bank.shape, tiles.shape[3:]  # points = size * size
    count, pixels = math.prod(places), len(A) ** 2
    most = points * max(C, O) * count
    one, other = space.arrays(bank.dtype, (most,), (most,))
    moved = one[: tiles.size].reshape(points, -1)  # (y * x, c * places)
    moved.reshape(tiles.shape)[...] = tiles
    values = other[: tiles.size].reshape(points, C, count)
    np.matmul(np.kron(B, B), moved, out=values.reshape(points, -1))
    products = one[: points * O * count].reshape(points, O, count)
    np.matmul(bank, values, out=products)
    outputs = other[: pixels * O * count].reshape(pixels, -1)
    np.matmul(np.kron(A, A), products.reshape(points, -1), out=outputs)
    return outputs.reshape(len(A), len(A), O, *places)


def compute(input: Array, weight: Array, bias: Array | None, problem: Problem) -> Array:
    """Make the output image by image, some rows of tiles at a time."""
    (O, C), taps, dtype = weight.shape[:2], problem.kernel_size[0], input.dtype
    side = outputs_of_a_tile(problem)
    A, G, B = (matrix.astype(dtype) for matrix in transforms(side, taps))
    bank = (np.kron(G, G) @ weight.reshape(O * C, -1).T).reshape(-1, O, C)  # (points, o, c)
    down, right = (-(-size // side) for size in problem.output_size)
    framed, tiles = framed_tiles(problem, side, down, right, dtype)
    result = np.empty((len(input), O, *problem.output_size), dtype)
    biases = np.zeros((O, 1, 1), dtype) if bias is None else bias.reshape(O, 1, 1)
    step = max(1, SIZE // (dtype.itemsize * len(bank) * 2 * max(C, O) * right))
    with Workspace() as space:
        for image, out in zip(input, result, strict=True):
            framed[...] = image[:, : framed.shape[1], : framed.shape[2]]
            for first in range(0, down, step):
                made = multiply_tiles(tiles[..., first : first + step, :], bank, A, B, space)
                part = out[:, first * side : (first + step) * side]
                for i, j in np.ndindex(side, side):
                    into = part[:, i::side, j::side]
                    np.add(made[i, j, :, : into.shape[1], : into.shape[2]], biases, out=into)
    if not finite(result):  # a tile spreads what is not
        return columns.compute(input, weight, bias, problem)
    return result


def framed_tiles(
    problem: Problem, side: int, down: int, right: int, dtype: "np.dtype[Any]"
) -> tuple[Array, Array]:
    """Make room for a framed image; give the place of the image in it, and all tiles as a view."""
    taps, (top, _), (left, _) = problem.kernel_size[0], *problem.frame
    whole = np.zeros((problem.in_channels, down * side + taps - 1, right * side + taps - 1), dtype)
    size = side + taps - 1
    c, y, x = whole.strides
    shape = (size, size, problem.in_channels, down, right)
    tiles: Array = np.ndarray(shape, dtype, whole, 0, (y, x, c, side * y, side * x))
    return whole[:, top : top + problem.size[0], left : left + problem.size[1]], tiles


def outputs_of_a_tile(problem: Problem) -> int:
    """Choose 4 or 2 rows and columns, of which kernels of 3 and 5 leave one or both."""
    return 2 if problem.kernel_size[0] == 5 or max(problem.output_size) <= 14 else 4


def cost(problem: Problem) -> float:
    """Estimate nanoseconds; infinite where the way is not open."""
    taps = problem.kernel_size
    if taps not in ((3, 3), (5, 5)) or {*problem.stride, *problem.dilation, problem.groups} != {1}:
        return math.inf
    O, C, side = problem.group_outputs, problem.group_inputs, outputs_of_a_tile(problem)
    points = (side + taps[0] - 1) ** 2
    tiles = math.prod(-(-size // side) for size in problem.output_size)
    there = matmul(points, points, C * tiles) + COPY * 2 * points * C * tiles
    back = matmul(side**2, points, O * tiles) + COPY * 2 * side**2 * O * tiles
    once = there + points * matmul(O, C, tiles) + back
    return TILE + 1.2 * (matmul(points, math.prod(taps), O * C) + problem.batch * once)
