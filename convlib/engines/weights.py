"""Gradient of the weight: products of the output's gradient with the windows, by two algorithms."""

import math

import numpy as np

from convlib.arguments import Array
from convlib.engines.cost import PLAIN, TILE
from convlib.engines.einsum import plan_windows, view_windows
from convlib.engines.tiles import copy_tiles
from convlib.spec import ConvSpec

BLOCK = 1 << 24  # bytes of the gradient that are summed at a time


def compute(input: Array, grad_output: Array, spec: ConvSpec) -> Array:
    """Gradient of the weight by the algorithm that is faster for the size."""
    small = PLAIN * spec.macs < TILE * spec.batch
    if small or len(spec.axes) < 2 or input.dtype.kind != "f":
        return by_definition(input, grad_output, spec)
    return by_rows(input, grad_output, spec)


def by_definition(input: Array, grad_output: Array, spec: ConvSpec) -> Array:
    """Gradient of the weight by one einsum over the view of all windows; any dtype."""
    windows = view_windows(input, plan_windows(spec, input.itemsize))
    out, taps = "xyz"[: len(spec.axes)], "ijk"[: len(spec.axes)]
    grads = grad_output.reshape(spec.batch, spec.groups, spec.group_outputs, *spec.output_size)
    sums: Array = np.einsum(f"ngo{out},ngc{out}{taps}->goc{taps}", grads, windows)
    return sums.reshape(spec.weight_shape)


def by_rows(input: Array, grad_output: Array, spec: ConvSpec) -> Array:
    """Gradient of the weight by one matmul for each row of the kernel, tile by tile."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    grads = grad_output.reshape(spec.batch, G, O, *spec.output_size)
    result = np.empty((G, O, C, *spec.kernel_size), input.dtype)
    step = max(1, BLOCK * O // (spec.weights * input.itemsize))
    for first in range(0, O, step):
        block = slice(first, first + step)
        result[:, block] = sum_rows(input, grads[:, :, block], spec)
    return result.reshape(spec.weight_shape)


def sum_rows(input: Array, grads: Array, spec: ConvSpec) -> Array:
    """Sum over all tiles the products of gradients (N, G, o, *output_size) with the windows.

    Returns a view of shape (G, o, C, *kernel_size).
    """
    G, C, o = spec.groups, spec.group_inputs, grads.shape[2]
    *outer, kH, kW = spec.kernel_size
    columns = math.prod(outer) * kW
    total = np.zeros((kH, G, o, columns * C), input.dtype)
    product = np.empty(total.shape[1:], input.dtype)
    for tile in copy_tiles(input, spec, lambda *_: (0,), 0):
        grad = grads[tile.output].reshape(len(tile.flat), o, -1)  # (g, o, positions)
        matrix = tile.flat.reshape(len(tile.flat), columns * C, -1)
        part = product[: len(tile.flat)]
        for i, start in enumerate(tile.starts):
            pixels = matrix[..., start : start + grad.shape[-1]]
            np.matmul(grad, pixels.swapaxes(1, 2), out=part)  # (g, o, j * c)
            total[i, tile.groups] += part
    total = total.reshape(kH, G, o, *outer, kW, C)
    return np.moveaxis(total, (1, 2, -1, 0), (0, 1, 2, -2))
