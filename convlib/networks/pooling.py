"""Pooling layers: windows without weights, one channel at a time."""

from dataclasses import dataclass, field
from typing import Any

from convlib import arguments, core
from convlib.arguments import Ints
from convlib.connections import adaptive_windows
from convlib.layer import LayerCost, check_image_shape
from convlib.networks.description import AlongAxes
from convlib.spec import Axis, Sizes, check_fits

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]

Window = tuple[int, int, tuple[int, int], int]  # kernel_size, stride, padding, dilation


@dataclass(frozen=True, repr=False)
class Pool(AlongAxes):
    """Base class of pooling layers with windows of one size."""

    kernel_size: Ints
    stride: Ints | None = None
    padding: Ints = 0
    windows: tuple[Window, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Validate and normalise the arguments."""
        kernel_size = arguments.integers("kernel_size", self.kernel_size, self.axes)
        stride = kernel_size
        if self.stride is not None:
            stride = arguments.integers("stride", self.stride, self.axes)
        padding = arguments.integers("padding", self.padding, self.axes)
        dilation = arguments.integers("dilation", getattr(self, "dilation", 1), self.axes)
        if hasattr(self, "dilation"):
            self._set(dilation=dilation)
        for name in ("ceil_mode", "return_indices", "count_include_pad"):
            if hasattr(self, name):
                arguments.flag(name, getattr(self, name))
        pairs = [(width, width) for width in padding]
        windows = tuple(zip(kernel_size, stride, pairs, dilation, strict=True))
        self._set(kernel_size=kernel_size, stride=stride, padding=padding, windows=windows)
        for window in windows:
            check_pool_padding(*window)

    def _default(self, name: str) -> object:
        return self.kernel_size if name == "stride" else None

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, *size)."""
        check_image_shape(shape, self.axes)
        axes = tuple(
            Axis(size, *window) for size, window in zip(shape[1:], self.windows, strict=True)
        )
        ceil_mode: bool = getattr(self, "ceil_mode", False)
        return LayerCost((shape[0], *(pooled_size(axis, ceil_mode) for axis in axes)), axes)


@dataclass(frozen=True, repr=False)
class _MaxPool(Pool):
    dilation: Ints = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool1d(_MaxPool, axes=1):
    """1-D max pooling."""


class MaxPool2d(_MaxPool, axes=2):
    """2-D max pooling."""


class MaxPool3d(_MaxPool, axes=3):
    """3-D max pooling."""


@dataclass(frozen=True, repr=False)
class _AvgPool(Pool):
    ceil_mode: bool = False
    count_include_pad: bool = True


class AvgPool1d(_AvgPool, axes=1):
    """1-D average pooling."""


@dataclass(frozen=True, repr=False)
class _DividedPool(_AvgPool):
    divisor_override: int | None = None

    def __post_init__(self) -> None:
        """Validate and normalise the arguments."""
        super().__post_init__()
        if self.divisor_override is not None:
            arguments.integer("divisor_override", self.divisor_override)


class AvgPool2d(_DividedPool, axes=2):
    """2-D average pooling."""


class AvgPool3d(_DividedPool, axes=3):
    """3-D average pooling."""


@dataclass(frozen=True, repr=False)
class AdaptivePool(AlongAxes):
    """Base class of adaptive pooling: windows that differ in size where they must."""

    output_size: Any

    def __post_init__(self) -> None:
        """Validate and normalise the argument; None keeps a size."""
        value = self.output_size
        entries = tuple(value) if isinstance(value, list | tuple) else (value,)
        entries = entries * self.axes if len(entries) == 1 else entries
        kept = tuple(1 if entry is None else entry for entry in entries)
        sizes = arguments.integers("output_size", kept, self.axes)
        pairs = zip(entries, sizes, strict=True)
        self._set(output_size=tuple(None if entry is None else size for entry, size in pairs))

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, *size)."""
        check_image_shape(shape, self.axes)
        pairs = zip(self.output_size, shape[1:], strict=True)
        counts = tuple(size if count is None else count for count, size in pairs)
        axes = tuple(
            adaptive_windows(size, count)
            if size % count
            else Axis(size, kernel_size=size // count, stride=size // count)
            for size, count in zip(shape[1:], counts, strict=True)
        )
        return LayerCost((shape[0], *counts), axes)


class AdaptiveAvgPool1d(AdaptivePool, axes=1):
    """1-D average pooling to a requested size."""


class AdaptiveAvgPool2d(AdaptivePool, axes=2):
    """2-D average pooling to a requested size; 1 is global average pooling."""


class AdaptiveAvgPool3d(AdaptivePool, axes=3):
    """3-D average pooling to a requested size."""


@dataclass(frozen=True, repr=False)
class _AdaptiveMaxPool(AdaptivePool):
    return_indices: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        arguments.flag("return_indices", self.return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPool, axes=1):
    """1-D max pooling to a requested size."""


class AdaptiveMaxPool2d(_AdaptiveMaxPool, axes=2):
    """2-D max pooling to a requested size."""


class AdaptiveMaxPool3d(_AdaptiveMaxPool, axes=3):
    """3-D max pooling to a requested size."""


def pooled_size(axis: Axis, ceil_mode: bool) -> int:
    """Output size of pooling; with ceil_mode, a window may extend beyond the end.

    Examples
    --------
    >>> [pooled_size(Axis(6, kernel_size=3, stride=2), ceil_mode) for ceil_mode in (False, True)]
    [2, 3]
    """
    if not ceil_mode:
        check_fits(axis, (axis.size,))
        return axis.output_size
    count = -(-(axis.padded - axis.reach) // axis.stride) + 1  # rounded up
    if (count - 1) * axis.stride >= axis.before + axis.size:  # would begin in the padding after
        count -= 1
    check_output_not_empty(count, axis)
    return count


def check_pool_padding(
    kernel_size: int, stride: int, padding: tuple[int, int], dilation: int
) -> None:
    """Raise if a window may lie in the padding with more than half of its pixels."""
    span = core.reach(kernel_size, dilation)
    if 2 * padding[0] > span:
        raise ValueError(
            f"padding={padding[0]} must be at most half of the window, which is {span}"
        )


def check_output_not_empty(count: int, axis: Axis) -> None:
    """Raise if no window fits."""
    if count < 1:
        raise ValueError(
            f"kernel_size={axis.kernel_size} leaves nothing of an input of size {axis.size}"
        )
