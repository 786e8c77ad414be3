"""TFLite: a function of TensorFlow is converted, and LiteRT runs the file."""

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from tools.frameworks.adapters.tensorflow import CALLS

PACKAGES = ("ai-edge-litert", "tensorflow-cpu")
NAMES = ("conv", "groups", "depthwise", "transposed", "dense", "same stride")


def results():
    """Yield name, call, output and arrays of each result; the weight is the one in the file."""
    for name in NAMES:
        call, x, w = CALLS[name]
        output, weight = run(call, x, w)
        yield name, call, output, {"input": x, "weight": weight}


def run(call, x, w):
    """Convert a call, run the file; returns the output and the weight as the file has it."""
    variables = {"tf": tf, "w": tf.constant(w)}
    function = tf.function(lambda x: eval(call, variables | {"x": x}))
    concrete = function.get_concrete_function(tf.TensorSpec(x.shape, tf.float32))
    file = tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()
    interpreter = Interpreter(model_content=file)
    interpreter.allocate_tensors()
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(given["index"], x.astype(np.float32))
    interpreter.invoke()
    output = interpreter.get_tensor(result["index"])
    ends = given["index"], result["index"]
    others = [t for t in interpreter.get_tensor_details() if t["index"] not in ends]
    (weight,) = (t["index"] for t in others if np.prod(t["shape"]) == w.size)
    return output, interpreter.get_tensor(weight)
