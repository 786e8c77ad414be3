"""Convolution by its definition: one einsum over the sliding windows, a strided view.

Nothing is copied but the padded input. Any dtype; the other engines need floats.
"""

import math
from functools import lru_cache
from types import EllipsisType
from typing import NamedTuple

import numpy as np

from convlib.arguments import Array
from convlib.engines.cost import PLAIN
from convlib.engines.engine import Engine
from convlib.spec import ConvSpec


class WindowPlan(NamedTuple):
    """Shapes and strides of the operands and the result of the einsum."""

    padded: tuple[int, ...]
    inside: tuple[EllipsisType | slice, ...]  # of the padded input: the input
    windows: tuple[int, ...]
    strides: tuple[int, ...]
    weight: tuple[int, ...]
    result: tuple[int, ...]
    bias: tuple[int, ...]
    subscripts: str


@lru_cache(maxsize=256)
def plan_windows(spec: ConvSpec, itemsize: int) -> WindowPlan:
    """Plan the view of all windows, whose strides are those of the padded input times steps.

    ``itemsize`` is that of the arrays, which the view depends on.
    """
    N, G, O, C = spec.batch, spec.groups, spec.group_outputs, spec.group_inputs
    padded = (N, G, C, *(axis.padded for axis in spec.axes))
    strides = [itemsize * math.prod(padded[axis + 1 :]) for axis in range(len(padded))]
    out, kernel, ijk = spec.output_size, spec.kernel_size, "ijk"[: len(spec.axes)]
    steps = (*spec.stride, *spec.dilation)  # no effect along an axis of length 1
    rules = zip(strides[3:] * 2, steps, (*out, *kernel), strict=True)
    window_strides = [stride * step if count > 1 else 0 for stride, step, count in rules]
    return WindowPlan(
        padded=(N, G * C, *padded[3:]),
        inside=(..., *(slice(axis.before, axis.before + axis.size) for axis in spec.axes)),
        windows=(N, G, C, *out, *kernel),
        strides=(*strides[:3], *window_strides),
        weight=(G, O, C, *kernel),
        result=spec.output_shape,
        bias=(G * O, *[1] * len(spec.axes)),
        subscripts=f"ngc...{ijk},goc{ijk}->ngo...",
    )


def view_windows(input: Array, plan: WindowPlan) -> Array:
    """View of all windows, (N, groups, C, *output_size, *kernel_size), of the padded input."""
    padded = np.ascontiguousarray(input)
    if padded.shape != plan.padded:
        padded = np.zeros(plan.padded, input.dtype)
        padded[plan.inside] = input
    return np.ndarray(plan.windows, input.dtype, padded, 0, plan.strides)


def compute(input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
    """Convolution by one einsum over the view of all windows."""
    plan = plan_windows(spec, input.itemsize)
    windows = view_windows(input, plan)
    sums = np.einsum(plan.subscripts, windows, weight.reshape(plan.weight))
    result: Array = sums.reshape(plan.result)
    if bias is not None:
        result += bias.reshape(plan.bias)
    return result


def cost(spec: ConvSpec) -> float:
    """Estimate nanoseconds."""
    return 5_000 + PLAIN * spec.macs


ENGINE = Engine("einsum", compute, cost)
