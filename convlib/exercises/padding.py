"""Exercises of chapter ``padding``."""

from collections.abc import Iterator, Mapping

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Exercise, Task, Writing, checker
from convlib.geometry import output_size, sides

# What TensorFlow's SAME adds to 224 pixels in total, for a kernel of 7 at stride 2.
TENSORFLOW = (224 // 2 - 1) * 2 + 7 - 224


def reflected(row: Array, padding: int) -> Array:
    """Return what exercise 6 asks for: a row in a mirror on each side."""
    return np.pad(row, padding, mode="reflect")


def symmetric(row: Array, padding: int) -> Array:
    """Repeat the outermost pixel."""
    return np.pad(row, padding, mode="symmetric")


def replicated(row: Array, padding: int) -> Array:
    """Add the outermost pixel again and again."""
    return np.pad(row, padding, mode="edge")


def zeros(row: Array, padding: int) -> Array:
    """Add zeros."""
    return np.pad(row, padding)


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `reflected`: the chapter's row, then 30 random ones."""
    yield {"row": np.array([1, 2, 3, 4]), "padding": 2}
    rng = np.random.default_rng(0)
    for _ in range(30):
        size = int(rng.integers(2, 9))
        yield {"row": rng.integers(-9, 10, size), "padding": int(rng.integers(0, size))}


LEFT_ONLY = """\
def left_only(row):
    return np.concatenate([row[1:3][::-1], row])

left_only(np.array([5, 6, 7, 8]))"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=output_size(28, 5, padding=2),
        because="2 pixels on each side make 32, and 32 - 5 + 1 = 28.",
        slips={
            28 + 2 - 5 + 1: "that counts 2 pixels in total. padding=2 adds 2 on *each* side.",
            output_size(28, 5): "that is the size without padding.",
            30: "a window of 5 fits into 32 pixels at 32 - 5 + 1 positions.",
        },
        hint="How many pixels has the row with its padding?",
    ),
    2: Exercise(
        right=sides("same", 6)[0],
        because="the total is 6 - 1 = 5: two columns on the left, and the extra one on the right.",
        slips={
            3: "torch puts the extra column *after* the image: on the right.",
            2.5: "there is no half of a column. The extra one goes to the right.",
            5: "that is the total of both sides.",
            0: "the total of 5 is divided as equally as possible.",
        },
        hint="The total is kernel_size - 1. Take half of it, rounded down.",
    ),
    3: Exercise(
        right=TENSORFLOW // 2,
        because="112 windows need 111 * 2 + 7 = 229 rows, 5 more than there are: 2 above, 3 below.",
        slips={
            3: "that is torch's usual padding=3. It gives 112 rows too, but its windows start one "
            "row higher.",
            2.5: "the extra row goes below.",
            5: "that is the total.",
            0: "112 windows of 7 at stride 2 need 111 * 2 + 7 = 229 rows.",
        },
        hint="How many rows do 112 windows need, from the first to the last?",
    ),
    4: Exercise(
        right=2,
        because="kernel_size - 1 = 2 on each side: then every weight reaches every pixel.",
        slips={
            1: "with padding=1 the corners are read 4 times only.",
            0: "without padding the corners are read once.",
            4: "that is the total of both sides.",
        },
        hint="Along one axis every pixel is read by 3 windows. Where must the first one start?",
    ),
    5: Exercise(
        right=2,
        because="(224 + 4 - 5) // 2 + 1 = 223 // 2 + 1 = 112.",
        slips={
            1: "(224 + 2 - 5) // 2 + 1 = 111, one too few.",
            0: "(224 - 5) // 2 + 1 = 110.",
            4: "that is the total of both sides.",
            2.5: "k // 2 is 2: `//` rounds down.",
        },
        hint="Which padding keeps the size with a kernel of 5 at stride 1? Try it at stride 2.",
    ),
    6: Writing(
        right=reflected,
        cases=calls,
        because="the same as np.pad with mode 'reflect' for the chapter's row and 30 random ones.",
        slips={
            symmetric: "The outermost pixel is the mirror itself. It must not be repeated.",
            replicated: "That is mode 'replicate'. 'reflect' goes back into the row.",
            zeros: "That is mode 'zeros'.",
        },
        hint="On the left come row[padding], ..., row[2], row[1], in this order.",
        form=Exercise(
            right=(7, 6, 5, 6, 7, 8),
            because="row[1:3] is 6 7, and [::-1] reverses it: 7 6.",
            slips={
                (7, 6, 5, 5, 6, 7, 8): "row[1:3] begins at index 1, so 5 is not repeated.",
                (6, 7, 5, 6, 7, 8): "[::-1] reverses the slice.",
                (6, 5, 5, 6, 7, 8): "row[1:3] has the pixels at index 1 and 2, which are 6 and 7.",
                (7, 6, 5, 6, 7, 8, 7, 6): "nothing is added on the right.",
            },
            hint="First write down row[1:3].",
            question="On this page, read a function instead. What does the last line return?",
            code=LEFT_ONLY,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=5,
        because="a kernel of 11 takes away 10 pixels, 5 on each side.",
        slips={
            10: "that is the total. padding counts the pixels on each side.",
            5.5: "(11 - 1) / 2, not 11 / 2: a kernel of 1 takes nothing away.",
            11: "that would make the output larger by 12.",
            1: "that keeps the size with a kernel of 3.",
        },
        hint="How many pixels does the kernel take away? Divide by 2.",
    ),
    2: Exercise(
        right="b",
        because="6 and 7 come back as in a mirror, and the outermost pixel 5 is not repeated.",
        slips={
            "a": "then the new pixels would be 0.",
            "c": "then the new pixels would be 5 5 on the left and 7 7 on the right.",
            "d": "then 6 7 would come before 5, in this order.",
        },
        hint="Read the new pixels from the border outwards.",
    ),
}

check: Check = checker("padding", EXERCISES)
question: Check = checker("padding", QUESTIONS, name="question")
