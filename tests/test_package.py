"""The package: what imports what, what README promises, one place for each fact."""

import ast
import functools
import graphlib
import json
import re
import shutil
import subprocess
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml
from processes import printed_by

import convlib

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "convlib"

# A module may import those before it, never one after it.
ORDER = [
    "core",
    "arguments",
    "spec",
    "connections",
    "operands",
    "precision",
    "geometry",
    "window",
    "padding",
    "groups",
    "calls",
    "tables",
    "engines",
    "compute",
    "backward",
    "functional",
    "columns",
    "gradients",
    "transposed",
    "layer",
    "layers",
    "separable",
    "networks",
    "tiles",
    "web",
    "explorable",
    "explorer",
    "zoo",
    "diagrams",
    "exercises",
]
TESTED_WITH = {
    "operands": "arguments",
    "backward": "compute",
    "calls": "functional",
    "columns": "gradients",
    "explorable": "explorer",
    "layer": "layers",
    "tables": "networks",
}


def module_name(path):
    """Return the dotted name under which a file of the repository is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source, package):
    """Yield the names that a source imports; of `from a import b` both a.b and a."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{package}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@functools.cache
def sources_of(folder):
    """Return the text of each module of a folder."""
    return {module_name(path): path.read_text() for path in (ROOT / folder).rglob("*.py")}


def import_graph(sources):
    """Return which of some modules each of them imports, as a dict of sets."""
    graph = {}
    for name, source in sources.items():
        names = set(imported(source, name))
        names |= {each.rpartition(".")[0] for each in names}
        names &= set(sources)
        # a package that only collects the names of its modules is no part of a cycle
        graph[name] = {each for each in names if not name.startswith(f"{each}.")} - {name}
    return graph


@functools.cache
def convlib_graph():
    return import_graph(sources_of("convlib"))


@pytest.mark.parametrize("folder", ["convlib", "tools", "tools/sphinx"])
def test_no_import_is_circular_not_even_inside_a_folder(folder):
    graph = import_graph(sources_of(folder))
    assert len(graph) > 5
    graphlib.TopologicalSorter(graph).prepare()


def test_a_circular_import_is_found():
    name = "convlib.engines.rows"
    source = sources_of("convlib")[name]
    source += "\nfrom convlib.engines import banded\n"
    graph = import_graph({**sources_of("convlib"), name: source})
    with pytest.raises(graphlib.CycleError, match="nodes are in a cycle"):
        graphlib.TopologicalSorter(graph).prepare()


def test_every_module_has_its_place_and_its_test_file():
    modules = {path.stem for path in PACKAGE.iterdir() if path.stem[0] not in "._"} - {"py"}
    assert sorted(modules) == sorted(ORDER)
    tested = [TESTED_WITH.get(module, module) for module in ORDER]
    assert all((ROOT / "tests" / f"test_{module}.py").exists() for module in tested)


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_those_before_it(module):
    graph = convlib_graph()
    inside = {name for name in graph if name.split(".")[1:2] == [module]}
    own = {each.split(".")[1] for name in inside for each in graph[name] if "." in each}
    assert inside
    assert own <= {*ORDER[: ORDER.index(module)], module}


def test_import_convlib_imports_numpy_and_nothing_else():
    code = (
        "import sys, numpy; before = set(sys.modules); import convlib; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    assert printed_by(code).split() == ["convlib"]


def test_a_call_imports_no_part_of_numpy_that_it_does_not_need():
    code = (
        "import sys, numpy as np, convlib; before = set(sys.modules); "
        "convlib.conv2d(np.ones((1, 8, 9, 9)), np.ones((8, 8, 3, 3)), padding=1); "
        "print(*sorted(set(sys.modules) - before))"
    )
    assert printed_by(code).split() == []


def test_every_public_docstring_has_shapes_errors_and_chapter():
    for name in convlib.__all__:
        public = getattr(convlib, name)
        gives = "Attributes" if isinstance(public, type) else "Returns"
        for section in ("Parameters", gives, "Raises", "Notes", "Examples"):
            assert f"\n    {section}\n    ---" in public.__doc__, (name, section)


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1] == f"{citation['version']} ({citation['date-released']})"
    assert citation["version"] == convlib.__version__


def test_every_version_in_the_changelog_has_a_date_and_the_newest_is_first():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    released = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) \((.+)\)", line) for line in headings[1:]]
    order = [(date.fromisoformat(row[4]), *map(int, row.groups()[:3])) for row in released]
    assert len(order) >= 6
    assert order == sorted(set(order), reverse=True)


def test_make_test_excludes_wheel_and_browser_and_ci_runs_all_targets():
    makefile, ci = (ROOT / "Makefile").read_text(), (ROOT / ".ci" / "run").read_text()
    for marker, tried in (("wheel", "tests/test_wheel.py"), ("browser", "tests/browser")):
        assert re.search(rf"pytest -m {marker} .*{tried}\n", makefile)
        assert f"make test-{'package' if marker == 'wheel' else marker}' does" in makefile
    assert "\nmake book\n" in ci
    assert "\nmake test test-package test-browser\n" in ci
    assert "run: bash .ci/run" in (ROOT / ".github" / "workflows" / "test.yml").read_text()


WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github").glob("workflows/*"))}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_have_few_permissions_time_limits_and_pinned_actions(name):
    text = WORKFLOWS[name].read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 120
    uses = re.findall(r"uses: (.+)", text)
    assert len(uses) >= 4
    for action in uses:
        assert re.fullmatch(r"(actions|pypa)/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
    checkout = r"actions/checkout@.+\n        with:\n          persist-credentials: false\n"
    assert len(re.findall(checkout, text)) == text.count("actions/checkout@")


def test_an_action_has_the_same_version_everywhere():
    texts = "".join(path.read_text() for path in WORKFLOWS.values())
    versions = set(re.findall(r"uses: (.+)", texts))
    assert len(versions) == len({line.split("@")[0] for line in versions})


def test_pages_are_published_from_main_after_the_tests_by_a_job_without_our_code():
    jobs = yaml.safe_load(WORKFLOWS["test"].read_text())["jobs"]
    assert jobs["pages"]["needs"] == "test"
    condition = "github.event_name == 'push' && github.ref == 'refs/heads/main'"
    assert jobs["pages"]["if"] == condition
    assert jobs["publish"]["needs"] == "pages"
    assert [job for job in jobs if jobs[job].get("permissions", {}).get("pages") == "write"] == [
        "publish"
    ]
    assert not [step for step in jobs["publish"]["steps"] if "run" in step]


def test_a_release_is_published_after_the_tests_by_jobs_without_our_code():
    workflow = yaml.safe_load(WORKFLOWS["release"].read_text())
    jobs = workflow["jobs"]
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # YAML reads `on` as true
    granted = {name: job["permissions"] for name, job in jobs.items() if "permissions" in job}
    assert granted == {"publish": {"id-token": "write"}, "release": {"contents": "write"}}
    assert jobs["publish"]["environment"] == "pypi"
    for name in granted:
        assert {"test", "build"} <= set(jobs[name]["needs"])
        text = yaml.safe_dump(jobs[name]["steps"])
        assert "actions/checkout" not in text
        assert "python" not in text
    for name in ("test", "build"):
        runs = [step.get("run", "") for step in jobs[name]["steps"]]
        assert 'python -m tools.release check "$GITHUB_REF_NAME"' in runs
    attached = "files/*.whl files/*.tar.gz files/conv2d.pdf files/conv2d-book.zip"
    assert attached in jobs["release"]["steps"][-1]["run"]


def test_a_failure_of_the_weekly_workflow_opens_an_issue():
    jobs = yaml.safe_load(WORKFLOWS["weekly"].read_text())["jobs"]
    report = jobs.pop("report")
    assert report["needs"] == list(jobs)
    assert report["if"] == "failure()"
    assert report["permissions"] == {"issues": "write"}
    assert not any("permissions" in job for job in jobs.values())
    assert not [step for step in report["steps"] if "uses" in step]


def test_windows_tests_files_that_exist():
    jobs = yaml.safe_load(WORKFLOWS["test"].read_text())["jobs"]
    runs = " ".join(step.get("run", "") for step in jobs["windows"]["steps"])
    names = re.search(r"tests/test_\{(.+)\}\.py", runs)[1].split(",")
    assert len(names) >= 15
    assert all((ROOT / "tests" / f"test_{name}.py").exists() for name in names)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="asks git which files belong to it")
def test_the_root_has_at_most_16_visible_entries():
    command = ["git", "ls-files"]
    files = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    entries = {path.split("/")[0] for path in files.splitlines()}
    assert len({entry for entry in entries if not entry.startswith(".")}) <= 16


def installs(tmp_path, monkeypatch, *programs):
    """List what `make .venv/bench` would run to install, where there are only these programs."""
    for name in ("make", "sh", "python3", "dirname", "awk"):
        (tmp_path / name).symlink_to(shutil.which(name))
    for name in programs:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    command = ["make", "--always-make", "--dry-run", ".venv/bench"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "pip install" in line]


def test_uv_installs_if_there_is_one_otherwise_pip_the_same_from_the_same_lock(
    tmp_path, monkeypatch
):
    commands = {}
    for program in ("pip", "uv"):
        (tmp_path / program).mkdir()
        with monkeypatch.context() as patch:
            commands[program] = installs(tmp_path / program, patch, program)
    asked = {
        program: [line.partition("-c requirements.lock ")[2] for line in lines]
        for program, lines in commands.items()
    }
    assert len(asked["pip"]) == 4
    assert all(asked["pip"])
    assert asked["uv"] == asked["pip"]
    assert all(line.startswith(f"{tmp_path}/uv/uv pip ") for line in commands["uv"])
    assert all(line.startswith(".venv/bin/python -m pip ") for line in commands["pip"])


def test_make_help_lists_every_target_with_a_text():
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    command = ["make", "--no-print-directory", "help"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = [re.fullmatch(r"make (\S+) +(\S.{15,})", line) for line in listed.splitlines()]
    assert [row[1] for row in rows] == phony.split()


def test_pre_commit_runs_what_make_lint_runs_on_every_file():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (hook,) = (hook for repo in config["repos"] for hook in repo["hooks"])
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    assert hook["entry"] == "make lint"
    assert hook["always_run"] is True
    assert hook["pass_filenames"] is False


def test_no_text_installs_convlib_from_an_index_where_it_is_not():
    names = ["README.md", "CONTRIBUTING.md", *("convlib/**/*.py", "book/*.md", "book/*.ipynb")]
    texts = {path: path.read_text() for name in names for path in ROOT.glob(name)}
    assert len(texts) > 50
    command = re.compile(r"""pip install [\\'"]*convlib(?!-)""")
    assert command.search("pip install 'convlib[onnx]'")
    assert not [str(path) for path, text in texts.items() if command.search(text)]


def test_a_message_names_the_version_that_an_extra_installs():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, file in (("onnx", "networks/onnx_files.py"), ("diagrams", "diagrams/__init__.py")):
        (requirement,) = extras["optional-dependencies"][name]
        assert f"pip install '{requirement}'" in (PACKAGE / file).read_text()


def test_every_requirement_is_pinned_has_a_reason_and_agrees_with_the_lock():
    lock = (ROOT / "requirements.lock").read_text().splitlines()
    pinned = {line.split()[0] for line in lock if "==" in line}
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line]
    assert len(lines) >= 10
    for line in lines:
        requirement, _, reason = line.partition("#")
        assert len(reason) > 10
        assert requirement.strip() in pinned


def test_the_tools_for_javascript_are_pinned_and_name_no_registry():
    folder = ROOT / "tools" / "javascript"
    wanted = json.loads((folder / "package.json").read_text())["devDependencies"]
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert len(wanted) == 3
    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}
    installed = [package for path, package in locked.items() if path]
    assert len(installed) > 50
    assert all(package["integrity"].startswith("sha512-") for package in installed)
    assert not [package for package in installed if "resolved" in package]
