"""Depthwise separable convolution: a depthwise one, then a pointwise one."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from convlib import arguments
from convlib.arguments import Array, Ints, Mode, Padding
from convlib.layers import Conv2d, checked_state, state_shapes


class DepthwiseSeparableConv2d:
    """Depthwise separable convolution: a depthwise convolution, then a pointwise one.

    The depthwise convolution reads each channel separately, with kernels of its own. The
    pointwise one, 1 x 1, mixes the channels at each pixel. A depthwise convolution alone,
    which is ``groups=in_channels``, mixes no channels.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, padding, dilation, padding_mode
        Of the depthwise convolution, as in `Conv2d`.
    bias : bool
        Of the pointwise convolution. The depthwise one has none: it would only add a
        constant to this one.
    multiplier : int
        Kernels for each input channel, torch's ``out_channels // in_channels`` of the
        depthwise step.
    dtype, rng
        As in `Conv2d`.

    Attributes
    ----------
    depthwise : Conv2d
        From in_channels to in_channels * multiplier, with groups=in_channels.
    pointwise : Conv2d
        From in_channels * multiplier to out_channels, with kernel_size=1.

    Raises
    ------
    ValueError, TypeError
        As `Conv2d`; and ``multiplier`` is below 1 or no int.

    Notes
    -----
    Chapter ``separable``. After Chollet (2017), arXiv:1610.02357, and Howard et al. (2017),
    arXiv:1704.04861, which puts a batch normalization and a ReLU between the steps.

    Examples
    --------
    >>> layer = DepthwiseSeparableConv2d(32, 64, kernel_size=3, padding=1, rng=0)
    >>> layer.depthwise.weight.shape, layer.pointwise.weight.shape
    ((32, 1, 3, 3), (64, 32, 1, 1))
    >>> layer(np.zeros((1, 32, 7, 7), dtype=np.float32)).shape
    (1, 64, 7, 7)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Padding = 0,
        dilation: Ints = 1,
        bias: bool = True,
        padding_mode: Mode = "zeros",
        *,
        multiplier: int = 1,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        middle = arguments.integer("in_channels", in_channels)
        middle *= arguments.integer("multiplier", multiplier)
        generator = arguments.generator("rng", rng)
        self.depthwise: Conv2d = Conv2d(
            in_channels,
            middle,
            kernel_size,
            stride,
            padding,
            dilation,
            groups=in_channels,
            bias=False,
            padding_mode=padding_mode,
            dtype=dtype,
            rng=generator,
        )
        self.pointwise: Conv2d = Conv2d(
            middle, out_channels, kernel_size=1, bias=bias, dtype=dtype, rng=generator
        )

    def __call__(self, input: Array) -> Array:
        """Convolve a batch (N, in_channels, H, W), or one image (in_channels, H, W)."""
        return self.pointwise(self.depthwise(input))

    def state_dict(self) -> dict[str, Any]:  # Any: np.savez(file, **state) type-checks
        """Copy the weights of both steps into a dict, as a torch module names them."""
        steps = {"depthwise": self.depthwise, "pointwise": self.pointwise}
        return {
            f"{step}.{name}": array
            for step, layer in steps.items()
            for name, array in layer.state_dict().items()
        }

    def load_state_dict(self, state: Mapping[str, Any], *, prefix: str = "") -> None:
        """Copy the weights of both steps from a dict, as `Conv2d.load_state_dict` does."""
        steps = {"depthwise": self.depthwise, "pointwise": self.pointwise}
        shapes = {
            f"{step}.{name}": shape
            for step, layer in steps.items()
            for name, shape in state_shapes(layer).items()
        }
        for name, array in checked_state(state, shapes, self.depthwise.dtype, prefix).items():
            step, kind = name.split(".")
            setattr(steps[step], kind, array.copy())

    def __repr__(self) -> str:
        """Show both steps."""
        return f"DepthwiseSeparableConv2d(\n  {self.depthwise},\n  {self.pointwise},\n)"
