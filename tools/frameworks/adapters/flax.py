"""Flax (linen), on JAX."""

import jax
import numpy as np
from flax import linen as nn

from tools.frameworks import arrays

PACKAGES = ("flax", "jax", "jaxlib")
DEPTHWISE = arrays.SMALL_KERNEL.reshape(3, 3, 1, 4)  # H, W, 1, C * multiplier
LAYERS = {
    "conv": ("nn.Conv(3, (3, 3), padding='VALID', use_bias=False)", arrays.IMAGE, arrays.KERNEL),
    "groups": (
        "nn.Conv(4, (3, 3), padding='VALID', feature_group_count=2, use_bias=False)",
        arrays.DEEP_IMAGE,
        arrays.GROUPED_KERNEL,
    ),
    "depthwise": (
        "nn.Conv(4, (3, 3), padding='VALID', feature_group_count=2, use_bias=False)",
        arrays.IMAGE,
        DEPTHWISE,
    ),
    "same": ("nn.Conv(3, (4, 4), use_bias=False)", arrays.IMAGE, arrays.EVEN_KERNEL),
    "same stride": (
        "nn.Conv(3, (3, 3), strides=2, use_bias=False)",
        arrays.IMAGE,
        arrays.KERNEL,
    ),
    "same dilation": (
        "nn.Conv(3, (3, 3), kernel_dilation=2, use_bias=False)",
        arrays.IMAGE,
        arrays.KERNEL,
    ),
    "causal stride": (
        "nn.Conv(1, (4,), strides=2, padding='CAUSAL', use_bias=False)",
        arrays.SERIES,
        arrays.SERIES_KERNEL,
    ),
    "transposed": (
        "nn.ConvTranspose(2, (3, 3), strides=(2, 2), padding='VALID', use_bias=False)",
        arrays.SMALL,
        arrays.SMALL_KERNEL,
    ),
    "transposed same": (
        "nn.ConvTranspose(2, (3, 3), strides=(2, 2), use_bias=False)",
        arrays.SMALL,
        arrays.SMALL_KERNEL,
    ),
    "transposed kernel": (
        "nn.ConvTranspose(2, (3, 3), strides=(2, 2), padding='VALID', transpose_kernel=True, "
        "use_bias=False)",
        arrays.SMALL,
        arrays.SMALL_KERNEL,
    ),
    "dense": ("nn.Dense(4, use_bias=False)", arrays.SMALL.reshape(1, -1), arrays.DENSE),
}


def results():
    """Yield name, call, output and arrays of each result."""
    for name, (call, x, w) in LAYERS.items():
        layer = eval(call, {"nn": nn})
        output = np.asarray(layer.apply({"params": {"kernel": w}}, x))
        yield name, call, output, {"input": x, "weight": w}
    norm = eval(call := "nn.BatchNorm(use_running_average=False)", {"nn": nn})
    variables = norm.init(jax.random.key(0), arrays.VALUES)
    _, changed = norm.apply(variables, arrays.VALUES, mutable=["batch_stats"])
    running = [changed["batch_stats"][name][0] for name in ("mean", "var")]
    yield "running", call, running, {"input": arrays.VALUES}
    yield "epsilon", call, norm.epsilon, {}
