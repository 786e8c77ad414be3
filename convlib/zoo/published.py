"""Tables of papers, compared with computed numbers."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

from convlib import arguments
from convlib.arguments import shown
from convlib.tables import text_table

Number = int | Fraction


class Table(NamedTuple):
    """A table of a paper, as it is printed there."""

    source: str
    read: str  # 'paper', 'transcription', 'repository' or 'quotation'
    columns: tuple[str, ...]
    units: tuple[int, ...]  # of a printed 1, in each column
    rows: Mapping[str, tuple[str, ...]]
    why: Mapping[str, str]  # of figures that differ, by "row, column"


class Figure(NamedTuple):
    """A printed number and the computed one, rounded to the printed digits."""

    row: str
    column: str
    published: str
    computed: str
    why: str | None

    @property
    def equal(self) -> bool:
        """Whether the printed number is the computed one."""
        return self.published == self.computed


@dataclass(frozen=True)
class Comparison:
    """The figures of a table, printed and computed; prints as a table with a count."""

    source: str
    figures: tuple[Figure, ...]

    def __iter__(self) -> Iterator[Figure]:
        """Iterate over the figures."""
        return iter(self.figures)

    def __str__(self) -> str:
        """Return the source, an aligned table, the count of equal figures, and reasons."""
        rows = [("", "", "printed", "computed", "")] + [
            (each.row, each.column, each.published, each.computed, "" if each.equal else "differs")
            for each in self.figures
        ]
        table = text_table(rows, left_columns=2)
        equal = sum(each.equal for each in self.figures)
        count = f"{equal} of {len(self.figures)} equal"
        notes = [f"{each.row}, {each.column}: {each.why}" for each in self.figures if each.why]
        return "\n".join([self.source, table, count, *notes])

    __repr__ = __str__


@cache
def tables() -> dict[str, Table]:
    """All published tables, by their keys.

    Returns
    -------
    dict of Table

    Examples
    --------
    >>> tables()["mobilenet-6"].rows["0.75"]
    ('325', '2.6')
    """
    entries = tomllib.loads((Path(__file__).parent / "published.toml").read_text("utf-8"))
    return {key: _table(**entry) for key, entry in entries.items()}


def _table(
    source: str,
    read: str,
    columns: list[str],
    rows: dict[str, list[str]],
    unit: int | list[int] = 1,
    why: Mapping[str, str] = {},  # only read
) -> Table:
    units = tuple(unit) if isinstance(unit, list) else (unit,) * len(columns)
    printed = {name: tuple(figures) for name, figures in rows.items()}
    return Table(source, read, tuple(columns), units, printed, why)


def compare(key: str, computed: Sequence[Sequence[Number]]) -> Comparison:
    """Compare a published table with computed numbers.

    Parameters
    ----------
    key : str
        Of the table in `tables`.
    computed : list of lists of int or Fraction
        For each row of the table a number for each column, in ones.

    Returns
    -------
    Comparison
        Each number rounded, half up, to as many digits as are printed.

    Raises
    ------
    ValueError
        There is no such table, or ``computed`` has not as many rows and columns.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> compare("vgg-flops", [[15470264320], [19632062464]])
    He et al. (2016), arXiv:1512.03385, section 4.1, on VGG-16 and VGG-19
              printed  computed
    16  MACs     15.3      15.5  differs
    19  MACs     19.6      19.6
    1 of 2 equal
    16, MACs: 15.3 leaves the fully connected layers out, 19.6 counts them
    """
    table = tables()[arguments.choice("key", key, tuple(tables()))]
    check_shape(computed, table.rows)
    figures = []
    for (row, printed), numbers in zip(table.rows.items(), computed, strict=True):
        columns = zip(table.columns, table.units, printed, numbers, strict=True)
        for column, unit, text, number in columns:
            why = table.why.get(f"{row}, {column}")
            figures.append(Figure(row, column, text, _rounded(number, unit, text), why))
    return Comparison(table.source, tuple(figures))


def check_shape(computed: Sequence[Sequence[object]], rows: Mapping[str, Sequence[object]]) -> None:
    """Raise unless there are as many computed numbers as printed ones, row by row."""
    if not isinstance(computed, list | tuple) or not all(
        isinstance(numbers, list | tuple) for numbers in computed
    ):
        raise TypeError(f"computed={shown(computed)} must be a list of lists of numbers")
    if len(computed) != len(rows):
        raise ValueError(f"computed has {len(computed)} rows, not {len(rows)}: {', '.join(rows)}")
    for (row, printed), numbers in zip(rows.items(), computed, strict=True):
        if len(numbers) != len(printed):
            raise ValueError(
                f"computed has {len(numbers)} numbers in row {row}, not {len(printed)}"
            )


def _rounded(number: Number, unit: int, printed: str) -> str:
    """Round to the digits that are printed."""
    exact = Fraction(number) / unit
    places = Decimal(printed)
    return str((Decimal(exact.numerator) / exact.denominator).quantize(places, ROUND_HALF_UP))
