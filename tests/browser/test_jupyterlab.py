"""A chapter in JupyterLab: readable as it is opened, and after all its cells were run."""

import re
import shutil
from typing import NamedTuple

import nbformat
import pytest
import torch
from lab import Notebook, serve_notebooks
from nbformat.v4 import new_markdown_cell, new_notebook
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from taught import BOOK, NOTEBOOKS, tags

from convlib.explorer import START
from convlib.web.folding import TITLE
from tools import run_notebooks
from tools.browser import wait_for_element

pytestmark = pytest.mark.browser
(CHAPTER,) = (name for name in NOTEBOOKS if name.endswith("stride"))
CELLS = NOTEBOOKS[CHAPTER].cells
CALL = "nn.Conv2d(1, 1, 3, stride=2)"
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)


def formulas(notebook):
    """List the formulas of a notebook; a dollar in code is none."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return FORMULA.findall(re.sub(r"`[^`]*`", "", "\n\n".join(texts)))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start JupyterLab on a copy of the notebooks; yields its address and the folder."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(BOOK, folder / "book")
    with serve_notebooks(folder / "book", folder) as address:
        yield address, folder / "book"


class Session(NamedTuple):
    """What a user saw of a chapter: as it was opened, and after Run All Cells."""

    opened: list[dict]
    saved: bytes
    run: list[dict]
    counts: list[str]
    explorer: dict
    answers: list[str]


@pytest.fixture(scope="module")
def session(server, browser):
    """Open the chapter, save it, run all its cells."""
    address, folder = server
    notebook = Notebook(browser, address, f"{CHAPTER}.ipynb", len(CELLS))
    opened = notebook.cells()
    notebook.save()
    saved = (folder / f"{CHAPTER}.ipynb").read_bytes()
    notebook.run_all()
    for name in ("conv-explorer", "exercise-form"):  # their scripts are imported after the output
        wait_for_element(browser, name)
    run, counts = notebook.cells(), notebook.execution_counts()
    return Session(opened, saved, run, counts, type_a_call(notebook), type_answers(notebook))


def type_a_call(notebook):
    """Type another layer into the explorer; return what its properties are then."""
    explorer = notebook.find("conv-explorer")
    field = explorer.shadow_root.find_element(By.CSS_SELECTOR, "input[type=text]")
    field.send_keys("dd", Keys.CONTROL, "a", Keys.NULL, CALL)  # JupyterLab's dd deletes a cell
    return notebook.browser.execute_script(
        "const { call, output } = arguments[0];"
        "return { call, output, cells: document.querySelectorAll('.jp-Cell').length };",
        explorer,
    )


def type_answers(notebook):
    """Type a wrong and the right answer to exercise 1; return what is said."""
    form = notebook.find('exercise-form[name="check"][number="1"]')
    said = []
    for answer in ("999999", "3"):
        field = form.find_element(By.CSS_SELECTOR, "input")
        field.clear()
        field.send_keys(answer, Keys.ENTER)
        said.append(form.find_element(By.CSS_SELECTOR, "[role=status]").text)
    return said


def assert_answers_are_folded(seen):
    """Assert that of a predicted output its title is visible, and of an answer its first line."""
    hidden = 0
    for cell, visible in zip(CELLS, seen, strict=True):
        first, *rest = cell.source.splitlines()
        if title := TITLE.fullmatch(first):
            hidden += 1
            assert visible["output"] == title[1]
            code = [first] if "hide-cell" in tags(cell) else [first, *rest]
            assert visible["code"].replace("\n", "") == "".join(code)
    assert hidden >= 2


def test_every_text_and_formula_of_the_chapter_is_rendered(session):
    pairs = zip(CELLS, session.opened, strict=True)
    texts = [seen for cell, seen in pairs if cell.cell_type == "markdown"]
    assert all(text["markdown"] for text in texts)
    assert not [text for text in texts if re.search(r"\{[\w:]+\}`|\$\$", text["markdown"])]
    assert not [text for text in texts if text["warnings"]]
    assert sum(text["formulas"] for text in texts) == len(formulas(NOTEBOOKS[CHAPTER]))


def test_every_formula_of_the_book_is_rendered(server, browser):
    address, folder = server
    every = sorted({formula for notebook in NOTEBOOKS.values() for formula in formulas(notebook)})
    notebook = new_notebook(
        cells=[new_markdown_cell("\n\n".join(every))], metadata=run_notebooks.METADATA
    )
    nbformat.write(notebook, folder / "formulas.ipynb")
    (seen,) = Notebook(browser, address, "formulas.ipynb", 1).cells()
    assert len(every) > 30
    assert seen["warnings"] == []
    assert seen["formulas"] == len(every)


def test_nothing_that_is_to_be_predicted_is_visible(session):
    assert_answers_are_folded(session.opened)


def test_make_run_restores_what_saving_changes(session, tmp_path, monkeypatch):
    path = tmp_path / f"{CHAPTER}.ipynb"
    path.write_bytes(session.saved)
    monkeypatch.setattr(run_notebooks, "BOOK", tmp_path)
    run_notebooks.run(path)
    assert path.read_bytes() == (BOOK / path.name).read_bytes()


def test_all_cells_run_without_an_error(session):
    assert not [cell["errors"] for cell in session.run if cell["errors"]]
    code = [cell for cell in CELLS if cell.cell_type == "code"]
    shown = [cell for cell in code if not cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert session.counts == [f"[{cell.execution_count}]:" for cell in shown]


def test_running_all_cells_reveals_no_answer(session):
    assert_answers_are_folded(session.run)


def test_the_explorer_says_how_to_start_it_and_starts_by_running_all_cells(session):
    (explorer,) = (
        number for number, cell in enumerate(CELLS) if cell.source.startswith("convlib.explore(")
    )
    assert START in session.opened[explorer]["output"]
    assert START not in session.run[explorer]["output"]


def test_keys_typed_into_the_explorer_reach_it_and_not_jupyterlab(session):
    layer = torch.nn.Conv2d(1, 1, 3, stride=2)
    size = layer(torch.zeros(1, 5, 5)).shape[1:]
    assert session.explorer["call"] == CALL
    (output,) = session.explorer["output"]
    assert (len(output), len(output[0])) == tuple(size)
    assert session.explorer["cells"] == len(CELLS)


def test_a_form_answers_after_running_all_cells(session):
    wrong, right = session.answers
    assert wrong.startswith("Not 999999")
    assert right.startswith("Right")
