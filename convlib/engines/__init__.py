"""Ways to compute a convolution, one file each, and the choice of one.

The exact ones give what `conv_by_definition` gives, up to the order in which a sum is added
up. All are for float32 and float64, the dtypes in which NumPy multiplies matrices fast. Each
file has a ``compute``, and a ``cost`` that estimates what it takes; the lowest is taken.
"""

from types import ModuleType

from convlib.engines import banded, columns, fourier, pointwise, rows, taps, view, winograd
from convlib.problem import Problem

EXACT = (pointwise, columns, rows, taps, banded, view)
FEWER = (winograd, fourier)  # fewer multiplications than the definition, and larger errors

__all__ = ["EXACT", "FEWER", "choose"]


def choose(problem: Problem, exact: bool = True) -> ModuleType:
    """Take the way with the lowest estimate, among those that are open to the problem."""
    return min(EXACT if exact else EXACT + FEWER, key=lambda way: way.cost(problem))
