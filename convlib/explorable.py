"""The arguments of `explore`, checked: layers, sizes and numbers that an explorer can show."""

import ast
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from convlib import arguments
from convlib.arguments import Array, shown
from convlib.layer import check_channels, check_image_shape
from convlib.layers import (
    Conv1d,
    Conv2d,
    ConvLayer,
    ConvTranspose1d,
    ConvTranspose2d,
    state_shapes,
)
from convlib.networks import parsing
from convlib.spec import Sizes

Numbers = Array | Sequence[Any]  # an array, or lists in lists

LAYERS: dict[str, type[ConvLayer]] = {
    kind.__name__: kind for kind in (Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d)
}
INDEX = {1: "(channel, position)", 2: "(channel, row, column)"}
LARGEST_SETTING = 9999
MOST_NUMBERS = 10_000  # of an array
DEFAULT_SIZE = 5
EXAMPLE = "an example is nn.Conv2d(1, 1, 3)"
# What Python says of a call that is not finished; of other mistakes an example says more.
SPECIFIC = ("never closed", "closing parenthesis", "unmatched", "positional argument follows")


def layer_of(call: object) -> ConvLayer:
    """Return the layer that is explored, from a call of torch or from itself."""
    if isinstance(call, str):
        return _parsed(call)
    if isinstance(call, ConvLayer) and type(call).__name__ in LAYERS:
        return call
    raise TypeError(
        f"call={shown(call)} must be the text of a torch call or a layer ({', '.join(LAYERS)}), "
        'such as explore("nn.Conv2d(1, 1, 3)", size=7)'
    )


def _parsed(text: str) -> ConvLayer:
    """Return the layer that a call describes; nothing is evaluated."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = error.msg if isinstance(error, SyntaxError) else ""
        reason = message if any(words in message for words in SPECIFIC) else EXAMPLE
        raise ValueError(f"call={shown(text)} is no call of a layer: {reason}") from None
    if not isinstance(node, ast.Call) or isinstance(node.func, ast.Call):
        raise ValueError(f"call={shown(text)} is no call of a layer: {EXAMPLE}")
    name = ast.unparse(node.func)
    kind = LAYERS.get(name.rpartition(".")[2])
    if kind is None:
        raise ValueError(f"{name} is not known; known are {', '.join(LAYERS)}")
    layer: ConvLayer = parsing.from_call(kind, node, _torch_signature(kind))
    return layer


def _torch_signature(kind: type[ConvLayer]) -> inspect.Signature:
    """Return the arguments that torch's layer has, too: those that may be positional."""
    signature = inspect.signature(kind)
    every = signature.parameters.values()
    return signature.replace(parameters=[p for p in every if p.kind is p.POSITIONAL_OR_KEYWORD])


def torch_arguments(layer: ConvLayer) -> dict[str, Any]:
    """Return the arguments of torch's layer by name."""
    has_bias = {"bias": "bias" in state_shapes(layer)}
    names = _torch_signature(type(layer)).parameters
    return {name: has_bias[name] if name in has_bias else getattr(layer, name) for name in names}


def torch_call(layer: ConvLayer) -> str:
    """Return the shortest call of torch that describes a layer."""
    return f"nn.{type(layer)(**torch_arguments(layer))!r}"


def check_explorable(layer: ConvLayer) -> None:
    """Raise if a slider cannot show an argument."""
    for name, value in torch_arguments(layer).items():
        if isinstance(value, str):
            continue
        entries = value if isinstance(value, tuple) else (value,)
        if any(isinstance(entry, tuple) for entry in entries):
            raise ValueError(
                f"{name}={shown(value)} differs before and after, which the explorer cannot show; "
                "diagrams.draw_positions and diagrams.draw_coverage draw it"
            )
        for entry in entries:
            check_largest(name, entry)


def check_largest(name: str, value: int) -> None:
    """Raise if a slider does not reach a value."""
    if value > LARGEST_SETTING:
        raise ValueError(f"{name}={value} must be at most {LARGEST_SETTING} to be explored")


def numbers_of(layer: ConvLayer, **arrays: Numbers | None) -> dict[str, Array]:
    """Return the arrays that are given, of finite real numbers and in the layer's shapes."""
    given = {name: _real(name, array) for name, array in arrays.items() if array is not None}
    shapes = state_shapes(layer)
    for name, array in given.items():
        if name == "input":
            check_image_shape(array.shape, layer.axes)
            check_channels("in_channels", layer.in_channels, array.shape)
        elif name not in shapes:
            raise ValueError(f"{name} must be None: the layer has {name}=False")
        elif array.shape != shapes[name]:
            raise ValueError(
                f"{name} of shape {array.shape} must have the layer's shape {shapes[name]}"
            )
    return given


def own_weights(layer: ConvLayer) -> dict[str, Array]:
    """Return weight and bias of a layer."""
    return {name: _real(name, array) for name, array in layer.state_dict().items()}


def _real(name: str, value: object) -> Array:
    """Return an array of finite real numbers, not too many for a page."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise ValueError(f"{name}={shown(value)} must have rows of the same length") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} has dtype {array.dtype.name}; an array of real numbers is needed")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must contain finite numbers")
    if array.size > MOST_NUMBERS:
        raise ValueError(
            f"{name} has {array.size} numbers, and at most {MOST_NUMBERS} can be explored; the "
            "layer's call as text shows it with other numbers"
        )
    return array


def sizes_of(layer: ConvLayer, size: object, input: Array | None) -> Sizes:
    """Return the pixels of the input along each axis."""
    if size is None:
        return (DEFAULT_SIZE,) * layer.axes if input is None else input.shape[1:]
    sizes = arguments.integers("size", size, layer.axes)
    if input is not None and input.shape[1:] != sizes:
        raise ValueError(f"size={shown(size)} is not that of input of shape {input.shape}")
    for entry in sizes:
        check_largest("size", entry)
    return sizes


def parameter_of(layer: ConvLayer, name: object) -> str | None:
    """Return the name of an argument of the layer."""
    if name is None:
        return None
    return arguments.choice("parameter", name, list(torch_arguments(layer)))


def index_of(output: Sizes | None, axes: int, selected: object) -> Sizes | None:
    """Return an index of the output, which is None where the layer does not fit the image."""
    if selected is None:
        return None
    order = INDEX[axes]
    if not isinstance(selected, list | tuple) or len(selected) != axes + 1:
        raise ValueError(f"selected={shown(selected)} must be {order}")
    index = tuple(arguments.integer("selected", entry, selected) for entry in selected)
    if output and any(entry >= count for entry, count in zip(index, output, strict=True)):
        raise ValueError(f"selected={shown(selected)} must be in the output of shape {output}")
    return index


def identifier_of(replaces: object) -> str | None:
    """Return the id of a figure of the page."""
    if replaces is None or isinstance(replaces, str):
        return replaces
    raise TypeError(f"replaces={shown(replaces)} must be the id of a figure, a str")
