"""Convolutions and their gradients of valid arrays of any dtype, all reduced to the engines.

An engine computes a convolution of real floats. Other dtypes are converted band by band, and
the gradient of the input is a convolution for each phase of the stride.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from types import EllipsisType

import numpy as np

from convlib.arguments import Array
from convlib.engines import choose, einsum, scatter, taps, weights
from convlib.engines.bands import bands
from convlib.engines.engine import Engine
from convlib.engines.phases import MergedParts, merge_parts, plan_parts
from convlib.precision import (
    Numbers,
    as_channels,
    as_kernels,
    finite,
    from_channels,
    from_kernel_products,
    largest,
    numbers_of,
)
from convlib.spec import ConvSpec, Sizes

BAND = 1 << 22  # bytes of a band that is converted, or written between other numbers
GATHER = 3.0  # nanoseconds to read a weight in another order than the one in memory
LARGEST = 1 << 24  # bytes of a band for engines whose scratch memory grows with the size

Computed = Callable[[Array, Array, Array | None], Array]

fastest = lru_cache(maxsize=1024)(choose)

# Convolution


def plan_convolution(spec: ConvSpec, dtype: "np.dtype[np.generic]", exact: bool = True) -> Computed:
    """Return what computes a convolution: of its input, weight and bias."""
    if dtype.kind == "f" and dtype.itemsize >= 4:
        engine = fastest(spec, exact)
        if engine.tiled or math.prod(spec.input_shape) * spec.itemsize <= LARGEST:
            return partial(_compute_silently, engine=engine, spec=spec)
    return partial(_convolve_by_bands, spec=spec, exact=exact)


def _compute_silently(
    input: Array, weight: Array, bias: Array | None, engine: Engine, spec: ConvSpec
) -> Array:
    with np.errstate(all="ignore"):
        return engine.compute(input, weight, bias, spec)


def _convolve_by_bands(
    input: Array, weight: Array, bias: Array | None, spec: ConvSpec, exact: bool
) -> Array:
    result = np.empty(spec.output_shape, input.dtype)
    convolve_into(result, input, weight, bias, spec, exact)
    return result


def convolve_into(
    result: Array,
    input: Array,
    weight: Array,
    bias: Array | None,
    spec: ConvSpec,
    exact: bool = True,
    skip_padding: bool = False,
) -> None:
    """Convolve band by band, and write into an array of any layout.

    ``skip_padding`` leaves out the products with padding, which are NaN for infinite weights.
    """
    numbers = numbers_of(input.dtype, lambda: _largest_sum(input, weight, bias))
    real = _in_real_numbers(spec, numbers)
    kernels = as_kernels(weight, spec.groups, numbers)
    added = None if bias is None else as_channels(bias[np.newaxis], spec.groups, numbers)[0]
    engine = _choose_for(real, numbers, exact or input.dtype.kind != "f", skip_padding)
    copied = numbers.dtype != input.dtype or not engine.tiled
    most = LARGEST if numbers.dtype == input.dtype and not engine.tiled else BAND
    with np.errstate(all="ignore"):
        for band in bands(real, most // real.itemsize, copied):
            pixels = as_channels(input[band.input], spec.groups, numbers)
            part = engine.compute(pixels, kernels, added, band.spec)
            from_channels(part, spec.groups, result[band.output])


def _choose_for(spec: ConvSpec, numbers: Numbers, exact: bool, skip_padding: bool) -> Engine:
    if skip_padding:
        return taps.WITHOUT_PADDING
    return fastest(spec, exact) if numbers.dtype.kind == "f" else einsum.ENGINE


def _in_real_numbers(spec: ConvSpec, numbers: Numbers) -> ConvSpec:
    if numbers.parts == 1 and numbers.dtype.itemsize == spec.itemsize:
        return spec
    return replace(
        spec,
        in_channels=spec.in_channels * numbers.parts,
        out_channels=spec.out_channels * numbers.parts,
        itemsize=numbers.dtype.itemsize,
    )


def _largest_sum(input: Array, weight: Array, bias: Array | None) -> int:
    """Bound the absolute value of every sum of a convolution of integers."""
    absolute = np.abs(weight, dtype=np.float64)
    kernel = int(absolute.sum(axis=tuple(range(1, weight.ndim))).max())
    return largest(input) * kernel + (0 if bias is None else largest(bias))


# Gradients


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
    result = np.empty(column.input_shape, weight.dtype)
    parts, complete = plan_parts(column, out)
    merged = merge_parts(column, out)
    if not complete:
        result[...] = 0 if bias is None else bias.reshape(-1, *[1] * len(out))
    weights_finite = finite(weight)
    way = "parts"
    if weights_finite and weight.dtype.kind == "f" and weight.dtype.itemsize >= 4:
        way = fastest_way(column, out)
    if way == "whole":
        (part,) = parts
        bank = kernels[part.taps].reshape(part.spec.weight_shape)
        convolve = plan_convolution(part.spec, weight.dtype)
        return convolve(grads[part.reads], bank, bias).reshape(spec.input_shape)
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
        real = _in_real_numbers(column, numbers)
        total = np.zeros(real.weight_shape, numbers.dtype)
        for band in bands(real, BAND // real.itemsize):
            pixels = as_channels(images[band.input], spec.groups, numbers)
            sent = as_channels(grads[band.output], spec.groups, numbers)
            total += weights.compute(pixels, sent, band.spec)
        result = np.empty(column.weight_shape, input.dtype)
        from_kernel_products(total, spec.groups, result)
    return result.reshape(spec.weight_shape)
