"""Exercises of chapter ``05-groups``."""

import numpy as np

from convlib.exercises import Exercise, checker
from convlib.groups import channel_shuffle, connectivity

EXERCISES = {
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
            (8, 4, 3, 3): "that is one group. The weight holds the kernels of all of them.",
            (8, 16, 3, 3): "groups divides the channels that a kernel reads, not the kernels.",
            (4, 8, 4, 3, 3): "torch has no axis for the groups. They stand below one another.",
        },
        hint="(out_channels, in_channels / groups, kH, kW)",
    ),
    2: Exercise(
        right=tuple(np.flatnonzero(connectivity(10, 15, groups=5)[5]).tolist()),
        because="outputs 3, 4 and 5 make group 1, and group 1 reads inputs 2 and 3.",
        slips={
            (5,): "outputs and inputs are counted in blocks: 3 outputs and 2 inputs to a group.",
            (10, 11): "that is output * 2. Output 5 stands in group 5 // 3 = 1.",
            (1, 2): "group 1 begins at input 1 * 2.",
            (4, 5): "output 5 is the last of group 1, not the first of group 2: count from 0.",
        },
        hint="In which group is output 5? Each has 15 / 5 = 3 outputs and 10 / 5 = 2 inputs.",
    ),
    3: Exercise(
        right=64 * 8 * 9,
        because="64 kernels with 64 / 8 tables of 9 numbers: an eighth of the dense 36864.",
        slips={
            64 * 64 * 9: "that is the dense layer.",
            64 * 9: "that is groups=64: one table for each channel.",
            8 * 8 * 9: "that is one group. There are 8 of them.",
        },
        hint="The weight has the shape (64, 64 / 8, 3, 3).",
    ),
    4: Exercise(
        right=8,
        because="a weight with 4 tables a kernel, in 2 groups, reads 4 * 2 channels.",
        slips={
            4: "that is what the input has. The weight, as it is, wants groups times its own 4.",
            2: "groups multiplies the second axis of weight: 4 * 2.",
            16: "the number of kernels plays no part in what they read.",
        },
        hint="weight.shape[1] * groups",
    ),
    5: Exercise(
        right=int(channel_shuffle(np.arange(12).reshape(1, 12, 1), groups=3)[0, 1, 0]),
        because="the groups are 0-3, 4-7 and 8-11, and the first of each come first: 0, 4, 8.",
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

check = checker(EXERCISES)
