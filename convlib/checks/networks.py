"""Networks: layers that must fit their input, and what is a layer at all."""

import ast
import difflib
import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from convlib.checks.integers import integer, integers, shown_value

Shape = tuple[int, ...]


@contextmanager
def at_position(position: str, layer: object) -> Iterator[None]:
    """Say with every refusal inside at which layer it came up; the innermost says it alone."""
    try:
        yield
    except (ValueError, TypeError) as error:
        if str(error).startswith("layer "):
            raise
        raise type(error)(f"layer {position}, {layer}: {error}") from None


def network_input(name: str, value: object) -> Shape:
    """Take the shape of one image: channels, and one to three axes."""
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= 4:
        raise ValueError(
            f"{name}={shown_value(value)} must be the shape of one image without the batch: "
            "(C, H, W), or (C, W) or (C, D, H, W)"
        )
    return tuple(integer("size", entry, whole=value) for entry in value)


def image_shape(shape: Shape, axes: int) -> None:
    """Refuse another number of axes than a layer slides along."""
    if len(shape) != axes + 1:
        wanted = f"(C, {', '.join(('D', 'H', 'W')[-axes:])})"
        raise ValueError(f"its input has shape {shape}, and {wanted} is wanted")


def axes_of(shape: Shape, counts: tuple[int, ...]) -> None:
    """Refuse an input with another number of axes behind the channels than one of counts."""
    if len(shape) - 1 not in counts:
        wanted = " or ".join(str(count) for count in counts)
        raise ValueError(f"its input has shape {shape}; {wanted} axes behind the channels fit")


def reads(name: str, count: int, shape: Shape) -> None:
    """Refuse another number of channels than a layer is made for."""
    if count != shape[0]:
        raise ValueError(f"{name}={count}, but its input has {shape[0]} channels: {shape}")


def flat(name: str, count: int, shape: Shape) -> None:
    """Refuse an input that is not flat, or that has another number of features."""
    if len(shape) > 1:
        product = f"{' * '.join(map(str, shape))} = {math.prod(shape)}"
        raise ValueError(
            f"its input has shape {shape}; Flatten() first makes {product} features of it"
        )
    if count != shape[0]:
        raise ValueError(f"{name}={count}, but its input has {shape[0]} features")


def divides(name: str, value: int, shape: Shape) -> None:
    """Refuse groups that do not divide the channels."""
    if shape[0] % value:
        raise ValueError(f"{name}={value} must divide the {shape[0]} channels of its input")


def half_padded(kernel_size: int, stride: int, padding: int, dilation: int) -> None:
    """Refuse a padding in which a pooling window could drown."""
    span = dilation * (kernel_size - 1) + 1
    if 2 * padding > span:
        raise ValueError(f"padding={padding} must be at most half of the window, which is {span}")


def some_window(count: int, kernel_size: int, size: int) -> None:
    """Refuse a pooling layer of which no window fits."""
    if count < 1:
        raise ValueError(f"kernel_size={kernel_size} leaves nothing of an input of size {size}")


def adaptive(name: str, value: Any, axes: int) -> tuple[int | None, ...]:
    """Take the output sizes of adaptive pooling; None keeps a size."""
    entries = value if isinstance(value, list | tuple) else (value,)
    entries = tuple(entries) * axes if len(entries) == 1 else entries
    kept = [1 if entry is None else entry for entry in entries]
    sizes = integers(name, kept, axes)
    return tuple(
        None if entry is None else size for entry, size in zip(entries, sizes, strict=True)
    )


def even_parts(name: str, count: int, size: int) -> int:
    """Cut a side into parts of one size, or refuse."""
    if size % count:
        raise ValueError(
            f"{name}={count} does not divide size {size}: windows would differ in size, and "
            "there would be no one stride"
        )
    return size // count


def from_one_to_the_last(start_dim: object, end_dim: object) -> None:
    """Take nothing but the dimensions that a flat image has."""
    if (start_dim, end_dim) != (1, -1):
        raise ValueError(
            f"start_dim={start_dim!r} and end_dim={end_dim!r} must be 1 and -1: all but the batch"
        )


def one_of(name: str, value: object, known: Sequence[str]) -> str:
    """Take one word of several."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name}={shown_value(value)} must be one of {', '.join(known)}")
    return value


def paths(name: str, value: Sequence[object]) -> None:
    """Take two or more lists or dicts of layers."""
    for path in value:
        if not isinstance(path, list | tuple | Mapping):
            raise TypeError(f"{name} must be lists of layers, or dicts, not {shown_value(path)}")
    if len(value) < 2:
        raise ValueError(f"{name}: {len(value)} given, but a branch has at least 2")


def joined(join: str, outputs: Sequence[Shape]) -> Shape:
    """Take outputs that can be added, or laid channel behind channel, and say what comes out."""
    first = outputs[0]
    skip = 0 if join == "add" else 1
    for number, output in enumerate(outputs):
        if len(output) != len(first) or output[skip:] != first[skip:]:
            alike = "shape" if join == "add" else "shape but for the channels"
            raise ValueError(
                f"path 0 gives {first} and path {number} gives {output}; join={join!r} wants "
                f"one {alike}"
            )
    return first if join == "add" else (sum(output[0] for output in outputs), *first[1:])


def in_step(name: str, fields: Any) -> int:
    """Take fields of one stride, and say it."""
    if not isinstance(fields, list | tuple) or not all(hasattr(each, "stride") for each in fields):
        raise TypeError(f"{name} must be a list of fields, not {shown_value(fields)}")
    strides = sorted({field.stride for field in fields})
    if len(strides) != 1:
        has = f"strides {', '.join(map(str, strides))}" if strides else "no entry"
        raise ValueError(f"{name} has {has}; paths that are joined step alike")
    return int(strides[0])


def windows_behind(name: str, value: object) -> list[tuple[int, int, Any, int]]:
    """Take (kernel_size, stride, padding, dilation) of several layers, an end left out."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name} must be a list of tuples, not {shown_value(value)}")
    for window in value:
        if not isinstance(window, list | tuple) or not 1 <= len(window) <= 4:
            raise ValueError(
                f"{name} has an entry {shown_value(window)}, which must be a tuple "
                "(kernel_size, stride, padding, dilation); the last ones may be left out"
            )
    return [(*window, *(1, 1, 0, 1)[len(window) :]) for window in value]


def layers(name: str, value: Any, position: str) -> Mapping[str, Any]:
    """Take a list of layers, which are counted, or a dict, whose keys are names."""
    if isinstance(value, list | tuple):
        return {str(number): layer for number, layer in enumerate(value)}
    if not isinstance(value, Mapping):
        where = f"layer {position}" if position else name
        raise TypeError(
            f"{where} must be a layer of convlib.networks or of torch, or a list or dict of them, "
            f"not {type(value).__name__}: {shown_value(value)}"
        )
    for key in value:
        if not isinstance(key, str) or not key:
            raise TypeError(f"{name} has a key {shown_value(key)}, which must be a name")
    return value


def plain_forward(position: str, module: Any, cls: Any, known: Sequence[str] | set[str]) -> None:
    """Refuse a module of torch that is not known, or that does as it likes with its modules."""
    name = type(module).__name__
    where = f"layer {position}, {name}" if position else f"layers, {name}"
    if type(module).forward is not cls.forward or "forward" in vars(module):
        raise TypeError(
            f"{where}: its forward is its own, and the order of its "
            "modules is not the way of its data; only Sequential is read"
        )
    if cls.__name__ not in known:
        raise TypeError(f"{where}: not known; known are {', '.join(sorted(known))}")


def not_shared(position: str, module: Any, seen: dict[int, str]) -> None:
    """Refuse weights that are used twice, and remember the others."""
    first = seen.setdefault(id(module), position)
    if first != position:
        raise ValueError(
            f"layer {position}, {type(module).__name__}: it is layer {first} once more, and "
            "shared weights cannot be described"
        )


def known_position(name: str, value: object, known: Mapping[str, object]) -> None:
    """Refuse a position that a network does not have."""
    if value not in known:
        some = ", ".join(list(known)[:8])
        raise ValueError(f"{name}={shown_value(value)} is none of this network's: {some}, ...")


def same_shape(
    name: str, value: Sequence[Sequence[object]], table: Mapping[str, Sequence[object]]
) -> None:
    """Refuse numbers that are not those of a table, row by row and column by column."""
    if len(value) != len(table):
        raise ValueError(f"{name} has {len(value)} rows, not {len(table)}: {', '.join(table)}")
    for row, numbers in zip(table, value, strict=True):
        if len(numbers) != len(table[row]):
            raise ValueError(
                f"{name} has {len(numbers)} numbers in row {row}, not {len(table[row])}"
            )


def parsed(name: str, text: object) -> list[ast.expr]:
    """Take text that reads as expressions of Python, between commas or on lines of their own."""
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a str, not {type(text).__name__}: {shown_value(text)}")
    try:
        body = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise ValueError(f"{name} {shown_value(text)} is no list of layers: {said}") from None
    found: list[ast.expr] = []
    for statement in body:
        if not isinstance(statement, ast.Expr):
            raise ValueError(f"{name} {ast.unparse(statement)!r} is no layer")
        value = statement.value
        found += value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    if not found:
        raise ValueError(f"{name} {shown_value(text)} has no layer in it")
    return found


def call(position: str, node: ast.expr) -> ast.Call:
    """Take a name with arguments."""
    if not isinstance(node, ast.Call):
        raise ValueError(f"layer {position}, {ast.unparse(node)}: no layer; wanted is Conv2d(...)")
    return node


def known_layer(name: str, known: Mapping[str, Callable[..., Any]], others: Sequence[str]) -> None:
    """Take the name of a layer."""
    names = [*known, *others]
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        meant = f" (did you mean {close[0]}?)" if close else ""
        raise ValueError(f"{name} is not known{meant}; known are {', '.join(sorted(names))}")


def arguments(
    kind: Callable[..., Any], args: Sequence[object], named: Mapping[str, object]
) -> None:
    """Refuse arguments that a layer does not take."""
    try:
        inspect.signature(kind).bind(*args, **named)
    except TypeError as error:
        takes = ", ".join(inspect.signature(kind).parameters)
        raise TypeError(f"{error}; it takes {takes}") from None


def literal(node: ast.expr) -> object:
    """Take a number, a string, True, False, None, or a tuple or list of them."""
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise ValueError(f"{ast.unparse(node)} must be a number or a word") from None
    return value
