"""The loops of `direct`, which numba compiles; imported only where numba is installed.

All of them read numbers from a plane of memory, ``flat``, that contains a tile of the padded
input. A tap reads one contiguous run of it for all outputs of the tile, however many rows they
have: rows of the tile are adjacent, and what a run reads between two rows is not used.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numba

from convlib.arguments import Array

Function = TypeVar("Function")
AddNine = Callable[[Array, float, Array, Array, Array, int], None]


class Decorator(Protocol):
    """What compiles a function, and keeps its type."""

    def __call__(self, function: Function, /) -> Function:
        """Return the compiled function."""


def inner(*fastmath: str) -> Decorator:
    """Decorate a function that only compiled functions call."""
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    made: Decorator = numba.njit(fastmath=set(fastmath), error_model="numpy", **options)
    return made


def outer(function: Function) -> Function:
    """Decorate a function that is compiled when it is first called, and kept on the disk.

    Where no folder can be written, each process compiles it again.
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        kept: Function = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        kept = numba.njit(**options)(function)
    return kept


fused: Decorator = inner("contract")  # a * b + c in one step, rounded once
reordered: Decorator = inner("contract", "reassoc")  # a sum in several parts


@fused
def fill(into: Array, value: float) -> None:
    """Set all numbers of a run."""
    for x in range(len(into)):
        into[x] = value


@fused
def copy_block(
    source: Array,
    corner: tuple[int, int],
    stride: tuple[int, int],
    into: Array,
    place: tuple[int, int],
    shape: tuple[int, int],
) -> None:
    """Copy every stride-th number of a part of a plane into a part of another one.

    Parameters
    ----------
    source, into : ndarray, 2-D
    corner, place : (int, int)
        Where the part begins, in the source and in the other plane.
    stride, shape : (int, int)
    """
    y, x = numba.uintp(corner[0]), numba.uintp(corner[1])  # unsigned: no index is negative
    top, left = numba.uintp(place[0]), numba.uintp(place[1])
    if stride == (1, 1):
        for i in range(numba.uintp(shape[0])):
            for j in range(numba.uintp(shape[1])):
                into[top + i, left + j] = source[y + i, x + j]
    else:
        part, rest = into[top:, left:], source[y:, x:]
        if stride[1] == 2:  # a known step: several numbers at a time
            for i in range(shape[0]):
                for j in range(shape[1]):
                    part[i, j] = rest[i * stride[0], 2 * j]
        else:
            for i in range(shape[0]):
                for j in range(shape[1]):
                    part[i, j] = rest[i * stride[0], j * stride[1]]


@fused
def inside(first: int, step: int, size: int, count: int) -> tuple[int, int]:
    """Which of the positions first, first + step, ... are pixels of an axis: from, up to."""
    start = min(count, max(0, -(first // step)))
    return start, max(start, min(count, (size - 1 - first) // step + 1))


@fused
def copy_pixels(
    image: Array,
    top: int,
    left: int,
    stride: tuple[int, int],
    row_phases: Array,
    column_phases: Array,
    tile: Array,
) -> None:
    """Copy a tile of a padded image, its rows and columns sorted by remainders.

    Parameters
    ----------
    image : ndarray, shape (H, W)
    top, left : int
        Row and column of the image at which the tile begins; negative in the padding.
    stride : (int, int)
    row_phases, column_phases : ndarray of int
        Remainders modulo the stride that some tap reads.
    tile : ndarray, shape (row phases, column phases, rows, columns)
        Only pixels are written; what is padding remains.
    """
    H, W = image.shape
    rows, columns = tile.shape[2:]
    for p in range(len(row_phases)):
        y = top + row_phases[p]
        first, last = inside(y, stride[0], H, rows)
        for q in range(len(column_phases)):
            x = left + column_phases[q]
            start, stop = inside(x, stride[1], W, columns)
            corner = y + first * stride[0], x + start * stride[1]
            shape = last - first, stop - start
            copy_block(image, corner, stride, tile[p, q], (first, start), shape)


@fused
def copy_planes(
    images: Array,
    planes: Array,
    top: int,
    left: int,
    stride: tuple[int, int],
    row_phases: Array,
    column_phases: Array,
    tiles: Array,
) -> None:
    """Copy a tile of each plane that the taps along the outer axes read.

    Parameters
    ----------
    images : ndarray, shape (C, D, H, W)
    planes : ndarray of int, shape (K,)
        For each tap along the outer axes, the plane it reads; negative: padding.
    tiles : ndarray, shape (C, K, row phases, column phases, rows, columns)
    """
    for c in range(len(images)):
        for k in range(len(planes)):
            if planes[k] < 0:
                fill(tiles[c, k].ravel(), 0)
            else:
                image = images[c, planes[k]]
                copy_pixels(image, top, left, stride, row_phases, column_phases, tiles[c, k])


def sum_of_nine(first: bool) -> AddNine:
    """Make a function that adds nine runs to a bias, if they are the first, or to a run."""

    @fused
    def add(into: Array, bias: float, flat: Array, weights: Array, starts: Array, t: int) -> None:
        """Add nine runs of numbers times their weights, those from t on."""
        w0, w1, w2 = weights[t], weights[t + 1], weights[t + 2]
        w3, w4, w5 = weights[t + 3], weights[t + 4], weights[t + 5]
        w6, w7, w8 = weights[t + 6], weights[t + 7], weights[t + 8]
        run0, run1, run2 = flat[starts[t] :], flat[starts[t + 1] :], flat[starts[t + 2] :]
        run3, run4, run5 = flat[starts[t + 3] :], flat[starts[t + 4] :], flat[starts[t + 5] :]
        run6, run7, run8 = flat[starts[t + 6] :], flat[starts[t + 7] :], flat[starts[t + 8] :]
        for x in range(len(into)):
            before = bias if first else into[x]
            one = w0 * run0[x] + w1 * run1[x] + w2 * run2[x]
            two = w3 * run3[x] + w4 * run4[x] + w5 * run5[x]
            into[x] = before + one + two + w6 * run6[x] + w7 * run7[x] + w8 * run8[x]

    return add


set_nine: AddNine = sum_of_nine(first=True)
add_nine: AddNine = sum_of_nine(first=False)


@fused
def add_three(into: Array, flat: Array, weights: Array, starts: Array, t: int) -> None:
    """Add three runs of numbers times their weights, those from t on."""
    w0, w1, w2 = weights[t], weights[t + 1], weights[t + 2]
    run0, run1, run2 = flat[starts[t] :], flat[starts[t + 1] :], flat[starts[t + 2] :]
    for x in range(len(into)):
        into[x] += w0 * run0[x] + w1 * run1[x] + w2 * run2[x]


@fused
def add_one(into: Array, flat: Array, weights: Array, starts: Array, t: int) -> None:
    """Add a run of numbers times its weight."""
    w, run = weights[t], flat[starts[t] :]
    for x in range(len(into)):
        into[x] += w * run[x]


@fused
def sum_taps(into: Array, bias: float, flat: Array, weights: Array, starts: Array) -> None:
    """Write a bias plus what all taps read, times their weights."""
    t, count = 0, len(weights)
    if count < 9:
        fill(into, bias)
    else:
        set_nine(into, bias, flat, weights, starts, t)
        t += 9
    while t + 9 <= count:
        add_nine(into, bias, flat, weights, starts, t)
        t += 9
    while t + 3 <= count:
        add_three(into, flat, weights, starts, t)
        t += 3
    while t < count:
        add_one(into, flat, weights, starts, t)
        t += 1


@outer
def convolve(
    images: Array,
    kernels: Array,
    biases: Array,
    planes: Array,
    starts: Array,
    before: tuple[int, int],
    stride: tuple[int, int],
    row_phases: Array,
    column_phases: Array,
    size: tuple[int, int],
    tiles: Array,
    sums: Array,
    result: Array,
) -> None:
    """Convolve tile by tile.

    Parameters
    ----------
    images : ndarray, shape (N, G, C, D, H, W)
        D planes, of all axes but the last two.
    kernels : ndarray, shape (G, O, T)
        T taps: of the channels, of the outer axes and of the plane.
    biases : ndarray, shape (G, O)
    planes : ndarray of int, shape (D_out, K)
        For each plane of the output and each tap along the outer axes, the plane that is read;
        negative: padding.
    starts : ndarray of int, shape (T,)
        Where in a tile a tap reads the number for the first output.
    before : (int, int)
        Padding at the top and on the left.
    stride : (int, int)
    row_phases, column_phases : ndarray of int
        Remainders modulo the stride that some tap reads.
    size : (int, int)
        Rows and columns of the output of a tile.
    tiles : ndarray, shape (C, K, row phases, column phases, rows of a tile, P)
        Scratch memory; a row of the tile has P numbers.
    sums : ndarray, shape (several * P,)
        Scratch memory for the outputs of several rows.
    result : ndarray, shape (N, G, O, D_out, H_out, W_out)
        Overwritten.
    """
    (H_out, W_out), P = result.shape[4:], tiles.shape[5]
    flat, several = tiles.ravel(), len(sums) // P
    for first in range(0, H_out, size[0]):
        last = min(first + size[0], H_out)
        for left in range(0, W_out, size[1]):
            width = min(size[1], W_out - left)
            y, x = first * stride[0] - before[0], left * stride[1] - before[1]
            fill(flat, 0)  # padding is the same for all planes
            for n in range(images.shape[0]):
                for g in range(images.shape[1]):
                    for d in range(len(planes)):
                        image, ds = images[n, g], planes[d]
                        copy_planes(image, ds, y, x, stride, row_phases, column_phases, tiles)
                        for o in range(kernels.shape[1]):
                            for row in range(first, last, several):
                                count = min(several, last - row)
                                into = sums[: (count - 1) * P + width]
                                read = flat[(row - first) * P :]
                                sum_taps(into, biases[g, o], read, kernels[g, o], starts)
                                outputs = sums[: count * P].reshape(count, P)
                                plane, shape = result[n, g, o, d], (count, width)
                                copy_block(outputs, (0, 0), (1, 1), plane, (row, left), shape)


@reordered
def dot_nine(grads: Array, flat: Array, starts: Array, t: int, products: Array) -> None:
    """Add to nine numbers, from t on, the products of a run with the nine that taps read."""
    run0, run1, run2 = flat[starts[t] :], flat[starts[t + 1] :], flat[starts[t + 2] :]
    run3, run4, run5 = flat[starts[t + 3] :], flat[starts[t + 4] :], flat[starts[t + 5] :]
    run6, run7, run8 = flat[starts[t + 6] :], flat[starts[t + 7] :], flat[starts[t + 8] :]
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = s8 = grads.dtype.type(0)
    for x in range(len(grads)):
        grad = grads[x]
        s0 += grad * run0[x]
        s1 += grad * run1[x]
        s2 += grad * run2[x]
        s3 += grad * run3[x]
        s4 += grad * run4[x]
        s5 += grad * run5[x]
        s6 += grad * run6[x]
        s7 += grad * run7[x]
        s8 += grad * run8[x]
    products[t] += s0
    products[t + 1] += s1
    products[t + 2] += s2
    products[t + 3] += s3
    products[t + 4] += s4
    products[t + 5] += s5
    products[t + 6] += s6
    products[t + 7] += s7
    products[t + 8] += s8


@reordered
def dot_one(grads: Array, flat: Array, starts: Array, t: int, products: Array) -> None:
    """Add to a number the product of a run with what a tap reads."""
    run, total = flat[starts[t] :], grads.dtype.type(0)
    for x in range(len(grads)):
        total += grads[x] * run[x]
    products[t] += total


@outer
def weight_gradient(
    images: Array,
    grads: Array,
    planes: Array,
    starts: Array,
    before: tuple[int, int],
    stride: tuple[int, int],
    row_phases: Array,
    column_phases: Array,
    size: tuple[int, int],
    tiles: Array,
    sums: Array,
    result: Array,
) -> None:
    """Add up the gradient of the weight tile by tile; as `convolve`, with two differences.

    Parameters
    ----------
    grads : ndarray, shape (N, G, O, D_out, H_out, W_out)
        Gradient of the output.
    result : ndarray, shape (G, O, T)
        Added to. What a run reads between two rows is multiplied by zeros.
    """
    (H_out, W_out), P = grads.shape[4:], tiles.shape[5]
    flat, several, T = tiles.ravel(), len(sums) // P, len(starts)
    for first in range(0, H_out, size[0]):
        last = min(first + size[0], H_out)
        for left in range(0, W_out, size[1]):
            width = min(size[1], W_out - left)
            y, x = first * stride[0] - before[0], left * stride[1] - before[1]
            fill(flat, 0)
            fill(sums, 0)
            for n in range(images.shape[0]):
                for g in range(images.shape[1]):
                    for d in range(len(planes)):
                        image, read = images[n, g], planes[d]
                        copy_planes(image, read, y, x, stride, row_phases, column_phases, tiles)
                        for o in range(grads.shape[2]):
                            for row in range(first, last, several):
                                count = min(several, last - row)
                                into = sums[: count * P].reshape(count, P)
                                plane, shape = grads[n, g, o, d], (count, width)
                                copy_block(plane, (row, left), (1, 1), into, (0, 0), shape)
                                run = sums[: (count - 1) * P + width]
                                pixels, t = flat[(row - first) * P :], 0
                                while t + 9 <= T:
                                    dot_nine(run, pixels, starts, t, result[g, o])
                                    t += 9
                                while t < T:
                                    dot_one(run, pixels, starts, t, result[g, o])
                                    t += 1
