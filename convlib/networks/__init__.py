"""Networks as lists of layers: output shapes, costs and receptive fields.

The layers have torch's names and arguments. All answers are exact integers, and no weights
are created. Everything that `read` and the command line parse can be imported from here; a
``Sequential`` is a list.
"""

from convlib.layer import Layer, LayerCost
from convlib.layers import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from convlib.networks.elementwise import (
    ELU,
    GELU,
    SELU,
    Dropout,
    Dropout1d,
    Dropout2d,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    Identity,
    LeakyReLU,
    Mish,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from convlib.networks.fields import Field, macs, parallel, receptive_field, through_layer
from convlib.networks.layers import (
    BatchNorm1d,
    BatchNorm2d,
    Branch,
    ChannelShuffle,
    Flatten,
    Linear,
    ZeroPad1d,
    ZeroPad2d,
)
from convlib.networks.parsing import read
from convlib.networks.pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
)
from convlib.networks.rows import Row, Summary
from convlib.networks.summaries import summary
from convlib.separable import DepthwiseSeparableConv2d

__all__ = [
    "ELU",
    "GELU",
    "SELU",
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
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "DepthwiseSeparableConv2d",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Field",
    "Flatten",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "Layer",
    "LayerCost",
    "LeakyReLU",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "Mish",
    "ReLU",
    "ReLU6",
    "Row",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Summary",
    "Tanh",
    "ZeroPad1d",
    "ZeroPad2d",
    "macs",
    "parallel",
    "read",
    "receptive_field",
    "summary",
    "through_layer",
]
