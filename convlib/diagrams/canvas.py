"""Helpers of all diagrams: colours, axes, cells, labels, and the figure that is returned.

The unit is one full cell, and y points down, as in an image.
"""

import textwrap
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib._pylab_helpers import Gcf
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import arguments
from convlib.arguments import Array
from convlib.spec import Axis, Sizes

DPI = 150
INCHES = 0.42  # a cell on paper: 63 pixels
MARGIN = 1 / 21  # of a cell: 3 pixels, for the outlines of the outermost cells
LINE = 0.5  # from one line of a note to the next
LETTER = 0.2  # mean width of a letter of a note


class Colour(NamedTuple):
    """A pale and a strong shade, one between, and the text colour that is legible on each."""

    pale: str
    strong: str
    middle: str
    on_pale: str = "#10222e"
    on_strong: str = "#ffffff"


INPUT = Colour("#cfe3f2", "#0072b2", "#8fc1e3")
KERNEL = Colour("#f8dcae", "#a65300", "#e9b069")
OUTPUT = Colour("#c3e6d8", "#00775a", "#86cbb0")
GREY = "#7a7a7a"  # legible on white and on black


def blank_axes(
    ax: Axes | None, x: tuple[float, float], y: tuple[float, float], note: str = ""
) -> Axes:
    """Set the limits of Axes, or of new ones, and write a note below; y points down."""
    if not isinstance(ax, Axes | None):
        raise TypeError(f"ax must be a matplotlib Axes or None, not {type(ax).__name__}")
    lines = textwrap.wrap(note, max(20, int((x[1] - x[0]) / LETTER)))
    left, right, top, bottom = (
        x[0] - MARGIN,
        x[1] + MARGIN,
        y[0] - MARGIN,
        y[1] + MARGIN + LINE * (len(lines) + (1 if lines else 0)),
    )
    if ax is None:
        inches = (INCHES * (right - left), INCHES * (bottom - top))
        ax = plt.figure(figsize=inches, dpi=DPI, facecolor="none").add_axes((0, 0, 1, 1))
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    ax.axis("off")
    for number, line in enumerate(lines):
        add_label(ax, x[0], y[1] + LINE * (number + 1), line, ha="left", fontsize=10)
    return ax


def finished(ax: Axes) -> Figure:
    """Return the figure of Axes, which a notebook shows once, at the end of the cell."""
    figure = ax.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise TypeError("ax must belong to a figure")
    vars(figure)["_ipython_display_"] = partial(_display_once, figure)
    return figure


def _display_once(figure: Figure) -> None:
    """Display an open figure instead of pyplot, which would at the end of the cell, too."""
    from IPython.display import display

    del vars(figure)["_ipython_display_"]
    if not any(manager.canvas.figure is figure for manager in Gcf.get_all_fig_managers()):
        raise NotImplementedError  # closed: IPython's own formatters display it
    if "inline" in plt.get_backend():  # or with "module://" in front
        plt.close(figure)
        transparent = to_rgba(figure.get_facecolor())[3] == 0
        background = {"needs_background": "light"} if transparent else None
        display(figure, metadata=background)  # type: ignore[no-untyped-call]


def check_real(name: str, value: Array) -> None:
    """Raise unless the dtype of an array is one of real numbers."""
    if value.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {value.dtype.name}; real numbers are needed")


def real_grid(name: str, value: object) -> Array:
    """Return an array of rows and columns of real numbers."""
    array = arguments.array(name, value)
    check_real(name, array)
    if array.ndim != 2:
        raise ValueError(f"{name} of shape {array.shape} must have 2 axes: (rows, columns)")
    if 0 in array.shape:
        raise ValueError(f"{name} of shape {array.shape} has no cells")
    return array


def add_cells(
    ax: Axes,
    values: Array,
    corner: tuple[float, float],
    colour: Colour,
    marked: Array | None = None,
    border: Array | None = None,
    scale: float = 1.0,
) -> None:
    """Draw a grid from its top left corner; of NaNs, no numbers.

    A border is drawn as outlines, and what is marked in it with a fill and a dashed outline.
    """
    for (y, x), value in np.ndenumerate(values):
        strong = marked is not None and marked[y, x]
        empty = border is not None and border[y, x]
        place = (corner[0] + scale * x, corner[1] + scale * y)
        if empty and strong:
            inset = 0.07 * scale  # so that the outlines of neighbours lie side by side
            inner = (place[0] + inset, place[1] + inset)
            style = {"edgecolor": colour.strong, "linestyle": (0, (3, 1.5)), "linewidth": 1.5}
            add_box(ax, inner, scale - 2 * inset, colour.middle, **style)
        elif empty:
            add_box(ax, place, scale, "none", edgecolor=GREY, linestyle=":")
        else:
            add_box(ax, place, scale, colour.strong if strong else colour.pale)
        if not np.isnan(value):
            text_colour = colour.on_strong if strong else colour.on_pale
            text_colour = (colour.on_pale if strong else GREY) if empty else text_colour
            add_number(ax, place[0] + 0.5, place[1] + 0.5, value, text_colour)


def add_box(ax: Axes, corner: tuple[float, float], side: float, fill: Any, **style: Any) -> None:
    """Draw a square."""
    ax.add_patch(
        Rectangle(corner, side, side, **{"facecolor": fill, "edgecolor": "#ffffff", **style})
    )


def add_picture(
    ax: Axes, pixels: Array, corner: tuple[float, float], width: float, height: float
) -> None:
    """Draw an array of colours, (H, W, RGBA), as one picture from its top left corner."""
    limits = ax.get_xlim(), ax.get_ylim()
    extent = (corner[0], corner[0] + width, corner[1] + height, corner[1])
    ax.imshow(pixels, extent=extent, aspect="auto", interpolation="auto")
    add_frame(ax, corner, width, height)
    ax.set(xlim=limits[0], ylim=limits[1], aspect="equal")


def add_frame(ax: Axes, corner: tuple[float, float], width: float, height: float) -> None:
    """Draw an outline, without which a white image would have no edge on a white page."""
    ax.add_patch(Rectangle(corner, width, height, facecolor="none", edgecolor=GREY))


def add_number(ax: Axes, x: float, y: float, value: float, colour: str) -> None:
    """Write a number in a cell, the smaller the longer it is."""
    whole = np.isfinite(value) and value == int(value)
    text = str(int(value)) if whole else f"{value:g}"
    add_text(ax, x, y, text, color=colour, fontsize=min(12, 42 / len(text)))


def add_label(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write a label beside the cells."""
    add_text(ax, x, y, text, color=GREY, **style)


def add_text(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write text, centred unless the style says otherwise, and smaller on small Axes."""
    options = {
        "ha": "center",
        "va": "center",
        "fontsize": 12,
        "family": "DejaVu Sans",
        **style,
    }
    options["fontsize"] *= _text_scale(ax)
    ax.text(x, y, text, **options)


def _text_scale(ax: Axes) -> float:
    """Return the side of a cell on these Axes as a part of its side on a new figure, at most 1."""
    figure = ax.get_figure()
    if figure is None:
        raise TypeError("ax must belong to a figure")
    place = figure.transSubfigure.transform_bbox(ax.get_position(original=True))
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    pixels = min(place.width / (right - left), place.height / (bottom - top))
    return min(1.0, round(pixels / figure.dpi / INCHES, 3))


def border_mask(axes: Sequence[Axis], places: Sequence[range]) -> Array:
    """Mask the padding at some rows and columns of the padded input."""
    rows, columns = (
        (np.array(drawn) < axis.before) | (np.array(drawn) >= axis.before + axis.size)
        for axis, drawn in zip(axes, places, strict=True)
    )
    return np.logical_or.outer(rows, columns)


def window_mask(axes: Sequence[Axis], position: Sizes, places: Sequence[range]) -> Array:
    """Mask the taps of the window of the output pixel at ``position``, at some places."""
    rows, columns = (
        np.isin(np.array(drawn), window * axis.stride + axis.dilation * np.arange(axis.kernel_size))
        for axis, window, drawn in zip(axes, position, places, strict=True)
    )
    return np.logical_and.outer(rows, columns)
