"""Exercises of chapter ``networks``."""

from convlib.exercises import Check, Design, Exercise, Limit, Task, checker
from convlib.networks import Conv2d, summary

IMAGE = (3, 64, 64)
NETWORK = [  # whose MACs exercise 4 halves
    Conv2d(3, 32, 3, stride=2, padding=1),
    *(Conv2d(32, 32, 3, padding=1) for _ in range(7)),
]
GIVEN = summary(NETWORK, IMAGE)


def measured(layers: object) -> object:
    """Return what exercise 4 asks of a network: enough channels, field, and few MACs."""
    try:
        total = summary(layers, IMAGE)
    except (ValueError, TypeError):
        return "rejected"
    wide = len(total.output) == 3 and total.output[0] >= GIVEN.output[0]
    sees = min(total.receptive_field) >= min(GIVEN.receptive_field)
    return wide, sees, 2 * total.macs <= GIVEN.macs


DILATIONS = Exercise(
    right=Limit(
        coefficients=(4, 4, 4),
        constant=3,
        at_least=31,
        below="with these dilations an output sees {} pixels.",
        example=(1, 2, 4),
    ),
    because="3 + 4 * (d1 + d2 + d3) is 31 or more. The MACs do not depend on the dilation.",
    slips={
        (2, 2, 2): "3 + 4 * 6 = 27. One step more in any of the layers is enough.",
        (1, 1, 1): "without dilation the three layers add 4 pixels each: 3 + 12 = 15.",
    },
    hint="The first layer sees 3 pixels; a layer of dilation d behind it adds 2 * 2 * d.",
    question="Begin with `Conv2d(3, 32, 3, stride=2, padding=1)`, and let three layers "
    "`Conv2d(32, 32, 3, padding=d, dilation=d)` follow, each with a d of its own. These four take "
    "less than half of the MACs. With which three dilations do they see 31 pixels or more?",
    example="(1, 1, 2)",
)

EXERCISES: dict[int, Task] = {
    1: Exercise(
        right=15,
        because="3, 7, 15: the second layer adds 2 * 2 pixels, the third 2 * 4.",
        slips={
            7: "that is three 3 x 3 layers at stride 1.",
            27: "fields do not multiply: each layer *adds* (k - 1) times the stride before it.",
            29: "a layer's own stride counts only for the layers behind it.",
        },
        hint="Each layer adds (k - 1) times the product of the strides before it.",
    ),
    2: Exercise(
        right=56,
        because="three 3 x 3 see at a stride that is half as large: 2 * (4 + 8 + 16) = 56 pixels.",
        slips={
            0: "the field does change: the 3 x 3 then reads at the finer stride.",
            28: "a 3 x 3 adds (3 - 1) times the stride before it.",
            112: "only one block of each stage has the stride.",
        },
        hint="In three blocks the 3 x 3 reads a map of half the effective stride.",
    ),
    3: Exercise(
        right="dw13",
        because="at stride 2 the maps would be 4 x 4, but the next row of the table says 7 x 7.",
        slips={
            "dw12": "14 x 14 becomes 7 x 7 there, as printed.",
            "pw13": "its input of 7 x 7 is right. Which layer before it has a stride of 2?",
            "conv0": "224 x 224 becomes 112 x 112, as printed.",
        },
        hint="Follow the sizes: where is a stride of 2, and the size stays?",
    ),
    4: Design(
        measure=measured,
        right=(True, True, True),
        because="32 channels, a field of 31 or more, at most half of the MACs.",
        slips={
            (True, True, False): "more than half of the MACs yet.",
            (True, False, True): "cheap enough, but its field is below 31. Dilation is free.",
            (True, False, False): "its field is below 31, and its MACs are above half.",
            (False, True, True): "32 channels have to come out, on a map.",
            (False, False, True): "32 channels have to come out, on a map, and a field of 31.",
            "rejected": "`summary` raises an error for these layers and an image of 3 x 64 x 64.",
        },
        hint="Print `summary(layers, (3, 64, 64))`.",
        form=DILATIONS,
    ),
    5: Exercise(
        right=3070,
        because="each block adds 1023 samples to the one that sees itself: 1 + 3 * 1023.",
        slips={
            3072: "blocks overlap by a sample: each adds 1023, not 1024.",
            1024: "that is one block.",
            1024**3: "fields add up, they do not multiply.",
        },
        hint="1 + the sum of (k - 1) * dilation, over 30 layers.",
    ),
}

check: Check = checker("networks", EXERCISES)
