"""Parts of what is too large to be drawn, and the sentence that names them in the figure."""

import math

MOST_ARTISTS = 1000  # boxes and numbers of a diagram; more take matplotlib several seconds
MOST_SIDE = 64  # cells on paper along a side: 4032 pixels
MOST_PIXELS = 2**20  # of all maps that are drawn as pictures


def is_too_large(artists: float, width: float, height: float) -> bool:
    """Tell whether a diagram has too many boxes and numbers, or is too long on paper."""
    return artists > MOST_ARTISTS or max(width, height) > MOST_SIDE


def around(start: int, stop: int, count: int, most: int) -> range:
    """Return at most ``most`` places of ``range(count)``, with those from ``start`` to ``stop``.

    Where these alone are too many, the first of them are returned.

    Examples
    --------
    >>> around(10, 13, count=224, most=7), around(0, 3, count=5, most=7)
    (range(8, 15), range(0, 5))
    """
    length = min(most, count)
    spare = max(0, length - (stop - start))
    first = min(max(0, start - spare // 2), count - length)
    return range(first, first + length)


def square_part(rows: int, columns: int, most: int, longest: int) -> tuple[int, int]:
    """Return how many rows and columns of a table to draw: ``most`` cells, a side ``longest``.

    Examples
    --------
    >>> square_part(224, 224, 400, 30), square_part(4, 1000, 400, 30)
    ((20, 20), (4, 30))
    """
    side = math.isqrt(most)
    height = min(rows, longest, max(side, most // columns))
    width = min(columns, longest, max(side, most // height))
    return height, width


def first(drawn: int | tuple[int, ...], of: int | tuple[int, ...], noun: str) -> str:
    """Name the first of many, or return an empty string where all are drawn.

    Examples
    --------
    >>> first(16, 3364, "windows"), first((7, 7), (60, 60), "pixels"), first(5, 5, "pixels")
    ('the first 16 of 3,364 windows', 'the first 7 x 7 of 60 x 60 pixels', '')
    """
    if drawn == of:
        return ""
    number = "" if drawn == 1 else f" {_counted(drawn)}"
    return f"the first{number} of {_counted(of)} {noun}"


def between(drawn: tuple[range, range], of: tuple[int, int], noun: str) -> str:
    """Name rows and columns of a table, or return an empty string where all are drawn.

    Examples
    --------
    >>> between((range(4, 9), range(0, 5)), (224, 224), "pixels of the input")
    'rows 4 to 8 and columns 0 to 4 of 224 x 224 pixels of the input'
    """
    rows, columns = drawn
    if (len(rows), len(columns)) == of:
        return ""
    return f"{_named('row', rows)} and {_named('column', columns)} of {_counted(of)} {noun}"


def sentence(*parts: str) -> str:
    """Join what is drawn to a sentence, or to an empty one if everything is.

    Examples
    --------
    >>> sentence("the first 16 of 3,364 windows", "", "the first 7 x 7 of 60 x 60 pixels")
    'Drawn: the first 16 of 3,364 windows; the first 7 x 7 of 60 x 60 pixels.'
    """
    named = "; ".join(part for part in parts if part)
    return f"Drawn: {named}." if named else ""


def _counted(count: int | tuple[int, ...]) -> str:
    return " x ".join(f"{n:,}" for n in (count if isinstance(count, tuple) else (count,)))


def _named(noun: str, places: range) -> str:
    if len(places) == 1:
        return f"{noun} {places[0]:,}"
    return f"{noun}s {places[0]:,} to {places[-1]:,}"
