"""Worker processes whose settings are in place before NumPy is imported.

Imports the standard library alone: a library reads how many threads it may use when it is
imported.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

LIBRARIES = "OMP", "OPENBLAS", "MKL", "NUMBA"
TUNING = "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"
KEPT = {name: str(4 << 30) for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")}


def start(threads, environment=None):
    """Return an executor with one worker process, to be used in a with statement.

    The process starts at the first call of ``submit`` and ends with the block. ``environment``
    has variables of this process alone; None removes one.
    """
    settings = threads, environment or {}
    return ProcessPoolExecutor(1, get_context("spawn"), prepare, settings)


def prepare(threads, environment):
    """Write the number of threads to this process's environment; remove OpenBLAS's tuning."""
    if "numpy" in sys.modules:
        raise RuntimeError("NumPy is imported already: it would ignore the thread settings")
    threads = {f"{library}_NUM_THREADS": str(threads) for library in LIBRARIES}
    change({**threads, **dict.fromkeys(TUNING), **environment})


def change(environment):
    """Set variables of this process's environment; None removes one."""
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def memory_kept():
    """Have processes that start now keep their memory, where the C library is glibc.

    Otherwise they ask the operating system for new memory for each large output: torch and
    convlib alike then spend much of a layer's time on that, and the time depends on what the
    process had computed before. glibc reads these variables when a process starts.
    """
    old = {name: os.environ.get(name) for name in KEPT}
    change(KEPT)
    try:
        yield
    finally:
        change(old)
