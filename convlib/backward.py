"""Gradients of a convolution of valid arrays of any dtype, reduced to convolutions and products.

The gradient of the input is a convolution for each remainder modulo the stride, or one for all
of them, or each number is sent through its kernel; what is fastest is estimated. The gradient of
the weight is a product with the windows, tile by tile.
"""

from functools import lru_cache
from types import EllipsisType

import numpy as np

from convlib.arguments import Array
from convlib.compute import (
    BAND,
    LARGEST,
    convolve_into,
    fastest,
    plan_convolution,
)
from convlib.engines import scatter, weights
from convlib.engines.bands import bands
from convlib.engines.phases import MergedParts, merge_parts, plan_parts
from convlib.engines.reduction import in_real_numbers
from convlib.precision import as_channels, finite, from_kernel_products, largest, numbers_of
from convlib.spec import ConvSpec, Sizes

GATHER = 3.0  # nanoseconds to read a weight in another order than the one in memory


def input_gradient(
    weight: Array, grad_output: Array, spec: ConvSpec, bias: Array | None = None
) -> Array:
    """Gradient of the input of a convolution, (N, C_in, *size), plus a bias for each channel.

    ``grad_output`` may have fewer rows than the output: as many as windows send gradients.
    """
    column = spec.as_column()
    out = grad_output.shape[2:]
    if column is not spec:  # a single row, whose length is the last
        out = out[-1], 1
    grads = grad_output.reshape(spec.batch, spec.out_channels, *out)
    by_group = weight.reshape(spec.groups, spec.group_outputs, -1, *column.kernel_size)
    kernels = by_group.swapaxes(1, 2)  # channels that give and channels that read
    parts, complete = plan_parts(column, out)
    merged = merge_parts(column, out)
    weights_finite = finite(weight)
    way = "parts"
    if weights_finite and weight.dtype.kind == "f" and weight.dtype.itemsize >= 4:
        way = fastest_way(column, out)
    if way == "whole":
        (part,) = parts
        bank = kernels[part.taps].reshape(part.spec.weight_shape)
        convolve = plan_convolution(part.spec, weight.dtype)
        return convolve(grads[part.reads], bank, bias).reshape(spec.input_shape)
    result = np.empty(column.input_shape, weight.dtype)
    if not complete:
        result[...] = 0 if bias is None else bias.reshape(-1, *[1] * len(out))
    with np.errstate(all="ignore"):
        if way == "scatter":
            scatter.input_gradient(weight, grads, bias, column, result)
        elif merged and way == "merged" and _may_be_multiplied_by_zeros(grads):
            _gradient_of_merged_parts(result, kernels, grads, bias, merged)
        else:
            for part in parts:
                bank = kernels[part.taps].reshape(part.spec.weight_shape)
                pixels, read = result[part.pixels], grads[part.reads]
                convolve_into(pixels, read, bank, bias, part.spec, skip_padding=not weights_finite)
    return result.reshape(spec.input_shape)


@lru_cache(maxsize=1024)
def fastest_way(spec: ConvSpec, out: Sizes) -> str:
    """Choose how the gradient of the input is computed: "whole", "parts", "merged", "scatter"."""
    parts, complete = plan_parts(spec, out)
    merged = merge_parts(spec, out)
    gather = GATHER * spec.weights
    separate = gather + sum(fastest(part.spec, True).cost(part.spec) for part in parts)
    costs = {"whole" if complete and len(parts) == 1 else "parts": separate}
    if len(parts) > 1 and merged is not None:
        costs["merged"] = gather + fastest(merged.spec, True).cost(merged.spec)
    if out == spec.output_size and scatter.scratch(spec) <= LARGEST:
        costs["scatter"] = scatter.cost(spec)
    return min(costs, key=lambda way: costs[way])


def _may_be_multiplied_by_zeros(grads: Array) -> bool:
    """Whether zeros may be multiplied by these numbers: no infinity or NaN is among them."""
    return grads.flags.c_contiguous and finite(grads)


def _gradient_of_merged_parts(
    result: Array, kernels: Array, grads: Array, bias: Array | None, merged: MergedParts
) -> None:
    spec, count, (G, C, sent) = merged.spec, len(merged.pixels), kernels.shape[:3]
    bank = np.zeros((G, count, C, sent, *spec.kernel_size), kernels.dtype)
    for i, (taps_of_part, places) in enumerate(zip(merged.taps, merged.places, strict=True)):
        bank[:, i][places] = kernels[taps_of_part]
    bank = bank.reshape(spec.weight_shape)
    added = None if bias is None else np.repeat(bias.reshape(G, 1, C), count, axis=1).ravel()
    engine, read = fastest(spec, True), grads[merged.reads]
    most = (BAND if engine.tiled else LARGEST) // spec.itemsize
    for band in bands(spec, most, copied=not engine.tiled):
        outputs = engine.compute(read[band.input], bank, added, band.spec)
        by_part = outputs.reshape(len(outputs), G, count, C, *outputs.shape[2:])
        for i, pixels in enumerate(merged.pixels):
            into = result[pixels][band.output]  # of the last row or column there may be none
            fitting: tuple[EllipsisType | slice, ...] = (..., *map(slice, into.shape[2:]))
            into[...] = by_part[:, :, i][fitting].reshape(into.shape)


def weight_gradient(input: Array, grad_output: Array, spec: ConvSpec) -> Array:
    """Gradient of the weight of a convolution, (C_out, C_in // groups, *kernel_size)."""
    column = spec.as_column()
    images, grads = input.reshape(column.input_shape), grad_output.reshape(column.output_shape)
    count = grads.size // max(1, spec.out_channels)
    numbers = numbers_of(input.dtype, lambda: largest(input) * largest(grad_output) * count)
    with np.errstate(all="ignore"):
        if numbers.dtype == input.dtype and numbers.dtype.kind == "f":
            return weights.compute(images, grads, column).reshape(spec.weight_shape)
        real = in_real_numbers(column, numbers)
        total = np.zeros(real.weight_shape, numbers.dtype)
        for band in bands(real, BAND // real.itemsize):
            pixels = as_channels(images[band.input], spec.groups, numbers)
            sent = as_channels(grads[band.output], spec.groups, numbers)
            total += weights.compute(pixels, sent, band.spec)
        result = np.empty(column.weight_shape, input.dtype)
        from_kernel_products(total, spec.groups, result)
    return result.reshape(spec.weight_shape)
