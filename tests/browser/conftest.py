"""A browser and the served book for all tests here; tools/browser.py has what they do with them."""

import pytest

from tools.browser import served, started


@pytest.fixture(scope="session")
def server(site):
    """Serve the book; the address, to which `/book/01-window.html` may be added."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Start one browser for all tests: a page is opened afresh by `open_page`."""
    with started() as session:
        yield session
