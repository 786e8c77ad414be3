"""Exercises of chapter ``columns``."""

from collections.abc import Iterator, Mapping

import numpy as np

from convlib import core
from convlib.arguments import Array
from convlib.columns import unfold
from convlib.exercises import Check, Exercise, Task, Writing, checker
from convlib.geometry import coverage

BYTES_OF_A_ROW = 64 * 9 * 224 * 4  # the columns of one row of the output, in float32


def table(image: Array, kernel_size: int) -> Array:
    """Return what exercise 6 asks for: a column for each window of one channel."""
    columns: Array = unfold(image[np.newaxis], kernel_size)
    return columns


def rows_of_windows(image: Array, kernel_size: int) -> Array:
    """Write a row for each window."""
    return table(image, kernel_size).T


def turned(image: Array, kernel_size: int) -> Array:
    """Go through each window column by column."""
    taps = np.arange(kernel_size**2).reshape(kernel_size, kernel_size)
    return table(image, kernel_size)[taps.T.ravel()]


def down_first(image: Array, kernel_size: int) -> Array:
    """Move the window down before it moves to the right."""
    size = [core.output_size(side, kernel_size) for side in image.shape]
    order = np.arange(size[0] * size[1]).reshape(size).T.ravel()
    return table(image, kernel_size)[:, order]


def apart(image: Array, kernel_size: int) -> Array:
    """Let the windows lie side by side."""
    columns: Array = unfold(image[np.newaxis], kernel_size, stride=kernel_size)
    return columns


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `table`: the chapter's example, then 30 random ones."""
    yield {"image": np.array([[3, 1, 2], [0, 4, 1], [2, 0, 5]]), "kernel_size": 2}
    rng = np.random.default_rng(0)
    for _ in range(30):
        kernel_size = int(rng.integers(1, 5))
        size = kernel_size + rng.integers(0, 6, 2)
        yield {"image": rng.integers(-9, 10, size), "kernel_size": kernel_size}


FIRST_COLUMNS = """\
def part(row):
    columns = sliding_window_view(row, 3).T
    return columns[:, :2]

part(np.array([5, 6, 7, 8, 9]))"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=(18, 9),
        because="2 channels of 3 * 3 numbers down, and 3 * 3 windows across.",
        slips={
            (9, 18): "a column is one window, so its 18 numbers are below each other.",
            (18, 25): "that is stride 1. With stride 2 there are 3 * 3 windows.",
            (9, 9): "a window has both channels: 2 * 3 * 3 numbers.",
            (18, 49): "without padding there is not a window for every pixel.",
            (18, 3): "3 windows along each axis are 3 * 3 windows.",
        },
        hint="Rows: the numbers in one window, of all channels. Columns: the windows.",
    ),
    2: Exercise(
        right=(1, 3),
        because="from column 0 to column 1 each number grows by 1, and inside a column the first "
        "two pixels, 0 and 3, are 3 apart.",
        slips={
            (3, 1): "the stride is the step from one column to the next, the dilation the step "
            "inside a column.",
            (1, 2): "dilation is the distance between the two pixels, not the number of pixels "
            "between them.",
            (1, 1): "then the first column would be 0, 1, 5, 6.",
            (5, 3): "5 is one row down. The second window is one pixel to the right of the first.",
        },
        hint="Compare the first two columns, and then the first two numbers of column 0.",
    ),
    3: Exercise(
        right=10 * int(coverage((7, 7), 3, 2)[2, 2]),
        because="along each axis, two windows read pixel 2, so it is added 2 * 2 times.",
        slips={
            10: "this pixel is in more than one window, and its copies are added.",
            20: "two windows along *each* axis are 2 * 2 windows.",
            90: "that is stride 1, where nine windows read a pixel in the middle.",
            4: "that is the coverage. Each of the 4 copies is a 10.",
        },
        hint="Along one axis the windows start at 0, 2 and 4. Which of them read pixel 2?",
    ),
    4: Exercise(
        right=32 // 4,
        because="a group has 32 / 4 = 8 kernels, and each of them uses the number once.",
        slips={
            32: "only the kernels of its own group use it.",
            1: "that is a depthwise layer, with one kernel for each channel.",
            25: "that is the number of taps. A column has a copy for each of them.",
            4: "that is the number of groups.",
            8 * 25: "that counts a pixel, with its 25 copies. The question is one copy.",
        },
        hint="How many kernels read the same group of channels?",
    ),
    5: Exercise(
        right=4_000_000 // BYTES_OF_A_ROW,
        because="one row of the output needs 64 * 9 * 224 numbers, which are 516,096 bytes.",
        slips={
            8: "8 rows need 4,128,768 bytes, a little too much.",
            31: "a float32 takes 4 bytes.",
            69: "each number is copied once for each of the 9 taps.",
            32: "that is the number of tiles: 224 / 7.",
            495: "a row of columns has all 64 channels.",
        },
        hint="How many bytes do the columns of one row of the output take?",
    ),
    6: Writing(
        right=table,
        cases=calls,
        because="the same table as unfold for the chapter's example and for 30 random images.",
        slips={
            rows_of_windows: "Each window is a *column*. Yours are rows: transpose the table.",
            turned: "Read each window row by row, not column by column.",
            down_first: "The window moves to the right first, and then down.",
            apart: "The stride is 1, so neighbouring windows overlap.",
        },
        hint="Row n of the table has what tap n reads in all windows, from left to right and then "
        "down.",
        form=Exercise(
            right=((5, 6), (6, 7), (7, 8)),
            because="the windows 5 6 7 and 6 7 8 are the first two columns.",
            slips={
                ((5, 6, 7), (6, 7, 8)): "the .T turns the windows into columns.",
                ((5, 6, 7), (6, 7, 8), (7, 8, 9)): "those are all columns. [:, :2] keeps two.",
            },
            hint="Write down the windows of 3, each as a column. Then keep the first two columns.",
            question="On this page, read a function instead. What does the last line return?",
            code=FIRST_COLUMNS,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=16,
        because="with one pixel more on each side, 4 * 4 windows of 2 x 2 fit.",
        slips={
            4: "that is without padding.",
            9: "padding=1 adds a pixel on *each* side, so there are 5 pixels along an axis.",
            25: "those are the pixels with their padding. A window of 2 has 4 positions among 5.",
        },
        hint="A column is a window. How many windows fit on 5 x 5 pixels?",
    ),
}

check: Check = checker("columns", EXERCISES)
question: Check = checker("columns", QUESTIONS, name="question")
