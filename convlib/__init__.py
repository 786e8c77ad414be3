"""torch.nn.Conv2d in NumPy alone, built up chapter by chapter.

The names and the order of arguments are torch's; ``convlib.networks`` has layers without
weights, for arithmetic. Imported only when asked for: ``convlib.diagrams``,
``convlib.exercises`` and, with the networks of papers, ``convlib.zoo``.
"""

from convlib import networks as networks
from convlib.explorer import explore, explore_groups
from convlib.functional import conv1d, conv2d, conv3d
from convlib.geometry import coverage, output_size, reach, sides, taps
from convlib.gradients import conv2d_input, conv2d_weight, fold, unfold
from convlib.groups import channel_shuffle, connectivity
from convlib.layers import Conv2d
from convlib.padding import pad
from convlib.separable import DepthwiseSeparableConv2d
from convlib.transposed import (
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    transposed_size,
)
from convlib.window import windows

__version__ = "0.5.0"
__all__ = [
    "Conv2d",
    "DepthwiseSeparableConv2d",
    "channel_shuffle",
    "connectivity",
    "conv1d",
    "conv2d",
    "conv2d_input",
    "conv2d_weight",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "coverage",
    "explore",
    "explore_groups",
    "fold",
    "output_size",
    "pad",
    "reach",
    "sides",
    "taps",
    "transposed_size",
    "unfold",
    "windows",
]
