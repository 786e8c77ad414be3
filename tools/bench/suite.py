"""The layers of the benchmark: 30 of conv2d, others of all functions, and one that is scaled.

The one place that knows how the library describes a convolution.
"""

from typing import NamedTuple

from convlib.spec import ConvSpec

Sizes = tuple[int, ...]


class Layer(NamedTuple):
    """What one row of a table measures: a function, and the convolution that it belongs to.

    A gradient, a transposed convolution, `unfold` and `fold` belong to the convolution with the
    same geometry. ``dtype`` is that of the arrays, or None for the dtype of the run.
    """

    family: str
    name: str
    spec: ConvSpec
    function: str = "conv2d"
    dtype: str | None = None


def conv(in_channels, out_channels, size, kernel_size, stride=1, padding=0, dilation=1, **others):
    """Describe a convolution; each of its numbers is for all axes, or a tuple.

    Others are ``groups`` and ``batch``, 1 by default, and ``axes``, 2 by default.
    """
    groups, batch, axes = (others.get(*pair) for pair in (("groups", 1), ("batch", 1), ("axes", 2)))
    size, kernel_size, *geometry = (
        (numbers,) * axes if isinstance(numbers, int) else numbers
        for numbers in (size, kernel_size, stride, padding, dilation)
    )
    weight = out_channels, in_channels // groups, *kernel_size
    return ConvSpec.of((batch, in_channels, *size), weight, *geometry, groups)


def arguments(spec: ConvSpec) -> tuple[Sizes, Sizes, Sizes, int]:
    """Return stride, padding, dilation and groups, in the order of conv2d's arguments."""
    if any(before != after for before, after in spec.padding):
        raise ValueError(f"padding={spec.padding} must be symmetric: torch's conv2d takes no other")
    return spec.stride, tuple(before for before, _ in spec.padding), spec.dilation, spec.groups


def shapes(spec: ConvSpec) -> tuple[Sizes, ...]:
    """Return the shapes of input, weight and bias."""
    return spec.input_shape, spec.weight_shape, (spec.out_channels,)


def _layer(family, name, *numbers, function="conv2d", dtype=None, **others):
    return Layer(family, name, conv(*numbers, **others), function, dtype)


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

# Convolutions whose gradients are measured: in_channels, out_channels and so on, as above.
_TRAINED = {
    "64@56 3x3": ((64, 64, 56, 3, 1, 1), {}),
    "128@56 3x3 s2": ((128, 128, 56, 3, 2, 1), {}),
    "dw 96@56 7x7": ((96, 96, 56, 7, 1, 3), {"groups": 96}),
    "batch 32, 64@56 3x3": ((64, 64, 56, 3, 1, 1), {"batch": 32}),
}


def _gradients(family, function):
    return (
        _layer(family, f"{function} {name}", *numbers, function=function, **others)
        for name, (numbers, others) in _TRAINED.items()
    )


def _transposed(axes, name, *numbers):
    """Describe a transposed convolution by the convolution from its output to its input."""
    function = f"conv_transpose{axes}d"
    return _layer("transposed", f"{function} {name}", *numbers, function=function, axes=axes)


# The same arguments; of a transposed convolution those of the convolution that goes back, so
# that in_channels, out_channels and size are those of its output, input and output.
FUNCTIONS = (
    *_gradients("input gradient", "conv2d_input"),
    *_gradients("weight gradient", "conv2d_weight"),
    _transposed(2, "64@28 4x4 s2 p1", 64, 64, 56, 4, 2, 1),
    _transposed(2, "256-128@14 2x2 s2", 128, 256, 28, 2, 2),
    _transposed(2, "dcgan 512-256@4 4x4 s2 p1", 256, 512, 8, 4, 2, 1),
    _transposed(1, "512-256@64 16 s8 p4", 256, 512, 512, 16, 8, 4),
    _transposed(3, "128-64@8x28x28 2x2x2 s2", 64, 128, (16, 56, 56), 2, 2),
    _layer(
        "1-D", "conv1d 64-128@8000 3 d16", 64, 128, 8000, 3, 1, 16, 16, function="conv1d", axes=1
    ),
    _layer(
        "1-D",
        "conv1d dw 256@1000 31",
        256,
        256,
        1000,
        31,
        1,
        15,
        groups=256,
        function="conv1d",
        axes=1,
    ),
    _layer(
        "3-D",
        "conv3d video 3-64@16x112x112 3x7x7 s1,2,2",
        3,
        64,
        (16, 112, 112),
        (3, 7, 7),
        (1, 2, 2),
        (1, 3, 3),
        function="conv3d",
        axes=3,
    ),
    _layer(
        "3-D",
        "conv3d 16-32@16x56x56 3x3x3",
        16,
        32,
        (16, 56, 56),
        3,
        1,
        1,
        function="conv3d",
        axes=3,
    ),
    _layer("3-D", "conv3d 1@48x48x48 3x3x3", 1, 1, 48, 3, 1, 1, function="conv3d", axes=3),
    _layer(
        "3-D",
        "conv3d dw 64@8x28x28 3x3x3",
        64,
        64,
        (8, 28, 28),
        3,
        1,
        1,
        groups=64,
        function="conv3d",
        axes=3,
    ),
    _layer("depthwise, others", "mobileclip dw 64-128@64 7x7 s2", 64, 128, 64, 7, 2, 3, groups=64),
    _layer(
        "depthwise, others", "mobileclip dw 128-256@32 7x7 s2", 128, 256, 32, 7, 2, 3, groups=128
    ),
    _layer(
        "depthwise, others", "mobileclip dw 256-512@16 7x7 s2", 256, 512, 16, 7, 2, 3, groups=256
    ),
    _layer("depthwise, others", "dw 96@56 9x9", 96, 96, 56, 9, 1, 4, groups=96),
    _layer("other dtypes", "complex64 64@56 3x3", 64, 64, 56, 3, 1, 1, dtype="complex64"),
    _layer("other dtypes", "int64 64@56 3x3", 64, 64, 56, 3, 1, 1, dtype="int64"),
    _layer("other dtypes", "float16 64@56 3x3", 64, 64, 56, 3, 1, 1, dtype="float16"),
    _layer("unfold, fold", "unfold 64@56 3x3", 64, 1, 56, 3, 1, 1, function="unfold"),
    _layer("unfold, fold", "fold 64@56 3x3", 64, 1, 56, 3, 1, 1, function="fold"),
)
SUITES = {"conv2d": SUITE, "functions": FUNCTIONS}


def layers_of(suite: str, dtype: str) -> list[Layer]:
    """Return the layers of a suite; those of other dtypes only in the run of float32."""
    return [layer for layer in SUITES[suite] if dtype == "float32" or layer.dtype is None]


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
