"""Memory to compute in, kept from call to call: fresh pages cost as much as a copy does."""

import math
from collections import deque
from typing import Any

import numpy as np

from convlib.checks import Array

SIZE = 13 << 18  # bytes of a workspace, 3.25 MB
KEPT = 4  # workspaces that wait for the next calls, 13 MB
_waiting: deque[Array] = deque(maxlen=KEPT)


class Workspace:
    """Borrow memory for the length of a ``with`` block.

    Nobody else has it for that time, so that calls in several threads never meet in it.
    What it holds at first is what the last borrower left.

    Examples
    --------
    >>> with Workspace() as space:
    ...     one, other = space.arrays(np.dtype(np.float32), (2, 3), (5,))
    >>> one.shape, other.shape, np.may_share_memory(one, other)
    ((2, 3), (5,), False)
    """

    def __enter__(self) -> "Workspace":
        """Take what waits, or make memory."""
        try:
            self._memory = _waiting.pop()
        except IndexError:
            self._memory = np.empty(SIZE, dtype=np.uint8)
        return self

    def __exit__(self, *_: object) -> None:
        """Let it wait for the next borrower."""
        _waiting.append(self._memory)

    def arrays(self, dtype: np.dtype[Any], *shapes: tuple[int, ...]) -> list[Array]:
        """Cut the memory into arrays, always from its start; what does not fit is made anew."""
        given, end = [], 0
        for shape in shapes:
            begin, end = end, end + math.prod(shape) * dtype.itemsize
            if end <= len(self._memory):
                given.append(self._memory[begin:end].view(dtype).reshape(shape))
            else:
                given.append(np.empty(shape, dtype))
        return given
