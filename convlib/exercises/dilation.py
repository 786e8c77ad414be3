"""Exercises of chapter ``dilation``."""

from convlib.exercises import Check, Exercise, Task, checker
from convlib.geometry import reach

BLOCK = [1, 2, 4, 8, 16]

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=reach(5, dilation=3),
        because="4 steps of 3 from the first tap to the last, and the first tap itself.",
        slips={
            15: "5 taps have 4 steps between them: 3 * 4 + 1.",
            17: "that inserts 3 zeros. dilation=3 is a step of 3, with 2 zeros in between.",
            5: "that is the number of taps.",
            12: "those are the steps. The first tap counts too.",
        },
        hint="Write down the places of the taps: 0, 3, ...",
    ),
    2: Exercise(
        right=6,
        because="the kernel spans 13 pixels and takes 12 away, 6 on each side: d(k - 1)/2.",
        slips={
            2: "that keeps the size of a dense 5 x 5. This kernel spans 13 pixels.",
            12: "that is the total of both sides.",
            6.5: "13 / 2. But a reach of 1 takes nothing away: (13 - 1) / 2.",
            3: "padding = dilation holds for a kernel of 3. In general it is d(k - 1)/2.",
            7.5: "5 taps have 4 steps between them: 3 * 4 / 2.",
        },
        hint="First the reach, then as for a dense kernel of that size.",
    ),
    3: Exercise(
        right=1 + 4 * sum(BLOCK),
        because="each layer adds (2 - 1) * d: 1 + 4 * 31. The first pixel counts once.",
        slips={
            4 * 32: "do not add whole fields. Each block adds 31, and 1 is there to start from.",
            32: "that is one block.",
            32**4: "layers add, they do not multiply.",
            4 * 31: "the pixel to start from counts too.",
        },
        hint="1 + the sum of (k - 1) * d over all 20 layers.",
    ),
    4: Exercise(
        right=2,
        because="one hole between neighbours is a step of 2.",
        slips={
            1: "in torch 1 is dense. The paper counts holes, torch counts the step.",
            0: "0 is invalid: a step of 0 would never leave the first tap.",
            3: "one hole, so the next tap is 2 pixels on.",
        },
        hint="torch's dilation is the distance from one tap to the next.",
    ),
    5: Exercise(
        right=reach(5, dilation=3),
        because="torch prints what the kernel spans: 3 * 4 + 1.",
        slips={
            5: "that is kernel_size. torch's message means the reach.",
            15: "5 taps have 4 steps between them.",
            12: "that is the size of the image.",
        },
        hint="How many pixels would the kernel need?",
    ),
    6: Exercise(
        right="b",
        because="dilation=1 must give the dense result, and here it leaves out every second pixel.",
        slips={
            "a": "a kernel of one tap has no steps: the fault hides.",
            "c": "the test makes the same mistake as the code, and the two agree.",
            "d": "in this code 0 is dense. The test asks it for what it believes.",
        },
        hint="A test must know the answer from elsewhere.",
    ),
}

check: Check = checker("dilation", EXERCISES)
