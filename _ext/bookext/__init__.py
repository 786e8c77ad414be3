"""What the book asks of Sphinx beyond its settings, an idea to a module."""

PARTS = ("docstrings", "mathml", "assets", "address", "offers", "chinese", "barriers")


def setup(app):
    """Register with Sphinx."""
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
