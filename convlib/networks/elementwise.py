"""Layers that transform each number by itself: activations, dropout, identity."""

from dataclasses import dataclass

from convlib import arguments
from convlib.arguments import shown
from convlib.layer import LayerCost
from convlib.networks.description import Description, pointwise_axes
from convlib.spec import Sizes

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "LeakyReLU",
    "Mish",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
]


@dataclass(frozen=True, repr=False)
class Elementwise(Description):
    """The output has the shape of the input; no parameters, no MACs."""

    def __post_init__(self) -> None:
        """Validate the arguments, which change no shape and no cost."""
        for name, value in vars(self).items():
            if name == "inplace":
                arguments.flag(name, value)
            elif name == "approximate":
                arguments.choice(name, value, ("none", "tanh"))
            elif not isinstance(value, int | float) or isinstance(value, bool):
                raise TypeError(f"{name}={shown(value)} must be a number")
            elif name == "p" and not 0 <= value <= 1:
                raise ValueError(f"p={value} must be a probability, from 0 to 1")

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image of any shape."""
        return LayerCost(shape, pointwise_axes(shape))


@dataclass(frozen=True, repr=False)
class Identity(Elementwise):
    """The input, unchanged."""

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image: nothing, and the output is the input."""
        return LayerCost(shape, pointwise_axes(shape), stored=False)


@dataclass(frozen=True, repr=False)
class _Dropout(Elementwise):
    p: float = 0.5
    inplace: bool = False


class Dropout(_Dropout):
    """Dropout of single numbers."""


class Dropout1d(_Dropout):
    """Dropout of channels of rows."""


class Dropout2d(_Dropout):
    """Dropout of channels of images."""


@dataclass(frozen=True, repr=False)
class ELU(Elementwise):
    """Exponential linear unit."""

    alpha: float = 1.0
    inplace: bool = False


@dataclass(frozen=True, repr=False)
class GELU(Elementwise):
    """Gaussian error linear unit."""

    approximate: str = "none"


@dataclass(frozen=True, repr=False)
class Hardtanh(Elementwise):
    """Numbers clipped to an interval."""

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False


@dataclass(frozen=True, repr=False)
class LeakyReLU(Elementwise):
    """Rectified linear unit with a small slope below 0."""

    negative_slope: float = 0.01
    inplace: bool = False


@dataclass(frozen=True, repr=False)
class Softplus(Elementwise):
    """Smooth rectified linear unit, log(1 + exp(x))."""

    beta: float = 1.0
    threshold: float = 20.0


class Sigmoid(Elementwise):
    """Logistic function."""


class Tanh(Elementwise):
    """Hyperbolic tangent."""


@dataclass(frozen=True, repr=False)
class _Inplace(Elementwise):
    inplace: bool = False


class Hardsigmoid(_Inplace):
    """Piecewise linear logistic function."""


class Hardswish(_Inplace):
    """Piecewise SiLU."""


class Mish(_Inplace):
    """x * tanh(softplus(x))."""


class ReLU(_Inplace):
    """Rectified linear unit, max(x, 0)."""


class ReLU6(_Inplace):
    """Rectified linear unit, clipped at 6."""


class SELU(_Inplace):
    """Scaled exponential linear unit."""


class SiLU(_Inplace):
    """Sigmoid linear unit (swish), x * sigmoid(x)."""
