"""The ground of every picture: colours, cells, labels.

The unit is one full cell, and y points down, as in an image.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from convlib import checks
from convlib.checks import Array, Ints
from convlib.padding import pad

DPI = 150
INCHES = 0.42  # a cell on paper: 63 pixels
MARGIN = 1 / 21  # of a cell: 3 pixels, for the outlines of the outermost cells


class Colour(NamedTuple):
    """A pale and a strong shade, and the ink that is legible on each."""

    pale: str
    strong: str
    on_pale: str = "#10222e"
    on_strong: str = "#ffffff"


INPUT = Colour("#cfe3f2", "#0072b2")
KERNEL = Colour("#f8dcae", "#a65300")
OUTPUT = Colour("#c3e6d8", "#00775a")
GREY = "#7a7a7a"  # legible on white and on black


def ground(ax: Axes | None, x: tuple[float, float], y: tuple[float, float]) -> Axes:
    """Clear the ground: x to the right and y down, a cell as high as wide."""
    left, right, top, bottom = (
        x[0] - MARGIN,
        x[1] + MARGIN,
        y[0] - MARGIN,
        y[1] + MARGIN,
    )
    if ax is None:
        inches = (INCHES * (right - left), INCHES * (bottom - top))
        ax = plt.figure(figsize=inches, dpi=DPI, facecolor="none").add_axes((0, 0, 1, 1))
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    ax.axis("off")
    return ax


def put_cells(
    ax: Axes,
    values: Array,
    corner: tuple[float, float],
    colour: Colour,
    marked: Array | None = None,
    border: Array | None = None,
    scale: float = 1.0,
) -> None:
    """Draw a grid from its top left corner; of a border, outlines only; of NaNs, no numbers."""
    for (y, x), value in np.ndenumerate(values):
        strong = marked is not None and marked[y, x]
        empty = border is not None and border[y, x]
        place = (corner[0] + scale * x, corner[1] + scale * y)
        if empty:
            put_box(
                ax,
                place,
                scale,
                KERNEL.pale if strong else "none",
                edgecolor=GREY,
                linestyle=":",
            )
        else:
            put_box(ax, place, scale, colour.strong if strong else colour.pale)
        if not np.isnan(value):
            ink = colour.on_strong if strong else colour.on_pale
            ink = (colour.on_pale if strong else GREY) if empty else ink
            put_number(ax, place[0] + 0.5, place[1] + 0.5, value, ink)


def put_box(ax: Axes, corner: tuple[float, float], side: float, fill: Any, **style: Any) -> None:
    """Draw a square."""
    ax.add_patch(
        Rectangle(corner, side, side, **{"facecolor": fill, "edgecolor": "#ffffff", **style})
    )


def put_number(ax: Axes, x: float, y: float, value: float, ink: str) -> None:
    """Write a number in a cell, the smaller the longer it is."""
    text = str(int(value)) if value == int(value) else f"{value:g}"
    put_text(ax, x, y, text, color=ink, fontsize=min(12, 42 / len(text)))


def put_label(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write a word beside the cells."""
    put_text(ax, x, y, text, color=GREY, **style)


def put_text(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write, in the middle unless told."""
    given = {
        "ha": "center",
        "va": "center",
        "fontsize": 12,
        "family": "DejaVu Sans",
        **style,
    }
    ax.text(x, y, text, **given)


def pair(name: str, value: Ints) -> tuple[int, ...]:
    """Take an int, or one for height and one for width."""
    return checks.integers(name, value, 2)


def border_mask(size: tuple[int, ...], frame: tuple[tuple[int, int], ...]) -> Array:
    """Mask the padding in the padded input."""
    border: Array = pad(np.ones(size, dtype=bool), frame) == 0
    return border


def window_mask(shape: tuple[int, ...], pixels: Sequence[Array], at: Sequence[int]) -> Array:
    """Mask the taps of window ``at``; ``pixels`` are the taps of all windows, axis by axis."""
    window = np.zeros(shape, dtype=bool)
    window[np.ix_(*(taps[place] for taps, place in zip(pixels, at, strict=True)))] = True
    return window
