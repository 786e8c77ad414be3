"""Direct convolution by compiled loops: for groups of few channels, as in depthwise layers.

Each output is a sum over the taps, as in the definition; no matrix is built. Needs numba.
"""

import math
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from convlib.arguments import Array
from convlib.engines import compiled, rows
from convlib.engines.bands import bands
from convlib.engines.engine import Engine
from convlib.engines.tiles import CACHED_PLANS, plane_index
from convlib.engines.workspace import Workspace
from convlib.spec import Axis, ConvSpec

COPIED = 1 << 22  # bytes of a band whose input is copied first, because of its layout
TILE = 1 << 17  # bytes of the input that are copied at a time
LEAST = 64  # columns of a tile, if there are so many
RUN = 1 << 15  # bytes of the outputs that are computed at a time, in the first cache

# Nanoseconds, in the unit of `convlib.engines.cost`.
TAP = 0.045  # a tap of a float32 output
ROW = 10  # a row that is copied or written
RUNS = 50  # nine taps of a run


class Plan(NamedTuple):
    """What the loops need to know of a convolution, in the order of their parameters."""

    planes: Array
    starts: Array
    before: tuple[int, int]
    stride: tuple[int, int]
    row_phases: Array
    column_phases: Array
    size: tuple[int, int]  # of a tile


class Layout(NamedTuple):
    """A plan, and the shapes of its scratch memory."""

    plan: Plan
    tiles: tuple[int, ...]
    sums: tuple[int]


@lru_cache(maxsize=CACHED_PLANS)
def layout(spec: ConvSpec) -> Layout:
    """Plan a convolution of two or more axes.

    The rows and columns of a tile are sorted by their remainders modulo the stride; then what
    a tap reads is contiguous. Remainders that no tap reads are left out.

    Examples
    --------
    >>> spec = ConvSpec.of((1, 1, 9, 9), (1, 1, 3, 3), stride=2)
    >>> layout(spec).tiles  # rows 0 2 4 6 8 and 1 3 5 7 of 5 numbers
    (1, 1, 2, 2, 5, 5)
    >>> layout(spec).plan.starts.tolist()
    [0, 25, 1, 50, 75, 51, 5, 30, 6]
    """
    *outer, height, width = spec.axes
    row_phases, row_taps = sorted_taps(height)
    column_phases, column_taps = sorted_taps(width)
    down, right = (max(place for _, place in taps) for taps in (row_taps, column_taps))
    K = math.prod(axis.kernel_size for axis in outer)
    planes = spec.group_inputs * K * len(row_phases) * len(column_phases)
    most = TILE // (planes * spec.itemsize)  # numbers of a plane
    columns = even_part(width.output_size, max(LEAST, most // (1 + down) - right))
    P = columns + right
    rows = even_part(height.output_size, most // P - down)
    shape = spec.group_inputs, K, len(row_phases), len(column_phases), rows + down, P
    starts = [
        np.ravel_multi_index((c, k, p, q, row, column), shape)
        for c in range(spec.group_inputs)
        for k in range(K)
        for p, row in row_taps
        for q, column in column_taps
    ]
    several = min(rows, max(1, RUN // (P * spec.itemsize)))
    plan = Plan(
        read_planes(tuple(outer)),
        np.array(starts),
        (height.before, width.before),
        (height.stride, width.stride),
        np.array(row_phases),
        np.array(column_phases),
        (rows, columns),
    )
    return Layout(plan, shape, (several * P,))


def even_part(length: int, most: int) -> int:
    """Cut a length into parts of at most ``most``, at least 1, as even as possible.

    Examples
    --------
    >>> even_part(10, most=6)
    5
    """
    count = -(-length // max(1, most))
    return -(-length // count)


def sorted_taps(axis: Axis) -> tuple[list[int], list[tuple[int, int]]]:
    """Remainders modulo the stride that taps read, and for each tap which one, and its place.

    Examples
    --------
    >>> sorted_taps(Axis(size=9, kernel_size=3, stride=2))
    ([0, 1], [(0, 0), (1, 0), (0, 1)])
    """
    positions = [i * axis.dilation for i in range(axis.kernel_size)]
    phases = sorted({position % axis.stride for position in positions})
    return phases, [
        (phases.index(position % axis.stride), position // axis.stride) for position in positions
    ]


def read_planes(outer: tuple[Axis, ...]) -> Array:
    """For each place of the output along some axes and each tap, the plane that it reads.

    Planes are counted in the order of the memory; -1 is padding.

    Examples
    --------
    >>> read_planes((Axis(size=3, kernel_size=2, padding=(1, 0)),))
    array([[-1,  0],
           [ 0,  1],
           [ 1,  2]])
    """
    sizes = tuple(axis.size for axis in outer)
    planes = []
    for place in np.ndindex(*(axis.output_size for axis in outer)):
        for tap in np.ndindex(*(axis.kernel_size for axis in outer)):
            index = plane_index(outer, place, tap)
            planes.append(-1 if index is None else ravel(index, sizes))
    return np.array(planes).reshape(math.prod(axis.output_size for axis in outer), -1)


def ravel(index: tuple[int, ...], sizes: tuple[int, ...]) -> int:
    """Number of a place, counted in the order of the memory; 0 of no axes."""
    return int(np.ravel_multi_index(index, sizes)) if sizes else 0


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Direct convolution of two or more axes, tile by tile."""
    if not plain(input):
        result = np.empty(spec.output_shape, input.dtype)
        for band in bands(spec, COPIED // spec.itemsize):
            pixels = np.array(input[band.input], order="C")
            result[band.output] = compute(pixels, weight, bias, band.spec)
        return result
    G, O, flat = spec.groups, spec.group_outputs, as_row(spec)
    result = np.empty(flat.output_shape, input.dtype)
    kernels = as_plain(weight).reshape(G, O, -1)
    added = np.zeros(G * O, input.dtype) if bias is None else as_plain(bias)
    pixels = split_planes(input.reshape(flat.input_shape), G)
    operands = kernels, added.reshape(G, O)
    if run("convolve", flat, pixels, operands, split_planes(result, G)):
        return result.reshape(spec.output_shape)
    return rows.compute(input, weight, bias, spec)


def weight_gradient(input: Array, grad_output: Array, spec: ConvSpec) -> Array | None:
    """Gradient of the weight, tile by tile; None if it cannot be compiled."""
    if not (plain(input) and plain(grad_output)):
        total = np.zeros(spec.weight_shape, input.dtype)
        for band in bands(spec, COPIED // spec.itemsize):
            pixels = np.array(input[band.input], order="C")
            grads = np.array(grad_output[band.output], order="C")
            part = weight_gradient(pixels, grads, band.spec)
            if part is None:
                return None
            total += part
        return total
    G, flat = spec.groups, as_row(spec)
    result = np.zeros((G, spec.group_outputs, spec.weights // spec.out_channels), input.dtype)
    pixels = split_planes(input.reshape(flat.input_shape), G)
    grads = split_planes(grad_output.reshape(flat.output_shape), G)
    done = run("weight_gradient", flat, pixels, (grads,), result)
    return result.reshape(spec.weight_shape) if done else None


def plain(array: Array) -> bool:
    """Whether the loops can read an array; for each other layout numba would compile them again."""
    flags = array.flags
    return flags.c_contiguous and flags.aligned and flags.writeable


def as_plain(array: Array) -> Array:
    """Return an array that the loops can read, a copy if need be."""
    return np.require(array, requirements=["C", "A", "W"])


@lru_cache(maxsize=CACHED_PLANS)
def as_row(spec: ConvSpec) -> ConvSpec:
    """Turn a column, one pixel wide, into a row, whose neighbours are one run of memory.

    Examples
    --------
    >>> as_row(ConvSpec.of((1, 1, 9), (1, 1, 3)).as_column()).size
    (1, 9)
    """
    *outer, height, width = spec.axes
    one_pixel = width.size == width.kernel_size == 1 and not any(width.padding)
    return replace(spec, axes=(*outer, width, height)) if one_pixel else spec


def run(
    name: str, spec: ConvSpec, images: Array, operands: tuple[Array, ...], result: Array
) -> bool:
    """Call one of the loops with its plan and scratch memory; return whether it was possible."""
    plan, tiles, sums = layout(spec)
    with Workspace() as space:
        scratch = space.arrays(images.dtype, tiles, sums)
        return compiled.call(name, images, *operands, *plan, *scratch, result)


def split_planes(array: Array, groups: int) -> Array:
    """View an array (N, C, *outer, H, W) as (N, groups, C // groups, planes, H, W)."""
    N, C, *outer, H, W = array.shape
    return array.reshape(N, groups, C // groups, math.prod(outer), H, W)


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite without numba, and for a single axis."""
    if len(spec.axes) < 2 or not compiled.available():
        return math.inf
    spec = as_row(spec)
    *outer, (H_out, W_out) = *spec.output_size[:-2], spec.output_size[-2:]
    planes = spec.batch * math.prod(outer)
    taps = spec.weights // spec.out_channels
    read = spec.groups * taps // math.prod(spec.kernel_size[-2:])  # planes for one of the output
    row_count = read * min(spec.kernel_size[-2], spec.stride[-2]) + spec.out_channels
    run = taps * (TAP * spec.itemsize / 4 * H_out * W_out + RUNS / 9)
    return compiled.START + planes * (spec.out_channels * run + ROW * H_out * row_count)


ENGINE = Engine(
    "direct",
    compute,
    cost,
    tiled=True,
    needs="numba, two axes or more",
)
