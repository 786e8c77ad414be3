"""Networks of papers as lists of layers to read and to change, and what the papers say of them.

Activations and batch normalization are left out: the papers do not count them. No published
number stands here; those are in ``published.toml``, and `compare` lays them beside the sums.
"""

from convlib.zoo.classics import alexnet, squeezenet, vgg
from convlib.zoo.dense import context, deeplab, wavenet
from convlib.zoo.efficient import mobilenet, shufflenet
from convlib.zoo.published import Table, compare, tables
from convlib.zoo.residual import resnet

__all__ = [
    "Table",
    "alexnet",
    "compare",
    "context",
    "deeplab",
    "mobilenet",
    "resnet",
    "shufflenet",
    "squeezenet",
    "tables",
    "vgg",
    "wavenet",
]
