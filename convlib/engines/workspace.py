"""Scratch memory of the engines, cached between calls: fresh pages cost as much as a copy."""

import math
from collections import deque
from typing import Any

import numpy as np

from convlib.arguments import Array

SIZE = 13 << 18  # bytes of a workspace, 3.25 MB
MAX_CACHED = 4  # buffers kept for later calls, 13 MB
_cached: deque[Array] = deque(maxlen=MAX_CACHED)


class Workspace:
    """Scratch memory for the length of a ``with`` block.

    A buffer belongs to one workspace at a time, so calls in several threads do not share it.
    It contains at first what its last user left.

    Examples
    --------
    >>> with Workspace() as space:
    ...     first, second = space.arrays(np.dtype(np.float32), (2, 3), (5,))
    >>> first.shape, second.shape, np.may_share_memory(first, second)
    ((2, 3), (5,), False)
    """

    def __enter__(self) -> "Workspace":
        """Reuse a cached buffer or allocate one."""
        try:
            self._buffer = _cached.pop()
        except IndexError:
            self._buffer = np.empty(SIZE, dtype=np.uint8)
        if self._buffer.size != SIZE:  # cached before SIZE was changed
            self._buffer = np.empty(SIZE, dtype=np.uint8)
        return self

    def __exit__(self, *_: object) -> None:
        """Cache the buffer for the next call."""
        _cached.append(self._buffer)

    def arrays(self, dtype: np.dtype[Any], *shapes: tuple[int, ...]) -> list[Array]:
        """Cut the buffer into arrays, from its start; allocate those that do not fit."""
        arrays, end = [], 0
        for shape in shapes:
            start, end = end, end + math.prod(shape) * dtype.itemsize
            if end <= self._buffer.size:
                arrays.append(self._buffer[start:end].view(dtype).reshape(shape))
            else:
                arrays.append(np.empty(shape, dtype))
        return arrays
