"""Run the tests and notebooks as on other processors (CPU features limited), and with threads.

``python -m tools.processors`` sets what NumPy, torch and the libraries below them read from the
environment when they start, and runs pytest under each limit. Further arguments are pytest's.
"""

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).parents[1]
LOGS = ROOT / "_build" / "processors"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-rA", "-n", "auto", "--dist", "loadfile"]
ONE, SEVERAL = 1, 2  # threads; torch takes no more than there are cores
X86 = ("x86_64", "AMD64")
CAPABILITIES = ["default", "avx2", "avx512"]  # torch's names, lowest first
# x86: torch's name, NumPy's features, threads, names for oneDNN, MKL, OpenBLAS, features for numba
LEVELS = {
    "SSE4": ("default", [], ONE, ("SSE41", "SSE4_2", "Nehalem", "+sse4.2")),
    "AVX2": ("avx2", ["X86_V3"], SEVERAL, ("AVX2", "AVX2", "Haswell", "+avx2,+avx,+fma")),
    "AVX512": (
        "avx512",
        ["X86_V3", "X86_V4"],
        ONE,
        ("AVX512_CORE", "AVX512", "SkylakeX", "+avx512f,+avx512dq,+avx512vl,+avx2,+avx,+fma"),
    ),
}
TORCH, NUMPY = "ATEN_CPU_CAPABILITY", "NPY_DISABLE_CPU_FEATURES"
LIBRARIES = (
    "ONEDNN_MAX_CPU_ISA",
    "MKL_ENABLE_INSTRUCTIONS",
    "OPENBLAS_CORETYPE",
    "NUMBA_CPU_FEATURES",
)
NUMBA = "CONVLIB_NUMBA"
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


ASK = "import json; from tools import processors; print(json.dumps(processors.ask()))"


def ask():
    """Return the kind of machine, torch's word for it, and the features that NumPy found."""
    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return [platform.machine(), torch.backends.cpu.get_cpu_capability().lower(), features]


def here():
    """Ask both libraries where no limit is set: in a process of its own if this one has limits."""
    if environment({}) == os.environ:
        return ask()
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(command, env=environment({}), cwd=ROOT, capture_output=True, check=True)
    return json.loads(done.stdout)


def limits(machine, capability, features):
    """Return the environment variables of each limit that this processor supports, by name.

    The whole processor with one thread is left out: that is `make test`.
    """
    by_name = {}
    for level, (capability_name, kept, threads, names) in LEVELS.items() if machine in X86 else ():
        reached = CAPABILITIES.index(capability) >= CAPABILITIES.index(capability_name)
        if reached and set(kept) <= set(features):
            disabled = [feature for feature in features if feature not in kept]
            variables = {TORCH: capability_name, **dict(zip(LIBRARIES, names, strict=True))}
            # NumPy rejects an empty value, and features that the processor does not have
            variables |= {NUMPY: " ".join(disabled)} if disabled else {}
            by_name[f"{level}, threads: {threads}"] = variables | with_threads(threads)
    by_name[f"no limit, without numba, threads: {SEVERAL}"] = with_threads(SEVERAL) | {NUMBA: "0"}
    return by_name


def with_threads(count):
    """Return the variables that set a number of threads."""
    # the tests run side by side, so a thread that waits must not keep a core busy
    return dict.fromkeys(THREADS, str(count)) | {"OMP_WAIT_POLICY": "PASSIVE"}


def environment(variables):
    """Return this environment with the variables of a limit, and of no other."""
    limited = TORCH, NUMPY, NUMBA, *LIBRARIES, *THREADS
    kept = {k: v for k, v in os.environ.items() if k not in limited}
    return kept | variables


def count_faults(output):
    """Sum the counts of torch's faults that tests/against_torch.py has printed."""
    pattern = r"^torch's fault: (.+), unlike \w+: (\d+), as "
    counts = {}
    for kind, count in re.findall(pattern, output, re.MULTILINE):
        counts[kind] = counts.get(kind, 0) + int(count)
    return ", ".join(f"{kind} {count:,} times" for kind, count in counts.items()) or "none"


def run(name, variables, arguments):
    """Run pytest under a limit; print a line, and what failed; return whether all passed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / (re.sub(r"\W+", "-", name) + ".txt")
    with log.open("w") as file:
        command = [*PYTEST, *arguments]
        done = subprocess.run(command, env=environment(variables), stdout=file, check=False)
    output = log.read_text()
    last = output.splitlines()[-1] if output else "nothing printed"
    print(f"{name}: {last}; torch's faults: {count_faults(output)}", flush=True)
    if done.returncode:
        failed = re.findall("^(?:FAILED|ERROR) .+", output, re.MULTILINE)
        print(*failed, f"in full: {log}", sep="\n", flush=True)
    return done.returncode == 0


def main(arguments):
    """Run everything under each limit; return 1 if anything failed, else 0."""
    passed = [run(name, variables, arguments) for name, variables in limits(*here()).items()]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
