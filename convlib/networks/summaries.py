"""A network added up: what comes out of each layer, what it costs, what it sees."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convlib import checks
from convlib.networks import tables
from convlib.networks.fields import EYE, Field, look_through, side_by_side
from convlib.networks.layers import Branch, Layer, Shape
from convlib.networks.reading import Block, described


@dataclass(frozen=True)
class Row:
    """What is known of a layer, or of a block of them: exact integers, for one image.

    Attributes
    ----------
    position : str
        Where the layer stands; a layer in a block behind the block's, ``conv2.0``.
    layer : str
        The layer as one would type it; of a block, what it is.
    output : tuple of int
        The shape that comes out.
    parameters, macs : int
        Numbers that are learned, and multiply-adds; adding a bias, pooling and the like
        are no MACs.
    weight_bytes, activation_bytes : int
        Of the parameters, and of the outputs. A flattened output is counted where it was made.
    fields : tuple of Field
        What a number of the output sees of the input, along each axis.
    inner : tuple of Row
        Of a block, its layers.
    """

    position: str
    layer: str
    output: Shape
    parameters: int
    macs: int
    weight_bytes: int
    activation_bytes: int
    fields: tuple[Field, ...]
    inner: tuple["Row", ...] = ()

    @property
    def receptive_field(self) -> tuple[int, ...]:
        """Pixels of the input that a number sees, along each axis."""
        return tuple(field.size for field in self.fields)

    @property
    def effective_stride(self) -> tuple[int, ...]:
        """Pixels of the input from one number to the next, along each axis."""
        return tuple(field.stride for field in self.fields)

    @property
    def effective_padding(self) -> tuple[int, ...]:
        """Pixels that the first number sees before the image begins, along each axis."""
        return tuple(-field.start for field in self.fields)

    @property
    def start(self) -> tuple[int, ...]:
        """The first pixel that the first number sees, along each axis; below 0 is padding."""
        return tuple(field.start for field in self.fields)


@dataclass(frozen=True)
class Summary(Row):
    """A network's rows and, in the names of a `Row`, its totals; prints as a table.

    Iterate for the rows that are shown; ``summary["conv2.0"]`` is the row of that position,
    shown or not.
    """

    input: Shape = ()
    depth: int | None = None

    def __iter__(self) -> Iterator[Row]:
        """Go through the rows that are shown."""
        return _shown(self.inner, self.depth)

    def __len__(self) -> int:
        """Count the rows that are shown."""
        return sum(1 for _ in self)

    def __getitem__(self, position: str) -> Row:
        """Find the row of a position."""
        known = {row.position: row for row in _all(self.inner)}
        checks.known_position("position", position, known)
        return known[position]

    def __str__(self) -> str:
        """Align it as a table."""
        return tables.as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return tables.as_html(self)


def summary(
    layers: Any, input_size: Sequence[int], itemsize: int = 4, depth: int | None = None
) -> Summary:
    """Follow an image through a network, and add up.

    Parameters
    ----------
    layers : list of layers, dict of named ones, or torch.nn.Sequential
        Layers of ``convlib.networks``, blocks of them (again lists or dicts),
        `networks.Branch`; also convlib's and torch's own layers, which are asked for their
        arguments.
    input_size : tuple of int
        Of one image, (C, H, W); (C, W) or (C, D, H, W) for other axes.
    itemsize : int
        Bytes of a number; 4 is float32.
    depth : int, optional
        Show a block that lies deeper as one row. All layers by default.

    Returns
    -------
    Summary
        A table where it is printed; rows and totals where it is asked.

    Raises
    ------
    ValueError
        A layer does not fit its input: the sentence says which, and why.
    TypeError
        Something is no layer that is known, or a torch module whose ``forward`` is its own: in
        which order it calls its modules, and what it adds, cannot be seen.

    Notes
    -----
    Chapter ``07-networks``.

    Examples
    --------
    >>> from convlib.networks import Conv2d, MaxPool2d
    >>> stem = {"conv": Conv2d(3, 64, 7, stride=2, padding=3), "pool": MaxPool2d(3, 2, 1)}
    >>> summary(stem, (3, 224, 224)).receptive_field
    (11, 11)
    >>> summary([Conv2d(1, 6, 5), MaxPool2d(2)], (1, 28, 28))
           layer            output       parameters    MACs  field  stride  start
    0      Conv2d(1, 6, 5)  6 x 24 x 24         156  86,400      5       1      0
    1      MaxPool2d(2)     6 x 12 x 12           0       0      6       2      0
    total                   6 x 12 x 12         156  86,400      6       2      0
    weights 624 bytes, activations 17,280 bytes
    """
    input = checks.network_input("input_size", input_size)
    size = checks.integer("itemsize", itemsize)
    shown = None if depth is None else checks.integer("depth", depth)
    found = described("", layers)
    block = found if isinstance(found, Mapping) else {"0": found}  # a layer alone
    total = _block("", block, input, (EYE,) * (len(input) - 1), size)
    return Summary(**{**vars(total), "position": "total"}, input=input, depth=shown)


def _block(
    position: str, block: Block, shape: Shape, fields: tuple[Field, ...], itemsize: int
) -> Row:
    """Go through layers that lie one behind another."""
    rows: list[Row] = []
    for name, node in block.items():
        place = f"{position}.{name}" if position else name
        row = _row(place, node, shape, fields, itemsize)
        shape, fields = row.output, row.fields
        rows.append(row)
    return _sum(position, "block" if rows else "shortcut", rows, shape, fields)


def _row(position: str, node: Any, shape: Shape, fields: tuple[Field, ...], itemsize: int) -> Row:
    if isinstance(node, Mapping):
        return _block(position, node, shape, fields, itemsize)
    if isinstance(node, Branch):
        return _branch(position, node, shape, fields, itemsize)
    return _layer(position, node, shape, fields, itemsize)


def _layer(
    position: str, layer: Layer, shape: Shape, fields: tuple[Field, ...], itemsize: int
) -> Row:
    with checks.at_position(position, layer):
        step = layer.step(shape)
    if step.windows:
        fields = tuple(
            look_through(field, *window) for field, window in zip(fields, step.windows, strict=True)
        )
    bytes_out = itemsize * math.prod(step.output) * step.stored
    costs = step.parameters, step.macs, itemsize * step.parameters, bytes_out
    return Row(position, repr(layer), step.output, *costs, fields)


def _branch(
    position: str, branch: Branch, shape: Shape, fields: tuple[Field, ...], itemsize: int
) -> Row:
    """Go through each path from the same input, and join what comes out."""
    rows = [
        _block(f"{position}.{number}", path, shape, fields, itemsize)
        for number, path in enumerate(branch.paths)
    ]
    with checks.at_position(position, f"Branch(..., join={branch.join!r})"):
        output = checks.joined(branch.join, [row.output for row in rows])
        sizes = output[1:] or (1,) * len(fields)
        joined = tuple(
            _joined(size, [row.fields[axis] for row in rows]) for axis, size in enumerate(sizes)
        )
    made = itemsize * math.prod(output)
    join = Row(f"{position}.{branch.join}", branch.join, output, 0, 0, 0, made, joined)
    return _sum(position, f"branch of {len(branch.paths)}", [*rows, join], output, joined)


def _joined(size: int, fields: list[Field]) -> Field:
    """Join what paths see. A lone number has no neighbour, so its stride is anyone's."""
    if size == 1:
        stride = max(field.stride for field in fields)
        fields = [field._replace(stride=stride) for field in fields]
    return side_by_side(fields)


def _sum(
    position: str, what: str, rows: Sequence[Row], output: Shape, fields: tuple[Field, ...]
) -> Row:
    return Row(
        position,
        what,
        output,
        parameters=sum(row.parameters for row in rows),
        macs=sum(row.macs for row in rows),
        weight_bytes=sum(row.weight_bytes for row in rows),
        activation_bytes=sum(row.activation_bytes for row in rows),
        fields=fields,
        inner=tuple(rows),
    )


def _all(rows: Sequence[Row]) -> Iterator[Row]:
    """Go through rows, and what is in them."""
    for row in rows:
        yield row
        yield from _all(row.inner)


def _shown(rows: Sequence[Row], depth: int | None) -> Iterator[Row]:
    """Go through the layers; a block that lies too deep stands for its own."""
    for row in rows:
        if not row.inner or depth == 1:
            yield row
        else:
            yield from _shown(row.inner, None if depth is None else depth - 1)
