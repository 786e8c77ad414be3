"""Base class of layers without arrays, which are compared by their arguments."""

from dataclasses import dataclass
from typing import ClassVar

from convlib.layer import Layer
from convlib.spec import Axis, Sizes


@dataclass(frozen=True, repr=False)
class Description(Layer):
    """A layer described by its arguments only: immutable, equal to one with equal arguments."""

    def _set(self, **values: object) -> None:
        """Store arguments in their normalised form."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


class AlongAxes(Description):
    """A layer for images with so many axes: ``class MaxPool2d(_MaxPool, axes=2)``."""

    axes: ClassVar[int]

    def __init_subclass__(cls, axes: int | None = None) -> None:
        """Store the number of axes, unless the class is a base of others."""
        super().__init_subclass__()
        if axes is not None:
            cls.axes = axes


def pointwise_axes(shape: Sizes) -> tuple[Axis, ...]:
    """Return windows of one pixel, each at its own place."""
    return tuple(Axis(size, 1) for size in shape[1:])
