"""Grouped convolution: connectivity of the channels, and channel shuffle."""

from convlib import arguments, core
from convlib.arguments import Array


def connectivity(in_channels: int, out_channels: int, groups: int = 1) -> Array:
    """Which output channel reads which input channel, as a block-diagonal matrix.

    Parameters
    ----------
    in_channels, out_channels, groups : int
        As in `Conv2d`.

    Returns
    -------
    ndarray of int, shape (out_channels, in_channels)
        1 where output channel ``o`` reads input channel ``c``, else 0. The ones are in
        ``groups`` blocks along the diagonal.

    Raises
    ------
    ValueError
        ``groups`` does not divide both channel counts, or an argument is below 1.
    TypeError
        An argument is no int.

    Notes
    -----
    Chapter ``groups``. The gradient of ``torch.nn.Conv2d`` is zero where this is.

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
    return core.connectivity(*arguments.channels(in_channels, out_channels, groups))


def channel_shuffle(input: Array, groups: int) -> Array:
    """Reorder channels so that the groups of the next layer mix (channel shuffle).

    Parameters
    ----------
    input : ndarray, shape (N, C, *size)
        Any dtype.
    groups : int
        Divides C.

    Returns
    -------
    ndarray, shape (N, C, *size)
        A new array. With 2 groups the channels ``0 1 2 | 3 4 5`` become ``0 3 1 | 4 2 5``.

    Raises
    ------
    ValueError
        ``groups`` is below 1 or does not divide C, or ``input`` has fewer than 3 axes.
    TypeError
        ``input`` is no array, or ``groups`` no int.

    Notes
    -----
    Chapter ``groups``. Agrees with ``torch.nn.functional.channel_shuffle``. After Zhang et
    al. (2017), arXiv:1707.01083.

    Examples
    --------
    >>> channel_shuffle(np.arange(6).reshape(1, 6, 1), groups=2).ravel()
    array([0, 3, 1, 4, 2, 5])
    """
    image, parts = arguments.array("input", input), arguments.integer("groups", groups)
    if image.ndim < 3:
        raise ValueError(f"input of shape {image.shape} must have at least 3 axes: (N, C, ...)")
    if image.shape[1] % parts:
        raise ValueError(f"groups={parts} must divide the {image.shape[1]} channels of input")
    return core.channel_shuffle(image.copy(), parts)
