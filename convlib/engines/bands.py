"""Bands: parts of the output, computed one after the other so that scratch memory is bounded."""

import bisect
import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from convlib.spec import ConvSpec, Sizes


class Band(NamedTuple):
    """A part of the output of a convolution, which is a convolution of its own."""

    images: slice
    reads: tuple[slice, ...]  # of the input, along each axis
    writes: tuple[slice, ...]  # of the output, along each axis
    spec: ConvSpec

    @property
    def input(self) -> tuple[slice, ...]:
        """Index of the pixels that the band reads, in an input (N, C_in, *size)."""
        return self.images, slice(None), *self.reads

    @property
    def output(self) -> tuple[slice, ...]:
        """Index of the band in an output (N, C_out, *output_size)."""
        return self.images, slice(None), *self.writes


def bands(spec: ConvSpec, most: int, copied: bool = True) -> Iterator[Band]:
    """Cut a convolution into bands that write, and read if that is copied, ``most`` numbers.

    An axis is cut only where cutting those before it is not enough. Along each axis a band
    is at least as long as the reach of the kernel, so that neighbours do not read most of their
    pixels twice; therefore a band may be larger than ``most``.

    Examples
    --------
    >>> spec = ConvSpec.of((1, 1, 9, 5), (1, 1, 3, 3), padding=1)
    >>> for band in bands(spec, most=60):
    ...     print(band.reads[0], band.writes[0], band.spec.padding[0])
    slice(0, 6, None) slice(0, 5, None) (1, 0)
    slice(4, 9, None) slice(5, 9, None) (0, 1)
    """
    sizes, images = band_size(spec, most, copied)
    if sizes == spec.output_size and images >= spec.batch > 0:
        every = slice(None)
        yield Band(every, (every,) * len(sizes), (every,) * len(sizes), spec)
        return
    starts = (range(0, out, size) for out, size in zip(spec.output_size, sizes, strict=True))
    for image, *firsts in itertools.product(range(0, spec.batch, images), *starts):
        batch = slice(image, min(image + images, spec.batch))
        writes = [
            slice(first, min(first + size, out))
            for first, size, out in zip(firsts, sizes, spec.output_size, strict=True)
        ]
        parts = [
            axis.part(write.start, write.stop - write.start)
            for axis, write in zip(spec.axes, writes, strict=True)
        ]
        reads, axes = zip(*parts, strict=True)
        part = replace(spec, batch=batch.stop - batch.start, axes=axes)
        yield Band(batch, reads, tuple(writes), part)


def band_size(spec: ConvSpec, most: int, copied: bool) -> tuple[Sizes, int]:
    """Positions of a band along each axis of the output, and its images."""

    def numbers(sizes: Sizes) -> int:
        """Count what positions of the output write and read, of all channels of an image."""
        read = (
            axis.size if size == axis.output_size else (size - 1) * axis.stride + axis.reach
            for axis, size in zip(spec.axes, sizes, strict=True)
        )
        reads = spec.in_channels * math.prod(read) if copied else 0
        return reads + spec.out_channels * math.prod(sizes)

    sizes = spec.output_size
    for i, (axis, out) in enumerate(zip(spec.axes, sizes, strict=True)):
        before, after = sizes[:i], sizes[i + 1 :]
        fitting = bisect.bisect_right(
            range(1, out + 1), most, key=lambda size: numbers((*before, size, *after))
        )
        least = -(-axis.reach // axis.stride) if copied else 1
        count = -(-out // max(least, fitting))  # bands, as even as possible
        sizes = (*before, -(-out // count), *after)
        if fitting >= least:
            break
    whole = sizes == spec.output_size
    return sizes, max(1, most // numbers(sizes)) if whole else 1
