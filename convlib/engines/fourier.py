"""Large kernels: products of spectra in place of sums of products, and what that blurs."""

import itertools
import math

import numpy as np

from convlib.checks import Array
from convlib.engines import rows
from convlib.engines.cost import TILE
from convlib.precision import finite
from convlib.problem import Problem

AT_ONCE = 8  # channels: one by one they take half as long again


def fast_length(least: int) -> int:
    """Find the next length without prime factors but 2, 3 and 5: it divides a power of 30."""
    return next(length for length in itertools.count(least) if pow(30, length, length) == 0)


def correlate_spectra(images: Array, kernels: Array, lengths: tuple[int, int]) -> Array:
    """Slide each kernel over its image, to all places at once.

    Parameters
    ----------
    images : ndarray, shape (..., H, W)
    kernels : ndarray, shape (..., kH, kW)
    lengths : (int, int)
        At least (H, W).

    Returns
    -------
    ndarray, shape (..., *lengths)
        A kernel that hangs over the edge comes in again on the other side.

    Notes
    -----
    Chapter ``09-speed``. After the convolution theorem; the conjugate is there because
    kernels are not flipped.
    """
    product = np.fft.rfft2(images, lengths)
    product *= np.conj(np.fft.rfft2(kernels, lengths))
    return np.fft.irfft2(product, lengths)


def compute(input: Array, weight: Array, bias: Array | None, problem: Problem) -> Array:
    """Make the output image by image, a few channels at a time."""
    (top, bottom), (left, right) = problem.frame
    (H, W), (H_out, W_out) = problem.size, problem.output_size
    down, across = problem.stride
    lengths = fast_length(top + H + bottom), fast_length(left + W + right)
    result = np.empty((len(input), len(weight), H_out, W_out), input.dtype)
    framed = np.zeros((AT_ONCE, top + H + bottom, left + W + right), input.dtype)
    for n, first in itertools.product(range(len(input)), range(0, len(weight), AT_ONCE)):
        some = slice(first, min(first + AT_ONCE, len(weight)))
        images = framed[: some.stop - first]
        images[:, top : top + H, left : left + W] = input[n, some]
        every = correlate_spectra(images, weight[some, 0], lengths)
        result[n, some] = every[:, : H_out * down : down, : W_out * across : across]
    if bias is not None:
        result += bias[:, np.newaxis, np.newaxis]
    if not finite(result):  # a spectrum spreads what is not
        return rows.compute(input, weight, bias, problem)
    return result


def cost(problem: Problem) -> float:
    """Estimate nanoseconds; infinite where the way is not open."""
    if not problem.depthwise or problem.dilation != (1, 1):
        return math.inf
    sizes = zip(problem.size, problem.frame, strict=True)
    pixels = math.prod(fast_length(size + sum(frame)) for size, frame in sizes)
    return TILE + problem.batch * problem.out_channels * 14 * pixels
