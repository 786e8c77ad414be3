"""Conv2d against torch.nn.Conv2d."""

import numpy as np
import pytest
import torch

from convlib import Conv2d

LAYERS = [
    (4, 6, 3),
    (4, 6, (3, 2), 2),
    (4, 6, 3, (1, 2), (2, 1), 2, 2),
    (4, 8, 2, 1, "same", 1, 4, False),
    (4, 6, 3, 1, "valid", 2),
    (4, 6, [3, 2], [2], [1]),
    *[(4, 6, (3, 4), 1, (2, 1), 1, 2, True, mode) for mode in ("reflect", "replicate", "circular")],
    *[(4, 6, 4, 1, "same", 1, 1, True, mode) for mode in ("zeros", "reflect", "circular")],
]


def twins(arguments, dtype="float32"):
    """Make the layer in both libraries, with the same integers for weights."""
    ours = Conv2d(*arguments, dtype=dtype, rng=0)
    theirs = torch.nn.Conv2d(*arguments, dtype=getattr(torch, dtype))
    rng = np.random.default_rng(1)
    ours.weight = rng.integers(-9, 10, ours.weight.shape).astype(dtype)
    theirs.weight.data = torch.tensor(ours.weight)
    if ours.bias is not None:
        ours.bias[...] = rng.integers(-9, 10, ours.bias.shape)
        theirs.bias.data = torch.tensor(ours.bias)
    return ours, theirs


@pytest.mark.parametrize("shape", [(2, 4, 8, 7), (4, 8, 7), (0, 4, 8, 7)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("arguments", LAYERS, ids=str)
def test_equals_torch_bit_for_bit_on_integers(arguments, dtype, shape):
    ours, theirs = twins(arguments, dtype)
    input = np.random.default_rng(2).integers(-9, 10, shape).astype(dtype)
    kept = input.copy()
    wanted = theirs(torch.tensor(input)).detach().numpy()
    result = ours(input)
    assert result.shape == wanted.shape
    assert result.dtype == wanted.dtype
    assert np.array_equal(result, wanted)
    assert np.array_equal(input, kept)


@pytest.mark.parametrize("arguments", LAYERS, ids=str)
def test_writes_itself_as_torch_does(arguments):
    arguments = [tuple(a) if isinstance(a, list) else a for a in arguments]
    arguments = [a * 2 if isinstance(a, tuple) and len(a) == 1 else a for a in arguments]
    assert repr(Conv2d(*arguments)) == repr(torch.nn.Conv2d(*arguments))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_first_weights_are_spread_as_in_torch(dtype):
    layer = Conv2d(8, 512, (3, 2), groups=2, dtype=dtype, rng=0)
    bound = 1 / np.sqrt(4 * 3 * 2)
    for drawn in (layer.weight, layer.bias):
        assert drawn.dtype == dtype
        for part in (drawn.real, drawn.imag) if dtype.startswith("complex") else (drawn,):
            assert np.abs(part).max() <= bound * 1.001
            assert np.abs(part).max() > 0.98 * bound
            assert abs(float(part.mean(dtype=np.float64))) < 0.1 * bound


def test_a_seed_repeats_and_layers_differ():
    one, same, other = Conv2d(2, 3, 2, rng=7), Conv2d(2, 3, 2, rng=7), Conv2d(2, 3, 2)
    assert np.array_equal(one.weight, same.weight)
    assert not np.array_equal(one.weight, other.weight)
    shared = np.random.default_rng(0)
    first, second = Conv2d(2, 3, 2, rng=shared), Conv2d(2, 3, 2, rng=shared)
    assert not np.array_equal(first.weight, second.weight)


def test_writing_into_weights_and_assigning_new_ones_counts_at_the_next_call():
    layer = Conv2d(1, 1, 1, dtype=np.float64)
    image = np.ones((1, 1, 1, 1))
    layer.weight[...] = 2
    layer.bias = np.array([3.0])
    assert layer(image).item() == 5
    layer.weight, layer.bias = np.array([[[[7.0]]]]), None
    assert layer(image).item() == 7
