"""The result of a summary: rows with exact integers, which print as a table."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convlib.arguments import shown
from convlib.networks.fields import Field
from convlib.networks.reads import Reads, Seen
from convlib.spec import Sizes
from convlib.tables import html_table, text_table

HEADINGS = ("", "layer", "output", "parameters", "MACs", "field", "step", "start")
LEFT_COLUMNS = 3  # position, layer, output


@dataclass(frozen=True)
class Output:
    """A tensor that a layer returns for one image: its shape, and what its numbers read."""

    shape: Sizes
    seen: Seen = field(compare=False, repr=False)

    def reads(self, number: int = 0) -> tuple[Reads, ...]:
        """Return what is read along each axis of one input of the network."""
        return tuple(self.seen[key] for key in sorted(self.seen) if key[0] == number)


@dataclass(frozen=True)
class Row:
    """Shape, costs and receptive field of a layer, or of a block of them, for one image.

    Attributes
    ----------
    position : str
        Of the layer in the network; of a layer in a block, after the block's, ``conv2.0``. Of a
        function that a torch module calls, its name after the module's, ``layer1.0.add``.
    layer : str
        The layer as one would type it; of a block, its kind.
    outputs : tuple of Output
        What it returns; of a layer that is called several times, the last time.
    parameters, macs : int
        Learned numbers, and multiply-adds; adding a bias, pooling and the like are no MACs.
        Parameters that are used twice are counted where they are used first.
    weight_bytes, activation_bytes : int
        Of the parameters, and of the outputs. A view, such as a flattened output, has no memory
        of its own.
    inner : tuple of Row
        Of a block, its layers.
    calls : int
        How often it is called; the costs are those of all calls.
    """

    position: str
    layer: str
    outputs: tuple[Output, ...]
    parameters: int
    macs: int
    weight_bytes: int
    activation_bytes: int
    inner: tuple["Row", ...] = ()
    calls: int = 1

    @property
    def output(self) -> Sizes:
        """Shape of the (first) output."""
        return self.outputs[0].shape if self.outputs else ()

    def reads(self, number: int = 0) -> tuple[Reads, ...]:
        """Return what the numbers of the first output read, along each axis of the image.

        Parameters
        ----------
        number : int
            Which input of the network, if it has several.

        Returns
        -------
        tuple of Reads
            Each has the spans ``padded``, ``inside`` and ``local``, with the arrays ``first`` and
            ``last``: one entry for each place along the axis ``dim`` of the output, batch and
            channels included, or one entry for all if ``dim`` is None.
        """
        return self.outputs[0].reads(number) if self.outputs else ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """Receptive field of a number of the output along each axis, padding counted as pixels.

        Where it varies from place to place, its size is the largest one. Of several inputs, the
        first one counts.
        """
        return tuple(reads.padded.field for reads in self.reads())

    @property
    def local_fields(self) -> tuple[Field, ...]:
        """Fields without what all numbers share: statistics of a norm, gates, pooled images."""
        return tuple(reads.local.field for reads in self.reads())

    @property
    def receptive_field(self) -> tuple[int, ...]:
        """Pixels of the input that a number depends on, along each axis."""
        return tuple(each.size for each in self.fields)

    @property
    def local_receptive_field(self) -> tuple[int, ...]:
        """Pixels of the input that a number depends on by its own windows, along each axis."""
        return tuple(each.size for each in self.local_fields)

    @property
    def receptive_field_inside(self) -> tuple[int, ...]:
        """Pixels of the input that a number depends on, without padding: those with a gradient."""
        return tuple(reads.inside.field.size for reads in self.reads())

    @property
    def is_bound(self) -> bool:
        """Whether the receptive field is only known to be at most as large."""
        return any(reads.is_bound for reads in self.reads())

    @property
    def effective_stride(self) -> tuple[Any, ...]:
        """Pixels of the input from one number's field to the next, along each axis.

        A Fraction behind an upsampling, None where it varies.
        """
        return tuple(each.step for each in self.fields)

    @property
    def effective_padding(self) -> tuple[int, ...]:
        """Padding in the first number's field before the image begins, along each axis."""
        return tuple(-each.start for each in self.fields)

    @property
    def start(self) -> tuple[int, ...]:
        """First pixel of the first number's field, along each axis; below 0 is padding."""
        return tuple(each.start for each in self.fields)

    def pixels(self, *place: int, padding: bool = True, number: int = 0) -> tuple[range, ...]:
        """Return the pixels in the field of one number of the output, along each axis.

        Parameters
        ----------
        place : int
            Of the number, along each axis of the output after the channels.
        padding : bool
            Whether padding counts, below 0 and behind the last pixel. Without it these are the
            pixels from the first to the last one that has a gradient.
        number : int
            Which input of the network, if it has several.

        Examples
        --------
        >>> from convlib.networks import Conv2d, summary
        >>> row = summary([Conv2d(1, 1, 3, padding=1)], (1, 5, 5))[0]
        >>> row.pixels(0, 4), row.pixels(0, 4, padding=False)
        ((range(-1, 2), range(3, 6)), (range(0, 2), range(3, 5)))
        """
        ranges = []
        for reads in self.reads(number):
            span = reads.padded if padding else reads.inside
            entry = 0 if reads.dim is None else place[reads.dim - 2]
            ranges.append(range(int(span.first[entry]), int(span.last[entry]) + 1))
        return tuple(ranges)

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
            "calls": self.calls,
            "output": self.output,
            "parameters": self.parameters,
            "macs": self.macs,
            "weight_bytes": self.weight_bytes,
            "activation_bytes": self.activation_bytes,
            "receptive_field": self.receptive_field,
            "effective_stride": self.effective_stride,
            "start": self.start,
            "local_receptive_field": self.local_receptive_field,
            "receptive_field_inside": self.receptive_field_inside,
            "is_bound": self.is_bound,
        }


def sum_rows(
    position: str, kind: str, rows: Sequence[Row], outputs: tuple[Output, ...], calls: int = 1
) -> Row:
    """Return the row of a block: its costs are the sums of its rows'."""
    return Row(
        position,
        kind,
        outputs,
        parameters=sum(row.parameters for row in rows),
        macs=sum(row.macs for row in rows),
        weight_bytes=sum(row.weight_bytes for row in rows),
        activation_bytes=sum(row.activation_bytes for row in rows),
        inner=tuple(rows),
        calls=calls,
    )


@dataclass(frozen=True)
class Summary(Row):
    """The rows of a network and its totals, which have the names of a `networks.Row`.

    It prints as a table. Iterate over the rows that are shown. ``summary[0]`` is the first of
    them, and ``summary["conv2.0"]`` the row of that position, shown or not.

    Attributes
    ----------
    inputs : tuple of tuple of int
        Shapes of the images.
    depth : int or None
        Deeper blocks are one row.
    notes : tuple of str
        What is not known, such as the MACs of an operation; and why the rows end before the
        network does, if they do.
    is_complete : bool
        Whether the rows are those of the whole network.
    unaligned : tuple of (str, str)
        Layers whose output does not move with the image, and why: what cannot be computed in
        tiles.
    """

    inputs: tuple[Sizes, ...] = ()
    depth: int | None = None
    notes: tuple[str, ...] = ()
    is_complete: bool = True
    unaligned: tuple[tuple[str, str], ...] = ()

    @property
    def input(self) -> Sizes:
        """Shape of the (first) image."""
        return self.inputs[0]

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

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows that are shown as dicts: ``pandas.DataFrame(summary.to_dicts())``.

        Examples
        --------
        >>> from convlib.networks import Conv2d, ReLU, summary
        >>> [row["macs"] for row in summary([Conv2d(1, 6, 5), ReLU()], (1, 28, 28)).to_dicts()]
        [86400, 0]
        """
        return [row.as_dict() for row in self]

    def to_csv(self) -> str:
        """Return the rows that are shown as comma-separated values, with a line of headings.

        Sizes of several axes are written as in the table: ``6 x 24 x 24``.

        Examples
        --------
        >>> from convlib.networks import Conv2d, summary
        >>> print(summary([Conv2d(1, 6, 5)], (1, 28, 28)).to_csv().splitlines()[1][:38])
        0,"Conv2d(1, 6, 5)",1,6 x 24 x 24,156,
        """
        rows = [
            {
                name: " x ".join(map(str, value)) if isinstance(value, tuple) else value
                for name, value in row.items()
            }
            for row in self.to_dicts()
        ]
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self.as_dict()), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def __str__(self) -> str:
        """Return the summary as an aligned table."""
        return "\n".join([text_table(self._cells(), LEFT_COLUMNS), self._bytes(), *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        caption = ". ".join([self._bytes(), *self.notes])
        return html_table(self._cells(), caption, "convlib-summary")

    def _cells(self) -> list[tuple[str, ...]]:
        rows = [*self, self]
        is_local = any(row.local_receptive_field != row.receptive_field for row in rows)
        headings = (*HEADINGS, "local", "step") if is_local else HEADINGS
        return [
            headings,
            *(_cells(row, _called(row), is_local) for row in self),
            _cells(self, "", is_local),
        ]

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


def _called(row: Row) -> str:
    return row.layer if row.calls == 1 else f"{row.layer}, {row.calls} calls"


def _cells(row: Row, layer: str, is_local: bool) -> tuple[str, ...]:
    """Write a row; the field next to gates and statistics is shown where it differs."""
    local = [_short(row.local_receptive_field), _short([f.step for f in row.local_fields])]
    return (
        row.position,
        layer,
        ", ".join(" x ".join(map(str, output.shape)) for output in row.outputs) or "-",
        f"{row.parameters:,}",
        f"{row.macs:,}",
        "<=" * row.is_bound + _short(row.receptive_field),
        _short(row.effective_stride),
        _short(row.start),
        *(local if is_local else []),
    )


def _short(values: Sequence[Any]) -> str:
    """Return one number where all axes have the same, and a dash where none is known."""
    texts = ["-" if value is None else str(value) for value in values]
    if not texts:
        return "-"
    return texts[0] if len(set(texts)) == 1 else f"({', '.join(texts)})"
