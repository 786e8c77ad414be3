"""Sphinx extension of the book, one concern per module."""

PARTS = (
    "docstrings",
    "mathml",
    "assets",
    "web",
    "address",
    "downloads",
    "archive",
    "lang_attributes",
    "callouts",
    "accessibility",
    "search_words",
)


def setup(app):
    """Register with Sphinx."""
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
