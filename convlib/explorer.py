"""Interactive explorers of a layer, in a page and in JupyterLab.

The elements are written in JavaScript, in ``convlib/web``. Their arithmetic is in
``convlib/web/model``, and tests compare it with convlib.
"""

import ast
import inspect
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

import numpy as np

from convlib import arguments, core, web
from convlib.arguments import Array, Ints, shown
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
from convlib.spec import Axis, ConvSpec, Sizes

Preset = Literal["counting", "ones", "edge", "random"]
Numbers = Array | Sequence[Any]  # an array, or lists in lists

LAYERS: dict[str, type[ConvLayer]] = {
    kind.__name__: kind for kind in (Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d)
}
PRESETS = ("counting", "ones", "edge", "random")
INDEX = {1: "(channel, position)", 2: "(channel, row, column)"}
LARGEST_SETTING = 9999
MOST_NUMBERS = 10_000  # of an array
DEFAULT_SIZE = 5
START = "In a notebook, choose Run All Cells to start the explorer."
EXAMPLE = "an example is nn.Conv2d(1, 1, 3)"
# What Python says of a call that is not finished; of other mistakes an example says more.
SPECIFIC = ("never closed", "closing parenthesis", "unmatched", "positional argument follows")


class Explorer:
    """Result of `explore` and `explore_groups`: a notebook shows it as an element of the page."""

    def __init__(
        self, code: str, element: str, attributes: Mapping[str, str | None], text: str
    ) -> None:
        self.code: str = code
        self.element: str = element
        self.attributes: Mapping[str, str | None] = attributes
        self.text: str = text

    def __repr__(self) -> str:
        """Return the call that creates it."""
        return self.code

    def _repr_html_(self) -> str:
        """Return the element, with the sentences that are shown where no script runs."""
        text = f"<p>{escape(self.text)}</p><p>{START}</p>"
        return web.element(self.element, self.attributes, text)


def explore(
    call: str | ConvLayer,
    size: Ints | None = None,
    *,
    input: Numbers | None = None,
    weight: Numbers | None = None,
    bias: Numbers | None = None,
    preset: Preset = "counting",
    parameter: str | None = None,
    selected: Sequence[int] | None = None,
    replaces: str | None = None,
) -> Explorer:
    """Interactive explorer of a layer: windows, numbers, products and their sum.

    Parameters
    ----------
    call : str or layer
        The call of torch as text, ``"nn.Conv2d(1, 1, 3, stride=2)"``: also of ``Conv1d``,
        ``ConvTranspose1d`` and ``ConvTranspose2d``. Or a layer of convlib, whose weight and
        bias are then shown.
    size : int or tuple of int, optional
        Pixels of the input along each axis; 5 unless ``input`` is given.
    input : array_like, shape (C_in, H, W) or (C_in, W), optional
    weight : array_like, optional
        In torch's shape for that layer.
    bias : array_like, shape (C_out,), optional
    preset : {'counting', 'ones', 'edge', 'random'}
        Numbers of the arrays that are not given: counted from 0, ones, a vertical edge with
        kernels that find it, small random integers (the same ones each time).
    parameter : str, optional
        The argument of the layer whose slider comes first.
    selected : tuple of int, optional
        The output whose products are shown at first, (channel, row, column).
    replaces : str, optional
        ``id`` of a figure of the page that is hidden while the explorer runs.

    Returns
    -------
    Explorer
        In a notebook an element of the page, in which the call and the numbers can be edited.
        Where no script runs, a sentence with the output size.

    Raises
    ------
    ValueError
        The text is no call of such a layer, or the layer rejects an argument; an argument is
        above 9999; padding differs before and after; an array has another shape than the
        layer's.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``01-window``. A layer that does not fit the image is no error: the explorer shows
    the message that `output_size` would raise.

    Examples
    --------
    >>> explorer = explore("nn.Conv2d(1, 1, 2, stride=2)", size=5)
    >>> explorer
    explore('nn.Conv2d(1, 1, 2, stride=2)', size=5)
    >>> explorer.text
    'On 5 x 5 pixels nn.Conv2d(1, 1, 2, stride=2) gives 2 x 2.'
    """
    layer = _layer(call)
    _check_explorable(layer)
    numbers = _numbers(layer, input=input, weight=weight, bias=bias)
    sizes = _sizes(layer, size, numbers.get("input"))
    output, text = _result(layer, sizes)
    options = {
        "preset": arguments.choice("preset", preset, PRESETS),
        "parameter": _parameter(layer, parameter),
        "selected": _selected(output, layer.axes, selected),
        "replaces": _identifier(replaces),
    }
    own = {} if isinstance(call, str) else _own_weights(layer)
    arrays = {name: json.dumps(_plain(array)) for name, array in (own | numbers).items()}
    attributes = {"call": _torch_call(layer), "size": _commas(sizes), **arrays, **options}
    words = {"size": size} | {name: _plain(array) for name, array in numbers.items()}
    words |= {"preset": preset, "parameter": parameter, "selected": selected, "replaces": replaces}
    return Explorer(_code(call, words), "conv-explorer", attributes, text)


def explore_groups(
    in_channels: int = 4,
    out_channels: int = 8,
    kernel_size: int = 3,
    groups: int = 1,
    size: int = 7,
    *,
    pointwise: bool = False,
) -> Explorer:
    """Interactive explorer of groups, from dense to depthwise-separable: connectivity and costs.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, groups : int
        Initial positions of the sliders, as in `Conv2d`, up to 9999.
    size : int
        Height and width of the image, which padding='same' keeps; MACs are counted on it.
    pointwise : bool
        Whether the convolution has in_channels outputs and no bias, and is followed by a 1 x 1
        convolution to out_channels. With groups=in_channels that is depthwise-separable.

    Returns
    -------
    Explorer
        In a notebook an element of the page: channels as rows of dots, a line for each table of
        weights, parameters and MACs beside those of the dense layer. Where no script
        runs, a sentence.

    Raises
    ------
    ValueError
        An argument is below 1 or above 9999.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``05-groups``. Groups that do not divide the channels are no error: the explorer
    shows the message that `Conv2d` would raise.

    Examples
    --------
    >>> explore_groups(4, 8, groups=4)
    explore_groups(in_channels=4, out_channels=8, kernel_size=3, groups=4, size=7, pointwise=False)
    """
    values = {
        "in_channels": in_channels,
        "out_channels": out_channels,
        "kernel_size": kernel_size,
        "groups": groups,
        "size": size,
    }
    integers = {name: arguments.integer(name, value) for name, value in values.items()}
    separable = arguments.flag("pointwise", pointwise)
    for name, value in integers.items():
        _check_largest(name, value)
    settings = integers | {"pointwise": separable}
    words = ", ".join(f"{name}={value}" for name, value in settings.items())
    text = f"{words}: {_costs_of_groups(**integers, pointwise=separable)}"
    attributes = {name: str(value).lower() for name, value in settings.items()}
    return Explorer(f"explore_groups({words})", "groups-explorer", attributes, text)


def _costs_of_groups(
    in_channels: int, out_channels: int, kernel_size: int, groups: int, size: int, pointwise: bool
) -> str:
    """Return parameters and MACs in words, or why groups do not divide the channels."""
    between = in_channels if pointwise else out_channels  # channels after the first convolution
    try:
        arguments.check_groups(in_channels, between, groups)
    except ValueError as error:
        return str(error)
    axis = Axis(size, kernel_size, padding=core.sides("same", kernel_size))
    specs = [ConvSpec(1, in_channels, between, groups, (axis, axis))]
    if pointwise:
        specs.append(ConvSpec(1, in_channels, out_channels, 1, (Axis(size, 1),) * 2))
    parameters = sum(spec.weights for spec in specs) + out_channels  # a bias for each output
    macs = sum(spec.macs for spec in specs)
    return f"{parameters:,} parameters and {macs:,} MACs on {size} x {size} pixels."


def _layer(call: object) -> ConvLayer:
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


def _torch_arguments(layer: ConvLayer) -> dict[str, Any]:
    """Return the arguments of torch's layer by name."""
    has_bias = {"bias": "bias" in state_shapes(layer)}
    names = _torch_signature(type(layer)).parameters
    return {name: has_bias[name] if name in has_bias else getattr(layer, name) for name in names}


def _torch_call(layer: ConvLayer) -> str:
    """Return the shortest call of torch that describes a layer."""
    return f"nn.{type(layer)(**_torch_arguments(layer))!r}"


def _check_explorable(layer: ConvLayer) -> None:
    """Raise if a slider cannot show an argument."""
    for name, value in _torch_arguments(layer).items():
        if isinstance(value, str):
            continue
        entries = value if isinstance(value, tuple) else (value,)
        if any(isinstance(entry, tuple) for entry in entries):
            raise ValueError(
                f"{name}={shown(value)} differs before and after, which the explorer cannot show; "
                "diagrams.draw_positions and diagrams.draw_coverage draw it"
            )
        for entry in entries:
            _check_largest(name, entry)


def _check_largest(name: str, value: int) -> None:
    if value > LARGEST_SETTING:
        raise ValueError(f"{name}={value} must be at most {LARGEST_SETTING} to be explored")


def _numbers(layer: ConvLayer, **arrays: Numbers | None) -> dict[str, Array]:
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


def _own_weights(layer: ConvLayer) -> dict[str, Array]:
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


def _plain(array: Array) -> Any:
    """Return nested lists; of a float32 the few digits that it is written with."""
    return _without_zeros(array.astype(str).astype(float).tolist())


def _without_zeros(entry: Any) -> Any:
    """Return whole numbers as ints, which are shorter."""
    if isinstance(entry, list):
        return [_without_zeros(each) for each in entry]
    return int(entry) if entry.is_integer() else entry


def _sizes(layer: ConvLayer, size: object, input: Array | None) -> Sizes:
    """Return the pixels of the input along each axis."""
    if size is None:
        return (DEFAULT_SIZE,) * layer.axes if input is None else input.shape[1:]
    sizes = arguments.integers("size", size, layer.axes)
    if input is not None and input.shape[1:] != sizes:
        raise ValueError(f"size={shown(size)} is not that of input of shape {input.shape}")
    for entry in sizes:
        _check_largest("size", entry)
    return sizes


def _result(layer: ConvLayer, sizes: Sizes) -> tuple[Sizes | None, str]:
    """Return the output's shape, None where the layer does not fit, and a sentence about it."""
    call, pixels = _torch_call(layer), " x ".join(map(str, sizes))
    try:
        output = layer.cost((layer.in_channels, *sizes)).output
    except ValueError as error:
        return None, f"{call} on {pixels} pixels: {error}"
    return output, f"On {pixels} pixels {call} gives {' x '.join(map(str, output[1:]))}."


def _parameter(layer: ConvLayer, name: object) -> str | None:
    if name is None:
        return None
    return arguments.choice("parameter", name, list(_torch_arguments(layer)))


def _selected(output: Sizes | None, axes: int, selected: object) -> str | None:
    """Return an index of the output as the element reads it."""
    if selected is None:
        return None
    order = INDEX[axes]
    if not isinstance(selected, list | tuple) or len(selected) != axes + 1:
        raise ValueError(f"selected={shown(selected)} must be {order}")
    index = tuple(arguments.integer("selected", entry, selected) for entry in selected)
    if output and any(entry >= count for entry, count in zip(index, output, strict=True)):
        raise ValueError(f"selected={shown(selected)} must be in the output of shape {output}")
    return _commas(index)


def _identifier(replaces: object) -> str | None:
    if replaces is None or isinstance(replaces, str):
        return replaces
    raise TypeError(f"replaces={shown(replaces)} must be the id of a figure, a str")


def _commas(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _code(call: str | ConvLayer, words: Mapping[str, object]) -> str:
    """Return the call of `explore`, without default values."""
    defaults = inspect.signature(explore).parameters
    given = [f"{n}={value!r}" for n, value in words.items() if value != defaults[n].default]
    return f"explore({', '.join([repr(call), *given])})"
