"""Convolutions of valid arrays of any dtype, reduced to the engines, which compute real floats.

Other dtypes are converted band by band, so that little memory is needed beside the result.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from convlib.arguments import Array
from convlib.engines import choose, einsum, taps
from convlib.engines.bands import bands
from convlib.engines.engine import Engine
from convlib.precision import (
    Numbers,
    as_channels,
    as_kernels,
    from_channels,
    largest,
    numbers_of,
)
from convlib.spec import ConvSpec

BAND = 1 << 22  # bytes of a band that is converted, or written between other numbers
LARGEST = 1 << 24  # bytes of a band for engines whose scratch memory grows with the size

Computed = Callable[[Array, Array, Array | None], Array]


@lru_cache(maxsize=1024)
def fastest(spec: ConvSpec, exact: bool) -> Engine:
    """Return the engine for a convolution of floats; as `choose`, but remembered."""
    return choose(spec, exact)


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
    real = in_real_numbers(spec, numbers)
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


def in_real_numbers(spec: ConvSpec, numbers: Numbers) -> ConvSpec:
    """Return the spec of the same convolution of real numbers."""
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
