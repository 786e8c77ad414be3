"""For every pytest here: notebooks are compared strictly, and examples know np."""

import numpy as np
import pytest

pytest_plugins = ["tools.strict_nbval"]


@pytest.fixture(autouse=True)
def _examples(doctest_namespace):
    doctest_namespace["np"] = np
