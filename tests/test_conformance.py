"""Judges who never saw convlib: torch's own sample inputs, and the cases of the ONNX standard."""

import warnings
from collections import Counter
from functools import cache

import numpy as np
import pytest
import torch

import convlib

with warnings.catch_warnings():  # neither is ours to mend
    warnings.simplefilter("ignore")
    import onnx
    from onnx.backend.test.case.node import collect_testcases
    from torch.testing._internal.common_methods_invocations import op_db

FUNCTIONS = [f"conv{axes}d" for axes in (1, 2, 3)]
FUNCTIONS += [f"conv_transpose{axes}d" for axes in (1, 2, 3)]
FUNCTIONS += ["unfold"]  # torch lists no samples for fold; ONNX does
OF_TORCH = {op.name.rpartition(".")[2]: op for op in op_db if op.name.startswith("nn.functional.")}
DTYPES = [torch.float16, torch.float32, torch.float64, torch.int64]
DTYPES += [torch.complex64, torch.complex128]

# How many samples torch has for each function: fewer would be a test that stopped testing.
SAMPLES = dict(zip(FUNCTIONS, (10, 30, 20, 10, 12, 10, 163), strict=True))


def whole(tensor):
    """Round to integers, which are exact in any order of summation."""
    return torch.tensor(np.rint(tensor.numpy())) if isinstance(tensor, torch.Tensor) else tensor


def arrays(sample):
    """Give the arguments of a sample to NumPy."""
    given = [sample.input, *sample.args]
    return [item.numpy() if isinstance(item, torch.Tensor) else item for item in given]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_equals_torch_on_torchs_own_samples(name, dtype):
    op, ours = OF_TORCH[name], getattr(convlib, name)
    if dtype not in op.supported_dtypes("cpu"):
        assert name == "unfold"
        assert dtype == torch.int64
        return
    samples = [sample.transform(whole) for sample in op.sample_inputs("cpu", dtype)]
    assert len(samples) == SAMPLES[name]
    for sample in samples:
        wanted = op(sample.input, *sample.args, **sample.kwargs).numpy()
        result = ours(*arrays(sample), **sample.kwargs)
        assert result.dtype == wanted.dtype
        assert np.array_equal(result, wanted), sample


@pytest.mark.parametrize("name", FUNCTIONS[:3])
def test_refuses_what_torch_lists_as_errors(name):
    errors = list(OF_TORCH[name].error_inputs("cpu"))
    assert len(errors) == 10
    for error in errors:
        sample = error.sample_input
        with pytest.raises(error.error_type, match=error.error_regex):
            OF_TORCH[name](sample.input, *sample.args, **sample.kwargs)
        with pytest.raises((ValueError, TypeError)):
            getattr(convlib, name)(*arrays(sample), **sample.kwargs)


@cache
def cases_of_onnx():
    """Collect the single-node cases of the operators that convlib has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        everything = collect_testcases(None)
    known = {}
    for case in everything:
        nodes = case.model.graph.node if case.model else []
        if len(nodes) == 1 and nodes[0].op_type in BY_CONVLIB:
            known[case.name] = nodes[0], *case.data_sets[0]
    return known


def attributes(node, axes):
    """Read what a node says of its windows, and what it leaves to the standard."""
    said = {entry.name: onnx.helper.get_attribute_value(entry) for entry in node.attribute}
    pads = said.get("pads", [0] * 2 * axes)
    return {
        "stride": tuple(said.get("strides", [1] * axes)),
        "dilation": tuple(said.get("dilations", [1] * axes)),
        "groups": said.get("group", 1),
        "frame": tuple(zip(pads[:axes], pads[axes:], strict=True)),
        "auto_pad": said.get("auto_pad", b"NOTSET").decode(),
        "output_padding": tuple(said.get("output_padding", [0] * axes)),
        "output_shape": said.get("output_shape"),
    }


def halves(totals, auto_pad):
    """Split each total; an odd pixel comes before under SAME_LOWER, after under SAME_UPPER."""
    small = [(total // 2, total - total // 2) for total in totals]
    return [pair[::-1] for pair in small] if auto_pad == "SAME_LOWER" else small


def conv(node, input, weight, bias=None):
    """Frame by `pad`, which takes each side by itself, then slide."""
    axes = input.ndim - 2
    said = attributes(node, axes)
    frame = said["frame"]
    if said["auto_pad"] != "NOTSET":
        sizes = zip(
            input.shape[2:], weight.shape[2:], said["stride"], said["dilation"], strict=True
        )
        totals = [
            max((-(-size // step) - 1) * step + convlib.reach(taps, hole) - size, 0)
            for size, taps, step, hole in sizes
        ]
        frame = halves(totals, said["auto_pad"])
    framed = convlib.pad(input, frame)
    slide = getattr(convlib, f"conv{axes}d")
    return slide(framed, weight, bias, said["stride"], 0, said["dilation"], said["groups"])


def conv_integer(node, input, weight, zero, zeros=0):
    """Subtract the points that stand for zero, then slide in int64, which does not wrap."""
    zeros = np.reshape(zeros, (-1, *[1] * (weight.ndim - 1))).astype(np.int64)
    return conv(node, input.astype(np.int64) - zero, weight.astype(np.int64) - zeros)


def conv_transpose(node, input, weight, bias=None):
    """Lay out without padding, then cut each side by itself."""
    axes = input.ndim - 2
    said = attributes(node, axes)
    steps = {"stride": said["stride"], "dilation": said["dilation"]}
    full = convlib.transposed_size(input.shape[2:], weight.shape[2:], **steps)
    wanted, extra, frame = said["output_shape"], said["output_padding"], said["frame"]
    if said["auto_pad"] != "NOTSET":
        wanted = np.multiply(input.shape[2:], said["stride"])
    if wanted is not None:
        missing = np.subtract(full, wanted)
        extra = tuple(int(total) for total in np.maximum(-missing, 0))
        frame = halves(np.maximum(missing, 0).tolist(), said["auto_pad"])
    lay = getattr(convlib, f"conv_transpose{axes}d")
    laid = lay(input, weight, bias, output_padding=extra, groups=said["groups"], **steps)
    sizes = zip(frame, laid.shape[2:], strict=True)
    return laid[(..., *[slice(before, size - after) for (before, after), size in sizes])]


def col2im(node, columns, image_shape, block_shape):
    """Fold, along as many axes as the shapes have."""
    said = attributes(node, len(image_shape))
    size, kernel_size = (tuple(map(int, shape)) for shape in (image_shape, block_shape))
    padding = tuple(before for before, _ in said["frame"])
    assert said["frame"] == tuple(zip(padding, padding, strict=True))
    return convlib.fold(columns, size, kernel_size, said["dilation"], padding, said["stride"])


BY_CONVLIB = {
    "Conv": conv,
    "ConvInteger": conv_integer,
    "ConvTranspose": conv_transpose,
    "Col2Im": col2im,
}


def test_every_case_of_onnx_comes_out():
    cases = cases_of_onnx()
    found = Counter(node.op_type for node, _, _ in cases.values())
    assert found == {"Conv": 6, "ConvInteger": 2, "ConvTranspose": 11, "Col2Im": 5}
    for name, (node, inputs, (wanted,)) in cases.items():
        result = BY_CONVLIB[node.op_type](node, *inputs)
        assert result.shape == wanted.shape, name
        assert np.array_equal(result, wanted), name
