"""The built pages: complete, self-contained, and showing exactly what was compared."""

import base64
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))


def page(site, name):
    return BeautifulSoup((site / "book" / f"{name}.html").read_text(), "html.parser")


def cells(table):
    return [part.get_text() for part in table.select("caption, th, td")]


def shown(site, name):
    """Read the outputs off a page, cell by cell: text, cells of a table, bytes of a picture."""
    for cell in page(site, name).select("div.cell"):
        found = []
        for element in cell.select(".cell_output :is(pre, img, table)"):
            if element.name == "img":
                found.append((site / "book" / element["src"]).read_bytes())
            elif element.name == "table":
                found.append(cells(element))
            else:
                found.append(element.get_text())
        yield found


def stored(notebook):
    """Read the outputs off a notebook in the same form."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        found = []
        for output in cell.outputs:
            if output.output_type == "stream":
                found.append(output.text)
            elif "image/png" in output.data:
                found.append(base64.b64decode(output.data["image/png"]))
            elif "text/html" in output.data:
                found.append(cells(BeautifulSoup(output.data["text/html"], "html.parser")))
            else:
                found.append(output.data["text/plain"] + "\n")
        yield found


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_shows_exactly_the_stored_outputs(site, notebook):
    assert list(shown(site, notebook.stem)) == list(stored(notebook))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_loads_nothing_from_elsewhere(site, notebook):
    soup = page(site, notebook.stem)
    loaded = [tag.get("src") for tag in soup.select("script[src], img, iframe, source")]
    loaded += [tag.get("href") for tag in soup.select("link[rel=stylesheet], link[rel~=icon]")]
    loaded += [tag.get("href") for tag in soup.select("link[rel=preload], link[rel=preconnect]")]
    assert loaded
    assert not [address for address in loaded if address.startswith(("http:", "https:", "//"))]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_says_what_it_shows_and_formulas_need_no_script(site, notebook):
    soup = page(site, notebook.stem)
    assert all(len(image.get("alt", "")) > 40 for image in soup.select(".cell_output img"))
    assert not [tag for tag in soup.select("script") if "mathjax" in str(tag).lower()]
    assert "\\text" not in soup.select_one("article").get_text()


def test_library_cells_wear_the_badge(site):
    assert len(page(site, "02-stride").select(".cell.tag_convlib")) == 2
    assert ".tag_convlib .cell_input::before" in (site / "_static" / "book.css").read_text()


def test_predictions_and_answers_are_folded_away(site):
    soup = page(site, "02-stride")
    folded = soup.select("details.hide.below-input, details.hide.above-input, details.hide")
    assert len(folded) >= 2 + 6
    assert not [element for element in folded if element.has_attr("open")]


def test_the_search_finds_what_readers_look_for(site):
    index = (site / "searchindex.js").read_text()
    for word in ("stride", "dilat", "coverag", "nchw"):
        assert f'"{word}"' in index or f"{word}:" in index
