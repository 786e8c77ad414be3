"""A page made only from what a notebook displays: the scripts, and elements without any."""

import pytest

from convlib import web
from tools.browser import console, open_page, serve, wait_for_element

pytestmark = pytest.mark.browser
SQUARE = {
    "index.js": 'import "./shapes/square-element.js";\n',
    "shapes/square-element.js": """import { square } from "../model/square.js";
const style = new URL("./square.css", import.meta.url);
customElements.define("square-element", class extends HTMLElement {
  connectedCallback() {
    const side = Number(this.getAttribute("side"));
    this.attachShadow({ mode: "open" }).innerHTML =
      `<link rel="stylesheet" href="${style}"><p>${square(side)}</p>`;
  }
});
""",
    "shapes/square.css": "p { color: rgb(1, 2, 3); }\n",
    "model/square.js": "export const square = (x) => x * x;\n",
}


@pytest.fixture
def show(browser, tmp_path):
    """Open a page with this body."""
    with serve(tmp_path) as address:
        browser.get("about:blank")
        console(browser)  # what the page of another test said when it was left

        def show(*html):
            text = '<!doctype html><link rel="icon" href="data:,"><body>' + "\n".join(html)
            (tmp_path / "page.html").write_text(text)
            open_page(browser, address, "page.html")

        yield show


def test_an_element_works_whether_it_comes_before_or_after_the_scripts(browser, show, tmp_path):
    for name, text in SQUARE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    scripts = web.scripts(folder=tmp_path)
    elements = [web.element("square-element", {"side": side}, "Run.") for side in ("3", "5")]
    show(elements[0], scripts, elements[1], scripts)
    wait_for_element(browser, "square-element")
    shown = browser.execute_async_script("""
        const done = arguments[0];
        Promise.all([...document.querySelectorAll("square-element")].map(async ({ shadowRoot }) => {
          const link = shadowRoot.querySelector("link"), text = shadowRoot.querySelector("p");
          if (!link.sheet) await new Promise((resolve) => { link.onload = resolve; });
          return [text.textContent, getComputedStyle(text).color];
        })).then(done);
    """)
    assert shown == [["9", "rgb(1, 2, 3)"], ["25", "rgb(1, 2, 3)"]]
    assert console(browser) == []


def test_every_element_of_the_package_is_defined(browser, show):
    index = web.sources()[web.ENTRY]
    tags = [path.rpartition("/")[2].removesuffix(".js") for path in web.references("", index)]
    show(web.scripts(), web.scripts())
    defined = browser.execute_async_script(
        "const done = arguments[1];"
        "Promise.all(arguments[0].map(tag => customElements.whenDefined(tag).then(() => tag)))"
        ".then(done);",
        tags,
    )
    assert defined == tags
    assert console(browser) == []
