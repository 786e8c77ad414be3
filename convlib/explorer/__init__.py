"""A layer to play with, in the page and in JupyterLab: sliders, windows, channels.

The arithmetic runs in the browser, in JavaScript beside this file; tests hold it to that of
`convlib.geometry` and `convlib.networks`.
"""

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

from convlib import checks
from convlib.checks import Ints, Padding
from convlib.geometry import output_size
from convlib.networks import Conv2d, summary

FILES = ("arithmetic.js", "base.js", "windows.js", "channels.js")


@cache
def script() -> str:
    """Put the style and the code together, each file after those that it needs."""
    here = Path(__file__).parent
    style = json.dumps((here / "explorer.css").read_text())
    return "\n".join([f"const STYLE = {style};", *((here / name).read_text() for name in FILES)])


class Explorer:
    """What `explore` and `explore_groups` return: a notebook shows it as an element of the page."""

    def __init__(self, call: str, element: str, settings: Mapping[str, object], said: str) -> None:
        self.call: str = call
        self.element: str = element
        self.settings: Mapping[str, object] = settings
        self.said: str = said

    def __repr__(self) -> str:
        """Write the call that makes it."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.settings.items())
        return f"{self.call}({given})"

    def _repr_html_(self) -> str:
        """Write the element with its code; where no script runs, a sentence stands instead."""
        settings = " ".join(
            f'{name}="{_attribute(value)}"' for name, value in self.settings.items()
        )
        element = f'<{self.element} id="explorer" {settings}>'
        words = f"<p>{escape(self.said)}</p></{self.element}>"
        return f'{element}{words}\n<script type="module">\n{script()}</script>'


def explore(
    size: Ints = 7,
    kernel_size: Ints = 3,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
) -> Explorer:
    """Show the windows of a convolution, to be played with.

    Parameters
    ----------
    size : int or (int, int)
        Pixels of the image: height and width.
    kernel_size, stride, padding, dilation
        Where the sliders stand at first, as in `output_size`, up to 9999.

    Returns
    -------
    Explorer
        In a notebook an element of the page: the output size with its formula filled in, the
        pixels under each window, the windows that read each pixel, how many they are. Where
        no script runs, a sentence.

    Raises
    ------
    ValueError
        An argument is below 1 (padding: below 0) or above 9999, or a tuple has not two entries.
    TypeError
        An argument is of the wrong kind.

    Notes
    -----
    Chapter ``01-window``. What does not fit together is not refused here: the explorer says
    the sentence that `output_size` would.

    Examples
    --------
    >>> explore(7, kernel_size=3, stride=2)
    explore(size=7, kernel_size=3, stride=2, padding=0, dilation=1)
    """
    given = {
        "size": size,
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
    }
    settings = {name: checks.explored(name, value) for name, value in given.items()}
    layer = ", ".join(f"{name}={value!r}" for name, value in settings.items() if name != "size")
    try:
        H, W = checks.integers("size", size, 2)
        made = output_size((H, W), kernel_size, stride, padding, dilation)
        said = f"On {H} x {W} pixels Conv2d(1, 1, {layer}) gives {made[0]} x {made[1]}."
    except ValueError as refusal:
        said = f"Conv2d(1, 1, {layer}): {refusal}"
    return Explorer("explore", "conv-explorer", settings, said)


def explore_groups(
    in_channels: int = 4,
    out_channels: int = 8,
    kernel_size: int = 3,
    groups: int = 1,
    size: int = 7,
    *,
    pointwise: bool = False,
) -> Explorer:
    """Show who reads whom along the channels, from dense to depthwise-separable.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, groups : int
        Where the sliders stand at first, as in `Conv2d`, up to 9999.
    size : int
        Height and width of the image, which padding='same' keeps; MACs are counted on it.
    pointwise : bool
        Whether the convolution stays at in_channels, without a bias, and a 1 x 1 one behind
        it makes out_channels. With groups=in_channels that is depthwise-separable.

    Returns
    -------
    Explorer
        In a notebook an element of the page: channels as rows of dots, a line for each kernel
        that exists, parameters and MACs beside those of the dense layer. Where no script
        runs, a sentence.

    Raises
    ------
    ValueError
        An argument is below 1 or above 9999.
    TypeError
        An argument is of the wrong kind.

    Notes
    -----
    Chapter ``05-groups``. Groups that do not divide the channels are not refused here: the
    explorer says the sentence that `Conv2d` would.

    Examples
    --------
    >>> explore_groups(4, 8, groups=4)
    explore_groups(in_channels=4, out_channels=8, kernel_size=3, groups=4, size=7, pointwise=False)
    """
    channels = {"in_channels": in_channels, "out_channels": out_channels}
    given = channels | {"kernel_size": kernel_size, "groups": groups, "size": size}
    settings = {name: checks.explored(name, value, axes=1) for name, value in given.items()}
    settings["pointwise"] = checks.switch("pointwise", pointwise)
    behind = in_channels if pointwise else out_channels
    try:
        first = Conv2d(
            in_channels, behind, kernel_size, 1, "same", groups=groups, bias=not pointwise
        )
        layers = [first, Conv2d(in_channels, out_channels, 1)] if pointwise else [first]
        costs = summary(layers, (in_channels, size, size))
        said = f"{costs.parameters:,} parameters and {costs.macs:,} MACs on {size} x {size} pixels."
    except ValueError as refusal:
        said = str(refusal)
    names = ", ".join(f"{name}={value}" for name, value in settings.items())
    return Explorer("explore_groups", "groups-explorer", settings, f"{names}: {said}")


def _attribute(value: object) -> str:
    """Write a setting as the element reads it: 3 or 3,5 or same or true."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()
