"""Pixels around the image."""

from typing import Literal

import numpy as np

from convlib import checks
from convlib.checks import Array, Ints

NUMPY_MODE: dict[str, Literal["constant", "reflect", "edge", "wrap"]] = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}


def pad(input: Array, padding: Ints | tuple[Ints, ...], mode: str = "zeros") -> Array:
    """Frame the last axes with new pixels.

    Parameters
    ----------
    input : ndarray, shape (..., H, W)
        Any dtype of numbers in the machine's byte order.
    padding : int or tuple
        For each of the last axes, height first, an int (as many pixels before as after)
        or a pair (before, after). A lone int frames height and width.
    mode : {'zeros', 'reflect', 'replicate', 'circular'}
        What the new pixels hold. ``1234`` framed by 2 becomes ``00123400``,
        ``32123432``, ``11123444`` or ``34123412``.

    Returns
    -------
    ndarray, shape (..., before + H + after, before + W + after)
        A new array.

    Raises
    ------
    ValueError
        ``padding`` is negative, has more entries than ``input`` has axes, or outgrows what
        the mode can repeat: reflect needs ``padding <= size - 1``, circular
        ``padding <= size``.
    TypeError
        An argument is of the wrong kind.

    Notes
    -----
    Chapter ``03-padding``. torch's ``F.pad`` takes the last axis first; this takes the
    order of ``Conv2d``. On `numpy.pad`.

    Examples
    --------
    >>> pad(np.array([1, 2, 3, 4]), (2,), mode="reflect")
    array([3, 2, 1, 2, 3, 4, 3, 2])
    >>> pad(np.array([[1, 2]]), ((0, 1), 1))
    array([[0, 1, 2, 0],
           [0, 0, 0, 0]])
    """
    input, frame = checks.framing(input, padding, mode)
    untouched = [(0, 0)] * (input.ndim - len(frame))
    return np.pad(input, (*untouched, *frame), mode=NUMPY_MODE[mode])
