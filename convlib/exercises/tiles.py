"""Exercises of chapter ``tiles``."""

from collections.abc import Iterator, Mapping

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Exercise, Task, Writing, checker


def piece_of(first: int, stop: int, size: int, step: int, start: int, pixels: int) -> Array:
    """Return what exercise 6 asks for: the pixels (begin, end) of a tile."""
    begin = max(first * step + start, 0) // step * step
    return np.array([begin, min((stop - 1) * step + start + size, pixels)])


def not_aligned(first: int, stop: int, size: int, step: int, start: int, pixels: int) -> Array:
    """Begin at any pixel."""
    _, end = piece_of(first, stop, size, step, start, pixels)
    return np.array([max(first * step + start, 0), end])


def not_clipped(first: int, stop: int, size: int, step: int, start: int, pixels: int) -> Array:
    """Forget that the image ends."""
    begin = (first * step + start) // step * step
    return np.array([begin, (stop - 1) * step + start + size])


def one_too_far(first: int, stop: int, size: int, step: int, start: int, pixels: int) -> Array:
    """Take `stop` for the last output."""
    begin, _ = piece_of(first, stop, size, step, start, pixels)
    return np.array([begin, min(stop * step + start + size, pixels)])


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `piece_of`: the chapter's example, then 30 random ones."""
    yield {"first": 4, "stop": 8, "size": 9, "step": 2, "start": -4, "pixels": 24}
    rng = np.random.default_rng(0)
    for _ in range(30):
        step = int(rng.choice([1, 2, 3, 4, 8]))
        size = step + int(rng.integers(0, 40))
        outputs = int(rng.integers(5, 40))
        first = int(rng.integers(0, outputs - 1))
        yield {
            "first": first,
            "stop": int(rng.integers(first + 1, outputs + 1)),
            "size": size,
            "step": step,
            "start": -int(rng.integers(0, size)),
            "pixels": outputs * step,
        }


PIECES = """\
def piece(first, step, start):
    begin = first * step + start
    while begin % step != 0:
        begin = begin - 1
    return begin

piece(6, 4, -3)"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=5,
        because="each layer reads one pixel further on each side, and no layer has a stride.",
        slips={
            1: "that is enough for one layer.",
            10: "that is the total of both sides.",
            11: "that is the receptive field: the pixel itself, and 5 on each side.",
        },
        hint="One layer needs a halo of 1. What does the second one add?",
    ),
    2: Exercise(
        right=64,
        because="10 * 8 - 11 = 69, and the multiple of 8 below it is 64.",
        slips={
            69: "there the field of output 10 begins. A piece begins at a multiple of the step.",
            72: "round down: a piece that begins at 72 lacks the pixels 69 to 71.",
            80: "that is without a halo.",
            91: "the start is negative: the field begins before pixel 80.",
        },
        hint="first * step + start, then down to a multiple of the step.",
    ),
    3: Exercise(
        right=3,
        because="each layer adds one wrong output on each side of the cut.",
        slips={
            6: "the cross reaches 3 cells to each side of the cut.",
            2: "two layers give a cross of 4 cells.",
        },
        hint="One layer makes one output wrong on each side of the cut: a cross of 2 cells.",
    ),
    4: Exercise(
        right="c",
        because="the mean depends on every pixel of the image.",
        slips={
            "a": "its field is large, but finite, and it shifts by 4 pixels from output to output.",
            "b": "in evaluation mode it multiplies each number and adds to it, and reads no other.",
            "d": "it enlarges, but each output reads only a few numbers.",
        },
        hint="For which layer does every output change if one pixel changes?",
    ),
    5: Exercise(
        right=155,
        because="(155 + 64)^2 / 155^2 is 1.996, and with 154 it is 2.004.",
        slips={
            154: "nearly: (154 + 64)^2 / 154^2 is 2.004.",
            64: "that is twice along each axis, so four times in all.",
            78: "the halo is on both sides: 64 pixels along each axis.",
            77: "the halo is on both sides: 64 pixels along each axis.",
        },
        hint="A tile of n x n outputs needs (n + 64) x (n + 64) pixels. Try some n.",
    ),
    6: Writing(
        right=piece_of,
        cases=calls,
        because="the same pixels as the rule, for the chapter's example and 30 random networks.",
        slips={
            not_aligned: "The piece must begin at a multiple of the step.",
            not_clipped: "Where the image ends, the piece ends, too.",
            one_too_far: "The last output is stop - 1.",
        },
        hint="Write down the field of the first and of the last output.",
        form=Exercise(
            right=20,
            because="6 * 4 - 3 = 21, and the multiple of 4 below it is 20.",
            slips={
                21: "the loop goes on until begin is a multiple of 4.",
                24: "start is -3, so begin is 21 before the loop.",
            },
            hint="Compute begin first, then go down to a multiple of step.",
            question="On this page, read a function instead. What does the last line return?",
            code=PIECES,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=23,
        because="1 * 5 + 2 * 9 + 1 * 0.",
        slips={
            25: "that is the output of the whole row. Here the layer reads 0 instead of the 2.",
            14: "that is the sum of the pixels. The weight in the middle is 2.",
        },
        hint="The window reads 5, 9 and a zero, with the weights 1, 2, 1.",
    ),
    2: Exercise(
        right=18,
        because="2 * 7 + 4.",
        slips={
            11: "that is 7 + 4. The fields of neighbouring outputs are 2 pixels apart.",
            10: "that is where the field begins: 2 * 7 - 4.",
            14: "that is the middle of the field: 2 * 7.",
            19: "that is one pixel behind the field.",
        },
        hint="Output j reads the pixels from 2 * j - 4 to 2 * j + 4.",
    ),
}

check: Check = checker("tiles", EXERCISES)
question: Check = checker("tiles", QUESTIONS, name="question")
