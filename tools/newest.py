"""Print what requirements.txt asks for without its versions: what pip then installs is the newest.

``python -m tools.newest > newest.txt`` writes it for the weekly workflow.
"""

import re
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
KEPT = {"jupyter-book"}  # 2 is another program, without Sphinx


def newest(text):
    """Remove the versions of requirements, except for those that are kept."""
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    named = [re.fullmatch(r"([\w.-]+)==\S+", line) for line in lines]
    return [line[0] if line[1] in KEPT else line[1] for line in named if line]


if __name__ == "__main__":
    print(*newest(REQUIREMENTS.read_text(encoding="utf-8")), sep="\n")
