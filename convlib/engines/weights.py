"""Gradient of the weight: products of the output's gradient with the windows, by algorithms."""

import math

import numpy as np

from convlib.arguments import Array
from convlib.engines import direct, rows
from convlib.engines.cost import PLAIN, TILE
from convlib.engines.einsum import plan_windows, view_windows
from convlib.engines.tiles import copy_tiles
from convlib.precision import finite
from convlib.spec import ConvSpec

BLOCK = 1 << 24  # bytes of the gradient that are summed at a time


def compute(input: Array, grad_output: Array, spec: ConvSpec) -> Array:
    """Gradient of the weight by the algorithm that is faster for the size."""
    small = PLAIN * spec.macs < TILE * spec.batch
    if small or len(spec.axes) < 2 or input.dtype.kind != "f":
        return by_definition(input, grad_output, spec)
    if direct.gradient_cost(spec) < rows.cost(spec):
        result = direct.weight_gradient(input, grad_output, spec)
        if result is not None and finite(result):
            return result
    return by_tiles(input, grad_output, spec)


def by_definition(input: Array, grad_output: Array, spec: ConvSpec) -> Array:
    """Gradient of the weight by one einsum over the view of all windows; any dtype."""
    windows = view_windows(input, plan_windows(spec, input.itemsize))
    out, taps = "xyz"[: len(spec.axes)], "ijk"[: len(spec.axes)]
    grads = grad_output.reshape(spec.batch, spec.groups, spec.group_outputs, *spec.output_size)
    sums: Array = np.einsum(f"ngo{out},ngc{out}{taps}->goc{taps}", grads, windows)
    return sums.reshape(spec.weight_shape)


def by_tiles(input: Array, grad_output: Array, spec: ConvSpec) -> Array:
    """Gradient of the weight by matmuls, tile by tile, for a block of kernels at a time."""
    G, O, C = spec.groups, spec.group_outputs, spec.group_inputs
    grads = grad_output.reshape(spec.batch, G, O, *spec.output_size)
    result = np.empty((G, O, C, *spec.kernel_size), input.dtype)
    few_positions = spec.batch * math.prod(spec.output_size) < 4 * O
    sums = sum_columns if few_positions else sum_rows
    step = max(1, BLOCK * O // (spec.weights * input.itemsize))
    for first in range(0, O, step):
        block = slice(first, first + step)
        sums(input, grads[:, :, block], spec, result[:, block])
    return result.reshape(spec.weight_shape)


def sum_columns(input: Array, grads: Array, spec: ConvSpec, result: Array) -> None:
    """Write the sum over all tiles of the products of gradients with the columns of windows.

    One matmul a tile, whose result is in the order of the weight.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, *size)
    grads : ndarray, shape (N, G, o, *output_size)
    spec : ConvSpec
    result : ndarray, shape (G, o, C, *kernel_size)
        Overwritten.
    """
    G, C, o = spec.groups, spec.group_inputs, grads.shape[2]
    *outer, kH, kW = spec.kernel_size
    columns = math.prod(outer) * kW
    total = np.zeros((G, o, C * kH * columns), input.dtype)

    def patches_shape(groups: int, positions: int) -> tuple[int, ...]:
        return groups, C, kH, columns, positions

    per_row = math.prod(patches_shape(1, spec.output_size[-1]))
    for tile in copy_tiles(input, spec, patches_shape, per_row):
        grad = grads[tile.output].reshape(len(tile.flat), o, -1)  # (g, o, positions)
        positions = grad.shape[-1]
        for i, start in enumerate(tile.starts):
            pixels = tile.flat[..., start : start + positions]  # (g, j, c, positions)
            tile.scratch[:, :, i] = pixels.swapaxes(1, 2)
        patches = tile.scratch.reshape(len(grad), -1, positions)  # (g, c*i*j, positions)
        total[tile.groups] += grad @ patches.swapaxes(1, 2)
    by_tap = total.reshape(G, o, C, kH, *outer, kW)
    result[...] = np.moveaxis(by_tap, 3, -2)


def sum_rows(input: Array, grads: Array, spec: ConvSpec, result: Array) -> None:
    """Write the same sum as `sum_columns`, by one matmul for each row of the kernel and tile."""
    G, C, o = spec.groups, spec.group_inputs, grads.shape[2]
    *outer, kH, kW = spec.kernel_size
    columns = math.prod(outer) * kW * C
    transposed = columns > o  # BLAS is faster with the longer side first
    total = np.zeros((kH, G, columns, o) if transposed else (kH, G, o, columns), input.dtype)
    product = np.empty(total.shape[1:], input.dtype)
    for tile in copy_tiles(input, spec, lambda *_: (0,), 0):
        grad = grads[tile.output].reshape(len(tile.flat), o, -1)  # (g, o, positions)
        matrix = tile.flat.reshape(len(tile.flat), columns, -1)
        part = product[: len(tile.flat)]
        for i, start in enumerate(tile.starts):
            pixels = matrix[..., start : start + grad.shape[-1]]  # (g, j * c, positions)
            first, second = (pixels, grad) if transposed else (grad, pixels)
            np.matmul(first, second.swapaxes(1, 2), out=part)
            total[i, tile.groups] += part
    if transposed:
        by_tap = total.reshape(kH, G, *outer, kW, C, o)
        result[...] = np.moveaxis(by_tap, (1, -1, -2, 0), (0, 1, 2, -2))
    else:
        by_tap = total.reshape(kH, G, o, *outer, kW, C)
        result[...] = np.moveaxis(by_tap, (1, 2, -1, 0), (0, 1, 2, -2))
