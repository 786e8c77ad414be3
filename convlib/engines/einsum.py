"""The definition, bare: no copy but the frame, and one sum over the view of all windows."""

import math
from functools import lru_cache
from types import EllipsisType
from typing import NamedTuple

import numpy as np

from convlib.checks import Array
from convlib.engines.cost import PLAIN
from convlib.problem import Problem


class Layout(NamedTuple):
    """Shapes and strides of what one sum reads and gives."""

    framed: tuple[int, ...]
    inside: tuple[EllipsisType | slice, ...]
    windows: tuple[int, ...]
    strides: tuple[int, ...]
    bank: tuple[int, ...]
    result: tuple[int, ...]
    bias: tuple[int, ...]
    sum: str


@lru_cache(maxsize=256)
def layout(problem: Problem) -> Layout:
    """Plan the view: its strides are those of the framed image, times stride and dilation."""
    N, G, O, C = problem.batch, problem.groups, problem.group_outputs, problem.group_inputs
    sides = list(zip(problem.size, problem.frame, strict=True))
    framed = (N, G, C, *(before + size + after for size, (before, after) in sides))
    strides = [problem.itemsize * math.prod(framed[axis + 1 :]) for axis in range(len(framed))]
    out, kernel, ijk = problem.output_size, problem.kernel_size, "ijk"[: len(sides)]
    moves = (*problem.stride, *problem.dilation)  # without effect where there is one place
    places = zip(strides[3:] * 2, moves, (*out, *kernel), strict=True)
    apart = [at * move if count > 1 else 0 for at, move, count in places]
    return Layout(
        framed=(N, G * C, *framed[3:]),
        inside=(..., *(slice(before, before + size) for size, (before, _) in sides)),
        windows=(N, G, C, *out, *kernel),
        strides=(*strides[:3], *apart),
        bank=(G, O, C, *kernel),
        result=(N, G * O, *out),
        bias=(G * O, *[1] * len(sides)),
        sum=f"ngc...{ijk},goc{ijk}->ngo...",
    )


def compute(input: Array, weight: Array, bias: Array | None, problem: Problem) -> Array:
    """Sum over all windows at once."""
    plan = layout(problem)
    framed = np.ascontiguousarray(input)
    if framed.shape != plan.framed:
        framed = np.zeros(plan.framed, input.dtype)
        framed[plan.inside] = input
    windows: Array = np.ndarray(plan.windows, input.dtype, framed, 0, plan.strides)
    sums = np.einsum(plan.sum, windows, weight.reshape(plan.bank))
    result: Array = sums.reshape(plan.result)
    if bias is not None:
        result += bias.reshape(plan.bias)
    return result


def cost(problem: Problem) -> float:
    """Estimate nanoseconds."""
    return 5_000 + PLAIN * problem.macs
