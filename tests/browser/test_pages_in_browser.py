"""The built pages in a browser: complete, without console messages, accessible, responsive."""

import re
from pathlib import Path

import pytest
import selenium_axe_python
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from convlib.diagrams import GREY
from tools.browser import console, loaded_resources, open_page, page_weight, table_of_contents

pytestmark = pytest.mark.browser

CHAPTERS = [page for _, pages in table_of_contents() for page in pages]
PAGES = [*CHAPTERS, "search.html", "genindex.html", "404.html"]
each_page = pytest.mark.parametrize("page", PAGES)

# Findings of axe in the theme that are accepted: rule and element, with the reason.
ALLOWED = {
    ("region", ".sidebar-primary-items__start > .sidebar-primary-item:nth-child(1)"): "the title "
    "above the contents is in the theme's sidebar, which is no landmark",
}

AXE = Path(selenium_axe_python.__file__).with_name("axe-core") / "axe.min.js"
# Opens folded elements and ends animations before axe runs.
PREPARE = """
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    for (const moving of document.getAnimations()) moving.finish();
"""
# Gives two elements of each kind of text, whatever shadow it is in. Texts of a kind have one
# contrast: the same colour and font, before the same backgrounds. To check all of the thousands
# on a page would take most of the time.
KINDS = """
    const kinds = new Map();
    const behind = new Map();
    const ground = (element) => {
        if (!element) return "";
        if (!behind.has(element)) {
            const { backgroundColor, backgroundImage, opacity, filter, position, zIndex } =
                getComputedStyle(element);
            const own = [backgroundColor, backgroundImage, opacity, filter];
            if (position !== "static") own.push(zIndex, element.tagName, element.className);
            const around = element.parentElement ?? element.getRootNode().host;
            behind.set(element, ground(around) + "/" + own);
        }
        return behind.get(element);
    };
    const look = (root) => {
        const shown = NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT;
        const walker = document.createTreeWalker(root, shown);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            if (node.shadowRoot) look(node.shadowRoot);
            // axe has no verdict on a single character.
            if (node.nodeType !== Node.TEXT_NODE || node.data.trim().length < 2) continue;
            const element = node.parentElement;
            if (!element?.checkVisibility({ visibilityProperty: true })) continue;
            const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
            const disabled = element.closest(":disabled, [aria-disabled=true]") !== null;
            const word = /\\w\\w/.test(node.data);
            const own = [color, fontSize, fontWeight, textShadow, disabled, word];
            const kind = own + ground(element);
            const found = kinds.get(kind) ?? kinds.set(kind, new Set()).get(kind);
            if (found.size < 2) found.add(element);
        }
    };
    look(document.body);
    return [...kinds.values()].flatMap((found) => [...found]);
"""
WIDER = """
    return document.documentElement.scrollWidth <= arguments[0] ? [] :
        [...document.querySelectorAll("body *")]
            .filter(element => element.getBoundingClientRect().right > arguments[0])
            .map(element => element.outerHTML.slice(0, 80));
"""
# The text of a page, without the forms that a script puts in place of cells.
TEXT = """
    const added = document.querySelectorAll("exercise-form > form, .exercise-progress");
    for (const element of added) element.remove();
    return document.querySelector("main").innerText;
"""
THEME = "return document.documentElement.dataset.theme"
SHOWN = """
    return [...document.querySelectorAll("article img")].map(image => {
        image.loading = "eager";
        const behind = [];
        for (let element = image; element; element = element.parentElement)
            behind.push(getComputedStyle(element).backgroundColor);
        return [image.alt, behind.find(colour => !colour.endsWith(", 0)")),
                getComputedStyle(image).filter];
    });
"""


def findings(browser, contrast_only=False):
    """Run axe on the open page; return rule, element and reason of each finding not accepted."""
    browser.execute_script(PREPARE)
    browser.execute_script(AXE.read_text())
    rule = "color-contrast"
    found = run_axe(browser, {"include": browser.execute_script(KINDS)}, runOnly=[rule])
    if not contrast_only:
        found += run_axe(browser, None, rules={rule: {"enabled": False}})
    return found


def run_axe(browser, context, **options):
    """Run some rules of axe on a part of the page, or on all of it."""
    found = browser.execute_async_script(
        "const [context, options, done] = arguments;"
        "axe.run(context ?? document, options).then(done);",
        context,
        {"preload": False, "resultTypes": ["violations"], **options},
    )  # preload: axe would load the stylesheets again, some from a wrong address
    assert found["passes"]  # else nothing was checked
    return [
        (rule["id"], where, node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
        if (rule["id"], where := str(node["target"][-1])) not in ALLOWED
    ]


@each_page
def test_a_page_loads_completely_from_one_server_without_messages_and_is_accessible(
    browser, server, page
):
    open_page(browser, server, page, width=1600)
    assert browser.execute_script(THEME) == "light"
    assert browser.execute_script(WIDER, 1600) == []
    for address, status, _ in loaded_resources(browser):
        assert address.startswith(f"{server}/")
        assert (address, status) == (address, 200)
    assert findings(browser) == []
    assert console(browser) == []


@each_page
def test_a_dark_page_has_no_messages_and_enough_contrast(browser, server, page):
    open_page(browser, server, page, dark=True)
    assert browser.execute_script(THEME) == "dark"
    assert findings(browser, contrast_only=True) == []
    assert console(browser) == []


@pytest.mark.parametrize(
    "faint",
    [
        "document.querySelector('article section:last-of-type p')",
        "[...document.querySelectorAll('article .highlight .nn')].at(-1)",
        "document.querySelector('conv-explorer').shadowRoot.querySelector('.sum .title')",
    ],
    ids=["paragraph", "code", "explorer"],
)
def test_one_text_without_contrast_is_found(browser, server, faint):
    open_page(browser, server, "book/stride.html")
    browser.execute_script(PREPARE + f"{faint}.style.color = '#ddd';")
    assert {rule for rule, *_ in findings(browser, contrast_only=True)} == {"color-contrast"}


@each_page
def test_a_narrow_page_has_no_messages_and_does_not_scroll_sideways(browser, server, page):
    open_page(browser, server, page, width=400)
    assert browser.execute_script(WIDER, 400) == []
    assert console(browser) == []


@pytest.mark.parametrize("page", [*CHAPTERS, "404.html"])
def test_a_page_can_be_read_without_scripts(browser, server, page):
    open_page(browser, server, page)
    lines = browser.execute_script(TEXT).splitlines()
    open_page(browser, server, page, script=False)
    assert len(lines) > 5
    assert set(lines) <= set(browser.execute_script(TEXT).splitlines())


def luminance(colour):
    channels = [int(part) / 255 for part in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", ["book/window.html", "book/engines.html"])
def test_figures_are_undimmed_on_a_background_with_contrast(browser, server, page, dark):
    grey = bytes.fromhex(GREY[1:])
    open_page(browser, server, page, dark=dark)
    figures = browser.execute_script(SHOWN)
    assert figures
    for _, ground, filtered in figures:
        assert contrast(grey, re.findall(r"\d+", ground)[:3]) >= 4
        assert filtered == "none"


@pytest.mark.parametrize(
    ("word", "page"),
    [("dilation", "dilation"), ("dilated", "dilation"), ("步长", "glossary")],
)
def test_the_search_finds_the_page(browser, server, word, page):
    open_page(browser, server, "search.html")
    (field,) = (
        field
        for field in browser.find_elements(By.CSS_SELECTOR, "form input[name=q]")
        if field.is_displayed()
    )
    field.send_keys(word, Keys.ENTER)
    result = (By.CSS_SELECTOR, f"#search-results li a[href*='{page}']")
    assert WebDriverWait(browser, 10).until(lambda browser: browser.find_elements(*result))
    assert console(browser) == []


def test_the_index_redirects_to_the_first_page(browser, server):
    open_page(browser, server, "")
    WebDriverWait(browser, 5).until(lambda browser: browser.current_url.endswith(CHAPTERS[0]))


def test_an_unknown_address_shows_a_complete_page_with_a_link_back(browser, server):
    open_page(browser, server, "no/such/page")
    (_, status, _), *rest = loaded_resources(browser)
    assert status == 404
    assert rest
    assert all(status == 200 for _, status, _ in rest)
    browser.find_element(By.LINK_TEXT, "front page").click()
    WebDriverWait(browser, 5).until(lambda browser: browser.current_url.endswith(CHAPTERS[0]))
    console(browser)  # discard the message about the 404


def test_a_chapter_loads_few_bytes(browser, server):
    requests, size = page_weight(browser, server, "book/window.html")
    assert 5 < requests <= 100  # small modules, most of them of the explorer
    assert 100_000 < size <= 800_000
