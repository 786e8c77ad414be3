"""Diagrams of networks: receptive fields and costs."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib.diagrams.canvas import (
    GREY,
    INPUT,
    KERNEL,
    OUTPUT,
    Colour,
    add_label,
    blank_axes,
    finished,
)
from convlib.diagrams.parts import first, sentence
from convlib.networks import Row, Summary

WIDE = 11.0  # cells on paper for the widest bar
LINE = 0.8  # from one row to the next
MOST_ROWS = 100


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
