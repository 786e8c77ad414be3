"""The reference: complete, made from the docstrings, and every link leads somewhere."""

import inspect
import re
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
import torch
from parsed import anchors, read
from taught import NOTEBOOKS

import convlib
from convlib import diagrams, engines, networks

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
DRAWN = {name: getattr(diagrams, name) for name in diagrams.__all__ if name.startswith("draw_")}
COUNTED = (
    "summary",
    "onnx_summary",
    "Branch",
    "read",
    "receptive_field",
    "through_layer",
    "parallel",
    "macs",
)
TAUGHT = {name: getattr(convlib, name) for name in convlib.__all__}
TAUGHT |= {name: getattr(networks, name) for name in COUNTED}
TAUGHT["explain"] = engines.explain
NAMES = TAUGHT | DRAWN
RESULTS = ("Summary", "Row", "Field", "Reads", "Span")  # what functions of networks return
HEADINGS = re.findall(r"^### (.+)$", (BOOK / "reference.md").read_text(), re.MULTILINE)
# An anchor is the heading in small letters; the second of one anchor, as Conv2d's, counts on.
ANCHORS = {name: name.lower() + "-1" * (name.lower() in NAMES and name[0] == "C") for name in NAMES}

every_name = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def reference(site):
    return read(site / "book" / "reference.html")


@pytest.fixture(scope="module")
def entry(reference):
    """Find the entry of a name, below the heading of that name."""
    signatures = reference.find_all("dt", id=re.compile(r"^convlib\."))

    def find(name):
        pattern = rf"convlib\.(\w+\.)?{name}"
        (signature,) = (each for each in signatures if re.fullmatch(pattern, each["id"]))
        heading = signature.find_parent("section").find(re.compile("h[1-6]"))
        assert heading.find(string=True, recursive=False) == name
        return signature.parent

    return find


def lists(entry):
    """Read the definition lists of an entry, by the small headings above them."""
    return {
        rubric.get_text(): rubric.find_next_sibling()
        for rubric in entry.find("dd", recursive=False).find_all("p", "rubric", recursive=False)
    }


def chapter(name):
    (found,) = re.findall(r"Chapter ``([\w-]+)``", TAUGHT[name].__doc__)
    return found


def test_every_public_name_has_one_heading_and_nothing_else_has():
    assert sorted(HEADINGS) == sorted([*NAMES, *RESULTS])


@pytest.mark.parametrize("name", networks.__all__)
def test_every_layer_of_networks_is_named(name):
    assert f"`{name}`" in (BOOK / "reference.md").read_text() or name in HEADINGS


@every_name
def test_an_entry_explains_every_parameter_of_its_signature(entry, name):
    terms = lists(entry(name))["Parameters"].find_all("dt", recursive=False)
    explained = [term.find(string=True) for term in terms]
    assert sorted(", ".join(explained).split(", ")) == sorted(
        inspect.signature(NAMES[name]).parameters
    )


@every_name
def test_an_entry_says_what_comes_back_and_what_is_refused(entry, name):
    found = lists(entry(name))
    gives = [] if name in DRAWN else ["Attributes" if name[0].isupper() else "Returns"]
    for section in [*gives, "Raises"]:
        assert found[section].name == "dl"
        assert found[section].find("dt").get_text()


@pytest.mark.parametrize("name", RESULTS)
def test_an_entry_of_a_result_explains_it(entry, name):
    found = entry(name)
    assert found.find("dd").get_text().strip()
    if name != "Field":  # whose text explains its three numbers
        terms = lists(found)["Attributes"].find_all("dt", recursive=False)
        explained = ", ".join(term.find(string=True) for term in terms).split(", ")
        assert set(explained) <= set(dir(getattr(networks, name))) | set(
            inspect.signature(getattr(networks, name)).parameters
        )


@every_name
def test_the_examples_of_an_entry_are_coloured(entry, name):
    examples = lists(entry(name))["Examples"]
    assert examples.select_one(".highlight .gp")


@pytest.mark.parametrize("name", TAUGHT)
def test_an_entry_leads_to_its_chapter_and_the_chapter_back(entry, name):
    page = f"{chapter(name)}.html"
    assert entry(name).select_one(f'a.internal[href="{page}"]')
    cells = NOTEBOOKS[chapter(name)].cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert f"](reference.md#{ANCHORS[name]})" in text


def test_signatures_are_short_and_docstrings_leave_no_markup_behind(reference):
    for signature in reference.select("dt.sig"):
        assert not re.search(r"ndarray|<|->", signature.get_text())
    for text in reference.select_one("article").find_all(string=True):
        assert text.find_parent(["code", "pre"]) or not re.search(r"`|:\w+:|arxiv\.org", text)


def test_every_link_inside_the_book_leads_to_something(site, reference):
    links = {link["href"] for link in reference.select("article a[href]")}
    inside = {link for link in links if not link.startswith("http")}
    assert len(inside) > 60
    for link in inside:
        page, _, anchor = link.partition("#")
        assert not anchor or anchor in anchors(site / "book" / (page or "reference.html")), link


def test_every_link_to_torch_and_numpy_names_what_is_there(reference):
    links = {link["href"] for link in reference.select("article a[href^=http]")}
    pages = {link for link in links if "arxiv.org/abs/" not in link}
    assert len(pages) > 10
    for page in pages:
        assert page.startswith(
            ("https://docs.pytorch.org/docs/stable/", "https://numpy.org/doc/stable/")
        )
        library, _, name = Path(page).stem.partition(".")
        assert callable(attrgetter(name)({"torch": torch, "numpy": np}[library]))
    papers = re.findall(r"arXiv:[\d.]+\d", reference.get_text())
    assert len(papers) == len(reference.select('a[href^="https://arxiv.org/abs/"]')) > 3


def test_the_index_lists_the_arguments_of_torch_in_their_order(reference):
    head, *rows = (row.select("th, td") for row in reference.find("table").select("tr"))
    assert [row[0].get_text() for row in rows] == list(
        inspect.signature(torch.nn.Conv2d).parameters
    )
    for argument, meaning, section, functions in rows:
        assert argument.a["href"] == head[0].a["href"]
        assert argument.a["href"].endswith("/torch.nn.Conv2d.html")
        assert meaning.get_text()
        if argument.get_text() == "device":
            assert section.a["href"] == "conventions.html#memory-format-and-device"
            assert functions.get_text().startswith("convlib has none")
        else:
            assert re.fullmatch(r"\w+\.html#[\w-]+", section.a["href"])
            assert set(functions.get_text().split(", ")) <= set(convlib.__all__)
            assert len(functions.select("a[href]")) == len(functions.get_text().split(", "))


def test_every_page_names_its_licences(site):
    pages = sorted((site / "book").glob("*.html"))
    assert len(pages) > 8
    for page in pages:
        (said,) = read(page).select(".bd-footer-content .extra_footer")
        assert said.get_text().strip() == "Code: MIT. Text and pictures: CC BY 4.0.", page.name
    licence = (ROOT / "LICENSE").read_text()
    assert "Code: MIT License\n" in licence
    assert "Text and pictures: CC BY 4.0\n" in licence
