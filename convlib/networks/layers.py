"""The layers of a network: torch's names and arguments, integers only.

A layer says what it makes of a shape: the output's, through which windows, at what cost.
Shapes are those of one image, (C, H, W), or (C, W) and so on, and (C,) once it is flat.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, NamedTuple

from convlib import checks
from convlib.checks import Ints, Padding
from convlib.geometry import output_size, reach
from convlib.problem import Problem

Shape = tuple[int, ...]
Window = tuple[int, int, int, int]  # kernel_size, stride, zeros before, dilation

PIXEL: Window = (1, 1, 0, 1)  # reads the pixel at its own place


class Step(NamedTuple):
    """What a layer makes of a shape."""

    output: Shape
    windows: tuple[Window, ...]  # for each axis of the input
    parameters: int = 0
    macs: int = 0
    stored: bool = True  # whether the output takes memory of its own


@dataclass(frozen=True, repr=False)
class Layer:
    """What the layers have in common: they are compared and written by their arguments."""

    def step(self, shape: Shape) -> Step:
        """Say what comes of an input of that shape, or refuse it."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Write the layer as one would type it: without what is the default."""
        said = []
        for each in fields(self):
            value = getattr(self, each.name)
            short = value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
            if each.default is MISSING:
                said.append(f"{short!r}")
            elif short != each.default and value != self._alias(each.name):
                said.append(f"{each.name}={short!r}")
        return f"{type(self).__name__}({', '.join(said)})"

    def _alias(self, name: str) -> object:
        """Say what an argument is where it is left out, if that depends on another one."""
        return None

    def _settle(self, **values: object) -> None:
        """Keep arguments in the one form that the checks gave them."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, repr=False)
class _Conv(Layer):
    in_channels: int
    out_channels: int
    kernel_size: Ints
    stride: Ints = 1
    padding: Padding = 0
    dilation: Ints = 1
    groups: int = 1
    bias: bool = True
    padding_mode: str = "zeros"
    axes: ClassVar[int]

    def __post_init__(self) -> None:
        channels = checks.channels(self.in_channels, self.out_channels, self.groups)
        stride = checks.integers("stride", self.stride, self.axes)
        padding = checks.padding_per_axis(self.padding, self.axes, stride)
        self._settle(
            **dict(zip(("in_channels", "out_channels", "groups"), channels, strict=True)),
            kernel_size=checks.integers("kernel_size", self.kernel_size, self.axes),
            stride=stride,
            padding=self.padding if isinstance(self.padding, str) else padding,
            dilation=checks.integers("dilation", self.dilation, self.axes),
            bias=checks.switch("bias", self.bias),
            padding_mode=checks.mode("padding_mode", self.padding_mode),
        )

    def step(self, shape: Shape) -> Step:
        checks.image_shape(shape, self.axes)
        checks.reads("in_channels", self.in_channels, shape)
        kernel_size: Any = self.kernel_size  # a tuple, since it was settled
        weight = (self.out_channels, self.in_channels // self.groups, *kernel_size)
        geometry = self.stride, self.padding, self.dilation, self.groups
        problem = Problem.of((1, *shape), weight, *geometry)
        checks.mode_reaches(self.padding_mode, problem.frame, shape[1:])
        befores = (before for before, _ in problem.frame)
        windows = zip(problem.kernel_size, problem.stride, befores, problem.dilation, strict=True)
        parameters = problem.weights + self.bias * self.out_channels
        return Step(problem.output[1:], tuple(windows), parameters, problem.macs)


class Conv1d(_Conv):
    """A convolution along one axis."""

    axes = 1


class Conv2d(_Conv):
    """A convolution along height and width."""

    axes = 2


class Conv3d(_Conv):
    """A convolution along depth, height and width."""

    axes = 3


@dataclass(frozen=True, repr=False)
class _Pool(Layer):
    """Windows without weights, one channel at a time."""

    kernel_size: Ints
    stride: Ints | None = None
    padding: Ints = 0
    axes: ClassVar[int]

    def __post_init__(self) -> None:
        kernel_size = checks.integers("kernel_size", self.kernel_size, self.axes)
        stride = kernel_size if self.stride is None else self.stride
        self._settle(
            kernel_size=kernel_size,
            stride=checks.integers("stride", stride, self.axes),
            padding=checks.integers("padding", self.padding, self.axes),
        )
        for window in self._windows():
            checks.half_padded(*window)

    def _alias(self, name: str) -> object:
        return self.kernel_size if name == "stride" else None

    def _windows(self) -> tuple[Window, ...]:
        dilation = checks.integers("dilation", getattr(self, "dilation", 1), self.axes)
        geometry: Any = self.kernel_size, self.stride, self.padding, dilation
        return tuple(zip(*geometry, strict=True))

    def step(self, shape: Shape) -> Step:
        checks.image_shape(shape, self.axes)
        windows, ceil_mode = self._windows(), getattr(self, "ceil_mode", False)
        sizes = zip(shape[1:], windows, strict=True)
        output = tuple(pooled_size(size, *window, ceil_mode) for size, window in sizes)
        return Step((shape[0], *output), windows)


@dataclass(frozen=True, repr=False)
class _MaxPool(_Pool):
    dilation: Ints = 1
    return_indices: bool = False
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._settle(dilation=checks.integers("dilation", self.dilation, self.axes))
        checks.switch("ceil_mode", self.ceil_mode)


class MaxPool1d(_MaxPool):
    """The largest number of each window along one axis."""

    axes = 1


class MaxPool2d(_MaxPool):
    """The largest number of each window."""

    axes = 2


@dataclass(frozen=True, repr=False)
class _AvgPool(_Pool):
    ceil_mode: bool = False
    count_include_pad: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.switch("ceil_mode", self.ceil_mode)


class AvgPool1d(_AvgPool):
    """The mean of each window along one axis."""

    axes = 1


@dataclass(frozen=True, repr=False)
class AvgPool2d(_AvgPool):
    """The mean of each window."""

    divisor_override: int | None = None
    axes = 2


def pooled_size(
    size: int, kernel_size: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> int:
    """Count the windows of a pooling layer; ceil_mode keeps one that overhangs the end.

    Examples
    --------
    >>> [pooled_size(6, 3, 2, 0, 1, ceil_mode) for ceil_mode in (False, True)]
    [2, 3]
    """
    if not ceil_mode:
        return output_size(size, kernel_size, stride, padding, dilation)
    free = size + 2 * padding - reach(kernel_size, dilation)
    count = -(-free // stride) + 1
    if (count - 1) * stride >= size + padding:  # it would begin in the padding behind
        count -= 1
    checks.some_window(count, kernel_size, size)
    return count


@dataclass(frozen=True, repr=False)
class _AdaptivePool(Layer):
    """As many windows as asked for; here only where they are all of one size."""

    output_size: Any
    axes: ClassVar[int]

    def __post_init__(self) -> None:
        self._settle(output_size=checks.adaptive("output_size", self.output_size, self.axes))

    def step(self, shape: Shape) -> Step:
        checks.image_shape(shape, self.axes)
        counts = tuple(
            size if wanted is None else wanted
            for wanted, size in zip(self.output_size, shape[1:], strict=True)
        )
        sides = [
            checks.even_parts("output_size", count, size)
            for count, size in zip(counts, shape[1:], strict=True)
        ]
        return Step((shape[0], *counts), tuple((side, side, 0, 1) for side in sides))


class AdaptiveAvgPool1d(_AdaptivePool):
    """Means of parts of a row."""

    axes = 1


class AdaptiveAvgPool2d(_AdaptivePool):
    """Means of parts of the image, of all of it for an output_size of 1."""

    axes = 2


class AdaptiveMaxPool1d(_AdaptivePool):
    """The largest numbers of parts of a row."""

    axes = 1


class AdaptiveMaxPool2d(_AdaptivePool):
    """The largest numbers of parts of the image."""

    axes = 2


@dataclass(frozen=True, repr=False)
class _ZeroPad(Layer):
    """Zeros around; in torch's order for this layer, which names the last axis first."""

    padding: Any
    axes: ClassVar[int]

    def __post_init__(self) -> None:
        self._settle(padding=checks.integers("padding", self.padding, 2 * self.axes, LAST_FIRST))

    def step(self, shape: Shape) -> Step:
        checks.image_shape(shape, self.axes)
        befores, afters = self.padding[-2::-2], self.padding[::-2]
        sizes = zip(shape[1:], befores, afters, strict=True)
        output = tuple(before + size + after for size, before, after in sizes)
        return Step((shape[0], *output), tuple((1, 1, before, 1) for before in befores))


LAST_FIRST = "(left, right) or (left, right, top, bottom)"


class ZeroPad1d(_ZeroPad):
    """Zeros at both ends: an int, or (left, right)."""

    axes = 1


class ZeroPad2d(_ZeroPad):
    """Zeros on all sides: an int, or (left, right, top, bottom)."""

    axes = 2


@dataclass(frozen=True, repr=False)
class _BatchNorm(Layer):
    """A factor and a summand for each channel."""

    num_features: int
    eps: float = 1e-05
    momentum: float | None = 0.1
    affine: bool = True
    track_running_stats: bool = True
    bias: bool = field(default=True, kw_only=True)
    axes: ClassVar[tuple[int, ...]]

    def __post_init__(self) -> None:
        checks.integer("num_features", self.num_features)
        affine = checks.switch("affine", self.affine)
        self._settle(bias=checks.switch("bias", self.bias) and affine)

    def step(self, shape: Shape) -> Step:
        checks.axes_of(shape, self.axes)
        checks.reads("num_features", self.num_features, shape)
        learned = self.num_features * (self.affine + self.bias)
        return Step(shape, (PIXEL,) * (len(shape) - 1), learned)


class BatchNorm1d(_BatchNorm):
    """Batch normalization of rows, or of a flat input."""

    axes: ClassVar[tuple[int, ...]] = (0, 1)


class BatchNorm2d(_BatchNorm):
    """Batch normalization of images."""

    axes: ClassVar[tuple[int, ...]] = (2,)


@dataclass(frozen=True, repr=False)
class Linear(Layer):
    """Every number of a flat input, weighted, for every number of the output."""

    in_features: int
    out_features: int
    bias: bool = True

    def __post_init__(self) -> None:
        checks.integer("in_features", self.in_features)
        checks.integer("out_features", self.out_features)
        checks.switch("bias", self.bias)

    def step(self, shape: Shape) -> Step:
        checks.flat("in_features", self.in_features, shape)
        weights = self.in_features * self.out_features
        return Step((self.out_features,), (), weights + self.bias * self.out_features, weights)


@dataclass(frozen=True, repr=False)
class Flatten(Layer):
    """Channels, rows and columns in one line; whoever reads it sees all of the image."""

    start_dim: int = 1
    end_dim: int = -1

    def __post_init__(self) -> None:
        checks.from_one_to_the_last(self.start_dim, self.end_dim)

    def step(self, shape: Shape) -> Step:
        windows = tuple((size, 1, 0, 1) for size in shape[1:])
        return Step((math.prod(shape),), windows, stored=False)


@dataclass(frozen=True, repr=False)
class ChannelShuffle(Layer):
    """The channels in another order."""

    groups: int

    def __post_init__(self) -> None:
        checks.integer("groups", self.groups)

    def step(self, shape: Shape) -> Step:
        checks.divides("groups", self.groups, shape)
        return Step(shape, (PIXEL,) * (len(shape) - 1))


# Layers of torch that give each number back changed, where it stood.
ELEMENTWISE = (
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "ELU",
    "GELU",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "LeakyReLU",
    "Mish",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
)


@dataclass(frozen=True, repr=False)
class Elementwise(Layer):
    """Each number by itself: an activation, dropout, or nothing at all."""

    name: str

    def __post_init__(self) -> None:
        checks.one_of("name", self.name, ELEMENTWISE)

    def step(self, shape: Shape) -> Step:
        return Step(shape, (PIXEL,) * (len(shape) - 1), stored=self.name != "Identity")

    def __repr__(self) -> str:
        return f"{self.name}()"


@dataclass(frozen=True, init=False, repr=False)
class Branch:
    """What runs side by side on one input, and is then added or laid channel behind channel.

    Parameters
    ----------
    paths : lists of layers, or dicts of named ones
        At least two. An empty list hands the input on, as a shortcut does.
    join : {'add', 'cat'}
        'add' wants outputs of one shape, 'cat' lets their channels differ.

    Attributes
    ----------
    paths : tuple
    join : str

    Raises
    ------
    ValueError
        There are fewer than two paths, or ``join`` is another word.
    TypeError
        A path is neither a list nor a dict.

    Notes
    -----
    Chapter ``07-networks``.

    Examples
    --------
    >>> Branch([Conv2d(8, 8, 3, padding=1)], [], join="add")
    Branch([Conv2d(8, 8, 3, padding=1)], [], join='add')
    """

    paths: tuple[Any, ...]
    join: str

    def __init__(self, *paths: Sequence[Any] | Mapping[str, Any], join: str) -> None:
        checks.paths("paths", paths)
        object.__setattr__(self, "paths", paths)
        object.__setattr__(self, "join", checks.one_of("join", join, ("add", "cat")))

    def __repr__(self) -> str:
        """Write the branch as one would type it."""
        return f"Branch({', '.join(map(repr, self.paths))}, join={self.join!r})"
