"""Threads for compiled loops, which let other Python threads run at the same time.

``OMP_NUM_THREADS`` limits them, as it limits NumPy's matrix products.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

LIMIT = "OMP_NUM_THREADS"


@lru_cache(maxsize=1)
def available() -> int:
    """How many threads may be used: one for each processor, unless the environment says fewer."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # on macOS and Windows
        processors = os.cpu_count() or 1
    limit = os.environ.get(LIMIT, "")
    return min(processors, int(limit)) if limit.isdecimal() and int(limit) else processors


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(available() - 1, thread_name_prefix="convlib")


if hasattr(os, "register_at_fork"):  # a new process has only the thread that made it
    os.register_at_fork(after_in_child=_pool.cache_clear)


def run(calls: Sequence[Callable[[], bool]]) -> list[bool]:
    """Run calls at the same time, the first of them in this thread, and return their results.

    Examples
    --------
    >>> run([lambda: True, lambda: False, lambda: True])
    [True, False, True]
    """
    first, *others = calls
    if not others or available() == 1:
        return [call() for call in calls]
    futures = [_pool().submit(call) for call in others]
    return [first(), *(future.result() for future in futures)]
