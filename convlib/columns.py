"""Windows as columns of a matrix, and back: unfold (im2col) and fold (col2im)."""

import math

import numpy as np

from convlib import arguments, operands
from convlib.arguments import Amounts, Array, Ints, shown
from convlib.engines.scatter import add_windows, take_windows
from convlib.spec import Axis, ConvSpec, check_padded_size, check_result_size, join_axes


def unfold(
    input: Array, kernel_size: Ints, dilation: Ints = 1, padding: Amounts = 0, stride: Ints = 1
) -> Array:
    """Extract sliding windows as columns (im2col).

    Parameters
    ----------
    input : ndarray, shape (N, C, H, W) or (C, H, W)
        Any dtype of numbers. The windows slide along as many axes as ``kernel_size`` has
        entries.
    kernel_size : int or tuple of int
        An int is a square, (k, k).
    dilation, padding, stride
        As in `conv2d`, in the order of ``torch.nn.functional.unfold``; no strings.

    Returns
    -------
    ndarray, shape (N, C * kH * kW, H_out * W_out) or (C * kH * kW, H_out * W_out)
        A new array. Down a column: channel by channel, each row by row. The columns are
        ordered as the output is, row by row.

    Raises
    ------
    ValueError
        A kernel spans more than the image, an axis is missing or empty, or an argument is
        below 1 (padding: below 0).
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``columns``. Agrees with ``torch.nn.functional.unfold``, which takes two
    axes only and no integers.

    Examples
    --------
    >>> unfold(np.arange(12).reshape(1, 3, 4), kernel_size=2)
    array([[ 0,  1,  2,  4,  5,  6],
           [ 1,  2,  3,  5,  6,  7],
           [ 4,  5,  6,  8,  9, 10],
           [ 5,  6,  7,  9, 10, 11]])
    """
    image = arguments.numeric("input", input)
    count = arguments.count_axes("kernel_size", kernel_size, of_int=2)
    kernel = arguments.integers("kernel_size", kernel_size, count)
    why = f": kernel_size={shown(kernel_size)} slides along {count}"
    operands.check_image_shape(image.shape, count, why=why)
    axes = join_axes(image.shape[-count:], kernel, stride, padding, dilation, words=False)
    check_padded_size(padding, tuple(axis.padding for axis in axes), image.shape)
    batch = image.reshape(-1, *image.shape[-count - 1 :])  # (N, C, *size)
    N, C = batch.shape[:2]
    spec = ConvSpec(N, C, C, C, axes)
    windows = np.empty((N, C, *kernel, *spec.output_size), image.dtype)
    take_windows(batch, spec, windows)
    taps, places = math.prod(kernel), math.prod(spec.output_size)
    return windows.reshape(*image.shape[: -count - 1], C * taps, places)


def fold(
    input: Array,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Amounts = 0,
    stride: Ints = 1,
) -> Array:
    """Add up columns as windows of an image (col2im).

    Parameters
    ----------
    input : ndarray, shape (N, C * kH * kW, H_out * W_out) or without N
        Columns, as `unfold` returns them.
    output_size : int or tuple of int
        (H, W) of the image; an int is a square. Its entries, or those of ``kernel_size``,
        determine the axes.
    kernel_size, dilation, padding, stride
        Of the windows, as in `unfold`.

    Returns
    -------
    ndarray, shape (N, C, H, W) or (C, H, W)

    Raises
    ------
    ValueError
        There is another number of columns than of windows, their length is no multiple of the
        kernel's taps, or as `unfold`.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``columns``. The adjoint of `unfold`, not its inverse: ``fold(unfold(x))``
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
    columns = arguments.numbers("input", input)
    count = arguments.count_axes("kernel_size", kernel_size, of_int=2)
    count = arguments.count_axes("output_size", output_size, of_int=count)
    size = arguments.integers("output_size", output_size, count)
    kernel = arguments.integers("kernel_size", kernel_size, count)
    if columns.ndim not in (2, 3) or 0 in columns.shape[-2:]:
        raise ValueError(
            f"input of shape {columns.shape} must have 3 axes, (N, channels * taps, windows), "
            "or 2 without the batch, and only the batch can be empty"
        )
    if columns.shape[-2] % math.prod(kernel):
        raise ValueError(
            f"input has columns of {columns.shape[-2]} numbers, no multiple of the "
            f"{math.prod(kernel)} taps of kernel_size={kernel}"
        )
    axes = join_axes(size, kernel, stride, padding, dilation, words=False)
    counts = _check_columns(columns, axes)
    channels = columns.size // columns.shape[-1] // math.prod(kernel)  # of all images
    padded = math.prod(axis.padded for axis in axes)
    cause = f"output_size={size} and padding={shown(padding)} stretch input of shape"
    check_result_size(f"{cause} {columns.shape}", channels * padded, columns.size)
    batch = len(columns) if columns.ndim == 3 else 1
    C = columns.shape[-2] // math.prod(kernel)
    spec = ConvSpec(batch, C, C, C, axes)
    windows = columns.reshape(batch, C, *kernel, *counts)
    image = np.zeros((batch, C, *size), columns.dtype)
    with np.errstate(all="ignore"):
        for parts, result in zip(windows, image, strict=True):
            if columns.dtype == np.float16:  # added up in float32, rounded once
                wide = np.zeros(result.shape, np.float32)
                add_windows(parts, spec, wide)
                result[...] = wide
            else:
                add_windows(parts, spec, result)
    return image.reshape(*columns.shape[:-2], C, *size)


def _check_columns(columns: Array, axes: tuple[Axis, ...]) -> list[int]:
    """Return the number of windows along each axis; raise unless each has a column."""
    counts = [axis.output_size for axis in axes]
    if columns.shape[-1] != math.prod(counts):
        product = " * ".join(map(str, counts))
        raise ValueError(
            f"input has {columns.shape[-1]} columns, but output_size and kernel_size make "
            f"{product} = {math.prod(counts)} windows"
        )
    return counts
