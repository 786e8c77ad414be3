"""Answers: what a text or another object means, and whether it is a known answer.

``convlib/web/exercises/feedback.js`` reads typed answers by the same grammar.
"""

import math
import numbers
import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Literal, NamedTuple, TypeAlias

Value: TypeAlias = "float | str | tuple[Value, ...]"
Kind = Literal["number", "tuple", "choice", "text", "array"]

LONGEST = 200  # characters, or entries, of an answer that is read
EXACT = 1e-6  # how far an answer may be from an integer: as far as floats are from what they mean
ROUNDED = 0.05 + 1e-9  # and from another number: one decimal is enough

# NFKC would make digits of superscripts, and 192 of 19 squared.
_SUPERSCRIPTS = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "^" * 10
)
# Minus sign, dashes, fraction slash, quotation marks, multiplication sign.
_LIKE_ASCII = str.maketrans("\u2212\u2013\u2010\u2044\u2018\u2019\u201c\u201d\u00d7", "---/''\"\"x")
_AROUND = " \t\r\n\f\v'\"`"  # an answer, as around a letter in Python
_NAME = re.compile(r"[a-z_][a-z_0-9.]*(?=[(\[])")  # of a type: tensor(3), torch.Size([3])
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[ ,][0-9]{3})+")
_DECIMAL = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?"
_TOKEN = re.compile(rf"\s*(?:(?P<number>[+-]?(?:{_DECIMAL}))|(?P<sign>[()\[\],/x]))", re.ASCII)
_WORD = re.compile(r"[a-z0-9_.-]{1,40}")


class Unreadable(ValueError):
    """An answer that is neither right nor wrong, because it cannot be read."""


class Known(NamedTuple):
    """A known answer, and how far numbers of an answer may be from its own."""

    answer: Value
    within: float

    @classmethod
    def of(cls, answer: object) -> "Known":
        """Return an answer of an exercise as it is compared."""
        value = _plain(answer)
        whole = all(entry.is_integer() for entry in flat(value) if isinstance(entry, float))
        return cls(value, EXACT if whole else ROUNDED)

    def matches(self, value: Value) -> bool:
        """Whether an answer is this one."""
        return _matches(value, self.answer, self.within)


def _matches(value: Value, known: Value, within: float) -> bool:
    if isinstance(value, tuple) and isinstance(known, tuple):
        pairs = zip(value, known, strict=False)
        return len(value) == len(known) and all(_matches(v, k, within) for v, k in pairs)
    if isinstance(value, float) and isinstance(known, float):
        return abs(value - known) <= within
    return value == known


def flat(value: Value) -> list[float | str]:
    """Return the entries of a value, those of its tuples included, in their order."""
    if isinstance(value, tuple):
        return [inner for entry in value for inner in flat(entry)]
    return [value]


def kind_of(answer: object) -> Kind:
    """Return of which kind an answer of an exercise is."""
    value = _plain(answer)
    if isinstance(value, str):
        return "choice" if len(value) == 1 else "text"
    if isinstance(value, tuple):
        return "array" if isinstance(value[0], tuple) else "tuple"
    return "number"


def spelled(value: Value, brackets: str) -> str:
    """Return a value in Python's notation, with brackets around the entries of a tuple."""
    if isinstance(value, tuple):
        entries = ", ".join(spelled(entry, brackets) for entry in value)
        return f"{brackets[0]}{entries}{brackets[1]}"
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)


def read(answer: object, kind: Kind, words: Collection[str] = ()) -> Value:
    """Return what an answer means: a float, a word in lower case, or a tuple.

    A tuple with one entry means this entry.

    Parameters
    ----------
    answer : object
        A text, a number, a tuple, list, array or tensor, or anything else.
    kind : str
        What the exercise asks for.
    words : collection of str
        The letters of a choice; for the other kinds, words that are wrong answers.

    Raises
    ------
    Unreadable
        The answer is of another kind, too long, or an object that is no answer.
    """
    try:
        value = _plain(answer, lambda text: _of_text(text, kind, words))
    except Exception as error:
        raise Unreadable("no answer") from error
    if isinstance(value, str) or (
        kind not in ("choice", "text") and not any(isinstance(entry, str) for entry in flat(value))
    ):
        return value
    raise Unreadable("of another kind")


def _plain(answer: object, of_text: Callable[[str], Value] = str) -> Value:
    """Return an object as a float, a word or a tuple, and the texts in it as they are read."""
    if isinstance(answer, str):
        return of_text(answer)
    if isinstance(answer, bool):
        raise TypeError("True and False are no numbers here")
    if isinstance(answer, numbers.Real):
        return _float(answer)
    if math.prod(getattr(answer, "shape", ())) > LONGEST:
        raise ValueError("too many entries")
    if not isinstance(answer, list | tuple) and hasattr(answer, "tolist"):
        answer = answer.tolist()  # an array, or a tensor of torch
        if not isinstance(answer, list):
            return _plain(answer, of_text)
    if not isinstance(answer, list | tuple) or len(answer) > LONGEST:
        raise TypeError("neither a number nor a tuple nor text")
    return _one_or_all(tuple(_plain(entry, of_text) for entry in answer))


def _float(number: numbers.Real) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _one_or_all(entries: tuple[Value, ...]) -> Value:
    return entries[0] if len(entries) == 1 else entries


def clean(text: str) -> str:
    """Return a typed answer in plain characters, without quotes and full stops around it."""
    text = unicodedata.normalize("NFKC", text.translate(_SUPERSCRIPTS)).translate(_LIKE_ASCII)
    return text.lstrip(_AROUND).rstrip(_AROUND + ".,;:!")


def _of_text(text: str, kind: Kind, words: Collection[str]) -> Value:
    """Return what a typed answer means."""
    if len(text) > LONGEST:
        raise Unreadable("too long")
    text = clean(text).lower()
    word = text.strip(_AROUND + "()[]{}.,:;")
    if word in words or (kind == "text" and _WORD.fullmatch(word)):
        return word
    if kind in ("choice", "text"):
        raise Unreadable("none of the words")
    text = _NAME.sub("", text)
    if kind == "number" and _THOUSANDS.fullmatch(text):
        text = re.sub("[ ,]", "", text)
    return _Parser(text).value()


class _Parser:
    """Reads numbers, fractions, and tuples and lists of them, with or without brackets."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        position = 0
        while position < len(text):
            token = _TOKEN.match(text, position)
            if not token:
                raise Unreadable("an unknown character")
            self.tokens.append(token["number"] or token["sign"])
            position = token.end()

    def value(self) -> Value:
        """Return the value of the whole text: brackets around it may be omitted."""
        entries = self.entries(end=None)
        if not entries:
            raise Unreadable("no number")
        return _one_or_all(entries)

    def entries(self, end: str | None) -> tuple[Value, ...]:
        """Return the entries up to a bracket; between two may be a comma or an x."""
        entries: list[Value] = []
        while self.peek() != end:
            if entries and self.peek() in (",", "x"):
                self.next()
                if self.peek() == end:
                    break  # the comma in (3,)
            entries.append(self.entry())
        self.next()
        return tuple(entries)

    def entry(self) -> Value:
        """Return a number, a fraction, or what is between two brackets."""
        token = self.next()
        if token in ("(", "["):
            return _one_or_all(self.entries(")" if token == "(" else "]"))
        number = self.number(token)
        if self.peek() == "/":
            self.next()
            divisor = self.number(self.next())
            if divisor == 0:
                raise Unreadable("a division by zero")
            number /= divisor
        return number

    def number(self, token: str | None) -> float:
        """Return a token as a number."""
        if token is None or token in "()[],/x":
            raise Unreadable("a number is missing")
        return float(token.replace("_", ""))

    def peek(self) -> str | None:
        """Return the next token, None at the end."""
        return self.tokens[0] if self.tokens else None

    def next(self) -> str | None:
        """Return the next token, and go on to the one behind it."""
        return self.tokens.pop(0) if self.tokens else None
