"""Whether compiled loops can be used: numba, the extra ``convlib[fast]``, is installed.

numba is imported when a call first needs it. The environment variable ``CONVLIB_NUMBA=0``
leaves everything to NumPy.
"""

import importlib
import importlib.util
import os
import threading
import warnings
from functools import lru_cache

SWITCH = "CONVLIB_NUMBA"
START = 30_000  # estimated nanoseconds before the loops begin; small calls import nothing
enabled: bool = os.environ.get(SWITCH) != "0"  # to be changed before the first call only
_failures: list[str] = []
_failing = threading.Lock()


def available() -> bool:
    """Whether numba is installed, is not switched off, and has not failed in this process."""
    return enabled and not _failures and _installed()


@lru_cache(maxsize=1)
def _installed() -> bool:
    return importlib.util.find_spec("numba") is not None


def call(name: str, *arguments: object) -> bool:
    """Call a function of `convlib.engines.loops`; return False if it cannot be compiled.

    Warns once. Compiled functions raise nothing themselves, so whatever is raised comes from
    numba: a version that does not fit to NumPy or to this processor, for example.
    """
    if not available():
        return False
    try:
        loops = importlib.import_module("convlib.engines.loops")
        getattr(loops, name)(*arguments)
    except Exception as error:  # noqa: BLE001  # numba's errors have no common class
        with _failing:
            _failures.append(name)
            first = len(_failures) == 1
        if first:
            warnings.warn(
                f"numba cannot compile convlib's loops, NumPy computes instead, in this process: "
                f"{type(error).__name__}: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
        return False
    return True
