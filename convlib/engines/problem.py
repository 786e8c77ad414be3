"""One convolution before its numbers are known: integers only, and where they meet the image."""

import math
from typing import NamedTuple


class Problem(NamedTuple):
    """What an engine is told: everything but the numbers. Axes are height and width, or more."""

    batch: int
    in_channels: int
    out_channels: int
    groups: int
    size: tuple[int, ...]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    frame: tuple[tuple[int, int], ...]  # zeros before and after, for each axis
    dilation: tuple[int, ...]
    output_size: tuple[int, ...]
    itemsize: int  # bytes of a number

    def upright(self) -> "Problem":
        """Stand a row, alone or as an image of one row, up as a column.

        Engines cut images between rows, and a column's numbers lie as a row's do.

        Examples
        --------
        >>> row = Problem(1, 1, 1, 1, (9,), (3,), (2,), ((0, 1),), (1,), (4,), 4)
        >>> row.upright().size, row.upright().frame
        ((9, 1), ((0, 1), (0, 0)))
        """
        one_row = self.size[:-1] == self.kernel_size[:-1] == (1,) and not any(self.frame[0])
        if len(self.size) > 1 and not one_row:
            return self
        return self._replace(
            size=(self.size[-1], 1),
            kernel_size=(self.kernel_size[-1], 1),
            stride=(self.stride[-1], 1),
            frame=(self.frame[-1], (0, 0)),
            dilation=(self.dilation[-1], 1),
            output_size=(self.output_size[-1], 1),
        )

    @property
    def group_inputs(self) -> int:
        """Channels that a kernel reads."""
        return self.in_channels // self.groups

    @property
    def group_outputs(self) -> int:
        """Kernels of a group."""
        return self.out_channels // self.groups

    @property
    def depthwise(self) -> bool:
        """Whether each channel goes its own way, along two axes."""
        return self.in_channels == self.out_channels == self.groups and len(self.size) == 2

    @property
    def weights(self) -> int:
        """Numbers in the weight."""
        return self.out_channels * self.group_inputs * math.prod(self.kernel_size)

    @property
    def multiplications(self) -> int:
        """Multiply-adds of the definition, those with zeros of the frame among them."""
        return self.batch * self.weights * math.prod(self.output_size)


def inside(size: int, before: int, places: range) -> tuple[slice, slice]:
    """Say which of some places on a padded axis lie on the image, and on which pixels.

    Parameters
    ----------
    size : int
        Pixels of the image along the axis.
    before : int
        Zeros in front of them.
    places : range
        Places on the padded axis, counted from the first zero.

    Returns
    -------
    slice, slice
        Of the places, and of the pixels that lie there.

    Examples
    --------
    >>> inside(5, 1, range(0, 7, 2))  # places 0 2 4 6 are a zero, pixels 1 and 3, a zero
    (slice(1, 3, None), slice(1, 4, 2))
    """
    first = min(len(places), max(0, -((places.start - before) // places.step)))
    last = max(first, min(len(places), (size - 1 + before - places.start) // places.step + 1))
    pixel = places.start + first * places.step - before
    length = max(0, (last - first - 1) * places.step + 1)
    return slice(first, last), slice(pixel, pixel + length, places.step)
