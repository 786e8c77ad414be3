"""Networks of layers in sequence: AlexNet, VGG, SqueezeNet."""

from typing import Any

from convlib.networks import AdaptiveAvgPool2d, Branch, Conv2d, Flatten, Linear, MaxPool2d
from convlib.zoo.options import lookup

Network = dict[str, Any]


def alexnet(groups: int = 2, classes: int = 1000) -> Network:
    """AlexNet, for 227 x 227 pixels (Krizhevsky, Sutskever and Hinton 2012).

    Parameters
    ----------
    groups : int
        Of the second, fourth and fifth convolution; the paper has 2, one for each GPU.
    classes : int

    Returns
    -------
    dict of layers

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> alexnet()["conv2"]
    Conv2d(96, 256, 5, padding=2, groups=2)
    """
    return {
        "conv1": Conv2d(3, 96, 11, stride=4),
        "pool1": MaxPool2d(3, stride=2),
        "conv2": Conv2d(96, 256, 5, padding=2, groups=groups),
        "pool2": MaxPool2d(3, stride=2),
        "conv3": Conv2d(256, 384, 3, padding=1),
        "conv4": Conv2d(384, 384, 3, padding=1, groups=groups),
        "conv5": Conv2d(384, 256, 3, padding=1, groups=groups),
        "pool5": MaxPool2d(3, stride=2),
        "flat": Flatten(),
        "fc6": Linear(256 * 6 * 6, 4096),
        "fc7": Linear(4096, 4096),
        "fc8": Linear(4096, classes),
    }


VGG = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def vgg(depth: int = 16, classes: int = 1000) -> Network:
    """VGG, for 224 x 224 pixels (Simonyan and Zisserman 2015).

    Parameters
    ----------
    depth : {11, 13, 16, 19}
        Layers with weights: the paper's columns A, B, D and E.
    classes : int

    Returns
    -------
    dict of layers

    Raises
    ------
    ValueError
        ``depth`` is none of these.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> list(vgg(11))[:4]
    ['conv1_1', 'pool1', 'conv2_1', 'pool2']
    """
    layers: Network = {}
    channels, widths, counts = 3, (64, 128, 256, 512, 512), lookup("depth", depth, VGG)
    for block, (width, count) in enumerate(zip(widths, counts, strict=True), start=1):
        for number in range(1, count + 1):
            layers[f"conv{block}_{number}"] = Conv2d(channels, width, 3, padding=1)
            channels = width
        layers[f"pool{block}"] = MaxPool2d(2)
    sizes = (512 * 7 * 7, 4096, 4096, classes)
    full = {f"fc{6 + i}": Linear(sizes[i], sizes[i + 1]) for i in range(3)}
    return {**layers, "flat": Flatten(), **full}


def squeezenet(classes: int = 1000) -> Network:
    """SqueezeNet, for 227 x 227 pixels (Iandola et al. 2016).

    Parameters
    ----------
    classes : int

    Returns
    -------
    dict of layers
        A fire module reduces the channels by a 1 x 1 convolution, then expands them by
        parallel 1 x 1 and 3 x 3 convolutions.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> list(squeezenet())[:4]
    ['conv1', 'pool1', 'fire2', 'fire3']
    """
    layers: Network = {"conv1": Conv2d(3, 96, 7, stride=2), "pool1": MaxPool2d(3, stride=2)}
    channels = 96
    for fire in range(2, 10):
        half = 64 * (fire // 2)  # output channels of either expansion
        squeeze = half // 4
        expand = Branch([Conv2d(squeeze, half, 1)], [Conv2d(squeeze, half, 3, 1, 1)], join="cat")
        layers[f"fire{fire}"] = [Conv2d(channels, squeeze, 1), expand]
        channels = 2 * half
        if fire in (4, 8):
            layers[f"pool{fire}"] = MaxPool2d(3, stride=2)
    return {**layers, "conv10": Conv2d(512, classes, 1), "pool10": AdaptiveAvgPool2d(1)}
