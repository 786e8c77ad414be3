"""Exercises of chapter ``gradients``."""

import numpy as np

from convlib.exercises import Check, Exercise, Task, checker
from convlib.geometry import coverage, transposed_size
from convlib.gradients import conv2d_input

KERNEL = np.array([[[[2, 0], [1, 4]]]])
SENT = conv2d_input((1, 1, 4, 4), KERNEL, np.ones((1, 1, 3, 3), dtype=int))

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=int(SENT[0, 0, 1, 0]),
        because="window (0, 0) reads it under the tap 1, and window (1, 0) under the tap 2.",
        slips={
            7: "all four taps meet a pixel in the middle. This one lies in the first column.",
            2: "that is window (1, 0) alone. Window (0, 0) reads the pixel too.",
            1: "that is window (0, 0) alone. Window (1, 0) reads the pixel too.",
            4: "that is the kernel slid over grad_output without turning it round.",
        },
        hint="Which windows read row 1, column 0, and each under which tap?",
    ),
    2: Exercise(
        right=16 * 32 * 32,
        because="a tap reads one pixel for each of the 32 * 32 windows of each of the 16 images.",
        slips={
            32 * 32: "that is one image. The weight is the same for all 16.",
            16 * 30 * 30: "padding=1 keeps the size: there are 32 * 32 windows.",
            3 * 9: "that many products make one *output* pixel.",
            16: "every window of an image uses the weight.",
        },
        hint="How often is one weight used in the forward pass?",
    ),
    3: Exercise(
        right=transposed_size(7, kernel_size=4, stride=2, padding=1),
        because="6 * 2 - 2 * 1 + 4 = 14: this kernel doubles a size exactly.",
        slips={
            16: "the padding was forgotten, or 7 steps were counted: between 7 pixels are 6.",
            18: "padding takes rows *away* here, it does not add them.",
            15: "padding=1 cuts a row off on *each* side.",
            3: "that is the convolution. The question is the transposed one.",
        },
        hint="Where does the last kernel start, how far does it reach, and what is cut off?",
    ),
    4: Exercise(
        right=32 - transposed_size(8, kernel_size=3, stride=4, padding=1),
        because="7 * 4 - 2 + 3 = 29, and 29, 30, 31 and 32 all shrink to 8.",
        slips={
            0: "that leads to 29, the smallest size that shrinks to 8.",
            1: "that leads to 30.",
            4: "then 29 + 4 = 33, which shrinks to 9. It must be smaller than the stride.",
        },
        hint="Without it the size is (8 - 1) * 4 - 2 * 1 + 3.",
    ),
    5: Exercise(
        right=int(coverage((6, 6), 3)[0, 3]),
        because="one window along the height, three along the width: its coverage is 3.",
        slips={
            9: "that is the middle of the image. This pixel lies in the first row.",
            1: "that is a corner, or the image itself. Three windows side by side read this pixel.",
            6: "along the height only one window reads row 0.",
        },
        hint="How many windows read the pixel? Multiply along the two axes.",
    ),
    6: Exercise(
        right="b",
        because="6 is a multiple of 3: away from the border every pixel gets 2 * 2 taps.",
        slips={
            "a": "3 taps at stride 2: every other pixel gets one tap more.",
            "c": "5 taps at stride 3: of three pixels in a row, two get 2 taps and one gets 1.",
            "d": "5 taps at stride 2: 3 and 2 in turn.",
        },
        hint="Is the kernel_size a multiple of the stride?",
    ),
    7: Exercise(
        right="c",
        because="here windows overlap. Where none does, there is nothing to add, and the fault "
        "hides.",
        slips={
            "a": "windows of 2 in steps of 2 lie side by side: each pixel is written once.",
            "b": "windows of 3 in steps of 3 lie side by side: each pixel is written once.",
            "d": "windows of a single pixel never overlap.",
        },
        hint="In which of them does a pixel lie in more than one window?",
    ),
}

check: Check = checker("gradients", EXERCISES)
