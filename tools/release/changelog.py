"""What CHANGELOG.md, CITATION.cff and convlib say about a version; needs no package."""

import re
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNRELEASED = "Unreleased"


class NotReadyError(Exception):
    """A version cannot be released; the message says why."""


def read(name, root=ROOT):
    """Return the text of a file of the repository."""
    return (root / name).read_text(encoding="utf-8")


def version(root=ROOT):
    """Return the version of convlib, without importing it."""
    return re.search(r'^__version__ = "(.+)"$', read("convlib/__init__.py", root), re.M)[1]


def sections(changelog):
    """Return the sections of a changelog: heading to text, in order."""
    _, *pairs = re.split(r"^## (.+)$", changelog, flags=re.M)
    return {head: text.strip() for head, text in zip(pairs[::2], pairs[1::2], strict=True)}


def dated_section(changelog, number):
    """Return the date and the text of the section of a version.

    Raises
    ------
    NotReadyError
        The changelog has no section of that version with a date.
    """
    for heading, text in sections(changelog).items():
        if found := re.fullmatch(rf"{re.escape(number)} \((\d{{4}}-\d\d-\d\d)\)", heading):
            return date.fromisoformat(found[1]), text
    raise NotReadyError(f"CHANGELOG.md has no section '## {number} (YYYY-MM-DD)'")


def notes(tag, root=ROOT):
    """Return the text of the changelog about the version of a tag such as v0.6.0."""
    return dated_section(read("CHANGELOG.md", root), tag.removeprefix("v"))[1]


def check(tag, root=ROOT):
    """Check that a tag names a version that everything agrees on.

    Parameters
    ----------
    tag : str
        v and the version, such as v0.6.0.
    root : Path
        The repository.

    Raises
    ------
    NotReadyError
        The tag is not v and convlib.__version__; or the changelog has no dated section of
        that version with text, still has text under Unreleased, or has another date than
        CITATION.cff; or that has another version.
    """
    number = version(root)
    if tag != f"v{number}":
        raise NotReadyError(f"the tag is {tag!r}, not 'v{number}', which convlib.__version__ gives")
    changelog = read("CHANGELOG.md", root)
    day, text = dated_section(changelog, number)
    if not text:
        raise NotReadyError(f"the section of {number} in CHANGELOG.md is empty")
    if left := sections(changelog).get(UNRELEASED):
        raise NotReadyError(
            f"CHANGELOG.md still has {len(left.splitlines())} lines under {UNRELEASED}"
        )
    cited = dict(
        re.findall(r"^(version|date-released): *\"?([\d.-]+)", read("CITATION.cff", root), re.M)
    )
    for name, expected in (("version", number), ("date-released", day.isoformat())):
        if cited.get(name) != expected:
            raise NotReadyError(f"{name} in CITATION.cff is {cited.get(name)}, not {expected}")
