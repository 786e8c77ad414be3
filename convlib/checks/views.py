"""Views of one array: windows, frames, columns, shuffled channels."""

import math
from collections.abc import Mapping, Sequence

from convlib.checks.arrays import Array, array, mode, numbers
from convlib.checks.integers import count_axes, fits, integer, integers, shown_value

Sizes = tuple[int, ...]

ROOM = 2**31  # numbers in a result that is many times larger than the input


def sliding(
    input: object, kernel_size: object, stride: object, dilation: object
) -> tuple[Array, Sizes, Sizes, Sizes]:
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
    room(padding, frame, image.shape)
    mode_reaches(mode("mode", filling), frame, image.shape)
    return image, tuple(frame)


def room(
    padding: object,
    frame: Sequence[tuple[int, int]],
    shape: Sequence[int],
    because: str = "",
) -> None:
    """Refuse a frame that no memory holds before anyone tries."""
    sizes = shape[len(shape) - len(frame) :]
    framed = [before + size + after for (before, after), size in zip(frame, sizes, strict=True)]
    makes_room(
        f"padding={shown_value(padding)}{because} frames input of shape {tuple(shape)}",
        math.prod(framed) * math.prod(shape[: len(shape) - len(frame)]),
        math.prod(shape),
    )


def stretched(name: str, given: Array, arguments: Mapping[str, object], count: int) -> None:
    """Refuse an output many times larger than what it is made of, which no memory holds."""
    cause = " and ".join(f"{argument}={value}" for argument, value in arguments.items())
    makes_room(f"{cause} stretch {name} of shape {given.shape}", count, given.size)


def makes_room(cause: str, count: int, given: int) -> None:
    """Refuse what blows ``given`` numbers up to ``count`` of them."""
    if count > max(ROOM, 4 * given):
        raise ValueError(
            f"{cause} to {count} numbers, more than the {ROOM} that convlib makes room for"
        )


def _enough_axes(input: Array, axes: int, why: str) -> None:
    if input.ndim < axes:
        raise ValueError(f"input of shape {input.shape} has {input.ndim} axes, but {why}")


def mode_reaches(mode: str, frame: Sequence[tuple[int, int]], shape: Sequence[int]) -> None:
    """Refuse a border for which the image has not enough pixels."""
    for before_after, size in zip(frame, shape[-len(frame) :], strict=True):
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


def shuffled(input: object, groups: object) -> tuple[Array, int]:
    """Take the arguments of ``channel_shuffle``."""
    image, parts = array("input", input), integer("groups", groups)
    if image.ndim < 3:
        raise ValueError(f"input of shape {image.shape} must have at least 3 axes: (N, C, ...)")
    if image.shape[1] % parts:
        raise ValueError(f"groups={parts} must divide the {image.shape[1]} channels of input")
    return image, parts


def unfolding(
    input: object, kernel_size: object, dilation: object, padding: object, stride: object
) -> tuple[Array, Sizes, Sizes, Sizes, Sizes]:
    """Take the arguments of ``unfold``; the entries of the kernel count the axes."""
    image = array("input", input)
    axes = count_axes({"kernel_size": kernel_size}) or 2
    kernel = integers("kernel_size", kernel_size, axes)
    if image.ndim not in (axes + 1, axes + 2):
        raise ValueError(
            f"input of shape {image.shape} must have {axes + 2} axes, batch and channels first, "
            f"or {axes + 1} without the batch: kernel_size={kernel_size} slides along {axes}"
        )
    not_empty("input", image.shape, axes)
    holes, frame = integers("dilation", dilation, axes), integers("padding", padding, axes)
    steps = integers("stride", stride, axes)
    for size, border, taps, hole in zip(image.shape[-axes:], frame, kernel, holes, strict=True):
        fits(size, (border, border), taps, hole)
    return image, kernel, holes, frame, steps


def folding(
    input: object,
    output_size: object,
    kernel_size: object,
    dilation: object,
    padding: object,
    stride: object,
) -> tuple[Array, Sizes, Sizes, Sizes, Sizes, Sizes]:
    """Take the arguments of ``fold``; the sizes count the axes."""
    columns = numbers("input", input)
    axes = count_axes({"output_size": output_size, "kernel_size": kernel_size}) or 2
    size = integers("output_size", output_size, axes)
    kernel = integers("kernel_size", kernel_size, axes)
    if columns.ndim not in (2, 3) or 0 in columns.shape[-2:]:
        raise ValueError(
            f"input of shape {columns.shape} must have 3 axes, (N, channels * taps, windows), "
            "or 2 without the batch, and only the batch can be empty"
        )
    if columns.shape[-2] % math.prod(kernel):
        raise ValueError(
            f"input has columns of {columns.shape[-2]} numbers, no multiple of the "
            f"{math.prod(kernel)} taps of kernel_size={kernel}"
        )
    holes, frame = integers("dilation", dilation, axes), integers("padding", padding, axes)
    framed = [pixels + 2 * border for pixels, border in zip(size, frame, strict=True)]
    count = columns.size // columns.shape[-1] // math.prod(kernel) * math.prod(framed)
    stretched("input", columns, {"output_size": size, "padding": frame}, count)
    return columns, size, kernel, holes, frame, integers("stride", stride, axes)


def not_empty(name: str, shape: Sequence[int], axes: int) -> None:
    """Refuse an input without channels or pixels; a batch may be empty."""
    labels = ("channels", "planes", "rows", "columns")
    for label, side in zip(("channels", *labels[-axes:]), shape[-axes - 1 :], strict=True):
        if side == 0:
            raise ValueError(f"{name} of shape {tuple(shape)} has 0 {label}")
