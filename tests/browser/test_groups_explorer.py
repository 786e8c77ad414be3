"""The explorer of groups in a browser: drawing, mouse, touch, keyboard, address, messages."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import selenium_axe_python
import torch
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

import convlib
from convlib import arguments, web
from convlib.explorer import explore_groups
from tools.browser import console, open_page, serve

pytestmark = pytest.mark.browser
AXE = Path(selenium_axe_python.__file__).with_name("axe-core") / "axe.min.js"


@pytest.fixture(scope="module")
def playground(tmp_path_factory):
    """Serve a page with one explorer and nothing else."""
    folder = tmp_path_factory.mktemp("groups")
    shutil.copytree(web.FOLDER, folder / "web")
    element = explore_groups()._repr_html_().replace(" ", ' id="explorer" ', 1)
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>x</title>'
        '<meta name="viewport" content="width=device-width">'
        "<style>body { background: #ffffff; color: #1a1a1a }"
        "@media (prefers-color-scheme: dark) { body { background: #121212; color: #ced6dd } }"
        "</style>"
        f'{element}<script type="module" src="web/explorer/groups-explorer.js"></script>'
    )
    with serve(folder) as address:
        yield address


def opened(browser, address, query="", **settings):
    open_page(browser, address, f"index.html{query}", **settings)
    return browser.find_element(By.TAG_NAME, "groups-explorer").shadow_root


def change(browser, **settings):
    script = "document.querySelector('groups-explorer').settings = arguments[0]"
    browser.execute_script(script, settings)


def every(root, selector):
    return root.find_elements(By.CSS_SELECTOR, selector)


def text(root, selector):
    return root.find_element(By.CSS_SELECTOR, selector).text


def field(root, name, kind="number"):
    return root.find_element(By.CSS_SELECTOR, f"[data-name={name}] input[type={kind}]")


def active(browser):
    script = "return document.querySelector('groups-explorer').shadowRoot.activeElement"
    return browser.execute_script(script)


def numbers(root, row="this"):
    return [cell.text for cell in every(root, f".{row} td")]


@pytest.mark.parametrize("layer", [(4, 8, 2, False), (6, 3, 3, False), (4, 6, 4, True)])
def test_a_line_is_drawn_for_each_table_of_weights(browser, playground, layer):
    inputs, outputs, groups, pointwise = layer
    root = opened(browser, playground)
    change(browser, in_channels=inputs, out_channels=outputs, groups=groups, pointwise=pointwise)
    pairs = [(inputs, inputs, groups), (inputs, outputs, 1)] if pointwise else [layer[:3]]
    drawn = {line.get_attribute("data-key") for line in every(root, "line:not(.none)")}
    assert drawn == {
        f"{row},{c},{o}"
        for row, pair in enumerate(pairs)
        for o, c in np.argwhere(convlib.connectivity(*pair))
    }
    circles = [len(every(root, f"circle.{name}")) for name in ("input", "middle", "output")]
    assert circles == [inputs, inputs if pointwise else 0, outputs]


def test_the_chosen_channel_shows_its_lines_and_stays_in_its_row(browser, playground):
    root = opened(browser, playground)
    change(browser, in_channels=4, out_channels=8, groups=2)
    every(root, "circle.output")[7].click()
    assert text(root, ".said") == (
        "Output channel 7 reads input channels 2, 3: 2 x 3 x 3 = 18 weights."
    )
    assert len(every(root, "line.strong")) == 2
    assert len(every(root, "circle.linked")) == 2
    change(browser, out_channels=6)
    assert text(root, ".said").startswith("Output channel 5 reads input channels 2, 3:")
    kinds = [text(root, ".kind")]
    root.find_element(By.CSS_SELECTOR, ".way input").send_keys(Keys.ARROW_RIGHT)
    assert [*kinds, text(root, ".kind")] == ["grouped", "depthwise-separable"]  # 4 divides not 6


def test_the_volumes_show_the_chosen_channel_and_describe_it(browser, playground):
    root = opened(browser, playground, "?out_channels=4&groups=2&size=5")
    title = root.find_element(By.CSS_SELECTOR, ".volumes title").get_attribute("textContent")
    assert title == "Volumes: input 4 x 5 x 5, weight 4 x 2 x 3 x 3, output 4 x 5 x 5"
    words = ".volumes desc"
    described = root.find_element(By.CSS_SELECTOR, words).get_attribute("textContent")
    assert described == (
        "Output channel 0, row 1, column 1: computed from input channels 0, 1, rows 0, 1, 2, "
        "columns 0, 1, 2."
    )
    assert len(every(root, "polygon[fill=none]")) == 0
    every(root, "circle.output")[3].click()
    described = root.find_element(By.CSS_SELECTOR, words).get_attribute("textContent")
    assert "Output channel 3, row 1, column 1: computed from input channels 2, 3" in described
    assert len(every(root, "polygon[fill=none]")) == 3 + 2 * 3  # channels in front are transparent


@pytest.mark.parametrize(
    ("row", "marked"),
    [
        (0, "Middle channel 1, row 1, column 1: computed from input channel 1"),
        (1, "Middle channel 1, row 1, column 1: computed from input channel 1"),
        (2, "Middle channels 0, 1, 2, row 1, column 1: computed, each in its own group, from"),
    ],
)
def test_the_volumes_of_a_separable_layer_have_two_steps(browser, playground, row, marked):
    root = opened(browser, playground, "?in_channels=3&out_channels=3&groups=3&pointwise=true")
    every(root, f"circle[data-row='{row}']")[1].click()
    title = root.find_element(By.CSS_SELECTOR, ".volumes title").get_attribute("textContent")
    assert "; then middle 3 x 7 x 7, 1 x 1 weight 3 x 3 x 1 x 1, output 3 x 7 x 7" in title
    described = root.find_element(By.CSS_SELECTOR, ".volumes desc").get_attribute("textContent")
    assert described.startswith(marked)


def test_channels_are_walked_by_keys_and_announced(browser, playground):
    root = opened(browser, playground)
    way = root.find_element(By.CSS_SELECTOR, ".way input")
    names = [text(root, ".kind")]
    for _ in range(3):
        way.send_keys(Keys.ARROW_RIGHT)
        names.append(text(root, ".kind"))
    assert names == ["dense", "grouped", "depthwise", "depthwise-separable"]
    assert way.get_attribute("aria-valuetext") == "groups=4, then 1 x 1"
    live = root.find_element(By.CSS_SELECTOR, "[aria-live=polite]")
    assert live.get_attribute("textContent") == ""  # nothing is announced while sliders move
    every(root, "circle.input")[0].click()
    assert text(root, ".said") == "Input channel 0 is read by middle channel 0."
    active(browser).send_keys(Keys.ARROW_RIGHT)
    active(browser).send_keys(Keys.ARROW_DOWN)
    sentence = (
        "Middle channel 1 reads input channel 1: 1 x 3 x 3 = 9 weights. "
        "Middle channel 1 is read by output channels 0 to 7."
    )
    assert text(root, ".said") == sentence
    assert live.get_attribute("textContent") == sentence
    active(browser).send_keys(Keys.ARROW_DOWN)
    active(browser).send_keys(Keys.ARROW_DOWN)  # there is no row below
    active(browser).send_keys(Keys.END)
    assert active(browser).get_attribute("aria-label") == "output channel 7"
    assert active(browser).get_attribute("aria-pressed") == "true"
    active(browser).send_keys(Keys.HOME)
    assert active(browser).get_attribute("aria-label") == "output channel 0"
    assert [dot.get_attribute("tabindex") for dot in every(root, "circle")].count("0") == 1


def test_groups_are_separated_and_a_touch_selects_the_nearest(browser, playground):
    root = opened(browser, playground, "?groups=2&pointwise=true")
    first, last = (
        np.diff([dot.rect["x"] for dot in every(root, f"circle.{name}")])
        for name in ("input", "output")
    )
    assert first[1] > 1.5 * first[0]
    assert np.allclose(last, last[0], atol=1.1)
    dot = every(root, "circle.input")[3]
    ActionChains(browser).move_to_element_with_offset(dot, -20, 10).click().perform()
    assert text(root, ".said").startswith("Input channel 3 is read by")


def test_typing_changes_the_drawing_and_an_invalid_setting_keeps_it(browser, playground):
    root = opened(browser, playground)
    box = field(root, "groups")
    box.send_keys(Keys.BACKSPACE, "2")
    assert text(root, ".kind") == "grouped"
    assert len(every(root, "line:not(.none)")) == 16
    place = field(root, "groups").rect
    box.send_keys(Keys.BACKSPACE, "3")
    with pytest.raises(ValueError, match="divisible") as caught:
        convlib.Conv2d(4, 8, 3, groups=3)
    assert text(root, ".message") == f"{caught.value}. The drawing shows the last valid setting."
    assert len(every(root, "line:not(.none)")) == 16
    assert every(root, ".drawing.stale")
    assert field(root, "groups").rect == place  # nothing jumps
    assert box.get_property("value") == "3"
    box.send_keys(Keys.BACKSPACE)
    assert text(root, ".message").startswith("groups=None must be an int, not NoneType")
    box.send_keys("4")
    assert text(root, ".message") == ""
    assert text(root, ".kind") == "depthwise"
    field(root, "in_channels", "range").send_keys(Keys.ARROW_LEFT)
    assert field(root, "in_channels").get_property("value") == "3"
    (reset,) = [button for button in every(root, "button") if button.text == "Reset"]
    reset.click()
    assert text(root, ".kind") == "dense"
    assert field(root, "groups").get_property("value") == "1"


# Rows of torch's messages (chapter 10) that the fields can provoke: settings, torch's words.
TORCH_ERRORS = [
    ({"groups": 3}, "in_channels must be divisible by groups"),
    ({"out_channels": 6, "groups": 4}, "out_channels must be divisible by groups"),
    ({"groups": 0}, "groups must be a positive integer"),
]


@pytest.mark.parametrize(("settings", "words"), TORCH_ERRORS, ids=lambda entry: str(entry)[:40])
def test_where_torch_raises_the_explorer_shows_the_reason(browser, playground, settings, words):
    root = opened(browser, playground)
    change(browser, **settings)
    layer = {"in_channels": 4, "out_channels": 8, "kernel_size": 3} | settings
    with pytest.raises((RuntimeError, ValueError, TypeError)) as caught:
        torch.nn.Conv2d(**layer)
    assert words in str(caught.value)
    assert "groups=" in text(root, ".message.error")


def test_a_count_of_channels_is_no_pair(browser, playground):
    root = opened(browser, playground, "?groups=1,2")
    with pytest.raises(TypeError) as caught:
        arguments.integer("groups", (1, 2))
    assert text(root, ".message").startswith(str(caught.value))


@pytest.mark.parametrize(("count", "drawn"), [(16, True), (17, False)])
def test_many_channels_are_counted_where_they_are_not_drawn(browser, playground, count, drawn):
    root = opened(browser, playground)
    change(browser, in_channels=1, out_channels=count)
    assert len(every(root, "circle.output")) == (count if drawn else 0)
    assert numbers(root)[0] == f"{9 * count}"
    assert "output channels 0 to 7 of" in text(root, ".omitted")


def test_large_layers_are_counted_exactly(browser, playground):
    query = "?in_channels=9999&out_channels=9999&kernel_size=9997&size=9998"
    root = opened(browser, playground, query)
    weights = 9999**2 * 9997**2
    assert numbers(root) == [f"{weights:,}", f"{weights + 9999:,}", f"{weights * 9998**2:,}"]


def test_the_address_has_the_settings_and_restores_them(browser, playground):
    root = opened(browser, playground)
    field(root, "groups").send_keys(Keys.BACKSPACE, "2")
    WebDriverWait(browser, 5, 0.05).until(lambda _: "groups=2" in browser.current_url)
    assert browser.current_url.endswith(
        "?in_channels=4&out_channels=8&kernel_size=3&groups=2&size=7&pointwise=false"
    )
    browser.get(browser.current_url)
    root = browser.find_element(By.TAG_NAME, "groups-explorer").shadow_root
    assert text(root, ".kind") == "grouped"


def test_a_burst_of_changes_is_one_change_of_the_address(browser, playground):
    opened(browser, playground)
    burst = """
        let changes = 0;
        const replace = history.replaceState.bind(history);
        history.replaceState = (...given) => { changes++; replace(...given); };
        const explorer = document.querySelector("groups-explorer");
        for (let size = 3; size < 30; size++) explorer.settings = { size };
        setTimeout(() => arguments[0](changes), 700);
    """
    assert browser.execute_async_script(burst) == 1
    assert "size=29&" in browser.current_url


def test_lines_and_links_are_copied(browser, playground):
    root = opened(browser, playground, "?groups=4&pointwise=true")
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"origin": playground, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    read = "navigator.clipboard.readText().then(arguments[0])"
    own = every(root, ".copy button")[1]
    own.click()
    WebDriverWait(browser, 5).until(lambda _: own.text == "Copied")
    layer = eval(browser.execute_async_script(read))
    assert repr(layer) == repr(convlib.DepthwiseSeparableConv2d(4, 8, 3, padding="same"))
    link = root.find_element(By.CSS_SELECTOR, ".link")
    link.click()
    WebDriverWait(browser, 5).until(lambda _: link.text == "Copied")
    address = browser.execute_async_script(read)
    assert address.startswith(f"{playground}/index.html?groups=4&pointwise=true&in_channels=4&")
    assert address.endswith("&size=7#explorer")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("query", ["", "?groups=4&pointwise=true", "?groups=3"])
def test_axe_finds_nothing(browser, playground, dark, query):
    opened(browser, playground, query, dark=dark)
    browser.execute_script(AXE.read_text())
    findings = browser.execute_async_script(
        "axe.run('groups-explorer').then(found => arguments[0]("
        "found.violations.map(each => [each.id, each.nodes.map(node => node.html)])))"
    )
    assert findings == []


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_scrolls_sideways(browser, playground, dark):
    root = opened(browser, playground, "?groups=4&pointwise=true", width=400, dark=dark)
    script = "return document.documentElement.scrollWidth"
    assert browser.execute_script(script) <= 400
    left = root.find_element(By.CSS_SELECTOR, ".volumes").rect
    assert left["x"] + left["width"] <= 400
    smallest = browser.execute_script(
        "const root = document.querySelector('groups-explorer').shadowRoot;"
        "return Math.min(...[...root.querySelectorAll('.volumes text')]"
        ".filter(text => text.textContent.length > 1).map(t => t.getBoundingClientRect().height))"
    )
    assert smallest >= 9


def test_in_forced_colours_the_drawing_keeps_its_own(browser, playground):
    root = opened(browser, playground)
    media = {"features": [{"name": "forced-colors", "value": "active"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    for selector in ("circle.chosen", "line.strong", "polygon[fill='#a65300']"):
        drawn = root.find_element(By.CSS_SELECTOR, selector)
        assert drawn.value_of_css_property("forced-color-adjust") == "none"


def test_the_console_stays_silent_and_an_explorer_can_be_moved(browser, playground):
    opened(browser, playground)
    copied = browser.execute_script("""
        const first = document.querySelector("groups-explorer"), second = first.cloneNode(true);
        document.body.append(second);
        document.body.append(first);
        const links = (element) => element.shadowRoot.querySelectorAll(".link").length;
        return [links(first), links(second), first.shadowRoot.querySelectorAll(".fields").length];
    """)
    assert copied == [1, 0, 1]
    assert console(browser) == []
