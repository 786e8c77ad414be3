"""Measure convlib beside other libraries: ``python -m tools.bench --help``.

One thread and CPU time, or several threads and wall time.
"""

import argparse
import sys
import time

EPILOG = """
Without options: 30 layers of conv2d in float32 on one thread. A record that is saved replaces the
one of the same kind (suite, dtype, threads) and the same width of vectors; those of other
processors stay. --all measures nine kinds: conv2d and the other functions, each in float32 and
float64 on one and two threads, and how time grows. That takes 23 minutes on two cores.
"""
RUNS = [
    *(
        (suite, dtype, threads)
        for suite in ("conv2d", "functions")
        for dtype in ("float32", "float64")
        for threads in (1, 2)
    ),
    ("scaling", "float32", 1),
]


def options(arguments=None):
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        "python -m tools.bench", description=__doc__.splitlines()[0], epilog=EPILOG
    )
    add = parser.add_argument
    add("words", nargs="*", help="only layers with one of these in their name")
    add("--dtype", choices=("float32", "float64"), help="float32 by default")
    add("--threads", type=int, help="1 by default; more than one: wall time")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--functions",
        action="store_const",
        const="functions",
        dest="suite",
        help="gradients, other axes, other dtypes and so on, instead of conv2d",
    )
    which.add_argument(
        "--scaling", action="store_const", const="scaling", dest="suite", help="how time grows"
    )
    which.add_argument("--all", action="store_true", help="all kinds of records, one by one")
    which.add_argument("--separable", action="store_true", help="a separable layer; saves")
    which.add_argument("--large", action="store_true", help="tiles of large images; saves")
    which.add_argument("--report", action="store_true", help="write the report, measure nothing")
    add("--quick", action="store_true", help="three rounds, no memory")
    add("--save", action="store_true", help="keep in bench.json, write the report")
    chosen = parser.parse_args(arguments)
    if chosen.all and (chosen.dtype or chosen.threads):
        parser.error("--all has its own dtypes and threads")
    if chosen.save and (chosen.quick or chosen.words):
        parser.error("--save needs the whole suite, not a quick or partial run")
    chosen.suite = chosen.suite or "conv2d"
    chosen.dtype = chosen.dtype or "float32"
    chosen.threads = 1 if chosen.threads is None else chosen.threads
    if chosen.threads < 1:
        parser.error("--threads must be at least 1")
    return chosen


def main(chosen):
    """Measure, print, save."""
    # Imported here because each worker process imports this file before it sets its threads.
    from tools.bench import large, report, separable

    if chosen.report:
        report.write()
        for other in (separable, large):
            report.write_table(other.NAME, other.table)
        return
    for other, asked in ((large, chosen.large), (separable, chosen.separable)):
        if asked:
            report.save_record(other.NAME, other.measure(), other.table)
            return
    start = time.perf_counter()
    runs = RUNS if chosen.all else [(chosen.suite, chosen.dtype, chosen.threads)]
    for run in runs:
        measure_one(*run, chosen)
    print(f"\n{(time.perf_counter() - start) / 60:.1f} minutes.")


def measure_one(suite, dtype, threads, chosen):
    """Measure and print one kind of record, and save it if asked."""
    from tools.bench import measure, report, tables
    from tools.bench.suite import layers_of

    kind = f"{dtype}, {threads}"
    if suite == "scaling":
        kind, record = suite, measure.scaling(dtype, threads, chosen.quick)
    else:
        kind = kind if suite == "conv2d" else f"{suite}, {kind}"
        words = chosen.words or [""]
        layers = [
            layer for layer in layers_of(suite, dtype) if any(word in layer.name for word in words)
        ]
        if not layers and not chosen.all:
            sys.exit(f"no layer has {' or '.join(words)} in its name")
        if not layers:
            return
        record = measure.record(suite, layers, dtype, threads, chosen.quick)
    print("\n" + tables.section(record), flush=True)
    if chosen.save:
        report.save(kind, record)


if __name__ == "__main__":
    main(options())
