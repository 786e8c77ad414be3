"""Networks compared with torch: shapes, parameters, MACs, and receptive fields by gradient."""

import collections
import inspect
import itertools
from contextlib import contextmanager
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
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm2d,
    Branch,
    ChannelShuffle,
    Conv1d,
    Conv2d,
    ConvTranspose2d,
    ConvTranspose3d,
    DepthwiseSeparableConv2d,
    Dropout,
    Field,
    Flatten,
    Identity,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Tanh,
    ZeroPad2d,
    macs,
    parallel,
    read,
    receptive_field,
    summary,
    through_layer,
)
from convlib.networks.parsing import KNOWN, LAYERS

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
    *((f"{name}()", (2, 3, 4)) for name in networks.elementwise.__all__ if name != "Dropout1d"),
    ("Dropout1d()", (2, 3)),
]


@contextmanager
def rejected(error, sentence):
    """Expect an error from a `raise` of convlib, not one of Python or NumPy below it."""
    with pytest.raises(error, match=sentence) as caught:
        yield
    assert Path(convlib.__file__).parent in Path(caught.traceback[-1].path).parents


def in_torch(text):
    return eval(text, {name: getattr(nn, name) for name in dir(nn)})


def counted(module, shape):
    """Count parameters and MACs of a torch module, by hooks."""
    macs = []

    def hook(layer, given, output):
        if hasattr(layer, "weight") and layer.weight is not None and layer.weight.dim() > 1:
            # each weight once at each place, which of a transposed convolution is an input's
            image = given[0] if "Transpose" in type(layer).__name__ else output
            macs.append(layer.weight.numel() * image[0].numel() // image.shape[1])

    handles = [each.register_forward_hook(hook) for each in module.modules()]
    output = module.eval()(torch.ones(1, *shape))
    for handle in handles:
        handle.remove()
    return tuple(output.shape[1:]), sum(each.numel() for each in module.parameters()), sum(macs)


@pytest.mark.parametrize(("text", "shape"), TEXTS, ids=lambda value: str(value))
def test_shape_parameters_and_macs_are_torch_s_read_from_text_and_from_the_module(text, shape):
    module = in_torch(text)
    for layers in (read(text), nn.Sequential(module), [module], module):
        total = summary(layers, shape)
        assert (total.output, total.parameters, total.macs) == counted(module, shape)


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
    if "True, False, 4" not in text:  # torch leaves out AvgPool2d's ceil_mode
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
    image = torch.ones(1, *shape, requires_grad=True)
    output = module.double()(image.double())
    for place in np.ndindex(*output.shape[2:]):
        (slope,) = torch.autograd.grad(
            output[(0, slice(None), *place)].sum(), image, retain_graph=True
        )
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
]


def check_fields(fields, module, shape):
    """Compare fields with the pixels that the gradients of torch's outputs reach."""
    for weights in module.parameters():
        torch.nn.init.ones_(weights)
    for place, total in pixels_seen(module, shape):
        for axis, pixels in enumerate(total):
            reached = fields[axis].pixels(place[axis])
            inside = [pixel for pixel in reached if 0 <= pixel < shape[axis + 1]]
            # fields may have holes here, so that only the first and the last pixel are compared
            assert [*pixels[:1], *pixels[-1:]] == [*inside[:1], *inside[-1:]]


@pytest.mark.parametrize(("text", "shape"), STACKS)
def test_a_number_sees_the_pixels_that_torch_s_gradient_reaches(text, shape):
    module = nn.Sequential(*in_torch(f"[{text}]"))
    check_fields(summary(read(text), shape).fields, module, shape)


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


def test_fields_are_not_known_after_a_transposed_convolution():
    layers = [
        Conv2d(3, 4, 3),
        ConvTranspose2d(4, 4, 2, stride=2),
        Branch([Conv2d(4, 4, 1)], [], join="add"),
        Flatten(),
    ]
    total = summary(layers, (3, 8, 8))
    assert [bool(row.fields) for row in total] == [True] + [False] * (len(total) - 1)
    assert total[0].fields == (Field(3, 1, 0),) * 2
    assert (total.fields, total.receptive_field, total.start) == ((), (), ())
    lines = str(total).splitlines()
    assert lines[2].split()[-3:] == lines[-2].split()[-3:] == ["-", "-", "-"]
    path = [ConvTranspose2d(3, 3, 1)]
    assert summary([Branch([], path, join="add")], (3, 8, 8)).fields == ()


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
    check_fields(total.fields, module, shape)
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
        "output": (8, 9, 9),
        "parameters": 224,
        "macs": 216 * 81,
        "weight_bytes": 896,
        "activation_bytes": 4 * 8 * 81,
        "receptive_field": (3, 3),
        "effective_stride": (1, 1),
        "start": (-1, -1),
    }
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


def test_a_sequential_of_torch_is_read_without_its_order_being_guessed():
    inner = nn.Sequential(collections.OrderedDict(a=nn.Conv2d(3, 4, 3), b=nn.ReLU()))
    model = nn.Sequential(inner, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 9, 2))
    total = summary(model, (3, 8, 8))
    assert [row.position for row in total] == ["0.a", "0.b", "1", "2", "3"]
    assert total.parameters == sum(each.numel() for each in model.parameters())

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x):
            return x + self.conv(x)

    class Backwards(nn.Sequential):
        def forward(self, x):
            return self[0](self[1](x))

    class Named(nn.Sequential):
        pass

    patched = nn.ReLU()
    patched.forward = lambda x: x
    own = r"its forward is its own, and may call"
    with rejected(TypeError, rf"layer 1, Residual: {own}"):
        summary(nn.Sequential(nn.ReLU(), Residual()), (3, 8, 8))
    with rejected(TypeError, rf"layer 0, Backwards: {own}"):
        summary([Backwards(nn.ReLU(), nn.ReLU())], (3, 8, 8))
    with rejected(TypeError, rf"layer 0, ReLU: {own}"):
        summary([patched], (3, 8, 8))
    with rejected(TypeError, r"^layer 0, Upsample: not known; known are"):
        summary(nn.Upsample(2), (3, 8, 8))
    assert summary(Named(nn.Conv2d(3, 5, 1)), (3, 8, 8)).output == (5, 8, 8)


def test_shared_weights_are_rejected_and_shared_activations_are_not():
    conv, relu = nn.Conv2d(3, 3, 1), nn.ReLU()
    assert len(summary(nn.Sequential(conv, relu, nn.Conv2d(3, 3, 1), relu), (3, 4, 4))) == 4
    with rejected(ValueError, r"^layer 2, Conv2d: its weight is that of layer 0, and shared"):
        summary(nn.Sequential(conv, relu, conv), (3, 4, 4))
    other = nn.Conv2d(3, 3, 1)
    other.bias = conv.bias
    with rejected(ValueError, r"^layer 1, Conv2d: its bias is that of layer 0"):
        summary([conv, other], (3, 4, 4))


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        (nn.MaxPool2d(2, padding=2), r"^layer 1\.0, MaxPool2d\(.*\): padding=2 must be at most"),
        (nn.Flatten(start_dim=0), r"^layer 1\.0, Flatten\(.*\): start_dim=0 and end_dim=-1 must"),
        (nn.ZeroPad2d(-1), r"^layer 1\.0, ZeroPad2d\(.*\): padding=\(-1.*must be at least 0"),
        (nn.Conv2d(3, 3, 9), r"^layer 1\.0, Conv2d\(3, 3, 9\): kernel_size=9"),
    ],
)
def test_a_module_that_is_rejected_is_named_with_its_position(module, sentence):
    with rejected(ValueError, sentence):
        summary(nn.Sequential(nn.ReLU(), nn.Sequential(module)), (3, 8, 8))
    with rejected(ValueError, sentence.replace(r"1\.0", "0")):
        summary(module, (3, 8, 8))


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
    ([AdaptiveAvgPool2d(3)], r"output_size=3 does not divide size 8"),
    ([BatchNorm2d(4)], r"num_features=4, but its input has 3 channels"),
    ([Flatten(), BatchNorm2d(192)], r"^layer 1, .*2 axes after the channels"),
    ([ChannelShuffle(2)], r"groups=2 must divide the 3 channels"),
    ([Conv2d(3, 3, 3, padding=8, padding_mode="reflect")], r"in mode 'reflect' must be at most 7"),
    ([Branch([Conv2d(3, 3, 3)], [], join="add")], r"^layer 0, Branch.*path 1 gives \(3, 8, 8\)"),
    ([Branch([Conv2d(3, 4, 1)], [], join="add")], r"path 0 gives \(4, 8, 8\).*one shape$"),
    ([Branch([AvgPool2d(2)], [], join="cat")], r"one shape but for the channels"),
    ({"a": [Branch([Conv2d(9, 4, 1)], [], join="cat")]}, r"^layer a\.0\.0\.0, Conv2d\(9, 4, 1\)"),
    (
        [Branch([AvgPool2d(2, 2)], [Conv2d(3, 3, 5)], join="add")],
        r"^layer 0, .*have one step, not 1, 2",
    ),
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
        (lambda: Flatten(2), ValueError, r"start_dim=2"),
        (lambda: Branch([], join="add"), ValueError, r"paths must be at least 2, not 1"),
        (lambda: Branch([], Conv2d(1, 1, 1), join="add"), TypeError, r"must be lists of layers"),
        (lambda: Branch([], [], join="sum"), ValueError, r"join='sum' must be one of 'add', 'cat'"),
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
        (lambda layers: summary(layers, (3, 9, 9)), {"size": 3, "itemsize": 1}),
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
