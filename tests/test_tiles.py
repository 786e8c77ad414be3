"""Tiles: what is computed piece by piece equals the result of the whole image."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import event, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from convlib import Conv2d, networks, tiles

many = settings(deadline=None, derandomize=True, database=None, max_examples=150)


def integers_of(shape, seed=0):
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(np.float64)


def with_integers(module):
    """Give a module integer weights, in float64 and evaluation mode."""
    generator = torch.Generator().manual_seed(0)
    module = module.double().eval()
    for parameter in module.parameters():
        values = torch.randint(-2, 3, parameter.shape, generator=generator)
        parameter.data = values.to(parameter.dtype)
    return module


def compare_tiled(module, image, plan):
    """Compare the result of each tile with that of the whole image, bit for bit."""
    with torch.inference_mode():
        whole = module(torch.from_numpy(image)).numpy()
    assert plan.output_size == whole.shape[1:]
    covered = np.zeros(plan.output_size[1:], int)
    for tile in plan:
        with torch.inference_mode():
            result = module(torch.from_numpy(image[..., *tile.input])).numpy()
        np.testing.assert_array_equal(result[..., *tile.crop], whole[..., *tile.output])
        covered[tile.output] += 1
    assert (covered == 1).all()


class Join(nn.Module):
    """The sum, or the concatenation, of two paths."""

    def __init__(self, left, right, joins):
        super().__init__()
        self.left, self.right, self.joins = left, right, joins

    def forward(self, x):
        left, right = self.left(x), self.right(x)
        return left + right if self.joins == "add" else torch.cat([left, right], 1)


@st.composite
def layers(draw, axes, channels, depth=0):
    """Draw a layer, and the channels behind it."""
    kinds = ["conv", "conv", "pool", "transposed", "resize", "pad", "relu", "join"]
    kind = draw(st.sampled_from(kinds[: 8 if depth == 0 else 7]))
    kernel, stride, dilation = (draw(st.integers(1, most)) for most in (4, 3, 2))
    if kind == "conv":
        mode = draw(st.sampled_from(["zeros", "zeros", "reflect", "replicate"]))
        padding = draw(st.integers(0, 3))
        convolution = getattr(nn, f"Conv{axes}d")
        return convolution(
            channels, 2, kernel, stride, padding, dilation, padding_mode=mode, bias=depth == 0
        ), 2
    if kind == "pool":
        name = draw(st.sampled_from(["MaxPool", "AvgPool"]))
        padding = draw(st.integers(0, kernel // 2))
        ceil_mode = draw(st.booleans())
        if name == "AvgPool":  # averages of 4 or 1: exact
            kernel, padding = 2 if axes == 2 else 4, 1
        pool = getattr(nn, f"{name}{axes}d")
        return pool(kernel, stride, padding, ceil_mode=ceil_mode), channels
    if kind == "transposed":
        padding, more = draw(st.integers(0, 2)), draw(st.integers(0, stride - 1))
        transposed = getattr(nn, f"ConvTranspose{axes}d")
        return transposed(
            channels, 2, kernel, stride, padding, more if stride > 1 else 0, dilation=dilation
        ), 2
    if kind == "resize":
        mode = draw(st.sampled_from(["nearest", "bilinear" if axes == 2 else "linear"]))
        return nn.Upsample(scale_factor=2, mode=mode), channels
    if kind == "pad":
        amounts = draw(st.lists(st.integers(-2, 2), min_size=2 * axes, max_size=2 * axes))
        return getattr(nn, f"ZeroPad{axes}d")(tuple(amounts)), channels
    if kind == "relu":
        return nn.ReLU(), channels
    left, behind = draw(layers(axes, channels, depth + 1))
    right = draw(st.sampled_from([nn.Identity(), left]))
    joins = "add" if draw(st.booleans()) and behind == channels else "cat"
    right_channels = behind if right is left else channels
    return Join(left, right, joins), channels if joins == "add" else behind + right_channels


@st.composite
def networks_of_torch(draw, axes):
    channels, stack = 1, []
    for _ in range(draw(st.integers(1, 4))):
        layer, channels = draw(layers(axes, channels))
        stack.append(layer)
    return nn.Sequential(*stack)


@many
@given(st.data(), st.integers(1, 2))
def test_tiles_of_any_stack_equal_the_whole(data, axes):
    module = with_integers(data.draw(networks_of_torch(axes)))
    size = data.draw(st.lists(st.integers(1, 48), min_size=axes, max_size=axes))
    try:
        output = networks.summary(module, (1, *size)).output
    except ValueError:
        event("no window fits")
        return
    tile = data.draw(st.lists(st.integers(1, 50), min_size=axes, max_size=axes))
    tile = [max(amount, count // 12) for amount, count in zip(tile, output[1:], strict=True)]
    try:
        plan = tiles.plan(module, (1, *size), tile)
    except ValueError as error:
        event(f"rejected: {str(error).split(':')[-1]}")
        return
    event(f"tiled, {'several' if len(plan) > 1 else 'one'}")
    compare_tiled(module, integers_of((1, 1, *size)), plan)
