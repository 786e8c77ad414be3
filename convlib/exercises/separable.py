"""Exercises of chapter ``separable``."""

from convlib.exercises import Check, Exercise, Task, checker

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right="a",
        because="each input channel has 2 kernels of its own, and no output reads two channels.",
        slips={
            "b": "depthwise-*separable* has a second step, 1 x 1, that mixes the channels. Here "
            "nothing is mixed.",
            "c": "pointwise is kernel_size=1 and reads all channels. This reads one.",
            "d": "dense is groups=1.",
        },
        hint="How many input channels does one output channel read?",
    ),
    2: Exercise(
        right=32 * 9 + 64 * 32,
        because="32 * 9 = 288 depthwise, and 64 * 32 = 2048 pointwise.",
        slips={
            64 * 32 * 9: "that is the dense layer.",
            32 * 9: "that is the depthwise step alone.",
            64 * 32: "that is the pointwise step alone.",
            64 * 9 + 64 * 32: "the depthwise step has a kernel for each *input* channel: 32.",
        },
        hint="Two weights: (32, 1, 3, 3) and (64, 32, 1, 1).",
    ),
    3: Exercise(
        right=round(1 / (1 / 512 + 1 / 9), 1),
        because="1 / (1/512 + 1/9) = 8.84, and with more output channels it nears 9.",
        slips={
            9: "that forgets the 1/512: the depthwise step costs something too.",
            512: "that forgets the 1/9: the pointwise step costs much more than the depthwise.",
            0.1: "that is the ratio itself. The question is its inverse.",
        },
        hint="The ratio of the MACs is 1/512 + 1/9.",
    ),
    4: Exercise(
        right=2,
        because="the two kernels are not multiples of each other: the table has rank 2.",
        slips={
            1: "with one kernel for the channel, both outputs would be multiples of one map.",
            9: "as many kernels as taps always suffice. How many are needed here?",
            3: "the rank of the table of 2 rows is at most 2.",
        },
        hint="Each output is a sum of multiples of the depthwise maps. How many maps does it take?",
    ),
    5: Exercise(
        right="c",
        because="48 is among them. A fault that sits on a few numbers is found by trying many.",
        slips={
            "a": "none of these is 48 or 96.",
            "b": "none of these is 48 or 96.",
            "d": "the gradient had the right shape and the wrong numbers.",
        },
        hint="Which of the lists contains 48 or 96, and compares values?",
    ),
}

check: Check = checker("separable", EXERCISES)
