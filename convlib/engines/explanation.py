"""Which engine computes a call, and why."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from convlib import calls
from convlib.arguments import Array, Ints, Padding
from convlib.engines import choice
from convlib.engines.engine import Engine
from convlib.engines.reduction import Reduction, largest_sum, reduce
from convlib.tables import text_table


@dataclass(frozen=True, repr=False)
class Explanation:
    """The engine of a call, and why it is this one; what `explain` returns.

    Attributes
    ----------
    engine : str
        Name of the engine that is used.
    costs : dict of str to float
        Estimated nanoseconds of each engine, in the order of the table: the engine that is
        used, the others that could be, those that may not be, and those that cannot, whose cost
        is infinite.
    reason : str
        Why it is this one, in sentences.
    notes : dict of str to str
        For each engine, why it is used or not; empty if only its estimate is higher.
    """

    engine: str
    costs: dict[str, float]
    reason: str
    notes: dict[str, str]

    def __str__(self) -> str:
        """Return the reason, and a line for each engine."""
        rows = [("engine", "", "estimate, ms")]
        for name, cost in self.costs.items():
            rows.append((name, self.notes[name], f"{cost / 1e6:.3f}" if cost < math.inf else "-"))
        return f"{self.reason}\n{text_table(rows, left_columns=2)}"

    __repr__ = __str__


def explain(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
    *,
    exact: bool = True,
) -> Explanation:
    """Explain which engine computes a convolution, and what each is estimated to take.

    Nothing is convolved. Of floats and complex numbers only shapes and dtypes count; of
    integers the numbers are read, too, since the largest possible sum decides.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, *size) or (C_in, *size)
    weight : ndarray, shape (C_out, C_in // groups, *kernel_size)
        Its number of axes decides whether the call is one of `conv1d`, `conv2d` or `conv3d`.
    bias : ndarray, shape (C_out,), optional
    stride, padding, dilation, groups, exact
        As in `conv2d`; ``exact=False`` for images only.

    Returns
    -------
    Explanation
        Prints as a table. ``engine`` is the name of the engine, ``costs`` a dict with the
        estimated nanoseconds of each, infinite for those that cannot compute the call, ``reason``
        sentences, and ``notes`` a dict that says of each engine why it is not used.

    Raises
    ------
    ValueError, TypeError
        As `conv2d`, or ``weight`` has no 1, 2 or 3 axes for the kernel, or ``exact=False`` along
        1 or 3.

    Notes
    -----
    Chapter ``engines``. Estimates are those by which the engine is chosen: of one core with AVX2
    and OpenBLAS, the same on every computer. Only their ratios matter, and they may be wrong.
    ``direct`` is considered only where numba is installed (``convlib[fast]``).
    What depends on numbers is not foreseen: with an infinity or NaN in the weight, ``taps``
    leaves a layer with padding to ``einsum``; with one in the result, ``banded``, ``winograd`` and
    ``fourier`` leave all of it to ``rows`` or ``columns``.

    Examples
    --------
    >>> image, kernels = np.ones((1, 256, 56, 56)), np.ones((256, 256, 3, 3))
    >>> explain(image, kernels[..., :1, :1]).engine
    'pointwise'
    >>> explain(image, kernels, padding=1, exact=False).engine
    'winograd'
    """
    axes = getattr(weight, "ndim", 4) - 2
    if axes not in (1, 2, 3):
        raise ValueError(
            f"weight of shape {weight.shape} must have 3, 4 or 5 axes: "
            "(C_out, C_in / groups, *kernel_size)"
        )
    call = calls.read(axes, input, weight, bias, stride, padding, dilation, groups, exact)
    if axes != 2 and not exact:
        raise ValueError(f"exact=False is for conv2d; conv{axes}d has no approximate engines")
    arrays = np.asarray(input), np.asarray(weight), None if bias is None else np.asarray(bias)
    reduced = reduce(call.spec, call.dtype, call.exact, lambda: largest_sum(*arrays))
    first, *rest = choice.able(reduced.spec, reduced.exact, reduced.kind)
    costs = {each: each.cost(reduced.spec) for each in choice.EXACT + choice.APPROXIMATE}
    others = sorted(costs.keys() - {first, *rest}, key=lambda each: (costs[each], each.name))
    count = 1 + len(rest)
    why = f"has the lowest estimate of the {count} engines" if rest else "is the only engine"
    notes = {first.name: "lowest estimate" if rest else "the only one"}
    notes |= {each.name: "" for each in rest}
    notes |= {each.name: _note(each, costs[each], reduced) for each in others}
    return Explanation(
        engine=first.name,
        costs={each.name: costs[each] for each in (first, *rest, *others)},
        reason=f"{_reduction(call.dtype, reduced)}{first.name} {why} that can compute this call.",
        notes=notes,
    )


def _note(engine: Engine, cost: float, reduced: Reduction) -> str:
    """Say why an engine is not among those that compute a call."""
    if cost == math.inf:
        return f"needs {engine.needs}"
    if engine in choice.candidates(reduced.exact):
        return f"does not compute {reduced.numbers.dtype}"
    return "only conv2d of floats, with exact=False"


def _reduction(dtype: np.dtype[Any], reduced: Reduction) -> str:
    """Say how numbers of a dtype are computed, if not as they are."""
    numbers = reduced.numbers
    if numbers.parts == 2:
        return (
            f"{dtype} is computed as a real convolution with twice the channels, in "
            f"{numbers.dtype}. "
        )
    if numbers.dtype.kind == "i":
        return f"{dtype} is computed as it is: a sum may reach 2**53, too much for float64. "
    if dtype.kind == "i":
        return f"{dtype} is computed in {numbers.dtype}, exactly: every sum is below 2**53. "
    if numbers.dtype != dtype:
        return f"{dtype} is computed in {numbers.dtype}, and rounded once. "
    return ""
