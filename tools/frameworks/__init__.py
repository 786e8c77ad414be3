"""Results of other frameworks, stored once, with which the book compares its conversions.

``python -m tools.frameworks`` runs every adapter, in an environment that has the packages of
``tools/frameworks/requirements.txt``, and writes ``book/_static/frameworks.json``. With names of
adapters it replaces their results only. The tests and the pages read the file; they need none
of these packages.
"""
