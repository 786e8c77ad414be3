"""Any torch module: costs compared with torch's counters, fields with gradients."""

import threading

import architectures
import numpy as np
import pytest
import torch
from architectures import ARCHITECTURES, build
from processes import printed_by
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from convlib.networks import Field, LayerError, operations, summary
from convlib.networks.operations import places, sums, views, windows


def on_meta(*shapes):
    return [torch.empty(1, *shape, device="meta") for shape in shapes]


def counted(module, *shapes):
    """Run a module on the meta device; return its output and the operations that torch counts."""
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        output = module(*on_meta(*shapes))
    return output, counter.get_total_flops()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_has_its_published_parameters_and_torch_s_macs(name):
    module, (_, shape, published) = build(name), ARCHITECTURES[name]
    total = summary(module, shape)
    assert total.parameters == published == sum(each.numel() for each in module.parameters())
    output, flops = counted(module, shape)
    assert 2 * total.macs == flops
    output = output["out"] if isinstance(output, dict) else output
    assert total.output == output.shape[1:]
    assert total.weight_bytes == 4 * published
    for cost in ("parameters", "macs", "weight_bytes", "activation_bytes"):
        assert sum(getattr(row, cost) for row in total) == getattr(total, cost)
    assert (total.notes, total.is_complete) == ((), True)


# Parts of the architectures whose gradients are quick: which part, and the shape of its input.
SPANS = {
    "lenet": (lambda net: net[:6], (1, 22, 20)),
    "alexnet": (lambda net: net.features[3:8], (64, 13, 11)),
    "vgg11": (lambda net: net.features[3:8], (64, 14, 11)),
    "vgg11_bn": (lambda net: net.features[3:11], (64, 14, 11)),
    "vgg13": (lambda net: net.features[:10], (3, 14, 15)),
    "vgg13_bn": (lambda net: net.features[7:14], (64, 14, 15)),
    "vgg16": (lambda net: net.features[5:12], (64, 14, 11)),
    "vgg16_bn": (lambda net: net.features[7:17], (64, 14, 11)),
    "vgg19": (lambda net: net.features[5:15], (64, 12, 11)),
    "vgg19_bn": (lambda net: net.features[7:19], (64, 12, 11)),
    "resnet18": (lambda net: nn.Sequential(net.layer1, net.layer2), (64, 15, 12)),
    "resnet34": (lambda net: net.layer2[:3], (64, 23, 12)),
    "resnet50": (lambda net: net.layer2[:3], (256, 15, 9)),
    "resnet101": (lambda net: net.layer1, (64, 11, 8)),
    "resnet152": (lambda net: net.layer2[1:4], (512, 9, 8)),
    "resnext50_32x4d": (lambda net: net.layer2[:2], (256, 13, 12)),
    "wide_resnet50_2": (lambda net: net.layer1, (64, 11, 8)),
    "se_resnet50": (lambda net: net.layer2[:1], (256, 11, 8)),
    "resnet20": (lambda net: net.blocks[1:5], (16, 32, 14)),
    "squeezenet1_0": (lambda net: net[:6], (3, 52, 40)),
    "squeezenet1_1": (lambda net: net[2:8], (64, 20, 24)),
    "densenet121": (lambda net: net[:3], (3, 35, 28)),
    "densenet169": (lambda net: net[3:7], (256, 12, 9)),
    "googlenet": (lambda net: net[4:8], (192, 16, 13)),
    "inception_v3": (lambda net: net.middle[2:4], (288, 15, 11)),
    "mobilenet_v1": (lambda net: net[1:9], (32, 16, 11)),
    "mobilenet_v2": (lambda net: net[1:5], (32, 20, 17)),
    "mobilenet_v3_large": (lambda net: net[1:5], (16, 24, 19)),
    "mobilenet_v3_small": (lambda net: net[2:4], (16, 14, 11)),
    "mnasnet1_0": (lambda net: net[2:6], (32, 24, 17)),
    "efficientnet_b0": (lambda net: net[2:4], (16, 24, 19)),
    "shufflenet_v2_x1_0": (lambda net: net[:4], (3, 43, 36)),
    "regnet_x_400mf": (lambda net: net[1:4], (32, 33, 25)),
    "regnet_y_400mf": (lambda net: net[1:3], (32, 33, 25)),
    "convnext_tiny": (lambda net: net[:3], (3, 64, 40)),
    "xception": (lambda net: nn.Sequential(net.stem, net.blocks[:1]), (3, 43, 36)),
    "vit_b_16": (lambda _: architectures.VisionTransformer(16, 24, 1, 2), (3, 224, 224)),
    "unet": (lambda _: architectures.Unet(2, 1, (4, 8, 16)), (2, 43, 25)),
    "fcn_resnet50": (lambda net: net.backbone.layer3[:2], (512, 11, 7)),
    "deeplabv3_resnet50": (lambda _: architectures.Pyramid(4, (2, 3, 5)), (4, 15, 12)),
    "dcgan": (lambda _: architectures.dcgan(4)[3:9], (32, 6, 5)),
    "dcgan_discriminator": (lambda _: architectures.dcgan_discriminator(8)[:8], (3, 43, 32)),
}


def with_positive_weights(module):
    """Return the module with data: weights above 0 that keep numbers near 1."""
    module = module.to_empty(device="cpu").double().eval()
    draw = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict(keep_vars=True).items():
        values = 0.5 + torch.rand(tensor.shape, generator=draw)
        if tensor.dim() > 1:
            values /= tensor[0].numel()
        if name.endswith(("bias", "running_mean")):
            values = torch.zeros(tensor.shape)
        with torch.no_grad():
            tensor.copy_(values)
    return module


def averaging(x, kernel_size, stride=None, padding=0, dilation=1, **options):
    """Pool with a gradient for each pixel of a window, as the field of a largest number has."""
    assert dilation in (1, [1, 1], (1, 1))
    return F.avg_pool2d(x, kernel_size, stride, padding, options.get("ceil_mode", False))


def check_gradients(module, shape, monkeypatch, count=3):
    """Compare the pixels with a gradient, from first to last, with those of the summary."""
    total = summary(module, shape)
    monkeypatch.setattr(F, "max_pool2d", averaging)
    module = with_positive_weights(module)
    draw = np.random.default_rng(0)
    image = torch.from_numpy(draw.uniform(0.5, 1.5, (1, *shape))).requires_grad_()
    output = module(image)
    assert total.output == output.shape[1:]
    sizes = output.shape[2:]
    places = [tuple(0 for _ in sizes), tuple(size - 1 for size in sizes)]
    places += [tuple(draw.integers(0, size) for size in sizes) for _ in range(count)]
    factors = torch.from_numpy(draw.uniform(0.5, 1.5, output.shape[1]))
    for place in dict.fromkeys(places):
        number = (output[(0, slice(None), *place)] * factors).sum()
        (slope,) = torch.autograd.grad(number, image, retain_graph=True)
        for axis, pixels in enumerate(total.pixels(*place, padding=False)):
            others = tuple(each for each in range(len(shape)) if each != axis + 1)
            reached = np.flatnonzero(slope[0].abs().sum(others).numpy())
            assert (reached[0], reached[-1]) == (pixels[0], pixels[-1]), (place, axis)
    return total


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_sees_what_has_a_gradient(name, monkeypatch):
    part, shape = SPANS[name]
    total = check_gradients(part(build(name)), shape, monkeypatch)
    for reads in total.reads():
        # padding counted, a field is as large as without it where none is read
        first, last = reads.padded.first, reads.padded.last
        size = shape[1 + total.reads().index(reads)]
        within = (first >= 0) & (last < size)
        assert (reads.inside.first >= np.maximum(first, 0)).all()
        assert (reads.inside.last <= np.minimum(last, size - 1)).all()
        assert (reads.inside.first[within] == first[within]).all()
        assert (reads.inside.last[within] == last[within]).all()


# What a module holds, not what its attributes say --------------------------------------------


class PaddedConv(nn.Conv2d):
    """A convolution that pads by itself."""

    def _conv_forward(self, input, weight, bias):
        return super()._conv_forward(F.pad(input, (1, 1, 1, 1)), weight, bias)


class SlicedConv(nn.Conv2d):
    """A convolution of which every second number is kept."""

    def __call__(self, x):
        """Call the module, and slice."""
        return super().__call__(x)[..., ::2, ::2]


def sequential():
    return nn.Sequential(nn.Conv2d(8, 8, 3))


def with_old_weight_norm():
    net = sequential()
    with pytest.warns(FutureWarning):
        nn.utils.weight_norm(net[0])
    return net


def with_weight_norm():
    net = sequential()
    nn.utils.parametrizations.weight_norm(net[0])
    return net


def with_spectral_norm():
    net = sequential()
    nn.utils.parametrizations.spectral_norm(net[0])
    return net


def with_fewer_kernels():
    net = sequential()
    net[0].weight = nn.Parameter(net[0].weight[:4].detach())
    net[0].bias = nn.Parameter(net[0].bias[:4].detach())
    return net


def with_hook():
    net = sequential()
    net[0].register_forward_hook(lambda *args: args[-1][..., ::2, ::2])
    return net


def with_hook_before():
    net = sequential()
    net[0].register_forward_pre_hook(lambda _, args: F.pad(args[0], (2, 2)))
    return net


def with_parameter(owner):
    net = sequential()
    owner(net).extra = nn.Parameter(torch.ones(3))
    return net


def with_tied_weight():
    net = nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))
    net[2].weight = net[0].weight
    return net


def with_layer_twice():
    conv = nn.Conv2d(8, 8, 3)
    return nn.Sequential(conv, conv)


def with_own_forward():
    net = sequential()
    net[0].forward = lambda x: F.avg_pool2d(x, 3, 3)
    return net


HELD = {
    "as it is": (sequential, 584, (8, 7, 7)),
    "old weight norm": (with_old_weight_norm, 592, (8, 7, 7)),
    "weight norm": (with_weight_norm, 592, (8, 7, 7)),
    "spectral norm": (with_spectral_norm, 584, (8, 7, 7)),
    "fewer kernels": (with_fewer_kernels, 292, (4, 7, 7)),
    "own _conv_forward": (lambda: nn.Sequential(PaddedConv(8, 8, 3)), 584, (8, 9, 9)),
    "own __call__": (lambda: nn.Sequential(SlicedConv(8, 8, 3)), 584, (8, 4, 4)),
    "hook": (with_hook, 584, (8, 4, 4)),
    "hook before": (with_hook_before, 584, (8, 7, 11)),
    "parameter of the layer": (lambda: with_parameter(lambda net: net[0]), 587, (8, 7, 7)),
    "parameter of the network": (lambda: with_parameter(lambda net: net), 587, (8, 7, 7)),
    "tied weight": (with_tied_weight, 592, (8, 5, 5)),
    "layer twice": (with_layer_twice, 584, (8, 5, 5)),
    "own forward": (with_own_forward, 584, (8, 3, 3)),
}


@pytest.mark.parametrize("case", HELD)
def test_a_module_is_described_by_what_it_computes(case):
    build_it, parameters, output = HELD[case]
    net = build_it()
    total = summary(net, (8, 9, 9))
    assert (total.parameters, total.output) == (parameters, output)
    assert parameters == sum(each.numel() for each in net.parameters())
    assert net(torch.ones(1, 8, 9, 9)).shape[1:] == output
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        net.eval()(torch.ones(1, 8, 9, 9))
    assert 2 * total.macs == counter.get_total_flops()
    assert sum(row.parameters for row in total) == parameters
    last = [row for row in total if row.macs or "ReLU" in row.layer or case == "own forward"][-1]
    assert last.output == output


def test_a_repeated_module_is_one_row_with_all_its_calls():
    total = summary(with_layer_twice(), (8, 9, 9))
    (row,) = total
    assert (row.calls, row.parameters, row.output) == (2, 584, (8, 5, 5))
    assert row.macs == 576 * (49 + 25)
    assert "Conv2d(8, 8, 3), 2 calls" in str(total)
    with torch.device("meta"):
        heads = architectures.Segmenter(nn.Conv2d(2048, 3, 1))
    assert summary(heads, (3, 64, 64))["backbone.layer1.0.conv1.2"].calls == 1


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_bytes_are_those_of_the_dtypes(dtype):
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(18, 3)).to(dtype)
    total = summary(net, (1, 5, 5))
    assert total.weight_bytes == dtype.itemsize * (20 + 57)
    assert total.activation_bytes == dtype.itemsize * (18 + 18 + 3)
    mixed = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 1).double())
    mixed[1].register_forward_pre_hook(lambda _, args: args[0].double())
    total = summary(mixed, (1, 5, 5))
    assert [row.weight_bytes for row in total] == [80, 48]
    assert [row.activation_bytes for row in total] == [4 * 18, 8 * 18]


def test_the_module_is_not_changed():
    net = architectures.Resnet(architectures.Basic, (1, 1, 1, 1))
    net.layer1.conv = SlicedConv(64, 64, 1)
    net.seen = []
    net.register_forward_hook(lambda module, *_: module.seen.append(1))
    net.fc_extra = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
    net.table = torch.arange(3)
    net.stem.eval()
    net.layer2.requires_grad_(False)

    def state():
        modules = list(net.named_modules())
        tensors = [*net.named_parameters(), *net.named_buffers(), ("table", net.table)]
        return (
            [(name, id(each), type(each), each.training) for name, each in modules],
            [len(each._forward_hooks) + len(each._forward_pre_hooks) for _, each in modules],
            [
                (name, id(each), each.device, each.dtype, each.requires_grad)
                for name, each in tensors
            ],
            [sorted(vars(each)) for _, each in modules],
            len(net.seen),
        )

    before, values = state(), [each.clone() for each in net.state_dict().values()]
    total = summary(net, (3, 64, 64))
    assert state() == before
    assert all(map(torch.equal, values, net.state_dict().values()))
    assert total.output == (1000,)
    assert "fc_extra" in [row.position for row in total if "not called" in row.layer]


def test_what_forward_changes_is_changed_in_the_copy_only():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.count = torch.zeros(1)
            self.counts = [torch.zeros(1)]
            self.register_buffer("steps", torch.zeros(1))

        def forward(self, x):
            for count in (self.count, *self.counts, self.steps):
                count += 1
            self.last = x
            return x

    net = Counting()
    summary(net, (3, 8, 8))
    assert [float(count) for count in (net.count, *net.counts, net.steps)] == [0, 0, 0]
    assert not hasattr(net, "last")


def test_modules_without_tensors_or_calls_are_rows():
    class Silent(nn.Module):
        def __init__(self):
            super().__init__()
            self.counter = nn.Linear(2, 2)
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, x):
            for _ in self.counter.parameters():
                pass
            return self.conv(x)

    total = summary(Silent(), (3, 8, 8))
    assert [row.position for row in total] == ["conv", "counter"]
    assert total["counter"].layer == "Linear(2, 2), not called"
    assert total["counter"].outputs == ()
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    with pytest.raises(LayerError, match=r"^layer MultiheadAttention\(\): .*missing 2 required"):
        summary(attention, (5, 8))
    assert [row.position for row in summary(attention, [(5, 8)] * 3)] == ["0"]
    assert summary(nn.Sequential(Function(lambda x: x.relu_())), (3, 8, 8)).output == (3, 8, 8)


def test_a_view_of_what_is_changed_in_place_is_followed():
    def function(x):
        rows = x.view(1, 2, 8, 8)
        x.relu_()
        return rows

    total = summary(Function(function), (2, 8, 8))
    assert (total.fields, total.is_bound) == ((Field(1, 1, 0),) * 2, False)


def test_a_module_on_the_meta_device_and_one_in_training_are_read():
    net = nn.Sequential(nn.Conv2d(1, 4, 8), nn.BatchNorm2d(4), nn.Dropout())
    net.train()
    assert summary(net, (1, 8, 8)).output == (4, 1, 1)
    assert int(net[1].num_batches_tracked) == 0
    with torch.device("meta"):
        assert summary(nn.Conv2d(1, 4, 8), (1, 8, 8)).parameters == 260


class Function(nn.Module):
    """A module that computes a function, perhaps of several inputs."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        """Call the function."""
        return self.function(*inputs)


def test_several_inputs_and_outputs():
    class Stereo(nn.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right = nn.Conv2d(3, 4, 3), nn.Conv2d(1, 4, 5, padding=1)
            self.head = nn.Linear(4, 2)

        def forward(self, left, right, numbers):
            both = self.left(left) * self.right(right)
            return {"map": both, "rest": [self.head(both.mean((2, 3))), numbers * 2]}

    total = summary(Stereo(), [(3, 9, 9), (1, 9, 9), (7,)])
    assert [each.shape for each in total.outputs] == [(4, 7, 7), (2,), (7,)]
    assert total.inputs == ((3, 9, 9), (1, 9, 9), (7,))
    assert total["mul"].reads(0)[0].padded.field == (3, 1, 0)
    assert total["mul"].reads(1)[0].padded.field == (5, 1, -1)
    assert total["mul"].pixels(2, 3, number=1) == (range(1, 6), range(2, 7))
    assert "4 x 7 x 7, 2, 7" in str(total)
    assert total.macs == 4 * 27 * 49 + 4 * 25 * 49 + 8
    assert summary(nn.Linear(25088, 2), (25088,)).macs == 50176


# What has no shape without numbers -----------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x[x > 0], "index"),
        (lambda x: x.nonzero(), "nonzero"),
        (lambda x: x * x.sum().item(), "_local_scalar_dense"),
        (lambda x: x if x.sum() > 0 else -x, "_local_scalar_dense"),
        (lambda x: torch.unique(x), "unique"),
        (lambda x: torch.masked_select(x, x > 0), "masked_select"),
        (lambda x: torch.from_numpy(x.numpy()), "numpy"),
        (lambda x: torch.tensor(x.tolist()), "unallocated storage"),
    ],
)
def test_the_rows_end_where_a_shape_needs_numbers(function, reason):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), Function(function), nn.Conv2d(4, 4, 3))
    total = summary(net, (3, 8, 8))
    assert [row.position for row in total][:2] == ["0", "1"]
    assert not total.is_complete
    assert total.macs == 108 * 36
    (note,) = total.notes
    assert note.startswith("the rows end at layer 2, Function(): ")
    assert reason in note
    assert str(total).endswith(note)


def test_an_error_of_the_module_is_raised_with_its_place():
    net = nn.Sequential(nn.ReLU(), Function(lambda x: x.nothing))
    with pytest.raises(LayerError, match=r"^layer 1, Function\(\): .*has no attribute 'nothing'"):
        summary(net, (3, 8, 8))
    with pytest.raises(ValueError, match=r"parameter 0\.weight of unknown shape: run it once"):
        summary(nn.Sequential(nn.LazyConv2d(3, 3)), (3, 8, 8))
    with pytest.warns(DeprecationWarning, match=r"torch\.jit\.script"):
        scripted = nn.Sequential(torch.jit.script(nn.ReLU()))
    with pytest.raises(TypeError, match=r"^module at 0 is a ScriptModule"):
        summary(scripted, (3, 8, 8))
    locked = nn.Sequential(nn.ReLU())
    locked.lock = threading.Lock()
    with pytest.raises(TypeError, match=r"^module cannot be copied: .*lock"):
        summary(locked, (3, 8, 8))


def test_macs_that_are_not_known_are_not_counted_without_a_word():
    lstm = nn.LSTM(8, 4, num_layers=2, batch_first=True, bidirectional=True)
    weights = sum(each.numel() for each in lstm.parameters() if each.dim() == 2)
    assert summary(lstm, (5, 8)).macs == 5 * weights

    class Bilinear(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Bilinear(8, 8, 3)

        def forward(self, x):
            return self.layer(x, x)

    total = summary(Bilinear(), (8,))
    assert total.parameters == 195
    assert total.notes == ("the MACs of trilinear are not known, and not counted",)


# Fields --------------------------------------------------------------------------------------


def pooled_back(x):
    return F.interpolate(x.mean((2, 3), keepdim=True), x.shape[2:], mode="bilinear")


def in_windows(x):
    n, c, h, w = x.shape
    parts = x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 1, 3, 5)
    mixed = parts.reshape(n, h // 2, w // 2, -1).softmax(-1).view(parts.shape)
    return mixed.permute(0, 3, 1, 4, 2, 5).reshape(x.shape)


def written_in_place(x):
    result = x.new_zeros(*x.shape[:3], 2 * x.shape[3])
    result[..., ::2] = x
    return result


def shuffled_by_hand(x):
    n, c, h, w = x.shape
    x = x.view(n, c // 4, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(n, c // 4, 2 * h, 2 * w)


FUNCTIONS = {
    "residual": lambda x: x[..., 1:-1, 1:-1] + F.avg_pool2d(x, 3, 1),
    "cat of channels": lambda x: torch.cat([x, F.avg_pool2d(x, 3, 1, 1)], 1),
    "cat of columns": lambda x: torch.cat([x[..., 2:], x[..., :3]], 3),
    "stack": lambda x: torch.stack([x, F.avg_pool2d(x, 3, 1, 1)], 2).mean(2),
    "chunks": lambda x: torch.cat(x.chunk(2, 1)[::-1], 1),
    "split columns": lambda x: x.split([3, 5], 3)[1],
    "every second": lambda x: x[..., ::2, 1::3],
    "one column": lambda x: x[..., 3],
    "unbound": lambda x: x.unbind(2)[1],
    "rolled": lambda x: x.roll((1, -2), (2, 3)),
    "flipped": lambda x: x.flip(3),
    "repeated": lambda x: x.repeat(1, 2, 1, 2),
    "mirrored": lambda x: F.pad(x, (2, 1, 0, 3), mode="reflect"),
    "wrapped": lambda x: F.pad(x, (2, 1, 0, 3), mode="circular"),
    "cropped": lambda x: F.pad(x, (-2, 1, 0, -3)),
    "transposed": lambda x: x.transpose(2, 3) ** 2,
    "permuted": lambda x: F.gelu(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2),
    "tokens": lambda x: x.flatten(2).transpose(1, 2).mul(2).transpose(1, 2).view(x.shape),
    "shuffled": lambda x: F.pixel_shuffle(x, 2),
    "shuffled by hand": shuffled_by_hand,
    "unshuffled": lambda x: F.pixel_unshuffle(x, 2),
    "unfolded": lambda x: F.unfold(x, (3, 2), padding=(1, 0), stride=(1, 2)),
    "windows": lambda x: x.unfold(2, 3, 2).mean(-1),
    "mean of rows": lambda x: x.mean(2),
    "mean of rows kept": lambda x: x - x.mean(2, keepdim=True),
    "largest": lambda x: x.logsumexp((2, 3), keepdim=True) * x,
    "softmax of columns": lambda x: x.softmax(3),
    "gate": lambda x: x * torch.sigmoid(x.mean((2, 3), keepdim=True)),
    "image pooling": lambda x: torch.cat([x, pooled_back(x)], 1),
    "group norm": lambda x: F.group_norm(x, 2),
    "instance norm": lambda x: F.instance_norm(x),
    "layer norm": lambda x: F.layer_norm(x, x.shape[3:]),
    "layer norm of channels": lambda x: F.layer_norm(x.movedim(1, -1), (4,)).movedim(-1, 1),
    "einsum": lambda x: torch.einsum("nchw,ck->nkhw", x, torch.ones(4, 3, dtype=x.dtype)),
    "matrix": lambda x: x @ torch.ones(x.shape[-1], 3, dtype=x.dtype),
    "matrices": lambda x: torch.ones(4, 3, x.shape[-2], dtype=x.dtype) @ x,
    "matrix and vector": lambda x: x @ torch.ones(x.shape[-1], dtype=x.dtype),
    "matrix before": lambda x: torch.ones(3, x.shape[-2], dtype=x.dtype) @ x,
    "position": lambda x: x * torch.arange(1, x.shape[-1] + 1),
    "attention": lambda x: F.scaled_dot_product_attention(*[x.flatten(2).transpose(1, 2)] * 3),
    "zeros of its shape": lambda x: x + F.avg_pool2d(torch.zeros_like(x), 3, 1, 1),
    "two axes": lambda x: x[..., :8] + x[..., :8].transpose(2, 3),
    "written in place": written_in_place,
    "in windows": in_windows,
    "sampled": lambda x: F.grid_sample(
        x, F.affine_grid(torch.eye(2, 3, dtype=x.dtype)[None], x.shape, False), align_corners=False
    ),
    "channels in another order": lambda x: x[:, [2, 0, 1, 3]],
    "columns in another order": lambda x: x[..., [2, 0, 1, 3]],
}
BOUNDS = {"two axes", "written in place", "in windows", "sampled", "columns in another order"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_sees_what_has_a_gradient(name):
    net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), Function(FUNCTIONS[name])).double()
    shape = (1, 8, 8) if name == "two axes" else (1, 6, 8)
    total = summary(net, shape)
    assert total.is_bound == (name in BOUNDS)
    assert ("<=" in str(total)) == (name in BOUNDS)
    net = with_positive_weights(net)
    image = torch.rand(1, *shape, dtype=torch.float64).requires_grad_()
    output = net(image)
    assert total.output == output.shape[1:]
    tracked = {reads.dim for reads in total.reads()} - {None}
    assert all(dim < output.dim() for dim in tracked)
    for place in np.ndindex(*output.shape[2:]):
        number = (output[(0, slice(None), *place)] ** 3).sum()
        (slope,) = torch.autograd.grad(number, image, retain_graph=True)
        slope = slope.abs() > 1e-12
        if not slope.any():  # it lies in a border of zeros
            assert name in BOUNDS or not all(total.pixels(*place, padding=False))
            continue
        for axis, pixels in enumerate(total.pixels(*place, padding=False)):
            others = tuple(each for each in range(3) if each != axis + 1)
            reached = np.flatnonzero(slope[0].sum(others).numpy())
            span = reached[0], reached[-1]
            if name in BOUNDS:
                assert pixels[0] <= span[0] <= span[1] <= pixels[-1]
            else:
                assert span == (pixels[0], pixels[-1]), (place, axis)


@pytest.mark.parametrize(
    "name", ["gate", "image pooling", "group norm", "instance norm", "largest"]
)
def test_what_all_numbers_share_is_left_out_of_the_local_field(name):
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2), Function(FUNCTIONS[name]), nn.AvgPool2d(2, stride=1)
    )
    total = summary(net, (3, 21, 21))
    assert min(total.receptive_field_inside) >= 20
    assert total.local_fields == (Field(5, 2, 0),) * 2
    assert str(total).splitlines()[0].split()[-2:] == ["local", "step"]
    assert [reason for _, reason in total.unaligned if "everything" in reason]


def test_a_unet_gives_the_largest_field_and_its_step():
    with torch.device("meta"):
        net = architectures.Unet(1, 1, (2, 4, 8, 16))
    total = summary(net, (1, 128, 128))
    sizes = {len(total.pixels(row, 64)[0]) for row in range(40, 80)}
    assert total.receptive_field == (max(sizes),) * 2
    assert len(sizes) > 1
    assert total.effective_stride == (1, 1)
    assert total.unaligned == ()


def test_layers_that_do_not_move_with_the_image_are_named():
    def reasons(*layers):
        return [reason for _, reason in summary(nn.Sequential(*layers), (4, 8, 8)).unaligned]

    assert reasons(nn.Conv2d(4, 4, 3, 2, 1), nn.ConvTranspose2d(4, 4, 2, 2), nn.ReLU()) == []
    assert reasons(nn.AdaptiveAvgPool2d(8)) == []
    assert reasons(nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular")) == [
        "pad reads the other end of the image"
    ]
    assert reasons(nn.GroupNorm(2, 4)) == ["group_norm sees everything"]
    corners = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
    assert reasons(corners) == ["upsample_bilinear2d has no regular stride"]
    assert reasons(nn.BatchNorm2d(4, track_running_stats=False)) == ["batch_norm sees everything"]
    assert summary(nn.Sequential(nn.AdaptiveAvgPool2d(1)), (4, 8, 8)).unaligned == (
        (
            "layer 0, AdaptiveAvgPool2d(1)",
            "adaptive_avg_pool2d has windows that depend on the size of the image",
        ),
    )


def test_lists_are_summarised_without_torch():
    code = (
        "import sys; from convlib.networks import read, summary; "
        "print(summary(read('Conv2d(1, 1, 3), Upsample(2)'), (1, 8, 8)).output, "
        "'torch' in sys.modules)"
    )
    assert printed_by(code).split() == ["(1,", "2,", "2)", "False"]


class Places(nn.Module):
    """Tensors with data in attributes and in forward."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.scale = torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1)
        self.kept = [torch.ones(4, 1, 1)]

    def forward(self, x):
        """Mix devices and dtypes as one finds them in models."""
        x = x.to("cpu") * self.scale + torch.arange(8.0)
        x = torch.cat([x, torch.zeros(1, 3, 8, 2, device="cpu")], 3)
        return self.conv(x).cpu() * self.kept[0] * torch.tensor(2.0)


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (Places(), (3, 8, 8)),
        (nn.GRU(8, 4, batch_first=True), (5, 8)),
        (nn.Sequential(nn.Conv2d(3, 4, 3), nn.LPPool2d(2, 2)), (3, 8, 8)),
        (nn.Sequential(nn.SyncBatchNorm(3), nn.FractionalMaxPool2d(2, output_size=4)), (3, 8, 8)),
        (Function(lambda x: torch.fft.fft2(x).real), (3, 8, 8)),
        (nn.DataParallel(nn.Conv2d(3, 4, 3)), (3, 8, 8)),
        (torch.fx.symbolic_trace(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())), (3, 8, 8)),
        (Function(lambda x: checkpoint(nn.ReLU(), x, use_reentrant=False)), (3, 8, 8)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_models_do_besides_is_read(module, shape):
    module.eval()
    total = summary(module, shape)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        output = module(torch.ones(1, *shape))
    output = output[0] if isinstance(output, tuple) else output
    assert total.output == output.shape[1:]
    assert total.parameters == sum(each.numel() for each in module.parameters())
    assert 2 * total.macs == counter.get_total_flops()
    assert total.notes == ()


def test_deeper_modules_are_one_row_and_all_rows_are_found():
    total = summary(build("resnet18"), (3, 224, 224), depth=1)
    assert [row.position for row in total] == [
        *("stem", "layer1", "layer2", "layer3", "layer4", "head")
    ]
    assert [row.output for row in total][1:3] == [(64, 56, 56), (128, 28, 28)]
    assert total["layer4"].fields == (Field(435, 32, -217),) * 2
    assert total["layer4.1.conv2"].parameters == 512 * 512 * 9
    assert total["layer2.0.add"].layer == "add"
    assert len(total.to_csv().splitlines()) == 7
    assert sum(row.macs for row in total) == total.macs == 1_814_073_344


def test_an_operation_has_one_rule_and_is_in_one_module():
    kinds = places.RULES, sums.RULES, views.RULES, windows.RULES
    assert sum(map(len, kinds)) == len(operations.RULES) > 100
    assert not operations.ELEMENTWISE & operations.RULES.keys()
