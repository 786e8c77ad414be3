"""Tiling for im2col: tiles of the output, and shifted copies of the input that they read.

The input of a tile is copied once for each column of the kernel, in rows as long as those of
the output. Then the pixels that a row of the kernel reads are one contiguous run of memory,
whatever stride and dilation are. Which pixels go where is planned once for a geometry.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from types import EllipsisType
from typing import NamedTuple

import numpy as np

from convlib.arguments import Array
from convlib.engines import workspace
from convlib.engines.workspace import Workspace
from convlib.spec import Axis, ConvSpec

CACHED_PLANS = 128
GROUPED = 1 << 20  # bytes of a tile of several groups: its numbers are read once, from the cache

Index = tuple[int | slice | EllipsisType, ...]
Multiply = Callable[[Array, tuple[int, ...], Array, Array, Array], None]


class Tile(NamedTuple):
    """A part of the output: some rows of some groups of one image."""

    image: int
    groups: slice
    first: int  # row
    height: int


def tiles(
    spec: ConvSpec, per_input_row: int, per_output_row: int, most: int | None = None
) -> Iterator[Tile]:
    """Cut the output into tiles whose scratch memory fits a workspace, if that of a row does.

    ``per_input_row`` and ``per_output_row`` are the numbers of scratch memory that a group
    needs, for each row of the input that is copied and for each row of the output. ``most``
    bytes are used; by default a whole workspace, or less if there are groups.
    """
    (kH, _), (H_out, _) = spec.kernel_size, spec.output_size
    stride, overlap = spec.stride[0], (kH - 1) * spec.dilation[0]
    if most is None:
        most = GROUPED if spec.groups > 1 else workspace.SIZE
    capacity = min(most, workspace.SIZE) // spec.itemsize
    per_group = per_input_row * min(H_out * stride + overlap, H_out * kH) + per_output_row * H_out
    groups = min(spec.groups, max(1, capacity // per_group))
    rows = max(  # adjacent rows of the input, or separate ones for each row of the kernel
        (capacity // groups - per_input_row * overlap) // (per_input_row * stride + per_output_row),
        capacity // groups // (per_input_row * kH + per_output_row),
    )
    rows = min(H_out, max(1, rows))
    rows = -(-H_out // -(-H_out // rows))  # the same number of tiles, as even as possible
    for image in range(spec.batch):
        for group in range(0, spec.groups, groups):
            block = slice(group, min(group + groups, spec.groups))
            for first in range(0, H_out, rows):
                yield Tile(image, block, first, min(rows, H_out - first))


class CopyPlan(NamedTuple):
    """Where `fill_shifted_copies` writes pixels, and where zeros."""

    flat: bool  # whether rows are adjacent in memory, and indexed as one long row
    pixels: tuple[tuple[Index, Index], ...]
    zeros: tuple[Index, ...]


class TilePlan(NamedTuple):
    """What the tiles of some rows of the output read."""

    rows: int  # of the copies
    starts: tuple[int, ...]  # in the flattened copies, where each row of the kernel begins
    copies: CopyPlan


@lru_cache(maxsize=CACHED_PLANS)
def plan_tile(spec: ConvSpec, first: int, count: int, joined: bool = True) -> TilePlan:
    """Plan the shifted copies for ``count`` rows of the output.

    Rows with the same remainder modulo the stride are adjacent, so that each row of the
    kernel reads ``count`` adjacent rows. ``joined`` says whether the rows of the input are
    adjacent in memory.

    Examples
    --------
    >>> spec = ConvSpec.of((1, 1, 9, 9), (1, 1, 3, 3), stride=2)
    >>> plan = plan_tile(spec, first=0, count=4)
    >>> plan.rows, plan.starts  # rows 0 2 4 6 8 1 3 5 7 9, each of 4 numbers
    (10, (0, 20, 4))
    """
    stride, dilation, taps = spec.stride[0], spec.dilation[0], range(spec.kernel_size[0])
    top, W_out = first * stride, spec.output_size[1]
    remainders = sorted({i * dilation % stride for i in taps})
    deep = count + taps[-1] * dilation // stride  # rows of each remainder
    if deep * len(remainders) <= count * len(taps):
        rows = [range(top + rest, top + rest + deep * stride, stride) for rest in remainders]
        starts = [
            remainders.index(i * dilation % stride) * deep + i * dilation // stride for i in taps
        ]
    else:  # taps so far apart that they share few rows
        tops = [top + i * dilation for i in taps]
        rows = [range(row, row + count * stride, stride) for row in tops]
        starts = [i * count for i in taps]
    flat = joined and spec.stride == (1, 1) and W_out == spec.size[1]
    copies = plan_copies(spec, tuple(rows), flat)
    return TilePlan(sum(map(len, rows)), tuple(start * W_out for start in starts), copies)


@lru_cache(maxsize=CACHED_PLANS)
def plan_copies(spec: ConvSpec, rows: tuple[range, ...], flat: bool) -> CopyPlan:
    """Plan how rows of the padded image, counted from its first zero, are copied."""
    height, width = spec.axes
    H, W, W_out = height.size, width.size, width.output_size
    pixels: list[tuple[Index, Index]] = []
    zeros: list[Index] = []
    for j in range(width.kernel_size):
        start, copy = j * width.dilation, (slice(None), j, slice(None))
        columns = range(start, start + W_out * width.stride, width.stride)
        into_columns, from_columns = pixel_slices(W, width.before, columns)
        top = 0
        for positions in rows:
            into_rows, from_rows = pixel_slices(H, height.before, positions)
            into_rows = slice(top + into_rows.start, top + into_rows.stop)
            bottom = top + len(positions)
            if flat:  # one run; what spills over the ends of rows is overwritten by zeros
                first_pixel = from_rows.start * W + start - width.before
                into, source = contiguous_run(H, W, into_rows, first_pixel)
                pixels.append(((*copy, into), (..., source)))
            else:
                pixels.append(((*copy, into_rows, into_columns), (..., from_rows, from_columns)))
            zeros += [(*copy, slice(top, into_rows.start)), (*copy, slice(into_rows.stop, bottom))]
            top = bottom
        zeros.append((*copy, ..., slice(0, into_columns.start)))
        zeros.append((*copy, ..., slice(into_columns.stop, W_out)))
    kept = [index for index in zeros if index[-1].start < index[-1].stop]  # type: ignore[union-attr]
    return CopyPlan(flat, tuple(pixels), tuple(kept))


def contiguous_run(H: int, W: int, rows: slice, first_pixel: int) -> tuple[slice, slice]:
    """Slices of a flat copy and of a flat image, for whole rows from a pixel on.

    Pixels outside the image are left out.
    """
    count = (rows.stop - rows.start) * W
    first = max(0, -first_pixel)
    last = max(first, min(count, H * W - first_pixel))
    into = slice(rows.start * W + first, rows.start * W + last)
    return into, slice(first_pixel + first, first_pixel + last)


def fill_shifted_copies(image: Array, plan: CopyPlan, copies: Array) -> None:
    """Copy rows of the padded image once for each column of the kernel, shifted.

    Parameters
    ----------
    image : ndarray, shape (g, c, H, W)
    plan : CopyPlan
    copies : ndarray, shape (g, kW, c, rows, W_out)
        Overwritten: ``[g, j, c, r, x]`` becomes what column j of the kernel reads in row r
        for column x of the output.
    """
    into = copies
    if plan.flat:
        image = image.reshape(*image.shape[:2], -1)
        into = copies.reshape(*copies.shape[:3], -1)
    for target, source in plan.pixels:
        into[target] = image[source]
    for target in plan.zeros:
        copies[target] = 0


class CopiedTile(NamedTuple):
    """A tile whose input has been copied."""

    groups: slice
    output: Index  # of the tile, in an array (N, groups, channels, *output_size)
    flat: Array  # shifted copies, (g, columns, c, rows * W_out)
    starts: tuple[int, ...]  # in ``flat``, where each row of the kernel begins
    scratch: Array


def copy_tiles(
    input: Array,
    spec: ConvSpec,
    scratch_shape: Callable[[int, int], tuple[int, ...]],
    per_output_row: int,
    most: int | None = None,
) -> Iterator[CopiedTile]:
    """Copy what a convolution reads, tile by tile, into the same memory again and again.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, *size)
    spec : ConvSpec
        Of two or more axes. A tile lies in one plane, of the last two; taps along the other
        axes count as columns of the kernel.
    scratch_shape : callable
        Shape of the scratch memory of a tile, from numbers of groups and positions.
    per_output_row : int
        Numbers of scratch memory that a group needs for each row of the output.
    most : int, optional
        Bytes of memory of a tile.

    Yields
    ------
    CopiedTile
    """
    G, C, outer = spec.groups, spec.group_inputs, spec.axes[:-2]
    plane = replace(spec, axes=spec.axes[-2:]) if outer else spec
    taps = list(np.ndindex(*spec.kernel_size[:-2]))
    kW, W_out = spec.kernel_size[-1], spec.output_size[-1]
    images = input.reshape(spec.batch, G, C, *spec.size)
    joined = input.strides[-2] == input.strides[-1] * input.shape[-1]
    with Workspace() as space:
        per_input_row = C * len(taps) * kW * W_out
        for image, groups, first, count in tiles(plane, per_input_row, per_output_row, most):
            rows, starts, plan = plan_tile(plane, first, count, joined)
            g = groups.stop - groups.start
            shapes = (g, len(taps), kW, C, rows, W_out), scratch_shape(g, count * W_out)
            copies, scratch = space.arrays(input.dtype, *shapes)
            flat = copies.reshape(g, len(taps) * kW, C, -1)
            for place in np.ndindex(*spec.output_size[:-2]):
                for i, tap in enumerate(taps):
                    read = plane_index(outer, place, tap)
                    if read is None:
                        copies[:, i] = 0
                    else:
                        index: Index = image, groups, slice(None), *read
                        fill_shifted_copies(images[index], plan, copies[:, i])
                output = image, groups, slice(None), *place, slice(first, first + count)
                yield CopiedTile(groups, output, flat, starts, scratch)


def plane_index(
    axes: tuple[Axis, ...], place: tuple[int, ...], tap: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Index along some axes of what a tap reads at a place of the output; None in the padding."""
    rules = zip(axes, place, tap, strict=True)
    index = tuple(p * axis.stride + i * axis.dilation - axis.before for axis, p, i in rules)
    inside = all(0 <= i < axis.size for i, axis in zip(index, axes, strict=True))
    return index if inside else None


def compute_by_tiles(
    multiply: Multiply,
    input: Array,
    bank: Array,
    bias: Array | None,
    spec: ConvSpec,
    scratch_shape: Callable[[int, int], tuple[int, ...]],
) -> Array:
    """Compute a convolution of two or more axes tile by tile.

    Parameters
    ----------
    multiply : callable
        Called for each tile with the shifted copies, shape (g, columns, c, rows * W_out);
        where in their last axis each row of the kernel begins; the weights of the groups;
        scratch memory; and the result to overwrite, shape (g, o, positions).
    input : ndarray, shape (N, C_in, *size)
    bank : ndarray, shape (groups, ...)
        The weights in the order that ``multiply`` needs.
    bias : ndarray, shape (C_out,), or None
    spec : ConvSpec
    scratch_shape : callable
        Shape of the scratch memory of ``multiply``, from numbers of groups and positions.

    Returns
    -------
    ndarray, shape (N, C_out, *output_size)
    """
    G, O = spec.groups, spec.group_outputs
    result = np.empty((spec.batch, G, O, *spec.output_size), input.dtype)
    biases = None if bias is None else bias.reshape(G, O, 1)
    per_output_row = math.prod(scratch_shape(1, spec.output_size[-1]))
    for tile in copy_tiles(input, spec, scratch_shape, per_output_row):
        part = result[tile.output].reshape(len(tile.flat), O, -1)  # (g, o, positions)
        multiply(tile.flat, tile.starts, bank[tile.groups], tile.scratch, part)
        if biases is not None:
            part += biases[tile.groups]
    return result.reshape(spec.output_shape)


def pixel_slices(size: int, before: int, positions: range) -> tuple[slice, slice]:
    """Slices of positions on a padded axis that are pixels, not padding, and of those pixels.

    Parameters
    ----------
    size : int
        Pixels of the image along the axis.
    before : int
        Padding before the first pixel.
    positions : range
        Positions on the padded axis, counted from its first zero.

    Returns
    -------
    slice, slice
        Of the positions, and of the pixels at those.

    Examples
    --------
    >>> pixel_slices(5, 1, range(0, 7, 2))  # 0 2 4 6 are padding, pixels 1 and 3, padding
    (slice(1, 3, None), slice(1, 4, 2))
    """
    step = positions.step
    first = min(len(positions), max(0, -((positions.start - before) // step)))
    last = max(first, min(len(positions), (size - 1 + before - positions.start) // step + 1))
    pixel = positions.start + first * step - before
    length = max(0, (last - first - 1) * step + 1)
    return slice(first, last), slice(pixel, pixel + length, step)
