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
    why: str

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


def compare(key: str, computed: Mapping[str, Sequence[Number]]) -> Comparison:
    """Lay a printed table beside computed numbers.

    Parameters
    ----------
    key : str
        Of the table in `tables`.
    computed : dict of lists of int or Fraction
        For each row of the table, a number for each column, in ones.

    Returns
    -------
    Comparison
        Each number rounded, half up, to as many digits as are printed.

    Raises
    ------
    ValueError
        There is no such table, or ``computed`` has other rows or columns than it.

    Examples
    --------
    >>> compare("mobilenet-4", {"dense": [4867290112, 29281000], "separable": [568740352, 4210088],
    ...                         "0.75": [325401600, 2570000], "shallow": [307320832, 2880000]})
    Howard et al. (2017), arXiv:1704.04861, Tables 4 and 5
                           printed  computed
    dense      MACs           4866      4867  differs
    dense      parameters     29.3      29.3
    separable  MACs            569       569
    separable  parameters      4.2       4.2
    0.75       MACs            325       325
    0.75       parameters      2.6       2.6
    shallow    MACs            307       307
    shallow    parameters      2.9       2.9
    7 of 8 equal
    dense, MACs: 4866 leaves the fully connected layer out (4866.3), 569 counts it: two conventions in one table
    """  # noqa: E501
    checks.one_of("key", key, tuple(tables()))
    table = tables()[key]
    checks.same_shape("computed", computed, table.rows)
    figures = (
        Figure(
            row, column, said, _rounded(number, unit, said), table.why.get(f"{row}, {column}", "")
        )
        for row, printed in table.rows.items()
        for column, unit, said, number in zip(
            table.columns, table.units, printed, computed[row], strict=True
        )
    )
    return Comparison(table.source, tuple(figures))


def _rounded(number: Number, unit: int, said: str) -> str:
    """Round to the digits that are printed."""
    exact = Fraction(number) / unit
    places = Decimal(said)
    return str((Decimal(exact.numerator) / exact.denominator).quantize(places, ROUND_HALF_UP))
