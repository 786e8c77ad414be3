"""What papers print, beside what comes out."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

from convlib import checks

Number = int | Fraction


class Table(NamedTuple):
    """A table of a paper, as it is printed there."""

    source: str
    read: str  # 'paper', 'transcription', 'repository' or 'quotation'
    columns: tuple[str, ...]
    units: tuple[int, ...]  # what a printed 1 stands for, in each column
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
        """Whether what is printed is what comes out."""
        return self.published == self.computed


@dataclass(frozen=True)
class Comparison:
    """The figures of a table; prints the two numbers side by side, and a tally."""

    source: str
    figures: tuple[Figure, ...]

    def __iter__(self) -> Iterator[Figure]:
        """Go through the figures."""
        return iter(self.figures)

    def __str__(self) -> str:
        """Align what is printed with what comes out."""
        head = ("", "", "printed", "computed", "")
        lines = [head] + [
            (each.row, each.column, each.published, each.computed, "" if each.equal else "differs")
            for each in self.figures
        ]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        aligned = (
            f"{row:{widths[0]}}  {column:{widths[1]}}  {said:>{widths[2]}}  {found:>{widths[3]}}"
            f"  {verdict}".rstrip()
            for row, column, said, found, verdict in lines
        )
        equal = sum(each.equal for each in self.figures)
        tally = f"{equal} of {len(self.figures)} equal"
        notes = [f"{each.row}, {each.column}: {each.why}" for each in self.figures if each.why]
        return "\n".join([self.source, *aligned, tally, *notes])

    __repr__ = __str__


@cache
def tables() -> dict[str, Table]:
    """Read all tables, by their keys.

    Returns
    -------
    dict of Table

    Examples
    --------
    >>> tables()["mobilenet-6"].rows["0.75"]
    ('325', '2.6')
    """
    found = tomllib.loads((Path(__file__).parent / "published.toml").read_text("utf-8"))
    return {key: _table(**entry) for key, entry in found.items()}


def _table(
    source: str,
    read: str,
    columns: list[str],
    rows: dict[str, list[str]],
    unit: int | list[int] = 1,
    why: Mapping[str, str] = {},  # only read
) -> Table:
    units = tuple(unit) if isinstance(unit, list) else (unit,) * len(columns)
    said = {name: tuple(figures) for name, figures in rows.items()}
    return Table(source, read, tuple(columns), units, said, why)


def compare(key: str, computed: Sequence[Sequence[Number]]) -> Comparison:
    """Lay a printed table beside computed numbers.

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
    Chapter ``07-networks``.

    Examples
    --------
    >>> compare("vgg-flops", [[15470264320], [19632062464]])
    He et al. (2016), arXiv:1512.03385, section 3.3, on VGG-16 and VGG-19
              printed  computed
    16  MACs     15.3      15.5  differs
    19  MACs     19.6      19.6
    1 of 2 equal
    16, MACs: 15.3 leaves the fully connected layers out, 19.6 counts them
    """
    checks.one_of("key", key, tuple(tables()))
    table = tables()[key]
    checks.same_shape("computed", computed, table.rows)
    figures = (
        Figure(row, column, said, _rounded(number, unit, said), table.why.get(f"{row}, {column}"))
        for (row, printed), numbers in zip(table.rows.items(), computed, strict=True)
        for column, unit, said, number in zip(
            table.columns, table.units, printed, numbers, strict=True
        )
    )
    return Comparison(table.source, tuple(figures))


def _rounded(number: Number, unit: int, said: str) -> str:
    """Round to the digits that are printed."""
    exact = Fraction(number) / unit
    places = Decimal(said)
    return str((Decimal(exact.numerator) / exact.denominator).quantize(places, ROUND_HALF_UP))
