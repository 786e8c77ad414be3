"""The exercises of the book: right answers computed, wrong ones explained.

One module a chapter. ``check(2, answer)`` prints what the answer to exercise 2 of the
chapter shows: that it is right and why, or which misconception leads to it.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Exercise(NamedTuple):
    """What a checker knows of one exercise.

    ``slips`` holds the wrong answers that a misconception leads to, each with the
    sentence that names it; ``hint`` meets every other one.
    """

    right: object
    because: str
    slips: Mapping[object, str]
    hint: str


def judge(exercise: Exercise, answer: object) -> str:
    """Say in a sentence what an answer shows."""
    given = tuple(answer) if isinstance(answer, list) else answer
    if given is None:
        return "Replace None by your answer, then run."
    if given == exercise.right:
        return f"Right: {exercise.because}"
    for slip, sentence in exercise.slips.items():
        if given == slip:
            return f"Not {answer}: {sentence}"
    return f"Not {answer}. {exercise.hint}"


def checker(exercises: Mapping[int, Exercise]) -> Callable[[int, object], None]:
    """Make the ``check`` of a chapter from its exercises, counted from 1."""

    def check(number: int, answer: object) -> None:
        if number not in exercises:
            raise ValueError(f"number={number!r} must be one of {', '.join(map(str, exercises))}")
        print(judge(exercises[number], answer))

    return check
