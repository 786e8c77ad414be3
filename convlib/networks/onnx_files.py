"""Networks in ONNX files: each node as the operation of torch that it is, with the same rules.

The package onnx is imported when a file is read; the shapes are those of its shape inference.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from convlib import arguments
from convlib.arguments import shown
from convlib.networks import operations, reads
from convlib.networks.onnx_calls import Tensor, call_of, sliced
from convlib.networks.operations import Call
from convlib.networks.rows import Output, Row, Summary, sum_rows
from convlib.networks.summaries import LayerError

VIEWS = frozenset(["Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Transpose"])
LARGEST = 10_000  # numbers of a constant whose values are read: sizes, borders and axes


def onnx_summary(path: str | Path, input_size: Sequence[int] | None = None) -> Summary:
    """Output shapes, parameters, MACs, memory and receptive fields of a network in an ONNX file.

    Parameters
    ----------
    path : str or Path
    input_size : tuple of int, optional
        Of one image, (C, H, W). By default that of the file.

    Returns
    -------
    Summary
        Has a row for each node that depends on the image. Exporters fold batch normalizations
        into the convolutions before them, so that there may be fewer parameters than in the
        network that was exported.

    Raises
    ------
    ImportError
        The package onnx is not installed.
    ValueError
        The file does not tell the size of its input and ``input_size`` is not given; or a node
        does not fit its input, and the ``summary`` of the error has the rows before it.

    Notes
    -----
    Chapter ``networks``. As `networks.summary`, by onnx's shape inference. Where that gives no
    shape, the rows end, and a note says so. In a terminal: ``python -m convlib model.onnx``.

    Examples
    --------
    >>> onnx_summary("model.onnx", (3, 224, 224)).macs  # doctest: +SKIP
    4089184256
    """
    onnx = _import_onnx()
    graph = _Graph(onnx, onnx.load(str(path)), input_size)
    for node in graph.nodes:
        graph.follow(node)
        if graph.notes and not graph.is_complete:
            break
    return graph.summary()


def _import_onnx() -> ModuleType:
    try:
        return importlib.import_module("onnx")
    except ImportError:
        raise ImportError(
            "reading a file needs onnx, which the extra [onnx] installs, "
            "as does pip install 'onnx>=1.18'",
            name="onnx",
        ) from None


class _Graph:
    """The tensors of a file by their names, and the rows of its nodes."""

    def __init__(self, onnx: Any, model: Any, input_size: Sequence[int] | None) -> None:
        self.onnx = onnx
        self.nodes = model.graph.node
        self.opsets = model.opset_import
        self.outputs = [each.name for each in model.graph.output]
        self.rows: list[Row] = []
        self.notes: list[str] = []
        self.unaligned: list[tuple[str, str]] = []
        self.is_complete = True
        self.learned: dict[str, Tensor] = {}  # parameters that are not counted yet
        self.tensors: dict[str, Tensor] = {}
        for each in model.graph.initializer:
            self.tensors[each.name] = self._constant(each.name, each)
        image = next(each for each in model.graph.input if each.name not in self.tensors)
        self.image = self._image(image, input_size)
        self.tensors[image.name] = self.image

    def _image(self, image: Any, input_size: Sequence[int] | None) -> Tensor:
        """Return the input, a batch of one image."""
        dims = image.type.tensor_type.shape.dim
        sizes = [each.dim_value for each in dims[1:]]
        if input_size is not None:
            sizes = list(arguments.integers("input_size", tuple(input_size), len(sizes)))
        for dim, size in zip(dims[1:], sizes, strict=True):
            if not size:
                raise ValueError(
                    f"input_size must be given: the file does not tell the size of its input "
                    f"{image.name}, whose axis is called {shown(dim.dim_param)}"
                )
        dtype = self.onnx.helper.tensor_dtype_to_np_dtype(image.type.tensor_type.elem_type)
        return Tensor((1, *sizes), dtype, seen=reads.pixels_of_image(0, sizes[1:]))

    def _constant(self, name: str, constant: Any) -> Tensor:
        """Return a constant; if it may be learned, with its own name as that of a parameter."""
        dtype = self.onnx.helper.tensor_dtype_to_np_dtype(constant.data_type)
        tensor = Tensor(tuple(constant.dims), dtype)
        if tensor.numel() <= LARGEST:
            tensor.values = self.onnx.numpy_helper.to_array(constant)
        if dtype.kind == "f" and tensor.numel() > 1:
            self.learned[name] = tensor
            tensor.parameters = frozenset([name])
        return tensor

    def summary(self) -> Summary:
        """Return the rows so far, with their totals."""
        known = [self.tensors[name] for name in self.outputs if name in self.tensors]
        outputs = tuple(map(_output, known)) if self.is_complete else ()
        total = sum_rows("total", "block", self.rows, outputs)
        return Summary(
            **vars(total),
            inputs=(self.image.shape[1:],),
            notes=tuple(self.notes),
            is_complete=self.is_complete,
            unaligned=tuple(self.unaligned),
        )

    def follow(self, node: Any) -> None:
        """Add the outputs of a node; and its row, if it depends on the image."""
        inputs = [self.tensors.get(name, Tensor(())) for name in node.input]
        depends = any(each.seen for each in inputs)
        try:
            outputs = self._results(node, inputs)
        except self.onnx.shape_inference.InferenceError as error:
            reason = " ".join(str(error).split())
            message = f"layer {_position(node)}, {_layer(self.onnx, node)}: {reason}"
            self.is_complete = False
            raise LayerError(message, self.summary()) from None
        if outputs is None:
            if depends:
                self.is_complete = False
                self.notes.append(
                    f"the rows end at {_layer(self.onnx, node)}: onnx infers no shape"
                )
            return
        self.tensors |= zip(node.output, outputs, strict=False)
        if not depends:
            for output in outputs:
                output.parameters = output.parameters.union(*(each.parameters for each in inputs))
        if depends and node.op_type != "Shape":
            self.rows.append(self._row(node, inputs, outputs))

    def _results(self, node: Any, inputs: Sequence[Tensor]) -> list[Tensor] | None:
        """Return the outputs of a node: their values if they follow from constants, or shapes."""
        given = _attributes(self.onnx, node)
        if node.op_type == "Constant" and "value" in given:
            return [self._constant(node.output[0], given["value"])]
        if node.op_type == "Shape":
            shape = inputs[0].shape[given.get("start", 0) : given.get("end")]
            return [Tensor((len(shape),), np.dtype(np.int64), np.array(shape))]
        named = {name: each for name, each in zip(node.input, inputs, strict=True) if name}
        if all(each.values is not None for each in named.values()):
            model = self._model(node, named, constants=False)
            evaluator = importlib.import_module("onnx.reference").ReferenceEvaluator(model)
            results = evaluator.run(None, {name: each.values for name, each in named.items()})
            arrays = list(map(np.asarray, results))
            return [Tensor(each.shape, each.dtype, each) for each in arrays]
        model = self._model(node, named, constants=True)
        inferred = self.onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        kinds = [each.type.tensor_type for each in inferred.graph.output]
        tensors = [self._inferred(kind) for kind in kinds]
        return None if None in tensors else tensors  # type: ignore[return-value]

    def _model(self, node: Any, named: Mapping[str, Tensor], constants: bool) -> Any:
        """Return a model of one node."""
        helper = self.onnx.helper
        as_inputs = [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(each.dtype), each.shape
            )
            for name, each in named.items()
            if not constants or each.values is None
        ]
        as_constants = [
            self.onnx.numpy_helper.from_array(each.values, name)
            for name, each in named.items()
            if constants and each.values is not None
        ]
        results = [helper.make_empty_tensor_value_info(name) for name in node.output if name]
        graph = helper.make_graph([node], "node", as_inputs, results, as_constants)
        return helper.make_model(graph, opset_imports=self.opsets)

    def _inferred(self, kind: Any) -> Tensor | None:
        """Return a tensor of a type; None if a size is not known."""
        dims = kind.shape.dim
        if not kind.HasField("shape") or not all(each.HasField("dim_value") for each in dims):
            return None
        dtype = self.onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
        return Tensor(tuple(each.dim_value for each in dims), dtype)

    def _row(self, node: Any, inputs: list[Tensor], outputs: list[Tensor]) -> Row:
        call = call_of(node.op_type, _attributes(self.onnx, node), inputs, outputs)
        seen = sliced(inputs) if node.op_type == "Slice" else operations.seen_behind(call)
        for output, each in zip(outputs, seen, strict=True):
            output.seen = each
        reason = _unaligned(call, inputs, outputs[0])
        if reason:
            self.unaligned.append((f"layer {_position(node)}", f"{node.op_type} {reason}"))
        parameters = list(self._parameters(node))
        if not operations.counts(call.name) and any(each.dim() > 1 for each in parameters):
            self.notes.append(f"the MACs of {node.op_type} are not known, and not counted")
        return Row(
            _position(node),
            _layer(self.onnx, node),
            tuple(map(_output, outputs)),
            sum(each.numel() for each in parameters),
            operations.macs(call),
            sum(each.nbytes for each in parameters),
            0 if node.op_type in VIEWS else sum(each.nbytes for each in outputs[:1]),
        )

    def _parameters(self, node: Any) -> Iterator[Tensor]:
        """Yield the learned numbers that a node is the first one to use."""
        # a batch normalization also stores a mean and a variance, a resize has factors
        count = {"BatchNormalization": 3, "Resize": 1, "Upsample": 1}.get(node.op_type)
        for name in filter(None, node.input[:count]):
            for used in self.tensors[name].parameters & set(self.learned):
                yield self.learned.pop(used)


def _unaligned(call: Call, inputs: Sequence[Tensor], output: Tensor) -> str | None:
    """Say why the output of a node does not move with the image."""
    if call.get("mode") == "circular":
        return "reads the other end of the image"
    if "adaptive" in call.name:
        return "has windows that depend on the size of the image"
    reasons = (reads.lost_alignment(each.seen, output.seen) for each in inputs)
    return next(filter(None, reasons), None)


def _position(node: Any) -> str:
    return str(node.name or node.output[0]).strip("/")


def _output(tensor: Tensor) -> Output:
    shape = tensor.shape
    return Output(shape[1:] if len(shape) > 1 and shape[0] == 1 else shape, tensor.seen)


def _attributes(onnx: Any, node: Any) -> dict[str, Any]:
    values = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    return {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in values.items()
    }


def _layer(onnx: Any, node: Any) -> str:
    """Write a node with its attributes, one number where all axes have the same."""
    words = []
    for name, value in _attributes(onnx, node).items():
        if isinstance(value, list) and value:
            value = value[0] if len(set(value)) == 1 else tuple(value)
        if isinstance(value, int | float | str | tuple):
            words.append(f"{name}={value}")
    return f"{node.op_type}({', '.join(words)})"
