"""convlib.engines.explain: it names the engine that runs, and computes nothing."""

import dataclasses
import math
import random
import tracemalloc

import numpy as np
import pytest

import convlib
from convlib import compute, functional
from convlib.engines import APPROXIMATE, EXACT, choice, choose, explain
from tools.bench.suite import SUITE, arguments, shapes

ENGINES = {engine.name: engine for engine in EXACT + APPROXIMATE}
SETTINGS = "stride", "padding", "dilation", "groups"
DTYPES = ["float32", "float64", "float16", "complex64", "complex128", "int64"]


@pytest.fixture
def ran(monkeypatch):
    """Let engines note their names instead of computing; return the set of names."""
    names = set()

    def noting(engine):
        def noted(input, weight, bias, spec):
            names.add(engine.name)
            return np.zeros(spec.output_shape, input.dtype)

        return engine._replace(compute=noted)

    exact, approximate = (tuple(map(noting, engines)) for engines in (EXACT, APPROXIMATE))
    monkeypatch.setattr(choice, "EXACT", exact)
    monkeypatch.setattr(choice, "APPROXIMATE", approximate)
    monkeypatch.setattr(choice.einsum, "ENGINE", exact[-1])
    monkeypatch.setattr(compute, "fastest", choose)
    monkeypatch.setattr(functional, "_plans", {})
    return names


def run(ran, axes, arrays, exact, **settings):
    """Convolve, and return the name of the one engine that ran."""
    ran.clear()
    if axes == 2:
        settings["exact"] = exact
    getattr(convlib, f"conv{axes}d")(*arrays, **settings)
    (name,) = ran
    return name


@pytest.mark.parametrize("layer", SUITE, ids=lambda layer: layer.name)
def test_the_named_engine_is_the_one_that_runs_for_the_layers_of_the_benchmark(ran, layer):
    named = dict(zip(SETTINGS, arguments(layer.spec), strict=True))
    for dtype in ("float32", "float64", "complex64", "int64"):
        input, weight, bias = (np.zeros(shape, dtype) for shape in shapes(layer.spec))
        for exact in (True, False):
            explanation = explain(input, weight, bias, **named, exact=exact)
            assert explanation.engine == run(ran, 2, (input, weight, bias), exact, **named)


def layers_by_chance(count):
    """Yield axes, arrays, exact and settings of random layers."""
    chance = random.Random(0)
    while count:
        axes, dtype = chance.choice([1, 2, 2, 3]), chance.choice(DTYPES)
        each, out = chance.choice([1, 2, 16, 64]), chance.choice([1, 2, 16, 64])
        groups = chance.choice([1, 1, 2, 32])
        if groups == 32:
            each, out = 1, chance.choice([1, 1, 2])
        size = [chance.choice([5, 12, 56]) if axes < 3 else 6 for _ in range(axes)]
        kernel = [chance.choice([1, 3, 3, 5]) for _ in range(axes)]
        if chance.random() < 0.5:
            kernel = kernel[:1] * axes
        dilation = chance.choice([1, 1, 2])
        settings = {
            "stride": chance.choice([1, 1, 2]),
            "padding": chance.choice([0, 1, 4]),
            "dilation": dilation,
            "groups": groups,
        }
        reach = (max(kernel) - 1) * dilation + 1
        if reach > min(size) + 2 * settings["padding"]:
            continue
        batch = chance.choice([(), (1,), (3,)])
        value = chance.choice([1, 2**49]) if dtype == "int64" else 1
        input = np.full((*batch, each * groups, *size), value, dtype)
        weight = np.ones((out * groups, each, *kernel), dtype)
        bias = chance.choice([None, np.ones(out * groups, dtype)])
        exact = axes != 2 or chance.random() < 0.5
        yield axes, (input, weight, bias), exact, settings
        count -= 1


@pytest.mark.parametrize("compiled", ["direct", "banded"])
def test_the_named_engine_is_the_one_that_runs_for_random_layers(numba_switch, ran, compiled):
    numba_switch(compiled == "direct")
    seen = set()
    for axes, arrays, exact, settings in layers_by_chance(600):
        explanation = explain(*arrays, **settings, exact=exact)
        name = run(ran, axes, arrays, exact, **settings)
        assert explanation.engine == name, (axes, exact, settings)
        seen.add((axes, name))
    exact = {"einsum", "pointwise", compiled} | ({"columns", "rows"} - {compiled})
    assert {name for axes, name in seen if axes == 2} >= exact
    assert {name for axes, name in seen if axes == 1} >= {"columns", "einsum", "pointwise"}
    assert {name for axes, name in seen if axes == 3} >= {"columns", "einsum", "rows"}


def test_costs_are_those_of_the_engines_and_ordered_by_use():
    for axes, arrays, exact, settings in layers_by_chance(100):
        explanation = explain(*arrays, **settings, exact=exact)
        costs, notes = explanation.costs, explanation.notes
        assert costs.keys() == notes.keys() == ENGINES.keys()
        chosen, *others = costs
        assert chosen == explanation.engine
        assert notes[chosen] in ("lowest estimate", "the only one")
        slower = [costs[name] for name in others if not notes[name]]
        unused = [costs[name] for name in others if notes[name]]
        assert [costs[chosen], *slower] == sorted([costs[chosen], *slower])
        assert unused == sorted(unused)
        assert list(costs.values()) == [costs[chosen], *slower, *unused]
        for name, cost in costs.items():
            needed = notes[name].removeprefix("needs ") == ENGINES[name].needs != ""
            assert (cost == math.inf) == needed
        if arrays[0].dtype == np.float32 and axes > 1:
            spec = functional.calls.read(axes, *arrays, **settings).spec
            assert costs == {name: engine.cost(spec) for name, engine in ENGINES.items()}


NOISE = np.ones((1, 4, 9, 9), np.float32), np.ones((8, 4, 3, 3), np.float32)
REDUCED = {
    "float32": "",
    "float64": "",
    "float16": "float16 is computed in float32, and rounded once. ",
    "complex64": "complex64 is computed as a real convolution with twice the channels, in "
    "float32. ",
    "int64": "int64 is computed in float64, exactly: every sum is below 2**53. ",
}


@pytest.mark.parametrize("dtype", REDUCED)
@pytest.mark.parametrize(("numba", "count"), [(True, 5), (False, 4)])
def test_the_reason_says_how_other_numbers_are_reduced(numba_switch, numba, count, dtype):
    numba_switch(numba)
    explanation = explain(*(array.astype(dtype) for array in NOISE))
    chosen = f"{explanation.engine} has the lowest estimate of the {count} engines"
    assert explanation.reason == f"{REDUCED[dtype]}{chosen} that can compute this call."


def test_complex_numbers_cost_as_much_as_twice_the_channels():
    wide = explain(np.ones((1, 8, 9, 9), np.float32), np.ones((16, 8, 3, 3), np.float32))
    assert explain(*(array.astype("complex64") for array in NOISE)).costs == wide.costs


@pytest.mark.parametrize(("bias", "engine"), [(2**53 - 37, "columns"), (2**53 - 36, "einsum")])
def test_integers_are_read_because_the_largest_sum_decides(bias, engine):
    arrays = np.ones((1, 4, 9, 9), int), np.ones((8, 4, 3, 3), int), np.full(8, bias)
    explanation = explain(*arrays)
    assert explanation.engine == engine
    if engine == "einsum":
        assert explanation.reason == (
            "int64 is computed as it is: a sum may reach 2**53, too much for float64. "
            "einsum is the only engine that can compute this call."
        )
        assert explanation.notes["rows"] == "does not compute int64"


@pytest.mark.usefixtures("numpy_only")
def test_an_approximate_engine_is_estimated_and_not_used_unless_asked_for():
    arrays = np.ones((1, 256, 56, 56), np.float32), np.ones((256, 256, 3, 3), np.float32)
    exact, asked = explain(*arrays, padding=1), explain(*arrays, padding=1, exact=False)
    assert (exact.engine, asked.engine) == ("rows", "winograd")
    assert exact.costs == asked.costs
    assert exact.costs["winograd"] < exact.costs["rows"]
    assert exact.notes["winograd"] == "only conv2d of floats, with exact=False"
    complex_arrays = (array.astype("complex64") for array in arrays)
    assert explain(*complex_arrays, padding=1, exact=False).engine == "rows"


def test_an_explanation_prints_as_a_table():
    explanation = explain(*NOISE)
    reason, head, *lines = str(explanation).splitlines()
    assert repr(explanation) == str(explanation)
    assert reason == explanation.reason
    assert head.split() == ["engine", "estimate,", "ms"]
    assert [line.split()[0] for line in lines] == list(explanation.costs)
    assert {len(line) for line in (head, *lines)} == {len(head)}
    for line, cost in zip(lines, explanation.costs.values(), strict=True):
        assert line.split()[-1] == (f"{cost / 1e6:.3f}" if cost < math.inf else "-")
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation.engine = "rows"


def test_it_computes_nothing_and_allocates_nothing_large(ran):
    large = np.broadcast_to(np.float32(1), (64, 8000, 8000))
    kernels = np.broadcast_to(np.float32(1), (4096, 64, 31, 31))
    integers = np.ones((1, 64, 200, 200), int), np.ones((512, 64, 9, 9), int)
    for arrays, most in (((large, kernels), 1 << 18), (integers, 5 << 20)):
        explain(*arrays)
        tracemalloc.start()
        explain(*arrays)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= most
    assert not ran


def test_what_conv2d_rejects_is_rejected_with_the_same_message():
    input, weight = NOISE
    for call in (
        {"input": [1.0], "weight": weight},
        {"input": input, "weight": [1.0]},
        {"input": input, "weight": weight, "groups": 3},
        {"input": input, "weight": weight.astype(float)},
        {"input": input, "weight": weight, "dilation": 5},
        {"input": input, "weight": weight, "bias": np.ones(4, np.float32)},
        {"input": input, "weight": weight, "exact": 1},
        {"input": input, "weight": weight, "padding": "half"},
    ):
        with pytest.raises((ValueError, TypeError)) as expected:
            convlib.conv2d(**call)
        with pytest.raises(expected.type) as raised:
            explain(**call)
        assert str(raised.value) == str(expected.value)


def test_the_axes_are_those_of_the_weight():
    input, weight = NOISE
    with pytest.raises(ValueError, match=r"^weight of shape \(3, 3\) must have 3, 4 or 5 axes: "):
        explain(input, weight[0, 0])
    with pytest.raises(ValueError, match="must have 3 axes, batch and channels first"):
        explain(input, weight[..., 0])
    message = "^exact=False is for conv2d; conv1d has no approximate engines$"
    with pytest.raises(ValueError, match=message):
        explain(input[..., 0], weight[..., 0], exact=False)
