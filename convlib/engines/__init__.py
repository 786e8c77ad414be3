"""Convolution engines, one algorithm per file, and the choice of the fastest.

The exact ones agree with `convlib.core.convolve` up to the order in which a sum is added.
`einsum` computes every dtype, the others float32 and float64, in which NumPy multiplies
matrices fast. The engine with the lowest estimated cost is chosen; `explain` shows why.
"""

from convlib.engines.choice import APPROXIMATE, EXACT, able, choose
from convlib.engines.engine import Engine
from convlib.engines.explanation import Explanation, explain

__all__ = ["APPROXIMATE", "EXACT", "Engine", "Explanation", "able", "choose", "explain"]
