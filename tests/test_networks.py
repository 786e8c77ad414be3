"""Networks compared with torch: shapes, parameters, MACs, and receptive fields by gradient."""

import collections
import csv
import inspect
import io
import itertools
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import convlib
from convlib import arguments, networks
from convlib.networks import (
    GELU,
    GLU,
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm2d,
    Branch,
    ChannelShuffle,
    ConstantPad1d,
    Conv1d,
    Conv2d,
    ConvTranspose2d,
    ConvTranspose3d,
    DepthwiseSeparableConv2d,
    Dropout,
    Field,
    Flatten,
    GroupNorm,
    Identity,
    LayerError,
    LayerNorm,
    LeakyReLU,
    Linear,
    MaxPool2d,
    PixelShuffle,
    PixelUnshuffle,
    PReLU,
    ReflectionPad2d,
    ReLU,
    Softmax,
    Tanh,
    Unflatten,
    Upsample,
    ZeroPad2d,
    macs,
    parallel,
    read,
    receptive_field,
    summary,
    through_layer,
)
from convlib.networks.parsing import KNOWN, LAYERS

PLAIN = [name for name in networks.elementwise.__all__ if name != "Threshold"]
ROOM = {"Dropout1d": (2, 3), "Dropout3d": (2, 2, 3, 4)}  # shapes that a layer needs
TEXTS = [
    ("Conv2d(3, 8, 3)", (3, 9, 7)),
    ("Conv2d(4, 8, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 3), groups=2)", (4, 9, 11)),
    ("Conv2d(4, 4, 4, padding='same', dilation=2, groups=4, bias=False)", (4, 6, 6)),
    ("Conv2d(2, 3, 3, padding=2, padding_mode='reflect')", (2, 5, 5)),
    ("Conv2d(2, 3, 3, padding='valid', stride=2, padding_mode='circular')", (2, 5, 5)),
    ("Conv1d(2, 6, 3, stride=2, padding=1, dilation=2)", (2, 17)),
    ("Conv3d(2, 4, (1, 2, 3), padding=(0, 1, 1), groups=2)", (2, 4, 5, 6)),
    ("ConvTranspose1d(4, 6, 4, stride=3, padding=1, output_padding=2, groups=2)", (4, 5)),
    ("ConvTranspose2d(3, 2, (2, 3), 2, (0, 1), (1, 0), 1, False, (1, 2))", (3, 4, 3)),
    ("ConvTranspose3d(2, 4, 2, stride=(1, 2, 3))", (2, 3, 2, 2)),
    ("MaxPool2d(3, 2, 1)", (3, 8, 9)),
    ("MaxPool2d((3, 2), stride=(1, 2), padding=(1, 1), dilation=2)", (3, 8, 9)),
    ("MaxPool1d(3, 2, ceil_mode=True)", (3, 8)),
    ("MaxPool1d(2, 4, 1, ceil_mode=True)", (3, 7)),  # a window would begin behind the image
    ("AvgPool2d(2)", (3, 7, 9)),
    ("AvgPool2d(3, 2, 1, True, False, 4)", (3, 8, 9)),
    ("AvgPool1d(3, stride=1, padding=1)", (3, 8)),
    ("AdaptiveAvgPool2d(1)", (3, 8, 9)),
    ("AdaptiveAvgPool2d((2, None))", (3, 8, 9)),
    ("AdaptiveMaxPool2d(2)", (3, 8, 6)),
    ("AdaptiveAvgPool1d((4,))", (3, 8)),
    ("AdaptiveMaxPool1d(4)", (3, 8)),
    ("AdaptiveAvgPool1d(4)", (3, 8)),
    ("ZeroPad1d((1, 2))", (3, 8)),
    ("ZeroPad2d((1, 2, 3, 4))", (3, 8, 8)),
    ("ZeroPad2d(2)", (3, 8, 8)),
    ("BatchNorm2d(3)", (3, 8, 8)),
    ("BatchNorm2d(3, affine=False)", (3, 8, 8)),
    ("BatchNorm2d(3, bias=False)", (3, 8, 8)),
    ("BatchNorm1d(3)", (3, 8)),
    ("Flatten()", (3, 4, 5)),
    ("Sequential(Flatten(), Linear(60, 7))", (3, 4, 5)),
    ("Sequential(Flatten(), Linear(60, 7, bias=False), BatchNorm1d(7))", (3, 4, 5)),
    ("ChannelShuffle(2)", (4, 3, 3)),
    *((f"{name}()", ROOM.get(name, (2, 3, 4))) for name in PLAIN),
    ("PReLU(2)", (2, 3, 4)),
    ("Threshold(0.1, 20)", (2, 3, 4)),
    ("Softmax(dim=1)", (2, 3, 4)),
    ("Softmax(-1)", (2, 3, 4)),
    ("LogSoftmax(2)", (2, 3, 4)),
    ("Softmin(3)", (2, 3, 4)),
    ("Softmax2d()", (2, 3, 4)),
    ("GLU(1)", (4, 3, 4)),
    ("GLU()", (2, 3, 4)),
    ("MaxPool3d(3, padding=1, ceil_mode=True)", (2, 3, 6, 5)),
    ("AvgPool3d((1, 2, 3), stride=2)", (2, 3, 6, 5)),
    ("AdaptiveAvgPool3d((2, None, 1))", (2, 4, 6, 5)),
    ("AdaptiveMaxPool3d(1)", (2, 4, 6, 5)),
    ("AdaptiveAvgPool2d(7)", (3, 8, 9)),
    ("AdaptiveMaxPool1d(3)", (3, 8)),
    ("BatchNorm3d(3)", (3, 2, 4, 4)),
    ("BatchNorm2d(3, track_running_stats=False)", (3, 4, 4)),
    ("InstanceNorm1d(3)", (3, 4)),
    ("InstanceNorm2d(3, affine=True)", (3, 4, 4)),
    ("InstanceNorm2d(3, track_running_stats=True)", (3, 4, 4)),
    ("InstanceNorm3d(3)", (3, 2, 4, 4)),
    ("GroupNorm(2, 4)", (4, 3, 5)),
    ("GroupNorm(2, 4, affine=False)", (4, 3, 5)),
    ("LayerNorm(5)", (4, 3, 5)),
    ("LayerNorm((3, 5), bias=False)", (4, 3, 5)),
    ("LayerNorm([4, 3, 5], elementwise_affine=False)", (4, 3, 5)),
    ("RMSNorm(5)", (4, 3, 5)),
    ("LocalResponseNorm(3)", (4, 3, 5)),
    ("ZeroPad3d((1, 2, 3, 0, 1, 1))", (3, 4, 5, 6)),
    ("ConstantPad1d((2, 0), 0.5)", (3, 4)),
    ("ConstantPad2d((2, 0, 1, 3), -1)", (3, 4, 5)),
    ("ConstantPad3d(1, 0)", (3, 4, 5, 6)),
    ("ReflectionPad1d((2, 1))", (3, 4)),
    ("ReflectionPad2d((2, 1, 0, 3))", (3, 4, 5)),
    ("ReflectionPad3d(1)", (3, 4, 5, 3)),
    ("ReplicationPad1d(5)", (3, 4)),
    ("ReplicationPad2d((2, 1, 0, 3))", (3, 4, 5)),
    ("ReplicationPad3d(1)", (3, 4, 5, 3)),
    ("CircularPad1d((2, 1))", (3, 4)),
    ("CircularPad2d((2, 1, 0, 3))", (3, 4, 5)),
    ("CircularPad3d(1)", (3, 4, 5, 3)),
    ("Upsample(scale_factor=2)", (3, 4, 5)),
    ("Upsample(scale_factor=(2, 3))", (3, 4, 5)),
    ("Upsample(scale_factor=1.7)", (3, 10)),
    ("Upsample(size=7, mode='linear')", (3, 4)),
    ("Upsample(size=(7, 3), mode='bilinear')", (3, 4, 5)),
    ("Upsample((7, 9), mode='bilinear', align_corners=True)", (3, 4, 5)),
    ("Upsample(scale_factor=1.7, mode='bilinear')", (3, 9, 8)),
    ("Upsample(scale_factor=2, mode='bicubic')", (3, 4, 5)),
    ("Upsample(scale_factor=3, mode='trilinear')", (3, 2, 2, 4)),
    ("Upsample(size=(3, 9), mode='nearest-exact')", (3, 4, 5)),
    ("UpsamplingNearest2d(scale_factor=2)", (3, 4, 5)),
    ("UpsamplingBilinear2d(size=(6, 7))", (3, 4, 5)),
    ("PixelShuffle(2)", (8, 3, 4)),
    ("PixelUnshuffle(2)", (2, 6, 4)),
    ("Flatten(2)", (3, 4, 5)),
    ("Flatten(1, 2)", (3, 4, 5)),
    ("Flatten(2, -1)", (3, 4, 5, 6)),
    ("Unflatten(1, (3, 2))", (6, 4)),
    ("Unflatten(-1, (2, 5))", (6, 10)),
    ("Linear(3, 8)", (10, 3)),
    ("Linear(3, 8, bias=False)", (2, 10, 3)),
    ("Linear(25, 4)", (25,)),
]


@contextmanager
def rejected(error, sentence):
    """Expect an error from a `raise` of convlib, not one of Python or NumPy below it."""
    with pytest.raises(error, match=sentence) as caught:
        yield caught
    assert Path(convlib.__file__).parent in Path(caught.traceback[-1].path).parents


def in_torch(text):
    return eval(text, {name: getattr(nn, name) for name in dir(nn)})


def counted(module, shape):
    """Run a torch module; return the shape of its output, its parameters and its MACs."""
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        output = module.eval()(torch.ones(1, *shape))
    parameters = sum(each.numel() for each in module.parameters())
    return tuple(output.shape[1:]), parameters, counter.get_total_flops() / 2


@pytest.mark.parametrize(("text", "shape"), TEXTS, ids=lambda value: str(value))
def test_shape_parameters_and_macs_are_torch_s_read_from_text_and_from_the_module(text, shape):
    module = in_torch(text)
    written = summary(read(text), shape)
    for layers in (read(text), nn.Sequential(module), [module], module):
        total = summary(layers, shape)
        assert (total.output, total.parameters, total.macs) == counted(module, shape)
        assert total.activation_bytes == written.activation_bytes
        for view in ("fields", "local_fields", "receptive_field_inside"):
            assert getattr(total, view) == getattr(written, view)


# of AvgPool2d and Upsample torch leaves something out; Upsampling2d it prints with a mode
NOT_PRINTED = "True, False, 4", "align_corners", "Upsampling"


def arguments_of(layers):
    """Return the classes and all arguments of layers, of which convolutions have no equality."""
    if isinstance(layers, list):
        return list(map(arguments_of, layers))
    names = inspect.signature(type(layers)).parameters
    return type(layers), {name: layers._argument(name) for name in names}


@pytest.mark.parametrize(("text", "shape"), TEXTS, ids=lambda value: str(value))
def test_what_is_written_reads_as_itself_and_so_does_what_torch_prints(text, shape):
    layers = read(text)
    assert arguments_of(read(repr(layers))) == arguments_of(layers)
    if not any(each in text for each in NOT_PRINTED):
        printed, written = summary(read(str(in_torch(text))), shape), summary(layers, shape)
        assert (printed.output, printed.parameters) == (written.output, written.parameters)
        assert (printed.macs, printed.fields) == (written.macs, written.fields)


def test_a_printed_sequential_reads_with_its_names_left_out():
    inner = nn.Sequential(collections.OrderedDict(a=nn.Conv2d(3, 4, 3), b_1=nn.ReLU()))
    model = nn.Sequential(inner, nn.MaxPool2d(2), nn.Sequential(nn.Flatten(), nn.Linear(36, 2)))
    whole = "[[[Conv2d(3, 4, 3), ReLU()], MaxPool2d(2), [Flatten(), Linear(36, 2)]]]"
    assert repr(read(str(model))) == whole
    lines = str(model[2]).splitlines()[1:-1]
    assert lines[0].strip().startswith("(0): ")
    assert read("\n".join(lines)) == [Flatten(), Linear(36, 2)]


def test_all_layers_of_text_can_be_imported_and_have_torch_s_arguments():
    assert set(KNOWN) - {"Sequential"} <= set(networks.__all__)
    for name in LAYERS:
        theirs = dict(inspect.signature(getattr(nn, name)).parameters)
        extra = {"dtype", "rng", "exact", "device", "min_value", "max_value", "args", "kwargs"}
        ours = inspect.signature(LAYERS[name]).parameters
        assert LAYERS[name] is getattr(networks, name)
        assert [each for each in ours if each not in extra] == [
            each for each in theirs if each not in extra
        ]
        for each in set(ours) & set(theirs) - extra:
            defaults = ours[each].default, theirs[each].default
            assert defaults[0] == defaults[1], (name, each)


def pixels_seen(module, shape):
    """Yield which pixels the outputs depend on, along each axis, by torch's gradient."""
    draw = torch.Generator().manual_seed(0)
    image = torch.rand(1, *shape, generator=draw).double().requires_grad_()
    output = module.double()(image)
    for place in np.ndindex(*output.shape[2:]):
        weighted = output[(0, slice(None), *place)] ** 2  # not a sum, which a norm fixes
        (slope,) = torch.autograd.grad(weighted.sum(), image, retain_graph=True)
        pixels = [
            np.flatnonzero(slope[0].abs().sum(tuple(a for a in range(len(shape)) if a != axis)))
            for axis in range(1, len(shape))
        ]
        yield place, pixels


STACKS = [
    ("Conv2d(1, 1, 3), Conv2d(1, 1, 3, stride=2), Conv2d(1, 1, 2, dilation=2)", (1, 17, 14)),
    ("Conv2d(1, 1, (3, 1), padding=(2, 0)), AvgPool2d(2), Conv2d(1, 1, 3, padding=1)", (1, 13, 12)),
    ("Conv2d(1, 2, 4, padding='same'), Conv2d(2, 1, 3, 2, padding=1)", (1, 11, 11)),
    ("Conv1d(1, 1, 2), Conv1d(1, 1, 2, dilation=2), Conv1d(1, 1, 2, dilation=4)", (1, 12)),
    ("ZeroPad1d((3, 0)), Conv1d(1, 1, 2, dilation=3), AvgPool1d(3, 2, 1)", (1, 12)),
    (
        "AvgPool2d(3, 2, ceil_mode=True), ZeroPad2d((1, 2, 0, 0)), AdaptiveAvgPool2d((3, 2))",
        (1, 12, 10),
    ),
    ("AdaptiveAvgPool2d(2), Conv2d(1, 1, 2)", (1, 6, 4)),
    ("AdaptiveAvgPool2d((5, 7)), Conv2d(1, 1, 2)", (1, 8, 9)),
    ("Conv1d(1, 1, 3, stride=2), ConvTranspose1d(1, 1, 4, stride=2, padding=1)", (1, 12)),
    ("ConvTranspose1d(1, 1, 2, stride=3, dilation=2), Conv1d(1, 1, 3, padding=1)", (1, 5)),
    ("ConvTranspose2d(1, 1, 3, (1, 2), 1, (0, 1)), AvgPool2d(2)", (1, 5, 6)),
    ("Conv1d(1, 1, 3, stride=2, padding=1), Upsample(scale_factor=2), Conv1d(1, 1, 3)", (1, 12)),
    ("Upsample(7, mode='linear'), Conv1d(1, 1, 3, padding=1)", (1, 5)),
    ("Upsample(scale_factor=2, mode='bilinear'), AvgPool2d(3, 2, 1)", (1, 4, 5)),
    ("Upsample(size=7, mode='linear', align_corners=True), Conv1d(1, 1, 2)", (1, 5)),
    ("Upsample(scale_factor=1.7), Conv1d(1, 1, 2)", (1, 10)),
    ("Upsample(scale_factor=1.7, mode='linear'), Conv1d(1, 1, 2)", (1, 9)),
    ("Upsample(size=(3, 9), mode='nearest-exact')", (1, 7, 4)),
    ("Conv2d(1, 1, 3, padding=2, padding_mode='reflect'), AvgPool2d(2)", (1, 5, 6)),
    ("Conv2d(1, 1, 3, padding=2, padding_mode='replicate'), AvgPool2d(2)", (1, 5, 6)),
    ("Conv1d(1, 1, 3, padding=2, padding_mode='circular'), Conv1d(1, 1, 2)", (1, 6)),
    ("ReflectionPad1d((3, 2)), Conv1d(1, 1, 2, dilation=2)", (1, 6)),
    ("CircularPad1d((1, 2)), Conv1d(1, 1, 2, dilation=3)", (1, 6)),
    ("Conv2d(1, 4, 3, padding=1), PixelShuffle(2), Conv2d(1, 1, 2)", (1, 4, 5)),
    ("PixelUnshuffle(2), Conv2d(4, 1, 2)", (1, 8, 6)),
    ("Conv2d(1, 1, 3), Flatten(2), Conv1d(1, 1, 2)", (1, 5, 6)),
    ("Conv2d(1, 2, 3), Flatten(1, 2), Conv1d(6, 1, 2)", (1, 5, 6)),
    ("Conv1d(1, 6, 3), Unflatten(1, (2, 3)), Conv2d(2, 1, 2)", (1, 7)),
    ("AvgPool3d(2), ConvTranspose3d(1, 1, 2, stride=2), Conv3d(1, 1, 2)", (1, 4, 5, 4)),
    ("Conv1d(1, 1, 3), GroupNorm(1, 1), Conv1d(1, 1, 2)", (1, 7)),
    ("Conv1d(1, 1, 3), Linear(5, 4)", (1, 7)),
]


def check_fields(total, module, shape):
    """Compare fields with the pixels that the gradients of torch's outputs reach."""
    draw = torch.Generator().manual_seed(0)
    for weights in module.parameters():
        weights.data = 0.5 + torch.rand(weights.shape, generator=draw)
    for place, seen in pixels_seen(module, shape):
        inside, padded = total.pixels(*place, padding=False), total.pixels(*place)
        for pixels, ours, wide in zip(seen, inside, padded, strict=True):
            # fields may have holes here, so that only the first and the last pixel are compared
            assert [*pixels[:1], *pixels[-1:]] == [*ours[:1], *ours[-1:]]
            mirrored = "circular" in str(module).lower() or "reflect" in str(module).lower()
            assert mirrored or set(ours) <= set(wide)


@pytest.mark.parametrize(("text", "shape"), STACKS)
def test_a_number_sees_the_pixels_that_torch_s_gradient_reaches(text, shape):
    module = nn.Sequential(*in_torch(f"[{text}]"))
    check_fields(summary(read(text), shape), module, shape)
    check_fields(summary(module.float(), shape), module, shape)


def test_flattening_the_batch_gives_torch_s_shape():
    module = nn.Sequential(nn.Conv1d(1, 1, 8), nn.Flatten(start_dim=0))
    assert module(torch.ones(1, 1, 8)).shape == (1,)
    for layers in (module, read(str(module))):
        assert summary(layers, (1, 8)).output == (1,)


def test_a_flat_output_sees_all_of_the_image():
    total = summary([Conv2d(1, 4, 3), MaxPool2d(2), Flatten(), Linear(4 * 36, 5)], (1, 14, 14))
    assert total.fields == (Field(14, 2, 0),) * 2


def test_layers_of_networks_are_the_layers_that_compute():
    for name in ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d"):
        assert getattr(networks, name) is getattr(convlib, name)
    assert ConvTranspose3d is convlib.ConvTranspose3d
    image = np.ones((1, 2, 5, 5), np.float32)
    for layer in (Conv2d(2, 4, 3), ConvTranspose2d(2, 4, 3)):
        assert summary([layer], (2, 5, 5)).output == layer(image).shape[1:]


def test_a_description_creates_no_weights():
    layer = Conv2d(10**6, 10**6, 9)
    total = summary([layer], (10**6, 9, 9))
    assert (total.macs, total.parameters) == (81 * 10**12, 81 * 10**12 + 10**6)
    assert layer._weight is None


def test_a_transposed_convolution_uses_each_weight_once_for_each_input_pixel():
    layer = ConvTranspose2d(3, 1, 2, stride=2)
    assert summary([layer], (3, 2, 2)).macs == 48 == macs((3, 1, 2, 2), (2, 2))
    dcgan = [
        ConvTranspose2d(100, 512, 4, 1, 0, bias=False),
        BatchNorm2d(512),
        ReLU(),
        ConvTranspose2d(512, 256, 4, 2, 1, bias=False),
        Tanh(),
    ]
    total = summary(dcgan, (100, 1, 1))
    assert (total.output, total.macs) == ((256, 8, 8), 34_373_632)
    assert total.parameters == 2_917_376
    counter = FlopCounterMode(display=False)
    with counter:
        nn.Sequential(*in_torch(repr(dcgan)))(torch.ones(1, 100, 1, 1))
    assert counter.get_total_flops() == 2 * total.macs


def test_an_upsampling_has_no_single_field():
    total = summary(read("Conv2d(1, 1, 3), ConvTranspose2d(1, 1, 3, stride=2)"), (1, 8, 8))
    # two numbers of three read one number of the convolution, the third reads two
    assert total.fields == (Field(4, Fraction(1, 2), -1),) * 2
    assert total.effective_stride == (Fraction(1, 2),) * 2
    assert [len(total.pixels(place, 0)[0]) for place in (2, 3, 4)] == [4, 3, 4]
    assert str(total).splitlines()[2].split()[-3:] == ["4", "1/2", "-1"]
    with rejected(ValueError, r"^step=1/2: fields differ, see Row.pixels$"):
        total.fields[0].pixels(3)
    assert summary(read("AdaptiveAvgPool1d(2), ConvTranspose1d(1, 1, 2, 2)"), (1, 8)).fields == (
        Field(4, 2, 0),
    )


def test_a_layer_used_twice_has_its_parameters_once():
    layer = Conv2d(1, 1, 3)
    twice = summary([layer, layer], (1, 9, 9))
    assert [row.parameters for row in twice] == [10, 0]
    assert (twice.parameters, twice.weight_bytes) == (10, 40)
    assert twice.macs == 9 * (49 + 25)
    assert summary([Conv2d(1, 1, 3), Conv2d(1, 1, 3)], (1, 9, 9)).parameters == 20
    full, norm = Linear(9, 9), BatchNorm2d(1)
    assert summary([norm, norm, Flatten(), full, full], (1, 3, 3)).parameters == 2 + 90
    shared = Branch([layer], [{"again": layer}], join="cat")
    assert summary([shared], (1, 9, 9)).parameters == 10
    pair = DepthwiseSeparableConv2d(3, 3, 3)
    assert summary([pair, pair], (3, 9, 9)).parameters == 27 + 12


WINDOW = ("kernel_size", "stride", "padding", "dilation")
PADDED = [
    ("Conv1d(1, 1, 3, padding=(2, 0))", "ConstantPad1d((2, 0), 0.), Conv1d(1, 1, 3)", (1, 8)),
    (
        "Conv2d(1, 1, 2, stride=2, padding=((1, 0), (0, 1)))",
        "ConstantPad2d((0, 1, 1, 0), 0.), Conv2d(1, 1, 2, stride=2)",
        (1, 4, 5),
    ),
]


@pytest.mark.parametrize(("text", "by_hand", "shape"), PADDED)
def test_padding_before_and_after_may_differ(text, by_hand, shape):
    total = summary(read(text), shape)
    module = nn.Sequential(*in_torch(f"[{by_hand}]"))
    assert (total.output, total.parameters, total.macs) == counted(module, shape)
    check_fields(total, module, shape)
    assert repr(read(text)) == f"[{text}]"
    assert arguments_of(read(repr(read(text)))) == arguments_of(read(text))


def test_the_field_of_joined_paths_is_the_union_of_theirs():
    paths = [Conv2d(2, 2, 1, stride=2)], [Conv2d(2, 2, 3, stride=2, padding=1)]
    added = summary([Branch(*paths, join="add")], (2, 8, 8))
    assert added.fields == (Field(3, 2, -1),) * 2
    assert added.output == (2, 4, 4)
    laid = summary([Branch(*paths, [MaxPool2d(2)], join="cat")], (2, 8, 8))
    assert laid.output == (6, 4, 4)
    assert laid.fields == (Field(3, 2, -1),) * 2
    assert laid.parameters == 6 + 38
    assert parallel([Field(1, 4, 9), (2, 4, 0)]) == Field(10, 4, 0)
    # of paths with different steps it is exact at each place, and has no step
    uneven = summary([Branch([AvgPool2d(2)], [Conv2d(2, 2, 5)], join="add")], (2, 8, 8))
    assert uneven.fields == (Field(5, None, 0),) * 2
    assert uneven.pixels(3, 1) == (range(3, 8), range(1, 6))
    gated = Branch([Conv2d(2, 2, 3)], [AdaptiveAvgPool2d(1), Linear(1, 1)], join="mul")
    total = summary([gated], (2, 8, 8))
    assert (total.receptive_field, total.local_fields) == ((8, 8), (Field(3, 1, 0),) * 2)
    pooled = Branch([AdaptiveAvgPool2d(1)], [Conv2d(2, 2, 8)], join="add")
    assert summary([pooled], (2, 8, 8)).fields == (Field(8, 8, 0),) * 2
    ends = [Flatten(), Linear(128, 3)], [AdaptiveAvgPool2d(1), Flatten(), Linear(2, 3)]
    assert summary([Branch(*ends, join="add")], (2, 8, 8)).fields == (Field(8, 8, 0),) * 2


def test_one_entry_of_adaptive_pooling_applies_to_all_axes():
    assert AdaptiveAvgPool2d((4,)) == AdaptiveAvgPool2d(4)
    assert AdaptiveAvgPool2d((None,)) == AdaptiveAvgPool2d(None)


def test_a_shortcut_costs_nothing_and_the_sum_is_stored():
    block = Branch([Conv2d(4, 4, 3, padding=1, bias=False)], [], join="add")
    total = summary({"block": block}, (4, 5, 5), itemsize=2)
    assert [row.position for row in total] == ["block.0.0", "block.1", "block.add"]
    assert total.parameters == 144
    assert (total.weight_bytes, total.activation_bytes) == (288, 2 * (100 + 100))
    assert total["block.1"].activation_bytes == 0
    assert total["block.1"].output == (4, 5, 5)


def test_bytes_count_every_output_but_a_view():
    layers = [
        Conv2d(1, 2, 3),
        ReLU(),
        Identity(),
        Flatten(),
        Linear(18, 3),
    ]
    total = summary(layers, (1, 5, 5), itemsize=8)
    assert total.activation_bytes == 8 * (18 + 18 + 3)
    assert total.weight_bytes == 8 * (18 + 2 + 54 + 3)


def test_rows_have_names_positions_and_depths():
    stem = {"conv1": Conv2d(3, 8, 3), "stage": [Conv2d(8, 8, 3), [Conv2d(8, 4, 1)]]}
    total = summary(stem, (3, 9, 9), depth=1)
    assert [row.position for row in total] == ["conv1", "stage"]
    assert len(total) == 2
    assert total["stage.1.0"].output == (4, 5, 5)
    assert total["stage"].parameters == 584 + 36
    deep = summary(stem, (3, 9, 9), depth=2)
    assert [row.position for row in deep] == ["conv1", "stage.0", "stage.1"]
    whole = summary(stem, (3, 9, 9))
    assert sum(row.parameters for row in whole) == whole.parameters
    assert sum(row.macs for row in whole) == whole.macs
    assert sum(row.activation_bytes for row in whole) == whole.activation_bytes
    row = whole["stage.0"]
    assert (row.receptive_field, row.effective_stride) == ((5, 5), (1, 1))
    padded = summary([Conv2d(3, 8, 3, stride=2, padding=1)], (3, 9, 9))
    assert (padded.effective_padding, padded.start) == ((1, 1), (-1, -1))


def test_rows_are_found_by_number_as_they_are_shown_and_become_dicts():
    stem = {"conv1": Conv2d(3, 8, 3, padding=1), "stage": [Conv2d(8, 8, 3), Conv2d(8, 4, 1)]}
    total = summary(stem, (3, 9, 9))
    assert [total[number] for number in range(len(total))] == list(total)
    assert total[-1] == total["stage.1"] == total[np.int64(2)]
    assert summary(stem, (3, 9, 9), depth=1)[1].position == "stage"
    assert total[0].as_dict() == {
        "position": "conv1",
        "layer": "Conv2d(3, 8, 3, padding=1)",
        "calls": 1,
        "output": (8, 9, 9),
        "parameters": 224,
        "macs": 216 * 81,
        "weight_bytes": 896,
        "activation_bytes": 4 * 8 * 81,
        "receptive_field": (3, 3),
        "effective_stride": (1, 1),
        "start": (-1, -1),
        "local_receptive_field": (3, 3),
        "receptive_field_inside": (3, 3),
        "is_bound": False,
    }
    assert total.to_dicts() == [row.as_dict() for row in total]
    rows = list(csv.DictReader(io.StringIO(total.to_csv())))
    assert [row["position"] for row in rows] == ["conv1", "stage.0", "stage.1"]
    assert (rows[0]["output"], rows[0]["macs"]) == ("8 x 9 x 9", str(216 * 81))
    assert total.as_dict()["parameters"] == total.parameters


def test_a_table_is_aligned_in_a_terminal_and_marked_up_in_a_notebook():
    total = summary([Conv2d(1, 6, (5, 3)), MaxPool2d(2)], (1, 28, 28))
    lines = str(total).splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "MACs", "field", "step", "start"]
    assert lines[1].split("  ")[-3:] != []
    assert "(5, 3)" in lines[1]
    assert lines[3].startswith("total")
    assert len({len(line) for line in lines[:4]}) == 1
    assert lines[4] == "weights 384 bytes, activations 18,720 bytes"
    html = total._repr_html_()
    assert html.count("<tr>") == 4
    assert "<td>6 x 24 x 26</td>" in html
    assert "&lt;" in summary({"<b>": Conv2d(1, 1, 1)}, (1, 1, 1))._repr_html_()


def test_torch_modules_are_read_among_layers():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x):
            return x + self.conv(x)

    layers = {"in": Conv2d(1, 3, 3, stride=2), "torch": Residual(), "out": [nn.ReLU(), ReLU()]}
    total = summary(layers, (1, 9, 9))
    assert [row.position for row in total] == ["in", "torch.conv", "torch.add", "out.0", "out.1"]
    assert total.parameters == 30 + 12
    assert total["torch.add"].fields == total.fields == (Field(3, 2, 0),) * 2
    shared = nn.Conv2d(3, 3, 1)
    branch = Branch([shared], [shared, Tanh()], join="add")
    assert summary([branch], (3, 4, 4)).parameters == 12
    assert summary([shared, nn.ReLU(), shared], (3, 4, 4)).macs == 2 * 9 * 16


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        (nn.MaxPool2d(2, padding=2), r"^layer 1\.0, MaxPool2d\(2, padding=2\): pad should be at"),
        (nn.Conv2d(3, 3, 9), r"^layer 1\.0, Conv2d\(3, 3, 9\): Calculated padded input size"),
        (nn.Linear(9, 3), r"^layer 1\.0, Linear\(9, 3\): "),
    ],
)
def test_a_module_that_fails_is_named_with_its_position_and_the_rows_before_it(module, sentence):
    with rejected(LayerError, sentence) as caught:
        summary(nn.Sequential(nn.ReLU(), nn.Sequential(module)), (3, 8, 8))
    assert [row.position for row in caught.value.summary] == ["0"]
    assert str(caught.value.summary) in caught.value.__notes__[0]
    with rejected(LayerError, sentence.replace(r"1\.0", "0")):
        summary(module, (3, 8, 8))


def test_a_layer_that_fails_has_the_rows_before_it():
    layers = {"a": [Conv2d(3, 8, 3), Branch([ReLU()], [Linear(5, 5)], join="add")]}
    with rejected(LayerError, r"^layer a\.1\.1\.0, Linear\(5, 5\): in_features=5") as caught:
        summary(layers, (3, 8, 8))
    assert [row.position for row in caught.value.summary] == ["a.0", "a.1.0.0"]
    assert not caught.value.summary.is_complete


def test_text_of_a_rejected_constructor_names_its_position():
    text = "ReLU(), Sequential(Branch([Tanh(), MaxPool2d(2, padding=2)], [], join='add'))"
    with rejected(ValueError, r"^layer 1\.0\.0\.1, MaxPool2d\(2, padding=2\): padding=2"):
        read(text)


def test_convlib_s_own_layers_are_read_too():
    layers = [convlib.Conv2d(3, 8, 3, bias=False), convlib.DepthwiseSeparableConv2d(8, 4, 3)]
    total = summary(layers, (3, 9, 9))
    assert total.output == layers[1](layers[0](np.zeros((1, 3, 9, 9), np.float32))).shape[1:]
    assert [row.position for row in total] == ["0", "1.depthwise", "1.pointwise"]
    assert total.parameters == 216 + 72 + 36


REJECTED = [
    ([Conv2d(3, 8, 3), Conv2d(4, 8, 3)], r"^layer 1, Conv2d\(4, 8, 3\): in_channels=4, but .* 8 c"),
    ([Conv2d(3, 8, 9)], r"^layer 0, .*kernel_size=9 with dilation=1 spans 9 pixels"),
    ([Conv2d(3, 8, 5, dilation=2)], r"spans 9 pixels, more than the input has: 8"),
    (
        [Conv1d(3, 8, 3)],
        r"^layer 0, Conv1d\(3, 8, 3\): its input has shape \(3, 8, 8\), and \(C, W\)",
    ),
    ([Linear(192, 5)], r"Flatten\(\) before it gives 3 \* 8 \* 8 = 192 features"),
    ([Flatten(), Linear(191, 5)], r"^layer 1, .*in_features=191, but its input has 192 features"),
    ([MaxPool2d(9)], r"^layer 0, MaxPool2d\(9\): kernel_size=9"),
    ([MaxPool2d(20, 2, ceil_mode=True)], r"kernel_size=20 leaves nothing of an input of size 8"),
    ([BatchNorm2d(4)], r"num_features=4, but its input has 3 channels"),
    ([Flatten(), BatchNorm2d(192)], r"^layer 1, .*2 axes after the channels"),
    ([ChannelShuffle(2)], r"groups=2 must divide the 3 channels"),
    ([Conv2d(3, 3, 3, padding=8, padding_mode="reflect")], r"in mode 'reflect' must be at most 7"),
    ([Branch([Conv2d(3, 3, 3)], [], join="add")], r"^layer 0, Branch.*path 1 gives \(3, 8, 8\)"),
    ([Branch([Conv2d(3, 4, 1)], [], join="add")], r"path 0 gives \(4, 8, 8\).*one shape\n"),
    ([Branch([AvgPool2d(2)], [], join="cat")], r"one shape but for the channels"),
    ({"a": [Branch([Conv2d(9, 4, 1)], [], join="cat")]}, r"^layer a\.0\.0\.0, Conv2d\(9, 4, 1\)"),
    ([Branch([AvgPool2d(2)], [], join="mul")], r"join='mul' needs one shape, or size 1 along"),
    ([GroupNorm(2, 4)], r"num_channels=4, but its input has 3 channels"),
    ([LayerNorm(4)], r"normalized_shape=\(4,\) must be the last axes of its input, \(3, 8, 8\)"),
    ([Unflatten(1, (2, 2))], r"unflattened_size=\(2, 2\) must have as many .* axis 1 .*, 3"),
    ([Unflatten(0, (1, 1))], r"dim=0 is the batch"),
    ([Flatten(4)], r"start_dim=4 must be from -4 to 3"),
    ([Flatten(2, 1)], r"start_dim=2 must be before end_dim=1"),
    ([Flatten(0, 2)], r"start_dim=0 and end_dim=2 join the batch"),
    ([PixelShuffle(2)], r"2\*\*2 must divide the 3 channels"),
    ([PixelUnshuffle(3)], r"downscale_factor=3 must divide the sizes \(8, 8\)"),
    ([Upsample(scale_factor=(2,))], r"scale_factor=\(2,\) must have 2 entries"),
    ([Upsample(scale_factor=0.1)], r"scale_factor=0\.1 leaves nothing of \(8, 8\)"),
    ([Upsample(3, mode="linear")], r"its input has shape \(3, 8, 8\), and \(C, W\)"),
    ([GLU(1)], r"dim=1 must be an axis of even size"),
    ([PReLU(2)], r"num_parameters=2, but its input has 3 channels"),
    ([ReflectionPad2d(8)], r"mode 'reflect' must be at most 7"),
]


@pytest.mark.parametrize(("layers", "sentence"), REJECTED)
def test_a_layer_that_does_not_fit_is_named_with_its_position_and_the_reason(layers, sentence):
    with rejected(ValueError, sentence):
        summary(layers, (3, 8, 8))


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: Conv2d(3, 8, 3, groups=2), ValueError, r"in_channels=3 must be divisible by"),
        (lambda: Conv2d(3, 8, 3, bias=1), TypeError, r"bias=1 must be True or False"),
        (lambda: Conv2d(3, 8, 3, padding_mode="zero"), ValueError, r"padding_mode='zero'"),
        (lambda: MaxPool2d(3, padding=2), ValueError, r"padding=2 must be at most half of .* 3"),
        (
            lambda: AdaptiveAvgPool2d((1, 2, 3)),
            ValueError,
            r"output_size=\(1, 2, 3\) has 3 entries",
        ),
        (lambda: MaxPool2d(3, ceil_mode=1), TypeError, r"ceil_mode=1"),
        (lambda: ReLU(inplace=1), TypeError, r"inplace=1 must be True or False"),
        (lambda: Dropout(1.5), ValueError, r"p=1\.5 must be a probability, from 0 to 1"),
        (lambda: LeakyReLU("x"), TypeError, r"negative_slope='x' must be a number"),
        (lambda: GELU("exact"), ValueError, r"approximate='exact' must be one of 'none', 'tanh'"),
        (lambda: AvgPool2d(2, divisor_override=0), ValueError, r"divisor_override=0 must be at l"),
        (lambda: Flatten("2"), TypeError, r"start_dim='2' must be an int"),
        (lambda: Unflatten(1, 6), TypeError, r"unflattened_size=6 must be a tuple"),
        (lambda: GroupNorm(3, 4), ValueError, r"num_groups=3 must divide num_channels=4"),
        (lambda: Upsample(), ValueError, r"size=None and scale_factor=None: one of them"),
        (lambda: Upsample(scale_factor=-1), ValueError, r"scale_factor=-1 must be numbers above"),
        (lambda: Upsample(2, mode="cubic"), ValueError, r"mode='cubic' must be one of 'nearest'"),
        (lambda: ConstantPad1d(1, "0"), TypeError, r"value='0' must be a number"),
        (lambda: Softmax("1"), TypeError, r"dim='1' must be an int"),
        (lambda: summary(nn.ReLU(), (3, 8), itemsize=2), ValueError, r"itemsize=2, but"),
        (lambda: summary([], [(3, 8), (3, 8)]), ValueError, r"input_size=.* must be one shape"),
        (lambda: Branch([], join="add"), ValueError, r"paths must be at least 2, not 1"),
        (lambda: Branch([], Conv2d(1, 1, 1), join="add"), TypeError, r"must be lists of layers"),
        (
            lambda: Branch([], [], join="sum"),
            ValueError,
            r"join='sum' must be one of 'add', 'cat', 'mul'",
        ),
        (lambda: summary([], (1, 3, 8, 8, 8)), ValueError, r"one image without the batch"),
        (lambda: summary([], 3), ValueError, r"input_size=3"),
        (lambda: summary([], (3, 0)), ValueError, r"must be at least 1"),
        (lambda: summary([3], (3, 8)), TypeError, r"layer 0 must be a layer .*, not int: 3"),
        (lambda: summary("Conv2d", (3, 8)), TypeError, r"layers must be a layer .*, not str"),
        (lambda: summary({1: []}, (3, 8)), TypeError, r"has a key 1, which must be a name"),
        (lambda: summary([], (3, 8), itemsize=0), ValueError, r"itemsize=0"),
        (lambda: summary([], (3, 8), depth=0), ValueError, r"depth=0"),
        (lambda: summary([ReLU()], (3, 8))["conv1"], ValueError, r"'conv1' must be .* of: 0$"),
        (lambda: summary([ReLU()] * 9, (3, 8))["9"], ValueError, r"one of: 0, 1, .*, 7, \.\.\.$"),
        (lambda: summary([ReLU()], (3, 8))[1], ValueError, r"position=1, but 1 rows are shown"),
        (lambda: summary([ReLU()], (3, 8))[True], ValueError, r"position=True must be the number"),
        (lambda: receptive_field(3), TypeError, r"windows=3 must be a list of tuples"),
        (lambda: receptive_field([(3, 1, 0, 1, 1)]), ValueError, r"which must be a tuple"),
        (lambda: receptive_field([(0,)]), ValueError, r"windows\[0\]=\(0,\): kernel_size=0 must"),
        (lambda: receptive_field([(3,), (3, 0)]), ValueError, r"windows\[1\]=\(3, 0\): stride=0"),
        (lambda: receptive_field([("3",)]), TypeError, r"kernel_size='3' must be an int"),
        (lambda: receptive_field([(3, 1, -1)]), ValueError, r"padding=-1 must be at least 0"),
        (lambda: receptive_field([(3, 2, "same")]), ValueError, r"padding='same' keeps the size"),
        (lambda: through_layer(3, 3), TypeError, r"field must be a field, .*, not 3"),
        (lambda: through_layer((1, 1), 3), TypeError, r"\(size, step, start\), not \(1, 1\)"),
        (lambda: through_layer((0, 1, 0), 3), ValueError, r"field=\(0, 1, 0\) must be at least 1"),
        (lambda: through_layer((1, 1, 0.5), 3), TypeError, r"whose start must be an int"),
        (lambda: through_layer((1, 1, 0), 3, -1), ValueError, r"stride=-1 must be at least 1"),
        (lambda: through_layer((1, 1, 0), (3, 3)), TypeError, r"kernel_size=\(3, 3\) must be an"),
        (lambda: through_layer((1, 1, 0), 3, 2, "same"), ValueError, r"stride must be 1"),
        (lambda: through_layer((1, 1, 0), 3, padding="x"), ValueError, r"padding='x' must be"),
        (lambda: parallel([]), ValueError, r"fields=\[\] must contain at least one field"),
        (lambda: parallel([3]), TypeError, r"fields must be fields, .*, not 3"),
        (lambda: parallel(3), TypeError, r"fields=3 must be a list of fields"),
        (lambda: parallel([(1, 1, 0), (1, 2, 0)]), ValueError, r"must have one step, not 1, 2"),
        (lambda: macs((64, 3, 7, 7), (1, 64, 9, 9)), ValueError, r"2 entries \(H_out, W_out\), wi"),
        (lambda: macs((64, 3, 7, 7), 9), ValueError, r"output_size=9 must have 2 entries"),
        (lambda: macs((64, 3), (9, 9)), ValueError, r"weight_size=\(64, 3\) must be a"),
        (lambda: macs(64, (9, 9)), TypeError, r"weight_size=64 must be a tuple of ints"),
        (lambda: macs((64, 3, -7, 7), (9, 9)), ValueError, r"weight_size=\(.*\) must be"),
        (lambda: macs((64, 3, 7, 7), (9, -9)), ValueError, r"output_size=.* must be at least 1"),
        (lambda: read(3), TypeError, r"text must be a str"),
        (lambda: read(""), ValueError, r"has no layer in it"),
        (lambda: read("Conv2d(3,"), ValueError, r"is no list of layers: '\(' was never closed"),
        (lambda: read("x = 3"), ValueError, r"'x = 3' is no layer"),
        (
            lambda: read("Conv2d(1, 1, 3, stride=2, stride=3)"),
            TypeError,
            r"multiple values for argument 'stride'; it takes in_channels, out_channels",
        ),
        (
            lambda: read("Conv2d"),
            ValueError,
            r"^layer 0, Conv2d: no layer; a layer is a call, such as Conv2d\(\.\.\.\)",
        ),
        (
            lambda: read("Conv2D(1, 1, 1)"),
            ValueError,
            r"is not known; did you mean Conv2d\?$",
        ),
        (lambda: read("exit(3)"), ValueError, r"exit is not known; known are .*Conv2d"),
        (
            lambda: read("Conv2d(1, 1, k)"),
            ValueError,
            r"^layer 0, .*: k must be a number or a word",
        ),
        (lambda: read("Conv2d(1, 1, f(3))"), ValueError, r"f\(3\) must be a number or a word"),
        (lambda: read("Conv2d(1, 1)"), TypeError, r"missing .*'kernel_size'; it takes in_channels"),
        (
            lambda: read("Conv2d(1, 1, 3, strides=2)"),
            TypeError,
            r"unexpected .*'strides'; it takes",
        ),
        (lambda: read("Tanh(3)"), TypeError, r"too many positional .*; it takes none"),
        (lambda: read("Sequential(a=3)"), TypeError, r"Sequential takes layers only, not a"),
        (lambda: read("ReLU(), Conv2d(1, 1, 0)"), ValueError, r"^layer 1, .*kernel_size=0"),
        (lambda: read("(" * 500), ValueError, r"is no list of layers"),
    ],
)
def test_an_argument_that_is_invalid_by_itself_raises(make, error, sentence):
    with rejected(error, sentence):
        make()


def test_text_reads_over_lines_and_in_branches():
    text = "Conv2d(3, 4, 3, padding=1)\nBranch([Conv2d(4, 4, 1), ReLU()], [], join='add')"
    assert summary(read(text), (3, 8, 8)).output == (4, 8, 8)
    assert read("nn.Sequential(nn.ReLU(True), torch.nn.Tanh())") == [[ReLU(True), Tanh()]]
    (layer,) = read("DepthwiseSeparableConv2d(3, 8, 3)")
    expected = summary([DepthwiseSeparableConv2d(3, 8, 3)], (3, 9, 9))
    assert summary([layer], (3, 9, 9)) == expected
    assert expected.parameters == 27 + 24 + 8


def test_a_receptive_field_is_the_sum_over_its_layers():
    assert receptive_field([]) == Field(1, 1, 0)
    for windows in itertools.product([(3, 2, 1, 1), (2, 1, 0, 3), (5, 3, 2, 2)], repeat=3):
        jumps = np.cumprod([1, *(stride for _, stride, _, _ in windows)])
        sizes = [(k - 1) * d for k, _, _, d in windows]
        field = receptive_field(windows)
        assert field.size == 1 + np.dot(sizes, jumps[:-1])
        assert field.step == jumps[-1]
        assert field.start == -np.dot([p for _, _, p, _ in windows], jumps[:-1])
    assert through_layer(Field(7, 2, -3), 2, padding="same") == Field(9, 2, -3)
    assert through_layer((7, 2, -3), 3, padding=(2, 0)) == Field(11, 2, -7)
    assert receptive_field([(3, 1, (2, 0)), (3, 1, ((4, 0),), 2)]) == Field(7, 1, -6)


@pytest.mark.parametrize(
    ("call", "counted"),
    [
        (lambda layers: summary(layers, (3, 9, 9)), {"size": 3}),
        (lambda _: receptive_field([(3, 2, 1, 2)]), dict.fromkeys(WINDOW, 1)),
        (lambda _: through_layer((1, 1, 0), 3, 2, 1, 2), {**dict.fromkeys(WINDOW, 1), "field": 2}),
        (lambda _: parallel([(1, 1, 0), (3, 1, -1)]), {"fields": 4}),
        (lambda _: macs((8, 3, 5, 5), (9, 9)), {"weight_size": 4, "output_size": 2}),
        (lambda _: MaxPool2d(3, 2, 1, 2), dict.fromkeys(WINDOW, 1)),
        (lambda _: AdaptiveAvgPool2d((2, None)), {"output_size": 2}),
        (lambda _: ZeroPad2d(1), {"padding": 1}),
    ],
)
def test_each_int_is_validated_once(call, counted, monkeypatch):
    layers = [Conv2d(3, 8, 3), DepthwiseSeparableConv2d(8, 4, 3), MaxPool2d(2), ReLU()]
    counts, integer = collections.Counter(), arguments.integer

    def counting(name, *rest, **named):
        counts[name] += 1
        return integer(name, *rest, **named)

    monkeypatch.setattr(arguments, "integer", counting)
    call(layers)
    assert counts == counted


def test_macs_are_exact_for_one_to_three_axes():
    assert macs((8, 3, 5), 10) == macs([8, 3, 5], (10,)) == 1200
    assert macs((8, 3, 2, 3, 5), (4, 5, 6)) == 8 * 3 * 2 * 3 * 5 * 4 * 5 * 6
    assert macs(torch.ones(8, 3, 5, 5).shape, (10**6, 10**6)) == 600 * 10**12


def test_a_summary_changes_nothing_and_descriptions_are_immutable():
    conv, pool = Conv2d(3, 4, 3), MaxPool2d(2)
    layers = {"a": [conv, pool]}
    summary(layers, (3, 8, 8))
    assert layers == {"a": [conv, pool]}
    with pytest.raises(AttributeError):
        pool.stride = 3
    assert MaxPool2d(2) == MaxPool2d((2, 2), stride=2) != MaxPool2d(2, stride=1)
    assert len({MaxPool2d(2), MaxPool2d((2, 2)), ReLU(), ReLU(), Tanh()}) == 3
    assert Conv2d(3, 4, 3) != Conv2d(3, 4, 3)
