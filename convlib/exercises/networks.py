"""Exercises of chapter ``networks``."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Design, Exercise, Limit, Task, Writing, checker
from convlib.networks import Conv2d, receptive_field, summary

Layers = Sequence[tuple[int, int]]  # kernel size and stride of each

IMAGE = (3, 64, 64)
NETWORK = [  # whose MACs exercise 4 halves
    Conv2d(3, 32, 3, stride=2, padding=1),
    *(Conv2d(32, 32, 3, padding=1) for _ in range(7)),
]
GIVEN = summary(NETWORK, IMAGE)
TWO_LAYERS = [(3, 2), (2, 3)]  # of the picture of exercise 2


def measured(layers: object) -> object:
    """Return what exercise 4 asks of a network: enough channels, field, and few MACs."""
    try:
        total = summary(layers, IMAGE)
    except (ValueError, TypeError):
        return "rejected"
    wide = len(total.output) == 3 and total.output[0] >= GIVEN.output[0]
    sees = min(total.receptive_field) >= min(GIVEN.receptive_field)
    return wide, sees, 2 * total.macs <= GIVEN.macs


def stack_field(layers: Layers) -> Array:
    """Return what exercise 6 asks for: how many pixels an output sees."""
    return np.array(receptive_field(layers).size)


def own_stride(layers: Layers) -> Array:
    """Let a layer's stride count for the layer itself."""
    size = step = 1
    for kernel_size, stride in layers:
        step *= stride
        size += (kernel_size - 1) * step
    return np.array(size)


def only_last_stride(layers: Layers) -> Array:
    """Take the stride of the layer before, not the product of all strides before."""
    size, step = 1, 1
    for kernel_size, stride in layers:
        size += (kernel_size - 1) * step
        step = stride
    return np.array(size)


def without_strides(layers: Layers) -> Array:
    """Forget the strides."""
    return np.array(1 + sum(kernel_size - 1 for kernel_size, _ in layers))


def added(layers: Layers) -> Array:
    """Add the whole kernel, not the kernel less one."""
    size, step = 1, 1
    for kernel_size, stride in layers:
        size += kernel_size * step
        step *= stride
    return np.array(size)


def multiplied(layers: Layers) -> Array:
    """Multiply the kernel sizes."""
    return np.array(math.prod(kernel_size for kernel_size, _ in layers))


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `stack_field`: the chapter's example, then 30 random ones."""
    yield {"layers": [(3, 1), (3, 2), (3, 1)]}
    rng = np.random.default_rng(0)
    for _ in range(30):
        count = int(rng.integers(1, 6))
        pairs = zip(rng.integers(1, 8, count), rng.integers(1, 4, count), strict=True)
        yield {"layers": [(int(kernel_size), int(stride)) for kernel_size, stride in pairs]}


STEPS = """\
def unknown(layers):
    number = 1
    for kernel_size, stride in layers:
        number = number * stride
    return number

unknown([(7, 2), (3, 2), (3, 1), (3, 2)])"""

DILATIONS = Exercise(
    right=Limit(
        coefficients=(4, 4, 4),
        constant=3,
        at_least=31,
        below="with these dilations an output sees {} pixels.",
        example=(1, 2, 4),
    ),
    because="3 + 4 * (d1 + d2 + d3) is 31 or more. The MACs do not depend on the dilation.",
    slips={
        (2, 2, 2): "3 + 4 * 6 = 27. One more in any of the three dilations is enough.",
        (1, 1, 1): "without dilation the three layers add 4 pixels each: 3 + 12 = 15.",
    },
    hint="The first layer sees 3 pixels, and its step is 2. Each further layer adds 2 * d steps.",
    question="Begin with `Conv2d(3, 32, 3, stride=2, padding=1)`, and let three layers "
    "`Conv2d(32, 32, 3, padding=d, dilation=d)` follow, each with a d of its own. These four take "
    "less than half of the MACs. With which three dilations do they see 31 pixels or more?",
    example="(1, 1, 2)",
)

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=15,
        because="3, 7, 15. The second layer adds 2 steps of 2 pixels, the third 2 steps of 4.",
        slips={
            7: "that is three 3 x 3 layers with stride 1.",
            27: "fields do not multiply. Each layer *adds* (kernel_size - 1) * step.",
            29: "a layer's own stride counts only for the layers behind it.",
            11: "the third layer's inputs are 2 * 2 pixels apart, not 2.",
        },
        hint="Write down size and step, layer by layer: (3, 2), then (7, 4), then ...",
    ),
    2: Exercise(
        right=3,
        because="output 1 of layer 2 begins to read at output 3 of layer 1, output 0 at output 0.",
        slips={
            6: "that is the step behind both layers, in pixels: 2 * 3.",
            2: "that is the stride of layer 1, or the kernel size of layer 2.",
            1: "with stride 1 the outputs of layer 2 would read outputs 0 1 and 1 2 of layer 1.",
        },
        hint="Which outputs of layer 1 does output 0 of layer 2 read? Which does output 1 read?",
    ),
    3: Exercise(
        right="dw13",
        because="with stride 2 the map would become 4 x 4, but the next row has 7 x 7.",
        slips={
            "dw12": "14 x 14 becomes 7 x 7 there, as printed.",
            "pw13": "its input of 7 x 7 is right. Which layer before it has a stride of 2?",
            "conv0": "224 x 224 becomes 112 x 112, as printed.",
        },
        hint="Follow the sizes: where is a stride of 2, though the size stays?",
    ),
    4: Design(
        measure=measured,
        right=(True, True, True),
        because="32 channels, a field of 31 or more, at most half of the MACs.",
        slips={
            (True, True, False): "more than half of the MACs yet.",
            (True, False, True): "cheap enough, but its field is below 31. Dilation is free.",
            (True, False, False): "its field is below 31, and its MACs are above half.",
            (False, True, True): "32 channels have to come out, on a map.",
            (False, False, True): "32 channels have to come out, on a map, and a field of 31.",
            "rejected": "`summary` raises an error for these layers and an image of 3 x 64 x 64.",
        },
        hint="Print `summary(layers, (3, 64, 64))`.",
        form=DILATIONS,
    ),
    5: Exercise(
        right=212 + 6 * 32,
        because="212 + 6 * 32: from the first of 7 numbers to the last there are 6 steps.",
        slips={
            212: "that is one number of the map. The fully connected layer reads all of them.",
            212 + 7 * 32: "7 numbers have 6 distances between them.",
            224: "that is the image. The field includes padding, so it can be larger.",
            212 * 7: "the fields of neighbours overlap. The next one begins 32 pixels further on.",
        },
        hint="The first number sees 212 pixels, and each neighbour adds a step of 32.",
    ),
    6: Writing(
        right=stack_field,
        cases=calls,
        because="the same as `receptive_field` for the chapter's example and for 30 random stacks.",
        slips={
            own_stride: "A layer's own stride counts only for later layers: first add, then "
            "multiply the step.",
            only_last_stride: "The step is the product of *all* strides before the layer.",
            without_strides: "The strides of earlier layers move the inputs of a layer apart.",
            added: "From the first of k inputs to the last there are k - 1 steps.",
            multiplied: "Fields do not multiply. Each layer adds (kernel_size - 1) * step.",
        },
        hint="Start with size 1 and step 1. For each layer, add (kernel_size - 1) * step to the "
        "size, then multiply the step by the stride.",
        form=Exercise(
            right=8,
            because="2 * 2 * 1 * 2. It is the step: the product of all strides.",
            slips={
                7: "number is multiplied by each stride. They are not added.",
                4: "the last stride counts, too. The loop multiplies by it before it ends.",
                189: "the loop multiplies by the strides, not by the kernel sizes.",
                16: "the third layer has stride 1.",
            },
            hint="Go through the loop: number is 1, then 1 * 2, ...",
            question="On this page, read a function instead. What does the last line return?",
            code=STEPS,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=11,
        because="pixels 0 to 8 and pixels 2 to 10.",
        slips={
            18: "pixels 2 to 8 are seen by both. Count them once.",
            10: "output 1 begins 2 pixels further on, not 1.",
            9: "that is one of them.",
            13: "that is the whole row. Output 2 sees the last two pixels.",
        },
        hint="Output 0 sees pixels 0 to 8. Where does output 1 begin?",
    ),
    2: Exercise(
        right=5,
        because="outputs 2, 3 and 4 of layer 1 read it. From there it has 2, 1 and 2 ways.",
        slips={
            3: "that is how many outputs of layer 1 read it. From two of them, two ways lead on.",
            9: "three layers of three lines each: but not all lines start at pixel 4.",
            27: "those are the ways of all pixels together.",
            1: "the lines branch. Follow each of them down to output 0.",
        },
        hint="Outputs 2, 3 and 4 of layer 1 read pixel 4. In how many ways does each go on?",
    ),
}

check: Check = checker("networks", EXERCISES)
question: Check = checker("networks", QUESTIONS, name="question")
