"""Exercises of chapter ``groups``."""

from collections.abc import Iterator, Mapping

import numpy as np

from convlib.arguments import Array
from convlib.exercises import Check, Exercise, Task, Writing, checker
from convlib.groups import connectivity


def reads(output_channel: int, in_channels: int, out_channels: int, groups: int) -> Array:
    """Return what exercise 6 asks for: the input channels that an output channel reads."""
    row = connectivity(in_channels, out_channels, groups)[output_channel]
    return np.flatnonzero(row)


def all_channels(output_channel: int, in_channels: int, out_channels: int, groups: int) -> Array:
    """Ignore the groups."""
    return np.arange(in_channels)


def input_blocks(output_channel: int, in_channels: int, out_channels: int, groups: int) -> Array:
    """Find the group by the number of input channels, not of output channels."""
    inputs = in_channels // groups
    group = min(output_channel // inputs, groups - 1)
    return np.arange(group * inputs, (group + 1) * inputs)


def calls() -> Iterator[Mapping[str, object]]:
    """Yield arguments of `reads`: the chapter's example, then 40 random ones."""
    for channel in (0, 3, 14):
        yield {"output_channel": channel, "in_channels": 10, "out_channels": 15, "groups": 5}
    rng = np.random.default_rng(0)
    for _ in range(40):
        groups, inputs, outputs = rng.integers(1, 6, 3).tolist()
        yield {
            "output_channel": int(rng.integers(groups * outputs)),
            "in_channels": groups * inputs,
            "out_channels": groups * outputs,
            "groups": groups,
        }


PAIR = """\
def pair(output_channel):
    group = output_channel // 3
    return 2 * group, 2 * group + 1

pair(7)"""

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=(32, 4, 3, 3),
        because="32 kernels, and each reads 16 / 4 channels.",
        slips={
            (32, 16, 3, 3): "that is the weight without groups. A kernel reads the channels of its "
            "group only.",
            (8, 4, 3, 3): "that is one group. The weight contains the kernels of all of them.",
            (8, 16, 3, 3): "groups divides the channels that a kernel reads, not the kernels.",
            (4, 8, 4, 3, 3): "torch has no axis for the groups. Their kernels follow one another "
            "along axis 0.",
        },
        hint="(out_channels, in_channels / groups, kH, kW)",
    ),
    2: Exercise(
        right=tuple(np.flatnonzero(connectivity(12, 20, groups=4)[9]).tolist()),
        because="outputs 5 to 9 are group 1, and group 1 reads inputs 3, 4 and 5.",
        slips={
            (9,): "outputs and inputs come in blocks: 5 outputs and 3 inputs in each group.",
            (6, 7, 8): "output 9 is the last of group 1, not the first of group 2: count from 0.",
            (1, 2, 3): "group 1 begins at input 1 * 3.",
            (5, 6, 7, 8, 9): "those are the outputs of the group. The question is what they read.",
        },
        hint="In which group is output 9? Each group has 20 / 4 = 5 outputs and 12 / 4 = 3 inputs.",
    ),
    3: Exercise(
        right=3,
        because="there are three blocks, each with 2 input and 3 output channels.",
        slips={
            2: "that is the number of input channels in a block.",
            6: "that is the number of input channels.",
            9: "that is the number of output channels.",
        },
        hint="How many separate blocks of ones are there?",
    ),
    4: Exercise(
        right=18,
        because="a weight with 6 tables for each kernel, in 3 groups, reads 6 * 3 channels.",
        slips={
            6: "that is what the input has. torch multiplies the 6 of the weight by groups.",
            2: "then the weight would have been divided: (12, 2, 3, 3). It was not.",
            12: "the number of kernels has no influence on what they read.",
        },
        hint="weight.shape[1] * groups",
    ),
    5: Exercise(
        right=8,
        because="128 * 64 / 8 * 9 = 9216. With 4 groups it would be 18432.",
        slips={
            4: "128 * 64 / 4 * 9 = 18432 is still too many.",
            16: "16 groups are cheaper than necessary: 8 are enough.",
            7: "128 * 64 / 7 * 9 would be few enough to come close, but 7 does not divide 64.",
            64: "64 groups are cheaper than necessary.",
        },
        hint="The layer has 128 * 64 * 9 = 73728 weights without groups. groups must divide 64.",
    ),
    6: Writing(
        right=reads,
        cases=calls,
        because="the same as the table `connectivity` for the chapter's example and 40 random "
        "layers.",
        slips={
            all_channels: "A channel reads the channels of its own group only.",
            input_blocks: "Find the group of an output channel with out_channels // groups.",
        },
        hint="The group is output_channel // (out_channels // groups). It reads in_channels // "
        "groups channels.",
        form=Exercise(
            right=(4, 5),
            because="7 // 3 is 2, and group 2 reads channels 4 and 5.",
            slips={
                (14, 15): "the group is 7 // 3 = 2, not 7.",
                (2, 3): "7 // 3 is 2, so the group is 2, not 1.",
                (6, 7): "7 // 3 rounds down to 2.",
            },
            hint="First compute 7 // 3.",
            question="On this page, read a function instead. What does the last line return?",
            code=PAIR,
        ),
    ),
}

QUESTIONS: dict[int, Task] = {
    1: Exercise(
        right=403,
        because="1*3 + 100*4.",
        slips={
            201: "that is output 1, which reads channels 0 and 1. Output 3 is in the second group.",
            43: "that is output 2, with the weights 1 and 10.",
            304: "the weight 1 belongs to channel 2 and the weight 100 to channel 3.",
        },
        hint="It reads channels 2 and 3, which contain 3 and 4.",
    ),
}

check: Check = checker("groups", EXERCISES)
question: Check = checker("groups", QUESTIONS, name="question")
