"""The book as readers get it, built once for each worker that asks for pages."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_ignore_collect(collection_path, config):
    """Leave alone what needs a browser and selenium, unless `-m browser` asks for it."""
    unasked = "not browser" in config.option.markexpr
    return True if unasked and collection_path == ROOT / "tests" / "browser" else None


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Build the book as `make book` does, with every warning an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "-n", "--all"]
    command += ["--keep-going", "--path-output", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "_build" / "html"
