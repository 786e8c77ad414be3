"""The whole book as one PDF, printed from the pages."""

import re
import unicodedata

import pytest
import yaml
from pypdf import PdfReader

from tools.browser import ROOT, table_of_contents
from tools.pdf import make_pdf

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pdf(browser, server, tmp_path_factory):
    target = tmp_path_factory.mktemp("pdf") / "book.pdf"
    make_pdf(browser, server, target)
    return PdfReader(target)


@pytest.fixture(scope="module")
def words(pdf):
    return [" ".join(page.extract_text().split()) for page in pdf.pages]


def bookmarks(pdf, outline=None):
    """List the bookmarks, those within parts too: title, number of the page."""
    for mark in pdf.outline if outline is None else outline:
        if isinstance(mark, list):
            yield from bookmarks(pdf, mark)
        else:
            yield mark.title, pdf.get_destination_page_number(mark)


def without_spaces(text):
    """Remove spaces and ligatures, in which PDF text differs from the page's."""
    return unicodedata.normalize("NFKC", text).replace(" ", "")


def test_every_page_of_the_book_is_in_it_in_order_under_its_title(pdf, words):
    marks = list(bookmarks(pdf))
    parts = [caption for caption, _ in table_of_contents() if caption]
    pages = [page for _, found in table_of_contents() for page in found]
    titles = [(title, number) for title, number in marks if title not in parts]
    assert len(titles) == len(pages) > 15
    assert len(marks) == len(titles) + len(parts)
    numbers = [number for _, number in titles]
    assert numbers == sorted(set(numbers))
    for title, number in titles:
        assert without_spaces(title) in without_spaces(words[number])[:200]  # the start of a page


def test_no_page_is_empty_and_each_has_its_number(words):
    for number, text in enumerate(words, 1):
        assert text.endswith(f" {number}")
        assert len(text) > 20


def test_captions_answers_explorers_and_chinese_are_printed(words):
    book = " ".join(words)
    assert "Figure 2.1 Stride 2 on a 5 x 5 image" in book
    assert len(re.findall(r"Right(?:, [^:]*)?: ", book)) > 40  # answers, which the page folds away
    assert "Stride 2 on a 5 x 5 image: the four windows" in book  # instead of the explorer
    assert "Copy a link" not in book
    assert "深度可分离卷积" in book


def test_links_lead_within_it_or_to_public_addresses(pdf):
    notes = [note.get_object() for page in pdf.pages for note in page.get("/Annots", ())]
    inside = [note for note in notes if "/Dest" in note or note["/A"].get("/S") == "/GoTo"]
    outside = {note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", ())}
    assert len(inside) > 300
    assert all(address.startswith("https://") for address in outside)
    assert not [address for address in outside if re.search("127.0.0.1|localhost", address)]


def test_it_has_the_title_of_the_book_and_pages_of_a4(pdf):
    assert pdf.metadata.title == yaml.safe_load((ROOT / "_config.yml").read_text())["title"]
    assert {round(float(page.mediabox.width) / 72, 1) for page in pdf.pages} == {8.3}  # A4
