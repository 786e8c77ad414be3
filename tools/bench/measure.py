"""Time and memory of the contestants, each in a process of its own.

Within one process their thread pools would disturb each other. The processes live for a
whole run and are timed in turns, so that whatever disturbs the machine hits all alike.
"""

import datetime
import math
import os
import platform
import time
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np

import convlib
from tools.bench import processes, worker
from tools.bench.contestants import CONTESTANTS
from tools.bench.suite import SCALES, count_elements, count_patches, scaled
from tools.bench.worker import rounded

ROUNDS = 15
CPU_SECONDS, WALL_SECONDS = 1.0, 3.0  # a layer gets more rounds until so much time has passed
SHORT = 2e-4  # seconds; a shorter call is repeated until they come to this
LONG = 2e-2  # seconds; a longer call needs no warm-up: it evicts the caches itself
SLOW, FEW = 20, 3  # a contestant that many times slower than torch gets so few rounds
TOLERANCE = 1e-3  # of the largest element of the result
MEMORY, SHARE = 4 << 20, 0.25  # bytes, and share of im2col's patch matrix, that convlib may take
STAT = Path("/proc/stat")
LIBRARIES = "numpy", "torch", "onnxruntime", "onnx", "mygrad"


def record(layers, dtype, threads, quick):
    """Measure all contestants on some layers."""
    before = usage()
    peaks = [{}] * len(layers) if quick else memory(layers, dtype, threads)
    with contestants(CONTESTANTS, threads) as pools:
        best = [
            minima(timers(layer, dtype, threads, pools), *patience(threads, quick))
            for layer in progress(layers, "time")
        ]
    rates = alone(threads, worker.rates, dtype, threads)
    rows = [
        {
            "name": layer.name,
            "family": layer.family,
            "macs": layer.spec.macs,
            "bytes": count_elements(layer.spec) * np.dtype(dtype).itemsize,
            "bound": bound(layer.spec, dtype),
            "memory": peak,
            "ms": milliseconds(seconds),
        }
        for layer, peak, seconds in zip(layers, peaks, best, strict=True)
    ]
    return {**circumstances(dtype, threads, before), "rates": rates, "layers": rows}


def scaling(dtype, threads, quick):
    """Measure how time grows with each argument of a layer."""
    before = usage()
    points = [(axis, value) for axis, values in SCALES.items() for value in values]
    axes = {axis: [] for axis in SCALES}
    with contestants(("torch", "convlib"), threads) as pools:
        for axis, value in progress(points, "scaling"):
            best = minima(
                timers(scaled(axis, value), dtype, threads, pools), *patience(threads, quick)
            )
            axes[axis].append({"value": value, "ms": milliseconds(best)})
    return {**circumstances(dtype, threads, before), "axes": axes}


@contextmanager
def contestants(names, threads):
    """Keep a process for each contestant, as executors by name."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(processes.start(threads)) for name in names}


def patience(threads, quick):
    """Choose how many rounds, and how many seconds, a layer gets at least."""
    seconds = CPU_SECONDS if threads == 1 else WALL_SECONDS
    return (FEW, 0) if quick else (ROUNDS, seconds)


def milliseconds(best):
    """Convert seconds by contestant."""
    return {name: rounded(1e3 * seconds) for name, seconds in best.items()}


def timers(layer, dtype, threads, pools):
    """Check the result of each contestant that can compute a layer; return what times it.

    A timer takes the number of calls and whether to make one untimed call before, and
    returns the seconds of one call.
    """
    task = layer.spec, dtype, threads
    results = {
        name: pool.submit(worker.result, name, *task).result() for name, pool in pools.items()
    }
    results = {name: output for name, output in results.items() if output is not None}
    for name, output in results.items():
        check(f"{name} on {layer.name}", output, results["torch"])

    def timer(name):
        def seconds(repeats, warm_up):
            return pools[name].submit(worker.seconds, name, *task, repeats, warm_up).result()

        return seconds

    return {name: timer(name) for name in results}


def check(who, output, reference):
    """Raise ValueError for a wrong result: its time would mean nothing."""
    if output.shape != reference.shape or output.dtype != reference.dtype:
        raise ValueError(
            f"{who}: {output.dtype} of shape {output.shape}, torch's is "
            f"{reference.dtype} of shape {reference.shape}"
        )
    error = np.abs(output - reference).max() / np.abs(reference).max()
    if not error < TOLERANCE:
        raise ValueError(f"{who} differs from torch by {error:.1e} of the largest element")


def minima(timers, rounds=ROUNDS, seconds=CPU_SECONDS, now=time.perf_counter):
    """Time contestants in turns, A B A B, and return the shortest time of each."""
    once = {name: min(timer(1, False), timer(1, False)) for name, timer in timers.items()}
    repeats = {name: max(1, math.ceil(SHORT / max(took, 1e-7))) for name, took in once.items()}
    slow = {name for name, took in once.items() if took > SLOW * once["torch"]}
    best = dict.fromkeys(timers, math.inf)
    end = now() + seconds
    done = 0
    while done < rounds or now() < end:
        for name in [name for name in timers if done < FEW or name not in slow]:
            took = timers[name](repeats[name], once[name] < LONG)
            best[name] = min(best[name], took)
        done += 1
    return best


def memory(layers, dtype, threads):
    """Measure convlib's peaks on each layer, each in a process that has called nothing yet."""
    return [
        {
            name: alone(threads, worker.peak, layer.spec, dtype, exact)
            for name, exact in (("convlib", True), ("convlib exact=False", False))
        }
        for layer in progress(layers, "memory")
    ]


def alone(threads, function, *arguments):
    """Call a function in a new process."""
    with processes.start(threads) as pool:
        return pool.submit(function, *arguments).result()


def bound(spec, dtype):
    """Return the bytes that convlib may allocate beyond arguments and result."""
    return max(MEMORY, int(SHARE * count_patches(spec) * np.dtype(dtype).itemsize))


def circumstances(dtype, threads, before, libraries=LIBRARIES):
    """Return when, where and with what a record was measured, and how busy the machine was."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "dtype": dtype,
        "threads": threads,
        "own_process": True,
        "others": others(before, usage()),
        "versions": {
            "python": platform.python_version(),
            "convlib": convlib.__version__,
            **{name: version(name) for name in libraries},
        },
    }


def processor():
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


class Usage(NamedTuple):
    """CPU seconds that all other processes together have used up to a moment."""

    moment: float
    others: float


def usage():
    """Read the usage from Linux; elsewhere it is unknown, and 0.

    A child's CPU time counts as this process's own only after it has ended.
    """
    own = sum(os.times()[:4])
    try:
        user, nice, system = map(int, STAT.read_text().split()[1:4])
    except OSError:
        return Usage(time.perf_counter(), 0.0)
    return Usage(time.perf_counter(), (user + nice + system) / os.sysconf("SC_CLK_TCK") - own)


def others(before, after):
    """Return how many cores other processes kept busy between two moments, on average."""
    return round(max(0.0, after.others - before.others) / (after.moment - before.moment), 2)


def progress(items, word):
    """Show a progress bar."""
    from tqdm import tqdm

    return tqdm(items, word)
