"""A summary as a table: aligned for a terminal, in HTML for a notebook."""

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convlib.networks.summaries import Row, Summary

HEAD = ("", "layer", "output", "parameters", "MACs", "field", "stride", "start")
WORDS = 3  # columns of words, set to the left; those of numbers are set to the right


def as_text(summary: "Summary") -> str:
    """Align the columns with blanks."""
    table = [HEAD, *_cells(summary)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if number < WORDS else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    )
    return "\n".join([*map(str.rstrip, lines), _bytes(summary)])


def as_html(summary: "Summary") -> str:
    """Write a table of HTML; the page decides how it looks."""
    head = "".join(f'<th scope="col">{word}</th>' if word else "<td></td>" for word in HEAD)
    rows = [
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in _cells(summary)
    ]
    return "\n".join(
        [
            '<table class="convlib-summary">',
            f"<caption>{_bytes(summary)}</caption>",
            f"<thead><tr>{head}</tr></thead>",
            "<tbody>",
            *rows[:-1],
            "</tbody>",
            f"<tfoot>{rows[-1]}</tfoot>",
            "</table>",
        ]
    )


def _cells(summary: "Summary") -> list[tuple[str, ...]]:
    return [*map(_row, summary), _row(summary, words="")]


def _row(row: "Row", words: str | None = None) -> tuple[str, ...]:
    return (
        row.position,
        row.layer if words is None else words,
        " x ".join(map(str, row.output)),
        f"{row.parameters:,}",
        f"{row.macs:,}",
        _alike(row.receptive_field),
        _alike(row.effective_stride),
        _alike(row.start),
    )


def _alike(values: tuple[int, ...]) -> str:
    """Write one number where all axes have the same."""
    return str(values[0]) if len(set(values)) == 1 else str(values)


def _bytes(summary: "Summary") -> str:
    return f"weights {summary.weight_bytes:,} bytes, activations {summary.activation_bytes:,} bytes"
