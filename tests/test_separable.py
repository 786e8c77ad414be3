"""The depthwise separable layer, compared with two layers of torch."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from against_torch import integers

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
        "  Conv2d(3, 6, 3, padding=1, groups=3, bias=False),",
        "  Conv2d(6, 5, 1),",
        ")",
    ]


def test_a_seed_fixes_both_steps():
    one, same = (DepthwiseSeparableConv2d(3, 5, 3, rng=4) for _ in range(2))
    assert np.array_equal(one.depthwise.weight, same.depthwise.weight)
    assert np.array_equal(one.pointwise.weight, same.pointwise.weight)


def of_torch(bias):
    """Create the same two layers in torch, under the same names."""
    first = torch.nn.Conv2d(4, 8, (3, 2), groups=4, bias=False)
    second = torch.nn.Conv2d(8, 6, 1, bias=bias)
    return torch.nn.Sequential(OrderedDict(depthwise=first, pointwise=second))


@pytest.mark.parametrize("bias", [True, False])
def test_weights_round_trip_through_torch(bias):
    ours = DepthwiseSeparableConv2d(4, 6, (3, 2), multiplier=2, bias=bias)
    theirs = of_torch(bias)
    state = {
        name: integers(array.shape, "float32", seed)
        for seed, (name, array) in enumerate(ours.state_dict().items())
    }
    assert list(state) == list(theirs.state_dict())
    ours.load_state_dict(state)
    tensors = {name: torch.from_numpy(array) for name, array in ours.state_dict().items()}
    theirs.load_state_dict(tensors)
    input = integers((2, 4, 6, 5), "float32", 9)
    expected = theirs(torch.from_numpy(input)).detach().numpy()
    assert ours(input).tobytes() == expected.tobytes()
    back = DepthwiseSeparableConv2d(4, 6, (3, 2), multiplier=2, bias=bias)
    back.load_state_dict(theirs.state_dict())
    assert back(input).tobytes() == expected.tobytes()
    for name, array in back.state_dict().items():
        assert array.tobytes() == state[name].tobytes()


def test_weights_round_trip_through_a_file(tmp_path):
    layer, other = (DepthwiseSeparableConv2d(3, 5, 3, rng=seed) for seed in (0, 1))
    np.savez(tmp_path / "layer.npz", **layer.state_dict())
    with np.load(tmp_path / "layer.npz") as file:
        other.load_state_dict(file)
    assert other.depthwise.weight.tobytes() == layer.depthwise.weight.tobytes()
    assert other.pointwise.weight.tobytes() == layer.pointwise.weight.tobytes()
    assert other.pointwise.bias.tobytes() == layer.pointwise.bias.tobytes()


def test_a_separable_layer_is_read_from_the_state_of_a_network():
    layer, other = (DepthwiseSeparableConv2d(2, 3, 2, rng=seed) for seed in (0, 1))
    state = {f"stem.{name}": array for name, array in layer.state_dict().items()}
    other.load_state_dict({**state, "head.weight": state["stem.pointwise.bias"]}, prefix="stem.")
    assert np.array_equal(other.depthwise.weight, layer.depthwise.weight)
    assert np.array_equal(other.pointwise.bias, layer.pointwise.bias)


def test_a_state_shares_no_memory_with_the_layer():
    layer = DepthwiseSeparableConv2d(3, 5, 3)
    state = layer.state_dict()
    layer.load_state_dict(state)
    for array in state.values():
        array[...] = 7
    assert not any((array == 7).any() for array in layer.state_dict().values())


def test_a_state_that_does_not_fit_changes_nothing():
    layer = DepthwiseSeparableConv2d(3, 5, 3, rng=0)
    kept, state = layer.state_dict(), DepthwiseSeparableConv2d(3, 5, 3, rng=1).state_dict()
    with pytest.raises(ValueError, match=r"pointwise\.bias of shape"):
        layer.load_state_dict({**state, "pointwise.bias": state["pointwise.bias"][:2]})
    for name, array in layer.state_dict().items():
        assert array.tobytes() == kept[name].tobytes()
