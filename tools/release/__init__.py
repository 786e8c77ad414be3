"""Releases: checks of a tag, the text of a release, its files, and a rehearsal of all of it."""
