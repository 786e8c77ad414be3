"""Arguments of the networks, which papers give for a few values only."""

from collections.abc import Mapping
from typing import TypeVar

from convlib import arguments
from convlib.arguments import shown

Entry = TypeVar("Entry")


def lookup(name: str, value: object, table: Mapping[int, Entry]) -> Entry:
    """Return the entry of an argument that has a few values.

    Examples
    --------
    >>> lookup("depth", 50, {50: (3, 4, 6, 3)})
    (3, 4, 6, 3)
    """
    number = arguments.integer(name, value)
    if number not in table:
        raise ValueError(f"{name}={shown(value)} must be one of {', '.join(map(str, table))}")
    return table[number]


def check_width(value: object) -> None:
    """Raise unless a factor of all channels is a positive number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"width={shown(value)} must be a number")
    if not 0 < value < float("inf"):
        raise ValueError(f"width={value} must be above 0")
