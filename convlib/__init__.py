"""torch.nn.Conv2d on NumPy alone, built up chapter by chapter.

The names and the order of arguments are torch's. ``convlib.core`` has the definitions of the
book, ``convlib.networks`` the shapes, costs and receptive fields of networks. Imported only
on request: ``convlib.diagrams``, ``convlib.exercises``, ``convlib.tiles`` and, with the networks
of papers, ``convlib.zoo``.
"""

from convlib import networks as networks
from convlib.columns import fold, unfold
from convlib.explorer import explore, explore_groups
from convlib.functional import conv1d, conv2d, conv3d
from convlib.geometry import (
    coverage,
    output_size,
    reach,
    sides,
    taps,
    tensorflow_same,
    transposed_size,
)
from convlib.gradients import (
    conv1d_input,
    conv1d_weight,
    conv2d_input,
    conv2d_weight,
    conv3d_input,
    conv3d_weight,
)
from convlib.groups import channel_shuffle, connectivity
from convlib.layers import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from convlib.padding import pad
from convlib.separable import DepthwiseSeparableConv2d
from convlib.transposed import conv_transpose1d, conv_transpose2d, conv_transpose3d
from convlib.window import windows

__version__ = "0.6.0"
__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "DepthwiseSeparableConv2d",
    "channel_shuffle",
    "connectivity",
    "conv1d",
    "conv1d_input",
    "conv1d_weight",
    "conv2d",
    "conv2d_input",
    "conv2d_weight",
    "conv3d",
    "conv3d_input",
    "conv3d_weight",
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
    "tensorflow_same",
    "transposed_size",
    "unfold",
    "windows",
]
