"""Accumulation dtype, and a finiteness test."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from convlib.arguments import Array


def rounded_once(compute: Callable[..., Array]) -> Callable[..., Array]:
    """Accumulate float16 in float32 and round the result once; other dtypes are unchanged.

    Infinities and NaNs propagate as IEEE arithmetic says, without a warning. The first
    argument is an array and determines the dtype.

    Examples
    --------
    >>> half = np.full(3, 400, dtype=np.float16)
    >>> rounded_once(lambda x: x * x / 1000)(half)  # float16 ends at 65504
    array([160., 160., 160.], dtype=float16)
    """

    @functools.wraps(compute)
    def in_float32(*arguments: Any) -> Array:
        with np.errstate(all="ignore"):
            if arguments[0].dtype != np.float16:
                return compute(*arguments)
            wide = (x.astype(np.float32) if isinstance(x, np.ndarray) else x for x in arguments)
            return compute(*wide).astype(np.float16)

    return in_float32


def finite(array: Array) -> bool:
    """Whether all numbers are finite, in one pass.

    May return False for finite numbers whose squares overflow.

    Examples
    --------
    >>> finite(np.ones(3)), finite(np.array([1.0, np.inf, np.nan])), finite(np.array([1e200]))
    (True, False, False)
    """
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.vdot(array, array)))
