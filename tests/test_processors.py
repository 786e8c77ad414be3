"""`make test-processors`: limits that are there, obeyed, and reported."""

import json
import os
import subprocess
import sys

import pytest

from tools import processors
from tools.processors import count_faults, environment, here, limits

MACHINE = here()
HERE = limits(*MACHINE)
PRINT_FEATURES = """
import json, os, numpy, torch
found = numpy.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
print(json.dumps([torch.backends.cpu.get_cpu_capability(), found, torch.get_num_threads()]))
"""


def test_a_processor_has_the_limits_up_to_its_own_level():
    unlimited = "no limit, without numba, threads: 2"
    old = list(limits("x86_64", "default", []))
    assert old == ["SSE4, threads: 1", unlimited]
    middle = list(limits("x86_64", "avx2", ["X86_V3"]))
    assert middle == ["SSE4, threads: 1", "AVX2, threads: 2", unlimited]
    newest = "x86_64", "avx512", ["X86_V3", "X86_V4", "AVX512_ICL", "AVX512_SPR"]
    assert list(limits(*newest)) == [*middle[:2], "AVX512, threads: 1", unlimited]
    assert list(limits("aarch64", "default", ["ASIMDHP"])) == [unlimited]


def test_numba_is_left_out_of_one_run_and_no_other():
    found = limits("x86_64", "avx2", ["X86_V3"])
    switched_off = [name for name, variables in found.items() if "CONVLIB_NUMBA" in variables]
    assert switched_off == ["no limit, without numba, threads: 2"]
    assert found[switched_off[0]]["CONVLIB_NUMBA"] == "0"


def test_numpy_gets_only_features_that_the_processor_has():
    found = limits("x86_64", "avx512", ["X86_V3", "X86_V4", "AVX512_ICL"])
    disabled = [variables.get("NPY_DISABLE_CPU_FEATURES") for variables in found.values()]
    assert disabled == ["X86_V3 X86_V4 AVX512_ICL", "X86_V4 AVX512_ICL", "AVX512_ICL", None]
    assert "NPY_DISABLE_CPU_FEATURES" not in limits("x86_64", "default", [])["SSE4, threads: 1"]


@pytest.mark.parametrize("name", HERE)
def test_numpy_and_torch_apply_a_limit_without_a_message(name):
    command = [sys.executable, "-W", "error", "-c", PRINT_FEATURES]
    settings = environment(HERE[name])
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    capability, features, threads = json.loads(done.stdout)
    level = name.partition(",")[0]
    if level in processors.LEVELS:
        word, kept, *_ = processors.LEVELS[level]
        assert capability.lower() == word
        assert features == kept
    assert threads == min(int(HERE[name]["OMP_NUM_THREADS"]), os.cpu_count())


def test_a_limit_does_not_inherit_another(monkeypatch):
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    assert here() == MACHINE
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert "ONEDNN_MAX_CPU_ISA" not in environment({})
    assert environment({"OMP_NUM_THREADS": "2"})["OMP_NUM_THREADS"] == "2"


def test_faults_of_torch_are_added_up_by_kind():
    line = "torch's fault: float16 {}, unlike float64: {}, as ({{}}, [(1, 2)])\n"
    printed = line.format("returns NaN", 1_200) + line.format("crashes", 3) + "other\n"
    printed += line.format("returns NaN", 5)
    assert count_faults(printed) == "float16 returns NaN 1,205 times, float16 crashes 3 times"
    assert count_faults("all passed") == "none"


CASES = """
import os

def test_one_thread():
    print("torch's fault: float16 crashes, unlike float64: 2, as x")
    assert os.environ["OMP_NUM_THREADS"] == "1"
"""


def test_a_limit_that_fails_is_named_and_fails_the_run(tmp_path, monkeypatch, capfd):
    (tmp_path / "test_threads.py").write_text(CASES)
    monkeypatch.setattr(processors, "LOGS", tmp_path / "logs")
    both = {f"threads: {count}": processors.with_threads(count) for count in (1, 2)}
    monkeypatch.setattr(processors, "limits", lambda *_: both)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # no plugin is needed, except for -n
    options = ["--rootdir", str(tmp_path), "-c", "/dev/null", "-p", "no:cacheprovider"]
    options += ["-p", "xdist", "-n", "0"]
    assert processors.main([str(tmp_path), *options]) == 1
    first, second, failed, log = capfd.readouterr().out.splitlines()
    assert first.startswith("threads: 1: 1 passed in ")
    assert first.endswith("torch's faults: float16 crashes 2 times")
    assert second.startswith("threads: 2: 1 failed in ")
    assert failed.startswith("FAILED ")
    assert "test_threads.py::test_one_thread" in failed
    assert log == f"in full: {tmp_path / 'logs' / 'threads-2.txt'}"
    monkeypatch.setattr(processors, "limits", lambda *_: {"threads: 1": both["threads: 1"]})
    assert processors.main([str(tmp_path), *options]) == 0
