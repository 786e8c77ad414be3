"""The choice of an engine: the lowest estimated cost among those that can compute a spec."""

import math

from convlib.engines import (
    banded,
    columns,
    direct,
    einsum,
    fourier,
    pointwise,
    rows,
    taps,
    winograd,
)
from convlib.engines.engine import Engine
from convlib.spec import ConvSpec

EXACT = (
    pointwise.ENGINE,
    columns.ENGINE,
    rows.ENGINE,
    taps.ENGINE,
    banded.ENGINE,
    direct.ENGINE,
    einsum.ENGINE,
)
APPROXIMATE = (winograd.ENGINE, fourier.ENGINE)  # fewer multiplications, larger errors


def candidates(exact: bool = True, kind: str = "f") -> tuple[Engine, ...]:
    """Engines that may compute numbers of a kind of dtype: "f", floats, or "i", integers.

    Examples
    --------
    >>> [engine.name for engine in candidates(kind="i")]
    ['einsum']
    """
    if kind != "f":
        return (einsum.ENGINE,)
    return EXACT + (() if exact else APPROXIMATE)


def able(spec: ConvSpec, exact: bool = True, kind: str = "f") -> tuple[Engine, ...]:
    """Engines that can compute a spec, the one with the lowest estimated cost first.

    Examples
    --------
    >>> tiny = ConvSpec.of((1, 2, 5, 5), (1, 2, 2, 2))
    >>> able(tiny)[0].name
    'einsum'
    """
    estimates = [(engine.cost(spec), engine) for engine in candidates(exact, kind)]
    possible = [(cost, engine) for cost, engine in estimates if cost < math.inf]
    return tuple(engine for _, engine in sorted(possible, key=lambda pair: pair[0]))


def choose(spec: ConvSpec, exact: bool = True, kind: str = "f") -> Engine:
    """Engine with the lowest estimated cost among those that can compute a spec."""
    return able(spec, exact, kind)[0]
