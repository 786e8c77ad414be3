"""Diagrams of networks: what an output depends on, receptive fields and costs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import arguments
from convlib.arguments import Array, shown
from convlib.diagrams.canvas import (
    GREY,
    INPUT,
    KERNEL,
    OUTPUT,
    Colour,
    add_box,
    add_cells,
    add_label,
    add_number,
    blank_axes,
    finished,
    real_grid,
)
from convlib.diagrams.parts import MOST_ARTISTS, first, sentence, square_part
from convlib.geometry import output_size
from convlib.networks import Field, Row, Summary, receptive_field
from convlib.networks.fields import Window, parse_windows

WIDE = 11.0  # cells on paper for the widest bar
LINE = 0.8  # from one row to the next
MOST_ROWS = 100
PITCH = 2.2  # from one level of a stack to the next
MOST_PLACES, MOST_LEVELS, MOST_BORDER = 40, 8, 8  # of a stack
MOST_MAPS, MOST_CELLS = 6, 64  # of a chain, and of each of its maps
GAP = 0.8  # between two maps of a chain
LETTER = 0.24  # mean width of a letter above a map


def draw_stack(
    size: int, layers: Sequence[Sequence[Any]], place: int = 0, ax: Axes | None = None
) -> Figure:
    """Draw a row of pixels and the outputs of layers, and mark all that one output depends on.

    Parameters
    ----------
    size : int
        Of the row.
    layers : list of tuples
        ``(kernel_size, stride, padding, dilation)`` of each, as in `networks.receptive_field`.
    place : int
        Which output of the last layer.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `networks.receptive_field` and `output_size`; or there is no such output.

    Notes
    -----
    Each output is drawn below the middle of what it sees; lines lead to what it reads. Of many
    pixels or more than 8 layers, the first are drawn.

    Examples
    --------
    >>> figure = draw_stack(13, [(3, 1), (3, 2), (3, 1)])
    """
    windows = parse_windows(layers)
    counts = [arguments.integer("size", size)]
    for window in windows:
        counts.append(int(output_size(counts[-1], *window)))
    if isinstance(place, bool) or not isinstance(place, int | np.integer):
        raise TypeError(f"place={shown(place)} must be an int, not {type(place).__name__}")
    if not 0 <= place < counts[-1]:
        raise ValueError(f"place={place} must be the number of one of {counts[-1]} outputs")
    marked = [{int(place)}]  # on each level, the last one first
    for window, count in zip(windows[::-1], counts[-2::-1], strict=True):
        pixels = {pixel for output in marked[-1] for pixel in _read(output, *window)}
        marked.append({pixel for pixel in pixels if 0 <= pixel < count})
    marked.reverse()
    levels = windows[:MOST_LEVELS]
    fields = [receptive_field(levels[:level]) for level in range(len(levels) + 1)]
    lines = 2 * len(fields) + sum(2 + min(window[0], MOST_PLACES) for window in levels)
    end = min(counts[0], MOST_PLACES, max(1, MOST_ARTISTS // lines))
    note = sentence(first(end, counts[0], "pixels"), first(len(levels), len(windows), "layers"))
    places = [
        [number for number in range(min(count, end)) if _middle(field, number) + 1 <= end]
        for count, field in zip(counts, fields, strict=False)
    ]
    borders = [
        _border(*each, end) for each in zip(fields, counts, levels, places[1:], strict=False)
    ]
    left = min([0, *(x for border in borders for x in border)])
    right = max([end, *(x + 1 for border in borders for x in border)])
    ax = blank_axes(ax, (left, right + 2.6), (0, PITCH * len(levels) + 1), note)
    for level, field in enumerate(fields):
        colour, top = OUTPUT if level else INPUT, PITCH * level
        for number in places[level]:
            strong = number in marked[level]
            x = _middle(field, number)
            add_box(ax, (x, top), 1, colour.strong if strong else colour.pale)
            text_colour = colour.on_strong if strong else colour.on_pale
            add_number(ax, x + 0.5, top + 0.5, number, text_colour)
            if level:
                read = _read(number, *levels[level - 1])[:MOST_PLACES]
                above = [_middle(fields[level - 1], each) for each in read]
                above = [each for each in above if left <= each <= right - 1]
                _add_reads(ax, (x, top), above, strong)
        for x in borders[level] if level < len(levels) else []:
            add_box(ax, (x, top), 1, "none", edgecolor=GREY, linestyle=":")
        text = f"layer {level}" if level else "pixels"
        add_label(ax, right + 0.3, top + 0.5, text, ha="left", fontsize=11)
    return finished(ax)


def _read(
    output: int, kernel_size: int, stride: int, padding: tuple[int, int], dilation: int
) -> list[int]:
    """Return the places that an output reads, those of the padding included."""
    start = output * stride - padding[0]
    return [start + dilation * tap for tap in range(kernel_size)]


def _middle(field: Field, number: int) -> float:
    """Return the left edge of a cell below the middle of what a number sees."""
    return float(field.start + number * field.step + (field.size - 1) / 2)


def _add_reads(ax: Axes, corner: tuple[float, float], above: list[float], strong: bool) -> None:
    x, y = corner
    colour, width, order = (KERNEL.strong, 1.4, 2) if strong else (GREY, 0.7, 0)
    for left in above:
        ends = [x + 0.5, left + 0.5], [y, y - PITCH + 1]
        ax.plot(*ends, color=colour, linewidth=width, zorder=order)


def _border(field: Field, count: int, window: Window, outputs: list[int], end: int) -> list[float]:
    """Return where to outline the padding that outputs read."""
    read = {pixel for number in outputs for pixel in _read(number, *window)[:MOST_PLACES]}
    places = [_middle(field, pixel) for pixel in sorted(read) if not 0 <= pixel < count]
    return [x for x in places if -MOST_BORDER <= x <= end + MOST_BORDER - 1]


def draw_chain(
    maps: Sequence[Array], names: Sequence[str], signs: str = "", ax: Axes | None = None
) -> Figure:
    """Draw arrays beside each other, as one becomes the next.

    Parameters
    ----------
    maps : list of ndarray, shape (H, W)
        Of each map, at most the first 64 numbers are drawn, and at most 6 maps.
    names : list of str
        Text above each.
    signs : str
        A character for each gap; arrows without it.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        A map is no array of two axes of real numbers, or there are not as many names as maps.

    Examples
    --------
    >>> x = np.array([[3, -1], [-2, 4]])
    >>> figure = draw_chain([x, np.maximum(x, 0)], ["x", "ReLU"])
    """
    grids = [real_grid("maps", each) for each in maps]
    if len(names) != len(grids):
        raise ValueError(f"names has {len(names)} entries, not one for each of {len(grids)} maps")
    signs = signs or "→" * max(len(grids) - 1, 0)
    if len(signs) != len(grids) - 1:
        raise ValueError(f"signs={signs!r} must have a character for each of {len(grids) - 1} gaps")
    drawn, parts = [], [first(min(len(grids), MOST_MAPS), len(grids), "maps")]
    for name, grid in zip(names[:MOST_MAPS], grids, strict=False):
        rows, columns = square_part(len(grid), grid.shape[1], MOST_CELLS, MOST_CELLS // 4)
        parts.append(first((rows, columns), grid.shape, f"numbers of {name}"))
        drawn.append(grid[:rows, :columns])
    widths = [
        max(grid.shape[1], LETTER * len(name)) for name, grid in zip(names, drawn, strict=False)
    ]
    lefts = [sum(widths[:number]) + GAP * number for number in range(len(drawn))]
    height = max((grid.shape[0] for grid in drawn), default=0)
    right = sum(widths) + GAP * max(len(drawn) - 1, 0)
    ax = blank_axes(ax, (0, right), (-1, height), sentence(*parts))
    for number, (name, grid) in enumerate(zip(names, drawn, strict=False)):
        middle = lefts[number] + widths[number] / 2
        corner = (middle - grid.shape[1] / 2, (height - grid.shape[0]) / 2)
        add_cells(ax, grid, corner, OUTPUT if number else INPUT)
        add_label(ax, middle, corner[1] - 0.5, name, fontsize=11)
        if number:
            add_label(ax, lefts[number] - GAP / 2, height / 2, signs[number - 1], fontsize=16)
    return finished(ax)


def draw_fields(summary: Summary, ax: Axes | None = None) -> Figure:
    """Draw the receptive field of each row: the columns of the image that number 0 reads.

    Parameters
    ----------
    summary : Summary
        Of `networks.summary`; the rows that it shows, at most the first 100, one below another,
        without those that have no receptive field, such as a parameter of a torch module.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    TypeError
        ``summary`` is no Summary.

    Examples
    --------
    >>> from convlib.networks import Conv2d, summary
    >>> figure = draw_fields(summary([Conv2d(1, 1, 3)] * 4, (1, 9, 9)))
    """
    rows = [row for row in _rows(summary) if row.fields]
    width = summary.input[-1]
    drawn = rows[:MOST_ROWS]
    fields = [row.fields[-1] for row in drawn]
    left = min([0, *(field.start for field in fields)])
    right = max([width, *(field.start + field.size for field in fields)])
    scale, bottom = WIDE / (right - left), LINE * len(drawn)
    note = _note(drawn, rows)
    ax = blank_axes(ax, (scale * left - 3.2, scale * right + 1.6), (-1, bottom), note)
    _add_bar(ax, 0, -0.1, scale * width, bottom, INPUT.pale)
    add_label(ax, scale * width / 2, -0.5, f"the image, {width} wide")
    for number, (row, field) in enumerate(zip(drawn, fields, strict=True)):
        middle = LINE * (number + 0.5)
        _add_bar(ax, scale * field.start, middle - 0.25, scale * field.size, 0.5, KERNEL.strong)
        add_label(ax, scale * left - 0.3, middle, row.position, ha="right", fontsize=10)
        add_label(ax, scale * right + 0.2, middle, str(field.size), ha="left", fontsize=10)
    return finished(ax)


def draw_costs(summary: Summary, ax: Axes | None = None) -> Figure:
    """Draw the costs of each row: its share of the parameters and of the MACs.

    Parameters
    ----------
    summary : Summary
        Of `networks.summary`; the rows that it shows, one below another, at most the first 100.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    TypeError
        ``summary`` is no Summary.

    Examples
    --------
    >>> from convlib.networks import Conv2d, summary
    >>> figure = draw_costs(summary([Conv2d(1, 8, 3), Conv2d(8, 8, 3, stride=2)], (1, 9, 9)))
    """
    rows = [row for row in _rows(summary) if row.parameters or row.macs]
    columns: list[tuple[str, Colour, Callable[[Row], int]]] = [
        ("parameters", KERNEL, lambda row: row.parameters),
        ("MACs", OUTPUT, lambda row: row.macs),
    ]
    half = WIDE / 2
    drawn = rows[:MOST_ROWS]
    bottom = LINE * len(drawn)
    ax = blank_axes(ax, (-2.4, 2 * half + 2.8), (-1, bottom), _note(drawn, rows))
    for column, (name, colour, count) in enumerate(columns):
        left, total = column * (half + 1.6), max(1, sum(map(count, rows)))
        most = max([1, *map(count, rows)])
        add_label(ax, left, -0.5, name, ha="left")
        for number, row in enumerate(drawn):
            middle, length = LINE * (number + 0.5), half * count(row) / most
            _add_bar(ax, left, middle - 0.25, length, 0.5, colour.strong)
            share = f"{100 * count(row) / total:.0f} %"
            add_label(ax, left + length + 0.15, middle, share, ha="left", fontsize=10)
    for number, row in enumerate(drawn):
        add_label(ax, -0.3, LINE * (number + 0.5), row.position, ha="right", fontsize=10)
    return finished(ax)


def _rows(summary: object) -> list[Row]:
    """Return the rows that a summary shows."""
    if not isinstance(summary, Summary):
        raise TypeError(
            f"summary must be a Summary, not {type(summary).__name__}; "
            "networks.summary(layers, input_size) returns one"
        )
    return list(summary)


def _note(drawn: list[Row], rows: list[Row]) -> str:
    return sentence(first(len(drawn), len(rows), "rows"))


def _add_bar(ax: Axes, x: float, y: float, width: float, height: float, fill: str) -> None:
    edge = GREY if fill == INPUT.pale else "none"
    ax.add_patch(Rectangle((x, y), width, height, facecolor=fill, edgecolor=edge, linewidth=0.5))
