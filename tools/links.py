"""Check that the public addresses in the book and in README answer.

``python -m tools.links`` prints those that do not, and where they are; it exits with 1 if there
are any. Servers that answer only browsers (401, 403, 405, 429) are not counted.
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import nbformat

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(r"https?://[^\s<>\"'`\\{}|]+")
RESERVED = re.compile(r"(.+\.)?example\.(com|org)|localhost|127\.0\.0\.1")
BROWSERS_ONLY = {401, 403, 405, 429}
SECONDS, TRIES = 30, 3


def addresses(text):
    """Return the addresses in a text, without what follows them in the sentence."""
    found = []
    for address in ADDRESS.findall(text):
        address = address.partition("#")[0].rstrip(".,;:!?*")
        while address.endswith(")") and address.count("(") < address.count(")"):
            address = address[: address.rindex(")")].rstrip(".,;:")
        if not RESERVED.fullmatch(urlsplit(address).hostname or "localhost"):
            found.append(address)
    return found


def text_of(path):
    """Return the text of a page: of a notebook, its Markdown cells."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def pages(root=ROOT):
    """List the files whose links are checked."""
    return [root / "README.md", *sorted(root.glob("book/*.md")), *sorted(root.glob("book/*.ipynb"))]


def failure(address, tries=TRIES):
    """Return why an address does not answer, or None if it does."""
    request = Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    for _ in range(tries):
        try:
            with urlopen(request, timeout=SECONDS):
                return None
        except HTTPError as error:
            if error.code in BROWSERS_ONLY:
                return None
            said = f"{error.code} {error.reason}"
        except (URLError, OSError, ValueError) as error:
            said = str(getattr(error, "reason", error))
    return said


def main(files):
    """Check the links of some files; return 1 if one does not answer, else 0."""
    where = {}
    for path in files:
        for address in addresses(text_of(path)):
            where.setdefault(address, set()).add(path.name)
    with ThreadPoolExecutor(8) as threads:
        failures = dict(zip(where, threads.map(failure, where), strict=True))
    failed = {address: why for address, why in failures.items() if why}
    for address, why in failed.items():
        print(f"{address}: {why} ({', '.join(sorted(where[address]))})")
    print(f"{len(failed)} of {len(where)} addresses do not answer")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pages()))
