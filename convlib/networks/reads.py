"""What the numbers of a tensor read of an image: the first and the last pixel of each place.

The pixels are kept as arrays, one entry for each place along an axis, so that uneven windows,
upsampling, crops and joins of any paths are exact. Lists of layers and traced modules of torch
use the same functions.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from convlib.arguments import Array
from convlib.connections import NO_PLACE, Connections, Period
from convlib.networks.fields import Field

NOTHING = NO_PLACE  # first pixel of a place that reads none; its last is -NOTHING
ImageAxis = tuple[int, int]  # which input of the network, and which axis of it


@dataclass(frozen=True, eq=False)
class Span:
    """First and last pixel that each place reads, along one axis of the image.

    Attributes
    ----------
    first, last : ndarray of int, shape (places,)
        Where ``first > last``, the place reads nothing.
    period : (int, int), or None
        By how many pixels the spans have moved after how many places; None if they do not
        move regularly.
    """

    first: Array
    last: Array
    period: Period | None

    @property
    def step(self) -> int | Fraction | None:
        """Pixels from one place to the next, on average; None if they are not regular."""
        if self.period is None:
            return None
        step = Fraction(*self.period)
        return int(step) if step.denominator == 1 else step

    @property
    def field(self) -> Field:
        """The largest span, the step, and the first pixel of place 0."""
        size = max(int((self.last - self.first).max()) + 1, 0)
        read = self.first[self.first <= self.last]
        return Field(size, self.step, int(read[0]) if len(read) else 0)

    @property
    def is_constant(self) -> bool:
        """Whether all places read the same pixels."""
        return bool((self.first == self.first[0]).all() and (self.last == self.last[0]).all())

    def collapsed(self) -> "Span":
        """One place that reads all that any place reads."""
        return Span(self.first.min(keepdims=True), self.last.max(keepdims=True), self.period)


@dataclass(frozen=True, eq=False)
class Reads:
    """Pixels that the numbers of a tensor read, along one axis of the image.

    Attributes
    ----------
    dim : int or None
        Axis of the tensor, batch and channels included, along which its places differ; None
        if all its numbers read the same.
    padded : Span
        Padding counted as pixels, as if the image went on at both ends.
    inside : Span
        Pixels of the image only: those that have a gradient.
    local : Span
        As ``padded``, without what is the same for all places: the means and variances of a
        norm, the factors of a gate, a pooled image.
    ends : Span
        As ``inside``, but what lies beyond an end of any tensor on the way, such as padding, is
        infinitely far away: ``first`` is -NOTHING, or ``last`` is NOTHING.
    is_bound : bool
        Whether the place may read less: the operations on the way are known in part only.
    """

    dim: int | None
    padded: Span
    inside: Span
    local: Span
    ends: Span
    is_bound: bool = False

    @property
    def needs_start(self) -> Array:
        """Whether each place depends on what lies before the first place of some tensor."""
        return np.equal(self.ends.first, -NOTHING)

    @property
    def needs_stop(self) -> Array:
        """Whether each place depends on what lies behind the last place of some tensor."""
        return np.equal(self.ends.last, NOTHING)


NO_PIXELS = Span(np.array([NOTHING]), np.array([-NOTHING]), None)
NO_READS = Reads(None, NO_PIXELS, NO_PIXELS, NO_PIXELS, NO_PIXELS)

Seen = Mapping[ImageAxis, Reads]


def pixels_of_image(number: int, size: Sequence[int]) -> dict[ImageAxis, Reads]:
    """Return what the pixels of an image (N, C, *size), the input of that number, read."""
    seen = {}
    for axis, count in enumerate(size):
        pixel = Span(np.arange(count), np.arange(count), (1, 1))
        seen[number, axis] = Reads(2 + axis, pixel, pixel, pixel, pixel)
    return seen


def through(
    seen: Seen,
    connections: Mapping[int, Connections],
    dims: Callable[[int], int | None] | None = None,
) -> dict[ImageAxis, Reads]:
    """Return what is read behind an operation on one tensor.

    Parameters
    ----------
    seen : dict of Reads
        Of the input.
    connections : dict of Connections
        By the axis of the input; along others, each place reads itself.
    dims : function of an int, optional
        Axis of the output that an axis of the input becomes, or None if it is reduced. By default
        all axes stay.
    """
    return {key: _through(reads, connections, dims) for key, reads in seen.items()}


def _through(
    reads: Reads,
    connections: Mapping[int, Connections],
    dims: Callable[[int], int | None] | None,
) -> Reads:
    if reads.dim is None:
        return reads
    dim = reads.dim if dims is None else dims(reads.dim)
    if reads.dim in connections:
        reads = _connected(reads, connections[reads.dim])
    return replace(reads, dim=dim) if dim is not None else collapsed(reads)


def _connected(reads: Reads, place: Connections) -> Reads:
    padded, inside = beyond_ends(reads.padded, place), within_ends(reads.inside, place)
    local = padded if reads.local is reads.padded else beyond_ends(reads.local, place)
    ends = with_ends(reads.ends, place)
    if place.statistics:
        padded, inside, ends = all_alike(padded), all_alike(inside), all_alike(ends)
    return replace(reads, padded=padded, inside=inside, local=local, ends=ends)


def collapsed(reads: Reads, is_bound: bool = False) -> Reads:
    """Return what is read if each number reads all that any number reads."""
    return Reads(
        None,
        reads.padded.collapsed(),
        reads.inside.collapsed(),
        reads.local.collapsed(),
        reads.ends.collapsed(),
        reads.is_bound or is_bound,
    )


def all_alike(span: Span) -> Span:
    """Let each place read all that any place reads."""
    first = np.full_like(span.first, span.first.min())
    return Span(first, np.full_like(span.last, span.last.max()), (0, 1))


def beyond_ends(span: Span, place: Connections) -> Span:
    """Return the spans behind connections; beyond the ends they go on in the same steps."""
    inside, moved = _continued(place.index, len(span.first), span)
    nothing = (place.index >= NO_PLACE) | (span.first[inside] > span.last[inside])
    first = np.where(nothing, NOTHING, span.first[inside] + moved).min(axis=1)
    last = np.where(nothing, -NOTHING, span.last[inside] + moved).max(axis=1)
    return Span(first, last, _next_period(span.period, place.period))


def _continued(index: Array, count: int, span: Span) -> tuple[Array, Array]:
    """Return a place on the axis for each index, and by how many pixels its span is moved."""
    pixels, places = span.period or (int(span.first[-1] - span.first[0]), max(count - 1, 1))
    index = np.where(index >= NO_PLACE, 0, index)
    if places > count:  # no whole period on the axis
        inside = np.clip(index, 0, count - 1)
        return inside, (index - inside) * pixels // places
    late = count - places  # the last period begins there
    inside = np.where(index < 0, index % places, index)
    inside = np.where(index >= count, late + (index - late) % places, inside)
    return inside, (index - inside) // places * pixels


def within_ends(span: Span, place: Connections) -> Span:
    """Return the spans behind connections, without what lies beyond the ends of the image."""
    first, last = _firsts_and_lasts(span, place)
    return Span(first.min(axis=1), last.max(axis=1), None)


def _firsts_and_lasts(span: Span, place: Connections) -> tuple[Array, Array]:
    """Return the first and the last pixel of each connection to a place on the axis."""
    count = len(span.first)
    index, none = place.index, place.index >= NO_PLACE
    if place.border == "circular":
        index = index % count
    elif place.border == "reflect":
        turns = max(2 * (count - 1), 1)
        index = (count - 1) - np.abs((count - 1) - index % turns)
    elif place.border == "zeros":
        none = (index < 0) | (index >= count)
    index = np.where(none, 0, np.clip(index, 0, count - 1))
    return np.where(none, NOTHING, span.first[index]), np.where(none, -NOTHING, span.last[index])


def with_ends(span: Span, place: Connections) -> Span:
    """Return the spans behind connections; what lies beyond the ends is infinitely far away."""
    first, last = _firsts_and_lasts(span, place)
    before = (place.index < 0).any(axis=1)
    behind = ((place.index >= len(span.first)) & (place.index < NO_PLACE)).any(axis=1)
    first = np.where(before, -NOTHING, first.min(axis=1))
    last = np.where(behind, NOTHING, last.max(axis=1))
    return Span(first, last, None)


def _next_period(period: Period | None, step: Period | None) -> Period | None:
    """Return the period of spans behind connections that repeat after ``step``."""
    if period is None or step is None:
        return None
    (pixels, places), (read, written) = period, step
    if read == 0:  # each place reads all
        return 0, 1
    common = math.lcm(places, read)
    return common // places * pixels, common // read * written


Tensor = tuple[Sequence[int], Seen]  # its shape, and what it reads


def joined(shape: Sequence[int], tensors: Sequence[Tensor]) -> dict[ImageAxis, Reads]:
    """Return what is read behind an operation on numbers at equal places, such as a sum.

    Parameters
    ----------
    shape : sequence of int
        Of the result; the tensors are broadcast to it.
    tensors : list of (shape, Reads by axis)
    """
    seen = {}
    for key in _keys(tensors):
        members = [(len(shape) - len(own), reads[key]) for own, reads in tensors if key in reads]
        seen[key] = _joined(shape, members)
    return seen


def _keys(tensors: Sequence[Tensor]) -> list[ImageAxis]:
    return list(dict.fromkeys(key for _, seen in tensors for key in seen))


def _joined(shape: Sequence[int], members: Sequence[tuple[int, Reads]]) -> Reads:
    """Join the reads of tensors that have so many axes less than the result."""
    reads = [each for _, each in members]
    followed = [(missing + each.dim, each) for missing, each in members if each.dim is not None]
    wide = {dim for dim, each in followed if len(each.padded.first) > 1}
    if len(wide) > 1:
        return _all_of(reads, is_bound=True)
    dims = [*wide, *(dim for dim, _ in followed)]
    dim = dims[0] if dims else None
    count = 1 if dim is None else shape[dim]
    local = [each.local for each in reads if not each.local.is_constant]
    return Reads(
        dim,
        join_spans([each.padded for each in reads], count),
        join_spans([each.inside for each in reads], count),
        join_spans(local or [each.local for each in reads], count),
        join_spans([each.ends for each in reads], count),
        any(each.is_bound for each in reads),
    )


def join_spans(spans: Sequence[Span], count: int = 1) -> Span:
    """Return from where to where any of the spans reads, for ``count`` places."""
    if len(spans) == 1 and len(spans[0].first) == count:
        return spans[0]
    first, last = np.full(count, NOTHING), np.full(count, -NOTHING)
    for span in spans:
        np.minimum(first, span.first, out=first)
        np.maximum(last, span.last, out=last)
    return Span(first, last, _common_period(spans, Span(first, last, None)))


def _common_period(spans: Sequence[Span], result: Span) -> Period | None:
    """Return the period of joined spans: the longer one, if all have one step."""
    periods = [span.period for span in spans if span.period is not None]
    if len(set(periods)) == 1 and len(periods) == len(spans) and not result.is_constant:
        return periods[0]
    if len(result.first) == 1 and periods:  # a lone place has no neighbour: any step will do
        return max(periods, key=lambda period: Fraction(*period))
    if result.is_constant:
        return 0, 1
    if len(periods) < len(spans) or len({Fraction(*period) for period in periods}) > 1:
        return None
    places = math.lcm(*(places for _, places in periods))
    pixels, own = periods[0]
    return places // own * pixels, places


def all_of(tensors: Sequence[Tensor], is_bound: bool) -> dict[ImageAxis, Reads]:
    """Return what is read if each number reads all numbers of the tensors.

    Parameters
    ----------
    tensors : list of (shape, Reads by axis)
    is_bound : bool
        Whether that is only an upper bound.
    """
    return {
        key: _all_of([seen[key] for _, seen in tensors if key in seen], is_bound)
        for key in _keys(tensors)
    }


def _all_of(reads: Sequence[Reads], is_bound: bool) -> Reads:
    return Reads(
        None,
        join_spans([each.padded.collapsed() for each in reads]),
        join_spans([each.inside.collapsed() for each in reads]),
        join_spans([each.local.collapsed() for each in reads]),
        join_spans([each.ends.collapsed() for each in reads]),
        is_bound or any(each.is_bound for each in reads),
    )


def concatenated(
    shape: Sequence[int], dim: int, tensors: Sequence[Tensor]
) -> dict[ImageAxis, Reads]:
    """Return what is read behind tensors that are laid one after another along an axis."""
    seen = {}
    for key in _keys(tensors):
        dims = {reads[key].dim for _, reads in tensors if key in reads}
        members = [reads.get(key, NO_READS) for _, reads in tensors]
        if dim not in dims:
            seen[key] = _joined(shape, [(0, reads[key]) for _, reads in tensors if key in reads])
        elif dims - {dim, None}:
            seen[key] = _all_of(members, is_bound=True)
        else:
            seen[key] = _laid([own[dim] for own, _ in tensors], members, dim)
    return seen


def _laid(sizes: Sequence[int], members: Sequence[Reads], dim: int) -> Reads:
    return Reads(
        dim,
        _one_after_another(sizes, [each.padded for each in members]),
        _one_after_another(sizes, [each.inside for each in members]),
        _one_after_another(sizes, [each.local for each in members]),
        _one_after_another(sizes, [each.ends for each in members]),
        any(each.is_bound for each in members),
    )


def _one_after_another(sizes: Sequence[int], spans: Sequence[Span]) -> Span:
    pairs = list(zip(sizes, spans, strict=True))
    first = [np.broadcast_to(span.first, size) for size, span in pairs]
    last = [np.broadcast_to(span.last, size) for size, span in pairs]
    return Span(np.concatenate(first), np.concatenate(last), None)


def reshaped(before: Sequence[int], after: Sequence[int], seen: Seen) -> dict[ImageAxis, Reads]:
    """Return what is read behind a view of other axes, batch and channels included.

    Numbers that are flattened to features, (N, C, H, W) to (N, C*H*W), are one place.
    """
    if len(after) <= 2 and sum(size > 1 for size in before[1:]) > 1:
        return through(seen, {}, lambda _: None)
    return {key: _reshaped(before, after, reads) for key, reads in seen.items()}


def _reshaped(before: Sequence[int], after: Sequence[int], reads: Reads) -> Reads:
    if reads.dim is None:
        return reads
    old, new = _regrouped(before, after, reads.dim)
    if not new:
        return collapsed(reads)
    inner = math.prod(before[reads.dim + 1 : old.stop])
    count = before[reads.dim]
    classes = _classes(reads)[np.arange(math.prod(before[old.start : old.stop])) // inner % count]
    table = classes.reshape([after[dim] for dim in new])
    varying = [axis for axis in range(table.ndim) if (table != table.take([0], axis)).any()]
    if len(varying) > 1:
        return collapsed(reads, is_bound=True)
    if not varying:
        same = [dim for dim in new if after[dim] == count]
        return _through(reads, {}, lambda _: same[0] if same else None)
    dim = new[varying[0]]
    stride = math.prod(after[dim + 1 : new.stop])  # of the new axis among the numbers of the group
    index = (np.arange(after[dim]) * stride // inner % count)[:, np.newaxis]
    common = math.gcd(stride, inner)
    wraps = after[dim] * stride > count * inner
    period = None if wraps else (stride // common, inner // common)
    place = Connections(index, count, period)
    result = _through(reads, {reads.dim: place}, lambda _: dim)
    return replace(result, padded=_regular(result.padded), local=_regular(result.local))


def _regular(span: Span) -> Span:
    """Return a span with its period, where all its places have one step."""
    if span.period is not None or len(span.first) < 2:
        return span
    steps = np.unique(np.concatenate([np.diff(span.first), np.diff(span.last)]))
    return replace(span, period=(int(steps[0]), 1)) if len(steps) == 1 else span


def _classes(reads: Reads) -> Array:
    """Number the places so that those which read the same have one number."""
    spans = reads.padded, reads.inside, reads.local, reads.ends
    rows = np.stack([array for span in spans for array in (span.first, span.last)])
    changes = np.unique(rows, axis=1, return_inverse=True)[1]
    return changes.reshape(-1)


def _regrouped(before: Sequence[int], after: Sequence[int], dim: int) -> tuple[range, range]:
    """Return the fewest axes around one, before and after a view, that hold the same numbers.

    Examples
    --------
    >>> _regrouped((1, 8, 5, 6), (1, 2, 4, 30), dim=3)
    (range(2, 4), range(3, 4))
    """
    old = new = 0
    while True:
        first_old, first_new = old, new
        left, right = before[old], after[new] if new < len(after) else 1
        old, new = old + 1, new + 1
        while left != right:
            if left < right:
                left, old = left * before[old], old + 1
            else:
                right, new = right * after[new], new + 1
        if first_old <= dim < old:
            return range(first_old, old), range(min(first_new, len(after)), min(new, len(after)))


def lost_alignment(before: Seen, behind: Seen) -> str | None:
    """Say why an output does not move with the image although its input does; or return None."""
    moves = {key for key, reads in before.items() if moves_with_image(reads)}
    lost = [behind[key] for key in moves if key in behind and not moves_with_image(behind[key])]
    if any(reads.dim is None or reads.padded.is_constant for reads in lost):
        return "sees everything"
    return "has no regular stride" if lost else None


def moves_with_image(reads: Reads) -> bool:
    """Return whether shifted pixels give shifted numbers, by whole places."""
    period = reads.padded.period
    return reads.dim is not None and period is not None and period[0] > 0
