"""Exercises of the book: right answers are computed, wrong ones explained.

There is a module for each chapter. ``check(2, answer)`` prints feedback on an answer to
exercise 2 of the chapter: that it is right and why, or which misconception leads to it.
"""

import ast
import math
import numbers
import warnings
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from convlib.arguments import shown


class Check(Protocol):
    """The ``check`` of a chapter."""

    def __call__(self, number: int, answer: object = ...) -> None:
        """Print feedback on an answer to an exercise."""


class Exercise(NamedTuple):
    """An exercise: its right answer, known misconceptions, and a hint.

    ``slips`` has the wrong answers that a misconception leads to, each with the sentence that
    explains it; ``hint`` is for every other wrong answer. Where many answers are right,
    ``measure`` returns what is compared of an answer.
    """

    right: object
    because: str
    slips: Mapping[object, str]
    hint: str
    measure: Callable[[object], object] | None = None


LONGEST = 100  # entries, or characters, of an answer that is read
NO_ANSWER = object()


def feedback(exercise: Exercise, answer: object) -> str:
    """Return feedback on an answer: a sentence, whatever object the answer is.

    Examples
    --------
    >>> exercise = Exercise(3, "2 + 1.", {4: "that is 2 + 2."}, "Add 1.")
    >>> feedback(exercise, "(3,)"), feedback(exercise, 4.0)
    ('Right: 2 + 1.', 'Not 4.0: that is 2 + 2.')
    """
    if answer is None:
        return "Replace None by your answer, then run."
    try:
        value = exercise.measure(answer) if exercise.measure else _plain(answer)
    except Exception:  # noqa: BLE001 (an answer can be any object, whose methods raise anything)
        forms = "" if exercise.measure else "Give a number, a tuple of numbers or a letter. "
        return (
            f"This answer, of type {type(answer).__name__}, cannot be read. {forms}{exercise.hint}"
        )
    if _equal(value, _plain(exercise.right)):
        return f"Right: {exercise.because}"
    text = _shown(answer if exercise.measure else value)
    for slip, sentence in exercise.slips.items():
        if _equal(value, _plain(slip)):
            return f"Not {text}: {sentence}"
    return f"Not {text}. {exercise.hint}"


def _plain(answer: object) -> object:
    """Return an answer as int, float, str or tuple; one entry alone is that entry.

    Raises
    ------
    TypeError, ValueError
        The answer is something else, or too long.
    """
    if isinstance(answer, str):
        return _of_text(answer)
    if isinstance(answer, bool):
        return answer
    if isinstance(answer, numbers.Integral):
        return int(answer)
    if isinstance(answer, numbers.Real):
        return float(answer)
    if math.prod(getattr(answer, "shape", ())) > LONGEST:
        raise ValueError("too many entries")
    if not isinstance(answer, list | tuple) and hasattr(answer, "tolist"):
        answer = answer.tolist()  # an array, or a tensor of torch
        return answer if isinstance(answer, bool) else _plain(answer)
    if not isinstance(answer, list | tuple) or len(answer) > LONGEST:
        raise TypeError("neither a number nor a tuple nor text")
    entries = tuple(_plain(entry) for entry in answer)
    return entries[0] if len(entries) == 1 else entries


def _of_text(text: str) -> object:
    """Return the number or tuple that a text contains, or a word or letter without brackets."""
    text = text.strip()[: LONGEST + 1]
    with warnings.catch_warnings(action="ignore"):
        try:
            value = ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return text.strip("()[]{}.:;,'\" ").lower()
    return _plain(value)


def _equal(value: object, known: object) -> bool:
    """Whether an answer is the known one; of a fraction, one decimal is enough."""
    if isinstance(value, tuple) and isinstance(known, tuple):
        return len(value) == len(known) and all(map(_equal, value, known))
    if isinstance(value, bool) or isinstance(known, bool):
        return value is known
    if isinstance(value, int | float) and isinstance(known, float):
        return round(value, 1) == round(known, 1)
    if isinstance(value, float) and isinstance(known, int):
        return math.isclose(value, known, rel_tol=1e-6)  # computed in floats, but meant exactly
    return value == known


def _shown(value: object) -> str:
    """Return an answer for a sentence, shortened."""
    plain = isinstance(value, str) and len(value) <= LONGEST and value.isprintable()
    return str(value) if plain else shown(value)


def checker(exercises: Mapping[int, Exercise]) -> Check:
    """Return the ``check`` of a chapter, for its exercises, counted from 1."""

    def check(number: int, answer: object = NO_ANSWER) -> None:
        """Print feedback on an answer to an exercise."""
        if not isinstance(number, numbers.Integral) or number not in exercises:
            known = ", ".join(map(str, exercises))
            raise ValueError(f"number={shown(number)} must be one of {known}")
        if answer is NO_ANSWER:
            print(f"Give your answer, too: check({number}, answer).")
        else:
            print(feedback(exercises[number], answer))

    return check
