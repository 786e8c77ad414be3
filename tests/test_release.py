"""Releases: what must agree before one, its text, its files, the steps of the rehearsal."""

import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import convlib
from tools.release import changelog, files, rehearsal
from tools.release.__main__ import main

ROOT = Path(__file__).parents[1]
CHANGELOG = """# Changelog

## Unreleased

## 1.2.0 (2026-02-03)

- One.
  More of it.
- Two.

## 1.1.0 (2026-01-02)

- Older.
"""
CITATION = 'version: 1.2.0\ndate-released: "2026-02-03"\n'


@pytest.fixture
def repository(tmp_path):
    """Write a repository in which version 1.2.0 can be released."""
    (tmp_path / "convlib").mkdir()
    (tmp_path / "convlib" / "__init__.py").write_text('"""A."""\n\n__version__ = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "CITATION.cff").write_text(CITATION)
    return tmp_path


def test_the_version_is_read_without_importing_convlib():
    assert changelog.version() == convlib.__version__


def test_a_version_on_which_everything_agrees_can_be_released(repository):
    changelog.check("v1.2.0", repository)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("convlib/__init__.py", "1.2.0", "1.3.0", "the tag is 'v1.2.0', not 'v1.3.0', which"),
        ("CHANGELOG.md", " (2026-02-03)", "", r"no section '## 1.2.0 \(YYYY-MM-DD\)'"),
        ("CHANGELOG.md", "1.2.0 (", "1-2-0 (", r"no section '## 1.2.0 \(YYYY-MM-DD\)'"),
        ("CHANGELOG.md", "- One.\n  More of it.\n- Two.\n", "", "the section of 1.2.0 in .+ empty"),
        ("CHANGELOG.md", "Unreleased\n", "Unreleased\n\n- A\n- B\n", "2 lines under Unreleased"),
        ("CITATION.cff", "02-03", "02-04", "date-released .+ is 2026-02-04, not 2026-02-03"),
        ("CITATION.cff", "1.2.0", "1.1.0", "version in CITATION.cff is 1.1.0, not 1.2.0"),
    ],
)
def test_whatever_disagrees_is_named(repository, file, old, new, message):
    path = repository / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(changelog.NotReadyError, match=message):
        changelog.check("v1.2.0", repository)


@pytest.mark.parametrize("tag", ["1.2.0", "v1.2", "v1.2.0rc1", "v1.1.0"])
def test_a_tag_is_v_and_the_version(repository, tag):
    with pytest.raises(changelog.NotReadyError, match=f"the tag is '{re.escape(tag)}', not 'v1.2"):
        changelog.check(tag, repository)


def test_the_notes_are_the_section_of_the_changelog(repository):
    assert changelog.notes("v1.2.0", repository) == "- One.\n  More of it.\n- Two."
    assert changelog.notes("v1.1.0", repository) == "- Older."
    assert changelog.dated_section(CHANGELOG, "1.1.0")[0] == date(2026, 1, 2)


def test_the_command_prints_notes_and_says_what_disagrees(capsys):
    assert main(["notes", "v0.5.0"]) == 0
    assert capsys.readouterr().out.startswith("- `explore` and `explore_groups`")
    assert main(["check", "v0.0.0"]) == 1
    assert capsys.readouterr().err.startswith("the tag is 'v0.0.0', not 'v")


def test_checking_needs_no_package():
    command = [sys.executable, "-I", "-S", "-c"]
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tools.release.__main__ import main"
    done = subprocess.run([*command, f"{code}; main(['notes', 'v0.5.0'])"], capture_output=True)
    assert done.stdout.startswith(b"- `explore`")


def test_a_copy_has_no_build_of_an_earlier_version(tmp_path):
    source = tmp_path / "source"
    for stale in ("build/lib/convlib/gone.py", "convlib.egg-info/SOURCES.txt", "dist/a.whl"):
        (source / stale).parent.mkdir(parents=True)
        (source / stale).touch()
    (source / "convlib").mkdir()
    (source / "convlib" / "kept.py").touch()
    copy = files.copy_sources(tmp_path / "copy", source)
    assert [path.name for path in copy.rglob("*") if path.is_file()] == ["kept.py"]


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git what it ignores")
def test_git_ignores_what_is_built():
    built = ["build/lib/convlib/gone.py", "dist/convlib.whl", "convlib.egg-info/SOURCES.txt"]
    command = ["git", "check-ignore", *built]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 128:
        pytest.skip("not a repository of git")
    assert done.stdout.splitlines() == built


def test_only_an_empty_folder_is_built_into(tmp_path):
    (tmp_path / "old.whl").touch()
    with pytest.raises(FileExistsError, match=r"is not empty: it has old\.whl"):
        files.build(tmp_path)


def test_a_rehearsal_ends_with_the_first_step_that_fails(monkeypatch, capsys):
    done = []

    def fail():
        raise RuntimeError("no index")

    steps = [("one", lambda: done.append(1)), ("two", fail), ("three", lambda: done.append(3))]
    monkeypatch.setattr(rehearsal, "steps", lambda folder: steps)
    assert rehearsal.main() == 1
    assert done == [1]
    assert capsys.readouterr().err == "failed: two\nno index\n"
    del steps[1]
    assert rehearsal.main() == 0


def test_the_rehearsal_runs_tests_that_exist(tmp_path):
    names = [name for name, _ in rehearsal.steps(tmp_path)]
    assert len(names) == len(set(names)) == 5
    source = (ROOT / "tools" / "release" / "rehearsal.py").read_text()
    for path in re.findall(r'"(tests/[\w/.]+)"', source):
        assert (ROOT / path).exists()
