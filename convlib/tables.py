"""Text tables with aligned columns, and the same rows as HTML."""

from collections.abc import Sequence
from html import escape

Cells = Sequence[str]


def text_table(rows: Sequence[Cells], left_columns: int) -> str:
    """Align the columns of a table with spaces.

    Parameters
    ----------
    rows : list of lists of str
        As many cells in each, the headings among them.
    left_columns : int
        So many columns, the first ones, are aligned on the left, the others on the right.

    Examples
    --------
    >>> print(text_table([("", "pixels"), ("image", "9"), ("padded", "121")], left_columns=1))
            pixels
    image        9
    padded     121
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if number < left_columns else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def html_table(rows: Sequence[Cells], caption: str, css_class: str) -> str:
    """Write a table as HTML: headings first, totals last, and a heading in each row."""
    head, *body, foot = rows
    headings = (f'<th scope="col">{escape(cell)}</th>' if cell else "<td></td>" for cell in head)
    return "\n".join(
        [
            f'<table class="{css_class}">',
            f"<caption>{escape(caption)}</caption>",
            f"<thead><tr>{''.join(headings)}</tr></thead>",
            "<tbody>",
            *map(_html_row, body),
            "</tbody>",
            f"<tfoot>{_html_row(foot)}</tfoot>",
            "</table>",
        ]
    )


def _html_row(row: Cells) -> str:
    first, *others = map(escape, row)
    cells = "".join(f"<td>{cell}</td>" for cell in others)
    return f'<tr><th scope="row">{first}</th>{cells}</tr>'
