"""The form that every convolution engine has."""

from typing import NamedTuple, Protocol

from convlib.arguments import Array
from convlib.spec import ConvSpec


class Compute(Protocol):
    """Compute the convolution that a spec describes."""

    def __call__(self, input: Array, weight: Array, bias: Array | None, spec: ConvSpec) -> Array:
        """Return the output, a new array of shape ``spec.output_shape``."""


class Cost(Protocol):
    """Estimate the time that an engine needs."""

    def __call__(self, spec: ConvSpec) -> float:
        """Return nanoseconds; infinite where the engine cannot compute the spec."""


class Engine(NamedTuple):
    """One algorithm for convolution: what computes it, and an estimate of its time."""

    name: str
    compute: Compute
    cost: Cost
    tiled: bool = False  # whether its scratch memory is bounded, whatever the size
    needs: str = ""  # without which its cost is infinite
