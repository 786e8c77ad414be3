"""torch.nn.Conv2d in NumPy alone, built up chapter by chapter.

The names and the order of arguments are torch's. Diagrams and exercises are imported
only when asked for: ``convlib.diagrams``, ``convlib.exercises``.
"""

from convlib.functional import conv2d
from convlib.geometry import coverage, output_size, reach, sides, taps
from convlib.groups import channel_shuffle, connectivity
from convlib.layers import Conv2d
from convlib.padding import pad
from convlib.separable import DepthwiseSeparableConv2d
from convlib.window import windows

__version__ = "0.1.0"
__all__ = [
    "Conv2d",
    "DepthwiseSeparableConv2d",
    "channel_shuffle",
    "connectivity",
    "conv2d",
    "coverage",
    "output_size",
    "pad",
    "reach",
    "sides",
    "taps",
    "windows",
]
