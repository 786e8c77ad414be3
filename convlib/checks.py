"""The one door: every refusal of convlib, and its sentence.

Each function takes an argument under its public name. It gives the argument back
in one form, or raises with the name, the value and the rule: a ``ValueError`` for
a bad value, a ``TypeError`` for a bad type. Behind the door nothing checks again.
"""

import math
import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Ints = int | Sequence[int]
Padding = Ints | str

DTYPES = ("float16", "float32", "float64", "int64", "complex64", "complex128")
MODES = ("zeros", "reflect", "replicate", "circular")
STRINGS = ("same", "valid")
SIDES = ("planes", "rows", "columns")
AXES = {1: "(width,)", 2: "(height, width)", 3: "(depth, height, width)"}
LEAST = {"padding": 0, "at": 0, "rng": 0}  # of every other int: 1
MOST = {"size": 2**31 - 1, "padding": 2**31 - 1}  # of every other int: LARGEST
LARGEST = 2**63 - 1
MOST_AXES = 32
ROOM = 2**31  # numbers in a framed array, where the frame makes up most of it


def integer(name: str, value: object, whole: object = None) -> int:
    """Take one int, within the bounds of its name; ``whole`` is the tuple it stands in."""
    shown = f"{name}={_shown(value if whole is None else whole)}"
    if not isinstance(value, int | np.integer) or isinstance(value, bool | np.timedelta64):
        wanted = "an int" if whole is None else "ints"
        raise TypeError(f"{shown} must be {wanted}, not {type(value).__name__}")
    number, least, most = int(value), LEAST.get(name, 1), MOST.get(name, LARGEST)
    if number < least:
        raise ValueError(f"{shown} must be at least {least}")
    if number > most:
        raise ValueError(f"{shown} must be at most {most}")
    return number


def _shown(value: object) -> str:
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
        raise ValueError(f"{name}={_shown(value)} has {len(entries)} entries, not {wanted}")
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
        shown = _shown(value)
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


def room(
    padding: object, frame: Sequence[tuple[int, int]], input: Array, because: str = ""
) -> None:
    """Refuse a frame that no memory holds before anyone tries."""
    count = math.prod(input.shape[: input.ndim - len(frame)])
    for (before, after), size in zip(frame, input.shape[input.ndim - len(frame) :], strict=True):
        count *= before + size + after
    if count > max(ROOM, 4 * input.size):
        raise ValueError(
            f"padding={_shown(padding)}{because} frames input of shape {input.shape} to "
            f"{count} numbers, more than the {ROOM} that convlib makes room for"
        )


def array(name: str, value: object) -> Array:
    """Take a NumPy array in the machine's byte order, and nothing that only resembles one."""
    if not isinstance(value, np.ndarray):
        raise TypeError(
            f"{name} must be a NumPy array, not {type(value).__name__}: {_shown(value)}"
        )
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a MaskedArray, whose mask would be ignored")
    if not value.dtype.isnative:
        raise TypeError(
            f"{name} has dtype {value.dtype.str!r}, {value.dtype.name} in the byte order of "
            "other machines; astype(dtype.newbyteorder('=')) turns it round"
        )
    return value.view(np.ndarray)


def numbers(name: str, value: object) -> Array:
    """Take an array of a dtype that convolutions are computed in."""
    taken = array(name, value)
    if taken.dtype.name not in DTYPES:
        wraps = ", whose sums would wrap" if taken.dtype.kind in "iu" else ""
        raise TypeError(
            f"{name} has dtype {taken.dtype.name}{wraps}; convlib takes {', '.join(DTYPES)}"
        )
    return taken


def operands(
    axes: int, input: object, weight: object, bias: object, groups: object
) -> tuple[Array, Array, Array | None, int]:
    """Take the arrays of a convolution along ``axes`` axes, and its groups."""
    image, bank = numbers("input", input), numbers("weight", weight)
    if bank.ndim != axes + 2:
        raise ValueError(
            f"weight of shape {bank.shape} must have {axes + 2} axes: "
            f"(C_out, C_in / groups, {'kernel' if axes != 2 else 'kH, kW'})"
        )
    if image.ndim not in (axes + 1, axes + 2):
        raise ValueError(
            f"input of shape {image.shape} must have {axes + 2} axes, batch and channels first, "
            f"or {axes + 1} without the batch"
        )
    parts = integer("groups", groups)
    _not_empty("input", image, ("batch", "channels", *SIDES[-axes:])[-image.ndim :])
    _not_empty("weight", bank, ("kernels", "channels", *SIDES[-axes:]))
    _channels(image.shape[-axes - 1], bank, parts)
    added = None if bias is None else _bias(bias, bank.shape[0])
    for name, other in (("weight", bank), ("bias", added)):
        if other is not None and other.dtype != image.dtype:
            raise TypeError(
                f"input has dtype {image.dtype.name} but {name} has dtype {other.dtype.name}; "
                "they must be the same"
            )
    return image, bank, added, parts


def _not_empty(name: str, value: Array, labels: Sequence[str]) -> None:
    for label, side in zip(labels, value.shape, strict=True):
        if side == 0 and label != "batch":
            raise ValueError(f"{name} of shape {value.shape} has 0 {label}")


def _channels(in_channels: int, weight: Array, groups: int) -> None:
    out_channels, read = weight.shape[:2]
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"groups={groups} must divide both the {in_channels} channels of input "
            f"and the {out_channels} kernels of weight"
        )
    if in_channels != read * groups:
        raise ValueError(
            f"input has {in_channels} channels but weight of shape {weight.shape} "
            f"with groups={groups} reads {read} * {groups} = {read * groups}"
        )


def _bias(bias: object, out_channels: int) -> Array:
    taken = numbers("bias", bias)
    if taken.shape != (out_channels,):
        raise ValueError(
            f"bias of shape {taken.shape} must have shape ({out_channels},), "
            "one number for each kernel of weight"
        )
    return taken


def sliding(
    input: object, kernel_size: object, stride: object, dilation: object
) -> tuple[Array, tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Take the arguments of ``windows``; the entries of the kernel count the axes."""
    image = array("input", input)
    axes = count_axes({"kernel_size": kernel_size}) or 2
    kernel = integers("kernel_size", kernel_size, axes)
    _enough_axes(image, axes, f"kernel_size={kernel_size} slides along {axes}")
    steps = integers("stride", stride, axes)
    holes = integers("dilation", dilation, axes)
    for size, taps, hole in zip(image.shape[-axes:], kernel, holes, strict=True):
        fits(size, (0, 0), taps, hole)
    return image, kernel, steps, holes


def framing(
    input: object, padding: object, filling: object
) -> tuple[Array, tuple[tuple[int, int], ...]]:
    """Take the arguments of ``pad``; a lone int frames two axes."""
    image = array("input", input)
    if image.dtype.kind not in "biufc":
        raise TypeError(f"input has dtype {image.dtype.name}; an array of numbers is wanted")
    entries = padding if isinstance(padding, list | tuple) else (padding, padding)
    if not entries:
        raise ValueError(f"padding={padding!r} must hold an entry for each axis")
    _enough_axes(image, len(entries), f"padding={padding} frames {len(entries)}")
    frame = []
    for entry in entries:
        before, after = integers("padding", entry, 2, "(before, after)")
        frame.append((before, after))
    room(padding, frame, image)
    _mode_reaches(mode("mode", filling), frame, image)
    return image, tuple(frame)


def _enough_axes(input: Array, axes: int, why: str) -> None:
    if input.ndim < axes:
        raise ValueError(f"input of shape {input.shape} has {input.ndim} axes, but {why}")


def mode(name: str, value: object) -> str:
    """Take one of torch's padding modes."""
    if not isinstance(value, str) or value not in MODES:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(map(repr, MODES))}")
    return value


def _mode_reaches(mode: str, frame: Sequence[tuple[int, int]], input: Array) -> None:
    for before_after, size in zip(frame, input.shape[-len(frame) :], strict=True):
        widest = {"reflect": size - 1, "circular": size}.get(mode)
        if size == 0 and (widest is not None or (mode == "replicate" and any(before_after))):
            raise ValueError(
                f"padding={before_after} in mode {mode!r} has no pixel to repeat: size is 0"
            )
        if widest is not None and max(before_after) > widest:
            raise ValueError(
                f"padding={before_after} in mode {mode!r} must be at most {widest} "
                f"on a side of size {size}"
            )


def grid(name: str, value: object) -> Array:
    """Take an array of rows and columns of real numbers."""
    taken = array(name, value)
    if taken.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {taken.dtype.name}; real numbers are needed")
    if taken.ndim != 2:
        raise ValueError(f"{name} of shape {taken.shape} must have 2 axes: (rows, columns)")
    return taken


def step(input: object, weight: object) -> tuple[Array, Array]:
    """Take one image and one kernel, both with a channel axis or both without."""
    image, kernel = array("input", input), array("weight", weight)
    if image.ndim not in (2, 3) or kernel.ndim != image.ndim:
        raise ValueError(
            f"input of shape {image.shape} and weight of shape {kernel.shape} must both have "
            "the axes (rows, columns) or both (channels, rows, columns)"
        )
    return image, kernel


def mask(name: str, value: object, shape: tuple[int, ...]) -> Array:
    """Take an array of bool of a given shape."""
    taken = array(name, value)
    if taken.shape != shape or taken.dtype != bool:
        raise ValueError(
            f"{name} of shape {taken.shape} and dtype {taken.dtype} must be bool of shape {shape}"
        )
    return taken


def pictures(images: Any, titles: Any, columns: object) -> tuple[list[Array], list[str], int]:
    """Take images of rows and columns, a title for each, and how many stand in a row."""
    for name, value in (("images", images), ("titles", titles)):
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise TypeError(f"{name} must be a list with at least one entry, not {value!r}")
    given, names = list(images), list(titles)
    if len(given) != len(names):
        raise ValueError(f"titles has {len(names)} entries, but there are {len(given)} images")
    return [grid("images", image) for image in given], names, integer("columns", columns)


def place(name: str, value: object, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Take the (row, column) of an entry of an array of that shape."""
    entries = integers(name, value, len(shape))
    if any(entry >= side for entry, side in zip(entries, shape, strict=True)):
        raise ValueError(f"{name}={value} lies outside of the output, whose shape is {shape}")
    return entries


def channels(in_channels: object, out_channels: object, groups: object) -> tuple[int, int, int]:
    """Take the channel counts of a layer, and groups that divide both."""
    inputs, outputs = integer("in_channels", in_channels), integer("out_channels", out_channels)
    parts = integer("groups", groups)
    for name, count in (("in_channels", inputs), ("out_channels", outputs)):
        if count % parts:
            raise ValueError(f"{name}={count} must be divisible by groups={parts}")
    return inputs, outputs, parts


def shuffled(input: object, groups: object) -> tuple[Array, int]:
    """Take the arguments of ``channel_shuffle``."""
    image, parts = array("input", input), integer("groups", groups)
    if image.ndim < 3:
        raise ValueError(f"input of shape {image.shape} must have at least 3 axes: (N, C, ...)")
    if image.shape[1] % parts:
        raise ValueError(f"groups={parts} must divide the {image.shape[1]} channels of input")
    return image, parts


def floating(name: str, value: Any) -> np.dtype[Any]:
    """Take a dtype that weights can have."""
    wanted = [known for known in DTYPES if known != "int64"]
    shown = getattr(value, "__name__", _shown(value))
    refusal = TypeError(f"{name}={shown} must be one of {', '.join(wanted)}")
    try:
        dtype: np.dtype[Any] = np.dtype(value)
    except TypeError:
        raise refusal from None
    if value is None or not dtype.isnative or dtype.name not in wanted:
        raise refusal
    return dtype


def generator(name: str, value: object) -> "np.random.Generator":
    """Take a generator of random numbers, the seed of one, or None for a fresh one."""
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(None if value is None else integer(name, value))
