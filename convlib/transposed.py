"""torch.nn.functional's transposed convolutions: the gradient, used as a layer."""

import math
from collections.abc import Sequence
from typing import Any, overload

from convlib import checks
from convlib.checks import Array, Ints
from convlib.geometry import per_axis, reach
from convlib.gradients import input_gradient
from convlib.precision import rounded_once


@overload
def transposed_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int: ...
@overload
def transposed_size(
    size: Sequence[int],
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    dilation: Ints = 1,
) -> tuple[int, ...]: ...
@per_axis
def transposed_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Say which size a convolution came from, or a transposed one leads to.

    Parameters
    ----------
    size : int or tuple of int
        Pixels of the transposed convolution's input, along an axis or along each.
    kernel_size, stride, padding, dilation : int or tuple of int
        As in `output_size`.
    output_padding : int or tuple of int
        Which of the sizes that `output_size` rounds down to the same one is meant:
        0 is the smallest.

    Returns
    -------
    int, or tuple of int
        ``(size - 1)*stride - 2*padding + dilation*(kernel_size - 1) + 1 + output_padding``.

    Raises
    ------
    ValueError
        ``output_padding`` is not smaller than the larger of stride and dilation, nothing is
        left of the output, an argument is below its least value, or tuples differ in length.
    TypeError
        An argument is of the wrong kind; 'same' and 'valid' are, too.

    Notes
    -----
    Chapter ``08-gradients``. The inverse of `output_size`, while ``output_padding`` is
    smaller than the stride. Agrees with the shapes that ``torch.nn.ConvTranspose2d`` gives.

    Examples
    --------
    >>> transposed_size(2, kernel_size=2, stride=2)
    4
    >>> transposed_size(2, kernel_size=2, stride=2, output_padding=1)
    5
    """
    laid = (size - 1) * stride + reach(kernel_size, dilation)
    result = laid - 2 * padding + output_padding
    checks.transposing(stride, padding, output_padding, dilation, result)
    return result


def conv_transpose1d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Array:
    """Lay a bank of kernels out along a batch of rows.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, W) or (C_in, W)
    weight : ndarray, shape (C_in, C_out // groups, kW)
    bias : ndarray, shape (C_out,), optional
    stride, padding, output_padding, groups, dilation
        As in `conv_transpose2d`, with one axis in place of two.

    Returns
    -------
    ndarray, shape (N, C_out, W_out) or (C_out, W_out)

    Raises
    ------
    ValueError, TypeError
        As `conv_transpose2d`.

    Notes
    -----
    Chapter ``08-gradients``. Agrees with ``torch.nn.functional.conv_transpose1d``.

    Examples
    --------
    >>> conv_transpose1d(np.array([[1.0, 2.0]]), np.array([[[1.0, 10.0, 100.0]]]), stride=2)
    array([[  1.,  10., 102.,  20., 200.]])
    """
    return _conv_transpose(
        1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Array:
    """Lay a bank of kernels out over a batch of images, and add up where they overlap.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, H, W) or (C_in, H, W)
        Each pixel is multiplied by a whole kernel.
    weight : ndarray, shape (C_in, C_out // groups, kH, kW)
        The weight of the convolution from C_out channels to C_in that this one goes back.
    bias : ndarray, shape (C_out,), optional
    stride, dilation : int or (int, int)
        Step from one laid kernel to the next, and from one tap of it to the next.
    padding : int or (int, int)
        Rows and columns cut *off* on each side.
    output_padding : int or (int, int)
        Rows and columns more, at the bottom and on the right, fewer than the larger of
        stride and dilation.
    groups : int
        Blocks of channels that never see one another. Stands *before* dilation, as in torch.

    Returns
    -------
    ndarray, shape (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        ``H_out = (H - 1)*stride - 2*padding + dilation*(kH - 1) + 1 + output_padding``.

    Raises
    ------
    ValueError
        ``weight`` has not one kernel for each channel of ``input``, ``groups`` does not
        divide them, ``output_padding`` is too large, or ``padding`` leaves nothing.
    TypeError
        The arrays differ in dtype, or an argument is of the wrong kind. ``padding`` takes
        no strings.

    Notes
    -----
    Chapter ``08-gradients``. Agrees with ``torch.nn.functional.conv_transpose2d``. While
    ``output_padding`` is smaller than the stride, it is `conv2d_input` with a bias. The layer
    ``torch.nn.ConvTranspose2d`` accepts ``padding='same'`` and reads it as four paddings:
    torch's slip, refused here.

    Examples
    --------
    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> conv_transpose2d(image, np.ones((1, 1, 2, 2)))
    array([[[ 1.,  3.,  2.],
            [ 4., 10.,  6.],
            [ 3.,  7.,  4.]]])
    """
    return _conv_transpose(
        2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Array:
    """Lay a bank of kernels out through a batch of volumes.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, D, H, W) or (C_in, D, H, W)
    weight : ndarray, shape (C_in, C_out // groups, kD, kH, kW)
    bias : ndarray, shape (C_out,), optional
    stride, padding, output_padding, groups, dilation
        As in `conv_transpose2d`, with three axes, depth first.

    Returns
    -------
    ndarray, shape (N, C_out, D_out, H_out, W_out) or (C_out, D_out, H_out, W_out)

    Raises
    ------
    ValueError, TypeError
        As `conv_transpose2d`.

    Notes
    -----
    Chapter ``08-gradients``. Agrees with ``torch.nn.functional.conv_transpose3d``.

    Examples
    --------
    >>> volume = np.ones((1, 1, 2, 2))
    >>> conv_transpose3d(volume, np.ones((1, 1, 1, 2, 2)))[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    return _conv_transpose(
        3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def _conv_transpose(
    axes: int,
    input: Array,
    weight: Array,
    bias: Array | None,
    stride: Ints,
    padding: Ints,
    output_padding: Ints,
    groups: int,
    dilation: Ints,
) -> Array:
    input, weight, bias, groups = checks.transposed_operands(axes, input, weight, bias, groups)
    stride = checks.integers("stride", stride, axes)
    padding = checks.integers("padding", padding, axes)
    output_padding = checks.integers("output_padding", output_padding, axes)
    dilation = checks.integers("dilation", dilation, axes)
    size, kernel_size = input.shape[-axes:], weight.shape[2:]
    out = transposed_size(size, kernel_size, stride, padding, output_padding, dilation)
    batch = input.reshape(-1, *input.shape[-axes - 1 :])
    channels = weight.shape[1] * groups
    framed = [pixels + 2 * border for pixels, border in zip(out, padding, strict=True)]
    steps = {"stride": stride, "dilation": dilation}
    checks.stretched("input", input, steps, len(batch) * channels * math.prod(framed))
    result = rounded_once(_with_bias)(batch, weight, bias, out, stride, padding, dilation, groups)
    return result.reshape(*input.shape[: -axes - 1], channels, *out)


def _with_bias(
    input: Array, weight: Array, bias: Array | None, size: tuple[int, ...], *rest: Any
) -> Array:
    result = input_gradient(input, weight, size, *rest)
    return result if bias is None else result + bias.reshape(-1, *[1] * len(size))
