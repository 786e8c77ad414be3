"""The checker of exercises: right answers found again by torch, wrong ones named."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convlib.exercises import judge, stride, window

CHAPTERS = {"01-window": window, "02-stride": stride}
ALL = [(name, number) for name, module in CHAPTERS.items() for number in module.EXERCISES]


def channels_in_the_message():
    with pytest.raises(RuntimeError) as caught:
        torch.nn.Conv2d(3, 64, 7)(torch.zeros(8, 32, 48, 3))
    return int(re.search(r"got (\d+) channels", str(caught.value))[1])


def changed_outputs():
    image = torch.arange(25.0).reshape(1, 1, 5, 5)
    changed = image.clone()
    changed[..., 3, :] = 999
    kernel = torch.ones(1, 1, 2, 2)
    return int((F.conv2d(image, kernel, stride=2) != F.conv2d(changed, kernel, stride=2)).sum())


def readers(size, kernel_size, step):
    """Count by torch's gradient how many windows read each pixel."""
    image = torch.zeros(1, 1, *size, requires_grad=True)
    F.conv2d(image, torch.ones(1, 1, kernel_size, kernel_size), stride=step).sum().backward()
    return image.grad[0, 0]


BY_TORCH = {
    ("01-window", 1): lambda: F.conv2d(*map(torch.tensor, (window.IMAGE, window.KERNEL)))[0, 1, 0],
    ("01-window", 2): lambda: tuple(torch.nn.Conv2d(3, 8, 5).weight.shape),
    ("01-window", 3): lambda: sum(p.numel() for p in torch.nn.Conv2d(3, 8, 5).parameters()),
    ("01-window", 4): channels_in_the_message,
    ("02-stride", 1): lambda: F.conv1d(torch.ones(1, 1, 10), torch.ones(1, 1, 3), stride=3).numel(),
    ("02-stride", 2): lambda: (readers((4, 12), 4, 3)[0] == 0).sum(),
    ("02-stride", 3): changed_outputs,
    ("02-stride", 4): lambda: readers((7, 7), 3, 2)[2, 2],
    ("02-stride", 5): lambda: torch.nn.Conv2d(1, 8, 3, stride=2)(torch.ones(1, 28, 28)).numel(),
}
LETTERS = {("01-window", 5): "b", ("01-window", 6): "c", ("02-stride", 6): "b"}


def test_every_exercise_is_judged_here():
    assert sorted([*BY_TORCH, *LETTERS]) == sorted(ALL)


@pytest.mark.parametrize("key", ALL, ids=str)
def test_the_right_answer_is_torchs(key):
    right = CHAPTERS[key[0]].EXERCISES[key[1]].right
    assert right == (BY_TORCH[key]() if key in BY_TORCH else LETTERS[key])


@pytest.mark.parametrize("key", ALL, ids=str)
def test_what_the_checker_says(key):
    exercise = CHAPTERS[key[0]].EXERCISES[key[1]]
    assert judge(exercise, exercise.right) == f"Right: {exercise.because}"
    assert len(exercise.slips) >= 2
    assert exercise.right not in exercise.slips
    for slip, sentence in exercise.slips.items():
        assert judge(exercise, slip) == f"Not {slip}: {sentence}"
    assert judge(exercise, -77) == f"Not -77. {exercise.hint}"
    assert "Replace None by your answer" in judge(exercise, None)


def test_lists_and_arrays_of_ints_are_answers_too():
    exercise = window.EXERCISES[2]
    assert judge(exercise, [8, 3, 5, 5]).startswith("Right")
    assert judge(exercise, np.array([8, 3, 5, 5])).startswith("Right")
    assert judge(stride.EXERCISES[1], np.int64(3)).startswith("Right")
    assert "third of a window" in judge(stride.EXERCISES[1], 3.333)
    assert judge(stride.EXERCISES[6], " B ").startswith("Right")


def test_check_prints_and_knows_its_numbers(capsys):
    stride.check(1, 4)
    assert "rounded up" in capsys.readouterr().out
    with pytest.raises(ValueError, match="number=9 must be one of 1, 2, 3, 4, 5, 6"):
        stride.check(9, 4)
