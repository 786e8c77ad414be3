"""A call of an operation of torch, and rules that say what it reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from convlib.connections import Connections
from convlib.networks import reads
from convlib.networks.reads import Seen


@dataclass(frozen=True)
class Call:
    """A call of an operation of torch.

    Attributes
    ----------
    name : str
        Without a namespace; that of ``relu_`` is ``relu``.
    arguments : dict
        All arguments by their names in torch's schema.
    inputs, outputs : list of tensors
        Those among the arguments, and what came out.
    seen : function
        What a tensor reads; an empty dict if it does not depend on the image.
    """

    name: str
    arguments: Mapping[str, Any]
    inputs: Sequence[Any]
    outputs: Sequence[Any]
    seen: Callable[[Any], Seen]

    @property
    def input(self) -> Any:
        """The first tensor."""
        return self.inputs[0]

    @property
    def rank(self) -> int:
        """Number of axes of the first tensor."""
        return int(self.input.dim())

    def __getitem__(self, name: str) -> Any:
        """Return an argument."""
        return self.arguments[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return an argument, or a default if the operation has none of that name."""
        return self.arguments.get(name, default)

    def dim(self, name: str = "dim") -> int:
        """Return an argument that names an axis, counted from the first one."""
        return int(self[name]) % self.rank

    def through(
        self,
        connections: Mapping[int, Connections],
        dims: Callable[[int], int | None] | None = None,
    ) -> dict[reads.ImageAxis, reads.Reads]:
        """Return what is read through connections of the first tensor."""
        return reads.through(self.seen(self.input), connections, dims)

    def tensors(self) -> list[reads.Tensor]:
        """Return the shapes of the tensors that depend on the image, and what they read."""
        pairs = [(tuple(each.shape), self.seen(each)) for each in self.inputs]
        return [(shape, seen) for shape, seen in pairs if seen]


Rule = Callable[[Call], Seen | Sequence[Seen]]  # a sequence has an entry for each output
Function = TypeVar("Function", bound=Rule)


class Rules(dict[str, Rule]):
    """Rules by the names of their operations."""

    def of(self, *names: str) -> Callable[[Function], Function]:
        """Add a rule for operations of these names."""

        def add(function: Function) -> Function:
            self.update(dict.fromkeys(names, function))
            return function

        return add


def along(value: Any, axis: int) -> Any:
    """Return the entry of an axis, of an argument that may be one number for all."""
    if isinstance(value, list | tuple):
        return value[axis] if len(value) > 1 else value[0]
    return value


def last_axes(call: Call, axes: int) -> list[tuple[int, int, int]]:
    """Return the last axes of the first tensor: number, size, size of the output."""
    output = call.outputs[0].shape
    return [
        (dim, call.input.shape[dim], output[dim - call.rank])
        for dim in range(call.rank - axes, call.rank)
    ]


def without(dims: Sequence[int]) -> Callable[[int], int | None]:
    """Return where an axis goes if others are taken out."""
    return lambda dim: None if dim in dims else dim - sum(other < dim for other in dims)
