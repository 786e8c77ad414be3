"""Maps and pictures: how often pixels are read, padding modes, connectivity, images."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from convlib import arguments, core
from convlib.arguments import MODES, Array, Ints, Padding, shown
from convlib.diagrams.canvas import (
    GREY,
    INPUT,
    KERNEL,
    add_box,
    add_cells,
    add_frame,
    add_label,
    add_number,
    add_picture,
    blank_axes,
    check_real,
    finished,
    real_grid,
)
from convlib.diagrams.parts import MOST_PIXELS, first, is_too_large, sentence, square_part
from convlib.padding import check_mode
from convlib.spec import Axis, join_axes

MOST_IMAGES = 100
MOST_ACROSS = 12  # images in a row
MOST_TABLES = 16  # side by side
MOST_IN_PICTURE = 256  # channels along a side of a table that is drawn as one picture
MOST_ENDS = 20  # pixels at each end of a row of which only the ends are drawn
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
) -> Figure:
    """Draw the coverage: how many windows read each pixel; hatched where none does.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `coverage`; an int means height and width.
    title : str
        Text above the map.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `coverage`.

    Notes
    -----
    A map of more than about 500 pixels is drawn as one picture without numbers, as
    `diagrams.draw_counts` describes.

    Examples
    --------
    >>> figure = draw_coverage((4, 6), kernel_size=3, stride=2)
    """
    sizes = arguments.integers("size", size, 2)
    kernel = arguments.integers("kernel_size", kernel_size, 2)
    axes = join_axes(sizes, kernel, stride, padding, dilation)
    H, W = sizes
    part = square_part(H, W, MOST_PIXELS, MOST_PIXELS)
    rows, columns = (
        core.coverage(*_beginning(axis, n)) for axis, n in zip(axes, part, strict=True)
    )
    return _draw_counts(
        np.multiply.outer(rows, columns), first(part, sizes, "pixels"), title, 1.0, ax
    )


def _beginning(axis: Axis, size: int) -> Axis:
    """Return an axis of the first pixels, with the windows that read them and no others."""
    unread = max(
        0, (axis.before - axis.reach) // axis.stride + 1
    )  # windows that end before pixel 0
    after = min(axis.size + axis.after - size, axis.reach)
    return axis._replace(size=size, padding=(axis.before - unread * axis.stride, after))


def draw_counts(
    counts: Array, title: str = "", scale: float = 1.0, ax: Axes | None = None
) -> Figure:
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

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        ``counts`` is no array of two axes of real numbers, or ``scale`` is no positive number.

    Notes
    -----
    A map of more than 500 numbers, 1000 cells without numbers or 64 cells along a side is
    drawn as one picture, whatever the scale; there a 0 is grey. Of a map of more than
    1,048,576 pixels, the first rows and columns are drawn. The figure says so.

    Examples
    --------
    >>> figure = draw_counts(np.array([[1, 2, 1], [0, 4, 0]]))
    """
    counts = real_grid("counts", counts)
    if not isinstance(scale, int | float) or isinstance(scale, bool):
        raise TypeError(f"scale={shown(scale)} must be a number, not {type(scale).__name__}")
    if not 0 < scale < math.inf:
        raise ValueError(f"scale={scale} must be a positive number")
    H, W = counts.shape
    height, width = square_part(H, W, MOST_PIXELS, MOST_PIXELS)
    part = first((height, width), (H, W), "pixels")
    return _draw_counts(counts[:height, :width], part, title, scale, ax)


def _draw_counts(counts: Array, part: str, title: str, scale: float, ax: Axes | None) -> Figure:
    """Draw counts, of which ``part`` tells how many there are."""
    height, width = (scale * side for side in counts.shape)
    if part or is_too_large(counts.size * (2 if scale >= 1 else 1), width, height):
        return _draw_counts_as_picture(counts, part, title, ax)
    ax = blank_axes(ax, (0, width), (-1 if title else 0, height))
    most = max(counts.max(), 1)
    colours = _shades(counts)
    for (y, x), count in np.ndenumerate(counts):
        corner = (scale * x, scale * y)
        if count == 0:
            add_box(ax, corner, scale, "none", edgecolor=GREY, hatch="////")
            continue
        add_box(ax, corner, scale, colours[y, x])
        if scale >= 1:
            dark = count > 0.5 * most
            text_colour = INPUT.on_strong if dark else INPUT.on_pale
            add_number(ax, x + 0.5, y + 0.5, count, text_colour)
    add_label(ax, width / 2, -0.5, title)
    return finished(ax)


def _draw_counts_as_picture(counts: Array, part: str, title: str, ax: Axes | None) -> Figure:
    colours = _shades(counts, bytes=True)
    unread = counts == 0
    colours[unread] = [round(255 * part) for part in to_rgba(GREY)]
    height, width = _on_paper(counts.shape, LONG_SIDE)
    grey = ", grey 0" if unread.any() else ""
    key = f"Without numbers: the darkest pixels have {counts.max():g}{grey}."
    note = f"{sentence(part)} {key}".strip()
    ax = blank_axes(ax, (0, width), (-1 if title else 0, height), note)
    add_picture(ax, colours, (0, 0), width, height)
    add_label(ax, width / 2, -0.5, title)
    return finished(ax)


def _shades(counts: Array, **options: bool) -> Array:
    """Return the colour of each count, the darker the more."""
    colours: Array = plt.get_cmap("Blues")(0.15 + 0.7 * counts / max(counts.max(), 1), **options)
    return colours


def _on_paper(shape: tuple[int, ...], longest: float) -> tuple[float, float]:
    """Return height and width in cells on paper, where the longer side has that length."""
    height, width = (max(0.5, longest * side / max(shape)) for side in shape)
    return height, width


def draw_modes(row: Array, padding: int | tuple[int, int], ax: Axes | None = None) -> Figure:
    """Draw a row of pixels four times, padded in each padding mode.

    Parameters
    ----------
    row : ndarray, shape (W,)
        Where the padded row is longer than about 60 pixels, its two ends are drawn.
    padding : int or (int, int)
        Pixels on each side, or (before, after).
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `pad`.

    Examples
    --------
    >>> figure = draw_modes(np.array([1, 2, 3, 4]), padding=2)
    """
    pixels = arguments.array("row", row)
    check_real("row", pixels)
    if pixels.ndim != 1:
        raise ValueError(f"row of shape {pixels.shape} must have 1 axis")
    pairs = arguments.padding(padding, (1,), words=False)
    for mode in MODES:
        check_mode(mode, pairs, pixels.shape)
    ((before, after),) = pairs
    length, labels = before + len(pixels) + after, 3.2
    places = np.arange(length)
    gap, note = 0, ""
    if is_too_large(2 * len(MODES) * length, length + labels, 1.4 * len(MODES)):
        places = np.r_[:MOST_ENDS, length - MOST_ENDS : length]
        gap = 1
        ends = f"the first {MOST_ENDS} and the last {MOST_ENDS}"
        note = sentence(f"{ends} of {length:,} pixels, padding included")
    border = (places < before) | (places >= before + len(pixels))
    halves = np.split(np.arange(len(places)), [MOST_ENDS]) if gap else [np.arange(len(places))]
    bottom = 1.4 * len(MODES) - 0.4
    ax = blank_axes(ax, (-labels, len(places) + gap), (0, bottom), note)
    for number, mode in enumerate(MODES):
        top = 1.4 * number
        add_label(ax, -0.4, top + 0.5, mode, ha="right")
        padded = core.pad(pixels, pairs, mode)[places]
        for half, columns in enumerate(halves):
            corner = (int(columns[0]) + half * gap, top)
            cells = padded[np.newaxis, columns], border[np.newaxis, columns]
            add_cells(ax, cells[0], corner, INPUT, border=cells[1])
        if gap:
            add_label(ax, MOST_ENDS + gap / 2, top + 0.5, "...")
    return finished(ax)


def draw_connectivity(
    in_channels: int,
    out_channels: int,
    groups: Ints = 1,
    ax: Axes | None = None,
) -> Figure:
    """Draw the connectivity of groups: which output channel (row) reads which input channel.

    Parameters
    ----------
    in_channels, out_channels : int
    groups : int, or list or tuple of int
        As in `Conv2d`; for several numbers as many tables, side by side. A single table has
        its channels numbered.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `connectivity`.

    Notes
    -----
    Tables of more than 1000 cells or 64 cells along a side are drawn as one picture each,
    and their channels are not numbered. At most 16 tables are drawn, and every few
    channels where there are more than 256. The figure says so.

    Examples
    --------
    >>> figure = draw_connectivity(8, 8, groups=(1, 2, 8))
    """
    inputs = arguments.integer("in_channels", in_channels)
    outputs = arguments.integer("out_channels", out_channels)
    several = _several_groups(groups)
    for parts in several:
        arguments.check_groups(inputs, outputs, parts)
    drawn = several[:MOST_TABLES]
    single = len(drawn) == 1
    scale = 0.7 if single else 0.5
    width, height = scale * inputs, scale * outputs
    cells = len(drawn) * inputs * outputs
    as_pictures = is_too_large(cells, len(drawn) * max(width, 2.8), height)
    output_step = input_step = 1
    if as_pictures:
        output_step, input_step = (
            -(-channels // MOST_IN_PICTURE) for channels in (outputs, inputs)
        )
        height, width = _on_paper((outputs, inputs), LONG_SIDE / (2 if len(drawn) <= 4 else 4))
    numbered = single and not as_pictures
    margin = 0.5 if numbered else 0.0  # for the numbers of the channels
    pitch = max(width, 2.2) + 0.6
    right = pitch * len(drawn) - 0.6
    note = sentence(
        first(len(drawn), len(several), "tables"),
        f"1 pair of channels of {output_step} x {input_step}"
        if output_step * input_step > 1
        else "",
    )
    ax = blank_axes(ax, (-0.6 - margin, right), (-1.4 - margin, height), note)
    add_label(ax, -0.35 - margin, height / 2, "output", rotation=90, fontsize=11)
    for number, parts in enumerate(drawn):
        left = pitch * number
        group_of_output = np.arange(0, outputs, output_step) // (outputs // parts)
        group_of_input = np.arange(0, inputs, input_step) // (inputs // parts)
        table = np.equal.outer(group_of_output, group_of_input).astype(int)
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
    return finished(ax)


def _several_groups(groups: object) -> list[int]:
    """Return the values of groups, of one int or of a list or tuple of ints."""
    if not isinstance(groups, list | tuple):
        return [arguments.integer("groups", groups)]
    if not groups:
        raise ValueError(f"groups={groups!r} must contain at least one int")
    return [arguments.integer("groups", parts, container=groups) for parts in groups]


def draw_images(
    images: Sequence[Array], titles: Sequence[str], columns: int = 2, ax: Axes | None = None
) -> Figure:
    """Draw grey images side by side, each from its darkest value to its brightest.

    Parameters
    ----------
    images : sequence of ndarray, shape (H, W)
        The longer side of each has the same length on paper. Of more than 100, the first are
        drawn, and of large images every few pixels. The figure says so.
    titles : sequence of str
        One above each image.
    columns : int
        Images in a row.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        There are no images, one is no array of two axes of real numbers, there
        is another number of titles, or ``columns`` is no int from 1.

    Examples
    --------
    >>> figure = draw_images([np.eye(3), 1 - np.eye(3)], ["yes", "no"])
    """
    grids = [real_grid("images", image) for image in _entries("images", images)]
    names = _entries("titles", titles)
    if len(names) != len(grids):
        raise ValueError(f"titles has {len(names)} entries, but there are {len(grids)} images")
    drawn = grids[:MOST_IMAGES]
    across = min(arguments.integer("columns", columns), len(drawn), MOST_ACROSS)
    sharpest = min(SHARPEST, math.isqrt(2 * MOST_PIXELS // len(drawn)))
    side, gap, head = 288 / 63, 21 / 63, 51 / 63  # in whole pixels: images of 96 fit in sharply
    to_the_right, down = side + gap, side + head
    rows = -(-len(drawn) // across)
    note = sentence(first(len(drawn), len(grids), "images"))
    ax = blank_axes(ax, (0, to_the_right * across - gap), (-head, down * rows - head), note)
    limits = ax.get_xlim(), ax.get_ylim()
    for number, (grid, title) in enumerate(zip(drawn, names, strict=False)):
        left, top = to_the_right * (number % across), down * (number // across)
        high, wide = (side * pixels / max(grid.shape) for pixels in grid.shape)
        extent = (left, left + wide, top + high, top)
        step = -(-max(grid.shape) // sharpest)
        sharp = grid[::step, ::step]
        ax.imshow(sharp, cmap="gray", extent=extent, interpolation="nearest")
        add_frame(ax, (left, top), wide, high)
        omitted = f" (1 pixel of {step} x {step})" if step > 1 else ""
        add_label(ax, left + side / 2, top - head / 2, f"{title}{omitted}")
    ax.set(xlim=limits[0], ylim=limits[1])
    return finished(ax)


def _entries(name: str, value: Any) -> list[Any]:
    """Return the entries of a list, tuple or other sequence, at least one."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise TypeError(f"{name} must be a list with at least one entry, not {shown(value)}")
    return list(value)
