"""The way back: gradients of a convolution, and windows as columns and back again.

In the einsums: n image, g group, c input channel of the group, o output channel of the
group, i j k tap, d h w position in the output, for which dots stand where they can.
"""

import math

import numpy as np

from convlib import checks, geometry
from convlib.checks import Array, Ints, Padding
from convlib.padding import pad
from convlib.precision import rounded_once
from convlib.window import windows


def overlap_add(
    view: Array,
    size: tuple[int, ...],
    frame: tuple[tuple[int, int], ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Array:
    """Add up windows where they lie, and cut the frame off.

    Parameters
    ----------
    view : ndarray, shape (..., *output size, *kernel_size)
        Windows, with the axes that `windows` gives them.
    size : tuple of int
        Pixels along each axis of what they lie on, without the frame.
    frame : tuple of (int, int)
        Pixels of the frame before and after, for each axis.
    stride, dilation : tuple of int

    Returns
    -------
    ndarray, shape (..., *size)

    Notes
    -----
    Chapter ``08-gradients``. The adjoint of `pad` and then `windows`: the sum over
    ``windows(pad(x)) * view`` equals the sum over ``x * overlap_add(view)``. The
    arguments must fit together: `fold` and its like check that before they call.

    Examples
    --------
    >>> overlap_add(np.ones((4, 2)), (5,), ((0, 0),), (1,), (1,))
    array([1., 2., 2., 2., 1.])
    """
    axes = len(size)  # view: (..., *out, *kernel)
    out, kernel_size = view.shape[-2 * axes : -axes], view.shape[-axes:]
    framed_size = np.add(size, np.sum(frame, axis=1))
    framed = np.zeros((*view.shape[: -2 * axes], *framed_size), view.dtype)
    whole = [slice(None)] * (view.ndim - 2 * axes)
    for tap in np.ndindex(*kernel_size):
        along = zip(tap, out, stride, dilation, strict=True)
        places = [slice(i * d, i * d + n * s, s) for i, n, s, d in along]
        framed[(*whole, *places)] += view[(..., *tap)]
    inside = [slice(b, b + n) for (b, _), n in zip(frame, size, strict=True)]
    return np.ascontiguousarray(framed[(*whole, *inside)])


def input_gradient(
    grad_output: Array,
    weight: Array,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Padding,
    dilation: tuple[int, ...],
    groups: int,
) -> Array:
    """Send each number back through the weights to the pixels it came from.

    Parameters
    ----------
    grad_output : ndarray, shape (N, C_out, *output size)
    weight : ndarray, shape (C_out, C_in // groups, *kernel_size)
    size : tuple of int
        Of the input, along each axis.
    stride, padding, dilation, groups
        Of the convolution whose gradient this is.

    Returns
    -------
    ndarray, shape (N, C_in, *size)

    Notes
    -----
    Chapter ``08-gradients``. The arguments must fit together: `conv2d_input` and
    `conv_transpose2d` check that before they call.

    Examples
    --------
    >>> input_gradient(np.ones((1, 1, 2)), np.array([[[1.0, 10.0]]]), (5,), (2,), 0, (1,), 1)
    array([[[ 1., 10.,  1., 10.,  0.]]])
    """
    C_out, C, *kernel_size = weight.shape
    N, _, *out = grad_output.shape
    frame = geometry.sides(padding, kernel_size, dilation)
    bank = weight.reshape(groups, C_out // groups, C, *kernel_size)
    grad = grad_output.reshape(N, groups, C_out // groups, *out)
    ijk = "ijk"[: len(kernel_size)]
    view = np.einsum(f"ngo...,goc{ijk}->ngc...{ijk}", grad, bank, optimize=True)
    view = view.reshape(N, groups * C, *out, *kernel_size)
    return overlap_add(view, size, frame, stride, dilation)


def weight_gradient(
    grad_output: Array,
    input: Array,
    kernel_size: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Padding,
    dilation: tuple[int, ...],
    groups: int,
) -> Array:
    """Sum up, for each tap, what it read times the gradient that came back.

    Parameters
    ----------
    grad_output : ndarray, shape (N, C_out, *output size)
    input : ndarray, shape (N, C_in, *size)
    kernel_size : tuple of int
    stride, padding, dilation, groups
        Of the convolution whose gradient this is.

    Returns
    -------
    ndarray, shape (C_out, C_in // groups, *kernel_size)

    Notes
    -----
    Chapter ``08-gradients``. The arguments must fit together: `conv2d_weight` checks that
    before it calls.

    Examples
    --------
    >>> weight_gradient(np.ones((1, 1, 2)), np.arange(5.0).reshape(1, 1, 5), (2,), (2,), 0, (1,), 1)
    array([[[2., 4.]]])
    """
    N, C_out, *out = grad_output.shape
    frame = geometry.sides(padding, kernel_size, dilation)
    view = windows(pad(input, frame), kernel_size, stride, dilation)
    view = view.reshape(N, groups, input.shape[1] // groups, *out, *kernel_size)
    grad = grad_output.reshape(N, groups, C_out // groups, *out)
    dhw, ijk = "dhw"[-len(out) :], "ijk"[: len(out)]
    sums = np.einsum(f"ngc{dhw}{ijk},ngo{dhw}->goc{ijk}", view, grad, optimize=True)
    return np.reshape(sums, (C_out, -1, *kernel_size))


def conv2d_input(
    input_size: tuple[int, ...] | list[int],
    weight: Array,
    grad_output: Array,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Give the gradient of `conv2d` with respect to its input.

    Parameters
    ----------
    input_size : tuple or list of int
        (N, C_in, H, W), the shape of the input. Needed because several heights and widths
        lead to the same output.
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
        ``grad_output`` has not the shape of the output, the channels do not fit, or an
        argument is bad by itself.
    TypeError
        The arrays differ in dtype, or an argument is of the wrong kind.

    Notes
    -----
    Chapter ``08-gradients``. Agrees with ``torch.nn.grad.conv2d_input``. Takes
    ``padding='same'`` too, and int64. Complex weights are not conjugated, where autograd's
    are.

    Examples
    --------
    >>> ones = np.ones((1, 1, 2, 2))
    >>> conv2d_input((1, 1, 3, 3), ones, ones)[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    shape, weight, grad_output, groups = checks.input_gradient(
        2, input_size, weight, grad_output, groups
    )
    stride = checks.integers("stride", stride, 2)
    dilation = checks.integers("dilation", dilation, 2)
    (N, _, *size), (C_out, _, *kernel_size) = shape, weight.shape
    out = geometry.output_size(size, kernel_size, stride, padding, dilation)
    checks.output_gradient(grad_output, (N, C_out, *out))
    frame = geometry.sides(padding, kernel_size, dilation)
    framed = [sum(border) + pixels for border, pixels in zip(frame, size, strict=True)]
    sizes = {"input_size": shape, "padding": padding}
    checks.stretched("grad_output", grad_output, sizes, math.prod((*shape[:2], *framed)))
    compute = rounded_once(input_gradient)
    return compute(grad_output, weight, tuple(size), stride, padding, dilation, groups)


def conv2d_weight(
    input: Array,
    weight_size: tuple[int, ...] | list[int],
    grad_output: Array,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Give the gradient of `conv2d` with respect to its weight.

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
        For each tap, the sum over all windows of what it read times the gradient of the
        output pixel that it went into; zeros for an empty batch.

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`.

    Notes
    -----
    Chapter ``08-gradients``. Agrees with ``torch.nn.grad.conv2d_weight``. Takes
    ``padding='same'`` too, and int64. A complex input is not conjugated, where autograd's is.

    Examples
    --------
    >>> image = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d_weight(image, (1, 1, 2, 2), np.ones((1, 1, 2, 2)))[0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    input, shape, grad_output, groups = checks.weight_gradient(
        2, input, weight_size, grad_output, groups
    )
    stride = checks.integers("stride", stride, 2)
    dilation = checks.integers("dilation", dilation, 2)
    C_out, _, *kernel_size = shape
    out = geometry.output_size(input.shape[2:], kernel_size, stride, padding, dilation)
    checks.output_gradient(grad_output, (len(input), C_out, *out))
    checks.room(padding, geometry.sides(padding, kernel_size, dilation), input.shape)
    compute = rounded_once(weight_gradient)
    return compute(grad_output, input, tuple(kernel_size), stride, padding, dilation, groups)


def unfold(
    input: Array, kernel_size: Ints, dilation: Ints = 1, padding: Ints = 0, stride: Ints = 1
) -> Array:
    """Write every window as a column.

    Parameters
    ----------
    input : ndarray, shape (N, C, H, W) or (C, H, W)
        Any dtype of numbers. There are as many axes to slide along as ``kernel_size`` has
        entries.
    kernel_size : int or tuple of int
        An int is a square, (k, k).
    dilation, padding, stride : int or tuple of int
        As in `conv2d`, in the order of ``torch.nn.functional.unfold``.

    Returns
    -------
    ndarray, shape (N, C * kH * kW, H_out * W_out) or (C * kH * kW, H_out * W_out)
        A new array. Down a column: channel by channel, each row by row. The windows stand
        from left to right as they do in the output, row by row.

    Raises
    ------
    ValueError
        A kernel overhangs the image, an axis is missing or empty, or an argument is below
        1 (padding: below 0).
    TypeError
        An argument is of the wrong kind.

    Notes
    -----
    Chapter ``08-gradients``. Agrees with ``torch.nn.functional.unfold``, which takes two
    axes only and no integers.

    Examples
    --------
    >>> unfold(np.arange(12).reshape(1, 3, 4), kernel_size=2)
    array([[ 0,  1,  2,  4,  5,  6],
           [ 1,  2,  3,  5,  6,  7],
           [ 4,  5,  6,  8,  9, 10],
           [ 5,  6,  7,  9, 10, 11]])
    """
    input, kernel_size, dilation, padding, stride = checks.unfolding(
        input, kernel_size, dilation, padding, stride
    )
    axes = len(kernel_size)
    *batch, C = input.shape[:-axes]
    view = windows(pad(input, padding), kernel_size, stride, dilation)
    before, behind = range(-2 * axes, -axes), range(-axes, 0)
    view = np.moveaxis(view, behind, before)  # (N, C, *kernel, *out)
    columns = math.prod(view.shape[-axes:])
    return view.copy().reshape(*batch, C * math.prod(kernel_size), columns)


def fold(
    input: Array,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Ints = 0,
    stride: Ints = 1,
) -> Array:
    """Lay columns back as windows, and add up where they overlap.

    Parameters
    ----------
    input : ndarray, shape (N, C * kH * kW, H_out * W_out) or without N
        Columns, as `unfold` writes them.
    output_size : int or tuple of int
        (H, W) of the image that they fold up to; an int is a square. Its entries, or those
        of ``kernel_size``, count the axes.
    kernel_size, dilation, padding, stride : int or tuple of int
        Of the windows, as in `unfold`.

    Returns
    -------
    ndarray, shape (N, C, H, W) or (C, H, W)

    Raises
    ------
    ValueError
        The columns are not as many as there are windows, or not as long as whole kernels,
        or as `unfold`.
    TypeError
        An argument is of the wrong kind.

    Notes
    -----
    Chapter ``08-gradients``. The adjoint of `unfold`, not its inverse: ``fold(unfold(x))``
    multiplies each pixel by its `coverage`. Agrees with ``torch.nn.functional.fold``, which
    takes two axes only and no integers.

    Examples
    --------
    >>> image = np.arange(9).reshape(1, 3, 3)
    >>> fold(unfold(image, kernel_size=2), output_size=3, kernel_size=2)
    array([[[ 0,  2,  2],
            [ 6, 16, 10],
            [ 6, 14,  8]]])
    """
    input, size, kernel_size, dilation, padding, stride = checks.folding(
        input, output_size, kernel_size, dilation, padding, stride
    )
    axes, frame = len(size), geometry.sides(padding, kernel_size)
    out = geometry.output_size(size, kernel_size, stride, padding, dilation)
    checks.blocks(input.shape[-1], out)
    channels = input.shape[-2] // math.prod(kernel_size)
    view = input.reshape(*input.shape[:-2], channels, *kernel_size, *out)
    before, behind = range(-2 * axes, -axes), range(-axes, 0)
    view = np.moveaxis(view, before, behind)  # (N, C, *out, *kernel)
    return rounded_once(overlap_add)(view, size, frame, stride, dilation)
