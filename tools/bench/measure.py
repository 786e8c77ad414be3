"""Time and memory of the contestants, and what the machine could do at best."""

import datetime
import math
import os
import platform
import time
import tracemalloc
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

import convlib
from tools.bench.rivals import RIVALS
from tools.bench.suite import SCALES, scaled

ROUNDS = 15
CPU_SECONDS, WALL_SECONDS = 1.0, 3.0  # a layer gets more rounds until so much time has passed
SHORT = 2e-4  # seconds; of a shorter call a round makes several
LONG = 2e-2  # seconds; a longer call flushes the caches itself
SLOW, FEW = 20, 3  # a contestant so many times slower than torch gets so few rounds
TOLERANCE = 1e-3  # of the largest number of the result
MEMORY, SHARE = 4 << 20, 0.25  # bytes, and part of im2col's patch matrix, that convlib may take


def record(layers, dtype, threads, quick):
    """Measure everybody on some layers."""
    clock, patience = timing(threads, quick)
    peaks = [{}] * len(layers) if quick else memory(layers, dtype)
    rows, before = [], _used()
    for layer, peak in zip(_watched(layers, "time"), peaks, strict=True):
        best = minima(calls(layer, dtype, RIVALS), clock, *patience)
        rows.append(
            {
                "name": layer.name,
                "family": layer.family,
                "macs": layer.macs,
                "bytes": layer.numbers * np.dtype(dtype).itemsize,
                "bound": bound(layer, dtype),
                "memory": peak,
                "ms": {name: _digits(1e3 * seconds) for name, seconds in best.items()},
            }
        )
    best = rates(dtype, clock)
    return {**circumstances(dtype, threads, before), "rates": best, "layers": rows}


def scaling(dtype, threads, quick):
    """Measure how time grows with each thing about a layer."""
    clock, patience = timing(threads, quick)
    rivals = {name: RIVALS[name] for name in ("torch", "convlib")}
    points = [(axis, value) for axis, values in SCALES.items() for value in values]
    axes, before = {axis: [] for axis in SCALES}, _used()
    for axis, value in _watched(points, "scaling"):
        best = minima(calls(scaled(axis, value), dtype, rivals), clock, *patience)
        ms = {name: _digits(1e3 * seconds) for name, seconds in best.items()}
        axes[axis].append({"value": value, "ms": ms})
    return {**circumstances(dtype, threads, before), "axes": axes}


def timing(threads, quick):
    """Choose the clock, and how many rounds and seconds a layer gets."""
    if threads == 1:
        clock, seconds = time.process_time, CPU_SECONDS
    else:
        clock, seconds = time.perf_counter, WALL_SECONDS
    return clock, (FEW, 0) if quick else (ROUNDS, seconds)


def calls(layer, dtype, rivals):
    """Prepare the contestants that can do a layer, and see that they do it right."""
    arrays = operands(layer, dtype)
    given = {name: prepare(*arrays, layer) for name, prepare in rivals.items()}
    given = {name: call for name, call in given.items() if call is not None}
    wanted = np.asarray(given["torch"]())
    for name, call in given.items():
        check(f"{name} on {layer.name}", np.asarray(call()), wanted)
    return given


def check(who, result, wanted):
    """Refuse a wrong result: a time for it would mean nothing."""
    if result.shape != wanted.shape or result.dtype != wanted.dtype:
        raise ValueError(
            f"{who}: {result.dtype} of shape {result.shape}, torch's is "
            f"{wanted.dtype} of shape {wanted.shape}"
        )
    error = np.abs(result - wanted).max() / np.abs(wanted).max()
    if not error < TOLERANCE:
        raise ValueError(f"{who} differs from torch by {error:.1e} of the largest number")


def minima(calls, clock, rounds=ROUNDS, seconds=CPU_SECONDS):
    """Time calls in turns, A B A B, and keep the shortest time of each."""
    once = {name: min(_timed(call, 1, clock) for _ in range(2)) for name, call in calls.items()}
    times = {name: max(1, math.ceil(SHORT / max(took, 1e-7))) for name, took in once.items()}
    slow = {name for name, took in once.items() if took > SLOW * once["torch"]}
    best = dict.fromkeys(calls, math.inf)
    end = time.perf_counter() + seconds
    done = 0
    while done < rounds or time.perf_counter() < end:
        for name in [name for name in calls if done < FEW or name not in slow]:
            if once[name] < LONG:
                calls[name]()  # not timed: the caches shall hold its own, not its predecessor's
            best[name] = min(best[name], _timed(calls[name], times[name], clock))
        done += 1
    return best


def _timed(call, times, clock):
    start = clock()
    for _ in range(times):
        call()
    return (clock() - start) / times


def operands(layer, dtype):
    """Make up an input, a weight and a bias."""
    numbers = np.random.default_rng(0)
    shapes = layer.input, layer.weight, (layer.out_channels,)
    return [numbers.standard_normal(shape).astype(dtype) for shape in shapes]


def memory(layers, dtype):
    """Measure the peaks of convlib on each layer, each in a process that has called nothing yet."""
    tasks = [(layer, dtype, exact) for layer in layers for exact in (True, False)]
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        found = list(_watched(pool.imap(peak, tasks), "memory", len(tasks)))
    names = "convlib", "convlib exact=False"
    return [
        dict(zip(names, pair, strict=True)) for pair in zip(found[::2], found[1::2], strict=True)
    ]


def peak(task):
    """Count the bytes that a first call takes at most, beyond arguments and result."""
    layer, dtype, exact = task
    arrays = operands(layer, dtype)
    tracemalloc.start()
    result = convlib.conv2d(*arrays, *layer.arguments, exact=exact)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most - result.nbytes


def bound(layer, dtype):
    """Count the bytes that convlib may take beyond arguments and result."""
    return max(MEMORY, int(SHARE * layer.patches * np.dtype(dtype).itemsize))


def circumstances(dtype, threads, before):
    """Tell when, where and with what something was measured, and how much others disturbed it."""
    now = _used()
    others = "numpy", "torch", "onnxruntime", "onnx", "mygrad"
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "dtype": dtype,
        "threads": threads,
        "others": round(max(0.0, now.others - before.others) / (now.time - before.time), 2),
        "versions": {
            "python": platform.python_version(),
            "convlib": convlib.__version__,
            **{name: version(name) for name in others},
        },
    }


def processor():
    """Name the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


class Used(NamedTuple):
    """Processor seconds that all others have used up to a moment, in sum."""

    time: float
    others: float


def _used():
    """Read it off Linux; elsewhere nobody knows, and it is nought."""
    own = sum(os.times()[:4])
    try:
        user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
    except OSError:
        return Used(time.perf_counter(), 0.0)
    return Used(time.perf_counter(), (user + nice + system) / os.sysconf("SC_CLK_TCK") - own)


def rates(dtype, clock):
    """Measure what the machine does at best: multiplying, in GFLOP/s, and copying, in GB/s."""
    one, other = np.ones((2, 1024, 1024), dtype)
    out = np.empty_like(one)
    multiplying = min(_timed(lambda: np.matmul(one, other, out), 1, clock) for _ in range(ROUNDS))
    source = np.ones(128 << 20, np.uint8)  # larger than caches are
    goal = np.empty_like(source)
    copying = min(_timed(lambda: np.copyto(goal, source), 1, clock) for _ in range(ROUNDS))
    return {
        "matmul": _digits(2 * 1024**3 / multiplying / 1e9),
        "copy": _digits(2 * source.nbytes / copying / 1e9),  # read and written
    }


def _digits(number):
    return float(f"{number:.4g}")


def _watched(items, word, total=None):
    from tqdm import tqdm

    return tqdm(items, word, total)
