"""Direct convolution by compiled loops: no matrix is built. Needs numba.

Each output is a sum over the taps, as in the definition. The input is copied tile by tile, so
that what a tap reads, for all outputs of a tile, is one run of memory.
"""

import itertools
import math
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from convlib.arguments import Array
from convlib.engines import compiled, rows, threads
from convlib.engines.bands import bands
from convlib.engines.engine import Engine
from convlib.engines.tiles import CACHED_PLANS, plane_index
from convlib.engines.workspace import Workspace
from convlib.spec import Axis, ConvSpec

COPIED = 1 << 22  # bytes of a band whose input is copied first, because of its layout
TILE = 1 << 17  # bytes of the input that are copied at a time
SUMS = 1 << 19  # bytes of the outputs that are computed at a time
LEAST = 64  # outputs of each kernel at a time, and columns of a tile, if there are so many
BEYOND = 64  # bytes that the loops may read and write beyond their scratch memory: one vector
BLOCKS = 1, 2, 4, 8  # kernels that the loops compute at a time
PART = 100_000  # estimated nanoseconds of a part, for which another thread is worth while

# Nanoseconds, in the unit of `convlib.engines.cost`.
TAP = 0.018  # a tap of an output, if many kernels are computed at a time
ALONE = 0.6  # how much longer a tap takes if a single kernel is computed
MOVED = 0.1  # a number that is copied into a tile, or from the sums into the output
ROW = 5  # a row that is copied
PRODUCT = 0.045  # a tap of an output, of the gradient of the weight
RUNS = 5  # a tap of a run, of that gradient


class Plan(NamedTuple):
    """What the loops need to know of a convolution, in the order of their parameters."""

    planes: Array
    starts: Array
    before: tuple[int, int]
    stride: tuple[int, int]
    row_phases: Array
    column_phases: Array
    size: tuple[int, int]  # of the output of a tile
    shape: tuple[int, ...]  # of a tile


class Layout(NamedTuple):
    """A plan, the layout of the outputs in scratch memory, and the parts for threads."""

    plan: Plan
    rows: tuple[int, ...]  # from the first row of a block to each of them
    pitch: int  # from a row to the next
    parts: list[tuple[int, ...]]


@lru_cache(maxsize=CACHED_PLANS)
def layout(spec: ConvSpec) -> Layout:
    """Plan a convolution of two or more axes.

    The rows and columns of a tile are sorted by their remainders modulo the stride; then what
    a tap reads is contiguous. Remainders that no tap reads are left out.

    Examples
    --------
    >>> spec = ConvSpec.of((1, 1, 9, 9), (1, 1, 3, 3), stride=2)
    >>> layout(spec).plan.shape  # rows 0 2 4 6 8 and 1 3 5 7 of 5 numbers
    (1, 1, 2, 2, 5, 5)
    >>> layout(spec).plan.starts.tolist()
    [0, 25, 1, 50, 75, 51, 5, 30, 6]
    """
    *outer, height, width = spec.axes
    row_phases, row_taps = sorted_taps(height)
    column_phases, column_taps = sorted_taps(width)
    down, right = reach(height), reach(width)
    rows, columns = tile_size(spec, down)
    P, K = columns + right, math.prod(axis.kernel_size for axis in outer)
    planes = K * len(row_phases) * len(column_phases)
    channel = planes * (rows + down) * P * spec.itemsize
    channels = even_part(spec.group_inputs, TILE // channel)
    shape = channels, K, len(row_phases), len(column_phases), rows + down, P
    plane = np.arange(channels * K)[:, np.newaxis] * math.prod(shape[2:])
    taps = [
        np.ravel_multi_index((p, q, row, column), shape[2:])
        for p, row in row_taps
        for q, column in column_taps
    ]
    plan = Plan(
        read_planes(tuple(outer)),
        (plane + taps).ravel(),
        (height.before, width.before),
        (height.stride, width.stride),
        np.array(row_phases),
        np.array(column_phases),
        (rows, columns),
        shape,
    )
    pitch = rows * P + BEYOND // spec.itemsize
    block_rows = tuple(i * pitch for i in range(block(spec.group_outputs)))
    count = min(threads.available(), int(estimate(spec) / PART))
    return Layout(plan, block_rows, pitch, split(spec, rows, count))


def reach(axis: Axis) -> int:
    """Number of outputs by which the last tap is ahead of the first."""
    return (axis.kernel_size - 1) * axis.dilation // axis.stride


def tile_size(spec: ConvSpec, down: int) -> tuple[int, int]:
    """Rows and columns of the output of a tile, of which a tap reads ``down`` rows below."""
    (H_out, W_out), rows = spec.output_size[-2:], padded_outputs(spec)
    most = max(LEAST, SUMS // (rows * spec.itemsize))
    columns = even_part(W_out, max(LEAST, most // (1 + 4 * down)))
    return even_part(H_out, most // columns), columns


def block(outputs: int) -> int:
    """How many kernels the loops compute at a time: loading costs less, but some may be zeros.

    Examples
    --------
    >>> [block(outputs) for outputs in (1, 2, 3, 5, 6, 7, 8)]
    [1, 2, 4, 2, 2, 8, 8]
    """
    return min(BLOCKS, key=lambda size: -(-outputs // size) * (size + ALONE))


def padded_outputs(spec: ConvSpec) -> int:
    """Kernels of a group, in whole blocks."""
    size = block(spec.group_outputs)
    return -(-spec.group_outputs // size) * size


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
    pixels = split_planes(input.reshape(flat.input_shape), G)
    plan, block_rows, pitch, parts = layout(flat)
    kernels = as_plain(weight).reshape(G, O, spec.group_inputs, -1)
    biases = np.zeros((G, O), input.dtype) if bias is None else as_plain(bias).reshape(G, O)
    operands = pixels, kernels, biases, *plan, block_rows, pitch
    tile, sums = math.prod(plan.shape) + BEYOND // spec.itemsize, padded_outputs(spec) * pitch
    with Workspace() as space:
        scratch = space.arrays(input.dtype, *[(tile,), (sums,)] * len(parts))
        memory = zip(parts, scratch[::2], scratch[1::2], strict=True)
        output = split_planes(result, G)
        calls = [partial(compiled.call, "convolve", *operands, *each, output) for each in memory]
        if all(threads.run(calls)):
            return result.reshape(spec.output_shape)
    return rows.compute(input, weight, bias, spec)


def split(spec: ConvSpec, rows: int, count: int) -> list[tuple[int, ...]]:
    """Cut the work into parts of about equal size, for threads.

    Parameters
    ----------
    spec : ConvSpec
    rows : int
        Rows of the output of a tile.
    count : int
        The most parts; 0 is taken for 1.

    Returns
    -------
    list of tuple
        First and last, exclusive, of groups of all images, of rows, and of kernels of a group.

    Examples
    --------
    >>> dense = ConvSpec.of((1, 8, 20, 20), (32, 8, 3, 3))
    >>> split(dense, rows=9, count=2)  # of the output's 18 rows
    [(0, 1, 0, 9, 0, 32), (0, 1, 9, 18, 0, 32)]
    >>> split(dense, rows=18, count=2)  # a single tile: other kernels
    [(0, 1, 0, 18, 0, 16), (0, 1, 0, 18, 16, 32)]
    """
    H_out, O, groups = spec.output_size[-2], spec.group_outputs, spec.batch * spec.groups
    tiles, kernels = -(-H_out // rows), block(O)
    by_group = max(1, min(count, groups))
    rest = max(1, count) // by_group
    by_row = rest if tiles % rest == 0 or tiles >= 4 * rest else 1
    cuts = (
        ranges(groups, 1, by_group),
        ranges(H_out, rows, by_row),
        ranges(O, kernels, rest // by_row),
    )
    return [tuple(itertools.chain(*each)) for each in itertools.product(*cuts)]


def ranges(length: int, step: int, count: int) -> list[tuple[int, int]]:
    """Cut a length at multiples of a step into at most ``count`` ranges, as even as possible.

    Examples
    --------
    >>> ranges(7, 2, count=2)
    [(0, 4), (4, 7)]
    """
    steps = -(-length // step)
    count = max(1, min(count, steps))
    ends = [min(length, steps * i // count * step) for i in range(count + 1)]
    return list(itertools.pairwise(ends))


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
    taps = math.prod(spec.kernel_size)
    result = np.zeros((G, spec.group_outputs, spec.group_inputs, taps), input.dtype)
    pixels = split_planes(input.reshape(flat.input_shape), G)
    grads = split_planes(grad_output.reshape(flat.output_shape), G)
    plan, _, pitch, _ = layout(flat)
    with Workspace() as space:
        scratch = space.arrays(input.dtype, (math.prod(plan.shape),), (pitch,))
        done = compiled.call("weight_gradient", pixels, grads, *plan, *scratch, result)
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


def split_planes(array: Array, groups: int) -> Array:
    """View an array (N, C, *outer, H, W) as (N, groups, C // groups, planes, H, W)."""
    N, C, *outer, H, W = array.shape
    return array.reshape(N, groups, C // groups, math.prod(outer), H, W)


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite without numba, for a single axis, and for a single tap."""
    if len(spec.axes) < 2 or math.prod(spec.kernel_size) == 1 or not compiled.available():
        return math.inf
    return estimate(spec)


def estimate(spec: ConvSpec) -> float:
    """Estimate nanoseconds of `compute`."""
    positions, moving = work(spec)
    outputs, size = padded_outputs(spec), block(spec.group_outputs)
    taps = spec.weights // spec.out_channels
    products = TAP * (1 + ALONE / size) * outputs * taps * positions
    planes = spec.batch * spec.groups * math.prod(spec.output_size[:-2])
    return compiled.START + planes * (products + moving)


def gradient_cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds of `weight_gradient`; infinite where it cannot be computed."""
    if len(spec.axes) < 2 or not compiled.available():
        return math.inf
    positions, moving = work(spec)
    taps = spec.weights // spec.out_channels
    run = taps * (PRODUCT * positions + RUNS)
    planes = spec.batch * spec.groups * math.prod(spec.output_size[:-2])
    return compiled.START + planes * (spec.group_outputs * run + moving)


def work(spec: ConvSpec) -> tuple[int, float]:
    """Outputs that a kernel computes of a plane, and nanoseconds for all that is copied.

    Between two rows of a tile, outputs are computed that are not used.
    """
    spec = as_row(spec)
    *outer, height, width = spec.axes
    (H_out, W_out), (rows, columns) = spec.output_size[-2:], tile_size(spec, reach(height))
    computed = W_out + -(-W_out // columns) * reach(width)
    copied = H_out + -(-H_out // rows) * reach(height)
    phases = [min(axis.kernel_size, axis.stride) for axis in (height, width)]
    planes = spec.group_inputs * math.prod(axis.kernel_size for axis in outer) * math.prod(phases)
    moved = planes * copied * computed + spec.group_outputs * H_out * W_out
    return H_out * computed, MOVED * moved + ROW * (planes * copied + spec.group_outputs * H_out)


ENGINE = Engine(
    "direct",
    compute,
    cost,
    tiled=True,
    needs="numba, two axes or more, a kernel larger than 1",
)
