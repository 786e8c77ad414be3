"""Run the doctests of README and of the installed convlib, without pytest.

``python -I tools/examples.py README.md``, in an environment with convlib and NumPy only.
Modules that need an optional package are skipped where it is missing. Prints a line for each name
with examples; exits with the number of failures.
"""

import doctest
import importlib
import importlib.util
import pkgutil
import sys

import numpy as np

import convlib

OPTIONAL = "matplotlib", "numba", "onnx", "torch"


def modules():
    """Import all modules of convlib except those whose dependency is missing."""
    yield convlib
    for info in pkgutil.walk_packages(convlib.__path__, "convlib."):
        try:
            yield importlib.import_module(info.name)
        except ModuleNotFoundError as error:
            if error.name not in OPTIONAL:
                raise


def find_examples():
    """Yield the doctests of all functions and classes, decorated ones too."""
    finder = doctest.DocTestFinder()
    for module in modules():
        names = {"np": np, **vars(module)}
        for name, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", None) == module.__name__:
                tests = finder.find(value, f"{module.__name__}.{name}", False, names)
                yield from (test for test in tests if test.examples and not missing(test))


def missing(test):
    """List the optional packages that an example imports and this environment does not have."""
    code = "".join(example.source for example in test.examples)
    absent = [name for name in OPTIONAL if importlib.util.find_spec(name) is None]
    return [name for name in absent if f"import {name}" in code or f"from {name}" in code]


def main(readme):
    """Run README, then each docstring in the namespace of its module; return the failures."""
    result = doctest.testfile(readme, module_relative=False)
    print("README", result.attempted)
    failed = result.failed
    runner = doctest.DocTestRunner()
    for test in find_examples():
        result = runner.run(test)
        print(test.name, result.attempted)
        failed += result.failed
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
