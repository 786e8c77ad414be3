"""Convolution by its definition: the result of the book, and the oracle of every engine."""

import numpy as np

from convlib.checks import Array, Ints, Padding
from convlib.geometry import sides
from convlib.padding import pad
from convlib.window import windows


def conv_by_definition(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Slide a bank of kernels over a batch, each group over its own channels.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, *size)
        A batch with one axis or more to slide along.
    weight : ndarray, shape (C_out, C_in // groups, *kernel_size)
    bias : ndarray, shape (C_out,), optional
    stride, padding, dilation, groups
        As in `conv2d`.

    Returns
    -------
    ndarray, shape (N, C_out, *output size)

    Notes
    -----
    Chapter ``05-groups``. The arguments must fit together: `conv2d` and its like check
    that before they call. In the einsum: n image, g group, c input channel of the group,
    o output channel of the group, i j k tap; the dots are the output position.

    Examples
    --------
    >>> x = np.arange(5.0).reshape(1, 1, 5)
    >>> conv_by_definition(x, np.array([[[1.0, 10.0]]]), stride=2)
    array([[[10., 32.]]])
    """
    out_channels, channels, *kernel_size = weight.shape
    framed = pad(input, sides(padding, kernel_size, dilation))
    view = windows(framed, kernel_size, stride, dilation)  # (N, C_in, *out, *kernel)
    view = view.reshape(len(view), groups, channels, *view.shape[2:])
    bank = weight.reshape(groups, out_channels // groups, channels, *kernel_size)
    taps = "ijk"[: len(kernel_size)]
    sums = np.einsum(f"ngc...{taps},goc{taps}->ngo...", view, bank)
    result = np.reshape(sums, (len(view), out_channels, *sums.shape[3:]))  # (N, C_out, *out)
    return result if bias is None else result + bias.reshape(-1, *[1] * len(kernel_size))
