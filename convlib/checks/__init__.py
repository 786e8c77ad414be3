"""The one door: every refusal of convlib, and its sentence.

Each function takes an argument under its public name. It gives the argument back
in one form, or raises with the name, the value and the rule: a ``ValueError`` for
a bad value, a ``TypeError`` for a bad type. Behind the door nothing checks again.
Integers and arrays are taken one by one, calls by all of their arguments together.
"""

from convlib.checks.arrays import MODES, Array, array, floating, generator, mode, state, weights
from convlib.checks.convolutions import (
    input_gradient,
    operands,
    output_gradient,
    transposed_operands,
    weight_gradient,
)
from convlib.checks.drawing import grid, mask, pictures, step
from convlib.checks.integers import (
    Ints,
    Padding,
    blocks,
    channels,
    count_axes,
    fits,
    integer,
    integers,
    padding_per_axis,
    place,
    switch,
    transposing,
)
from convlib.checks.views import folding, framing, room, shuffled, sliding, stretched, unfolding

__all__ = [
    "MODES",
    "Array",
    "Ints",
    "Padding",
    "array",
    "blocks",
    "channels",
    "count_axes",
    "fits",
    "floating",
    "folding",
    "framing",
    "generator",
    "grid",
    "input_gradient",
    "integer",
    "integers",
    "mask",
    "mode",
    "operands",
    "output_gradient",
    "padding_per_axis",
    "pictures",
    "place",
    "room",
    "shuffled",
    "sliding",
    "state",
    "step",
    "stretched",
    "switch",
    "transposed_operands",
    "transposing",
    "unfolding",
    "weight_gradient",
    "weights",
]
