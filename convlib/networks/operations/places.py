"""Operations that copy places: resizing, borders, crops, places in another order."""

from collections.abc import Sequence

import numpy as np

from convlib.connections import Border, interpolated, nearest, padded, picked, windows
from convlib.networks import reads
from convlib.networks.operations.call import Call, Rules, last_axes, without
from convlib.networks.reads import Seen
from convlib.spec import Axis

RULES = Rules()


def _scales(call: Call, axes: int) -> list[float | None]:
    """Return what an upsampling was told besides the size of the output."""
    if call.get("scale_factors"):
        return list(call["scale_factors"])
    names = {1: ["scales"], 2: ["scales_h", "scales_w"], 3: ["scales_d", "scales_h", "scales_w"]}
    return [call.get(name) for name in names[axes]]


@RULES.of(
    *(f"upsample_nearest{axes}d" for axes in (1, 2, 3)),
    *(f"_upsample_nearest_exact{axes}d" for axes in (1, 2, 3)),
)
def _nearest(call: Call) -> Seen:
    axes, exact = int(call.name[-2]), "exact" in call.name
    sizes = zip(last_axes(call, axes), _scales(call, axes), strict=True)
    return call.through({dim: nearest(n, count, scale, exact) for (dim, n, count), scale in sizes})


@RULES.of("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d", "upsample_bicubic2d")
def _interpolated(call: Call) -> Seen:
    axes, reach = int(call.name[-2]), 2 if "cubic" in call.name else 1
    sizes = zip(last_axes(call, axes), _scales(call, axes), strict=True)
    corners = bool(call["align_corners"])
    return call.through(
        {
            dim: interpolated(size, count, reach, corners, None if corners else scale)
            for (dim, size, count), scale in sizes
        }
    )


@RULES.of("pixel_shuffle")
def _pixel_shuffle(call: Call) -> Seen:
    factor = call["upscale_factor"]
    return call.through(
        {
            dim: picked(np.arange(count) // factor, size, (1, factor))
            for dim, size, count in last_axes(call, 2)
        }
    )


@RULES.of("pixel_unshuffle")
def _pixel_unshuffle(call: Call) -> Seen:
    factor = call["downscale_factor"]
    return call.through(
        {dim: windows(Axis(size, factor, factor), count) for dim, size, count in last_axes(call, 2)}
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


@RULES.of("pad", *(name for name in BORDERS if "pad" in name))
def _padding(call: Call) -> Seen:
    border = BORDERS[call.get("mode", call.name)]
    amounts = call["padding"] if "padding" in call.arguments else call["pad"]
    connections = {}
    for axis in range(len(amounts) // 2):  # the last axis first
        dim = call.rank - 1 - axis
        before, after = amounts[2 * axis : 2 * axis + 2]
        connections[dim] = padded(call.input.shape[dim], before, after, border)
    return call.through(connections)


@RULES.of("slice")
def _slice(call: Call) -> Seen:
    dim = call.dim()
    size, step = call.input.shape[dim], call["step"]
    index = np.arange(size)[slice(call["start"], call["end"], step)]
    return call.through({dim: picked(index, size, (step, 1))})


@RULES.of("select")
def _select(call: Call) -> Seen:
    dim = call.dim()
    size = call.input.shape[dim]
    place = picked(np.array([call["index"] % size]), size, (1, 1))
    return call.through({dim: place}, without([dim]))


@RULES.of("unbind")
def _unbind(call: Call) -> Sequence[Seen]:
    dim = call.dim()
    size = call.input.shape[dim]
    return [
        call.through({dim: picked(np.array([place]), size, (1, 1))}, without([dim]))
        for place in range(size)
    ]


@RULES.of("chunk", "split", "split_with_sizes", "unsafe_split", "unsafe_chunk", "tensor_split")
def _split(call: Call) -> Sequence[Seen]:
    dim = call.dim()
    size, start = call.input.shape[dim], 0
    parts: list[Seen] = []
    for output in call.outputs:
        index = np.arange(start, start + output.shape[dim])
        parts.append(call.through({dim: picked(index, size, (1, 1))}))
        start += output.shape[dim]
    return parts


@RULES.of("roll")
def _roll(call: Call) -> Seen:
    if not call["dims"]:
        return reads.all_of(call.tensors(), is_bound=True)
    connections = {}
    for shift, dim in zip(call["shifts"], call["dims"], strict=True):
        size = call.input.shape[dim]
        connections[dim % call.rank] = picked((np.arange(size) - shift) % size, size, None)
    return call.through(connections)


@RULES.of("flip")
def _flip(call: Call) -> Seen:
    sizes = {dim % call.rank: call.input.shape[dim] for dim in call["dims"]}
    return call.through(
        {dim: picked(np.arange(size)[::-1], size, None) for dim, size in sizes.items()}
    )


@RULES.of("repeat")
def _repeat(call: Call) -> Seen:
    new = len(call["repeats"]) - call.rank
    connections = {}
    for dim, times in enumerate(call["repeats"][new:]):
        size = call.input.shape[dim]
        if times > 1:
            connections[dim] = picked(np.arange(size * times) % size, size, None)
    return call.through(connections, lambda dim: dim + new)


@RULES.of("index", "index_select")
def _index(call: Call) -> Seen:
    """Channels in another order; along an axis of the image it is not known which places."""
    indices = call["indices"] if call.name == "index" else [None] * call.dim() + [call["index"]]
    dims = [dim for dim, each in enumerate(indices) if each is not None]
    followed = {each.dim for each in call.seen(call.input).values()}
    if len(dims) == 1 and indices[dims[0]].dim() == 1 and dims[0] not in followed:
        return call.through({})
    return reads.all_of(call.tensors(), is_bound=True)


@RULES.of("channel_shuffle", "native_channel_shuffle")
def _channel_shuffle(call: Call) -> Seen:
    return call.through({})
