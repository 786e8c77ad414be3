"""A convolution without array data: integers only, valid and in one form.

Public functions build it once from their arguments; engines, networks, diagrams and the
benchmark read it.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import NamedTuple

from convlib import arguments, core
from convlib.arguments import Ints, Padding, Pairs, shown

Sizes = tuple[int, ...]

LARGEST_RESULT = 2**31  # numbers in a result that is many times larger than its input


class Axis(NamedTuple):
    """One axis of a convolution, in pixels and in the argument order of the rules of `core`.

    Examples
    --------
    >>> axis = Axis(size=5, kernel_size=2, stride=2, padding=(0, 1))
    >>> axis.reach, axis.output_size, core.output_size(*axis)
    (2, 3, 3)
    """

    size: int
    kernel_size: int
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    dilation: int = 1

    @property
    def before(self) -> int:
        """Padding before the first pixel."""
        return self.padding[0]

    @property
    def after(self) -> int:
        """Padding after the last pixel."""
        return self.padding[1]

    @property
    def padded(self) -> int:
        """Pixels, padding included."""
        return self.padding[0] + self.size + self.padding[1]

    @property
    def reach(self) -> int:
        """Pixels that the dilated kernel spans, the effective kernel size."""
        return core.reach(self.kernel_size, self.dilation)

    @property
    def output_size(self) -> int:
        """Number of windows that fit."""
        return core.output_size(*self)

    def part(self, first: int, count: int) -> tuple[slice, "Axis"]:
        """Pixels that ``count`` windows read, from window ``first`` on, and their axis.

        Examples
        --------
        >>> Axis(size=9, kernel_size=3, padding=(1, 1)).part(first=5, count=4)
        (slice(4, 9, None), Axis(size=5, kernel_size=3, stride=1, padding=(0, 1), dilation=1))
        """
        start = first * self.stride - self.before
        stop = start + (count - 1) * self.stride + self.reach
        pixels, padding = clip(start, stop, self.size)
        return pixels, self._replace(size=pixels.stop - pixels.start, padding=padding)


def clip(start: int, stop: int, size: int) -> tuple[slice, tuple[int, int]]:
    """Pixels among some positions of an axis, and the positions (before, after) outside.

    Examples
    --------
    >>> clip(-2, 4, size=3)
    (slice(0, 3, None), (2, 1))
    >>> clip(5, 7, size=3)
    (slice(0, 0, None), (2, 0))
    """
    first, last = max(0, start), min(size, stop)
    if first >= last:
        return slice(0, 0), (stop - start, 0)
    return slice(first, last), (first - start, stop - last)


def build_axes(
    size: object,
    kernel_size: object,
    stride: object = 1,
    padding: object = 0,
    dilation: object = 1,
    *,
    words: bool = True,
) -> tuple[Axis, ...]:
    """Validate and normalise the geometry of a convolution; ``size`` determines the axes.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `convlib.output_size`. An int as ``size`` is one axis.
    words : bool
        Whether padding may be 'same' or 'valid'.

    Returns
    -------
    tuple of Axis

    Raises
    ------
    ValueError
        A value is out of bounds, a tuple has another number of entries than ``size``, or
        the kernel spans more than the padded input.
    TypeError
        A value has an invalid type.

    Examples
    --------
    >>> build_axes(5, kernel_size=2, stride=2)
    (Axis(size=5, kernel_size=2, stride=2, padding=(0, 0), dilation=1),)
    """
    count = arguments.count_axes("size", size)
    sizes = arguments.integers("size", size, count)
    kernel = arguments.integers("kernel_size", kernel_size, count)
    return join_axes(sizes, kernel, stride, padding, dilation, words=words)


def join_axes(
    size: Sizes,
    kernel_size: Sizes,
    stride: object,
    padding: object,
    dilation: object,
    *,
    words: bool = True,
) -> tuple[Axis, ...]:
    """Build axes from sizes that are valid already, such as the shapes of arrays."""
    strides = arguments.integers("stride", stride, len(size))
    dilations = arguments.integers("dilation", dilation, len(size))
    pairs = arguments.padding(padding, kernel_size, strides, dilations, words)
    return fit_axes(size, kernel_size, strides, pairs, dilations)


def normalise_window(
    kernel_size: object, stride: object, padding: object, dilation: object
) -> tuple[int, int, tuple[int, int], int]:
    """Validate and normalise the window of one axis, of whose size nothing is known."""
    kernel = arguments.integer("kernel_size", kernel_size)
    step = arguments.integer("stride", stride)
    spread = arguments.integer("dilation", dilation)
    (pair,) = arguments.padding(padding, (kernel,), (step,), (spread,))
    return kernel, step, pair, spread


def fit_axes(
    size: Sizes, kernel_size: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes
) -> tuple[Axis, ...]:
    """Build axes from arguments that are normalised already."""
    axes = tuple(map(Axis, size, kernel_size, stride, padding, dilation))
    for axis in axes:
        check_fits(axis, size)
    return axes


def check_fits(axis: Axis, size: Sizes) -> None:
    """Raise if the kernel spans more than the padded input."""
    if axis.reach > axis.padded:
        has = f"input has: {axis.size}"
        if any(axis.padding):
            has = f"padded input has: {axis.padded} (size={axis.size}, padding={axis.padding})"
        hint = ""
        if len(size) == 3 and axis.size == size[0] < min(size[1:]):
            hint = f"; size={size} is (depth, height, width): leave out the channels"
        raise ValueError(
            f"kernel_size={axis.kernel_size} with dilation={axis.dilation} spans {axis.reach} "
            f"pixels, more than the {has}{hint}"
        )


def check_result_size(cause: str, count: int, input_count: int) -> None:
    """Raise if a result of ``count`` numbers, from ``input_count``, would not fit in memory."""
    if count > max(LARGEST_RESULT, 4 * input_count):
        raise ValueError(
            f"{cause} to {count} numbers, more than the {LARGEST_RESULT} that convlib allocates"
        )


def check_padded_size(
    padding: object, pairs: Pairs, shape: Sequence[int], dilation: object = None
) -> None:
    """Raise if padding makes an array of that shape too large."""
    sizes = shape[len(shape) - len(pairs) :]
    padded = [before + size + after for (before, after), size in zip(pairs, sizes, strict=True)]
    cause = f" with dilation={shown(dilation)}" if padding == "same" else ""
    check_result_size(
        f"padding={shown(padding)}{cause} extends input of shape {tuple(shape)}",
        math.prod(padded) * math.prod(shape[: len(shape) - len(pairs)]),
        math.prod(shape),
    )


@dataclasses.dataclass(frozen=True)
class ConvSpec:
    """Shapes and hyperparameters of a convolution, without array data.

    Examples
    --------
    >>> stem = ConvSpec.of((1, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3)
    >>> stem.output_shape, stem.macs
    ((1, 64, 112, 112), 118013952)
    """

    batch: int
    in_channels: int
    out_channels: int
    groups: int
    axes: tuple[Axis, ...]
    itemsize: int = 4  # bytes of a number

    # Of all axes, derived once: engines read them in every call.
    size: Sizes = dataclasses.field(init=False, repr=False, compare=False)
    kernel_size: Sizes = dataclasses.field(init=False, repr=False, compare=False)
    stride: Sizes = dataclasses.field(init=False, repr=False, compare=False)
    padding: Pairs = dataclasses.field(init=False, repr=False, compare=False)
    dilation: Sizes = dataclasses.field(init=False, repr=False, compare=False)
    output_size: Sizes = dataclasses.field(init=False, repr=False, compare=False)
    _hash: int = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive what is read often, and the hash by which engines find their plans."""
        columns = zip(*self.axes, strict=True)
        derived = dict(zip(Axis._fields, columns, strict=True))
        derived["output_size"] = tuple(axis.output_size for axis in self.axes)
        own = self.batch, self.in_channels, self.out_channels, self.groups, self.itemsize
        for name, value in (*derived.items(), ("_hash", hash((*own, self.axes)))):
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        """Return the hash that was computed at construction."""
        return self._hash

    @classmethod
    def of(
        cls,
        input: Sizes,
        weight: Sizes,
        stride: Ints = 1,
        padding: Padding = 0,
        dilation: Ints = 1,
        groups: int = 1,
        itemsize: int = 4,
    ) -> "ConvSpec":
        """Build the spec from the shapes of input (N, C_in, *size) and weight, which agree."""
        axes = join_axes(input[2:], weight[2:], stride, padding, dilation)
        return cls(input[0], input[1], weight[0], groups, axes, itemsize)

    def as_column(self) -> "ConvSpec":
        """Turn a 1-D convolution, or one along a single row, into one of a one-pixel-wide image.

        Engines cut images between rows, and a column has the memory layout of a row.

        Examples
        --------
        >>> ConvSpec.of((1, 1, 9), (1, 1, 3), stride=2).as_column().size
        (9, 1)
        """
        first, last = self.axes[0], self.axes[-1]
        one_row = self.size[:-1] == self.kernel_size[:-1] == (1,) and not any(first.padding)
        if len(self.axes) > 1 and not one_row:
            return self
        return dataclasses.replace(self, axes=(last, Axis(1, 1)))

    @property
    def group_inputs(self) -> int:
        """Input channels that a kernel reads."""
        return self.in_channels // self.groups

    @property
    def group_outputs(self) -> int:
        """Output channels of a group."""
        return self.out_channels // self.groups

    @property
    def depthwise(self) -> bool:
        """Whether this is a depthwise 2-D convolution with one kernel for each channel."""
        return self.in_channels == self.out_channels == self.groups and len(self.axes) == 2

    @property
    def input_shape(self) -> Sizes:
        """Shape of the input, (N, C_in, *size)."""
        return self.batch, self.in_channels, *self.size

    @property
    def weight_shape(self) -> Sizes:
        """Shape of the weight, (C_out, C_in // groups, *kernel_size)."""
        return self.out_channels, self.group_inputs, *self.kernel_size

    @property
    def output_shape(self) -> Sizes:
        """Shape of the output, (N, C_out, *output_size)."""
        return self.batch, self.out_channels, *self.output_size

    @property
    def weights(self) -> int:
        """Numbers in the weight."""
        return math.prod(self.weight_shape)

    @property
    def macs(self) -> int:
        """Multiply-adds of the batch, those with zeros of the padding included."""
        return self.batch * core.macs(self.weight_shape, self.output_size)
