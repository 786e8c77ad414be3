"""Run every example of README and of the convlib that is installed, without pytest.

python -I tools/examples.py README.md, in an environment where only NumPy stands beside
convlib. What needs matplotlib is left out where there is none. Prints a line for each
name with examples; exits with the number of failures.
"""

import doctest
import importlib
import pkgutil
import sys

import numpy as np

import convlib


def modules():
    """Import all of convlib, as far as it can be."""
    yield convlib
    for found in pkgutil.walk_packages(convlib.__path__, "convlib."):
        try:
            yield importlib.import_module(found.name)
        except ModuleNotFoundError as missing:
            if missing.name != "matplotlib":
                raise


def documented():
    """Find the functions and classes that have examples, decorated ones too."""
    finder = doctest.DocTestFinder()
    for module in modules():
        names = {"np": np, **vars(module)}
        for name, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", None) == module.__name__:
                found = finder.find(value, f"{module.__name__}.{name}", False, names)
                yield from (test for test in found if test.examples)


def main(readme):
    """Try README, then each docstring in the names of its module."""
    result = doctest.testfile(readme, module_relative=False)
    print("README", result.attempted)
    failed = result.failed
    runner = doctest.DocTestRunner()
    for test in documented():
        result = runner.run(test)
        print(test.name, result.attempted)
        failed += result.failed
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
