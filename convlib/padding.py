"""Padding: zeros, or repeated pixels, around an image."""

from convlib import arguments, core
from convlib.arguments import MODES, Array, Mode, Pairs, shown
from convlib.spec import check_padded_size


def pad(input: Array, padding: int | tuple[tuple[int, int], ...], mode: Mode = "zeros") -> Array:
    """Add pixels around the last axes: padding as an operation of its own.

    Parameters
    ----------
    input : ndarray, shape (..., H, W)
        Any dtype of numbers in the machine's byte order.
    padding : int or tuple of (int, int)
        An int adds as many pixels above and below, left and right. Pairs (before, after), one
        for each of the last axes, may differ: ``((top, bottom), (left, right))``, or
        ``((left, right),)`` for the last axis only.
    mode : {'zeros', 'reflect', 'replicate', 'circular'}
        What the new pixels contain. ``1234`` padded by 2 becomes ``00123400``,
        ``32123432``, ``11123444`` or ``34123412``.

    Returns
    -------
    ndarray, shape (..., before + H + after, before + W + after)
        A new array.

    Raises
    ------
    ValueError
        ``padding`` is negative, is a flat tuple, has more pairs than ``input`` has axes, or
        is larger than what the mode can repeat: reflect needs ``padding <= size - 1``,
        circular ``padding <= size``.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``padding``. torch's ``F.pad`` takes a flat tuple, the last axis first; this
    takes pairs, in the order of the axes. On `numpy.pad`.

    Examples
    --------
    >>> pad(np.array([1, 2, 3, 4]), ((2, 2),), mode="reflect")
    array([3, 2, 1, 2, 3, 4, 3, 2])
    >>> pad(np.array([[1, 2]]), ((0, 1), (1, 1)))
    array([[0, 1, 2, 0],
           [0, 0, 0, 0]])
    """
    image = arguments.numeric("input", input)
    pairs = _pairs(padding)
    if image.ndim < len(pairs):
        raise ValueError(
            f"input of shape {image.shape} has {image.ndim} axes, but padding={shown(padding)} "
            f"extends {len(pairs)}"
        )
    check_padded_size(padding, pairs, image.shape)
    mode_name = arguments.choice("mode", mode, MODES)
    check_mode(mode_name, pairs, image.shape)
    return core.pad(image, pairs, mode_name)


def _pairs(padding: object) -> Pairs:
    """Return one pair per axis, of an int (height and width) or of pairs."""
    if not isinstance(padding, list | tuple):
        return arguments.padding(padding, (1, 1), words=False)
    if not padding:
        raise ValueError(f"padding={padding!r} must contain a pair (before, after) for each axis")
    if not any(isinstance(entry, list | tuple) for entry in padding):
        entries = [arguments.integer("padding", entry, container=padding) for entry in padding]
        raise ValueError(
            f"padding={shown(padding)} is ambiguous; pad needs a pair (before, after) for each "
            f"of the last axes: {_readings(entries)}"
        )
    return arguments.padding(padding, (1,) * len(padding), words=False)


def _readings(entries: list[int]) -> str:
    """Return what a flat tuple may mean, as pairs."""
    if len(entries) == 2:
        first, second = entries
        return (
            f"(({first}, {second}),) before and after the last axis, or "
            f"(({first}, {first}), ({second}, {second})) for height and width"
        )
    if len(entries) == 4:
        left, right, top, bottom = entries
        return f"(({top}, {bottom}), ({left}, {right})) if this is F.pad's order"
    return "such as ((top, bottom), (left, right))"


def check_mode(mode: str, pairs: Pairs, shape: tuple[int, ...]) -> None:
    """Raise if an array of that shape has too few pixels for a border of that mode."""
    for pair, size in zip(pairs, shape[-len(pairs) :], strict=True):
        most = {"reflect": size - 1, "circular": size}.get(mode)
        if size == 0 and (most is not None or (mode == "replicate" and any(pair))):
            raise ValueError(f"padding={pair} in mode {mode!r} has no pixel to repeat: size is 0")
        if most is not None and max(pair) > most:
            raise ValueError(
                f"padding={pair} in mode {mode!r} must be at most {most} on a side of size {size}"
            )
