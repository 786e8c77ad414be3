"""Exercises of chapter ``04-dilation``."""

from convlib.exercises import Exercise, checker
from convlib.geometry import reach

BLOCK = [2**n for n in range(10)]

EXERCISES = {
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
        right=4,
        because="the kernel spans 9 pixels and takes 8 away, 4 on each side: d(k - 1)/2.",
        slips={
            1: "that keeps the size of a dense 3 x 3. This kernel spans 9 pixels.",
            8: "that is the total of both sides.",
            4.5: "9 / 2. But a reach of 1 takes nothing away: (9 - 1) / 2.",
            3: "d = 4 gives d(k - 1)/2 = 4 * 2 / 2.",
        },
        hint="First the reach, then as for a dense kernel of that size.",
    ),
    3: Exercise(
        right=1 + 3 * sum(BLOCK),
        because="each layer adds (2 - 1) * d: 1 + 3 * 1023. The first pixel counts once.",
        slips={
            3 * 1024: "receptive fields do not add up, what they *add* does: 1023 for each block, "
            "and 1 to start from.",
            1024: "that is one block.",
            1024**3: "sizes multiply in a tree. Here each layer adds its (k - 1) * d.",
            3 * 1023: "the pixel to start from counts too.",
        },
        hint="1 + the sum of (k - 1) * d over all 30 layers.",
    ),
    4: Exercise(
        right=2,
        because="one hole between neighbours is a step of 2.",
        slips={
            1: "in torch 1 is dense. The formula counts holes, torch counts the step.",
            0: "0 is refused: a step of 0 would never leave the first tap.",
            3: "one hole, so the next tap is 2 pixels on.",
        },
        hint="torch's dilation is the distance from one tap to the next.",
    ),
    5: Exercise(
        right=reach(3, dilation=4),
        because="torch prints what the kernel spans: 4 * 2 + 1.",
        slips={
            3: "that is kernel_size. torch's message means the reach.",
            12: "3 taps have 2 steps between them.",
            8: "that is the size of the image.",
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

check = checker(EXERCISES)
