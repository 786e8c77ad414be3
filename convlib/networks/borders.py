"""Padding layers: zeros, a constant, or pixels of the image around it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from convlib import arguments
from convlib.arguments import shown
from convlib.connections import Border, padded
from convlib.layer import LayerCost, check_image_shape
from convlib.networks.description import AlongAxes
from convlib.padding import check_mode
from convlib.spec import Sizes

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

LAST_AXIS_FIRST = {
    1: "(left, right)",
    2: "(left, right, top, bottom)",
    3: "(left, right, top, bottom, front, back)",
}


@dataclass(frozen=True, repr=False)
class _Pad(AlongAxes):
    """A border around the image; in torch's order for these layers, the last axis first."""

    padding: Any
    border: ClassVar[Border]

    def __init_subclass__(cls, axes: int | None = None, border: Border = "zeros") -> None:
        """Store the number of axes, and what is beyond the ends."""
        super().__init_subclass__(axes)
        cls.border = border

    def __post_init__(self) -> None:
        """Validate and normalise the arguments."""
        count, order = 2 * self.axes, LAST_AXIS_FIRST[self.axes]
        self._set(padding=arguments.integers("padding", self.padding, count, order))

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, *size)."""
        check_image_shape(shape, self.axes)
        pairs = tuple(zip(self.padding[-2::-2], self.padding[::-2], strict=True))
        check_mode(self.border, pairs, shape[1:])
        sizes = tuple(b + size + a for size, (b, a) in zip(shape[1:], pairs, strict=True))
        connections = tuple(
            padded(size, before, after, self.border)
            for size, (before, after) in zip(shape[1:], pairs, strict=True)
        )
        return LayerCost((shape[0], *sizes), connections)


class ZeroPad1d(_Pad, axes=1):
    """Zeros before and after a row: an int, or (left, right)."""


class ZeroPad2d(_Pad, axes=2):
    """Zeros on all sides of an image: an int, or (left, right, top, bottom)."""


class ZeroPad3d(_Pad, axes=3):
    """Zeros on all sides of a volume."""


@dataclass(frozen=True, repr=False)
class _ConstantPad(_Pad):
    value: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise TypeError(f"value={shown(self.value)} must be a number")


class ConstantPad1d(_ConstantPad, axes=1):
    """A constant before and after a row."""


class ConstantPad2d(_ConstantPad, axes=2):
    """A constant on all sides of an image."""


class ConstantPad3d(_ConstantPad, axes=3):
    """A constant on all sides of a volume."""


class ReflectionPad1d(_Pad, axes=1, border="reflect"):
    """A row mirrored at its ends."""


class ReflectionPad2d(_Pad, axes=2, border="reflect"):
    """An image mirrored at its sides."""


class ReflectionPad3d(_Pad, axes=3, border="reflect"):
    """A volume mirrored at its sides."""


class ReplicationPad1d(_Pad, axes=1, border="replicate"):
    """The first and the last pixel of a row, repeated."""


class ReplicationPad2d(_Pad, axes=2, border="replicate"):
    """The outer pixels of an image, repeated."""


class ReplicationPad3d(_Pad, axes=3, border="replicate"):
    """The outer pixels of a volume, repeated."""


class CircularPad1d(_Pad, axes=1, border="circular"):
    """The other end of a row."""


class CircularPad2d(_Pad, axes=2, border="circular"):
    """The other side of an image."""


class CircularPad3d(_Pad, axes=3, border="circular"):
    """The other side of a volume."""
