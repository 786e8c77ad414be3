"""Sizes and positions of windows: integers, axis by axis.

size, kernel_size, stride, padding and dilation have torch's meaning. An int as ``size``
describes one axis; a tuple describes several, height first, and the answer has as many
entries. (Where there is no ``size``, ``kernel_size`` determines the axes.)
"""

import functools
from collections.abc import Sequence
from typing import overload

import numpy as np

from convlib import arguments, core
from convlib.arguments import Amounts, Array, Ints, Padding
from convlib.spec import build_axes


@overload
def reach(kernel_size: int, dilation: Ints = 1) -> int: ...
@overload
def reach(kernel_size: Sequence[int], dilation: Ints = 1) -> tuple[int, ...]: ...
def reach(kernel_size: Ints, dilation: Ints = 1) -> int | tuple[int, ...]:
    """Effective kernel size: the pixels that a dilated kernel spans.

    Parameters
    ----------
    kernel_size, dilation : int or tuple of int
        Taps of the kernel along each axis, and pixels from one tap to the next; 1 is dense.

    Returns
    -------
    int, or tuple of int
        ``dilation*(kernel_size - 1) + 1`` pixels along each axis.

    Raises
    ------
    ValueError
        An argument is below 1, or ``dilation`` has another number of entries.
    TypeError
        An argument is neither an int nor a list or tuple of ints.

    Notes
    -----
    Chapter ``dilation``. torch's messages call it "Kernel size". After Dumoulin &
    Visin (2016), arXiv:1603.07285.

    Examples
    --------
    >>> reach(3), reach(3, dilation=2), reach((3, 5), dilation=4)
    (3, 5, (9, 17))
    """
    count = arguments.count_axes("kernel_size", kernel_size)
    kernel = arguments.integers("kernel_size", kernel_size, count)
    answers = tuple(map(core.reach, kernel, arguments.integers("dilation", dilation, count)))
    return answers if isinstance(kernel_size, list | tuple) else answers[0]


@overload
def sides(padding: Padding, kernel_size: int, dilation: Ints = 1) -> tuple[int, int]: ...
@overload
def sides(
    padding: Padding, kernel_size: Sequence[int], dilation: Ints = 1
) -> tuple[tuple[int, int], ...]: ...
def sides(
    padding: Padding, kernel_size: Ints, dilation: Ints = 1
) -> tuple[int, int] | tuple[tuple[int, int], ...]:
    """Padding before and after each axis, from any form of the argument.

    Parameters
    ----------
    padding : int, tuple, 'same' or 'valid'
        Pixels on *each* side; a pair (before, after) for each axis; or 'same', which adds in
        total one pixel less than the kernel spans.
    kernel_size, dilation : int or tuple of int

    Returns
    -------
    (int, int), or a tuple of such pairs
        Pixels before and after. Of an odd total, the extra pixel is after: below, or to the
        right.

    Raises
    ------
    ValueError
        ``padding`` is negative or another string, another argument is below 1, or
        tuples differ in length.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``dilation``. At stride 1 the split of 'same' is also TensorFlow's; for other
    strides see `tensorflow_same`.

    Examples
    --------
    >>> sides(2, kernel_size=3), sides("same", kernel_size=(3, 4))
    ((2, 2), ((1, 1), (1, 2)))
    """
    count = arguments.count_axes("kernel_size", kernel_size)
    kernel = arguments.integers("kernel_size", kernel_size, count)
    dilations = arguments.integers("dilation", dilation, count)
    pairs = arguments.padding(padding, kernel, (), dilations)
    return pairs if isinstance(kernel_size, list | tuple) else pairs[0]


@overload
def tensorflow_same(
    size: int, kernel_size: Ints, stride: Ints = 1, dilation: Ints = 1, *, lower: bool = False
) -> tuple[int, int]: ...
@overload
def tensorflow_same(
    size: Sequence[int],
    kernel_size: Ints,
    stride: Ints = 1,
    dilation: Ints = 1,
    *,
    lower: bool = False,
) -> tuple[tuple[int, int], ...]: ...
def tensorflow_same(
    size: Ints, kernel_size: Ints, stride: Ints = 1, dilation: Ints = 1, *, lower: bool = False
) -> tuple[int, int] | tuple[tuple[int, int], ...]:
    """Padding (before, after) of TensorFlow's SAME: ``ceil(size / stride)`` windows fit.

    Parameters
    ----------
    size : int or tuple of int
        Pixels of the input along an axis, or along each. Unlike torch's 'same', this
        padding depends on it.
    kernel_size, stride, dilation : int or tuple of int
    lower : bool
        Where the extra pixel of an odd total is: after it all (ONNX's SAME_UPPER, the
        default) or before (SAME_LOWER).

    Returns
    -------
    (int, int), or a tuple of such pairs
        To be given as ``padding``. For `conv2d` ask with ``size=(H, W)``: a pair by itself
        means (height, width) there.

    Raises
    ------
    ValueError
        An argument is below 1, or tuples differ in length.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``padding``. Agrees with ``auto_pad`` of ONNX's Conv, and with 'same' in
    TensorFlow and Keras. In torch: ``F.pad`` with these numbers, the last axis first, then a
    convolution.

    Examples
    --------
    >>> tensorflow_same(224, kernel_size=3, stride=2)
    (0, 1)
    >>> pairs = tensorflow_same((5, 7), 3, stride=2, dilation=2)
    >>> pairs, output_size((5, 7), 3, 2, pairs, 2)
    (((2, 2), (2, 2)), (3, 4))
    """
    count = arguments.count_axes("size", size)
    columns = (
        arguments.integers("size", size, count),
        arguments.integers("kernel_size", kernel_size, count),
        arguments.integers("stride", stride, count),
        arguments.integers("dilation", dilation, count),
    )
    more_before = arguments.flag("lower", lower)
    pairs = []
    for n, k, s, d in zip(*columns, strict=True):
        windows = -(-n // s)  # rounded up
        total = max((windows - 1) * s + core.reach(k, d) - n, 0)
        less, more = total // 2, total - total // 2
        pairs.append((more, less) if more_before else (less, more))
    return tuple(pairs) if isinstance(size, list | tuple) else pairs[0]


@overload
def output_size(
    size: int, kernel_size: Ints, stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1
) -> int: ...
@overload
def output_size(
    size: Sequence[int],
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
) -> tuple[int, ...]: ...
def output_size(
    size: Ints, kernel_size: Ints, stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1
) -> int | tuple[int, ...]:
    """Output size of a convolution: the number of windows that fit.

    Parameters
    ----------
    size : int or tuple of int
        Pixels of the input along an axis, or along each: (H, W), without channels.
    kernel_size, stride, dilation : int or tuple of int
    padding : int, tuple, 'same' or 'valid'
        Pixels added on *each* side, or a pair (before, after) for each axis; for one axis
        (before, after) by itself.

    Returns
    -------
    int, or tuple of int
        ``(before + size + after - dilation*(kernel_size - 1) - 1) // stride + 1``: rounded
        down, because a window that does not fit is not used.

    Raises
    ------
    ValueError
        The kernel spans more than the padded input, an argument is below 1 (padding:
        below 0), a tuple has another number of entries than ``size``, or padding='same' is
        combined with a stride.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``dilation``. Agrees with the shapes that ``torch.nn.Conv2d`` gives. After
    Dumoulin & Visin (2016), arXiv:1603.07285.

    Examples
    --------
    >>> output_size(5, kernel_size=2, stride=2)
    2
    >>> output_size((224, 224), kernel_size=7, stride=2, padding=3)
    (112, 112)
    >>> output_size(8, kernel_size=3, padding=(2, 0))  # causal
    8
    """
    axes = build_axes(size, kernel_size, stride, padding, dilation)
    answers = tuple(axis.output_size for axis in axes)
    return answers if isinstance(size, list | tuple) else answers[0]


@overload
def taps(
    size: int, kernel_size: Ints, stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1
) -> Array: ...
@overload
def taps(
    size: Sequence[int],
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
) -> tuple[Array, ...]: ...
def taps(
    size: Ints, kernel_size: Ints, stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1
) -> Array | tuple[Array, ...]:
    """Pixel under each tap of each window.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`.

    Returns
    -------
    ndarray of int, shape (output size, kernel_size), or a tuple of such arrays
        Row ``i`` has the pixels that window ``i`` reads, counted from 0. A number below 0,
        or from ``size`` on, is padding.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Notes
    -----
    Chapter ``dilation``.

    Examples
    --------
    >>> taps(5, kernel_size=2, stride=2)
    array([[0, 1],
           [2, 3]])
    """
    axes = build_axes(size, kernel_size, stride, padding, dilation)
    answers = tuple(core.taps(*axis) for axis in axes)
    return answers if isinstance(size, list | tuple) else answers[0]


def coverage(
    size: Ints, kernel_size: Ints, stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1
) -> Array:
    """Number of windows that read each pixel.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`.

    Returns
    -------
    ndarray of int, shape ``size``
        0 marks a pixel that no window reads. Along several axes the counts multiply.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Notes
    -----
    Chapter ``dilation``.

    Examples
    --------
    >>> coverage(5, kernel_size=2, stride=2)
    array([1, 1, 1, 1, 0])
    >>> coverage((3, 4), kernel_size=2)
    array([[1, 2, 2, 1],
           [2, 4, 4, 2],
           [1, 2, 2, 1]])
    """
    axes = build_axes(size, kernel_size, stride, padding, dilation)
    counts: Array = functools.reduce(np.multiply.outer, (core.coverage(*axis) for axis in axes))
    return counts


@overload
def transposed_size(
    size: int,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Amounts = 0,
    output_padding: Ints = 0,
    dilation: Ints = 1,
) -> int: ...
@overload
def transposed_size(
    size: Sequence[int],
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Amounts = 0,
    output_padding: Ints = 0,
    dilation: Ints = 1,
) -> tuple[int, ...]: ...
def transposed_size(
    size: Ints,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Amounts = 0,
    output_padding: Ints = 0,
    dilation: Ints = 1,
) -> int | tuple[int, ...]:
    """Output size of a transposed convolution.

    Parameters
    ----------
    size : int or tuple of int
        Pixels of the transposed convolution's input, along an axis or along each.
    kernel_size, stride, dilation : int or tuple of int
    padding : int or tuple
        Pixels *removed* on each side, or a pair (before, after) for each axis. No strings.
    output_padding : int or tuple of int
        Selects one of the sizes that `output_size` rounds down to ``size``: 0 is the smallest.

    Returns
    -------
    int, or tuple of int
        ``(size - 1)*stride + dilation*(kernel_size - 1) + 1 - before - after + output_padding``.

    Raises
    ------
    ValueError
        ``output_padding`` is not smaller than the larger of stride and dilation, nothing is
        left of the output, an argument is below its least value, or a tuple has another number
        of entries than ``size``.
    TypeError
        An argument has an invalid type; so have 'same' and 'valid'.

    Notes
    -----
    Chapter ``transposed``. The inverse of `output_size`, while ``output_padding`` is
    smaller than the stride. Agrees with the shapes that ``torch.nn.ConvTranspose2d`` gives.

    Examples
    --------
    >>> transposed_size(2, kernel_size=2, stride=2)
    4
    >>> transposed_size(2, kernel_size=2, stride=2, output_padding=1)
    5
    """
    axes = arguments.count_axes("size", size)
    sizes = arguments.integers("size", size, axes)
    kernel = arguments.integers("kernel_size", kernel_size, axes)
    strides = arguments.integers("stride", stride, axes)
    extra = arguments.integers("output_padding", output_padding, axes)
    dilations = arguments.integers("dilation", dilation, axes)
    pairs = arguments.padding(padding, kernel, words=False)
    answers = transposed_sizes(sizes, kernel, strides, pairs, extra, dilations)
    return answers if isinstance(size, list | tuple) else answers[0]


def transposed_sizes(
    size: tuple[int, ...],
    kernel_size: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    output_padding: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[int, ...]:
    """Output sizes of a transposed convolution, of arguments that are normalised already."""
    answers = []
    for axis in zip(size, kernel_size, stride, padding, output_padding, dilation, strict=True):
        _, _, s, (before, after), extra, d = axis
        if extra >= max(s, d):
            raise ValueError(
                f"output_padding={extra} must be smaller than {max(s, d)}, the larger of "
                f"stride={s} and dilation={d}"
            )
        answers.append(core.transposed_size(*axis))
        if answers[-1] < 1:
            removed = before if before == after else (before, after)
            raise ValueError(
                f"padding={removed} removes more than there is: the output would have size "
                f"{answers[-1]}"
            )
    return tuple(answers)
