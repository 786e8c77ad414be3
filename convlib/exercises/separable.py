"""Exercises of chapter ``separable``."""

from collections.abc import Iterator, Mapping

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Exercise, Task, Writing, checker
from convlib.functional import conv2d


def depthwise(image: Array, kernels: Array) -> Array:
    """Return what exercise 6 asks for: each channel convolved by itself."""
    output: Array = conv2d(image, kernels[:, np.newaxis], groups=len(image))
    return output


def mixed(image: Array, kernels: Array) -> Array:
    """Add the channels up."""
    output: Array = conv2d(image, kernels[np.newaxis])
    return output


def flat(image: Array, kernels: Array) -> Array:
    """Add the channels up, without an axis for them."""
    output: Array = mixed(image, kernels)[0]
    return output


def first_kernel(image: Array, kernels: Array) -> Array:
    """Use the kernel of channel 0 for all channels."""
    return depthwise(image, np.broadcast_to(kernels[:1], kernels.shape))


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `depthwise`: the chapter's example, then 30 random ones."""
    image = np.array([[[3, 1, 2], [0, 4, 1], [2, 0, 5]], [[0, 1, 0], [1, 0, 2], [0, 3, 1]]])
    yield {"image": image, "kernels": np.array([[[1, 2], [0, -1]], [[1, 0], [0, 1]]])}
    rng = np.random.default_rng(0)
    for _ in range(30):
        channels, *kernel_size = rng.integers(2, 5, 3)
        size = np.array(kernel_size) + rng.integers(0, 5, 2)
        yield {
            "image": rng.integers(-9, 10, (channels, *size)),
            "kernels": rng.integers(-9, 10, (channels, *kernel_size)),
        }


ONE_WINDOW = """\
def one_window(window, kernels):
    return (window * kernels).sum(axis=(1, 2))

one_window(np.array([[[1, 2]], [[3, 4]]]), np.array([[[1, 10]], [[100, 1]]]))"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right="a",
        because="each input channel has 2 kernels of its own, and no output reads two channels.",
        slips={
            "b": "depthwise-*separable* has a second step, 1 x 1, that mixes the channels. Here "
            "nothing is mixed.",
            "c": "pointwise is kernel_size=1 and reads all channels. This reads one.",
            "d": "a normal layer has groups=1.",
        },
        hint="How many input channels does one output channel read?",
    ),
    2: Exercise(
        right=32 * 9 + 64 * 32,
        because="32 * 9 = 288 depthwise, and 64 * 32 = 2048 pointwise.",
        slips={
            64 * 32 * 9: "that is the normal layer.",
            32 * 9: "that is the depthwise step alone.",
            64 * 32: "that is the pointwise step alone.",
            64 * 9 + 64 * 32: "the depthwise step has a kernel for each *input* channel: 32.",
        },
        hint="Two weights: (32, 1, 3, 3) and (64, 32, 1, 1).",
    ),
    3: Exercise(
        right=round(1 / (1 / 512 + 1 / 9), 1),
        because="1 / (1/512 + 1/9) = 8.84, and with more output channels it comes closer to 9.",
        slips={
            9: "that forgets the 1/512: the pointwise step is not the only cost.",
            512: "that forgets the 1/9.",
            0.1: "that is the quotient itself. The question is how many times fewer.",
        },
        hint="The quotient of the MACs is 1/512 + 1/9.",
    ),
    4: Exercise(
        right="c",
        because="two blocks are two groups, a diagonal is depthwise, and a full table is normal.",
        slips={
            "a": "in a normal layer every output reads every input: the table on the right.",
            "b": "a depthwise layer has ones on the diagonal only: the table in the middle.",
            "d": "the table in the middle has four ones. A normal layer has 16.",
        },
        hint="How many input channels does one output channel read in each table?",
    ),
    5: Exercise(
        right=72,
        because="1/C_out is at most 1/8 - 1/9 = 1/72.",
        slips={
            71: "1/71 + 1/9 is still a little more than 1/8.",
            9: "with 9 output channels the quotient is 1/9 + 1/9.",
            8: "1/8 + 1/9 is more than 1/8.",
            64: "1/64 + 1/9 is still more than 1/8.",
        },
        hint="1/C_out must be at most 1/8 - 1/9.",
    ),
    6: Writing(
        right=depthwise,
        cases=calls,
        because="the same numbers as conv2d with groups for the chapter's example and 30 random "
        "images.",
        slips={
            mixed: "Do not add the channels up: each one stays by itself.",
            flat: "Do not add the channels up: each one stays by itself.",
            first_kernel: "Each channel has a kernel of its own. You used the first one for all.",
        },
        hint="Slide kernels[c] over image[c] for each channel c, and stack the results.",
        form=Exercise(
            right=(21, 304),
            because="1*1 + 2*10 = 21 in channel 0, and 3*100 + 4*1 = 304 in channel 1.",
            slips={
                325: "axis=(1, 2) leaves the channels apart: two numbers come out.",
                (304, 21): "channel 0 comes first.",
                (301, 24): "multiply each number by the weight at the same place.",
            },
            hint="Multiply entry by entry. Then add up each channel by itself.",
            question="On this page, read a function instead. What does the last line return?",
            code=ONE_WINDOW,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=43,
        because="10*4 + 1*3.",
        slips={
            7: "that is 4 + 3, with weights of 1. The pointwise weights are 10 and 1.",
            34: "the weight 10 belongs to channel 0, which gives 4.",
            70: "each channel has its own weight: 10 for the 4 and 1 for the 3.",
        },
        hint="Multiply each channel by its weight, then add.",
    ),
}

check: Check = checker("separable", EXERCISES)
question: Check = checker("separable", QUESTIONS, name="question")
