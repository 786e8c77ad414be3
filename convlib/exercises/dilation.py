"""Exercises of chapter ``dilation``."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from convlib.arguments import Array
from convlib.core import reach
from convlib.exercises import Check, Exercise, Task, Writing, checker

BLOCK = [1, 2, 4, 8, 16]


def receptive_field(dilations: Sequence[int], kernel_size: int) -> Array:
    """Return what exercise 6 asks for: the field of a stack at stride 1."""
    return np.array(1 + sum(dilation * (kernel_size - 1) for dilation in dilations))


def multiplied(dilations: Sequence[int], kernel_size: int) -> Array:
    """Multiply the effective kernel sizes."""
    return np.array(math.prod(reach(kernel_size, dilation) for dilation in dilations))


def added(dilations: Sequence[int], kernel_size: int) -> Array:
    """Add the effective kernel sizes."""
    return np.array(sum(reach(kernel_size, dilation) for dilation in dilations))


def without_first(dilations: Sequence[int], kernel_size: int) -> Array:
    """Forget the pixel to start from."""
    return receptive_field(dilations, kernel_size) - 1


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `receptive_field`: the chapter's example, then 30 random ones."""
    yield {"dilations": [1, 2, 4], "kernel_size": 3}
    rng = np.random.default_rng(0)
    for _ in range(30):
        dilations = rng.integers(1, 20, rng.integers(1, 6)).tolist()
        yield {"dilations": dilations, "kernel_size": int(rng.integers(1, 8))}


FIELDS = """\
def field(dilations):
    pixels = 1
    for dilation in dilations:
        pixels = pixels + 2 * dilation
    return pixels

field([1, 3, 9])"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=reach(5, dilation=3),
        because="4 gaps of 3 from the first weight to the last, and the first pixel itself.",
        slips={
            15: "5 weights have 4 gaps between them: 3 * 4 + 1.",
            17: "that has 3 pixels between two weights. The distance is 3, so there are 2.",
            5: "that is the number of weights.",
            12: "those are the gaps. The first pixel counts, too.",
        },
        hint="Write down where the weights are: 0, 3, ...",
    ),
    2: Exercise(
        right=6,
        because="the kernel spans 13 pixels and takes 12 away, 6 on each side: "
        "dilation * (kernel_size - 1) / 2.",
        slips={
            2: "that keeps the size of a normal 5 x 5 kernel. This one spans 13 pixels.",
            12: "that is the total of both sides.",
            6.5: "13 / 2. But an effective size of 1 takes nothing away: (13 - 1) / 2.",
            3: "padding = dilation holds for a kernel of 3. In general it is "
            "dilation * (kernel_size - 1) / 2.",
            7.5: "5 weights have 4 gaps between them: 3 * 4 / 2.",
        },
        hint="First the effective size, then as for a normal kernel of that size.",
    ),
    3: Exercise(
        right=1 + 4 * sum(BLOCK),
        because="each layer adds (2 - 1) * dilation: 1 + 4 * 31. The first pixel counts once.",
        slips={
            4 * 32: "do not add whole fields. Each block adds 31, and 1 is there to start from.",
            32: "that is one block.",
            32**4: "fields add up. They do not multiply.",
            4 * 31: "the pixel to start from counts, too.",
        },
        hint="1 + the sum of (kernel_size - 1) * dilation over all 20 layers.",
    ),
    4: Exercise(
        right=4,
        because="the second layer reads three blocks of 3 pixels, whose first pixels are 4 apart.",
        slips={
            3: "with 3 the blocks would touch each other, and there would be no hole.",
            1: "that is the hole between two blocks. Count from the start of one block to the "
            "start of the next.",
            2: "count the pixels from the start of one block to the start of the next.",
        },
        hint="The first layer reads blocks of 3 pixels. How far apart are the blocks?",
    ),
    5: Exercise(
        right=4,
        because="the best dilations are 1, 3, 9, 27: the fields are 3, 9, 27 and 81.",
        slips={
            3: "three layers without holes see at most 27 pixels, with the dilations 1, 3, 9.",
            5: "1, 2, 4, 8, 16 see 63 pixels. But a dilation may be as large as the field so far: "
            "after 1 the field is 3, so the next may be 3. Four are enough.",
            30: "that is with dilation 1. Larger dilations see more.",
            29: "that is with dilation 1, nearly. Larger dilations see more.",
        },
        hint="The first dilation is 1, and the field is 3. How large may the next dilation be?",
    ),
    6: Writing(
        right=receptive_field,
        cases=calls,
        because="the same as the formula for the chapter's example and for 30 random stacks.",
        slips={
            multiplied: "Fields add up. They do not multiply.",
            added: "The pixel to start from is counted once, not once for each layer.",
            without_first: "The pixel to start from counts, too.",
        },
        hint="Start with 1, and add dilation * (kernel_size - 1) for each layer.",
        form=Exercise(
            right=27,
            because="1 + 2 + 6 + 18.",
            slips={
                26: "the pixels begin at 1, not at 0.",
                13: "each dilation is multiplied by 2.",
                19: "18 is what the last layer adds. The others add something, too.",
            },
            hint="Go through the loop: pixels is 1, then 3, ...",
            question="On this page, read a function instead. What does the last line return?",
            code=FIELDS,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=202,
        because="1*12 + 2*14 + 3*22 + 4*24.",
        slips={
            1 * 12 + 2 * 13 + 3 * 17 + 4 * 18: "those are neighbouring pixels. With dilation 2 one "
            "step is two columns, or two rows.",
            72: "that is the sum of the four pixels. The weights are 1, 2, 3 and 4.",
        },
        hint="The window reads 12 and 14 in row 2, and 22 and 24 in row 4.",
    ),
}

check: Check = checker("dilation", EXERCISES)
question: Check = checker("dilation", QUESTIONS, name="question")
