"""Shapes, costs and receptive fields through a network."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from convlib import arguments, core
from convlib.arguments import shown
from convlib.layer import Layer
from convlib.networks.fields import IDENTITY, Field, join_fields
from convlib.networks.layers import Branch
from convlib.networks.parsing import Block, at_position, normalized
from convlib.networks.rows import Row, Summary
from convlib.spec import Axis, Sizes

Fields = tuple[Field, ...]  # of each axis; empty: not known


def summary(
    layers: Any, input_size: Sequence[int], itemsize: int = 4, depth: int | None = None
) -> Summary:
    """Output shapes, parameters, MACs, memory and receptive fields of a network.

    Parameters
    ----------
    layers : list of layers, dict of named ones, or torch.nn.Sequential
        Layers of ``convlib.networks``, blocks of them (again lists or dicts),
        `networks.Branch`, and torch's own layers, of which the arguments are read.
    input_size : tuple of int
        Of one image, (C, H, W); (C, W) or (C, D, H, W) for other axes.
    itemsize : int
        Bytes of a number; 4 is float32.
    depth : int, optional
        Show deeper blocks as one row. All layers by default.

    Returns
    -------
    Summary
        Prints as a table; has a row for each layer, and the totals.

    Raises
    ------
    ValueError
        A layer does not fit its input: the message says which, and why.
    TypeError
        Something is no known layer, or a torch module with a ``forward`` of its own: the order
        in which it calls its modules, and what it adds, is not visible.

    Notes
    -----
    Chapter ``networks``. One layer object used twice has one weight: its parameters are
    counted once, its MACs twice.

    Examples
    --------
    >>> from convlib.networks import Conv2d, MaxPool2d
    >>> stem = {"conv": Conv2d(3, 64, 7, stride=2, padding=3), "pool": MaxPool2d(3, 2, 1)}
    >>> summary(stem, (3, 224, 224)).receptive_field
    (11, 11)
    >>> summary([Conv2d(1, 6, 5), MaxPool2d(2)], (1, 28, 28))
           layer            output       parameters    MACs  field  step  start
    0      Conv2d(1, 6, 5)  6 x 24 x 24         156  86,400      5     1      0
    1      MaxPool2d(2)     6 x 12 x 12           0       0      6     2      0
    total                   6 x 12 x 12         156  86,400      6     2      0
    weights 624 bytes, activations 17,280 bytes
    """
    input = _image_shape(input_size)
    tracer = _Tracer(arguments.integer("itemsize", itemsize))
    shown_depth = None if depth is None else arguments.integer("depth", depth)
    nodes = normalized("", layers)
    block = nodes if isinstance(nodes, Mapping) else {"0": nodes}  # a layer alone
    total = tracer.block("", block, input, (IDENTITY,) * (len(input) - 1))
    return Summary(**{**vars(total), "position": "total"}, input=input, depth=shown_depth)


def _image_shape(value: object) -> Sizes:
    """Return the shape of one image: channels, and one to three axes."""
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= 4:
        raise ValueError(
            f"input_size={shown(value)} must be the shape of one image without the batch: "
            "(C, H, W), or (C, W) or (C, D, H, W)"
        )
    return tuple(arguments.integer("size", entry, container=value) for entry in value)


class _Tracer:
    """Follows one image through layers, and remembers whose parameters are counted."""

    def __init__(self, itemsize: int) -> None:
        self.itemsize = itemsize
        self.counted: set[int] = set()  # ids of layers

    def block(self, position: str, block: Block, shape: Sizes, fields: Fields) -> Row:
        """Trace layers in sequence."""
        rows: list[Row] = []
        for name, node in block.items():
            row = self.node(f"{position}.{name}" if position else name, node, shape, fields)
            shape, fields = row.output, row.fields
            rows.append(row)
        return _sum(position, "block" if rows else "shortcut", rows, shape, fields)

    def node(self, position: str, node: Any, shape: Sizes, fields: Fields) -> Row:
        """Trace a layer, a branch or a block."""
        if isinstance(node, Mapping):
            return self.block(position, node, shape, fields)
        if isinstance(node, Branch):
            return self.branch(position, node, shape, fields)
        return self.layer(position, node, shape, fields)

    def layer(self, position: str, layer: Layer, shape: Sizes, fields: Fields) -> Row:
        """Trace a layer."""
        with at_position(position, layer):
            cost = layer.cost(shape)
        parameters = 0 if id(layer) in self.counted else cost.parameters
        self.counted.add(id(layer))
        return Row(
            position,
            repr(layer),
            cost.output,
            parameters,
            cost.macs,
            weight_bytes=self.itemsize * parameters,
            activation_bytes=self.itemsize * math.prod(cost.output) * cost.stored,
            fields=_through_axes(fields, cost.axes),
        )

    def branch(self, position: str, branch: Branch, shape: Sizes, fields: Fields) -> Row:
        """Trace each path from the same input, and join the outputs."""
        rows = [
            self.block(f"{position}.{number}", path, shape, fields)
            for number, path in enumerate(branch.paths)
        ]
        with at_position(position, f"Branch(..., join={branch.join!r})"):
            output = joined_shape(branch.join, [row.output for row in rows])
            joined = _joined_fields(output, [row.fields for row in rows])
        memory = self.itemsize * math.prod(output)
        join = Row(f"{position}.{branch.join}", branch.join, output, 0, 0, 0, memory, joined)
        return _sum(position, f"branch of {len(branch.paths)}", [*rows, join], output, joined)


def _through_axes(fields: Fields, axes: tuple[Axis, ...] | None) -> Fields:
    """Return receptive fields after one more layer."""
    if axes is None or not fields:
        return ()
    if not axes:  # of a flat input
        return fields
    pairs = zip(fields, axes, strict=True)
    return tuple(Field(*core.through_layer(field, *axis[1:])) for field, axis in pairs)


def joined_shape(join: str, outputs: Sequence[Sizes]) -> Sizes:
    """Return the shape of outputs that are added, or concatenated along the channels."""
    first = outputs[0]
    skip = 0 if join == "add" else 1
    for number, output in enumerate(outputs):
        if len(output) != len(first) or output[skip:] != first[skip:]:
            alike = "shape" if join == "add" else "shape but for the channels"
            raise ValueError(
                f"path 0 gives {first} and path {number} gives {output}; join={join!r} needs "
                f"one {alike}"
            )
    return first if join == "add" else (sum(output[0] for output in outputs), *first[1:])


def _joined_fields(output: Sizes, paths: Sequence[Fields]) -> Fields:
    """Return the receptive fields of joined paths; empty if one of them is not known."""
    if not all(paths):
        return ()
    columns = list(zip(*paths, strict=True))  # for each axis, the fields of all paths
    sizes = output[1:] or (1,) * len(columns)
    return tuple(_joined(size, fields) for size, fields in zip(sizes, columns, strict=True))


def _joined(size: int, fields: Iterable[Field]) -> Field:
    """Join the fields of paths. A lone number has no neighbour, so its step may be any."""
    fields = list(fields)
    if size == 1:
        step = max(field.step for field in fields)
        fields = [field._replace(step=step) for field in fields]
    return join_fields(fields)


def _sum(position: str, kind: str, rows: Sequence[Row], output: Sizes, fields: Fields) -> Row:
    """Return the row of a block: its costs are the sums of its rows'."""
    return Row(
        position,
        kind,
        output,
        parameters=sum(row.parameters for row in rows),
        macs=sum(row.macs for row in rows),
        weight_bytes=sum(row.weight_bytes for row in rows),
        activation_bytes=sum(row.activation_bytes for row in rows),
        fields=fields,
        inner=tuple(rows),
    )
