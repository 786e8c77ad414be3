"""Nodes of ONNX files as calls of torch's operations, whose rules then say what they read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convlib.arguments import Array
from convlib.connections import picked
from convlib.geometry import tensorflow_same
from convlib.networks import reads
from convlib.networks.operations import Call
from convlib.networks.reads import Seen
from convlib.spec import Sizes

ON_EACH_NUMBER = """
    Abs Add BatchNormalization Cast Ceil Celu Clip Div Dropout Elu Erf Exp Floor Gelu HardSigmoid
    HardSwish Identity LRN LeakyRelu Log Max Mean Min Mish Mul Neg PRelu Pow Reciprocal Relu Round
    Selu Shrink Sigmoid Sign Softplus Softsign Sqrt Sub Sum Swish Tanh ThresholdedRelu Where
"""
ELEMENTWISE = frozenset(ON_EACH_NUMBER.split())
REDUCTIONS = frozenset(
    ["ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum"]
)
MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
LINEAR = {1: "upsample_linear1d", 2: "upsample_bilinear2d", 3: "upsample_trilinear3d"}


@dataclass(eq=False)
class Tensor:
    """A tensor of a file, with the attributes of torch's that the rules ask for."""

    shape: Sizes
    dtype: "np.dtype[Any]" = field(default=np.dtype(np.float32))
    values: Array | None = None  # of a constant, or of a size that is computed
    seen: Seen = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()  # names of those of which it is computed

    @property
    def nbytes(self) -> int:
        """Return the memory of the numbers."""
        return self.numel() * self.dtype.itemsize

    @property
    def integers(self) -> list[int] | None:
        """Return the values in a row, if they are known and whole."""
        if self.values is None or self.values.dtype.kind not in "iu":
            return None
        numbers: list[int] = self.values.reshape(-1).tolist()
        return numbers

    def dim(self) -> int:
        """Return the number of axes."""
        return len(self.shape)

    def numel(self) -> int:
        """Return how many numbers there are."""
        return math.prod(self.shape)

    def __getitem__(self, place: int) -> "Tensor":
        """Return one entry along the first axis."""
        return Tensor(self.shape[1:], self.dtype)


def call_of(
    kind: str, given: Mapping[str, Any], inputs: list[Tensor], outputs: list[Tensor]
) -> Call:
    """Return a node as a call of torch's operation."""
    name, arguments_of_torch = _in_torch(kind, given, inputs, outputs)
    used = [tensor for tensor in inputs if tensor.integers is None]
    return Call(name, arguments_of_torch, used, outputs, lambda tensor: tensor.seen)


def _in_torch(
    kind: str, given: Mapping[str, Any], inputs: list[Tensor], outputs: list[Tensor]
) -> tuple[str, dict[str, Any]]:
    """Return the name of an operation in torch, and its arguments."""
    first = inputs[0]
    axes = first.dim() - 2
    if kind in ELEMENTWISE:
        return "add", {}
    if kind in ("Conv", "ConvTranspose", "MaxPool", "AveragePool"):
        return _windows(kind, given, inputs, outputs)
    if kind in ("GlobalAveragePool", "GlobalMaxPool"):
        return f"adaptive_avg_pool{axes}d", {}
    if kind == "Gemm":
        weight = inputs[1]
        if not given.get("transB"):
            weight = Tensor(weight.shape[::-1], weight.dtype)
        return "linear", {"weight": weight}
    if kind == "MatMul":
        return "matmul", {}
    if kind in ("Softmax", "LogSoftmax"):
        return "softmax", {"dim": given.get("axis", -1)}
    if kind == "Concat":
        return "cat", {"dim": given["axis"]}
    if kind == "Split":
        return "split", {"dim": given.get("axis", 0)}
    if kind in ("Flatten", "Reshape", "Squeeze", "Unsqueeze"):
        return "view", {}
    if kind == "Transpose":
        return "permute", {"dims": given.get("perm", list(range(first.dim()))[::-1])}
    if kind in REDUCTIONS:
        dims = given.get("axes", inputs[1].integers if len(inputs) > 1 else None)
        return "mean", {"dim": dims, "keepdim": bool(given.get("keepdims", 1))}
    if kind == "InstanceNormalization":
        return "instance_norm", {"use_input_stats": True}
    if kind == "GroupNormalization":
        return "group_norm", {}
    if kind == "LayerNormalization":
        return "layer_norm", {"normalized_shape": first.shape[given.get("axis", -1) :]}
    ends = inputs[1].integers if kind == "Pad" and len(inputs) > 1 else None
    if ends is not None:
        half = len(ends) // 2
        pairs = list(zip(ends[:half], ends[half:], strict=True))[::-1]  # the last axis first
        amounts = [each for pair in pairs for each in pair]
        return "pad", {"pad": amounts, "mode": MODES[given.get("mode", "constant")]}
    if kind in ("Resize", "Upsample"):
        return _resized(given, axes)
    if kind == "DepthToSpace":
        return "pixel_shuffle", {"upscale_factor": given["blocksize"]}
    if kind == "SpaceToDepth":
        return "pixel_unshuffle", {"downscale_factor": given["blocksize"]}
    return f"onnx {kind}", {}


def _windows(
    kind: str, given: Mapping[str, Any], inputs: list[Tensor], outputs: list[Tensor]
) -> tuple[str, dict[str, Any]]:
    """Return a convolution or a pooling."""
    axes = inputs[0].dim() - 2
    kernel_size = given.get("kernel_shape") or list(inputs[1].shape[2:])
    stride = given.get("strides", [1] * axes)
    dilation = given.get("dilations", [1] * axes)
    ends = given.get("pads", [0] * (2 * axes))
    padding = list(zip(ends[:axes], ends[axes:], strict=True))
    if given.get("auto_pad", "NOTSET").startswith("SAME"):
        window = (tuple(each) for each in (kernel_size, stride, dilation))
        is_lower = given["auto_pad"] == "SAME_LOWER"
        padding = list(tensorflow_same(inputs[0].shape[2:], *window, lower=is_lower))
    values = {"stride": stride, "dilation": dilation, "padding": padding}
    if kind in ("MaxPool", "AveragePool"):
        return f"max_pool{axes}d", {**values, "kernel_size": kernel_size}
    return "convolution", {
        **values,
        "weight": inputs[1],
        "transposed": kind == "ConvTranspose",
    }


def _resized(given: Mapping[str, Any], axes: int) -> tuple[str, dict[str, Any]]:
    """Return a resize, if torch has its rule."""
    mode = given.get("mode", "nearest")
    grid = given.get("coordinate_transformation_mode", "half_pixel")
    corners = grid == "align_corners"
    if mode == "nearest" and grid == "asymmetric" and given.get("nearest_mode") == "floor":
        return f"upsample_nearest{axes}d", {}
    if grid in ("half_pixel", "pytorch_half_pixel", "align_corners"):
        if mode == "linear" and axes in LINEAR:
            return LINEAR[axes], {"align_corners": corners}
        if mode == "cubic" and axes == 2:
            return "upsample_bicubic2d", {"align_corners": corners}
    return f"onnx Resize {mode}", {}


def sliced(inputs: list[Tensor]) -> list[Seen]:
    """Return what a crop with steps along several axes reads."""
    image, *rest = inputs
    numbers = [each.integers or [] for each in rest]
    if not all(numbers):
        return [reads.all_of([(image.shape, image.seen)], is_bound=True)]
    starts, ends, *more = numbers
    dims = more[0] if more else list(range(len(starts)))
    steps = more[1] if len(more) > 1 else [1] * len(starts)
    connections = {}
    for dim, start, end, step in zip(dims, starts, ends, steps, strict=True):
        size = image.shape[dim]
        index = range(*slice(start, end, step).indices(size))
        period = (step, 1) if step > 0 else None
        connections[dim % image.dim()] = picked(list(index), size, period)
    return [reads.through(image.seen, connections)]
