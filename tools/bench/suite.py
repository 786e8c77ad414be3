"""The 30 layers of the benchmark, and the layers with which one of them is scaled.

The one place that knows how the library describes a convolution.
"""

import math
from typing import NamedTuple

from convlib.spec import ConvSpec

Pair = tuple[int, int]


class Layer(NamedTuple):
    """A convolution with the name and the family under which it is reported."""

    family: str
    name: str
    spec: ConvSpec


def conv(in_channels, out_channels, size, kernel_size, stride=1, padding=0, dilation=1, **others):
    """Describe a 2-D convolution; each of its numbers is for both axes or a pair.

    Others are ``groups`` and ``batch``, 1 by default.
    """
    groups, batch = others.get("groups", 1), others.get("batch", 1)
    weight = out_channels, in_channels // groups, *pair(kernel_size)
    geometry = pair(stride), pair(padding), pair(dilation), groups
    return ConvSpec.of((batch, in_channels, *pair(size)), weight, *geometry)


def pair(number: int | Pair) -> Pair:
    """Return (height, width)."""
    return (number, number) if isinstance(number, int) else number


def arguments(spec: ConvSpec) -> tuple[Pair, Pair, Pair, int]:
    """Return stride, padding, dilation and groups, in the order of conv2d's arguments."""
    (top, bottom), (left, right) = spec.padding
    if (top, left) != (bottom, right):
        raise ValueError(f"padding={spec.padding} must be symmetric: torch's conv2d takes no other")
    return spec.stride, (top, left), spec.dilation, spec.groups


def shapes(spec: ConvSpec) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of input, weight and bias."""
    return (spec.batch, spec.in_channels, *spec.size), spec.weight_shape, (spec.out_channels,)


def count_elements(spec: ConvSpec) -> int:
    """Count the elements of the arguments and of the result."""
    return sum(map(math.prod, (*shapes(spec), spec.output_shape)))


def count_patches(spec: ConvSpec) -> int:
    """Count the elements of im2col's patch matrix."""
    taps = spec.in_channels * math.prod(spec.kernel_size)
    return spec.batch * taps * math.prod(spec.output_shape[2:])


def _layer(family, name, *numbers, **others):
    return Layer(family, name, conv(*numbers, **others))


# family, name, in_channels, out_channels, size, kernel_size, stride, padding, dilation
SUITE = (
    _layer("dense", "resnet50 stem 7x7 s2", 3, 64, 224, 7, 2, 3),
    _layer("dense", "resnet50 64@56 3x3", 64, 64, 56, 3, 1, 1),
    _layer("dense", "resnet50 128@28 3x3", 128, 128, 28, 3, 1, 1),
    _layer("dense", "resnet50 256@14 3x3", 256, 256, 14, 3, 1, 1),
    _layer("dense", "resnet50 512@7 3x3", 512, 512, 7, 3, 1, 1),
    _layer("dense", "resnet50 128@56 3x3 s2", 128, 128, 56, 3, 2, 1),
    _layer("dense", "vgg 3-64@224 3x3", 3, 64, 224, 3, 1, 1),
    _layer("dense", "vgg 64@224 3x3", 64, 64, 224, 3, 1, 1),
    _layer("dense", "vgg 256@56 3x3", 256, 256, 56, 3, 1, 1),
    _layer("dense", "inception 48-64@35 5x5", 48, 64, 35, 5, 1, 2),
    _layer("dense", "batch 8, 128@28 3x3", 128, 128, 28, 3, 1, 1, batch=8),
    _layer("1x1", "resnet50 64-256@56 1x1", 64, 256, 56, 1),
    _layer("1x1", "resnet50 1024-256@14 1x1", 1024, 256, 14, 1),
    _layer("1x1", "resnet50 256-512@56 1x1 s2", 256, 512, 56, 1, 2),
    _layer("1x1", "mobilenet 512@14 1x1", 512, 512, 14, 1),
    _layer("1x1", "batch 8, 1024-256@14 1x1", 1024, 256, 14, 1, batch=8),
    _layer("depthwise", "mobilenet dw 32@112 3x3", 32, 32, 112, 3, 1, 1, groups=32),
    _layer("depthwise", "mobilenet dw 96@112 3x3 s2", 96, 96, 112, 3, 2, 1, groups=96),
    _layer("depthwise", "mobilenet dw 512@14 3x3", 512, 512, 14, 3, 1, 1, groups=512),
    _layer("depthwise", "convnext dw 96@56 7x7", 96, 96, 56, 7, 1, 3, groups=96),
    _layer("depthwise", "batch 8, dw 512@14 3x3", 512, 512, 14, 3, 1, 1, groups=512, batch=8),
    _layer("grouped", "resnext 128@56 3x3 g32", 128, 128, 56, 3, 1, 1, groups=32),
    _layer("grouped", "resnext 512@14 3x3 g32", 512, 512, 14, 3, 1, 1, groups=32),
    _layer("dilated", "deeplab 2048-256@33 3x3 d6", 2048, 256, 33, 3, 1, 6, 6),
    _layer("dilated", "deeplab 2048-256@33 3x3 d12", 2048, 256, 33, 3, 1, 12, 12),
    _layer("dilated", "deeplab 2048-256@33 3x3 d18", 2048, 256, 33, 3, 1, 18, 18),
    _layer("dilated", "context 32@64 3x3 d4", 32, 32, 64, 3, 1, 4, 4),
    _layer("dilated", "wavenet 64-128@8000 1x2 d512", 64, 128, (1, 8000), (1, 2), 1, 0, (1, 512)),
    _layer("tiny", "article 1@5 2x2", 1, 1, 5, 2),
    _layer("31x31", "replk dw 128@56 31x31", 128, 128, 56, 31, 1, 15, groups=128),
)
FAMILIES = tuple(dict.fromkeys(layer.family for layer in SUITE))

BASE = {"in_channels": 64, "out_channels": 64, "size": 56, "kernel_size": 3, "padding": 1}
SCALES = {
    "side": (7, 14, 28, 56, 112, 224),
    "channels": (4, 8, 16, 32, 64, 128, 256),
    "kernel size": (1, 3, 5, 7, 9, 11),
    "dilation": (1, 2, 4, 8, 16),
    "groups": (1, 2, 4, 8, 16, 32, 64),
    "batch": (1, 2, 4, 8, 16),
}


def scaled(axis: str, value: int) -> Layer:
    """Change one argument of the base layer; its padding keeps the size."""
    changes = {
        "side": {"size": value},
        "channels": {"in_channels": value, "out_channels": value},
        "kernel size": {"kernel_size": value, "padding": value // 2},
        "dilation": {"dilation": value, "padding": value},
        "groups": {"groups": value},
        "batch": {"batch": value},
    }
    return Layer("scaling", f"64@56 3x3, {axis} {value}", conv(**{**BASE, **changes[axis]}))
