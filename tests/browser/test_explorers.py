"""<conv-explorer> in a browser: it computes what torch computes, by mouse, touch and keyboard.

The arithmetic itself is compared in node (tests/test_explorer_model.py); here it is compared
once more for what is visible.
"""

import json
import random
import struct
import time
import zlib
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import selenium_axe_python
import torch
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

import convlib
from convlib import web
from tools.browser import console, loaded_resources, open_page, serve

pytestmark = pytest.mark.browser

AXE = Path(selenium_axe_python.__file__).with_name("axe-core") / "axe.min.js"
STRIDE = 'call="nn.Conv2d(1, 1, 2, stride=2, bias=False)" size="5" parameter="stride"'
KERNEL_OF_ONES = f'{STRIDE} weight="[[[[1, 1], [1, 1]]]]"'
COUNTED = 'call="nn.Conv2d(1, 1, 2, bias=False)" size="5"'

# The explorer, its shadow root, and the texts of the cells of a board, row by row.
PRELUDE = """
const explorer = document.querySelector("conv-explorer"), root = explorer.shadowRoot;
const texts = (board) => [...root.querySelectorAll(`.board.${board}`)].map((sheet) =>
  [...sheet.querySelectorAll(".row")].map((row) =>
    [...row.querySelectorAll(`.cell.${board}`)].map((cell) => cell.textContent.trim()))
    .filter((row) => row.length));
const UNFOLDED = "details.more, details.facts";
const keys = (name) => [...root.querySelectorAll(`.cell.${name}`)]
  .map((cell) => cell.dataset.key).filter(Boolean);
"""


class Page:
    """An open page with one explorer."""

    def __init__(self, browser):
        self.browser = browser

    @property
    def root(self):
        """Return the shadow root."""
        return self.browser.find_element(By.TAG_NAME, "conv-explorer").shadow_root

    def run(self, script, *arguments):
        """Run a script that may use the names of PRELUDE."""
        return self.browser.execute_script(PRELUDE + script, *arguments)

    def find(self, selector):
        """Return the first element."""
        return self.root.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        """Return all elements."""
        return self.root.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """Return the visible text of an element."""
        return self.find(selector).text

    def cell(self, board, *index):
        """Return the cell with this index, rows included."""
        return self.find(f'.cell[data-key="{board}:{",".join(map(str, index))}"]')

    def field(self, name, kind="number", axis=0):
        """Return the number field or the slider of a parameter."""
        return self.find(f"input[type={kind}][data-parameter={name}][data-axis='{axis}']")

    def select(self, selector, value):
        """Choose an option."""
        self.find(f"select[data-{selector}] option[value='{value}']").click()

    def press(self, *keys):
        """Send keys to what has the focus; selenium would first focus it anew."""
        ActionChains(self.browser).send_keys(*keys).perform()

    def chord(self, key):
        """Press a key together with Ctrl."""
        ActionChains(self.browser).key_down(Keys.CONTROL).send_keys(key).key_up(
            Keys.CONTROL
        ).perform()

    def active(self):
        """Return what has the focus."""
        return self.run("return root.activeElement")

    def announced(self):
        """Return what a screen reader says."""
        return self.run("return root.querySelector('[aria-live=polite]').textContent")

    def sum(self):
        """Return the lines of the sum."""
        return self.run("""
            return [...root.querySelectorAll(".line")]
              .map((line) => line.textContent.replace(/\\s+/g, " ").trim());
        """)

    def marked(self, name):
        """Return the keys of the cells with a class, such as touched."""
        return set(self.run("return keys(arguments[0])", name))

    def set(self, call, size=None):
        """Set the call, after the size."""
        self.run(
            "if (arguments[1]) explorer.size = arguments[1]; explorer.call = arguments[0];",
            call,
            size,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the browser code of the package; `show` adds pages to it."""
    folder = tmp_path_factory.mktemp("explorers")
    (folder / "web").symlink_to(web.FOLDER, target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def address(site):
    """Serve that folder."""
    with serve(site) as server:
        yield server


@pytest.fixture
def show(browser, site, address):
    """Open a page with an explorer of these attributes; returns it when it has drawn."""

    def show(attributes=COUNTED, query="", before="", folded=False, **options):
        (site / "page.html").write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title>'
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            "<style>:root { color-scheme: light dark } body { font: 16px sans-serif } "
            "@media (prefers-color-scheme: dark) { body { color: #ced6dd; background: #14181e } }"
            "</style>"
            '<script type="module" src="web/explorer/conv-explorer.js"></script>'
            f"<main><h1>x</h1>{before}"
            f'<conv-explorer id="explorer" {attributes}><p>No script.</p></conv-explorer></main>'
        )
        open_page(browser, address, f"page.html{query}", **options)
        page = Page(browser)
        WebDriverWait(browser, 10, 0.02).until(lambda _: page.all(".cell, .stage > p"))
        if not folded:
            page.run("for (const part of root.querySelectorAll(UNFOLDED)) part.open = true;")
        return page

    yield show
    assert console(browser) == []


# What it shows is what torch computes


def one_or_two(dice, entries):
    return dice.choice(entries) if dice.random() < 0.7 else tuple(dice.choices(entries, k=2))


def layers(count):
    """Yield calls of torch and sizes that fit, of all four kinds, with at most four channels."""
    dice = random.Random(3)
    while count:
        kind = dice.choice(["Conv2d", "Conv2d", "Conv1d", "ConvTranspose2d", "ConvTranspose1d"])
        flat, transposed = kind.endswith("1d"), kind.startswith("ConvT")
        groups = dice.choice([1, 1, 1, 2, 4])
        pick = dice.choice if flat else lambda entries: one_or_two(dice, entries)
        words = {
            "stride": pick([1, 1, 2, 3]),
            "padding": pick([0, 0, 1, 2]),
            "dilation": pick([1, 1, 2]),
            "groups": groups,
            "bias": dice.random() < 0.7,
        }
        if not transposed:
            words["padding_mode"] = dice.choice(["zeros", "zeros", "reflect", "circular"])
            words["padding"] = dice.choice([words["padding"], "same", "valid"])
        else:
            words["output_padding"] = dice.choice([0, 0, 1])
        channels = [groups * dice.choice([1, 2] if groups < 3 else [1]) for _ in range(2)]
        kernel = pick([1, 2, 3, 3])
        text = ", ".join(f"{name}={value!r}" for name, value in words.items())
        call = f"nn.{kind}({channels[0]}, {channels[1]}, {kernel}, {text})"
        sizes = dice.choices(range(2, 8), k=1 if flat else 2)
        try:
            eval(call, {"nn": torch.nn})(torch.zeros(1, channels[0], *sizes))
        except (ValueError, RuntimeError):
            continue  # torch rejects it
        count -= 1
        yield call, sizes


def test_output_and_cells_are_what_torch_computes(show):
    page = show()
    for call, sizes in layers(60):
        shown = page.run(
            """
            const [call, sizes, preset] = arguments;
            explorer.size = sizes;
            explorer.call = call;
            for (const select of root.querySelectorAll("select[data-preset]")) {
              select.value = preset;
              select.dispatchEvent(new Event("change", { bubbles: true }));
            }
            const { input, weight, bias, output } = explorer;
            const { textContent: size } = root.querySelector(".size");
            return { input, weight, bias, output, size, cells: texts("output"),
              pixels: texts("input"), selected: explorer.products.total,
              sum: root.querySelector(".sum .chip.output").textContent };
            """,
            call,
            sizes,
            "random",
        )
        layer = eval(call, {"nn": torch.nn}).double()
        state = {"weight": torch.tensor(shown["weight"], dtype=torch.float64)}
        if shown["bias"] is not None:
            state["bias"] = torch.tensor(shown["bias"], dtype=torch.float64)
        layer.load_state_dict(state)  # raises where a shape is not torch's
        expected = layer(torch.tensor(shown["input"], dtype=torch.float64)[None])[0]
        assert shown["output"] == expected.tolist(), call
        rows = expected if expected.dim() == 3 else expected[:, None]
        assert shown["cells"] == [[[f"{x:g}" for x in row] for row in c] for c in rows], call
        pixels = [[float(text) for row in board for text in row] for board in shown["pixels"]]
        assert pixels == [np.ravel(channel).tolist() for channel in shown["input"]]
        assert shown["size"].endswith("of " + " x ".join(map(str, expected.shape[1:])))
        first = expected.flatten()[0].item()
        assert (shown["selected"], shown["sum"]) == (first, f"{first:g}"), call


def test_the_sum_of_the_selected_output_is_written_out(show):
    page = show(KERNEL_OF_ONES)
    page.cell("output", 0, 1, 0).click()
    assert page.text(".sum .title").splitlines()[-1] == "Output row 1, column 0 = 52"
    assert page.sum() == ["1*10 + 1*11 + 1*15 + 1*16 = 52"]
    assert page.run("return explorer.products.text") == "52 = 52"
    page.set("nn.Conv2d(2, 1, 2)", 3)
    page.run("explorer.bias = [7]")
    page.cell("output", 0, 0, 0).click()
    first, second, total = page.sum()
    assert first == "channel 0 1*0 + 1*1 + 1*3 + 1*4 = 8"
    assert second == "channel 1 1*9 + 1*10 + 1*12 + 1*13 = 44"
    assert total == "sum 8 + 44 + 7 = 59"


def test_padding_shows_the_numbers_of_its_mode(show):
    page = show('call="nn.Conv2d(1, 1, 3, padding=1)" size="3"')
    for mode, numpy_mode in (
        ("zeros", "constant"),
        ("reflect", "reflect"),
        ("replicate", "edge"),
        ("circular", "wrap"),
    ):
        page.select("mode", mode)
        shown = page.run("""
            return [...root.querySelectorAll(".board.input .row")].map((row) =>
              [...row.querySelectorAll(".cell")].map((cell) => Number(cell.textContent)));
        """)
        assert shown == np.pad(np.arange(9).reshape(3, 3), 1, mode=numpy_mode).tolist()
        assert len(page.all(".cell.pad")) == 16


def test_coverage_is_convlibs_and_only_an_overlay(show):
    page = show('call="nn.Conv2d(1, 1, 3, stride=2)" size="6"')
    assert not page.all("[data-count]")
    page.find("[data-coverage]").click()
    counts = [int(cell.get_attribute("data-count")) for cell in page.all(".cell.input")]
    expected = convlib.coverage((6, 6), 3, stride=2)
    assert np.reshape(counts, (6, 6)).tolist() == expected.tolist()
    assert len(page.all(".cell.unread")) == np.count_nonzero(expected == 0) == 11
    assert page.run("return texts('input')[0][1]") == ["6", "7", "8", "9", "10", "11"]
    label = page.cell("input", 0, 2, 2).get_attribute("aria-label")
    assert label == "row 2, column 2: 14, read by 4 windows"


# Who touches whom


def pixels(board, channels, rows, columns):
    return {f"{board}:{c},{r},{x}" for c in channels for r in rows for x in columns}


def hover(page, cell):
    ActionChains(page.browser).move_to_element(cell).perform()


def test_a_selected_output_shows_its_window_and_channels(show):
    page = show('call="nn.Conv2d(4, 4, 2, stride=2, groups=2)" size="5"')
    page.cell("output", 2, 1, 0).click()
    rows, columns = convlib.taps((5, 5), 2, stride=2)
    assert page.marked("window") == pixels("input", [2, 3], rows[1], columns[0])
    assert page.marked("selected") == {"output:2,1,0"}
    dimmed = [board.find_element(By.CSS_SELECTOR, ".caption").text for board in page.all(".dimmed")]
    assert dimmed == ["channel 0", "channel 1", "not read", "not read", *(
        f"channel {channel}" for channel in (0, 1, 3)
    )]  # fmt: skip
    assert page.text(".group.weight .title") == "weight[2], 2 x 2"
    page.all(".filter")[1].click()
    assert page.text(".group.weight .title") == "weight[1], 2 x 2"
    assert page.marked("window") == pixels("input", [0, 1], rows[1], columns[0])


def test_a_kernel_cell_under_the_pointer_highlights_everything_it_touches(show):
    page = show('call="nn.Conv2d(1, 1, 3, stride=2, dilation=2, padding=1)" size="7"')
    hover(page, page.cell("weight", 0, 0, 0, 1))
    rows, columns = convlib.taps((7, 7), 3, stride=2, padding=1, dilation=2)
    touched = pixels("input", [0], [r for r in rows[:, 0] if r >= 0], columns[:, 1])
    assert page.marked("input.touched") == touched
    assert page.marked("output.touched") == pixels("output", [0], range(3), range(3))
    assert page.text(".term.hot") == "2*0"  # in the padding of the first window
    hover(page, page.find("h1") if page.all("h1") else page.find(".play"))
    assert page.marked("touched") == set()


def test_an_input_pixel_under_the_pointer_highlights_its_readers(show):
    page = show('call="nn.Conv2d(1, 2, 3)" size="5"')
    hover(page, page.cell("input", 0, 1, 2))
    assert page.marked("touched") == pixels("output", [0, 1], [0, 1], [0, 1, 2])
    assert page.marked("partner") == {"weight:0,0,1,2"}
    assert page.text(".term.hot") == "6*7"
    assert "is read by 6 windows: rows 0, 1, columns 0, 1, 2" in page.text(".sum .title")
    assert page.announced() == ""  # to pass over is not to select


def test_an_output_under_the_pointer_is_explained_until_it_leaves(show):
    page = show()
    hover(page, page.cell("output", 0, 3, 3))
    assert page.sum() == ["1*18 + 2*19 + 3*23 + 4*24 = 221"]
    hover(page, page.find(".play"))
    assert page.sum() == ["1*0 + 2*1 + 3*5 + 4*6 = 41"]


# Editing


def test_a_cell_is_edited_like_in_a_spreadsheet(show):
    page = show()
    page.cell("weight", 0, 0, 0, 0).click()
    page.press("-")
    page.press("0.5")
    assert page.sum()[0].startswith("(-0.5)*0 + 2*1")
    page.press(Keys.ENTER)
    assert page.active().get_attribute("data-key") == "weight:0,0,0,0"
    assert page.run("return explorer.weight") == [[[[-0.5, 2], [3, 4]]]]
    page.cell("input", 0, 0, 1).click()
    page.cell("input", 0, 0, 1).click()  # the second click edits
    page.press("100")
    assert page.sum() == ["(-0.5)*0 + 2*100 + 3*5 + 4*6 = 239"]
    page.press(Keys.ESCAPE)
    assert page.sum() == ["(-0.5)*0 + 2*1 + 3*5 + 4*6 = 41"]
    page.press(Keys.F2, "7", Keys.ARROW_DOWN)
    assert page.active().get_attribute("data-key") == "input:0,1,1"
    assert page.run("return explorer.input[0][0]") == [0, 7, 2, 3, 4]


def test_text_that_is_no_number_keeps_the_last_one_and_says_so(show):
    page = show('call="nn.Conv2d(1, 1, 2)" size="4"')
    page.cell("bias", 0).click()
    page.press("2")
    page.press("x")
    assert page.text(".message") == "'2x' is not a number. The cell keeps 2."
    assert page.active().get_attribute("aria-invalid") == "true"
    assert page.run("return explorer.bias") == [2]
    page.press(Keys.TAB)
    assert page.text(".cell.bias") == "2"
    assert page.text(".message").startswith("Output:")
    page.cell("weight", 0, 0, 0, 0).click()
    page.press(Keys.DELETE, Keys.ESCAPE)
    assert page.run("return explorer.weight[0][0][0]") == [1, 2]


def test_numbers_are_kept_when_the_layer_changes(show):
    page = show()
    page.cell("weight", 0, 0, 1, 1).click()
    page.press("9", Keys.ENTER, Keys.HOME, "8", Keys.ENTER)
    page.set("nn.Conv2d(1, 1, 3, bias=False)")
    assert page.run("return explorer.weight[0][0][1]") == [8, 9, 6]
    page.set("nn.Conv2d(1, 1, 1, bias=False)")
    assert page.run("return explorer.weight") == [[[[1]]]]
    page.set("nn.Conv2d(1, 1, 2, bias=False)")
    assert page.run("return explorer.weight") == [[[[1, 2], [8, 9]]]]


def png(path, rows):
    """Write a grey picture."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_the_readers_own_picture_is_computed_and_sent_nowhere(show, tmp_path):
    page = show(query="?x=1")
    png(tmp_path / "small.png", [[0, 50, 100], [150, 200, 255]])
    page.find("input[type=file]").send_keys(str(tmp_path / "small.png"))
    WebDriverWait(page.browser, 5, 0.02).until(lambda _: page.all(".boards.grey"))
    assert page.run("return explorer.input") == [[[0, 50, 100], [150, 200, 255]]]
    assert page.run("return explorer.output[0][0][0]") == 50 * 2 + 150 * 3 + 200 * 4
    png(tmp_path / "large.png", [[x % 256 for x in range(320)] for _ in range(160)])
    page.find("input[type=file]").send_keys(str(tmp_path / "large.png"))
    WebDriverWait(page.browser, 5, 0.02).until(lambda _: page.run("return explorer.size[0]") == 16)
    assert page.run("return explorer.size") == [16, 32]
    time.sleep(0.5)
    assert "input=" not in page.browser.current_url
    (tmp_path / "text.png").write_text("no picture")
    page.find("input[type=file]").send_keys(str(tmp_path / "text.png"))
    WebDriverWait(page.browser, 5, 0.02).until(
        lambda _: page.text(".message") == "text.png is not a picture that this browser can read"
    )
    sent = [name for name, _, _ in loaded_resources(page.browser)]
    assert all(name.startswith(("http://127.0.0.1", "data:")) for name in sent)
    assert not [name for name in sent if "png" in name]


# The call and the sliders


def test_typing_a_call_moves_the_sliders_and_sliders_write_the_call(show):
    page = show(KERNEL_OF_ONES)
    call = page.find("[data-call]")
    assert page.run("return root.querySelector('.field').dataset.name") == "stride"
    call.click()
    page.chord("a")
    page.press("nn.Conv2d(2, 4, (3, 2), padding=1, groups=2)")
    assert page.field("groups", "range").get_attribute("value") == "2"
    assert page.field("kernel_size", axis=1).get_attribute("value") == "2"
    assert page.text(".size") == "4 channels of 5 x 6"
    page.field("stride", "range").send_keys(Keys.ARROW_RIGHT)
    text = "nn.Conv2d(2, 4, (3, 2), stride=(2, 1), padding=1, groups=2)"
    assert call.get_attribute("value") == page.run("return explorer.call") == text
    page.find("[data-apart]").click()
    assert page.run("return explorer.call") == "nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2)"
    page.select("word", "same")
    assert "stride must be 1" in page.text(".message")
    page.field("stride").send_keys(Keys.BACKSPACE, "1")
    assert page.run("return explorer.call") == "nn.Conv2d(2, 4, 3, padding='same', groups=2)"
    assert not page.field("padding", "range").is_enabled()
    page.find("[data-bias]").click()
    assert page.run("return [explorer.call, explorer.bias]") == [
        "nn.Conv2d(2, 4, 3, padding='same', groups=2, bias=False)",
        None,
    ]
    page.find("[data-reset]").click()
    assert page.run("return explorer.call") == "nn.Conv2d(1, 1, 2, stride=2, bias=False)"
    assert page.run("return explorer.weight") == [[[[1, 1], [1, 1]]]]


def test_a_field_that_is_being_typed_into_is_left_alone(show):
    page = show(STRIDE)
    field = page.field("stride")
    field.click()
    page.press(Keys.END, Keys.BACKSPACE)
    assert page.run("return explorer.call") == "nn.Conv2d(1, 1, 2, stride=2, bias=False)"
    assert field.get_attribute("value") == ""
    page.press("0.5")
    assert page.text(".message") == "stride=0.5 must be an int, not float"
    page.press(Keys.BACKSPACE * 3, "4", Keys.BACKSPACE, Keys.TAB)
    assert field.get_attribute("value") == "4"
    assert page.run("return explorer.call") == "nn.Conv2d(1, 1, 2, stride=4, bias=False)"


def test_the_kind_of_layer_can_be_changed_and_examples_chosen(show):
    page = show()
    for kind, call in (
        ("ConvTranspose2d", "nn.ConvTranspose2d(1, 1, 2, bias=False)"),
        ("Conv1d", "nn.Conv1d(1, 1, 2, bias=False)"),
    ):
        page.select("kind", kind)
        assert page.run("return explorer.call") == call
    assert len(page.all(".board.input .row")) == 1
    names = page.run("return [...root.querySelectorAll('[data-example] option')].map(o => o.value)")
    for name in names[1:]:
        page.select("example", name)
        assert page.text(".message").startswith("Output:"), name
        assert page.run("return explorer.output.flat(2).length > 0")


INVALID = [  # a call, a size, and the call of convlib that raises the same
    ("nn.Conv2d(1, 1, 5)", 3),
    ("nn.Conv2d(1, 1, 3, dilation=4)", 8),
    ("nn.Conv2d(1, 1, 3, stride=2, padding='same')", 5),
    ("nn.Conv2d(1, 1, 3, dilation=0)", 5),
    ("nn.Conv2d(1, 1, 3, stride=0)", 5),
    ("nn.Conv2d(1, 1, 3, padding=-1)", 5),
    ("nn.Conv2d(1, 1, 3, padding=0.5)", 5),
    ("nn.Conv2d(4, 4, 3, groups=3)", 5),
    ("nn.Conv2d(4, 6, 3, groups=4)", 5),
    ("nn.Conv2d(4, 4, 3, groups=0)", 5),
    ("nn.ConvTranspose2d(1, 1, 3, output_padding=1)", 5),
]


@pytest.mark.parametrize(("call", "size"), INVALID)
def test_a_call_that_torch_rejects_shows_convlibs_message_and_keeps_the_drawing(show, call, size):
    page = show('call="nn.Conv2d(1, 1, 2)" size="3"')
    cells = len(page.all(".cell"))
    page.set(call, size)
    channels = int(call.partition("(")[2][0])
    with pytest.raises((RuntimeError, ValueError, TypeError)):
        eval(call, {"nn": torch.nn})(torch.zeros(1, channels, size, size))
    with pytest.raises((ValueError, TypeError)) as caught:
        eval(call, {"nn": convlib})(np.zeros((1, channels, size, size), np.float32))
    assert page.text(".message") == str(caught.value)
    assert page.find("[data-call]").get_attribute("aria-invalid") == "true"
    assert page.run("return explorer.call") == call
    assert len(page.all(".cell")) >= cells
    with pytest.raises(Exception, match=r"."):
        page.run("return explorer.output")
    assert console(page.browser) == []


def test_an_overhanging_kernel_is_drawn_in_the_error_colour(show):
    page = show('call="nn.Conv2d(1, 1, 3, padding=1)" size="3"')
    page.set("nn.Conv2d(1, 1, (3, 6), padding=1)")
    assert len(page.all(".cell.beyond.window")) == 3
    assert len(page.all(".cell.input.window")) == 2 * 3
    colour = page.find(".cell.beyond").value_of_css_property("background-image")
    assert "rgb(213, 94, 0)" in colour
    assert page.text(".none") == "no output"
    assert page.text("math .invalid") == "0"
    page.set("nn.Conv2d(1, 1, (3, 5), padding=1)")
    assert not page.all(".cell.beyond")


def test_text_that_is_no_call_keeps_the_drawing_and_sliders_mend_it(show):
    page = show()
    before = page.run("return texts('output')")
    page.set("nn.Conv2d(1, 1")
    error = "call='nn.Conv2d(1, 1' is no call of a layer: '(' was never closed"
    assert page.text(".message") == error
    assert page.run("return texts('output')") == before
    page.field("stride", "range").send_keys(Keys.ARROW_RIGHT)
    assert page.run("return explorer.call") == "nn.Conv2d(1, 1, 2, stride=2, bias=False)"
    assert page.text(".message") == "Output: 1 channel of 2 x 2"


def test_nothing_jumps_under_the_slider(show):
    page = show(KERNEL_OF_ONES)
    tall = {"width": 1200, "height": 3000, "deviceScaleFactor": 1, "mobile": False}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", tall)  # nothing is scrolled
    wait = WebDriverWait(page.browser, 10, 0.02)
    wait.until(lambda _: page.run("return innerHeight") == 3000)
    page.run("""
        window.shifts = [];
        new PerformanceObserver((list) => {
          const top = (name) => root.querySelector(name).getBoundingClientRect().top;
          const [toolbar, facts] = [top(".toolbar"), top(".facts")];
          for (const { sources } of list.getEntries()) {
            for (const { previousRect: from, currentRect: to } of sources) {
              const moved = from.x !== to.x || from.y !== to.y;
              // What is below all sliders may move: the formula has another line.
              if (moved && from.y < facts) window.shifts.push(to.bottom - toolbar);
            }
          }
        }).observe({ type: "layout-shift" });
    """)
    places = "return [...root.querySelectorAll('.toolbar, .call, .fields, .field')]\
        .map((element) => Math.round(element.getBoundingClientRect().top + scrollY))"
    first = page.run(places)
    for name in ("kernel_size", "size", "padding", "dilation", "stride", "in_channels",
                 "out_channels", "groups"):  # fmt: skip
        slider = page.field(name, "range")
        for key in (Keys.END, Keys.ARROW_LEFT, Keys.ARROW_LEFT):
            slider.send_keys(key)
            assert page.run(places) == first, (name, page.run("return explorer.call"))
    for call in ("nn.Conv2d(1, 1, 7)", "nn.Conv2d(4, 4, 3, groups=3)", "nn.Conv2d("):
        page.set(call)
        assert page.run(places) == first, call
        time.sleep(0.1)
    wait.until(lambda _: page.run("return window.shifts.length"))  # within their stage, boards grow
    assert max(page.run("return window.shifts")) <= 0


def formulas(page):
    """Return the formulas in ASCII; the bar of a fraction is no character."""
    signs = {"\N{MINUS SIGN}": "-", "\N{MIDDLE DOT}": "*"}
    signs |= {"\N{LEFT FLOOR}": "floor(", "\N{RIGHT FLOOR}": ")"}
    texts = page.run("return [...root.querySelectorAll('math')].map((each) => each.textContent)")
    return ["".join(signs.get(sign, sign) for sign in text if sign > " ") for text in texts]


def test_size_formula_and_costs_have_their_numbers(show):
    page = show('call="nn.Conv2d(2, 4, 3, stride=2, padding=1)" size="7"')
    assert formulas(page) == [
        "floor(size+2*padding-dilation*(kernel_size-1)-1stride)+1",
        "floor(7+2*1-1*(3-1)-12)+1=4",
    ]
    assert [row.text for row in page.all(".count")] == ["76", "1,152"]
    factor = page.all(".factor")[1]
    hover(page, factor)
    assert page.text(".tip") == "A kernel has a table of weights per input channel."
    hover(page, page.find(".tip"))
    page.run("root.querySelectorAll('.factor')[2].focus()")
    assert page.text(".tip") == "A kernel reads the input channels of its own group only."
    page.set("nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1)")
    assert "".join(formulas(page)) == (
        "(size-1)*stride-2*padding+dilation*(kernel_size-1)+output_padding+1"
        "(7-1)*2-2*1+1*(3-1)+0+1=13"
    )
    page.set("nn.Conv2d(2, 4, 3, padding=(1, 0))")
    assert len(page.all(".formula math")) == 3


def test_channels_are_drawn_in_3d_when_asked(show):
    page = show('call="nn.Conv2d(4, 4, 3, groups=2)" size="5"')
    assert not page.all("svg")
    page.find(".depth summary").click()
    WebDriverWait(page.browser, 5, 0.02).until(lambda _: page.all("svg"))
    assert page.run("return root.querySelector('svg title').textContent") == (
        "Volumes: input 4 x 5 x 5, weight 4 x 2 x 3 x 3, output 4 x 3 x 3"
    )
    page.cell("output", 3, 1, 1).click()
    assert "Output channel 3, row 1, column 1" in page.run(
        "return root.querySelector('svg desc').textContent"
    )
    page.set("nn.ConvTranspose2d(4, 4, 3)")
    assert not page.all("svg")


# Transposed


def test_a_transposed_layer_scatters_and_crosses_out_what_is_cropped(show):
    page = show('call="nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, bias=False)" size="3"')
    cropped = page.all(".cell.cropped")
    assert len(cropped) == 7 * 7 - 5 * 5
    shown = page.run("""
        const cells = root.querySelectorAll(".board.output .cell");
        return [...cells].map((cell) => Number(cell.textContent));
    """)
    image, kernel = torch.arange(9.0).reshape(1, 1, 3, 3), torch.arange(1.0, 10).reshape(1, 1, 3, 3)
    uncropped = torch.nn.functional.conv_transpose2d(image, kernel, stride=2)
    assert shown == uncropped.flatten().tolist()
    assert "linear-gradient" in cropped[0].value_of_css_property("background-image")
    page.cell("input", 0, 0, 1).click()
    assert page.marked("touched") >= pixels("output", [0], [0, 1], [1, 2, 3])
    assert len(page.all(".frame")) == 1
    shown = page.text(".line.scatter").split()
    assert "".join(shown).startswith("1*1=1to(-1,1)2*1=2to(-1,2)3*1=3to(-1,3)4*1=4to(0,1)")
    assert [text.text for text in page.all(".line s")] == ["to (-1, 1)", "to (-1, 2)", "to (-1, 3)"]
    assert page.announced() == (
        "Input 1 at row 0, column 1 is added to 9 outputs: "
        "rows -1, 0, 1, columns 1, 2, 3; 3 of them are cropped."
    )
    page.cell("output", 0, 1, 1).click()
    assert page.marked("window") == pixels("input", [0], [0, 1], [0, 1])
    assert page.sum() == ["1*4 + 3*3 + 7*1 + 9*0 = 20"]


def test_the_checkerboard_of_a_transposed_layer_can_be_seen(show):
    page = show()
    page.select("example", "Transposed, with a checkerboard")
    assert page.find("[data-coverage]").is_selected()
    counts = [int(cell.get_attribute("data-count")) for cell in page.all(".cell.output")]
    output = torch.nn.functional.conv_transpose2d(
        torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3), stride=2
    )
    assert counts == output.flatten().int().tolist()
    assert set(counts) == {1, 2, 4}
    page.select("example", "Stride 2")
    assert not page.find("[data-coverage]").is_selected()


# Keyboard, touch, and what is said


def test_keys_walk_over_the_boards_and_the_sum_is_announced(show):
    page = show('call="nn.Conv2d(1, 1, 2, stride=2, bias=False)" size="5"')
    assert page.announced() == ""
    page.find(".board.output [tabindex='0']").send_keys(Keys.ARROW_RIGHT)
    assert page.announced() == "Output row 0, column 1: 1*2 + 2*3 + 3*7 + 4*8 = 61."
    for key, place in (
        (Keys.ARROW_DOWN, (1, 1)),
        (Keys.ARROW_DOWN, (1, 1)),
        (Keys.HOME, (1, 0)),
        (Keys.END, (1, 1)),
        (Keys.ARROW_UP, (0, 1)),
    ):
        page.press(key)
        assert page.announced().startswith(f"Output row {place[0]}, column {place[1]}:")
        assert page.active().get_attribute("aria-selected") == "true"
    page.chord(Keys.ARROW_DOWN)  # the browser's own
    assert page.announced().startswith("Output row 0, column 1:")
    stops = page.all("[role=grid] [tabindex='0']")
    assert len(stops) == 3  # one for each board
    page.cell("input", 0, 0, 0).send_keys(Keys.ARROW_RIGHT)
    assert page.announced() == ("Input 1 at row 0, column 1 is read by 1 window: row 0, column 0.")
    page.cell("weight", 0, 0, 0, 0).send_keys(Keys.ARROW_DOWN)
    assert page.announced() == (
        "Weight 3 at row 1, column 0 multiplies one pixel in each of 4 windows, here 3*7 = 21."
    )
    page.cell("output", 0, 0, 0).send_keys(Keys.SPACE)
    assert page.announced().startswith("Output row 0, column 0:")
    page.set("nn.Conv2d(2, 2, 3)")
    page.cell("output", 1, 0, 0).click()
    assert page.announced().startswith("Output channel 1, row 0, column 0: ")
    assert page.announced().endswith(", the sums of input channels 0, 1 and the bias.")


def test_touch_selects_and_a_second_touch_edits(show):
    page = show(width=400)

    def tap(cell):
        page.run("arguments[0].scrollIntoView({ block: 'center' })", cell)
        box = page.run("const b = arguments[0].getBoundingClientRect();"
                       "return [b.x + b.width / 2, b.y + b.height / 2]", cell)  # fmt: skip
        point = [{"x": box[0], "y": box[1]}]
        for kind, points in (("touchStart", point), ("touchEnd", [])):
            page.browser.execute_cdp_cmd(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
            )
        time.sleep(0.1)

    page.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        tap(page.cell("output", 0, 2, 1))
        assert page.sum() == ["1*11 + 2*12 + 3*16 + 4*17 = 151"]
        tap(page.cell("weight", 0, 0, 1, 1))
        assert page.text(".term.hot") == "4*17"
        assert not page.all(".editor")
        tap(page.cell("weight", 0, 0, 1, 1))
        page.press("0", Keys.ENTER)
        assert page.sum() == ["1*11 + 2*12 + 3*16 + 0*17 = 83"]
    finally:
        page.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


@pytest.mark.parametrize("reduced_motion", [False, True])
def test_it_plays_only_when_asked_pauses_and_is_silent_meanwhile(show, reduced_motion):
    page = show('call="nn.Conv2d(1, 1, 2)" size="3"', reduced_motion=reduced_motion)
    time.sleep(1.2)
    assert page.text(".progress") == "window 1 of 4"
    wait = WebDriverWait(page.browser, 10, 0.02)
    page.find(".play").click()
    assert page.text(".play") == "Pause"
    wait.until(lambda _: page.text(".progress") in ("window 2 of 4", "window 3 of 4"))
    page.find(".play").click()
    stopped = page.text(".progress")
    time.sleep(1.2)
    assert page.text(".progress") == stopped
    assert page.announced() == ""
    for _ in range(3):
        page.find("[data-step='-1']").click()
    page.find("[data-step='1']").click()
    assert page.announced().startswith("Output row 0, column 1:")
    page.find(".play").click()
    wait.until(lambda _: page.text(".play") == "Play")
    assert page.text(".progress") == "window 4 of 4"
    assert page.find("[data-step='1']").get_attribute("aria-disabled") == "true"
    page.find("[data-step='1']").click()
    assert page.text(".progress") == "window 4 of 4"
    again = "root.querySelector('.play').click();"  # from the start
    again += "return root.querySelector('.progress').textContent"
    assert page.run(again) in ("window 1 of 4", "window 2 of 4")
    page.field("size", "range").send_keys(Keys.ARROW_RIGHT)
    assert page.text(".play") == "Play"
    page.find(".play").click()
    page.cell("output", 0, 1, 1).click()
    assert page.text(".play") == "Play"
    moving = page.run("return [...root.querySelectorAll('*')].filter((each) =>"
                      "getComputedStyle(each).transitionDuration !== '0s').length")  # fmt: skip
    assert moving == 0
    page.set("nn.ConvTranspose2d(1, 1, 2)", 2)
    page.find("[data-step='1']").click()
    assert page.text(".progress") == "pixel 1 of 4"


def test_an_explorer_that_leaves_the_page_stops(show):
    page = show()
    ticks = page.browser.execute_async_script(
        PRELUDE
        + """
        let changes = 0;
        explorer.addEventListener("change", () => changes++);
        root.querySelector(".play").click();
        explorer.remove();
        setTimeout(() => arguments[0](changes), 1500);
        """
    )
    assert ticks == 0


# The address, and copies


def query_of(page, wanted):
    """Wait until the address contains something; returns its query."""
    WebDriverWait(page.browser, 5, 0.05).until(lambda _: wanted in page.browser.current_url)
    return {name: v[0] for name, v in parse_qs(urlsplit(page.browser.current_url).query).items()}


def test_the_address_has_the_settings_and_restores_them(show):
    page = show(query="?from=mail#there")
    page.set("nn.Conv2d(1, 1, 2, padding='same')", [4, 3])
    page.cell("weight", 0, 0, 0, 0).click()
    page.press("9", Keys.ENTER)
    page.select("preset=input", "ones")
    page.cell("output", 0, 1, 2).click()
    query = query_of(page, "selected=0,1,2")
    assert query == {
        "from": "mail",
        "call": "nn.Conv2d(1, 1, 2, padding='same')",
        "size": "4,3",
        "selected": "0,1,2",
        "input": "ones",
        "weight": "[[[[9,2],[3,4]]]]",
    }
    assert page.browser.current_url.endswith("#there")
    output = page.run("return [explorer.output, texts('input')]")
    again = show(query="?" + urlsplit(page.browser.current_url).query)
    assert again.run("return [explorer.output, texts('input')]") == output
    assert again.marked("selected") == {"output:0,1,2"}
    fresh = show()
    fresh.set("nn.Conv2d(1, 1, 2)")
    fresh.select("preset=weight", "random")
    query = query_of(fresh, "bias=random")
    assert (query["weight"], query["bias"]) == ("random", "random")


@pytest.mark.parametrize(
    "query", ["?size=x&call=&weight=[1", "?call=%3Cb%3E", "?input=[[[1],[2,3]]]&selected=9,9,9"]
)
def test_an_address_of_nonsense_does_no_harm(show, query):
    page = show(query=query)
    assert page.all(".cell")
    page.field("stride", "range").send_keys(Keys.ARROW_RIGHT)
    assert page.text(".message").startswith("Output:")


def test_a_burst_of_changes_is_one_change_of_the_address(show):
    page = show()
    changes = page.browser.execute_async_script(
        PRELUDE
        + """
        let changes = 0;
        const replace = history.replaceState.bind(history);
        history.replaceState = (...given) => { changes++; replace(...given); };
        for (let size = 3; size < 30; size++) explorer.size = size;
        setTimeout(() => arguments[0](changes), 700);
        """
    )
    assert changes == 1
    assert "size=29" in page.browser.current_url


def test_the_call_and_a_link_are_copied(show, address):
    page = show()
    page.browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"origin": address, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    read = "navigator.clipboard.readText().then(arguments[0])"
    page.set("nn.Conv2d(1, 1, 3, bias=False)")
    for what, ending in (("call", "nn.Conv2d(1, 1, 3, bias=False)"), ("link", "#explorer")):
        page.find(f"[data-copy={what}]").click()
        WebDriverWait(page.browser, 5, 0.02).until(
            lambda _, what=what: page.text(f"[data-copy={what}]") == "Copied"
        )
        assert page.browser.execute_async_script(read).endswith(ending)
    assert "call=nn.Conv2d" in page.browser.execute_async_script(read)


# The interface, and the page around it


def test_the_element_can_be_used_from_a_script(show):
    page = show()
    shown = page.run("""
        let changes = 0;
        explorer.addEventListener("change", () => changes++);
        explorer.call = "nn.Conv2d(2, 1, 2)";
        const afterCall = changes;
        explorer.input = [[[1, 2, 3], [4, 5, 6]], [[0, 1, 0], [1, 0, 1]]];
        explorer.weight = [[[[1, 0], [0, 1]], [[2, 2], [2, 2]]]];
        explorer.bias = [0.5];
        const { size, output, products } = explorer;
        const failures = [() => (explorer.weight = [[1]]), () => (explorer.bias = null),
          () => (explorer.input = "x"), () => (explorer.size = "x")].map((act) => {
            try { act(); return null; } catch ({ message }) { return message; }
          });
        const afterAll = changes;
        explorer.call = explorer.call;
        return { afterCall, afterAll, changes, size, output, products, failures };
    """)
    assert (shown["afterCall"], shown["afterAll"], shown["changes"]) == (1, 4, 4)
    assert shown["size"] == [2, 3]
    assert shown["output"] == [[[6 + 4 + 0.5, 8 + 4 + 0.5]]]
    assert shown["products"]["total"] == 10.5
    assert [channel["sum"] for channel in shown["products"]["channels"]] == [6, 4]
    assert shown["failures"] == [
        "weight of shape (1, 1) must have the layer's shape (1, 2, 2, 2)",
        "bias must have shape (1,), not null",
        "input must be nested arrays of numbers",
        'size="x" must be a number or [height, width]',
    ]
    flat = page.run("""
        explorer.call = "nn.Conv1d(1, 1, 2, bias=False)";
        explorer.input = [[1, 2, 3]];
        explorer.weight = [[[1, 10]]];
        return [explorer.size, explorer.input, explorer.output, explorer.bias];
    """)
    assert flat == [[3], [[1, 2, 3]], [[21, 32]], None]


def test_attributes_are_the_initial_state(show):
    numbers = {"input": [[[1, 2], [3, 4]]], "weight": [[[[1, -1]]]], "bias": [3]}
    attributes = " ".join(f"{name}='{json.dumps(array)}'" for name, array in numbers.items())
    page = show(f'call="nn.Conv2d(1, 1, (1, 2))" size="2" selected="0,1,0" {attributes}')
    assert page.run("return explorer.output") == [[[2], [2]]]
    assert page.marked("selected") == {"output:0,1,0"}
    page = show('call="nn.Conv2d(1, 1, 3)" size="3,4" preset="ones"')
    assert page.run("return explorer.output") == [[[9, 9]]]
    page = show("")
    page.set("nn.Conv1d(1, 1, 2)", 9)
    page.find("[data-reset]").click()
    assert page.run("return [explorer.call, explorer.size]") == ["nn.Conv2d(1, 1, 3)", [5, 5]]


def test_it_replaces_a_static_figure_but_not_in_print(show):
    figure = '<figure id="static"><img alt="x"></figure>'
    page = show(f'{COUNTED} replaces="static"', before=figure)
    displayed = "return [document.getElementById('static'), explorer]\
        .map((element) => getComputedStyle(element).display)"
    assert page.run(displayed) == ["none", "block"]
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert page.run(displayed) == ["block", "none"]
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    page.run("explorer.remove()")
    figure = "return getComputedStyle(document.getElementById('static')).display"
    assert page.browser.execute_script(figure) == "block"


def test_only_the_first_explorer_has_the_address_and_it_can_be_moved(show):
    page = show()
    copied = page.run("""
        const second = explorer.cloneNode(true);
        document.body.append(second);
        document.body.append(explorer);
        return [explorer, second].map((each) =>
          [...each.shadowRoot.querySelectorAll("[data-copy=link]")].length);
    """)
    assert copied == [1, 0]
    page.field("size", "range").send_keys(Keys.ARROW_RIGHT)
    assert page.text(".size") == "1 channel of 5 x 5"


def test_keys_do_not_reach_jupyterlabs_shortcuts(show):
    assert show().run("return explorer.dataset.lmSuppressShortcuts") == "true"


def test_larger_layers_are_computed_and_drawn_in_part(show):
    page = show('call="nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False)" size="224"')
    assert page.text(".size") == "8 channels of 112 x 112"
    assert page.text(".omitted") == (
        "Drawn are output channels 0 to 3 of 8; input rows -3 to 28 of 230; input columns -3 to 28 "
        "of 230; output rows 0 to 31 of 112; output columns 0 to 31 of 112. "
        "All of them are computed."
    )
    page.find("[data-channel='4']").click()
    assert page.text(".omitted").startswith("Drawn are output channels 4 to 7 of 8; ")
    page.find("[data-channel='3']").click()
    page.cell("output", 1, 31, 31).click()
    assert page.marked("selected") == {"output:1,31,31"}
    layer = torch.nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False).double()
    weight = torch.tensor(page.run("return explorer.weight"), dtype=torch.float64)
    layer.load_state_dict({"weight": weight})
    image = torch.tensor(page.run("return explorer.input"), dtype=torch.float64)
    assert page.run("return explorer.products.total") == layer(image[None])[0, 1, 31, 31].item()
    page.select("preset=input", "ones")
    page.select("preset=weight", "ones")
    assert page.cell("output", 1, 31, 31).text == str(3 * 7 * 7)
    page.set("nn.Conv2d(999, 999, 99)")
    assert "too many numbers" in page.text(".stage")
    assert page.all(".count")[0].text == f"{999 * 999 * 99 * 99 + 999:,}"


STATES = [
    "",
    "explorer.call = 'nn.Conv2d(4, 4, 3, padding=1, groups=2)';"
    "root.querySelectorAll('.cell.weight')[2].click();",
    "explorer.call = 'nn.Conv2d(1, 1, (3, 9))';",
    "explorer.call = 'nn.ConvTranspose2d(2, 1, 3, stride=2, padding=1, output_padding=1)';"
    "root.querySelectorAll('.cell.input')[2].click();",
    "explorer.call = 'nn.Conv1d(1, 2, 3)'; root.querySelector('[data-coverage]').click();",
    "explorer.size = [9, 6]; root.querySelector('[data-apart]').click();",
    "explorer.call = 'nn.ConvTranspose2d(2, 2, 3, stride=2, groups=2)';"
    "root.querySelector('.cell.input').click(); root.querySelector('details').open = true;",
]


@pytest.mark.parametrize("state", STATES)
def test_it_is_accessible_in_light_and_dark_and_fits_400_pixels(show, state):
    for dark in (False, True):
        page = show(dark=dark)
        page.run(state)
        page.browser.execute_script(AXE.read_text())
        found = page.browser.execute_async_script(
            "axe.run({ preload: false, resultTypes: ['violations'] }).then(arguments[0])"
        )
        assert found["passes"]
        assert [
            (rule["id"], node["target"][-1], node["failureSummary"])
            for rule in found["violations"]
            for node in rule["nodes"]
        ] == []
    page = show(width=400)
    page.run(state)
    assert page.run("return document.documentElement.scrollWidth") == 400
    right = page.run(
        "return [...root.querySelectorAll('.board, .group .content, button, select, input')]"
        ".filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > 393)"
        ".map((each) => each.outerHTML.slice(0, 90))"
    )
    assert right == []


def test_colours_that_say_something_stay_in_forced_colours(show):
    page = show()
    page.browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "forced-colors", "value": "active"}]}
    )
    cells = [page.cell("output", 0, 0, 0), page.cell("output", 0, 0, 1)]
    colours = [cell.value_of_css_property("background-color") for cell in cells]
    assert colours[0] != colours[1]


@pytest.mark.parametrize(("width", "largest", "smallest"), [(1200, 55, 10), (400, 40, 5)])
def test_boards_are_as_large_as_the_stage_allows(show, width, largest, smallest):
    page = show(width=width)
    sides = []
    for size in (3, 5, 9, 16, 32):
        page.run("explorer.size = arguments[0]", size)
        stage, boards, cell = page.run("""
            const box = (selector) => root.querySelector(selector).getBoundingClientRect();
            const sheets = [...root.querySelectorAll(".group")];
            const boxes = sheets.map((sheet) => sheet.getBoundingClientRect());
            return [box(".stage"), boxes, box(".cell").width];
        """)
        assert all(box["top"] >= stage["top"] - 1 for box in boards)
        assert all(box["bottom"] <= stage["bottom"] + 1 for box in boards)
        assert all(box["left"] >= stage["left"] - 1 for box in boards)
        assert all(box["right"] <= stage["right"] + 1 for box in boards)
        sides.append(cell)
    assert all(before >= after for before, after in pairwise(sides))
    assert sides[0] > largest
    assert sides[-1] > smallest


def test_with_a_parameter_the_settings_for_others_are_folded(show):
    page = show(STRIDE, folded=True)
    assert [name.text for name in page.all("code.name") if name.is_displayed()] == [
        "stride",
        "size",
        "kernel_size",
        "padding",
    ]
    assert not page.find(".formula").is_displayed()
    page.find(".more summary").click()
    page.find(".facts summary").click()
    assert page.field("dilation").is_displayed()
    assert page.find(".formula").is_displayed()
    page.field("stride", "range").send_keys(Keys.ARROW_RIGHT)  # what is unfolded stays so
    assert page.field("dilation").is_displayed()


def test_without_a_parameter_nothing_is_folded(show):
    page = show(COUNTED, folded=True)
    assert page.field("groups").is_displayed()
    assert page.find(".formula").is_displayed()


def test_a_figure_in_a_cell_is_replaced_with_the_code_that_draws_it(show):
    cell = '<div class="cell"><pre>draw()</pre><figure id="fig-a">A</figure></div>'
    page = show(f'{COUNTED} replaces="fig-a"', before=cell)
    assert not page.browser.find_element(By.CSS_SELECTOR, ".cell pre").is_displayed()
