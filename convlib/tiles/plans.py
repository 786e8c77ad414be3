"""A plan: the tiles of an output, and the piece of the image that each one needs."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import overload

from convlib.connections import Period

Slices = tuple[slice, ...]  # one for each axis of the image


@dataclass(frozen=True)
class Tile:
    """A part of the output, and the piece of the image from which it is computed.

    Attributes
    ----------
    input : tuple of slice
        Of the image: the piece that the network gets.
    crop : tuple of slice
        Of what the network returns for the piece: the numbers that are kept.
    output : tuple of slice
        Of the whole output: where they belong.
    """

    input: Slices
    crop: Slices
    output: Slices


@dataclass(frozen=True)
class Cut:
    """A tile along one axis: first and last (excluded) pixel and place."""

    input: slice
    crop: slice
    output: slice

    @property
    def size(self) -> int:
        """Pixels of the piece."""
        return int(self.input.stop - self.input.start)


@dataclass(frozen=True)
class Axis:
    """How one axis is divided.

    Attributes
    ----------
    size, count : int
        Pixels of the image, and places of the output.
    tile : int
        Places of a tile.
    period : (int, int)
        Pixels, and places, after which the network repeats: pieces begin at its multiples.
    halo : (int, int)
        Pixels that a piece has before and behind those at the places of its tile, where the tile
        is of whole periods.
    """

    size: int
    count: int
    tile: int
    period: Period
    halo: tuple[int, int]

    def __len__(self) -> int:
        """Return the number of tiles along the axis."""
        return -(-self.count // self.tile)

    def __iter__(self) -> Iterator[Cut]:
        """Yield the tiles along the axis."""
        return map(self.cut, range(len(self)))

    def cut(self, number: int) -> Cut:
        """Return the tile of a number."""
        pixels, places = self.period
        first, stop = number * self.tile, min((number + 1) * self.tile, self.count)
        begin = (first // places * pixels - self.halo[0]) // pixels * pixels
        begin = min(max(begin, 0), (self.size - 1) // pixels * pixels)
        end = -((-stop // places * pixels - self.halo[1]) // pixels) * pixels
        end = min(max(end, begin + pixels), self.size)
        offset = begin // pixels * places
        return Cut(slice(begin, end), slice(first - offset, stop - offset), slice(first, stop))

    def widened(self) -> "Axis":
        """Return the axis with a larger halo."""
        before, after = self.halo
        more = max(self.period[0], (before + after) // 2)
        return replace(self, halo=(before + more, after + more))


@dataclass(frozen=True)
class Plan(Sequence[Tile]):
    """A sequence of tiles that cover the output of a network once.

    Attributes
    ----------
    input_size, output_size : tuple of int
        Shapes of the image and of the output: channels, and a size for each axis.
    """

    input_size: tuple[int, ...]
    output_size: tuple[int, ...]
    _axes: tuple[Axis, ...]

    @property
    def halo(self) -> tuple[tuple[int, int], ...]:
        """Pixels before and behind those of a tile that a piece has, along each axis.

        A piece may have more, so that it begins and ends in step with the strides, and has fewer
        where the image ends.
        """
        return tuple(axis.halo for axis in self._axes)

    @property
    def tile(self) -> tuple[int, ...]:
        """Size of a tile along each axis, in numbers of the output."""
        return tuple(axis.tile for axis in self._axes)

    @property
    def grid(self) -> tuple[int, ...]:
        """Number of tiles along each axis."""
        return tuple(map(len, self._axes))

    @property
    def alignment(self) -> tuple[int, ...]:
        """Pieces begin at multiples of so many pixels, along each axis."""
        return tuple(axis.period[0] for axis in self._axes)

    @property
    def overhead(self) -> float:
        """Redundant work: pixels in all pieces, divided by those of the image, less 1."""
        pieces = math.prod(sum(cut.size for cut in axis) for axis in self._axes)
        return pieces / math.prod(self.input_size[1:]) - 1

    def __len__(self) -> int:
        """Return the number of tiles."""
        return math.prod(self.grid)

    @overload
    def __getitem__(self, index: int) -> Tile: ...
    @overload
    def __getitem__(self, index: slice) -> list[Tile]: ...
    def __getitem__(self, index: int | slice) -> Tile | list[Tile]:
        """Return a tile; the last axis changes first."""
        if isinstance(index, slice):
            return [self[number] for number in range(len(self))[index]]
        rest, cuts = range(len(self))[index], []
        for axis in reversed(self._axes):
            rest, number = divmod(rest, len(axis))
            cuts.append(axis.cut(number))
        cuts.reverse()
        return Tile(
            tuple(cut.input for cut in cuts),
            tuple(cut.crop for cut in cuts),
            tuple(cut.output for cut in cuts),
        )
