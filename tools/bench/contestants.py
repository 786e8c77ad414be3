"""One adapter per library, all with the same signature.

An adapter takes input, weight and bias, the layer's spec and the number of threads, and
returns a function without arguments that computes the layer, or None if the library cannot.
Whatever can be prepared once is prepared before it returns.
"""

import math

import numpy as np

import convlib
from tools.bench.suite import arguments

REFERENCE_MACS = 2e8  # onnx.reference takes minutes for more


def by_torch(input, weight, bias, spec, threads):
    """Call torch.nn.functional.conv2d, the reference for results and ratios."""
    import torch

    torch.set_num_threads(threads)
    tensors = [torch.from_numpy(array) for array in (input, weight, bias)]
    operands = *tensors, *arguments(spec)
    return lambda: torch.nn.functional.conv2d(*operands)


def by_convlib(input, weight, bias, spec, threads):
    """Call convlib.conv2d with its defaults."""
    operands = input, weight, bias, *arguments(spec)
    return lambda: convlib.conv2d(*operands)


def by_convlib_inexact(input, weight, bias, spec, threads):
    """Call convlib.conv2d with ``exact=False``, which allows additional rounding."""
    operands = input, weight, bias, *arguments(spec)
    return lambda: convlib.conv2d(*operands, exact=False)


def by_onnxruntime(input, weight, bias, spec, threads):
    """Run an ONNX model of one Conv in an inference session, which takes only float32."""
    import onnxruntime

    if input.dtype != np.float32:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    model = _model(input, weight, bias, spec).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    return lambda: session.run(None, {"input": input})[0]


def by_onnx_reference(input, weight, bias, spec, threads):
    """Run the same model in ONNX's reference evaluator, which fills a dilated kernel with zeros."""
    from onnx.reference import ReferenceEvaluator

    filled = math.prod(convlib.reach(spec.kernel_size, spec.dilation))
    if spec.macs / math.prod(spec.kernel_size) * filled > REFERENCE_MACS:
        return None
    session = ReferenceEvaluator(_model(input, weight, bias, spec))
    return lambda: session.run(None, {"input": input})[0]


def by_mygrad(input, weight, bias, spec, threads):
    """Call mygrad's conv_nd: no groups, and windows must cover the image without remainder."""
    import mygrad
    from mygrad.nnet.layers import conv_nd

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


def by_im2col(input, weight, bias, spec, threads):
    """Copy the windows to a patch matrix and multiply: the textbook im2col."""
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


def _model(input, weight, bias, spec):
    """Build an ONNX model of one Conv with constant weight and bias."""
    from onnx import helper, numpy_helper

    stride, padding, dilation, groups = arguments(spec)
    kind = helper.np_dtype_to_tensor_dtype(input.dtype)
    node = helper.make_node(
        "Conv",
        ["input", "weight", "bias"],
        ["output"],
        kernel_shape=spec.kernel_size,
        strides=stride,
        pads=padding * 2,
        dilations=dilation,
        group=groups,
    )
    graph = helper.make_graph(
        [node],
        "layer",
        [helper.make_tensor_value_info("input", kind, input.shape)],
        [helper.make_tensor_value_info("output", kind, spec.output_shape)],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


CONTESTANTS = {
    "torch": by_torch,
    "convlib": by_convlib,
    "convlib exact=False": by_convlib_inexact,
    "onnxruntime": by_onnxruntime,
    "mygrad": by_mygrad,
    "im2col": by_im2col,
    "onnx.reference": by_onnx_reference,
}
