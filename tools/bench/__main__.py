"""Measure convlib beside other libraries: ``python -m tools.bench --help``.

One thread and CPU time, or several threads and wall time.
"""

import argparse
import sys


def options(arguments=None):
    """Parse the command line."""
    parser = argparse.ArgumentParser("python -m tools.bench", description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only layers with one of these in their name")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    parser.add_argument("--threads", type=int, default=1, help="more than one: wall time")
    parser.add_argument("--scaling", action="store_true", help="how time grows, instead")
    parser.add_argument(
        "--separable", action="store_true", help="a separable layer, instead; saves"
    )
    parser.add_argument(
        "--large", action="store_true", help="tiles of large images, instead; saves"
    )
    parser.add_argument("--quick", action="store_true", help="three rounds, no memory")
    parser.add_argument("--save", action="store_true", help="keep in bench.json, write the report")
    parser.add_argument("--report", action="store_true", help="write the report, measure nothing")
    chosen = parser.parse_args(arguments)
    if chosen.threads < 1:
        parser.error("--threads must be at least 1")
    if chosen.save and (chosen.quick or chosen.words):
        parser.error("--save needs the whole suite, not a quick or partial run")
    return chosen


def main(chosen):
    """Measure, print, save."""
    # Imported here because each worker process imports this file before it sets its threads.
    from tools.bench import large, measure, report, separable
    from tools.bench.suite import SUITE

    if chosen.report:
        report.write()
        for other in (separable, large):
            report.write_table(other.NAME, other.table)
        return
    if chosen.large:
        report.save_record(large.NAME, large.measure(), large.table)
        return
    if chosen.separable:
        report.save_record(separable.NAME, separable.measure(), separable.table)
        return

    settings = chosen.dtype, chosen.threads, chosen.quick
    if chosen.scaling:
        kind, record = "scaling", measure.scaling(*settings)
        print(report.scaling_table(record))
    else:
        words = chosen.words or [""]
        layers = [layer for layer in SUITE if any(word in layer.name for word in words)]
        if not layers:
            sys.exit(f"no layer has {' or '.join(words)} in its name")
        kind = f"{chosen.dtype}, {chosen.threads}"
        record = measure.record(layers, *settings)
        print(report.section(record))
    if chosen.save:
        report.save(kind, record)


if __name__ == "__main__":
    main(options())
