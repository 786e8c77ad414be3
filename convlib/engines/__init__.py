"""Convolution engines, one algorithm per file, and the choice of the fastest.

The exact ones agree with `convlib.core.convolve` up to the order in which a sum is added.
`einsum` computes every dtype, the others float32 and float64, in which NumPy multiplies
matrices fast. The engine with the lowest estimated cost is chosen.
"""

import math

from convlib.engines import banded, columns, einsum, fourier, pointwise, rows, taps, winograd
from convlib.engines.engine import Engine
from convlib.spec import ConvSpec

EXACT = (
    pointwise.ENGINE,
    columns.ENGINE,
    rows.ENGINE,
    taps.ENGINE,
    banded.ENGINE,
    einsum.ENGINE,
)
APPROXIMATE = (winograd.ENGINE, fourier.ENGINE)  # fewer multiplications, larger errors

__all__ = ["APPROXIMATE", "EXACT", "Engine", "able", "choose"]


def able(spec: ConvSpec, exact: bool = True) -> tuple[Engine, ...]:
    """Engines that can compute a spec, the one with the lowest estimated cost first.

    Examples
    --------
    >>> tiny = ConvSpec.of((1, 1, 5, 5), (1, 1, 2, 2))
    >>> [engine.name for engine in able(tiny)]
    ['einsum', 'columns', 'rows', 'banded', 'taps']
    """
    estimates = [(engine.cost(spec), engine) for engine in EXACT + (() if exact else APPROXIMATE)]
    possible = [(cost, engine) for cost, engine in estimates if cost < math.inf]
    return tuple(engine for _, engine in sorted(possible, key=lambda pair: pair[0]))


def choose(spec: ConvSpec, exact: bool = True) -> Engine:
    """Engine with the lowest estimated cost among those that can compute a spec."""
    return able(spec, exact)[0]
