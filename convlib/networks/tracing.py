"""Trace a torch module: run a copy of it once, without numbers, and follow every operation.

The copy has the shapes and dtypes of the module's tensors and no data: all its tensors are on
torch's meta device. The module itself is neither changed nor moved. Imported only when a torch
module is summarised, so that torch is imported already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from convlib.networks import operations
from convlib.networks.copying import copy_on_meta
from convlib.networks.modules import PARAMETRIZATIONS, short_name
from convlib.networks.operations import Call
from convlib.networks.reads import Seen, all_of, lost_alignment
from convlib.networks.recording import Node, RowBuilder, join_name
from convlib.networks.rows import Output, Row

# Names of operations that create tensors, whatever is given.
CREATING = """
    arange empty empty_like empty_permuted empty_strided eye full full_like hann_window linspace
    logspace new_empty new_empty_strided new_full new_ones new_zeros normal ones ones_like rand
    rand_like randint randn randn_like randperm scalar_tensor tensor tril_indices triu_indices
    zeros zeros_like
"""
FACTORIES = frozenset(CREATING.split())
# In messages of torch where numbers are asked for.
NO_DATA = ("meta tensor", "meta device", "unallocated storage")
NEEDS_DATA = frozenset(["_local_scalar_dense", "equal", "item", "is_nonzero"])


class NeedsData(Exception):
    """An operation whose result has no shape, or no value, without the numbers."""


@dataclass
class Traced:
    """What running a copy of a module has shown.

    Attributes
    ----------
    row : Row
        Of the module, with those of its modules.
    notes : list of str
        What is not known.
    unaligned : list of (str, str)
        Positions at which the output does not move with the image, and why.
    error : str or None
        What stopped the run, and where.
    needs_data : bool
        Whether it stopped at an operation that has no shape without numbers.
    """

    row: Row
    notes: list[str]
    unaligned: list[tuple[str, str]]
    error: str | None = None
    needs_data: bool = False


def trace(
    module: Any,  # a torch.nn.Module
    inputs: Sequence[tuple[Sequence[int], Seen]],
    position: str = "",
    counted: set[int] | None = None,
) -> Traced:
    """Run a copy of a module on images of these shapes.

    Parameters
    ----------
    module : torch.nn.Module
    inputs : list of (shape, Reads by axis)
        Shapes without the batch, and what the images read of the network's input.
    position : str
        Of the module in the network.
    counted : set of int, optional
        Ids of parameters that are counted already; those of the module are added.

    Returns
    -------
    Traced
    """
    run = _Run(module, position)
    error, needs_data = None, False
    try:
        run(inputs)
    except NeedsData as stopped:
        error, needs_data = f"{run.place()}: {stopped}", True
    except Exception as failure:  # noqa: BLE001 - of the module's own code, which may raise anything
        reason = str(failure).strip() or type(failure).__name__
        needs_data = any(words in reason for words in NO_DATA)
        error = f"{run.place()}: {reason}{run.given()}"
    counted = set() if counted is None else counted
    row = RowBuilder(run.parameters, counted).row(run.root, is_complete=error is None)
    notes = [f"the MACs of {name} are not known, and not counted" for name in sorted(run.uncounted)]
    return Traced(row, notes, run.unaligned, error, needs_data)


class _Run:
    """A copy of a module with hooks, and what they recorded."""

    def __init__(self, module: nn.Module, position: str) -> None:
        module = getattr(module, "_orig_mod", module)  # of torch.compile
        self.copy, self.parameters = copy_on_meta(module)
        self.copy.eval()
        self.root = Node(position, short_name(module), self.copy)
        self.stack: list[Node] = []
        self.uncounted: set[str] = set()
        self.unaligned: list[tuple[str, str]] = []
        for name, each in list(self.copy.named_modules()):
            if PARAMETRIZATIONS in name.split("."):  # part of the module whose weight it is
                continue
            full = ".".join(part for part in (position, name) if part)
            node = self.root if each is self.copy else Node(full, short_name(each), each)
            self._observe(each, node)

    def __call__(self, inputs: Sequence[tuple[Sequence[int], Seen]]) -> None:
        dtype = next(
            (each.dtype for each in self.copy.parameters() if each.dtype.is_floating_point),
            torch.get_default_dtype(),
        )
        with torch.inference_mode(), _Recorder(self) as recorder:
            tensors = []
            for shape, seen in inputs:
                tensors.append(torch.empty(1, *shape, device="meta", dtype=dtype))
                recorder.put(tensors[-1], seen)
            self.recorder = recorder
            self.copy(*tensors)

    def place(self) -> str:
        """Return the layer that runs."""
        node = self.stack[-1] if self.stack else self.root
        return f"layer {node.position}, {node.layer}" if node.position else f"layer {node.layer}"

    def given(self) -> str:
        """Describe the inputs of the layer that runs."""
        shapes = [str(shape) for shape in (self.stack[-1] if self.stack else self.root).given]
        return f"; its input has shape {', '.join(shapes)}" if shapes else ""

    def _observe(self, module: nn.Module, node: Node) -> None:
        """Record when a module of the copy begins and ends."""
        if type(module).__call__ is nn.Module.__call__:
            module.register_forward_pre_hook(
                lambda _, inputs: self._enter(node, inputs), prepend=True
            )
            module.register_forward_hook(lambda _, __, output: self._leave(node, output))
            return
        kind: Any = type(module)

        def call(itself: Any, *args: Any, **named: Any) -> Any:
            self._enter(node, args)
            output = kind.__call__(itself, *args, **named)
            self._leave(node, output)
            return output

        module.__class__ = type(kind.__name__, (kind,), {"__call__": call})

    def _enter(self, node: Node, inputs: Any) -> None:
        if self.stack and not node.has_parent:
            self.stack[-1].inner[node.position] = node
            node.has_parent = True
        node.calls += 1
        node.computed = 0
        node.given = [self.recorder.output(each).shape for each in _tensors(inputs)]
        self.stack.append(node)

    def _leave(self, node: Node, output: Any) -> None:
        self.stack.pop()
        tensors = list(_tensors(output))
        node.outputs = tuple(map(self.recorder.output, tensors))
        if node.computed:
            node.activation_bytes += sum(each.numel() * each.element_size() for each in tensors)
            if self.stack:
                self.stack[-1].computed += 1

    def record(self, call: Call, macs: int) -> None:
        """Attribute an operation to the module that runs."""
        node = self.stack[-1] if self.stack else self.root
        is_view = call.name in operations.VIEWS
        node.macs += macs
        reads_image = any(call.seen(each) for each in call.outputs)
        if macs or (reads_image and not is_view):
            node.computed += 1
            name = call.name.strip("_")
            position = join_name(node.position, name)
            if name in getattr(node.module, "_modules", {}):
                position += "()"
            inner = node.inner.setdefault(f"{position}()", Node(position, name))
            inner.calls += 1
            inner.macs += macs
            inner.outputs = tuple(map(self.recorder.output, call.outputs[:1]))
            inner.activation_bytes += sum(
                each.numel() * each.element_size() for each in call.outputs[:1]
            )


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows what each tensor reads through every operation of torch."""

    def __init__(self, run: _Run) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.run = run
        self._seen: dict[int, Seen] = {}
        self._alive: list[torch.Tensor] = []  # so that no id is used twice
        self._shared: dict[int, list[torch.Tensor]] = {}  # tensors by their memory

    def seen(self, tensor: torch.Tensor) -> Seen:
        """Return what a tensor reads of the images."""
        return self._seen.get(id(tensor), {})

    def put(self, tensor: torch.Tensor, seen: Seen) -> None:
        """Remember what a tensor reads."""
        if id(tensor) not in self._seen:
            self._alive.append(tensor)
            self._shared.setdefault(_memory(tensor), []).append(tensor)
        self._seen[id(tensor)] = seen

    def output(self, tensor: torch.Tensor) -> Output:
        """Return the shape of a tensor, without the batch, and what it reads."""
        shape = tuple(tensor.shape)
        return Output(shape[1:] if len(shape) > 1 and shape[0] == 1 else shape, self.seen(tensor))

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run an operation, and record it."""
        named = dict(kwargs or {})
        name = func._schema.name.split("::")[-1]
        in_place = name.endswith("_") and not name.startswith("__")
        name = name.removesuffix("_")
        if not operations.is_known(name) and name not in FACTORIES:
            with self:
                result = func.decompose(*args, **named)
            if result is not NotImplemented:
                return result
        args, named = _on_one_device(name, args, named)
        result = self._run(func, name, args, named)
        arguments = _bound(func, args, named)
        inputs = list(_tensors(list(arguments.values())))
        outputs = list(_tensors(result))
        call = Call(name, arguments, inputs, outputs, self.seen)
        if any(map(self.seen, inputs)) and name not in FACTORIES:
            self._follow(call, in_place)
        else:
            for output in outputs:
                if not self.seen(output):
                    self.put(output, {})
        macs = operations.macs(call)
        if not macs and not operations.counts(name) and self._has_weights(inputs):
            self.run.uncounted.add(name.strip("_"))
        self.run.record(call, macs)
        return result

    def _run(self, func: Any, name: str, args: Any, named: dict[str, Any]) -> Any:
        try:
            return func(*args, **named)
        except NotImplementedError as error:
            raise NeedsData(f"{name} has no shape without data") from error
        except RuntimeError as error:
            if name in NEEDS_DATA:
                raise NeedsData(f"{name} needs the numbers of a tensor") from error
            raise

    def _follow(self, call: Call, in_place: bool) -> None:
        for output, seen in zip(call.outputs, operations.seen_behind(call), strict=True):
            is_new = in_place and not _same(self.seen(output), seen)
            self.put(output, seen)
            if is_new:
                self._written(output)
        reason = self._unaligned(call)
        if reason:
            self.run.unaligned.append((self.run.place(), f"{call.name.strip('_')} {reason}"))

    def _unaligned(self, call: Call) -> str | None:
        """Say why the output of an operation does not move with the image."""
        if call.get("mode") == "circular" or call.name == "_pad_circular":
            return "reads the other end of the image"
        if "adaptive" in call.name and call.input.shape != call.outputs[0].shape:
            return "has windows that depend on the size of the image"
        for tensor in call.inputs:
            for output in call.outputs[:1]:
                reason = lost_alignment(self.seen(tensor), self.seen(output))
                if reason:
                    return reason
                if call.name in operations.ELEMENTWISE and self._has_places(tensor, output):
                    return "takes a number for each place"
        return None

    def _has_places(self, tensor: torch.Tensor, output: torch.Tensor) -> bool:
        """Return whether a tensor that reads no image has numbers along an axis of the image."""
        missing = output.dim() - tensor.dim()
        dims = [reads.dim for reads in self.seen(output).values() if reads.dim is not None]
        along = [tensor.shape[dim - missing] for dim in dims if dim >= missing]
        return not self.seen(tensor) and any(size > 1 for size in along)

    def _written(self, written: torch.Tensor) -> None:
        """Widen what other views of the same memory read: which of their numbers is not known."""
        for tensor in self._shared.get(_memory(written), []):
            if tensor is not written:
                pair = [(tuple(each.shape), self.seen(each)) for each in (tensor, written)]
                joined = all_of([each for each in pair if each[1]], is_bound=True)
                self._seen[id(tensor)] = joined

    @staticmethod
    def _has_weights(inputs: Sequence[torch.Tensor]) -> bool:
        return any(isinstance(each, nn.Parameter) and each.dim() > 1 for each in inputs)


def _same(seen: Seen, other: Seen) -> bool:
    """Return whether two tensors read the same, by the same arrays."""
    return seen.keys() == other.keys() and all(
        reads.dim == other[key].dim
        and reads.padded is other[key].padded
        and reads.inside is other[key].inside
        for key, reads in seen.items()
    )


def _memory(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    """Iterate over the tensors in nested containers, and in objects with fields."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _tensors(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _tensors(each)
    elif hasattr(value, "__dataclass_fields__"):
        yield from _tensors(list(vars(value).values()))


def _bound(func: Any, args: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return all arguments of a call by their names, defaults included."""
    values = {}
    for number, argument in enumerate(func._schema.arguments):
        default = argument.default_value if argument.has_default_value() else None
        values[argument.name] = named.get(
            argument.name, args[number] if number < len(args) else default
        )
    return values


def _on_one_device(name: str, args: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Bring tensors with data to the meta device where a tensor of the run is among them."""
    tensors = list(_tensors([args, list(named.values())]))
    on_meta = any(each.is_meta for each in tensors)
    if on_meta and named.get("device") is not None:
        named["device"] = torch.device("meta")
    if not on_meta or all(each.is_meta for each in tensors):
        return args, named

    def moved(value: Any) -> Any:
        if isinstance(value, torch.Tensor) and not value.is_meta:
            return torch.empty_like(value, device="meta")
        if isinstance(value, list | tuple):
            return type(value)(map(moved, value))
        return value

    return tuple(map(moved, args)), {key: moved(value) for key, value in named.items()}
