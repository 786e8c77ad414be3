"""Exercises: right answers, wrong answers that have a name, and the feedback on an answer."""

import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

import numpy as np

from convlib.arguments import Array, shown
from convlib.exercises.answers import (
    EXACT,
    LONGEST,
    Kind,
    Known,
    Unreadable,
    Value,
    clean,
    flat,
    kind_of,
    read,
    spelled,
)

NO_ANSWER = "Replace None by your answer, then run."


class Task(Protocol):
    """An exercise of any sort."""

    def feedback(self, answer: object) -> str:
        """Return a sentence on an answer, whatever object it is."""

    @property
    def form(self) -> "Exercise":
        """The question that a page asks in its place, whose answer can be typed."""


class Limit(NamedTuple):
    """A rule for a tuple of ints, each at least 1: a weighted sum of them has a minimum."""

    coefficients: tuple[int, ...]
    constant: int
    at_least: int
    below: str  # the sentence on a sum that is smaller, with {} in its place
    example: tuple[int, ...]  # a right answer

    def fits(self, value: Value) -> bool:
        """Whether an answer has as many entries as there are coefficients, ints from 1."""
        entries = value if isinstance(value, tuple) else (value,)
        return len(entries) == len(self.coefficients) and all(
            isinstance(entry, float) and entry.is_integer() and entry >= 1 for entry in entries
        )

    def total(self, value: Value) -> int:
        """Return the weighted sum of an answer that fits."""
        pairs = zip(self.coefficients, flat(value), strict=True)
        return self.constant + sum(coefficient * int(entry) for coefficient, entry in pairs)


class Exercise(NamedTuple):
    """A question whose answer is a number, a tuple, a letter, a name or a small array.

    ``slips`` has the wrong answers that a misconception leads to, each with the sentence that
    explains it; ``hint`` is for every other wrong answer. Of a fraction, one decimal is enough.
    ``question`` and ``code`` are for a page, where the text above asks for something that cannot
    be typed. ``example`` shows the form of an answer, where the usual one does not fit.
    """

    right: object
    because: str
    slips: Mapping[object, str]
    hint: str
    question: str = ""
    code: str = ""
    example: str = ""

    @property
    def form(self) -> "Exercise":
        """The exercise itself."""
        return self

    @property
    def answer(self) -> object:
        """The right answer, or one of them."""
        return self.right.example if isinstance(self.right, Limit) else self.right

    @property
    def spelled(self) -> str:
        """The answer in Python's notation."""
        return spelled(Known.of(self.answer).answer, self.brackets)

    @property
    def brackets(self) -> str:
        """The brackets around the entries of an answer."""
        return "[]" if self.kind == "array" else "()"

    @property
    def kind(self) -> Kind:
        """The kind of the right answer."""
        return kind_of(self.answer)

    @property
    def words(self) -> list[str]:
        """The letters of a choice; otherwise the wrong answers that are words."""
        known = [self.right, *self.slips]
        return sorted(answer for answer in known if isinstance(answer, str))

    @property
    def expected(self) -> str:
        """What an answer must be, with an example."""
        if self.kind == "choice":
            return f"one of the letters {', '.join(self.words)}"
        if isinstance(self.right, Limit):
            count = len(self.right.coefficients)
            return f"{count} whole numbers from 1, for example {self.example}"
        if self.kind == "array":
            rows, columns = np.shape(np.array(self.right))
            return f"{rows} rows of {columns} numbers, for example [[1, 2], [3, 4]]"
        whole = isinstance(self.right, int)
        examples = {
            "number": ("a number", "12" if whole else "1.5"),
            "tuple": ("a tuple of numbers", "(2, 3)"),
            "text": ("a name", "conv1"),
        }
        form, example = examples[self.kind]
        return f"{form}, for example {self.example or example}"

    def read(self, answer: object) -> Value:
        """Return what an answer means, or raise `Unreadable`."""
        value = read(answer, self.kind, self.words)
        if isinstance(self.right, Limit) and not self.right.fits(value):
            raise Unreadable("the rule cannot be applied")
        return value

    def feedback(self, answer: object) -> str:
        """Return feedback on an answer: a sentence, whatever object the answer is.

        Examples
        --------
        >>> exercise = Exercise(3, "2 + 1.", {4: "that is 2 + 2."}, "Add 1.")
        >>> exercise.feedback("(3,)"), exercise.feedback(4.0)
        ('Right, 3: 2 + 1.', 'Not 4: that is 2 + 2.')
        >>> exercise.feedback("three")
        'This answer cannot be read. Give a number, for example 12.'
        """
        if answer is None:
            return NO_ANSWER
        try:
            value = self.read(answer)
        except Unreadable:
            sort = "" if _is_text(answer) else f", of type {type(answer).__name__},"
            return f"This answer{sort} cannot be read. Give {self.expected}."
        return self._sentence(
            value,
            clean(answer) if isinstance(answer, str) else spelled(value, self.brackets)[:LONGEST],
        )

    def _sentence(self, value: Value, text: str) -> str:
        limit = self.right if isinstance(self.right, Limit) else None
        if limit.total(value) >= limit.at_least if limit else Known.of(self.right).matches(value):
            return f"Right, {text if limit else self.spelled}: {self.because}"
        for slip, sentence in self.slips.items():
            if Known.of(slip).matches(value):
                return f"Not {text}: {sentence}"
        if limit:
            return f"Not {text}: {limit.below.format(limit.total(value))}"
        return f"Not {text}. {self.hint}"


def _is_text(answer: object) -> bool:
    """Whether an object is a string, without asking it: its methods can raise anything."""
    return issubclass(type(answer), str)


class Design(NamedTuple):
    """An exercise with many right answers, of which something is measured and compared.

    A page asks the question of ``form``, whose answers are right here too.
    """

    measure: Callable[[object], object]
    right: object
    because: str
    slips: Mapping[object, str]
    hint: str
    form: Exercise

    def feedback(self, answer: object) -> str:
        """Return feedback on an answer: a sentence, whatever object the answer is."""
        if answer is None:
            return NO_ANSWER
        try:
            read(answer, self.form.kind)
        except Unreadable:
            if not _is_text(answer):
                return self._measured(answer)
        return self.form.feedback(answer)

    def _measured(self, answer: object) -> str:
        try:
            found = self.measure(answer)
            text = shown(answer)
        except Exception:  # noqa: BLE001 (an answer can be any object, whose methods raise anything)
            return f"This answer, of type {type(answer).__name__}, cannot be read. {self.hint}"
        if found == self.right:
            return f"Right: {self.because}"
        return f"Not {text}: {self.slips[found]}"


class Writing(NamedTuple):
    """An exercise that asks to write a function.

    The reader's function is called with the arguments of each of the ``cases`` and compared with
    the function ``right``, which takes arrays and returns one. ``slips`` has functions with a
    misconception, each with the sentence that explains it. A page asks the question of ``form``,
    what a given function returns, which can be answered here too.
    """

    right: Callable[..., Array]
    cases: Callable[[], Iterable[Mapping[str, object]]]
    because: str
    slips: Mapping[Callable[..., Array], str]
    hint: str
    form: Exercise

    def feedback(self, answer: object) -> str:
        """Return feedback on a function: a sentence on the first call that gives a wrong result."""
        if not callable(answer):
            return self.form.feedback(answer)
        for case in self.cases():
            try:
                found = _result(answer, case)
            except Failed as failure:
                return f"Not yet. With {_described(case)}: {failure}. {self.hint}"
            if difference := _difference(found, self.right(**case)):
                advice = self._advice(found, case)
                return f"Not yet. With {_described(case)}: {difference}. {advice}"
        return f"Right: {self.because}"

    def _advice(self, found: Array, case: Mapping[str, object]) -> str:
        """Return the sentence on a misconception that leads to the same result, or the hint."""
        for wrong, sentence in self.slips.items():
            if not _difference(found, wrong(**case)):
                return sentence
        return self.hint


class Failed(Exception):
    """A reader's function gives no array of numbers."""


def _result(function: Callable[..., object], case: Mapping[str, object]) -> Array:
    """Return what a function returns, as an array of floats; raise `Failed` with a sentence."""
    own = {  # which the function may change
        name: value.copy() if isinstance(value, np.ndarray) else value
        for name, value in case.items()
    }
    try:
        result = function(*own.values())
    except Exception as error:
        message = " ".join(traceback.format_exception_only(error)[-1].split())
        raise Failed(f"it raises {message[:LONGEST]}") from error
    if result is None:
        raise Failed("it returns None, as a function without `return` does")
    try:
        return np.asarray(result, dtype=float)
    except Exception as error:
        raise Failed(f"it returns a {type(result).__name__}, not an array of numbers") from error


def _difference(found: Array, right: Array) -> str:
    """Return where a result differs from the right one; "" if nowhere."""
    if found.shape != right.shape:
        return f"its result has the shape {found.shape}, not {right.shape}"
    differ = np.argwhere(~np.isclose(found, right, rtol=0, atol=EXACT))
    if not len(differ):
        return ""
    place = tuple(differ[0].tolist())
    return f"its result[{', '.join(map(str, place))}] is {found[place]:g}, not {right[place]:g}"


def _described(case: Mapping[str, object]) -> str:
    """Return the arguments of a call in words: of arrays the shape."""
    words = [
        f"{name} of shape {value.shape}" if isinstance(value, np.ndarray) else f"{name}={value}"
        for name, value in case.items()
    ]
    return ", ".join(words)
