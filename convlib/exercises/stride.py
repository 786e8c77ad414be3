"""Exercises of chapter ``02-stride``."""

from convlib.exercises import Check, Exercise, checker
from convlib.geometry import coverage, output_size

EXERCISES = {
    1: Exercise(
        right=output_size(10, 3, stride=3),
        because="windows start at 0, 3 and 6; the next would start at 9 and overhang.",
        slips={
            4: "you rounded up. A fourth window would start at pixel 9 and need pixels 10 and 11, "
            "which are not there. torch rounds down.",
            10 / 3: "a layer has no third of a window. torch rounds down and says nothing.",
            output_size(10, 3): "that is the size with stride 1.",
        },
        hint="Write down where the windows start: 0, 3, ...",
    ),
    2: Exercise(
        right=int((coverage(12, 4, stride=3) == 0).sum()),
        because="windows start at 0, 3 and 6, the last ends at pixel 9. 10 and 11 are never read.",
        slips={
            0: "with a stride no larger than the kernel, that takes a stride that divides "
            "size - kernel_size. Here 12 - 4 = 8, which 3 does not divide.",
            1: "count again from where the third window ends: it reads pixels 6, 7, 8 and 9.",
            3: "those are the steps to the next window. It would need pixels 9 to 12, and 9 is "
            "read already.",
        },
        hint="Mark the pixels that the windows at 0, 3, ... read.",
    ),
    3: Exercise(
        right=2,
        because="only the two lower windows read row 2 or 3. The upper two see rows 0 and 1.",
        slips={
            0: "that is the answer for row 4. Row 3 is read: the lower windows cover rows 2 and 3.",
            4: "a window sees four pixels, not the whole image.",
            1: "the row is five pixels long, and two windows lie side by side on it.",
        },
        hint="Which windows of the 5 x 5 example read row 3?",
    ),
    4: Exercise(
        right=int(coverage((7, 7), 3, stride=2)[2, 2]),
        because="row 2 is read by 2 rows of windows and column 2 by 2 columns of them: 2 * 2.",
        slips={
            2: "that is along one axis. Each of the 2 rows of windows meets each of the 2 columns.",
            9: "that is the count at stride 1, where every tap reaches every inner pixel.",
            1: "windows overlap as long as the stride is smaller than the kernel.",
        },
        hint="Count along one axis first: which of the windows 0-2, 2-4, 4-6 contain pixel 2?",
    ),
    5: Exercise(
        right=8 * output_size(28, 3, stride=2) ** 2,
        because="(28 - 3) // 2 + 1 = 13, and 8 channels of 13 * 13 are 1352 numbers.",
        slips={
            8 * 14**2: "stride 2 does not halve a size by itself: (28 - 3) // 2 + 1 = 13. "
            "It takes padding to get 14.",
            8 * output_size(28, 3) ** 2: "that is the size with stride 1.",
            output_size(28, 3, stride=2) ** 2: "that is one channel. The layer makes 8.",
            8 * output_size(28, 3, stride=2): "that is one row of each channel.",
            28 * 28: "that is the image before the layer.",
        },
        hint="First the output size along one axis, then H_out * W_out * channels.",
    ),
    6: Exercise(
        right="b",
        because="the loop ends at (size - kernel_size) // stride and steps by the stride as well, "
        "so it divides twice. It shows where more than one window must come out.",
        slips={
            "a": "at stride 1 nothing is divided: the fault hides.",
            "c": "one window is right here, and one window comes out: the fault hides.",
            "d": "one window is right here, and one window comes out: the fault hides.",
        },
        hint="For each test, write down the starts that the loop visits, and those it should.",
    ),
}

check: Check = checker(EXERCISES)
