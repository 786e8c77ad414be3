"""torch modules: recognised without importing torch, and written as one would type them."""

import ast
import inspect
import sys
from typing import Any

PARAMETRIZATIONS = "parametrizations"  # torch's name of the modules that compute a weight


def is_torch_module(value: object) -> bool:
    """Return whether a value is a torch.nn.Module; torch is not imported for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def has_modules(module: Any) -> bool:
    """Return whether a torch module has modules in it, besides those that compute a weight."""
    return any(name != PARAMETRIZATIONS for name, _ in module.named_children())


def short_name(module: Any) -> str:
    """Write a torch module with the arguments that are not its defaults.

    A module that shows no arguments of its own, or not as a call would have them, is the name of
    its class.

    Examples
    --------
    >>> from torch import nn
    >>> short_name(nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False))
    'Conv2d(3, 64, 7, stride=2, padding=3, bias=False)'
    >>> short_name(nn.Linear(9, 4)), short_name(nn.BatchNorm2d(8))
    ('Linear(9, 4)', 'BatchNorm2d(8)')
    """
    name = type(module).__name__
    try:
        call: Any = ast.parse(f"f({module.extra_repr()})", mode="eval").body
        parameters = inspect.signature(type(module)).parameters
    except (SyntaxError, ValueError, TypeError, AttributeError, RuntimeError):
        return name
    words = [_short(argument) for argument in call.args]
    for argument in call.keywords:
        parameter = parameters.get(argument.arg)
        value = _short(argument.value)
        if parameter is None:
            words.append(f"{argument.arg}={value}")
        elif parameter.default is parameter.empty:
            words.append(value)
        elif parameter.default is None and argument.arg == "stride" and value in words:
            continue  # of a pooling: its kernel_size
        elif value not in (repr(parameter.default), str(parameter.default)):
            words.append(f"{argument.arg}={value}")
    return f"{name}({', '.join(words)})"


def _short(node: ast.expr) -> str:
    """Write one number where all axes have the same."""
    if isinstance(node, ast.Tuple) and node.elts:
        entries = [ast.unparse(entry) for entry in node.elts]
        return entries[0] if len(set(entries)) == 1 else f"({', '.join(entries)})"
    return ast.unparse(node)
