"""Exercises of chapter ``padding``."""

from convlib.exercises import Check, Exercise, Task, checker
from convlib.geometry import coverage, output_size, sides

# What TensorFlow's SAME adds to 224 pixels in total, for a kernel of 7 at stride 2.
TENSORFLOW = (224 // 2 - 1) * 2 + 7 - 224

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=output_size(28, 5, padding=2),
        because="2 pixels on each side make 32, and 32 - 5 + 1 = 28.",
        slips={
            28 + 2 - 5 + 1: "that counts 2 pixels in total. padding=2 adds 2 on *each* side.",
            output_size(28, 5): "that is the size without padding.",
            30: "a window of 5 fits into 32 pixels at 32 - 5 + 1 places.",
        },
        hint="How many pixels is the padded side long?",
    ),
    2: Exercise(
        right=5,
        because="a kernel of 11 takes 10 pixels away, 5 on each side.",
        slips={
            10: "that is the total. padding counts the pixels on each side.",
            5.5: "(11 - 1) / 2, not 11 / 2: a kernel of 1 takes nothing away.",
            11: "that would make the output larger by 12.",
            1: "that keeps the size under a kernel of 3.",
        },
        hint="Solve size + 2p - 11 + 1 = size for p.",
    ),
    3: Exercise(
        right=sides("same", 6)[0],
        because="the total is 6 - 1 = 5: two columns on the left, and the odd one on the right.",
        slips={
            3: "torch puts the odd one *after*: to the right, and below.",
            2.5: "there is no half of a column. The odd one goes to the right.",
            5: "that is the total of both sides.",
            0: "the total of 5 is shared as evenly as it can be.",
        },
        hint="The total is kernel_size - 1. Halve it, rounded down.",
    ),
    4: Exercise(
        right=TENSORFLOW // 2,
        because="112 windows need 111 * 2 + 7 = 229 rows, 5 more than there are: 2 above, 3 below.",
        slips={
            3: "that is torch's usual padding=3. It makes 112 rows too, but its windows start one "
            "row higher.",
            2.5: "the odd row goes below.",
            5: "that is the total.",
            0: "112 windows of 7 at stride 2 need 111 * 2 + 7 = 229 rows.",
        },
        hint="How many rows do 112 windows need, from the first to the last?",
    ),
    5: Exercise(
        right=int(coverage((9, 9), 5, padding=2)[0, 0]),
        because="with the padding, 3 rows and 3 columns of windows reach the corner: 3 * 3.",
        slips={
            1: "that is without padding.",
            25: "that would take a padding of 4, so that every tap reaches the corner.",
            3: "3 along each axis: 3 * 3.",
            4: "that is the answer for kernel_size=3 and padding=1.",
        },
        hint="Along one axis: which of the windows -2..2, -1..3, 0..4, ... contain pixel 0?",
    ),
    6: Exercise(
        right="c",
        because="(1, 2) makes 6 x 6 into 8 x 10, and swapped into 10 x 8.",
        slips={
            "a": "equal padding on a square image does not change when it is swapped.",
            "b": "(1, 1) swapped is (1, 1), on any image.",
            "d": "a padding of 0 swapped is still 0.",
        },
        hint="Swap height and width in each test. In which does anything change?",
    ),
}

check: Check = checker("padding", EXERCISES)
