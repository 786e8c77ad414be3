"""The explorers in a browser: their output equals convlib's, by mouse and by keyboard."""

import random
import time

import numpy as np
import pytest
import torch
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

import convlib
from convlib import arguments
from convlib.explorer import explore, explore_groups
from tools.browser import console, open_page, serve

pytestmark = pytest.mark.browser
MINUS = "\N{MINUS SIGN}"

# Reads off an explorer what a case makes it show: by its cells, its lines, its words.
SHOWN = """
const [tag, cases] = arguments;
const explorer = document.querySelector(tag), root = explorer.shadowRoot;
const all = selector => [...root.querySelectorAll(selector)];
const places = (board, kind) => all(`.${board} tr`).flatMap((row, y) =>
  [...row.cells].flatMap((cell, x) => cell.classList.contains(kind) ? [[y, x]] : []));
const shows = {
  "conv-explorer": () => {
    const rows = (board) => all(`.${board} tr`).filter(row => row.querySelector(".pixel"))
      .map(row => [...row.querySelectorAll(".pixel")]);
    const input = rows("input"), output = rows("output");
    const frame = places("input", "pixel")[0];
    const chosen = [...output[0], ...output.map(row => row[0]), output.at(-1).at(-1)];
    const read = chosen.map(cell => { cell.click(); return places("input", "linked")
      .map(([y, x]) => [y - frame[0], x - frame[1]]); });
    const pixels = [...input[0], ...input.map(row => row[0]), input.at(-1).at(-1)];
    const readers = pixels.map(cell => { cell.click(); return places("output", "linked"); });
    return { size: root.querySelector(".size").textContent, read, readers,
      coverage: input.map(row => row.map(cell => Number(cell.textContent))),
      formula: all("math").map(math => math.textContent) };
  },
  "groups-explorer": () => ({
    kind: root.querySelector(".kind").textContent,
    numbers: all(".costs .this td, .costs .dense td").map(cell => cell.textContent),
    lines: explorer.links.map(({above, input, output, element}) =>
      [above, input, output, !element.classList.contains("none")]),
  }),
};
return cases.map(settings => {
  explorer.settings = settings;
  const refusal = root.querySelector(".refusal").textContent;
  return refusal ? { refusal } : shows[tag]();
});
"""


@pytest.fixture(scope="module")
def playground(tmp_path_factory):
    """Serve a page with one explorer of each kind and nothing else."""
    folder = tmp_path_factory.mktemp("playground")
    elements = (explore()._repr_html_() + explore_groups()._repr_html_()).replace(
        '<groups-explorer id="explorer"', '<groups-explorer id="channels"'
    )
    page = (
        f'<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>x</title>{elements}'
    )
    (folder / "index.html").write_text(page)
    only = page.replace(explore()._repr_html_(), "")
    (folder / "channels.html").write_text(only)
    with serve(folder) as address:
        yield address


def opened(browser, address, query="", **settings):
    open_page(browser, address, f"index.html{query}", **settings)
    return browser.find_element(By.TAG_NAME, "conv-explorer").shadow_root


def opened_channels(browser, address, query=""):
    open_page(browser, address, f"channels.html{query}")
    return browser.find_element(By.TAG_NAME, "groups-explorer").shadow_root


def shown(browser, tag, cases):
    """Return what the explorer shows for cases, 200 per script, which has half a minute."""
    found = []
    for start in range(0, len(cases), 200):
        found += browser.execute_script(SHOWN, tag, cases[start : start + 200])
    return found


def one_or_two(random, entries):
    return random.choice(entries) if random.random() < 0.7 else random.choices(entries, k=2)


def windows_cases(count):
    """Yield random sets of parameters: plain ones, uneven ones, invalid ones."""
    dice = random.Random(7)
    for _ in range(count):
        strange = dice.random() < 0.1
        yield {
            "size": dice.choices(range(1, 10), k=2),
            "kernel_size": one_or_two(dice, [1, 2, 3, 3, 4, 5]),
            "stride": one_or_two(dice, [1, 1, 2, 3, 4]),
            "padding": dice.choice(["same", "valid", *[0] * 4, *[1] * 3, 2, 2, 3, [0, 2], [3, 1]]),
            "dilation": one_or_two(dice, [1, 1, 2, 3]),
        } | (
            {dice.choice(["size", "kernel_size", "stride", "padding", "dilation"]): dice.choice(
                [0, -1, None, 0.5, [2, 0], [1, None], [1.5, 2]])}
            if strange
            else {}
        )  # fmt: skip


def as_python(case):
    """Convert lists to tuples, and a size of one number to a pair."""
    case = {name: tuple(v) if isinstance(v, list) else v for name, v in case.items()}
    size = case["size"]
    return case | {"size": size if isinstance(size, tuple) else (size, size)}


def windows_expected(case):
    """Return what the explorer must show, from convlib alone."""
    case = as_python(case)
    try:
        H_out, W_out = convlib.output_size(**case)
    except (ValueError, TypeError) as refusal:
        return {"refusal": str(refusal)}
    rows, columns = convlib.taps(**case)
    coverage = convlib.coverage(**case)
    edges = [
        *((0, j) for j in range(W_out)),
        *((i, 0) for i in range(H_out)),
        (H_out - 1, W_out - 1),
    ]
    read = [[[int(y), int(x)] for y in rows[i] for x in columns[j]] for i, j in edges]
    H, W = case["size"]
    pixels = [*((0, x) for x in range(W)), *((y, 0) for y in range(H)), (H - 1, W - 1)]
    readers = [
        [[i, j] for i in range(H_out) for j in range(W_out) if y in rows[i] and x in columns[j]]
        for y, x in pixels
    ]
    return {
        "size": f"{H_out} x {W_out}",
        "read": read,
        "readers": readers,
        "coverage": coverage.tolist(),
    }


def field(root, name, kind="number", axis=0):
    (row,) = root.find_elements(By.CSS_SELECTOR, f"fieldset[name={name}]")
    return row.find_elements(By.CSS_SELECTOR, f"input[type={kind}]")[axis]


def text(root, selector):
    return root.find_element(By.CSS_SELECTOR, selector).text


def active(browser, tag="conv-explorer"):
    script = "return document.querySelector(arguments[0]).shadowRoot.activeElement"
    return browser.execute_script(script, tag)


def button(root, words):
    (found,) = (b for b in root.find_elements(By.CSS_SELECTOR, "button") if b.text == words)
    return found


def linked(root, board):
    return len(root.find_elements(By.CSS_SELECTOR, f".{board} .linked"))


def test_typing_and_sliding_change_the_picture_and_reset_brings_it_back(browser, playground):
    root = opened(browser, playground)
    assert text(root, ".size") == "5 x 5"
    stride = field(root, "stride")
    stride.send_keys(Keys.BACKSPACE, "2")
    assert text(root, ".size") == "3 x 3"
    assert field(root, "stride", "range").get_attribute("value") == "2"
    field(root, "dilation", "range").send_keys(Keys.ARROW_RIGHT)
    assert field(root, "dilation").get_attribute("value") == "2"
    assert text(root, ".size") == "2 x 2"
    assert "stride=2, dilation=2" in root.find_elements(By.CSS_SELECTOR, ".line code")[0].text
    stride.send_keys(Keys.BACKSPACE)
    assert text(root, ".refusal") == "stride=None must be an int, not NoneType"
    assert not root.find_elements(By.CSS_SELECTOR, ".boards")
    button(root, "Reset").click()
    assert (text(root, ".size"), stride.get_attribute("value")) == ("5 x 5", "1")


def test_height_and_width_can_differ_and_padding_can_be_a_word(browser, playground):
    root = opened(browser, playground)
    assert not field(root, "kernel_size", axis=1).is_displayed()
    root.find_element(By.CSS_SELECTOR, ".tick input").click()
    field(root, "kernel_size", axis=1).send_keys(Keys.BACKSPACE, "5")
    assert text(root, ".size") == "5 x 3"
    root.find_element(By.CSS_SELECTOR, "select").send_keys("'same'")
    assert text(root, ".size") == "7 x 7"
    code = [line.text for line in root.find_elements(By.CSS_SELECTOR, ".line code")]
    assert code == [
        "nn.Conv2d(1, 1, kernel_size=(3, 5), padding='same')",
        "convlib.output_size((7, 7), kernel_size=(3, 5), padding='same')",
    ]
    assert eval(code[1]) == (7, 7)
    root.find_element(By.CSS_SELECTOR, ".tick input").click()
    assert code[0].replace("(3, 5)", "3") == root.find_element(By.CSS_SELECTOR, ".line code").text


@pytest.mark.parametrize("key", [Keys.ENTER, Keys.SPACE], ids=["enter", "space"])
def test_keys_walk_over_both_boards_and_the_words_say_who_reads_whom(browser, playground, key):
    root = opened(browser, playground, "?stride=2")
    first = root.find_element(By.CSS_SELECTOR, ".output [tabindex='0']")
    first.send_keys(Keys.ARROW_RIGHT)
    said = "Output pixel (0, 1) reads rows 0, 1, 2 and columns 2, 3, 4."
    assert text(root, ".said") == said
    active = "return document.querySelector('conv-explorer').shadowRoot.activeElement"
    browser.execute_script(active).send_keys(Keys.ARROW_DOWN, Keys.END)
    browser.execute_script(active).send_keys(Keys.END)
    assert text(root, ".said").startswith("Output pixel (1, 2) reads rows 2, 3, 4")
    assert linked(root, "input") == 9
    stop = root.find_element(By.CSS_SELECTOR, ".input [tabindex='0']")
    browser.execute_script("arguments[0].focus()", stop)
    assert text(root, ".said").startswith("Output pixel (1, 2)")  # to pass by chooses nothing
    stop.send_keys(key)
    assert text(root, ".said").startswith("Input pixel (0, 0)")
    stop.send_keys(Keys.ARROW_DOWN)
    assert text(root, ".said").startswith("Input pixel (1, 0)")
    browser.execute_script(active).send_keys(Keys.ARROW_DOWN)
    assert text(root, ".said") == (
        "Input pixel (2, 0) is read by 2 x 1 = 2 windows: output rows 0, 1 and column 0."
    )
    assert linked(root, "output") == 2


def test_a_click_on_an_input_pixel_shows_its_readers(browser, playground):
    root = opened(browser, playground, "?kernel_size=2&stride=3")
    pixels = root.find_elements(By.CSS_SELECTOR, ".input .pixel")
    pixels[2].click()
    assert text(root, ".said") == "Input pixel (0, 2) is read by no window."
    assert "unread" in pixels[2].get_attribute("class")
    pixels[0].click()
    assert text(root, ".said").startswith("Input pixel (0, 0) is read by 1 x 1 = 1 window:")


@pytest.mark.parametrize("reduced_motion", [False, True])
def test_the_slide_plays_pauses_and_goes_back(browser, playground, reduced_motion):
    root = opened(browser, playground, reduced_motion=reduced_motion)
    assert button(root, "Back").get_attribute("aria-disabled") == "true"
    button(root, "Play").click()
    wait = WebDriverWait(browser, 10, 0.05)
    wait.until(lambda _: text(root, ".progress") == "window 3 of 25")
    button(root, "Pause").click()
    window = int(text(root, ".progress").split()[1])
    time.sleep(1)
    assert text(root, ".progress") == f"window {window} of 25"
    button(root, "Back").click()
    assert text(root, ".progress") == f"window {window - 1} of 25"
    assert text(root, ".said").startswith(f"Output pixel (0, {window - 2})")
    button(root, "Forward").click()
    assert text(root, ".progress") == f"window {window} of 25"
    moves = browser.execute_script(
        "return getComputedStyle(document.querySelector('groups-explorer').shadowRoot"
        ".querySelector('line')).transitionDuration"
    )
    assert moves == ("0s" if reduced_motion else "0.3s")


def test_the_slide_ends_at_the_last_window(browser, playground):
    root = opened(browser, playground, "?size=3&kernel_size=2")
    button(root, "Play").click()
    WebDriverWait(browser, 10, 0.05).until(lambda _: text(root, ".progress") == "window 4 of 4")
    WebDriverWait(browser, 5, 0.05).until(lambda _: button(root, "Play"))
    assert button(root, "Forward").get_attribute("aria-disabled") == "true"


def test_the_address_contains_the_settings_and_restores_them(browser, playground):
    root = opened(browser, playground)
    field(root, "stride").send_keys(Keys.BACKSPACE, "3")
    WebDriverWait(browser, 5, 0.05).until(lambda _: "stride=3" in browser.current_url)
    assert browser.current_url.endswith("?size=7&kernel_size=3&stride=3&padding=0&dilation=1")
    query = "?size=7,9&kernel_size=3,5&stride=1&padding=same&dilation=2#explorer"
    root = opened(browser, playground, query)
    assert text(root, ".size") == "7 x 9"
    assert root.find_element(By.CSS_SELECTOR, ".tick input").is_selected()
    root = opened(browser, playground, "?stride=2,0&size=%3Cb%3E")
    assert text(root, ".refusal") == "size=(None, None) must be ints, not NoneType"


def test_lines_and_links_are_copied(browser, playground):
    root = opened(browser, playground)
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"origin": playground, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    read = "navigator.clipboard.readText().then(arguments[0])"
    copy, _ = (b for b in root.find_elements(By.CSS_SELECTOR, ".line button"))
    copy.click()
    WebDriverWait(browser, 5).until(lambda _: copy.text == "Copied")
    assert browser.execute_async_script(read) == "nn.Conv2d(1, 1, kernel_size=3)"
    link = button(root, "Copy a link to this case")
    link.click()
    WebDriverWait(browser, 5).until(lambda _: link.text == "Copied")
    address = browser.execute_async_script(read)
    browser.get(address)
    assert address.endswith("&dilation=1#explorer")


def test_a_large_layer_is_computed_where_it_is_not_drawn(browser, playground):
    root = opened(browser, playground, "?size=224&kernel_size=7&stride=2&padding=3")
    assert text(root, ".size") == "112 x 112"
    assert not root.find_elements(By.CSS_SELECTOR, "[role=grid]")
    assert "not drawn" in text(root, ".drawing")
    root = opened(browser, playground, "?size=30,32&kernel_size=1&padding=1,0")
    assert len(root.find_elements(By.CSS_SELECTOR, ".input td")) == 32 * 32
    root = opened(browser, playground, "?size=9,33&kernel_size=1")
    assert "not drawn" in text(root, ".drawing")


def test_numbers_above_a_bound_are_rejected_with_convlibs_message(browser, playground):
    root = opened(browser, playground, "?size=9999&stride=9999")
    assert text(root, ".size") == "1 x 1"
    for query, name, value in (
        ("?stride=10000", "stride", 10_000),
        ("?padding=0,10000", "padding", (0, 10_000)),
    ):
        root = opened(browser, playground, query)
        with pytest.raises(ValueError, match="to be explored") as caught:
            explore(**{name: value})
        assert text(root, ".refusal") == str(caught.value)


def test_keys_stop_at_the_edges_and_leave_the_browsers_own_alone(browser, playground):
    root = opened(browser, playground, "?size=4,5&kernel_size=2")
    root.find_element(By.CSS_SELECTOR, ".output [tabindex='0']").send_keys(Keys.ARROW_UP)
    assert text(root, ".said").startswith("Output pixel (0, 0)")
    for keys, place in (
        (Keys.END, (0, 3)),
        (Keys.ARROW_RIGHT, (0, 3)),
        (Keys.ARROW_DOWN, (1, 3)),
        (Keys.HOME, (1, 0)),
        (Keys.ARROW_LEFT, (1, 0)),
        (Keys.CONTROL + Keys.ARROW_DOWN, (1, 0)),
        (Keys.ARROW_DOWN, (2, 0)),
        (Keys.ARROW_DOWN, (2, 0)),
    ):
        active(browser).send_keys(keys)
        assert text(root, ".said").startswith(f"Output pixel {place}")
        assert active(browser).get_attribute("aria-selected") == "true"
    assert len(root.find_elements(By.CSS_SELECTOR, "[role=grid] [tabindex='0']")) == 2
    selected = root.find_elements(By.CSS_SELECTOR, "[aria-selected=true]")
    assert [cell.get_attribute("aria-label") for cell in selected] == ["row 2, column 0"]


def test_the_text_describes_what_is_in_the_padding(browser, playground):
    root = opened(browser, playground, "?size=3&kernel_size=3&padding=same")
    padding = "; below 0, or from 3 rows and 3 columns on, lies the padding."
    cells = root.find_elements(By.CSS_SELECTOR, ".output .pixel")
    cells[4].click()
    assert text(root, ".said") == "Output pixel (1, 1) reads rows 0, 1, 2 and columns 0, 1, 2."
    for corner, taps in ((0, "-1, 0, 1"), (8, "1, 2, 3")):
        cells[corner].click()
        assert text(root, ".said").endswith(f"rows {taps} and columns {taps}{padding}")
    shares = [
        cell.get_attribute("style") for cell in root.find_elements(By.CSS_SELECTOR, ".input .pixel")
    ]
    assert shares[0] == "--share: 44%;"  # 4 of 9 windows
    assert shares[4] == "--share: 100%;"


def test_what_is_being_typed_is_left_alone(browser, playground):
    root = opened(browser, playground)
    field(root, "stride").send_keys(Keys.BACKSPACE, "0.5")
    assert text(root, ".refusal") == "stride=0.5 must be an int, not float"
    field(root, "stride").send_keys(Keys.BACKSPACE * 3, "1e1")
    assert text(root, ".size") == "1 x 1"


def test_reset_joins_height_and_width_again(browser, playground):
    root = opened(browser, playground, "?kernel_size=3,5")
    assert root.find_element(By.CSS_SELECTOR, ".tick input").is_selected()
    button(root, "Reset").click()
    assert not root.find_element(By.CSS_SELECTOR, ".tick input").is_selected()
    assert not field(root, "kernel_size", axis=1).is_displayed()


def test_the_slide_begins_again_stays_quiet_and_stops_when_something_changes(browser, playground):
    root = opened(browser, playground, "?size=3&kernel_size=2")
    said = root.find_element(By.CSS_SELECTOR, ".said")
    wait = WebDriverWait(browser, 10, 0.05)
    for _ in range(2):
        button(root, "Play").click()
        assert text(root, ".progress") == "window 1 of 4"
        wait.until(lambda _: text(root, ".progress") == "window 4 of 4")
        assert said.get_attribute("aria-live") == "off"
        wait.until(lambda _: button(root, "Play"))
    root.find_element(By.CSS_SELECTOR, ".output .pixel").click()
    assert said.get_attribute("aria-live") == "polite"
    field(root, "size").send_keys("0")  # 30
    assert said.get_attribute("aria-live") == "off"
    clocks = """
        const element = document.querySelector("conv-explorer");
        let ticks = 0;
        const slide = element.slide.bind(element);
        element.slide = (by, aloud) => { ticks += by === 1; return slide(by, aloud); };
        element.shadowRoot.querySelectorAll(".controls button")[1].click();
        arguments[0] ? element.settings = arguments[0] : element.remove();
        setTimeout(() => arguments[1](ticks), 1600);
    """
    for change in ({"size": 9}, {"size": 99}, {"stride": 0}, None):
        opened(browser, playground)
        assert browser.execute_async_script(clocks, change) == 0
        assert console(browser) == []


def test_who_steps_to_the_end_keeps_the_focus_and_a_look_at_the_input_the_window(
    browser, playground
):
    root = opened(browser, playground, "?size=3&kernel_size=2")
    for _ in range(5):
        button(root, "Forward").send_keys(Keys.ENTER)
    assert text(root, ".progress") == "window 4 of 4"
    assert active(browser).text == "Forward"
    root.find_element(By.CSS_SELECTOR, ".input .pixel").click()
    assert text(root, ".progress") == ""
    button(root, "Back").click()
    assert text(root, ".progress") == "window 3 of 4"


def test_an_error_leaves_no_old_text(browser, playground):
    root = opened(browser, playground)
    assert text(root, ".said")
    field(root, "stride").send_keys(Keys.BACKSPACE, "0")
    assert text(root, ".refusal") == "stride=0 must be at least 1"
    assert [text(root, kind) for kind in (".said", ".answer", ".drawing")] == ["", "", ""]


def test_the_address_keeps_what_belongs_to_others(browser, playground):
    root = opened(browser, playground, "?from=mail#there")
    field(root, "stride").send_keys(Keys.BACKSPACE, "2")
    WebDriverWait(browser, 5, 0.05).until(lambda _: "stride=2" in browser.current_url)
    assert "?from=mail&" in browser.current_url
    assert browser.current_url.endswith("#there")


@pytest.mark.parametrize("query", ["?size=same", "?stride=true", "?kernel_size=,"])
def test_an_address_of_nonsense_can_be_mended(browser, playground, query):
    root = opened(browser, playground, query)
    name, _, _ = query[1:].partition("=")
    assert text(root, ".refusal").startswith(f"{name}=")
    assert text(root, ".refusal").endswith("not NoneType")
    field(root, name).send_keys("2")
    assert not text(root, ".refusal") or "spans" in text(root, ".refusal")


def test_groups_are_separated_and_a_touch_selects_the_nearest(browser, playground):
    root = opened_channels(browser, playground, "?groups=2&pointwise=yes")
    places = browser.execute_script(
        "const root = document.querySelector('groups-explorer').shadowRoot;"
        "return ['input', 'output'].map(kind => [...root.querySelectorAll(`circle.${kind}`)]"
        ".map(dot => dot.getBoundingClientRect().x))"
    )
    first, last = (np.diff(row) for row in places)
    assert first[1] > 1.5 * first[0]
    assert last[3] > 1.05 * last[2]
    dot = root.find_elements(By.CSS_SELECTOR, "circle.input")[3]
    ActionChains(browser).move_to_element_with_offset(dot, -30, 10).click().perform()
    assert text(root, ".said").startswith("Input channel 3 is read by")


def test_large_layers_are_counted_exactly(browser, playground):
    query = "?in_channels=9999&out_channels=9999&kernel_size=9997&size=9998"
    root = opened_channels(browser, playground, query)
    numbers = [cell.text for cell in root.find_elements(By.CSS_SELECTOR, ".costs .this td")]
    weights = 9999**2 * 9997**2
    assert numbers == [f"{weights:,}", f"{weights + 9999:,}", f"{weights * 9998**2:,}"]


def test_a_burst_of_changes_is_one_change_of_the_address(browser, playground):
    opened(browser, playground)
    burst = """
        let changes = 0;
        const replace = history.replaceState.bind(history);
        history.replaceState = (...given) => { changes++; replace(...given); };
        for (let size = 3; size < 30; size++) document.querySelector("conv-explorer").settings = { size };
        setTimeout(() => arguments[0](changes), 600);
    """  # noqa: E501
    assert browser.execute_async_script(burst) == 1
    assert "size=29&" in browser.current_url


def test_an_explorer_can_be_moved_and_only_the_first_has_the_address(browser, playground):
    opened(browser, playground)
    copied = browser.execute_script("""
        const first = document.querySelector("conv-explorer"), second = first.cloneNode(true);
        document.body.append(second);
        document.body.append(first);
        const words = element => [...element.shadowRoot.querySelectorAll("button")]
            .map(button => button.textContent).filter(text => text.includes("link"));
        return [words(first), words(second), first.shadowRoot.querySelectorAll("form").length];
    """)
    assert copied == [["Copy a link to this case"], [], 1]
    assert console(browser) == []


def test_channels_are_walked_by_keys_and_slid_from_dense_to_depthwise_separable(
    browser, playground
):
    opened(browser, playground)
    root = browser.find_element(By.TAG_NAME, "groups-explorer").shadow_root
    way = root.find_element(By.CSS_SELECTOR, ".way input")
    names = [text(root, ".kind")]
    for _ in range(3):
        way.send_keys(Keys.ARROW_RIGHT)
        names.append(text(root, ".kind"))
    assert names == ["dense", "grouped", "depthwise", "depthwise-separable"]
    assert way.get_attribute("aria-valuetext") == "groups=4, then 1 x 1"
    code = root.find_elements(By.CSS_SELECTOR, ".line code")[1].text
    assert repr(eval(code)) == repr(convlib.DepthwiseSeparableConv2d(4, 8, 3, padding="same"))
    root.find_elements(By.CSS_SELECTOR, "circle.input")[0].click()
    assert text(root, ".said") == "Input channel 0 is read by middle channel 0."
    active = "return document.querySelector('groups-explorer').shadowRoot.activeElement"
    browser.execute_script(active).send_keys(Keys.ARROW_RIGHT)
    browser.execute_script(active).send_keys(Keys.ARROW_DOWN)
    assert text(root, ".said") == (
        "Middle channel 1 reads input channel 1: 1 x 3 x 3 = 9 weights. "
        "Middle channel 1 is read by output channels 0, 1, 2, 3, 4, 5, 6, 7."
    )


@pytest.mark.parametrize(
    ("channels", "groups", "pointwise", "kind"),
    [
        (4, 1, False, "dense"),
        (1, 1, False, "dense"),
        (4, 1, True, "dense, then pointwise"),
        (4, 2, True, "grouped, then pointwise"),
        (4, 2, False, "grouped"),
        (4, 4, False, "depthwise"),
        (4, 4, True, "depthwise-separable"),
    ],
)
def test_the_lines_of_the_channels_are_what_is_drawn(
    browser, playground, channels, groups, pointwise, kind
):
    opened(browser, playground)
    case = {"in_channels": channels, "groups": groups, "pointwise": pointwise, "kernel_size": 3}
    shown(browser, "groups-explorer", [case])
    root = browser.find_element(By.TAG_NAME, "groups-explorer").shadow_root
    assert text(root, ".kind") == kind
    torchs, convlibs = (line.text for line in root.find_elements(By.CSS_SELECTOR, ".line code"))
    layer = eval(torchs, {"nn": torch.nn})
    count = sum(parameter.numel() for parameter in layer.parameters())
    parameters = root.find_elements(By.CSS_SELECTOR, ".costs .this td")[1].text
    assert parameters == f"{count:,}"
    made = eval(convlibs, {"convlib": convlib})
    image, held = np.ones((1, channels, 7, 7), dtype=np.float32), 0
    for step in made if isinstance(made, list) else [made]:
        image = step(image)
        held += sum(array.size for array in step.state_dict().values())
    assert held == count
    assert image.shape == tuple(layer(torch.ones(1, channels, 7, 7)).shape)
    dense = 9 * channels * 8
    weights = count - sum(p.numel() for name, p in layer.named_parameters() if "bias" in name)
    assert text(root, ".costs caption").startswith(f"{100 * weights / dense:.1f} %")


def test_the_chosen_channel_shows_its_lines_and_stays_in_its_row(browser, playground):
    opened(browser, playground)
    shown(browser, "groups-explorer", [{"in_channels": 4, "out_channels": 8, "groups": 2}])
    root = browser.find_element(By.TAG_NAME, "groups-explorer").shadow_root
    root.find_elements(By.CSS_SELECTOR, "circle.output")[7].click()
    assert (
        text(root, ".said") == "Output channel 7 reads input channels 2, 3: 2 x 3 x 3 = 18 weights."
    )
    assert len(root.find_elements(By.CSS_SELECTOR, "line.strong")) == 2
    assert len(root.find_elements(By.CSS_SELECTOR, "circle.linked")) == 2
    shown(browser, "groups-explorer", [{"out_channels": 6}])
    assert text(root, ".said").startswith("Output channel 5 reads input channels 2, 3:")
    ways = [text(root, ".kind")]
    way = root.find_element(By.CSS_SELECTOR, ".way input")
    way.send_keys(Keys.ARROW_RIGHT)  # 4 does not divide 6, so what follows is separable
    assert [*ways, text(root, ".kind")] == ["grouped", "depthwise-separable"]


def test_a_count_of_channels_is_no_pair(browser, playground):
    root = opened_channels(browser, playground, "?groups=1,2")
    with pytest.raises(TypeError) as caught:
        arguments.integer("groups", (1, 2))
    assert text(root, ".refusal") == str(caught.value)


@pytest.mark.parametrize(("count", "drawn"), [(16, True), (17, False)])
def test_many_channels_are_counted_where_they_are_not_drawn(browser, playground, count, drawn):
    opened(browser, playground)
    (answer,) = shown(browser, "groups-explorer", [{"in_channels": 1, "out_channels": 16}])
    script = "document.querySelector('groups-explorer').settings = {out_channels: arguments[0]}"
    browser.execute_script(script, count)
    root = browser.find_element(By.TAG_NAME, "groups-explorer").shadow_root
    assert len(root.find_elements(By.CSS_SELECTOR, "circle.output")) == (count if drawn else 0)
    assert root.find_elements(By.CSS_SELECTOR, ".costs .this td")[0].text == f"{9 * count}"
    assert answer["numbers"][0] == "144"


def test_torch_takes_the_lines_that_are_copied(browser, playground):
    opened(browser, playground)
    nn = torch.nn
    for case in [c for c in windows_cases(300) if "refusal" not in windows_expected(c)][:60]:
        browser.execute_script(SHOWN, "conv-explorer", [case])
        root = browser.find_element(By.TAG_NAME, "conv-explorer").shadow_root
        line = root.find_element(By.CSS_SELECTOR, ".line code").text
        layer = eval(line, {"nn": nn})
        output = layer(torch.zeros(1, 1, *as_python(case)["size"]))
        assert text(root, ".size") == " x ".join(map(str, output.shape[2:]))


def test_the_console_stays_silent(browser, playground):
    opened(browser, playground)
    list(shown(browser, "conv-explorer", list(windows_cases(50))))
    assert console(browser) == []
