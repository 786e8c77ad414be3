"""Whether the pieces of a plan give the numbers of the whole image."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from convlib.arguments import Array
from convlib.networks import Reads, Row, Summary, summary
from convlib.tiles.plans import Axis, Cut


def axes_with_seams(layers: Any, whole: Summary, axes: Sequence[Axis]) -> set[int]:
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


def _of_each_kind(cuts: Sequence[Cut], size: int) -> list[Cut]:
    """Return one cut at the start of the axis, one at its end and one between."""
    return list({(cut.input.start == 0, cut.input.stop == size): cut for cut in cuts}.values())


def _other_reads(whole: Summary, piece: Summary, axis: int, cut: Cut, size: int) -> Row | None:
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


def _shifts(whole: Sequence[Reads], piece: Sequence[Reads], axis: int, cut: Cut, size: int) -> bool:
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


def _cut_places(reads: Reads, cut: Cut, size: int) -> Array:
    """Return which places of a piece depend on what was cut off."""
    cut_off = np.zeros(len(reads.ends.first), dtype=bool)
    if cut.input.start > 0:
        cut_off |= reads.needs_start
    if cut.input.stop < size:
        cut_off |= reads.needs_stop
    return cut_off


def _has_seam(reads: Reads, cut: Cut, size: int) -> bool:
    places = _cut_places(reads, cut, size)
    return cut.crop.stop > len(places) or bool(places[cut.crop].any())
