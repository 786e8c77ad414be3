"""Arguments validated and normalised: integers, padding, flags, choices, arrays.

Each function takes the public name of an argument and its value, and returns the value in
one form. An invalid value raises a ``ValueError``, a value of an invalid type a
``TypeError``; the message contains the name, the value and the rule. A rule that concerns
one module only is checked in that module.
"""

import reprlib
import sys
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from convlib import core

Array = np.ndarray[Any, Any]
Pairs = tuple[tuple[int, int], ...]  # (before, after) for each axis
Ints = int | Sequence[int]
Words = Literal["same", "valid"]
Amounts = Ints | Sequence[Sequence[int]]  # of padding: an int, one per axis, or pairs
Padding = Amounts | Words
Mode = Literal["zeros", "reflect", "replicate", "circular"]

MODES = ("zeros", "reflect", "replicate", "circular")
DTYPES = ("float16", "float32", "float64", "int64", "complex64", "complex128")
ORDER = {1: "(width,)", 2: "(height, width)", 3: "(depth, height, width)"}
PAIRS = {
    1: "(before, after)",
    2: "((top, bottom), (left, right))",
    3: "((front, back), (top, bottom), (left, right))",
}
LARGEST = 2**63 - 1
LARGEST_SIZE = 2**31 - 1  # of an image, and of padding
LONGEST = 100  # characters of a value in a message
MOST_AXES = 32  # half of NumPy's, because a view of windows has twice as many
FROM_ZERO = (
    "padding",
    "output_padding",
    "input_size",
    "at",
    "rng",
    "selected",
)  # others start at 1


def shown(value: object) -> str:
    """Return a short repr, of one line; an int of thousands of digits has none.

    Examples
    --------
    >>> shown(3), shown(10**5000)
    ('3', '<an int of thousands of digits>')
    """
    try:
        text = " ".join(reprlib.repr(value).split())
    except ValueError:
        return "<an int of thousands of digits>"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def integer(name: str, value: object, container: object = None) -> int:
    """Return an int within the bounds of its name; ``container`` is a tuple it is an entry of."""
    text = f"{name}={shown(value if container is None else container)}"
    if not isinstance(value, int | np.integer) or isinstance(value, bool | np.timedelta64):
        kind = "an int" if container is None else "ints"
        raise TypeError(f"{text} must be {kind}, not {type(value).__name__}")
    number, least = int(value), 0 if name in FROM_ZERO else 1
    most = LARGEST_SIZE if name in ("size", "padding") else LARGEST
    if number < least:
        raise ValueError(f"{text} must be at least {least}")
    if number > most:
        raise ValueError(f"{text} must be at most {most}")
    return number


def integers(name: str, value: object, axes: int, order: str = "") -> tuple[int, ...]:
    """Return an int for each axis, from an int or from a list or tuple of one or of ``axes``.

    Examples
    --------
    >>> integers("stride", 2, axes=2), integers("stride", [2, 1], axes=2)
    ((2, 2), (2, 1))
    """
    if not isinstance(value, list | tuple):
        return (integer(name, value),) * axes
    entries = tuple(integer(name, entry, container=value) for entry in value)
    if len(entries) not in (1, axes):
        expected = f"an int or {axes} ints: {order or ORDER.get(axes, 'one per axis')}"
        raise ValueError(f"{name}={shown(value)} has {len(entries)} entries, not {expected}")
    return entries if len(entries) == axes else entries * axes


def padding(
    value: object,
    kernel_size: Sequence[int],
    stride: Sequence[int] = (),
    dilation: Sequence[int] = (),
    words: bool = True,
) -> Pairs:
    """Return padding as a pair (before, after) for each axis of the kernel.

    Parameters
    ----------
    value : int, tuple, 'same' or 'valid'
        An int, or an int for each axis, adds as much before as after. A pair for each axis
        may differ; for one axis a flat (before, after) is a pair, too.
    kernel_size, stride, dilation : tuple of int
        Normalised. 'same' depends on them.
    words : bool
        Whether 'same' and 'valid' are allowed.

    Examples
    --------
    >>> padding(1, (3, 3)), padding((1, 2), (3, 3)), padding((1, 2), (3,))
    (((1, 1), (1, 1)), ((1, 1), (2, 2)), ((1, 2),))
    >>> padding("same", (3, 4), (1, 1), (2, 1))
    ((2, 2), (1, 2))
    """
    axes = len(kernel_size)
    if isinstance(value, str) and words:
        return _padding_of_word(value, kernel_size, stride, dilation)
    if not isinstance(value, list | tuple):
        number = integer("padding", value)
        return ((number, number),) * axes
    nested = [entry for entry in value if isinstance(entry, list | tuple)]
    if nested:
        if len(nested) != axes or len(value) != axes or any(len(pair) != 2 for pair in nested):
            expected = PAIRS.get(axes, "(before, after) for each axis")
            raise ValueError(f"padding={shown(value)} must have one pair per axis: {expected}")
        pairs = [[integer("padding", entry, container=value) for entry in pair] for pair in nested]
        return tuple((before, after) for before, after in pairs)
    if axes == 1 and len(value) == 2:
        before, after = (integer("padding", entry, container=value) for entry in value)
        return ((before, after),)
    order = ORDER.get(axes, "one per axis") + ", or a pair (before, after) for each axis"
    return tuple((entry, entry) for entry in integers("padding", value, axes, order))


def _padding_of_word(
    value: str, kernel_size: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> Pairs:
    if value not in ("same", "valid"):
        hint = ""
        if value in MODES:
            hint = f"; pad(input, padding, mode={value!r}) adds such a border"
        if value.lower() == "same":
            hint = "; convlib.tensorflow_same gives the padding of TensorFlow's SAME"
        if value == "causal":
            hint = "; causal is (dilation * (kernel_size - 1), 0) along the axis of time"
        raise ValueError(
            f"padding={shown(value)} must be an int, a tuple of ints, a pair (before, after) for "
            f"each axis, 'same' or 'valid'{hint}"
        )
    if value == "same" and any(step != 1 for step in stride):
        raise ValueError(
            f"padding='same' keeps the size, which stride={tuple(stride)} cannot: stride must "
            "be 1; convlib.tensorflow_same gives TensorFlow's SAME, for any stride"
        )
    return tuple(core.sides(value, k, d) for k, d in zip(kernel_size, dilation, strict=True))


def count_axes(name: str, value: object, of_int: int = 1) -> int:
    """Return how many axes a list or tuple describes; an int describes ``of_int``."""
    if not isinstance(value, list | tuple):
        return of_int
    if not value:
        raise ValueError(f"{name}={value!r} must contain at least one int")
    if len(value) > MOST_AXES:
        raise ValueError(f"{name} has {len(value)} entries; convlib supports {MOST_AXES} axes")
    return len(value)


def flag(name: str, value: object) -> bool:
    """Return True or False, and reject what only counts as one of them."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}={shown(value)} must be True or False")
    return value


def choice(name: str, value: object, choices: Sequence[str]) -> str:
    """Return one of several strings."""
    if not isinstance(value, str) or value not in choices:
        quoted = ", ".join(map(repr, choices))
        raise ValueError(f"{name}={shown(value)} must be one of {quoted}")
    return value


def channels(in_channels: object, out_channels: object, groups: object) -> tuple[int, int, int]:
    """Return the channel counts of a layer, and groups that divide both."""
    inputs = integer("in_channels", in_channels)
    outputs = integer("out_channels", out_channels)
    parts = integer("groups", groups)
    check_groups(inputs, outputs, parts)
    return inputs, outputs, parts


def check_groups(in_channels: int, out_channels: int, groups: int) -> None:
    """Raise unless groups divide both channel counts."""
    for name, count in (("in_channels", in_channels), ("out_channels", out_channels)):
        if count % groups:
            raise ValueError(f"{name}={count} must be divisible by groups={groups}")


def array(name: str, value: object) -> Array:
    """Return a NumPy array in the machine's byte order."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, not {type(value).__name__}: {shown(value)}")
    masked = getattr(sys.modules.get("numpy.ma"), "MaskedArray", ())  # not imported: no instance
    if isinstance(value, masked):
        raise TypeError(f"{name} must not be a MaskedArray, whose mask would be ignored")
    if not value.dtype.isnative:
        raise TypeError(
            f"{name} has dtype {value.dtype.str!r}, {value.dtype.name} in the byte order of "
            "other machines; astype(dtype.newbyteorder('=')) converts it"
        )
    return value.view(np.ndarray)


def numeric(name: str, value: object) -> Array:
    """Return an array of numbers or truth values, of any dtype that can be padded with zeros."""
    result = array(name, value)
    if result.dtype.kind not in "biufc":
        raise TypeError(f"{name} has dtype {result.dtype.name}; an array of numbers is needed")
    return result


def numbers(name: str, value: object) -> Array:
    """Return an array of a dtype in which convolutions are computed."""
    result = array(name, value)
    if result.dtype.name not in DTYPES:
        wraps = ", whose sums would wrap" if result.dtype.kind in "iu" else ""
        raise TypeError(
            f"{name} has dtype {result.dtype.name}{wraps}; convlib computes in {', '.join(DTYPES)}:"
            f" {name}.astype('float32')"
        )
    return result


def generator(name: str, value: object) -> "np.random.Generator":
    """Return a random number generator, from one, from its seed, or from None: a fresh one."""
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(None if value is None else integer(name, value))
