"""Operations that read whole axes: sums, norms, products of matrices, attention."""

from collections.abc import Sequence
from typing import Any

from convlib.connections import Connections, all_places, halves, normalized
from convlib.networks import reads
from convlib.networks.operations.call import Call, Rules, without
from convlib.networks.reads import Seen

RULES = Rules()
OVER_AXES = """
    all amax amin any argmax argmin count_nonzero linalg_vector_norm logsumexp max mean median min
    nanmean nansum norm prod std std_mean sum var var_mean
"""


@RULES.of(*OVER_AXES.split())
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
    return call.through(connections, without(dims))


def all_over(size: int) -> Connections:
    """One place that reads all; a further step goes on by the step of the places before."""
    place = all_places(size)
    return Connections(place.index, size, (1, 1))


def _normalized(call: Call, dims: Sequence[int]) -> Seen:
    return call.through({dim: normalized(call.input.shape[dim]) for dim in dims})


@RULES.of("group_norm", "native_group_norm")
def _group_norm(call: Call) -> Seen:
    return _normalized(call, range(2, call.rank))


@RULES.of("layer_norm", "native_layer_norm", "rms_norm", "_fused_rms_norm")
def _layer_norm(call: Call) -> Seen:
    return _normalized(call, range(call.rank - len(call["normalized_shape"]), call.rank))


@RULES.of("batch_norm", "native_batch_norm", "_native_batch_norm_legit")
def _batch_norm(call: Call) -> Seen:
    return _normalized(call, range(2, call.rank) if call["training"] else ())


@RULES.of("_native_batch_norm_legit_no_training")
def _batch_norm_of_inference(call: Call) -> Seen:
    return _normalized(call, ())


@RULES.of("instance_norm")
def _instance_norm(call: Call) -> Seen:
    return _normalized(call, range(2, call.rank) if call["use_input_stats"] else ())


@RULES.of("softmax", "_softmax", "log_softmax", "_log_softmax", "cumsum", "cumprod", "cummax")
def _softmax(call: Call) -> Seen:
    return _normalized(call, [call.dim()])


@RULES.of("glu")
def _glu(call: Call) -> Seen:
    return call.through({call.dim(): halves(call.input.shape[call.dim()])})


@RULES.of("linear")
def _linear(call: Call) -> Seen:
    last = call.rank - 1
    features = call["weight"].shape[0]
    return call.through({last: all_places(call.input.shape[last], features)})


@RULES.of("addmm", "baddbmm")
def _added_product(call: Call) -> Seen:
    names = ("mat1", "mat2") if call.name == "addmm" else ("batch1", "batch2")
    product = _product(call, *(call[name] for name in names))
    shape = tuple(call.outputs[0].shape)
    added = tuple(call["self"].shape), call.seen(call["self"])
    return reads.joined(shape, [each for each in (added, (shape, product)) if each[1]])


@RULES.of("mm", "bmm", "mv", "dot", "matmul")
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


@RULES.of(*ATTENTION)
def _attention(call: Call) -> Seen:
    masked = call.get("attn_mask") is not None or bool(call.get("is_causal"))
    return reads.all_of(call.tensors(), is_bound=masked)
