"""One adapter per library, all with the same signature, and the contestants that use them.

An adapter takes a layer, its arrays in the order of its function, and the number of threads. It
returns a function without arguments that computes the layer, or None if the library cannot.
Whatever can be prepared once is prepared before it returns.
"""

import math
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

import convlib
from tools.bench.functions import FUNCTIONS, result_shape
from tools.bench.litert import by_litert
from tools.bench.suite import arguments

REFERENCE_MACS = 2e8  # onnx.reference takes minutes for more


def by_torch(layer, arrays, threads):
    """Call torch's function of the same name, the reference for results and ratios."""
    import torch

    torch.set_num_threads(threads)
    module = torch.nn.functional
    if not hasattr(module, layer.function):
        module = torch.nn.grad
    call = getattr(module, layer.function)
    tensors = [torch.from_numpy(array) for array in arrays]
    given = FUNCTIONS[layer.function].arguments(layer.spec, *tensors)
    return lambda: call(*given)


def by_convlib(layer, arrays, threads):
    """Call convlib's function with its defaults."""
    call = getattr(convlib, layer.function)
    given = FUNCTIONS[layer.function].arguments(layer.spec, *arrays)
    return lambda: call(*given)


def by_convlib_inexact(layer, arrays, threads):
    """Call convlib.conv2d with ``exact=False``, which allows additional rounding."""
    if layer.function != "conv2d":
        return None
    given = FUNCTIONS[layer.function].arguments(layer.spec, *arrays)
    return lambda: convlib.conv2d(*given, exact=False)


def by_onnxruntime(layer, arrays, threads):
    """Run an ONNX model of one node in an inference session, which takes only float32."""
    import onnxruntime

    if _operator(layer) is None or arrays[0].dtype != np.float32:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    model = _model(layer, *arrays).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    return lambda: session.run(None, {"input": arrays[0]})[0]


def by_onnx_reference(layer, arrays, threads):
    """Run the same model in ONNX's reference evaluator, which fills a dilated kernel with zeros."""
    from onnx.reference import ReferenceEvaluator

    spec = layer.spec
    if layer.function != "conv2d":
        return None
    filled = math.prod(convlib.reach(spec.kernel_size, spec.dilation))
    if spec.macs / math.prod(spec.kernel_size) * filled > REFERENCE_MACS:
        return None
    session = ReferenceEvaluator(_model(layer, *arrays))
    return lambda: session.run(None, {"input": arrays[0]})[0]


def by_mygrad(layer, arrays, threads):
    """Call mygrad's conv_nd: no groups, and windows must cover the image without remainder."""
    import mygrad
    from mygrad.nnet.layers import conv_nd

    if layer.function != "conv2d":
        return None
    spec, (input, weight, bias) = layer.spec, arrays
    stride, padding, dilation, groups = arguments(spec)
    reach = convlib.reach(spec.kernel_size, dilation)
    steps = (n + 2 * p - r for n, p, r in zip(spec.size, padding, reach, strict=True))
    if groups > 1 or any(n % s for n, s in zip(steps, stride, strict=True)):
        return None
    geometry = {"stride": stride, "padding": padding, "dilation": dilation}

    def call():
        with mygrad.no_autodiff:
            return conv_nd(input, weight, **geometry).data + bias[:, None, None]

    return call


def by_im2col(layer, arrays, threads):
    """Copy the windows to a patch matrix and multiply: the textbook im2col."""
    if layer.function != "conv2d":
        return None
    spec, (input, weight, bias) = layer.spec, arrays
    (sH, sW), (pH, pW), (dH, dW), groups = arguments(spec)
    reach = convlib.reach(spec.kernel_size, spec.dilation)
    kernels = weight.reshape(groups, spec.out_channels // groups, -1)

    def call():
        padded = np.pad(input, ((0, 0), (0, 0), (pH, pH), (pW, pW)))
        view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))
        view = view[:, :, ::sH, ::sW, ::dH, ::dW].transpose(0, 1, 4, 5, 2, 3)  # N C kH kW H W
        result = np.empty((spec.batch, *kernels.shape[:2], *spec.output_shape[2:]), input.dtype)
        for image, out in zip(view, result, strict=True):
            for patches, kernel, plane in zip(np.split(image, groups), kernels, out, strict=True):
                columns = patches.reshape(kernel.shape[1], -1)  # C*kH*kW, H*W
                plane[:] = (kernel @ columns).reshape(plane.shape)
        return result.reshape(spec.output_shape) + bias[:, None, None]

    return call


def _operator(layer):
    """Return ONNX's operator for the function of a layer, or None."""
    if layer.function.startswith("conv_transpose"):
        return "ConvTranspose"
    return "Conv" if layer.function in ("conv1d", "conv2d", "conv3d") else None


def _model(layer, input, weight, bias):
    """Build an ONNX model of one node with constant weight and bias."""
    from onnx import helper, numpy_helper

    stride, padding, dilation, groups = arguments(layer.spec)
    kind = helper.np_dtype_to_tensor_dtype(input.dtype)
    node = helper.make_node(
        _operator(layer),
        ["input", "weight", "bias"],
        ["output"],
        kernel_shape=layer.spec.kernel_size,
        strides=stride,
        pads=padding * 2,
        dilations=dilation,
        group=groups,
    )
    graph = helper.make_graph(
        [node],
        "layer",
        [helper.make_tensor_value_info("input", kind, input.shape)],
        [helper.make_tensor_value_info("output", kind, result_shape(layer))],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


class Contestant(NamedTuple):
    """An adapter, the environment of its process, and the package without which it is left out.

    A variable that is None is removed from the environment.
    """

    adapter: Callable[..., Any]
    environment: Mapping[str, str | None] = MappingProxyType({})
    requires: str | None = None


NUMPY_ONLY, COMPILED = {"CONVLIB_NUMBA": "0"}, {"CONVLIB_NUMBA": None}
CONTESTANTS = {
    "torch": Contestant(by_torch),
    "convlib": Contestant(by_convlib, NUMPY_ONLY),
    "convlib, numba": Contestant(by_convlib, COMPILED, "numba"),
    "convlib exact=False": Contestant(by_convlib_inexact, NUMPY_ONLY),
    "convlib exact=False, numba": Contestant(by_convlib_inexact, COMPILED, "numba"),
    "onnxruntime": Contestant(by_onnxruntime),
    "LiteRT": Contestant(by_litert, requires="ai_edge_litert"),
    "mygrad": Contestant(by_mygrad),
    "im2col": Contestant(by_im2col),
    "onnx.reference": Contestant(by_onnx_reference),
}
OURS = tuple(name for name in CONTESTANTS if name.startswith("convlib"))
SIMPLE = "mygrad", "im2col", "onnx.reference"  # they use one thread but for matrix products


def taking_part(suite, threads):
    """Return the names of the contestants that are installed and measured on a suite."""
    return [
        name
        for name, contestant in CONTESTANTS.items()
        if (contestant.requires is None or find_spec(contestant.requires))
        and (name not in SIMPLE or (suite == "conv2d" and threads == 1))
        and (suite != "functions" or contestant.adapter is not by_convlib_inexact)
    ]
