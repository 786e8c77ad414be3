"""Integers, and tuples of them: kernel sizes, strides, paddings, channel counts."""

import math
import reprlib
from collections.abc import Sequence

import numpy as np

Ints = int | Sequence[int]
Padding = Ints | str

STRINGS = ("same", "valid")
AXES = {1: "(width,)", 2: "(height, width)", 3: "(depth, height, width)"}
LEAST = {"padding": 0, "output_padding": 0, "input_size": 0, "at": 0, "rng": 0}  # others: 1
MOST = {"size": 2**31 - 1, "padding": 2**31 - 1}  # of every other int: LARGEST
LARGEST = 2**63 - 1
MOST_AXES = 32


def integer(name: str, value: object, whole: object = None) -> int:
    """Take one int, within the bounds of its name; ``whole`` is the tuple it stands in."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool | np.timedelta64):
        wanted = "an int" if whole is None else "ints"
        raise TypeError(f"{_said(name, value, whole)} must be {wanted}, not {type(value).__name__}")
    number, least, most = int(value), LEAST.get(name, 1), MOST.get(name, LARGEST)
    if number < least:
        raise ValueError(f"{_said(name, value, whole)} must be at least {least}")
    if number > most:
        raise ValueError(f"{_said(name, value, whole)} must be at most {most}")
    return number


def _said(name: str, value: object, whole: object) -> str:
    return f"{name}={shown_value(value if whole is None else whole)}"


def switch(name: str, value: object) -> bool:
    """Take True or False, and nothing that only counts as one of them."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}={shown_value(value)} must be True or False")
    return value


def shown_value(value: object) -> str:
    """Write a value in short; an int of thousands of digits has no repr."""
    try:
        return reprlib.repr(value)
    except ValueError:
        return "<an int of thousands of digits>"


def integers(name: str, value: object, axes: int, order: str | None = None) -> tuple[int, ...]:
    """Take an int, or a list or tuple of one or of ``axes`` of them; spread it over the axes."""
    if not isinstance(value, list | tuple):
        return (integer(name, value),) * axes
    entries = tuple(integer(name, entry, whole=value) for entry in value)
    if len(entries) not in (1, axes):
        wanted = f"an int or {axes} ints: {order or AXES.get(axes, 'one an axis')}"
        raise ValueError(f"{name}={shown_value(value)} has {len(entries)} entries, not {wanted}")
    return entries if len(entries) == axes else entries * axes


def count_axes(arguments: dict[str, object]) -> int | None:
    """Read from the tuples among the arguments how many axes there are; None if all are ints."""
    lengths = {
        name: len(value) for name, value in arguments.items() if isinstance(value, list | tuple)
    }
    for name, length in lengths.items():
        if length == 0:
            raise ValueError(f"{name}={arguments[name]!r} must hold at least one int")
        if length > MOST_AXES:
            raise ValueError(f"{name} has {length} entries; convlib takes at most {MOST_AXES} axes")
    return next((length for length in lengths.values() if length > 1), 1) if lengths else None


def padding_per_axis(value: object, axes: int, stride: Sequence[object]) -> tuple[int | str, ...]:
    """Take torch's padding: an int, one for each axis, 'same' or 'valid'."""
    if not isinstance(value, str):
        return integers("padding", value, axes)
    if value not in STRINGS:
        shown = shown_value(value)
        raise ValueError(f"padding={shown} must be an int, a tuple of ints, 'same' or 'valid'")
    if value == "same" and any(step != 1 for step in stride):
        raise ValueError(
            f"padding='same' keeps the size, which stride={tuple(stride)} cannot: stride must be 1"
        )
    return (value,) * axes


def fits(size: int, padding: tuple[int, int], kernel_size: int, dilation: int) -> None:
    """Refuse a kernel that overhangs the padded input."""
    span, padded = dilation * (kernel_size - 1) + 1, size + sum(padding)
    if span > padded:
        has = f"padded input has: {padded} (size={size}, padding={padding})"
        raise ValueError(
            f"kernel_size={kernel_size} with dilation={dilation} spans {span} pixels, "
            f"more than the {has if any(padding) else f'input has: {size}'}"
        )


def channels(in_channels: object, out_channels: object, groups: object) -> tuple[int, int, int]:
    """Take the channel counts of a layer, and groups that divide both."""
    inputs, outputs = integer("in_channels", in_channels), integer("out_channels", out_channels)
    parts = integer("groups", groups)
    for name, count in (("in_channels", inputs), ("out_channels", outputs)):
        if count % parts:
            raise ValueError(f"{name}={count} must be divisible by groups={parts}")
    return inputs, outputs, parts


def place(name: str, value: object, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Take the (row, column) of an entry of an array of that shape."""
    entries = integers(name, value, len(shape))
    if any(entry >= side for entry, side in zip(entries, shape, strict=True)):
        raise ValueError(f"{name}={value} lies outside of the output, whose shape is {shape}")
    return entries


def shape(name: str, value: object, labels: Sequence[str]) -> tuple[int, ...]:
    """Take the shape of an array, an int for each label; only a batch can be empty."""
    order = f"({', '.join(labels)})"
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name}={shown_value(value)} must be a tuple or list of ints: {order}")
    entries = tuple(integer(name, entry, whole=value) for entry in value)
    if len(entries) != len(labels):
        raise ValueError(
            f"{name}={shown_value(value)} has {len(entries)} entries, not {len(labels)}: {order}"
        )
    for label, entry in zip(labels, entries, strict=True):
        if entry == 0 and label != "N":
            raise ValueError(f"{name}={shown_value(value)} has 0 for {label}; only N can be 0")
    return entries


def transposing(stride: int, padding: int, output_padding: int, dilation: int, result: int) -> None:
    """Refuse a transposed convolution that is asked for too many rows, or leaves none."""
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding={output_padding} must be smaller than {max(stride, dilation)}, "
            f"the larger of stride={stride} and dilation={dilation}"
        )
    if result < 1:
        raise ValueError(
            f"padding={padding} takes away more than there is: the output would have size {result}"
        )


def blocks(found: int, counts: Sequence[int]) -> None:
    """Refuse another number of columns than there are windows."""
    if found != math.prod(counts):
        product = " * ".join(map(str, counts))
        raise ValueError(
            f"input has {found} columns, but output_size and kernel_size make "
            f"{product} = {math.prod(counts)} windows"
        )
