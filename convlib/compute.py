"""Convolutions of valid arrays of any dtype, reduced to the engines, which compute real floats.

Other dtypes are converted band by band, so that little memory is needed beside the result.
"""

import math
from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from convlib.arguments import Array
from convlib.engines import choose, taps
from convlib.engines.bands import bands
from convlib.engines.engine import Engine
from convlib.engines.reduction import Reduction, largest_sum, reduce
from convlib.precision import as_channels, as_kernels, from_channels
from convlib.spec import ConvSpec

BAND = 1 << 22  # bytes of a band that is converted, or written between other numbers
LARGEST = 1 << 24  # bytes of a band for engines whose scratch memory grows with the size

Computed = Callable[[Array, Array, Array | None], Array]


@lru_cache(maxsize=1024)
def fastest(spec: ConvSpec, exact: bool, kind: str = "f") -> Engine:
    """Return the engine for a convolution of real numbers; as `choose`, but remembered."""
    return choose(spec, exact, kind)


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
    reduced = reduce(spec, input.dtype, exact, lambda: largest_sum(input, weight, bias))
    numbers, real, _ = reduced
    kernels = as_kernels(weight, spec.groups, numbers)
    added = None if bias is None else as_channels(bias[np.newaxis], spec.groups, numbers)[0]
    engine = _choose_for(reduced, skip_padding)
    copied = numbers.dtype != input.dtype or not engine.tiled
    most = LARGEST if numbers.dtype == input.dtype and not engine.tiled else BAND
    with np.errstate(all="ignore"):
        for band in bands(real, most // real.itemsize, copied):
            pixels = as_channels(input[band.input], spec.groups, numbers)
            part = engine.compute(pixels, kernels, added, band.spec)
            from_channels(part, spec.groups, result[band.output])


def _choose_for(reduced: Reduction, skip_padding: bool) -> Engine:
    if skip_padding:
        return taps.WITHOUT_PADDING
    return fastest(reduced.spec, reduced.exact, reduced.kind)
