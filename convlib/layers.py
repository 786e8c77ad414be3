"""Layers: convolutions that keep their weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from convlib import checks
from convlib.checks import Array, Ints, Padding
from convlib.functional import conv2d
from convlib.geometry import sides
from convlib.padding import pad


class Conv2d:
    """`conv2d` with weights of its own, and with any kind of border.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input, and kernels, each of which makes one channel of the output.
    kernel_size, stride, padding, dilation, groups
        As in `conv2d`; kernel_size is an int or (int, int).
    bias : bool
        Whether a number for each kernel is added.
    padding_mode : {'zeros', 'reflect', 'replicate', 'circular'}
        What the border holds, as in `pad`.
    dtype : dtype
        Of weight and bias, and so of the input: float or complex. float32 by default.
    rng : None, int or numpy.random.Generator
        Where the first weights come from; a seed makes them repeatable.
    exact : bool
        As in `conv2d`.

    Attributes
    ----------
    weight : ndarray, shape (out_channels, in_channels // groups, kH, kW)
        At first uniform between -b and b, b = 1/sqrt(in_channels // groups * kH * kW), as
        in torch. Write into it or assign another: the next call computes with it.
    bias : ndarray, shape (out_channels,), or None
        Likewise.

    Raises
    ------
    ValueError, TypeError
        At construction, where an argument is bad by itself or ``groups`` does not divide
        both channel counts; at the call, as `conv2d` and `pad`; where weights of another
        shape are assigned, or a state does not fit.

    Notes
    -----
    Chapter ``06-separable``. Agrees with ``torch.nn.Conv2d``, and is stricter at
    construction.

    Examples
    --------
    >>> layer = Conv2d(3, 8, kernel_size=5, stride=2, padding=2, rng=0)
    >>> layer
    Conv2d(3, 8, kernel_size=(5, 5), stride=(2, 2), padding=(2, 2))
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
        padding_mode: str = "zeros",
        *,
        dtype: Any = np.float32,
        rng: Any = None,
        exact: bool = True,
    ) -> None:
        self.in_channels: int
        self.out_channels: int
        self.groups: int
        self.in_channels, self.out_channels, self.groups = checks.channels(
            in_channels, out_channels, groups
        )
        self.kernel_size: tuple[int, ...] = checks.integers("kernel_size", kernel_size, 2)
        self.stride: tuple[int, ...] = checks.integers("stride", stride, 2)
        taken = checks.padding_per_axis(padding, 2, self.stride)
        self.padding: Any = padding if isinstance(padding, str) else taken
        self.dilation: tuple[int, ...] = checks.integers("dilation", dilation, 2)
        self.padding_mode: str = checks.mode("padding_mode", padding_mode)
        self.exact: bool = checks.switch("exact", exact)
        dtype, generator = checks.floating("dtype", dtype), checks.generator("rng", rng)
        shape = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        self._weight = _uniform(generator, bound, shape, dtype)
        self._bias = _uniform(generator, bound, shape[:1], dtype) if bias else None

    @property
    def weight(self) -> Array:
        """The kernels."""
        return self._weight

    @weight.setter
    def weight(self, value: Array) -> None:
        self._weight = checks.weights("weight", value, self._weight.shape)

    @property
    def bias(self) -> Array | None:
        """A number for each kernel, or None."""
        return self._bias

    @bias.setter
    def bias(self, value: Array | None) -> None:
        wanted = (self.out_channels,)
        self._bias = None if value is None else checks.weights("bias", value, wanted)

    def state_dict(self) -> dict[str, Array]:
        """Copy the weights into a dict, under torch's names."""
        named = {"weight": self.weight, "bias": self.bias}
        return {name: array.copy() for name, array in named.items() if array is not None}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Copy weights from a dict of arrays, a torch state_dict or an opened .npz file.

        Names, shapes and dtypes must be those that `Conv2d.state_dict` gives.
        """
        for name, array in checks.state(state, self.state_dict()).items():
            setattr(self, name, array.copy())

    def __call__(self, input: Array) -> Array:
        """Convolve a batch (N, in_channels, H, W), or one image (in_channels, H, W)."""
        padding = self.padding
        if self.padding_mode != "zeros":
            frame = sides(self.padding, self.kernel_size, self.dilation)
            input, padding = pad(checks.array("input", input), frame, self.padding_mode), 0
        steps = self.stride, padding, self.dilation, self.groups
        return conv2d(input, self.weight, self.bias, *steps, exact=self.exact)

    def __repr__(self) -> str:
        """Write the layer as torch writes it: what is not the default."""
        said = [f"{self.in_channels}, {self.out_channels}", f"kernel_size={self.kernel_size}"]
        said += [f"stride={self.stride}"]
        said += [f"padding={self.padding}"] if self.padding != (0, 0) else []
        said += [f"dilation={self.dilation}"] if self.dilation != (1, 1) else []
        said += [f"groups={self.groups}"] if self.groups != 1 else []
        said += ["bias=False"] if self.bias is None else []
        said += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        said += [] if self.exact else ["exact=False"]
        return f"Conv2d({', '.join(said)})"


def _uniform(
    generator: "np.random.Generator", bound: float, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> Array:
    """Draw numbers between -bound and bound; of a complex dtype, both parts."""
    drawn: Array = generator.uniform(-bound, bound, shape)
    if dtype.kind == "c":
        drawn = drawn + 1j * generator.uniform(-bound, bound, shape)
    return drawn.astype(dtype)
