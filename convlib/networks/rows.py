"""The result of a summary: rows with exact integers, which print as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convlib.arguments import shown
from convlib.networks.fields import Field
from convlib.spec import Sizes
from convlib.tables import html_table, text_table

HEADINGS = ("", "layer", "output", "parameters", "MACs", "field", "step", "start")
LEFT_COLUMNS = 3  # position, layer, output


@dataclass(frozen=True)
class Row:
    """Shape, costs and receptive field of a layer, or of a block of them, for one image.

    Attributes
    ----------
    position : str
        Of the layer in the network; of a layer in a block, after the block's, ``conv2.0``.
    layer : str
        The layer as one would type it; of a block, its kind.
    output : tuple of int
        Shape of the output.
    parameters, macs : int
        Learned numbers, and multiply-adds; adding a bias, pooling and the like are no MACs.
        The parameters of a layer that is used twice are counted where it is used first.
    weight_bytes, activation_bytes : int
        Of the parameters, and of the outputs. A flattened output has no memory of its own.
    fields : tuple of Field
        Receptive field of a number of the output, along each axis; empty where it is not
        known, which is after a transposed convolution.
    inner : tuple of Row
        Of a block, its layers.
    """

    position: str
    layer: str
    output: Sizes
    parameters: int
    macs: int
    weight_bytes: int
    activation_bytes: int
    fields: tuple[Field, ...]
    inner: tuple["Row", ...] = ()

    @property
    def receptive_field(self) -> tuple[int, ...]:
        """Pixels of the input that a number depends on, along each axis."""
        return tuple(field.size for field in self.fields)

    @property
    def effective_stride(self) -> tuple[int, ...]:
        """Pixels of the input from one number's field to the next, along each axis."""
        return tuple(field.step for field in self.fields)

    @property
    def effective_padding(self) -> tuple[int, ...]:
        """Padding in the first number's field before the image begins, along each axis."""
        return tuple(-field.start for field in self.fields)

    @property
    def start(self) -> tuple[int, ...]:
        """First pixel of the first number's field, along each axis; below 0 is padding."""
        return tuple(field.start for field in self.fields)

    def as_dict(self) -> dict[str, Any]:
        """Return the row as a dict, such as a table of pandas takes.

        Examples
        --------
        >>> from convlib.networks import Conv2d, summary
        >>> row = summary([Conv2d(1, 6, 5)], (1, 28, 28))[0].as_dict()
        >>> row["parameters"], row["receptive_field"]
        (156, (5, 5))
        """
        return {
            "position": self.position,
            "layer": self.layer,
            "output": self.output,
            "parameters": self.parameters,
            "macs": self.macs,
            "weight_bytes": self.weight_bytes,
            "activation_bytes": self.activation_bytes,
            "receptive_field": self.receptive_field,
            "effective_stride": self.effective_stride,
            "start": self.start,
        }


@dataclass(frozen=True)
class Summary(Row):
    """The rows of a network and, under the names of a `Row`, its totals; prints as a table.

    Iterate over the rows that are shown. ``summary[0]`` is the first of them, and
    ``summary["conv2.0"]`` the row of that position, shown or not.
    """

    input: Sizes = ()
    depth: int | None = None

    def __iter__(self) -> Iterator[Row]:
        """Iterate over the rows that are shown."""
        return _shown_rows(self.inner, self.depth)

    def __len__(self) -> int:
        """Return how many rows are shown."""
        return sum(1 for _ in self)

    def __getitem__(self, position: str | int) -> Row:
        """Return the row of a position, or the row that is shown with that number."""
        if isinstance(position, int | np.integer) and not isinstance(position, bool):
            rows = list(self)
            if not -len(rows) <= position < len(rows):
                raise ValueError(f"position={shown(position)}, but {len(rows)} rows are shown")
            return rows[position]
        by_position = {row.position: row for row in _all_rows(self.inner)}
        if position not in by_position:
            listed = ", ".join([*list(by_position)[:8], *["..."][: len(by_position) > 8]])
            raise ValueError(
                f"position={shown(position)} must be the number of a row or one of: {listed}"
            )
        return by_position[position]

    def __str__(self) -> str:
        """Return the summary as an aligned table."""
        return f"{text_table(self._cells(), LEFT_COLUMNS)}\n{self._bytes()}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(self._cells(), self._bytes(), "convlib-summary")

    def _cells(self) -> list[tuple[str, ...]]:
        return [HEADINGS, *(_cells(row, row.layer) for row in self), _cells(self, "")]

    def _bytes(self) -> str:
        return f"weights {self.weight_bytes:,} bytes, activations {self.activation_bytes:,} bytes"


def _all_rows(rows: Sequence[Row]) -> Iterator[Row]:
    """Iterate over rows and over those in them."""
    for row in rows:
        yield row
        yield from _all_rows(row.inner)


def _shown_rows(rows: Sequence[Row], depth: int | None) -> Iterator[Row]:
    """Iterate over the layers; a block at the last depth is one row."""
    for row in rows:
        if not row.inner or depth == 1:
            yield row
        else:
            yield from _shown_rows(row.inner, None if depth is None else depth - 1)


def _cells(row: Row, layer: str) -> tuple[str, ...]:
    return (
        row.position,
        layer,
        " x ".join(map(str, row.output)),
        f"{row.parameters:,}",
        f"{row.macs:,}",
        _short(row.receptive_field),
        _short(row.effective_stride),
        _short(row.start),
    )


def _short(values: tuple[int, ...]) -> str:
    """Return one number where all axes have the same, and a dash where none is known."""
    if not values:
        return "-"
    return str(values[0]) if len(set(values)) == 1 else str(values)
