"""Maps and pictures: how often pixels are read, padding modes, connectivity, images."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from convlib import arguments, core
from convlib.arguments import MODES, Array, Ints, Padding, shown
from convlib.diagrams.canvas import (
    GREY,
    INPUT,
    KERNEL,
    MOST_SIDE,
    add_box,
    add_cells,
    add_label,
    add_number,
    add_picture,
    blank_axes,
    check_real,
    check_size,
    real_grid,
    size_error,
)
from convlib.padding import check_mode
from convlib.spec import join_axes

MOST_PIXELS = 2**22  # of a map that is drawn as one picture
MOST_IMAGES = 100
LONG_SIDE = 16  # cells on paper of a map that is drawn as one picture
SHARPEST = 1024  # pixels along a side; of a larger image, draw_images shows every second or third


def draw_coverage(
    size: Ints,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    title: str = "",
    ax: Axes | None = None,
) -> None:
    """Draw the coverage: how many windows read each pixel; hatched where none does.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `coverage`; an int means height and width.
    title : str
        Text above the map.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `coverage`; or there are more than 4,194,304 pixels.

    Notes
    -----
    A map of more than about 1000 pixels is drawn as one picture without numbers, as
    `diagrams.draw_counts` describes.

    Examples
    --------
    >>> draw_coverage((4, 6), kernel_size=3, stride=2)
    """
    sizes = arguments.integers("size", size, 2)
    kernel = arguments.integers("kernel_size", kernel_size, 2)
    axes = join_axes(sizes, kernel, stride, padding, dilation)
    alternative = "; coverage(size, ...) returns the counts along one axis"
    _check_pixels(f"size={sizes}", math.prod(sizes), alternative)
    for axis in axes:
        what = f"size={axis.size} with kernel_size={axis.kernel_size} and padding={axis.padding}"
        _check_pixels(what, axis.output_size * axis.kernel_size)
    counts = functools.reduce(np.multiply.outer, (core.coverage(*axis) for axis in axes))
    _draw_counts(counts, title, 1.0, ax)


def draw_counts(counts: Array, title: str = "", scale: float = 1.0, ax: Axes | None = None) -> None:
    """Draw a map of counts (a heat map), the darker the more; hatched where the count is 0.

    Parameters
    ----------
    counts : ndarray of int, shape (H, W)
    title : str
        Text above the map.
    scale : float
        Side of a cell; below 1 without numbers.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        ``counts`` is no array of two axes of real numbers, or has more than 4,194,304, or
        ``scale`` is no positive number.

    Notes
    -----
    A map of more than 1000 numbers, 2000 cells without numbers or 64 cells along a side is
    drawn as one picture, whatever the scale; there a 0 is grey.

    Examples
    --------
    >>> draw_counts(np.array([[1, 2, 1], [0, 4, 0]]))
    """
    counts = real_grid("counts", counts)
    _check_pixels(f"counts of shape {counts.shape}", counts.size)
    if not isinstance(scale, int | float) or isinstance(scale, bool):
        raise TypeError(f"scale={shown(scale)} must be a number, not {type(scale).__name__}")
    if not 0 < scale < math.inf:
        raise ValueError(f"scale={scale} must be a positive number")
    _draw_counts(counts, title, scale, ax)


def _draw_counts(counts: Array, title: str, scale: float, ax: Axes | None) -> None:
    height, width = (scale * side for side in counts.shape)
    numbered = scale >= 1
    shades = plt.get_cmap("Blues")
    most = max(counts.max(), 1)
    if size_error(counts.size * (2 if numbered else 1), width, height):
        colours = shades(0.15 + 0.7 * counts / most, bytes=True)
        colours[counts == 0] = [round(255 * part) for part in to_rgba(GREY)]
        height, width = _on_paper(counts.shape, LONG_SIDE)
        ax = blank_axes(ax, (0, width), (-1 if title else 0, height))
        add_picture(ax, colours, (0, 0), width, height)
        add_label(ax, width / 2, -0.5, title)
        return
    ax = blank_axes(ax, (0, width), (-1 if title else 0, height))
    colours = shades(0.15 + 0.7 * counts / most)
    for (y, x), count in np.ndenumerate(counts):
        corner = (scale * x, scale * y)
        if count == 0:
            add_box(ax, corner, scale, "none", edgecolor=GREY, hatch="////")
            continue
        add_box(ax, corner, scale, colours[y, x])
        if numbered:
            dark = count > 0.5 * most
            text_colour = INPUT.on_strong if dark else INPUT.on_pale
            add_number(ax, x + 0.5, y + 0.5, count, text_colour)
    add_label(ax, width / 2, -0.5, title)


def _check_pixels(what: str, count: int, alternative: str = "") -> None:
    """Raise where even one picture of a map takes too much memory and time."""
    if count > MOST_PIXELS:
        raise ValueError(
            f"{what} needs {count} entries, more than the {MOST_PIXELS} of one picture{alternative}"
        )


def _on_paper(shape: tuple[int, ...], longest: float) -> tuple[float, float]:
    """Return height and width in cells on paper, where the longer side has that length."""
    height, width = (max(0.5, longest * side / max(shape)) for side in shape)
    return height, width


def draw_modes(row: Array, padding: int | tuple[int, int], ax: Axes | None = None) -> None:
    """Draw a row of pixels four times, padded in each padding mode.

    Parameters
    ----------
    row : ndarray, shape (W,)
    padding : int or (int, int)
        Pixels on each side, or (before, after).
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `pad`; or the padded row is longer than about 60 pixels.

    Examples
    --------
    >>> draw_modes(np.array([1, 2, 3, 4]), padding=2)
    """
    pixels = arguments.array("row", row)
    check_real("row", pixels)
    if pixels.ndim != 1:
        raise ValueError(f"row of shape {pixels.shape} must have 1 axis")
    pairs = arguments.padding(padding, (1,), words=False)
    for mode in MODES:
        check_mode(mode, pairs, pixels.shape)
    ((before, after),) = pairs
    width, labels = before + len(pixels) + after, 3.2
    check_size(
        f"row of shape {pixels.shape} with padding={shown(padding)}",
        2 * len(MODES) * width,
        width + labels,
        1.4 * len(MODES),
        "pad(row, ((before, after),), mode) returns the padded row",
    )
    border = np.ones((1, width), dtype=bool)
    border[:, before : before + len(pixels)] = False
    ax = blank_axes(ax, (-labels, width), (0, 1.4 * len(MODES) - 0.4))
    for number, mode in enumerate(MODES):
        top = 1.4 * number
        add_label(ax, -0.4, top + 0.5, mode, ha="right")
        padded = core.pad(pixels, pairs, mode)
        add_cells(ax, padded[np.newaxis], (0, top), INPUT, border=border)


def draw_connectivity(
    in_channels: int,
    out_channels: int,
    groups: Ints = 1,
    ax: Axes | None = None,
) -> None:
    """Draw the connectivity of groups: which output channel (row) reads which input channel.

    Parameters
    ----------
    in_channels, out_channels : int
    groups : int, or list or tuple of int
        As in `Conv2d`; for several numbers as many tables, side by side. A single table has
        its channels numbered.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `connectivity`; or there are too many tables to be drawn side by side.

    Notes
    -----
    Tables of more than 2000 cells or 64 cells along a side are drawn as one picture each,
    and their channels are not numbered.

    Examples
    --------
    >>> draw_connectivity(8, 8, groups=(1, 2, 8))
    """
    inputs = arguments.integer("in_channels", in_channels)
    outputs = arguments.integer("out_channels", out_channels)
    several = _several_groups(groups)
    for parts in several:
        arguments.check_groups(inputs, outputs, parts)
    _check_pixels(f"in_channels={inputs} with out_channels={outputs}", inputs * outputs)
    single = len(several) == 1
    scale = 0.7 if single else 0.5
    width, height = scale * inputs, scale * outputs
    cells = len(several) * inputs * outputs
    as_pictures = bool(size_error(cells, len(several) * max(width, 2.8), height))
    if as_pictures:
        height, width = _on_paper((outputs, inputs), LONG_SIDE / 2)
    numbered = single and not as_pictures
    margin = 0.5 if numbered else 0.0  # for the numbers of the channels
    pitch = max(width, 2.2) + 0.6
    right = pitch * len(several) - 0.6
    if right > MOST_SIDE:
        raise ValueError(
            f"groups={shown(groups)} has {len(several)} entries, whose tables do not fit side by "
            f"side: a diagram has at most {MOST_SIDE} cells along a side, and these need "
            f"{right:.0f}"
        )
    ax = blank_axes(ax, (-0.6 - margin, right), (-1.4 - margin, height))
    add_label(ax, -0.35 - margin, height / 2, "output", rotation=90, fontsize=11)
    for number, parts in enumerate(several):
        left = pitch * number
        table = core.connectivity(inputs, outputs, parts)
        add_label(ax, left + width / 2, -1.1 - margin, f"groups={parts}")
        add_label(ax, left + width / 2, -0.35 - margin, "input", fontsize=11)
        if as_pictures:
            colours = np.array([(1, 1, 1, 0), to_rgba(KERNEL.strong)])
            add_picture(ax, colours[table], (left, 0), width, height)
            continue
        blank = np.full(table.shape, np.nan)
        add_cells(ax, blank, (left, 0), KERNEL, table == 1, table == 0, scale)
    if numbered:
        for channel in range(inputs):
            add_label(ax, scale * (channel + 0.5), -0.3, str(channel), fontsize=10)
        for channel in range(outputs):
            add_label(ax, -0.15, scale * (channel + 0.5), str(channel), fontsize=10, ha="right")


def _several_groups(groups: object) -> list[int]:
    """Return the values of groups, of one int or of a list or tuple of ints."""
    if not isinstance(groups, list | tuple):
        return [arguments.integer("groups", groups)]
    if not groups:
        raise ValueError(f"groups={groups!r} must contain at least one int")
    return [arguments.integer("groups", parts, container=groups) for parts in groups]


def draw_images(
    images: Sequence[Array], titles: Sequence[str], columns: int = 2, ax: Axes | None = None
) -> None:
    """Draw grey images side by side, each from its darkest value to its brightest.

    Parameters
    ----------
    images : sequence of ndarray, shape (H, W)
        At most 100. The longer side of each has the same length on paper.
    titles : sequence of str
        One above each image.
    columns : int
        Images in a row.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        There are no images or too many, one is no array of two axes of real numbers, there
        is another number of titles, or ``columns`` is no int from 1.

    Examples
    --------
    >>> draw_images([np.eye(3), 1 - np.eye(3)], ["yes", "no"])
    """
    grids = [real_grid("images", image) for image in _entries("images", images)]
    names = _entries("titles", titles)
    across = min(arguments.integer("columns", columns), len(grids))
    if len(names) != len(grids):
        raise ValueError(f"titles has {len(names)} entries, but there are {len(grids)} images")
    if len(grids) > MOST_IMAGES:
        raise ValueError(
            f"images has {len(grids)} entries; a diagram has at most {MOST_IMAGES}, so call "
            "draw_images for some at a time"
        )
    side, gap, head = 288 / 63, 21 / 63, 51 / 63  # in whole pixels: images of 96 fit in sharply
    to_the_right, down = side + gap, side + head
    rows = -(-len(grids) // across)
    ax = blank_axes(ax, (0, to_the_right * across - gap), (-head, down * rows - head))
    limits = ax.get_xlim(), ax.get_ylim()
    for number, (grid, title) in enumerate(zip(grids, names, strict=True)):
        left, top = to_the_right * (number % across), down * (number // across)
        high, wide = (side * pixels / max(grid.shape) for pixels in grid.shape)
        extent = (left, left + wide, top + high, top)
        step = -(-max(grid.shape) // SHARPEST)
        sharp = grid[::step, ::step]
        ax.imshow(sharp, cmap="gray", extent=extent, interpolation="nearest")
        add_label(ax, left + side / 2, top - head / 2, title)
    ax.set(xlim=limits[0], ylim=limits[1])


def _entries(name: str, value: Any) -> list[Any]:
    """Return the entries of a list, tuple or other sequence, at least one."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise TypeError(f"{name} must be a list with at least one entry, not {shown(value)}")
    return list(value)
