"""Connectivity and channel shuffle, compared with torch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlib import channel_shuffle, connectivity


@pytest.mark.parametrize(
    ("inputs", "outputs", "groups"), [(4, 6, 1), (4, 6, 2), (10, 15, 5), (6, 6, 6)]
)
def test_connectivity_is_where_the_gradient_of_torch_is_not_zero(inputs, outputs, groups):
    layer = torch.nn.Conv2d(inputs, outputs, 1, groups=groups, bias=False)
    torch.nn.init.ones_(layer.weight)
    jacobian = torch.autograd.functional.jacobian(layer, torch.zeros(1, inputs, 1, 1))
    read = jacobian.reshape(outputs, inputs).numpy()
    assert np.array_equal(connectivity(inputs, outputs, groups), read)
    assert read.sum() * 9 == torch.nn.Conv2d(inputs, outputs, 3, groups=groups).weight.numel()


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("size", [(4,), (3, 2), (2, 2, 2)])
def test_channel_shuffle_is_torchs(groups, size):
    image = np.arange(2 * 6 * np.prod(size), dtype=np.float32).reshape(2, 6, *size)
    kept = image.copy()
    result = channel_shuffle(image, groups)
    assert np.array_equal(result, F.channel_shuffle(torch.tensor(image), groups))
    assert not np.shares_memory(result, image)
    assert np.array_equal(image, kept)


def test_shuffling_with_the_other_factor_undoes_it():
    image = np.arange(12).reshape(1, 12, 1)
    assert np.array_equal(channel_shuffle(channel_shuffle(image, 3), 4), image)
