"""The loops of `direct`, which numba compiles; imported only where numba is installed.

All of them read numbers from memory, ``flat``, that contains a tile of the padded input: some
rows of some channels. A tap reads one contiguous run of it for all outputs of the tile, however
many rows they have: rows of the tile are adjacent, and what a run reads between two rows is not
used.
"""

from typing import Any, Protocol, TypeVar

import numba

from convlib.arguments import Array
from convlib.engines import vectors

EIGHT = vectors.EIGHT
# Begins the SHA-256 of vectors.py: numba compiles again when this file has changed, not that one.
VECTORS = "feceee85"
Function = TypeVar("Function")


class Decorator(Protocol):
    """What compiles a function, and keeps its type."""

    def __call__(self, function: Function, /) -> Function:
        """Return the compiled function."""


def inner(*fastmath: str) -> Decorator:
    """Decorate a function that only compiled functions call."""
    options: dict[str, Any] = dict.fromkeys(
        ("no_cpython_wrapper", "no_cfunc_wrapper", "forceinline"), True
    )
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
def copy_row(source: Array, at: int, stride: int, into: Array, place: int, count: int) -> None:
    """Copy every stride-th number from an index of an array to an index of another one."""
    if count < EIGHT or stride > 2:
        for x in range(count):
            into[place + x] = source[at + x * stride]
        return
    last = count - EIGHT
    if stride == 1:
        for x in range(0, last, EIGHT):
            vectors.copy_eight(source, at + x, into, place + x)
        vectors.copy_eight(source, at + last, into, place + last)  # may copy some once more
    else:
        for x in range(0, last, EIGHT):
            vectors.copy_every_second(source, at + 2 * x, into, place + x)
        vectors.copy_every_second(source, at + 2 * last, into, place + last)


@fused
def copy_block(
    source: Array,
    at: int,
    pitch: int,
    stride: int,
    into: Array,
    place: int,
    into_pitch: int,
    shape: tuple[int, int],
) -> None:
    """Copy rows of every stride-th number into adjacent numbers.

    Parameters
    ----------
    source, into : ndarray, 1-D
    at, place : int
        Index of the first number, in the source and in the other array.
    pitch, into_pitch : int
        From a row to the next one.
    stride : int
        Along a row of the source.
    shape : (int, int)
        Rows, and numbers of a row.
    """
    for _ in range(shape[0]):
        copy_row(source, at, stride, into, place, shape[1])
        at += pitch
        place += into_pitch


@fused
def inside(first: int, step: int, size: int, count: int) -> tuple[int, int]:
    """Which of the positions first, first + step, ... are pixels of an axis: from, up to."""
    start = min(count, max(0, -(first // step)))
    return start, max(start, min(count, (size - 1 - first) // step + 1))


@fused
def copy_pixels(
    image: Array,
    at: int,
    size: tuple[int, int],
    top: int,
    left: int,
    stride: tuple[int, int],
    row_phases: Array,
    column_phases: Array,
    flat: Array,
    place: int,
    shape: tuple[int, int],
) -> None:
    """Copy a tile of a padded image, its rows and columns sorted by remainders.

    Parameters
    ----------
    image : ndarray, 1-D
    at : int
        Index of the first pixel.
    size : (int, int)
        Height and width of the image.
    top, left : int
        Row and column of the image at which the tile begins; negative in the padding.
    stride : (int, int)
    row_phases, column_phases : ndarray of int
        Remainders modulo the stride that some tap reads.
    flat : ndarray, 1-D
    place : int
        Index of the first number of the tile, (row phases, column phases, rows, columns). Only
        pixels are written; what is padding remains.
    shape : (int, int)
        Rows and columns of the tile, of each remainder.
    """
    (H, W), (rows, columns) = size, shape
    for p in range(len(row_phases)):
        y = top + row_phases[p]
        first, last = inside(y, stride[0], H, rows)
        for q in range(len(column_phases)):
            x = left + column_phases[q]
            start, stop = inside(x, stride[1], W, columns)
            corner = at + (y + first * stride[0]) * W + x + start * stride[1]
            into, part = place + first * columns + start, (last - first, stop - start)
            copy_block(image, corner, stride[0] * W, stride[1], flat, into, columns, part)
            place += rows * columns


@fused
def copy_planes(
    images: Array,
    at: int,
    count: int,
    size: tuple[int, int, int],
    planes: Array,
    top: int,
    left: int,
    stride: tuple[int, int],
    row_phases: Array,
    column_phases: Array,
    flat: Array,
    shape: tuple[int, int, int, int, int, int],
) -> None:
    """Copy a tile of each plane that the taps along the outer axes read, of some channels.

    Parameters
    ----------
    images : ndarray, 1-D
    at : int
        Index of the first pixel of the first channel.
    count : int
        Channels.
    size : (int, int, int)
        Planes of a channel, and their height and width.
    planes : ndarray of int, shape (K,)
        For each tap along the outer axes, the plane it reads; negative: padding.
    flat : ndarray, 1-D
        Begins with the tile.
    shape : tuple of int
        Of the tile: channels, K, row phases, column phases, rows, columns.
    """
    (D, H, W), place = size, 0
    length = shape[2] * shape[3] * shape[4] * shape[5]
    for c in range(count):
        for plane in planes:
            if plane < 0:
                fill(flat[place : place + length], 0)
            else:
                pixel = at + (c * D + plane) * H * W
                copy_pixels(
                    images, pixel, (H, W), top, left, stride, row_phases, column_phases,
                    flat, place, (shape[4], shape[5]),
                )  # fmt: skip
            place += length


@fused
def sum_taps(
    flat: Array,
    starts: Array,
    taps: int,
    weights: Array,
    first: int,
    step: int,
    last: int,
    sums: Array,
    place: int,
    rows: tuple[int, ...],
    count: int,
) -> None:
    """Add what taps read, times their weights, to some rows of sums.

    Parameters
    ----------
    flat : ndarray, 1-D
    starts : ndarray of int
        Where in ``flat`` a tap reads the number for the first sum of a row.
    taps : int
        At least 1.
    weights : ndarray, 1-D
        From index ``first`` on, a weight for each tap; ``step`` further those for the next row.
    last : int
        The last row, counted from 0, that has weights of its own; others repeat its weights.
    sums : ndarray, 1-D
    place : int
        Index of the first sum.
    rows : tuple of int
        From there to each row.
    count : int
        Sums of a row. What ``flat`` and the rows contain beyond, up to a whole vector, is read,
        and overwritten.
    """
    x, wide, narrow = 0, vectors.wide(flat, rows), vectors.narrow(flat, rows)
    while x + wide <= count:
        vectors.add_taps_wide(
            flat, x, starts, taps, weights, first, step, last, sums, place + x, rows
        )
        x += wide
    while x < count:
        vectors.add_taps_narrow(
            flat, x, starts, taps, weights, first, step, last, sums, place + x, rows
        )
        x += narrow


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
    shape: tuple[int, int, int, int, int, int],
    rows: tuple[int, ...],
    pitch: int,
    part: tuple[int, int, int, int, int, int],
    flat: Array,
    sums: Array,
    result: Array,
) -> None:
    """Convolve tile by tile.

    Parameters
    ----------
    images : ndarray, shape (N, G, C, D, H, W)
        D planes, of all axes but the last two.
    kernels : ndarray, shape (G, O, C, T)
        T taps a channel: along the outer axes, and in the plane.
    biases : ndarray, shape (G, O)
    planes : ndarray of int, shape (D_out, K)
        For each plane of the output and each tap along the outer axes, the plane that is read;
        negative: padding.
    starts : ndarray of int, shape (channels of a tile * T,)
        Where in a tile a tap reads the number for the first output.
    before : (int, int)
        Padding at the top and on the left.
    stride : (int, int)
    row_phases, column_phases : ndarray of int
        Remainders modulo the stride that some tap reads.
    size : (int, int)
        Rows and columns of the output of a tile.
    shape : tuple of int
        Of a tile: channels, K, row phases, column phases, rows, and P numbers of a row.
    rows : tuple of int
        From the first row of sums of a block of kernels to each of them.
    pitch : int
        From a row of sums to the next.
    part : tuple of int
        What is computed: first and last, exclusive, of groups of all images, of rows of the
        output, and of kernels of a group, in whole tiles and blocks.
    flat : ndarray, 1-D
        Scratch memory for a tile, and `BEYOND` bytes.
    sums : ndarray, 1-D
        Scratch memory for the sums of whole blocks.
    result : ndarray, shape (N, G, O, D_out, H_out, W_out)
        Overwritten.
    """
    _, G, C, D, H, W = images.shape
    O, D_out, H_out, W_out = result.shape[2:]
    T, channels, P = kernels.shape[3], shape[0], shape[5]
    pixels, weights, outputs = images.ravel(), kernels.ravel(), result.ravel()
    group_from, group_to, row_from, row_to, o_from, o_to = part
    for first in range(row_from, row_to, size[0]):
        count = min(size[0], row_to - first)
        for left in range(0, W_out, size[1]):
            width = min(size[1], W_out - left)
            positions = (count - 1) * P + width
            y, x = first * stride[0] - before[0], left * stride[1] - before[1]
            fill(flat, 0)  # padding is the same for all planes
            for group in range(group_from, group_to):  # of all images
                for d in range(D_out):
                    for o in range(o_from, o_to):
                        fill(sums[o * pitch : o * pitch + positions], biases[group % G, o])
                    for c in range(0, C, channels):
                        some = min(channels, C - c)
                        image = (group * C + c) * D * H * W
                        copy_planes(
                            pixels, image, some, (D, H, W), planes[d],
                            y, x, stride, row_phases, column_phases, flat, shape,
                        )  # fmt: skip
                        for o in range(o_from, o_to, len(rows)):
                            kernel = ((group % G * O + o) * C + c) * T
                            sum_taps(
                                flat, starts, some * T, weights, kernel, C * T, O - 1 - o,
                                sums, o * pitch, rows, positions,
                            )  # fmt: skip
                    for o in range(o_from, o_to):
                        plane = (group * O + o) * D_out + d
                        at = (plane * H_out + first) * W_out + left
                        copy_block(sums, o * pitch, P, 1, outputs, at, W_out, (count, width))


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
    shape: tuple[int, int, int, int, int, int],
    flat: Array,
    sums: Array,
    result: Array,
) -> None:
    """Add up the gradient of the weight tile by tile; as `convolve`, with two differences.

    Parameters
    ----------
    grads : ndarray, shape (N, G, O, D_out, H_out, W_out)
        Gradient of the output.
    result : ndarray, shape (G, O, C, T)
        Added to. What a run reads between two rows is multiplied by zeros.
    """
    N, G, C, D, H, W = images.shape
    O, D_out, H_out, W_out = grads.shape[2:]
    T, channels, P = result.shape[3], shape[0], shape[5]
    pixels, gradients, products = images.ravel(), grads.ravel(), result.ravel()
    for first in range(0, H_out, size[0]):
        count = min(size[0], H_out - first)
        for left in range(0, W_out, size[1]):
            width = min(size[1], W_out - left)
            run = sums[: (count - 1) * P + width]
            y, x = first * stride[0] - before[0], left * stride[1] - before[1]
            fill(flat, 0)
            fill(sums, 0)
            for n in range(N):
                for g in range(G):
                    for d in range(D_out):
                        for c in range(0, C, channels):
                            some = min(channels, C - c)
                            image = ((n * G + g) * C + c) * D * H * W
                            copy_planes(
                                pixels, image, some, (D, H, W), planes[d],
                                y, x, stride, row_phases, column_phases, flat, shape,
                            )  # fmt: skip
                            for o in range(O):
                                plane = ((n * G + g) * O + o) * D_out + d
                                at = (plane * H_out + first) * W_out + left
                                copy_block(gradients, at, W_out, 1, sums, 0, P, (count, width))
                                kernel = ((g * O + o) * C + c) * T
                                part, t = products[kernel : kernel + some * T], 0
                                while t + 9 <= some * T:
                                    dot_nine(run, flat, starts, t, part)
                                    t += 9
                                while t < some * T:
                                    dot_one(run, flat, starts, t, part)
                                    t += 1
