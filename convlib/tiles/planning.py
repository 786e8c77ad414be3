"""Derive a plan from the receptive fields of a network."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from convlib import arguments
from convlib.arguments import Ints
from convlib.networks import Branch, Reads, Summary, summary
from convlib.networks.modules import is_torch_module, short_name
from convlib.tiles.plans import Axis, Plan
from convlib.tiles.seams import axes_with_seams

FIRST_AXIS = 2  # of an image, behind the batch and the channels


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
    Chapter ``tiles``. The halo is derived from the receptive fields of the output. Each size of
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
    while seams := axes_with_seams(layers, whole, axes):
        axes = tuple(
            axis.widened() if number in seams else axis for number, axis in enumerate(axes)
        )
    return Plan(whole.input, whole.output, axes)


def _axis(size: int, count: int, tile: int, reads: Reads) -> Axis:
    """Return an axis with the halo of the receptive fields."""
    pixels, places = reads.padded.period or (0, 1)
    if pixels <= 0:  # so few places that no step is known: each piece is the whole axis
        return Axis(size, count, min(tile, count), (size, count), (0, 0))
    first, last = reads.padded.first, reads.padded.last
    place = np.arange(count)[first <= last]
    block = place // places * pixels  # first pixel at the places of the same period
    before, after = block - first[place], last[place] + 1 - (block + pixels)
    halo = int(before.max(initial=0)), int(after.max(initial=0))
    return Axis(size, count, min(tile, count), (pixels, places), halo)


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
