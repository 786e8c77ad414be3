"""Exercises of chapter ``speed``."""

import numpy as np

from convlib import core
from convlib.engines.banded import band
from convlib.exercises import Check, Exercise, Task, checker

TABLE = core.unfold(np.ones((1, 1, 7, 7)), (3, 3), (1, 1), ((0, 0), (0, 0)), (2, 2))
BAND = band(np.ones((1, 5, 5)), rows=4, stride=1)

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=TABLE.size,
        because="3 * 3 windows of 9 numbers each.",
        slips={
            225: "that is stride 1. In steps of 2 there are 3 * 3 windows.",
            441: "without padding there is not a window for every pixel.",
            49: "that is the image. Where windows overlap, a pixel is in several columns.",
            9: "that is one column, or the number of columns. The question is all numbers.",
        },
        hint="How many windows are there, and how many numbers in each?",
    ),
    2: Exercise(
        right=16 * 4 * 25 * 16 * 16,
        because="16 * 16 positions, 16 kernels, and each reads 8 / 2 channels under 25 taps.",
        slips={
            16 * 8 * 25 * 16 * 16: "that is the dense layer. A kernel reads 8 / 2 channels.",
            16 * 4 * 25 * 20 * 20: "without padding a side of 20 shrinks to 16.",
            16 * 4 * 25: "that is the weights. Each is used at every position.",
            8 * 4 * 25 * 16 * 16: "that is one group. There are 2 of them.",
        },
        hint="Weights times positions of the output.",
    ),
    3: Exercise(
        right=(5 + 9 + 5) ** 2,
        because="along an axis the taps find 5, 9 and 5 pixels: 19 * 19 pairs.",
        slips={
            27 * 27: "that is the definition, which multiplies with the zeros too.",
            9 * 9: "that is one tap, the middle one.",
            5 * 9 * 5: "the three are added up along an axis, and then squared.",
            19: "that is one axis.",
        },
        hint="At how many of the 9 rows of the output does each row of the kernel find a pixel?",
    ),
    4: Exercise(
        right=int((BAND == 0).sum()),
        because="4 rows of 8 * 5 entries are 160, of which 4 * 25 hold a tap.",
        slips={
            100: "those are the entries that hold a tap.",
            160: "those are all entries.",
            12: "that is a kernel one column wide. This one has 5 columns.",
            0: "only one row of output at a time needs no zeros.",
        },
        hint="4 rows of the output read 3 + 5 rows of the input.",
    ),
    5: Exercise(
        right=round(36 * 9 / 64, 1),
        because="8 * 8 = 64 products in place of 36 outputs times 9 taps, 324.",
        slips={
            9.0: "36 / 4 is no comparison: a tile of 6 outputs and 3 taps reads 8 pixels a side.",
            2.2: "a tile of 2 outputs saves that much. This one has 6.",
            4.0: "a tile of 4 outputs saves that much. This one has 6.",
            2.3: "6 * 3 / 8 is one axis. Square it.",
        },
        hint="A tile reads 6 + 3 - 1 pixels along each axis, and takes a product for each.",
    ),
    6: Exercise(
        right="c",
        because="only here is a row of the output shorter than one of the input.",
        slips={
            "a": "padding keeps the size, so W_out is W, and the fault hides.",
            "b": "a kernel of one row begins at 0, whatever the length of a row.",
            "d": "padding keeps the size, so W_out is W, and the fault hides.",
        },
        hint="In which of them are W and W_out different numbers that matter?",
    ),
}

check: Check = checker("speed", EXERCISES)
