"""The input in tiles, each written once for every column of the kernel.

Written so, into rows as long as the output's, what a row of the kernel reads is one flat
piece of memory, whatever stride and dilation are. Where everything goes is planned once for
a geometry, in integers.
"""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import EllipsisType
from typing import NamedTuple

import numpy as np

from convlib.checks import Array
from convlib.engines.workspace import SIZE, Workspace
from convlib.problem import Problem

PLANS = 256  # plans that are kept

Index = tuple[int | slice | EllipsisType, ...]
Multiply = Callable[[Array, tuple[int, ...], Array, Array, Array], None]


class Tile(NamedTuple):
    """A piece of the output: of one image, some groups, some rows."""

    image: int
    groups: slice
    first: int
    height: int


def tiles(problem: Problem, copied: int, spare: int) -> Iterator[Tile]:
    """Cut the output into tiles whose memory is that of a workspace, if a row's is.

    ``copied`` and ``spare`` say how many numbers a group takes, for each row of the input
    that is copied and for each row of the output.
    """
    (kH, _), (height, _) = problem.kernel_size, problem.output_size
    stride, more = problem.stride[0], (kH - 1) * problem.dilation[0]  # rows more than steps
    most = SIZE // problem.itemsize
    groups = most // (copied * (height * stride + more) + spare * height)
    groups = min(problem.groups, max(1, groups))
    rows = (most // groups - copied * more) // (copied * stride + spare)
    rows = min(height, max(1, rows))
    rows = -(-height // -(-height // rows))  # as even as can be
    for image in range(problem.batch):
        for group in range(0, problem.groups, groups):
            block = slice(group, min(group + groups, problem.groups))
            for first in range(0, height, rows):
                yield Tile(image, block, first, min(rows, height - first))


class Moves(NamedTuple):
    """How `spread` fills its copies: which pixels go where, and where zeros stay."""

    flat: bool  # indices of rows that follow one another in memory, seen as one long row
    pixels: tuple[tuple[Index, Index], ...]
    zeros: tuple[Index, ...]


class Plan(NamedTuple):
    """What the tiles of some rows of the output read."""

    lines: int  # rows of the copies
    starts: tuple[int, ...]  # where in the copies, seen flat, each row of the kernel begins
    moves: Moves


@lru_cache(maxsize=PLANS)
def plan(problem: Problem, first: int, count: int) -> Plan:
    """Plan the copies for ``count`` rows of the output.

    Rows with the same remainder by the stride stand together, so that each row of the
    kernel reads ``count`` rows that follow one another.

    Examples
    --------
    >>> problem = Problem(1, 1, 1, 1, (9, 9), (3, 3), (2, 2), ((0, 0),) * 2, (1, 1), (4, 4), 4)
    >>> made = plan(problem, first=0, count=4)
    >>> made.lines, made.starts  # rows 0 2 4 6 8 1 3 5 7 9, each of 4 numbers
    (10, (0, 20, 4))
    """
    step, hole, taps = problem.stride[0], problem.dilation[0], range(problem.kernel_size[0])
    begin, W_out = first * step, problem.output_size[1]
    remainders = sorted({i * hole % step for i in taps})
    deep = count + taps[-1] * hole // step
    if deep * len(remainders) <= count * len(taps):
        rows = [range(begin + rest, begin + rest + deep * step, step) for rest in remainders]
        starts = [remainders.index(i * hole % step) * deep + i * hole // step for i in taps]
    else:  # taps so far apart that they share few rows
        tops = [begin + i * hole for i in taps]
        rows = [range(top, top + count * step, step) for top in tops]
        starts = [i * count for i in taps]
    flat = problem.stride == (1, 1) and W_out == problem.size[1]
    made = moves(problem, tuple(rows), flat)
    return Plan(sum(map(len, rows)), tuple(start * W_out for start in starts), made)


@lru_cache(maxsize=PLANS)
def moves(problem: Problem, rows: tuple[range, ...], flat: bool) -> Moves:
    """Plan how rows of the padded image, counted from its first zero, are copied."""
    (H, W), ((top, _), (left, _)) = problem.size, problem.frame
    (_, step), (_, hole), (_, W_out) = problem.stride, problem.dilation, problem.output_size
    pixels: list[tuple[Index, Index]] = []
    zeros: list[Index] = []
    for j in range(problem.kernel_size[1]):
        at, begin, here = 0, j * hole, (slice(None), j, slice(None))
        across, columns = inside(W, left, range(begin, begin + W_out * step, step))
        for places in rows:
            down, lines = inside(H, top, places)
            down, end = slice(at + down.start, at + down.stop), at + len(places)
            if flat:  # in one run; what slips over the ends of rows is overwritten by zeros
                run, source = one_run(H, W, down, lines.start * W + begin - left)
                pixels.append(((*here, run), (..., source)))
            else:
                pixels.append(((*here, down, across), (..., lines, columns)))
            zeros += [(*here, slice(at, down.start)), (*here, slice(down.stop, end))]
            at = end
        zeros += [(*here, ..., slice(0, across.start)), (*here, ..., slice(across.stop, W_out))]
    kept = [index for index in zeros if index[-1].start < index[-1].stop]  # type: ignore[union-attr]
    return Moves(flat, tuple(pixels), tuple(kept))


def one_run(H: int, W: int, down: slice, pixel: int) -> tuple[slice, slice]:
    """Cut whole rows, from a pixel on, to what lies on the image."""
    count = (down.stop - down.start) * W
    first = max(0, -pixel)
    last = max(first, min(count, H * W - pixel))
    into = slice(down.start * W + first, down.start * W + last)
    return into, slice(pixel + first, pixel + last)


def spread(image: Array, made: Moves, copies: Array) -> None:
    """Write rows of the padded image, once for each column of the kernel.

    Parameters
    ----------
    image : ndarray, shape (g, c, H, W)
    made : Moves
    copies : ndarray, shape (g, kW, c, rows, W_out)
        Overwritten: ``[g, j, c, r, x]`` becomes what column j of the kernel reads in row r
        for column x of the output.
    """
    into = copies
    if made.flat:
        image = image.reshape(*image.shape[:2], -1)
        into = copies.reshape(*copies.shape[:3], -1)
    for place, pixels in made.pixels:
        into[place] = image[pixels]
    for place in made.zeros:
        copies[place] = 0


def by_tiles(
    multiply: Multiply,
    input: Array,
    bank: Array,
    bias: Array | None,
    problem: Problem,
    spare: Callable[[int, int], tuple[int, ...]],
) -> Array:
    """Make the output tile by tile.

    Parameters
    ----------
    multiply : callable
        Called with ``flat``, ``starts``, ``bank``, ``spare``, ``result`` of a tile: what
        `spread` writes, shape (g, kW, c, rows*W_out); for each row of the kernel where in
        the last axis it begins; the weights of the groups; memory; and what to overwrite,
        shape (g, o, places).
    input : ndarray, shape (N, C_in, H, W)
    bank : ndarray, shape (groups, ...)
        The weights, as ``multiply`` wants them.
    bias : ndarray, shape (C_out,), or None
    problem : Problem
    spare : callable
        Says of groups and places of the output which shape of memory ``multiply`` wants.

    Returns
    -------
    ndarray, shape (N, C_out, H_out, W_out)
    """
    G, C, O = problem.groups, problem.group_inputs, problem.group_outputs
    (_, kW), (H_out, W_out) = problem.kernel_size, problem.output_size
    images = input.reshape(problem.batch, G, C, *problem.size)
    result = np.empty((problem.batch, G, O, H_out * W_out), input.dtype)
    biases = None if bias is None else bias.reshape(G, O, 1)
    with Workspace() as space:
        for image, groups, first, count in tiles(
            problem, C * kW * W_out, math.prod(spare(1, W_out))
        ):
            lines, starts, made = plan(problem, first, count)
            g = groups.stop - groups.start
            copied = (g, kW, C, lines, W_out)
            copies, memory = space.arrays(input.dtype, copied, spare(g, count * W_out))
            spread(images[image, groups], made, copies)
            part = result[image, groups, :, first * W_out : (first + count) * W_out]
            multiply(copies.reshape(g, kW, C, -1), starts, bank[groups], memory, part)
            if biases is not None:
                part += biases[groups]
    return result.reshape(problem.batch, problem.out_channels, H_out, W_out)


def inside(size: int, before: int, places: range) -> tuple[slice, slice]:
    """Say which of some places on a padded axis lie on the image, and on which pixels.

    Parameters
    ----------
    size : int
        Pixels of the image along the axis.
    before : int
        Zeros in front of them.
    places : range
        Places on the padded axis, counted from the first zero.

    Returns
    -------
    slice, slice
        Of the places, and of the pixels that lie there.

    Examples
    --------
    >>> inside(5, 1, range(0, 7, 2))  # places 0 2 4 6 are a zero, pixels 1 and 3, a zero
    (slice(1, 3, None), slice(1, 4, 2))
    """
    first = min(len(places), max(0, -((places.start - before) // places.step)))
    last = max(first, min(len(places), (size - 1 + before - places.start) // places.step + 1))
    pixel = places.start + first * places.step - before
    length = max(0, (last - first - 1) * places.step + 1)
    return slice(first, last), slice(pixel, pixel + length, places.step)
