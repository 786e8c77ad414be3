"""Pages of the built book, each parsed once for all tests of a file."""

from functools import cache

from bs4 import BeautifulSoup


@cache
def read(path):
    """Return a page, parsed."""
    return BeautifulSoup(path.read_text(), "html.parser")


@cache
def anchors(path):
    """Return what links to a part of a page can name."""
    return {tag["id"] for tag in read(path).select("[id]")}
