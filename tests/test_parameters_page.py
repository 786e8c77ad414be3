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


def section(goal):
    """Return what a section says before its first cell, and the cells below that."""
    (start,) = (n for n, cell in enumerate(CELLS) if f"### {goal}\n" in cell.source)
    text, *later = re.split(
        "^#{2,3} ", CELLS[start].source.partition(f"### {goal}\n")[2], flags=re.M
    )
    code = itertools.takewhile(lambda cell: cell.cell_type == "code", CELLS[start + 1 :])
    return text.strip(), [] if later else list(code)


def test_each_goal_is_in_one_table_and_each_row_leads_to_a_section():
    assert [link for _, link, _ in ROWS] == [slug(goal) for goal in GOALS]
    assert len(GOALS) >= 25
    assert all("`" in answer for *_, answer in ROWS)


@pytest.mark.parametrize("goal", GOALS)
def test_the_first_sentence_is_the_answer_and_a_cell_runs_it(goal):
    text, code = section(goal)
    first = re.split(r"\.\s", text)[0]
    assert "`" in first
    assert code
    assert (
        any(cell.outputs for cell in code) or "def " in code[0].source or "file" in code[0].source
    )


@pytest.mark.parametrize("goal", GOALS)
def test_a_goal_can_be_read_alone(goal):
    text, _ = section(goal)
    assert not re.match(r"(The same|As above|This|It|Again)\b", text)
