"""Exercises of chapter ``02-stride``."""

from convlib.exercises import Exercise, checker
from convlib.geometry import coverage, output_size

THIRD = "a layer has no third of a window. torch rounds down and says nothing."

EXERCISES = {
    1: Exercise(
        right=output_size(10, 3, stride=3),
        because="windows start at 0, 3 and 6; the next would start at 9 and overhang.",
        slips={
            4: "you rounded up. A fourth window would start at pixel 9 and need pixels 10 and 11, "
            "which are not there. torch rounds down.",
            10 / 3: THIRD,
            3.33: THIRD,
            output_size(10, 3): "that is the size with stride 1.",
        },
        hint="Write down where the windows start: 0, 3, ...",
    ),
    2: Exercise(
        right=int((coverage(8, 3, stride=3) == 0).sum()),
        because="the windows cover pixels 0 to 2 and 3 to 5. Pixels 6 and 7 are never read.",
        slips={
            0: "that holds only where the stride divides size - kernel_size. Here 8 - 3 = 5, "
            "which 3 does not divide.",
            1: "count again from where the second window ends: it reads pixels 3, 4 and 5.",
            3: "those are the pixels that a third window would need. Only two of them exist.",
        },
        hint="Mark the pixels that the windows at 0, 3, ... read.",
    ),
    3: Exercise(
        right=0,
        because="the two windows of each column read rows 0 to 3. Row 4 is never read.",
        slips={
            2: "the lower two windows read rows 2 and 3, not row 4.",
            4: "a window sees four pixels, not the whole image.",
            1: "the window at the lower right reads rows 2 and 3, columns 2 and 3.",
        },
        hint="Which rows does the lower window of the 5 x 5 example read?",
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
            output_size(28, 3, stride=2) ** 2: "Flatten lays all 8 channels one after another.",
            28 * 28: "that is the image before the layer. Flatten sees what the layer made of it.",
        },
        hint="First the output size along one axis, then H_out * W_out * channels.",
    ),
    6: Exercise(
        right="d",
        because="wrong windows with right sizes show only in the values, and only where "
        "neighbouring windows have different sums.",
        slips={
            "a": "at stride 1 the forgotten factor is 1: the fault hides.",
            "b": "on a constant image all windows have the same sum: the fault hides.",
            "c": "the size is right. It is computed with the stride, only the windows are not.",
        },
        hint="The answer is one of the letters 'a' to 'd'.",
    ),
}

check = checker(EXERCISES)
