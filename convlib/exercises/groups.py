"""Exercises of chapter ``groups``."""

import numpy as np

from convlib.exercises import Check, Exercise, Task, checker
from convlib.groups import channel_shuffle, connectivity

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=(32, 4, 3, 3),
        because="32 kernels, and each reads 16 / 4 channels.",
        slips={
            (
                32,
                16,
                3,
                3,
            ): "that is the dense weight. A kernel reads the channels of its group only.",
            (8, 4, 3, 3): "that is one group. The weight contains the kernels of all of them.",
            (8, 16, 3, 3): "groups divides the channels that a kernel reads, not the kernels.",
            (
                4,
                8,
                4,
                3,
                3,
            ): "torch has no axis for the groups. They are below one another, along axis 0.",
        },
        hint="(out_channels, in_channels / groups, kH, kW)",
    ),
    2: Exercise(
        right=tuple(np.flatnonzero(connectivity(12, 20, groups=4)[9]).tolist()),
        because="outputs 5 to 9 make group 1, and group 1 reads inputs 3, 4 and 5.",
        slips={
            (9,): "outputs and inputs are counted in blocks: 5 outputs and 3 inputs to a group.",
            (6, 7, 8): "output 9 is the last of group 1, not the first of group 2: count from 0.",
            (1, 2, 3): "group 1 begins at input 1 * 3.",
            (5, 6, 7, 8, 9): "those are the outputs of the group. The question is what they read.",
        },
        hint="In which group is output 9? Each has 20 / 4 = 5 outputs and 12 / 4 = 3 inputs.",
    ),
    3: Exercise(
        right=48 * 8 * 25,
        because="48 kernels with 32 / 4 tables of 25 numbers: a quarter of the dense 38400.",
        slips={
            48 * 32 * 25: "that is the dense layer.",
            48 * 25: "that is one table for each kernel, as if groups were 32.",
            12 * 8 * 25: "that is one group. There are 4 of them.",
            48 * 8 * 5: "a table of a 5 x 5 kernel has 25 numbers.",
        },
        hint="The weight has the shape (48, 32 / 4, 5, 5).",
    ),
    4: Exercise(
        right=18,
        because="a weight with 6 tables a kernel, in 3 groups, reads 6 * 3 channels.",
        slips={
            6: "that is what the input has. The weight, as it is, wants groups times its own 6.",
            2: "then the weight would have been divided: (12, 2, 3, 3). It was not.",
            12: "the number of kernels plays no part in what they read.",
        },
        hint="weight.shape[1] * groups",
    ),
    5: Exercise(
        right=int(channel_shuffle(np.arange(12).reshape(1, 12, 1), groups=3)[0, 1, 0]),
        because="groups 0-3, 4-7 and 8-11: the first channel of each comes first, 0, 4, 8.",
        slips={
            1: "then nothing would have been dealt out: 1 is in the same group as 0.",
            3: "that deals in steps of 3. The groups have 12 / 3 = 4 channels each.",
            8: "that is position 2.",
        },
        hint="Write the groups below one another, and read down the columns.",
    ),
    6: Exercise(
        right="c",
        because="128 / 32 = 4 groups have 8 times the weights of 32 groups. Only counting them "
        "tells.",
        slips={
            "a": "the shape does not depend on groups: the fault hides.",
            "b": "16 / 4 = 4: here the two are the same number.",
            "d": "a network learns with the wrong number of groups, too.",
        },
        hint="What changes with groups, and for which numbers is channels / groups another number?",
    ),
}

check: Check = checker("groups", EXERCISES)
