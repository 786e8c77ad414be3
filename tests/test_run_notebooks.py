"""Notebooks are executed in place, and the same notebook gives the same bytes."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from convlib import core, web
from tools import run_notebooks

ROOT = Path(__file__).parents[1]
TWICE = """import sys
for word in ("one", "two"):
    print(word)
    sys.stdout.flush()"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Replace book/ by an empty folder."""
    folder = tmp_path / "book"
    folder.mkdir()
    monkeypatch.setattr(run_notebooks, "BOOK", folder)
    return folder


# What JupyterLab notes on a cell.
EDITED = {
    "editable": True,
    "slideshow": {"slide_type": ""},
    "trusted": True,
    "jupyter": {"source_hidden": False, "outputs_hidden": False},
    "tags": [],
}


def write(path, *sources, stale=()):
    """Write a notebook as an editor may leave it: with old outputs, counts and metadata."""
    cells = [
        new_code_cell(
            source,
            id=f"cell-{number}",
            execution_count=17,
            outputs=[new_output("stream", name="stdout", text="old\n")],
            metadata={**EDITED, "collapsed": False, "execution": {}, "tags": ["hide-output"]},
        )
        for number, source in enumerate(sources)
    ]
    metadata = {
        "kernelspec": {"display_name": "My own", "language": "python", "name": "elsewhere"},
        "language_info": {"name": "python", "version": "3.0.0"},
        "widgets": {"application/vnd.jupyter.widget-state+json": {}},
    }
    title = new_markdown_cell("# Title", id="title", metadata=EDITED)
    nbformat.write(new_notebook(cells=[title, *stale, *cells], metadata=metadata), path)
    return path


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Run a notebook twice; return what the first run stored, and the bytes of both."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("book")
        patch.setattr(run_notebooks, "BOOK", folder)
        for name in web.OFF:  # as outside of pytest
            patch.delenv(name)
        stale = [new_code_cell("import old", id="setup")]
        sources = "from pathlib import Path\nPath.cwd().name", TWICE, "6 * 7"
        path = write(folder / "01-x.ipynb", *sources, stale=stale)
        run_notebooks.run(path)
        first = path.read_bytes()
        run_notebooks.run(path)
        return nbformat.reads(first.decode(), as_version=4), first, path.read_bytes(), folder


def test_two_runs_give_the_same_bytes(executed):
    _, first, second, _ = executed
    assert first == second


def test_outputs_are_new_and_streams_in_one_piece(executed):
    notebook, *_, folder = executed
    where, printed, result = (cell.outputs for cell in notebook.cells[2:])
    assert [output.data["text/plain"] for output in where] == [repr(folder.name)]
    assert printed == [new_output("stream", name="stdout", text="one\ntwo\n")]
    assert [output.data["text/plain"] for output in result] == ["42"]


def test_cells_keep_source_id_and_metadata_and_are_counted_from_one(executed):
    notebook, *_ = executed
    assert [cell.id for cell in notebook.cells] == ["title", "setup", "cell-0", "cell-1", "cell-2"]
    assert notebook.cells[0].source == "# Title"
    assert notebook.cells[3].source == TWICE
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3, 4]
    assert notebook.cells[0].metadata == {}
    for cell in notebook.cells[2:]:  # no times, and nothing of an editor
        assert cell.metadata == {"jupyter": {"outputs_hidden": True}, "tags": ["hide-output"]}


def test_the_notebook_s_metadata_do_not_depend_on_the_machine(executed):
    notebook, *_ = executed
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def test_the_set_up_cell_replaces_an_older_one_after_the_title(executed):
    notebook, *_ = executed
    setup = notebook.cells[1]
    assert setup == {**run_notebooks.set_up(), "execution_count": 1}
    assert setup.metadata == {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
    assert setup.outputs == []


def test_a_cell_that_raises_ends_the_run_and_leaves_the_file_alone(book):
    path = write(book / "01-x.ipynb", "print(1)", "raise ValueError('wrong')", "print(3)")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError) as caught:
        run_notebooks.run(path)
    assert (caught.value.ename, caught.value.evalue) == ("ValueError", "wrong")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("prefixes", "names"),
    [
        ([], ["01-a.ipynb", "02-b.ipynb", "02-c.ipynb", "intro.ipynb"]),
        (["02"], ["02-b.ipynb", "02-c.ipynb"]),
        (["intro", "01"], ["intro.ipynb", "01-a.ipynb"]),
    ],
)
def test_notebooks_are_chosen_by_how_their_names_begin(book, monkeypatch, prefixes, names):
    for name in ("02-c.ipynb", "01-a.ipynb", "intro.ipynb", "02-b.ipynb", "02-b.md", "x02.txt"):
        (book / name).touch()
    ran = []
    monkeypatch.setattr(run_notebooks, "run", lambda path: ran.append(path.name))
    run_notebooks.main(prefixes)
    assert ran == names


def test_a_prefix_that_no_name_begins_with_is_an_error_before_anything_runs(book, monkeypatch):
    (book / "01-a.ipynb").touch()
    ran = []
    monkeypatch.setattr(run_notebooks, "run", ran.append)
    with pytest.raises(SystemExit, match="no notebook in book/ begins with '07'"):
        run_notebooks.main(["01", "07"])
    assert ran == []


def test_the_command_line_passes_its_prefixes():
    command = [sys.executable, "-m", "tools.run_notebooks", "none-begins-so"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "no notebook in book/ begins with 'none-begins-so'\n"


# The set-up cell, where convlib is missing; nothing is installed.


@pytest.fixture
def installs(monkeypatch):
    """Return what the set-up cell does: imports, shell commands, and whether caches are new."""
    done = []

    def import_module(name):
        done.append(f"import {name}")
        if name == "convlib":
            raise ImportError
        return SimpleNamespace(load=lambda: done.append("load"))

    monkeypatch.setattr(importlib, "import_module", import_module)
    monkeypatch.setattr(importlib, "invalidate_caches", lambda: done.append("invalidate caches"))
    return done


@pytest.fixture
def pip(installs, monkeypatch, tmp_path):
    """Note what the set-up cell, in a folder of its own, has pip install."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        subprocess, "getstatusoutput", lambda command: installs.append(command) or (0, "")
    )
    return lambda source: [
        "import convlib",
        f'"{sys.executable}" -m pip install --quiet "{source}"',
        *("invalidate caches", "import convlib.web", "load"),
    ]


def test_the_set_up_cell_installs_the_newest_wheel_beside_the_notebook(installs, pip, tmp_path):
    for version in ("0.5.0", "0.6.0"):
        (tmp_path / f"convlib-{version}-py3-none-any.whl").touch()
    exec(run_notebooks.SETUP, {})
    assert installs == pip("convlib-0.6.0-py3-none-any.whl[diagrams]")


def test_the_set_up_cell_says_what_to_do_without_wheel_and_address(installs, pip):
    assert run_notebooks.ADDRESS.startswith("https://example.com/")
    with pytest.raises(ModuleNotFoundError, match="put its wheel, from the book's zip, beside"):
        exec(run_notebooks.SETUP, {})
    assert installs == ["import convlib"]


def test_the_set_up_cell_installs_from_a_public_repository(installs, pip):
    source = "git+https://github.com/someone/conv2d"
    assert "(wheels or [None])" in run_notebooks.SETUP
    exec(run_notebooks.SETUP.replace("[None]", f"[{source!r}]"), {})
    assert installs == pip(source)


def test_the_set_up_cell_raises_the_message_of_pip(installs, monkeypatch, pip, tmp_path):
    (tmp_path / "convlib-0.6.0-py3-none-any.whl").touch()
    monkeypatch.setattr(subprocess, "getstatusoutput", lambda command: (1, "no network"))
    with pytest.raises(RuntimeError, match=r"^no network$"):
        exec(run_notebooks.SETUP, {})


def test_the_set_up_cell_installs_nothing_where_convlib_is(monkeypatch):
    ran = []
    monkeypatch.setattr(subprocess, "getstatusoutput", ran.append)
    monkeypatch.setattr(web, "load", lambda: ran.append("load"))
    exec(run_notebooks.SETUP, {})
    assert ran == ["load"]


@pytest.mark.parametrize(
    ("tags", "hidden"),
    [
        ([], {}),
        (["convlib"], {}),
        (["hide-output"], {"outputs_hidden": True}),
        (["hide-cell"], {"outputs_hidden": True, "source_hidden": True}),
        (["remove-cell"], {"source_hidden": True}),
    ],
)
def test_what_the_page_folds_is_folded_in_jupyterlab(tags, hidden):
    figure = {"figure": {"name": "fig-a", "caption": "A."}}
    metadata = {**EDITED, "tags": tags, "mystnb": figure, "scrolled": True}
    cell = new_code_cell("1", metadata=metadata)
    run_notebooks.write_metadata(cell)
    expected = {"jupyter": hidden, "mystnb": figure, "tags": tags}
    assert cell.metadata == {name: value for name, value in expected.items() if value}


def test_a_tagged_cell_gets_the_definition_of_the_core():
    metadata = {"tags": ["convlib"]}
    drifted = new_code_cell("def reach(kernel_size, dilation=1):\n    return 0", metadata=metadata)
    run_notebooks.write_definition(drifted)
    assert drifted.source == inspect.getsource(core.reach).rstrip()
    plain = new_code_cell("def reach(kernel_size):\n    return kernel_size")
    run_notebooks.write_definition(plain)
    assert plain.source.endswith("return kernel_size")
