"""TensorFlow."""

import numpy as np
import tensorflow as tf

from tools.frameworks import arrays

PACKAGES = ("tensorflow-cpu",)
CALLS = {
    "conv": ("tf.nn.conv2d(x, w, 1, 'VALID')", arrays.IMAGE, arrays.KERNEL),
    "groups": ("tf.nn.conv2d(x, w, 1, 'VALID')", arrays.DEEP_IMAGE, arrays.GROUPED_KERNEL),
    "dense": ("tf.matmul(x, w)", arrays.SMALL.reshape(1, -1), arrays.DENSE),
    "depthwise": (
        "tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'VALID')",
        arrays.IMAGE,
        arrays.SMALL_KERNEL,
    ),
    "same": ("tf.nn.conv2d(x, w, 1, 'SAME')", arrays.IMAGE, arrays.EVEN_KERNEL),
    "same stride": ("tf.nn.conv2d(x, w, 2, 'SAME')", arrays.IMAGE, arrays.KERNEL),
    "same dilation": (
        "tf.nn.conv2d(x, w, 1, 'SAME', dilations=2)",
        arrays.IMAGE,
        arrays.KERNEL,
    ),
    "transposed": (
        "tf.nn.conv2d_transpose(x, w, [1, 7, 7, 2], 2, 'VALID')",
        arrays.SMALL,
        arrays.SMALL_KERNEL,
    ),
    "transposed same": (
        "tf.nn.conv2d_transpose(x, w, [1, 6, 6, 2], 2, 'SAME')",
        arrays.SMALL,
        arrays.SMALL_KERNEL,
    ),
    "average same": ("tf.nn.avg_pool2d(x, 3, 1, 'SAME')", np.full((1, 3, 3, 1), 4.0), None),
}


def results():
    """Yield name, call, output and arrays of each result."""
    for name, (call, x, w) in CALLS.items():
        output = eval(call, {"tf": tf, "x": x, "w": w}).numpy()
        yield name, call, output, {"input": x} | ({} if w is None else {"weight": w})
