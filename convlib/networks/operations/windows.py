"""Operations with windows: convolutions, pools, unfolding."""

from collections.abc import Callable

import numpy as np

from convlib import core
from convlib.connections import Connections, adaptive_windows, transposed_windows, windows
from convlib.networks.operations.call import Call, Rules, along, last_axes
from convlib.networks.reads import Seen
from convlib.spec import Axis

RULES = Rules()


@RULES.of("conv1d", "conv2d", "conv3d", "convolution", "_convolution")
def _convolution(call: Call) -> Seen:
    if call.get("transposed"):
        return _transposed(call)
    kernel_size = call["weight"].shape[2:]
    connections = {}
    for axis, (dim, size, count) in enumerate(last_axes(call, len(kernel_size))):
        kernel, dilation = kernel_size[axis], along(call["dilation"], axis)
        padding = call["padding"]
        padding = padding if isinstance(padding, str) else along(padding, axis)
        pair = core.sides(padding, kernel, dilation)
        window = Axis(size, kernel, along(call["stride"], axis), pair, dilation)
        connections[dim] = windows(window, count)
    return call.through(connections, _channels_mixed(call, len(kernel_size)))


def _channels_mixed(call: Call, axes: int) -> Callable[[int], int | None]:
    """Reduce the axis of the channels, if an axis of the image has become it."""
    channels = call.rank - axes - 1
    return lambda dim: None if dim == channels else dim


@RULES.of("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _transposed(call: Call) -> Seen:
    kernel_size = call["weight"].shape[2:]
    connections = {}
    for axis, (dim, size, count) in enumerate(last_axes(call, len(kernel_size))):
        padding, stride, dilation = (
            along(call[name], axis) for name in ("padding", "stride", "dilation")
        )
        pair = core.sides(padding, kernel_size[axis])
        window = Axis(size, kernel_size[axis], stride, pair, dilation)
        connections[dim] = transposed_windows(window, count)
    return call.through(connections, _channels_mixed(call, len(kernel_size)))


@RULES.of(
    *(f"{kind}_pool{axes}d" for kind in ("max", "avg") for axes in (1, 2, 3)),
    *(f"max_pool{axes}d_with_indices" for axes in (1, 2, 3)),
)
def _pooling(call: Call) -> Seen:
    axes = int(call.name.split("_pool")[1][0])
    connections = {}
    for axis, (dim, size, count) in enumerate(last_axes(call, axes)):
        kernel = along(call["kernel_size"], axis)
        stride = along(call["stride"], axis) if call["stride"] else kernel
        dilation = along(call.get("dilation", 1), axis)
        window = Axis(
            size, kernel, stride, core.sides(along(call["padding"], axis), kernel), dilation
        )
        connections[dim] = windows(window, count)
    return call.through(connections)


@RULES.of(
    *(f"adaptive_{kind}_pool{axes}d" for kind in ("max", "avg") for axes in (1, 2, 3)),
    "_adaptive_avg_pool2d",
    "_adaptive_avg_pool3d",
)
def _adaptive_pooling(call: Call) -> Seen:
    axes = int(call.name[-2])
    return call.through(
        {dim: adaptive_windows(size, count) for dim, size, count in last_axes(call, axes)}
    )


@RULES.of("im2col")
def _unfolding(call: Call) -> Seen:
    """Windows as columns: the windows of all axes lie along one."""
    table = []
    for axis, size in enumerate(call.input.shape[-2:]):
        padding = along(call["padding"], axis)
        kernel, stride, dilation = (
            along(call[name], axis) for name in ("kernel_size", "stride", "dilation")
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


@RULES.of("unfold")
def _windows_of_a_view(call: Call) -> Seen:
    """Windows along one axis, with a new last axis in the window."""
    dim = call.dim("dimension")
    window = Axis(call.input.shape[dim], call["size"], call["step"])
    return call.through({dim: windows(window, call.outputs[0].shape[dim])})
