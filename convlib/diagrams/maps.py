"""Maps and pictures: who is read how often, what a border holds, who reads whom."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convlib import checks
from convlib.checks import Array, Ints, Padding
from convlib.diagrams.canvas import (
    GREY,
    INPUT,
    KERNEL,
    ground,
    pair,
    put_box,
    put_cells,
    put_label,
    put_number,
)
from convlib.geometry import coverage
from convlib.groups import connectivity
from convlib.padding import pad


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
    sides = pair("size", size), pair("kernel_size", kernel_size)
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

    Raises
    ------
    ValueError, TypeError
        ``counts`` is no array of two axes of real numbers.

    Examples
    --------
    >>> draw_counts(np.array([[1, 2, 1], [0, 4, 0]]))
    """
    height, width = (scale * side for side in checks.grid("counts", counts).shape)
    ax = ground(ax, (0, width), (-1 if title else 0, height))
    most = max(counts.max(), 1)
    shades = plt.get_cmap("Blues")(0.15 + 0.7 * counts / most)
    for (y, x), count in np.ndenumerate(counts):
        corner = (scale * x, scale * y)
        if count == 0:
            put_box(ax, corner, scale, "none", edgecolor=GREY, hatch="////")
            continue
        put_box(ax, corner, scale, shades[y, x])
        if scale >= 1:
            dark = count > 0.5 * most
            ink = INPUT.on_strong if dark else INPUT.on_pale
            put_number(ax, x + 0.5, y + 0.5, count, ink)
    put_label(ax, width / 2, -0.5, title)


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
    ax = ground(ax, (-3.2, width), (0, 1.4 * len(frames) - 0.4))
    for number, (mode, framed) in enumerate(frames):
        top = 1.4 * number
        put_label(ax, -0.4, top + 0.5, mode, ha="right")
        put_cells(ax, framed[np.newaxis], (0, top), INPUT, border=border)


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
    ax = ground(ax, (-0.6 - numbers, pitch * len(tables) - 0.6), (-1.4 - numbers, height))
    put_label(ax, -0.35 - numbers, height / 2, "output", rotation=90, fontsize=11)
    for number, (parts, table) in enumerate(zip(several, tables, strict=True)):
        left = pitch * number
        put_label(ax, left + width / 2, -1.1 - numbers, f"groups={parts}")
        put_label(ax, left + width / 2, -0.35 - numbers, "input", fontsize=11)
        blank = np.full(table.shape, np.nan)
        put_cells(ax, blank, (left, 0), KERNEL, table == 1, table == 0, scale)
    if alone:
        for channel in range(in_channels):
            put_label(ax, scale * (channel + 0.5), -0.3, str(channel), fontsize=10)
        for channel in range(out_channels):
            put_label(ax, -0.15, scale * (channel + 0.5), str(channel), fontsize=10, ha="right")


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

    Raises
    ------
    ValueError, TypeError
        There is no image, one is no array of two axes of real numbers, there are not as many
        titles, or ``columns`` is no int from 1.

    Examples
    --------
    >>> draw_images([np.eye(3), 1 - np.eye(3)], ["yes", "no"])
    """
    images, titles, columns = checks.pictures(images, titles, columns)
    side, gap, head = 288 / 63, 21 / 63, 51 / 63  # in whole pixels: images of 96 fit in sharply
    across, down = side + gap, side + head
    rows = -(-len(images) // columns)
    right, bottom = across * min(columns, len(images)) - gap, down * rows - head
    ax = ground(ax, (0, right), (-head, bottom))
    limits = ax.get_xlim(), ax.get_ylim()
    for number, (image, title) in enumerate(zip(images, titles, strict=True)):
        left, top = across * (number % columns), down * (number // columns)
        high, wide = (side * pixels / max(image.shape) for pixels in image.shape)
        extent = (left, left + wide, top + high, top)
        ax.imshow(image, cmap="gray", extent=extent, interpolation="nearest")
        put_label(ax, left + side / 2, top - head / 2, title)
    ax.set(xlim=limits[0], ylim=limits[1])
