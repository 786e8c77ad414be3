"""Layers that transform each number by itself: activations, dropout, identity."""

from dataclasses import dataclass

from convlib import arguments
from convlib.arguments import shown
from convlib.layer import LayerCost, check_channels
from convlib.networks.description import Description, pointwise_axes
from convlib.spec import Sizes

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "SELU",
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
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


class Dropout3d(_Dropout):
    """Dropout of channels of volumes."""


class AlphaDropout(_Dropout):
    """Dropout that keeps the mean and the variance."""


class FeatureAlphaDropout(_Dropout):
    """Dropout of channels that keeps the mean and the variance."""


@dataclass(frozen=True, repr=False)
class CELU(Elementwise):
    """Continuously differentiable exponential linear unit."""

    alpha: float = 1.0
    inplace: bool = False


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
class Hardshrink(Elementwise):
    """The input, and 0 between -lambd and lambd."""

    lambd: float = 0.5


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
class PReLU(Elementwise):
    """Rectified linear unit with a learned slope below 0, for all channels or for each."""

    num_parameters: int = 1
    init: float = 0.25

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image."""
        count = arguments.integer("num_parameters", self.num_parameters)
        if count > 1:
            check_channels("num_parameters", count, shape)
        return LayerCost(shape, pointwise_axes(shape), count)


@dataclass(frozen=True, repr=False)
class RReLU(Elementwise):
    """Rectified linear unit with a random slope below 0."""

    lower: float = 1 / 8
    upper: float = 1 / 3
    inplace: bool = False


@dataclass(frozen=True, repr=False)
class Softshrink(Elementwise):
    """The input moved towards 0 by lambd."""

    lambd: float = 0.5


@dataclass(frozen=True, repr=False)
class Threshold(Elementwise):
    """The input where it is above a threshold, and a constant elsewhere."""

    threshold: float
    value: float
    inplace: bool = False


@dataclass(frozen=True, repr=False)
class Softplus(Elementwise):
    """Smooth rectified linear unit, log(1 + exp(x))."""

    beta: float = 1.0
    threshold: float = 20.0


class Sigmoid(Elementwise):
    """Logistic function."""


class LogSigmoid(Elementwise):
    """Logarithm of the logistic function."""


class Softsign(Elementwise):
    """x / (1 + abs(x))."""


class Tanh(Elementwise):
    """Hyperbolic tangent."""


class Tanhshrink(Elementwise):
    """x - tanh(x)."""


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
