"""Conformance: torch's own sample inputs, and the cases of onnx for its backends."""

import copy
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
import torch.nn.functional as F
from against_torch import DTYPES, compare, of_torch
from onnx import numpy_helper
from onnx.backend.test.case.node import _NodeTestCases, col2im, conv, convinteger, convtranspose

import convlib

SAMPLES = {  # how many samples torch has for each dtype, and how many invalid calls
    "conv1d": (10, 10),
    "conv2d": (30, 10),
    "conv3d": (20, 10),
    "conv_transpose1d": (10, 0),
    "conv_transpose2d": (12, 0),
    "conv_transpose3d": (10, 0),
    "unfold": (163, 0),
}


@pytest.fixture(scope="module")
def operators():
    """Return the operators with the sample inputs that torch tests them with; a slow import."""
    from torch.testing._internal.common_methods_invocations import op_db

    return {
        name: operator
        for operator in op_db
        for name in SAMPLES
        if operator.name.endswith(f"nn.functional.{name}")
    }


def rounded(value):
    """Round a tensor's numbers, so that sums are exact; return other values unchanged."""
    if not isinstance(value, torch.Tensor):
        return value
    return np.round(value.detach().numpy())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SAMPLES)
def test_torchs_own_samples_give_the_same_bytes(name, dtype, operators):
    operator, kind = operators[name], getattr(torch, dtype)
    if kind not in operator.supported_dtypes("cpu"):
        assert (name, dtype) == ("unfold", "int64")
        return
    outcomes = []
    for sample in operator.sample_inputs("cpu", kind, requires_grad=False):
        arrays = tuple(map(rounded, (sample.input, *sample.args)))
        theirs = of_torch(getattr(F, name))
        outcomes.append(compare(getattr(convlib, name), theirs, arrays, sample.kwargs))
    assert outcomes == ["equal"] * SAMPLES[name][0]


@pytest.mark.parametrize("name", SAMPLES)
def test_what_torch_must_reject_is_rejected(name, operators):
    operator = operators[name]
    outcomes = []
    for error in operator.error_inputs("cpu") if operator.error_inputs_func else ():
        sample = error.sample_input
        arrays = tuple(map(rounded, (sample.input, *sample.args)))
        theirs = of_torch(getattr(F, name))
        outcomes.append(compare(getattr(convlib, name), theirs, arrays, sample.kwargs))
    assert outcomes == ["refused"] * SAMPLES[name][1]


CASES = {
    case.name: case
    for module in (conv, convinteger, convtranspose, col2im)
    for case in _NodeTestCases
    if case.model.graph.node[0].op_type.lower() == module.__name__.rpartition(".")[2]
}
UNSUPPORTED = {}  # name of a case: which of its attributes convlib does not have


def test_onnx_has_the_cases_that_are_tested():
    kinds = [case.model.graph.node[0].op_type for case in CASES.values()]
    expected = {"Conv": 6, "ConvInteger": 2, "ConvTranspose": 11, "Col2Im": 5}
    assert {kind: kinds.count(kind) for kind in kinds} == expected
    assert UNSUPPORTED == {}


def run_node(node, arrays):
    """Compute a node of onnx with convlib; onnx pads before and after, separately for each axis."""
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    attributes.pop("kernel_shape", None)
    if node.op_type == "Col2Im":
        return col2im_node(*arrays, **attributes)
    if node.op_type == "ConvInteger":
        arrays = subtract_zero_points(*arrays)
    weight, axes = arrays[1], arrays[0].ndim - 2
    ones, nothing = [1] * axes, [0] * axes
    stride, dilation = attributes.pop("strides", ones), attributes.pop("dilations", ones)
    pads, auto = attributes.pop("pads", nothing * 2), attributes.pop("auto_pad", b"NOTSET")
    spans = convlib.reach(weight.shape[2:], dilation)
    run = conv_transpose_node if node.op_type == "ConvTranspose" else conv_node
    return run(axes, arrays, stride, dilation, pads, auto, spans, **attributes)


def subtract_zero_points(input, weight, zero, zeros=0):
    """Subtract the zero points, in int64, which does not wrap."""
    zeros = np.reshape(zeros, (-1, *[1] * (weight.ndim - 1))).astype(np.int64)
    return input.astype(np.int64) - zero, weight.astype(np.int64) - zeros


def split_padding(totals, auto):
    """Split paddings: the odd pixel after, as onnx's SAME_UPPER says, or before."""
    small, large = [total // 2 for total in totals], [total - total // 2 for total in totals]
    return small + large if auto == b"SAME_UPPER" else large + small


def conv_node(axes, arrays, stride, dilation, pads, auto, spans, group=1):
    input, *rest = arrays
    if auto != b"NOTSET":
        size = input.shape[2:]
        out = [-(-n // s) for n, s in zip(size, stride, strict=True)]
        needed = zip(out, stride, spans, size, strict=True)
        pads = split_padding([max(0, (m - 1) * s + r - n) for m, s, r, n in needed], auto)
    frame = tuple(zip(pads[:axes], pads[axes:], strict=True))
    function = {1: convlib.conv1d, 2: convlib.conv2d, 3: convlib.conv3d}[axes]
    framed = convlib.pad(input, frame)
    return function(framed, *rest, stride=stride, dilation=dilation, groups=group)


def conv_transpose_node(
    axes, arrays, stride, dilation, pads, auto, spans, group=1, output_padding=0, output_shape=None
):
    extra = list(np.broadcast_to(output_padding, axes))
    full_sizes = [
        (n - 1) * s + r for n, s, r in zip(arrays[0].shape[2:], stride, spans, strict=True)
    ]
    if auto != b"NOTSET":
        output_shape = np.multiply(arrays[0].shape[2:], stride)
    if output_shape is not None:
        extra = [max(0, m - n) for m, n in zip(output_shape, full_sizes, strict=True)]
        totals = [max(0, n - m) for m, n in zip(output_shape, full_sizes, strict=True)]
        pads = split_padding(totals, auto)
    function = {
        1: convlib.conv_transpose1d, 2: convlib.conv_transpose2d, 3: convlib.conv_transpose3d
    }[axes]  # fmt: skip
    extra = [int(entry) for entry in extra]
    input, weight, bias = arrays if len(arrays) == 3 else (*arrays, None)
    full = function(input, weight, bias, stride, 0, extra, group, dilation)
    cut = [
        slice(p, n - q) for p, q, n in zip(pads[:axes], pads[axes:], full.shape[2:], strict=True)
    ]
    return full[(..., *cut)]


def col2im_node(columns, size, kernel, pads=None, strides=1, dilations=1):
    axes = len(size)
    pads = pads or [0] * 2 * axes
    assert pads[:axes] == pads[axes:]
    positional = columns, size.tolist(), kernel.tolist(), dilations, pads[:axes], strides
    return convlib.fold(*positional)


@pytest.mark.parametrize("name", CASES)
def test_onnxs_cases_give_onnxs_results(name):
    case = CASES[name]
    (node,), ((arrays, (expected,)),) = case.model.graph.node, case.data_sets
    result = run_node(node, arrays)
    assert result.dtype == (np.int64 if node.op_type == "ConvInteger" else expected.dtype)
    assert np.array_equal(result, expected)


def test_onnxs_cases_catch_an_odd_pixel_on_the_wrong_side():
    case = CASES["test_convtranspose_autopad_same"]
    ((arrays, (expected,)),) = case.data_sets
    (node,) = copy.deepcopy(case.model).graph.node
    for attribute in node.attribute:
        if attribute.name == "auto_pad":
            attribute.s = b"SAME_LOWER"
    assert not np.array_equal(run_node(node, arrays), expected)


FOLDERS = {
    folder.name: folder
    for kind in ("pytorch-converted", "pytorch-operator")
    for folder in sorted((Path(onnx.__file__).parent / "backend/test/data" / kind).iterdir())
    if "conv" in folder.name.lower()
}


def test_onnx_contains_the_models_that_are_tested():
    assert len(FOLDERS) == 30


@pytest.mark.parametrize("name", FOLDERS)
def test_models_that_torch_exported_reproduce_its_results(name):
    graph = onnx.load(FOLDERS[name] / "model.onnx").graph
    read = FOLDERS[name] / "test_data_set_0"
    input, expected = (
        numpy_helper.to_array(onnx.load_tensor(read / file))
        for file in ("input_0.pb", "output_0.pb")
    )
    (node,) = graph.node
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    arrays = [input, *(weights[other] for other in node.input[1:])]
    result = run_node(node, arrays)
    assert result.shape == expected.shape
    terms = arrays[1].size // arrays[1].shape[0] + 1
    if node.op_type == "ConvTranspose":
        terms = arrays[1].size // arrays[1].shape[1] + 1
    bound = run_node(node, [np.abs(array).astype(float) for array in arrays])
    exact = run_node(node, [array.astype(float) for array in arrays])
    allowed = (terms + 8) * np.finfo(np.float32).eps * bound
    assert (np.abs(result - exact) <= allowed).all()
    assert (np.abs(expected - exact) <= allowed).all()
