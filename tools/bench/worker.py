"""What a worker process does: run a contestant, time it, measure the machine or its memory."""

import gc
import time
import tracemalloc
from functools import lru_cache

import numpy as np

from tools.bench.contestants import CONTESTANTS
from tools.bench.functions import operands

ROUNDS = 15  # of each measurement of the machine
NAP, NAPS = 5e-3, 200  # seconds between two looks at whether the process is idle, and looks


def clock(threads):
    """Choose the clock: CPU time of this process for one thread, wall time for several."""
    return time.process_time if threads == 1 else time.perf_counter


def result(name, layer, dtype, threads):
    """Compute a layer once; None if the contestant cannot."""
    call = prepared(name, layer, dtype, threads)
    output = None if call is None else np.asarray(call())
    wait_until_idle(threads)
    return output


def seconds(name, layer, dtype, threads, repeats, warm_up):
    """Time a number of calls in a row, after one that is not timed if ``warm_up``."""
    took = timed(prepared(name, layer, dtype, threads), repeats, clock(threads), warm_up)
    wait_until_idle(threads)
    return took


@lru_cache(maxsize=1)
def prepared(name, layer, dtype, threads):
    """Prepare a contestant for a layer; the last one is kept."""
    return CONTESTANTS[name].adapter(layer, operands(layer, dtype), threads)


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


def memory(name, layer, dtype):
    """Count the bytes of arrays that a contestant keeps after a call, and takes in a call.

    ``kept`` remains after the first call, beside arguments and result. ``beside`` is the most
    that a second call has, what is kept included, beside arguments and result. What a compiler
    allocates in the first call does not count. None if the contestant cannot compute the layer.
    """
    call = CONTESTANTS[name].adapter(layer, operands(layer, dtype), 1)
    if call is None:
        return None
    tracemalloc.start()
    call()
    kept = _array_bytes()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    output = call()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"beside": kept + most - before - output.nbytes, "kept": kept}


def _array_bytes():
    """Count the bytes of the arrays allocated since tracemalloc was started."""
    gc.collect()
    only_arrays = tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([only_arrays]).traces
    return sum(trace.size for trace in traces)
