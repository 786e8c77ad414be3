"""Shapes, costs and receptive fields through a network."""

import importlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from convlib import arguments
from convlib.arguments import shown
from convlib.connections import Connections, windows
from convlib.layer import Layer, LayerCost
from convlib.networks import reads
from convlib.networks.layers import Branch
from convlib.networks.modules import has_modules, is_torch_module
from convlib.networks.parsing import Block, at_position, normalized
from convlib.networks.pooling import AdaptivePool
from convlib.networks.reads import Seen
from convlib.networks.rows import Output, Row, Summary, sum_rows
from convlib.spec import Sizes

ITEMSIZE = 4  # bytes of a float32
BATCH = 1
FIRST_AXIS = 2  # of an image, behind the batch and the channels


class LayerError(ValueError):
    """A layer does not fit its input.

    Attributes
    ----------
    summary : Summary
        The rows of the layers before it.
    """

    def __init__(self, message: str, summary: Summary) -> None:
        super().__init__(message)
        self.summary = summary
        if len(summary):
            self.add_note(f"the layers before it:\n{summary}")


def summary(
    layers: Any,
    input_size: Sequence[Any],
    itemsize: int | None = None,
    depth: int | None = None,
) -> Summary:
    """Output shapes, parameters, MACs, memory and receptive fields of a network.

    Parameters
    ----------
    layers : torch.nn.Module, or list of layers, or dict of named ones
        Any module of torch, whatever its ``forward`` does; or layers of ``convlib.networks``,
        blocks of them (again lists or dicts), `networks.Branch`, and modules among them.
    input_size : tuple of int, or list of them
        Shape of one image, (C, H, W); (C, W) or (C, D, H, W) for other axes, (C,) for none. Of a
        module with several inputs, a list of shapes.
    itemsize : int, optional
        Bytes of a number in the layers of convlib, 4 by default, which is float32. Those of a
        torch module have dtypes.
    depth : int, optional
        Show deeper blocks as one row. All layers by default.

    Returns
    -------
    Summary
        Prints as a table; has a row for each layer, and the totals.

    Raises
    ------
    ValueError
        A layer does not fit its input: the message says which, and why, and the attribute
        ``summary`` of the error has the rows before it.
    TypeError
        Something is no layer, or a torch module cannot be copied.

    Notes
    -----
    Chapter ``networks``. A parameter that is used several times is counted once, its MACs each
    time.

    A torch module is copied without its numbers, to torch's meta device, and the copy is run once
    in evaluation mode, its hooks included. The module itself is neither changed nor moved. Each
    operation is attributed to the module that runs it. Where an operation has no shape without
    numbers, such as ``nonzero``, the rows end, and a note says so.

    A receptive field counts padding as pixels, as if the image went on beyond its ends; then all
    numbers of a layer have one size of field. ``receptive_field_inside`` counts the pixels of the
    image alone, which are those with a gradient. Means and variances over the image, gates
    (squeeze and excitation) and pooled images let every number depend on all pixels;
    ``local_receptive_field`` leaves them out. Fields of operations that are known in part only
    are upper bounds, and marked ``<=``.

    Examples
    --------
    >>> from convlib.zoo import resnet
    >>> table = summary(resnet(50), (3, 224, 224))
    >>> table.parameters, table["stage5"].receptive_field
    (25503912, (483, 483))
    >>> from convlib.networks import Conv2d, MaxPool2d
    >>> summary([Conv2d(1, 6, 5), MaxPool2d(2)], (1, 28, 28))
           layer            output       parameters    MACs  field  step  start
    0      Conv2d(1, 6, 5)  6 x 24 x 24         156  86,400      5     1      0
    1      MaxPool2d(2)     6 x 12 x 12           0       0      6     2      0
    total                   6 x 12 x 12         156  86,400      6     2      0
    weights 624 bytes, activations 17,280 bytes
    """
    shapes = _image_shapes(input_size)
    size = ITEMSIZE if itemsize is None else arguments.integer("itemsize", itemsize)
    tracer = _Tracer(size, shapes, None if depth is None else arguments.integer("depth", depth))
    images = [
        Output(shape, reads.pixels_of_image(number, shape[1:]))
        for number, shape in enumerate(shapes)
    ]
    if is_torch_module(layers) and itemsize is not None:
        raise ValueError(f"itemsize={itemsize}, but the numbers of a torch module have dtypes")
    if not is_torch_module(layers) and len(shapes) > 1:
        raise ValueError(f"input_size={shown(input_size)} must be one shape for a list of layers")
    try:
        return tracer.network(layers, images)
    except _Stopped as stopped:
        return stopped.summary


def _image_shapes(value: object) -> list[Sizes]:
    """Return the shapes of the images: channels, and up to three axes, of each."""
    if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple):
        return [_image_shape(each) for each in value]
    return [_image_shape(value)]


def _image_shape(value: object) -> Sizes:
    """Return the shape of one image: channels, and up to three axes."""
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= 4:
        raise ValueError(
            f"input_size={shown(value)} must be the shape of one image without the batch: "
            "(C, H, W), or (C,), (C, W) or (C, D, H, W)"
        )
    return tuple(arguments.integer("size", entry, container=value) for entry in value)


class _Stopped(Exception):
    """The rows end before the network does: an operation has no shape without numbers."""

    def __init__(self, summary: Summary) -> None:
        super().__init__()
        self.summary = summary


class _Tracer:
    """Follows one image through layers, and remembers which parameters are counted."""

    def __init__(self, itemsize: int, shapes: Sequence[Sizes], depth: int | None) -> None:
        self.itemsize = itemsize
        self.shapes = tuple(shapes)
        self.depth = depth
        self.counted: set[int] = set()  # ids of layers, and of torch's parameters
        self.rows: list[Row] = []  # of single layers, so far
        self.notes: list[str] = []
        self.unaligned: list[tuple[str, str]] = []

    def summary(
        self, rows: Sequence[Row], outputs: tuple[Output, ...], is_complete: bool = True
    ) -> Summary:
        """Return the rows with their totals."""
        total = sum_rows("total", "block", rows, outputs)
        return Summary(
            **vars(total),
            inputs=self.shapes,
            depth=self.depth,
            notes=tuple(self.notes),
            is_complete=is_complete,
            unaligned=tuple(self.unaligned),
        )

    def network(self, layers: Any, images: Sequence[Output]) -> Summary:
        """Trace a torch module, or layers in sequence."""
        if is_torch_module(layers):
            row = self.module("" if has_modules(layers) else "0", layers, images)
            rows = row.inner or [replace(row, position="0")]
            return self.summary(rows, row.outputs)
        nodes = normalized("", layers)
        block = nodes if isinstance(nodes, Mapping) else {"0": nodes}  # a layer alone
        total = self.block("", block, images[0])
        return self.summary(total.inner, total.outputs)

    def block(self, position: str, block: Block, image: Output) -> Row:
        """Trace layers in sequence."""
        rows: list[Row] = []
        for name, node in block.items():
            row = self.node(f"{position}.{name}" if position else name, node, image)
            (image,) = row.outputs[:1]
            rows.append(row)
        return sum_rows(position, "block" if rows else "shortcut", rows, (image,))

    def node(self, position: str, node: Any, image: Output) -> Row:
        """Trace a layer, a branch or a block."""
        if isinstance(node, Mapping):
            return self.block(position, node, image)
        if isinstance(node, Branch):
            return self.branch(position, node, image)
        if is_torch_module(node):
            return self.module(position, node, [image])
        return self.layer(position, node, image)

    def layer(self, position: str, layer: Layer, image: Output) -> Row:
        """Trace a layer."""
        with self.naming(position, layer):
            cost = layer.cost(image.shape)
        parameters = 0 if id(layer) in self.counted else cost.parameters
        self.counted.add(id(layer))
        row = Row(
            position,
            repr(layer),
            (Output(cost.output, _seen_behind(cost, image)),),
            parameters,
            cost.macs,
            weight_bytes=self.itemsize * parameters,
            activation_bytes=self.itemsize * math.prod(cost.output) * cost.stored,
        )
        self.rows.append(row)
        reason = _unaligned(layer, cost, image, row.outputs[0])
        if reason:
            self.unaligned.append((f"layer {position}, {layer}", reason))
        return row

    def module(self, position: str, module: Any, images: Sequence[Output]) -> Row:
        """Trace a torch module."""
        tracing = importlib.import_module("convlib.networks.tracing")
        inputs = [(image.shape, image.seen) for image in images]
        traced = tracing.trace(module, inputs, position, self.counted)
        row: Row = traced.row
        self.notes += traced.notes
        self.unaligned += traced.unaligned
        if traced.error is None:
            self.rows.append(row)
            return row
        rows = [*self.rows, *row.inner]
        if traced.needs_data:
            self.notes.append(f"the rows end at {traced.error}")
            raise _Stopped(self.summary(rows, (), is_complete=False))
        raise LayerError(traced.error, self.summary(rows, (), is_complete=False))

    def branch(self, position: str, branch: Branch, image: Output) -> Row:
        """Trace each path from the same input, and join the outputs."""
        rows = [
            self.block(f"{position}.{number}", path, image)
            for number, path in enumerate(branch.paths)
        ]
        outputs = [row.outputs[0] for row in rows]
        with self.naming(position, f"Branch(..., join={branch.join!r})"):
            shape = joined_shape(branch.join, [output.shape for output in outputs])
        seen = reads.joined(
            (BATCH, *shape), [((BATCH, *output.shape), output.seen) for output in outputs]
        )
        memory = self.itemsize * math.prod(shape)
        joined = (Output(shape, seen),)
        join = Row(f"{position}.{branch.join}", branch.join, joined, 0, 0, 0, memory)
        self.rows.append(join)
        return sum_rows(position, f"branch of {len(branch.paths)}", [*rows, join], joined)

    @contextmanager
    def naming(self, position: str, layer: object) -> Iterator[None]:
        """Add to an error the layer at which it occurred, and the rows before it."""
        try:
            with at_position(position, layer):
                yield
        except (ValueError, TypeError) as error:
            rows = self.summary(self.rows, (), is_complete=False)
            raise LayerError(str(error), rows) from None


def _seen_behind(cost: LayerCost, image: Output) -> Seen:
    """Return what the numbers behind a layer read."""
    if cost.axes is None:
        return reads.reshaped((BATCH, *image.shape), (BATCH, *cost.output), image.seen)
    counts = cost.output[1:]
    connections = {
        dim: axis if isinstance(axis, Connections) else windows(axis, count, cost.border)
        for dim, (axis, count) in enumerate(zip(cost.axes, counts, strict=True), FIRST_AXIS)
    }
    # an axis of the image that a view has made one of channels is read as a whole
    return reads.through(image.seen, connections, lambda dim: dim if dim >= FIRST_AXIS else None)


def _unaligned(layer: Layer, cost: LayerCost, before: Output, behind: Output) -> str | None:
    """Say why the output of a layer does not move with the image."""
    borders = [axis.border for axis in cost.axes or () if isinstance(axis, Connections)]
    if "circular" in [cost.border, *borders]:
        return "reads the other end of the image"
    if isinstance(layer, AdaptivePool) and before.shape != behind.shape:
        return "has windows that depend on the size of the image"
    return reads.lost_alignment(before.seen, behind.seen)


def joined_shape(join: str, outputs: Sequence[Sizes]) -> Sizes:
    """Return the shape of outputs that are added, multiplied or concatenated."""
    first = shape = outputs[0]
    for number, output in enumerate(outputs):
        if join == "cat":
            alike, rule = output[1:] == first[1:], "one shape but for the channels"
        elif join == "mul":
            alike, rule = _are_broadcast(shape, output), "one shape, or size 1 along an axis"
        else:
            alike, rule = output == first, "one shape"
        if len(output) != len(first) or not alike:
            raise ValueError(
                f"path 0 gives {first} and path {number} gives {output}; join={join!r} needs {rule}"
            )
        shape = tuple(map(max, shape, output))
    return (sum(output[0] for output in outputs), *first[1:]) if join == "cat" else shape


def _are_broadcast(shape: Sizes, other: Sizes) -> bool:
    return all(1 in pair or pair[0] == pair[1] for pair in zip(shape, other, strict=False))
