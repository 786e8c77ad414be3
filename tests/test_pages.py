"""The built pages: complete, self-contained, light, and showing exactly what was compared."""

import base64
import gzip
import json
import os
import re
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup
from building import build
from fontTools.ttLib import TTFont
from parsed import anchors, read

import convlib
from convlib import networks, web
from tools import icons as icons_of_pages
from tools.icons import FONT, LARGE
from tools.run_notebooks import SETUP, set_up

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
SECTIONS = sorted((ROOT / "book").glob("*.md"))
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text())
ADDRESS = os.environ.get("BOOK_URL") or CONFIG["html"]["baseurl"]
TITLE = CONFIG["title"]
NAMES = [f"book/{path.stem}" for path in NOTEBOOKS + SECTIONS] + ["index", "search", "genindex"]
NAMES += ["404"]
PINNED = ("requirements.txt", "tools/lab/requirements.txt")
FOR_THE_WHEEL = ("pyproject.toml", "README.md", "LICENSE", "requirements.txt", "convlib")
HEAVIEST = 700_000  # bytes of a page with everything that it loads, compressed

every_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
every_page = pytest.mark.parametrize("name", NAMES)


def page(site, name):
    return read(site / "book" / f"{name}.html")


@pytest.fixture
def bookext(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools" / "sphinx")
    import bookext.address
    import bookext.archive
    import bookext.downloads
    import bookext.web

    return bookext


def markup(element):
    """Write elements and what is in them, scripts too, in one form whoever parsed them."""
    html = element if isinstance(element, str) else element.decode_contents()
    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").decode()).strip()


def shown(site, name):
    """Read the outputs off a page: text, the whole of a piece of html, bytes of a picture."""
    for cell in page(site, name).select("div.cell"):
        found = []
        for element in cell.select(".cell_output :is(pre, img, div.text_html)"):
            if element.name != "div" and element.find_parent("div", "text_html"):
                continue
            if element.name == "img":
                found.append((site / "book" / element["src"]).read_bytes())
            elif element.name == "div":
                found.append(markup(element))
            else:
                found.append(element.get_text())
        yield found


def stored(notebook):
    """Read the outputs off a notebook in the same form."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        if "remove-cell" in cell.metadata.get("tags", []):
            assert not cell.outputs, "a cell that the page leaves out must show nothing"
            continue
        found = []
        for output in cell.outputs:
            if output.output_type == "stream":
                found.append(output.text)
            elif "image/png" in output.data:
                found.append(base64.b64decode(output.data["image/png"]))
            elif "text/html" in output.data:
                found.append(markup(output.data["text/html"]))
            else:
                found.append(output.data["text/plain"] + "\n")
        yield found


def test_the_book_builds(book_build):
    _, failure = book_build
    if failure:
        pytest.fail(f"the book did not build; its last lines:\n{failure}", pytrace=False)


@every_notebook
def test_a_page_shows_exactly_the_stored_outputs(site, notebook):
    assert list(shown(site, notebook.stem)) == list(stored(notebook))


@every_page
def test_a_page_loads_nothing_from_elsewhere(site, name):
    addresses = [address for _, address in loaded(read(site / f"{name}.html"))]
    assert addresses
    assert not [address for address in addresses if urlsplit(address).netloc]


@every_notebook
def test_every_picture_says_what_it_shows_and_formulas_need_no_script(site, notebook):
    soup = page(site, notebook.stem)
    assert all(len(image.get("alt", "")) > 40 for image in soup.select(".cell_output img"))
    assert not [tag for tag in soup.select("script") if "mathjax" in str(tag).lower()]
    assert "\\text" not in soup.select_one("article").get_text()
    assert not [text for text in soup.select("math mtext") if "\\" in text.get_text()]


@pytest.mark.parametrize("name", ["window", "networks", "conventions", "bibliography"])
def test_headings_of_tables_have_words_and_what_is_folded_its_own(site, name):
    soup = page(site, name)
    assert not [head for head in soup.select("th") if not head.get_text(strip=True)]
    assert not soup.select("summary[aria-label], [role=doc-biblioentry]")
    if name in ("window", "networks"):
        assert soup.select("summary p")


def test_library_cells_wear_the_badge(site):
    assert len(page(site, "dilation").select(".cell.tag_convlib")) == 6
    assert ".tag_convlib .cell_input::before" in (site / "_static" / "book.css").read_text()


def test_predictions_and_answers_are_folded_away(site):
    soup = page(site, "stride")
    folded = soup.select("details.hide.below-input, details.hide.above-input, details.hide")
    assert len(folded) >= 2 + 6
    assert not [element for element in folded if element.has_attr("open")]


def prefix():
    """Name the folder that links on the page for lost readers begin with."""
    return urlsplit(ADDRESS).path.rstrip("/") + "/"


def target(site, path, address):
    """Find the file that an address on a page means."""
    where = unquote(urlsplit(address).path)
    if not where:
        return path
    root = site if where.startswith("/") else path.parent
    found = (root / where.removeprefix(prefix()).lstrip("/")).resolve()
    return found / "index.html" if found.is_dir() else found


# What a page weighs.

FETCHED = {"stylesheet", "icon", "preload", "modulepreload"}
PARTS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


def loaded(soup):
    """Name what a page asks for by itself."""
    for tag in soup.select(":is(script, img, iframe, source)[src], link[href]"):
        if tag.name != "link" or FETCHED & set(tag.get("rel", [])):
            yield tag, tag[PARTS[tag.name]]


def icons(soup):
    """Name the icon fonts that a page has icons of."""
    used = {word for tag in soup.select("[class*=fa]") for word in tag["class"]}
    fonts = {"icons": {"fa-solid", "fas"}, "fa-brands": {"fa-brands", "fab"}}
    fonts["fa-regular"] = {"fa-regular", "far"}
    return tuple(font for font, words in fonts.items() if words & used)


def inside(stylesheet, wanted):
    """Name the files that a stylesheet brings along: others, and fonts that are wanted."""
    for address in re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')]+)", stylesheet.read_text()):
        kind = Path(urlsplit(address).path).suffix
        if not address.startswith("data:") and (
            kind == ".css"
            or (kind in (".woff", ".woff2") and Path(address).name.startswith(wanted))
        ):
            yield (stylesheet.parent / urlsplit(address).path).resolve()


def weigh(site, name):
    """Say for each file that a page loads how many bytes it is, compressed."""
    path = site / f"{name}.html"
    soup = read(path)
    files = [path]
    files += [target(site, path, address) for _, address in loaded(soup)]
    wanted = icons(soup) + ("math",) * bool(soup.find("math"))
    for file in files:  # grows
        if file.suffix == ".css":
            files += [other for other in inside(file, wanted) if other not in files]
    return {file: len(gzip.compress(file.read_bytes(), 6)) for file in files}


@every_page
def test_a_page_is_light(site, name):
    weights = weigh(site, name)
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:5]
    assert sum(weights.values()) < HEAVIEST, heaviest


def test_the_weight_of_a_page_counts_its_fonts_pictures_and_imported_styles(site):
    files = {file.name for file in weigh(site, "book/window")}
    assert {"window.html", "math.woff2", "icons.woff", "basic.css"} <= files
    assert len([file for file in files if file.endswith(".png")]) == 5
    assert not {"fontawesome.js", "sphinx-thebe.js", "fa-brands-400.woff2"} & files
    assert "fa-solid-900.woff2" not in files
    assert not list(site.rglob("fontawesome.js"))


def test_the_font_of_icons_has_those_of_the_pages_and_of_the_theme(site):
    used = {ord(icon) for icon in icons_of_pages.characters(site)}
    small, whole = (set(TTFont(path).getBestCmap()) for path in (FONT, site / LARGE))
    assert used & whole <= small  # the others are those of brands, in a font of their own
    assert len(used & whole) > 20
    rule = re.search(
        r"@font-face \{[^}]*icons\.woff[^}]*\}", (site / "_static/book.css").read_text()
    )
    theme = (site / "_static/styles/pydata-sphinx-theme.css").read_text()
    (large,) = re.findall(r"@font-face\{[^}]*fa-solid-900[^}]*\}", theme)
    for face in (rule[0], large):
        assert "Font Awesome 6 Free" in face.replace("\\", "")
        assert re.search("font-weight: ?900", face)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "search"])
def test_scripts_from_files_come_after_the_text(site, name):
    text = (site / f"{name}.html").read_text()
    scripts = [match.start() for match in re.finditer("<script[^>]* src=", text)]
    assert all(place > text.find("</article>") for place in scripts)
    assert "<script" not in text or len(scripts) > 3


@every_page
def test_a_page_loads_the_modules_of_its_elements_and_all_that_they_import(site, name, bookext):
    soup = read(site / f"{name}.html")
    modules = [str(tag["src"]) for tag in soup.select('script[type="module"][src]')]
    modules = [address.partition("_static/web/")[2] for address in modules]
    elements = bookext.web.element_modules()
    needed = [module for tag, module in elements.items() if soup.find(tag)]
    listed = bookext.web.EVERYWHERE if soup.select("nav.bd-links") else []
    assert modules == listed + needed
    fetched = {target(site, site / f"{name}.html", address) for _, address in loaded(soup)}
    required = {file for module in modules for file in web.sources(module)}
    assert fetched >= {(site / "_static" / "web" / file).resolve() for file in required}


def test_the_site_has_the_modules_as_they_are_in_the_package(site):
    for path in web.sources():
        assert (site / "_static" / "web" / path).read_text() == (web.FOLDER / path).read_text()
    assert not list((site / "_static" / "web").rglob("*.py"))


def test_without_scripts_the_page_has_colours(site):
    assert page(site, "window").html["data-theme"] == "light"


# Where links lead.


@every_page
def test_every_link_inside_the_book_leads_to_something(site, name):
    path = site / f"{name}.html"
    soup = read(path)
    links = {tag["href"] for tag in soup.select("a[href]")} - {"#"}
    links = {link for link in links if not urlsplit(link).scheme}
    assert links
    for link in links:
        found, anchor = target(site, path, link), unquote(urlsplit(link).fragment)
        assert found.exists(), link
        if anchor:
            assert anchor in anchors(found), link


@every_page
def test_a_page_has_one_heading_a_title_a_language_and_a_description(site, name):
    soup = read(site / f"{name}.html")
    assert len(soup.select("h1")) == 1
    assert soup.h1.get_text().strip()
    assert TITLE in soup.title.get_text()
    assert soup.html["lang"] == "en"
    (description,) = soup.select('meta[name="description"]')
    assert len(description["content"]) > 40
    assert all(image.get("alt", "").strip() for image in soup.select("img"))


def test_all_built_pages_are_looked_at(site):
    built = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")}
    assert built == set(NAMES)


# The search.


def search_index(site):
    text = (site / "searchindex.js").read_text()
    return json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))


@pytest.mark.parametrize("word", ["stride", "dilat", "coverag", "nchw", "卷积", "步长", "感受野"])
def test_the_search_finds_what_readers_look_for(site, word):
    index = search_index(site)
    assert word in index["terms"]
    pages = index["terms"][word]
    pages = pages if isinstance(pages, list) else [pages]
    if word > "z":
        assert "book/glossary" in [index["docnames"][number] for number in pages]


# The address of the book.


@pytest.mark.parametrize(
    ("given", "address"),
    [("", ""), (None, ""), ("https://a.org", "https://a.org/"), ("http://a.b/c/", "http://a.b/c/")],
)
def test_an_address_is_whole_or_none(bookext, given, address):
    assert bookext.address.normalized(given) == address


@pytest.mark.parametrize("given", ["a.org/book", "/book/", "ftp://a.org", "https:///book"])
def test_half_an_address_is_refused(bookext, given):
    with pytest.raises(Exception, match=f"'{given}', must be a whole https address"):
        bookext.address.normalized(given)


@pytest.fixture(scope="module")
def small_site(tmp_path_factory):
    """Build a book of two pages by the settings of the large one, under an address."""

    def build_small(address, change=lambda config: None, pdf=False, wheel=False):
        source = tmp_path_factory.mktemp("source")
        (source / "tools").symlink_to(ROOT / "tools")
        (source / "book").mkdir()
        for name in ("_static", "_templates", "references.bib"):
            (source / "book" / name).symlink_to(ROOT / "book" / name)
        words = "These are enough words for a description of a page.\n"
        (source / "book" / "intro.md").write_text(f"# Front\n\n{words}\n## Run it yourself\n\n-\n")
        title = nbformat.v4.new_markdown_cell(f"# A\n\n{words}")
        notebook = nbformat.v4.new_notebook(cells=[title, set_up()])
        nbformat.write(notebook, source / "book" / "a.ipynb")
        toc = {"format": "jb-book", "root": "book/intro", "chapters": [{"file": "book/a"}]}
        (source / "_toc.yml").write_text(yaml.safe_dump(toc))
        config = yaml.safe_load((ROOT / "_config.yml").read_text())
        change(config)
        (source / "_config.yml").write_text(yaml.safe_dump(config))
        for name in FOR_THE_WHEEL if wheel else ():
            (source / name).symlink_to(ROOT / name)
        if pdf:
            (source / "_build").mkdir()
            (source / "_build" / "conv2d.pdf").write_bytes(b"%PDF-")
        if failure := build(source, source / "out", BOOK_URL=address):
            pytest.fail(f"the small book did not build:\n{failure}", pytrace=False)
        return source / "out" / "_build" / "html"

    return build_small


@pytest.fixture(scope="module")
def published(small_site):
    def publish(config):
        config["repository"]["url"] = "https://github.com/somebody/something"

    return small_site("https://example.org/books/conv", publish, pdf=True, wheel=True)


def said(soup, *keys):
    return {
        key: [tag["content"] for tag in soup.select(f'meta[property="{key}"], meta[name="{key}"]')]
        for key in keys
    }


WHOLE = ("og:url", "og:image", "twitter:card")


def test_with_an_address_a_page_names_itself_and_its_card_in_full(published):
    base = "https://example.org/books/conv/"
    for name in ("index", "book/a", "book/intro"):
        soup = read(published / f"{name}.html")
        own = base if name == "index" else f"{base}{name}.html"
        canonical = f"{base}book/intro.html" if name == "index" else own
        assert said(soup, *WHOLE) == {
            "og:url": [own],
            "og:image": [f"{base}_static/card.png"],
            "twitter:card": ["summary_large_image"],
        }
        assert [tag["href"] for tag in soup.select("link[rel=canonical]")] == [canonical]
        assert said(soup, "og:title")["og:title"]
    assert (published / "_static" / "card.png").exists()


def test_a_lost_reader_finds_back_from_any_folder(published, site):
    for folder, built in (("/books/conv/", published), (prefix(), site)):
        soup = read(built / "404.html")
        offered = [link["href"] for link in soup.select("article a")]
        assert offered == [folder, f"{folder}search.html"]
        addresses = [address for _, address in loaded(soup)]
        assert len(addresses) > 10
        assert all(address.startswith(folder) for address in addresses)
        assert soup.html["data-content_root"] == folder
        assert not soup.select("link[rel=canonical]")


@pytest.mark.skipif("BOOK_URL" in os.environ, reason="the book is built for an address")
@every_page
def test_without_an_address_no_page_says_one(site, name):
    if CONFIG["html"]["baseurl"]:
        pytest.skip("the book has an address")
    soup = read(site / f"{name}.html")
    assert not any(said(soup, *WHOLE).values())
    assert not soup.select("link[rel=canonical]")


# What a reader may take along.


@every_notebook
def test_a_page_offers_its_notebook_as_it_is(bookext, site, notebook):
    text = notebook.read_text()
    if address := bookext.address.normalized(ADDRESS):
        (wheel,) = site.glob("*.whl")
        text = bookext.archive.with_source(text, f"{address}{wheel.name}")
    soup = page(site, notebook.stem)
    (download,) = soup.select(".book-downloads a[download]")
    assert (site / "book" / download["href"]).read_bytes() == text.encode()
    links = [link["href"] for link in soup.select(".book-downloads a")]
    assert links[-1].endswith("#run-it-yourself")


def test_with_an_address_a_notebook_installs_the_wheel_from_there(bookext, published):
    (wheel,) = published.glob("*.whl")
    source = f"convlib[diagrams] @ https://example.org/books/conv/{wheel.name}"
    downloaded = nbformat.read(published / "book" / "a.ipynb", as_version=4)
    with zipfile.ZipFile(published / "conv2d-book.zip") as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/a.ipynb"))
        zipped = nbformat.reads(archive.read(name).decode(), as_version=4)
    assert zipped.cells[1].source == SETUP
    assert downloaded.cells[1].source == SETUP.replace("[None]", f"[{source!r}]") != SETUP
    downloaded.cells[1].source = SETUP
    assert downloaded == zipped


@every_notebook
def test_the_set_up_cell_of_a_notebook_takes_an_address(bookext, notebook):
    text = notebook.read_text()
    changed = bookext.archive.with_source(text, "http://127.0.0.1:8000/a.whl")
    cells = json.loads(changed)["cells"]
    (found,) = ("".join(cell["source"]) for cell in cells if cell["id"] == "setup")
    assert "(wheels or ['convlib[diagrams] @ http://127.0.0.1:8000/a.whl'])" in found
    compile(found, notebook.name, "exec")
    assert bookext.archive.with_source(changed, "b") == bookext.archive.with_source(text, "b")


def test_a_set_up_cell_of_another_form_ends_the_build(bookext):
    with pytest.raises(Exception, match="says 0 times, not once, where convlib is"):
        bookext.archive.with_source('{"id": "setup", "source": ["import convlib"]}', "a.whl")


def test_the_front_page_says_how_to_clone_a_public_repository(site, published):
    (section,) = read(published / "book" / "intro.html").select("#run-it-yourself")
    commands = section.select("pre")[-1].get_text().split("\n")
    clone = "git clone https://github.com/somebody/something"
    assert commands[:3] == [clone, "cd something", "make lab"]
    public = not CONFIG["repository"]["url"].startswith("https://example.com/")
    assert ("git clone" in page(site, "intro").get_text()) == public


def test_a_page_without_a_notebook_offers_none(site):
    assert not page(site, "glossary").select(".book-downloads")


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        (
            "https://github.com/a/b",
            "https://colab.research.google.com/github/a/b/blob/main/c.ipynb",
        ),
        (
            "https://github.com/a/b.git",
            "https://colab.research.google.com/github/a/b/blob/main/c.ipynb",
        ),
        ("https://example.com/conv2d", None),
        ("https://example.com/github.com/a/b", None),
        ("https://gitlab.com/a/b", None),
        ("https://github.com/a", None),
        ("", None),
        (None, None),
    ],
)
def test_colab_opens_what_lies_on_github_and_nothing_else(bookext, repository, address):
    assert bookext.downloads.colab_address(repository, "main", "c.ipynb") == address


def test_the_link_to_colab_follows_the_repository(site, published):
    colab = '.book-downloads a[href^="https://colab.research.google.com/"]'
    (link,) = read(published / "book" / "a.html").select(colab)
    assert link["href"].endswith("/github/somebody/something/blob/main/book/a.ipynb")
    public = CONFIG["repository"]["url"].startswith("https://github.com/")
    assert len(page(site, "window").select(colab)) == public


def test_the_book_is_offered_as_pdf_if_it_was_printed(site, published):
    (link,) = read(published / "book" / "a.html").select(".bd-footer-content .book-pdf a")
    assert link["href"] == "../conv2d.pdf"
    assert (published / "conv2d.pdf").read_bytes() == b"%PDF-"
    offered = page(site, "window").select(".book-pdf a")
    assert len(offered) == (site / "conv2d.pdf").exists()


# The sheet of formulas and the glossary.

CALLS = {name: getattr(convlib, name) for name in convlib.__all__} | {"ones": np.ones}
COUNTED = ("macs", "receptive_field", "through_layer", "MaxPool1d")
CALLS |= {name: getattr(networks, name) for name in COUNTED}
FORMULAS = (ROOT / "book" / "formulas.md").read_text()
EXAMPLES = re.findall(r"`([^`]+)` → `([^`]+)`", FORMULAS)


@pytest.mark.parametrize(("call", "value"), EXAMPLES)
def test_an_example_on_the_sheet_is_right(call, value):
    assert np.array_equal(eval(call, dict(CALLS)), eval(value))


def test_every_formula_on_the_sheet_has_an_example_and_is_set_as_one(site):
    rows = page(site, "formulas").select("#formulas tbody tr")
    assert len(rows) >= 15
    assert FORMULAS.count("→") == len(EXAMPLES) >= len(rows) - 1
    for row in rows:
        what, formula, example = row.select("td")
        assert what.get_text().strip()
        assert formula.select("math")
        assert "→" in example.get_text() or what.get_text().startswith("start")


def test_a_term_of_the_glossary_has_a_chinese_name_and_leads_to_its_section(site):
    terms = page(site, "glossary").select("dl.glossary > *")
    names, last = [], []
    for element in terms:
        if element.name == "dt":
            last.append(element)
            continue
        names.append(last[0].find(string=True))
        marked = [term.find(string=True) for term in last if term.get("lang") == "zh-Hans"]
        assert marked == [word for word in (t.find(string=True) for t in last) if max(word) > "一"]
        assert marked, names[-1]
        assert element.select('a[href*=".html#"]'), names[-1]
        assert len(element.get_text()) < 400
        last = []
    assert len(names) >= 30
    keys = [re.sub(r"\W", "", name).lower() for name in names]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_the_zip_has_every_notebook_the_wheel_and_what_they_need(site):
    with zipfile.ZipFile(site / "conv2d-book.zip") as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    for path in NOTEBOOKS:
        assert files[path.name] == path.read_bytes()
    data = {path.name for path in (ROOT / "book").glob("_static/*.json")}
    assert {f"_static/{name}" for name in data} <= set(files)  # which notebooks read
    assert not [name for name in files if name.startswith((".", "_templates"))]
    (wheel,) = (name for name in files if name.endswith(".whl"))
    assert files[wheel] == (site / wheel).read_bytes()
    first, *pins = files["requirements.txt"].decode().split()
    assert first == f"./{wheel}"
    pinned = "".join((ROOT / name).read_text() for name in PINNED)
    assert all(pin in pinned.split() for pin in pins)
    imported = re.findall(
        r"^ *\"(?:import|from) (\w+)",
        "\n".join(path.read_text() for path in NOTEBOOKS),
        re.MULTILINE,
    )
    known = {pin.partition("==")[0] for pin in pins} | {"convlib"} | set(sys.stdlib_module_names)
    assert set(imported) <= known


def test_the_front_page_offers_the_zip(site):
    (link,) = page(site, "intro").select('a[download][href$=".zip"]')
    assert (site / "book" / link["href"]).resolve() == (site / "conv2d-book.zip").resolve()
