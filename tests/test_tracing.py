"""Any torch module: costs compared with torch's counters, fields with gradients."""

import architectures
import numpy as np
import pytest
import torch
from architectures import ARCHITECTURES, build
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from convlib.networks import summary


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
    "vgg13_bn": (lambda net: net.features[:14], (3, 14, 15)),
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
    "resnet20": (lambda net: nn.Sequential(net.stem, net.blocks), (3, 64, 32)),
    "squeezenet1_0": (lambda net: net[:6], (3, 52, 40)),
    "squeezenet1_1": (lambda net: net[2:8], (64, 20, 24)),
    "densenet121": (lambda net: net[:2] + net[2:3], (3, 64, 45)),
    "densenet169": (lambda net: net[3:7], (256, 12, 9)),
    "googlenet": (lambda net: net[4:8], (192, 16, 13)),
    "inception_v3": (lambda net: net.middle[2:4], (288, 15, 11)),
    "mobilenet_v1": (lambda net: net[1:9], (32, 32, 27)),
    "mobilenet_v2": (lambda net: net[1:7], (32, 40, 27)),
    "mobilenet_v3_large": (lambda net: net[1:5], (16, 24, 19)),
    "mobilenet_v3_small": (lambda net: net[2:4], (16, 24, 19)),
    "mnasnet1_0": (lambda net: net[2:8], (32, 48, 31)),
    "efficientnet_b0": (lambda net: net[2:4], (16, 24, 19)),
    "shufflenet_v2_x1_0": (lambda net: net[:5], (3, 64, 51)),
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
