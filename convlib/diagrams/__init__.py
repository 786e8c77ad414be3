"""Diagrams of convolutions, in one colour each for input, kernel and output.

Every function draws on the Axes that it is given, or on a new figure, and returns the figure,
which a notebook shows once. Of what is too large to be read, a part is drawn, and a sentence in
the figure says which. Needs matplotlib.
"""

from importlib.util import find_spec

if find_spec("matplotlib") is None:
    raise ModuleNotFoundError(
        "convlib.diagrams needs matplotlib, which the extra [diagrams] installs, "
        "as does pip install 'matplotlib>=3.11'",
        name="matplotlib",
    )

from convlib.diagrams.canvas import GREY, INPUT, KERNEL, OUTPUT, Colour
from convlib.diagrams.maps import (
    draw_connectivity,
    draw_counts,
    draw_coverage,
    draw_images,
    draw_modes,
)
from convlib.diagrams.networks import draw_chain, draw_costs, draw_fields, draw_stack
from convlib.diagrams.volumes import draw_volumes
from convlib.diagrams.windows import (
    draw_grid,
    draw_positions,
    draw_row,
    draw_step,
    draw_step_back,
    draw_step_transposed,
)

__all__ = [
    "GREY",
    "INPUT",
    "KERNEL",
    "OUTPUT",
    "Colour",
    "draw_chain",
    "draw_connectivity",
    "draw_costs",
    "draw_counts",
    "draw_coverage",
    "draw_fields",
    "draw_grid",
    "draw_images",
    "draw_modes",
    "draw_positions",
    "draw_row",
    "draw_stack",
    "draw_step",
    "draw_step_back",
    "draw_step_transposed",
    "draw_volumes",
]
