"""Ways to compute a convolution, one file each, and the choice of one.

All give what `conv_by_definition` gives, up to the order in which a sum is added up. They
are for float32 and float64, the dtypes in which NumPy multiplies matrices fast. Each file
has a ``compute``, and a ``cost`` that estimates what it takes; the lowest estimate is taken.
"""

from types import ModuleType

from convlib.engines import banded, columns, pointwise, rows, taps, view
from convlib.engines.problem import Problem

EXACT = (pointwise, columns, rows, taps, banded, view)

__all__ = ["EXACT", "Problem", "choose"]


def choose(problem: Problem, exact: bool = True) -> ModuleType:
    """Take the way with the lowest estimate; where one axis or three slide, most are closed."""
    return min(EXACT, key=lambda way: way.cost(problem))
