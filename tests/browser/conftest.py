"""Fixtures of the browser tests: the served book, and a browser (see tools/browser.py)."""

import pytest

from tools.browser import serve, start_browser


@pytest.fixture(scope="session")
def server(site):
    """Serve the book; yields its address, without a slash at the end."""
    with serve(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Start one browser for all tests; `open_page` resets its state."""
    with start_browser() as session:
        yield session
