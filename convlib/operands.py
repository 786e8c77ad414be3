"""Arrays that must fit together: ranks, channel counts, dtypes."""

from collections.abc import Sequence

from convlib import arguments
from convlib.arguments import Array

NUMPY_DEFAULTS = ("float64", "int64")  # rather than chosen: these are cast
KERNEL = ("kD", "kH", "kW")
WEIGHT = {False: "(C_out, C_in / groups, ", True: "(C_in, C_out / groups, "}  # transposed?


def convolution(
    axes: int, input: object, weight: object, bias: object, groups: object
) -> tuple[Array, Array, Array | None, int]:
    """Return the arrays of a convolution along ``axes`` axes, and its groups."""
    x, w = images(axes, input), kernels(axes, weight)
    parts = arguments.integer("groups", groups)
    check_channels("input", x.shape, -axes - 1, "weight", w.shape, parts)
    b = None if bias is None else _bias(bias, len(w), "kernel of weight")
    check_dtypes(input=x, weight=w, bias=b)
    return x, w, b, parts


def transposed_convolution(
    axes: int, input: object, weight: object, bias: object, groups: object
) -> tuple[Array, Array, Array | None, int]:
    """Return the arrays of a transposed convolution, whose weight has C_in kernels."""
    x, w = images(axes, input), kernels(axes, weight, transposed=True)
    parts, in_channels = arguments.integer("groups", groups), x.shape[-axes - 1]
    if in_channels != len(w):
        hint = _channels_last("input", x.shape, -axes - 1, len(w))
        raise ValueError(
            f"input has {in_channels} channels but weight of shape {w.shape} has {len(w)} kernels;"
            f" a transposed convolution has one for each channel of input{hint}"
        )
    if in_channels % parts:
        raise ValueError(f"groups={parts} must divide the {in_channels} channels of input")
    b = None if bias is None else _bias(bias, w.shape[1] * parts, "output channel")
    check_dtypes(input=x, weight=w, bias=b)
    return x, w, b, parts


def images(axes: int, input: object, batched: bool = False) -> Array:
    """Return an array (N, C, *size), or without the batch unless ``batched``."""
    x = arguments.numbers("input", input)
    check_image_shape(x.shape, axes, batched)
    return x


def check_image_shape(
    shape: Sequence[int], axes: int, batched: bool = False, why: str = ""
) -> None:
    """Raise unless a shape is (N, C, *size), or (C, *size), with nothing empty but the batch."""
    if len(shape) != axes + 2 and (batched or len(shape) != axes + 1):
        without = "" if batched else f", or {axes + 1} without the batch"
        hint = "; input[None] adds an axis of length 1" if len(shape) in (axes, axes + 1) else ""
        raise ValueError(
            f"input of shape {tuple(shape)} must have {axes + 2} axes, batch and channels first"
            f"{without}{why}{hint}"
        )
    check_not_empty("input", shape, axes)


def kernels(axes: int, weight: object, transposed: bool = False) -> Array:
    """Return an array of kernels, (C_out, C_in // groups, *kernel_size) or transposed."""
    w = arguments.numbers("weight", weight)
    if w.ndim != axes + 2:
        order = WEIGHT[transposed] + ", ".join(KERNEL[-axes:]) + ")"
        raise ValueError(f"weight of shape {w.shape} must have {axes + 2} axes: {order}")
    if len(w) == 0:
        raise ValueError(f"weight of shape {w.shape} has 0 kernels")
    check_not_empty("weight", w.shape, axes)
    return w


def check_not_empty(name: str, shape: Sequence[int], axes: int) -> None:
    """Raise if there are no channels or no pixels; a batch may be empty."""
    labels = ("planes", "rows", "columns")[-axes:]
    for label, side in zip(("channels", *labels), shape[-axes - 1 :], strict=True):
        if side == 0:
            raise ValueError(f"{name} of shape {tuple(shape)} has 0 {label}")


def check_channels(
    reader: str, read: Sequence[int], axis: int, bank: str, shape: Sequence[int], groups: int
) -> None:
    """Raise unless groups divide the channels, and the kernels read as many as there are.

    ``reader`` names the argument with the channels, ``read`` is its shape and ``axis`` the
    place of the channels in it; ``bank`` names the weight or its size, ``shape`` is its shape.
    """
    in_channels, (out_channels, group_inputs) = read[axis], shape[:2]
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"groups={groups} must divide both the {in_channels} channels of {reader} "
            f"and the {out_channels} kernels of {bank}"
        )
    expected = group_inputs * groups
    if in_channels != expected:
        what = f"weight of shape {tuple(shape)}" if bank == "weight" else f"{bank}={tuple(shape)}"
        raise ValueError(
            f"{reader} has {in_channels} channels but {what} with groups={groups} reads "
            f"{group_inputs} * {groups} = {expected}{_channels_last(reader, read, axis, expected)}"
        )


def _channels_last(name: str, shape: Sequence[int], axis: int, expected: int) -> str:
    """Suggest np.moveaxis where the last axis has the expected number of channels."""
    if name != "input" or shape[-1] != expected:
        return ""
    return (
        f"; the last axis has {expected}: if the channels are last, np.moveaxis(input, -1, {axis}) "
        "moves them"
    )


def _bias(bias: object, out_channels: int, each: str) -> Array:
    b = arguments.numbers("bias", bias)
    if b.shape != (out_channels,):
        raise ValueError(
            f"bias of shape {b.shape} must have shape ({out_channels},), one number for each {each}"
        )
    return b


def check_dtypes(**arrays: Array | None) -> None:
    """Raise unless the arrays have one dtype."""
    (first, one), *others = arrays.items()
    for name, other in others:
        if one is not None and other is not None and other.dtype != one.dtype:
            cast, dtype = first, other.dtype.name
            if other.dtype.name in NUMPY_DEFAULTS and one.dtype.name not in NUMPY_DEFAULTS:
                cast, dtype = name, one.dtype.name
            raise TypeError(
                f"{first} has dtype {one.dtype.name} but {name} has dtype {other.dtype.name}; "
                f"they must be the same: {cast}.astype({dtype!r})"
            )
