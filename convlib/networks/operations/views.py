"""Operations that lay numbers out in another shape, or several tensors in one."""

from convlib.networks import reads
from convlib.networks.operations.call import Call, Rules
from convlib.networks.reads import Seen

RULES = Rules()
# The results share the memory of their input.
OF_THE_SAME_MEMORY = """
    _reshape_alias _unsafe_view alias chunk contiguous detach expand expand_as flatten lift_fresh
    narrow permute reshape select slice split split_with_sizes squeeze t to transpose unbind
    unflatten unfold unsqueeze view view_as
"""
VIEWS = frozenset(OF_THE_SAME_MEMORY.split())


@RULES.of("view", "reshape", "_unsafe_view", "_reshape_alias", "flatten", "unflatten")
def _view(call: Call) -> Seen:
    shapes = tuple(call.input.shape), tuple(call.outputs[0].shape)
    return reads.reshaped(*shapes, call.seen(call.input))


@RULES.of("squeeze", "unsqueeze")
def _squeeze(call: Call) -> Seen:
    return _view(call)


@RULES.of("permute")
def _permute(call: Call) -> Seen:
    order = [dim % call.rank for dim in call["dims"]]
    return call.through({}, order.index)


@RULES.of("transpose")
def _transpose(call: Call) -> Seen:
    first, second = call.dim("dim0"), call.dim("dim1")
    return call.through({}, lambda dim: {first: second, second: first}.get(dim, dim))


@RULES.of("t")
def _transposed_matrix(call: Call) -> Seen:
    return call.through({}, lambda dim: 1 - dim if call.rank == 2 else dim)


@RULES.of("expand", "expand_as")
def _expand(call: Call) -> Seen:
    shape = tuple(call.outputs[0].shape)
    return reads.joined(shape, [(tuple(call.input.shape), call.seen(call.input))])


@RULES.of("cat", "concat")
def _concatenation(call: Call) -> Seen:
    tensors = [(tuple(each.shape), call.seen(each)) for each in call.inputs]
    tensors = [each for each in tensors if each[0] != (0,)]
    shape = tuple(call.outputs[0].shape)
    return reads.concatenated(shape, call["dim"] % len(shape), tensors)


@RULES.of("stack")
def _stack(call: Call) -> Seen:
    shape = tuple(call.outputs[0].shape)
    new = call["dim"] % len(shape)
    moved = [
        (shape, reads.through(call.seen(each), {}, lambda dim: dim + (dim >= new)))
        for each in call.inputs
    ]
    return reads.joined(shape, moved)


@RULES.of("copy")
def _copy(call: Call) -> Seen:
    source = call["src"]
    shape = tuple(call.outputs[0].shape)
    return reads.joined(shape, [(tuple(source.shape), call.seen(source))])


@RULES.of("embedding")
def _embedding(call: Call) -> Seen:
    indices = call["indices"]
    return reads.joined(tuple(indices.shape), [(tuple(indices.shape), call.seen(indices))])
