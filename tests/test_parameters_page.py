"""The page of goals: a table of answers, each with a section that begins with it and runs it."""

import itertools
import re

import pytest
from taught import NOTEBOOKS
from test_errors_page import slug

CELLS = NOTEBOOKS["parameters"].cells
TEXT = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")
GOALS = re.findall(r"^### (.+)$", TEXT, re.MULTILINE)
ROWS = re.findall(r"^\| \[(.+?)\]\(#(.+?)\) \| (.+) \|$", TEXT, re.MULTILINE)


def anchor(heading):
    """Return the anchor that Sphinx creates for a heading, also for one with an apostrophe."""
    return slug(heading.replace("'", "-").replace("’", "-"))


def section(goal):
    """Return what a section says, and the code below it up to the next heading."""
    (start,) = (n for n, cell in enumerate(CELLS) if f"### {goal}\n" in cell.source)
    text = re.split(r"^#{2,3} ", CELLS[start].source.partition(f"### {goal}\n")[2], flags=re.M)[0]
    follows = itertools.takewhile(lambda cell: cell.cell_type == "code", CELLS[start + 1 :])
    last = CELLS[start].source.rpartition("\n### ")[2].startswith(goal)
    return text.strip(), list(follows) if last else []


def test_each_goal_is_in_one_table_and_each_row_leads_to_a_section():
    assert [link for _, link, _ in ROWS] == [anchor(goal) for goal in GOALS]
    assert len(GOALS) >= 25
    assert all("`" in answer or answer.startswith(("tiles", "a ")) for *_, answer in ROWS)


@pytest.mark.parametrize("goal", GOALS)
def test_the_first_sentence_is_the_answer_and_a_cell_runs_it(goal):
    text, code = section(goal)
    first = re.split(r"\.\s", text)[0]
    assert "`" in first or goal == "Tile a large image"
    assert code
    assert (
        any(cell.outputs for cell in code) or "def " in code[0].source or "file" in code[0].source
    )


@pytest.mark.parametrize("goal", GOALS)
def test_a_goal_can_be_read_alone(goal):
    text, _ = section(goal)
    assert not re.match(r"(The same|As above|This|It|Again)\b", text)
