"""The explorer's Python side: attributes, sentences, errors; test_web_model tests the numbers."""

import json
import re
import sys

import numpy as np
import pytest
from processes import printed_by

import convlib
from convlib import arguments
from convlib.explorer import explore, explore_groups
from convlib.networks import Conv2d, summary

STRIDED = "nn.Conv2d(1, 1, 2, stride=2)"


def test_the_element_has_what_it_needs_as_attributes():
    assert explore(STRIDED, size=5)._repr_html_() == (
        '<conv-explorer call="nn.Conv2d(1, 1, 2, stride=2)" size="5,5" preset="counting">'
        "<p>On 5 x 5 pixels nn.Conv2d(1, 1, 2, stride=2) gives 2 x 2.</p>"
        "<p>In a notebook, choose Run All Cells to start the explorer.</p></conv-explorer>"
    )
    groups = explore_groups(4, 8, pointwise=True)._repr_html_()
    assert groups.startswith(
        '<groups-explorer in_channels="4" out_channels="8" kernel_size="3" groups="1" size="7" '
        'pointwise="true"><p>in_channels=4, '
    )


def test_every_option_is_an_attribute():
    options = {"preset": "edge", "parameter": "stride", "selected": (0, 1, 0), "replaces": "fig-a"}
    assert explore(STRIDED, (5, 6), **options).attributes == {
        "call": STRIDED,
        "size": "5,6",
        "preset": "edge",
        "parameter": "stride",
        "selected": "0,1,0",
        "replaces": "fig-a",
    }


@pytest.mark.parametrize(
    ("call", "shortest"),
    [
        ("torch.nn.Conv2d(1,1,2,(2,2))", STRIDED),
        ("Conv2d(in_channels=1, out_channels=1, kernel_size=[2, 2], stride=2)", STRIDED),
        ("nn.Conv2d(1, 1, 2, 2, padding=((0, 0), (0, 0)))", STRIDED),
        (
            "nn.Conv1d(1, 1, (3,), padding_mode=circular)",
            "nn.Conv1d(1, 1, 3, padding_mode='circular')",
        ),
        (convlib.Conv2d(1, 1, 2, stride=2, dtype="float64", rng=0), STRIDED),
        (
            convlib.ConvTranspose2d(2, 4, 3, 2, bias=False),
            "nn.ConvTranspose2d(2, 4, 3, stride=2, bias=False)",
        ),
    ],
)
def test_the_call_is_written_as_short_as_possible(call, shortest):
    assert explore(call).attributes["call"] == shortest


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_layer_is_shown_with_its_own_weights(dtype):
    layer = convlib.Conv2d(2, 3, 2, dtype=dtype, rng=0)
    attributes = explore(layer, size=4).attributes
    for name in ("weight", "bias"):
        written = np.array(json.loads(attributes[name]))
        assert (written.astype(dtype) == getattr(layer, name)).all()
    digits = {"float16": 8, "float32": 12, "float64": 20}[dtype]  # as few as the dtype needs
    assert len(attributes["weight"]) < 24 * (digits + 5)
    bare = convlib.Conv2d(2, 3, 2, bias=False, rng=0)
    assert "bias" not in explore(bare, size=4).attributes
    own = explore(layer, weight=np.ones((3, 2, 2, 2))).attributes
    assert json.loads(own["weight"]) == np.ones((3, 2, 2, 2)).tolist()
    assert own["bias"] == attributes["bias"]


def test_arrays_are_written_as_numbers_with_few_digits():
    input = np.array([[[0.1, 2], [-1, 1e-3]]], dtype="float32")
    explorer = explore("nn.Conv2d(1, 1, 2)", input=input, weight=[[[[1, 0.5], [2, 3]]]], bias=[0])
    assert explorer.attributes["size"] == "2,2"
    assert explorer.attributes["input"] == "[[[0.1, 2], [-1, 0.001]]]"
    assert explorer.attributes["weight"] == "[[[[1, 0.5], [2, 3]]]]"
    assert explorer.attributes["bias"] == "[0]"


@pytest.mark.parametrize(
    "explorer",
    [
        explore("nn.Conv2d(1, 1, 2, 2, bias=False)", 5, preset="ones", selected=[0, 1, 1]),
        explore("nn.Conv1d(1, 1, 2)", input=[[1, 2.5, 3]], weight=[[[1, 2]]], bias=[0.5]),
        explore("nn.Conv1d(1, 1, 2)", (4,), parameter="bias", replaces="figure"),
        explore_groups(4, 8, groups=2, pointwise=True),
    ],
    ids=repr,
)
def test_the_repr_is_the_call_that_creates_it(explorer):
    again = eval(repr(explorer))
    assert repr(again) == repr(explorer)
    assert again._repr_html_() == explorer._repr_html_()


def test_the_repr_shows_arguments_only_where_they_are_given():
    assert repr(explore("torch.nn.Conv2d(1, 1, 3, 1)")) == "explore('torch.nn.Conv2d(1, 1, 3, 1)')"
    assert repr(explore(convlib.Conv2d(1, 1, 2), size=3)) == "explore(Conv2d(1, 1, 2), size=3)"


def test_the_same_call_gives_the_same_bytes_in_every_process():
    code = (
        "from convlib.explorer import explore; "
        "e = explore('nn.Conv2d(1, 1, 3)', 7, preset='random'); print(e._repr_html_(), e)"
    )
    runs = [printed_by(code) for _ in range(2)]
    assert runs[0] == runs[1]
    assert "object at" not in runs[0]
    assert "<script" not in runs[0]


@pytest.mark.parametrize(
    ("explorer", "sentence"),
    [
        (explore(STRIDED), f"On 5 x 5 pixels {STRIDED} gives 2 x 2."),
        (explore("nn.Conv1d(1, 1, 3)", 7), "On 7 pixels nn.Conv1d(1, 1, 3) gives 5."),
        (
            explore("nn.ConvTranspose2d(1, 2, 3, stride=2)", (2, 3)),
            "On 2 x 3 pixels nn.ConvTranspose2d(1, 2, 3, stride=2) gives 5 x 7.",
        ),
        (
            explore("nn.Conv2d(1, 1, 3)", (2, 5)),
            "nn.Conv2d(1, 1, 3) on 2 x 5 pixels: kernel_size=3 with dilation=1 spans 3 pixels, "
            "more than the input has: 2",
        ),
        (
            explore("nn.Conv1d(1, 1, 3, padding=2, padding_mode='reflect')", 2),
            "nn.Conv1d(1, 1, 3, padding=2, padding_mode='reflect') on 2 pixels: padding=(2, 2) in "
            "mode 'reflect' must be at most 1 on a side of size 2",
        ),
        (
            explore_groups(4, 8, groups=2),
            "in_channels=4, out_channels=8, kernel_size=3, groups=2, size=7, pointwise=False: "
            "152 parameters and 7,056 MACs on 7 x 7 pixels.",
        ),
        (
            explore_groups(4, 8, groups=3),
            "in_channels=4, out_channels=8, kernel_size=3, groups=3, size=7, pointwise=False: "
            "in_channels=4 must be divisible by groups=3",
        ),
    ],
    ids=repr,
)
def test_without_scripts_a_sentence_is_shown_instead(explorer, sentence):
    assert explorer.text == sentence
    shown = re.search("<p>(.*?)</p>", explorer._repr_html_())[1]
    assert shown.replace("&#x27;", "'") == sentence


@pytest.mark.parametrize(
    ("call", "kind", "sentence"),
    [
        (
            lambda: explore(7),
            TypeError,
            "call=7 must be the text of a torch call or a layer (Conv1d,",
        ),
        (lambda: explore(7), TypeError, 'explore("nn.Conv2d(1, 1, 3)", size=7)'),
        (
            lambda: explore(convlib.Conv3d(1, 1, 3)),
            TypeError,
            "call=Conv3d(1, 1, 3) must be the text",
        ),
        (
            lambda: explore("nn.Conv2d(1, 1"),
            ValueError,
            "call='nn.Conv2d(1, 1' is no call of a layer",
        ),
        (
            lambda: explore("nn.Conv2d(1, 1)"),
            TypeError,
            "missing a required argument: 'kernel_size'",
        ),
        (
            lambda: explore("nn.Linear(1, 1)"),
            ValueError,
            "nn.Linear is not known; known are Conv1d",
        ),
        (lambda: explore("nn.Conv2d(1, 1, 0)"), ValueError, "kernel_size=0 must be at least 1"),
        (lambda: explore(STRIDED, 0), ValueError, "size=0 must be at least 1"),
        (lambda: explore(STRIDED, (1, 2, 3)), ValueError, "size=(1, 2, 3) has 3 entries"),
        (lambda: explore(STRIDED, "5"), TypeError, "size='5' must be an int, not str"),
        (
            lambda: explore(STRIDED, 10_000),
            ValueError,
            "size=10000 must be at most 9999 to be explored",
        ),
        (
            lambda: explore("nn.Conv2d(1, 1, 3, stride=(1, 10_000))"),
            ValueError,
            "stride=10000 must be at most 9999 to be explored",
        ),
        (
            lambda: explore("nn.Conv1d(1, 1, 3, padding=(2, 0))"),
            ValueError,
            "padding=((2, 0),) differs before and after, which the explorer cannot show",
        ),
        (lambda: explore(STRIDED, preset="noise"), ValueError, "preset='noise' must be one of"),
        (lambda: explore(STRIDED, parameter="size"), ValueError, "parameter='size' must be one of"),
        (lambda: explore(STRIDED, replaces=3), TypeError, "replaces=3 must be the id of a figure"),
        (
            lambda: explore(STRIDED, selected=0),
            ValueError,
            "selected=0 must be (channel, row, column)",
        ),
        (
            lambda: explore("nn.Conv1d(1, 1, 3)", selected=(0, 0, 0)),
            ValueError,
            "selected=(0, 0, 0) must be (channel, position)",
        ),
        (
            lambda: explore(STRIDED, selected=(0, -1, 0)),
            ValueError,
            "selected=(0, -1, 0) must be at",
        ),
        (
            lambda: explore(STRIDED, selected=(0, 2, 0)),
            ValueError,
            "selected=(0, 2, 0) must be in the",
        ),
        (
            lambda: explore(STRIDED, input=[[1, 2]]),
            ValueError,
            "its input has shape (1, 2), and (C, H",
        ),
        (
            lambda: explore(STRIDED, input=[[[1], [1, 2]]]),
            ValueError,
            "input=[[[1], [1, 2]]] must have",
        ),
        (lambda: explore(STRIDED, input=[[["a"]]]), TypeError, "input has dtype str"),
        (lambda: explore(STRIDED, input=[[[True]]]), TypeError, "input has dtype bool"),
        (
            lambda: explore(STRIDED, input=[[[np.nan]]]),
            ValueError,
            "input must contain finite numbers",
        ),
        (lambda: explore(STRIDED, 3, input=[[[1, 2]]]), ValueError, "size=3 is not that of input"),
        (
            lambda: explore(STRIDED, input=np.zeros((2, 5, 5))),
            ValueError,
            "in_channels=1, but its input has 2 channels: (2, 5, 5)",
        ),
        (
            lambda: explore(STRIDED, weight=np.zeros((1, 1, 3, 3))),
            ValueError,
            "weight of shape (1, 1, 3, 3) must have the layer's shape (1, 1, 2, 2)",
        ),
        (
            lambda: explore("nn.Conv2d(1, 1, 2, bias=False)", bias=[1]),
            ValueError,
            "bias must be None: the layer has bias=False",
        ),
        (
            lambda: explore(convlib.Conv2d(64, 64, 3)),
            ValueError,
            "weight has 36864 numbers, and at most 10000 can be explored; the layer's call as text",
        ),
        (lambda: explore_groups(True), TypeError, "in_channels=True must be an int, not bool"),
        (lambda: explore_groups(groups=(1, 2)), TypeError, "groups=(1, 2) must be an int"),
        (lambda: explore_groups(pointwise=1), TypeError, "pointwise=1 must be True or False"),
        (lambda: explore_groups(size="same"), TypeError, "size='same' must be an int, not str"),
        (lambda: explore_groups(size=10_000), ValueError, "size=10000 must be at most 9999"),
    ],
)
def test_an_invalid_argument_is_an_error(call, kind, sentence):
    with pytest.raises(kind) as caught:
        call()
    assert sentence in str(caught.value)
    assert "convlib" in caught.traceback[-1].path.parts


def test_nothing_of_the_text_is_evaluated(tmp_path):
    file = tmp_path / "file"
    with pytest.raises(ValueError, match="must be a number or a word"):
        explore(f"nn.Conv2d(1, 1, open({str(file)!r}, 'w').write(''))")
    assert not file.exists()


@pytest.mark.parametrize("pointwise", [False, True])
@pytest.mark.parametrize(("kernel_size", "groups", "size"), [(3, 1, 7), (2, 2, 9), (5, 4, 3)])
def test_the_costs_of_groups_are_those_of_a_summary(kernel_size, groups, size, pointwise):
    between = 4 if pointwise else 8
    layers = [Conv2d(4, between, kernel_size, 1, "same", 1, groups, bias=not pointwise)]
    layers += [Conv2d(4, 8, 1)] if pointwise else []
    costs = summary(layers, (4, size, size))
    text = explore_groups(4, 8, kernel_size, groups, size, pointwise=pointwise).text
    assert f"{costs.parameters:,} parameters and {costs.macs:,} MACs on {size} x {size}" in text


def test_each_argument_of_groups_is_normalised_once(monkeypatch):
    seen, original = [], arguments.integer

    def counted(name, value, *rest):
        outer = sys._getframe(1).f_globals["__name__"] != "convlib.arguments"
        seen.extend([name] if outer else [])
        return original(name, value, *rest)

    monkeypatch.setattr(arguments, "integer", counted)
    explore_groups(4, 8, 3, 2, 7)
    assert sorted(seen) == sorted(["in_channels", "out_channels", "kernel_size", "groups", "size"])
