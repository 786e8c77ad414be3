"""Diagrams of windows, in one colour each for input, kernel and output.

Every function draws on the Axes that it is given, or on a new figure, and returns
nothing, so that a notebook shows the picture and no more. The unit is one full cell,
and y points down, as in an image. Needs matplotlib.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from convlib import checks
from convlib.checks import Array, Ints, Padding
from convlib.functional import conv2d
from convlib.geometry import coverage, output_size, sides, taps
from convlib.groups import connectivity
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


def draw_grid(
    values: Array,
    marked: Array | None = None,
    colour: Colour = INPUT,
    title: str = "",
    ax: Axes | None = None,
) -> None:
    """Draw an array as numbered cells.

    Parameters
    ----------
    values : ndarray, shape (H, W)
        The numbers in the cells.
    marked : ndarray of bool, shape (H, W), optional
        The cells to show in the strong shade.
    colour : Colour
        `INPUT`, `KERNEL` or `OUTPUT`.
    title : str
        Stands above the grid.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Examples
    --------
    >>> draw_grid(np.arange(6).reshape(2, 3), marked=np.eye(2, 3, dtype=bool))
    """
    height, width = checks.grid("values", values).shape
    if marked is not None:
        marked = checks.mask("marked", marked, values.shape)
    ax = _canvas(ax, (0, width), (-1 if title else 0, height))
    _cells(ax, values, (0, 0), colour, marked)
    _label(ax, width / 2, -0.5, title)


def draw_step(
    input: Array,
    weight: Array,
    at: tuple[int, int] = (0, 0),
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    only: bool = False,
    ax: Axes | None = None,
) -> None:
    """Draw how one pixel of the output comes about: window, kernel, sum.

    Parameters
    ----------
    input : ndarray, shape (H, W) or (C, H, W)
    weight : ndarray, shape (kH, kW) or (C, kH, kW)
        One kernel. Channels stand one below another.
    at : (int, int)
        Row and column of the output pixel.
    stride, padding, dilation
        As in `conv2d`.
    only : bool
        Leave the numbers of the other output pixels out, for the reader to find.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `conv2d`, which computes the output; or ``at`` lies outside of it.

    Examples
    --------
    >>> draw_step(np.arange(25.0).reshape(5, 5), np.ones((2, 2)), at=(1, 0), stride=2)
    """
    input, weight = checks.step(input, weight)
    images = input[np.newaxis] if input.ndim == 2 else input
    kernels = weight[np.newaxis] if weight.ndim == 2 else weight
    (output,) = conv2d(images, kernels[np.newaxis], None, stride, padding, dilation)
    pixel = checks.place("at", at, output.shape)
    kernel_size = kernels.shape[1:]
    frame = sides(padding, kernel_size, dilation)
    border = _border(images.shape[1:], frame)
    window = _window(border.shape, taps(border.shape, kernel_size, stride, 0, dilation), pixel)

    height, width = window.shape
    pitch = max(height, kernel_size[0]) + 1.6  # from one channel to the next
    middle = (pitch * len(images) - 1.6) / 2
    kernel_left = width + 1
    output_left = kernel_left + kernel_size[1] + 1
    output_top = middle - output.shape[0] / 2
    right = output_left + max(output.shape[1], 1.8)
    ax = _canvas(
        ax,
        (0, right),
        (min(-1, output_top - 1), max(2 * middle, output_top + len(output))),
    )
    for channel, (image, kernel) in enumerate(zip(images, kernels, strict=True)):
        top = pitch * channel
        kernel_top = top + (height - kernel_size[0]) / 2
        name = f" {channel}" if len(images) > 1 else ""
        _cells(ax, pad(image, frame), (0, top), INPUT, window, border)
        _cells(ax, kernel, (kernel_left, kernel_top), KERNEL)
        _label(ax, width / 2, top - 0.5, f"input{name}")
        _label(ax, kernel_left + kernel_size[1] / 2, kernel_top - 0.5, f"weight{name}")
        _label(ax, kernel_left - 0.5, top + height / 2, "*")
        if channel:
            _label(
                ax,
                kernel_left + kernel_size[1] / 2,
                kernel_top - pitch + height + 0.3,
                "+",
            )
    shown = np.zeros(output.shape, dtype=bool)
    shown[pixel] = True
    numbers = np.where(shown | (not only), output, np.nan)
    _cells(ax, numbers, (output_left, output_top), OUTPUT, shown)
    _label(ax, output_left + output.shape[1] / 2, output_top - 0.5, "output")
    _label(ax, output_left - 0.5, middle, "=")


def draw_positions(
    size: Ints,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    ax: Axes | None = None,
) -> None:
    """Draw the input once for each window, laid out as the output.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`; an int stands for height and width.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Examples
    --------
    >>> draw_positions(5, kernel_size=2, stride=2)
    """
    size, kernel_size = _pair("size", size), _pair("kernel_size", kernel_size)
    rows, columns = output_size(size, kernel_size, stride, padding, dilation)
    frame = sides(padding, kernel_size, dilation)
    border = _border(size, frame)
    pixels = taps(border.shape, kernel_size, stride, 0, dilation)
    blank = np.full(border.shape, np.nan)
    scale = 0.5
    height, width = (scale * side for side in border.shape)
    pitch = max(width, 2.2) + 0.8
    ax = _canvas(ax, (0, columns * pitch - 0.8), (-0.7, rows * (height + 1) - 1))
    for row, column in np.ndindex(rows, columns):
        corner = (column * pitch, row * (height + 1))
        window = _window(border.shape, pixels, (row, column))
        _cells(ax, blank, corner, INPUT, window, border, scale)
        _label(
            ax,
            corner[0] + width / 2,
            corner[1] - 0.35,
            f"output[{row}, {column}]",
            fontsize=11,
        )


def draw_row(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    ax: Axes | None = None,
) -> None:
    """Draw one row of pixels, and below it every window that fits, and the one that does not.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`, for one axis.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Examples
    --------
    >>> draw_row(7, kernel_size=3, stride=3)
    """
    size = checks.integer("size", size)
    kernel_size = checks.integer("kernel_size", kernel_size)
    stride = checks.integer("stride", stride)
    dilation = checks.integer("dilation", dilation)
    before, after = sides(padding, kernel_size, dilation)
    pixels = taps(size, kernel_size, stride, padding, dilation)
    overhanging = pixels[-1] + stride
    right = max(size + after, overhanging[-1] + 1)
    ax = _canvas(ax, (-before, right + 3.4), (0, len(pixels) + 2.2))
    line = np.arange(-before, size + after)[np.newaxis]
    border = (line < 0) | (line >= size)
    read = np.isin(line, pixels) & ~border
    _cells(ax, np.where(border, np.nan, line), (-before, 0), INPUT, read, border)
    for window, row in enumerate([*pixels, overhanging]):
        fits = window < len(pixels)
        top = 1.2 + window
        ax.plot(
            [row[0] + 0.5, row[-1] + 0.5],
            [top + 0.5] * 2,
            color=GREY,
            linewidth=1,
            zorder=0,
        )
        for x in row:
            place = (x + 0.1, top + 0.1)
            if fits:
                _box(ax, place, 0.8, KERNEL.strong)
            else:
                _box(ax, place, 0.8, "none", edgecolor=GREY, linestyle=":")
        said = f"window {window}" if fits else "does not fit"
        _label(ax, right + 0.3, top + 0.5, said, ha="left", fontsize=11)


def draw_coverage(
    size: Ints,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    title: str = "",
    ax: Axes | None = None,
) -> None:
    """Draw how many windows read each pixel; a pixel that none reads stands out hatched.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `coverage`; an int stands for height and width.
    title : str
        Stands above the map.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `coverage`.

    Examples
    --------
    >>> draw_coverage((4, 6), kernel_size=3, stride=2)
    """
    sides = _pair("size", size), _pair("kernel_size", kernel_size)
    counts = coverage(*sides, stride, padding, dilation)
    draw_counts(counts, title, ax=ax)


def draw_counts(counts: Array, title: str = "", scale: float = 1.0, ax: Axes | None = None) -> None:
    """Draw a map of counts, the darker the more; a 0 stands out hatched.

    Parameters
    ----------
    counts : ndarray of int, shape (H, W)
    title : str
        Stands above the map.
    scale : float
        Side of a cell; below 1 without numbers.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Examples
    --------
    >>> draw_counts(np.array([[1, 2, 1], [0, 4, 0]]))
    """
    height, width = (scale * side for side in checks.grid("counts", counts).shape)
    ax = _canvas(ax, (0, width), (-1 if title else 0, height))
    most = max(counts.max(), 1)
    shades = plt.get_cmap("Blues")(0.15 + 0.7 * counts / most)
    for (y, x), count in np.ndenumerate(counts):
        corner = (scale * x, scale * y)
        if count == 0:
            _box(ax, corner, scale, "none", edgecolor=GREY, hatch="////")
            continue
        _box(ax, corner, scale, shades[y, x])
        if scale >= 1:
            dark = count > 0.5 * most
            ink = INPUT.on_strong if dark else INPUT.on_pale
            _number(ax, x + 0.5, y + 0.5, count, ink)
    _label(ax, width / 2, -0.5, title)


def draw_modes(row: Array, padding: int, ax: Axes | None = None) -> None:
    """Draw a row of pixels four times, framed as each padding mode frames it.

    Parameters
    ----------
    row : ndarray, shape (W,)
    padding : int
        Pixels on each side.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `pad`.

    Examples
    --------
    >>> draw_modes(np.array([1, 2, 3, 4]), padding=2)
    """
    frames = [(mode, pad(row, (padding,), mode)) for mode in checks.MODES]
    width = len(frames[0][1])
    border = pad(np.ones((1, len(row)), dtype=bool), (0, padding)) == 0
    ax = _canvas(ax, (-3.2, width), (0, 1.4 * len(frames) - 0.4))
    for number, (mode, framed) in enumerate(frames):
        top = 1.4 * number
        _label(ax, -0.4, top + 0.5, mode, ha="right")
        _cells(ax, framed[np.newaxis], (0, top), INPUT, border=border)


def draw_connectivity(
    in_channels: int,
    out_channels: int,
    groups: Ints = 1,
    ax: Axes | None = None,
) -> None:
    """Draw which output channel (row) reads which input channel (column).

    Parameters
    ----------
    in_channels, out_channels : int
    groups : int, or list or tuple of int
        As in `Conv2d`; for several numbers as many tables, side by side. A table alone
        has its channels numbered.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `connectivity`.

    Examples
    --------
    >>> draw_connectivity(8, 8, groups=(1, 2, 8))
    """
    several = tuple(groups) if isinstance(groups, list | tuple) else (groups,)
    tables = [connectivity(in_channels, out_channels, number) for number in several]
    alone = len(tables) == 1
    scale = 0.7 if alone else 0.5
    width, height = scale * in_channels, scale * out_channels
    numbers = 0.5 if alone else 0.0  # room for the numbers of the channels
    pitch = max(width, 2.2) + 0.6
    ax = _canvas(ax, (-0.6 - numbers, pitch * len(tables) - 0.6), (-1.4 - numbers, height))
    _label(ax, -0.35 - numbers, height / 2, "output", rotation=90, fontsize=11)
    for number, (parts, table) in enumerate(zip(several, tables, strict=True)):
        left = pitch * number
        _label(ax, left + width / 2, -1.1 - numbers, f"groups={parts}")
        _label(ax, left + width / 2, -0.35 - numbers, "input", fontsize=11)
        blank = np.full(table.shape, np.nan)
        _cells(ax, blank, (left, 0), KERNEL, table == 1, table == 0, scale)
    if alone:
        for channel in range(in_channels):
            _label(ax, scale * (channel + 0.5), -0.3, str(channel), fontsize=10)
        for channel in range(out_channels):
            _label(ax, -0.15, scale * (channel + 0.5), str(channel), fontsize=10, ha="right")


def draw_images(
    images: Sequence[Array], titles: Sequence[str], columns: int = 2, ax: Axes | None = None
) -> None:
    """Draw grey images side by side, each from its darkest value to its brightest.

    Parameters
    ----------
    images : sequence of ndarray, shape (H, W)
        The longer side of each has the same length on paper.
    titles : sequence of str
        One above each image.
    columns : int
        Images to a row.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Examples
    --------
    >>> draw_images([np.eye(3), 1 - np.eye(3)], ["yes", "no"])
    """
    images, titles, columns = checks.pictures(images, titles, columns)
    side, gap, head = 288 / 63, 21 / 63, 51 / 63  # in whole pixels: images of 96 fit in sharply
    across, down = side + gap, side + head
    rows = -(-len(images) // columns)
    right, bottom = across * min(columns, len(images)) - gap, down * rows - head
    ax = _canvas(ax, (0, right), (-head, bottom))
    limits = ax.get_xlim(), ax.get_ylim()
    for number, (image, title) in enumerate(zip(images, titles, strict=True)):
        left, top = across * (number % columns), down * (number // columns)
        high, wide = (side * pixels / max(image.shape) for pixels in image.shape)
        extent = (left, left + wide, top + high, top)
        ax.imshow(image, cmap="gray", extent=extent, interpolation="nearest")
        _label(ax, left + side / 2, top - head / 2, title)
    ax.set(xlim=limits[0], ylim=limits[1])


def _pair(name: str, value: Ints) -> tuple[int, ...]:
    return checks.integers(name, value, 2)


def _border(size: tuple[int, ...], frame: tuple[tuple[int, int], ...]) -> Array:
    """Mask the padding in the padded input."""
    border: Array = pad(np.ones(size, dtype=bool), frame) == 0
    return border


def _window(shape: tuple[int, ...], pixels: Sequence[Array], at: Sequence[int]) -> Array:
    """Mask the taps of window ``at``; ``pixels`` are the taps of all windows, axis by axis."""
    window = np.zeros(shape, dtype=bool)
    window[np.ix_(*(taps[place] for taps, place in zip(pixels, at, strict=True)))] = True
    return window


def _canvas(ax: Axes | None, x: tuple[float, float], y: tuple[float, float]) -> Axes:
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


def _cells(
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
            _box(
                ax,
                place,
                scale,
                KERNEL.pale if strong else "none",
                edgecolor=GREY,
                linestyle=":",
            )
        else:
            _box(ax, place, scale, colour.strong if strong else colour.pale)
        if not np.isnan(value):
            ink = colour.on_strong if strong else colour.on_pale
            ink = (colour.on_pale if strong else GREY) if empty else ink
            _number(ax, place[0] + 0.5, place[1] + 0.5, value, ink)


def _box(ax: Axes, corner: tuple[float, float], side: float, fill: Any, **style: Any) -> None:
    ax.add_patch(
        Rectangle(corner, side, side, **{"facecolor": fill, "edgecolor": "#ffffff", **style})
    )


def _number(ax: Axes, x: float, y: float, value: float, ink: str) -> None:
    text = str(int(value)) if value == int(value) else f"{value:g}"
    _text(ax, x, y, text, color=ink, fontsize=min(12, 42 / len(text)))


def _label(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    _text(ax, x, y, text, color=GREY, **style)


def _text(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    given = {
        "ha": "center",
        "va": "center",
        "fontsize": 12,
        "family": "DejaVu Sans",
        **style,
    }
    ax.text(x, y, text, **given)
