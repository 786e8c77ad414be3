"""The benchmark: its layers, its arithmetic, its report; nothing here is timed."""

import json
import math

import numpy as np
import pytest

import convlib
from tools.bench import measure, report, rivals
from tools.bench.suite import BASE, FAMILIES, SCALES, SUITE, Layer, scaled

COMMITTED = report.FOLDER / "bench.json"


def record(**ms):
    """Make up a record of two layers, the second a family without which means are told."""
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
        "others": 0.02,
        "versions": {"python": "3.0", "convlib": "1.0"},
        "rates": {"matmul": 20.0, "copy": 10.0},
        "layers": [layer, other],
    }


def cells(markdown):
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in markdown.splitlines()
        if line.startswith("|")
    ]


def test_the_suite_is_thirty_layers_of_seven_families():
    assert len(SUITE) == len({layer.name for layer in SUITE}) == len(set(SUITE)) == 30
    assert FAMILIES == ("dense", "1x1", "depthwise", "grouped", "dilated", "tiny", "31x31")
    assert [layer.kernel_size for layer in SUITE if layer.family == report.ALONE] == [(31, 31)]
    assert [layer.name for layer in SUITE if 31 in layer.kernel_size] == ["replk dw 128@56 31x31"]


@pytest.mark.parametrize("layer", SUITE, ids=lambda layer: layer.name)
def test_a_layer_belongs_to_its_family_and_has_an_output(layer):
    geometry = layer.kernel_size, layer.stride, layer.padding, layer.dilation
    assert layer.output[2:] == convlib.output_size(layer.size, *geometry)
    assert min(layer.output) >= 1
    depthwise = layer.groups == layer.in_channels == layer.out_channels > 1
    dilated, pointwise = max(layer.dilation) > 1, layer.kernel_size == (1, 1)
    belongs = {
        "dense": layer.groups == 1 and not dilated and not pointwise,
        "1x1": pointwise,
        "depthwise": depthwise,
        "grouped": layer.groups > 1 and not depthwise,
        "dilated": dilated,
        "tiny": layer.macs < 1000,
        "31x31": depthwise,
    }
    assert belongs[layer.family]
    assert layer.in_channels % layer.groups == layer.out_channels % layer.groups == 0


def test_what_is_counted_is_counted_right_by_hand():
    tiny = next(layer for layer in SUITE if layer.family == "tiny")
    assert tiny.output == (1, 1, 4, 4)
    assert tiny.macs == 16 * 4
    assert tiny.numbers == 25 + 4 + 1 + 16
    assert tiny.patches == 4 * 16
    batch = BASE._replace(batch=2, groups=4)
    assert batch.weight == (64, 16, 3, 3)
    assert batch.macs == 2 * 64 * 56 * 56 * 16 * 9
    assert batch.patches == 2 * 64 * 9 * 56 * 56


def test_scaling_starts_from_one_layer_changes_one_thing_and_keeps_the_size():
    changing = {
        "side": {"size"},
        "channels": {"in_channels", "out_channels"},
        "kernel size": {"kernel_size", "padding"},
        "dilation": {"dilation", "padding"},
        "groups": {"groups"},
        "batch": {"batch"},
    }
    for axis, values in SCALES.items():
        layers = [scaled(axis, value) for value in values]
        assert BASE in layers
        for layer in layers:
            pairs = zip(Layer._fields, BASE, layer, strict=True)
            assert {name for name, old, new in pairs if old != new} in (set(), changing[axis])
            assert layer.output[2:] == layer.size


def test_every_layer_may_take_four_megabytes_or_a_quarter_of_its_patch_matrix():
    assert measure.bound(BASE, "float32") == 4 * 1024 * 1024  # of 7.2 million bytes
    large = BASE._replace(size=(112, 112))  # 64 * 9 taps, 112 * 112 windows, 4 bytes
    assert measure.bound(large, "float32") == 64 * 9 * 112 * 112 * 4 // 4
    assert measure.bound(large, "float64") == 64 * 9 * 112 * 112 * 8 // 4


def test_the_peak_is_that_of_memory_beyond_arguments_and_result(monkeypatch):
    def greedy(input, weight, bias, *arguments, exact):
        assert exact is False
        np.empty(10 << 20, np.uint8)
        return np.zeros(BASE.output, input.dtype)

    monkeypatch.setattr(convlib, "conv2d", greedy)
    result = math.prod(BASE.output) * 4
    assert 0 <= measure.peak((BASE, "float32", False)) - ((10 << 20) - result) < 1 << 16


class Clock:
    """A clock that only calls move on."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        """Tell the time."""
        return self.now

    def call(self, *seconds):
        """Make a call that takes so long, the last of them from then on."""
        left = list(seconds)

        def call():
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return call


def test_the_shortest_time_counts_after_calls_in_turns():
    clock, order = Clock(), []

    def noted(name, *milliseconds):
        call = clock.call(*(took / 1000 for took in milliseconds))
        return lambda: order.append(name) or call()

    # two to see how long it takes, then three pairs, the first of each untimed; the third is long
    calls = {
        "torch": noted("torch", 9, 9, 1, 4, 1, 2, 1, 7),
        "convlib": noted("convlib", 3, 3, 1, 8, 1, 6, 1, 9),
        "long": noted("long", 50, 40, 70, 60, 80),
    }
    best = measure.minima(calls, clock, rounds=3, seconds=0)
    assert best == pytest.approx({"torch": 0.002, "convlib": 0.006, "long": 0.060})
    assert order[6:] == ["torch", "torch", "convlib", "convlib", "long"] * 3


def test_short_calls_are_repeated_and_slow_contestants_have_fewer_rounds():
    clock, counts = Clock(), dict.fromkeys(("torch", "twin", "slow"), 0)

    def counting(name, call):
        def count():
            counts[name] += 1
            call()

        return count

    seconds = {"torch": 1e-4, "twin": 1e-3, "slow": 1.0}
    calls = {name: counting(name, clock.call(took)) for name, took in seconds.items()}
    best = measure.minima(calls, clock, rounds=10, seconds=0)
    assert best == pytest.approx(seconds)
    assert counts == {"torch": 2 + 10 * 3, "twin": 2 + 10 * 2, "slow": 2 + 3 * 1}


def fake(change):
    """Make a contestant that computes as convlib does and then changes the result."""

    def by_fake(*given):
        call = rivals.by_convlib(*given)
        return lambda: change(call())

    return {"torch": rivals.by_torch, "fake": by_fake}


WRONG = {
    "scaled": (lambda out: out * 1.01, "fake on 64@56 3x3 differs from torch by "),
    "nan": (lambda out: out * np.nan, "fake on 64@56 3x3 differs from torch by nan"),
    "size": (lambda out: out[:, :, 1:], r"fake on .*\(1, 64, 55, 56\).*\(1, 64, 56, 56\)"),
    "dtype": (lambda out: out.astype(float), "fake on .*float64 of shape .*torch's is float32"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_result_is_refused(kind):
    change, message = WRONG[kind]
    with pytest.raises(ValueError, match=message):
        measure.calls(BASE, "float32", fake(change))


def test_a_right_result_is_taken_and_who_cannot_is_left_out():
    given = {**fake(lambda out: out * 1.0001), "unable": lambda *_: None}
    assert list(measure.calls(BASE, "float32", given)) == ["torch", "fake"]


SMALL = BASE._replace(batch=2, in_channels=8, out_channels=12, size=(9, 14))
SMALL_LAYERS = {
    "plain": SMALL,
    "uneven": SMALL._replace(kernel_size=(2, 3), stride=(2, 1), padding=(0, 3), dilation=(3, 2)),
    "grouped": SMALL._replace(groups=4, stride=(3, 2), dilation=(1, 2)),
    "depthwise": SMALL._replace(in_channels=6, out_channels=6, groups=6),
}


@pytest.mark.parametrize("name", ["convlib", "convlib exact=False", "im2col"])
@pytest.mark.parametrize("kind", SMALL_LAYERS)
def test_contestants_that_need_no_other_package_agree_with_torch(kind, name):
    chosen = {who: rivals.RIVALS[who] for who in ("torch", name)}
    for dtype in ("float32", "float64"):
        assert list(measure.calls(SMALL_LAYERS[kind], dtype, chosen)) == ["torch", name]


def test_a_geometric_mean_is_the_root_of_the_product():
    numbers = [0.5, 3.0, 7.0, 1.25]
    mean = report.geometric_mean(numbers)
    assert mean ** len(numbers) == pytest.approx(math.prod(numbers))
    assert report.geometric_mean([0.5, 2.0]) == pytest.approx(1)


def test_means_are_of_ratios_with_and_without_the_family_alone():
    table = cells(report.summary_table(record(mygrad=3.0)["layers"]))
    assert table[0] == ["", "all", "without 31x31", "dense", "31x31", "layers"]
    rows = {row[0]: row[1:] for row in table[2:]}
    assert rows["convlib"] == ["1.00", "2.00", "2.00", "0.50", "2"]  # 2 / 1 and 2 / 4
    assert rows["mygrad"] == ["3.00", "3.00", "3.00", "", "1"]


def test_a_layer_is_told_by_time_memory_and_part_of_the_roofline():
    made = record()
    _, _, one, two = cells(report.layer_table(made["layers"], made["rates"]))
    # 5 million MACs at 20 GFLOP/s and 1 MB at 10 GB/s: 0.5 ms and 0.1 ms at best
    wanted = ["1.00", "2.00", "1.00", "1.0", "**5.0**", "4.0", "0.50", "0.25", "0.50"]
    assert one == ["one", *wanted]
    assert two[1:4] == ["4.00", "0.50", "1.00"]
    slower = {"matmul": 20.0, "copy": 1.0}  # 1 ms to copy
    assert cells(report.layer_table(made["layers"], slower))[2][7:] == ["1.00", "0.50", "1.00"]


def test_the_report_says_when_where_and_with_what():
    said = report.circumstances(record())
    for fact in ("2000-01-01", "a processor", "python 3.0", "convlib 1.0", "one thread", "2%"):
        assert fact in said


def test_a_record_is_kept_beside_others_and_the_report_follows(tmp_path):
    report.save("float32, 1", record(), tmp_path)
    report.save("float32, 2", {**record(), "threads": 2}, tmp_path)
    found = json.loads((tmp_path / "bench.json").read_text())
    assert list(found) == ["float32, 1", "float32, 2"]
    written = (tmp_path / "bench.md").read_text()
    assert written == report.markdown(found)
    assert "CPU time, one thread" in written
    assert "wall time, 2 threads" in written
    assert (tmp_path / "bench.png").stat().st_size > 10_000


def test_the_same_json_gives_the_same_report_however_it_is_ordered():
    found = {"float64, 1": {**record(), "dtype": "float64"}, "float32, 1": record()}
    turned = dict(reversed(json.loads(json.dumps(found)).items()))
    assert report.markdown(found) == report.markdown(turned)


def test_the_committed_report_is_made_from_the_committed_json():
    found = json.loads(COMMITTED.read_text())
    assert (report.FOLDER / "bench.md").read_text() == report.markdown(found)
    text = report.README.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1
    assert text == report.readme(text, found)
    assert {"float32, 1", "float32, 2", "float64, 1", "scaling"} <= set(found)
    names = [layer.name for layer in SUITE]
    for kind, record in found.items():
        if kind != "scaling":
            assert [layer["name"] for layer in record["layers"]] == names
    for picture in ("bench.png", "scaling.png"):
        assert (report.FOLDER / picture).stat().st_size < 160_000


def test_readme_keeps_all_but_what_stands_between_the_marks():
    text = f"above\n{report.BEGIN}\nold\n{report.END}\nbelow\n"
    made = report.readme(text, {"float32, 1": record()})
    assert made.startswith("above\n")
    assert made.endswith("\nbelow\n")
    assert "old" not in made
    assert "| convlib " in made
    assert "2000-01-01" in made


def test_what_the_benchmark_needs_beside_is_pinned_and_says_why():
    path = report.FOLDER.parents[1] / "tools" / "bench" / "requirements.txt"
    lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
    assert [line.split("==")[0] for line in lines] == ["onnxruntime", "mygrad", "tqdm"]
    assert all(len(line.partition("#")[2]) > 10 for line in lines)
