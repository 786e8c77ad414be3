"""Layers without windows: Linear, views, softmax; and Branch."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convlib import arguments
from convlib.arguments import shown
from convlib.connections import all_places, halves, normalized
from convlib.layer import LayerCost, check_image_shape
from convlib.networks.description import Description, pointwise_axes
from convlib.spec import Axis, Sizes

__all__ = [
    "GLU",
    "ChannelShuffle",
    "Flatten",
    "Linear",
    "LogSoftmax",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Unflatten",
]

JOINS = ("add", "cat", "mul")


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
        """Return what the layer does to one input: the last axis has in_features numbers."""
        if self.in_features != shape[-1]:
            raise ValueError(
                f"in_features={self.in_features}, but its input has {_features(shape)}"
            )
        weights = self.in_features * self.out_features
        learned = weights + self.bias * self.out_features
        axes = tuple(
            all_places(size, self.out_features) if axis == len(shape) - 1 else Axis(size, 1)
            for axis, size in enumerate(shape[1:], start=1)
        )
        output = *shape[:-1], self.out_features
        return LayerCost(output, axes, learned, weights * math.prod(shape[:-1]))


def _features(shape: Sizes) -> str:
    """Describe the last axis of an input, and what flattening it would give."""
    if len(shape) == 1:
        return f"{shape[0]} features"
    product = f"{' * '.join(map(str, shape))} = {math.prod(shape)}"
    return f"{shape[-1]} in its last axis: {shape}; Flatten() before it gives {product} features"


@dataclass(frozen=True, repr=False)
class Flatten(Description):
    """Flatten layer: several axes become one; all of them by default.

    The axes are counted with the batch, as torch counts them.
    """

    start_dim: int = 1
    end_dim: int = -1

    def __post_init__(self) -> None:
        """Validate the arguments."""
        for name in ("start_dim", "end_dim"):
            _check_int(name, getattr(self, name))

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image: a view, which takes no memory."""
        rank = len(shape) + 1
        first, last = (_axis(name, getattr(self, name), rank) for name in ("start_dim", "end_dim"))
        if first > last:
            raise ValueError(f"start_dim={self.start_dim} must be before end_dim={self.end_dim}")
        if first == 0 < last < rank - 1:
            raise ValueError(
                f"start_dim=0 and end_dim={self.end_dim} join the batch with some of its axes: "
                "there is no shape of one image"
            )
        first = max(first, 1)
        output = *shape[: first - 1], math.prod(shape[first - 1 : last]), *shape[last:]
        return LayerCost(output if last else shape, axes=None, stored=False)


@dataclass(frozen=True, repr=False)
class Unflatten(Description):
    """Unflatten layer: one axis becomes several; counted with the batch, as torch counts them."""

    dim: int
    unflattened_size: Any

    def __post_init__(self) -> None:
        """Validate the arguments."""
        _check_int("dim", self.dim)
        size = self.unflattened_size
        if not isinstance(size, list | tuple) or not size:
            raise TypeError(f"unflattened_size={shown(size)} must be a tuple of ints")
        self._set(unflattened_size=arguments.integers("unflattened_size", tuple(size), len(size)))

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image: a view, which takes no memory."""
        dim = _axis("dim", self.dim, len(shape) + 1)
        if dim == 0:
            raise ValueError("dim=0 is the batch")
        if math.prod(self.unflattened_size) != shape[dim - 1]:
            raise ValueError(
                f"unflattened_size={self.unflattened_size} must have as many numbers as axis "
                f"{dim} of its input, {shape[dim - 1]}"
            )
        output = *shape[: dim - 1], *self.unflattened_size, *shape[dim:]
        return LayerCost(output, axes=None, stored=False)


def _check_int(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}={shown(value)} must be an int")


def _axis(name: str, value: int, rank: int) -> int:
    """Return an axis counted from the first one, the batch included."""
    if not -rank <= value < rank:
        raise ValueError(f"{name}={value} must be from {-rank} to {rank - 1}, the batch included")
    return value % rank


@dataclass(frozen=True, repr=False)
class _Softmax(Description):
    """Numbers along one axis, divided by the sum of their exponentials."""

    dim: int | None = None

    def __post_init__(self) -> None:
        """Validate the argument."""
        if self.dim is not None:
            _check_int("dim", self.dim)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image; without dim, the axis is the channels."""
        dim = 1 if self.dim is None else _axis("dim", self.dim, len(shape) + 1)
        axes = tuple(
            normalized(size) if axis == dim else Axis(size, 1)
            for axis, size in enumerate(shape[1:], start=2)
        )
        return LayerCost(shape, axes)


class Softmax(_Softmax):
    """Softmax over one axis, counted with the batch."""


class LogSoftmax(_Softmax):
    """Logarithm of the softmax over one axis."""


class Softmin(_Softmax):
    """Softmax of the negative numbers over one axis."""


class Softmax2d(Description):
    """Softmax over the channels of each pixel."""

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, H, W)."""
        check_image_shape(shape, 2)
        return LayerCost(shape, pointwise_axes(shape))


@dataclass(frozen=True, repr=False)
class GLU(Description):
    """Gated linear unit: one half of an axis times the sigmoid of the other."""

    dim: int = -1

    def __post_init__(self) -> None:
        """Validate the argument."""
        _check_int("dim", self.dim)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image."""
        dim = _axis("dim", self.dim, len(shape) + 1)
        if dim == 0 or shape[dim - 1] % 2:
            raise ValueError(f"dim={self.dim} must be an axis of even size of {shape}")
        half = shape[dim - 1] // 2
        axes = tuple(
            halves(size) if axis == dim else Axis(size, 1)
            for axis, size in enumerate(shape[1:], start=2)
        )
        return LayerCost((*shape[: dim - 1], half, *shape[dim:]), axes)


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
    """Parallel paths from one input, whose outputs are added, multiplied or concatenated.

    Parameters
    ----------
    paths : lists of layers, or dicts of named ones
        At least two. An empty list is a shortcut: its output is the input.
    join : {'add', 'mul', 'cat'}
        'add' requires outputs of one shape, 'mul' repeats an axis of size 1, such as that of a
        gate, and 'cat' lets the channels differ.

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
    Chapter ``networks``.

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
