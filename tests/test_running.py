"""How the tests run: in a random order, notebooks from top to bottom; a broken book fails once."""

import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


WITHOUT_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def run_pytest(folder, *options, **environment):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    inherited = {k: v for k, v in os.environ.items() if k != "CONVLIB_PAGES"}
    environment = inherited | environment
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def collected():
    """List the items of two notebooks and two files of tests by two seeds, as `file::name`."""

    def collect(seed):
        files = ["book/window.ipynb", "book/stride.ipynb"]
        files += ["tests/test_window.py", "convlib/geometry.py"]
        options = ["--collect-only", "-q", f"--random-order-seed={seed}"]
        options += ["-p", "nbval.plugin", "-p", "random_order.plugin"]
        done = run_pytest(ROOT, *options, *files, **WITHOUT_PLUGINS)
        assert done.returncode == 0, done.stdout + done.stderr
        return re.findall(r"^(\S+)::(.+)$", done.stdout, re.MULTILINE)

    return [collect(seed) for seed in (1, 2)]


def test_the_order_is_random_unless_asked_otherwise(pytestconfig):
    assert "--random-order" in pytestconfig.getini("addopts")


def test_another_seed_gives_another_order_of_the_same_tests(collected):
    one, other = collected
    assert sorted(one) == sorted(other)
    for file in ("tests/test_window.py", "convlib/geometry.py"):
        orders = [[name for path, name in items if path == file] for items in collected]
        assert len(orders[0]) > 3
        assert orders[0] != orders[1]


def test_the_cells_of_a_notebook_follow_one_another_in_every_order(collected):
    for items in collected:
        runs = [
            (path, len(list(run))) for path, run in itertools.groupby(path for path, _ in items)
        ]
        assert len(runs) == 4, "the tests of a file belong together"
        for path in ("book/window.ipynb", "book/stride.ipynb"):
            cells = [name for where, name in items if where == path]
            assert len(cells) > 5
            assert cells == [f"Cell {number}" for number in range(len(cells))]


BROKEN = """
from pathlib import Path

def build(source, folder, **environment):
    with (Path(source) / "builds").open("a") as log:
        log.write("built\\n")
    return "WARNING: a backtick too many"
"""
READS = """
import pytest

@pytest.mark.parametrize("page", range(4))
def test_reads(site, page):
    assert site.exists()
"""
REPORTS = """
import pytest

def test_the_book_builds(book_build):
    _, failure = book_build
    if failure:
        pytest.fail(failure, pytrace=False)
"""


@pytest.fixture
def broken_book(tmp_path):
    """Create a folder of tests, with the fixtures of this one, whose book never builds."""
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    files = {"building": BROKEN, "test_one": READS, "test_other": READS + REPORTS}
    for name, text in files.items():
        (tmp_path / "tests" / f"{name}.py").write_text(text)
    return tmp_path


def test_a_broken_book_is_built_once_and_fails_once(broken_book):
    done = run_pytest(broken_book, "-p", "xdist", "-n", "2", "--dist=loadfile", **WITHOUT_PLUGINS)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 failed, 8 skipped" in done.stdout
    assert done.stdout.count("a backtick too many") < 3
    assert (broken_book / "builds").read_text() == "built\n"


def test_without_the_test_that_reports_it_each_test_of_a_broken_book_is_an_error(broken_book):
    done = run_pytest(broken_book, "-p", "xdist", "-k", "test_reads", **WITHOUT_PLUGINS)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "8 errors" in done.stdout
    errors = re.findall("^the book did not build: see test_the_book_builds$", done.stdout, re.M)
    assert len(errors) == 8
    assert "backtick" not in done.stdout


def test_pages_that_were_just_built_are_not_built_again(broken_book):
    (broken_book / "index.html").touch()
    pages = {"CONVLIB_PAGES": str(broken_book), **WITHOUT_PLUGINS}
    done = run_pytest(broken_book, "-p", "xdist", **pages)
    assert "9 passed" in done.stdout
    assert not (broken_book / "builds").exists()


def test_pages_that_were_not_built_fail(broken_book):
    pages = {"CONVLIB_PAGES": str(broken_book / "no"), **WITHOUT_PLUGINS}
    done = run_pytest(broken_book, "-p", "xdist", **pages)
    assert "1 failed, 8 skipped" in done.stdout
    assert "CONVLIB_PAGES: there is no" in done.stdout
