"""Exercises of chapter ``stride``."""

from collections.abc import Iterator, Mapping

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Exercise, Task, Writing, checker
from convlib.functional import conv2d
from convlib.geometry import output_size


def slide(image: Array, kernel: Array, stride: int) -> Array:
    """Return what exercise 6 asks for: one kernel slid over one image."""
    output: Array = conv2d(image[np.newaxis], kernel[np.newaxis, np.newaxis], stride=stride)[0]
    return output


def turned(image: Array, kernel: Array, stride: int) -> Array:
    """Slide the kernel turned by 180 degrees."""
    return slide(image, kernel[::-1, ::-1], stride)


def dense(image: Array, kernel: Array, stride: int) -> Array:
    """Ignore the stride."""
    return slide(image, kernel, 1)


def divided_twice(image: Array, kernel: Array, stride: int) -> Array:
    """Let the loops end at the number of windows, and step by the stride as well."""
    (H, W), (kH, kW) = image.shape, kernel.shape
    rows, columns = (H - kH) // stride + 1, (W - kW) // stride + 1
    return slide(image[: rows + kH - 1, : columns + kW - 1], kernel, stride)


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `slide`: the chapter's example, another kernel, then 40 random ones."""
    example = np.arange(25).reshape(5, 5)
    yield {"image": example, "kernel": np.ones((2, 2), dtype=int), "stride": 2}
    yield {"image": example, "kernel": np.array([[1, 2], [3, 4]]), "stride": 2}
    rng = np.random.default_rng(0)
    for _ in range(40):
        shape = rng.integers(1, 5, 2)
        image = rng.integers(-9, 10, shape + rng.integers(0, 7, 2))
        yield {
            "image": image,
            "kernel": rng.integers(-9, 10, shape),
            "stride": int(rng.integers(1, 5)),
        }


LARGEST_OF_WINDOWS = """\
def largest(image):
    windows = sliding_window_view(image, (2, 2))
    return windows[::2, ::2].max(axis=(2, 3))

largest(np.arange(25).reshape(5, 5))"""

EXERCISES: dict[int, Task] = {
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
        right=2,
        because="along each axis the counts 1 and 2 alternate. A pixel has the product of both.",
        slips={
            1: "at stride 1 the counts would be 1 2 3 3 3 3 3 2 1.",
            3: "at stride 3 every pixel would be read once.",
            4: "with a kernel of 3, whole rows would not be read at all.",
        },
        hint="Along the first row the counts are 1 1 2 1 2 1 2 1 1. Where do windows overlap?",
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
        right=(4, 4),
        because="(64 - 4) // 4 + 1 = 16, and windows that are as far apart as they are wide do not "
        "overlap.",
        slips={
            (1, 4): "the size is right, but most pixels are read by no window.",
            (2, 4): "the size is right, but every second pair of rows is not read.",
            (3, 4): "the size is right, but every fourth row is not read.",
            (2, 2): "that gives 32 x 32.",
            (8, 4): "these windows overlap, and (64 - 8) // 4 + 1 is 15.",
            (16, 16): "that gives 4 x 4 outputs, of 16 x 16 pixels each.",
            (16, 4): "these windows overlap, and (64 - 16) // 4 + 1 is 13.",
        },
        hint="If every pixel is read once, the stride equals the kernel size. 16 of them must fill "
        "64 pixels.",
        example="(2, 1)",
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
    6: Writing(
        right=slide,
        cases=calls,
        because="the same numbers as conv2d for the chapter's example and for 40 random images.",
        slips={
            turned: "Your kernel is turned by 180 degrees. A layer lays it on as it is.",
            dense: "That is the result with stride 1.",
            divided_twice: "Do your loops end at the number of windows, and step by the stride as "
            "well? Then you divide by the stride twice.",
        },
        hint="Output (i, j) is the sum of image[i*s : i*s + kH, j*s : j*s + kW] * kernel.",
        form=Exercise(
            right=((6, 8), (16, 18)),
            because="the windows are those of the four sums, and the largest pixel of each is in "
            "its lower right corner.",
            slips={
                ((12, 20), (52, 60)): "those are the sums of the windows. Here max takes the "
                "largest number of each.",
                ((0, 2), (10, 12)): "those are the upper left pixels of the windows, the smallest.",
                ((6, 7), (11, 12)): "the slice keeps every second window: the next one begins two "
                "columns further.",
                ((18, 18), (18, 18)): "max goes over axes 2 and 3, the pixels of one window, and "
                "leaves a number for each window.",
            },
            hint="The first window is 0 1 5 6. Its largest number is the first output.",
            question="To answer here, read a function instead. What does the last line return?",
            code=LARGEST_OF_WINDOWS,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=60,
        because="12 + 13 + 17 + 18.",
        slips={
            56: "you moved one column, not two.",
            40: "you moved one row down, not two.",
            12: "that is the first output.",
        },
        hint="The window starts at row 2, column 2.",
    ),
}

check: Check = checker("stride", EXERCISES)
question: Check = checker("stride", QUESTIONS, name="question")
