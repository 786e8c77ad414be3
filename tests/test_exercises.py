"""The exercises: right answers computed by torch, wrong ones with their feedback."""

import base64
import itertools
import json
import re
import warnings
from fractions import Fraction
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from processes import printed_by

from convlib import exercises
from convlib.exercises import (
    Exercise,
    Limit,
    Writing,
    columns,
    dilation,
    errors,
    gradients,
    groups,
    networks,
    padding,
    separable,
    stride,
    tiles,
    transposed,
    window,
)
from convlib.exercises.checking import encode
from convlib.networks import Conv2d as Describe
from convlib.networks import summary

CHAPTERS = {
    "window": window,
    "stride": stride,
    "padding": padding,
    "dilation": dilation,
    "groups": groups,
    "separable": separable,
    "networks": networks,
    "tiles": tiles,
    "transposed": transposed,
    "gradients": gradients,
    "columns": columns,
    "errors": errors,
}
ALL = [(name, number) for name, module in CHAPTERS.items() for number in module.EXERCISES]
# What a page asks: a number, a tuple, a letter, a word, an array.
FORMS = {key: CHAPTERS[key[0]].EXERCISES[key[1]].form for key in ALL}
QUESTIONS = {
    (name, number): question
    for name, module in CHAPTERS.items()
    for number, question in getattr(module, "QUESTIONS", {}).items()
}
FORMS |= {(f"question in {name}", number): task for (name, number), task in QUESTIONS.items()}
WRITING = [key for key in ALL if isinstance(CHAPTERS[key[0]].EXERCISES[key[1]], Writing)]


def number_in_message(pattern, input, weight, **arguments):
    """Return a number that torch's error message contains."""
    with pytest.raises(RuntimeError) as caught:
        F.conv2d(torch.zeros(input), torch.zeros(weight), **arguments)
    return int(re.search(pattern, str(caught.value))[1])


def changed_outputs():
    image = torch.arange(25.0).reshape(1, 1, 5, 5)
    changed = image.clone()
    changed[..., 3, :] = 999
    kernel = torch.ones(1, 1, 2, 2)
    return int((F.conv2d(image, kernel, stride=2) != F.conv2d(changed, kernel, stride=2)).sum())


def count_readers(size, kernel_size, step, frame=0):
    """Count by torch's gradient how many windows read each pixel."""
    image = torch.zeros(1, 1, *size, requires_grad=True)
    ones = torch.ones(1, 1, kernel_size, kernel_size)
    F.conv2d(image, ones, stride=step, padding=frame).sum().backward()
    return image.grad[0, 0]


def size_keeping_padding(kernel_size, step=1):
    """Find the padding that keeps a size, by trying."""
    image, kernel = torch.zeros(1, 1, 99), torch.zeros(1, 1, kernel_size)
    sizes = {p: F.conv1d(image, kernel, padding=p, dilation=step).shape[-1] for p in range(9)}
    (keeps,) = (p for p, size in sizes.items() if size == 99)
    return keeps


def columns_on_the_left():
    """Return by how many pixels 'same' shifts a row when a kernel of 6 copies its first tap."""
    with warnings.catch_warnings(action="ignore"):
        row = F.conv1d(torch.ones(1, 1, 9), torch.eye(6)[None, :1], padding="same")
    return int((row == 0).sum())


def tensorflow_above():
    """Add rows, the odd one below, until 112 windows fit."""
    rows = 224
    while F.conv1d(torch.zeros(1, 1, rows), torch.zeros(1, 1, 7), stride=2).shape[-1] < 112:
        rows += 1
    return (rows - 224) // 2


def smallest_accepted_size(kernel_size, step):
    """Return the smallest size of a row that torch accepts."""
    size = 1
    while True:
        try:
            F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel_size), dilation=step)
        except RuntimeError:
            size += 1
        else:
            return size


def samples_seen():
    sound = torch.zeros(1, 1, 4000, requires_grad=True)
    signal = sound
    for step in [1, 2, 4, 8, 16] * 4:
        signal = F.conv1d(signal, torch.ones(1, 1, 2) / 2, dilation=step)
    signal[0, 0, 0].backward()
    return torch.count_nonzero(sound.grad)


def step_with_one_hole():
    """Find the dilation under which one pixel lies between two taps, by torch's gradient."""
    holes = {}
    for step in range(1, 9):
        row = torch.zeros(1, 1, 20, requires_grad=True)
        F.conv1d(row, torch.ones(1, 1, 2), dilation=step)[0, 0, 0].backward()
        first, second = torch.nonzero(row.grad.ravel()).ravel().tolist()
        holes[second - first - 1] = step
    return holes[1]


def inputs_of_output_9():
    pixel = torch.zeros(1, 12, 1, 1, requires_grad=True)
    F.conv2d(pixel, torch.ones(20, 3, 1, 1), groups=4)[0, 9].sum().backward()
    return tuple(torch.nonzero(pixel.grad.ravel()).ravel().tolist())


def weights(*layers):
    return sum(layer.weight.numel() for layer in layers)


def input_gradient_of_ones():
    """Return the input gradient of the kernel of the exercise for ones, by autograd."""
    image = torch.zeros(1, 1, 4, 4, requires_grad=True)
    F.conv2d(image, torch.tensor([[[[2.0, 0], [1, 4]]]])).sum().backward()
    return image.grad[0, 0]


def terms_of_a_weight():
    """Count by autograd on ones how many products are summed in one entry of the gradient."""
    layer = torch.nn.Conv2d(3, 8, 3, padding=1)
    images = F.pad(torch.ones(16, 3, 32, 32), (1, 1, 1, 1), value=1)
    F.conv2d(images, layer.weight).sum().backward()
    return layer.weight.grad[0, 0, 0, 0]


def output_padding_for_32():
    """Find the output_padding that gives 32 back, by trying."""
    image, kernel = torch.zeros(1, 1, 8), torch.zeros(1, 1, 3)
    sizes = [
        F.conv_transpose1d(image, kernel, stride=4, padding=1, output_padding=n).shape[-1]
        for n in range(4)
    ]
    return sizes.index(32)


def fold_of_unfold(at, size, kernel_size, stride=1):
    image = torch.ones(1, 1, size, size)
    table = F.unfold(image, kernel_size, stride=stride)
    return F.fold(table, size, kernel_size, stride=stride)[0, 0, *at]


def gradient_of_pixel_18():
    image = torch.arange(25.0).view(1, 1, 5, 5).requires_grad_()
    output = F.conv2d(image, torch.tensor([[[[1.0, 2], [3, 4]]]]), stride=2)
    output.backward(torch.tensor([[[[1.0, 10], [100, 1000]]]]))
    return image.grad[0, 0, 3, 3]


def kernel_of_the_sums():
    """Return the kernel under which the input gets the gradients of the picture, by autograd."""
    kernel = ((5, 1), (2, 3))
    image = torch.zeros(1, 1, 3, 3, requires_grad=True)
    F.conv2d(image, torch.tensor([[kernel]]).float()).sum().backward()
    return kernel if image.grad[0, 0].tolist() == [[5, 6, 1], [7, 11, 4], [2, 5, 3]] else None


def right_bars(weight, bias):
    """Count the horizontal and the vertical bars that two layers of torch get right."""
    bars = torch.eye(4)[:, None, :, None].expand(4, 1, 4, 4)
    edges = torch.tensor([[[[1.0, 1], [-1, -1]]], [[[-1, -1], [1, 1]]]])
    second = torch.full((1, 2, 3, 3), weight), torch.tensor([bias])
    scores = [F.conv2d(F.relu(F.conv2d(each, edges)), *second) for each in (bars, bars.mT)]
    return int((scores[0] < 0).sum()), int((scores[1] > 0).sum())


def gradient_of_a_kernel(image, grad_output, kernel_size, stride):
    kernel = torch.zeros(1, 1, kernel_size, kernel_size, dtype=torch.double, requires_grad=True)
    output = F.conv2d(torch.tensor(image, dtype=torch.double)[None, None], kernel, stride=stride)
    output.backward(torch.tensor(grad_output, dtype=torch.double)[None, None])
    return kernel.grad[0, 0]


def products(size, weight_size, **arguments):
    """Count products: with an image and kernels of ones, the sum of the output."""
    return F.conv2d(torch.ones(size), torch.ones(weight_size), **arguments).sum()


def settings_of_the_columns():
    """Find the (stride, dilation) that gives the table of the picture."""
    rows = [[0, 1, 5, 6], [3, 4, 8, 9], [15, 16, 20, 21], [18, 19, 23, 24]]
    image = torch.arange(25.0).view(1, 1, 5, 5)
    (found,) = (
        (step, apart)
        for step, apart in itertools.product(range(1, 5), repeat=2)
        if F.unfold(image, 2, stride=step, dilation=apart)[0].tolist() == rows
    )
    return found


def rows_of_a_tile():
    """Return for how many rows of the output the columns fit into 4,000,000 bytes."""
    tables = (F.unfold(torch.ones(1, 64, rows + 2, 226), 3) for rows in itertools.count(1))
    return next(n for n, table in enumerate(tables) if table.nbytes > 4_000_000)


def unfolded(image, kernel_size):
    return F.unfold(torch.tensor(image)[None, None].float(), kernel_size)[0]


def channels_first():
    """Move the last axis to where torch accepts the images."""
    images = torch.zeros(4, 96, 128, 3).movedim(-1, 1)
    F.conv2d(images, torch.zeros(16, 3, 5, 5))
    return tuple(images.shape)


def dilation_of_reach(reach):
    """Return the dilation with which torch's message contains a reach."""
    small, kernel = (1, 1, 3, 3), (1, 1, 5, 5)
    named = r"Kernel size: \((\d+) x"
    return next(
        d for d in range(1, 9) if number_in_message(named, small, kernel, dilation=d) == reach
    )


def smallest_accepted_number(call):
    """Return the smallest number with which torch accepts a call."""
    number = 0
    while True:
        try:
            call(number)
        except RuntimeError:
            number += 1
        else:
            return number


def through_the_linear_layer(padding):
    layers = Conv2d(1, 16, 5, stride=2, padding=padding), torch.nn.Linear(5184, 10)
    layers[1](layers[0](torch.zeros(8, 1, 36, 36)).flatten(1))


def features_to_axis_1():
    """Return the order of axes with which each recording gives an output."""
    recordings, layer = torch.zeros(8, 400, 13), torch.nn.Conv1d(13, 32, 5)
    (order,) = (
        order
        for order in itertools.permutations(range(3))
        if recordings.permute(order).shape[1] == 13 and len(layer(recordings.permute(order))) == 8
    )
    return order


def excused_though_nothing_is_loaded():
    """Return the case in which ``strict=False`` raises nothing and changes no parameter."""
    saved = torch.nn.Sequential(Conv2d(3, 16, 3)).state_dict()
    cases = {
        "a": (Conv2d(1, 16, 3), saved),
        "b": (Conv2d(3, 16, 3), {f"module.{key}": value for key, value in saved.items()}),
        "c": (Conv2d(3, 16, 3, bias=False), saved),
        "d": (Conv2d(3, 32, 3), saved),
    }
    found = []
    for letter, (layer, state) in cases.items():
        before = layer.weight.detach().clone()
        try:
            torch.nn.Sequential(layer).load_state_dict(state, strict=False)
        except RuntimeError:
            continue
        found += [letter] if torch.equal(layer.weight, before) else []
    (letter,) = found
    return letter


Conv2d = torch.nn.Conv2d
SOBEL = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def span_of_the_gradient(windows):
    """Return the receptive field of a number in the middle, by torch's gradient."""
    stack = torch.nn.Sequential(*(torch.nn.Conv1d(1, 1, *each) for each in windows)).double()
    for parameter in stack.parameters():
        torch.nn.init.constant_(parameter, 0.5)
    row = torch.zeros(1, 1, 4096, dtype=torch.double, requires_grad=True)
    numbers = stack(row)[0, 0]
    numbers[len(numbers) // 2].backward()
    seen = row.grad[0, 0].nonzero()
    return int(seen[-1] - seen[0] + 1)


VGG_16 = [
    each for count in (2, 2, 3, 3, 3) for each in [*[(3, 1, 1)] * count, (2, 2)]
]  # kernel, stride and padding


def ways_to(*places):
    """Count the ways from each of 13 pixels to outputs of the three layers of ``networks``."""
    row = torch.zeros(1, 1, 13, requires_grad=True)
    numbers, ones = row, torch.ones(1, 1, 3)
    for step in (1, 2, 1):
        numbers = F.conv1d(numbers, ones, stride=step)
    numbers[0, 0, list(places)].sum().backward()
    return row.grad[0, 0]


def stride_between(reads):
    """Find the stride with which a kernel of 2 reads these of 8 numbers."""
    for step in range(1, 5):
        row = torch.zeros(1, 1, 8, requires_grad=True)
        numbers = F.conv1d(row, torch.ones(1, 1, 2), stride=step)[0, 0]
        seen = [torch.autograd.grad(each, row, retain_graph=True)[0] for each in numbers]
        if [torch.nonzero(each.ravel()).ravel().tolist() for each in seen] == reads:
            return step
    return None


HALVED = [Describe(3, 32, 3, stride=2, padding=1)]
HALVED += [Describe(32, 32, 3, padding=d, dilation=d) for d in (1, 2, 4)]


def compare_in_torch(layers):
    """Build layers in torch, and compare channels, field and MACs with the exercise's network."""

    def built(described):
        names = ["in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation"]
        return torch.nn.Sequential(
            *(Conv2d(*(getattr(each, name) for name in names)) for each in described)
        )

    def macs(model):
        image, total = torch.zeros(1, 3, 64, 64), 0
        for layer in model:
            image = layer(image)
            total += layer.weight.numel() * image[0, 0].numel()
        return total

    def field(described):
        return span_of_the_gradient(
            [(d.kernel_size[0], d.stride[0], d.padding[0], d.dilation[0]) for d in described]
        )

    mine, reference = built(layers), built(networks.NETWORK)
    wide = mine(torch.zeros(1, 3, 64, 64)).shape[1] >= 32
    sees = field(layers) >= field(networks.NETWORK)
    return wide, sees, 2 * macs(mine) <= macs(reference)


def by_torch(function, image, kernel, **arguments):
    """Call a function of torch with arrays."""
    return function(torch.tensor(image), torch.tensor(kernel), **arguments)


def strided(image, kernel, stride):
    return by_torch(F.conv2d, image[None], kernel[None, None], stride=stride)[0]


def channel_sums(image, kernel):
    return by_torch(F.conv2d, image, kernel[None])[0]


def scattered(image, kernel, stride):
    return by_torch(F.conv_transpose2d, image[None], kernel[None, None], stride=stride)[0]


def each_channel(image, kernels):
    return by_torch(F.conv2d, image, kernels[:, None], groups=len(image))


def mirrored(row, padding):
    return F.pad(torch.tensor(row)[None].float(), (padding, padding), "reflect")[0]


def field_of_layers(layers):
    """Return what output 0 of a stack sees, by torch's gradient."""
    signal = row = torch.zeros(1, 1, 2048, dtype=torch.double, requires_grad=True)
    for kernel_size, step in layers:
        signal = F.conv1d(signal, torch.ones(1, 1, kernel_size).double(), stride=step)
    signal[0, 0, 0].backward()
    return torch.nonzero(row.grad[0, 0])[-1, 0] + 1


def field_of_stack(dilations, kernel_size):
    return torch.tensor(span_of_the_gradient([(kernel_size, 1, 0, d) for d in dilations]))


def channels_with_a_gradient(output_channel, in_channels, out_channels, groups):
    pixel = torch.zeros(in_channels, 1, requires_grad=True)
    layer = torch.nn.Conv1d(in_channels, out_channels, 1, groups=groups)
    layer(pixel)[output_channel].sum().backward()
    return torch.nonzero(pixel.grad.ravel()).ravel()


def where_torch_agrees(module, right, reference):
    """Return the right function of an exercise if torch gives its result in every call."""
    agree = [reference(**case).tolist() == right(**case).tolist() for case in module.calls()]
    return right if all(agree) else None


def stride_of(counts):
    """Find the stride with which a kernel of 3 reads pixels of a row so many times."""
    size = len(counts), len(counts)
    return next(s for s in range(1, 5) if count_readers(size, 3, s)[0].tolist() == counts)


def layer_that_reads_once():
    """Find the (kernel_size, stride) with 16 outputs from 64 pixels, each of them read once."""
    image, found = torch.zeros(1, 1, 64, 64), []
    for size, step in itertools.product(range(1, 17), repeat=2):
        outputs = F.conv2d(image, torch.ones(1, 1, size, size), stride=step).shape[-1]
        once = (count_readers((64, 64), size, step) == 1).all()
        found += [(size, step)] if outputs == 16 and once else []
    (layer,) = found
    return layer


def transposed_coverage(kernel_size, step, padding, size):
    """Count by torch how many copies of a kernel lie on each output of a row."""
    ones = torch.ones(1, 1, kernel_size)
    return F.conv_transpose1d(torch.ones(1, 1, size), ones, stride=step, padding=padding)[0, 0]


def transposed_layer_of(counts):
    """Find the (kernel_size, stride) that makes these counts of a row of 4."""
    settings = itertools.product(range(1, 12), repeat=2)
    found = [s for s in settings if transposed_coverage(*s, 0, 4).tolist() == counts]
    (layer,) = found
    return layer


def layer_from_8_to_32():
    """Find the (kernel_size, stride, padding) with which two copies lie on all inner outputs."""
    found = []
    for kernel_size, step in itertools.product(range(1, 20), range(1, 9)):
        counts = transposed_coverage(kernel_size, step, 0, 8)
        inner = counts[kernel_size - 1 : len(counts) - kernel_size + 1]
        removed = len(counts) - 32
        even = len(inner) and (inner == 2).all()
        found += [(kernel_size, step, removed // 2)] if even and removed in range(0, 16, 2) else []
    (layer,) = found
    return layer


def weights_of_a_difference():
    """Return the derivatives of right minus left."""
    pair = torch.zeros(2, requires_grad=True)
    (pair[1] - pair[0]).backward()
    return tuple(map(int, pair.grad))


def smoothed(row, layers=1):
    """Apply layers with the weights 1, 2, 1 and padding 1 to a row."""
    for _ in range(layers):
        row = F.conv1d(torch.tensor(row)[None].long(), torch.tensor([[[1, 2, 1]]]), padding=1)[0]
        row = row.tolist()
    return row


def wrong_outputs(layers, halo):
    """Count the outputs that differ if a row of 64 pixels is cut in the middle."""
    row = list(range(1, 65))
    left, right = row[: 32 + halo], row[32 - halo :]
    joined = smoothed(left, layers)[:32] + smoothed(right, layers)[halo:]
    return sum(a != b for a, b in zip(joined, smoothed(row, layers), strict=True))


def halo_without_errors(layers):
    return next(halo for halo in range(32) if wrong_outputs(layers, halo) == 0)


def layers_with_wrong_outputs(count):
    return next(layers for layers in range(1, 32) if wrong_outputs(layers, 0) == count)


def pixels_of_a_gradient(outputs, step, padding, size):
    """Return the pixels (begin, end) that outputs of one layer with that field depend on."""
    row = torch.ones(1, 1, 1000, requires_grad=True)
    result = F.conv1d(row, torch.ones(1, 1, size), stride=step, padding=padding)
    result[0, 0, outputs].sum().backward()
    pixels = row.grad[0, 0].nonzero().flatten()
    return pixels.min().item(), pixels.max().item() + 1


def piece_of_a_gradient(first, stop, size, step, start, pixels):
    row = torch.ones(1, 1, pixels + size, requires_grad=True)  # no window is cut off at the end
    padded = F.pad(row, (-start, 0))
    result = F.conv1d(padded, torch.ones(1, 1, size), stride=step)
    result[0, 0, first:stop].sum().backward()
    read = row.grad[0, 0].nonzero().flatten()
    begin = read.min().item() if len(read) else 0
    return torch.tensor([begin - begin % step, min(read.max().item() + 1, pixels)])


def dilation_that_leaves(reads):
    """Find the dilation of a second layer with which an output reads these pixels."""
    for step in range(1, 9):
        row = torch.zeros(1, 1, 40, requires_grad=True)
        ones = torch.ones(1, 1, 3)
        F.conv1d(F.conv1d(row, ones), ones, dilation=step)[0, 0, 0].backward()
        if torch.nonzero(row.grad.ravel()).ravel().tolist() == reads:
            return step
    return None


def fewest_layers(pixels):
    """Find the fewest layers with a kernel of 3 that see so many pixels without a hole."""
    for layers in range(1, 5):
        choices = itertools.product(range(1, 28), repeat=layers)
        for dilations in choices if layers < 4 else [(1, 3, 9, 27)]:
            seen = {0}
            for step in dilations:
                seen = {pixel + tap * step for pixel in seen for tap in range(3)}
            if len(seen) == max(seen) + 1 >= pixels:
                return layers
    return None


def groups_of(table):
    """Find the groups with which torch's outputs (rows) depend on its inputs (columns)."""
    out_channels, in_channels = table.shape
    for number in (1, 3):
        layer = torch.nn.Conv1d(in_channels, out_channels, 1, groups=number)
        jacobian = torch.autograd.functional.jacobian(layer, torch.zeros(in_channels, 1))
        if np.array_equal(jacobian[:, 0, :, 0] != 0, table):
            return number
    return None


BY_TORCH = {
    ("window", 1): lambda: F.conv2d(*map(torch.tensor, (window.IMAGE, window.KERNEL)))[0, 1, 0],
    ("window", 2): lambda: tuple(torch.nn.Conv2d(3, 8, 5).weight.shape),
    ("window", 4): lambda: number_in_message(r"got (\d+) chan", (8, 32, 48, 3), (64, 3, 7, 7)),
    ("window", 5): weights_of_a_difference,
    ("window", 6): lambda: where_torch_agrees(window, window.slide_channels, channel_sums),
    ("stride", 1): lambda: F.conv1d(torch.ones(1, 1, 10), torch.ones(1, 1, 3), stride=3).numel(),
    ("stride", 2): lambda: stride_of([1, 1, 2, 1, 2, 1, 2, 1, 1]),
    ("stride", 3): changed_outputs,
    ("stride", 4): layer_that_reads_once,
    ("stride", 5): lambda: Conv2d(1, 8, 3, stride=2)(torch.ones(1, 28, 28)).numel(),
    ("stride", 6): lambda: where_torch_agrees(stride, stride.slide, strided),
    ("padding", 1): lambda: Conv2d(1, 1, 5, padding=2)(torch.ones(1, 28, 28)).shape[-1],
    ("padding", 2): columns_on_the_left,
    ("padding", 3): tensorflow_above,
    ("padding", 4): lambda: next(
        p for p in range(5) if (count_readers((5, 5), 3, 1, frame=p) == 9).all()
    ),
    ("padding", 5): lambda: next(
        p for p in range(5) if Conv2d(1, 1, 5, 2, p)(torch.ones(1, 224, 224)).shape[-1] == 112
    ),
    ("padding", 6): lambda: where_torch_agrees(padding, padding.reflected, mirrored),
    ("dilation", 1): lambda: smallest_accepted_size(5, 3),
    ("dilation", 2): lambda: size_keeping_padding(5, 3),
    ("dilation", 3): samples_seen,
    ("dilation", 4): lambda: dilation_that_leaves([0, 1, 2, 4, 5, 6, 8, 9, 10]),
    ("dilation", 5): lambda: fewest_layers(60),
    ("dilation", 6): lambda: where_torch_agrees(dilation, dilation.receptive_field, field_of_stack),
    ("groups", 1): lambda: tuple(Conv2d(16, 32, 3, groups=4).weight.shape),
    ("groups", 2): inputs_of_output_9,
    ("groups", 3): lambda: groups_of(np.kron(np.eye(3), np.ones((3, 2)))),
    ("groups", 4): lambda: number_in_message(
        r"to have (\d+) channels", (1, 6, 8, 8), (12, 6, 3, 3), groups=3
    ),
    ("groups", 5): lambda: next(
        g for g in (1, 2, 4, 8, 16, 32, 64) if weights(Conv2d(64, 128, 3, groups=g)) < 10_000
    ),
    ("groups", 6): lambda: where_torch_agrees(groups, groups.reads, channels_with_a_gradient),
    ("separable", 2): lambda: weights(Conv2d(32, 32, 3, groups=32), Conv2d(32, 64, 1)),
    ("separable", 3): lambda: round(
        weights(Conv2d(64, 512, 3)) / weights(Conv2d(64, 64, 3, groups=64), Conv2d(64, 512, 1)), 1
    ),
    ("separable", 5): lambda: next(
        n
        for n in range(1, 99)
        if 8 * weights(Conv2d(4, 4, 3, groups=4), Conv2d(4, n, 1)) <= weights(Conv2d(4, n, 3))
    ),
    ("separable", 6): lambda: where_torch_agrees(separable, separable.depthwise, each_channel),
    ("networks", 1): lambda: span_of_the_gradient([(3, 2)] * 3),
    ("networks", 2): lambda: stride_between([[0, 1], [3, 4], [6, 7]]),
    ("networks", 4): lambda: compare_in_torch(HALVED),
    ("networks", 5): lambda: span_of_the_gradient([*VGG_16, (7, 1)]),
    ("networks", 6): lambda: where_torch_agrees(networks, networks.stack_field, field_of_layers),
    ("tiles", 1): lambda: halo_without_errors(5),
    ("tiles", 2): lambda: pixels_of_a_gradient([10], 8, 11, 27)[0] // 8 * 8,
    ("tiles", 3): lambda: layers_with_wrong_outputs(6),
    ("tiles", 5): lambda: next(n for n in range(1, 999) if (n + 64) ** 2 <= 2 * n**2),
    ("tiles", 6): lambda: where_torch_agrees(tiles, tiles.piece_of, piece_of_a_gradient),
    ("transposed", 1): lambda: F.conv_transpose1d(
        torch.tensor([[[2, 5]]]), torch.tensor([[[1, 3, 2]]]), stride=2
    )[0, 0, 2],
    ("transposed", 2): lambda: transposed_layer_of([1, 1, 2, 2, 3, 2, 3, 2, 2, 1, 1]),
    ("transposed", 3): lambda: torch.nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)(
        torch.ones(1, 64, 7, 7)
    ).shape[2],
    ("transposed", 4): output_padding_for_32,
    ("transposed", 5): layer_from_8_to_32,
    ("transposed", 6): lambda: where_torch_agrees(transposed, transposed.scatter, scattered),
    ("gradients", 1): lambda: input_gradient_of_ones()[1, 0],
    ("gradients", 2): terms_of_a_weight,
    ("gradients", 3): kernel_of_the_sums,
    ("gradients", 4): lambda: right_bars(-1.0, 5.0),
    ("gradients", 6): lambda: where_torch_agrees(
        gradients, gradients.sum_of_windows, gradient_of_a_kernel
    ),
    ("columns", 1): lambda: tuple(F.unfold(torch.ones(1, 2, 7, 7), 3, stride=2).shape[1:]),
    ("columns", 2): settings_of_the_columns,
    ("columns", 3): lambda: fold_of_unfold((2, 2), 7, 3, stride=2) * 10,
    ("columns", 4): lambda: (
        products((1, 32, 9, 9), (32, 8, 5, 5), groups=4)
        / F.unfold(torch.ones(1, 32, 9, 9), 5).numel()
    ),
    ("columns", 5): rows_of_a_tile,
    ("columns", 6): lambda: where_torch_agrees(columns, columns.table, unfolded),
    ("errors", 1): channels_first,
    ("errors", 2): lambda: dilation_of_reach(17),
    ("errors", 3): lambda: smallest_accepted_number(
        lambda padding: Conv2d(1, 1, 5, dilation=4, padding=padding)(torch.zeros(1, 10, 10))
    ),
    ("errors", 4): lambda: smallest_accepted_number(through_the_linear_layer),
    ("errors", 7): features_to_axis_1,
    ("errors", 8): excused_though_nothing_is_loaded,
}
LETTERS = {
    ("window", 3): "c",
    ("separable", 1): "a",
    ("separable", 4): "c",
    ("networks", 3): "dw13",
    ("tiles", 4): "c",
    ("gradients", 5): "b",
    ("errors", 5): "a",
    ("errors", 6): "d",
}


def test_every_chapter_with_exercises_is_tested():
    modules = {path.stem for path in Path(exercises.__file__).parent.glob("[a-z]*.py")}
    modules -= {"answers", "checking", "tasks"}
    assert set(CHAPTERS) == modules


def test_every_exercise_is_tested():
    assert sorted([*BY_TORCH, *LETTERS]) == sorted(ALL)


@pytest.mark.parametrize("key", ALL, ids=str)
def test_the_right_answer_is_torchs(key):
    right = CHAPTERS[key[0]].EXERCISES[key[1]].right
    assert right == (BY_TORCH[key]() if key in BY_TORCH else LETTERS[key])


def test_the_right_answers_of_questions_in_the_text_are_torchs():
    pixels, ones = torch.arange(25.0)[None, None].view(1, 1, 5, 5), torch.ones(1, 1, 2, 2)
    kernel = torch.tensor([[[[1.0, 2], [3, 4]]]])
    image = torch.tensor([[[3.0, 1, 2], [0, 4, 1], [2, 0, 5]]])
    mixed = torch.tensor([1, 10, 1, 100, 1, 10, 1, 100]).view(4, 2, 1, 1)
    row = torch.tensor([[5.0, 6, 7]])
    right = {
        ("window", 1): F.conv2d(image, torch.tensor([[[[1.0, 2], [0, -1]]]]))[0, 1, 0],
        ("window", 2): "b",
        ("stride", 1): F.conv2d(pixels, ones, stride=2)[0, 0, 1, 1],
        ("padding", 1): size_keeping_padding(11),
        ("padding", 2): "b",
        ("networks", 1): ways_to(0, 1).count_nonzero(),
        ("networks", 2): ways_to(0)[4],
        ("dilation", 1): F.conv2d(pixels, kernel, dilation=2)[0, 0, 2, 2],
        ("groups", 1): F.conv2d(torch.tensor([1, 2, 3, 4]).view(4, 1, 1), mixed, groups=2)[3],
        ("separable", 1): 10 * 4 + 1 * 3,
        ("tiles", 1): smoothed([3, 1, 4, 1, 5, 9])[5],
        ("tiles", 2): pixels_of_a_gradient([7], 2, 4, 9)[1] - 1,
        ("transposed", 1): F.conv_transpose2d(
            torch.tensor([[[1, 10], [100, 1000]]]), kernel.long()
        )[0, 1, 1],
        ("columns", 1): F.unfold(image[None], 2, padding=1).shape[-1],
        ("gradients", 1): gradient_of_pixel_18(),
    }
    assert F.pad(row, (2, 2), "reflect").tolist() == [[7, 6, 5, 6, 7, 6, 5]]
    assert right == {key: question.right for key, question in QUESTIONS.items()}


@pytest.mark.parametrize("key", WRITING, ids=str)
def test_the_code_on_the_page_gives_the_right_answer(key):
    form = FORMS[key]
    definition, _, call = form.code.rpartition("\n\n")
    names = {"np": np, "sliding_window_view": np.lib.stride_tricks.sliding_window_view}
    exec(definition, names)
    result = eval(call, names)
    assert np.array_equal(result, np.array(form.right))


@pytest.mark.parametrize("dilations", list(itertools.product(range(1, 5), repeat=3)))
def test_a_rule_accepts_the_dilations_whose_network_is_right(dilations):
    layers = [Describe(3, 32, 3, stride=2, padding=1)]
    layers += [Describe(32, 32, 3, padding=d, dilation=d) for d in dilations]
    field = summary(layers, networks.IMAGE).receptive_field[0]
    task = networks.EXERCISES[4]
    assert task.feedback(layers).startswith("Right: ") == (field >= 31)
    said = task.feedback(dilations)
    assert said.startswith("Right, ") == (field >= 31)
    assert field >= 31 or f"= {field}." in said or f"an output sees {field} pixels" in said


@pytest.mark.parametrize("key", FORMS, ids=str)
def test_the_feedback_on_right_and_wrong_answers(key):
    exercise = FORMS[key]
    assert exercise.feedback(exercise.answer) == f"Right, {exercise.spelled}: {exercise.because}"
    assert len(exercise.slips) >= 2
    assert exercise.right not in exercise.slips
    for slip, sentence in exercise.slips.items():
        text = slip[0] if isinstance(slip, tuple) and len(slip) == 1 else slip
        text = int(text) if isinstance(text, float) and text.is_integer() else text
        text = np.array(text).tolist() if exercise.kind == "array" else text
        assert exercise.feedback(slip) == f"Not {text}: {sentence}"
        assert exercise.feedback(f" {slip}. ") == f"Not {slip}: {sentence}"
    assert "Replace None by your answer" in exercise.feedback(None)


@pytest.mark.parametrize("key", FORMS, ids=str)
def test_an_answer_that_has_no_name_gets_the_hint(key):
    exercise = FORMS[key]
    unnamed = {"text": "conv9", "array": ((-77, 0), (0, 0))}.get(exercise.kind, -77)
    said = exercise.feedback(unnamed)
    if exercise.kind == "choice" or isinstance(exercise.right, Limit):
        assert said == f"This answer, of type int, cannot be read. Give {exercise.expected}."
    else:
        assert said.startswith("Not ")
        assert said.endswith(f". {exercise.hint}")


@pytest.mark.parametrize("key", FORMS, ids=str)
def test_the_example_shows_the_form_and_not_the_answer(key):
    exercise = FORMS[key]
    form, _, example = exercise.expected.partition(", for example ")
    if exercise.kind == "choice":
        assert form == f"one of the letters {', '.join(exercise.words)}"
        assert exercise.words == list("abcd")
    else:
        assert exercise.feedback(example).startswith("Not ")


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (HALVED, "Right: 32 channels"),
        (networks.NETWORK, "more than half of the MACs yet"),
        (HALVED[:3], "its field is below 31"),
        (networks.NETWORK[:5], "its field is below 31, and"),
        ([*HALVED, Describe(32, 8, 1)], "32 channels have to come out, on a map."),
        (HALVED[1:], "`summary` raises an error"),
        ([17], "Give 3 whole numbers from 1"),
        (Mock, "`summary` raises an error"),
        ("(1, 2, 4)", "Right, (1, 2, 4): 3 + 4"),
        ((2, 2, 2), "Not (2, 2, 2): 3 + 4 * 6 = 27"),
        ((3, 2, 1), "Not (3, 2, 1): with these dilations an output sees 27 pixels."),
        ((0, 5, 5), "cannot be read. Give 3 whole numbers from 1, for example (1, 1, 2)."),
        ((1, 2, 3.5), "cannot be read"),
        ("three layers", "cannot be read"),
    ],
)
def test_a_network_is_compared_by_what_the_exercise_asks_for(layers, words):
    assert words in networks.EXERCISES[4].feedback(layers)


@pytest.mark.parametrize("bias", range(-2, 8))
@pytest.mark.parametrize("weight", [-3, -1, -0.5, 0, 1])
def test_a_second_layer_is_measured_on_the_eight_bars(weight, bias):
    found = right_bars(float(weight), float(bias))
    said = gradients.EXERCISES[4].feedback({"w2": np.full((1, 2, 3, 3), weight), "b2": bias})
    assert said.startswith("Right: ") == (found == (4, 4))
    assert found == (4, 4) or f": {found[0]} of 4 horizontal bars and {found[1]} of 4" in said


@pytest.mark.parametrize(
    "answer", [[None, 1], 3j, Mock, {"w2": np.ones((1, 3, 3, 3)), "b2": 0}, {}]
)
def test_an_answer_that_is_no_second_layer_cannot_be_read(answer):
    said = gradients.EXERCISES[4].feedback(answer)
    assert said.startswith("This answer, of type ")
    assert "cannot be read. " in said


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (gradients.dense, "That is the result with stride 1."),
        (gradients.unweighted, "Each window is multiplied by the gradient of its output."),
        (gradients.last, "Is there a = where += is needed?"),
        (lambda *_: np.zeros((2, 2)), "result[0, 0] is 0, not 13020. Add up"),
        (gradients.sum_of_windows, "Right: the same numbers as conv2d_weight"),
    ],
)
def test_a_gradient_of_a_kernel_is_tried_and_the_mistake_named(function, words):
    assert words in gradients.EXERCISES[6].feedback(function)


def loops(image, kernel, stride):
    """Answer the exercise as a reader would."""
    (H, W), (kH, kW) = image.shape, kernel.shape
    rows, columns = range(0, H - kH + 1, stride), range(0, W - kW + 1, stride)
    return [[(image[r : r + kH, c : c + kW] * kernel).sum() for c in columns] for r in rows]


def changes_its_input(image, kernel, stride):
    image *= 0
    return np.zeros((2, 2))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (loops, "Right: the same numbers as conv2d"),
        (stride.slide, "Right: the same numbers as conv2d"),
        (lambda *args: torch.tensor(loops(*args)), "Right: the same numbers as conv2d"),
        (
            stride.dense,
            "Not yet. With image of shape (5, 5), kernel of shape (2, 2), stride=2: its "
            "result has the shape (4, 4), not (2, 2). That is the result with stride 1.",
        ),
        (stride.turned, "its result[0, 0] is 19, not 41. Your kernel is turned by 180 degrees."),
        (stride.divided_twice, "the shape (1, 1), not (2, 2). Do your loops end at the number"),
        (changes_its_input, "stride=2: its result[0, 0] is 0, not 12. Output (i, j) is"),
        (lambda image, kernel, stride: loops(image, kernel, 2), "stride="),
        (lambda image, kernel: 0, "it raises TypeError: "),
        (lambda *args: None, "it returns None, as a function without `return` does. Output"),
        (lambda *args: 1 / 0, "it raises ZeroDivisionError: division by zero. Output (i, j)"),
        (lambda *args: "a", "it returns a str, not an array of numbers. Output"),
        (torch.nn.Conv2d, "it raises ValueError: The truth value"),
        ([[6, 8], [16, 18]], "Right, [[6, 8], [16, 18]]: the windows"),
        (np.array([[12, 20], [52, 60]]), "those are the sums of the windows"),
        ("[[6, 7], [11, 12]]", "Not [[6, 7], [11, 12]]: the slice keeps"),
        ((6, 8, 16, 18), "Not [6, 8, 16, 18]. The first window is"),
        (None, "Replace None by your answer"),
    ],
)
def test_a_function_is_tried_and_the_first_wrong_result_named(function, words):
    task = stride.EXERCISES[6]
    assert words in task.feedback(function)
    assert task.feedback(stride.slide) == f"Right: {task.because}"


def test_a_function_is_tried_on_shapes_of_every_sort():
    calls = list(stride.calls())
    assert len(calls) == 42
    assert {call["stride"] for call in calls} == {1, 2, 3, 4}
    shapes = {(call["image"].shape, call["kernel"].shape) for call in calls}
    assert len(shapes) > 35
    assert any(height != width for (height, width), _ in shapes)
    assert any(height != width for _, (height, width) in shapes)
    turned = [not np.array_equal(call["kernel"], call["kernel"][::-1, ::-1]) for call in calls]
    assert sum(turned) > 35
    assert str(calls) == str(list(stride.calls()))


def test_lists_and_arrays_of_ints_are_answers_too():
    exercise = window.EXERCISES[2]
    assert exercise.feedback([8, 3, 5, 5]).startswith("Right")
    assert exercise.feedback(np.array([8, 3, 5, 5])).startswith("Right")
    assert stride.EXERCISES[1].feedback(np.int64(3)).startswith("Right")
    assert "third of a window" in stride.EXERCISES[1].feedback(3.333)
    assert "third of a window" in stride.EXERCISES[1].feedback("10 / 3")
    assert window.QUESTIONS[2].feedback(" B ").startswith("Right")


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        *[(stride.EXERCISES[1], three) for three in ("3", " 3. ", [3], (3,), "(3,)", "[3]", 3.0)],
        *[(stride.EXERCISES[1], text) for text in ("tensor(3)", "np.int64(3)", "12/4", "+3", "03")],
        *[(stride.EXERCISES[1], text) for text in ("\uff13", "3e0", "\u00a03", "`3`", "[[3.0]]")],
        *[(stride.EXERCISES[1], kind(3)) for kind in (np.int64, np.float32, np.array, Fraction)],
        *[(stride.EXERCISES[1], torch.tensor(data)) for data in (3, [3], [[3.0]])],
        (stride.EXERCISES[1], torch.tensor(3.0, requires_grad=True)),
        (stride.EXERCISES[1], 3 + 1e-12),
        *[(stride.EXERCISES[5], text) for text in ("1,352", "1 352", "1_352", "1352.0")],
        *[(window.QUESTIONS[2], letter) for letter in ("b", "B", "(b)", "b)", "b.", "'b'", ["b"])],
        (window.QUESTIONS[2], np.array(["b"])),
        *[(groups.EXERCISES[1], text) for text in ("(32, 4, 3, 3)", "[32, 4, 3, 3]", "32,4,3,3")],
        *[
            (groups.EXERCISES[1], text)
            for text in ("32x4x3x3", "32 \u00d7 4 \u00d7 3 \u00d7 3", "[32 4 3 3]")
        ],
        (groups.EXERCISES[1], "torch.Size([32, 4, 3, 3])"),
        (groups.EXERCISES[1], torch.Size((32, 4, 3, 3))),
        (groups.EXERCISES[1], torch.nn.Conv2d(16, 32, 3, groups=4).weight.shape),
        (groups.EXERCISES[1], [torch.tensor(32), np.int8(4), "3", 3.0]),
        *[(separable.EXERCISES[3], ratio) for ratio in (8.8, 8.84, 1 / (1 / 512 + 1 / 9), "8.8")],
        (networks.EXERCISES[3], "DW13"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_right_answer_is_right_in_every_form(exercise, answer):
    assert exercise.feedback(answer) == f"Right, {exercise.spelled}: {exercise.because}"


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        *[(stride.EXERCISES[1], number) for number in (3.04, 2.96, "3.04", 3.001, -3, [3, 3])],
        *[(stride.EXERCISES[1], number) for number in (float("nan"), float("inf"), 10**5000)],
        *[(stride.EXERCISES[1], text) for text in ("3, 3", "3 1", "-3", "1e999", "()")],
        *[(separable.EXERCISES[3], ratio) for ratio in (8.9, 8.7, 8.96, 10**400, "8.74")],
        (padding.EXERCISES[5], 9.04),
        *[(groups.EXERCISES[1], shape) for shape in ((32, 4, 3), (32, 4, 3, 3, 1), "32")],
        (Exercise(3_000_000, "", {}, ""), 3_000_001),
        (Exercise((1, 352), "", {}, "Two numbers."), 1352),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_wrong_answer_is_wrong_however_near(exercise, answer):
    assert exercise.feedback(answer).startswith("Not ")
    assert exercise.feedback(answer).endswith(exercise.hint)


@pytest.mark.parametrize(
    ("answer", "sort"),
    [
        *[(text, "") for text in ("", "three", "3 windows", "b", "None", "19\u00b2", "1/0", "(3")],
        *[(text, "") for text in ("9" * 201, "(" * 5000, "\0", "\ud800", "3j", "0b3", "True")],
        (True, ", of type bool,"),
        (np.True_, ", of type bool,"),
        (3j, ", of type complex,"),
        ([None], ", of type list,"),
        (["b"], ", of type list,"),
        (torch.ones(2, device="meta"), ", of type Tensor,"),
    ],
)
def test_what_cannot_be_read_is_not_called_wrong(answer, sort):
    sort = sort if not isinstance(answer, np.bool_) else f", of type {type(answer).__name__},"
    sentence = f"This answer{sort} cannot be read. Give a number, for example 12."
    assert stride.EXERCISES[1].feedback(answer) == sentence


def test_a_word_can_be_a_wrong_answer_to_a_question_for_a_number():
    assert "invalid with stride 2" in errors.EXERCISES[4].feedback("'Same'")


class Hostile:
    """Raises in every method."""

    def _fail(self, *args):
        raise RuntimeError(args)

    __getattribute__ = __eq__ = __repr__ = _fail
    __hash__ = None


ITSELF = [3]
ITSELF.append(ITSELF)
OBJECTS = [
    torch.ones(3, 3),
    torch.ones(2, device="meta"),
    torch.ones(2).to_sparse(),
    torch.ones(1000, 1000),
    torch.nn.Conv2d(1, 1, 1),
    torch.nn.Conv2d,
    np.ndarray,
    np.zeros((200, 200)),
    np.array(["a", None], dtype=object),
    np.datetime64("2026-01-01"),
    np.complex64(3),
    float("nan"),
    3j,
    10**5000,
    Fraction(10**400),
    b"b",
    "",
    "(" * 5000,
    "9" * 5000,
    "\0",
    "\ud800",
    "1or 2",
    "None",
    [],
    [None],
    {3},
    {"b": 3},
    iter([3]),
    range(10**12),
    print,
    ...,
    ITSELF,
    Hostile(),
    [Hostile()],
    Mock(),
]


@pytest.mark.parametrize("number", range(len(OBJECTS)))
def test_any_object_gets_a_sentence(number, capsys):
    for name, exercise in ALL:
        CHAPTERS[name].check(exercise, OBJECTS[number])
    lines = capsys.readouterr().out.splitlines()
    lines = [line for line in lines if line.startswith(("Not ", "This answer"))]  # print prints
    assert len(lines) == len(ALL)
    assert max(map(len, lines)) < 500


def test_without_a_notebook_an_exercise_asks_for_an_answer(capsys):
    for check in (stride.check, stride.question):
        check(1)
        check(1, None)
    assert capsys.readouterr().out == 4 * "Replace None by your answer, then run.\n"


def test_check_prints_and_rejects_unknown_numbers(capsys):
    stride.check(1, 4)
    assert "rounded up" in capsys.readouterr().out
    stride.check(np.int64(1), 4)
    assert "rounded up" in capsys.readouterr().out
    for number, text in ((9, "9"), ("1", "'1'"), ([1], r"\[1\]"), (1.0, "1.0")):
        with pytest.raises(ValueError, match=f"number={text} must be one of 1, 2, 3, 4, 5, 6"):
            stride.check(number, 4)


# In a notebook.

LOOK = """
from convlib.exercises.stride import check, question
"""


def outputs(*cells):
    """Run cells in a kernel; return the outputs of the last one."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in (LOOK, *cells)])
    return NotebookClient(notebook).execute().cells[-1].outputs


def test_in_a_notebook_an_exercise_is_a_form_with_a_sentence():
    for source in ("check(2, None)", "check(2)", "check(np.int64(2))"):
        (output,) = outputs("import numpy as np", source)
        assert output.output_type == "display_data"
        assert output.data["text/plain"] == "Replace None by your answer, then run."
        html = output.data["text/html"]
        data = encode(stride.EXERCISES[2])
        assert html == (
            '<exercise-form chapter="stride" name="check" number="2" total="6" kind="number" '
            f'data="{data}"><p>Replace None by your answer, then run.</p></exercise-form>'
        )


def test_in_a_notebook_an_answer_gets_a_sentence():
    (output,) = outputs("check(2, 3)")
    assert output.output_type == "stream"
    assert output.text.startswith("Not 3: at stride 3 every pixel")
    (output,) = outputs("question(1, 60)")
    assert output.text == "Right, 60: 12 + 13 + 17 + 18.\n"


def test_a_question_is_named_as_such():
    (output,) = outputs("question(1, None)")
    assert 'name="question" number="1" total="1" kind="number"' in output.data["text/html"]


@pytest.mark.parametrize("key", FORMS, ids=str)
def test_a_form_contains_the_exercise_encoded(key):
    exercise = FORMS[key]
    data = json.loads(base64.b64decode(encode(exercise)))
    sentences = [slip["sentence"] for slip in data["slips"]]
    assert sentences == list(exercise.slips.values())
    assert (data["because"], data["hint"]) == (exercise.because, exercise.hint)
    known = [data["right"], *data["slips"]]
    for (answer, within), plain in zip(
        known_answers(known), [exercise.answer, *exercise.slips], strict=True
    ):
        assert exercise.feedback(answer) == exercise.feedback(plain)
        fraction = any(
            number % 1 for number in np.ravel(plain).tolist() if not isinstance(number, str)
        )
        assert within == pytest.approx(0.05 if fraction else 1e-6)
    assert ("limit" in data) == isinstance(exercise.right, Limit)
    assert ("shape" in data) == (exercise.kind == "array")


def known_answers(known):
    return [(each["answer"], each["within"]) for each in known]


def test_the_exercises_import_numpy_only():
    code = (
        "import sys, numpy; before = set(sys.modules); import convlib.exercises.stride as s; "
        "s.check(1, None); new = {n.split('.')[0] for n in set(sys.modules) - before}; "
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    assert printed_by(code).splitlines() == ["Replace None by your answer, then run.", "convlib"]


def test_the_same_exercise_gives_the_same_bytes_in_every_process():
    code = (
        "from convlib.exercises import stride, networks\n"
        "from convlib.exercises.checking import encode\n"
        "print([encode(m.EXERCISES[n].form) for m in (stride, networks) for n in m.EXERCISES])"
    )
    runs = [printed_by(code) for _ in range(2)]
    assert runs[0] == runs[1]
