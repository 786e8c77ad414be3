"""Networks with dilated convolutions: DeepLab, the context module, WaveNet."""

from collections.abc import Sequence
from typing import Any

from convlib import arguments
from convlib.networks import Branch, Conv1d, Conv2d, MaxPool2d
from convlib.zoo.classics import vgg


def deeplab(
    kernel_size: int = 3,
    dilations: int | Sequence[int] = (12,),
    channels: int = 1024,
    classes: int = 21,
) -> dict[str, Any]:
    """DeepLab on VGG-16 (Chen et al. 2015).

    Parameters
    ----------
    kernel_size, channels : int
        Of the convolution that was VGG's first fully connected layer.
    dilations : int or tuple of int
        Of that convolution; for several, as many parallel heads, which are added.
    classes : int

    Returns
    -------
    dict of layers

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> deeplab()["head"][0]
    Conv2d(512, 1024, 3, padding=12, dilation=12)
    """
    count = arguments.count_axes("dilations", dilations)
    rates = arguments.integers("dilations", dilations, count)
    kernel = arguments.integer("kernel_size", kernel_size)
    layers = {name: layer for name, layer in vgg(16).items() if name[:2] != "fc" and name != "flat"}
    layers["pool4"] = layers["pool5"] = MaxPool2d(3, stride=1, padding=1)
    for number in (1, 2, 3):
        layers[f"conv5_{number}"] = Conv2d(512, 512, 3, padding=2, dilation=2)
    heads = []
    for dilation in rates:
        padding = dilation * (kernel - 1) // 2
        fc6 = Conv2d(512, channels, kernel, padding=padding, dilation=dilation)
        heads.append([fc6, Conv2d(channels, channels, 1), Conv2d(channels, classes, 1)])
    layers["head"] = heads[0] if len(heads) == 1 else Branch(*heads, join="add")
    return layers


def context(channels: int = 21) -> dict[str, Any]:
    """The basic context module (Yu and Koltun 2016).

    Parameters
    ----------
    channels : int
        Of every layer: the classes.

    Returns
    -------
    dict of layers

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> context(2)["layer5"]
    Conv2d(2, 2, 3, padding=8, dilation=8, bias=False)
    """
    layers: dict[str, Any] = {
        f"layer{number}": Conv2d(channels, channels, 3, 1, dilation, dilation, bias=False)
        for number, dilation in enumerate((1, 1, 2, 4, 8, 16, 1), start=1)
    }
    return {**layers, "layer8": Conv2d(channels, channels, 1, bias=False)}


def wavenet(blocks: int = 3, channels: int = 32) -> dict[str, Any]:
    """Dilated convolutions of WaveNet (van den Oord et al. 2016).

    Parameters
    ----------
    blocks : int
        Of ten layers each, in which the dilation doubles from 1 to 512.
    channels : int

    Returns
    -------
    dict of layers
        The layers before them and beside them read one sample, and are left out.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> wavenet(1)["block1"][-1]
    Conv1d(32, 32, 2, dilation=512)
    """
    count = arguments.integer("blocks", blocks)
    return {
        f"block{number}": [Conv1d(channels, channels, 2, dilation=2**i) for i in range(10)]
        for number in range(1, count + 1)
    }
