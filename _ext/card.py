"""The picture that stands beside a link to the book: `python _ext/card.py` draws it again."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convlib.diagrams import GREY, INPUT, draw_grid

PATH = Path(__file__).parents[1] / "book" / "_static" / "card.png"
PARAMETERS = {
    (0.055, 0.195): "stride",
    (0.27, 0.195): "padding",
    (0.055, 0.105): "dilation",
    (0.27, 0.105): "groups",
}


def draw_card() -> Figure:
    """Draw the title, and beside it the taps of a 3 x 3 kernel with dilation 2."""
    figure = plt.figure(figsize=(12, 6.3), dpi=100, facecolor="#ffffff")
    taps = np.zeros((5, 5), dtype=bool)
    taps[::2, ::2] = True
    grid = figure.add_axes((0.525, 0.0952, 0.425, 0.8095))
    draw_grid(np.arange(25).reshape(5, 5), marked=taps, ax=grid)
    for number in grid.texts:
        number.set_fontsize(32)
    said = {"family": "DejaVu Sans", "va": "baseline"}
    figure.text(0.05, 0.73, "Conv2d,", fontsize=76, weight="bold", color=INPUT.strong, **said)
    figure.text(0.053, 0.53, "parameter", fontsize=52, color=INPUT.on_pale, **said)
    figure.text(0.053, 0.39, "by parameter", fontsize=52, color=INPUT.on_pale, **said)
    for (left, bottom), name in PARAMETERS.items():
        figure.text(left, bottom, name, fontsize=30, color=GREY, **said)
    return figure


if __name__ == "__main__":
    draw_card().savefig(PATH, metadata={"Software": None})
