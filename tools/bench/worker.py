"""What a worker process does: run a contestant, time it, measure the machine or a memory peak."""

import time
import tracemalloc
from functools import lru_cache

import numpy as np

import convlib
from tools.bench.contestants import CONTESTANTS
from tools.bench.suite import arguments, shapes

ROUNDS = 15  # of each measurement of the machine
NAP, NAPS = 5e-3, 200  # seconds between two looks at whether the process is idle, and looks


def clock(threads):
    """Choose the clock: CPU time of this process for one thread, wall time for several."""
    return time.process_time if threads == 1 else time.perf_counter


def result(name, spec, dtype, threads):
    """Compute a layer once; None if the contestant cannot."""
    call = prepared(name, spec, dtype, threads)
    output = None if call is None else np.asarray(call())
    wait_until_idle(threads)
    return output


def seconds(name, spec, dtype, threads, repeats, warm_up):
    """Time a number of calls in a row, after one that is not timed if ``warm_up``."""
    took = timed(prepared(name, spec, dtype, threads), repeats, clock(threads), warm_up)
    wait_until_idle(threads)
    return took


@lru_cache(maxsize=1)
def prepared(name, spec, dtype, threads):
    """Prepare a contestant for a layer; the last one is kept."""
    return CONTESTANTS[name](*operands(spec, dtype), spec, threads)


def operands(spec, dtype):
    """Generate input, weight and bias, the same in every process."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes(spec)]


def timed(call, repeats, clock, warm_up=False):
    """Return the seconds of one of so many calls, after one that is not timed if ``warm_up``."""
    if warm_up:
        call()
    start = clock()
    for _ in range(repeats):
        call()
    return (clock() - start) / repeats


def wait_until_idle(threads):
    """Wait, for a second at most, until a pool of threads no longer uses CPU time.

    OpenBLAS's threads keep a core busy for a tenth of a second after a call, which would
    disturb the next contestant.
    """
    if threads == 1:
        return
    for _ in range(NAPS):
        before = time.process_time()
        time.sleep(NAP)
        if time.process_time() - before < NAP / 10:
            return


def rates(dtype, threads, side=1024, size=128 << 20):
    """Measure the machine at its best: matmul in GFLOP/s, and copying in GB/s.

    Multiplies square matrices of that side; copies that many bytes, more than caches hold.
    """
    one, other = np.ones((2, side, side), dtype)
    product = np.empty_like(one)
    source = np.ones(size, np.uint8)
    target = np.empty_like(source)
    multiplying = _shortest(lambda: np.matmul(one, other, product), clock(threads))
    copying = _shortest(lambda: np.copyto(target, source), clock(threads))
    return {
        "matmul": rounded(2 * side**3 / multiplying / 1e9),  # a multiply-add is two operations
        "copy": rounded(2 * size / copying / 1e9),  # each byte is read and written
    }


def _shortest(call, clock):
    return min(timed(call, 1, clock) for _ in range(ROUNDS))


def rounded(number):
    """Round to four significant digits."""
    return float(f"{number:.4g}")


def peak(spec, dtype, exact):
    """Count the bytes that a first call of conv2d allocates at most, beyond its result."""
    given = operands(spec, dtype)
    tracemalloc.start()
    output = convlib.conv2d(*given, *arguments(spec), exact=exact)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most - output.nbytes
