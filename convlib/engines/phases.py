"""The gradient of the input as convolutions, one for each remainder modulo the stride."""

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache
from types import EllipsisType
from typing import NamedTuple

from convlib.spec import Axis, ConvSpec, Sizes, clip


class Phase(NamedTuple):
    """The pixels of an axis that the same taps read, and the convolution that sends to them."""

    pixels: slice  # of the input, every stride-th
    taps: slice  # of the kernel, the last first
    reads: slice  # of the output
    start: int  # of the output, where the convolution starts; negative in the padding
    axis: Axis


def phases(axis: Axis, out: int) -> Iterator[Phase]:
    """Split the pixels of an axis that windows can read by their remainder modulo the stride.

    The gradient of the pixels of a phase is a convolution of the gradient of the first ``out``
    windows with every ``stride / gcd(stride, dilation)``-th tap, flipped.

    Examples
    --------
    >>> for phase in phases(Axis(size=6, kernel_size=3, stride=2), out=2):
    ...     print(phase.pixels, phase.taps, phase.axis.kernel_size)
    slice(0, 6, 2) slice(2, None, -2) 2
    slice(1, 6, 2) slice(1, None, -2) 1
    """
    step = axis.stride // math.gcd(axis.stride, axis.dilation)  # from tap to tap of a phase
    for first in range(min(step, axis.kernel_size)):
        taps = range(first, axis.kernel_size, step)
        pixels = range((first * axis.dilation - axis.before) % axis.stride, axis.size, axis.stride)
        if not pixels:
            continue
        last = taps[-1]
        start = (pixels[0] + axis.before - last * axis.dilation) // axis.stride
        dilation = step * axis.dilation // axis.stride
        span = Axis(0, len(taps), 1, (0, 0), dilation).reach
        reads, padding = clip(start, start + len(pixels) - 1 + span, out)
        yield Phase(
            slice(pixels.start, pixels.stop, pixels.step),
            slice(last, None, -step),
            reads,
            start,
            Axis(reads.stop - reads.start, len(taps), 1, padding, dilation),
        )


class Part(NamedTuple):
    """A phase of every axis: a convolution, and the last axes of the arrays that it uses."""

    pixels: tuple[EllipsisType | slice, ...]  # of the input
    taps: tuple[EllipsisType | slice, ...]
    reads: tuple[EllipsisType | slice, ...]  # of the output
    spec: ConvSpec


@lru_cache(maxsize=256)
def plan_parts(spec: ConvSpec, out: Sizes) -> tuple[tuple[Part, ...], bool]:
    """Plan the gradient of the input from that of ``out`` windows along each axis.

    Returns the parts, and whether they contain every pixel.
    """
    by_axis = [tuple(phases(axis, count)) for axis, count in zip(spec.axes, out, strict=True)]
    channels = spec.batch, spec.out_channels, spec.in_channels, spec.groups
    parts = []
    for chosen in itertools.product(*by_axis):
        pixels, taps, reads, _, axes = zip(*chosen, strict=True)
        part = ConvSpec(*channels, axes, spec.itemsize)
        parts.append(Part((..., *pixels), (..., *taps), (..., *reads), part))
    complete = all(
        len(found) == min(axis.stride, axis.size)
        for axis, found in zip(spec.axes, by_axis, strict=True)
    )
    return tuple(parts), complete


class MergedParts(NamedTuple):
    """All parts as one convolution, with the channels of each part behind those of the last.

    The kernels of the parts are extended by zeros to the same taps.
    """

    pixels: tuple[tuple[EllipsisType | slice, ...], ...]  # of the input, for each part
    taps: tuple[tuple[EllipsisType | slice, ...], ...]
    places: tuple[tuple[EllipsisType | slice, ...], ...]  # of these taps in the merged kernel
    reads: tuple[EllipsisType | slice, ...]  # of the output
    spec: ConvSpec


@lru_cache(maxsize=256)
def merge_parts(spec: ConvSpec, out: Sizes) -> MergedParts | None:
    """Plan the gradient of the input as one convolution; None if taps of parts lie apart."""
    if any(axis.stride % axis.dilation for axis in spec.axes if axis.kernel_size > 1):
        return None
    by_axis = [tuple(phases(axis, count)) for axis, count in zip(spec.axes, out, strict=True)]
    if not all(by_axis):
        return None
    reads, axes, starts = [], [], []
    for found, size in zip(by_axis, out, strict=True):
        start = min(phase.start for phase in found)
        taps = max(phase.start + phase.axis.kernel_size for phase in found) - start
        count = max(phase.axis.output_size for phase in found)
        read, padding = clip(start, start + count - 1 + taps, size)
        reads.append(read)
        starts.append(start)
        axes.append(Axis(read.stop - read.start, taps, 1, padding))
    chosen = list(itertools.product(*by_axis))
    places: list[tuple[EllipsisType | slice, ...]] = []
    for each in chosen:
        offsets = [phase.start - start for phase, start in zip(each, starts, strict=True)]
        ends = zip(offsets, each, strict=True)
        inside = [slice(offset, offset + phase.axis.kernel_size) for offset, phase in ends]
        places.append((..., *inside))
    channels = spec.batch, spec.out_channels, spec.in_channels * len(chosen), spec.groups
    return MergedParts(
        tuple((..., *(phase.pixels for phase in each)) for each in chosen),
        tuple((..., *(phase.taps for phase in each)) for each in chosen),
        tuple(places),
        (..., *reads),
        ConvSpec(*channels, tuple(axes), spec.itemsize),
    )
