"""The view of all windows: every convolution of convlib looks through it."""

from numpy.lib.stride_tricks import sliding_window_view

from convlib import checks
from convlib.checks import Array, Ints
from convlib.geometry import reach


def windows(input: Array, kernel_size: Ints, stride: Ints = 1, dilation: Ints = 1) -> Array:
    """View every window of the last axes; nothing is copied.

    Parameters
    ----------
    input : ndarray, shape (..., H, W)
        Any dtype in the machine's byte order. The last axes are slid over, as many as
        ``kernel_size`` has entries.
    kernel_size : int or tuple of int
        Taps of a window along each axis; an int is a square, (k, k).
    stride, dilation : int or tuple of int
        Step from one window to the next, and from one tap to the next.

    Returns
    -------
    ndarray, shape (..., H_out, W_out, kH, kW)
        A read-only view: ``[..., y, x, i, j]`` is the pixel under tap (i, j) of window (y, x),
        ``input[..., y*stride + i*dilation, x*stride + j*dilation]``.

    Raises
    ------
    ValueError
        A window spans more than the input, an argument is below 1, or a tuple has
        another number of entries than ``kernel_size`` (or than one).
    TypeError
        ``input`` is no array, or another argument no int or tuple of ints.

    Notes
    -----
    Chapter ``04-dilation``. On `numpy.lib.stride_tricks.sliding_window_view`.

    Examples
    --------
    >>> windows(np.arange(5), (2,), stride=2)
    array([[0, 1],
           [2, 3]])
    >>> windows(np.arange(25).reshape(5, 5), 2, stride=3)[0, 1]
    array([[3, 4],
           [8, 9]])
    """
    input, kernel_size, stride, dilation = checks.sliding(input, kernel_size, stride, dilation)
    axes = tuple(range(-len(kernel_size), 0))
    view = sliding_window_view(input, reach(kernel_size, dilation), axes)
    whole = [slice(None)] * (input.ndim - len(kernel_size))
    every = [slice(None, None, step) for step in (*stride, *dilation)]
    return view[(*whole, *every)]  # (..., *out, *kernel)
