"""Interactive explorers of a layer, in a page and in JupyterLab.

The elements are written in JavaScript, in ``convlib/web``. Their arithmetic is in
``convlib/web/model``, and tests compare it with convlib.
"""

import inspect
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

from convlib import arguments, core, web
from convlib.arguments import Array, Ints
from convlib.explorable import (
    Numbers,
    check_explorable,
    check_largest,
    identifier_of,
    index_of,
    layer_of,
    numbers_of,
    own_weights,
    parameter_of,
    sizes_of,
    torch_call,
)
from convlib.layers import ConvLayer
from convlib.spec import Axis, ConvSpec, Sizes

Preset = Literal["counting", "ones", "edge", "random"]

PRESETS = ("counting", "ones", "edge", "random")
START = "In a notebook, choose Run All Cells to start the explorer."


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
    Chapter ``window``. A layer that does not fit the image is no error: the explorer shows
    the message that `output_size` would raise.

    Examples
    --------
    >>> explorer = explore("nn.Conv2d(1, 1, 2, stride=2)", size=5)
    >>> explorer
    explore('nn.Conv2d(1, 1, 2, stride=2)', size=5)
    >>> explorer.text
    'On 5 x 5 pixels nn.Conv2d(1, 1, 2, stride=2) gives 2 x 2.'
    """
    layer = layer_of(call)
    check_explorable(layer)
    numbers = numbers_of(layer, input=input, weight=weight, bias=bias)
    sizes = sizes_of(layer, size, numbers.get("input"))
    output, text = _result(layer, sizes)
    index = index_of(output, layer.axes, selected)
    options = {
        "preset": arguments.choice("preset", preset, PRESETS),
        "parameter": parameter_of(layer, parameter),
        "selected": _commas(index) if index else None,
        "replaces": identifier_of(replaces),
    }
    own = {} if isinstance(call, str) else own_weights(layer)
    arrays = {name: json.dumps(_plain(array)) for name, array in (own | numbers).items()}
    attributes = {"call": torch_call(layer), "size": _commas(sizes), **arrays, **options}
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
    Chapter ``groups``. Groups that do not divide the channels are no error: the explorer
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
        check_largest(name, value)
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


def _plain(array: Array) -> Any:
    """Return nested lists; of a float32 the few digits that it is written with."""
    return _without_zeros(array.astype(str).astype(float).tolist())


def _without_zeros(entry: Any) -> Any:
    """Return whole numbers as ints, which are shorter."""
    if isinstance(entry, list):
        return [_without_zeros(each) for each in entry]
    return int(entry) if entry.is_integer() else entry


def _result(layer: ConvLayer, sizes: Sizes) -> tuple[Sizes | None, str]:
    """Return the output's shape, None where the layer does not fit, and a sentence about it."""
    call, pixels = torch_call(layer), " x ".join(map(str, sizes))
    try:
        output = layer.cost((layer.in_channels, *sizes)).output
    except ValueError as error:
        return None, f"{call} on {pixels} pixels: {error}"
    return output, f"On {pixels} pixels {call} gives {' x '.join(map(str, output[1:]))}."


def _commas(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _code(call: str | ConvLayer, words: Mapping[str, object]) -> str:
    """Return the call of `explore`, without default values."""
    defaults = inspect.signature(explore).parameters
    given = [f"{n}={value!r}" for n, value in words.items() if value != defaults[n].default]
    return f"explore({', '.join([repr(call), *given])})"
