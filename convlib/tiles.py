"""Tiles: run a network on an image of any size, piece by piece, with the result of the whole.

A number of the output depends on its receptive field alone. So a piece of the image that has the
fields of a tile's numbers, and begins where the strides of the network begin again, gives exactly
the numbers of that tile.
"""

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, overload

import numpy as np

from convlib import arguments
from convlib.arguments import Array, Ints
from convlib.connections import Period
from convlib.networks import Branch, Reads, Row, Summary, summary
from convlib.networks.modules import is_torch_module, short_name

__all__ = ["Plan", "Tile", "apply", "plan"]

FIRST_AXIS = 2  # of an image, behind the batch and the channels
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
class _Cut:
    """A tile along one axis: first and last (excluded) pixel and place."""

    input: slice
    crop: slice
    output: slice

    @property
    def size(self) -> int:
        return int(self.input.stop - self.input.start)


@dataclass(frozen=True)
class _Axis:
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
        return -(-self.count // self.tile)

    def __iter__(self) -> Iterator[_Cut]:
        return map(self.cut, range(len(self)))

    def cut(self, number: int) -> _Cut:
        """Return the tile of a number."""
        pixels, places = self.period
        first, stop = number * self.tile, min((number + 1) * self.tile, self.count)
        begin = (first // places * pixels - self.halo[0]) // pixels * pixels
        begin = min(max(begin, 0), (self.size - 1) // pixels * pixels)
        end = -((-stop // places * pixels - self.halo[1]) // pixels) * pixels
        end = min(max(end, begin + pixels), self.size)
        offset = begin // pixels * places
        return _Cut(slice(begin, end), slice(first - offset, stop - offset), slice(first, stop))

    def widened(self) -> "_Axis":
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
    _axes: tuple[_Axis, ...]

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
        return math.prod(len(axis) for axis in self._axes)

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


def plan(layers: Any, input_size: Sequence[int], tile: Ints) -> Plan:
    """Divide the output of a network into tiles that can be computed one by one.

    Parameters
    ----------
    layers : torch.nn.Module, or list of layers, or dict of named ones
        As for `networks.summary`.
    input_size : tuple of int
        Shape of the image without the batch: (C, H, W), (C, W) or (C, D, H, W).
    tile : int, or tuple of int
        Size of a tile, in numbers of the output; one for each axis, or one for all.

    Returns
    -------
    Plan
        A sequence of tiles, ``Tile``. The unchanged network, with its own padding, on
        ``image[..., *tile.input]`` returns an array whose part ``[..., *tile.crop]`` equals the
        part ``[..., *tile.output]`` of the result for the whole image.

    Raises
    ------
    ValueError
        A layer sees the whole image (global pooling, attention, GroupNorm, batch normalization in
        training mode) or its output does not shift with the image (circular padding,
        ``align_corners=True``); the message says which. Or a layer does not fit its input.
    TypeError
        As `networks.summary`.

    Notes
    -----
    Chapter ``networks``. The halo is derived from the receptive fields of the output. Each size of
    piece is checked without numbers: every number that is kept depends on the pixels on which it
    depends in the whole image, and on padding only where the image ends.

    Where the sums are exact, as on integers, the results are equal bit for bit. Otherwise they are
    equal up to rounding, since a library may add in another order for another size.

    Examples
    --------
    >>> from convlib.networks import Conv2d, MaxPool2d
    >>> tiles = plan([Conv2d(3, 8, 3, padding=1), MaxPool2d(2)], (3, 100, 100), tile=25)
    >>> len(tiles), tiles.output_size, tiles.halo
    (4, (8, 50, 50), ((1, 1), (1, 1)))
    >>> tiles[0].input[0], tiles[0].crop[0], tiles[0].output[0]
    (slice(0, 52, None), slice(0, 25, None), slice(0, 25, None))
    >>> tiles[3].input[0], tiles[3].crop[0], tiles[3].output[0]
    (slice(48, 100, None), slice(1, 26, None), slice(25, 50, None))
    """
    whole = summary(layers, input_size)
    _check_modes(layers)
    reads = _aligned_reads(whole)
    sizes = arguments.integers("tile", tile, len(reads))
    axes = tuple(
        _axis(size, count, amount, along)
        for size, count, amount, along in zip(
            whole.input[1:], whole.output[1:], sizes, reads, strict=True
        )
    )
    while seams := _axes_with_seams(layers, whole, axes):
        axes = tuple(
            axis.widened() if number in seams else axis for number, axis in enumerate(axes)
        )
    return Plan(whole.input, whole.output, axes)


def _axis(size: int, count: int, tile: int, reads: Reads) -> _Axis:
    """Return an axis with the halo of the receptive fields."""
    pixels, places = reads.padded.period or (0, 1)
    if pixels <= 0:  # so few places that no step is known: each piece is the whole axis
        return _Axis(size, count, min(tile, count), (size, count), (0, 0))
    first, last = reads.padded.first, reads.padded.last
    place = np.arange(count)[first <= last]
    block = place // places * pixels  # first pixel at the places of the same period
    before, after = block - first[place], last[place] + 1 - (block + pixels)
    halo = int(before.max(initial=0)), int(after.max(initial=0))
    return _Axis(size, count, min(tile, count), (pixels, places), halo)


# Networks that cannot be tiled --------------------------------------------------------------


def _aligned_reads(whole: Summary) -> tuple[Reads, ...]:
    """Return what the output reads along each axis, if it shifts with the image."""
    if not whole.is_complete:
        raise ValueError(f"the network cannot be tiled: {whole.notes[-1]}")
    for layer, reason in whole.unaligned:
        raise ValueError(f"{layer} cannot be tiled: {reason}")
    if len(whole.inputs) > 1 or len(whole.outputs) > 1:
        raise ValueError(
            f"the network has {len(whole.inputs)} inputs and {len(whole.outputs)} outputs; tiles "
            "need one of each"
        )
    for row in whole:
        if row.is_bound:
            raise ValueError(
                f"layer {row.position}, {row.layer} cannot be tiled: which pixels it reads is "
                "known in part only"
            )
    reads = whole.reads()
    stay = [each.dim == FIRST_AXIS + axis for axis, each in enumerate(reads)]
    if not reads or not all(stay) or len(whole.output) != len(whole.input):
        raise ValueError(
            f"the network cannot be tiled: it turns {whole.input} into {whole.output}, and not "
            "each axis of the image is one of the output"
        )
    return reads


def _check_modes(layers: Any) -> None:
    """Raise if a torch module is in training mode whose result then depends on the whole image."""
    for module in _torch_modules(layers):
        for position, each in module.named_modules():
            kinds = [kind.__name__ for kind in type(each).__mro__]
            name = f"layer {position or '0'}, {short_name(each)}"
            if each.training and "_NormBase" in kinds:
                raise ValueError(
                    f"{name} cannot be tiled: in training mode it sees everything; call eval()"
                )
            if each.training and "_DropoutNd" in kinds:
                raise ValueError(f"{name} cannot be tiled: in training mode it is random")


def _torch_modules(layers: Any) -> Iterator[Any]:
    if is_torch_module(layers):
        yield layers
    elif isinstance(layers, Branch | Mapping | list | tuple):
        inner = layers.paths if isinstance(layers, Branch) else layers
        for each in inner.values() if isinstance(inner, Mapping) else inner:
            yield from _torch_modules(each)


# Whether the pieces give the numbers of the whole -------------------------------------------


def _axes_with_seams(layers: Any, whole: Summary, axes: Sequence[_Axis]) -> set[int]:
    """Return the axes along which a piece is too small for its tile."""
    seams = set()
    sizes = [sorted({cut.size for cut in axis}) for axis in axes]
    for each in zip_longest(*sizes):
        size = [other[-1] if one is None else one for one, other in zip(each, sizes, strict=True)]
        try:
            piece = summary(layers, (whole.input[0], *size))
        except ValueError:  # too small for a layer
            seams |= {number for number, axis in enumerate(axes) if size[number] < axis.size}
            continue
        for number, axis in enumerate(axes):
            cuts = [cut for cut in axis if cut.size == size[number] < axis.size]
            for cut in _of_each_kind(cuts, axis.size):
                culprit = _other_reads(whole, piece, number, cut, axis.size)
                if culprit and not _has_lone_place(whole, piece, number):
                    raise ValueError(
                        f"layer {culprit.position}, {culprit.layer} cannot be tiled: its output "
                        "does not shift with the image, or depends on its size"
                    )
                if culprit:
                    seams.add(number)
            if any(_has_seam(piece.reads()[number], cut, axis.size) for cut in cuts):
                seams.add(number)
    return seams


def _of_each_kind(cuts: Sequence[_Cut], size: int) -> list[_Cut]:
    """Return one cut at the start of the axis, one at its end and one between."""
    return list({(cut.input.start == 0, cut.input.stop == size): cut for cut in cuts}.values())


def _other_reads(whole: Summary, piece: Summary, axis: int, cut: _Cut, size: int) -> Row | None:
    """Return the first layer that reads other pixels in the piece than in the whole image."""
    if [row.position for row in whole] != [row.position for row in piece]:
        raise ValueError(
            "the network cannot be tiled: which layers run depends on the size of the image"
        )
    for row, same in zip(whole, piece, strict=True):
        pairs = zip(row.outputs, same.outputs, strict=True)
        if not all(_shifts(a.reads(), b.reads(), axis, cut, size) for a, b in pairs):
            return row
    return None


def _has_lone_place(whole: Summary, piece: Summary, axis: int) -> bool:
    """Return whether a layer has one place in the piece and more in the whole.

    A lone place has no neighbours between which a layer could interpolate.
    """
    counts = [
        (len(row.reads()[axis].ends.first), len(same.reads()[axis].ends.first))
        for row, same in zip(whole, piece, strict=True)
        if axis < min(len(row.reads()), len(same.reads()))
    ]
    first = whole.input[1 + axis], piece.input[1 + axis]
    return any(more > 1 and one == 1 for more, one in [first, *counts])


def _shifts(
    whole: Sequence[Reads], piece: Sequence[Reads], axis: int, cut: _Cut, size: int
) -> bool:
    """Return whether the numbers of a layer read the same pixels in the piece and in the whole.

    Numbers that depend on what was cut off do not count.
    """
    period = whole[axis].padded.period if axis < len(whole) else None
    if period is None or period[0] == 0 or cut.input.start % period[0]:
        return True  # as all layers before the output shift, this one is not before it
    pixels, places = period
    here, there = piece[axis].inside, whole[axis].inside
    kept = np.flatnonzero(~_cut_places(piece[axis], cut, size))
    moved = kept + cut.input.start // pixels * places
    if len(moved) and moved[-1] >= len(there.first):
        return False
    reads_pixels = here.first[kept] <= here.last[kept]
    same_first = here.first[kept] + cut.input.start == there.first[moved]
    same_last = here.last[kept] + cut.input.start == there.last[moved]
    reads_none = there.first[moved] > there.last[moved]
    return bool(np.where(reads_pixels, same_first & same_last, reads_none).all())


def _cut_places(reads: Reads, cut: _Cut, size: int) -> Array:
    """Return which places of a piece depend on what was cut off."""
    cut_off = np.zeros(len(reads.ends.first), dtype=bool)
    if cut.input.start > 0:
        cut_off |= reads.needs_start
    if cut.input.stop < size:
        cut_off |= reads.needs_stop
    return cut_off


def _has_seam(reads: Reads, cut: _Cut, size: int) -> bool:
    places = _cut_places(reads, cut, size)
    return cut.crop.stop > len(places) or bool(places[cut.crop].any())


# Running ------------------------------------------------------------------------------------


def apply(function: Callable[[Any], Any], image: Any, plan: Plan, out: Any = None) -> Any:
    """Run a network tile by tile.

    Parameters
    ----------
    function : callable
        Returns the output of the network for an array of the shape (..., C, h, w); or the network
        itself, a torch module, which gets tensors and runs without gradients.
    image : array, shape (..., C, H, W)
        A NumPy array, or a memory-mapped one, of which one piece is in memory at a time.
    plan : Plan
        Of the network and the size of the image.
    out : array, optional
        Where the output is written, such as a memory-mapped array.

    Returns
    -------
    array, shape (..., C_out, H_out, W_out)
        ``out`` if it is given, otherwise a new NumPy array.

    Raises
    ------
    ValueError
        The shapes of the image, of what the function returns, or of ``out`` do not fit the plan;
        or ``out`` shares memory with the image.
    TypeError
        ``out`` has a dtype to which the numbers cannot be converted safely.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> from convlib import Conv2d
    >>> conv = Conv2d(1, 2, 3, padding=1, rng=0)
    >>> image = np.arange(400, dtype="float32").reshape(1, 1, 20, 20)
    >>> result = apply(conv, image, plan([conv], (1, 20, 20), tile=8))
    >>> bool(np.allclose(result, conv(image), atol=1e-3))
    True
    """
    if tuple(image.shape[-len(plan.input_size) :]) != plan.input_size:
        raise ValueError(f"image has shape {image.shape}; the plan is for {plan.input_size}")
    if isinstance(out, np.ndarray) and np.may_share_memory(out, image):
        raise ValueError("out must not share memory with image, which later tiles read")
    run = _on_arrays(function) if is_torch_module(function) else function
    for tile in plan:
        piece = np.array(_part(image, tile.input))
        result = np.asarray(run(piece))
        shape = _whole_shape(result, piece, tile, plan)
        if out is None:
            out = np.empty(shape, result.dtype)
        if tuple(out.shape) != shape:
            raise ValueError(f"out has shape {tuple(out.shape)}; the output has {shape}")
        if not np.can_cast(result.dtype, out.dtype, "same_kind"):
            raise TypeError(f"out has dtype {out.dtype}; the output has {result.dtype}")
        out[(..., *tile.output)] = _part(result, tile.crop)
    return out


def _part(array: Any, slices: Slices) -> Any:
    """Return a view of a part along the last axes."""
    return array[(..., *slices)]


def _on_arrays(module: Any) -> Callable[[Array], Array]:
    """Return a torch module as a function of NumPy arrays."""
    torch = sys.modules["torch"]

    def run(piece: Array) -> Array:
        with torch.inference_mode():
            result: Array = module(torch.from_numpy(piece)).numpy()
        return result

    return run


def _whole_shape(result: Array, piece: Array, tile: Tile, plan: Plan) -> tuple[int, ...]:
    """Return the shape of the whole output, from that of a piece."""
    axes = len(tile.crop)
    fits = result.ndim == piece.ndim and all(
        size >= crop.stop for size, crop in zip(result.shape[-axes:], tile.crop, strict=True)
    )
    if not fits or result.shape[-axes - 1] != plan.output_size[0]:
        kept = ", ".join(f"{crop.start}:{crop.stop}" for crop in tile.crop)
        raise ValueError(
            f"function returned shape {result.shape} for a piece of shape {piece.shape}; the plan "
            f"keeps [{kept}] of {plan.output_size[0]} channels: it is for another network"
        )
    return (*result.shape[: -axes - 1], *plan.output_size)
