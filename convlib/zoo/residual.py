"""Residual networks of bottleneck blocks: ResNet and ResNeXt."""

from typing import Any

from convlib import arguments
from convlib.networks import AdaptiveAvgPool2d, Branch, Conv2d, Flatten, Linear, MaxPool2d
from convlib.zoo.options import lookup

BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def bottleneck(
    channels: int, out: int, middle: int, stride: int, stride_in: str, groups: int
) -> Branch:
    """Bottleneck block: 1 x 1 reduces the channels, 3 x 3, 1 x 1 expands; the input is added."""
    first, second = (stride, 1) if stride_in == "1x1" else (1, stride)
    path = {
        "1x1": Conv2d(channels, middle, 1, first, bias=False),
        "3x3": Conv2d(middle, middle, 3, second, 1, groups=groups, bias=False),
        "wide": Conv2d(middle, out, 1, bias=False),
    }
    changes = channels != out or stride > 1
    shortcut = [Conv2d(channels, out, 1, stride, bias=False)] if changes else []
    return Branch(path, shortcut, join="add")


def resnet(
    depth: int = 50, stride_in: str = "1x1", groups: int = 1, width: int = 64, classes: int = 1000
) -> dict[str, Any]:
    """ResNet or ResNeXt of bottleneck blocks, for 224 x 224 pixels.

    Parameters
    ----------
    depth : {50, 101, 152}
        Layers with weights along the longest path. ResNet-18 and 34 have other blocks.
    stride_in : {'1x1', '3x3'}
        Which convolution of a bottleneck has stride 2: the first, as in the model that He et al.
        (2016) released, or the second, as in Xie et al. (2017) and in torchvision.
    groups, width : int
        Of the 3 x 3, and channels of a group in the first stage: 32 and 4 are ResNeXt 32x4d.
    classes : int

    Returns
    -------
    dict of layers

    Raises
    ------
    ValueError
        ``depth`` or ``stride_in`` is none of these.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> [len(stage) for name, stage in resnet(101).items() if name.startswith("stage")]
    [3, 4, 23, 3]
    """
    counts = lookup("depth", depth, BLOCKS)
    arguments.choice("stride_in", stride_in, ("1x1", "3x3"))
    width = arguments.integer("groups", groups) * arguments.integer("width", width)
    layers: dict[str, Any] = {
        "conv1": Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
        "pool1": MaxPool2d(3, stride=2, padding=1),
    }
    channels = 64
    for stage, count in enumerate(counts):
        out, middle, blocks = 256 * 2**stage, width * 2**stage, []
        for number in range(count):
            stride = 2 if stage > 0 and number == 0 else 1
            blocks.append(bottleneck(channels, out, middle, stride, stride_in, groups))
            channels = out
        layers[f"stage{stage + 2}"] = blocks
    head = {"pool": AdaptiveAvgPool2d(1), "flat": Flatten(), "fc": Linear(channels, classes)}
    return {**layers, **head}
