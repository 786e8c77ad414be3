"""The book as readers get it, built once for all tests that read its pages."""

import itertools
import os
from pathlib import Path

import numpy as np
import pytest
from building import build
from filelock import FileLock

from convlib import backward, compute, functional
from convlib.engines import compiled, direct
from convlib.spec import ConvSpec

ROOT = Path(__file__).parents[1]
REPORTER = "test_the_book_builds"  # the one test that shows why a build failed


def pytest_ignore_collect(collection_path, config):
    """Leave alone what needs a browser and selenium, unless `-m browser` asks for it."""
    unasked = "not browser" in config.option.markexpr
    return True if unasked and collection_path == ROOT / "tests" / "browser" else None


@pytest.fixture
def numba_switch(monkeypatch):
    """Give a function that switches the use of numba on or off, and forgets earlier choices."""
    fastest = compute.fastest  # tests put others in its place

    def forget():
        functional._plans.clear()
        fastest.cache_clear()
        backward.fastest_way.cache_clear()

    def switch(on):
        monkeypatch.setattr(compiled, "enabled", on)
        forget()

    yield switch
    forget()


@pytest.fixture
def numpy_only(numba_switch):
    """Leave everything to NumPy, as where numba is not installed."""
    numba_switch(False)


@pytest.fixture(scope="session")
def loops_compiled():
    """Import numba and compile its loops now: it takes memory that no later call takes."""
    for kernels, dtype in itertools.product(direct.BLOCKS, (np.float32, np.float64)):
        spec = ConvSpec.of((1, 2, 9, 9), (kernels, 2, 3, 3))
        x, w, y = (
            np.ones(s, dtype) for s in (spec.input_shape, spec.weight_shape, spec.output_shape)
        )
        direct.compute(x, w, None, spec)
        direct.weight_gradient(x, y, spec)


@pytest.fixture(scope="session")
def book_build(tmp_path_factory, worker_id):
    """Build the book as `make book` does, once for all workers: its folder and its failure.

    CONVLIB_PAGES names a folder of pages that `make book` has just built; they are used instead.
    """
    if built := os.environ.get("CONVLIB_PAGES"):
        index = Path(built) / "index.html"
        return Path(built), "" if index.exists() else f"CONVLIB_PAGES: there is no {index}"
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent  # each worker has a folder of its own in there
    failure = shared / "site-failure.txt"
    with FileLock(shared / "site.lock"):
        if not failure.exists():
            failure.write_text(build(ROOT, shared / "site"))
    return shared / "site" / "_build" / "html", failure.read_text()


@pytest.fixture(scope="session")
def site(book_build, request):
    """Give the folder of the built pages.

    If the build failed, one test says why. Where it was selected, too, the run fails by it and all
    others are skipped; where it was not, they fail, in one line each.
    """
    folder, failure = book_build
    if failure:
        reported = any(item.name == REPORTER for item in request.session.items)
        message = f"the book did not build: see {REPORTER}"
        pytest.skip(message) if reported else pytest.fail(message, pytrace=False)
    return folder
