"""MLX, on the CPU."""

import mlx.core as mx
import numpy as np
from mlx import nn

from tools.frameworks import arrays

PACKAGES = ("mlx",)
CALLS = {
    "conv": ("mx.conv2d(x, w)", arrays.IMAGE, arrays.integers(3, 3, 3, 2, seed=1)),
    "groups": (
        "mx.conv2d(x, w, groups=2)",
        arrays.DEEP_IMAGE,
        arrays.integers(4, 3, 3, 2, seed=1),
    ),
    "depthwise": (
        "mx.conv2d(x, w, groups=2)",
        arrays.IMAGE,
        arrays.integers(4, 3, 3, 1, seed=1),
    ),
    "dense": ("nn.Linear(18, 4, bias=False)", arrays.SMALL.reshape(1, -1), arrays.DENSE.T),
    "transposed": (
        "mx.conv_transpose2d(x, w, stride=2)",
        arrays.SMALL,
        arrays.integers(2, 3, 3, 2, seed=1),
    ),
}


def results():
    """Yield name, call, output and arrays of each result; weights are O, H, W, I."""
    for name, (call, x, w) in CALLS.items():
        output = eval(call, {"mx": mx, "nn": nn, "x": mx.array(x), "w": mx.array(w)})
        if isinstance(output, nn.Linear):
            assert output.weight.shape == w.shape
            output.weight = mx.array(w)
            output = output(mx.array(x))
        yield name, call, np.array(output), {"input": x, "weight": w}
    norm = eval(call := "nn.BatchNorm(1)", {"nn": nn})
    norm(mx.array(arrays.VALUES))
    running = [norm.running_mean.item(), norm.running_var.item()]
    yield "running", call, running, {"input": arrays.VALUES}
    yield "epsilon", call, norm.eps, {}
