"""Groups of channels, and convolution by its definition: the oracle of every engine."""

import numpy as np

from convlib import checks
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
    """Slide kernels over a batch, each group over its own channels.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, *size)
        A batch with one, two or three axes to slide along.
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
    C_out, C, *kernel_size = weight.shape
    frame = sides(padding, kernel_size, dilation)
    view = windows(pad(input, frame), kernel_size, stride, dilation)
    view = view.reshape(len(view), groups, C, *view.shape[2:])
    bank = weight.reshape(groups, C_out // groups, C, *kernel_size)
    ijk = "ijk"[: len(kernel_size)]
    sums = np.einsum(f"ngc...{ijk},goc{ijk}->ngo...", view, bank)
    result = np.reshape(sums, (len(view), C_out, *sums.shape[3:]))
    if bias is not None:
        result = result + bias.reshape(-1, *[1] * len(kernel_size))
    return result


def connectivity(in_channels: int, out_channels: int, groups: int = 1) -> Array:
    """Say which output channel reads which input channel.

    Parameters
    ----------
    in_channels, out_channels, groups : int
        As in `Conv2d`.

    Returns
    -------
    ndarray of int, shape (out_channels, in_channels)
        1 where output channel ``o`` reads input channel ``c``, else 0. The ones stand in
        ``groups`` blocks along the diagonal.

    Raises
    ------
    ValueError
        ``groups`` does not divide both channel counts, or an argument is below 1.
    TypeError
        An argument is no int.

    Notes
    -----
    Chapter ``05-groups``. The gradient of ``torch.nn.Conv2d`` is zero where this is.

    Examples
    --------
    >>> connectivity(4, 6, groups=2)
    array([[1, 1, 0, 0],
           [1, 1, 0, 0],
           [1, 1, 0, 0],
           [0, 0, 1, 1],
           [0, 0, 1, 1],
           [0, 0, 1, 1]])
    """
    checks.channels(in_channels, out_channels, groups)
    block = np.ones((out_channels // groups, in_channels // groups), dtype=int)
    return np.kron(np.eye(groups, dtype=int), block)


def channel_shuffle(input: Array, groups: int) -> Array:
    """Deal the channels of each group out to all groups.

    Parameters
    ----------
    input : ndarray, shape (N, C, *size)
        Any dtype.
    groups : int
        Divides C.

    Returns
    -------
    ndarray, shape (N, C, *size)
        A new array. With 2 groups the channels ``0 1 2 | 3 4 5`` become ``0 3 | 1 4 | 2 5``.

    Raises
    ------
    ValueError
        ``groups`` is below 1 or does not divide C, or ``input`` has fewer than 3 axes.
    TypeError
        ``input`` is no array, or ``groups`` no int.

    Notes
    -----
    Chapter ``05-groups``. Agrees with ``torch.nn.functional.channel_shuffle``. After Zhang et
    al. (2017), arXiv:1707.01083.

    Examples
    --------
    >>> channel_shuffle(np.arange(6).reshape(1, 6, 1), groups=2).ravel()
    array([0, 3, 1, 4, 2, 5])
    """
    input, groups = checks.shuffled(input, groups)
    N, C, *size = input.shape
    dealt = input.reshape(N, groups, C // groups, *size).swapaxes(1, 2)
    return dealt.copy().reshape(input.shape)
