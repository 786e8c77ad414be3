"""LiteRT, formerly TensorFlow Lite, on a model of one layer that is built here without a converter.

Its layout is (N, H, W, C): input and weight are transposed before anything is timed, and the result
is a transposed view. Padding is an operator of its own, as converters write it.
"""

import numpy as np

from tools.bench.suite import arguments


def by_litert(layer, arrays, threads):
    """Run a model of one Conv2D or depthwise convolution of float32."""
    from ai_edge_litert.interpreter import Interpreter

    if layer.function != "conv2d" or arrays[0].dtype != np.float32:
        return None
    interpreter = Interpreter(model_content=build_model(layer, *arrays), num_threads=threads)
    interpreter.allocate_tensors()
    (given,), (found,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(given["index"], to_channels_last(arrays[0]))

    def call():
        interpreter.invoke()
        return interpreter.get_tensor(found["index"]).transpose(0, 3, 1, 2)

    return call


def to_channels_last(array):
    """Transpose (N, C, H, W) to (N, H, W, C), in this order in memory."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1))


def build_model(layer, input, weight, bias):
    """Return a model in the format of TFLite: padding if there is some, and the convolution."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    (sH, sW), padding, (dH, dW), groups = arguments(layer.spec)
    filters = to_channels_last(weight)  # (O, kH, kW, C)
    model = schema.ModelT()
    graph = schema.SubGraphT()
    model.version, model.subgraphs, model.buffers = 3, [graph], [schema.BufferT()]
    model.operatorCodes, graph.tensors, graph.operators = [], [], []

    def tensor(shape, data=None, kind=schema.TensorType.FLOAT32):
        made = schema.TensorT()
        made.shape, made.type, made.buffer = list(shape), kind, 0  # buffer 0: no constant
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            made.buffer = len(model.buffers)
            model.buffers.append(buffer)
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    def operate(name, kind, inputs, shape, **settings):
        code, node = schema.OperatorCodeT(), schema.OperatorT()
        options = getattr(schema, f"{kind}T")()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
        vars(options).update(settings)
        node.opcodeIndex, node.inputs, node.outputs = len(graph.operators), inputs, [tensor(shape)]
        node.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
        node.builtinOptions = options
        model.operatorCodes.append(code)
        graph.operators.append(node)
        return node.outputs[0]

    N, C, H, W = input.shape
    current = tensor((N, H, W, C))
    graph.inputs = [current]
    if any(padding):
        (pH, pW), pairs = padding, np.zeros((4, 2), np.int32)
        pairs[1:3] = [[pH], [pW]]
        amounts = tensor((4, 2), pairs, schema.TensorType.INT32)
        current = operate("PAD", "PadOptions", [current, amounts], (N, H + 2 * pH, W + 2 * pW, C))
    geometry = {"strideH": sH, "strideW": sW, "dilationHFactor": dH, "dilationWFactor": dW}
    geometry["padding"] = schema.Padding.VALID
    operator = "CONV_2D", "Conv2DOptions"
    if groups == C > 1:
        operator = "DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions"
        filters = np.ascontiguousarray(filters.transpose(3, 1, 2, 0))  # (1, kH, kW, O)
        geometry["depthMultiplier"] = layer.spec.out_channels // groups
    inputs = [current, *(tensor(array.shape, array) for array in (filters, bias))]
    N, C, H, W = layer.spec.output_shape
    graph.outputs = [operate(*operator, inputs, (N, H, W, C), **geometry)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
