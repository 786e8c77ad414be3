"""The benchmark: its layers, its arithmetic, its processes, its report; nothing here is timed."""

import ast
import json
import math
import os
import sys
from concurrent.futures import Future
from graphlib import TopologicalSorter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import convlib
from convlib.spec import ConvSpec
from tools.bench import contestants, large, measure, processes, ratios, report, separable, worker
from tools.bench.__main__ import options
from tools.bench.suite import (
    BASE,
    FAMILIES,
    SCALES,
    SUITE,
    Layer,
    arguments,
    conv,
    count_elements,
    count_patches,
    scaled,
    shapes,
)

COMMITTED = report.FOLDER / "bench.json"
BENCH = Path(measure.__file__).parent
CHAPTER = report.FOLDER.parent / "columns.ipynb"


@pytest.fixture(autouse=True)
def _nothing_prepared():
    worker.prepared.cache_clear()


def make_record(**ms):
    """Return a record of two layers, the second of the family without which means are given."""
    layer = {
        "name": "one",
        "family": "dense",
        "macs": 5_000_000,
        "bytes": 1_000_000,
        "bound": 4 << 20,
        "memory": {"convlib": 1 << 20, "convlib exact=False": 5 << 20},
        "ms": {"torch": 1.0, "convlib": 2.0, "convlib exact=False": 1.0, **ms},
    }
    other = {**layer, "name": "two", "family": report.ALONE}
    other["ms"] = {"torch": 4.0, "convlib": 2.0, "convlib exact=False": 4.0}
    return {
        "date": "2000-01-01",
        "processor": "a processor",
        "dtype": "float32",
        "threads": 1,
        "own_process": True,
        "others": 0.02,
        "versions": {"python": "3.0", "convlib": convlib.__version__, "torch": "2.0"},
        "rates": {"matmul": 20.0, "copy": 10.0},
        "layers": [layer, other],
    }


def cells(markdown):
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in markdown.splitlines()
        if line.startswith("|")
    ]


# The layers.


def test_the_suite_is_thirty_layers_of_seven_families():
    specs = {layer.spec for layer in SUITE}
    assert len(SUITE) == len({layer.name for layer in SUITE}) == len(specs) == 30
    assert FAMILIES == ("dense", "1x1", "depthwise", "grouped", "dilated", "tiny", "31x31")
    large = [layer for layer in SUITE if 31 in layer.spec.kernel_size]
    assert [layer.family for layer in large] == [report.ALONE]
    assert large == [layer for layer in SUITE if layer.family == report.ALONE]


@pytest.mark.parametrize("layer", SUITE, ids=lambda layer: layer.name)
def test_a_layer_belongs_to_its_family_and_has_an_output(layer):
    spec = layer.spec
    stride, padding, dilation, groups = arguments(spec)
    geometry = spec.kernel_size, stride, padding, dilation
    assert spec.output_shape[2:] == convlib.output_size(spec.size, *geometry)
    assert min(spec.output_shape) >= 1
    depthwise = groups == spec.in_channels == spec.out_channels > 1
    dilated, pointwise = max(dilation) > 1, spec.kernel_size == (1, 1)
    belongs = {
        "dense": groups == 1 and not dilated and not pointwise,
        "1x1": pointwise,
        "depthwise": depthwise,
        "grouped": groups > 1 and not depthwise,
        "dilated": dilated,
        "tiny": spec.macs < 1000,
        "31x31": depthwise,
    }
    assert belongs[layer.family]
    assert spec.in_channels % groups == spec.out_channels % groups == 0


def test_the_committed_records_count_the_layers_of_the_suite():
    """A layer that is described differently must be measured again."""
    records = json.loads(COMMITTED.read_text())
    for kind in ("float32, 1", "float32, 2", "float64, 1"):
        itemsize = np.dtype(records[kind]["dtype"]).itemsize
        for layer, row in zip(SUITE, records[kind]["layers"], strict=True):
            assert (row["name"], row["family"]) == (layer.name, layer.family)
            assert row["macs"] == layer.spec.macs
            assert row["bytes"] == count_elements(layer.spec) * itemsize
            assert row["bound"] == measure.bound(layer.spec, records[kind]["dtype"])
    axes = records["scaling"]["axes"]
    assert {axis: tuple(p["value"] for p in points) for axis, points in axes.items()} == SCALES


def test_elements_patches_and_macs_are_those_counted_by_hand():
    tiny = next(layer.spec for layer in SUITE if layer.family == "tiny")
    assert tiny.output_shape == (1, 1, 4, 4)
    assert tiny.macs == 16 * 4
    assert shapes(tiny) == ((1, 1, 5, 5), (1, 1, 2, 2), (1,))
    assert count_elements(tiny) == 25 + 4 + 1 + 16
    assert count_patches(tiny) == 4 * 16
    batch = conv(**BASE, batch=2, groups=4)
    assert batch.weight_shape == (64, 16, 3, 3)
    assert batch.macs == 2 * 64 * 56 * 56 * 16 * 9
    assert count_patches(batch) == 2 * 64 * 9 * 56 * 56


def test_arguments_are_given_per_axis_in_the_order_of_conv2d():
    spec = conv(4, 6, (9, 14), (2, 3), (2, 1), (1, 3), (3, 2), groups=2, batch=5)
    assert arguments(spec) == ((2, 1), (1, 3), (3, 2), 2)
    assert shapes(spec) == ((5, 4, 9, 14), (6, 2, 2, 3), (6,))
    with pytest.raises(ValueError, match="must be symmetric"):
        arguments(ConvSpec.of((1, 1, 5, 5), (1, 1, 3, 3), padding=((1, 1), (0, 1))))


NUMBERS = ("batch", "in_channels", "out_channels", "groups", "size", "kernel_size", "stride")
NUMBERS += ("padding", "dilation", "output_size", "itemsize")


def test_scaling_changes_one_argument_of_one_layer_and_keeps_the_size():
    base = conv(**BASE)
    changing = {
        "side": {"size", "output_size"},
        "channels": {"in_channels", "out_channels"},
        "kernel size": {"kernel_size", "padding"},
        "dilation": {"dilation", "padding"},
        "groups": {"groups"},
        "batch": {"batch"},
    }
    for axis, values in SCALES.items():
        specs = [scaled(axis, value).spec for value in values]
        assert base in specs
        for value, spec in zip(values, specs, strict=True):
            changed = {
                name: getattr(spec, name)
                for name in NUMBERS
                if getattr(spec, name) != getattr(base, name)
            }
            assert set(changed) in (set(), changing[axis])
            assert all(np.max(new) == value for name, new in changed.items() if name != "padding")
            assert spec.output_shape[2:] == spec.size


def test_every_layer_may_take_four_megabytes_or_a_quarter_of_its_patch_matrix():
    base = conv(**BASE)
    assert measure.bound(base, "float32") == 4 * 1024 * 1024  # of 7.2 million bytes
    large = conv(**{**BASE, "size": 112})  # 64 * 9 taps, 112 * 112 windows, 4 bytes
    assert measure.bound(large, "float32") == 64 * 9 * 112 * 112 * 4 // 4
    assert measure.bound(large, "float64") == 64 * 9 * 112 * 112 * 8 // 4


# Measuring, with clocks and contestants that are under the test's control.


class Clock:
    """A clock that only calls advance."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        """Return the time."""
        return self.now

    def call(self, *seconds):
        """Return a call that takes these seconds in turn, and then the last of them."""
        left = list(seconds)

        def call():
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return call


@pytest.fixture
def clocks(monkeypatch):
    """Replace the clocks of a worker: CPU time advances by 1 at each look, wall time by 10."""
    ticks = {"process_time": 0.0, "perf_counter": 0.0}

    def advance(name, by):
        def look():
            ticks[name] += by
            return ticks[name]

        return look

    fake = SimpleNamespace(
        process_time=advance("process_time", 1.0), perf_counter=advance("perf_counter", 10.0)
    )
    monkeypatch.setattr(worker, "time", fake)
    return fake


def test_one_thread_is_measured_in_cpu_time_and_more_in_wall_time(monkeypatch, clocks):
    assert worker.clock(1) is clocks.process_time
    assert worker.clock(2) is worker.clock(3) is clocks.perf_counter
    calls = []
    monkeypatch.setitem(contestants.CONTESTANTS, "fake", lambda *_: lambda: calls.append(1))
    monkeypatch.setattr(worker, "wait_until_idle", lambda threads: None)
    spec = conv(1, 1, 5, 2)
    assert worker.seconds("fake", spec, "float32", 1, 4, False) == 1.0 / 4
    assert len(calls) == 4
    assert worker.seconds("fake", spec, "float32", 2, 5, True) == 10.0 / 5
    assert len(calls) == 4 + 1 + 5


def test_the_untimed_call_comes_before_the_timed_ones(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(worker, "clock", lambda threads: clock)
    monkeypatch.setitem(contestants.CONTESTANTS, "fake", lambda *_: clock.call(100, 2, 4, 9))
    assert worker.seconds("fake", conv(1, 1, 6, 2), "float32", 1, 2, True) == 3.0
    monkeypatch.setitem(contestants.CONTESTANTS, "fake", lambda *_: clock.call(100, 2, 9))
    assert worker.seconds("fake", conv(1, 1, 7, 2), "float32", 1, 2, False) == 51.0


def test_the_last_preparation_is_kept_and_another_layer_prepared_anew(monkeypatch):
    prepared = []

    def by_fake(input, weight, bias, spec, threads):
        prepared.append((input.shape, input.dtype.name, threads))
        return lambda: input

    monkeypatch.setitem(contestants.CONTESTANTS, "fake", by_fake)
    small, large = conv(1, 1, 8, 2), conv(1, 1, 9, 2)
    for spec in (small, small, large):
        assert worker.result("fake", spec, "float64", 1).shape == shapes(spec)[0]
    assert prepared == [((1, 1, 8, 8), "float64", 1), ((1, 1, 9, 9), "float64", 1)]


def test_operands_are_the_same_in_every_process_and_of_the_layer_and_dtype():
    spec = conv(4, 6, 9, 3, groups=2)
    first, second = worker.operands(spec, "float32"), worker.operands(spec, "float32")
    for one, other, shape in zip(first, second, shapes(spec), strict=True):
        assert one.dtype == np.float32
        assert one.shape == shape
        assert (one == other).all()
        assert len(np.unique(one)) == one.size


@pytest.mark.parametrize(("threads", "tick"), [(1, 1.0), (2, 10.0)])
def test_rates_count_two_operations_and_two_bytes_by_the_clock_of_the_threads(
    clocks, threads, tick
):
    rates = worker.rates("float32", threads, side=1000, size=5_000_000)
    # 1000**3 multiply-adds, and 5 MB read and written, in one tick
    assert rates == {"matmul": pytest.approx(2 / tick), "copy": pytest.approx(0.01 / tick)}


def test_rates_are_those_of_the_shortest_round_and_of_real_work(monkeypatch, clocks):
    took, done = [5.0] * 14 + [2.0] + [9.0] * 14 + [4.0], []

    def timed(call, repeats, clock):
        call()
        done.append(repeats)
        return took.pop(0)

    products, copies = [], []
    monkeypatch.setattr(worker, "timed", timed)
    monkeypatch.setattr(np, "matmul", lambda *given: products.append([a.dtype for a in given]))
    monkeypatch.setattr(np, "copyto", lambda target, source: copies.append(source.nbytes))
    rates = worker.rates("float64", 1, side=1000, size=10**6)
    assert done == [1] * 30
    assert rates == {"matmul": 1.0, "copy": 0.0005}
    assert products == [[np.dtype("float64")] * 3] * 15
    assert copies == [10**6] * 15


def test_numbers_are_kept_to_four_significant_digits():
    assert [worker.rounded(x) for x in (1234.56, 0.000123456, 2.0)] == [1235.0, 0.0001235, 2.0]
    assert measure.milliseconds({"a": 0.00123456, "b": 2}) == {"a": 1.235, "b": 2000.0}


def test_several_threads_are_waited_for_until_they_use_no_cpu_time(monkeypatch):
    naps = []
    looks = iter([0, 0.005, 1, 1.004, 2, 2.0004, 3, 3.004])  # in pairs; idle at the third
    fake = SimpleNamespace(process_time=lambda: next(looks), sleep=naps.append)
    monkeypatch.setattr(worker, "time", fake)
    worker.wait_until_idle(1)
    assert naps == []
    worker.wait_until_idle(2)
    assert naps == [0.005] * 3


def test_threads_that_never_sleep_are_waited_for_one_second(monkeypatch, clocks):
    naps = []
    clocks.sleep = naps.append
    worker.wait_until_idle(2)
    assert sum(naps) == pytest.approx(1)


def test_the_peak_is_that_of_memory_beyond_arguments_and_result(monkeypatch):
    spec = conv(**BASE)

    def greedy(input, weight, bias, *given, exact):
        assert exact is False
        assert given == arguments(spec)
        np.empty(10 << 20, np.uint8)
        return np.zeros(spec.output_shape, input.dtype)

    monkeypatch.setattr(convlib, "conv2d", greedy)
    result = math.prod(spec.output_shape) * 4
    assert 0 <= worker.peak(spec, "float32", False) - ((10 << 20) - result) < 1 << 16


def timers(clock, order=None, **seconds):
    """Return timers of calls that take so long, each of them in turn."""

    def timer(name, call):
        def time(repeats, warm_up):
            if order is not None:
                order.append((name, repeats, warm_up))
            if warm_up:
                call()
            return worker.timed(call, repeats, clock)

        return time

    return {name: timer(name, clock.call(*took)) for name, took in seconds.items()}


def test_the_shortest_time_counts_after_calls_in_turns():
    clock, order = Clock(), []
    # two to see how long it takes, then three pairs, the first of each untimed; the third is long
    contestants = timers(
        clock,
        order,
        torch=[9e-3, 9e-3, 1e-3, 4e-3, 1e-3, 2e-3, 1e-3, 7e-3],
        convlib=[3e-3, 3e-3, 1e-3, 8e-3, 1e-3, 6e-3, 1e-3, 9e-3],
        long=[50e-3, 40e-3, 70e-3, 60e-3, 80e-3],
    )
    best = measure.minima(contestants, rounds=3, seconds=0, now=clock)
    assert best == pytest.approx({"torch": 0.002, "convlib": 0.006, "long": 0.060})
    assert order[:6] == [(name, 1, False) for name in contestants for _ in range(2)]
    assert order[6:] == [("torch", 1, True), ("convlib", 1, True), ("long", 1, False)] * 3


def test_short_calls_are_repeated_and_slow_contestants_have_fewer_rounds():
    clock, order = Clock(), []
    seconds = {"torch": 1e-4, "twin": 1e-3, "slow": 1.0}
    contestants = timers(clock, order, **{name: [took] for name, took in seconds.items()})
    best = measure.minima(contestants, rounds=10, seconds=0, now=clock)
    assert best == pytest.approx(seconds)
    assert [entry for entry in order if entry[0] == "torch"][2:] == [("torch", 2, True)] * 10
    assert [entry for entry in order if entry[0] == "twin"][2:] == [("twin", 1, True)] * 10
    assert [entry for entry in order if entry[0] == "slow"][2:] == [("slow", 1, False)] * 3


def test_a_layer_gets_more_rounds_until_enough_time_has_passed():
    clock, order = Clock(), []
    measure.minima(timers(clock, order, torch=[0.25]), rounds=2, seconds=1.75, now=clock)
    assert len(order) == 2 + 7  # two before the clock of the rounds starts
    assert measure.patience(1, quick=False) == (15, 1.0)
    assert measure.patience(2, quick=False) == (15, 3.0)
    assert measure.patience(1, quick=True) == measure.patience(2, quick=True) == (3, 0)


class Here:
    """An executor that calls in this process, and notes what it was asked to call."""

    def __init__(self):
        self.functions = []

    def submit(self, function, *arguments):
        """Call at once."""
        self.functions.append(function)
        future = Future()
        future.set_result(function(*arguments))
        return future


def run_here(monkeypatch, **adapters):
    """Add contestants and return executors for them and for torch."""
    for name, adapter in adapters.items():
        monkeypatch.setitem(contestants.CONTESTANTS, name, adapter)
    monkeypatch.setattr("torch.set_num_threads", lambda threads: None)  # of this process: kept
    return {name: Here() for name in ("torch", *adapters)}


def changed(change):
    """Return a contestant that computes as convlib does and then changes the result."""

    def by_fake(*given):
        call = contestants.by_convlib(*given)
        return lambda: change(call())

    return by_fake


BASE_LAYER = Layer("dense", "64@56 3x3", conv(**BASE))
WRONG = {
    "scaled": (lambda out: out * 1.01, "fake on 64@56 3x3 differs from torch by "),
    "nan": (lambda out: out * np.nan, "fake on 64@56 3x3 differs from torch by nan"),
    "size": (lambda out: out[:, :, 1:], r"fake on .*\(1, 64, 55, 56\).*\(1, 64, 56, 56\)"),
    "dtype": (lambda out: out.astype(float), "fake on .*float64 of shape .*torch's is float32"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_result_raises(monkeypatch, kind):
    change, message = WRONG[kind]
    pools = run_here(monkeypatch, fake=changed(change))
    with pytest.raises(ValueError, match=message):
        measure.timers(BASE_LAYER, "float32", 1, pools)


def test_a_correct_result_is_accepted_and_who_cannot_compute_it_is_left_out(monkeypatch):
    close = changed(lambda out: out * 1.0001)
    pools = run_here(monkeypatch, fake=close, unable=lambda *_: None)
    found = measure.timers(BASE_LAYER, "float32", 1, pools)
    assert list(found) == ["torch", "fake"]


def test_each_timer_times_its_own_contestant(monkeypatch):
    asked = []

    def seconds(*arguments):
        asked.append(arguments)
        return len(asked)

    pools = run_here(monkeypatch, fake=changed(lambda out: out))
    monkeypatch.setattr(worker, "seconds", seconds)
    found = measure.timers(BASE_LAYER, "float32", 2, pools)
    assert [found["fake"](7, True), found["torch"](8, False)] == [1, 2]
    task = BASE_LAYER.spec, "float32", 2
    assert asked == [("fake", *task, 7, True), ("torch", *task, 8, False)]
    for pool in pools.values():
        assert pool.functions == [worker.result, seconds]


SMALL = {"in_channels": 8, "out_channels": 12, "size": (9, 14), "kernel_size": 3, "padding": 1}
SMALL_LAYERS = {
    "plain": conv(**SMALL, batch=2),
    "uneven": conv(8, 12, (9, 14), (2, 3), (2, 1), (0, 3), (3, 2), batch=2),
    "grouped": conv(**SMALL, groups=4, stride=(3, 2), dilation=(1, 2), batch=2),
    "depthwise": conv(6, 6, (9, 14), 3, 1, 1, groups=6, batch=2),
}


@pytest.mark.parametrize("name", ["convlib", "convlib exact=False", "im2col"])
@pytest.mark.parametrize("kind", SMALL_LAYERS)
def test_contestants_that_need_no_other_package_agree_with_torch(monkeypatch, kind, name):
    layer = Layer("small", kind, SMALL_LAYERS[kind])
    for dtype in ("float32", "float64"):
        pools = run_here(monkeypatch, **{name: contestants.CONTESTANTS[name]})
        assert list(measure.timers(layer, dtype, 1, pools)) == ["torch", name]


def test_the_inexact_contestant_alone_passes_exact_false(monkeypatch):
    passed = []
    monkeypatch.setattr(convlib, "conv2d", lambda *given, **options: passed.append(options))
    contestants.by_convlib(0, 0, 0, SMALL_LAYERS["plain"], 1)()
    contestants.by_convlib_inexact(0, 0, 0, SMALL_LAYERS["plain"], 1)()
    assert passed == [{}, {"exact": False}]


def test_torch_is_told_how_many_threads_it_may_use(monkeypatch):
    import torch

    told = []
    monkeypatch.setattr(torch, "set_num_threads", told.append)
    for threads in (1, 2):
        contestants.by_torch(
            *worker.operands(SMALL_LAYERS["plain"], "float32"), SMALL_LAYERS["plain"], threads
        )
    assert told == [1, 2]


def test_onnxruntime_is_told_how_many_threads_it_may_use(monkeypatch):
    session = SimpleNamespace(run=lambda *_: [0])
    made = []
    fake = SimpleNamespace(
        SessionOptions=SimpleNamespace,
        InferenceSession=lambda model, options, providers: made.append(options) or session,
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", fake)
    spec = SMALL_LAYERS["plain"]
    contestants.by_onnxruntime(*worker.operands(spec, "float32"), spec, 2)
    assert vars(made[0]) == {"intra_op_num_threads": 2, "inter_op_num_threads": 1}
    assert contestants.by_onnxruntime(*worker.operands(spec, "float64"), spec, 2) is None


# Processes.


def settings():
    """Return what a worker process sees; runs in it."""
    import torch

    names = [f"{library}_NUM_THREADS" for library in ("OMP", "OPENBLAS", "MKL")]
    tuning = [name for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ]
    return os.getpid(), [os.environ.get(name) for name in names], tuning, torch.get_num_threads()


@pytest.fixture
def tuned(monkeypatch):
    """Set what a worker process must override."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "7")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "1234")


def test_each_contestant_has_a_process_of_its_own_with_the_threads_asked_for(tuned):
    threads, before = 2, dict(os.environ)
    layer = Layer("small", "plain", SMALL_LAYERS["plain"])
    with measure.contestants(("torch", "convlib"), threads) as pools:
        found = measure.timers(layer, "float32", threads, pools)
        for timer in found.values():
            timer(1, True)
        seen = {name: pool.submit(settings).result() for name, pool in pools.items()}
    assert len({os.getpid(), *(pid for pid, *_ in seen.values())}) == 3
    for _, environment, tuning, torch_threads in seen.values():
        assert environment == [str(threads)] * 3
        assert tuning == []
        assert torch_threads == threads
    assert dict(os.environ) == before


def test_threads_cannot_be_set_after_numpy_was_imported():
    with pytest.raises(RuntimeError, match="NumPy is imported already"):
        processes.set_threads(1)


def test_memory_is_measured_in_a_new_process_for_each_call(monkeypatch):
    asked = []

    def alone(*arguments):
        asked.append(arguments)
        return len(asked)

    monkeypatch.setattr(measure, "alone", alone)
    monkeypatch.setattr(measure, "progress", lambda items, word: items)
    layers = [Layer("small", kind, SMALL_LAYERS[kind]) for kind in ("plain", "uneven")]
    assert measure.memory(layers, "float32", 2) == [
        {"convlib": 1, "convlib exact=False": 2},
        {"convlib": 3, "convlib exact=False": 4},
    ]
    assert asked == [
        (2, worker.peak, layer.spec, "float32", exact)
        for layer in layers
        for exact in (True, False)
    ]


def test_a_call_alone_runs_in_another_process_that_ends():
    first, second = (measure.alone(1, os.getpid) for _ in range(2))
    assert len({first, second, os.getpid()}) == 3
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


# Records.


def test_what_others_use_is_the_machine_s_time_without_this_process_and_its_children(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(measure, "STAT", tmp_path / "stat")
    ticks = os.sysconf("SC_CLK_TCK")
    moments = iter([100.0, 110.0])
    own = iter([(1, 2, 3, 4, 99), (2, 3, 4, 5, 99)])  # user, system, children's user and system
    monkeypatch.setattr(measure, "time", SimpleNamespace(perf_counter=lambda: next(moments)))
    monkeypatch.setattr(
        measure, "os", SimpleNamespace(times=lambda: next(own), sysconf=lambda name: ticks)
    )
    measure.STAT.write_text(f"cpu {20 * ticks} {3 * ticks} {7 * ticks} 9999 9 9\ncpu0 1 1 1\n")
    before = measure.usage()
    assert before == (100.0, 20.0)
    measure.STAT.write_text(f"cpu {30 * ticks} {4 * ticks} {8 * ticks} 99999 9 9\ncpu0 1 1 1\n")
    after = measure.usage()
    assert after == (110.0, 28.0)
    assert measure.others(before, after) == 0.8
    assert measure.others(before, measure.Usage(110.0, 19.0)) == 0.0


def test_where_the_usage_is_unknown_it_is_zero(monkeypatch, tmp_path):
    monkeypatch.setattr(measure, "STAT", tmp_path / "missing")
    before = measure.usage()
    assert before.others == 0.0
    assert measure.others(before, measure.Usage(before.moment + 1, 0.0)) == 0.0


@pytest.fixture
def measured(monkeypatch):
    """Replace everything that measures; return what was asked of it."""
    calls = []
    pools = {"torch": "pool of torch", "convlib": "pool of convlib"}

    class Started:
        def __init__(self, names, threads):
            calls.append(("contestants", list(names), threads))

        def __enter__(self):
            return pools

        def __exit__(self, *_):
            calls.append("ended")

    def timers(layer, dtype, threads, given):
        assert given is pools
        calls.append(("timers", layer.name, dtype, threads))
        return layer

    def minima(layer, *patience):
        calls.append(("minima", *patience))
        return {"torch": 0.5, "convlib": 0.25}

    def usage():
        calls.append("usage")
        return measure.Usage(10.0 * calls.count("usage"), 5.0 * calls.count("usage"))

    monkeypatch.setattr(measure, "contestants", Started)
    monkeypatch.setattr(measure, "timers", timers)
    monkeypatch.setattr(measure, "minima", minima)
    monkeypatch.setattr(measure, "usage", usage)
    monkeypatch.setattr(measure, "memory", lambda layers, *_: [{"convlib": 1}] * len(layers))
    monkeypatch.setattr(measure, "alone", lambda *given: {"rates of": given})
    monkeypatch.setattr(measure, "progress", lambda items, word: items)
    monkeypatch.setattr(measure, "version", lambda name: f"{name}'s")
    return calls


@pytest.mark.parametrize(
    ("quick", "dtype", "itemsize"), [(False, "float32", 4), (True, "float64", 8)]
)
def test_a_record_contains_what_was_measured_and_counted(measured, quick, dtype, itemsize):
    layer = Layer("large", "one", conv(64, 12, 112, 3, 1, 1, batch=2))
    record = measure.record([layer], dtype, 2, quick)
    assert record["layers"] == [
        {
            "name": "one",
            "family": "large",
            "macs": 2 * 12 * 112**2 * 64 * 9,
            "bytes": itemsize * (2 * 64 * 112**2 + 12 * 64 * 9 + 12 + 2 * 12 * 112**2),
            "bound": 2 * 64 * 9 * 112**2 * itemsize // 4,
            "memory": {} if quick else {"convlib": 1},
            "ms": {"torch": 500.0, "convlib": 250.0},
        }
    ]
    assert record["rates"] == {"rates of": (2, worker.rates, dtype, 2)}
    assert (record["dtype"], record["threads"], record["own_process"]) == (dtype, 2, True)
    assert record["others"] == 0.5
    assert record["versions"]["convlib"] == convlib.__version__
    assert record["versions"]["torch"] == "torch's"
    # The usage is read again when the processes have ended: only then their time is known.
    assert measured == [
        "usage",
        ("contestants", list(contestants.CONTESTANTS), 2),
        ("timers", "one", dtype, 2),
        ("minima", 3, 0) if quick else ("minima", 15, 3.0),
        "ended",
        "usage",
    ]


def test_a_record_of_scaling_contains_every_point(measured):
    record = measure.scaling("float32", 1, False)
    assert {axis: tuple(p["value"] for p in ps) for axis, ps in record["axes"].items()} == SCALES
    assert record["axes"]["batch"][2] == {"value": 4, "ms": {"torch": 500.0, "convlib": 250.0}}
    assert measured[:2] == ["usage", ("contestants", ["torch", "convlib"], 1)]
    assert measured[-2:] == ["ended", "usage"]
    points = [(axis, value) for axis, values in SCALES.items() for value in values]
    assert measured[2:-2:2] == [("timers", scaled(*p).name, "float32", 1) for p in points]
    assert measured[3:-2:2] == [("minima", 15, 1.0)] * len(points)


# The report.


def test_a_geometric_mean_is_the_root_of_the_product():
    numbers = [0.5, 3.0, 7.0, 1.25]
    mean = ratios.geometric_mean(numbers)
    assert mean ** len(numbers) == pytest.approx(math.prod(numbers))
    assert ratios.geometric_mean([0.5, 2.0]) == pytest.approx(1)


def test_numbers_have_about_three_digits():
    numbers = (1234.4, 99.5, 99.4, 9.95, 9.94, 0.1, 0.0123, 0.00456)
    texts = ("1234", "100", "99.4", "9.9", "9.94", "0.10", "0.012", "0.0046")
    assert tuple(map(ratios.short, numbers)) == texts


def test_means_are_of_ratios_with_and_without_the_family_alone():
    table = cells(report.summary_table(make_record(mygrad=3.0)["layers"]))
    assert table[0] == ["", "all", "without 31x31", "dense", "31x31", "layers"]
    rows = {row[0]: row[1:] for row in table[2:]}
    assert rows["convlib"] == ["1.00", "2.00", "2.00", "0.50", "2"]  # 2 / 1 and 2 / 4
    assert rows["mygrad"] == ["3.00", "3.00", "3.00", "", "1"]


def test_a_layer_is_reported_by_time_memory_and_part_of_the_roofline():
    record = make_record()
    _, _, one, two = cells(report.layer_table(record["layers"], record["rates"]))
    # 5 million MACs at 20 GFLOP/s and 1 MB at 10 GB/s: 0.5 ms and 0.1 ms at best
    expected = ["1.00", "2.00", "1.00", "1.0", "**5.0**", "4.0", "0.50", "0.25", "0.50"]
    assert one == ["one", *expected]
    assert two[1:4] == ["4.00", "0.50", "1.00"]
    slower = {"matmul": 20.0, "copy": 1.0}  # 1 ms to copy
    assert cells(report.layer_table(record["layers"], slower))[2][7:] == ["1.00", "0.50", "1.00"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "; CPU time, one thread, a process for each contestant, float32; "),
        ({"threads": 2}, "; wall time, 2 threads, a process for each contestant, float32; "),
        ({"own_process": False, "dtype": "float64"}, "one thread, all in one process, float64; "),
    ],
)
def test_the_report_says_when_where_and_with_what(change, text):
    written = report.circumstances({**make_record(), **change})
    assert text in written
    assert written.startswith("Measured 2000-01-01 on a processor (20 GFLOP/s in matmul, 10 GB/s")
    for fact in ("python 3.0", f"convlib {convlib.__version__}", " 2% of one core"):
        assert fact in written


def test_the_report_says_if_another_version_was_measured_than_the_current_one():
    assert report.circumstances(make_record()).endswith(" busy.")
    old = {**make_record(), "versions": {"convlib": "0.0.1"}}
    note = f"Version 0.0.1 of convlib was measured; the current one is {convlib.__version__}."
    assert report.circumstances(old).endswith(f" busy. **{note}**")


def test_a_record_is_kept_beside_others_and_the_report_follows(tmp_path):
    report.save("float32, 1", make_record(), tmp_path)
    report.save("float32, 2", {**make_record(), "threads": 2}, tmp_path)
    records = json.loads((tmp_path / "bench.json").read_text())
    assert list(records) == ["float32, 1", "float32, 2"]
    written = (tmp_path / "bench.md").read_text()
    assert written == report.markdown(records)
    assert "CPU time, one thread" in written
    assert "wall time, 2 threads" in written
    assert (tmp_path / "bench.png").stat().st_size > 10_000


def test_the_same_json_gives_the_same_report_however_it_is_ordered():
    records = {"float64, 1": {**make_record(), "dtype": "float64"}, "float32, 1": make_record()}
    turned = dict(reversed(json.loads(json.dumps(records)).items()))
    assert report.markdown(records) == report.markdown(turned)


def test_the_committed_report_is_made_from_the_committed_json():
    """If not: `python -m tools.bench --report`."""
    records = json.loads(COMMITTED.read_text())
    assert (report.FOLDER / "bench.md").read_text() == report.markdown(records)
    assert (report.FOLDER / "pace.md").read_text() == report.pace_table(records)
    bounds = report.bounds_table(records["float32, 1"])
    assert (report.FOLDER / "bounds.md").read_text() == bounds
    text = report.README.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1
    assert text == report.readme(text, records)
    assert {"float32, 1", "float32, 2", "float64, 1", "scaling"} <= set(records)


def test_the_bounds_of_a_layer_are_its_work_divided_by_the_rates():
    layer = {**make_record()["layers"][0], "name": "mobilenet dw 512@14 3x3"}
    record = {**make_record(), "layers": [layer]}
    assert ratios.bounds(layer, record["rates"]) == (0.5, 0.1)
    _, _, row = cells(report.bounds_table(record))
    kind = "depthwise, 3 x 3, 512 channels of 14 x 14"
    assert row == [kind, "1", "5.00", "1.00", "0.50", "0.10", "1.00"]
    rates = "made 10 billion MACs a second there. Copying a large array moved 10 billion bytes"
    assert rates in report.bounds_table(record)


def test_the_compared_layers_are_of_the_suite_and_their_batches_are_as_written():
    suite = {layer.name: layer.spec for layer in SUITE}
    for names in report.COMPARED.values():
        specs = {batch: suite[name] for batch, name in names.items()}
        assert {batch: spec.batch for batch, spec in specs.items()} == {n: n for n in names}
        assert len({(spec.weight_shape, spec.axes, spec.groups) for spec in specs.values()}) == 1


def test_the_pace_of_each_record_is_its_mean_over_all_layers_and_each_family():
    faster = make_record(convlib=0.5)
    records = {"float32, 1": make_record(), "float64, 1": {**faster, "dtype": "float64"}}
    head, _, *rows = cells(report.pace_table({**records, "scaling": {}}))
    assert head == ["time / torch", "all", "dense", report.ALONE]
    assert rows == [
        ["float32, one thread", "1.00", "2.00", "0.50"],
        ["float64, one thread", "0.50", "0.50", "0.50"],
    ]


def test_what_the_chapter_quotes_of_the_records_is_in_them():
    """The text of ``columns`` has figures and comparisons; measure again, and write it again."""
    text = " ".join(
        cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        for cell in json.loads(CHAPTER.read_text())["cells"]
        if cell["cell_type"] == "markdown"
    )
    record = json.loads(COMMITTED.read_text())["float32, 1"]
    layers = {layer["name"]: layer for layer in record["layers"]}
    times = {name: layers[name]["ms"]["torch"] for name in layers}
    bounds = {name: ratios.bounds(layers[name], record["rates"]) for name in layers}
    single, batch = report.COMPARED["depthwise, 3 x 3, 512 channels of 14 x 14"].values()
    quoted = [
        f"takes {times[single]:.2f} ms",
        f"{times[single] / bounds[single][0]:.0f} times as long as its MACs",
        f"{times[single] / bounds[single][1]:.1f} times as long as moving its bytes",
        f"{times[batch] / 8:.2f} ms for each of 8 images",
        f"{times[batch] / bounds[batch][1]:.1f} times as long as moving the bytes",
        f"takes {times['article 1@5 2x2']:.3f} ms",
    ]
    rows = json.loads((report.FOLDER / "separable.json").read_text())["layers"]
    rows = {tuple(row["layer"]): row for row in rows}
    first, second = rows[128, 3, 56, 1], rows[128, 3, 56, 16]
    alone, many = first["ms"]["depthwise"], second["ms"]["depthwise"]
    quoted.append(f"{alone:.2f} ms for one image, and {many / 16:.2f} ms for each image of 16")
    quoted.append(f"takes {first['ms_new_memory']['depthwise']:.2f} ms for one image instead")
    assert [words for words in quoted if words not in text] == []
    for kind, names in report.COMPARED.items():
        for name in names.values():
            slow = times[name] > 2 * max(bounds[name])
            assert slow == kind.startswith("depthwise"), name
    small, large = "mobilenet dw 32@112 3x3", "convnext dw 96@56 7x7"
    assert 4 < layers[large]["macs"] / layers[small]["macs"] < 4.2
    assert 1.15 < times[large] / times[small] < 1.25
    rows = {row[0]: row[1:] for row in cells((report.FOLDER / "pace.md").read_text())}
    pace = {
        name: float(row[rows["time / torch"].index("all")])
        for name, row in rows.items()
        if "float" in name
    }
    depthwise = float(rows["float32, one thread"][rows["time / torch"].index("depthwise")])
    assert 1.2 < pace["float32, one thread"] < 1.3  # about a quarter more
    assert 2.7 < depthwise < 3  # nearly three times
    assert sum(float(mean) < 1 for mean in rows["float64, one thread"][1:]) > 4  # most of seven


def test_readme_keeps_all_but_what_is_between_the_marks():
    text = f"above\n{report.BEGIN}\nold\n{report.END}\nbelow\n"
    written = report.readme(text, {"float32, 1": make_record()})
    assert written.startswith("above\n")
    assert written.endswith("\nbelow\n")
    assert "old" not in written
    assert "| convlib " in written
    assert "2000-01-01" in written


# The command line, and the modules.


@pytest.mark.parametrize(
    "words", [["--save", "--quick"], ["--save", "dw"], ["--threads", "0"], ["--dtype", "float16"]]
)
def test_command_lines_that_measure_no_whole_run_are_rejected(words, capsys):
    with pytest.raises(SystemExit):
        options(words)
    assert "error: " in capsys.readouterr().err


def test_the_command_line_measures_one_thread_of_float32_by_default():
    chosen = options([])
    assert (chosen.threads, chosen.dtype, chosen.words) == (1, "float32", [])
    chosen = options(["--threads", "2", "--dtype", "float64", "--save"])
    assert (chosen.threads, chosen.dtype, chosen.save) == (2, "float64", True)


def imports(path):
    """List the modules of the benchmark that another one imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "tools.bench":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tools.bench."):
            yield node.module.split(".")[2]


def test_no_modules_import_each_other_in_a_circle():
    graph = {path.stem: set(imports(path)) for path in BENCH.glob("*.py")}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError
    assert order.index("ratios") < order.index("figures") < order.index("report")


def test_processes_start_without_numpy():
    """Its threads are fixed when it is imported, which must come after they are set."""
    for name in ("__init__", "__main__", "processes"):
        tree = ast.parse((BENCH / f"{name}.py").read_text())
        names = [
            alias.name if isinstance(node, ast.Import) else node.module
            for node in tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_what_the_benchmark_needs_in_addition_is_pinned_and_says_why():
    lines = (BENCH / "requirements.txt").read_text().splitlines()
    lines = [line for line in lines if line and line[0] != "#"]
    assert [line.split("==")[0] for line in lines] == ["onnxruntime", "mygrad", "tqdm"]
    assert all(len(line.partition("#")[2]) > 10 for line in lines)


def test_the_table_of_the_chapter_on_separable_layers_comes_from_its_record():
    record = json.loads((report.FOLDER / "separable.json").read_text())
    assert (report.FOLDER / "separable.md").read_text() == separable.table(record)
    assert [separable.Layer(*row["layer"]) for row in record["layers"]] == separable.LAYERS
    normal, pair = separable.Layer(512, 3, 14, 1).macs
    assert (normal, pair) == (512 * 512 * 9, 512 * 9 + 512 * 512)


def test_the_time_that_separating_saves_is_between_the_bytes_and_the_macs():
    """The chapter says so of every row."""
    layer = separable.Layer(3, 2, 5, 7)
    maps = 7 * 3 * 5 * 5
    assert layer.moved == (4 * (2 * maps + 3 * 3 * 4), 4 * (4 * maps + 3 * 4 + 3 * 3))
    record = json.loads((report.FOLDER / "separable.json").read_text())
    for row in record["layers"]:
        layer, ms = separable.Layer(*row["layer"]), row["ms"]
        macs, moved = (normal / pair for normal, pair in (layer.macs, layer.moved))
        assert moved < ms["torch"] / ms["separable"] < macs


def test_what_the_chapter_on_separable_layers_quotes_is_in_its_record():
    cells = json.loads(CHAPTER.with_name("separable.ipynb").read_text())["cells"]
    text = " ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    record = json.loads((report.FOLDER / "separable.json").read_text())
    rows = {tuple(row["layer"]): row for row in record["layers"]}
    first, second, last = rows[128, 3, 56, 1], rows[128, 3, 56, 16], rows[96, 7, 56, 1]
    assert f"({first['ms']['depthwise']} of {first['ms']['separable']} ms)" in text
    assert f"({last['ms']['depthwise']} of {last['ms']['separable']} ms)" in text
    assert 0.45 < first["ms"]["depthwise"] / first["ms"]["separable"] < 0.55
    assert 0.69 < last["ms"]["depthwise"] / last["ms"]["separable"] < 0.71
    both = [(second["ms_new_memory"][kind], second["ms"][kind]) for kind in ("separable", "torch")]
    (new, kept), (new_normal, kept_normal) = both
    assert f"then takes {new} instead of {kept} ms" in text
    assert f"{new_normal} instead of {kept_normal} ms" in text
    saved = {layer: row["ms"]["torch"] / row["ms"]["separable"] for layer, row in rows.items()}
    less = [saved[*layer[:3], 16] < saved[*layer[:3], 1] for layer in rows if layer[3] == 1]
    assert (sum(less), len(less)) == (3, 4)
    assert f"{saved[512, 3, 14, 1]:.2f} is between" in text


@pytest.fixture
def small_images(monkeypatch, tmp_path):
    """Measure images of 128 x 128 pixels, in tiles of 20 x 20 and blocks of 48 x 48."""
    monkeypatch.setattr(large, "TILE", 20)
    monkeypatch.setattr(large, "BLOCK", 48)
    large.write_image(tmp_path / "128.npy", 128)
    return tmp_path


@pytest.mark.skipif(not large.STATUS.exists(), reason="memory is read from Linux's /proc")
def test_each_way_to_compute_a_large_image_has_the_same_output(small_images):
    rows = [
        {"run": (way, 128, 1), **large.compute(way, 128, 1, small_images)} for way in large.WAYS
    ]
    large.check(rows)
    assert [row["tiles"] for row in rows] == [1, 16, 16]
    assert all(row["seconds"] > 0 and row["bytes"] > 1e6 for row in rows)
    output = np.load(small_images / "tiles.npy")
    assert output.shape == (4, 64, 64)
    assert len(np.unique(output)) > 20
    image = np.load(small_images / "128.npy")
    with torch.inference_mode():
        whole = large.network()(torch.tensor(image).float()).numpy()
    np.testing.assert_array_equal(output, whole)
    np.save(small_images / "128.npy", image[:, ::-1])
    other = {"run": ("tiles", 128, 1), **large.compute("tiles", 128, 1, small_images)}
    with pytest.raises(ValueError, match="outputs of 128 x 128 pixels differ"):
        large.check([*rows, other])


def test_the_table_of_large_images_comes_from_its_record():
    record = json.loads((report.FOLDER / "large.json").read_text())
    assert (report.FOLDER / "large.md").read_text() == large.table(record)
    assert [large.Run(*row["run"]) for row in record["runs"]] == large.RUNS
    large.check(record["runs"])
    assert all(row["bytes"] < 1e9 for row in record["runs"] if row["run"][0] == "tiles")
