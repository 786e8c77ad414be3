"""What all layers have in common: how they are written, and what they cost."""

import inspect
from typing import NamedTuple

from convlib.connections import Border, Connections
from convlib.spec import Axis, Sizes

SIDES = ("D", "H", "W")


class LayerCost(NamedTuple):
    """Output shape, windows, parameters and MACs of a layer, for one image."""

    output: Sizes
    axes: tuple[Axis | Connections, ...] | None  # along each axis of the input; None: a view
    parameters: int = 0
    macs: int = 0
    stored: bool = True  # whether the output has memory of its own
    border: Border = "zeros"  # what the padding of the windows contains


class Layer:
    """A layer of a network, described by its arguments under torch's names."""

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image of a shape, (C, *size) or (C,).

        Raises
        ------
        ValueError
            The layer does not fit an input of that shape.
        """
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return the layer as one would type it, without default values."""
        words = []
        for name, parameter in inspect.signature(type(self)).parameters.items():
            value = self._argument(name)
            if parameter.default is parameter.empty:
                words.append(repr(_short(value)))
            elif value != self._default(name) and _short(value) != parameter.default:
                words.append(f"{name}={_short(value)!r}")
        return f"{type(self).__name__}({', '.join(words)})"

    def _argument(self, name: str) -> object:
        """Return the value of an argument of the constructor."""
        return getattr(self, name)

    def _default(self, name: str) -> object:
        """Return a default that depends on another argument, or None."""
        return None


def _short(value: object) -> object:
    """Return one number where all axes have the same."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return value if len(value) > 1 and isinstance(value[0], tuple) else value[0]
    return value


def check_image_shape(shape: Sizes, axes: int) -> None:
    """Raise unless a shape is (C, *size) with that many axes."""
    if len(shape) != axes + 1:
        expected = f"(C, {', '.join(SIDES[-axes:])})"
        raise ValueError(f"its input has shape {shape}, and {expected} is needed")


def check_channels(name: str, count: int, shape: Sizes) -> None:
    """Raise unless a shape has as many channels as the argument of that name says."""
    if count != shape[0]:
        raise ValueError(f"{name}={count}, but its input has {shape[0]} channels: {shape}")
