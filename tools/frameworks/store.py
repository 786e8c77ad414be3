"""The file of stored results: arrays as nested lists, each result with a hash."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[2] / "book" / "_static" / "frameworks.json"
DIGITS = 6  # of results that are no integers


def record(call, output, **arrays):
    """Return one result: the call as text, its arrays, its output, and a hash of all of them."""
    entry = {"call": call, **{name: plain(array) for name, array in arrays.items()}}
    entry["output"] = plain(output)
    return {**entry, "sha256": digest(entry)}


def plain(array):
    """Return an array as nested lists, of ints where all numbers are integers."""
    array = np.asarray(array)
    if np.array_equal(array, np.rint(array)):
        return array.astype(int).tolist()
    return np.round(array.astype(float), DIGITS).tolist()


def digest(entry):
    """Return the SHA-256 of a result, without the entry that holds it."""
    content = {name: value for name, value in entry.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read():
    """Return what is stored: versions and results by adapter."""
    return json.loads(FILE.read_text())


def write(stored):
    """Write the file, one result per line."""
    text = json.dumps(dict(sorted(stored.items())))
    text = re.sub(r', ("[^"]+": {"(?:call|versions)")', r",\n\1", text)
    FILE.write_text(f"{text}\n")
