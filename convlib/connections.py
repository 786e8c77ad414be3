"""Which places of an axis the places of the next one read: windows, resizing, cropping.

Each function returns the `Connections` of one kind of operation along one axis. Networks join
them to receptive fields, whether the operation is a layer of a list or one of torch.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from convlib.arguments import Array
from convlib.spec import Axis

Border = Literal["zeros", "reflect", "replicate", "circular"]
Period = tuple[int, int]

NO_PLACE = np.iinfo(np.int64).max // 4  # in an index: reads nothing there


@dataclass(frozen=True, eq=False)
class Connections:
    """Places of an axis that each place of the next axis reads.

    Attributes
    ----------
    index : ndarray of int, shape (places, reads)
        Places of the input's axis. Below 0 and from ``size`` on they lie beyond its ends;
        `NO_PLACE` is none.
    size : int
        Of the input's axis.
    period : (int, int), or None
        After how many places of the input, and of the output, the connections repeat: (stride, 1)
        of a convolution, (1, stride) of a transposed one. None if they never do, so that a
        shifted input does not give a shifted output.
    border : {'zeros', 'reflect', 'replicate', 'circular'}
        What lies beyond the ends.
    statistics : bool
        Whether each place also reads a mean, a variance or a sum of all places.
    """

    index: Array
    size: int
    period: Period | None
    border: Border = "zeros"
    statistics: bool = False


def windows(axis: Axis, count: int, border: Border = "zeros") -> Connections:
    """Windows of a convolution or a pooling; ``count`` of them.

    Examples
    --------
    >>> windows(Axis(5, kernel_size=3, stride=2, padding=(1, 1)), count=3).index
    array([[-1,  0,  1],
           [ 1,  2,  3],
           [ 3,  4,  5]])
    """
    starts = np.arange(count)[:, np.newaxis] * axis.stride - axis.before
    index = starts + np.arange(axis.kernel_size) * axis.dilation
    return Connections(index, axis.size, (axis.stride, 1), border)


def transposed_windows(axis: Axis, count: int) -> Connections:
    """Windows of a transposed convolution, seen from its output; ``count`` is its size.

    Examples
    --------
    >>> places = transposed_windows(Axis(2, kernel_size=2, stride=2), count=4)
    >>> np.where(places.index == NO_PLACE, 9, places.index)
    array([[0, 9],
           [9, 0],
           [1, 9],
           [9, 1]])
    """
    offsets = np.arange(count)[:, np.newaxis] + axis.before
    offsets = offsets - np.arange(axis.kernel_size) * axis.dilation
    index = np.where(offsets % axis.stride == 0, offsets // axis.stride, NO_PLACE)
    return Connections(index, axis.size, (1, axis.stride))


def adaptive_windows(size: int, count: int) -> Connections:
    """Windows of adaptive pooling, which differ in size where ``count`` does not divide ``size``.

    Examples
    --------
    >>> adaptive_windows(size=5, count=3).index
    array([[0, 1],
           [1, 3],
           [3, 4]])
    """
    places = np.arange(count)
    first, last = places * size // count, -(-(places + 1) * size // count) - 1
    if size % count == 0:
        return windows(Axis(size, size // count, size // count), count)
    return Connections(np.stack([first, last], axis=1), size, resized_period(size, count))


def resized_period(size: int, count: int) -> Period:
    """Return after how many places resizing from ``size`` to ``count`` repeats."""
    common = math.gcd(size, count)
    return size // common, count // common


def nearest(size: int, count: int, scale: float | None = None, exact: bool = False) -> Connections:
    """Nearest neighbours, from ``size`` places to ``count``.

    Parameters
    ----------
    size, count : int
    scale : float, optional
        What torch was told; it decides where it is not ``count / size``.
    exact : bool
        Whether pixels have their centre in the middle, torch's 'nearest-exact'.

    Examples
    --------
    >>> nearest(size=2, count=4).index.ravel()
    array([0, 0, 1, 1])
    """
    if size == 1:
        return all_places(size, count)
    places = np.arange(count)
    if scale is None or scale * size == count:
        index = (2 * places + 1) * size // (2 * count) if exact else places * size // count
        return Connections(index[:, np.newaxis], size, resized_period(size, count))
    step = np.float32(1 / scale)
    index = np.floor((places + 0.5 * exact).astype(np.float32) * step).astype(np.int64)
    return Connections(np.minimum(index, size - 1)[:, np.newaxis], size, None)


def interpolated(
    size: int, count: int, reach: int, corners: bool, scale: float | None = None
) -> Connections:
    """Linear interpolation (``reach`` is 1) or cubic (2), from ``size`` places to ``count``.

    Parameters
    ----------
    size, count, reach : int
    corners : bool
        torch's ``align_corners``: the first and the last place stay where they are, so that no
        shift of the input shifts the output.
    scale : float, optional
        As for `nearest`.

    Examples
    --------
    >>> interpolated(size=2, count=4, reach=1, corners=False).index
    array([[-1,  0],
           [ 0,  1],
           [ 0,  1],
           [ 1,  2]])
    """
    if size == 1:
        return all_places(size, count)
    places = np.arange(count)
    period: Period | None = resized_period(size, count)
    if corners:
        # place j lies at j * (size - 1) / (count - 1)
        numerator, denominator = places * (size - 1), max(count - 1, 1)
        period = (1, 1) if size == count else None
    elif scale is None or scale * size == count:
        # place j lies at (j + 1/2) * size / count - 1/2
        numerator, denominator = (2 * places + 1) * size - count, 2 * count
    else:
        at = (places + 0.5) / scale - 0.5
        numerator, denominator, period = np.rint(at * 2**20).astype(np.int64), 2**20, None
    before = numerator // denominator
    offsets = np.arange(1 - reach, 1 + reach)
    on_a_place = (numerator % denominator == 0)[:, np.newaxis]
    index = before[:, np.newaxis] + np.where(on_a_place, 0, offsets)
    return Connections(index, size, period, "replicate")


def picked(index: Array | list[int], size: int, period: Period | None) -> Connections:
    """One place each: crops, steps, flips, rolls and repetitions.

    Examples
    --------
    >>> picked(np.arange(6)[1:5:2], size=6, period=(2, 1)).index.ravel()
    array([1, 3])
    """
    return Connections(np.asarray(index, dtype=np.int64)[:, np.newaxis], size, period)


def padded(size: int, before: int, after: int, border: Border = "zeros") -> Connections:
    """Border around an axis; a negative one crops it.

    Examples
    --------
    >>> padded(size=2, before=1, after=0).index.ravel()
    array([-1,  0,  1])
    """
    places = np.arange(before + size + after) - before
    return Connections(places[:, np.newaxis], size, (1, 1), border)


def normalized(size: int) -> Connections:
    """Each place itself, and a statistic of all: norms over an axis, softmax, sums over it."""
    return Connections(np.arange(size)[:, np.newaxis], size, (1, 1), statistics=True)


def all_places(size: int, count: int = 1) -> Connections:
    """All places, for each place of the output: a Linear layer over the axis.

    Examples
    --------
    >>> all_places(size=3, count=2).index
    array([[0, 1, 2],
           [0, 1, 2]])
    """
    index = np.broadcast_to(np.arange(size), (count, size))
    return Connections(index, size, (0, 1))


def halves(size: int) -> Connections:
    """Each place of the first half, and the same one of the second: a gated linear unit."""
    places = np.arange(size // 2)[:, np.newaxis]
    return Connections(places + np.array([0, size // 2]), size, None)
