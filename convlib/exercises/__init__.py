"""The exercises of the book: right answers computed, wrong ones explained.

One module a chapter. ``check(2, answer)`` prints what the answer to exercise 2 of the
chapter shows: that it is right and why, or which misconception leads to it.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

Check = Callable[[int, object], None]


class Exercise(NamedTuple):
    """What a checker knows of one exercise.

    ``slips`` holds the wrong answers that a misconception leads to, each with the
    sentence that names it; ``hint`` meets every other one. Where many answers are right,
    ``measure`` says what is compared of an answer.
    """

    right: object
    because: str
    slips: Mapping[object, str]
    hint: str
    measure: Callable[[object], object] | None = None


def judge(exercise: Exercise, answer: object) -> str:
    """Say in a sentence what an answer shows."""
    if answer is None:
        return "Replace None by your answer, then run."
    given = exercise.measure(answer) if exercise.measure else _plain(answer)
    if given == exercise.right:
        return f"Right: {exercise.because}"
    for slip, sentence in exercise.slips.items():
        if given == _plain(slip):
            return f"Not {answer}: {sentence}"
    return f"Not {answer}. {exercise.hint}"


def _plain(answer: object) -> object:
    """Bring an answer to the form that answers are stored in."""
    if isinstance(answer, np.ndarray):
        answer = answer.tolist()
    if isinstance(answer, float | np.floating):
        return round(float(answer), 1)
    if isinstance(answer, str):
        return answer.strip().lower()
    return tuple(answer) if isinstance(answer, list) else answer


def checker(exercises: Mapping[int, Exercise]) -> Check:
    """Make the ``check`` of a chapter from its exercises, counted from 1."""

    def check(number: int, answer: object) -> None:
        """Print what an answer to an exercise shows."""
        if number not in exercises:
            raise ValueError(f"number={number!r} must be one of {', '.join(map(str, exercises))}")
        print(judge(exercises[number], answer))

    return check
