"""Run the adapters and store their results."""

import sys
from importlib import import_module
from importlib.metadata import version

from tools.frameworks.store import read, record, write

ADAPTERS = ("keras", "tensorflow", "flax", "mlx", "onnx", "tflite", "scipy")


def run(name):
    """Run one adapter; returns the versions of its packages and its results by name."""
    adapter = import_module(f"tools.frameworks.adapters.{name}")
    results = {
        result: record(call, output, **arrays) for result, call, output, arrays in adapter.results()
    }
    versions = {package: version(package) for package in adapter.PACKAGES}
    print(f"{name}: {len(results)} results, {versions}")
    return {"versions": versions, "results": results}


def main(names):
    """Store the results of the named adapters; with no name, of all."""
    if unknown := set(names) - set(ADAPTERS):
        sys.exit(f"{', '.join(sorted(unknown))}: not one of {', '.join(ADAPTERS)}")
    stored = read() if names else {}
    write(stored | {name: run(name) for name in names or ADAPTERS})


if __name__ == "__main__":
    main(sys.argv[1:])
