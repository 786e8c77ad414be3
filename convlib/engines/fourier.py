"""FFT convolution of large depthwise kernels: products of spectra, at larger errors."""

import itertools
import math

import numpy as np

from convlib.arguments import Array
from convlib.engines import rows
from convlib.engines.cost import TILE
from convlib.engines.engine import Engine
from convlib.precision import finite
from convlib.spec import ConvSpec

BLOCK = 8  # channels per FFT: one by one they take half as long again
PIXEL = 18  # nanoseconds of a pixel of the padded image, for all three transforms


def fast_length(least: int) -> int:
    """Smallest FFT length from ``least`` on with no prime factors but 2, 3 and 5.

    Such a number divides a power of 30.
    """
    return next(length for length in itertools.count(least) if pow(30, length, length) == 0)


def correlate_spectra(images: Array, kernels: Array, lengths: tuple[int, int]) -> Array:
    """Circular cross-correlation of images and kernels by FFT.

    Parameters
    ----------
    images : ndarray, shape (..., H, W)
    kernels : ndarray, shape (..., kH, kW)
    lengths : (int, int)
        At least (H, W).

    Returns
    -------
    ndarray, shape (..., *lengths)
        A kernel that extends over the edge wraps around to the other side.

    Notes
    -----
    Page ``engines``. By the convolution theorem; the conjugate is there because kernels
    are not flipped.
    """
    product = np.fft.rfft2(images, lengths)
    product *= np.conj(np.fft.rfft2(kernels, lengths))
    return np.fft.irfft2(product, lengths)


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Depthwise convolution by FFT, image by image, a few channels at a time."""
    height, width = spec.axes
    inner_rows, inner_columns = (slice(axis.before, axis.before + axis.size) for axis in spec.axes)
    down, across = (slice(0, axis.output_size * axis.stride, axis.stride) for axis in spec.axes)
    lengths = fast_length(height.padded), fast_length(width.padded)
    result = np.empty(spec.output_shape, input.dtype)
    padded = np.zeros((BLOCK, height.padded, width.padded), input.dtype)
    blocks = range(0, spec.out_channels, BLOCK)
    for n, first in itertools.product(range(spec.batch), blocks):
        channels = slice(first, min(first + BLOCK, spec.out_channels))
        images = padded[: channels.stop - first]
        images[:, inner_rows, inner_columns] = input[n, channels]
        correlations = correlate_spectra(images, weight[channels, 0], lengths)
        result[n, channels] = correlations[:, down, across]
    if bias is not None:
        result += bias[:, np.newaxis, np.newaxis]
    if not finite(result):  # every frequency mixes all pixels
        return rows.compute(input, weight, bias, spec)
    return result


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds; infinite unless depthwise and without dilation."""
    if not spec.depthwise or spec.dilation != (1, 1):
        return math.inf
    pixels = math.prod(fast_length(axis.padded) for axis in spec.axes)
    return TILE + spec.batch * spec.out_channels * PIXEL * pixels


ENGINE = Engine("fourier", compute, cost, needs="2-D, groups = C_in = C_out, dilation 1")
