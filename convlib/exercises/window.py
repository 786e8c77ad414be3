"""Exercises of chapter ``window``."""

from collections.abc import Iterator, Mapping

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Exercise, Task, Writing, checker
from convlib.functional import conv2d

IMAGE = np.array([[[1, 0, 2], [3, 1, 0], [0, 2, 4]]])
KERNEL = np.array([[[[1, -1], [2, 0]]]])
TURNED = KERNEL[..., ::-1, ::-1]
ONE_TABLE = "one table is not used for all input channels: each kernel has one for each of them."


def slide_channels(image: Array, kernel: Array) -> Array:
    """Return what exercise 6 asks for: one kernel with a table for each channel."""
    output: Array = conv2d(image, kernel[np.newaxis])[0]
    return output


def turned(image: Array, kernel: Array) -> Array:
    """Slide the kernel turned by 180 degrees."""
    return slide_channels(image, kernel[:, ::-1, ::-1])


def apart(image: Array, kernel: Array) -> Array:
    """Leave the channels apart."""
    output: Array = conv2d(image, kernel[:, np.newaxis], groups=len(image))
    return output


def first_table(image: Array, kernel: Array) -> Array:
    """Use the table of channel 0 for all channels."""
    return slide_channels(image, np.broadcast_to(kernel[:1], kernel.shape))


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `slide_channels`: the chapter's example, then 30 random ones."""
    image = np.array([[[3, 1, 2], [0, 4, 1], [2, 0, 5]], [[0, 1, 0], [1, 0, 2], [0, 3, 1]]])
    yield {"image": image, "kernel": np.array([[[1, 2], [0, -1]], [[1, 0], [0, 1]]])}
    rng = np.random.default_rng(0)
    for _ in range(30):
        channels, *kernel_size = rng.integers(1, 4, 3)
        size = np.array(kernel_size) + rng.integers(0, 5, 2)
        yield {
            "image": rng.integers(-9, 10, (channels, *size)),
            "kernel": rng.integers(-9, 10, (channels, *kernel_size)),
        }


PRODUCTS = """\
def one_number(window, kernel):
    return (window * kernel).sum()

one_number(np.array([[[1, 2]], [[3, 4]]]), np.array([[[1, 10]], [[0, 100]]]))"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=int(conv2d(IMAGE, KERNEL)[0, 1, 0]),
        because="the window is [[3, 1], [0, 2]], and 1*3 + (-1)*1 + 2*0 + 0*2 = 2.",
        slips={
            int(conv2d(IMAGE, TURNED)[0, 1, 0]): "that is the sum with the kernel turned by 180 "
            "degrees, as in mathematics. torch does not turn it.",
            int(conv2d(IMAGE, KERNEL)[0, 0, 1]): "that is output[0, 1]. The row comes first: "
            "output[1, 0] is one step down and none to the right.",
        },
        hint="The window of output[1, 0] begins at row 1 and column 0 of the image.",
    ),
    2: Exercise(
        right=(8, 3, 5, 5),
        because="8 kernels, each with one 5 x 5 table for each of 3 input channels.",
        slips={
            (3, 8, 5, 5): "the kernels come first, and each kernel makes one *output* channel.",
            (8, 5, 5): ONE_TABLE,
            (8, 1, 5, 5): ONE_TABLE,
            (5, 5, 3, 8): "that is TensorFlow's order. In torch it is (C_out, C_in, kH, kW).",
        },
        hint="The order is (C_out, C_in, kH, kW).",
    ),
    3: Exercise(
        right="c",
        because="it subtracts the upper row of the window from the lower row. At the upper side of "
        "the square the lower row is brighter: the line is white. At the lower side it is black.",
        slips={
            "a": "that kernel is a blur: the inside of the square would be white.",
            "b": "that kernel compares left and right: it finds the vertical sides.",
            "d": "that kernel is 0 along every straight side: only the corners would be visible.",
        },
        hint="The left and right side of the square leave no line. Which kernel gives 0 there?",
    ),
    4: Exercise(
        right=32,
        because="axis 1 has 32 entries. The channels are last, so torch takes the height for them.",
        slips={
            3: "that is what the layer needs. torch reports what it found on axis 1.",
            48: "that is axis 2, the width. torch reads the channels on axis 1.",
            8: "that is axis 0, the batch.",
            64: "that is what the layer would return. It never gets that far.",
        },
        hint="torch reads (N, C, H, W). Which number is on axis 1?",
    ),
    5: Exercise(
        right=(-1, 1),
        because="-1 times the left pixel plus 1 times the right pixel.",
        slips={
            (
                1,
                -1,
            ): "that is the left pixel minus the right one. torch does not turn the kernel.",
            (1, 1): "that is the sum of both pixels.",
        },
        hint="Which number is the left pixel multiplied by, and which the right one?",
        example="(2, 3)",
    ),
    6: Writing(
        right=slide_channels,
        cases=calls,
        because="the same numbers as conv2d for the chapter's example and for 30 random images.",
        slips={
            turned: "Your kernel is turned by 180 degrees. torch does not turn it.",
            apart: "The sums of the channels must be added up into one output.",
            first_table: "Each channel has a table of its own. You used the first one for all.",
        },
        hint="output[row, column] is the sum of image[:, row : row + kH, column : column + kW] "
        "* kernel.",
        form=Exercise(
            right=421,
            because="1*1 + 2*10 in the first channel and 3*0 + 4*100 in the second: 21 + 400.",
            slips={
                21: "that is the first channel only. sum() adds up all channels.",
                400: "that is the second channel only. sum() adds up all channels.",
                (21, 400): "sum() without an axis adds up everything, also the channels.",
            },
            hint="Multiply the arrays entry by entry, then add up all products.",
            question="On this page, read a function instead. What does the last line return?",
            code=PRODUCTS,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=8,
        because="1*0 + 2*4 + 0*2 + (-1)*0.",
        slips={
            4: "that is output[0, 1]. The window must move down and to the left.",
            1: "the window covers 0 4 and 2 0. Multiply each pixel by the weight at its place.",
        },
        hint="The window covers 0 4 in its first row and 2 0 in its second. The weights are 1 2, "
        "0 -1.",
    ),
    2: Exercise(
        right="b",
        because="scipy turns the kernel by 180 degrees, which reverses rows and columns. Reverse "
        "both before, and the two turns cancel.",
        slips={
            "a": "to transpose exchanges rows and columns. That is another reflection.",
            "c": "that is half of it: the columns are reversed as well.",
            "d": "both are right. They compute two different things.",
        },
        hint="By how much is the kernel turned in mathematics?",
    ),
}

check: Check = checker("window", EXERCISES)
question: Check = checker("window", QUESTIONS, name="question")
