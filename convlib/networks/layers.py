"""Layers without windows of their own: padding, normalization, Linear, Flatten; and Branch."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from convlib import arguments
from convlib.arguments import shown
from convlib.layer import LayerCost, check_channels, check_image_shape
from convlib.networks.description import Description, pointwise_axes
from convlib.spec import Axis, Sizes

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "ChannelShuffle",
    "Flatten",
    "Linear",
    "ZeroPad1d",
    "ZeroPad2d",
]

LAST_AXIS_FIRST = {1: "(left, right)", 2: "(left, right, top, bottom)"}
JOINS = ("add", "cat")


@dataclass(frozen=True, repr=False)
class _ZeroPad(Description):
    """Zeros around the image; in torch's order for this layer, the last axis first."""

    padding: Any
    axes: ClassVar[int]

    def __post_init__(self) -> None:
        count, order = 2 * self.axes, LAST_AXIS_FIRST[self.axes]
        self._set(padding=arguments.integers("padding", self.padding, count, order))

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, *size)."""
        check_image_shape(shape, self.axes)
        pairs = zip(self.padding[-2::-2], self.padding[::-2], strict=True)  # first axis first
        rules = zip(shape[1:], pairs, strict=True)
        axes = tuple(Axis(size, kernel_size=1, padding=pair) for size, pair in rules)
        return LayerCost((shape[0], *(axis.padded for axis in axes)), axes)


class ZeroPad1d(_ZeroPad):
    """Zeros before and after a row: an int, or (left, right)."""

    axes = 1


class ZeroPad2d(_ZeroPad):
    """Zeros on all sides of an image: an int, or (left, right, top, bottom)."""

    axes = 2


@dataclass(frozen=True, repr=False)
class _BatchNorm(Description):
    """Base class of batch normalization: a factor and a summand for each channel."""

    num_features: int
    eps: float = 1e-05
    momentum: float | None = 0.1
    affine: bool = True
    track_running_stats: bool = True
    bias: bool = field(default=True, kw_only=True)
    ranks: ClassVar[tuple[int, ...]]  # how many axes after the channels

    def __post_init__(self) -> None:
        arguments.integer("num_features", self.num_features)
        affine = arguments.flag("affine", self.affine)
        self._set(bias=arguments.flag("bias", self.bias) and affine)

    def _default(self, name: str) -> object:
        return self.affine if name == "bias" else None

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (num_features, *size)."""
        if len(shape) - 1 not in self.ranks:
            ranks = " or ".join(map(str, self.ranks))
            raise ValueError(f"its input has shape {shape}; {ranks} axes after the channels fit")
        check_channels("num_features", self.num_features, shape)
        learned = self.num_features * (self.affine + self.bias)
        return LayerCost(shape, pointwise_axes(shape), learned)


class BatchNorm1d(_BatchNorm):
    """Batch normalization of rows, or of a flat input."""

    ranks: ClassVar[tuple[int, ...]] = (0, 1)


class BatchNorm2d(_BatchNorm):
    """Batch normalization of images."""

    ranks: ClassVar[tuple[int, ...]] = (2,)


@dataclass(frozen=True, repr=False)
class Linear(Description):
    """Fully connected layer: a weight for each pair of an input and an output number."""

    in_features: int
    out_features: int
    bias: bool = True

    def __post_init__(self) -> None:
        """Validate the arguments."""
        arguments.integer("in_features", self.in_features)
        arguments.integer("out_features", self.out_features)
        arguments.flag("bias", self.bias)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one flat input, (in_features,)."""
        if len(shape) > 1:
            product = f"{' * '.join(map(str, shape))} = {math.prod(shape)}"
            raise ValueError(
                f"its input has shape {shape}; Flatten() before it gives {product} features"
            )
        if self.in_features != shape[0]:
            raise ValueError(
                f"in_features={self.in_features}, but its input has {shape[0]} features"
            )
        weights = self.in_features * self.out_features
        parameters = weights + self.bias * self.out_features
        return LayerCost((self.out_features,), (), parameters, weights)


@dataclass(frozen=True, repr=False)
class Flatten(Description):
    """Flatten layer: all numbers in one axis; its receptive field is the whole image."""

    start_dim: int = 1
    end_dim: int = -1

    def __post_init__(self) -> None:
        """Validate the arguments."""
        if (self.start_dim, self.end_dim) != (1, -1):
            raise ValueError(
                f"start_dim={shown(self.start_dim)} and end_dim={shown(self.end_dim)} must be 1 "
                "and -1: all but the batch"
            )

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image: a view, which takes no memory."""
        return LayerCost((math.prod(shape),), axes=None, stored=False)


@dataclass(frozen=True, repr=False)
class ChannelShuffle(Description):
    """Channel shuffle layer: reorders channels so that the next layer's groups mix."""

    groups: int

    def __post_init__(self) -> None:
        """Validate the argument."""
        arguments.integer("groups", self.groups)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, *size)."""
        if shape[0] % self.groups:
            raise ValueError(
                f"groups={self.groups} must divide the {shape[0]} channels of its input"
            )
        return LayerCost(shape, pointwise_axes(shape))


@dataclass(frozen=True, init=False, repr=False)
class Branch:
    """Parallel paths from one input, whose outputs are added or concatenated.

    Parameters
    ----------
    paths : lists of layers, or dicts of named ones
        At least two. An empty list is a shortcut: its output is the input.
    join : {'add', 'cat'}
        'add' requires outputs of one shape, 'cat' lets their channels differ.

    Attributes
    ----------
    paths : tuple
    join : str

    Raises
    ------
    ValueError
        There are fewer than two paths, or ``join`` is another string.
    TypeError
        A path is neither a list nor a dict.

    Notes
    -----
    Chapter ``07-networks``.

    Examples
    --------
    >>> from convlib import Conv2d
    >>> Branch([Conv2d(8, 8, 3, padding=1)], [], join="add")
    Branch([Conv2d(8, 8, 3, padding=1)], [], join='add')
    """

    paths: tuple[Any, ...]
    join: str

    def __init__(self, *paths: Sequence[Any] | Mapping[str, Any], join: str) -> None:
        for path in paths:
            if not isinstance(path, list | tuple | Mapping):
                raise TypeError(
                    f"paths must be lists of layers, or dicts of them, not {shown(path)}"
                )
        if len(paths) < 2:
            raise ValueError(f"paths must be at least 2, not {len(paths)}")
        object.__setattr__(self, "paths", paths)
        object.__setattr__(self, "join", arguments.choice("join", join, JOINS))

    def __repr__(self) -> str:
        """Return the branch as one would type it."""
        return f"Branch({', '.join(map(repr, self.paths))}, join={self.join!r})"
