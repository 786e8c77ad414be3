"""The files of a release, built from a copy of the repository, so that nothing old gets in."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.release.changelog import ROOT

# What a copy leaves out: what earlier builds and tools have left behind.
IGNORED = shutil.ignore_patterns(
    ".*", "_build", "build", "dist", "node_modules", "*.egg-info", "__pycache__"
)


def copy_sources(folder, root=ROOT):
    """Copy the repository, without what was built in it; return the new folder."""
    return shutil.copytree(root, Path(folder) / "convlib", ignore=IGNORED)


def pinned():
    """Return this environment, in which pip builds with the versions of requirements.lock."""
    lock = str(ROOT / "requirements.lock")  # both names: pip 25.3 renamed the variable
    return os.environ | {"PIP_CONSTRAINT": lock, "PIP_BUILD_CONSTRAINT": lock}


def build(folder, root=ROOT):
    """Build the source distribution, and from it the wheel, into an empty folder.

    Returns their paths. Needs the package build.
    """
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if old := sorted(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: it has {old[0].name}")
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "build", "--outdir", folder, copy_sources(scratch, root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=pinned())
    if done.returncode:
        raise RuntimeError(f"the distributions do not build:\n{done.stdout}{done.stderr}")
    return sorted(folder.iterdir())
