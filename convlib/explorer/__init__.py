"""Interactive explorers of a layer, in a page and in JupyterLab: sliders, windows, channels.

The arithmetic runs in the browser, in JavaScript beside this file; tests compare it with
`convlib.geometry` and `convlib.networks`.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from convlib import arguments, core
from convlib.arguments import Ints, Padding, Pairs, shown
from convlib.spec import Axis, ConvSpec, fit_axes

FILES = ("arithmetic.js", "base.js", "windows.js", "channels.js")
LARGEST_SETTING = 9999


@cache
def script() -> str:
    """Return the JavaScript of the explorers, with their CSS, in order of dependence."""
    here = Path(__file__).parent
    style = json.dumps((here / "explorer.css").read_text())
    return "\n".join([f"const STYLE = {style};", *((here / name).read_text() for name in FILES)])


class Explorer:
    """Result of `explore` and `explore_groups`: a notebook shows it as an element of the page."""

    def __init__(self, call: str, element: str, settings: Mapping[str, object], text: str) -> None:
        self.call: str = call
        self.element: str = element
        self.settings: Mapping[str, object] = settings
        self.text: str = text

    def __repr__(self) -> str:
        """Return the call that creates it."""
        words = ", ".join(f"{name}={value!r}" for name, value in self.settings.items())
        return f"{self.call}({words})"

    def _repr_html_(self) -> str:
        """Return the element with its code, and the text that is shown where no script runs."""
        settings = " ".join(
            f'{name}="{_attribute(value)}"' for name, value in self.settings.items()
        )
        element = f'<{self.element} id="explorer" {settings}>'
        text = f"<p>{escape(self.text)}</p></{self.element}>"
        return f'{element}{text}\n<script type="module">\n{script()}</script>'


def explore(
    size: Ints = 7,
    kernel_size: Ints = 3,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
) -> Explorer:
    """Interactive explorer of a convolution's windows: output size, taps, coverage.

    Parameters
    ----------
    size : int or (int, int)
        Pixels of the image: height and width.
    kernel_size, stride, padding, dilation
        Initial positions of the sliders, as in `output_size`, up to 9999. Padding is as much
        before as after.

    Returns
    -------
    Explorer
        In a notebook an element of the page: the output size with its formula filled in, the
        pixels under each window, the windows that read each pixel, how many they are. Where
        no script runs, a sentence.

    Raises
    ------
    ValueError
        An argument is below 1 (padding: below 0) or above 9999, a tuple has not two entries,
        or padding differs before and after, which has no slider.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``01-window``. Arguments that do not fit together are no error: the explorer shows
    the message that `output_size` would raise.

    Examples
    --------
    >>> explore(7, kernel_size=3, stride=2)
    explore(size=7, kernel_size=3, stride=2, padding=0, dilation=1)
    """
    sizes = arguments.integers("size", size, 2)
    kernel = arguments.integers("kernel_size", kernel_size, 2)
    strides = arguments.integers("stride", stride, 2)
    dilations = arguments.integers("dilation", dilation, 2)
    settings: dict[str, object] = {
        "size": _setting("size", sizes),
        "kernel_size": _setting("kernel_size", kernel),
        "stride": _setting("stride", strides),
        "padding": padding,
        "dilation": _setting("dilation", dilations),
    }
    try:
        pairs = arguments.padding(padding, kernel, strides, dilations)
    except ValueError as error:
        if padding != "same":
            raise
        text = f"{_layer(settings)}: {error}"  # valid by itself, but not with this stride
    else:
        settings["padding"] = _padding_setting(padding, pairs)
        try:
            axes = fit_axes(sizes, kernel, strides, pairs, dilations)
        except ValueError as error:
            text = f"{_layer(settings)}: {error}"
        else:
            H, W = sizes
            H_out, W_out = (axis.output_size for axis in axes)
            text = f"On {H} x {W} pixels {_layer(settings)} gives {H_out} x {W_out}."
    return Explorer("explore", "conv-explorer", settings, text)


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
    inputs, outputs, taps, parts, side = integers.values()
    separable = arguments.flag("pointwise", pointwise)
    settings = {name: _setting(name, (value,)) for name, value in integers.items()}
    settings["pointwise"] = separable
    names = ", ".join(f"{name}={value}" for name, value in settings.items())
    between = inputs if separable else outputs  # channels after the first convolution
    try:
        arguments.check_groups(inputs, between, parts)
    except ValueError as error:
        text = str(error)
    else:
        axis = Axis(side, taps, padding=core.sides("same", taps))
        specs = [ConvSpec(1, inputs, between, parts, (axis, axis))]
        if separable:
            specs.append(ConvSpec(1, inputs, outputs, 1, (Axis(side, 1),) * 2))
        parameters = sum(spec.weights for spec in specs) + outputs  # a bias for each output
        macs = sum(spec.macs for spec in specs)
        text = f"{parameters:,} parameters and {macs:,} MACs on {side} x {side} pixels."
    return Explorer("explore_groups", "groups-explorer", settings, f"{names}: {text}")


def _setting(name: str, entries: Sequence[int]) -> object:
    """Return entries that a slider can have; one int where all axes have the same."""
    if max(entries) > LARGEST_SETTING:
        value = entries[0] if len(set(entries)) == 1 else tuple(entries)
        raise ValueError(f"{name}={value} must be at most {LARGEST_SETTING} to be explored")
    return entries[0] if len(set(entries)) == 1 else tuple(entries)


def _padding_setting(padding: object, pairs: Pairs) -> object:
    """Return padding as a setting: 'same', 'valid', an int, or one for each axis."""
    if isinstance(padding, str):
        return padding
    if any(before != after for before, after in pairs):
        raise ValueError(
            f"padding={shown(padding)} differs before and after, which the explorer cannot show; "
            "diagrams.draw_positions and diagrams.draw_coverage draw it"
        )
    return _setting("padding", [before for before, _ in pairs])


def _layer(settings: Mapping[str, object]) -> str:
    words = [f"{name}={value!r}" for name, value in settings.items() if name != "size"]
    return f"Conv2d(1, 1, {', '.join(words)})"


def _attribute(value: object) -> str:
    """Return a setting as the element reads it: 3 or 3,5 or same or true."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()
