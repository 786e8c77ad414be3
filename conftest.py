"""For every pytest here: notebooks are compared strictly and in order, and examples know np."""

import numpy as np
import pytest
from nbval.plugin import IPyNbCell

pytest_plugins = ["tools.strict_nbval", "tools.book_nbval"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the cells of a notebook in their order; all other tests run in a random one."""
    for item in items:
        if isinstance(item, IPyNbCell):
            item.add_marker(pytest.mark.random_order(disabled=True))


@pytest.fixture(autouse=True)
def _examples(doctest_namespace):
    doctest_namespace["np"] = np
