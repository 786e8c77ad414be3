"""Exercises of chapter ``window``."""

import numpy as np

from convlib.exercises import Check, Exercise, Task, checker
from convlib.functional import conv2d

IMAGE = np.array([[[1, 0, 2], [3, 1, 0], [0, 2, 4]]])
KERNEL = np.array([[[[1, -1], [2, 0]]]])
FLIPPED = KERNEL[..., ::-1, ::-1]

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=int(conv2d(IMAGE, KERNEL)[0, 1, 0]),
        because="the window is [[3, 1], [0, 2]], and 3*1 + 1*(-1) + 0*2 + 2*0 = 2.",
        slips={
            int(conv2d(IMAGE, FLIPPED)[0, 1, 0]): "that is the sum with the kernel turned by 180 "
            "degrees, as a mathematician's convolution has it. torch lays the kernel on as it is.",
            int(conv2d(IMAGE, KERNEL)[0, 0, 1]): "that is output[0, 1]. The row comes first: "
            "output[1, 0] is one step down and none to the right.",
        },
        hint="The window of output[1, 0] begins at row 1 and column 0 of the image.",
    ),
    2: Exercise(
        right=(8, 3, 5, 5),
        because="8 kernels, each with one 5 x 5 table per input channel.",
        slips={
            (
                3,
                8,
                5,
                5,
            ): "torch puts the kernels first, and each kernel makes one *output* channel.",
            (
                8,
                5,
                5,
            ): "a 5 x 5 table is not reused on all input channels: each kernel has one "
            "for each of them.",
            (
                8,
                1,
                5,
                5,
            ): "a 5 x 5 table is not reused on all input channels: each kernel has one "
            "for each of them.",
            (
                5,
                5,
                3,
                8,
            ): "that is TensorFlow's order. In torch it is (C_out, C_in, kH, kW).",
        },
        hint="The order is (C_out, C_in, kH, kW).",
    ),
    3: Exercise(
        right=8 * 3 * 5 * 5 + 8,
        because="8 * 3 * 5 * 5 = 600 weights and 8 biases, one for each kernel.",
        slips={
            8
            * 3
            * 5
            * 5: "those are the weights. nn.Conv2d has a bias for each kernel unless told "
            "otherwise.",
            8 * 5 * 5 + 8: "that would be one 5 x 5 table for each kernel, reused on all 3 input "
            "channels. A kernel has a table of its own for each channel.",
            8 * 3 * 5 * 5 + 8 * 3: "the 3 channels are summed before the bias comes: one bias for "
            "each kernel, not for each table.",
        },
        hint="Count the entries of weight, then those of bias.",
    ),
    4: Exercise(
        right=32,
        because="in a batch axis 1 is the channel axis. If the number of channels in a message is "
        "really the height of your image, then the channels are last: move them to axis 1.",
        slips={
            3: "that is what the array means to you. torch does not guess: it reads axis 1.",
            8: "that is axis 0, the batch.",
            48: "that is axis 2, which torch reads as the height.",
        },
        hint="torch reads the shape as (N, C, H, W).",
    ),
    5: Exercise(
        right="b",
        because="SciPy's convolve2d turns the kernel by 180 degrees, so turn it back beforehand.",
        slips={
            "a": "transposing mirrors the kernel at its diagonal. Convolution turns it by 180 "
            "degrees: both axes run backwards.",
            "c": "that is half of it. Convolution runs both axes backwards.",
            "d": "both are right. They are two operations: torch computes the cross-correlation, "
            "SciPy's convolve2d the convolution.",
        },
        hint="In one dimension: np.convolve runs the kernel 1, 10 backwards. And in two?",
    ),
    6: Exercise(
        right="c",
        because="turned by 180 degrees this kernel changes its sign, so the fault shows at once.",
        slips={
            "a": "ones turned by 180 degrees are ones: the fault hides.",
            "b": "this blur turned by 180 degrees is the same blur: the fault hides.",
            "d": "a shape does not know what was summed: the fault hides.",
        },
        hint="Turn each kernel by 180 degrees on paper. Which one changes?",
    ),
}

check: Check = checker("window", EXERCISES)
