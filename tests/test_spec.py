"""ConvSpec and Axis: built from shapes, compared with counts by hand and with torch."""

import math

import numpy as np
import pytest
import torch

from convlib import conv2d
from convlib.core import macs
from convlib.spec import Axis, ConvSpec, build_axes

SHAPES = [
    ((1, 3, 9, 7), (4, 3, 3, 3), {}),
    ((2, 6, 9, 8), (4, 3, 2, 5), {"stride": (2, 1), "padding": (1, 4), "groups": 2}),
    ((3, 4, 11, 6), (8, 1, 3, 4), {"padding": "same", "dilation": (3, 1), "groups": 4}),
    ((2, 3, 17), (5, 3, 4), {"stride": 3, "dilation": 2}),
    ((1, 2, 5, 6, 7), (2, 1, 2, 3, 1), {"groups": 2, "padding": (0, 1, 2)}),
]


@pytest.mark.parametrize(("input", "weight", "geometry"), SHAPES)
def test_the_output_has_the_shape_of_torch_s_and_the_weight_its_own(input, weight, geometry):
    torch_conv = getattr(torch.nn.functional, f"conv{len(input) - 2}d")
    spec = ConvSpec.of(input, weight, **geometry)
    assert spec.output_shape == torch_conv(torch.ones(input), torch.ones(weight), **geometry).shape
    assert spec.weight_shape == weight
    assert spec.weights == np.ones(weight).size


@pytest.mark.parametrize(("input", "weight", "geometry"), SHAPES)
def test_a_mac_is_a_one_times_a_one_so_the_sum_of_the_output_counts_them(input, weight, geometry):
    padded = torch.nn.functional.pad
    spec = ConvSpec.of(input, weight, **geometry)
    # torch's pad takes the last axis first; of ones the padding counts as well
    flat = [side for before_after in reversed(spec.padding) for side in before_after]
    ones = padded(torch.ones(input), flat, value=1.0)
    unpadded = {name: value for name, value in geometry.items() if name != "padding"}
    torch_conv = getattr(torch.nn.functional, f"conv{len(input) - 2}d")
    assert spec.macs == torch_conv(ones, torch.ones(weight), **unpadded).sum()
    assert spec.macs == spec.batch * macs(weight, spec.output_size)


def test_ints_apply_to_all_axes_and_itemsize_is_kept():
    spec = ConvSpec.of((1, 1, 5, 5), (1, 1, 2, 2), 2, 1, 2, itemsize=8)
    assert (spec.stride, spec.dilation) == ((2, 2), (2, 2))
    assert (spec.padding, spec.itemsize) == (((1, 1), (1, 1)), 8)


def test_a_row_as_a_column_computes_the_same():
    row = ConvSpec.of((1, 1, 1, 9), (1, 1, 1, 3), (1, 2), (0, 1))
    column = row.as_column()
    assert column.size == (9, 1)
    assert math.prod(column.output_shape) == math.prod(row.output_shape)
    x, w = np.arange(9.0), np.array([1.0, 10, 100])
    lying = conv2d(x.reshape(1, 1, 1, 9), w.reshape(1, 1, 1, 3), stride=(1, 2), padding=(0, 1))
    standing = conv2d(x.reshape(1, 1, 9, 1), w.reshape(1, 1, 3, 1), stride=(2, 1), padding=(1, 0))
    np.testing.assert_array_equal(lying.ravel(), standing.ravel())
    assert ConvSpec.of((1, 1, 9, 9), (1, 1, 1, 3)).as_column().size == (9, 9)


def test_an_axis_unpacks_into_the_rules_of_core_and_has_both_sides():
    (axis,) = build_axes(5, 2, 2, (0, 1))
    assert axis == Axis(5, 2, 2, (0, 1), 1)
    assert (axis.before, axis.after, axis.padded, axis.reach, axis.output_size) == (0, 1, 6, 2, 3)


def test_equal_specs_are_one_key_and_others_are_not():
    first = ConvSpec.of((1, 3, 9, 9), (4, 3, 3, 3), padding=1)
    same = ConvSpec.of((1, 3, 9, 9), (4, 3, 3, 3), padding=((1, 1), (1, 1)))
    other = ConvSpec.of((1, 3, 9, 9), (4, 3, 3, 3), padding=((1, 1), (0, 2)))
    assert {first: 1}[same] == 1
    assert first != other
    assert other not in {first: 1}
