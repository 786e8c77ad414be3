"""Networks against torch: shapes, parameters, MACs, and fields found by perturbing pixels."""

import collections
import itertools

import numpy as np
import pytest
import torch
from torch import nn

import convlib
from convlib import networks
from convlib.networks import (
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm2d,
    Branch,
    ChannelShuffle,
    Conv1d,
    Conv2d,
    Elementwise,
    Field,
    Flatten,
    Linear,
    MaxPool2d,
    look_through,
    read,
    receptive_field,
    side_by_side,
    summary,
)

TEXTS = [
    ("Conv2d(3, 8, 3)", (3, 9, 7)),
    ("Conv2d(4, 8, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 3), groups=2)", (4, 9, 11)),
    ("Conv2d(4, 4, 4, padding='same', dilation=2, groups=4, bias=False)", (4, 6, 6)),
    ("Conv2d(2, 3, 3, padding=2, padding_mode='reflect')", (2, 5, 5)),
    ("Conv2d(2, 3, 3, padding='valid', stride=2, padding_mode='circular')", (2, 5, 5)),
    ("Conv1d(2, 6, 3, stride=2, padding=1, dilation=2)", (2, 17)),
    ("Conv3d(2, 4, (1, 2, 3), padding=(0, 1, 1), groups=2)", (2, 4, 5, 6)),
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
    *((f"{name}()", (2, 3, 4)) for name in networks.layers.ELEMENTWISE if name != "Dropout1d"),
    ("Dropout1d()", (2, 3)),
]


def in_torch(text):
    return eval(text, {name: getattr(nn, name) for name in dir(nn)})


def counted(module, shape):
    """Count what torch does, by hooks: numbers of parameters, and of products with weights."""
    macs = []

    def hook(layer, _, output):
        if hasattr(layer, "weight") and layer.weight is not None and layer.weight.dim() > 1:
            places = output[0].numel() // output.shape[1]
            macs.append(layer.weight.numel() * places)

    handles = [each.register_forward_hook(hook) for each in module.modules()]
    output = module.eval()(torch.ones(1, *shape))
    for handle in handles:
        handle.remove()
    return tuple(output.shape[1:]), sum(each.numel() for each in module.parameters()), sum(macs)


@pytest.mark.parametrize(("text", "shape"), TEXTS, ids=lambda value: str(value))
def test_shape_parameters_and_macs_are_torch_s_read_from_text_and_from_the_module(text, shape):
    module = in_torch(text)
    for layers in (read(text), nn.Sequential(module), [module], module):
        found = summary(layers, shape)
        assert (found.output, found.parameters, found.macs) == counted(module, shape)


@pytest.mark.parametrize(("text", "shape"), TEXTS, ids=lambda value: str(value))
def test_what_is_written_reads_as_itself_and_so_does_what_torch_prints(text, shape):
    assert read(repr(read(text))) == read(text)
    # torch prints a Sequential over lines, with numbers, and leaves out AvgPool2d's ceil_mode
    if not text.startswith("Sequential") and "True, False, 4" not in text:
        printed, given = summary(read(str(in_torch(text))), shape), summary(read(text), shape)
        assert printed == given


def seen(module, shape):
    """Find which pixels the outputs see, along each axis, by the gradient of sums of ones."""
    image = torch.ones(1, *shape, requires_grad=True)
    output = module.double()(image.double())
    for place in np.ndindex(*output.shape[2:]):
        (slope,) = torch.autograd.grad(
            output[(0, slice(None), *place)].sum(), image, retain_graph=True
        )
        found = [
            np.flatnonzero(slope[0].abs().sum(tuple(a for a in range(len(shape)) if a != axis)))
            for axis in range(1, len(shape))
        ]
        yield place, found


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


@pytest.mark.parametrize(("text", "shape"), STACKS)
def test_a_number_sees_the_pixels_that_torch_s_gradient_reaches(text, shape):
    module = nn.Sequential(*in_torch(f"[{text}]"))
    for weights in module.parameters():
        torch.nn.init.ones_(weights)
    fields = summary(read(text), shape).fields
    for place, found in seen(module, shape):
        for axis, pixels in enumerate(found):
            reached = fields[axis].pixels(place[axis])
            inside = [pixel for pixel in reached if 0 <= pixel < shape[axis + 1]]
            # a field has no holes here but for the first and the last pixel it is a span
            assert [*pixels[:1], *pixels[-1:]] == [*inside[:1], *inside[-1:]]


def test_a_flat_output_sees_all_of_the_image():
    total = summary([Conv2d(1, 4, 3), MaxPool2d(2), Flatten(), Linear(4 * 36, 5)], (1, 14, 14))
    assert total.fields == (Field(14, 2, 0),) * 2


def test_paths_see_together_what_each_of_them_sees():
    paths = [Conv2d(2, 2, 1, stride=2)], [Conv2d(2, 2, 3, stride=2, padding=1)]
    added = summary([Branch(*paths, join="add")], (2, 8, 8))
    assert added.fields == (Field(3, 2, -1),) * 2
    assert added.output == (2, 4, 4)
    laid = summary([Branch(*paths, [MaxPool2d(2)], join="cat")], (2, 8, 8))
    assert laid.output == (6, 4, 4)
    assert laid.fields == (Field(3, 2, -1),) * 2
    assert laid.parameters == 6 + 38
    assert side_by_side([Field(1, 4, 9), Field(2, 4, 0)]) == Field(10, 4, 0)
    pooled = Branch([AdaptiveAvgPool2d(1)], [Conv2d(2, 2, 8)], join="add")
    assert summary([pooled], (2, 8, 8)).fields == (Field(8, 8, 0),) * 2
    ends = [Flatten(), Linear(128, 3)], [AdaptiveAvgPool2d(1), Flatten(), Linear(2, 3)]
    assert summary([Branch(*ends, join="add")], (2, 8, 8)).fields == (Field(8, 8, 0),) * 2


def test_one_entry_of_adaptive_pooling_is_spread_over_the_axes():
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
        Elementwise("ReLU"),
        Elementwise("Identity"),
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


def test_a_table_is_aligned_in_a_terminal_and_marked_up_in_a_notebook():
    total = summary([Conv2d(1, 6, (5, 3)), MaxPool2d(2)], (1, 28, 28))
    lines = str(total).splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "MACs", "field", "stride", "start"]
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
    own = r"its forward is its own"
    with pytest.raises(TypeError, match=rf"layer 1, Residual: {own}"):
        summary(nn.Sequential(nn.ReLU(), Residual()), (3, 8, 8))
    with pytest.raises(TypeError, match=rf"layer 0, Backwards: {own}"):
        summary([Backwards(nn.ReLU(), nn.ReLU())], (3, 8, 8))
    with pytest.raises(TypeError, match=rf"layer 0, ReLU: {own}"):
        summary([patched], (3, 8, 8))
    with pytest.raises(TypeError, match=r"^layers, ConvTranspose2d: not known; known are"):
        summary(nn.ConvTranspose2d(3, 3, 3), (3, 8, 8))
    assert summary(Named(nn.Conv2d(3, 5, 1)), (3, 8, 8)).output == (5, 8, 8)


def test_shared_weights_are_refused_and_shared_activations_are_not():
    conv, relu = nn.Conv2d(3, 3, 1), nn.ReLU()
    assert len(summary(nn.Sequential(conv, relu, nn.Conv2d(3, 3, 1), relu), (3, 4, 4))) == 4
    with pytest.raises(ValueError, match=r"layer 2, Conv2d: it is layer 0 once more"):
        summary(nn.Sequential(conv, relu, conv), (3, 4, 4))


def test_convlib_s_own_layers_are_read_too():
    layers = [convlib.Conv2d(3, 8, 3, bias=False), convlib.DepthwiseSeparableConv2d(8, 4, 3)]
    total = summary(layers, (3, 9, 9))
    assert total.output == layers[1](layers[0](np.zeros((1, 3, 9, 9), np.float32))).shape[1:]
    assert [row.position for row in total] == ["0", "1.depthwise", "1.pointwise"]
    assert total.parameters == 216 + 72 + 36


REFUSED = [
    ([Conv2d(3, 8, 3), Conv2d(4, 8, 3)], r"^layer 1, Conv2d\(4, 8, 3\): in_channels=4, but .* 8 c"),
    ([Conv2d(3, 8, 9)], r"^layer 0, .*kernel_size=9 with dilation=1 spans 9 pixels"),
    ([Conv2d(3, 8, 5, dilation=2)], r"spans 9 pixels, more than the input has: 8"),
    (
        [Conv1d(3, 8, 3)],
        r"^layer 0, Conv1d\(3, 8, 3\): its input has shape \(3, 8, 8\), and \(C, W\)",
    ),
    ([Linear(192, 5)], r"Flatten\(\) first makes 3 \* 8 \* 8 = 192 features"),
    ([Flatten(), Linear(191, 5)], r"^layer 1, .*in_features=191, but its input has 192 features"),
    ([MaxPool2d(9)], r"^layer 0, MaxPool2d\(9\): kernel_size=9"),
    ([MaxPool2d(20, 2, ceil_mode=True)], r"kernel_size=20 leaves nothing of an input of size 8"),
    ([AdaptiveAvgPool2d(3)], r"output_size=3 does not divide size 8"),
    ([BatchNorm2d(4)], r"num_features=4, but its input has 3 channels"),
    ([Flatten(), BatchNorm2d(192)], r"^layer 1, .*2 axes behind the channels"),
    ([ChannelShuffle(2)], r"groups=2 must divide the 3 channels"),
    ([Conv2d(3, 3, 3, padding=8, padding_mode="reflect")], r"in mode 'reflect' must be at most 7"),
    ([Branch([Conv2d(3, 3, 3)], [], join="add")], r"^layer 0, Branch.*path 1 gives \(3, 8, 8\)"),
    ([Branch([Conv2d(3, 4, 1)], [], join="add")], r"path 0 gives \(4, 8, 8\).*one shape$"),
    ([Branch([AvgPool2d(2)], [], join="cat")], r"one shape but for the channels"),
    ({"a": [Branch([Conv2d(9, 4, 1)], [], join="cat")]}, r"^layer a\.0\.0\.0, Conv2d\(9, 4, 1\)"),
    ([Branch([AvgPool2d(2, 2)], [Conv2d(3, 3, 5)], join="add")], r"strides 1, 2; paths that are"),
]


@pytest.mark.parametrize(("layers", "sentence"), REFUSED)
def test_a_layer_that_does_not_fit_says_where_it_stands_and_why(layers, sentence):
    with pytest.raises(ValueError, match=sentence):
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
            r"output_size=\[1, 2, 3\] has 3 entries",
        ),
        (lambda: MaxPool2d(3, ceil_mode=1), TypeError, r"ceil_mode=1"),
        (lambda: Elementwise("Relu"), ValueError, r"name='Relu' must be one of"),
        (lambda: Flatten(2), ValueError, r"start_dim=2"),
        (lambda: Branch([], join="add"), ValueError, r"1 given, but a branch has at least 2"),
        (lambda: Branch([], Conv2d(1, 1, 1), join="add"), TypeError, r"must be lists of layers"),
        (lambda: Branch([], [], join="sum"), ValueError, r"join='sum' must be one of add, cat"),
        (lambda: summary([], (1, 3, 8, 8, 8)), ValueError, r"one image without the batch"),
        (lambda: summary([], 3), ValueError, r"input_size=3"),
        (lambda: summary([], (3, 0)), ValueError, r"must be at least 1"),
        (lambda: summary([3], (3, 8)), TypeError, r"layer 0 must be a layer .*, not int: 3"),
        (lambda: summary("Conv2d", (3, 8)), TypeError, r"layers must be a layer .*, not str"),
        (lambda: summary({1: []}, (3, 8)), TypeError, r"has a key 1, which must be a name"),
        (lambda: summary([], (3, 8), itemsize=0), ValueError, r"itemsize=0"),
        (lambda: summary([], (3, 8), depth=0), ValueError, r"depth=0"),
        (lambda: summary([], (3, 8))["conv1"], ValueError, r"position='conv1' is none of"),
        (lambda: receptive_field(3), TypeError, r"windows must be a list of tuples, not 3"),
        (lambda: receptive_field([(3, 1, 0, 1, 1)]), ValueError, r"which must be a tuple"),
        (lambda: receptive_field([(0,)]), ValueError, r"kernel_size=0 must be at least 1"),
        (lambda: receptive_field([(3, 0)]), ValueError, r"stride=0 must be at least 1"),
        (lambda: side_by_side([]), ValueError, r"fields has no entry"),
        (lambda: side_by_side([3]), TypeError, r"must be a list of fields"),
        (lambda: read(3), TypeError, r"text must be a str"),
        (lambda: read(""), ValueError, r"has no layer in it"),
        (lambda: read("Conv2d(3,"), ValueError, r"is no list of layers: '\(' was never closed"),
        (lambda: read("x = 3"), ValueError, r"'x = 3' is no layer"),
        (lambda: read("Conv2d"), ValueError, r"layer 0, Conv2d: no layer"),
        (lambda: read("Conv2D(1, 1, 1)"), ValueError, r"Conv2D is not known \(did you mean Conv2d"),
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
        (lambda: read("ReLU(), Conv2d(1, 1, 0)"), ValueError, r"^layer 1, .*kernel_size=0"),
        (lambda: read("(" * 500), ValueError, r"is no list of layers"),
    ],
)
def test_what_is_wrong_by_itself_is_refused_in_a_sentence(make, error, sentence):
    with pytest.raises(error, match=sentence):
        make()


def test_text_reads_over_lines_and_in_branches():
    text = "Conv2d(3, 4, 3, padding=1)\nBranch([Conv2d(4, 4, 1), ReLU()], [], join='add')"
    assert summary(read(text), (3, 8, 8)).output == (4, 8, 8)
    assert read("nn.Sequential(nn.ReLU(True), torch.nn.Tanh())") == [
        [Elementwise("ReLU"), Elementwise("Tanh")]
    ]


def test_a_receptive_field_is_the_sum_over_its_layers():
    assert receptive_field([]) == Field(1, 1, 0)
    for windows in itertools.product([(3, 2, 1, 1), (2, 1, 0, 3), (5, 3, 2, 2)], repeat=3):
        jumps = np.cumprod([1, *(stride for _, stride, _, _ in windows)])
        sizes = [(k - 1) * d for k, _, _, d in windows]
        field = receptive_field(windows)
        assert field.size == 1 + np.dot(sizes, jumps[:-1])
        assert field.stride == jumps[-1]
        assert field.start == -np.dot([p for _, _, p, _ in windows], jumps[:-1])
    assert look_through(Field(7, 2, -3), 2, padding="same") == Field(9, 2, -3)


def test_nothing_is_changed_and_layers_cannot_be():
    layers = {"a": [Conv2d(3, 4, 3)]}
    summary(layers, (3, 8, 8))
    assert layers == {"a": [Conv2d(3, 4, 3)]}
    with pytest.raises(AttributeError):
        layers["a"][0].stride = 2
    assert Conv2d(3, 4, 3) == Conv2d(3, 4, (3, 3)) != Conv2d(3, 4, 3, stride=2)
