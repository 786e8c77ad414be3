"""The ``check`` of a chapter: feedback on an answer, and a form where none is given yet."""

import base64
import json
import numbers
import sys
from collections.abc import Mapping
from html import escape
from typing import Protocol

import numpy as np

from convlib import web
from convlib.arguments import shown
from convlib.exercises.answers import Known, Value
from convlib.exercises.tasks import Exercise, Limit, Task


class Check(Protocol):
    """The ``check`` of a chapter, or its ``question``."""

    def __call__(self, number: int, answer: object = ...) -> None:
        """Print feedback on an answer to an exercise; with none, a notebook shows a form."""


def checker(chapter: str, exercises: Mapping[int, Task], name: str = "check") -> Check:
    """Return the ``check`` of a chapter, for its exercises, counted from 1.

    Parameters
    ----------
    chapter : str
        The name of its module. With the number it is the name of an answer that a page remembers.
    exercises : mapping
        The exercises by number.
    name : str, optional
        ``"question"`` for the questions inside the text, which are counted by themselves.
    """

    def check(number: int, answer: object = None) -> None:
        """Print feedback on an answer to an exercise; with none, a notebook shows a form."""
        if not isinstance(number, numbers.Integral) or number not in exercises:
            known = ", ".join(map(str, exercises))
            raise ValueError(f"number={shown(number)} must be one of {known}")
        task = exercises[number]
        sentence = task.feedback(answer)
        notebook = sys.modules.get("IPython")
        if answer is None and notebook and notebook.get_ipython():
            attributes = {
                "chapter": chapter,
                "name": name,
                "number": str(int(number)),
                "total": str(len(exercises)),
            }
            html = form(attributes, task.form, sentence)
            bundle = {"text/plain": sentence, "text/html": html}
            notebook.display.display(bundle, raw=True)
        else:
            print(sentence)

    return check


def form(attributes: Mapping[str, str], exercise: Exercise, sentence: str) -> str:
    """Return the HTML of the form that asks an exercise, and a sentence where no script runs."""
    asked = {"kind": exercise.kind, "data": encode(exercise)}
    return web.element("exercise-form", {**attributes, **asked}, f"<p>{escape(sentence)}</p>")


def encode(exercise: Exercise) -> str:
    """Return what a page needs to know of an exercise, in base64: not to be read by accident."""
    data: dict[str, object] = {
        "right": _known(exercise.answer),
        "because": exercise.because,
        "slips": [
            {**_known(slip), "sentence": sentence} for slip, sentence in exercise.slips.items()
        ],
        "hint": exercise.hint,
        "expected": exercise.expected,
        "words": exercise.words,
        "question": exercise.question,
        "code": exercise.code,
    }
    if isinstance(exercise.right, Limit):
        data["limit"] = exercise.right._asdict()
    if exercise.kind == "array":
        data["shape"] = np.shape(np.array(exercise.right))
    return base64.b64encode(json.dumps(data).encode()).decode()


def _known(answer: object) -> dict[str, object]:
    known = Known.of(answer)
    return {"answer": _numbers(known.answer), "within": known.within}


def _numbers(value: Value) -> object:
    """Return a value with ints in place of floats that are whole."""
    if isinstance(value, tuple):
        return [_numbers(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
