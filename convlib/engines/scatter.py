"""Windows added up at their places, without a padded image: fold, and gradients of the input."""

import numpy as np

from convlib.arguments import Array
from convlib.engines.taps import valid_slices
from convlib.spec import ConvSpec


def add_windows(parts: Array, spec: ConvSpec, result: Array) -> None:
    """Add windows to the pixels that they read.

    Parameters
    ----------
    parts : ndarray, shape (..., *kernel_size, *output_size)
    spec : ConvSpec
    result : ndarray, shape (..., *size)
        Added to.
    """
    for tap in np.ndindex(*spec.kernel_size):
        slices = [valid_slices(spec, axis, i) for axis, i in enumerate(tap)]
        into, pixels = zip(*slices, strict=True)
        index = (..., *tap, *into)
        result[(..., *pixels)] += parts[index]


def take_windows(image: Array, spec: ConvSpec, result: Array) -> None:
    """Write the pixels of all windows, zero for padding, (..., *kernel_size, *output_size)."""
    for tap in np.ndindex(*spec.kernel_size):
        slices = [valid_slices(spec, axis, i) for axis, i in enumerate(tap)]
        into, pixels = zip(*slices, strict=True)
        part = result[(..., *tap, *[slice(None)] * len(tap))]
        if part[(..., *into)].size < part.size:
            part[...] = 0
        part[(..., *into)] = image[(..., *pixels)]
