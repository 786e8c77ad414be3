"""Compiled loops: used where numba is installed and not switched off, and equal to NumPy's."""

import hashlib
import itertools
import json
import math
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest
from against_torch import LAYOUTS, broadcast, integers

import convlib
from convlib import core
from convlib.engines import (
    compiled,
    direct,
    einsum,
    explain,
    loops,
    rows,
    threads,
    vectors,
    weights,
)
from convlib.engines.workspace import Workspace
from convlib.spec import ConvSpec

IMAGE = np.random.default_rng(0).integers(-9, 10, (2, 32, 40, 41)).astype(np.float32)
KERNELS = np.random.default_rng(1).integers(-9, 10, (32, 1, 3, 3)).astype(np.float32)
DEPTHWISE = {"stride": 2, "padding": 1, "groups": 32}
GRID = list(
    itertools.product(
        (
            ((9, 10), (3, 3)),
            ((14, 5), (5, 2)),
            ((19, 1), (3, 1)),
            ((4, 6, 7), (2, 3, 4)),
        ),  # sizes, kernels
        (1, 2, 3),  # stride
        (0, ((2, 1), (0, 3), (1, 1))),  # padding
        (1, 2),  # dilation
        ((1, 1), (1, 3), (2, 2), (3, 11)),  # input and output channels of a group
    )
)


@pytest.fixture(autouse=True)
def with_numba(numba_switch):
    """Use numba, whatever the environment says."""
    numba_switch(True)


def specs(itemsize):
    """Yield specs of three groups."""
    for (size, kernel), stride, padding, dilation, (read, given) in GRID:
        pairs = padding[: len(size)] if padding else 0
        reach = [(k - 1) * dilation + 1 for k in kernel]
        if padding == 0 and any(r > n for r, n in zip(reach, size, strict=True)):
            continue
        shapes = (2, 3 * read, *size), (3 * given, read, *kernel)
        yield ConvSpec.of(*shapes, stride, pairs, dilation, 3, itemsize)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("least", [1, direct.LEAST])
@pytest.mark.parametrize("tile", [1, 1000, direct.TILE])
def test_tiles_of_every_size_give_the_bits_of_the_definition(monkeypatch, dtype, tile, least):
    monkeypatch.setattr(direct, "TILE", tile)
    monkeypatch.setattr(direct, "SUMS", 1)
    monkeypatch.setattr(direct, "LEAST", least)
    direct.layout.cache_clear()
    for spec in specs(np.dtype(dtype).itemsize):
        x, w, y, b = (
            integers(shape, dtype, seed)
            for seed, shape in enumerate(
                (spec.input_shape, spec.weight_shape, spec.output_shape, (spec.out_channels,))
            )
        )
        result = direct.compute(x, w, b, spec)
        assert np.array_equal(result, einsum.compute(x, w, b, spec))
        gradient = direct.weight_gradient(x, y, spec)
        assert np.array_equal(gradient, weights.by_definition(x, y, spec))
    direct.layout.cache_clear()


class Guarded(Workspace):
    """Scratch memory with NaN before, between and behind its arrays."""

    def arrays(self, dtype, *shapes):
        """Cut arrays out of longer ones."""
        self.around = [np.full(math.prod(shape) + 64, np.nan, dtype) for shape in shapes]
        pairs = zip(self.around, shapes, strict=True)
        return [array[32:-32].reshape(shape) for array, shape in pairs]

    def __exit__(self, *error):
        """Check that nothing was written around the arrays."""
        assert all(np.isnan([*array[:32], *array[-32:]]).all() for array in self.around)


def test_the_loops_write_to_their_scratch_memory_only_and_use_nothing_that_was_in_it(monkeypatch):
    monkeypatch.setattr(direct, "Workspace", Guarded)
    for spec in specs(4):
        x, w, y = (
            integers(shape, "float32", seed)
            for seed, shape in enumerate((spec.input_shape, spec.weight_shape, spec.output_shape))
        )
        assert np.array_equal(direct.compute(x, w, None, spec), einsum.compute(x, w, None, spec))
        gradient = direct.weight_gradient(x, y, spec)
        assert np.array_equal(gradient, weights.by_definition(x, y, spec))


@pytest.mark.parametrize("count", [2, 3, 7])
def test_threads_share_the_work_and_give_the_same_bits(monkeypatch, count):
    monkeypatch.setattr(threads, "available", lambda: count)
    monkeypatch.setattr(threads, "_pool", lambda: pool)
    for name, value in {"PART": 1, "SUMS": 1, "LEAST": 20}.items():
        monkeypatch.setattr(direct, name, value)
    direct.layout.cache_clear()
    dense = ConvSpec.of((1, 3, 9, 10), (33, 3, 3, 3), padding=1, itemsize=4)
    with ThreadPoolExecutor(count) as pool:
        for spec in (*specs(4), dense):
            x, w, b = (
                integers(shape, "float32", seed)
                for seed, shape in enumerate(
                    (spec.input_shape, spec.weight_shape, (spec.out_channels,))
                )
            )
            result = direct.compute(x, w, b, spec)
            assert np.array_equal(result, einsum.compute(x, w, b, spec))
    direct.layout.cache_clear()


@pytest.mark.parametrize("rows", [1, 3, 40])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 64])
def test_parts_are_all_of_the_work_once_and_about_as_many_as_asked_for(count, rows):
    for batch, groups, channels in ((1, 1, 8), (1, 1, 33), (2, 3, 12), (5, 1, 1)):
        shapes = (batch, channels, 40, 9), (channels, channels // groups, 3, 3)
        spec = ConvSpec.of(*shapes, 1, 1, 1, groups)
        done = np.zeros((batch * groups, 40, spec.group_outputs), int)
        parts = direct.split(spec, rows, count)
        for group, group_end, row, row_end, kernel, kernel_end in parts:
            part = done[group:group_end, row:row_end, kernel:kernel_end]
            part += 1
            assert part.size
            assert row % rows == kernel % direct.block(spec.group_outputs) == 0
        assert (done == 1).all()
        assert len(parts) <= max(1, count)
        assert count != 2 or rows == 40 or len(parts) == 2


@pytest.mark.parametrize(
    ("text", "expected"), [("1", 1), ("99999", None), ("0", None), ("x", None)]
)
def test_the_environment_limits_the_threads(monkeypatch, text, expected):
    monkeypatch.delenv(threads.LIMIT, raising=False)
    everything = threads.available.__wrapped__()
    monkeypatch.setenv(threads.LIMIT, text)
    assert threads.available.__wrapped__() == (expected or everything)


OTHER_VECTORS = """
import numpy as np
from convlib.engines import compiled, direct, einsum, vectors
from convlib.spec import ConvSpec
for outputs in (1, 7):
    spec = ConvSpec.of((1, 6, 19, 20), (2 * outputs, 3, 3, 4), stride=2, groups=2)
    shapes = spec.input_shape, spec.weight_shape, (spec.out_channels,)
    arrays = [np.arange(np.prod(shape), dtype=np.float32).reshape(shape) % 19 for shape in shapes]
    assert np.array_equal(direct.compute(*arrays, spec), einsum.compute(*arrays, spec))
assert compiled.available()
print(vectors.BYTES)
"""


@pytest.mark.parametrize(("features", "size"), [("", 16), ("+avx,+avx2,+fma", 32)])
def test_processors_with_shorter_vectors_give_the_same_bits(features, size):
    environment = {**os.environ, compiled.SWITCH: "1", "NUMBA_CPU_FEATURES": features}
    command = [sys.executable, "-c", OTHER_VECTORS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{size}\n"


def test_a_change_of_the_vectors_changes_the_file_whose_functions_numba_keeps():
    source = Path(vectors.__file__).read_bytes().replace(b"\r\n", b"\n")
    digest = hashlib.sha256(source).hexdigest()[:8]
    assert digest == loops.VECTORS, f'write VECTORS = "{digest}" in {loops.__file__}'


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_gradients_of_the_weight_are_read_in_every_layout(layout):
    image = IMAGE[..., :9, :10]
    spec = ConvSpec.of(image.shape, KERNELS.shape, **DEPTHWISE)
    grads = integers(spec.output_shape, "float32", 3)
    given = layout(image), layout(grads)
    kept = tuple(array.copy() for array in given)
    expected = weights.by_definition(*kept, spec)
    assert np.array_equal(direct.weight_gradient(*given, spec), expected)
    assert all(map(np.array_equal, given, kept))


@pytest.fixture
def calls(monkeypatch):
    """Note the names of the loops that are called."""
    names = []
    call = compiled.call

    def noting(name, *arguments):
        names.append(name)
        return call(name, *arguments)

    monkeypatch.setattr(compiled, "call", noting)
    return names


def everything():
    """Compute a depthwise layer, and its gradients."""
    grads = np.ones((2, 32, 20, 21), np.float32)
    return (
        convlib.conv2d(IMAGE, KERNELS, **DEPTHWISE),
        convlib.conv2d_input(IMAGE.shape, KERNELS, grads, **DEPTHWISE),
        convlib.conv2d_weight(IMAGE, KERNELS.shape, grads, **DEPTHWISE),
    )


def test_the_switch_decides_who_computes_and_the_results_are_equal(calls, numba_switch):
    with_numba = everything()
    assert {*calls} == {"convolve", "weight_gradient"}
    assert explain(IMAGE, KERNELS, **DEPTHWISE).engine == "direct"
    calls.clear()
    numba_switch(False)
    without = everything()
    assert not calls
    explanation = explain(IMAGE, KERNELS, **DEPTHWISE)
    assert explanation.notes["direct"].startswith("needs numba, ")
    assert explanation.costs["direct"] == math.inf
    assert all(map(np.array_equal, with_numba, without))


def test_without_numba_nothing_changes_but_the_engine(monkeypatch, calls):
    expected = everything()
    calls.clear()
    monkeypatch.setattr(compiled, "_installed", lambda: False)
    convlib.functional._plans.clear()
    convlib.compute.fastest.cache_clear()
    assert all(map(np.array_equal, everything(), expected))
    assert not calls


@pytest.mark.parametrize(
    "error", [numba.core.errors.TypingError("no type"), ImportError("NumPy 3"), OSError("full")]
)
def test_what_cannot_be_compiled_is_computed_by_numpy_after_one_warning(monkeypatch, error):
    expected = everything()

    def failing(*arguments):
        raise error

    monkeypatch.setattr(compiled, "_failures", [])
    monkeypatch.setattr(loops, "convolve", failing)
    with pytest.warns(RuntimeWarning, match="^numba cannot compile convlib's loops, NumPy") as seen:
        assert all(map(np.array_equal, everything(), expected))
    assert len(seen) == 1
    assert str(error) in str(seen[0].message)
    assert not compiled.available()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(map(np.array_equal, everything(), expected))


@pytest.mark.parametrize("most", [1, 10_000, direct.COPIED])
def test_other_layouts_are_copied_band_by_band_and_not_compiled_again(monkeypatch, most):
    monkeypatch.setattr(direct, "COPIED", most)
    spec = ConvSpec.of(IMAGE.shape, KERNELS.shape, **DEPTHWISE)
    grads = np.random.default_rng(3).integers(-9, 10, spec.output_shape).astype(np.float32)
    bias = np.arange(32, dtype=np.float32)
    expected = direct.compute(IMAGE, KERNELS, bias, spec)
    gradient = direct.weight_gradient(IMAGE, grads, spec)
    known = [len(loop.signatures) for loop in (loops.convolve, loops.weight_gradient)]
    for layout in LAYOUTS:
        if layout is not broadcast:
            given = map(layout, (IMAGE, KERNELS, bias))
            assert np.array_equal(direct.compute(*given, spec), expected)
            result = direct.weight_gradient(layout(IMAGE), layout(grads), spec)
            assert np.array_equal(result, gradient)
    assert [len(loop.signatures) for loop in (loops.convolve, loops.weight_gradient)] == known


def test_gradients_of_layers_with_many_channels_are_left_to_matrix_products(calls):
    image, grads = np.ones((1, 64, 30, 30), np.float32), np.ones((1, 64, 28, 28), np.float32)
    gradient = convlib.conv2d_weight(image, (64, 64, 3, 3), grads)
    assert (gradient == 28 * 28).all()
    assert not calls


def test_taps_so_far_apart_that_each_tile_copies_most_of_a_plane_are_left_to_others():
    far = ConvSpec.of((1, 3, 1000, 1000), (8, 3, 3, 3), padding=300, dilation=300)
    near = ConvSpec.of((1, 3, 1000, 1000), (8, 3, 3, 3), padding=1)
    assert direct.cost(near) < rows.ENGINE.cost(near)
    assert direct.cost(far) > rows.ENGINE.cost(far)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_infinity_and_nan_reach_the_taps_of_the_gradient_that_read_them(calls, value):
    image = IMAGE.copy()
    image[0, 3, 5, 0] = value  # without padding, the taps of the first column read it
    grads = np.ones((2, 32, 38, 39), np.float32)
    with np.errstate(invalid="ignore"):
        gradient = convlib.conv2d_weight(image, KERNELS.shape, grads, groups=32)
    assert "weight_gradient" in calls
    assert np.argwhere(~np.isfinite(gradient)).tolist() == [[3, 0, i, 0] for i in range(3)]


def test_sums_of_many_terms_stay_within_the_bound():
    rng = np.random.default_rng(2)
    spec = ConvSpec.of((1, 2, 90, 70), (4, 1, 7, 7), padding=3, groups=2)
    x, w, y = (
        rng.normal(size=shape).astype(np.float32)
        for shape in (spec.input_shape, spec.weight_shape, spec.output_shape)
    )
    x[0, 0, 40, 40] = 1e8
    rest = spec.stride, spec.padding, spec.dilation, spec.groups
    wide = [array.astype(np.longdouble) for array in (x, w, y)]
    for result, define, terms in (
        (direct.compute(x, w, None, spec), lambda x, w, y: core.convolve(x, w, None, *rest), 49),
        (
            direct.weight_gradient(x, y, spec),
            lambda x, w, y: core.weight_gradient(x, w.shape, y, *rest),
            90 * 70,
        ),
    ):
        exact, bound = define(*wide), define(*map(np.abs, wide))
        assert (abs(result - exact) <= (terms + 8) * np.finfo(np.float32).eps * bound).all()


def test_a_memory_mapped_image_that_may_not_be_written_is_read(tmp_path):
    np.save(tmp_path / "image.npy", IMAGE)
    mapped = np.load(tmp_path / "image.npy", mmap_mode="r")
    expected = convlib.conv2d(IMAGE, KERNELS, **DEPTHWISE)
    assert np.array_equal(convlib.conv2d(mapped, KERNELS, **DEPTHWISE), expected)


@pytest.mark.parametrize(("value", "expected"), [("0", "False"), ("1", "True"), (None, "True")])
def test_the_environment_switches_numba_off(value, expected):
    environment = {key: text for key, text in os.environ.items() if key != compiled.SWITCH}
    environment |= {} if value is None else {compiled.SWITCH: value}
    command = "from convlib.engines import compiled; print(compiled.available())"
    done = subprocess.run(
        [sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{expected}\n"


ANOTHER_PROCESS = """
import json, sys
import numpy as np
import convlib
before = sorted(name for name in sys.modules if name.split(".")[0] in ("numba", "llvmlite"))
convlib.conv2d(np.ones((1, 1, 5, 5)), np.ones((1, 1, 2, 2)))
small = "numba" in sys.modules
image = np.ones((1, 32, 64, 64), np.float32)
convlib.conv2d(image, np.ones((32, 1, 3, 3), np.float32), groups=32)
from convlib.engines import loops
stats = loops.convolve.stats
hits, misses = (sum(count.values()) for count in (stats.cache_hits, stats.cache_misses))
print(json.dumps([before, small, hits, misses]))
"""


def test_numba_is_imported_when_needed_and_a_second_process_compiles_nothing(tmp_path):
    environment = {**os.environ, compiled.SWITCH: "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", ANOTHER_PROCESS]
    results = []
    for _ in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        results.append(json.loads(done.stdout))
    assert results == [[[], False, 0, 1], [[], False, 1, 0]]
