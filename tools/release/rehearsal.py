"""A rehearsal of a release on this machine: everything but publishing."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.release import changelog, files

PYTEST = [sys.executable, "-m", "pytest", "-q", "-m"]


def check_version():
    """Check the version as the workflow checks the tag; a rehearsal can precede the last edits."""
    tag = f"v{changelog.version()}"
    try:
        changelog.check(tag)
    except changelog.NotReadyError as reason:
        print(f"  {tag} cannot be released yet: {reason}")


def steps(folder):
    """Yield the name of each step, and a function that takes it and raises if it fails."""
    wheel = f"{folder}/dist/convlib-{changelog.version()}-py3-none-any.whl"

    def run(*command):
        environment = os.environ | {"CONVLIB_WHEEL": wheel}
        return lambda: subprocess.run(command, check=True, cwd=files.ROOT, env=environment)

    yield "version, changelog and citation", check_version
    yield "source distribution and wheel", lambda: files.build(folder / "dist")
    twine = [sys.executable, "-m", "twine", "check", "--strict"]
    yield "metadata", lambda: run(*twine, *sorted((folder / "dist").iterdir()))()
    yield (
        "the wheel with the oldest and the newest NumPy",
        run(*PYTEST, "wheel", "tests/test_wheel.py"),
    )
    yield (
        "pages, zip, and a notebook of it in JupyterLab",
        run(*PYTEST, "rehearsal", "tests/browser/test_rehearsal.py"),
    )


def main():
    """Run all steps, and print how long each took; return 1 at the first that fails."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for name, step in steps(Path(folder)):
            print(f"{name} ...", flush=True)
            start = time.perf_counter()
            try:
                step()
            except (subprocess.CalledProcessError, RuntimeError) as error:
                print(f"failed: {name}\n{error}", file=sys.stderr)
                return 1
            print(f"  {time.perf_counter() - start:.0f} s", flush=True)
    print(f"The release was rehearsed in {time.perf_counter() - begin:.0f} s.")
    print("Not rehearsed: the tag, trusted publishing, and the release page with its files.")
    return 0
