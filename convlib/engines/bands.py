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


def bands(spec: ConvSpec, most: int) -> Iterator[Band]:
    """Cut a convolution into bands that read and write no more than ``most`` numbers each.

    An axis is cut only where single positions of those before it are too many. A band has at
    least one position.

    Examples
    --------
    >>> spec = ConvSpec.of((1, 1, 9, 5), (1, 1, 3, 3), padding=1)
    >>> for band in bands(spec, most=60):
    ...     print(band.reads[0], band.writes[0], band.spec.padding[0])
    slice(0, 6, None) slice(0, 5, None) (1, 0)
    slice(4, 9, None) slice(5, 9, None) (0, 1)
    """
    sizes, images = band_size(spec, most)
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


def band_size(spec: ConvSpec, most: int) -> tuple[Sizes, int]:
    """Positions of a band along each axis of the output, and its images."""

    def numbers(sizes: Sizes) -> int:
        """Count what positions of the output read and write, of all channels of an image."""
        read = (
            min(axis.size, (size - 1) * axis.stride + axis.reach)
            for axis, size in zip(spec.axes, sizes, strict=True)
        )
        return spec.in_channels * math.prod(read) + spec.out_channels * math.prod(sizes)

    sizes = spec.output_size
    for axis, out in enumerate(sizes):
        before, after = sizes[:axis], sizes[axis + 1 :]
        fits = bisect.bisect_right(
            range(1, out + 1), most, key=lambda size: numbers((*before, size, *after))
        )
        if fits == out:
            break
        count = -(-out // max(1, fits))  # bands, as even as possible
        sizes = (*before, -(-out // count), *after)
        if fits:
            break
    whole = sizes == spec.output_size
    return sizes, max(1, most // numbers(sizes)) if whole else 1
