"""Book and core in step, and every page fit to be read."""

import ast
import builtins
import copy
import dis
import inspect
import itertools
import re
from importlib import import_module

import pytest
import yaml
from book_code import essence
from pybtex.database import parse_file
from pybtex.richtext import Text
from sphinx_external_toc.parsing import parse_toc_yaml
from taught import BOOK, CHAPTERS, NOTEBOOKS, PAGES, ROOT, tagged_cells, tags

import convlib
from convlib import core, networks
from convlib.exercises import Exercise
from convlib.web.folding import TITLE
from tools.run_notebooks import set_up, write_metadata

# The chapters that have these last sections: all but the one on error messages.
PARAMETERS = ["window", "stride", "padding", "dilation", "groups", "separable"]
PARAMETERS += ["networks", "tiles", "transposed", "gradients", "columns"]
ENDING = ["Error messages", "In real networks", "Exercises", "Summary", "Sources"]
ENDING = [f"## {heading}" for heading in ENDING]

# Each function of the core, and the chapter with the one cell that defines it.
TAUGHT = {
    "pad": "padding",
    "reach": "dilation",
    "sides": "dilation",
    "output_size": "dilation",
    "taps": "dilation",
    "coverage": "dilation",
    "windows": "dilation",
    "convolve": "groups",
    "connectivity": "groups",
    "channel_shuffle": "groups",
    "through_layer": "networks",
    "parallel": "networks",
    "macs": "networks",
    "overlap_add": "transposed",
    "transposed_size": "transposed",
    "input_gradient": "gradients",
    "weight_gradient": "gradients",
    "unfold": "columns",
    "fold": "columns",
}
# Public names that the core does not have, and the chapter that uses them first.
WRAPPERS = {
    "tensorflow_same": "padding",
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), "groups"),
    **dict.fromkeys(("Conv1d", "Conv2d", "Conv3d", "DepthwiseSeparableConv2d"), "separable"),
    **dict.fromkeys(("receptive_field", "summary", "onnx_summary", "read", "Branch"), "networks"),
    **dict.fromkeys(
        (f"conv{n}d_{of}" for n in (1, 2, 3) for of in ("input", "weight")), "gradients"
    ),
    **dict.fromkeys((f"conv_transpose{n}d" for n in (1, 2, 3)), "transposed"),
    **dict.fromkeys((f"ConvTranspose{n}d" for n in (1, 2, 3)), "transposed"),
    "explore": "window",
    "explore_groups": "groups",
}
# The pages with an explorer.
EXPLORED = ["window", "stride", "padding", "dilation", "groups", "separable"]
EXPLORED += ["transposed", "gradients", "columns", "errors", "intro"]
CORE = {name: getattr(core, name) for name in TAUGHT}
COUNTED = (
    *("through_layer", "parallel", "receptive_field", "macs", "summary", "onnx_summary", "read"),
    "Branch",
)
PUBLIC = {name: getattr(convlib, name) for name in convlib.__all__}
PUBLIC |= {name: getattr(networks, name) for name in COUNTED}

CODE = [
    (name, number, cell)
    for name, notebook in NOTEBOOKS.items()
    for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code")
]


def cell_id(entry):
    return f"{entry[0]}-{entry[1]}" if isinstance(entry, tuple) else None


every_cell = pytest.mark.parametrize("entry", CODE, ids=cell_id)


PAPERS = parse_file(BOOK / "references.bib").entries


def authors(paper):
    """Return the last names of one or two authors, or of the first one."""
    names = [
        str(Text.from_latex(" ".join([*person.prelast_names, *person.last_names])))
        for person in paper.persons["author"]
    ]
    return " and ".join(names) if len(names) <= 2 else f"{names[0]} et al."


def address(paper):
    """Return where a paper can be read, or the page of the book that lists it."""
    doi = paper.fields.get("doi")
    return paper.fields.get("url") or (f"https://doi.org/{doi}" if doi else "bibliography.md")


def definitions(source):
    return [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def globals_of(source):
    """Name what a cell needs from outside of its functions, other than builtins."""
    code = compile(source, "<cell>", "exec")
    inner = [const for const in code.co_consts if inspect.iscode(const)]
    for part in inner:  # grows
        inner += [const for const in part.co_consts if inspect.iscode(const)]
    loads = {"LOAD_GLOBAL", "LOAD_NAME"}
    used = {
        instruction.argval
        for part in (code, *inner)
        for instruction in dis.get_instructions(part)
        if instruction.opname in loads
    }
    return used - set(dir(builtins)) - {node.name for node in definitions(source)}


def unknown_names(cells):
    """List (function, name) for what a cell uses before a reader has typed it in."""
    known, unknown = {"np", "sliding_window_view"}, []
    for _, source in cells:
        (definition,) = definitions(source)
        unknown += [(definition.name, name) for name in sorted(globals_of(source) - known)]
        known.add(definition.name)
    return unknown


# The page ``engines`` prints these as they are; tests/test_engines.py compares them.
ENGINE_FUNCTIONS = {"multiply_columns", "multiply_rows", "add_taps", "band", "multiply_tiles"}
ENGINE_FUNCTIONS |= {"correlate_spectra"}

WORDS = {"macs", "read"}  # that chapters also use for numbers


def defined(source):
    """Name everything that a cell binds at its top level."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield from {node.id} - WORDS


TAGGED = tagged_cells()


def test_the_list_of_taught_functions_is_the_core():
    assert list(TAUGHT) == [node.name for node in definitions(inspect.getsource(core))]


def test_every_tagged_cell_defines_one_function_of_the_core_on_its_page():
    found = [(node.name, page) for page, source in TAGGED for node in ast.parse(source).body]
    assert sorted(found) == sorted(TAUGHT.items())


def test_the_core_is_in_the_order_of_the_pages():
    assert list(TAUGHT.values()) == sorted(TAUGHT.values(), key=PAGES.index)


@pytest.mark.parametrize("name", TAUGHT)
def test_the_code_on_the_page_is_the_code_in_the_core(name):
    (cell,) = (source for _, source in TAGGED if f"def {name}(" in source)
    assert essence(cell) == essence(inspect.getsource(CORE[name]))


def test_the_comparison_of_page_and_core_sees_every_difference():
    library = inspect.getsource(core.coverage)
    changes = [
        ("pixels >= 0", "pixels > 0"),
        ("# the others are padding", "# others are padding"),
        ("stride=1", "stride=2"),
        ("Number of windows", "Windows"),
        ("def coverage", "def counts"),
    ]
    for old, new in changes:
        assert old in library
        assert essence(library.replace(old, new)) != essence(library)
    assert essence(library.replace("def coverage(size,", "def coverage(\n    size,")) == essence(
        library
    )


def test_a_tagged_cell_uses_only_what_tagged_cells_before_it_define():
    assert unknown_names(TAGGED) == []


def test_a_name_that_is_used_before_it_is_defined_is_found():
    (number,) = (n for n, (_, source) in enumerate(TAGGED) if "def reach(" in source)
    late = [*TAGGED[:number], *TAGGED[number + 1 :], TAGGED[number]]
    assert ("sides", "reach") in unknown_names(late)
    private = [(page, source.replace("np.bincount(", "_count(")) for page, source in TAGGED]
    assert unknown_names(private) == [("coverage", "_count")]
    inside = [(page, source.replace("max(start", "math.fmax(start")) for page, source in TAGGED]
    assert unknown_names(inside) == [("parallel", "math")]


def test_every_public_name_is_taught_or_belongs_to_a_chapter():
    assert sorted(WRAPPERS) == sorted(set(PUBLIC) - set(TAUGHT))


@every_cell
def test_only_the_tagged_cell_defines_a_public_name(entry):
    page, _, cell = entry
    bound = set(defined(cell.source)) & (set(PUBLIC) | set(CORE))
    if "convlib" in tags(cell):
        assert len(bound & set(CORE)) == 1
        assert TAUGHT[bound.pop()] == page
    else:
        assert not bound


@pytest.mark.parametrize("name", PUBLIC)
def test_a_docstring_names_its_chapter(name):
    chapter = {**WRAPPERS, **TAUGHT}[name]
    assert f"Chapter ``{chapter}``." in PUBLIC[name].__doc__


@every_cell
def test_a_cell_is_short(entry):
    _, _, cell = entry
    lines = [line for line in cell.source.splitlines() if line.strip() and cell.id != "setup"]
    lines = [line for line in lines if not line.startswith(("import ", "from "))]
    lines = [line for line in lines if not TITLE.fullmatch(line)]
    whole = "convlib" in tags(cell) or ENGINE_FUNCTIONS & set(defined(cell.source))
    assert len(lines) <= (15 if whole else 8) or "hide-input" in tags(cell)


@every_cell
def test_a_figure_has_alt_text_and_a_caption_unless_it_is_part_of_an_answer(entry):
    _, _, cell = entry
    mystnb = cell.metadata.get("mystnb", {})
    if any("image/png" in output.get("data", {}) for output in cell.outputs):
        assert len(mystnb["image"]["alt"]) > 40
        if "hide-cell" not in tags(cell):
            assert len(mystnb["figure"]["caption"]) > 30
            assert mystnb["figure"]["name"].startswith("fig-")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_figure_is_referred_to(name):
    cells = NOTEBOOKS[name].cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    figures = [cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in cells]
    named = {*filter(None, figures), *re.findall(r"^:name: (fig-\S+)$", text, re.MULTILINE)}
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    replaced = set(re.findall(r'replaces="(fig-[^"]+)"', code))  # by an explorer, where scripts run
    assert replaced <= named
    assert set(re.findall(r"\]\(#(fig-[^)]+)\)", text)) | replaced == named
    assert text.count("```{figure} ") == text.count("\n:name: fig-") == text.count("\n:alt: ")


def test_no_text_has_a_role_or_a_formula_that_a_notebook_cannot_show():
    raw = re.compile(r"\{[a-z:]+\}`|\\text\{[^{}]*(?<!\\)_")
    for name, notebook in NOTEBOOKS.items():
        for cell in notebook.cells:
            assert cell.cell_type == "code" or not raw.search(cell.source), (name, cell.source)


def test_every_paper_of_the_bibliography_is_cited_by_authors_and_year_with_its_address():
    text = "\n".join(cell.source for notebook in NOTEBOOKS.values() for cell in notebook.cells)
    cited = set(re.findall(r"\[([^]\[]+?),? \(?((?:19|20)\d\d)\)?\]\(([^)]+)\)", text))
    assert cited == {
        (authors(paper), paper.fields["year"], address(paper)) for paper in PAPERS.values()
    }


@every_cell
def test_what_is_hidden_on_the_page_is_hidden_in_jupyterlab(entry):
    _, _, cell = entry
    changed = copy.deepcopy(cell)
    write_metadata(changed)
    assert cell.metadata == changed.metadata


@every_cell
def test_what_is_hidden_begins_with_a_title_which_is_all_that_jupyterlab_shows(entry):
    _, _, cell = entry
    hidden = bool({"hide-output", "hide-cell"} & set(tags(cell)))
    title = TITLE.fullmatch(cell.source.partition("\n")[0])
    assert bool(title) == (hidden and bool(cell.outputs))
    if title:
        assert cell.outputs[0].text.startswith(f"{title[1]}\n")
    if title and (number := re.search(r"\bcheck\((\d+), ", cell.source)):
        assert title[1] == f"Answer to exercise {number[1]}:"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_begins_by_fetching_convlib_where_it_is_missing(name):
    title, first, *others = NOTEBOOKS[name].cells
    assert title.cell_type == "markdown"
    assert first == {**set_up(), "execution_count": 1}
    assert not [cell for cell in others if "remove-cell" in tags(cell)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_opens_and_closes_like_every_other(chapter):
    text = [cell.source for cell in NOTEBOOKS[chapter].cells if cell.cell_type == "markdown"]
    for promise in ("**You will be able to**", "**It takes**", "**It needs**"):
        assert promise in text[0]
    headings = [line for cell in text for line in cell.splitlines() if line.startswith("## ")]
    assert headings[0] == "## The picture"
    if chapter in PARAMETERS:
        assert headings[1] in ("## When to use it", "## What is it good for?")
        assert headings[-5:] == ENDING
    else:
        assert headings[1] == "## By hand"
        assert headings[-3] in (ENDING[0], "## When an error is raised")
        assert headings[-2:] == [ENDING[2], ENDING[4]]
        assert "## torch agrees" in headings


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_asks_before_it_shows(chapter):
    pairs = list(itertools.pairwise(NOTEBOOKS[chapter].cells))
    predicted = [cell for before, cell in pairs if "**Predict" in before.source]
    asked = [cell for before, cell in pairs if "**Before you read on:**" in before.source]
    assert len(predicted) + len(asked) >= 2
    assert all({"hide-output", "hide-cell"} & set(tags(cell)) for cell in predicted)
    assert all(cell in predicted for _, cell in pairs if "hide-output" in tags(cell))
    assert all(re.fullmatch(r"question\(\d+, None\)", cell.source) for cell in asked)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_has_a_blank_to_fill_and_a_tested_answer_below(chapter):
    exercises = import_module(f"convlib.exercises.{chapter}").EXERCISES
    assert len(exercises) >= 4
    code = [cell for cell in NOTEBOOKS[chapter].cells if cell.cell_type == "code"]
    for number, exercise in exercises.items():
        asked = f"check({number}, None)"  # alone: on the page, the form takes the cell's place
        (blank,) = (i for i, cell in enumerate(code) if cell.source == asked)
        answer = code[blank + 1]
        assert "hide-cell" in tags(answer)
        assert f"check({number}, " in answer.source
        said = "".join(output.get("text", "") for output in answer.outputs)
        *_, sentence = said.splitlines()
        answered = [exercise.spelled] if isinstance(exercise, Exercise) else []
        assert sentence == f"{', '.join(['Right', *answered])}: {exercise.because}"


def test_explorers_are_on_the_pages_where_a_parameter_can_be_moved():
    cells = [(page, cell.source) for page, _, cell in CODE if ".explore" in cell.source]
    assert sorted(page for page, source in cells if ".explore(" in source) == sorted(EXPLORED)
    groups = [page for page, source in cells if ".explore_groups(" in source]
    assert sorted(groups) == ["groups", "separable"]
    for page, _, cell in CODE:
        html = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
        elements = len(re.findall("<(?:conv|groups)-explorer ", html))
        assert elements == (1 if (page, cell.source) in cells else 0)


def test_the_table_of_contents_lists_every_page_once():
    pages = {
        path.with_suffix("").name for path in BOOK.iterdir() if path.suffix in (".ipynb", ".md")
    }
    listed = list(parse_toc_yaml(ROOT / "_toc.yml"))
    assert sorted(listed) == sorted(f"book/{page}" for page in pages)


def test_pages_show_stored_outputs_and_nothing_is_executed():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert config["execute"]["execute_notebooks"] == "off"
    assert not [page for page in BOOK.glob("*.md") if "{code-cell}" in page.read_text()]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_saved_as_make_run_saves_it(name):
    notebook = NOTEBOOKS[name]
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
