"""Notebooks are compared more strictly than nbval does by itself, wherever pytest starts."""

pytest_plugins = ["tools.strict_nbval"]
