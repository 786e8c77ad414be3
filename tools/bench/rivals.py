"""The contestants, in parallel form.

Each is given the arrays and the layer and returns a call without arguments that computes it;
None where it cannot do the layer. What it may prepare once, it prepares before it returns.
"""

import math
import os

import numpy as np

import convlib

THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))
REFERENCE_MACS = 2e8  # onnx.reference takes minutes for more


def by_torch(input, weight, bias, layer):
    """Call torch.nn.functional.conv2d, the measure of all others."""
    import torch

    arrays = [torch.from_numpy(array) for array in (input, weight, bias)]
    return lambda: torch.nn.functional.conv2d(*arrays, *layer.arguments)


def by_convlib(input, weight, bias, layer):
    """Call convlib as everybody calls it."""
    return lambda: convlib.conv2d(input, weight, bias, *layer.arguments)


def by_convlib_inexact(input, weight, bias, layer):
    """Call convlib with leave to round more than the sums do."""
    return lambda: convlib.conv2d(input, weight, bias, *layer.arguments, exact=False)


def by_onnxruntime(input, weight, bias, layer):
    """Run a prepared model of one node; its Conv knows float32 alone."""
    import onnxruntime

    if input.dtype != np.float32:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    model = _model(input, weight, bias, layer).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    return lambda: session.run(None, {"input": input})[0]


def by_onnx_reference(input, weight, bias, layer):
    """Run the same model by ONNX's own definition, to which a dilated kernel is one with zeros."""
    from onnx.reference import ReferenceEvaluator

    spread = math.prod(convlib.reach(layer.kernel_size, layer.dilation))
    if layer.macs / math.prod(layer.kernel_size) * spread > REFERENCE_MACS:
        return None
    session = ReferenceEvaluator(_model(input, weight, bias, layer))
    return lambda: session.run(None, {"input": input})[0]


def by_mygrad(input, weight, bias, layer):
    """Call mygrad's conv_nd, which knows no groups and wants windows that use up the image."""
    import mygrad
    from mygrad.nnet.layers import conv_nd

    used = convlib.reach(layer.kernel_size, layer.dilation)
    free = (n + 2 * p - r for n, p, r in zip(layer.size, layer.padding, used, strict=True))
    if layer.groups > 1 or any(n % s for n, s in zip(free, layer.stride, strict=True)):
        return None
    geometry = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}

    def call():
        with mygrad.no_autodiff:
            return conv_nd(input, weight, **geometry).data + bias[:, None, None]

    return call


def by_im2col(input, weight, bias, layer):
    """Copy the windows to a patch matrix and multiply: what textbooks teach."""
    (sH, sW), (pH, pW), (dH, dW), groups = layer.arguments
    reach = convlib.reach(layer.kernel_size, layer.dilation)
    kernels = weight.reshape(groups, layer.out_channels // groups, -1)

    def call():
        padded = np.pad(input, ((0, 0), (0, 0), (pH, pH), (pW, pW)))
        view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))
        view = view[:, :, ::sH, ::sW, ::dH, ::dW].transpose(0, 1, 4, 5, 2, 3)  # N C kH kW H W
        result = np.empty((layer.batch, *kernels.shape[:2], *layer.output[2:]), input.dtype)
        for image, out in zip(view, result, strict=True):
            for patches, kernel, plane in zip(np.split(image, groups), kernels, out, strict=True):
                columns = patches.reshape(kernel.shape[1], -1)  # C*kH*kW, H*W
                plane[:] = (kernel @ columns).reshape(plane.shape)
        return result.reshape(layer.output) + bias[:, None, None]

    return call


def _model(input, weight, bias, layer):
    """Build an ONNX model of one Conv whose weight and bias are fixed."""
    from onnx import helper, numpy_helper

    kind = helper.np_dtype_to_tensor_dtype(input.dtype)
    node = helper.make_node(
        "Conv",
        ["input", "weight", "bias"],
        ["output"],
        kernel_shape=layer.kernel_size,
        strides=layer.stride,
        pads=layer.padding * 2,
        dilations=layer.dilation,
        group=layer.groups,
    )
    graph = helper.make_graph(
        [node],
        "layer",
        [helper.make_tensor_value_info("input", kind, layer.input)],
        [helper.make_tensor_value_info("output", kind, layer.output)],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


RIVALS = {
    "torch": by_torch,
    "convlib": by_convlib,
    "convlib exact=False": by_convlib_inexact,
    "onnxruntime": by_onnxruntime,
    "mygrad": by_mygrad,
    "im2col": by_im2col,
    "onnx.reference": by_onnx_reference,
}
