"""Sliding windows of an array, as a view."""

from convlib import arguments, core
from convlib.arguments import Array, Ints
from convlib.spec import join_axes


def windows(input: Array, kernel_size: Ints, stride: Ints = 1, dilation: Ints = 1) -> Array:
    """Sliding windows of the last axes, as a view: nothing is copied.

    Parameters
    ----------
    input : ndarray, shape (..., H, W)
        Any dtype in the machine's byte order. The windows slide along the last axes, as many
        as ``kernel_size`` has entries.
    kernel_size : int or tuple of int
        Taps of a window along each axis; an int is a square, (k, k).
    stride, dilation : int or tuple of int
        Pixels from one window to the next, and from one tap to the next.

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
    Chapter ``dilation``. On `numpy.lib.stride_tricks.sliding_window_view`.

    Examples
    --------
    >>> windows(np.arange(5), (2,), stride=2)
    array([[0, 1],
           [2, 3]])
    >>> windows(np.arange(25).reshape(5, 5), 2, stride=3)[0, 1]
    array([[3, 4],
           [8, 9]])
    """
    image = arguments.array("input", input)
    count = arguments.count_axes("kernel_size", kernel_size, of_int=2)
    kernel = arguments.integers("kernel_size", kernel_size, count)
    if image.ndim < count:
        raise ValueError(
            f"input of shape {image.shape} has {image.ndim} axes, but kernel_size={kernel_size} "
            f"slides along {count}"
        )
    axes = join_axes(image.shape[-count:], kernel, stride, 0, dilation)
    strides, dilations = [axis.stride for axis in axes], [axis.dilation for axis in axes]
    return core.windows(image, kernel, strides, dilations)
