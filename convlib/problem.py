"""One convolution before its numbers are known: integers only.

Engines choose by it how to compute, and networks add up what it costs.
"""

import math
from typing import NamedTuple

from convlib import checks
from convlib.checks import Ints, Padding
from convlib.geometry import output_size, sides


def macs(weight: tuple[int, ...], output_size: tuple[int, ...]) -> int:
    """Count multiply-adds for one image: each weight once at each place.

    Parameters
    ----------
    weight : tuple of int
        Its shape, ``(C_out, C_in // groups, *kernel_size)``.
    output_size : tuple of int
        Places: height and width of the output, or fewer axes, or more.

    Returns
    -------
    int
        MACs, those with zeros of the padding among them. The bias is not counted.

    Notes
    -----
    Chapter ``07-networks``. Papers that say FLOPs mean MACs as often as two FLOPs a MAC.

    Examples
    --------
    >>> macs((64, 3, 7, 7), (112, 112))
    118013952
    """
    return math.prod(weight) * math.prod(output_size)


class Problem(NamedTuple):
    """A convolution but for its numbers. Axes are height and width, or fewer, or more."""

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

    @classmethod
    def of(
        cls,
        input: tuple[int, ...],
        weight: tuple[int, ...],
        stride: Ints = 1,
        padding: Padding = 0,
        dilation: Ints = 1,
        groups: int = 1,
        itemsize: int = 4,
    ) -> "Problem":
        """Put a problem together from the shapes of input and weight, which fit.

        Examples
        --------
        >>> stem = Problem.of((1, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3)
        >>> stem.output, stem.macs
        ((1, 64, 112, 112), 118013952)
        """
        size, kernel_size = input[2:], weight[2:]
        return cls(
            batch=input[0],
            in_channels=input[1],
            out_channels=weight[0],
            groups=groups,
            size=size,
            kernel_size=kernel_size,
            stride=checks.integers("stride", stride, len(size)),
            frame=sides(padding, kernel_size, dilation),
            dilation=checks.integers("dilation", dilation, len(size)),
            output_size=output_size(size, kernel_size, stride, padding, dilation),
            itemsize=itemsize,
        )

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
    def weight(self) -> tuple[int, ...]:
        """The shape of the weight."""
        return self.out_channels, self.group_inputs, *self.kernel_size

    @property
    def output(self) -> tuple[int, ...]:
        """The shape of the output."""
        return self.batch, self.out_channels, *self.output_size

    @property
    def weights(self) -> int:
        """Numbers in the weight."""
        return math.prod(self.weight)

    @property
    def macs(self) -> int:
        """Multiply-adds of the definition, those with zeros of the frame among them."""
        return self.batch * macs(self.weight, self.output_size)
