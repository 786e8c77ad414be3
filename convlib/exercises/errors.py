"""Exercises of chapter ``errors``."""

from convlib.exercises import Check, Exercise, Task, checker
from convlib.geometry import output_size, reach

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=(4, 3, 96, 128),
        because="the channels move from the end to position 1. Rows and columns keep their order.",
        slips={
            (4, 3, 128, 96): "height and width are swapped: the images lie on one side.",
            (3, 4, 96, 128): "the batch stays in front.",
            (4, 96, 128, 1): "the images have three channels. They are only in the wrong place.",
            (4, 96, 128, 3): "that is the shape in the message.",
        },
        hint="(N, H, W, C) is given, (N, C, H, W) is needed.",
    ),
    2: Exercise(
        right=next(d for d in range(1, 17) if reach(5, d) == 17),
        because='4 * (5 - 1) + 1 = 17. "Kernel size" is the reach.',
        slips={
            3: "that reaches over 3 * 4 + 1 = 13 pixels, which would fit.",
            17: "17 is the reach: dilation * (kernel_size - 1) + 1.",
            3.4: "not 17 / 5: 5 taps are 4 steps apart.",
            12: "17 - 5 = 12 is what the holes add, all of them together.",
        },
        hint="dilation * (5 - 1) + 1 = 17",
    ),
    3: Exercise(
        right=next(p for p in range(9) if 10 + 2 * p >= 17),
        because="10 + 2 * 4 = 18 is the first that 17 fits into. With 3 it is 16.",
        slips={
            3: "10 + 2 * 3 = 16, one short. The message would name (16 x 16).",
            7: "7 pixels are missing in total, and padding adds on each side.",
            2: "that is the padding of the message: 10 + 2 * 2 = 14.",
            5: "that runs, too, but a smaller one does.",
        },
        hint="Which is the smallest p with 10 + 2 * p >= 17?",
    ),
    4: Exercise(
        right=next(p for p in range(9) if 16 * output_size(36, 5, 2, p) ** 2 == 5184),
        because="5184 = 16 * 18 * 18, and (36 + 4 - 5) // 2 + 1 = 18.",
        slips={
            0: "that is the network of the message: 16 * 16 * 16 = 4096.",
            1: "(36 + 2 - 5) // 2 + 1 = 17, and 16 * 17 * 17 = 4624.",
            4: "that would be 2 in total, if padding were a total. It is on each side.",
            "same": "it keeps the size, so it is invalid with stride 2.",
        },
        hint="5184 / 16 = 324 = 18 * 18. Which padding gives 18 for 36?",
    ),
    5: Exercise(
        right="a",
        because="/ makes a float, and the layer puts it into the tuple (3.0, 3.0).",
        slips={
            "b": "6 is an int, and more padding than needed is no error.",
            "c": 'those are ints, too many of them: "expected padding to be a single integer ...".',
            "d": 'a string is checked when the layer is built: "Invalid padding string".',
        },
        hint="The message is about a type. Which of the four has a wrong type inside a tuple?",
    ),
    6: Exercise(
        right="d",
        because="the padding is read when the layer is called, and not before. So call every new "
        "network once with an image of zeros that has the shape of your images.",
        slips={
            "a": "it can: the string is spread into the tuple ('s', 'a', 'm', 'e').",
            "b": "the weights do not depend on the padding.",
            "c": "the padding is not saved with the weights.",
        },
        hint="When does a layer read its padding?",
    ),
    7: Exercise(
        right=(0, 2, 1),
        because="the batch keeps its place, and the features move to axis 1: (8, 13, 400).",
        slips={
            (0, 3, 1, 2): "that is for four axes. These recordings have three, 0 to 2.",
            (0, 2, 3, 1): "that is for four axes, and moves channels to the end.",
            (1, 2, 0): "13 is on axis 1, so there is no error. But 400 steps are the batch now.",
            (2, 1, 0): "the features are on axis 0, which is the batch.",
            (2, 0, 1): "the features are on axis 0, which is the batch.",
            (0, 1, 2): "that changes nothing.",
            (8, 13, 400): "that is the shape after it. permute takes the numbers of the axes.",
        },
        hint="Write down the number of each old axis, in the new order: batch, features, steps.",
    ),
    8: Exercise(
        right="b",
        because="no key has the right name, so all are unexpected, all are missing, and both are "
        "excused. Look at what load_state_dict returns.",
        slips={
            "a": 'a wrong shape is not excused: "size mismatch for 0.weight".',
            "c": "the bias of the checkpoint is excused, and the weight is loaded.",
            "d": 'a wrong shape is not excused: "size mismatch for 0.weight".',
        },
        hint="strict=False excuses wrong keys, not wrong shapes. Where are all keys wrong?",
    ),
}

check: Check = checker("errors", EXERCISES)
