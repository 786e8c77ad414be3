"""The definition, along one, two and three axes."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlib.groups import conv_by_definition

TORCH = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, "same"), (3, 2), (2, "valid")])
@pytest.mark.parametrize("dilation", [1, 2])
def test_equals_torch_along_any_number_of_axes(axes, groups, padding, dilation, stride):
    rng = np.random.default_rng(axes)
    input = rng.integers(-9, 10, (2, 4, *range(6, 6 + axes))).astype(np.float32)
    weight = rng.integers(-9, 10, (8, 4 // groups, *(3, 2, 1)[:axes])).astype(np.float32)
    bias = rng.integers(-9, 10, 8).astype(np.float32)
    arguments = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    wanted = TORCH[axes](*map(torch.tensor, (input, weight, bias)), **arguments)
    assert np.array_equal(conv_by_definition(input, weight, bias, **arguments), wanted)


def test_a_batch_of_none_gives_none():
    result = conv_by_definition(np.ones((0, 4, 5, 5)), np.ones((6, 2, 3, 3)), groups=2)
    assert result.shape == (0, 6, 3, 3)
