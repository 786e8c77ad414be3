"""Thirty layers of real networks, and the layers with which one of them is scaled."""

import math
from typing import NamedTuple

import convlib

Pair = tuple[int, int]


class Layer(NamedTuple):
    """A convolution but for its numbers; pairs are (height, width)."""

    family: str
    name: str
    batch: int
    in_channels: int
    out_channels: int
    size: Pair
    kernel_size: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int

    @property
    def arguments(self) -> tuple[Pair, Pair, Pair, int]:
        """What conv2d is told behind the arrays, in torch's order."""
        return self.stride, self.padding, self.dilation, self.groups

    @property
    def input(self) -> tuple[int, ...]:
        """The shape of the input."""
        return self.batch, self.in_channels, *self.size

    @property
    def weight(self) -> tuple[int, ...]:
        """The shape of the weight."""
        return self.out_channels, self.in_channels // self.groups, *self.kernel_size

    @property
    def output(self) -> tuple[int, ...]:
        """The shape of the result."""
        geometry = self.kernel_size, self.stride, self.padding, self.dilation
        return self.batch, self.out_channels, *convlib.output_size(self.size, *geometry)

    @property
    def macs(self) -> int:
        """Multiply-adds of the definition, those with zeros of the padding among them."""
        return math.prod(self.output) * math.prod(self.weight[1:])

    @property
    def numbers(self) -> int:
        """Numbers in the arguments and in the result."""
        shapes = self.input, self.weight, (self.out_channels,), self.output
        return sum(math.prod(shape) for shape in shapes)

    @property
    def patches(self) -> int:
        """Numbers in the patch matrix of im2col."""
        taps = self.in_channels * math.prod(self.kernel_size)
        return self.batch * taps * math.prod(self.output[2:])


def _layer(family, name, channels, size, kernel_size, stride=1, padding=0, dilation=1, **others):
    pairs = [
        (given, given) if isinstance(given, int) else given
        for given in (size, kernel_size, stride, padding, dilation)
    ]
    groups = others.get("groups", 1)
    return Layer(family, name, others.get("batch", 1), *channels, *pairs, groups)


# family, name, (in_channels, out_channels), size, kernel_size, stride, padding, dilation
SUITE = (
    _layer("dense", "resnet50 stem 7x7 s2", (3, 64), 224, 7, 2, 3),
    _layer("dense", "resnet50 64@56 3x3", (64, 64), 56, 3, 1, 1),
    _layer("dense", "resnet50 128@28 3x3", (128, 128), 28, 3, 1, 1),
    _layer("dense", "resnet50 256@14 3x3", (256, 256), 14, 3, 1, 1),
    _layer("dense", "resnet50 512@7 3x3", (512, 512), 7, 3, 1, 1),
    _layer("dense", "resnet50 128@56 3x3 s2", (128, 128), 56, 3, 2, 1),
    _layer("dense", "vgg 3-64@224 3x3", (3, 64), 224, 3, 1, 1),
    _layer("dense", "vgg 64@224 3x3", (64, 64), 224, 3, 1, 1),
    _layer("dense", "vgg 256@56 3x3", (256, 256), 56, 3, 1, 1),
    _layer("dense", "inception 48-64@35 5x5", (48, 64), 35, 5, 1, 2),
    _layer("dense", "batch 8, 128@28 3x3", (128, 128), 28, 3, 1, 1, batch=8),
    _layer("1x1", "resnet50 64-256@56 1x1", (64, 256), 56, 1),
    _layer("1x1", "resnet50 1024-256@14 1x1", (1024, 256), 14, 1),
    _layer("1x1", "resnet50 256-512@56 1x1 s2", (256, 512), 56, 1, 2),
    _layer("1x1", "mobilenet 512@14 1x1", (512, 512), 14, 1),
    _layer("1x1", "batch 8, 1024-256@14 1x1", (1024, 256), 14, 1, batch=8),
    _layer("depthwise", "mobilenet dw 32@112 3x3", (32, 32), 112, 3, 1, 1, groups=32),
    _layer("depthwise", "mobilenet dw 96@112 3x3 s2", (96, 96), 112, 3, 2, 1, groups=96),
    _layer("depthwise", "mobilenet dw 512@14 3x3", (512, 512), 14, 3, 1, 1, groups=512),
    _layer("depthwise", "convnext dw 96@56 7x7", (96, 96), 56, 7, 1, 3, groups=96),
    _layer("depthwise", "batch 8, dw 512@14 3x3", (512, 512), 14, 3, 1, 1, groups=512, batch=8),
    _layer("grouped", "resnext 128@56 3x3 g32", (128, 128), 56, 3, 1, 1, groups=32),
    _layer("grouped", "resnext 512@14 3x3 g32", (512, 512), 14, 3, 1, 1, groups=32),
    _layer("dilated", "deeplab 2048-256@33 3x3 d6", (2048, 256), 33, 3, 1, 6, 6),
    _layer("dilated", "deeplab 2048-256@33 3x3 d12", (2048, 256), 33, 3, 1, 12, 12),
    _layer("dilated", "deeplab 2048-256@33 3x3 d18", (2048, 256), 33, 3, 1, 18, 18),
    _layer("dilated", "context 32@64 3x3 d4", (32, 32), 64, 3, 1, 4, 4),
    _layer("dilated", "wavenet 64-128@8000 1x2 d512", (64, 128), (1, 8000), (1, 2), 1, 0, (1, 512)),
    _layer("tiny", "article 1@5 2x2", (1, 1), 5, 2),
    _layer("31x31", "replk dw 128@56 31x31", (128, 128), 56, 31, 1, 15, groups=128),
)
FAMILIES = tuple(dict.fromkeys(layer.family for layer in SUITE))

BASE = _layer("scaling", "64@56 3x3", (64, 64), 56, 3, 1, 1)
SCALES = {
    "side": (7, 14, 28, 56, 112, 224),
    "channels": (4, 8, 16, 32, 64, 128, 256),
    "kernel size": (1, 3, 5, 7, 9, 11),
    "dilation": (1, 2, 4, 8, 16),
    "groups": (1, 2, 4, 8, 16, 32, 64),
    "batch": (1, 2, 4, 8, 16),
}


def scaled(axis: str, value: int) -> Layer:
    """Change one thing about the base layer; its padding keeps the size."""
    changes = {
        "side": {"size": (value, value)},
        "channels": {"in_channels": value, "out_channels": value},
        "kernel size": {"kernel_size": (value, value), "padding": (value // 2, value // 2)},
        "dilation": {"dilation": (value, value), "padding": (value, value)},
        "groups": {"groups": value},
        "batch": {"batch": value},
    }
    return BASE._replace(**changes[axis])
