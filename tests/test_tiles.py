"""Tiles: what is computed piece by piece equals the result of the whole image."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import event, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from convlib import Conv2d, networks, tiles

many = settings(deadline=None, derandomize=True, database=None, max_examples=150)


def integers_of(shape, seed=0):
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(np.float64)


def with_integers(module):
    """Give a module integer weights, in float64 and evaluation mode."""
    generator = torch.Generator().manual_seed(0)
    module = module.double().eval()
    for parameter in module.parameters():
        values = torch.randint(-2, 3, parameter.shape, generator=generator)
        parameter.data = values.to(parameter.dtype)
    return module


def compare_tiled(module, image, plan):
    """Compare the result of each tile with that of the whole image, bit for bit."""
    with torch.inference_mode():
        whole = module(torch.from_numpy(image)).numpy()
    assert plan.output_size == whole.shape[1:]
    covered = np.zeros(plan.output_size[1:], int)
    for tile in plan:
        with torch.inference_mode():
            result = module(torch.from_numpy(image[..., *tile.input])).numpy()
        np.testing.assert_array_equal(result[..., *tile.crop], whole[..., *tile.output])
        covered[tile.output] += 1
    assert (covered == 1).all()


class Join(nn.Module):
    """The sum, or the concatenation, of two paths."""

    def __init__(self, left, right, joins):
        super().__init__()
        self.left, self.right, self.joins = left, right, joins

    def forward(self, x):
        """Run both paths."""
        left, right = self.left(x), self.right(x)
        return left + right if self.joins == "add" else torch.cat([left, right], 1)


@st.composite
def layers(draw, axes, channels, depth=0):
    """Draw a layer, and the channels behind it."""
    kinds = ["conv", "conv", "pool", "transposed", "resize", "pad", "relu", "join"]
    kind = draw(st.sampled_from(kinds[: 8 if depth == 0 else 7]))
    kernel, stride, dilation = (draw(st.integers(1, most)) for most in (4, 3, 2))
    if kind == "conv":
        mode = draw(st.sampled_from(["zeros", "zeros", "reflect", "replicate"]))
        padding = draw(st.integers(0, 3))
        convolution = getattr(nn, f"Conv{axes}d")
        return convolution(
            channels, 2, kernel, stride, padding, dilation, padding_mode=mode, bias=depth == 0
        ), 2
    if kind == "pool":
        name = draw(st.sampled_from(["MaxPool", "AvgPool"]))
        padding = draw(st.integers(0, kernel // 2))
        ceil_mode = draw(st.booleans())
        if name == "AvgPool":  # averages of 4 or 1: exact
            kernel, padding = 2 if axes == 2 else 4, 1
        pool = getattr(nn, f"{name}{axes}d")
        return pool(kernel, stride, padding, ceil_mode=ceil_mode), channels
    if kind == "transposed":
        padding, more = draw(st.integers(0, 2)), draw(st.integers(0, stride - 1))
        transposed = getattr(nn, f"ConvTranspose{axes}d")
        return transposed(
            channels, 2, kernel, stride, padding, more if stride > 1 else 0, dilation=dilation
        ), 2
    if kind == "resize":
        mode = draw(st.sampled_from(["nearest", "bilinear" if axes == 2 else "linear"]))
        return nn.Upsample(scale_factor=2, mode=mode), channels
    if kind == "pad":
        amounts = draw(st.lists(st.integers(-2, 2), min_size=2 * axes, max_size=2 * axes))
        return getattr(nn, f"ZeroPad{axes}d")(tuple(amounts)), channels
    if kind == "relu":
        return nn.ReLU(), channels
    left, behind = draw(layers(axes, channels, depth + 1))
    right = draw(st.sampled_from([nn.Identity(), left]))
    joins = "add" if draw(st.booleans()) and behind == channels else "cat"
    right_channels = behind if right is left else channels
    return Join(left, right, joins), channels if joins == "add" else behind + right_channels


@st.composite
def networks_of_torch(draw, axes):
    channels, stack = 1, []
    for _ in range(draw(st.integers(1, 4))):
        layer, channels = draw(layers(axes, channels))
        stack.append(layer)
    return nn.Sequential(*stack)


@many
@given(st.data(), st.integers(1, 2))
def test_tiles_of_any_stack_equal_the_whole(data, axes):
    module = with_integers(data.draw(networks_of_torch(axes)))
    size = data.draw(st.lists(st.integers(1, 48), min_size=axes, max_size=axes))
    try:
        output = networks.summary(module, (1, *size)).output
    except ValueError:
        event("no window fits")
        return
    tile = data.draw(st.lists(st.integers(1, 50), min_size=axes, max_size=axes))
    tile = [max(amount, count // 12) for amount, count in zip(tile, output[1:], strict=True)]
    try:
        plan = tiles.plan(module, (1, *size), tile)
    except ValueError as error:
        event(f"rejected: {str(error).split(':')[-1]}")
        return
    event(f"tiled, {'several' if len(plan) > 1 else 'one'}")
    compare_tiled(module, integers_of((1, 1, *size)), plan)


def double_convolution(channels, out):
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, padding=1),
        nn.BatchNorm2d(out),
        nn.ReLU(),
        nn.Conv2d(out, out, 3, padding=1),
        nn.ReLU(),
    )


class UNet(nn.Module):
    """A U-Net of two levels."""

    def __init__(self):
        super().__init__()
        self.down0, self.down1 = double_convolution(3, 4), double_convolution(4, 8)
        self.bottom = double_convolution(8, 8)
        self.up1, self.up0 = (nn.ConvTranspose2d(8, 4, 2, stride=2) for _ in range(2))
        self.out1, self.out0 = double_convolution(12, 8), double_convolution(8, 2)

    def forward(self, x):
        """Return two channels of the size of the image."""
        first = self.down0(x)
        second = self.down1(F.max_pool2d(first, 2))
        bottom = self.bottom(F.max_pool2d(second, 2))
        up = self.out1(torch.cat([second, self.up1(bottom)], 1))
        return self.out0(torch.cat([first, self.up0(up)], 1))


def small_numbers(module):
    """Give a module weights of -1, 0 and 1, so that deep sums stay exact."""
    with_integers(module)
    for parameter in module.parameters():
        parameter.data.clamp_(-1, 1)
    for each in module.modules():
        if isinstance(each, nn.BatchNorm2d):
            each.eps, each.running_var = 0.0, torch.ones_like(each.running_var)
            each.weight.data.fill_(1)
    return module


@pytest.mark.parametrize("tile", [16, (20, 33), 200])
def test_tiles_of_a_unet_equal_the_whole(tile):
    module = small_numbers(UNet())
    plan = tiles.plan(module, (3, 64, 96), tile)
    compare_tiled(module, integers_of((1, 3, 64, 96)), plan)
    assert plan.alignment == (4, 4)
    # 2 of out0, 2 * 2 of out1, 4 * 2 of bottom, 2 * 2 of down1, 2 of down0, 2 of unequal pixels
    assert plan.halo == ((22, 22), (22, 22))
    assert (len(plan) == 1) == (tile == 200)


def test_halo_of_three_convolutions_is_the_sum_of_their_paddings():
    layers = [networks.Conv2d(1, 1, kernel, padding=kernel // 2) for kernel in (3, 5, 7)]
    plan = tiles.plan(layers, (1, 100, 100), tile=10)
    assert plan.halo == ((6, 6), (6, 6))
    assert plan[11].input == (slice(4, 26), slice(4, 26))
    assert plan[11].crop == (slice(6, 16), slice(6, 16))
    assert plan[11].output == (slice(10, 20), slice(10, 20))


def test_a_smaller_halo_shows_a_seam():
    conv = Conv2d(1, 1, 3, padding=1, dtype="float64", rng=0)
    image = integers_of((1, 1, 8, 8))
    whole = conv(image)
    assert (conv(image[..., 4:, :])[..., 0, :] != whole[..., 4, :]).any()
    (_, second) = tiles.plan([conv], (1, 8, 8), tile=(4, 8))
    assert second.input[0] == slice(3, 8)
    np.testing.assert_allclose(
        conv(image[..., *second.input])[..., *second.crop], whole[..., 4:, :]
    )


def test_pieces_begin_in_step_with_the_strides():
    layers = [networks.Conv1d(1, 1, 3, stride=2, padding=1), networks.MaxPool1d(3, 3)]
    plan = tiles.plan(layers, (1, 200), tile=4)
    assert plan.alignment == (6,)
    assert len(plan) > 3
    assert [tile.input[0].start for tile in plan][:4] == [0, 18, 42, 66]


def test_a_border_that_a_crop_hides_widens_the_halo():
    class Crop(nn.Module):
        """Padding behind a transposed layer that crops its output."""

        def __init__(self):
            super().__init__()
            self.up = nn.ConvTranspose1d(1, 1, 2, stride=2, padding=1)
            self.smooth = nn.Conv1d(1, 1, 3, padding=1)

        def forward(self, x):
            """Enlarge, crop, smooth."""
            return self.smooth(self.up(x))

    module = with_integers(Crop())
    for parameter in module.parameters():
        parameter.data.fill_(1)
    plan = tiles.plan(module, (1, 30), tile=6)
    compare_tiled(module, integers_of((1, 1, 30)), plan)
    assert 1 < max(tile.input[0].stop - tile.input[0].start for tile in plan) < 30


def test_plan_knows_sizes_overhead_and_its_tiles():
    plan = tiles.plan([networks.Conv2d(3, 8, 3)], (3, 10, 12), tile=(4, 5))
    assert plan.input_size == (3, 10, 12)
    assert plan.output_size == (8, 8, 10)
    assert plan.tile == (4, 5)
    assert len(plan) == len(list(plan)) == 2 * 2
    pixels = [np.prod([part.stop - part.start for part in tile.input]) for tile in plan]
    assert plan.overhead == sum(pixels) / (10 * 12) - 1 > 0
    assert plan[-1] == plan[3] == plan[2:][1]
    assert plan.index(plan[2]) == 2
    with pytest.raises(IndexError):
        plan[4]


# What cannot be tiled


class Attention(nn.Module):
    """Attention of all pixels to all pixels."""

    def forward(self, x):
        """Use the image as query, key and value."""
        y = x.flatten(2).transpose(1, 2)
        return F.scaled_dot_product_attention(y, y, y).transpose(1, 2).reshape(x.shape)


class Either(nn.Module):
    """One layer for a small image, two for a large one."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.ReLU(), nn.Tanh()

    def forward(self, x):
        """Run the second layer on large images only."""
        x = self.first(x)
        return self.second(x) if x.shape[2] > 30 else x


class Function(nn.Module):
    """A function of a tensor, as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        """Return the function of x."""
        return self.function(x)


SAME = nn.Conv2d(4, 4, 3, padding=1)
REJECTED = {
    "global pooling": (nn.AdaptiveAvgPool2d(1), "layer 1.*AdaptiveAvgPool2d.* cannot be tiled"),
    "uneven pooling": (nn.AdaptiveMaxPool2d(7), "layer 1.*depend on the size of the image"),
    "mean": (Function(lambda x: x - x.mean((2, 3), keepdim=True)), "layer 1.*sees everything"),
    "attention": (Attention(), r"layer 1, Attention\(\) cannot be tiled"),
    "group norm": (nn.GroupNorm(2, 4), r"layer 1, GroupNorm\(2, 4\) cannot.*sees everything"),
    "instance norm": (nn.InstanceNorm2d(4), "layer 1, InstanceNorm2d.*sees everything"),
    "circular": (
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular"),
        "layer 1, Conv2d.* reads the other end of the image",
    ),
    "corners": (
        nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
        "layer 1, Upsample.* has no regular stride",
    ),
    "fixed size": (nn.Upsample(size=(96, 96)), "layer 1, Upsample.* or depends on its size"),
    "last rows": (Function(lambda x: x[:, :, -40:] * 2), "layer .* cannot be tiled"),
    "positions": (
        Function(lambda x: x + torch.ones(48, 48, device=x.device)),
        r"layer 1, Function\(\) cannot.*number for each place",
    ),
    "transposition": (Function(lambda x: x.transpose(2, 3) * 2), "not each axis of the image"),
    "flatten": (nn.Flatten(), "cannot be tiled"),
    "grid": (
        Function(lambda x: F.grid_sample(x, x[:, :2].permute(0, 2, 3, 1), align_corners=False)),
        "layer 1, Function|layer 1.grid_sampler.* cannot be tiled",
    ),
    "control flow": (Either(), "which layers run depends on the size"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_layer_that_cannot_be_tiled_is_named(name):
    layer, message = REJECTED[name]
    with pytest.raises(ValueError, match=message):
        tiles.plan(nn.Sequential(SAME, layer, nn.ReLU()).eval(), (4, 48, 48), 8)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (networks.GroupNorm(2, 4), "layer 1, GroupNorm.*sees everything"),
        (networks.AdaptiveAvgPool2d(1), "layer 1, AdaptiveAvgPool2d.* depend on the size"),
        (networks.CircularPad2d(1), "layer 1, CircularPad2d.* other end"),
        (networks.Linear(48, 48), "layer 1, Linear.* sees everything"),
        (networks.Upsample(scale_factor=2, mode="bilinear", align_corners=True), "layer 1, Upsam"),
    ],
)
def test_a_layer_of_convlib_that_cannot_be_tiled_is_named(layer, message):
    with pytest.raises(ValueError, match=message):
        tiles.plan([networks.Conv2d(4, 4, 3), layer], (4, 50, 50), 8)


def join_with_itself(module):
    return [networks.Branch([module], [module], join="add")]


@pytest.mark.parametrize("wrap", [lambda module: module, lambda module: [module], join_with_itself])
@pytest.mark.parametrize(
    ("layer", "message"),
    [("BatchNorm2d", "BatchNorm2d.*call eval"), ("Dropout", "Dropout.*random")],
)
def test_training_mode_is_rejected(wrap, layer, message):
    module = nn.Sequential(SAME, getattr(nn, layer)(4 if layer == "BatchNorm2d" else 0.5))
    with pytest.raises(ValueError, match=f"layer 1, {message}"):
        tiles.plan(wrap(module), (4, 48, 48), 8)
    assert module.training
    assert len(tiles.plan(wrap(module.eval()), (4, 48, 48), 24)) == 4


def test_a_network_of_several_outputs_is_rejected():
    with pytest.raises(ValueError, match="1 inputs and 2 outputs"):
        tiles.plan(Function(lambda x: (x * 2, x + 1)), (4, 48, 48), 8)


def test_invalid_arguments_are_rejected():
    layers = [networks.Conv2d(1, 1, 3)]
    with pytest.raises(ValueError, match="tile=0 must be at least 1"):
        tiles.plan(layers, (1, 9, 9), 0)
    with pytest.raises(ValueError, match=r"tile=.*3 entries"):
        tiles.plan(layers, (1, 9, 9), (1, 2, 3))
    with pytest.raises(ValueError, match="layer 0, Conv2d"):
        tiles.plan(layers, (3, 9, 9), 4)


# Running


def test_apply_runs_functions_of_numpy_and_torch_modules():
    module = with_integers(nn.Sequential(nn.Conv2d(2, 3, 5, stride=2, padding=2), nn.MaxPool2d(2)))
    image = integers_of((2, 2, 50, 61))
    plan = tiles.plan(module, (2, 50, 61), tile=5)
    with torch.inference_mode():
        whole = module(torch.from_numpy(image)).numpy()
    np.testing.assert_array_equal(tiles.apply(module, image, plan), whole)
    conv = Conv2d(2, 3, 5, stride=2, padding=2, dtype="float64")
    conv.weight, conv.bias = (each.detach().numpy() for each in module[0].parameters())
    plan = tiles.plan([conv], (2, 50, 61), tile=5)
    np.testing.assert_array_equal(tiles.apply(conv, image, plan), conv(image))
    np.testing.assert_array_equal(tiles.apply(conv, image[0], plan), conv(image)[0])


def test_apply_writes_into_out():
    conv = Conv2d(1, 2, 3, padding=1, dtype="float32", rng=0)
    image = integers_of((1, 1, 20, 20)).astype("float32")
    plan = tiles.plan([conv], (1, 20, 20), tile=7)
    out = np.full((1, 2, 20, 20), np.nan)
    assert tiles.apply(conv, image, plan, out=out) is out
    np.testing.assert_allclose(out, conv(image), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match=r"out has shape \(2, 20, 20\); the output has"):
        tiles.apply(conv, image, plan, out=out[0])
    with pytest.raises(TypeError, match="out has dtype int64; the output has float32"):
        tiles.apply(conv, image, plan, out=out.astype("int64"))
    with pytest.raises(ValueError, match="share memory"):
        tiles.apply(Conv2d(1, 1, 3, padding=1), image, plan, out=image)
    with pytest.raises(ValueError, match=r"image has shape .*; the plan is for \(1, 20, 20\)"):
        tiles.apply(conv, image[..., 1:], plan)
    with pytest.raises(ValueError, match=r"function returned shape .* for another network"):
        tiles.apply(Conv2d(1, 2, 3), image, plan)
    with pytest.raises(ValueError, match=r"function returned shape .* of 2 channels"):
        tiles.apply(Conv2d(1, 1, 3, padding=1), image, plan)


@pytest.mark.usefixtures("loops_compiled")
def test_apply_needs_memory_for_one_tile_only(tmp_path):
    size = 4096
    image = np.lib.format.open_memmap(tmp_path / "image.npy", "w+", "float32", (1, size, size))
    image[:, ::7, ::5] = 1
    out = np.lib.format.open_memmap(tmp_path / "out.npy", "w+", "float32", (1, size, size))

    def box(piece):
        padded = np.pad(piece, ((0, 0), (1, 1), (0, 0)))
        return padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]

    layer = networks.Conv2d(1, 1, (3, 1), padding=(1, 0))
    plan = tiles.plan([layer], image.shape, tile=512)
    tracemalloc.start()
    tiles.apply(box, image, plan, out=out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < image.nbytes / 8
    np.testing.assert_array_equal(out[:, 500:530], box(image[:, 499:531])[:, 1:-1])
