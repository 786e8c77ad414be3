"""What a torch module did while its copy ran, and the rows of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from convlib.networks.copying import Pairs
from convlib.networks.modules import short_name
from convlib.networks.rows import Output, Row, sum_rows
from convlib.spec import Sizes


@dataclass
class Node:
    """A module, or a function that a module calls, while the copy runs."""

    position: str
    layer: str
    module: Any = None  # a torch.nn.Module, a type that is unknown without torch
    calls: int = 0
    macs: int = 0
    computed: int = 0  # operations in the call that is running
    activation_bytes: int = 0
    outputs: tuple[Output, ...] = ()
    inner: dict[str, "Node"] = field(default_factory=dict)
    has_parent: bool = False
    given: list[Sizes] = field(default_factory=list)  # shapes of the inputs


class RowBuilder:
    """Builds rows from nodes; each parameter is counted in the first row of a module with it.

    Parameters
    ----------
    parameters : list of (parameter, its copy)
    counted : set of int
        Ids of parameters that are counted already; the others are added.
    """

    def __init__(self, parameters: Pairs, counted: set[int]) -> None:
        self.original: dict[int, int] = {id(new): id(old) for old, new in parameters}
        self.counted: set[int] = counted

    def row(self, node: Node, is_complete: bool) -> Row:
        """Return the row of a module that ran; its modules' in the order in which they ran."""
        if all(each.module is None for each in node.inner.values()):
            return self._leaf(node)
        module: Any = node.module
        rows = [
            self._parameter(join_name(node.position, name), parameter)
            for name, parameter in module.named_parameters(recurse=False)
            if self._count([parameter])
        ]
        rows += [
            self.row(each, is_complete)
            for each in node.inner.values()
            if is_complete or _has_run(each)  # the layer that failed has no row
        ]
        if is_complete:
            rows += self._not_called(node.position, module)
        return sum_rows(node.position, type(module).__name__, rows, node.outputs, node.calls)

    def _leaf(self, node: Node) -> Row:
        parameters = [] if node.module is None else self._count(node.module.parameters())
        numbers, size = _size(parameters)
        costs = numbers, node.macs, size, node.activation_bytes
        return Row(node.position, node.layer, node.outputs, *costs, calls=node.calls)

    def _parameter(self, position: str, parameter: torch.Tensor) -> Row:
        """Return the row of a parameter that a module holds beside other modules."""
        numbers, size = _size([parameter])
        output = Output(tuple(parameter.shape), {})
        return Row(position, "Parameter", (output,), numbers, 0, size, 0)

    def _not_called(self, position: str, module: nn.Module) -> Iterator[Row]:
        """Yield rows of modules with parameters that are not called themselves."""
        for name, each in module.named_modules():
            parameters = self._count(each.parameters(recurse=False))
            if parameters:
                layer = f"{short_name(each)}, not called"
                numbers, size = _size(parameters)
                yield Row(join_name(position, name), layer, (), numbers, 0, size, 0)

    def _count(self, parameters: Iterable[torch.Tensor]) -> list[torch.Tensor]:
        """Return those parameters that are not counted yet, and count them."""
        known = [each for each in parameters if id(each) in self.original]
        new = {self.original[id(each)]: each for each in known}
        new = {key: each for key, each in new.items() if key not in self.counted}
        self.counted |= set(new)
        return list(new.values())


def _has_run(node: Node) -> bool:
    """Return whether a module, or one in it, has returned something."""
    return bool(node.outputs) or any(map(_has_run, node.inner.values()))


def join_name(position: str, name: str) -> str:
    """Return the position of something in a module."""
    return f"{position}.{name}" if position else name


def _size(tensors: Sequence[torch.Tensor]) -> tuple[int, int]:
    """Return how many numbers tensors hold, and in how many bytes."""
    numbers = sum(each.numel() for each in tensors)
    return numbers, sum(each.numel() * each.element_size() for each in tensors)
