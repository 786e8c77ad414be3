"""Build a Jupyter book for the tests that read its pages."""

import os
import subprocess
import sys
from pathlib import Path

LINES, WIDTH = 20, 300  # of a failed build's output that a test shows


def build(source, folder, **environment):
    """Build the book of `source` into `folder/_build/html`, with every warning an error.

    Returns the end of the builder's output if that failed, else an empty string.
    """
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "-W", "-n", "--all"]
    command += ["--keep-going", "--quiet", "--path-output", folder, "."]
    done = subprocess.run(
        command,
        cwd=source,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ending(done.stdout) if done.returncode else ""


def ending(output):
    """Return the last non-blank lines of a builder's output, each shortened."""
    lines = [line for line in output.splitlines() if line.strip()]
    return "\n".join(line[:WIDTH] for line in lines[-LINES:])
