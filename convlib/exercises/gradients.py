"""Exercises of chapter ``gradients``."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Design, Exercise, Task, Writing, checker
from convlib.functional import conv2d
from convlib.gradients import conv2d_input, conv2d_weight

KERNEL = np.array([[[[2, 0], [1, 4]]]])
SENT = conv2d_input((1, 1, 4, 4), KERNEL, np.ones((1, 1, 3, 3), dtype=int))

EDGES = np.array([[[[1, 1], [-1, -1]]], [[[-1, -1], [1, 1]]]])
ROWS = np.eye(4, dtype=int)[:, np.newaxis, :, np.newaxis].repeat(4, axis=3)
COLUMNS = ROWS.swapaxes(2, 3)


def maps(bars: Array) -> Array:
    """Return the two maps of exercise 4 after ReLU, for each image."""
    active: Array = np.maximum(conv2d(bars, EDGES), 0).astype(float)
    return active


def measured(answer: Any) -> tuple[int, int]:
    """Count the horizontal and the vertical bars that a second layer gets right."""
    weight, bias = (np.asarray(answer[name], dtype=float) for name in ("w2", "b2"))
    scores = [conv2d(maps(bars), weight, bias.reshape(1)).ravel() for bars in (ROWS, COLUMNS)]
    return int((scores[0] < 0).sum()), int((scores[1] > 0).sum())


def sum_of_windows(image: Array, grad_output: Array, kernel_size: int, stride: int) -> Array:
    """Return what exercise 6 asks for: the gradient of one kernel."""
    arrays = image[np.newaxis, np.newaxis], grad_output[np.newaxis, np.newaxis]
    shape = 1, 1, kernel_size, kernel_size
    rows, columns = ((n - 1) * stride + kernel_size for n in grad_output.shape)
    read = arrays[0][..., :rows, :columns]
    total: Array = conv2d_weight(read, shape, arrays[1], stride=stride)[0, 0]
    return total


def dense(image: Array, grad_output: Array, kernel_size: int, stride: int) -> Array:
    """Ignore the stride."""
    return sum_of_windows(image, grad_output, kernel_size, 1)


def unweighted(image: Array, grad_output: Array, kernel_size: int, stride: int) -> Array:
    """Add the windows without the gradients of their outputs."""
    return sum_of_windows(image, np.ones_like(grad_output), kernel_size, stride)


def last(image: Array, grad_output: Array, kernel_size: int, stride: int) -> Array:
    """Write = in the place of +=, so that the last window is left."""
    only = np.zeros_like(grad_output)
    only[-1, -1] = grad_output[-1, -1]
    return sum_of_windows(image, only, kernel_size, stride)


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `sum_of_windows`: the chapter's example, then 30 random ones."""
    yield {
        "image": np.arange(25).reshape(5, 5),
        "grad_output": np.array([[1, 10], [100, 1000]]),
        "kernel_size": 2,
        "stride": 2,
    }
    rng = np.random.default_rng(0)
    for _ in range(30):
        kernel_size, stride = rng.integers(1, 5, 2).tolist()
        out, rest = rng.integers(1, 5, 2), rng.integers(0, stride, 2)
        yield {
            "image": rng.integers(-9, 10, (out - 1) * stride + kernel_size + rest),
            "grad_output": rng.integers(-9, 10, out),
            "kernel_size": kernel_size,
            "stride": stride,
        }


TWO_WINDOWS = """\
def total(image, g):
    view = sliding_window_view(image, (2, 2))
    return np.einsum("hw,hwij->ij", g, view)

total(np.arange(9).reshape(3, 3), np.array([[1, 0], [0, 10]]))"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=int(SENT[0, 0, 1, 0]),
        because="window (0, 0) reads it under the weight 1, and window (1, 0) under the weight 2.",
        slips={
            7: "all four weights meet a pixel in the middle. This one is in the first column.",
            2: "that is window (1, 0) alone. Window (0, 0) reads the pixel, too.",
            1: "that is window (0, 0) alone. Window (1, 0) reads the pixel, too.",
            4: "that is the kernel laid on as it is. Window (0, 0) reads this pixel with its lower "
            "left weight, 1.",
        },
        hint="Which windows read row 1, column 0, and each under which weight?",
    ),
    2: Exercise(
        right=16 * 32 * 32,
        because="a weight meets one pixel in each of the 32 * 32 windows of each of the 16 images.",
        slips={
            32 * 32: "that is one image. The weight is the same for all 16.",
            16 * 30 * 30: "padding=1 keeps the size: there are 32 * 32 windows.",
            3 * 9: "that many products make one *output*.",
            16: "every window of an image uses the weight.",
            8 * 16 * 32 * 32: "a weight belongs to one kernel, and so to one of the 8 channels.",
        },
        hint="How often is one weight used on the way forward?",
    ),
    3: Exercise(
        right=((5, 1), (2, 3)),
        because="a corner of the image is read by one window, under one weight.",
        slips={
            ((3, 2), (1, 5)): "that is the kernel turned by 180 degrees. Window (0, 0) reads the "
            "upper left pixel under the upper left weight.",
            ((5, 2), (1, 3)): "rows and columns are swapped.",
            ((5, 6), (7, 11)): "those are sums: only the corners are read once.",
            ((6, 4), (7, 5)): "those are sums: only the corners are read once.",
        },
        hint="Which pixels are read by one window only? Their gradient is one weight.",
    ),
    4: Design(
        measure=measured,
        right=(4, 4),
        because="each horizontal bar gets a score below 0, and each vertical bar one above 0.",
        slips={
            (horizontal, vertical): f"{horizontal} of 4 horizontal bars and {vertical} of 4 "
            "vertical bars are right. The maps of a vertical bar are 0, so its score is b2."
            for horizontal, vertical in np.ndindex(5, 5)
            if (horizontal, vertical) != (4, 4)
        },
        hint="The maps of a horizontal bar add up to 6 at the border and 12 in the middle, those "
        "of a vertical bar to 0. Give {'w2': w2, 'b2': b2}, with a w2 of shape (1, 2, 3, 3).",
        form=Exercise(
            right=5,
            because="with 5, the bars at the border get 5 - 6 = -1, and vertical bars get 5.",
            slips={
                6: "then a bar at the border gets the score 6 - 6 = 0, which has no sign.",
                1: "this works, but a larger bias works, too.",
                11: "that is for the bars in the middle. A bar at the border gets 11 - 6 = 5.",
                -1: "then a vertical bar gets the score -1, which says horizontal.",
            },
            hint="Compute the two maps of the bar in row 0, and add up what ReLU leaves.",
            question="Let all weights of the second layer be -1. What is the largest whole b2 with "
            " which all eight images are right?",
        ),
    ),
    5: Exercise(
        right="b",
        because="all maps are 0, so the gradients of the second layer's weights are 0. All weights "
        "behind the first layer are 0, so nothing goes back to it. And the second layer's bias "
        "gets 4 - 4 = 0, since four scores are too small and four too large.",
        slips={
            "a": "print the gradients of the first step: each of them is 0.",
            "c": "the gradient of its weights is a sum of windows of `active`, which are all 0.",
            "d": "they would, if anything came back to them. But it is multiplied by weights that "
            "are 0.",
        },
        hint="What is `active`? What is `grad_active`?",
    ),
    6: Writing(
        right=sum_of_windows,
        cases=calls,
        because="the same numbers as conv2d_weight for the chapter's example and for 30 random "
        "images.",
        slips={
            dense: "That is the result with stride 1.",
            unweighted: "Each window is multiplied by the gradient of its output.",
            last: "The windows are added up. Is there a = where += is needed?",
        },
        hint="Add up grad_output[i, j] * image[i*s : i*s + k, j*s : j*s + k].",
        form=Exercise(
            right=((40, 51), (73, 84)),
            because="1 * the window 0 1, 3 4 plus 10 * the window 4 5, 7 8.",
            slips={
                ((4, 6), (10, 12)): "the second window is multiplied by 10.",
                ((0, 1), (3, 4)): "that is the first window alone.",
                ((40, 50), (70, 80)): "that is the second window alone.",
            },
            hint="Two of the four windows have a factor that is not 0: the upper left one and the "
            "lower right one.",
            question="To answer here, read a function instead. What does the last line return?",
            code=TWO_WINDOWS,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=4000,
        because="`output[1, 1]` reads it under the weight 4, and counts 1000 times.",
        slips={
            1000: "that is the gradient of the output. The pixel is read under the weight 4.",
            4: "that is the weight. The output counts 1000 times.",
            1111 * 4: "only one output reads this pixel.",
            18_000: "that is the pixel times the gradient of the output. Here the weight counts.",
            72_000: "that is what the pixel contributes. The question is what one more would add.",
        },
        hint="The window of `output[1, 1]` reads 12 13 and 17 18.",
    ),
}

check: Check = checker("gradients", EXERCISES)
question: Check = checker("gradients", QUESTIONS, name="question")
