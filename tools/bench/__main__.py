"""Measure convlib beside others: ``python -m tools.bench --help``.

One thread and CPU time, or two threads and wall time. The libraries read how many threads
they may use when they are imported, so they are imported after that is said.
"""

import argparse
import os
import sys


def options():
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m tools.bench", description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only layers with one of these in their name")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    parser.add_argument("--threads", type=int, default=1, help="more than one: wall time")
    parser.add_argument("--scaling", action="store_true", help="how time grows, instead")
    parser.add_argument("--quick", action="store_true", help="three rounds, no memory")
    parser.add_argument("--save", action="store_true", help="keep in bench.json, write the report")
    parser.add_argument("--report", action="store_true", help="write the report, measure nothing")
    given = parser.parse_args()
    if given.save and (given.quick or given.words):
        parser.error("--save wants the whole suite, not a quick or partial run")
    return given


def prepare(threads):
    """Say how many threads, and take away what would tune OpenBLAS."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    for tuning in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(tuning, None)


def main(given):
    """Measure, print, save."""
    prepare(given.threads)
    from tools.bench import report

    if given.report:
        report.write()
        return

    import torch

    from tools.bench import measure
    from tools.bench.suite import SUITE

    torch.set_num_threads(given.threads)
    how = given.dtype, given.threads, given.quick
    if given.scaling:
        kind, found = "scaling", measure.scaling(*how)
        print(report.scaling_table(found))
    else:
        words = given.words or [""]
        layers = [layer for layer in SUITE if any(word in layer.name for word in words)]
        if not layers:
            sys.exit(f"no layer has {' or '.join(words)} in its name")
        kind, found = f"{given.dtype}, {given.threads}", measure.record(layers, *how)
        print(report.section(found))
    if given.save:
        report.save(kind, found)


if __name__ == "__main__":
    main(options())
