"""Convolutions, forward and back: arrays that must fit together."""

from collections.abc import Sequence

from convlib.checks.arrays import Array, numbers
from convlib.checks.integers import integer, shape
from convlib.checks.views import not_empty


def operands(
    axes: int, input: object, weight: object, bias: object, groups: object
) -> tuple[Array, Array, Array | None, int]:
    """Take the arrays of a convolution along ``axes`` axes, and its groups."""
    image, bank = _image(axes, input), _bank(axes, weight, "(C_out, C_in / groups, ")
    parts = integer("groups", groups)
    _channels("input", image.shape[-axes - 1], "weight", bank.shape, parts)
    added = None if bias is None else _bias(bias, len(bank), "kernel of weight")
    _one_dtype(input=image, weight=bank, bias=added)
    return image, bank, added, parts


def transposed_operands(
    axes: int, input: object, weight: object, bias: object, groups: object
) -> tuple[Array, Array, Array | None, int]:
    """Take the arrays of a transposed convolution; its weight has C_in kernels."""
    image, bank = _image(axes, input), _bank(axes, weight, "(C_in, C_out / groups, ")
    parts, in_channels = integer("groups", groups), image.shape[-axes - 1]
    if in_channels != len(bank):
        raise ValueError(
            f"input has {in_channels} channels but weight of shape {bank.shape} has "
            f"{len(bank)} kernels; a transposed convolution has one for each channel of input"
        )
    if in_channels % parts:
        raise ValueError(f"groups={parts} must divide the {in_channels} channels of input")
    added = None if bias is None else _bias(bias, bank.shape[1] * parts, "output channel")
    _one_dtype(input=image, weight=bank, bias=added)
    return image, bank, added, parts


def input_gradient(
    axes: int, input_size: object, weight: object, grad_output: object, groups: object
) -> tuple[tuple[int, ...], Array, Array, int]:
    """Take what the gradient with respect to the input is made of, but for its windows."""
    size = shape("input_size", input_size, ("N", "C_in", *"DHW"[-axes:]))
    bank, gradient = (
        _bank(axes, weight, "(C_out, C_in / groups, "),
        numbers("grad_output", grad_output),
    )
    parts = integer("groups", groups)
    _channels("input_size", size[1], "weight", bank.shape, parts)
    _one_dtype(weight=bank, grad_output=gradient)
    return size, bank, gradient, parts


def weight_gradient(
    axes: int, input: object, weight_size: object, grad_output: object, groups: object
) -> tuple[Array, tuple[int, ...], Array, int]:
    """Take what the gradient with respect to the weight is made of, but for its windows."""
    kernel = ("kD", "kH", "kW")[-axes:]
    image, gradient = _image(axes, input, batched=True), numbers("grad_output", grad_output)
    size = shape("weight_size", weight_size, ("C_out", "C_in / groups", *kernel))
    parts = integer("groups", groups)
    _channels("input", image.shape[1], "weight_size", size, parts)
    _one_dtype(input=image, grad_output=gradient)
    return image, size, gradient, parts


def output_gradient(grad_output: Array, wanted: tuple[int, ...]) -> None:
    """Refuse a gradient of another shape than the output has."""
    if grad_output.shape != wanted:
        raise ValueError(
            f"grad_output of shape {grad_output.shape} must have the output's shape, {wanted}"
        )


def _image(axes: int, input: object, batched: bool = False) -> Array:
    image = numbers("input", input)
    if image.ndim != axes + 2 and (batched or image.ndim != axes + 1):
        without = "" if batched else f", or {axes + 1} without the batch"
        raise ValueError(
            f"input of shape {image.shape} must have {axes + 2} axes, batch and channels first"
            f"{without}"
        )
    not_empty("input", image.shape, axes)
    return image


def _bank(axes: int, weight: object, order: str) -> Array:
    bank = numbers("weight", weight)
    if bank.ndim != axes + 2:
        kernel = ", ".join(("kD", "kH", "kW")[-axes:])
        raise ValueError(
            f"weight of shape {bank.shape} must have {axes + 2} axes: {order}{kernel})"
        )
    if len(bank) == 0:
        raise ValueError(f"weight of shape {bank.shape} has 0 kernels")
    not_empty("weight", bank.shape, axes)
    return bank


def _channels(reader: str, in_channels: int, bank: str, shape: Sequence[int], groups: int) -> None:
    out_channels, read = shape[:2]
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"groups={groups} must divide both the {in_channels} channels of {reader} "
            f"and the {out_channels} kernels of {bank}"
        )
    if in_channels != read * groups:
        what = f"weight of shape {tuple(shape)}" if bank == "weight" else f"{bank}={tuple(shape)}"
        raise ValueError(
            f"{reader} has {in_channels} channels but {what} "
            f"with groups={groups} reads {read} * {groups} = {read * groups}"
        )


def _bias(bias: object, out_channels: int, each: str) -> Array:
    taken = numbers("bias", bias)
    if taken.shape != (out_channels,):
        raise ValueError(
            f"bias of shape {taken.shape} must have shape ({out_channels},), "
            f"one number for each {each}"
        )
    return taken


def _one_dtype(**arrays: Array | None) -> None:
    (first, one), *others = arrays.items()
    for name, other in others:
        if one is not None and other is not None and other.dtype != one.dtype:
            raise TypeError(
                f"{first} has dtype {one.dtype.name} but {name} has dtype {other.dtype.name}; "
                "they must be the same"
            )
