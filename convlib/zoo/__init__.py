"""Networks of papers as dicts of layers, to read and to change, and the papers' tables.

Activations and batch normalization are left out: the papers do not count them. The code
contains no published number; those are in ``published.toml``, and `compare` compares them
with computed ones.
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
