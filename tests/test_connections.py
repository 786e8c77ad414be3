"""Connections: places read, compared with the gradients of torch's operations."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from convlib.connections import (
    NO_PLACE,
    adaptive_windows,
    all_places,
    halves,
    interpolated,
    nearest,
    normalized,
    padded,
    transposed_windows,
    windows,
)
from convlib.spec import Axis


def places_read(function, size):
    """Return the places with a gradient, for each place of the output."""
    draw = torch.Generator().manual_seed(0)
    row = (0.5 + torch.rand(1, 1, size, generator=draw, dtype=torch.float64)).requires_grad_()
    output = function(row)[0, 0]
    slopes = [torch.autograd.grad(number, row, retain_graph=True)[0] for number in output]
    return [set(np.flatnonzero(slope[0, 0].numpy())) for slope in slopes]


ONES = torch.ones(1, 1, 3, dtype=torch.float64)
CASES = {
    "convolution": (
        lambda size: windows(Axis(size, 3, 2, (2, 2), 2), (size - 1) // 2 + 1),
        lambda x: F.conv1d(x, ONES, stride=2, padding=2, dilation=2),
    ),
    "transposed": (
        lambda size: transposed_windows(Axis(size, 3, 4, (2, 2), 2), 4 * size - 3),
        lambda x: F.conv_transpose1d(x, ONES, stride=4, padding=2, dilation=2),
    ),
    "pooled": (
        lambda size: adaptive_windows(size, 4),
        lambda x: F.adaptive_avg_pool1d(x, 4),
    ),
    "nearest": (lambda size: nearest(size, 7), lambda x: F.interpolate(x, 7)),
    "nearest by a factor": (
        lambda size: nearest(size, int(1.7 * size), 1.7),
        lambda x: F.interpolate(x, scale_factor=1.7),
    ),
    "nearest exact": (
        lambda size: nearest(size, 7, exact=True),
        lambda x: F.interpolate(x, 7, mode="nearest-exact"),
    ),
    "linear": (
        lambda size: interpolated(size, 8, reach=1, corners=False),
        lambda x: F.interpolate(x, 8, mode="linear"),
    ),
    "linear by a factor": (
        lambda size: interpolated(size, int(1.7 * size), 1, corners=False, scale=1.7),
        lambda x: F.interpolate(x, scale_factor=1.7, mode="linear"),
    ),
    "corners": (
        lambda size: interpolated(size, 8, reach=1, corners=True),
        lambda x: F.interpolate(x, 8, mode="linear", align_corners=True),
    ),
    "cropped": (lambda size: padded(size, -1, 2), lambda x: F.pad(x, (-1, 2))),
    "mirrored": (
        lambda size: padded(size, 2, 1, "reflect"),
        lambda x: F.pad(x, (2, 1), mode="reflect"),
    ),
    "wrapped": (
        lambda size: padded(size, 2, 1, "circular"),
        lambda x: F.pad(x, (2, 1), mode="circular"),
    ),
    "repeated": (
        lambda size: padded(size, 2, 1, "replicate"),
        lambda x: F.pad(x, (2, 1), mode="replicate"),
    ),
    "halves": (lambda size: halves(size), lambda x: F.glu(x)),
    "all": (
        lambda size: all_places(size, 3),
        lambda x: F.linear(x, torch.ones(3, x.shape[-1], dtype=torch.float64)),
    ),
}
BEYOND = {
    "zeros": lambda index, size: index[(index >= 0) & (index < size)],
    "replicate": lambda index, size: np.clip(index, 0, size - 1),
    "circular": lambda index, size: index % size,
    "reflect": lambda index, size: size - 1 - np.abs(size - 1 - index % (2 * size - 2)),
}


@pytest.mark.parametrize("size", [4, 6, 10])
@pytest.mark.parametrize("name", CASES)
def test_the_places_read_are_those_with_a_gradient(name, size):
    connect, function = CASES[name]
    place = connect(size)
    ours = [
        set(BEYOND[place.border](row[row != NO_PLACE], place.size).tolist()) for row in place.index
    ]
    theirs = places_read(function, size)
    if name == "pooled":  # only the first and the last place of a window are listed
        ours, theirs = ([(min(each), max(each)) for each in sets] for sets in (ours, theirs))
    assert ours == theirs


@pytest.mark.parametrize("name", sorted(set(CASES) - {"corners", "halves", "all"}))
def test_after_a_period_the_places_repeat(name):
    place = CASES[name][0](6)
    if place.period is None:
        assert "factor" in name
        return
    read, written = place.period
    holes = place.index == NO_PLACE
    for late in range(written, len(place.index)):
        early = late - written
        index = np.where(holes[early], NO_PLACE, place.index[early] + read)
        assert sorted(index) == sorted(np.where(holes[late], NO_PLACE, place.index[late]))


def test_a_norm_reads_a_statistic_of_all_places():
    assert normalized(3).statistics
    assert not all_places(3).statistics
