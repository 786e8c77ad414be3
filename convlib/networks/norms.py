"""Normalization layers: which numbers share a mean and a variance, and what is learned."""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

from convlib import arguments
from convlib.arguments import shown
from convlib.connections import Connections, normalized
from convlib.layer import LayerCost, check_channels
from convlib.networks.description import Description, pointwise_axes
from convlib.spec import Sizes

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "LocalResponseNorm",
    "RMSNorm",
]


def normalized_axes(shape: Sizes) -> tuple[Connections, ...]:
    """Return axes whose numbers all share a mean and a variance."""
    return tuple(normalized(size) for size in shape[1:])


@dataclass(frozen=True, repr=False)
class _ChannelNorm(Description):
    """Base class of norms with a factor and a summand for each channel."""

    num_features: int
    eps: float = 1e-05
    momentum: float | None = 0.1
    affine: bool = True
    track_running_stats: bool = True
    bias: bool = field(default=True, kw_only=True)
    ranks: ClassVar[tuple[int, ...]]  # how many axes after the channels

    def __init_subclass__(cls, ranks: tuple[int, ...] = ()) -> None:
        """Store how many axes an image may have."""
        super().__init_subclass__()
        cls.ranks = ranks

    def __post_init__(self) -> None:
        """Validate the arguments."""
        arguments.integer("num_features", self.num_features)
        affine = arguments.flag("affine", self.affine)
        self._set(bias=arguments.flag("bias", self.bias) and affine)

    def _default(self, name: str) -> object:
        return self.affine if name == "bias" else None

    @property
    def has_statistics(self) -> bool:
        """Whether means and variances are those of the image."""
        return not arguments.flag("track_running_stats", self.track_running_stats)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (num_features, *size)."""
        if len(shape) - 1 not in self.ranks:
            ranks = " or ".join(map(str, self.ranks))
            raise ValueError(f"its input has shape {shape}; {ranks} axes after the channels fit")
        check_channels("num_features", self.num_features, shape)
        learned = self.num_features * (self.affine + self.bias)
        axes = normalized_axes(shape) if self.has_statistics else pointwise_axes(shape)
        return LayerCost(shape, axes, learned)


class BatchNorm1d(_ChannelNorm, ranks=(0, 1)):
    """Batch normalization of rows, or of a flat input."""


class BatchNorm2d(_ChannelNorm, ranks=(2,)):
    """Batch normalization of images."""


class BatchNorm3d(_ChannelNorm, ranks=(3,)):
    """Batch normalization of volumes."""


@dataclass(frozen=True, repr=False)
class _InstanceNorm(_ChannelNorm):
    """Instance normalization: a mean and a variance for each channel of each image."""

    affine: bool = False
    track_running_stats: bool = False


class InstanceNorm1d(_InstanceNorm, ranks=(1,)):
    """Instance normalization of rows."""


class InstanceNorm2d(_InstanceNorm, ranks=(2,)):
    """Instance normalization of images."""


class InstanceNorm3d(_InstanceNorm, ranks=(3,)):
    """Instance normalization of volumes."""


@dataclass(frozen=True, repr=False)
class GroupNorm(Description):
    """Group normalization: a mean and a variance for each group of channels of each image."""

    num_groups: int
    num_channels: int
    eps: float = 1e-05
    affine: bool = True
    bias: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        """Validate the arguments."""
        groups = arguments.integer("num_groups", self.num_groups)
        channels = arguments.integer("num_channels", self.num_channels)
        if channels % groups:
            raise ValueError(f"num_groups={groups} must divide num_channels={channels}")
        affine = arguments.flag("affine", self.affine)
        self._set(bias=arguments.flag("bias", self.bias) and affine)

    def _default(self, name: str) -> object:
        return self.affine if name == "bias" else None

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (num_channels, *size)."""
        check_channels("num_channels", self.num_channels, shape)
        learned = self.num_channels * (self.affine + self.bias)
        return LayerCost(shape, normalized_axes(shape), learned)


@dataclass(frozen=True, repr=False)
class _LastAxesNorm(Description):
    """Base class of norms over the last axes, with a factor for each number."""

    normalized_shape: Any

    def __post_init__(self) -> None:
        """Validate and normalise the arguments."""
        shape = self.normalized_shape
        count = len(shape) if isinstance(shape, list | tuple) else 1
        self._set(normalized_shape=arguments.integers("normalized_shape", shape, count))
        for name in ("elementwise_affine", "bias"):
            if hasattr(self, name):
                arguments.flag(name, getattr(self, name))

    @property
    def learned(self) -> int:
        """Factors and summands."""
        raise NotImplementedError

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image."""
        count = len(self.normalized_shape)
        if shape[-count:] != self.normalized_shape:
            raise ValueError(
                f"normalized_shape={shown(self.normalized_shape)} must be the last axes of its "
                f"input, {shape}"
            )
        shared = len(shape) - count  # the axes from there on share a mean
        axes = tuple(
            normal if number >= shared else alone
            for number, (normal, alone) in enumerate(
                zip(normalized_axes(shape), pointwise_axes(shape), strict=True), start=1
            )
        )
        return LayerCost(shape, axes, self.learned)


@dataclass(frozen=True, repr=False)
class LayerNorm(_LastAxesNorm):
    """Layer normalization: a mean and a variance over the last axes."""

    eps: float = 1e-05
    elementwise_affine: bool = True
    bias: bool = True

    @property
    def learned(self) -> int:
        """Factors and summands."""
        return int(math.prod(self.normalized_shape) * self.elementwise_affine * (1 + self.bias))


@dataclass(frozen=True, repr=False)
class RMSNorm(_LastAxesNorm):
    """Normalization by the root of the mean of squares over the last axes."""

    eps: float | None = None
    elementwise_affine: bool = True

    @property
    def learned(self) -> int:
        """Factors."""
        return int(math.prod(self.normalized_shape) * self.elementwise_affine)


@dataclass(frozen=True, repr=False)
class LocalResponseNorm(Description):
    """Normalization by the squares of neighbouring channels at one pixel."""

    size: int
    alpha: float = 0.0001
    beta: float = 0.75
    k: float = 1.0

    def __post_init__(self) -> None:
        """Validate the arguments."""
        arguments.integer("size", self.size)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image of any shape."""
        return LayerCost(shape, pointwise_axes(shape))
