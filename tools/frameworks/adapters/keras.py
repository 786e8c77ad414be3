"""Keras, on torch."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

from tools.frameworks import arrays

PACKAGES = ("keras", "torch")
STRIDE = "strides=2, use_bias=False"
LAYERS = {
    "conv": ("Conv2D(3, 3, use_bias=False)", arrays.IMAGE, arrays.KERNEL),
    "groups": ("Conv2D(4, 3, groups=2, use_bias=False)", arrays.DEEP_IMAGE, arrays.GROUPED_KERNEL),
    "depthwise": (
        "DepthwiseConv2D(3, depth_multiplier=2, use_bias=False)",
        arrays.IMAGE,
        arrays.SMALL_KERNEL,
    ),
    "same": (
        "Conv2D(3, 4, padding='same', use_bias=False)",
        arrays.IMAGE,
        arrays.EVEN_KERNEL,
    ),
    "same stride": (f"Conv2D(3, 3, padding='same', {STRIDE})", arrays.IMAGE, arrays.KERNEL),
    "same dilation": (
        "Conv2D(3, 3, padding='same', dilation_rate=2, use_bias=False)",
        arrays.IMAGE,
        arrays.KERNEL,
    ),
    "causal stride": (
        "Conv1D(1, 4, strides=2, padding='causal', use_bias=False)",
        arrays.SERIES,
        arrays.SERIES_KERNEL,
    ),
    "transposed": (f"Conv2DTranspose(2, 3, {STRIDE})", arrays.SMALL, arrays.SMALL_KERNEL),
    "transposed same": (
        f"Conv2DTranspose(2, 3, padding='same', {STRIDE})",
        arrays.SMALL,
        arrays.SMALL_KERNEL,
    ),
}


def build(call):
    """Return the layer or model that a text describes."""
    return eval(call, {name: getattr(keras.layers, name) for name in keras.layers.__dict__})


def results():
    """Yield name, call, output and arrays of each result."""
    for name, (call, x, w) in LAYERS.items():
        layer = build(call)
        layer.build(x.shape)
        layer.set_weights([w])
        yield name, call, numbers(layer(x)), {"input": x, "weight": w}
    flatten, dense = keras.layers.Flatten(), build(call := "Dense(4, use_bias=False)")
    dense.build((1, 18))
    dense.set_weights([arrays.DENSE])
    output = numbers(dense(flatten(arrays.SMALL)))
    yield "dense", f"Flatten(), {call}", output, {"input": arrays.SMALL, "weight": arrays.DENSE}
    norm = build(call := "BatchNormalization()")
    norm(arrays.VALUES, training=True)
    running = [norm.moving_mean, norm.moving_variance]
    yield "running", call, [numbers(array)[0] for array in running], {"input": arrays.VALUES}
    yield "epsilon", call, norm.epsilon, {}


def numbers(tensor):
    """Return a tensor as an array."""
    return np.asarray(keras.ops.convert_to_numpy(tensor))
