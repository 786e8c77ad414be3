"""Exercises of the book: right answers are computed, wrong ones explained.

There is a module for each chapter. ``check(2, answer)`` prints feedback on an answer to
exercise 2 of the chapter: that it is right and why, or which misconception leads to it.
``check(2, None)`` shows a form in a notebook, and on the page that is built from it.
"""

from convlib.exercises.checking import Check, checker
from convlib.exercises.tasks import Design, Exercise, Limit, Task, Writing

__all__ = ["Check", "Design", "Exercise", "Limit", "Task", "Writing", "checker"]
