"""Gradients of a convolution, with respect to its input and to its weight."""

import math
from collections.abc import Sequence

from convlib import arguments, backward, operands
from convlib.arguments import Array, Ints, Padding, shown
from convlib.spec import ConvSpec, check_padded_size, check_result_size

SIZES = ("D", "H", "W")
Shape = tuple[int, ...]


def conv1d_input(
    input_size: Sequence[int],
    weight: Array,
    grad_output: Array,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Gradient of `conv1d` with respect to its input.

    Parameters
    ----------
    input_size : tuple or list of int
        (N, C_in, W), the shape of the input.
    weight : ndarray, shape (C_out, C_in // groups, kW)
    grad_output : ndarray, shape (N, C_out, W_out)
    stride, padding, dilation, groups
        Of the convolution, as in `conv1d`.

    Returns
    -------
    ndarray, shape (N, C_in, W)

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`.

    Notes
    -----
    Chapter ``gradients``. Agrees with ``torch.nn.grad.conv1d_input``.

    Examples
    --------
    >>> conv1d_input((1, 1, 3), np.array([[[1, 10]]]), np.array([[[1, 1]]]))
    array([[[ 1, 11, 10]]])
    """
    return input_gradient(1, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv1d_weight(
    input: Array,
    weight_size: Sequence[int],
    grad_output: Array,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Gradient of `conv1d` with respect to its weight.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, W)
    weight_size : tuple or list of int
        (C_out, C_in // groups, kW), the shape of the weight.
    grad_output : ndarray, shape (N, C_out, W_out)
    stride, padding, dilation, groups
        Of the convolution, as in `conv1d`.

    Returns
    -------
    ndarray, shape (C_out, C_in // groups, kW)

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`.

    Notes
    -----
    Chapter ``gradients``. Agrees with ``torch.nn.grad.conv1d_weight``.

    Examples
    --------
    >>> conv1d_weight(np.array([[[1, 2, 3]]]), (1, 1, 2), np.array([[[1, 1]]]))
    array([[[3, 5]]])
    """
    return weight_gradient(1, input, weight_size, grad_output, stride, padding, dilation, groups)


def conv2d_input(
    input_size: Sequence[int],
    weight: Array,
    grad_output: Array,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Gradient of `conv2d` with respect to its input.

    Parameters
    ----------
    input_size : tuple or list of int
        (N, C_in, H, W), the shape of the input. Needed because several heights and widths
        give the same output size.
    weight : ndarray, shape (C_out, C_in // groups, kH, kW)
    grad_output : ndarray, shape (N, C_out, H_out, W_out)
        Gradient with respect to the output.
    stride, padding, dilation, groups
        Of the convolution, as in `conv2d`.

    Returns
    -------
    ndarray, shape (N, C_in, H, W)
        For each pixel, the sum over all windows that read it. 0 where none does.

    Raises
    ------
    ValueError
        ``grad_output`` does not have the output's shape, the channels do not fit, or an
        argument is invalid by itself.
    TypeError
        The arrays differ in dtype, or an argument has an invalid type.

    Notes
    -----
    Chapter ``gradients``. Agrees with ``torch.nn.grad.conv2d_input``. Also accepts
    ``padding='same'``, padding by pairs, and int64. Complex weights are not conjugated, where
    autograd's are.

    Examples
    --------
    >>> ones = np.ones((1, 1, 2, 2))
    >>> conv2d_input((1, 1, 3, 3), ones, ones)[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    return input_gradient(2, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv2d_weight(
    input: Array,
    weight_size: Sequence[int],
    grad_output: Array,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Gradient of `conv2d` with respect to its weight.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, H, W)
    weight_size : tuple or list of int
        (C_out, C_in // groups, kH, kW), the shape of the weight.
    grad_output : ndarray, shape (N, C_out, H_out, W_out)
        Gradient with respect to the output.
    stride, padding, dilation, groups
        Of the convolution, as in `conv2d`.

    Returns
    -------
    ndarray, shape (C_out, C_in // groups, kH, kW)
        For each tap, the sum over all windows of the pixel that it read times the gradient of
        the output pixel; zeros for an empty batch.

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`.

    Notes
    -----
    Chapter ``gradients``. Agrees with ``torch.nn.grad.conv2d_weight``. Also accepts
    ``padding='same'``, padding by pairs, and int64. A complex input is not conjugated, where
    autograd's is. (The gradient of the bias is ``grad_output.sum((0, 2, 3))``.)

    Examples
    --------
    >>> image = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d_weight(image, (1, 1, 2, 2), np.ones((1, 1, 2, 2)))[0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    return weight_gradient(2, input, weight_size, grad_output, stride, padding, dilation, groups)


def conv3d_input(
    input_size: Sequence[int],
    weight: Array,
    grad_output: Array,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Gradient of `conv3d` with respect to its input.

    Parameters
    ----------
    input_size : tuple or list of int
        (N, C_in, D, H, W), the shape of the input.
    weight : ndarray, shape (C_out, C_in // groups, kD, kH, kW)
    grad_output : ndarray, shape (N, C_out, D_out, H_out, W_out)
    stride, padding, dilation, groups
        Of the convolution, as in `conv3d`.

    Returns
    -------
    ndarray, shape (N, C_in, D, H, W)

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`.

    Notes
    -----
    Chapter ``gradients``. Agrees with ``torch.nn.grad.conv3d_input``.

    Examples
    --------
    >>> weight, grad = np.ones((1, 1, 1, 1, 2), dtype=int), np.ones((1, 1, 1, 1, 2), dtype=int)
    >>> conv3d_input((1, 1, 1, 1, 3), weight, grad)
    array([[[[[1, 2, 1]]]]])
    """
    return input_gradient(3, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv3d_weight(
    input: Array,
    weight_size: Sequence[int],
    grad_output: Array,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Gradient of `conv3d` with respect to its weight.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, D, H, W)
    weight_size : tuple or list of int
        (C_out, C_in // groups, kD, kH, kW), the shape of the weight.
    grad_output : ndarray, shape (N, C_out, D_out, H_out, W_out)
    stride, padding, dilation, groups
        Of the convolution, as in `conv3d`.

    Returns
    -------
    ndarray, shape (C_out, C_in // groups, kD, kH, kW)

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`.

    Notes
    -----
    Chapter ``gradients``. Agrees with ``torch.nn.grad.conv3d_weight``.

    Examples
    --------
    >>> volume = np.array([[[[[1, 2, 3]]]]])
    >>> conv3d_weight(volume, (1, 1, 1, 1, 2), np.ones((1, 1, 1, 1, 2), dtype=int))
    array([[[[[3, 5]]]]])
    """
    return weight_gradient(3, input, weight_size, grad_output, stride, padding, dilation, groups)


def input_gradient(
    axes: int,
    input_size: Sequence[int],
    weight: Array,
    grad_output: Array,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> Array:
    """Gradient with respect to the input, along ``axes`` axes."""
    shape = _shape("input_size", input_size, ("N", "C_in", *SIZES[-axes:]))
    kernels = operands.kernels(axes, weight)
    grad = arguments.numbers("grad_output", grad_output)
    parts = arguments.integer("groups", groups)
    operands.check_channels("input_size", shape, 1, "weight", kernels.shape, parts)
    operands.check_dtypes(weight=kernels, grad_output=grad)
    spec = ConvSpec.of(shape, kernels.shape, stride, padding, dilation, parts)
    _check_output_shape(grad, spec)
    padded = [axis.padded for axis in spec.axes]
    check_result_size(
        f"input_size={shown(shape)} and padding={shown(padding)} stretch grad_output of shape "
        f"{grad.shape}",
        math.prod((*shape[:2], *padded)),
        grad.size,
    )

    return backward.input_gradient(kernels, grad, spec)


def weight_gradient(
    axes: int,
    input: Array,
    weight_size: Sequence[int],
    grad_output: Array,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> Array:
    """Gradient with respect to the weight, along ``axes`` axes."""
    image = operands.images(axes, input, batched=True)
    grad = arguments.numbers("grad_output", grad_output)
    kernel = tuple(f"k{side}" for side in SIZES[-axes:])
    shape = _shape("weight_size", weight_size, ("C_out", "C_in / groups", *kernel))
    parts = arguments.integer("groups", groups)
    operands.check_channels("input", image.shape, 1, "weight_size", shape, parts)
    operands.check_dtypes(input=image, grad_output=grad)
    spec = ConvSpec.of(image.shape, shape, stride, padding, dilation, parts)
    _check_output_shape(grad, spec)
    check_padded_size(padding, spec.padding, image.shape, spec.dilation)

    return backward.weight_gradient(image, grad, spec)


def _shape(name: str, value: object, labels: Sequence[str]) -> Shape:
    """Return the shape of an array, an int for each label; only the batch may be empty."""
    order = f"({', '.join(labels)})"
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name}={shown(value)} must be a tuple or list of ints: {order}")
    shape = tuple(arguments.integer(name, entry, container=value) for entry in value)
    if len(shape) != len(labels):
        raise ValueError(
            f"{name}={shown(value)} has {len(shape)} entries, not {len(labels)}: {order}"
        )
    for label, side in zip(labels, shape, strict=True):
        if side == 0 and label != "N":
            raise ValueError(f"{name}={shown(value)} has 0 for {label}; only N can be 0")
    return shape


def _check_output_shape(grad_output: Array, spec: ConvSpec) -> None:
    if grad_output.shape != spec.output_shape:
        raise ValueError(
            f"grad_output of shape {grad_output.shape} must have the output's shape, "
            f"{spec.output_shape}"
        )
