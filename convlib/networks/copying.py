"""Copies of torch modules without numbers: shapes and dtypes, on torch's meta device."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

# Any stands for torch's types in public names: type checkers do not know them without torch.
Pairs = list[tuple[Any, Any]]  # parameters and their copies


class _DeepcopyOnMeta(TorchFunctionMode):
    """Lets copies of tensors have a shape and no data."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if func is torch.Tensor.__deepcopy__:
            tensor, memo = args
            if id(tensor) not in memo:
                memo[id(tensor)] = torch.empty_like(tensor.detach(), device="meta")
            return memo[id(tensor)]
        return func(*args, **(kwargs or {}))


def _check_is_not_scripted(module: nn.Module) -> None:
    for name, each in module.named_modules():
        if isinstance(each, torch.jit.ScriptModule):
            at = f" at {name}" if name else ""
            raise TypeError(f"module{at} is a ScriptModule, whose modules cannot be observed")


def copy_on_meta(module: Any) -> tuple[Any, Pairs]:
    """Copy a module without its numbers; and return its parameters with their copies."""
    _check_is_not_scripted(module)
    memo: dict[int, Any] = {}
    parameters: Pairs = []
    for name, parameter in module.named_parameters():
        if nn.parameter.is_lazy(parameter):
            raise ValueError(f"module has a parameter {name} of unknown shape: run it once")
        like = torch.empty_like(parameter.detach(), device="meta")
        memo[id(parameter)] = nn.Parameter(like, requires_grad=parameter.requires_grad)
        parameters.append((parameter, memo[id(parameter)]))
    try:
        with _DeepcopyOnMeta():
            return copy.deepcopy(module, memo), parameters
    except Exception as error:
        raise TypeError(f"module cannot be copied: {error}") from error
