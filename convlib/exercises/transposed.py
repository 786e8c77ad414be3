"""Exercises of chapter ``transposed``."""

from collections.abc import Iterator, Mapping

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Exercise, Task, Writing, checker
from convlib.geometry import transposed_size
from convlib.transposed import conv_transpose2d

ROW, WEIGHTS = np.array([2, 5]), np.array([1, 3, 2])
PIXELS, KERNEL = np.array([[1, 10], [100, 1000]]), np.array([[1, 2], [3, 4]])


def scatter(image: Array, kernel: Array, stride: int) -> Array:
    """Return what exercise 6 asks for: a copy of the kernel for each pixel, added up."""
    output: Array = conv_transpose2d(
        image[np.newaxis], kernel[np.newaxis, np.newaxis], stride=stride
    )[0]
    return output


def turned(image: Array, kernel: Array, stride: int) -> Array:
    """Turn the kernel by 180 degrees."""
    return scatter(image, kernel[::-1, ::-1], stride)


def dense(image: Array, kernel: Array, stride: int) -> Array:
    """Ignore the stride."""
    return scatter(image, kernel, 1)


def placed(image: Array, kernel: Array, begins: int, stride: int, add: bool) -> Array:
    """Return an output of the right size, with copies that begin ``begins`` pixels apart."""
    output = np.zeros_like(scatter(image, kernel, stride))
    for row, column in np.ndindex(*image.shape):
        place = tuple(
            slice(begins * start, begins * start + size)
            for start, size in zip((row, column), kernel.shape, strict=True)
        )
        output[place] = output[place] * add + image[row, column] * kernel
    return output


def overwritten(image: Array, kernel: Array, stride: int) -> Array:
    """Assign each copy instead of adding it."""
    return placed(image, kernel, stride, stride, add=False)


def packed(image: Array, kernel: Array, stride: int) -> Array:
    """Let each copy begin at the position of its pixel, without the stride."""
    return placed(image, kernel, 1, stride, add=True)


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `scatter`: the chapter's example at two strides, then 40 random ones."""
    for stride in (1, 2):
        yield {"image": PIXELS, "kernel": KERNEL, "stride": stride}
    rng = np.random.default_rng(0)
    for _ in range(40):
        yield {
            "image": rng.integers(-9, 10, rng.integers(1, 5, 2)),
            "kernel": rng.integers(-9, 10, rng.integers(1, 5, 2)),
            "stride": int(rng.integers(1, 5)),
        }


COPIES = """\
def copies(row):
    output = np.zeros(2 * len(row) + 1, dtype=int)
    for i, pixel in enumerate(row):
        output[2 * i : 2 * i + 3] = pixel * np.array([1, 2, 3])
    return output

copies([1, 10])"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=int(scatter(ROW[np.newaxis], WEIGHTS[np.newaxis], 2)[0, 2]),
        because="the copy of 2 ends there with 2 * 2, and the copy of 5 begins there with 5 * 1.",
        slips={
            4: "that is the copy of 2 alone. The copy of 5 begins at position 2.",
            5: "that is the copy of 5 alone. The copy of 2 ends at position 2.",
            15: "at position 2 lies the first weight of the second copy, not its second one.",
            19: "at stride 1 it would be 2 * 2 + 5 * 3. With stride 2 the copy of 5 begins at "
            "position 2.",
            12: "you turned the kernel: 2 * 1 + 5 * 2. A copy is laid down as it is.",
        },
        hint="Write down the two copies, 2 6 4 and 5 15 10. At which position does each begin?",
    ),
    2: Exercise(
        right=(5, 2),
        because="only one copy lies on the first two, so the stride is 2. In the middle 3 and 2 "
        "alternate: three weights reach the even outputs and two the odd ones, so there are 5.",
        slips={
            (3, 2): "with a kernel of 3 the counts would be 1 1 2 1 2 1 2 1 1, only nine of them.",
            (4, 2): "4 is a multiple of 2, so the counts in the middle would be equal.",
            (6, 2): "6 is a multiple of 2, so the counts in the middle would be equal.",
            (2, 5): "that is (stride, kernel_size). The kernel size comes first.",
            (8, 1): "at stride 1 the counts would grow by 1 from pixel to pixel: 1 2 3 4.",
            (5, 3): "at stride 3 the first three counts would be 1.",
        },
        hint="How many pixels does the second copy begin after the first? And (4 - 1) * stride + "
        "kernel_size is 11.",
        example="(2, 1)",
    ),
    3: Exercise(
        right=transposed_size(7, kernel_size=4, stride=2, padding=1),
        because="6 * 2 + 4 - 2 * 1 = 14: this layer doubles a size exactly.",
        slips={
            16: "you left out the padding, or counted 7 distances: between 7 copies there are 6.",
            18: "padding removes pixels here. It does not add them.",
            15: "padding=1 removes a pixel at *each* end.",
            3: "that is the convolution. The question is about the transposed one.",
        },
        hint="Where does the last copy begin, how far does it reach, and what is removed?",
    ),
    4: Exercise(
        right=32 - transposed_size(8, kernel_size=3, stride=4, padding=1),
        because="7 * 4 + 3 - 2 * 1 = 29, and the convolution makes 8 of 29, 30, 31 and 32.",
        slips={
            0: "that leads to 29, the smallest of the sizes that become 8.",
            1: "that leads to 30.",
            2: "that leads to 31.",
            4: "then the size is 29 + 4 = 33, which becomes 9. It must be smaller than the stride.",
        },
        hint="Without it the size is (8 - 1) * 4 + 3 - 2 * 1.",
    ),
    5: Exercise(
        right=(8, 4, 2),
        because="7 * 4 + 8 - 2 * 2 = 32, and 4 divides 8: along each axis two copies lie on every "
        "pixel away from the border.",
        slips={
            (4, 4, 0): "the size is right and the counts are equal, but the copies do not overlap.",
            (6, 4, 1): "the size is right, but 4 does not divide 6, so the counts differ.",
            (5, 4, 0): "that gives 33, and 4 does not divide 5.",
            (8, 4, 0): "that gives 36: the padding has to remove two pixels at each end.",
            (8, 4, 4): "that gives 28: padding removes pixels at *each* end.",
            (12, 4, 4): "the size is right, but three copies lie on a pixel.",
            (4, 2, 1): "that doubles the size: 8 becomes 16.",
        },
        hint="The stride is 32 / 8. Two copies on every pixel: the kernel is twice as long as the "
        "stride. Then find the padding.",
        example="(3, 2, 1)",
    ),
    6: Writing(
        right=scatter,
        cases=calls,
        because="the same numbers as conv_transpose2d for the chapter's example and for 40 random "
        "images.",
        slips={
            turned: "Your kernel is turned by 180 degrees. A copy is laid down as it is.",
            dense: "That is the result with stride 1.",
            overwritten: "Do you assign each copy with `=`? Where copies overlap they are added.",
            packed: "Your copies begin at the position of their pixel. They begin stride times as "
            "far from the corner.",
        },
        hint="Pixel (i, j) adds image[i, j] * kernel to output[i*s : i*s + kH, j*s : j*s + kW].",
        form=Exercise(
            right=(1, 2, 10, 20, 30),
            because="the second copy is assigned, not added, so its 10 replaces the 3.",
            slips={
                (1, 2, 13, 20, 30): "that would be the result of `+=`. Here `=` replaces what was "
                "there before.",
                (1, 2, 3, 20, 30): "the second copy begins at position 2 and replaces the 3.",
                (1, 2, 3, 10, 20): "the second copy begins at position 2 * 1.",
                (1, 12, 23, 30, 0): "the copies begin two positions apart.",
            },
            hint="After the first copy the row is 1 2 3 0 0. Where is the second one written?",
            question="To answer here, read a function instead. Look closely at its fourth line. "
            "What does the last line return?",
            code=COPIES,
            example="(1, 2, 3, 4, 5)",
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=int(scatter(PIXELS, KERNEL, 1)[1, 1]),
        because="1 * 4 + 10 * 3 + 100 * 2 + 1000 * 1.",
        slips={
            4321: "that is what a convolution does. Here the copy of pixel 1 reaches the middle "
            "with its last weight, 4.",
            1000: "that is the copy of pixel 1000 alone. Three other copies lie there, too.",
            1111: "each pixel comes with a weight of its copy.",
            1030: "that is not all: the copies of 1 and 100 lie there, too.",
        },
        hint="The copy of 1 lies there with its last weight, 4. Which weight has the copy of 10?",
    ),
}

check: Check = checker("transposed", EXERCISES)
question: Check = checker("transposed", QUESTIONS, name="question")
