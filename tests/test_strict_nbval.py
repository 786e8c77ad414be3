"""The strict notebook comparison: every change that nbval overlooks must fail."""

import base64
import copy
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import nbformat
import nbval.kernel
import pytest
from nbclient import NotebookClient
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)
from PIL import Image, ImageDraw

from tools import book_nbval, strict_nbval
from tools.run_notebooks import set_up

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "book" / "comparison.md").read_text()
# A picture without matplotlib, which every kernel would import.
FIGURE = """from PIL import Image

display(Image.new("RGBA", (100, 100), "white"))"""


def starts(*outcomes):
    """Start a kernel as often as there are outcomes; return the calls and what came of them."""
    calls, results = [], iter(outcomes)

    def start(*arguments, **settings):
        calls.append((arguments, settings))
        if isinstance(result := next(results), Exception):
            raise result
        return result

    return calls, book_nbval.started_again(start)


def test_a_kernel_that_dies_before_it_is_ready_is_started_once_more():
    calls, start = starts(RuntimeError("Kernel died"), "kernel")
    assert start("python", cwd="book") == "kernel"
    assert calls == [(("python",), {"cwd": "book"})] * 2
    calls, start = starts(RuntimeError("Kernel died"), RuntimeError("again"))
    with pytest.raises(RuntimeError, match="again"):
        start()
    calls, start = starts("kernel")
    assert start() == "kernel"
    assert len(calls) == 1


def test_the_kernels_of_notebooks_are_started_so():
    assert nbval.kernel.start_new_kernel.__wrapped__.__module__ == "nbval.kernel"


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def with_source(notebook, source, outputs=()):
    """Add a cell with outputs and a count, as if it had been run."""
    count = len(code(notebook)) + 1
    cell = new_code_cell(source, execution_count=count, outputs=list(outputs))
    notebook.cells.append(cell)
    return cell


def printed(text):
    return new_output("stream", name="stdout", text=text)


def falsified_digit(notebook):
    notebook.cells[1].outputs[0].text = "13\n"


def falsified_result(notebook):
    notebook.cells[2].outputs[0].data["text/plain"] = "7"


def falsified_pixel(notebook):
    data = notebook.cells[3].outputs[0].data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    ImageDraw.Draw(image).point((40, 40), fill=(90, 90, 90, 255))
    image.save(saved := io.BytesIO(), format="png")
    data["image/png"] = base64.b64encode(saved.getvalue()).decode()


def falsified_size(notebook):
    data = notebook.cells[3].outputs[0].data
    Image.new("RGBA", (9, 9)).save(saved := io.BytesIO(), format="png")
    data["image/png"] = base64.b64encode(saved.getvalue()).decode()


def output_removed(notebook):
    notebook.cells[1].outputs = []


def output_added(notebook):
    notebook.cells[2].outputs.append(printed("more\n"))


def outputs_in_another_order(notebook):
    outputs = [new_output("execute_result", {"text/plain": "2"}, execution_count=5), printed("1\n")]
    with_source(notebook, "print(1)\n2", outputs)


def never_run(notebook):
    for cell in code(notebook):
        cell.execution_count, cell.outputs = None, []


def counts_out_of_order(notebook):
    code(notebook)[0].execution_count = 9


def skip_comment(notebook):
    with_source(notebook, "# NBVAL_SKIP\nprint(1)", [printed("2\n")])


def ignore_comment(notebook):
    with_source(notebook, "# NBVAL_IGNORE_OUTPUT\nprint(1)", [printed("2\n")])


def old_ignore_comment(notebook):
    with_source(notebook, "# PYTEST_VALIDATE_IGNORE_OUTPUT\nprint(1)", [printed("2\n")])


def raises_comment(notebook):
    with_source(notebook, "# NBVAL_RAISES_EXCEPTION\nprint(1)", [printed("1\n")])


def check_comment(notebook):
    with_source(notebook, "# NBVAL_CHECK_OUTPUT\nprint(1)", [printed("2\n")])


def skip_tag(notebook):
    notebook.cells[1].metadata["tags"] = ["nbval-skip"]


def ignore_tag(notebook):
    notebook.cells[1].metadata["tags"] = ["nbval-ignore-output"]


def raises_tag(notebook):
    error = new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])
    with_source(notebook, "1 / 0", [error]).metadata["tags"] = ["raises-exception"]


def capture(notebook):
    with_source(notebook, "%%capture\nprint(1)")


def line_magic(notebook):
    with_source(notebook, "  %time 1")


def shell(notebook):
    with_source(notebook, "!true")


def clear_output(notebook):
    with_source(notebook, "from IPython.display import clear_output\n\nclear_output()")


def carriage_return(notebook):
    with_source(notebook, "print('a\\rb')", [printed("lie\rb\n")])


def warns(notebook):
    warning = new_output("stream", name="stderr", text="careful\n")
    with_source(notebook, "import sys\n\nsys.stderr.write('careful\\n');", [warning])


def trailing_semicolon(notebook):
    result = new_output("execute_result", {"text/plain": "12"}, execution_count=5)
    with_source(notebook, "3 * 4;", [result])


def display_update(notebook):
    shown = new_output("display_data", {"text/plain": "1"})
    with_source(notebook, "h = display(1, display_id=True)\nh.update(2)", [shown])


def redirected(notebook):
    source = (
        "import contextlib, io\n\nwith contextlib.redirect_stdout(io.StringIO()):\n    print(13)"
    )
    with_source(notebook, source)


def detects_pytest(notebook):
    source = "import os\n\nprint(13 if 'PYTEST_CURRENT_TEST' in os.environ else 12)"
    with_source(notebook, source, [printed("13\n")])


def style(notebook):
    with_source(notebook, "x = '<style>.cell_output{display:none}</style>'")


def streams_split(notebook):
    with_source(notebook, "print(1)\nprint(2)", [printed("1\n"), printed("2\n")])


def output_metadata(notebook):
    notebook.cells[3].outputs[0].metadata["image/png"] = {"width": 1, "height": 1}


def animated(notebook):
    data = notebook.cells[3].outputs[0].data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    black = Image.new("RGBA", image.size, (0, 0, 0, 255))
    image.save(saved := io.BytesIO(), format="png", save_all=True, append_images=[black])
    data["image/png"] = base64.b64encode(saved.getvalue()).decode()


def removed_by_tag(notebook):
    notebook.cells[1].metadata["tags"] = ["remove-output"]


def removed_cell(notebook):
    notebook.cells[1].metadata["tags"] = ["remove-cell"]


def set_up_and_more(notebook):
    notebook.cells[4].source += "\nprint(12)"
    notebook.cells[4].outputs = [printed("12\n")]


def set_up_from_another_address(notebook):
    notebook.cells[4].source = notebook.cells[4].source.replace("wheels or [", "[")


def set_up_with_output(notebook):
    notebook.cells[4].outputs = [printed("12\n")]


def set_up_with_another_tag(notebook):
    notebook.cells[4].metadata["tags"] = ["remove-cell", "nbval-skip"]


def removed_by_metadata(notebook):
    notebook.cells[1].metadata["mystnb"] = {"remove_code_outputs": True}


def tiny_image(notebook):
    notebook.cells[3].metadata["mystnb"] = {"image": {"width": "1px"}}


def notebook_metadata(notebook):
    notebook.metadata["mystnb"] = {"remove_code_outputs": True}


def raw_cell(notebook):
    notebook.cells.append(new_raw_cell("<p>13</p>"))


def raises(notebook):
    error = new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])
    with_source(notebook, "1 / 0", [error])


def unlisted(notebook):
    """Leave the notebook as it is; the table of contents does not list it."""


MANIPULATIONS = {
    falsified_digit: "Cell outputs differ",
    falsified_result: "Cell outputs differ",
    falsified_pixel: "1 pixels differ by more than 16 of 255",
    falsified_size: "the stored picture is (9, 9) pixels, now it is (100, 100)",
    output_removed: "Cell outputs differ",
    output_added: "Cell outputs differ",
    outputs_in_another_order: "the stored outputs are",
    never_run: "not saved after 'restart and run all'",
    counts_out_of_order: "not saved after 'restart and run all'",
    skip_comment: "exempted",
    ignore_comment: "exempted",
    old_ignore_comment: "exempted",
    raises_comment: "exempted",
    check_comment: "Cell outputs differ",
    skip_tag: "exempted",
    ignore_tag: "exempted",
    raises_tag: "exempted",
    capture: "is no plain Python",
    line_magic: "is no plain Python",
    shell: "is no plain Python",
    clear_output: "could hide output by clear_output",
    carriage_return: "prints over what it printed",
    warns: "could hide output by stderr",
    trailing_semicolon: "no ';' at the end",
    display_update: "could hide output by display_id",
    redirected: "could hide output by redirect_stdout",
    detects_pytest: "could hide output by environ",
    style: "no <style",
    streams_split: "the stored outputs are",
    output_metadata: "the stored outputs are",
    animated: "no plain RGBA PNG",
    removed_by_tag: "tags metadata that may hide",
    removed_cell: "is removed, which only the set-up cell may be",
    set_up_and_more: "is removed, which only the set-up cell may be",
    set_up_from_another_address: "is removed, which only the set-up cell may be",
    set_up_with_output: "is removed, which only the set-up cell may be",
    set_up_with_another_tag: "tags metadata that may hide or exempt: nbval-skip",
    removed_by_metadata: "mystnb metadata that may hide",
    tiny_image: "image metadata that may hide",
    notebook_metadata: "notebook metadata that may hide",
    raw_cell: "shows what nothing compares",
    raises: "ends in an error",
    unlisted: "not listed in _toc.yml",
}


def run_pytest(folder, *options):
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q"]
    for plugin in ("nbval.plugin", "tools.strict_nbval", "tools.book_nbval"):
        command += ["-p", plugin]
    command += ["--rootdir", str(folder), *options, str(folder)]
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # others take time
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def valid_notebook():
    """Execute a small notebook."""
    cells = [new_markdown_cell("# Valid"), *map(new_code_cell, ("print(12)", "3 * 4", FIGURE))]
    cells.append(set_up())
    return NotebookClient(new_notebook(cells=cells), record_timing=False).execute()


@pytest.fixture(scope="module")
def failures(valid_notebook, tmp_path_factory):
    """Compare the valid notebook and every manipulated one in one run; failures by file."""
    folder = tmp_path_factory.mktemp("book")
    nbformat.write(valid_notebook, folder / "valid.ipynb")
    listed = ["format: jb-book", "root: valid", "chapters:"]
    for manipulate in MANIPULATIONS:
        notebook = copy.deepcopy(valid_notebook)
        manipulate(notebook)
        nbformat.write(notebook, folder / f"{manipulate.__name__}.ipynb")
        listed += [f"  - file: {manipulate.__name__}"] if manipulate is not unlisted else []
    (folder / "_toc.yml").write_text("\n".join(listed))
    options = ["--continue-on-collection-errors", "-o", "junit_family=xunit1"]
    run_pytest(folder, *options, "--junitxml", str(folder / "report.xml"))
    failures_by_file = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        where = case.get("file") or case.get("name")
        messages = ["".join(failure.itertext()) for failure in case]
        failures_by_file.setdefault(Path(where).stem, []).extend(messages)
    return failures_by_file


def test_a_valid_notebook_passes(failures):
    assert failures["valid"] == []


@pytest.mark.parametrize("manipulate", MANIPULATIONS, ids=lambda manipulate: manipulate.__name__)
def test_a_manipulated_notebook_fails(manipulate, failures):
    assert MANIPULATIONS[manipulate] in "\n".join(failures[manipulate.__name__])


@pytest.mark.parametrize(
    ("manipulate", "stored", "now"), [(falsified_digit, "13", "12"), (falsified_result, "7", "12")]
)
def test_a_changed_text_is_shown_as_a_diff_from_stored_to_now(manipulate, stored, now, failures):
    diff = f"differs:\n--- stored\n+++ now\n@@ -1 +1 @@\n-{stored}\n+{now}\n"
    assert diff in "\n".join(failures[manipulate.__name__])


@pytest.mark.parametrize(
    ("stored", "now", "changed"),
    [
        ("1\n2\n3\n", "1\n4\n3\n", [" 1", "-2", "+4", " 3"]),
        ("1 \n2", "1\n2\n", ["-'1 \\n'", "-'2'", "+'1\\n'", "+'2\\n'"]),
        ({"b": 1, "a": 2}, {"a": 3, "b": 1}, ["-{'a': 2, 'b': 1}", "+{'a': 3, 'b': 1}"]),
    ],
    ids=["a line", "white space", "JSON"],
)
def test_a_diff_shows_every_change(stored, now, changed):
    header, lines = ["--- stored", "+++ now"], strict_nbval.text_difference(now, stored)
    assert lines[:2] == header
    assert lines[3:] == changed


@pytest.mark.parametrize(
    "option", ["--nbval-lax", "--nbval-sanitize-with=patterns.cfg", "--nbdime"]
)
def test_options_that_compare_less_are_rejected(option, tmp_path):
    done = run_pytest(tmp_path, option)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "compared as they are" in done.stderr


# What the page tells readers to type, block by block.
INSTALL, CONFTEST, EXECUTE, COMPARE, FAILURE = (
    dedent(block).strip() for block in re.findall(r"```(?:python)?\n(.+?)```", PAGE, re.DOTALL)
)


def typed(command, folder):
    """Run a command of the page in a folder that knows nothing of this repository."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    done = subprocess.run(
        command, shell=True, cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_page_tells_how_to_compare_notebooks_of_ones_own(tmp_path):
    shutil.copy(ROOT / "tools" / "strict_nbval.py", tmp_path)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    cells = [new_markdown_cell("# Own"), *map(new_code_cell, ("print(12)", "3 * 4", FIGURE))]
    own = tmp_path / "own.ipynb"
    nbformat.write(new_notebook(cells=cells), own)
    ended, said = typed(EXECUTE, tmp_path)
    assert ended == 0, said
    ended, said = typed(COMPARE, tmp_path)
    assert ended == pytest.ExitCode.OK, said
    assert "3 passed" in said
    notebook = nbformat.read(own, as_version=4)
    falsified_pixel(notebook)
    nbformat.write(notebook, own)
    ended, said = typed(COMPARE, tmp_path)
    assert ended == pytest.ExitCode.TESTS_FAILED
    assert FAILURE in said
    assert "1 failed, 2 passed" in said


def test_the_page_names_every_package_that_the_plugin_needs_and_more_than_forty_changes():
    (version,) = re.findall("nbval==[0-9.]+", (ROOT / "requirements.txt").read_text())
    assert f"pip install {version} nbclient numpy pillow" == INSTALL
    source = (ROOT / "tools" / "strict_nbval.py").read_text()
    imports = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    # pytest and nbformat come with nbval
    installed = {"nbval", "nbformat", "pytest", "numpy", "PIL"}
    assert imports - sys.stdlib_module_names == installed
    assert "more than forty ways" in PAGE
    assert len(MANIPULATIONS) > 40
