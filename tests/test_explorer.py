"""The explorer's Python side: HTML, settings, text; tests/browser tests the JavaScript."""

import re
import subprocess
import sys

import pytest

from convlib import arguments
from convlib.explorer import LARGEST_SETTING, explore, explore_groups, script
from convlib.networks import Conv2d, summary


def test_the_element_carries_its_settings_as_the_browser_reads_them():
    html = explore((5, 7), kernel_size=(3, 3), stride=(1, 2), padding="same")._repr_html_()
    opening = html[: html.index(">")]
    assert opening == (
        '<conv-explorer id="explorer" size="5,7" kernel_size="3" stride="1,2" padding="same" '
        'dilation="1"'
    )
    assert '<groups-explorer id="explorer" in_channels="4" ' in explore_groups()._repr_html_()
    assert 'pointwise="true"' in explore_groups(pointwise=True)._repr_html_()


def test_the_same_call_gives_the_same_bytes_in_every_process():
    code = "from convlib.explorer import explore; e = explore(7, 3, 2); print(e._repr_html_(), e)"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout
    assert "object at" not in runs[0].stdout


@pytest.mark.parametrize(
    ("explorer", "sentence"),
    [
        (explore(7, 3, stride=2), "On 7 x 7 pixels .* gives 3 x 3."),
        (explore(2, 3), "spans 3 pixels, more than the input has: 2"),
        (explore(8, 3, stride=2, padding="same"), "stride must be 1"),
        (explore_groups(4, 8, groups=2), "152 parameters and 7,056 MACs on 7 x 7 pixels."),
        (explore_groups(4, 8, groups=4, pointwise=True), "76 parameters and 3,332 MACs"),
        (explore_groups(4, 8, groups=3), "in_channels=4 must be divisible by groups=3"),
    ],
    ids=repr,
)
def test_without_scripts_a_sentence_is_shown_instead(explorer, sentence):
    element = explorer._repr_html_().partition("<script")[0]
    words = re.search("<p>(.*)</p>", element).group(1)
    assert re.search(sentence, words)


def test_the_code_is_one_script_that_loads_nothing():
    assert "</script" not in script()
    assert "</style" not in script()
    addresses = set(re.findall(r"https?://[^\"' ]+", script()))
    assert addresses == {
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1998/Math/MathML",
    }  # XML namespaces, which are not loaded
    assert not re.search(r"\bimport\b|\bfetch\(|url\(|Math\.random|Date\b", script())
    assert len(script().encode()) < 60_000


@pytest.mark.parametrize(
    ("call", "kind", "sentence"),
    [
        (lambda: explore(0), ValueError, "size=0 must be at least 1"),
        (lambda: explore(stride=(1, 2, 3)), ValueError, "stride=(1, 2, 3) has 3 entries"),
        (lambda: explore(padding=-1), ValueError, "padding=-1 must be at least 0"),
        (lambda: explore(padding="SAME"), ValueError, "padding='SAME' must be an int"),
        (lambda: explore(padding=0.5), TypeError, "padding=0.5 must be an int, not float"),
        (lambda: explore(10_000), ValueError, "size=10000 must be at most 9999 to be explored"),
        (lambda: explore_groups(True), TypeError, "in_channels=True must be an int, not bool"),
        (lambda: explore_groups(groups=(1, 2)), TypeError, "groups=(1, 2) must be an int"),
        (lambda: explore_groups(pointwise=1), TypeError, "pointwise=1 must be True or False"),
        (lambda: explore_groups(size="same"), TypeError, "size='same' must be an int, not str"),
    ],
)
def test_an_invalid_setting_is_rejected(call, kind, sentence):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(sentence)


def test_a_setting_keeps_the_shortest_form_in_which_it_means_the_same():
    assert explore(stride=[2, 2]).settings["stride"] == 2
    assert explore(stride=(1, 2)).settings["stride"] == (1, 2)
    assert explore(padding="valid").settings["padding"] == "valid"
    assert explore(padding=(1, 2)).settings["padding"] == (1, 2)
    assert explore(padding=((1, 1), (2, 2))).settings["padding"] == (1, 2)
    assert explore(padding=((2, 2), (2, 2))).settings["padding"] == 2
    assert repr(explore((5, 7), padding=((0, 0), [1, 1]))) == (
        "explore(size=(5, 7), kernel_size=3, stride=1, padding=(0, 1), dilation=1)"
    )


@pytest.mark.parametrize("padding", [((0, 1), (0, 1)), [[1, 1], [2, 0]]])
def test_padding_that_differs_before_and_after_has_no_slider(padding):
    with pytest.raises(ValueError, match="differs before and after, which the explorer cannot"):
        explore(padding=padding)


@pytest.mark.parametrize(
    ("padding", "text"),
    [("same", "gives 7 x 7."), (((0, 0), (1, 1)), "gives 4 x 6."), ("valid", "gives 4 x 4.")],
)
def test_padding_of_every_form_is_in_the_text(padding, text):
    assert explore(7, 4, padding=padding).text.endswith(text)


@pytest.mark.parametrize("pointwise", [False, True])
@pytest.mark.parametrize(("kernel_size", "groups", "size"), [(3, 1, 7), (2, 2, 9), (5, 4, 3)])
def test_the_costs_of_groups_are_those_of_a_summary(kernel_size, groups, size, pointwise):
    between = 4 if pointwise else 8
    layers = [Conv2d(4, between, kernel_size, 1, "same", 1, groups, bias=not pointwise)]
    layers += [Conv2d(4, 8, 1)] if pointwise else []
    costs = summary(layers, (4, size, size))
    text = explore_groups(4, 8, kernel_size, groups, size, pointwise=pointwise).text
    assert f"{costs.parameters:,} parameters and {costs.macs:,} MACs on {size} x {size}" in text


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: explore(7, (3, 2), 2, 1, 1), ["size", "kernel_size", "stride", "dilation"]),
        (
            lambda: explore_groups(4, 8, 3, 2, 7),
            ["in_channels", "out_channels", "kernel_size", "groups", "size"],
        ),
    ],
)
def test_each_argument_is_normalised_once(call, names, monkeypatch):
    seen = []
    for function in ("integer", "integers"):
        original = getattr(arguments, function)

        def counted(name, value, *rest, original=original, **options):
            outer = sys._getframe(1).f_globals["__name__"] != "convlib.arguments"
            seen.extend([name] if outer else [])
            return original(name, value, *rest, **options)

        monkeypatch.setattr(arguments, function, counted)
    call()
    assert sorted(seen) == sorted(names)


def test_errors_are_raised_inside_convlib():
    with pytest.raises(ValueError, match="size=10000 must be at most") as caught:
        explore(LARGEST_SETTING + 1)
    assert "convlib" in caught.traceback[-1].path.parts
