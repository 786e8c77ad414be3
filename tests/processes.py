"""Code that must run in a process of its own, because it depends on what was imported before."""

import subprocess
import sys


def printed_by(code):
    """Run code in a new process, and return what it prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
