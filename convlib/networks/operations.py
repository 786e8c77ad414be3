"""What each operation of torch reads, and its MACs: from the shapes and arguments of a call."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from convlib import core
from convlib.connections import (
    Border,
    Connections,
    adaptive_windows,
    all_places,
    halves,
    interpolated,
    nearest,
    normalized,
    padded,
    picked,
    transposed_windows,
    windows,
)
from convlib.networks import reads
from convlib.networks.reads import Seen
from convlib.spec import Axis

Shape = Sequence[int]

# Names of torch's operations, without a namespace and without the last underscore of those that
# work in place.
ON_EACH_NUMBER = """
    _to_copy abs add addcdiv addcmul alias alpha_dropout atan bernoulli bitwise_and bitwise_not
    bitwise_or celu clamp clamp_max clamp_min clone contiguous cos cosh detach div dropout elu eq
    erf exp expm1 feature_alpha_dropout feature_dropout fill float floor floor_divide fmod ge gelu
    gt hardshrink hardsigmoid hardswish hardtanh isnan le leaky_relu lerp lift_fresh log log10
    log1p log2 log_sigmoid log_sigmoid_forward logical_and logical_not logical_or lt masked_fill
    maximum minimum mish mul native_dropout ne neg positive pow prelu reciprocal relu
    relu6 remainder round rrelu rrelu_with_noise rsqrt rsub selu sigmoid sign silu sin softplus
    softshrink sqrt square sub tan tanh threshold to type_as where xlogy
"""
OVER_AXES = """
    all amax amin any argmax argmin count_nonzero linalg_vector_norm logsumexp max mean median min
    nanmean nansum norm prod std std_mean sum var var_mean
"""
OF_THE_SAME_MEMORY = """
    _reshape_alias _unsafe_view alias chunk contiguous detach expand expand_as flatten lift_fresh
    narrow permute reshape select slice split split_with_sizes squeeze t to transpose unbind
    unflatten unfold unsqueeze view view_as
"""
ELEMENTWISE = frozenset(ON_EACH_NUMBER.split())
REDUCTIONS = frozenset(OVER_AXES.split())
VIEWS = frozenset(OF_THE_SAME_MEMORY.split())


@dataclass(frozen=True)
class Call:
    """A call of an operation of torch.

    Attributes
    ----------
    name : str
        Without a namespace; that of ``relu_`` is ``relu``.
    arguments : dict
        All arguments by their names in torch's schema.
    inputs, outputs : list of tensors
        Those among the arguments, and what came out.
    seen : function
        What a tensor reads; an empty dict if it does not depend on the image.
    """

    name: str
    arguments: Mapping[str, Any]
    inputs: Sequence[Any]
    outputs: Sequence[Any]
    seen: Callable[[Any], Seen]

    @property
    def input(self) -> Any:
        """The first tensor."""
        return self.inputs[0]

    @property
    def rank(self) -> int:
        """Number of axes of the first tensor."""
        return int(self.input.dim())

    def __getitem__(self, name: str) -> Any:
        """Return an argument."""
        return self.arguments[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return an argument, or a default if the operation has none of that name."""
        return self.arguments.get(name, default)

    def dim(self, name: str = "dim") -> int:
        """Return an argument that names an axis, counted from the first one."""
        return int(self[name]) % self.rank

    def through(
        self,
        connections: Mapping[int, Connections],
        dims: Callable[[int], int | None] | None = None,
    ) -> dict[reads.ImageAxis, reads.Reads]:
        """Return what is read through connections of the first tensor."""
        return reads.through(self.seen(self.input), connections, dims)

    def tensors(self) -> list[reads.Tensor]:
        """Return the shapes of the tensors that depend on the image, and what they read."""
        pairs = [(tuple(each.shape), self.seen(each)) for each in self.inputs]
        return [(shape, seen) for shape, seen in pairs if seen]


Rule = Callable[[Call], Seen | Sequence[Seen]]  # a sequence has an entry for each output
Function = TypeVar("Function", bound=Rule)
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Function], Function]:
    """Register a rule for operations of these names."""

    def register(function: Function) -> Function:
        RULES.update(dict.fromkeys(names, function))
        return function

    return register


def is_known(name: str) -> bool:
    """Return whether an operation has a rule, so that it is not taken apart."""
    return name in RULES or name in ELEMENTWISE or name in REDUCTIONS


def seen_behind(call: Call) -> Sequence[Seen]:
    """Return what each output reads."""
    if call.name in RULES:
        seen = RULES[call.name](call)
        return [seen] * len(call.outputs) if isinstance(seen, Mapping) else seen
    if call.name in REDUCTIONS:
        return [_reduced(call)] * len(call.outputs)
    if call.name in ELEMENTWISE:
        return [reads.joined(tuple(each.shape), call.tensors()) for each in call.outputs]
    return [reads.all_of(call.tensors(), is_bound=True)] * len(call.outputs)


# Windows ------------------------------------------------------------------------------------


def _each(value: Any, axis: int) -> Any:
    """Return the entry of an axis, of an argument that may be one number for all."""
    if isinstance(value, list | tuple):
        return value[axis] if len(value) > 1 else value[0]
    return value


def _sizes(call: Call, axes: int) -> list[tuple[int, int, int]]:
    """Return the last axes of the first tensor: number, size, size of the output."""
    output = call.outputs[0].shape
    return [
        (dim, call.input.shape[dim], output[dim - call.rank])
        for dim in range(call.rank - axes, call.rank)
    ]


@rule("conv1d", "conv2d", "conv3d", "convolution", "_convolution")
def _convolution(call: Call) -> Seen:
    if call.get("transposed"):
        return _transposed(call)
    kernel_size = call["weight"].shape[2:]
    connections = {}
    for axis, (dim, size, count) in enumerate(_sizes(call, len(kernel_size))):
        kernel, dilation = kernel_size[axis], _each(call["dilation"], axis)
        padding = call["padding"]
        padding = padding if isinstance(padding, str) else _each(padding, axis)
        pair = core.sides(padding, kernel, dilation)
        window = Axis(size, kernel, _each(call["stride"], axis), pair, dilation)
        connections[dim] = windows(window, count)
    return call.through(connections, _channels_mixed(call, len(kernel_size)))


def _channels_mixed(call: Call, axes: int) -> Callable[[int], int | None]:
    """Reduce the axis of the channels, if an axis of the image has become it."""
    channels = call.rank - axes - 1
    return lambda dim: None if dim == channels else dim


@rule("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _transposed(call: Call) -> Seen:
    kernel_size = call["weight"].shape[2:]
    connections = {}
    for axis, (dim, size, count) in enumerate(_sizes(call, len(kernel_size))):
        padding, stride, dilation = (
            _each(call[name], axis) for name in ("padding", "stride", "dilation")
        )
        pair = core.sides(padding, kernel_size[axis])
        window = Axis(size, kernel_size[axis], stride, pair, dilation)
        connections[dim] = transposed_windows(window, count)
    return call.through(connections, _channels_mixed(call, len(kernel_size)))


@rule(
    *(f"{kind}_pool{axes}d" for kind in ("max", "avg") for axes in (1, 2, 3)),
    *(f"max_pool{axes}d_with_indices" for axes in (1, 2, 3)),
)
def _pooling(call: Call) -> Seen:
    axes = int(call.name.split("_pool")[1][0])
    connections = {}
    for axis, (dim, size, count) in enumerate(_sizes(call, axes)):
        kernel = _each(call["kernel_size"], axis)
        stride = _each(call["stride"], axis) if call["stride"] else kernel
        dilation = _each(call.get("dilation", 1), axis)
        window = Axis(
            size, kernel, stride, core.sides(_each(call["padding"], axis), kernel), dilation
        )
        connections[dim] = windows(window, count)
    return call.through(connections)


@rule(
    *(f"adaptive_{kind}_pool{axes}d" for kind in ("max", "avg") for axes in (1, 2, 3)),
    "_adaptive_avg_pool2d",
    "_adaptive_avg_pool3d",
)
def _adaptive_pooling(call: Call) -> Seen:
    axes = int(call.name[-2])
    return call.through(
        {dim: adaptive_windows(size, count) for dim, size, count in _sizes(call, axes)}
    )


@rule("im2col")
def _unfolding(call: Call) -> Seen:
    """Windows as columns: the windows of all axes lie along one."""
    table = []
    for axis, size in enumerate(call.input.shape[-2:]):
        padding = _each(call["padding"], axis)
        kernel, stride, dilation = (
            _each(call[name], axis) for name in ("kernel_size", "stride", "dilation")
        )
        window = Axis(size, kernel, stride, (padding, padding), dilation)
        table.append(windows(window, window.output_size).index)
    rows, columns = len(table[0]), len(table[1])
    indices = np.repeat(table[0], columns, axis=0), np.tile(table[1], (rows, 1))
    first = call.rank - 2
    connections = {
        first + axis: Connections(index, call.input.shape[first + axis], None)
        for axis, index in enumerate(indices)
    }
    return call.through(connections, lambda dim: dim if dim < first else first)


@rule("unfold")
def _windows_of_a_view(call: Call) -> Seen:
    """Windows along one axis, with a new last axis in the window."""
    dim = call.dim("dimension")
    window = Axis(call.input.shape[dim], call["size"], call["step"])
    return call.through({dim: windows(window, call.outputs[0].shape[dim])})


# Resizing, borders, crops -------------------------------------------------------------------


def _scales(call: Call, axes: int) -> list[float | None]:
    """Return what an upsampling was told besides the size of the output."""
    if call.get("scale_factors"):
        return list(call["scale_factors"])
    names = {1: ["scales"], 2: ["scales_h", "scales_w"], 3: ["scales_d", "scales_h", "scales_w"]}
    return [call.get(name) for name in names[axes]]


@rule(
    *(f"upsample_nearest{axes}d" for axes in (1, 2, 3)),
    *(f"_upsample_nearest_exact{axes}d" for axes in (1, 2, 3)),
)
def _nearest(call: Call) -> Seen:
    axes, exact = int(call.name[-2]), "exact" in call.name
    sizes = zip(_sizes(call, axes), _scales(call, axes), strict=True)
    return call.through({dim: nearest(n, count, scale, exact) for (dim, n, count), scale in sizes})


@rule("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d", "upsample_bicubic2d")
def _interpolated(call: Call) -> Seen:
    axes, reach = int(call.name[-2]), 2 if "cubic" in call.name else 1
    sizes = zip(_sizes(call, axes), _scales(call, axes), strict=True)
    corners = bool(call["align_corners"])
    return call.through(
        {
            dim: interpolated(size, count, reach, corners, None if corners else scale)
            for (dim, size, count), scale in sizes
        }
    )


@rule("pixel_shuffle")
def _pixel_shuffle(call: Call) -> Seen:
    factor = call["upscale_factor"]
    return call.through(
        {
            dim: picked(np.arange(count) // factor, size, (1, factor))
            for dim, size, count in _sizes(call, 2)
        }
    )


@rule("pixel_unshuffle")
def _pixel_unshuffle(call: Call) -> Seen:
    factor = call["downscale_factor"]
    return call.through(
        {dim: windows(Axis(size, factor, factor), count) for dim, size, count in _sizes(call, 2)}
    )


BORDERS: dict[str, Border] = {
    "constant": "zeros",
    "constant_pad_nd": "zeros",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
    "_pad_circular": "circular",
    **{f"reflection_pad{axes}d": "reflect" for axes in (1, 2, 3)},
    **{f"replication_pad{axes}d": "replicate" for axes in (1, 2, 3)},
}


@rule("pad", *(name for name in BORDERS if "pad" in name))
def _padding(call: Call) -> Seen:
    border = BORDERS[call.get("mode", call.name)]
    amounts = call["padding"] if "padding" in call.arguments else call["pad"]
    connections = {}
    for axis in range(len(amounts) // 2):  # the last axis first
        dim = call.rank - 1 - axis
        before, after = amounts[2 * axis : 2 * axis + 2]
        connections[dim] = padded(call.input.shape[dim], before, after, border)
    return call.through(connections)


@rule("slice")
def _slice(call: Call) -> Seen:
    dim = call.dim()
    size, step = call.input.shape[dim], call["step"]
    index = np.arange(size)[slice(call["start"], call["end"], step)]
    return call.through({dim: picked(index, size, (step, 1))})


@rule("select")
def _select(call: Call) -> Seen:
    dim = call.dim()
    size = call.input.shape[dim]
    place = picked(np.array([call["index"] % size]), size, (1, 1))
    return call.through({dim: place}, _without([dim]))


@rule("unbind")
def _unbind(call: Call) -> Sequence[Seen]:
    dim = call.dim()
    size = call.input.shape[dim]
    return [
        call.through({dim: picked(np.array([place]), size, (1, 1))}, _without([dim]))
        for place in range(size)
    ]


@rule("chunk", "split", "split_with_sizes", "unsafe_split", "unsafe_chunk", "tensor_split")
def _split(call: Call) -> Sequence[Seen]:
    dim = call.dim()
    size, start = call.input.shape[dim], 0
    parts: list[Seen] = []
    for output in call.outputs:
        index = np.arange(start, start + output.shape[dim])
        parts.append(call.through({dim: picked(index, size, (1, 1))}))
        start += output.shape[dim]
    return parts


@rule("roll")
def _roll(call: Call) -> Seen:
    if not call["dims"]:
        return reads.all_of(call.tensors(), is_bound=True)
    connections = {}
    for shift, dim in zip(call["shifts"], call["dims"], strict=True):
        size = call.input.shape[dim]
        connections[dim % call.rank] = picked((np.arange(size) - shift) % size, size, None)
    return call.through(connections)


@rule("flip")
def _flip(call: Call) -> Seen:
    sizes = {dim % call.rank: call.input.shape[dim] for dim in call["dims"]}
    return call.through(
        {dim: picked(np.arange(size)[::-1], size, None) for dim, size in sizes.items()}
    )


@rule("repeat")
def _repeat(call: Call) -> Seen:
    new = len(call["repeats"]) - call.rank
    connections = {}
    for dim, times in enumerate(call["repeats"][new:]):
        size = call.input.shape[dim]
        if times > 1:
            connections[dim] = picked(np.arange(size * times) % size, size, None)
    return call.through(connections, lambda dim: dim + new)


@rule("index", "index_select")
def _index(call: Call) -> Seen:
    """Channels in another order; along an axis of the image it is not known which places."""
    indices = call["indices"] if call.name == "index" else [None] * call.dim() + [call["index"]]
    dims = [dim for dim, each in enumerate(indices) if each is not None]
    followed = {each.dim for each in call.seen(call.input).values()}
    if len(dims) == 1 and indices[dims[0]].dim() == 1 and dims[0] not in followed:
        return call.through({})
    return reads.all_of(call.tensors(), is_bound=True)


# Statistics, sums and products --------------------------------------------------------------


def _without(dims: Sequence[int]) -> Callable[[int], int | None]:
    """Return where an axis goes if others are taken out."""
    return lambda dim: None if dim in dims else dim - sum(other < dim for other in dims)


def _reduced(call: Call) -> Seen:
    """Return what is read behind a sum over axes, or a mean, or the largest number."""
    dims = call.get("dim")
    if "other" in call.arguments:  # torch.max of two tensors
        return reads.joined(tuple(call.outputs[0].shape), call.tensors())
    if dims is None or dims == []:
        dims = range(call.rank)
    dims = [dim % call.rank for dim in ([dims] if isinstance(dims, int) else dims)]
    connections = {dim: all_over(call.input.shape[dim]) for dim in dims}
    if call.get("keepdim"):
        return call.through(connections)
    return call.through(connections, _without(dims))


def all_over(size: int) -> Connections:
    """One place that reads all; a further step goes on by the step of the places before."""
    place = all_places(size)
    return Connections(place.index, size, (1, 1))


def _normalized(call: Call, dims: Sequence[int]) -> Seen:
    return call.through({dim: normalized(call.input.shape[dim]) for dim in dims})


@rule("group_norm", "native_group_norm")
def _group_norm(call: Call) -> Seen:
    return _normalized(call, range(2, call.rank))


@rule("layer_norm", "native_layer_norm", "rms_norm", "_fused_rms_norm")
def _layer_norm(call: Call) -> Seen:
    return _normalized(call, range(call.rank - len(call["normalized_shape"]), call.rank))


@rule("batch_norm", "native_batch_norm", "_native_batch_norm_legit")
def _batch_norm(call: Call) -> Seen:
    return _normalized(call, range(2, call.rank) if call["training"] else ())


@rule("_native_batch_norm_legit_no_training")
def _batch_norm_of_inference(call: Call) -> Seen:
    return _normalized(call, ())


@rule("instance_norm")
def _instance_norm(call: Call) -> Seen:
    return _normalized(call, range(2, call.rank) if call["use_input_stats"] else ())


@rule("softmax", "_softmax", "log_softmax", "_log_softmax", "cumsum", "cumprod", "cummax")
def _softmax(call: Call) -> Seen:
    return _normalized(call, [call.dim()])


@rule("embedding")
def _embedding(call: Call) -> Seen:
    indices = call["indices"]
    return reads.joined(tuple(indices.shape), [(tuple(indices.shape), call.seen(indices))])


@rule("channel_shuffle", "native_channel_shuffle")
def _channel_shuffle(call: Call) -> Seen:
    return call.through({})


@rule("glu")
def _glu(call: Call) -> Seen:
    return call.through({call.dim(): halves(call.input.shape[call.dim()])})


@rule("linear")
def _linear(call: Call) -> Seen:
    last = call.rank - 1
    features = call["weight"].shape[0]
    return call.through({last: all_places(call.input.shape[last], features)})


@rule("addmm", "baddbmm")
def _added_product(call: Call) -> Seen:
    names = ("mat1", "mat2") if call.name == "addmm" else ("batch1", "batch2")
    product = _product(call, *(call[name] for name in names))
    shape = tuple(call.outputs[0].shape)
    added = tuple(call["self"].shape), call.seen(call["self"])
    return reads.joined(shape, [each for each in (added, (shape, product)) if each[1]])


@rule("mm", "bmm", "mv", "dot", "matmul")
def _matrix_product(call: Call) -> Seen:
    left, right = call.inputs
    return _product(call, left, right)


def _product(call: Call, left: Any, right: Any) -> Seen:
    """Rows of one tensor times columns of another, (..., n, k) and (..., k, m)."""
    if call.seen(left) and call.seen(right):
        tensors = [(tuple(each.shape), call.seen(each)) for each in (left, right)]
        return reads.all_of(tensors, is_bound=True)
    tensor, summed = (left, -1) if call.seen(left) else (right, -min(2, int(right.dim())))
    vectors = (left.dim() == 1) + (right.dim() == 1)  # a vector has no axis in the result
    own = int(tensor.dim())
    rank = int(max(left.dim(), right.dim())) - vectors * (own > 1)

    def behind(dim: int) -> int | None:
        place = dim - own  # counted from the last axis
        return None if place == summed else rank + place + (place < summed and own > rank)

    return reads.through(call.seen(tensor), {}, behind)


ATTENTION = (
    "scaled_dot_product_attention",
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_attention_math",
)


@rule(*ATTENTION)
def _attention(call: Call) -> Seen:
    masked = call.get("attn_mask") is not None or bool(call.get("is_causal"))
    return reads.all_of(call.tensors(), is_bound=masked)


# Views and joins ----------------------------------------------------------------------------


@rule("view", "reshape", "_unsafe_view", "_reshape_alias", "flatten", "unflatten")
def _view(call: Call) -> Seen:
    shapes = tuple(call.input.shape), tuple(call.outputs[0].shape)
    return reads.reshaped(*shapes, call.seen(call.input))


@rule("squeeze", "unsqueeze")
def _squeeze(call: Call) -> Seen:
    return _view(call)


@rule("permute")
def _permute(call: Call) -> Seen:
    order = [dim % call.rank for dim in call["dims"]]
    return call.through({}, order.index)


@rule("transpose")
def _transpose(call: Call) -> Seen:
    first, second = call.dim("dim0"), call.dim("dim1")
    return call.through({}, lambda dim: {first: second, second: first}.get(dim, dim))


@rule("t")
def _transposed_matrix(call: Call) -> Seen:
    return call.through({}, lambda dim: 1 - dim if call.rank == 2 else dim)


@rule("expand", "expand_as")
def _expand(call: Call) -> Seen:
    shape = tuple(call.outputs[0].shape)
    return reads.joined(shape, [(tuple(call.input.shape), call.seen(call.input))])


@rule("cat", "concat")
def _concatenation(call: Call) -> Seen:
    tensors = [(tuple(each.shape), call.seen(each)) for each in call.inputs]
    tensors = [each for each in tensors if each[0] != (0,)]
    shape = tuple(call.outputs[0].shape)
    return reads.concatenated(shape, call["dim"] % len(shape), tensors)


@rule("stack")
def _stack(call: Call) -> Seen:
    shape = tuple(call.outputs[0].shape)
    new = call["dim"] % len(shape)
    moved = [
        (shape, reads.through(call.seen(each), {}, lambda dim: dim + (dim >= new)))
        for each in call.inputs
    ]
    return reads.joined(shape, moved)


@rule("copy")
def _copy(call: Call) -> Seen:
    source = call["src"]
    shape = tuple(call.outputs[0].shape)
    return reads.joined(shape, [(tuple(source.shape), call.seen(source))])


# MACs ---------------------------------------------------------------------------------------

RECURRENT = frozenset(["lstm", "gru", "rnn_tanh", "rnn_relu"])


def macs(call: Call) -> int:
    """Return the multiply-adds of a call: each weight once for each number that it makes."""
    name = call.name
    if name in ("conv1d", "conv2d", "conv3d", "convolution", "_convolution") or name.startswith(
        "conv_transpose"
    ):
        is_transposed = call.get("transposed") or "transpose" in name
        numbers = call.input if is_transposed else call.outputs[0]
        return int(numbers.numel() * call["weight"][0].numel())
    if name == "linear":
        return int(call.outputs[0].numel() * call["weight"].shape[-1])
    if name in ("addmm", "baddbmm", "addbmm"):
        left = call["mat1"] if name == "addmm" else call["batch1"]
        return int(call.outputs[0].numel() * left.shape[-1])
    if name in ("mm", "bmm", "matmul") or (name in ("mv", "dot") and call.tensors()):
        return int(call.outputs[0].numel() * call.input.shape[-1])
    if name in ATTENTION:
        keys = call["key"].shape[-2]
        return int((call["query"].numel() + call.outputs[0].numel()) * keys)
    if name in RECURRENT:
        weights = [each for each in call["params"] if each.dim() == 2]
        steps = math.prod(call.input.shape[:-1])
        return int(steps * sum(each.numel() for each in weights))
    return 0


def counts(name: str) -> bool:
    """Return whether the MACs of an operation are known."""
    return is_known(name) or name in RECURRENT
