"""Time and memory of the contestants, each in a process of its own.

Within one process their thread pools would disturb each other. The processes live for a
whole run and are timed in turns, so that whatever disturbs the machine hits all alike.
"""

import datetime
import math
import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np

import convlib
from tools.bench import processes, worker
from tools.bench.contestants import CONTESTANTS, OURS, taking_part
from tools.bench.functions import count_elements, count_macs
from tools.bench.suite import SCALES, scaled
from tools.bench.worker import rounded

ROUNDS = 15
CPU_SECONDS, WALL_SECONDS = 1.0, 2.0  # a layer gets more rounds until so much time has passed
MOST, LEAST_ROUNDS = 8.0, 5  # after so many seconds a layer gets no more than so many rounds
SHORT = 2e-4  # seconds; a shorter call is repeated until they come to this
LONG = 2e-2  # seconds; a longer call needs no warm-up: it evicts the caches itself
SLOW, FEW = 20, 3  # a contestant that many times slower than torch gets so few rounds
# of the largest element of the result; float16 has 11 bits, and torch rounds more than once
TOLERANCE = {"float16": 1e-2, "int64": 0}
STAT = Path("/proc/stat")
LIBRARIES = "numpy", "torch", "onnxruntime", "onnx", "mygrad", "numba", "ai-edge-litert"
# The widest vectors, by the names that NumPy has for what the processor can do.
VECTORS = {"AVX512F": "AVX-512", "AVX2": "AVX2", "SVE": "SVE", "ASIMD": "NEON", "NEON": "NEON"}


def record(suite, layers, dtype, threads, quick):
    """Measure the contestants of a suite on some of its layers."""
    before = usage()
    names = taking_part(suite, threads)
    counted = not quick and threads == 1  # more threads take the same memory
    taken = memory(layers, dtype, names) if counted else [{}] * len(layers)
    environments = {name: CONTESTANTS[name].environment for name in names}
    with processes.memory_kept(), contestants(environments, threads) as pools:
        best = [
            minima(timers(layer, dtype, threads, pools), *patience(threads, quick))
            for layer in progress(layers, "time")
        ]
    rates = alone(threads, {}, worker.rates, dtype, threads)
    rows = [
        {
            "name": layer.name,
            "family": layer.family,
            "macs": count_macs(layer),
            "bytes": count_elements(layer) * np.dtype(layer.dtype or dtype).itemsize,
            "memory": bytes_taken,
            "ms": milliseconds(seconds),
        }
        for layer, bytes_taken, seconds in zip(layers, taken, best, strict=True)
    ]
    kept = {"suite": suite, "memory_kept": True}
    return {**kept, **circumstances(dtype, threads, before), "rates": rates, "layers": rows}


def scaling(dtype, threads, quick):
    """Measure how time grows with each argument of a layer."""
    before = usage()
    points = [(axis, value) for axis, values in SCALES.items() for value in values]
    axes = {axis: [] for axis in SCALES}
    environments = {name: CONTESTANTS[name].environment for name in ("torch", "convlib")}
    with processes.memory_kept(), contestants(environments, threads) as pools:
        for axis, value in progress(points, "scaling"):
            best = minima(
                timers(scaled(axis, value), dtype, threads, pools), *patience(threads, quick)
            )
            axes[axis].append({"value": value, "ms": milliseconds(best)})
    kept = {"suite": "scaling", "memory_kept": True}
    return {**kept, **circumstances(dtype, threads, before), "axes": axes}


@contextmanager
def contestants(environments, threads):
    """Keep a process for each contestant, with its environment, as executors by name."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(processes.start(threads, environment))
            for name, environment in environments.items()
        }


def patience(threads, quick):
    """Choose how many rounds and seconds a layer gets at least, and how many seconds at most."""
    if quick:
        return FEW, 0, 0
    return ROUNDS, CPU_SECONDS if threads == 1 else WALL_SECONDS, MOST


def milliseconds(best):
    """Convert seconds by contestant."""
    return {name: rounded(1e3 * seconds) for name, seconds in best.items()}


def timers(layer, dtype, threads, pools):
    """Check the result of each contestant that can compute a layer; return what times it.

    A timer takes the number of calls and whether to make one untimed call before, and
    returns the seconds of one call.
    """
    task = layer, dtype, threads
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
    reference = reference.astype(np.result_type(reference, np.float32))
    error = np.abs(output - reference).max() / np.abs(reference).max()
    if not error <= TOLERANCE.get(output.dtype.name, 1e-3):
        raise ValueError(f"{who} differs from torch by {error:.1e} of the largest element")


def minima(timers, rounds=ROUNDS, seconds=CPU_SECONDS, most=MOST, now=time.perf_counter):
    """Time contestants in turns, A B A B, and return the shortest time of each.

    There are at least so many rounds, and rounds for at least so many seconds. But after
    ``most`` seconds ``LEAST_ROUNDS`` are enough.
    """
    once = {name: min(timer(1, False), timer(1, False)) for name, timer in timers.items()}
    repeats = {name: max(1, math.ceil(SHORT / max(took, 1e-7))) for name, took in once.items()}
    slow = {name for name, took in once.items() if took > SLOW * once["torch"]}
    best = dict.fromkeys(timers, math.inf)
    start, done = now(), 0
    while done < rounds or now() - start < seconds:
        if done >= LEAST_ROUNDS and now() - start >= most:
            break
        for name in [name for name in timers if done < FEW or name not in slow]:
            took = timers[name](repeats[name], once[name] < LONG)
            best[name] = min(best[name], took)
        done += 1
    return best


def memory(layers, dtype, names):
    """Count convlib's bytes on each layer, each time in a process that has called nothing yet."""
    ours = [name for name in names if name in OURS]

    def count(task):
        layer, name = task
        return alone(1, CONTESTANTS[name].environment, worker.memory, name, layer, dtype)

    tasks = [(layer, name) for layer in layers for name in ours]
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # nothing is timed
        counts = iter(list(progress(threads.map(count, tasks), "memory", len(tasks))))
    return [{name: found for name in ours if (found := next(counts)) is not None} for _ in layers]


def alone(threads, environment, function, *arguments):
    """Call a function in a new process."""
    with processes.start(threads, environment) as pool:
        return pool.submit(function, *arguments).result()


def circumstances(dtype, threads, before, libraries=LIBRARIES):
    """Return when, where and with what a record was measured, and how busy the machine was."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "vectors": vectors(),
        "dtype": dtype,
        "threads": threads,
        "own_process": True,
        "others": others(before, after := usage()),
        "seconds": round(after.moment - before.moment),
        "versions": {
            "python": platform.python_version(),
            "convlib": convlib.__version__,
            **{name: found for name in libraries if (found := installed(name))},
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


def vectors():
    """Return the widest vector instructions that NumPy finds: AVX-512, AVX2, SVE or NEON."""
    from numpy._core._multiarray_umath import __cpu_features__ as features

    found = [name for feature, name in VECTORS.items() if features.get(feature)]
    return found[0] if found else platform.machine()


def installed(name):
    """Return the version of a package, or None without it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


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


def progress(items, word, count=None):
    """Show a progress bar."""
    from tqdm import tqdm

    return tqdm(items, word, count)
