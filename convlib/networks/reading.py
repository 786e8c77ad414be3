"""Layers from where they stand: in lists, in text, in modules of torch."""

import ast
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from convlib import checks, layers, separable
from convlib.networks import layers as known
from convlib.networks.layers import ELEMENTWISE, Branch, Elementwise, Layer

Block = Mapping[str, Any]  # of layers, branches and blocks, by their names

NAMED: dict[str, Callable[..., Any]] = {
    name: value
    for name, value in vars(known).items()
    if name[0].isupper() and isinstance(value, type) and issubclass(value, Layer)
    if name not in ("Layer", "Elementwise")
}
KINDS = {**NAMED, "Branch": Branch}
BARE = ("same", "valid", *checks.MODES)  # torch prints no quotes


def described(position: str, value: Any, seen: dict[int, str] | None = None) -> Any:
    """Bring layers into one form, blocks of them as dicts by name."""
    seen = {} if seen is None else seen
    if isinstance(value, Layer):
        return value
    if isinstance(value, Branch):
        paths = (
            described(f"{position}.{number}", path, seen) for number, path in enumerate(value.paths)
        )
        return Branch(*paths, join=value.join)
    if isinstance(value, separable.DepthwiseSeparableConv2d):
        value = {"depthwise": value.depthwise, "pointwise": value.pointwise}
    if isinstance(value, layers.Conv2d):
        return _asked(known.Conv2d, value)
    if _torch_class(value) is not None:
        value = _of_torch(position, value, seen)
    if isinstance(value, Layer):
        return value
    named = checks.layers("layers", value, position)
    return {
        name: described(f"{position}.{name}" if position else name, layer, seen)
        for name, layer in named.items()
    }


def _torch_class(module: Any) -> type | None:
    """Find the class of torch that a module is, or is made of."""
    classes = (each for each in type(module).__mro__ if each.__module__.startswith("torch.nn."))
    return next(classes, None)


def _of_torch(position: str, module: Any, seen: dict[int, str]) -> Any:
    """Ask a module of torch for its arguments; of a Sequential, for its modules."""
    cls: Any = _torch_class(module)
    name = cls.__name__
    checks.plain_forward(position, module, cls, {"Sequential", *NAMED, *ELEMENTWISE})
    if name == "Sequential":
        return module._modules
    if any(True for _ in module.parameters(recurse=False)):
        checks.not_shared(position, module, seen)
    return Elementwise(name) if name in ELEMENTWISE else _asked(NAMED[name], module)


def _asked(kind: Callable[..., Any], module: Any) -> Layer:
    """Ask for each argument under its name; bias is an array or None."""
    names = inspect.signature(kind).parameters
    given = {name: getattr(module, name) for name in names if hasattr(module, name)}
    if "bias" in given:
        given["bias"] = given["bias"] is not None
    described: Layer = kind(**given)
    return described


def read(text: str) -> list[Any]:
    """Read layers as one types them in Python; nothing is evaluated.

    Parameters
    ----------
    text : str
        ``Conv2d(3, 64, 7, stride=2), ReLU(), MaxPool2d(2)``: layers of torch's names, between
        commas or on lines of their own, also as torch prints them; `networks.Branch` and
        ``Sequential``.

    Returns
    -------
    list
        Of layers, for `networks.summary`.

    Raises
    ------
    ValueError
        The text is no such list, a layer is not known, or its arguments are refused: the
        sentence says which layer, and why.
    TypeError
        ``text`` is no string, or an argument is of the wrong kind.

    Notes
    -----
    Chapter ``07-networks``.

    Examples
    --------
    >>> read("nn.Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2)), nn.ReLU(inplace=True)")
    [Conv2d(3, 64, 7, stride=2), ReLU()]
    """
    return [_call(str(number), node) for number, node in enumerate(checks.parsed("text", text))]


def _call(position: str, node: ast.expr) -> Any:
    """Make the layer that a call names."""
    if isinstance(node, ast.List):
        return _path(position, node)
    call = checks.call(position, node)
    name = ast.unparse(call.func).rpartition(".")[2]
    with checks.at_position(position, ast.unparse(call)):
        checks.known_layer(name, KINDS, ("Sequential", *ELEMENTWISE))
        if name == "Sequential":
            return [_call(f"{position}.{place}", each) for place, each in enumerate(call.args)]
        if name in ELEMENTWISE:
            return Elementwise(name)
        if name == "Branch":
            args = [_path(f"{position}.{place}", each) for place, each in enumerate(call.args)]
        else:
            args = [_literal(each) for each in call.args]
        named = {str(each.arg): _literal(each.value) for each in call.keywords}
        checks.arguments(KINDS[name], args, named)
        return KINDS[name](*args, **named)


def _path(position: str, node: ast.expr) -> list[Any]:
    """Read a path of a branch, which is a list of layers."""
    elements = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [_call(f"{position}.{number}", each) for number, each in enumerate(elements)]


def _literal(node: ast.expr) -> Any:
    """Read a number, a string, True, False, None, or a tuple or list of them."""
    if isinstance(node, ast.Name) and node.id in BARE:
        return node.id
    return checks.literal(node)
