"""Where windows lie and how many fit: integers, axis by axis.

size, kernel_size, stride, padding and dilation mean what they mean in torch. An int
describes one axis; a tuple describes several, height first, and asks for an answer
of as many entries.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np

from convlib import checks
from convlib.checks import Array, Ints, Padding


def per_axis(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Let a rule for one axis serve several.

    The arguments are checked by their names and spread over the axes. If all are
    ints the answer is the rule's own, otherwise a tuple with one answer an axis.

    Examples
    --------
    >>> @per_axis
    ... def last_start(size, kernel_size):
    ...     return size - kernel_size
    >>> last_start(5, 2), last_start((5, 7), 2)
    (3, (3, 5))
    """
    signature = inspect.signature(rule)

    @functools.wraps(rule)
    def along_axes(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        arguments = given.arguments
        count = checks.count_axes(arguments)
        axes = count or 1
        spread: dict[str, tuple[int | str, ...]] = {
            name: checks.integers(name, value, axes)
            for name, value in arguments.items()
            if name != "padding" or "output_padding" in arguments
        }
        if "padding" not in spread and "padding" in arguments:  # also 'same' or 'valid'
            stride = spread.get("stride", (1,))
            spread["padding"] = checks.padding_per_axis(arguments["padding"], axes, stride)
        answers = tuple(
            rule(**{name: entries[axis] for name, entries in spread.items()})
            for axis in range(axes)
        )
        return answers[0] if count is None else answers

    return along_axes


def crossed(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Multiply the answers of several axes, each entry with each, into one map."""

    @functools.wraps(rule)
    def over_axes(*args: Any, **kwargs: Any) -> Any:
        answer = rule(*args, **kwargs)
        return functools.reduce(np.multiply.outer, answer) if isinstance(answer, tuple) else answer

    return over_axes


@overload
def reach(kernel_size: int, dilation: int = 1) -> int: ...
@overload
def reach(kernel_size: Sequence[int], dilation: Ints = 1) -> tuple[int, ...]: ...
@overload
def reach(kernel_size: int, dilation: Sequence[int]) -> tuple[int, ...]: ...
@per_axis
def reach(kernel_size: int, dilation: int = 1) -> int:
    """Count the pixels that a kernel spans, its holes included.

    Parameters
    ----------
    kernel_size, dilation : int or tuple of int
        Taps of the kernel, and the step from one tap to the next; 1 is dense.

    Returns
    -------
    int, or tuple of int
        ``dilation*(kernel_size - 1) + 1`` pixels along each axis.

    Raises
    ------
    ValueError
        An argument is below 1, or tuples differ in length.
    TypeError
        An argument is neither an int nor a list or tuple of ints.

    Notes
    -----
    Chapter ``04-dilation``. torch's messages call it "Kernel size". After Dumoulin &
    Visin (2016), arXiv:1603.07285.

    Examples
    --------
    >>> reach(3), reach(3, dilation=2), reach((3, 5), dilation=4)
    (3, 5, (9, 17))
    """
    return dilation * (kernel_size - 1) + 1


@overload
def sides(padding: int | str, kernel_size: int, dilation: int = 1) -> tuple[int, int]: ...
@overload
def sides(
    padding: Padding, kernel_size: Sequence[int], dilation: Ints = 1
) -> tuple[tuple[int, int], ...]: ...
@per_axis
def sides(padding: int | str, kernel_size: int, dilation: int = 1) -> tuple[int, int]:
    """Split the padding of an axis into before and after.

    Parameters
    ----------
    padding : int, tuple of int, 'same' or 'valid'
        Pixels on *each* side; 'same' is as many in total as the kernel's reach takes.
    kernel_size, dilation : int or tuple of int

    Returns
    -------
    (int, int), or a tuple of such pairs
        Pixels before and after. Of an odd total the spare one comes after: below, or
        to the right.

    Raises
    ------
    ValueError
        ``padding`` is negative or another string, another argument is below 1, or
        tuples differ in length.
    TypeError
        An argument is of the wrong kind.

    Notes
    -----
    Chapter ``03-padding``. The split of 'same' is torch's, which TensorFlow's is not.

    Examples
    --------
    >>> sides(2, kernel_size=3), sides("same", kernel_size=(3, 4))
    ((2, 2), ((1, 1), (1, 2)))
    """
    if isinstance(padding, int):
        return padding, padding
    total = reach(kernel_size, dilation) - 1 if padding == "same" else 0
    return total // 2, total - total // 2


@overload
def output_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
) -> int: ...
@overload
def output_size(
    size: Sequence[int],
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
) -> tuple[int, ...]: ...
@per_axis
def output_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
) -> int:
    """Count the windows that fit.

    Parameters
    ----------
    size : int or tuple of int
        Pixels of the input along an axis, or along each.
    kernel_size, stride, dilation : int or tuple of int
    padding : int, tuple of int, 'same' or 'valid'
        Pixels added on *each* side.

    Returns
    -------
    int, or tuple of int
        ``(size + 2*padding - dilation*(kernel_size - 1) - 1) // stride + 1``: rounded
        down, because a window that overhangs is no window.

    Raises
    ------
    ValueError
        The kernel spans more than the padded input, an argument is below 1 (padding:
        below 0), tuples differ in length, or 'same' meets a stride.
    TypeError
        An argument is of the wrong kind.

    Notes
    -----
    Chapter ``04-dilation``. Agrees with the shapes that ``torch.nn.Conv2d`` gives. After
    Dumoulin & Visin (2016), arXiv:1603.07285.

    Examples
    --------
    >>> output_size(5, kernel_size=2, stride=2)
    2
    >>> output_size((224, 224), kernel_size=7, stride=2, padding=3)
    (112, 112)
    """
    before, after = sides(padding, kernel_size, dilation)
    checks.fits(size, (before, after), kernel_size, dilation)
    return (before + size + after - reach(kernel_size, dilation)) // stride + 1


@overload
def taps(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
) -> Array: ...
@overload
def taps(
    size: Sequence[int],
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
) -> tuple[Array, ...]: ...
@per_axis
def taps(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
) -> Array:
    """Name the pixel under each tap of each window.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`.

    Returns
    -------
    ndarray of int, shape (output size, kernel_size), or a tuple of such arrays
        Row ``i`` holds the pixels that window ``i`` reads, counted from 0. What is
        below 0, or ``size`` and above, lies in the padding.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Notes
    -----
    Chapter ``02-stride``.

    Examples
    --------
    >>> taps(5, kernel_size=2, stride=2)
    array([[0, 1],
           [2, 3]])
    """
    before, _ = sides(padding, kernel_size, dilation)
    count = output_size(size, kernel_size, stride, padding, dilation)
    starts = np.arange(count) * stride - before
    steps = np.arange(kernel_size) * dilation
    return starts[:, np.newaxis] + steps  # (out, kernel)


@overload
def coverage(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
) -> Array: ...
@overload
def coverage(
    size: Sequence[int],
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
) -> Array: ...
@crossed
@per_axis
def coverage(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
) -> Array:
    """Count, for each pixel, the windows that read it.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`.

    Returns
    -------
    ndarray of int, shape ``size``
        0 marks a pixel that no window reads.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Notes
    -----
    Chapter ``02-stride``.

    Examples
    --------
    >>> coverage(5, kernel_size=2, stride=2)
    array([1, 1, 1, 1, 0])
    >>> coverage((3, 4), kernel_size=2)
    array([[1, 2, 2, 1],
           [2, 4, 4, 2],
           [1, 2, 2, 1]])
    """
    pixels = taps(size, kernel_size, stride, padding, dilation)  # (out, kernel)
    inside = pixels[(pixels >= 0) & (pixels < size)]  # else in the padding
    return np.bincount(inside, minlength=size)
