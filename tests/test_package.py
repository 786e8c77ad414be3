"""The house: what imports what, what README promises, one place for each fact."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import convlib

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "convlib"

# A module may import those before it, never one behind it.
ORDER = [
    "checks",
    "precision",
    "geometry",
    "problem",
    "window",
    "padding",
    "groups",
    "engines",
    "functional",
    "layers",
    "separable",
    "gradients",
    "transposed",
    "networks",
    "explorer",
    "zoo",
    "diagrams",
    "exercises",
]


def imported(module):
    path = PACKAGE / f"{module}.py"
    paths = [path] if path.exists() else sorted((PACKAGE / module).glob("*.py"))
    for source in paths:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.ImportFrom):
                yield from (
                    [node.module]
                    if node.module != "convlib"
                    else [f"convlib.{alias.name}" for alias in node.names]
                )
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)


def test_every_module_has_its_place_and_its_test_file():
    modules = [
        path.stem for path in PACKAGE.iterdir() if path.stem[0] not in "._" and path.stem != "py"
    ]
    assert sorted(modules) == sorted(ORDER)
    assert all((ROOT / "tests" / f"test_{module}.py").exists() for module in ORDER)


@pytest.mark.parametrize("module", ORDER)
def test_imports_follow_the_order_of_the_house(module):
    own = [name.split(".")[1] for name in imported(module) if name.startswith("convlib.")]
    is_folder = (PACKAGE / module).is_dir()
    allowed = ORDER[: ORDER.index(module) + is_folder]
    assert set(own) <= set(allowed)


def test_import_convlib_imports_numpy_and_nothing_else():
    code = (
        "import sys, numpy; before = set(sys.modules); import convlib; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["convlib"]


def test_a_call_imports_no_part_of_numpy_that_it_does_not_need():
    code = (
        "import sys, numpy as np, convlib; before = set(sys.modules); "
        "convlib.conv2d(np.ones((1, 8, 9, 9)), np.ones((8, 8, 3, 3)), padding=1); "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_public_name_says_shapes_errors_and_chapter():
    for name in convlib.__all__:
        public = getattr(convlib, name)
        gives = "Attributes" if isinstance(public, type) else "Returns"
        for section in ("Parameters", gives, "Raises", "Notes", "Examples"):
            assert f"\n    {section}\n    ---" in public.__doc__, (name, section)


def test_one_version_stands_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    newest = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[0]
    assert citation["version"] == newest == convlib.__version__


def test_make_test_leaves_wheel_and_browser_to_their_targets_and_all_are_ci_s():
    makefile, ci = (ROOT / "Makefile").read_text(), (ROOT / ".ci" / "run").read_text()
    for marker, tried in (("wheel", "tests/test_wheel.py"), ("browser", "tests/browser")):
        assert f"pytest -m {marker} {tried}\n" in makefile
        assert f"make test-{'package' if marker == 'wheel' else marker}' does" in makefile
    assert "\nmake test book test-package test-browser\n" in ci
    assert "run: bash .ci/run" in (ROOT / ".github" / "workflows" / "test.yml").read_text()


def test_every_requirement_is_pinned_says_why_and_agrees_with_the_lock():
    lock = (ROOT / "requirements.lock").read_text().splitlines()
    pinned = {line.split()[0] for line in lock if "==" in line}
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line]
    assert len(lines) >= 10
    for line in lines:
        requirement, _, reason = line.partition("#")
        assert len(reason) > 10
        assert requirement.strip() in pinned
