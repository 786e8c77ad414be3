"""Draw card.png and conv2d.png, which no notebook contains: ``python -m tools.card``.

card.png is shown beside a link to the book, conv2d.png in README and on the first page.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convlib.diagrams import GREY, INPUT, draw_grid, draw_step

FOLDER = Path(__file__).parents[1] / "book" / "_static"
PARAMETERS = {
    (0.055, 0.195): "stride",
    (0.27, 0.195): "padding",
    (0.055, 0.105): "dilation",
    (0.27, 0.105): "groups",
}


def write(folder=FOLDER):
    """Write both pictures."""
    draw_card().savefig(folder / "card.png", metadata={"Software": None})
    step = draw_one_step()
    step.savefig(folder / "conv2d.png", facecolor="none", bbox_inches="tight")
    plt.close(step)


def draw_card():
    """Draw the title, and beside it the taps of a 3 x 3 kernel with dilation 2."""
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="#ffffff")
    taps = np.zeros((5, 5), dtype=bool)
    taps[::2, ::2] = True
    grid = figure.add_axes((0.525, 0.0952, 0.425, 0.8095))
    draw_grid(np.arange(25).reshape(5, 5), marked=taps, ax=grid)
    for number in grid.texts:
        number.set_fontsize(32)
    style = {"family": "DejaVu Sans", "va": "baseline"}
    figure.text(0.05, 0.73, "Conv2d,", fontsize=76, weight="bold", color=INPUT.strong, **style)
    figure.text(0.053, 0.53, "parameter", fontsize=52, color=INPUT.on_pale, **style)
    figure.text(0.053, 0.39, "by parameter", fontsize=52, color=INPUT.on_pale, **style)
    for (left, bottom), name in PARAMETERS.items():
        figure.text(left, bottom, name, fontsize=30, color=GREY, **style)
    return figure


def draw_one_step():
    """Draw one window of a 2 x 2 kernel at stride 2, and the pixel that it computes."""
    return draw_step(np.arange(25).reshape(5, 5), np.array([[1, 2], [3, 4]]), stride=2)


if __name__ == "__main__":
    write()
