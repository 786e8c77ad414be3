"""Arrays: their kind, their dtype, their shape."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from convlib.checks.integers import integer, shown_value

Array = np.ndarray[Any, Any]

DTYPES = ("float16", "float32", "float64", "int64", "complex64", "complex128")
MODES = ("zeros", "reflect", "replicate", "circular")


def array(name: str, value: object) -> Array:
    """Take a NumPy array in the machine's byte order, and nothing that only resembles one."""
    if not isinstance(value, np.ndarray):
        raise TypeError(
            f"{name} must be a NumPy array, not {type(value).__name__}: {shown_value(value)}"
        )
    masked = getattr(sys.modules.get("numpy.ma"), "MaskedArray", ())  # () if nobody can have one
    if isinstance(value, masked):
        raise TypeError(f"{name} must not be a MaskedArray, whose mask would be ignored")
    if not value.dtype.isnative:
        raise TypeError(
            f"{name} has dtype {value.dtype.str!r}, {value.dtype.name} in the byte order of "
            "other machines; astype(dtype.newbyteorder('=')) turns it round"
        )
    return value.view(np.ndarray)


def numbers(name: str, value: object) -> Array:
    """Take an array of a dtype that convolutions are computed in."""
    taken = array(name, value)
    if taken.dtype.name not in DTYPES:
        wraps = ", whose sums would wrap" if taken.dtype.kind in "iu" else ""
        raise TypeError(
            f"{name} has dtype {taken.dtype.name}{wraps}; convlib takes {', '.join(DTYPES)}"
        )
    return taken


def mode(name: str, value: object) -> str:
    """Take one of torch's padding modes."""
    if not isinstance(value, str) or value not in MODES:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(map(repr, MODES))}")
    return value


def floating(name: str, value: Any) -> np.dtype[Any]:
    """Take a dtype that weights can have."""
    wanted = [known for known in DTYPES if known != "int64"]
    shown = getattr(value, "__name__", shown_value(value))
    refusal = TypeError(f"{name}={shown} must be one of {', '.join(wanted)}")
    try:
        dtype: np.dtype[Any] = np.dtype(value)
    except TypeError:
        raise refusal from None
    if value is None or not dtype.isnative or dtype.name not in wanted:
        raise refusal
    return dtype


def generator(name: str, value: object) -> "np.random.Generator":
    """Take a generator of random numbers, the seed of one, or None for a fresh one."""
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(None if value is None else integer(name, value))


def weights(name: str, value: object, wanted: tuple[int, ...]) -> Array:
    """Take the weight or the bias of a layer."""
    taken = numbers(name, value)
    if taken.shape != wanted:
        raise ValueError(f"{name} of shape {taken.shape} must have the layer's shape {wanted}")
    return taken


def state(value: Any, layer: dict[str, Array]) -> dict[str, Array]:
    """Take the weights of a layer out of a mapping from names to arrays or torch's tensors."""
    if not isinstance(value, Mapping):
        raise TypeError(f"state must be a mapping of names to arrays, not {type(value).__name__}")
    for names, what in ((set(layer) - set(value), "lacks"), (set(value) - set(layer), "has")):
        if names:
            has = ", ".join(map(repr, layer))
            raise ValueError(f"state {what} {', '.join(sorted(map(repr, names)))}; wanted: {has}")
    taken = {name: weights(name, _of_torch(name, value[name]), layer[name].shape) for name in layer}
    for name, array in taken.items():
        if array.dtype != layer[name].dtype:
            raise TypeError(
                f"{name} has dtype {array.dtype.name}, but the layer's is {layer[name].dtype.name}"
            )
    return taken


def _of_torch(name: str, value: Any) -> Any:
    """Read a tensor as an array, without torch."""
    if not hasattr(value, "detach"):
        return value
    try:
        return np.asarray(value.detach())
    except (TypeError, RuntimeError) as error:
        raise TypeError(f"{name} cannot be read as an array: {error}") from None
