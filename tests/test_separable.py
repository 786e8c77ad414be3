"""The depthwise-separable layer against two layers of torch."""

import numpy as np
import pytest
import torch

from convlib import DepthwiseSeparableConv2d


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"stride": 2, "padding": 1},
        {"padding": "same", "dilation": 2, "bias": False},
        {"padding": (2, 1), "padding_mode": "reflect", "multiplier": 3},
    ],
    ids=str,
)
def test_equals_depthwise_then_pointwise_of_torch(arguments):
    layer = DepthwiseSeparableConv2d(4, 6, (3, 2), **arguments, dtype=np.float64, rng=0)
    rng = np.random.default_rng(1)
    for step in (layer.depthwise, layer.pointwise):
        step.weight = rng.integers(-4, 5, step.weight.shape).astype(float)
    multiplier, bias = arguments.pop("multiplier", 1), arguments.pop("bias", True)
    first = torch.nn.Conv2d(4, 4 * multiplier, (3, 2), **arguments, groups=4, bias=False)
    second = torch.nn.Conv2d(4 * multiplier, 6, 1, bias=bias)
    first.weight.data = torch.tensor(layer.depthwise.weight)
    second.weight.data = torch.tensor(layer.pointwise.weight)
    if bias:
        layer.pointwise.bias = np.arange(6.0)
        second.bias.data = torch.tensor(layer.pointwise.bias)
    input = rng.integers(-4, 5, (2, 4, 7, 6)).astype(float)
    assert np.array_equal(layer(input), second(first(torch.tensor(input))).detach())


def test_has_a_bias_only_where_it_counts():
    layer = DepthwiseSeparableConv2d(3, 5, 3)
    assert layer.depthwise.bias is None
    assert layer.pointwise.bias.shape == (5,)
    assert DepthwiseSeparableConv2d(3, 5, 3, bias=False).pointwise.bias is None


def test_shows_both_steps():
    text = repr(DepthwiseSeparableConv2d(3, 5, 3, padding=1, multiplier=2))
    assert text.splitlines() == [
        "DepthwiseSeparableConv2d(",
        "  Conv2d(3, 6, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=3, bias=False),",
        "  Conv2d(6, 5, kernel_size=(1, 1), stride=(1, 1)),",
        ")",
    ]


def test_a_seed_fixes_both_steps():
    one, same = (DepthwiseSeparableConv2d(3, 5, 3, rng=4) for _ in range(2))
    assert np.array_equal(one.depthwise.weight, same.depthwise.weight)
    assert np.array_equal(one.pointwise.weight, same.pointwise.weight)
