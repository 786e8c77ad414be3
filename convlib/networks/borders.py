"""Padding layers: zeros, a constant, or pixels of the image around it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from convlib import arguments
from convlib.arguments import shown
from convlib.connections import Border, padded
from convlib.layer import LayerCost, check_image_shape
from convlib.networks.description import Description
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
class _Pad(Description):
    """A border around the image; in torch's order for these layers, the last axis first."""

    padding: Any
    axes: ClassVar[int]
    border: ClassVar[Border] = "zeros"

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


class ZeroPad1d(_Pad):
    """Zeros before and after a row: an int, or (left, right)."""

    axes = 1


class ZeroPad2d(_Pad):
    """Zeros on all sides of an image: an int, or (left, right, top, bottom)."""

    axes = 2


class ZeroPad3d(_Pad):
    """Zeros on all sides of a volume."""

    axes = 3


@dataclass(frozen=True, repr=False)
class _ConstantPad(_Pad):
    value: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise TypeError(f"value={shown(self.value)} must be a number")


class ConstantPad1d(_ConstantPad):
    """A constant before and after a row."""

    axes = 1


class ConstantPad2d(_ConstantPad):
    """A constant on all sides of an image."""

    axes = 2


class ConstantPad3d(_ConstantPad):
    """A constant on all sides of a volume."""

    axes = 3


class ReflectionPad1d(_Pad):
    """A row mirrored at its ends."""

    axes: ClassVar[int] = 1
    border: ClassVar[Border] = "reflect"


class ReflectionPad2d(_Pad):
    """An image mirrored at its sides."""

    axes: ClassVar[int] = 2
    border: ClassVar[Border] = "reflect"


class ReflectionPad3d(_Pad):
    """A volume mirrored at its sides."""

    axes: ClassVar[int] = 3
    border: ClassVar[Border] = "reflect"


class ReplicationPad1d(_Pad):
    """The first and the last pixel of a row, repeated."""

    axes: ClassVar[int] = 1
    border: ClassVar[Border] = "replicate"


class ReplicationPad2d(_Pad):
    """The outer pixels of an image, repeated."""

    axes: ClassVar[int] = 2
    border: ClassVar[Border] = "replicate"


class ReplicationPad3d(_Pad):
    """The outer pixels of a volume, repeated."""

    axes: ClassVar[int] = 3
    border: ClassVar[Border] = "replicate"


class CircularPad1d(_Pad):
    """The other end of a row."""

    axes: ClassVar[int] = 1
    border: ClassVar[Border] = "circular"


class CircularPad2d(_Pad):
    """The other side of an image."""

    axes: ClassVar[int] = 2
    border: ClassVar[Border] = "circular"


class CircularPad3d(_Pad):
    """The other side of a volume."""

    axes: ClassVar[int] = 3
    border: ClassVar[Border] = "circular"
