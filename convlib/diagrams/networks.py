"""Pictures of networks: how far numbers see, and where the costs are."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from convlib.diagrams.canvas import GREY, INPUT, KERNEL, OUTPUT, Colour, ground, put_label
from convlib.networks import Row, Summary

WIDE = 11.0  # cells on paper for the widest bar
LINE = 0.8  # from one row to the next


def draw_fields(summary: Summary, ax: Axes | None = None) -> None:
    """Draw the columns of the image that the first number of each row sees.

    Parameters
    ----------
    summary : Summary
        Its shown rows stand one below another; `networks.summary` makes it.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    AttributeError
        ``summary`` is none.

    Examples
    --------
    >>> from convlib.networks import Conv2d, summary
    >>> draw_fields(summary([Conv2d(1, 1, 3)] * 4, (1, 9, 9)))
    """
    rows, width = list(summary), summary.input[-1]
    fields = [row.fields[-1] for row in rows]
    left = min(0, *(field.start for field in fields))
    right = max(width, *(field.start + field.size for field in fields))
    scale, bottom = WIDE / (right - left), LINE * len(rows)
    ax = ground(ax, (scale * left - 3.2, scale * right + 1.6), (-1, bottom))
    _put_bar(ax, 0, -0.1, scale * width, bottom, INPUT.pale)
    put_label(ax, scale * width / 2, -0.5, f"the image, {width} wide")
    for number, (row, field) in enumerate(zip(rows, fields, strict=True)):
        middle = LINE * (number + 0.5)
        _put_bar(ax, scale * field.start, middle - 0.25, scale * field.size, 0.5, KERNEL.strong)
        put_label(ax, scale * left - 0.3, middle, row.position, ha="right", fontsize=10)
        put_label(ax, scale * right + 0.2, middle, str(field.size), ha="left", fontsize=10)


def draw_costs(summary: Summary, ax: Axes | None = None) -> None:
    """Draw which part of the parameters and of the MACs each row has.

    Parameters
    ----------
    summary : Summary
        Its shown rows stand one below another; `networks.summary` makes it.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    AttributeError
        ``summary`` is none.

    Examples
    --------
    >>> from convlib.networks import Conv2d, summary
    >>> draw_costs(summary([Conv2d(1, 8, 3), Conv2d(8, 8, 3, stride=2)], (1, 9, 9)))
    """
    rows = [row for row in summary if row.parameters or row.macs]
    columns: list[tuple[str, Colour, Callable[[Row], int]]] = [
        ("parameters", KERNEL, lambda row: row.parameters),
        ("MACs", OUTPUT, lambda row: row.macs),
    ]
    half = WIDE / 2
    ax = ground(ax, (-2.4, 2 * half + 2.8), (-1, LINE * len(rows)))
    for column, (name, colour, count) in enumerate(columns):
        left, total = column * (half + 1.6), max(1, sum(map(count, rows)))
        most = max(1, *map(count, rows))
        put_label(ax, left, -0.5, name, ha="left")
        for number, row in enumerate(rows):
            middle, length = LINE * (number + 0.5), half * count(row) / most
            _put_bar(ax, left, middle - 0.25, length, 0.5, colour.strong)
            said = f"{100 * count(row) / total:.0f} %"
            put_label(ax, left + length + 0.15, middle, said, ha="left", fontsize=10)
    for number, row in enumerate(rows):
        put_label(ax, -0.3, LINE * (number + 0.5), row.position, ha="right", fontsize=10)


def _put_bar(ax: Axes, x: float, y: float, width: float, height: float, fill: str) -> None:
    edge = GREY if fill == INPUT.pale else "none"
    ax.add_patch(Rectangle((x, y), width, height, facecolor=fill, edgecolor=edge, linewidth=0.5))
