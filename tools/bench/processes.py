"""Worker processes whose thread settings are in place before NumPy is imported.

Imports the standard library alone: a library reads how many threads it may use when it is
imported.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

LIBRARIES = "OMP", "OPENBLAS", "MKL"
TUNING = "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"


def start(threads):
    """Return an executor with one worker process, to be used in a with statement.

    The process starts at the first call of ``submit`` and ends with the block.
    """
    return ProcessPoolExecutor(1, get_context("spawn"), set_threads, (threads,))


def set_threads(threads):
    """Write the number of threads to this process's environment; remove OpenBLAS's tuning."""
    if "numpy" in sys.modules:
        raise RuntimeError("NumPy is imported already: it would ignore the thread settings")
    for library in LIBRARIES:
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    for name in TUNING:
        os.environ.pop(name, None)
