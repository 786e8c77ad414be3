"""Within one call of a public function each argument is validated and normalised once."""

import functools
from collections import Counter

import numpy as np
import pytest

import convlib
from convlib import arguments, functional

IMAGE, ROW, VOLUME = np.ones((1, 4, 6, 7)), np.ones((1, 4, 6)), np.ones((1, 4, 5, 6, 7))
KERNELS, BIAS = np.ones((6, 2, 3, 2)), np.ones(6)
GEOMETRY = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)}
RULE = {"size": (6, 7), "kernel_size": (3, 2), **GEOMETRY}
TAPS = {"kernel_size": (3, 2), **GEOMETRY}
GRAD = np.ones((1, 6, 3, 5))
LAYER = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "groups": 2}

CALLS = {  # a valid call of each public function
    "reach": {"kernel_size": (3, 2), "dilation": 2},
    "sides": {"padding": "same", "kernel_size": (3, 2), "dilation": 2},
    "tensorflow_same": {"size": (6, 7), "kernel_size": 3, "stride": 2, "lower": True},
    "output_size": RULE,
    "taps": RULE,
    "coverage": RULE,
    "transposed_size": {**RULE, "output_padding": (1, 0)},
    "windows": {"input": IMAGE, "kernel_size": 2, "stride": 2, "dilation": 1},
    "pad": {"input": IMAGE, "padding": ((1, 0), (0, 2)), "mode": "reflect"},
    "connectivity": {"in_channels": 4, "out_channels": 6, "groups": 2},
    "channel_shuffle": {"input": IMAGE, "groups": 2},
    "conv1d": {"input": ROW, "weight": KERNELS[..., 0], "bias": BIAS, "stride": 2, "groups": 2},
    "conv2d": {"input": IMAGE, "weight": KERNELS, "bias": BIAS, **GEOMETRY, "groups": 2},
    "conv3d": {"input": VOLUME, "weight": np.ones((6, 4, 1, 2, 3)), "padding": 1},
    "conv1d_input": {
        "input_size": (1, 4, 6),
        "weight": np.ones((6, 4, 3)),
        "grad_output": np.ones((1, 6, 4)),
    },
    "conv1d_weight": {
        "input": ROW,
        "weight_size": (6, 4, 3),
        "grad_output": np.ones((1, 6, 4)),
    },
    "conv2d_input": {
        "input_size": (1, 4, 6, 7),
        "weight": KERNELS,
        "grad_output": GRAD,
        **GEOMETRY,
        "groups": 2,
    },
    "conv2d_weight": {
        "input": IMAGE,
        "weight_size": (6, 2, 3, 2),
        "grad_output": GRAD,
        **GEOMETRY,
        "groups": 2,
    },
    "conv3d_input": {
        "input_size": (1, 4, 5, 6, 7),
        "weight": np.ones((6, 4, 5, 6, 7)),
        "grad_output": np.ones((1, 6, 1, 1, 1)),
    },
    "conv3d_weight": {
        "input": VOLUME,
        "weight_size": (6, 4, 5, 6, 7),
        "grad_output": np.ones((1, 6, 1, 1, 1)),
    },
    "conv_transpose1d": {"input": ROW, "weight": np.ones((4, 2, 3)), "padding": (0, 1)},
    "conv_transpose2d": {
        "input": IMAGE,
        "weight": np.ones((4, 3, 3, 2)),
        "bias": BIAS,
        **GEOMETRY,
        "output_padding": (1, 1),
        "groups": 2,
    },
    "conv_transpose3d": {"input": VOLUME, "weight": np.ones((4, 2, 1, 2, 3)), "stride": 2},
    "unfold": {"input": IMAGE, **TAPS},
    "fold": {"input": np.ones((1, 24, 15)), "output_size": (6, 7), **TAPS},
    "Conv1d": LAYER,
    "Conv2d": {**LAYER, "stride": 2, "padding": "valid", "dilation": 2, "padding_mode": "reflect"},
    "Conv3d": {**LAYER, "padding": ((1, 0), (0, 2), (1, 1))},
    "ConvTranspose1d": LAYER,
    "ConvTranspose2d": {**LAYER, "stride": 2, "output_padding": 1, "dilation": 2},
    "ConvTranspose3d": LAYER,
}
ELSEWHERE = {"DepthwiseSeparableConv2d", "explore", "explore_groups"}  # in terms of those above
NORMALISING = ("integer", "integers", "padding", "flag", "choice", "array", "numbers", "channels")
NAMES = {"padding": ("padding",), "channels": ("in_channels", "out_channels", "groups")}


@pytest.fixture
def normalised(monkeypatch):
    """Count by argument how often a function of `arguments` is called from outside of it."""
    counts, depth = Counter(), [0]

    def counting(name, function):
        @functools.wraps(function)
        def counted(*args, **kwargs):
            if not depth[0]:
                counts.update(NAMES.get(name, args[:1]))
            depth[0] += 1
            try:
                return function(*args, **kwargs)
            finally:
                depth[0] -= 1

        return counted

    for name in NORMALISING:
        monkeypatch.setattr(arguments, name, counting(name, getattr(arguments, name)))
    monkeypatch.setattr(functional, "_plans", {})
    return counts


@pytest.mark.parametrize("name", CALLS)
def test_each_argument_is_normalised_once_in_the_first_call_and_in_later_ones(name, normalised):
    call = getattr(convlib, name)
    call(**CALLS[name])
    by_shape = {"input_size": 1, "weight_size": 1}  # entry by entry, each an int of its own
    once = {argument: count for argument, count in normalised.items() if argument not in by_shape}
    assert set(once.values()) == {1}, normalised
    assert set(normalised) >= set(CALLS[name])
    normalised.clear()
    call(**CALLS[name])
    later = [count for argument, count in normalised.items() if argument not in by_shape]
    assert max(later, default=0) <= 1, normalised


@pytest.mark.parametrize("name", ["Conv1d", "Conv2d", "ConvTranspose2d"])
def test_the_call_of_a_layer_normalises_each_argument_at_most_once(name, normalised):
    layer = getattr(convlib, name)(**CALLS[name])
    image = np.ones((1, 4, 9) if name == "Conv1d" else (1, 4, 9, 8), dtype=np.float32)
    for _ in range(2):
        normalised.clear()
        layer(image)
        assert max(normalised.values(), default=0) <= 1, normalised


def test_every_public_function_is_counted():
    assert {*CALLS, *ELSEWHERE} >= {*convlib.__all__} - {"networks"}


def test_the_count_sees_what_is_normalised_twice(normalised, monkeypatch):
    build_axes = convlib.geometry.build_axes

    def again(size, kernel_size, stride, *rest):
        arguments.integers("stride", stride, 2)
        return build_axes(size, kernel_size, stride, *rest)

    monkeypatch.setattr(convlib.geometry, "build_axes", again)
    convlib.output_size(**RULE)
    assert normalised["stride"] == 2
