"""ONNX's reference evaluator."""

import numpy as np
from onnx import TensorProto, defs, helper
from onnx.reference import ReferenceEvaluator

from tools.frameworks import arrays

PACKAGES = ("onnx",)
IMAGE = np.moveaxis(arrays.IMAGE, -1, 1)  # N, C, H, W
DEEP_IMAGE = np.moveaxis(arrays.DEEP_IMAGE, -1, 1)
SMALL = np.moveaxis(arrays.SMALL, -1, 1)
KERNEL = arrays.integers(3, 2, 3, 3, seed=1)  # O, I, H, W
SMALL_KERNEL = arrays.integers(2, 2, 3, 3, seed=1)  # transposed: I, O, H, W
ZERO_POINT = np.int8(-3)
CALLS = {
    "conv": ("Conv()", IMAGE, KERNEL),
    "same stride": ("Conv(auto_pad='SAME_UPPER', strides=[2, 2])", IMAGE, KERNEL),
    "same stride lower": ("Conv(auto_pad='SAME_LOWER', strides=[2, 2])", IMAGE, KERNEL),
    "pads": ("Conv(pads=[0, 1, 2, 0])", IMAGE, KERNEL),
    "groups": ("Conv(group=2)", DEEP_IMAGE, arrays.integers(4, 2, 3, 3, seed=1)),
    "dense": ("Gemm(transB=1)", arrays.SMALL.reshape(1, -1), arrays.DENSE.T),
    "transposed": ("ConvTranspose(strides=[2, 2])", SMALL, SMALL_KERNEL),
    "average": (
        "AveragePool(kernel_shape=[3, 3], pads=[1, 1, 1, 1])",
        np.full((1, 1, 3, 3), 4.0),
        None,
    ),
}


def run(operator, *inputs, outputs=1, **attributes):
    """Run one operator on arrays, by the newest definition that onnx has."""
    names = [f"x{n}" for n in range(len(inputs))]
    results = [f"y{n}" for n in range(outputs)]
    node = helper.make_node(operator, names, results, **attributes)
    kinds = [helper.np_dtype_to_tensor_dtype(np.asarray(array).dtype) for array in inputs]
    values = [helper.make_tensor_value_info(n, k, None) for n, k in zip(names, kinds, strict=True)]
    outs = [helper.make_tensor_value_info(n, TensorProto.UNDEFINED, None) for n in results]
    model = helper.make_model(helper.make_graph([node], "one", values, outs))
    return ReferenceEvaluator(model).run(None, dict(zip(names, inputs, strict=True)))


def called(call, *inputs, **more):
    """Run an operator that is written as a call with its attributes."""
    operator, _, rest = call.partition("(")
    return run(operator, *inputs, **more, **eval(f"dict({rest}"))


def results():
    """Yield name, call, output and arrays of each result."""
    for name, (call, x, w) in CALLS.items():
        inputs = [array.astype(np.float32) for array in (x, w) if array is not None]
        (output,) = called(call, *inputs)
        yield name, call, output, dict(zip(("input", "weight"), inputs, strict=False))
    call = "ConvInteger(pads=[1, 1, 1, 1])"
    x, w = SMALL[:, :1].astype(np.int8), SMALL_KERNEL[:1, :1].astype(np.int8)
    (output,) = called(call, x, w, ZERO_POINT)
    yield "zero point", call, output, {"input": x, "weight": w, "zero_point": ZERO_POINT}
    call = "BatchNormalization(training_mode=1)"
    one, zero = np.ones(1, np.float32), np.zeros(1, np.float32)
    _, *running = called(call, arrays.VALUES, one, zero, zero, one, outputs=3)
    yield "running", call, [array[0] for array in running], {"input": arrays.VALUES}
    epsilon = defs.get_schema("BatchNormalization").attributes["epsilon"].default_value.f
    yield "epsilon", "BatchNormalization()", epsilon, {}
