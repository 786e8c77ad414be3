"""Base class of layers without arrays, which are compared by their arguments."""

from dataclasses import dataclass

from convlib.layer import Layer
from convlib.spec import Axis, Sizes


@dataclass(frozen=True, repr=False)
class Description(Layer):
    """A layer described by its arguments only: immutable, equal to one with equal arguments."""

    def _set(self, **values: object) -> None:
        """Store arguments in their normalised form."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


def pointwise_axes(shape: Sizes) -> tuple[Axis, ...]:
    """Return windows of one pixel, each at its own place."""
    return tuple(Axis(size, 1) for size in shape[1:])
