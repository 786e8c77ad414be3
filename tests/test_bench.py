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
from tools.bench import (
    __main__,
    contestants,
    functions,
    large,
    measure,
    processes,
    ratios,
    report,
    separable,
    tables,
    worker,
)
from tools.bench.__main__ import options
from tools.bench.contestants import Contestant
from tools.bench.functions import count_elements, count_macs, operands, result_shape
from tools.bench.suite import (
    BASE,
    FAMILIES,
    FUNCTIONS,
    SCALES,
    SUITE,
    SUITES,
    Layer,
    arguments,
    conv,
    layers_of,
    scaled,
    shapes,
)

COMMITTED = report.FOLDER / "bench.json"
BENCH = Path(measure.__file__).parent
CHAPTER = report.FOLDER.parent / "columns.ipynb"


@pytest.fixture(autouse=True)
def _nothing_prepared():
    worker.prepared.cache_clear()


def set_contestant(monkeypatch, name, adapter):
    """Add a contestant, or give one another adapter."""
    monkeypatch.setitem(contestants.CONTESTANTS, name, Contestant(adapter))


def make_record(**ms):
    """Return a record of two layers, the second of the family without which means are given."""
    layer = {
        "name": "one",
        "family": "dense",
        "macs": 5_000_000,
        "bytes": 1_000_000,
        "memory": {
            "convlib": {"beside": 5 << 20, "kept": 3 << 20},
            "convlib exact=False": {"beside": 49 << 20, "kept": 17 << 20},
        },
        "ms": {"torch": 1.0, "convlib": 2.0, "convlib exact=False": 1.0, **ms},
    }
    other = {**layer, "name": "two", "family": tables.ALONE}
    other["ms"] = {"torch": 4.0, "convlib": 2.0, "convlib exact=False": 4.0}
    return {
        "suite": "conv2d",
        "date": "2000-01-01",
        "processor": "a processor",
        "vectors": "AVX2",
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
    assert [layer.family for layer in large] == [tables.ALONE]
    assert large == [layer for layer in SUITE if layer.family == tables.ALONE]


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
    for vectors, kinds in json.loads(COMMITTED.read_text()).items():
        for kind, record in kinds.items():
            assert record["vectors"] == vectors
            if record["suite"] == "scaling":
                axes = record["axes"]
                found = {axis: tuple(p["value"] for p in points) for axis, points in axes.items()}
                assert found == SCALES
                continue
            suite, dtype, threads = record["suite"], record["dtype"], record["threads"]
            assert kind.removeprefix("functions, ") == f"{dtype}, {threads}"
            assert kind.startswith("functions, ") == (suite == "functions")
            for layer, row in zip(layers_of(suite, dtype), record["layers"], strict=True):
                assert (row["name"], row["family"]) == (layer.name, layer.family)
                assert row["macs"] == count_macs(layer)
                itemsize = np.dtype(layer.dtype or dtype).itemsize
                assert row["bytes"] == count_elements(layer) * itemsize
                assert bool(row["memory"]) == (threads == 1)


def test_elements_and_macs_are_those_counted_by_hand():
    tiny = next(layer for layer in SUITE if layer.family == "tiny")
    assert tiny.spec.output_shape == (1, 1, 4, 4)
    assert count_macs(tiny) == 16 * 4
    assert shapes(tiny.spec) == ((1, 1, 5, 5), (1, 1, 2, 2), (1,))
    assert count_elements(tiny) == 25 + 4 + 1 + 16
    batch = conv(**BASE, batch=2, groups=4)
    assert batch.weight_shape == (64, 16, 3, 3)
    assert batch.macs == 2 * 64 * 56 * 56 * 16 * 9
    counts = {"unfold": (25 + 4 * 16, 0), "fold": (4 * 16 + 25, 0)}
    counts |= {"conv2d_input": (4 + 16 + 25, 64), "conv2d_weight": (25 + 16 + 4, 64)}
    counts |= {"conv_transpose2d": (16 + 4 + 1 + 25, 64)}
    for function, (elements, macs) in counts.items():
        layer = tiny._replace(function=function)
        assert (count_elements(layer), count_macs(layer)) == (elements, macs)


def test_the_other_functions_have_names_and_families_of_their_own():
    assert len({layer.name for layer in FUNCTIONS + SUITE}) == len(FUNCTIONS) + 30
    assert {layer.family for layer in FUNCTIONS}.isdisjoint(FAMILIES)
    used = {layer.function for layer in FUNCTIONS}
    assert used >= {"conv1d", "conv3d", "conv2d_input", "conv2d_weight", "unfold", "fold"}
    assert used >= {f"conv_transpose{axes}d" for axes in (1, 2, 3)}
    assert used <= set(functions.FUNCTIONS)
    for layer in FUNCTIONS:
        axes = [digit for digit in layer.function if digit.isdigit()] or ["2"]
        assert axes == [str(len(layer.spec.axes))]
        if layer.function == "conv2d":
            plain = layer.spec.groups != layer.spec.in_channels
            assert (layer.dtype is not None) == plain  # those of the dtype of the run: depthwise
    assert {layer.dtype for layer in FUNCTIONS} == {None, "complex64", "int64", "float16"}
    with_dtype = [layer for layer in FUNCTIONS if layer.dtype]
    assert layers_of("functions", "float32") == list(FUNCTIONS)
    assert layers_of("functions", "float64") == [x for x in FUNCTIONS if x not in with_dtype]
    assert layers_of("conv2d", "float64") == list(SUITE)


@pytest.mark.parametrize(
    "layer", [x for x in FUNCTIONS if "transpose" in x.name], ids=lambda layer: layer.name
)
def test_a_transposed_layer_has_the_size_of_the_convolution_that_it_belongs_to(layer):
    """No pixel is left over, so torch's output_padding is 0."""
    stride, padding, dilation, _ = arguments(layer.spec)
    geometry = layer.spec.kernel_size, stride, padding, 0, dilation
    size = convlib.transposed_size(layer.spec.output_shape[2:], *geometry)
    assert size == layer.spec.size == result_shape(layer)[2:]


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
    set_contestant(monkeypatch, "fake", lambda *_: lambda: calls.append(1))
    monkeypatch.setattr(worker, "wait_until_idle", lambda threads: None)
    layer = Layer("small", "one", conv(1, 1, 5, 2))
    assert worker.seconds("fake", layer, "float32", 1, 4, False) == 1.0 / 4
    assert len(calls) == 4
    assert worker.seconds("fake", layer, "float32", 2, 5, True) == 10.0 / 5
    assert len(calls) == 4 + 1 + 5


def test_the_untimed_call_comes_before_the_timed_ones(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(worker, "clock", lambda threads: clock)
    set_contestant(monkeypatch, "fake", lambda *_: clock.call(100, 2, 4, 9))
    layer = Layer("small", "one", conv(1, 1, 6, 2))
    assert worker.seconds("fake", layer, "float32", 1, 2, True) == 3.0
    set_contestant(monkeypatch, "fake", lambda *_: clock.call(100, 2, 9))
    layer = Layer("small", "one", conv(1, 1, 7, 2))
    assert worker.seconds("fake", layer, "float32", 1, 2, False) == 51.0


def test_the_last_preparation_is_kept_and_another_layer_prepared_anew(monkeypatch):
    prepared = []

    def by_fake(layer, arrays, threads):
        prepared.append((arrays[0].shape, arrays[0].dtype.name, threads))
        return lambda: arrays[0]

    set_contestant(monkeypatch, "fake", by_fake)
    small, large = (Layer("small", str(size), conv(1, 1, size, 2)) for size in (8, 9))
    for layer in (small, small, large):
        assert worker.result("fake", layer, "float64", 1).shape == layer.spec.input_shape
    assert prepared == [((1, 1, 8, 8), "float64", 1), ((1, 1, 9, 9), "float64", 1)]


def test_operands_are_the_same_in_every_process_and_of_the_layer_and_dtype():
    layer = Layer("small", "one", conv(4, 6, 9, 3, groups=2))
    first, second = operands(layer, "float32"), operands(layer, "float32")
    for one, other, shape in zip(first, second, shapes(layer.spec), strict=True):
        assert one.dtype == np.float32
        assert one.shape == shape
        assert (one == other).all()
        assert len(np.unique(one)) == one.size
    layer = layer._replace(function="conv2d_weight")
    assert [a.shape for a in operands(layer, "float64")] == [(1, 4, 9, 9), (1, 6, 7, 7)]


def test_a_layer_with_a_dtype_of_its_own_has_arrays_of_it():
    layer = Layer("small", "one", conv(4, 6, 9, 3), dtype="complex64")
    input, weight, _ = operands(layer, "float32")
    assert input.dtype == weight.dtype == np.complex64
    assert input.imag.any()
    input, weight, _ = operands(layer._replace(dtype="int64"), "float32")
    assert input.dtype == weight.dtype == np.int64
    assert set(np.unique(input)) == set(range(-9, 10))


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


def test_memory_is_what_a_second_call_takes_beside_arguments_and_result_and_what_is_kept(
    monkeypatch,
):
    layer = Layer("small", "one", conv(**BASE))
    size = math.prod(layer.spec.output_shape) * 4
    kept, lost = [], []

    def call():
        if not kept:  # as a compiler does: not arrays, or not kept
            lost.append(bytes(30 << 20))
            np.empty(60 << 20, np.uint8)
            kept.append(np.empty(3 << 20, np.uint8))
        scratch = np.empty(10 << 20, np.uint8)
        result = np.zeros(layer.spec.output_shape, np.float32)
        del scratch
        return result

    set_contestant(monkeypatch, "fake", lambda *_: call)
    found = worker.memory("fake", layer, "float32")
    assert found["kept"] == 3 << 20
    assert 0 <= found["beside"] - (13 << 20) < 1 << 16
    assert size > 1 << 16  # the result would be noticed
    set_contestant(monkeypatch, "fake", lambda *_: None)
    assert worker.memory("fake", layer, "float32") is None


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
    best = measure.minima(contestants, rounds=3, seconds=0, most=9, now=clock)
    assert best == pytest.approx({"torch": 0.002, "convlib": 0.006, "long": 0.060})
    assert order[:6] == [(name, 1, False) for name in contestants for _ in range(2)]
    assert order[6:] == [("torch", 1, True), ("convlib", 1, True), ("long", 1, False)] * 3


def test_short_calls_are_repeated_and_slow_contestants_have_fewer_rounds():
    clock, order = Clock(), []
    seconds = {"torch": 1e-4, "twin": 1e-3, "slow": 1.0}
    contestants = timers(clock, order, **{name: [took] for name, took in seconds.items()})
    best = measure.minima(contestants, rounds=10, seconds=0, most=99, now=clock)
    assert best == pytest.approx(seconds)
    assert [entry for entry in order if entry[0] == "torch"][2:] == [("torch", 2, True)] * 10
    assert [entry for entry in order if entry[0] == "twin"][2:] == [("twin", 1, True)] * 10
    assert [entry for entry in order if entry[0] == "slow"][2:] == [("slow", 1, False)] * 3


def test_a_layer_gets_more_rounds_until_enough_time_has_passed():
    clock, order = Clock(), []
    measure.minima(timers(clock, order, torch=[0.25]), rounds=2, seconds=1.75, now=clock)
    assert len(order) == 2 + 7  # two before the clock of the rounds starts
    assert measure.patience(1, quick=False) == (15, 1.0, 8.0)
    assert measure.patience(2, quick=False) == (15, 2.0, 8.0)
    assert measure.patience(1, quick=True) == measure.patience(2, quick=True) == (3, 0, 0)


def test_after_some_time_a_layer_gets_no_more_rounds_than_five():
    for seconds, rounds in ((1.0, 8), (1.5, 6), (5.0, 5)):
        clock, order = Clock(), []
        measure.minima(timers(clock, order, torch=[seconds]), rounds=15, most=8, now=clock)
        assert len(order) == 2 + rounds


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
        set_contestant(monkeypatch, name, adapter)
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
    task = BASE_LAYER, "float32", 2
    assert asked == [("fake", *task, 7, True), ("torch", *task, 8, False)]
    for pool in pools.values():
        assert pool.functions == [worker.result, seconds]


SMALL = {"in_channels": 8, "out_channels": 12, "size": (9, 14), "kernel_size": 3, "padding": 1}
SMALL_LAYERS = {
    "plain": conv(**SMALL, batch=2),
    "uneven": conv(8, 12, (9, 14), (2, 3), (2, 1), (0, 3), (3, 2), batch=2),
    "grouped": conv(**SMALL, groups=4, stride=(3, 2), dilation=(1, 2), batch=2),
    "depthwise": conv(6, 6, (9, 14), 3, 1, 1, groups=6, batch=2),
    "multiplied": conv(6, 12, (9, 14), 3, 2, (0, 1), groups=6, batch=2),
}


@pytest.mark.parametrize("name", ["convlib", "convlib exact=False", "im2col"])
@pytest.mark.parametrize("kind", SMALL_LAYERS)
def test_contestants_that_need_no_other_package_agree_with_torch(monkeypatch, kind, name):
    layer = Layer("small", kind, SMALL_LAYERS[kind])
    for dtype in ("float32", "float64"):
        pools = run_here(monkeypatch, **{name: contestants.CONTESTANTS[name].adapter})
        assert list(measure.timers(layer, dtype, 1, pools)) == ["torch", name]


@pytest.mark.parametrize("kind", SMALL_LAYERS)
@pytest.mark.parametrize(
    ("name", "package"), [("onnxruntime", "onnxruntime"), ("LiteRT", "ai_edge_litert")]
)
def test_contestants_of_other_packages_agree_with_torch(monkeypatch, kind, name, package):
    pytest.importorskip(package)
    layer = Layer("small", kind, SMALL_LAYERS[kind])
    pools = run_here(monkeypatch, **{name: contestants.CONTESTANTS[name].adapter})
    assert list(measure.timers(layer, "float32", 1, pools)) == ["torch", name]
    worker.prepared.cache_clear()
    assert list(measure.timers(layer, "float64", 1, pools)) == ["torch"]


SMALL_FUNCTIONS = {
    f"{function} {kind}": Layer("small", f"{function} {kind}", spec, function)
    for axes, specs in {
        1: {"plain": conv(4, 6, 19, 3, 2, 1, 2, groups=2, axes=1)},
        2: {
            "plain": conv(8, 12, (9, 15), 3, 1, 1, batch=2),
            "uneven": conv(8, 12, (10, 13), (2, 3), (2, 1), (1, 2), (3, 2), groups=4, batch=2),
            "depthwise": conv(6, 12, (9, 15), 3, 2, 1, groups=6, batch=2),
        },
        3: {"plain": conv(4, 6, (5, 7, 9), (3, 2, 3), (2, 1, 2), (1, 0, 1), groups=2, axes=3)},
    }.items()
    for kind, spec in specs.items()
    for function in functions.FUNCTIONS
    if str(axes) in function or (axes == 2 and "fold" in function)
}


CASES = [(name, dtype) for name in SMALL_FUNCTIONS for dtype in ("float32", "float64")]
CASES += [(f"conv{n}d plain", dtype) for n in (1, 2, 3) for dtype in ("complex64", "int64")]
CASES += [("conv2d plain", "float16"), ("conv2d depthwise", "complex64")]


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_each_function_of_convlib_agrees_with_torch_s(monkeypatch, name, dtype):
    layer = SMALL_FUNCTIONS[name]._replace(dtype=dtype)
    pools = run_here(monkeypatch, convlib=contestants.by_convlib)
    assert list(measure.timers(layer, "float32", 1, pools)) == ["torch", "convlib"]
    result = worker.result("convlib", layer, "float32", 1)
    assert (result.shape, result.dtype) == (result_shape(layer), np.dtype(dtype))


def test_a_wrong_result_of_a_function_raises(monkeypatch):
    def by_fake(layer, arrays, threads):
        return contestants.by_convlib(layer, [arrays[0], arrays[1] * 1.1], threads)

    layer = SMALL_FUNCTIONS["conv2d_weight plain"]
    with pytest.raises(ValueError, match="fake on conv2d_weight plain differs from torch by "):
        measure.timers(layer, "float32", 1, run_here(monkeypatch, fake=by_fake))
    layer = SMALL_FUNCTIONS["conv2d plain"]._replace(dtype="int64")

    def by_neighbour(layer, arrays, threads):
        call = contestants.by_convlib(layer, arrays, threads)
        return lambda: call() + (np.arange(9 * 15).reshape(9, 15) == 7)

    with pytest.raises(ValueError, match="differs from torch by "):
        measure.timers(layer, "float32", 1, run_here(monkeypatch, fake=by_neighbour))


@pytest.mark.parametrize("name", [name for name in SMALL_FUNCTIONS if "fold" not in name])
def test_a_model_of_onnx_is_of_the_same_layer(name):
    from onnx.reference import ReferenceEvaluator

    layer = SMALL_FUNCTIONS[name]
    if contestants._operator(layer) is None:
        assert name.split()[0].endswith(("_input", "_weight"))
        return
    if layer.spec.groups > 1 and "transpose" in name:
        pytest.skip("the reference evaluator has no groups there")
    arrays = operands(layer, "float32")
    session = ReferenceEvaluator(contestants._model(layer, *arrays))
    (output,) = session.run(None, {"input": arrays[0]})
    reference = contestants.by_torch(layer, arrays, torch.get_num_threads())().numpy()
    np.testing.assert_allclose(output, reference, atol=1e-4)


def test_the_inexact_contestants_alone_pass_exact_false(monkeypatch):
    passed = []
    monkeypatch.setattr(convlib, "conv2d", lambda *given, **options: passed.append(options))
    layer = Layer("small", "one", SMALL_LAYERS["plain"])
    for name in contestants.OURS:
        contestants.CONTESTANTS[name].adapter(layer, operands(layer, "float32"), 1)()
    assert passed == [{"exact": False} if "exact" in name else {} for name in contestants.OURS]
    other = layer._replace(function="conv2d_weight")
    assert contestants.by_convlib_inexact(other, operands(other, "float32"), 1) is None


@pytest.mark.parametrize("name", contestants.SIMPLE)
def test_textbook_contestants_compute_conv2d_alone(name):
    other = SMALL_FUNCTIONS["conv2d_input plain"]
    if name == "mygrad":
        pytest.importorskip("mygrad")
    adapter = contestants.CONTESTANTS[name].adapter
    assert adapter(other, operands(other, "float32"), 1) is None


def test_who_is_installed_takes_part_in_the_suites_that_it_computes(monkeypatch):
    everybody = list(contestants.CONTESTANTS)
    monkeypatch.setattr(contestants, "find_spec", lambda name: name)
    assert contestants.taking_part("conv2d", 1) == everybody
    without = [name for name in everybody if name not in contestants.SIMPLE]
    assert contestants.taking_part("conv2d", 2) == without
    found = ["torch", "convlib", "convlib, numba", "onnxruntime", "LiteRT"]
    assert contestants.taking_part("functions", 1) == found
    monkeypatch.setattr(contestants, "find_spec", lambda name: None)
    assert contestants.taking_part("functions", 1) == ["torch", "convlib", "onnxruntime"]


def test_numba_is_what_the_environments_of_convlib_s_contestants_decide():
    for name in contestants.OURS:
        contestant = contestants.CONTESTANTS[name]
        compiled = name.endswith(", numba")
        assert contestant.environment == {"CONVLIB_NUMBA": None if compiled else "0"}
        assert contestant.requires == ("numba" if compiled else None)


def test_torch_is_told_how_many_threads_it_may_use(monkeypatch):
    import torch

    told = []
    monkeypatch.setattr(torch, "set_num_threads", told.append)
    layer = Layer("small", "one", SMALL_LAYERS["plain"])
    for threads in (1, 2):
        contestants.by_torch(layer, operands(layer, "float32"), threads)
    assert told == [1, 2]


def test_onnxruntime_is_told_how_many_threads_it_may_use(monkeypatch):
    session = SimpleNamespace(run=lambda *_: [0])
    made = []
    fake = SimpleNamespace(
        SessionOptions=SimpleNamespace,
        InferenceSession=lambda model, options, providers: made.append(options) or session,
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", fake)
    layer = Layer("small", "one", SMALL_LAYERS["plain"])
    contestants.by_onnxruntime(layer, operands(layer, "float32"), 2)
    assert vars(made[0]) == {"intra_op_num_threads": 2, "inter_op_num_threads": 1}
    assert contestants.by_onnxruntime(layer, operands(layer, "float64"), 2) is None
    other = layer._replace(function="conv2d_input")
    assert contestants.by_onnxruntime(other, operands(other, "float32"), 2) is None


# Processes.


def settings():
    """Return what a worker process sees; runs in it."""
    import torch

    names = [f"{library}_NUM_THREADS" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")]
    tuning = [name for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ]
    names += ["CONVLIB_NUMBA", *processes.KEPT]
    return os.getpid(), [os.environ.get(name) for name in names], tuning, torch.get_num_threads()


@pytest.fixture
def tuned(monkeypatch):
    """Set what a worker process must override."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "7")
    monkeypatch.setenv("CONVLIB_NUMBA", "7")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "1234")


def test_each_contestant_has_a_process_of_its_own_with_the_threads_asked_for(tuned):
    threads, before = 2, dict(os.environ)
    layer = Layer("small", "plain", SMALL_LAYERS["plain"])
    names = "torch", "convlib", "convlib, numba"
    environments = {name: contestants.CONTESTANTS[name].environment for name in names}
    with processes.memory_kept(), measure.contestants(environments, threads) as pools:
        found = measure.timers(layer, "float32", threads, pools)
        for timer in found.values():
            timer(1, True)
        seen = {name: pool.submit(settings).result() for name, pool in pools.items()}
    assert len({os.getpid(), *(pid for pid, *_ in seen.values())}) == 4
    numba = {"torch": "7", "convlib": "0", "convlib, numba": None}
    for name, (_, environment, tuning, torch_threads) in seen.items():
        kept = [str(4 << 30)] * 2  # 4 GB: no output is as large
        assert environment == [*[str(threads)] * 4, numba[name], *kept]
        assert tuning == []
        assert torch_threads == threads
    assert dict(os.environ) == before


def test_threads_cannot_be_set_after_numpy_was_imported():
    with pytest.raises(RuntimeError, match="NumPy is imported already"):
        processes.prepare(1, {})


def test_processes_that_start_later_do_not_keep_their_memory(monkeypatch):
    first, second = processes.KEPT
    monkeypatch.setenv(first, "5")
    monkeypatch.delenv(second, raising=False)
    before = dict(os.environ)
    with processes.memory_kept():
        assert os.environ[first] == os.environ[second] == str(4 << 30)
    assert dict(os.environ) == before


@pytest.mark.parametrize("suite", ["record", "scaling"])
def test_memory_is_kept_while_contestants_start(measured, monkeypatch, suite):
    seen = []
    monkeypatch.setattr(measure, "timers", lambda *_: seen.append(dict(os.environ)))
    layer = Layer("small", "one", SMALL_LAYERS["plain"])
    if suite == "record":
        record = measure.record("conv2d", [layer], "float32", 1, True)
    else:
        record = measure.scaling("float32", 1, True)
    assert record["memory_kept"] is True
    assert all(environment[name] == "4294967296" for environment in seen for name in processes.KEPT)
    assert seen


def test_memory_is_measured_in_a_new_process_for_each_call(monkeypatch):
    asked = []

    def alone(threads, environment, function, name, layer, dtype):
        asked.append((threads, environment["CONVLIB_NUMBA"], function, name, layer, dtype))
        return None if (name, layer.name) == ("convlib", "uneven") else f"{name} {layer.name}"

    monkeypatch.setattr(measure, "alone", alone)
    monkeypatch.setattr(measure, "progress", lambda items, word, count: items)
    layers = [Layer("small", kind, SMALL_LAYERS[kind]) for kind in ("plain", "uneven")]
    names = "torch", "convlib", "convlib, numba"
    assert measure.memory(layers, "float32", names) == [
        {"convlib": "convlib plain", "convlib, numba": "convlib, numba plain"},
        {"convlib, numba": "convlib, numba uneven"},
    ]
    expected = [
        (1, None if "numba" in name else "0", worker.memory, name, layer, "float32")
        for layer in layers
        for name in names[1:]
    ]
    assert sorted(asked, key=expected.index) == expected


def test_a_call_alone_runs_in_another_process_that_ends():
    first, second = (measure.alone(1, {}, os.getpid) for _ in range(2))
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
            assert names["convlib"] == {"CONVLIB_NUMBA": "0"}

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
    everybody = list(contestants.CONTESTANTS)
    monkeypatch.setattr(measure, "taking_part", lambda suite, threads: everybody)
    monkeypatch.setattr(measure, "memory", lambda layers, *_: [{"convlib": 1}] * len(layers))
    monkeypatch.setattr(measure, "alone", lambda *given: {"rates of": given})
    monkeypatch.setattr(measure, "progress", lambda items, word: items)
    monkeypatch.setattr(measure, "installed", lambda name: name != "numba" and f"{name}'s")
    return calls


@pytest.mark.parametrize(
    ("quick", "threads", "dtype", "itemsize"),
    [(False, 1, "float32", 4), (True, 1, "float64", 8), (False, 2, "float64", 8)],
)
def test_a_record_contains_what_was_measured_and_counted(measured, quick, threads, dtype, itemsize):
    layer = Layer("large", "one", conv(64, 12, 112, 3, 1, 1, batch=2))
    record = measure.record("conv2d", [layer], dtype, threads, quick)
    assert record["layers"] == [
        {
            "name": "one",
            "family": "large",
            "macs": 2 * 12 * 112**2 * 64 * 9,
            "bytes": itemsize * (2 * 64 * 112**2 + 12 * 64 * 9 + 12 + 2 * 12 * 112**2),
            "memory": {} if quick or threads > 1 else {"convlib": 1},
            "ms": {"torch": 500.0, "convlib": 250.0},
        }
    ]
    assert record["rates"] == {"rates of": (threads, {}, worker.rates, dtype, threads)}
    assert (record["dtype"], record["threads"], record["own_process"]) == (dtype, threads, True)
    assert (record["suite"], record["vectors"]) == ("conv2d", measure.vectors())
    assert (record["others"], record["seconds"]) == (0.5, 10)
    assert "numba" not in record["versions"]
    assert record["versions"]["convlib"] == convlib.__version__
    assert record["versions"]["torch"] == "torch's"
    # The usage is read again when the processes have ended: only then their time is known.
    assert measured == [
        "usage",
        ("contestants", list(contestants.CONTESTANTS), threads),
        ("timers", "one", dtype, threads),
        ("minima", 3, 0, 0) if quick else ("minima", 15, float(threads), 8.0),
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
    assert measured[3:-2:2] == [("minima", 15, 1.0, 8.0)] * len(points)


@pytest.mark.parametrize(
    ("features", "name"),
    [
        ({"AVX2": True, "AVX512F": True}, "AVX-512"),
        ({"AVX2": True, "AVX512F": False}, "AVX2"),
        ({"NEON": True, "ASIMD": True}, "NEON"),
        ({"AVX2": False}, "processor's"),
    ],
)
def test_a_record_names_the_widest_vectors(monkeypatch, features, name):
    from numpy._core import _multiarray_umath

    monkeypatch.setattr(_multiarray_umath, "__cpu_features__", features)
    monkeypatch.setattr(measure.platform, "machine", lambda: "processor's")
    assert measure.vectors() == name


def test_only_packages_that_are_installed_have_a_version():
    assert measure.installed("numpy") == np.__version__
    assert measure.installed("no-such-package") is None


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
    table = cells(tables.summary_table(make_record(mygrad=3.0)["layers"]))
    assert table[0] == ["", "all", "without 31x31", "dense", "31x31", "layers"]
    rows = {row[0]: row[1:] for row in table[2:]}
    assert rows["convlib"] == ["1.00", "2.00", "2.00", "0.50", "2"]  # 2 / 1 and 2 / 4
    assert rows["mygrad"] == ["3.00", "3.00", "3.00", "", "1"]


def test_a_mean_is_of_the_layers_that_a_contestant_computes():
    layers = make_record(mygrad=3.0)["layers"]
    assert ratios.mean(layers, "mygrad") == pytest.approx(3.0)
    assert ratios.mean(layers, "convlib") == pytest.approx(1.0)
    assert ratios.mean(layers, "im2col") is None


def test_a_layer_is_reported_by_time_and_part_of_the_roofline():
    record = make_record(**{"convlib, numba": 0.8, "onnxruntime": 3.0, "mygrad": 7.0})
    head, _, one, two = cells(tables.layer_table(record["layers"], record["rates"]))
    assert head[1:6] == ["torch, ms", "convlib", "with numba", "exact=False", "onnxruntime"]
    lines = ["torch", "convlib", "with numba"]
    assert head[6:] == [f"roofline, {name}" for name in lines]
    # 5 million MACs at 20 GFLOP/s and 1 MB at 10 GB/s: 0.5 ms and 0.1 ms at best
    times, parts = ["1.00", "2.00", "0.80", "1.00", "3.00"], ["0.50", "0.25", "0.62"]
    assert one == ["one", *times, *parts]
    assert two == ["two", "4.00", "0.50", "", "1.00", "", "0.12", "0.25", ""]
    slower = {"matmul": 20.0, "copy": 1.0}  # 1 ms to copy
    assert cells(tables.layer_table(record["layers"], slower))[2][6:8] == ["1.00", "0.50"]
    assert cells(tables.layer_table(record["layers"]))[2] == ["one", *times]


def test_memory_is_bold_above_what_a_call_may_take_and_keep():
    assert (tables.BESIDE, tables.KEPT) == (48 * 1024 * 1024, 16 * 1024 * 1024)
    layers = make_record()["layers"]
    head, _, one, _ = cells(tables.memory_table(layers))
    assert head == [
        "",
        *(f"{c}, {w}" for w in ("beside", "kept") for c in ("convlib", "exact=False")),
    ]
    assert one == ["one", "5.0", "**49.0**", "3.0", "**17.0**"]
    layers[1]["memory"] = {"convlib": {"beside": 48 << 20}}
    assert cells(tables.memory_table(layers))[3] == ["two", "48.0", "", "", ""]


def make_functions_record(**ms):
    """Return a record of other functions, of two families."""
    record = {**make_record(**ms), "suite": "functions"}
    one, two = record["layers"]
    record["layers"] = [{**one, "family": "unfold, fold"}, {**two, "family": "transposed"}]
    return record


def test_functions_are_reported_by_family_and_by_layer():
    record = make_functions_record(**{"convlib, numba": 0.5})
    head, _, *rows = cells(tables.family_table(record["layers"]))
    assert head == ["", "convlib", "with numba", "exact=False", "layers"]
    assert rows == [
        ["unfold, fold", "2.00", "0.50", "1.00", "1"],
        ["transposed", "0.50", "", "1.00", "1"],
        ["all", "1.00", "0.50", "1.00", "2"],
    ]
    text = tables.section(record)
    assert "Geometric mean of time / torch: other functions, float32, one thread" in text
    assert tables.layer_table(record["layers"]) in text
    assert tables.memory_table(record["layers"]) in text


def test_a_record_without_memory_has_no_table_of_it():
    record = make_record()
    assert "kept between calls" in tables.section(record)
    for layer in record["layers"]:
        layer["memory"] = {}
    assert "kept between calls" not in tables.section(record)


def make_kinds(**ms):
    """Return a record with a layer of each family of the suite, and their times."""
    record = make_record()
    layer = record["layers"][0]
    record["layers"] = [
        {**layer, "name": family, "family": family, "ms": {"torch": 1.0, "convlib": 1.0}}
        for family in FAMILIES
    ]
    for layer in record["layers"]:
        layer["ms"] |= ms.get(layer["family"].replace("1x1", "pointwise"), {})
    return record


def test_readme_shows_five_kinds_of_layers_what_is_slowest_first():
    numba = {"convlib, numba": 0.5}
    record = make_kinds(
        dilated={"convlib": 4.0}, pointwise={"convlib": 1.0}, dense={"convlib": 1.5, **numba}
    )
    head, _, *rows = cells(tables.kinds_table(record["layers"]))
    assert head == ["time / torch", "convlib", "with numba"]
    assert [row[1:] for row in rows[:2]] == [["2.00", ""], ["1.50", "0.50"]]
    assert [row[0].split(":")[0] for row in rows[:2]] == ["1 x 1, and dilated", "dense"]
    assert [row[1] for row in rows[2:]] == ["1.00"] * 3
    shown = [family for families in tables.KINDS.values() for family in families]
    assert len(rows) == len(tables.KINDS) == 5
    assert sorted([*shown, tables.ALONE]) == sorted(FAMILIES)


def test_readme_does_not_show_every_contestant():
    record = make_record(LiteRT=7.0, onnxruntime=3.0)
    assert "LiteRT" not in "".join(report.block({"AVX2": {"float32, 1": record}}))
    assert "LiteRT" in tables.section(record)


def test_the_words_of_readme_s_rows_are_true_of_their_layers():
    kinds = {
        family: [layer.spec for layer in SUITE if layer.family == family] for family in FAMILIES
    }
    assert {spec.groups for spec in kinds["grouped"]} == {32}
    assert {spec.size for spec in kinds["tiny"]} == {(5, 5)}
    sizes = {spec.kernel_size for spec in kinds["dense"]}
    assert (min(sizes), max(sizes)) == ((3, 3), (7, 7))


def test_the_sentence_on_means_has_those_over_all_layers_and_without_the_one_alone():
    record = make_kinds(**{tables.ALONE: {"convlib": 0.01}})
    sentence = tables.means_sentence(record["layers"])
    assert sentence.startswith("Means over all 7 layers, in brackets without")
    assert "convlib 0.52 (1.00)." in sentence  # 0.01 ** (1 / 7)


def test_the_sentence_on_functions_begins_with_the_slowest():
    record = make_functions_record()
    assert tables.functions_sentence(record) == (
        "The other functions: unfold, fold 2.00; transposed 0.50."
    )
    record = make_functions_record(**{"convlib, numba": 0.5, "convlib": 0.25})
    assert tables.functions_sentence(record) == (
        "The other functions, in brackets with numba: transposed 0.50; unfold, fold 0.25 (0.50)."
    )


def machines(**slower):
    """Return the records of machines by the time of convlib on the first layer."""
    return {
        vectors.replace("_", "-"): {"float32, 1": make_record(convlib=ms)}
        for vectors, ms in slower.items()
    }


def test_the_machine_where_convlib_is_slower_is_shown():
    assert ratios.slowest_machine(machines(AVX2=2.0, AVX_512=2.5, NEON=1.0)) == "AVX-512"
    records = machines(AVX2=3.0, AVX_512=2.5)
    assert ratios.slowest_machine(records) == "AVX2"
    records["NEON"] = {"float64, 1": make_record(convlib=99.0)}
    assert ratios.slowest_machine(records) == "AVX2"
    with pytest.raises(ValueError, match="has no record of float32, 1"):
        ratios.slowest_machine({"NEON": records["NEON"]})


def test_readme_and_pictures_are_of_that_machine_and_readme_names_the_other(monkeypatch, tmp_path):
    records = machines(AVX2=3.0, AVX_512=2.5)
    records["AVX2"]["functions, float32, 1"] = make_functions_record()
    table, sentences, where = report.block(records)
    assert table == tables.kinds_table(records["AVX2"]["float32, 1"]["layers"])
    assert "On a processor with AVX-512, the mean of convlib is 1.12." in sentences
    assert tables.functions_sentence(make_functions_record()) in sentences
    assert where == tables.circumstances(records["AVX2"]["float32, 1"])
    drawn = []
    monkeypatch.setattr(report.figures, "draw_layers", lambda layers, path: drawn.append(layers))
    report.figures.draw(records, tmp_path)
    assert drawn == [records["AVX2"]["float32, 1"]["layers"]]
    pages = report.pages(records)
    assert pages["pace.md"] == tables.pace_table([records["AVX2"]["float32, 1"]])
    assert pages["bounds.md"] == tables.bounds_table(records["AVX2"]["float32, 1"])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "; CPU time, one thread, a process for each contestant, float32; "),
        ({"threads": 2}, "; wall time, 2 threads, a process for each contestant, float32; "),
        ({"own_process": False, "dtype": "float64"}, "one thread, all in one process, float64; "),
        ({"memory_kept": True}, "a process for each contestant, which keeps its memory, float32; "),
    ],
)
def test_the_report_says_when_where_and_with_what(change, text):
    written = tables.circumstances({**make_record(), **change})
    assert text in written
    start = "Measured 2000-01-01 on a processor, AVX2 (20 GFLOP/s in matmul, 10 GB/s"
    assert written.startswith(start)
    for fact in ("python 3.0", f"convlib {convlib.__version__}", " 2% of one core"):
        assert fact in written


def test_the_report_says_if_another_version_was_measured_than_the_current_one():
    assert tables.circumstances(make_record()).endswith(" busy.")
    old = {**make_record(), "versions": {"convlib": "0.0.1"}}
    note = f"Version 0.0.1 of convlib was measured; the current one is {convlib.__version__}."
    assert tables.circumstances(old).endswith(f" busy. **{note}**")


def test_a_record_is_kept_beside_others_and_the_report_follows(tmp_path):
    report.save("float32, 1", make_record(), tmp_path)
    report.save("float32, 2", {**make_record(), "threads": 2}, tmp_path)
    report.save("float32, 1", {**make_record(), "vectors": "AVX-512"}, tmp_path)
    newer = {**make_record(convlib=1.5), "date": "2000-02-02"}
    report.save("float32, 1", newer, tmp_path)
    records = json.loads((tmp_path / "bench.json").read_text())
    found = {vectors: list(kinds) for vectors, kinds in records.items()}
    assert found == {"AVX-512": ["float32, 1"], "AVX2": ["float32, 1", "float32, 2"]}
    assert records["AVX2"]["float32, 1"] == newer
    written = (tmp_path / "bench.md").read_text()
    assert written == f"{report.MADE}\n\n{report.markdown(records)}\n"
    assert "CPU time, one thread" in written
    assert "wall time, 2 threads" in written
    assert (tmp_path / "bench.png").stat().st_size > 10_000


def test_each_record_is_unfolded_by_its_title_in_the_order_of_the_suites():
    kinds = {"scaling": 0, "functions, float32, 1": 0, "float64, 1": 0, "float32, 2": 0}
    kinds = {kind: make_record() for kind in (*kinds, "float32, 1")}
    kinds["scaling"] |= {"suite": "scaling", "axes": {}}
    kinds["functions, float32, 1"] = make_functions_record()
    assert report.ordered(kinds) == [
        "float32, 1", "float32, 2", "float64, 1", "functions, float32, 1", "scaling",
    ]  # fmt: skip
    written = report.markdown({"AVX2": kinds, "AVX-512": {"float32, 1": make_record()}})
    titles = [line for line in written.splitlines() if line.startswith("````{")]
    assert titles[0] == "````{dropdown} AVX-512: conv2d, float32, one thread"
    assert titles[-2:] == [
        "````{dropdown} AVX2: other functions, float32, one thread",
        "````{dropdown} AVX2: how time grows, float32, one thread",
    ]
    assert written.count("\n````\n") + written.endswith("\n````") == len(titles) == 6


def test_the_same_json_gives_the_same_report_however_it_is_ordered():
    kinds = {"float64, 1": {**make_record(), "dtype": "float64"}, "float32, 1": make_record()}
    records = {"NEON": kinds, "AVX2": dict(kinds)}
    turned = {
        vectors: dict(reversed(kinds.items()))
        for vectors, kinds in reversed(json.loads(json.dumps(records)).items())
    }
    assert report.markdown(records) == report.markdown(turned)
    assert report.pages(records) == report.pages(turned)


def test_the_committed_report_is_made_from_the_committed_json():
    """If not: `python -m tools.bench --report`."""
    records = json.loads(COMMITTED.read_text())
    for name, text in report.pages(records).items():
        assert (report.FOLDER / name).read_text() == f"{report.MADE}\n\n{text}\n", name
    text = report.README.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1
    assert text == report.readme(text, records)
    shown = records[ratios.slowest_machine(records)]
    assert {"float32, 1", "float32, 2", "float64, 1", "scaling"} <= set(shown)


def test_readme_has_no_figure_of_the_benchmark_but_between_the_marks():
    """A new record must not make a sentence wrong."""
    text = report.README.read_text()
    start, end = text.index("How fast is it?"), text.index("Where all sums are exact")
    own = text[start : text.index(report.BEGIN)] + text[text.index(report.END) : end]
    digits = {word for word in own.split() if any(letter.isdigit() for letter in word)}
    assert digits == {"1,", "30", "`conv2d`", "float64"}


def test_the_bounds_of_a_layer_are_its_work_divided_by_the_rates():
    layer = {**make_record()["layers"][0], "name": "mobilenet dw 512@14 3x3"}
    record = {**make_record(), "layers": [layer]}
    assert ratios.bounds(layer, record["rates"]) == (0.5, 0.1)
    _, _, row = cells(tables.bounds_table(record))
    kind = "depthwise, 3 x 3, 512 channels of 14 x 14"
    assert row == [kind, "1", "5.00", "1.00", "0.50", "0.10", "1.00"]
    rates = "made 10 billion MACs a second there. Copying a large array moved 10 billion bytes"
    assert rates in tables.bounds_table(record)


def test_the_compared_layers_are_of_the_suite_and_their_batches_are_as_written():
    suite = {layer.name: layer.spec for layer in SUITE}
    for names in tables.COMPARED.values():
        specs = {batch: suite[name] for batch, name in names.items()}
        assert {batch: spec.batch for batch, spec in specs.items()} == {n: n for n in names}
        assert len({(spec.weight_shape, spec.axes, spec.groups) for spec in specs.values()}) == 1


def test_the_pace_of_each_record_is_its_mean_over_all_layers_and_each_family():
    faster = {**make_record(convlib=0.5), "dtype": "float64"}
    head, _, *rows = cells(tables.pace_table([make_record(), faster]))
    assert head == ["time / torch", "all", "dense", tables.ALONE]
    assert rows == [
        ["float32, one thread", "1.00", "2.00", "0.50"],
        ["float64, one thread", "0.50", "0.50", "0.50"],
    ]
    kinds = {"float32, 1": make_record(), "float64, 1": faster, "scaling": {"suite": "scaling"}}
    kinds["functions, float32, 1"] = make_functions_record()
    scaling = kinds.pop("scaling")
    records = {"AVX2": {**kinds, "scaling": {**make_record(), **scaling, "axes": {}}}}
    assert report.pages(records)["pace.md"] == tables.pace_table([make_record(), faster])


def test_what_the_chapter_quotes_of_the_records_is_in_them():
    """The text of ``columns`` has figures and comparisons; measure again, and write it again."""
    text = " ".join(
        cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        for cell in json.loads(CHAPTER.read_text())["cells"]
        if cell["cell_type"] == "markdown"
    )
    records = json.loads(COMMITTED.read_text())
    record = records[ratios.slowest_machine(records)]["float32, 1"]
    layers = {layer["name"]: layer for layer in record["layers"]}
    times = {name: layers[name]["ms"]["torch"] for name in layers}
    bounds = {name: ratios.bounds(layers[name], record["rates"]) for name in layers}
    single, batch = tables.COMPARED["depthwise, 3 x 3, 512 channels of 14 x 14"].values()
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
    for kind, names in tables.COMPARED.items():
        for name in names.values():
            slow = times[name] > 2 * max(bounds[name])
            assert slow == kind.startswith("depthwise"), name
    small, large = "mobilenet dw 32@112 3x3", "convnext dw 96@56 7x7"
    assert 4 < layers[large]["macs"] / layers[small]["macs"] < 4.2
    assert 0.9 < times[large] / times[small] < 1  # no longer
    rows = {row[0]: row[1:] for row in cells((report.FOLDER / "pace.md").read_text())}
    pace = {
        name: float(row[rows["time / torch"].index("all")])
        for name, row in rows.items()
        if "float" in name
    }
    depthwise = float(rows["float32, one thread"][rows["time / torch"].index("depthwise")])
    assert 1.28 < pace["float32, one thread"] < 1.33  # about 30 percent more
    assert 2.7 < depthwise < 3  # nearly three times
    assert pace["float64, one thread"] < 1
    assert sum(float(mean) < 1 for mean in rows["float64, one thread"][1:]) == 4  # of seven
    with_numba = {
        family: ratios.geometric_mean(
            [
                ratios.ratio(layer, "convlib, numba")
                for layer in record["layers"]
                if family in ("all", layer["family"])
            ]
        )
        for family in ("all", "depthwise")
    }
    assert 0.935 < with_numba["depthwise"] < 0.945  # 6 percent less
    assert 0.885 < with_numba["all"] < 0.895  # 11 percent less


def test_readme_keeps_all_but_what_is_between_the_marks():
    text = f"above\n{report.BEGIN}\nold\n{report.END}\nbelow\n"
    written = report.readme(text, {"AVX2": {"float32, 1": make_record()}})
    assert written.startswith(f"above\n{report.BEGIN}\n")
    assert written.endswith(f"{report.END}\nbelow\n")
    assert "old" not in written
    assert "| dense: 3 x 3 to 7 x 7 | 2.00 |" in written
    assert "2000-01-01" in written


# The command line, and the modules.


@pytest.mark.parametrize(
    "words",
    [
        ["--save", "--quick"],
        ["--save", "dw"],
        ["--threads", "0"],
        ["--dtype", "float16"],
        ["--all", "--functions"],
        ["--all", "--threads", "2"],
        ["--all", "--dtype", "float64"],
        ["--all", "--save", "dw"],
    ],
)
def test_command_lines_that_measure_no_whole_run_are_rejected(words, capsys):
    with pytest.raises(SystemExit):
        options(words)
    assert "error: " in capsys.readouterr().err


def test_the_command_line_measures_one_thread_of_float32_by_default():
    chosen = options([])
    assert (chosen.threads, chosen.dtype, chosen.words) == (1, "float32", [])
    assert (chosen.suite, chosen.all) == ("conv2d", False)
    chosen = options(["--threads", "2", "--dtype", "float64", "--save", "--functions"])
    assert (chosen.threads, chosen.dtype, chosen.save) == (2, "float64", True)
    assert chosen.suite == "functions"
    assert options(["--scaling"]).suite == "scaling"


@pytest.fixture
def run(monkeypatch):
    """Replace measuring and saving; return what was measured, and what was saved."""
    asked, saved = [], []

    def record(suite, layers, dtype, threads, quick):
        asked.append((suite, dtype, threads, len(layers)))
        found = make_record() if suite == "conv2d" else make_functions_record()
        return {**found, "dtype": dtype, "threads": threads}

    def scaling(dtype, threads, quick):
        asked.append(("scaling", dtype, threads, None))
        return {**make_record(), "suite": "scaling", "axes": {}}

    monkeypatch.setattr(measure, "record", record)
    monkeypatch.setattr(measure, "scaling", scaling)
    monkeypatch.setattr(report, "save", lambda kind, record: saved.append((kind, record["suite"])))
    return asked, saved


def test_all_records_are_measured_and_saved_in_one_go(run, capsys):
    asked, saved = run
    __main__.main(options(["--all", "--save"]))
    counts = {
        (suite, dtype): len(layers_of(suite, dtype))
        for suite in SUITES
        for dtype in ("float32", "float64")
    }
    expected = [(*run, counts.get(run[:2])) for run in __main__.RUNS]
    assert asked == expected
    assert len(asked) == len(set(asked)) == 9
    kinds = [f"{dtype}, {threads}" for dtype in ("float32", "float64") for threads in (1, 2)]
    assert saved == [
        *((kind, "conv2d") for kind in kinds),
        *((f"functions, {kind}", "functions") for kind in kinds),
        ("scaling", "scaling"),
    ]
    printed = capsys.readouterr().out
    assert printed.count("Geometric mean of time / torch") == 8
    assert printed.endswith(" minutes.\n")


def test_words_choose_layers_and_nothing_is_saved_unasked(run, capsys):
    asked, saved = run
    __main__.main(options(["--functions", "conv3d", "unfold"]))
    __main__.main(options(["--all", "--quick", "unfold"]))
    both = [(dtype, threads) for dtype in ("float32", "float64") for threads in (1, 2)]
    assert asked[0] == ("functions", "float32", 1, 5)
    assert asked[1:5] == [("functions", *run, 1) for run in both]
    assert saved == []
    with pytest.raises(SystemExit, match="no layer has unfold in its name"):
        __main__.main(options(["unfold"]))
    assert "Geometric mean" in capsys.readouterr().out


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
    assert order.index("suite") < order.index("functions") < order.index("contestants")
    assert order.index("ratios") < order.index("tables") < order.index("report")


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
    names = [line.split("==")[0] for line in lines]
    assert names == ["onnxruntime", "mygrad", "ai-edge-litert", "tqdm"]
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
