"""The functions that are measured: their arrays, and their arguments in the order of torch.

convlib has the same names and the same order, so one description serves both.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from convlib.spec import ConvSpec
from tools.bench.suite import Layer, Sizes, arguments

INTEGERS = 10  # integers are smaller than that

ARRAYS: dict[str, Callable[[ConvSpec], Sizes]] = {
    "input": lambda spec: spec.input_shape,
    "weight": lambda spec: spec.weight_shape,
    "bias": lambda spec: (spec.out_channels,),
    "output": lambda spec: spec.output_shape,
    "bias of input": lambda spec: (spec.in_channels,),  # of a transposed convolution
    "columns": lambda spec: (
        spec.batch,
        spec.in_channels * math.prod(spec.kernel_size),
        math.prod(spec.output_shape[2:]),
    ),
}


class Function(NamedTuple):
    """Names of the arrays that a function takes and returns, and the arguments of a call."""

    arrays: tuple[str, ...]
    result: str
    arguments: Callable[..., tuple[Any, ...]]  # of spec and arrays


def _convolution(spec, input, weight, bias):
    return input, weight, bias, *arguments(spec)


def _input_gradient(spec, weight, grad_output):
    return spec.input_shape, weight, grad_output, *arguments(spec)


def _weight_gradient(spec, input, grad_output):
    return input, spec.weight_shape, grad_output, *arguments(spec)


def _transposed(spec, input, weight, bias):
    stride, padding, dilation, groups = arguments(spec)
    return input, weight, bias, stride, padding, 0, groups, dilation


def _unfold(spec, input):
    stride, padding, dilation, _ = arguments(spec)
    return input, spec.kernel_size, dilation, padding, stride


def _fold(spec, columns):
    stride, padding, dilation, _ = arguments(spec)
    return columns, spec.size, spec.kernel_size, dilation, padding, stride


FUNCTIONS = {
    "unfold": Function(("input",), "columns", _unfold),
    "fold": Function(("columns",), "input", _fold),
}
for _axes in (1, 2, 3):
    FUNCTIONS |= {
        f"conv{_axes}d": Function(("input", "weight", "bias"), "output", _convolution),
        f"conv{_axes}d_input": Function(("weight", "output"), "input", _input_gradient),
        f"conv{_axes}d_weight": Function(("input", "output"), "weight", _weight_gradient),
        f"conv_transpose{_axes}d": Function(
            ("output", "weight", "bias of input"), "input", _transposed
        ),
    }


def shapes(layer: Layer) -> list[Sizes]:
    """Return the shapes of the arrays that the function of a layer takes."""
    return [ARRAYS[name](layer.spec) for name in FUNCTIONS[layer.function].arrays]


def result_shape(layer: Layer) -> Sizes:
    """Return the shape of the array that the function of a layer returns."""
    return ARRAYS[FUNCTIONS[layer.function].result](layer.spec)


def operands(layer: Layer, dtype: str) -> list[np.ndarray[Any, Any]]:
    """Generate the arrays of a layer, the same in every process."""
    rng = np.random.default_rng(0)
    kind = np.dtype(layer.dtype or dtype)
    arrays = []
    for shape in shapes(layer):
        if kind.kind == "i":
            array = rng.integers(1 - INTEGERS, INTEGERS, shape)
        else:
            array = rng.standard_normal(shape)
        if kind.kind == "c":
            array = array + 1j * rng.standard_normal(shape)
        arrays.append(array.astype(kind))
    return arrays


def count_elements(layer: Layer) -> int:
    """Count the elements of the arrays of a layer and of its result."""
    return sum(map(math.prod, (*shapes(layer), result_shape(layer))))


def count_macs(layer: Layer) -> int:
    """Count the MACs of a layer; `unfold` and `fold` multiply nothing."""
    return 0 if layer.function in ("unfold", "fold") else layer.spec.macs
