"""Networks of grouped and depthwise convolutions: MobileNet and ShuffleNet."""

from typing import Any

from convlib import arguments
from convlib.networks import (
    AdaptiveAvgPool2d,
    AvgPool2d,
    Branch,
    ChannelShuffle,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
)
from convlib.zoo.options import check_width, lookup

# Output channels of each pair of convolutions, and the stride of its first.
STEPS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
SAME = [(512, 1)] * 5
LAST = [(1024, 2), (1024, 1)]


def mobilenet(
    width: float = 1.0, separable: bool = True, shallow: bool = False, classes: int = 1000
) -> dict[str, Any]:
    """MobileNet v1 (Howard et al. 2017).

    Parameters
    ----------
    width : float
        Factor of all channels.
    separable : bool
        False replaces each depthwise and pointwise convolution by one dense convolution.
    shallow : bool
        True leaves out the five pairs of 512 channels at 14 x 14.
    classes : int

    Returns
    -------
    dict of layers

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> mobilenet(width=0.5)["dw1"], mobilenet(width=0.5)["pw1"]
    (Conv2d(16, 16, 3, padding=1, groups=16, bias=False), Conv2d(16, 32, 1, bias=False))
    """
    check_width(width)
    arguments.flag("separable", separable)
    arguments.flag("shallow", shallow)
    channels = int(32 * width)
    layers: dict[str, Any] = {"conv0": Conv2d(3, channels, 3, stride=2, padding=1, bias=False)}
    for number, (wide, stride) in enumerate(STEPS + SAME * (not shallow) + LAST, start=1):
        out = int(wide * width)
        if separable:
            depthwise = Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
            layers[f"dw{number}"] = depthwise
            layers[f"pw{number}"] = Conv2d(channels, out, 1, bias=False)
        else:
            layers[f"conv{number}"] = Conv2d(channels, out, 3, stride, 1, bias=False)
        channels = out
    head = {"pool": AdaptiveAvgPool2d(1), "flat": Flatten(), "fc": Linear(channels, classes)}
    return {**layers, **head}


WIDTHS = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}  # of the first stage, by groups


def unit(channels: int, out: int, stride: int, groups: int, first: int) -> Branch:
    """ShuffleNet unit: grouped 1 x 1, shuffle, depthwise 3 x 3, grouped 1 x 1, and a shortcut."""
    middle = out // 4
    added = out if stride == 1 else out - channels  # the others are the shortcut's
    path = [
        Conv2d(channels, middle, 1, groups=first, bias=False),
        ChannelShuffle(groups),
        Conv2d(middle, middle, 3, stride, 1, groups=middle, bias=False),
        Conv2d(middle, added, 1, groups=groups, bias=False),
    ]
    shortcut = [] if stride == 1 else [AvgPool2d(3, stride=2, padding=1)]
    return Branch(shortcut, path, join="add" if stride == 1 else "cat")


def shufflenet(groups: int = 3, classes: int = 1000) -> dict[str, Any]:
    """ShuffleNet v1, for 224 x 224 pixels (Zhang et al. 2018).

    Parameters
    ----------
    groups : {1, 2, 3, 4, 8}
        Of the 1 x 1 convolutions; the more groups, the more channels, at about equal cost.
    classes : int

    Returns
    -------
    dict of layers

    Raises
    ------
    ValueError
        ``groups`` is none of these.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> [len(stage) for name, stage in shufflenet().items() if name.startswith("stage")]
    [4, 8, 4]
    """
    layers: dict[str, Any] = {
        "conv1": Conv2d(3, 24, 3, stride=2, padding=1, bias=False),
        "pool1": MaxPool2d(3, stride=2, padding=1),
    }
    channels, width = 24, lookup("groups", groups, WIDTHS)
    for stage, count in enumerate((4, 8, 4)):
        out, units = width * 2**stage, []
        for number in range(count):
            first = 1 if stage == number == 0 else groups
            units.append(unit(channels, out, 2 if number == 0 else 1, groups, first))
            channels = out
        layers[f"stage{stage + 2}"] = units
    head = {"pool": AdaptiveAvgPool2d(1), "flat": Flatten(), "fc": Linear(channels, classes)}
    return {**layers, **head}
