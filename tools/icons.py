"""Cut the theme's icon font down to the icons of the pages: ``python -m tools.icons``.

The font, Font Awesome Free (SIL OFL 1.1), has 1,400 icons and half of the bytes of a page; the
pages of the built book in ``_build/html`` use fewer than 30. book.css names the small file for
the same font family, so a browser does not load the large one.
"""

import re
import sys
from pathlib import Path

from fontTools import subset

ROOT = Path(__file__).parents[1]
FONT = ROOT / "book" / "_static" / "icons.woff"
LARGE = "_static/vendor/fontawesome/webfonts/fa-solid-900.ttf"
ICON = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
PRIVATE = re.compile(r'"([\ue000-\uf8ff])"|"\\(f[0-9a-f]{3})"')


def characters(site):
    """Return the icons of the built pages: of their classes, and of the theme's style sheets."""
    styles = "".join(path.read_text() for path in sorted((site / "_static").rglob("*.css")))
    scripts = (site / "_static" / "scripts").glob("*.js")
    pages = "".join(path.read_text() for path in [*sorted(site.rglob("*.html")), *scripts])
    used = set(re.findall(r"\bfa-[\w-]+", pages))
    named = {
        chr(int(code, 16))
        for names, code in ICON.findall(styles)
        if used & set(re.findall(r"fa-[\w-]+", names))
    }
    written = PRIVATE.findall(ICON.sub("", styles))
    return named | {character or chr(int(code, 16)) for character, code in written}


def write(site, target=FONT):
    """Write the small font."""
    options = subset.Options(flavor="woff", layout_features=[], notdef_outline=True)
    font = subset.load_font(str(site / LARGE), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(characters(site))))
    cutter.subset(font)
    subset.save_font(font, str(target), options)


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "_build" / "html"))
