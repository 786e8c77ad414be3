"""Inputs and weights: small integers, the same for every framework."""

import numpy as np


def integers(*shape, seed=0):
    """Return float32 integers from -4 to 4."""
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(np.float32)


IMAGE = integers(1, 6, 6, 2)  # N, H, W, C
DEEP_IMAGE = integers(1, 6, 6, 4)
SERIES = integers(1, 8, 1)  # N, L, C
SMALL = integers(1, 3, 3, 2)
KERNEL = integers(3, 3, 2, 3, seed=1)  # H, W, I, O
SMALL_KERNEL = integers(3, 3, 2, 2, seed=1)  # as many channels in as out
GROUPED_KERNEL = integers(3, 3, 2, 4, seed=1)
EVEN_KERNEL = integers(4, 4, 2, 3, seed=1)
SERIES_KERNEL = integers(4, 1, 1, seed=1)  # L, I, O
DENSE = integers(18, 4, seed=1)  # SMALL flattened, out
VALUES = np.array([2, 6, 10, 14], np.float32).reshape(4, 1, 1, 1)  # mean 8, variance 20
