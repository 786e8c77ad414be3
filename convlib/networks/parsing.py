"""Parse layers from lists and text."""

import ast
import difflib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from convlib.arguments import MODES, shown
from convlib.layer import Layer
from convlib.layers import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from convlib.networks import borders, elementwise, layers, norms, pooling, resizing
from convlib.networks.layers import Branch
from convlib.networks.modules import is_torch_module
from convlib.separable import DepthwiseSeparableConv2d

Block = Mapping[str, Any]  # of layers, branches and blocks, by their names

CONVOLUTIONS = Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
LAYERS: dict[str, Callable[..., Any]] = {
    **{kind.__name__: kind for kind in CONVOLUTIONS},
    **{
        name: getattr(module, name)
        for module in (borders, elementwise, layers, norms, pooling, resizing)
        for name in module.__all__
    },
}
CALLS: dict[str, Callable[..., Any]] = {
    **LAYERS,
    "DepthwiseSeparableConv2d": DepthwiseSeparableConv2d,
    "Branch": Branch,
}
KNOWN = sorted([*CALLS, "Sequential"])  # in text
UNQUOTED = ("same", "valid", *MODES)  # strings that torch prints without quotes
PRINTED_NAME = re.compile(r"(\()?\s*\n\s*\([\w.-]+\): ")  # of a module in a printed Sequential


@contextmanager
def at_position(position: str, layer: object) -> Iterator[None]:
    """Add to every error the layer at which it occurred; the innermost one only."""
    try:
        yield
    except (ValueError, TypeError) as error:
        if str(error).startswith("layer "):
            raise
        raise type(error)(f"layer {position}, {layer}: {error}") from None


def normalized(position: str, value: Any) -> Any:
    """Return layers in one form, blocks of them as dicts by name."""
    if isinstance(value, Branch):
        paths = (
            normalized(_join(position, number), path) for number, path in enumerate(value.paths)
        )
        return Branch(*paths, join=value.join)
    if isinstance(value, DepthwiseSeparableConv2d):
        value = {"depthwise": value.depthwise, "pointwise": value.pointwise}
    if isinstance(value, Layer) or is_torch_module(value):
        return value
    block = _named_layers(position, value)
    return {name: normalized(_join(position, name), node) for name, node in block.items()}


def _join(position: str, name: object) -> str:
    return f"{position}.{name}" if position else str(name)


def _named_layers(position: str, value: Any) -> Block:
    """Return a block of layers by name; those of a list are counted."""
    if isinstance(value, list | tuple):
        return {str(number): layer for number, layer in enumerate(value)}
    if not isinstance(value, Mapping):
        where = f"layer {position}" if position else "layers"
        raise TypeError(
            f"{where} must be a layer of convlib.networks or of torch, or a list or dict of them, "
            f"not {type(value).__name__}: {shown(value)}"
        )
    for key in value:
        if not isinstance(key, str) or not key:
            raise TypeError(f"layers has a key {shown(key)}, which must be a name")
    return value


def read(text: str) -> list[Any]:
    """Parse layers as one types them in Python; nothing is evaluated.

    Parameters
    ----------
    text : str
        ``Conv2d(3, 64, 7, stride=2), ReLU(), MaxPool2d(2)``: layers of torch's names, between
        commas or on lines of their own, also as torch prints them;
        `DepthwiseSeparableConv2d`, `networks.Branch`, and ``Sequential``, which becomes a list.

    Returns
    -------
    list
        Of layers, for `networks.summary`.

    Raises
    ------
    ValueError
        The text is no such list, a layer is not known, or it rejects its arguments: the
        message says which layer, and why.
    TypeError
        ``text`` is no string, or an argument has an invalid type.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> read("nn.Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2)), nn.ReLU(inplace=True)")
    [Conv2d(3, 64, 7, stride=2), ReLU(inplace=True)]
    """
    return [_layer(str(number), node) for number, node in enumerate(_expressions(text))]


def _expressions(text: object) -> list[ast.expr]:
    """Return the expressions of a text, between commas or on lines of their own."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}: {shown(text)}")
    try:
        body = ast.parse(_without_printed_names(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise ValueError(f"text {shown(text)} is no list of layers: {reason}") from None
    expressions: list[ast.expr] = []
    for statement in body:
        if not isinstance(statement, ast.Expr):
            raise ValueError(f"text {ast.unparse(statement)!r} is no layer")
        value = statement.value
        expressions += value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    if not expressions:
        raise ValueError(f"text {shown(text)} has no layer in it")
    return expressions


def _without_printed_names(text: str) -> str:
    """Replace the names in a printed Sequential, ``(0): ``, by commas.

    Examples
    --------
    >>> print(_without_printed_names('''Sequential(
    ...   (0): ReLU()
    ...   (1): Tanh()
    ... )'''))
    Sequential(ReLU(), Tanh()
    )
    """
    lines = PRINTED_NAME.sub(lambda match: match[1] or ", ", f"\n{text}")
    return lines.removeprefix(", ").strip()


def _layer(position: str, node: ast.expr) -> Any:
    """Build the layer that a call names."""
    if isinstance(node, ast.List):
        return _path(position, node)
    with at_position(position, ast.unparse(node)):
        if not isinstance(node, ast.Call):
            call = f"{node.id}(...)" if isinstance(node, ast.Name) else "Conv2d(3, 8, 3)"
            raise ValueError(f"no layer; a layer is a call, such as {call}")
        name = ast.unparse(node.func).rpartition(".")[2]
        if name not in KNOWN:
            close = difflib.get_close_matches(name, KNOWN, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(KNOWN)}"
            raise ValueError(f"{name} is not known; {hint}")
        if name == "Sequential":
            if node.keywords:
                named = ", ".join(str(each.arg) for each in node.keywords)
                raise TypeError(f"Sequential takes layers only, not {named}")
            return [_layer(f"{position}.{place}", each) for place, each in enumerate(node.args)]
        if name == "Branch":
            args = [_path(f"{position}.{place}", each) for place, each in enumerate(node.args)]
            return _call(Branch, inspect.signature(Branch), args, node.keywords)
        return from_call(CALLS[name], node, inspect.signature(CALLS[name]))


def from_call(kind: Callable[..., Any], node: ast.Call, signature: inspect.Signature) -> Any:
    """Call a class with the literals in a call, as arguments of that signature."""
    return _call(kind, signature, [_literal(each) for each in node.args], node.keywords)


def _call(
    kind: Callable[..., Any],
    signature: inspect.Signature,
    args: list[Any],
    keywords: list[ast.keyword],
) -> Any:
    """Call a class with arguments that it takes."""
    named: dict[str, Any] = {}
    try:
        for each in keywords:
            if each.arg in named:
                raise TypeError(f"multiple values for argument {each.arg!r}")
            named[str(each.arg)] = _literal(each.value)
        signature.bind(*args, **named)
    except TypeError as error:
        raise TypeError(f"{error}; it takes {', '.join(signature.parameters) or 'none'}") from None
    return kind(*args, **named)


def _path(position: str, node: ast.expr) -> list[Any]:
    """Read a path of a branch, which is a list of layers."""
    elements = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [_layer(f"{position}.{number}", each) for number, each in enumerate(elements)]


def _literal(node: ast.expr) -> Any:
    """Read a number, a string, True, False, None, or a tuple or list of them."""
    if isinstance(node, ast.Name) and node.id in UNQUOTED:
        return node.id
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise ValueError(f"{ast.unparse(node)} must be a number or a word") from None
    return value
