"""What is drawn or explored: grids, masks, pictures side by side, settings."""

from collections.abc import Sequence
from typing import Any

from convlib.checks.arrays import Array, array
from convlib.checks.integers import Padding, integer, integers, padding_per_axis, shown_value


def grid(name: str, value: object) -> Array:
    """Take an array of rows and columns of real numbers."""
    taken = array(name, value)
    if taken.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {taken.dtype.name}; real numbers are needed")
    if taken.ndim != 2:
        raise ValueError(f"{name} of shape {taken.shape} must have 2 axes: (rows, columns)")
    return taken


def mask(name: str, value: object, shape: tuple[int, ...]) -> Array:
    """Take an array of bool of a given shape."""
    taken = array(name, value)
    if taken.shape != shape or taken.dtype != bool:
        raise ValueError(
            f"{name} of shape {taken.shape} and dtype {taken.dtype} must be bool of shape {shape}"
        )
    return taken


def step(input: object, weight: object) -> tuple[Array, Array]:
    """Take one image and one kernel, both with a channel axis or both without."""
    image, kernel = array("input", input), array("weight", weight)
    if image.ndim not in (2, 3) or kernel.ndim != image.ndim:
        raise ValueError(
            f"input of shape {image.shape} and weight of shape {kernel.shape} must both have "
            "the axes (rows, columns) or both (channels, rows, columns)"
        )
    return image, kernel


def pictures(images: Any, titles: Any, columns: object) -> tuple[list[Array], list[str], int]:
    """Take images of rows and columns, a title for each, and how many stand in a row."""
    for name, value in (("images", images), ("titles", titles)):
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise TypeError(f"{name} must be a list with at least one entry, not {value!r}")
    given, names = list(images), list(titles)
    if len(given) != len(names):
        raise ValueError(f"titles has {len(names)} entries, but there are {len(given)} images")
    return [grid("images", image) for image in given], names, integer("columns", columns)


MOST_EXPLORED = 9999


def explored(name: str, value: Any, axes: int = 2) -> Padding:
    """Take a setting of an explorer, in the form in which it was given."""
    if isinstance(value, str) and name == "padding":
        padding_per_axis(value, axes, stride=())
        return value
    entries = integers(name, value, axes) if axes > 1 else (integer(name, value),)
    if max(entries) > MOST_EXPLORED:
        raise ValueError(
            f"{name}={shown_value(value)} must be at most {MOST_EXPLORED} to be explored"
        )
    return entries[0] if len(set(entries)) == 1 else entries
