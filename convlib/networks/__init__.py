"""Networks as lists of layers: what comes out, what it costs, what one number of it sees.

The layers have torch's names and arguments and no weights. All answers are exact integers.
"""

from convlib.networks.fields import Field, look_through, receptive_field, side_by_side
from convlib.networks.layers import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Branch,
    ChannelShuffle,
    Conv1d,
    Conv2d,
    Conv3d,
    Elementwise,
    Flatten,
    Layer,
    Linear,
    MaxPool1d,
    MaxPool2d,
    ZeroPad1d,
    ZeroPad2d,
)
from convlib.networks.reading import read
from convlib.networks.summaries import Row, Summary, summary
from convlib.problem import macs

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Branch",
    "ChannelShuffle",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "Elementwise",
    "Field",
    "Flatten",
    "Layer",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "Row",
    "Summary",
    "ZeroPad1d",
    "ZeroPad2d",
    "look_through",
    "macs",
    "read",
    "receptive_field",
    "side_by_side",
    "summary",
]
