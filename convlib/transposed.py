"""torch.nn.functional's transposed convolutions: the input gradient, used as a layer."""

import math

from convlib import arguments, backward, operands
from convlib.arguments import Amounts, Array, Ints, shown
from convlib.geometry import transposed_sizes
from convlib.spec import ConvSpec, check_result_size, fit_axes


def conv_transpose1d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Amounts = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Array:
    """1-D transposed convolution of a batch of rows.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, W) or (C_in, W)
    weight : ndarray, shape (C_in, C_out // groups, kW)
    bias : ndarray, shape (C_out,), optional
    stride, padding, output_padding, groups, dilation
        As in `conv_transpose2d`, with one axis. With dilation 1 and a kernel_size of at least
        stride, ``padding=(0, kernel_size - stride)`` makes it causal: nothing is removed
        before, the overlap is removed after.

    Returns
    -------
    ndarray, shape (N, C_out, W_out) or (C_out, W_out)

    Raises
    ------
    ValueError, TypeError
        As `conv_transpose2d`.

    Notes
    -----
    Chapter ``transposed``. Agrees with ``torch.nn.functional.conv_transpose1d``.

    Examples
    --------
    >>> conv_transpose1d(np.array([[1.0, 2.0]]), np.array([[[1.0, 10.0, 100.0]]]), stride=2)
    array([[  1.,  10., 102.,  20., 200.]])
    """
    return transposed_convolution(
        1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Amounts = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Array:
    """2-D transposed convolution: scatter each pixel through its kernel and sum overlaps.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, H, W) or (C_in, H, W)
        Each pixel is multiplied by a whole kernel.
    weight : ndarray, shape (C_in, C_out // groups, kH, kW)
        The weight of the convolution from C_out channels to C_in that this one goes back.
    bias : ndarray, shape (C_out,), optional
    stride, dilation : int or (int, int)
        Step from one kernel in the output to the next, and from one tap of it to the next.
    padding : int or (int, int)
        Rows and columns cut *off* on each side.
    output_padding : int or (int, int)
        Extra rows at the bottom and columns on the right, fewer than the larger of
        stride and dilation.
    groups : int
        Blocks of channels that are convolved separately. *Before* dilation, as in torch.

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
        The arrays differ in dtype, or an argument has an invalid type: ``padding`` is a
        string, for example.

    Notes
    -----
    Chapter ``transposed``. Agrees with ``torch.nn.functional.conv_transpose2d``. While
    ``output_padding`` is smaller than the stride, it is `conv2d_input` with a bias. The layer
    ``torch.nn.ConvTranspose2d`` accepts ``padding='same'`` and reads it as four paddings:
    a fault of torch; convlib rejects it.

    Examples
    --------
    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> conv_transpose2d(image, np.ones((1, 1, 2, 2)))
    array([[[ 1.,  3.,  2.],
            [ 4., 10.,  6.],
            [ 3.,  7.,  4.]]])
    """
    return transposed_convolution(
        2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Amounts = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Array:
    """3-D transposed convolution of a batch of volumes.

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
    Chapter ``transposed``. Agrees with ``torch.nn.functional.conv_transpose3d``.

    Examples
    --------
    >>> volume = np.ones((1, 1, 2, 2))
    >>> conv_transpose3d(volume, np.ones((1, 1, 1, 2, 2)))[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    return transposed_convolution(
        3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def transposed_convolution(
    axes: int,
    input: Array,
    weight: Array,
    bias: Array | None,
    stride: Ints,
    padding: Amounts,
    output_padding: Ints,
    groups: int,
    dilation: Ints,
) -> Array:
    """Transposed convolution along ``axes`` axes, for the public functions and the layers."""
    image, kernels, added, parts = operands.transposed_convolution(
        axes, input, weight, bias, groups
    )
    kernel_size = kernels.shape[2:]
    strides = arguments.integers("stride", stride, axes)
    pairs = arguments.padding(padding, kernel_size, words=False)
    extra = arguments.integers("output_padding", output_padding, axes)
    dilations = arguments.integers("dilation", dilation, axes)
    size = transposed_sizes(image.shape[-axes:], kernel_size, strides, pairs, extra, dilations)
    batch = image.reshape(-1, *image.shape[-axes - 1 :])  # (N, C_in, *size)
    shape = (len(batch), kernels.shape[1] * parts, *size)
    padded = [n + before + after for n, (before, after) in zip(size, pairs, strict=True)]
    check_result_size(
        f"stride={shown(strides)} and dilation={shown(dilations)} stretch input of shape "
        f"{image.shape}",
        math.prod((*shape[:2], *padded)),
        image.size,
    )
    axes_back = fit_axes(size, kernel_size, strides, pairs, dilations)
    spec = ConvSpec(len(batch), shape[1], len(kernels), parts, axes_back, batch.itemsize)
    result = backward.input_gradient(kernels, batch, spec, added)
    return result.reshape(*image.shape[: -axes - 1], *shape[1:])
