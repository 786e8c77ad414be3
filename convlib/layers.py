"""Convolution layers: their arguments, their weights, and what they cost."""

import math
import os
import threading
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from convlib import arguments
from convlib.arguments import DTYPES, MODES, Amounts, Array, Ints, Mode, Padding, Pairs, shown
from convlib.connections import transposed_windows
from convlib.functional import convolution
from convlib.geometry import transposed_sizes
from convlib.layer import Layer, LayerCost, check_channels, check_image_shape
from convlib.padding import check_mode
from convlib.spec import Axis, ConvSpec, Sizes, fit_axes
from convlib.transposed import transposed_convolution

MOST_NAMES = 8  # of a state that a message lists

_creating_weights = threading.Lock()


class ConvLayer(Layer):
    """A layer with a weight and perhaps a bias, which are created on first access."""

    axes: ClassVar[int]
    in_channels: int
    out_channels: int
    kernel_size: Sizes
    stride: Sizes
    padding: Any
    dilation: Sizes
    groups: int
    padding_mode: Any
    dtype: "np.dtype[Any]"
    _pairs: Pairs
    _seed: int
    _weight: Array | None
    _bias: Array | None
    _has_bias: bool

    @property
    def weight_shape(self) -> Sizes:
        """Shape of the weight."""
        raise NotImplementedError

    def _set_channels(self, in_channels: int, out_channels: int, groups: int) -> None:
        counts = arguments.channels(in_channels, out_channels, groups)
        self.in_channels, self.out_channels, self.groups = counts

    def _set_geometry(
        self, kernel_size: Ints, stride: Ints, padding: Padding, dilation: Ints, words: bool
    ) -> None:
        self.kernel_size = arguments.integers("kernel_size", kernel_size, self.axes)
        self.stride = arguments.integers("stride", stride, self.axes)
        self.dilation = arguments.integers("dilation", dilation, self.axes)
        self._pairs = arguments.padding(
            padding, self.kernel_size, self.stride, self.dilation, words
        )
        symmetric = all(before == after for before, after in self._pairs)
        each = tuple(before for before, _ in self._pairs) if symmetric else self._pairs
        self.padding = padding if isinstance(padding, str) else each

    def _set_padding_mode(self, padding_mode: str, modes: tuple[str, ...]) -> None:
        self.padding_mode = arguments.choice("padding_mode", padding_mode, modes)

    def _set_weights(self, bias: object, dtype: object, rng: object) -> None:
        self._has_bias = arguments.flag("bias", bias)
        self.dtype = _floating(dtype)
        self._seed = _seed(rng)
        self._weight = self._bias = None

    def _create_weights(self) -> None:
        """Draw the weight and the bias unless they were assigned; a seed makes them repeatable."""
        with _creating_weights:
            draw = np.random.default_rng(self._seed)
            bound = 1 / math.sqrt(math.prod(self.weight_shape[1:]))
            weight = _uniform(draw, bound, self.weight_shape, self.dtype)
            bias = _uniform(draw, bound, (self.out_channels,), self.dtype)
            if self._weight is None:
                self._weight = weight
            if self._has_bias and self._bias is None:
                self._bias = bias

    @property
    def weight(self) -> Array:
        """Kernels of the layer."""
        if self._weight is None:
            self._create_weights()
        weight: Any = self._weight
        return weight  # type: ignore[no-any-return]

    @weight.setter
    def weight(self, value: Array) -> None:
        self._weight = self._checked("weight", value, self.weight_shape)

    @property
    def bias(self) -> Array | None:
        """A number for each output channel, or None."""
        if self._has_bias and self._bias is None:
            self._create_weights()
        return self._bias

    @bias.setter
    def bias(self, value: Array | None) -> None:
        if value is not None:
            value = self._checked("bias", value, (self.out_channels,))
        self._bias, self._has_bias = value, value is not None

    def _checked(self, name: str, value: object, shape: Sizes) -> Array:
        """Return an array that may become the weight or the bias."""
        array = arguments.numbers(name, value)
        check_weight(name, array, shape, self.dtype)
        return array

    @property
    def parameters(self) -> int:
        """Numbers of weight and bias."""
        return math.prod(self.weight_shape) + self._has_bias * self.out_channels

    def state_dict(self) -> dict[str, Any]:  # Any: np.savez(file, **state) type-checks
        """Copy the weights into a dict, under torch's names."""
        named = {"weight": self.weight, "bias": self.bias}
        return {name: array.copy() for name, array in named.items() if array is not None}

    def load_state_dict(self, state: Mapping[str, Any], *, prefix: str = "") -> None:
        """Copy weights from a dict of arrays, a torch state_dict or an opened .npz file.

        Names, shapes and dtypes must be those that `Conv2d.state_dict` returns. With a
        ``prefix`` such as "0." the state may be that of a whole network: "0.weight" and
        "0.bias" are copied, and names that begin otherwise are ignored.
        """
        for name, array in checked_state(state, state_shapes(self), self.dtype, prefix).items():
            setattr(self, name, array.copy())

    def _argument(self, name: str) -> object:
        if name == "bias":
            return self._has_bias
        if name == "dtype":
            return np.float32 if self.dtype == np.float32 else self.dtype.name
        return None if name == "rng" else getattr(self, name)


class _Conv(ConvLayer):
    exact: bool

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Padding = 0,
        dilation: Ints = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Mode = "zeros",
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        self._set_channels(in_channels, out_channels, groups)
        self._set_geometry(kernel_size, stride, padding, dilation, words=True)
        self._set_padding_mode(padding_mode, MODES)
        self.exact = True
        self._set_weights(bias, dtype, rng)

    @property
    def weight_shape(self) -> Sizes:
        """Shape of the weight, (out_channels, in_channels // groups, *kernel_size)."""
        return self.out_channels, self.in_channels // self.groups, *self.kernel_size

    def __call__(self, input: Array) -> Array:
        """Convolve a batch ``(N, in_channels, *size)``, or one image without N."""
        return convolution(
            self.axes,
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            exact=self.exact,
            padding_mode=self.padding_mode,
        )

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (in_channels, *size)."""
        check_image_shape(shape, self.axes)
        check_channels("in_channels", self.in_channels, shape)
        axes = fit_axes(shape[1:], self.kernel_size, self.stride, self._pairs, self.dilation)
        check_mode(self.padding_mode, self._pairs, shape[1:])
        spec = ConvSpec(1, self.in_channels, self.out_channels, self.groups, axes)
        costs = self.parameters, spec.macs
        return LayerCost(spec.output_shape[1:], axes, *costs, border=self.padding_mode)


class Conv1d(_Conv):
    """1-D convolution layer, `conv1d` with weights of its own.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        As in `Conv2d`, with one axis. ``padding=(before, after)`` may differ: with
        ``((kernel_size - 1) * dilation, 0)`` the layer is causal.
    padding_mode, dtype, rng
        As in `Conv2d`.

    Attributes
    ----------
    weight : ndarray, shape (out_channels, in_channels // groups, kW)
    bias : ndarray, shape (out_channels,), or None

    Raises
    ------
    ValueError, TypeError
        As `Conv2d`.

    Notes
    -----
    Chapter ``separable``. Agrees with ``torch.nn.Conv1d``.

    Examples
    --------
    >>> causal = Conv1d(1, 2, kernel_size=3, padding=(2, 0), rng=0)
    >>> causal(np.zeros((1, 1, 10), dtype=np.float32)).shape
    (1, 2, 10)
    """

    axes = 1


class Conv2d(_Conv):
    """2-D convolution layer, `conv2d` with weights of its own and any border.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output. There is a kernel for each output channel.
    kernel_size, stride, padding, dilation, groups
        As in `conv2d`; kernel_size is an int or (int, int).
    bias : bool
        Whether a number for each output channel is added.
    padding_mode : {'zeros', 'reflect', 'replicate', 'circular'}
        What the border contains, as in `pad`.
    dtype : dtype
        Of weight and bias, and so of the input: float or complex. float32 by default.
    rng : None, int or numpy.random.Generator
        Determines the first weights; a seed makes them repeatable.
    exact : bool
        As in `conv2d`.

    Attributes
    ----------
    weight : ndarray, shape (out_channels, in_channels // groups, kH, kW)
        Uniform between -b and b at first, b = 1/sqrt(in_channels // groups * kH * kW), as
        in torch; created on first access. Write into it or assign another of the same shape
        and dtype: the next call computes with it.
    bias : ndarray, shape (out_channels,), or None
        Likewise.

    Raises
    ------
    ValueError, TypeError
        At construction, where an argument is invalid by itself or ``groups`` does not divide
        both channel counts; at the call, as `conv2d` and `pad`; where weights of another
        shape or dtype are assigned, or a state does not fit.

    Notes
    -----
    Chapter ``separable``. Agrees with ``torch.nn.Conv2d``, and is stricter at
    construction. A layer is also an entry of the lists of ``convlib.networks``, which reads
    its shapes and costs without creating weights.

    Examples
    --------
    >>> layer = Conv2d(3, 8, kernel_size=5, stride=2, padding=2, rng=0)
    >>> layer
    Conv2d(3, 8, 5, stride=2, padding=2)
    >>> layer(np.zeros((1, 3, 32, 32), dtype=np.float32)).shape
    (1, 8, 16, 16)

    The weights go to a file with ``np.savez("layer.npz", **layer.state_dict())`` and come
    back with ``layer.load_state_dict(np.load("layer.npz"))``. A torch layer's go the same
    way, ``layer.load_state_dict(torch_layer.state_dict())``, and convlib imports no torch:

    >>> other = Conv2d(3, 8, kernel_size=5)
    >>> other.load_state_dict(layer.state_dict())
    >>> bool((other.weight == layer.weight).all())
    True
    """

    axes = 2
    exact: bool

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Padding = 0,
        dilation: Ints = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Mode = "zeros",
        *,
        dtype: Any = np.float32,
        rng: Any = None,
        exact: bool = True,
    ) -> None:
        geometry = kernel_size, stride, padding, dilation, groups
        super().__init__(
            in_channels, out_channels, *geometry, bias, padding_mode, dtype=dtype, rng=rng
        )
        self.exact = arguments.flag("exact", exact)


class Conv3d(_Conv):
    """3-D convolution layer, `conv3d` with weights of its own.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        As in `Conv2d`, with three axes, depth first.
    padding_mode, dtype, rng
        As in `Conv2d`.

    Attributes
    ----------
    weight : ndarray, shape (out_channels, in_channels // groups, kD, kH, kW)
    bias : ndarray, shape (out_channels,), or None

    Raises
    ------
    ValueError, TypeError
        As `Conv2d`.

    Notes
    -----
    Chapter ``separable``. Agrees with ``torch.nn.Conv3d``.

    Examples
    --------
    >>> layer = Conv3d(3, 8, kernel_size=(1, 3, 3), padding=(0, 1, 1))
    >>> layer(np.zeros((1, 3, 2, 5, 5), dtype=np.float32)).shape
    (1, 8, 2, 5, 5)
    """

    axes = 3


class _ConvTranspose(ConvLayer):
    output_padding: Sizes

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Amounts = 0,
        output_padding: Ints = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Ints = 1,
        padding_mode: Literal["zeros"] = "zeros",
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        self._set_channels(in_channels, out_channels, groups)
        self._set_geometry(kernel_size, stride, padding, dilation, words=False)
        self.output_padding = arguments.integers("output_padding", output_padding, self.axes)
        self._set_padding_mode(padding_mode, MODES[:1])
        self._set_weights(bias, dtype, rng)

    @property
    def weight_shape(self) -> Sizes:
        """Shape of the weight, (in_channels, out_channels // groups, *kernel_size)."""
        return self.in_channels, self.out_channels // self.groups, *self.kernel_size

    def __call__(self, input: Array) -> Array:
        """Transform a batch ``(N, in_channels, *size)``, or one image without N."""
        arrays = input, self.weight, self.bias
        settings = self.stride, self.padding, self.output_padding, self.groups, self.dilation
        return transposed_convolution(self.axes, *arrays, *settings)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image: each weight is used once per input pixel."""
        check_image_shape(shape, self.axes)
        check_channels("in_channels", self.in_channels, shape)
        rules = self.kernel_size, self.stride, self._pairs, self.output_padding, self.dilation
        sizes = transposed_sizes(shape[1:], *rules)
        windows = map(Axis, shape[1:], self.kernel_size, self.stride, self._pairs, self.dilation)
        axes = tuple(map(transposed_windows, windows, sizes))
        macs = math.prod((*self.weight_shape, *shape[1:]))
        return LayerCost((self.out_channels, *sizes), axes, self.parameters, macs)


class ConvTranspose1d(_ConvTranspose):
    """1-D transposed convolution layer, `conv_transpose1d` with weights of its own.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias
        As in `ConvTranspose2d`, with one axis.
    dilation, padding_mode, dtype, rng
        As in `ConvTranspose2d`.

    Attributes
    ----------
    weight : ndarray, shape (in_channels, out_channels // groups, kW)
    bias : ndarray, shape (out_channels,), or None

    Raises
    ------
    ValueError, TypeError
        As `ConvTranspose2d`.

    Notes
    -----
    Chapter ``transposed``. Agrees with ``torch.nn.ConvTranspose1d``.

    Examples
    --------
    >>> layer = ConvTranspose1d(1, 2, kernel_size=4, stride=2)
    >>> layer(np.zeros((1, 1, 6), dtype=np.float32)).shape
    (1, 2, 14)
    """

    axes = 1


class ConvTranspose2d(_ConvTranspose):
    """2-D transposed convolution layer, `conv_transpose2d` with weights of its own.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output.
    kernel_size, stride, padding, output_padding, groups
        As in `conv_transpose2d`; kernel_size is an int or (int, int).
    bias : bool
        Whether a number for each output channel is added.
    dilation : int or (int, int)
        As in `conv_transpose2d`; after bias, as in torch.
    padding_mode : {'zeros'}
        torch supports no other.
    dtype, rng
        As in `Conv2d`.

    Attributes
    ----------
    weight : ndarray, shape (in_channels, out_channels // groups, kH, kW)
        Uniform between -b and b at first, b = 1/sqrt(out_channels // groups * kH * kW), as
        in torch; created on first access.
    bias : ndarray, shape (out_channels,), or None

    Raises
    ------
    ValueError, TypeError
        As `Conv2d`; at the call, as `conv_transpose2d`.

    Notes
    -----
    Chapter ``transposed``. Agrees with ``torch.nn.ConvTranspose2d``.

    Examples
    --------
    >>> layer = ConvTranspose2d(8, 3, kernel_size=2, stride=2)
    >>> layer(np.zeros((1, 8, 5, 5), dtype=np.float32)).shape
    (1, 3, 10, 10)
    """

    axes = 2


class ConvTranspose3d(_ConvTranspose):
    """3-D transposed convolution layer, `conv_transpose3d` with weights of its own.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias
        As in `ConvTranspose2d`, with three axes, depth first.
    dilation, padding_mode, dtype, rng
        As in `ConvTranspose2d`.

    Attributes
    ----------
    weight : ndarray, shape (in_channels, out_channels // groups, kD, kH, kW)
    bias : ndarray, shape (out_channels,), or None

    Raises
    ------
    ValueError, TypeError
        As `ConvTranspose2d`.

    Notes
    -----
    Chapter ``transposed``. Agrees with ``torch.nn.ConvTranspose3d``.

    Examples
    --------
    >>> layer = ConvTranspose3d(8, 3, kernel_size=2, stride=2)
    >>> layer(np.zeros((1, 8, 2, 3, 4), dtype=np.float32)).shape
    (1, 3, 4, 6, 8)
    """

    axes = 3


def check_weight(name: str, array: Array, shape: Sizes, dtype: "np.dtype[Any]") -> None:
    """Raise unless an array has the shape and the dtype of the layer's."""
    if array.shape != shape:
        raise ValueError(f"{name} of shape {array.shape} must have the layer's shape {shape}")
    if array.dtype != dtype:
        raise TypeError(
            f"{name} has dtype {array.dtype.name}, but the layer's is {dtype.name}: "
            f"{name}.astype({dtype.name!r})"
        )


def state_shapes(layer: ConvLayer) -> dict[str, Sizes]:
    """Return the shapes of a layer's weights under torch's names, without creating them."""
    bias = {"bias": (layer.out_channels,)} if layer._has_bias else {}
    return {"weight": layer.weight_shape, **bias}


def checked_state(
    state: Any, shapes: Mapping[str, Sizes], dtype: "np.dtype[Any]", prefix: str = ""
) -> dict[str, Array]:
    """Return the weights of a layer, from a mapping of names to arrays or torch's tensors.

    The names of the state begin with ``prefix``, those of ``shapes`` and of the result do not.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"state must be a mapping of names to arrays, not {type(state).__name__}")
    if not isinstance(prefix, str):
        raise TypeError(f"prefix={shown(prefix)} must be a string, not {type(prefix).__name__}")
    expected = {prefix + name: shape for name, shape in shapes.items()}
    present = {name for name in state if str(name).startswith(prefix)}
    if missing := set(expected) - present:
        raise ValueError(
            f"state lacks {_listed(sorted(missing))}; expected: {_listed(expected)}"
            f"; found: {_listed(state) or 'nothing'}"
        )
    if unexpected := present - set(expected):
        raise ValueError(
            f"state has {_listed(sorted(unexpected, key=repr))}; expected: {_listed(expected)}"
        )
    arrays = {name: arguments.numbers(name, _from_torch(name, state[name])) for name in expected}
    for name, array in arrays.items():
        check_weight(name, array, expected[name], dtype)
    return {name.removeprefix(prefix): array for name, array in arrays.items()}


def _listed(names: Iterable[object]) -> str:
    """Return names in quotes; of a long list the first, and how many follow."""
    quoted = [repr(name) for name in names]
    more = f" and {len(quoted) - MOST_NAMES} more" if len(quoted) > MOST_NAMES else ""
    return ", ".join(quoted[:MOST_NAMES]) + more


def _from_torch(name: str, value: Any) -> Any:
    """Read a tensor as an array, without importing torch."""
    if not hasattr(value, "detach"):
        return value
    try:
        return np.asarray(value.detach())
    except (TypeError, RuntimeError) as error:
        raise TypeError(f"{name} cannot be read as an array: {error}") from None


def _floating(dtype: Any) -> "np.dtype[Any]":
    """Return a dtype that weights can have."""
    allowed = [name for name in DTYPES if name != "int64"]
    written = getattr(dtype, "__name__", shown(dtype))
    error = TypeError(f"dtype={written} must be one of {', '.join(allowed)}")
    try:
        result: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        raise error from None
    if dtype is None or not result.isnative or result.name not in allowed:
        raise error
    return result


def _seed(rng: Any) -> int:
    """Return the seed of the weights: an int, one that a generator draws, or a fresh one."""
    if rng is None:
        return int.from_bytes(os.urandom(8), "little")
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    return arguments.integer("rng", rng)


def _uniform(
    draw: "np.random.Generator", bound: float, shape: Sizes, dtype: "np.dtype[Any]"
) -> Array:
    """Draw numbers between -bound and bound; of a complex dtype, both parts."""
    drawn: Array = draw.uniform(-bound, bound, shape)
    if dtype.kind == "c":
        drawn = drawn + 1j * draw.uniform(-bound, bound, shape)
    return drawn.astype(dtype)
