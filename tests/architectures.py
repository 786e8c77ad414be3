"""Published architectures, written from their papers as torch modules; ImageNet's 1000 classes.

They are built on torch's meta device, where weights take no memory and no time.
"""

from functools import partial
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F


def conv_norm(channels, out, kernel_size=3, stride=1, padding=None, activation=nn.ReLU, **options):
    """Convolution without bias, batch normalization, activation."""
    padding = (kernel_size - 1) // 2 if padding is None else padding
    eps = options.pop("eps", 1e-5)
    conv = nn.Conv2d(channels, out, kernel_size, stride, padding, bias=False, **options)
    layers = [conv, nn.BatchNorm2d(out, eps=eps)]
    return nn.Sequential(*layers, *([activation()] if activation else []))


def pooled_head(channels, classes=1000):
    """Global average pooling and a linear layer."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def rounded(channels):
    """Round to a multiple of 8, and not down by more than 10 %."""
    result = max(8, int(channels + 4) // 8 * 8)
    return result + 8 if result < 0.9 * channels else result


# Stacks -------------------------------------------------------------------------------------


def lenet():
    """LeNet-5 (LeCun et al. 1998), as it is often written, for 1 x 32 x 32 pixels."""
    features = nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh()
    head = nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)
    return nn.Sequential(*features, nn.AvgPool2d(2), nn.Flatten(), *head)


class Alexnet(nn.Module):
    """AlexNet (Krizhevsky 2014)."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True)),
            *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True)),
            *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2)),
        )
        self.pool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            *(nn.Dropout(), nn.Linear(256 * 36, 4096), nn.ReLU(inplace=True)),
            *(nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(inplace=True)),
            nn.Linear(4096, 1000),
        )

    def forward(self, x):
        """Classify images."""
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))


VGG_CONVOLUTIONS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


class Vgg(nn.Module):
    """VGG (Simonyan and Zisserman 2015)."""

    def __init__(self, depth, norm=False):
        super().__init__()
        layers, channels = [], 3
        for count, out in zip(VGG_CONVOLUTIONS[depth], (64, 128, 256, 512, 512), strict=True):
            for _ in range(count):
                layers += [nn.Conv2d(channels, out, 3, padding=1)]
                layers += [nn.BatchNorm2d(out)] if norm else []
                layers += [nn.ReLU(inplace=True)]
                channels = out
            layers += [nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            *(nn.AdaptiveAvgPool2d(7), nn.Flatten(), nn.Linear(512 * 49, 4096), nn.ReLU()),
            *(nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()),
            nn.Linear(4096, 1000),
        )

    def forward(self, x):
        """Classify images."""
        return self.classifier(self.features(x))


# Residual networks --------------------------------------------------------------------------


class Basic(nn.Module):
    """Two 3 x 3 convolutions and a shortcut."""

    expansion = 1

    def __init__(self, channels, width, stride, groups=1, group_width=64, gate=None):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride > 1 or channels != width:
            self.downsample = conv_norm(channels, width, 1, stride, activation=None)

    def forward(self, x):
        """Add the input."""
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += shortcut
        return self.relu(y)


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3 and 1 x 1 convolution and a shortcut; perhaps groups, perhaps a gate."""

    expansion = 4

    def __init__(self, channels, width, stride, groups=1, group_width=64, gate=None):
        super().__init__()
        middle, out = width * group_width // 64 * groups, 4 * width
        self.conv1 = conv_norm(channels, middle, 1)
        self.conv2 = conv_norm(middle, middle, 3, stride, groups=groups)
        self.conv3 = conv_norm(middle, out, 1, activation=None)
        self.gate = gate(out) if gate else nn.Identity()
        self.downsample = nn.Identity()
        if stride > 1 or channels != out:
            self.downsample = conv_norm(channels, out, 1, stride, activation=None)

    def forward(self, x):
        """Add the input."""
        return F.relu(self.gate(self.conv3(self.conv2(self.conv1(x)))) + self.downsample(x))


class Resnet(nn.Module):
    """ResNet (He et al. 2016), ResNeXt (Xie et al. 2017) and wide ones (Zagoruyko 2016)."""

    def __init__(self, block, counts, groups=1, group_width=64, gate=None, dilated=False):
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1))
        channels = 64
        for stage, count in enumerate(counts):
            width, blocks = 64 * 2**stage, []
            for number in range(count):
                stride = 2 if stage > 0 and number == 0 else 1
                blocks.append(block(channels, width, stride, groups, group_width, gate))
                channels = width * block.expansion
            if dilated and stage > 1:  # keep the size, and space the taps out instead
                space_out(blocks, 2 ** (stage - 2))
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.head = pooled_head(channels)

    def maps(self, x):
        """Return the maps of the last two stages."""
        third = self.layer3(self.layer2(self.layer1(self.stem(x))))
        return third, self.layer4(third)

    def forward(self, x):
        """Classify images."""
        return self.head(self.maps(x)[1])


def space_out(blocks, dilation):
    """Replace the stride of a stage by dilation: its first 3 x 3 has that of the stage before."""
    for number, block in enumerate(blocks):
        for conv in block.modules():
            if isinstance(conv, nn.Conv2d):
                conv.stride = (1, 1)
                if conv.kernel_size == (3, 3):
                    conv.dilation = conv.padding = (dilation if number == 0 else 2 * dilation,) * 2


class Squeeze(nn.Module):
    """Squeeze and excitation (Hu et al. 2018): a gate for each channel."""

    def __init__(self, channels, middle=None, activation=nn.ReLU, gate=nn.Sigmoid):
        super().__init__()
        middle = channels // 16 if middle is None else middle
        self.fc1, self.fc2 = nn.Conv2d(channels, middle, 1), nn.Conv2d(middle, channels, 1)
        self.activation, self.gate = activation(), gate()

    def forward(self, x):
        """Scale the channels."""
        scale = x.mean((2, 3), keepdim=True)
        return x * self.gate(self.fc2(self.activation(self.fc1(scale))))


class CifarResnet(nn.Module):
    """ResNet for CIFAR-10; its shortcuts drop pixels and add channels of zeros."""

    def __init__(self, count=3):
        super().__init__()
        self.stem = conv_norm(3, 16)
        channels, blocks = 16, []
        for width in (16, 32, 64):
            for _ in range(count):
                blocks.append(CifarBlock(channels, width))
                channels = width
        self.blocks = nn.Sequential(*blocks)
        self.head = pooled_head(64, 10)

    def forward(self, x):
        """Classify images."""
        return self.head(self.blocks(self.stem(x)))


class CifarBlock(nn.Module):
    """Two convolutions and a shortcut without parameters."""

    def __init__(self, channels, width):
        super().__init__()
        self.added = (width - channels) // 2
        self.conv1 = conv_norm(channels, width, stride=2 if self.added else 1)
        self.conv2 = conv_norm(width, width, activation=None)

    def forward(self, x):
        """Add the input, or every second pixel of it."""
        y = self.conv2(self.conv1(x))
        if self.added:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.added, self.added))
        return F.relu(x + y)


# Concatenation ------------------------------------------------------------------------------


class Fire(nn.Module):
    """SqueezeNet's module: 1 x 1, then 1 x 1 and 3 x 3 side by side."""

    def __init__(self, channels, middle, out):
        super().__init__()
        self.squeeze = nn.Sequential(nn.Conv2d(channels, middle, 1), nn.ReLU(inplace=True))
        self.expand1 = nn.Conv2d(middle, out, 1)
        self.expand3 = nn.Conv2d(middle, out, 3, padding=1)

    def forward(self, x):
        """Concatenate the two."""
        x = self.squeeze(x)
        return F.relu(torch.cat([self.expand1(x), self.expand3(x)], 1))


def squeezenet(version):
    """SqueezeNet (Iandola et al. 2016)."""
    fires = [Fire(*each) for each in ((64, 16, 64), (128, 16, 64), (128, 32, 128), (256, 32, 128))]
    fires += [Fire(*each) for each in ((256, 48, 192), (384, 48, 192), (384, 64, 256))]
    fires += [Fire(512, 64, 256)]
    pools = [nn.MaxPool2d(3, 2, ceil_mode=True) for _ in range(3)]
    if version == "1.0":
        fires[0] = Fire(96, 16, 64)
        stem = [nn.Conv2d(3, 96, 7, 2), nn.ReLU(), pools[0]]
        body = [*fires[:3], pools[1], *fires[3:7], pools[2], fires[7]]
    else:
        stem = [nn.Conv2d(3, 64, 3, 2), nn.ReLU(), pools[0]]
        body = [*fires[:2], pools[1], *fires[2:4], pools[2], *fires[4:]]
    head = nn.Dropout(), nn.Conv2d(512, 1000, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    return nn.Sequential(*stem, *body, *head)


class DenseBlock(nn.Module):
    """Layers of which each reads the outputs of all before it."""

    def __init__(self, channels, growth, count):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(
                *(nn.BatchNorm2d(channels + number * growth), nn.ReLU()),
                nn.Conv2d(channels + number * growth, 4 * growth, 1, bias=False),
                *(nn.BatchNorm2d(4 * growth), nn.ReLU()),
                nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
            )
            for number in range(count)
        )

    def forward(self, x):
        """Concatenate all outputs."""
        features = [x]
        for layer in self.layers:
            features.append(layer(torch.cat(features, 1)))
        return torch.cat(features, 1)


def densenet(counts, growth=32, channels=64):
    """DenseNet (Huang et al. 2017)."""
    stem = conv_norm(3, channels, 7, 2), nn.MaxPool2d(3, 2, 1)
    body = []
    for number, count in enumerate(counts):
        body.append(DenseBlock(channels, growth, count))
        channels += count * growth
        if number < 3:
            transition = nn.Conv2d(channels, channels // 2, 1, bias=False)
            body += [nn.BatchNorm2d(channels), nn.ReLU(), transition, nn.AvgPool2d(2)]
            channels //= 2
    return nn.Sequential(*stem, *body, nn.BatchNorm2d(channels), nn.ReLU(), pooled_head(channels))


class Parallel(nn.Module):
    """Paths from one input, concatenated."""

    def __init__(self, *paths):
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x):
        """Concatenate the outputs of the paths."""
        return torch.cat([path(x) for path in self.paths], 1)


def googlenet():
    """GoogLeNet (Szegedy et al. 2015), with batch normalization and without side heads."""
    conv = partial(conv_norm, eps=1e-3)

    def inception(channels, one, three_in, three, five_in, five, pooled):
        return Parallel(
            conv(channels, one, 1),
            nn.Sequential(conv(channels, three_in, 1), conv(three_in, three)),
            nn.Sequential(conv(channels, five_in, 1), conv(five_in, five)),  # 3 x 3 in torchvision
            nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), conv(channels, pooled, 1)),
        )

    return nn.Sequential(
        *(conv(3, 64, 7, 2), nn.MaxPool2d(3, 2, ceil_mode=True), conv(64, 64, 1), conv(64, 192)),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        *(inception(192, 64, 96, 128, 16, 32, 32), inception(256, 128, 128, 192, 32, 96, 64)),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        *(inception(480, 192, 96, 208, 16, 48, 64), inception(512, 160, 112, 224, 24, 64, 64)),
        *(inception(512, 128, 128, 256, 24, 64, 64), inception(512, 112, 144, 288, 32, 64, 64)),
        inception(528, 256, 160, 320, 32, 128, 128),
        nn.MaxPool2d(2, 2, ceil_mode=True),
        *(inception(832, 256, 160, 320, 32, 128, 128), inception(832, 384, 192, 384, 48, 128, 128)),
        pooled_head(1024),
    )


class InceptionV3(nn.Module):
    """Inception v3 (Szegedy et al. 2016), with the side head, which evaluation does not call."""

    def __init__(self):
        super().__init__()
        conv = self.conv
        self.stem = nn.Sequential(
            *(conv(3, 32, 3, 2), conv(32, 32, 3), conv(32, 64, 3, padding=1), nn.MaxPool2d(3, 2)),
            *(conv(64, 80, 1), conv(80, 192, 3), nn.MaxPool2d(3, 2)),
        )
        self.middle = nn.Sequential(
            *(self.a(192, 32), self.a(256, 64), self.a(288, 64), self.b(288)),
            *(self.c(128), self.c(160), self.c(160), self.c(192)),
        )
        self.side = nn.Sequential(
            *(nn.AvgPool2d(5, 3), conv(768, 128, 1), conv(128, 768, 5), pooled_head(768)),
        )
        self.last = nn.Sequential(self.d(), self.e(1280), self.e(2048))
        self.head = pooled_head(2048)

    @staticmethod
    def conv(channels, out, kernel_size, stride=1, padding=0):
        """Convolution, normalization, activation; the kernel may be oblong."""
        conv = nn.Conv2d(channels, out, kernel_size, stride, padding, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(out, eps=1e-3), nn.ReLU(inplace=True))

    def row(self, channels, out):
        """1 x 7 convolution."""
        return self.conv(channels, out, (1, 7), padding=(0, 3))

    def column(self, channels, out):
        """7 x 1 convolution."""
        return self.conv(channels, out, (7, 1), padding=(3, 0))

    def a(self, channels, pooled):
        """5 x 5, two 3 x 3, pooling."""
        conv = self.conv
        return Parallel(
            conv(channels, 64, 1),
            nn.Sequential(conv(channels, 48, 1), conv(48, 64, 5, padding=2)),
            nn.Sequential(
                conv(channels, 64, 1), conv(64, 96, 3, padding=1), conv(96, 96, 3, padding=1)
            ),
            nn.Sequential(nn.AvgPool2d(3, 1, 1), conv(channels, pooled, 1)),
        )

    def b(self, channels):
        """Half the size."""
        conv = self.conv
        path = conv(channels, 64, 1), conv(64, 96, 3, padding=1), conv(96, 96, 3, 2)
        return Parallel(conv(channels, 384, 3, 2), nn.Sequential(*path), nn.MaxPool2d(3, 2))

    def c(self, width):
        """7 x 7 convolutions as rows and columns."""
        conv, row, column = self.conv, self.row, self.column
        return Parallel(
            conv(768, 192, 1),
            nn.Sequential(conv(768, width, 1), row(width, width), column(width, 192)),
            nn.Sequential(
                *(conv(768, width, 1), column(width, width), row(width, width)),
                *(column(width, width), row(width, 192)),
            ),
            nn.Sequential(nn.AvgPool2d(3, 1, 1), conv(768, 192, 1)),
        )

    def d(self):
        """Half the size."""
        conv = self.conv
        return Parallel(
            nn.Sequential(conv(768, 192, 1), conv(192, 320, 3, 2)),
            nn.Sequential(
                conv(768, 192, 1), self.row(192, 192), self.column(192, 192), conv(192, 192, 3, 2)
            ),
            nn.MaxPool2d(3, 2),
        )

    def e(self, channels):
        """Paths that fork again."""
        conv = self.conv

        def fork():
            row = conv(384, 384, (1, 3), padding=(0, 1))
            return Parallel(row, conv(384, 384, (3, 1), padding=(1, 0)))

        return Parallel(
            conv(channels, 320, 1),
            nn.Sequential(conv(channels, 384, 1), fork()),
            nn.Sequential(conv(channels, 448, 1), conv(448, 384, 3, padding=1), fork()),
            nn.Sequential(nn.AvgPool2d(3, 1, 1), conv(channels, 192, 1)),
        )

    def forward(self, x):
        """Classify images; in training, also from the middle."""
        x = self.middle(self.stem(x))
        side = self.side(x) if self.training else None
        x = self.head(self.last(x))
        return x if side is None else (x, side)


# Depthwise convolutions ---------------------------------------------------------------------


def mobilenet_v1():
    """MobileNet (Howard et al. 2017)."""
    layers, channels = [conv_norm(3, 32, 3, 2)], 32
    outs = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5]
    for out, stride in (*outs, (1024, 2), (1024, 1)):
        layers += [conv_norm(channels, channels, 3, stride, groups=channels)]
        layers += [conv_norm(channels, out, 1)]
        channels = out
    return nn.Sequential(*layers, pooled_head(1024))


class Inverted(nn.Module):
    """Inverted bottleneck of MobileNet v2 and v3, MNASNet and EfficientNet."""

    def __init__(self, channels, wide, out, kernel_size, stride, activation, gate=None, eps=1e-5):
        super().__init__()
        conv = partial(conv_norm, activation=activation, eps=eps)
        layers = [conv(channels, wide, 1)] if wide != channels else []
        layers += [conv(wide, wide, kernel_size, stride, groups=wide)]
        layers += [gate] if gate else []
        layers += [conv_norm(wide, out, 1, activation=None, eps=eps)]
        self.layers = nn.Sequential(*layers)
        self.adds = stride == 1 and channels == out

    def forward(self, x):
        """Add the input if the shape allows it."""
        return x + self.layers(x) if self.adds else self.layers(x)


def mobilenet_v2():
    """MobileNet v2 (Sandler et al. 2018)."""
    layers, channels = [conv_norm(3, 32, 3, 2, activation=nn.ReLU6)], 32
    stages = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1)]
    for factor, out, count, first in (*stages, (6, 160, 3, 2), (6, 320, 1, 1)):
        for number in range(count):
            stride = first if number == 0 else 1
            layers += [Inverted(channels, factor * channels, out, 3, stride, nn.ReLU6)]
            channels = out
    return nn.Sequential(
        *layers, conv_norm(320, 1280, 1, activation=nn.ReLU6), nn.Dropout(0.2), pooled_head(1280)
    )


LARGE = """3 16 16 - R 1, 3 64 24 - R 2, 3 72 24 - R 1, 5 72 40 S R 2, 5 120 40 S R 1,
5 120 40 S R 1, 3 240 80 - H 2, 3 200 80 - H 1, 3 184 80 - H 1, 3 184 80 - H 1, 3 480 112 S H 1,
3 672 112 S H 1, 5 672 160 S H 2, 5 960 160 S H 1, 5 960 160 S H 1"""
SMALL = """3 16 16 S R 2, 3 72 24 - R 2, 3 88 24 - R 1, 5 96 40 S H 2, 5 240 40 S H 1,
5 240 40 S H 1, 5 120 48 S H 1, 5 144 48 S H 1, 5 288 96 S H 2, 5 576 96 S H 1, 5 576 96 S H 1"""


def mobilenet_v3(table, last):
    """MobileNet v3 (Howard et al. 2019), of rows: kernel, wide, out, gate, activation, stride."""
    layers, channels = [conv_norm(3, 16, 3, 2, activation=nn.Hardswish)], 16
    for row in table.split(","):
        kernel_size, wide, out, gated, kind, stride = row.split()
        wide, out = int(wide), int(out)
        gate = Squeeze(wide, rounded(wide / 4), gate=nn.Hardsigmoid) if gated == "S" else None
        activation = {"R": nn.ReLU, "H": nn.Hardswish}[kind]
        layers += [Inverted(channels, wide, out, int(kernel_size), int(stride), activation, gate)]
        channels = out
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6 * channels, last), nn.Hardswish()
    wide = conv_norm(channels, 6 * channels, 1, activation=nn.Hardswish)
    return nn.Sequential(*layers, wide, *head, nn.Dropout(0.2), nn.Linear(last, 1000))


def mnasnet():
    """MNASNet-B1 (Tan et al. 2019)."""
    layers = [conv_norm(3, 32, 3, 2), conv_norm(32, 32, 3, groups=32)]
    layers, channels = [*layers, conv_norm(32, 16, 1, activation=None)], 16
    stages = [(3, 24, 3, 3, 2), (3, 40, 3, 5, 2), (6, 80, 3, 5, 2), (6, 96, 2, 3, 1)]
    for factor, out, count, kernel_size, first in (*stages, (6, 192, 4, 5, 2), (6, 320, 1, 3, 1)):
        for number in range(count):
            stride = first if number == 0 else 1
            block = Inverted(channels, factor * channels, out, kernel_size, stride, nn.ReLU)
            layers, channels = [*layers, block], out
    return nn.Sequential(*layers, conv_norm(320, 1280, 1), nn.Dropout(0.2), pooled_head(1280))


def efficientnet():
    """EfficientNet-B0 (Tan and Le 2019)."""
    channels = 32
    layers = [conv_norm(3, channels, 3, 2, activation=nn.SiLU)]
    stages = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3)]
    for factor, kernel_size, first, out, count in (
        *stages,
        *((6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)),
    ):
        for number in range(count):
            wide, stride = factor * channels, first if number == 0 else 1
            gate = Squeeze(wide, channels // 4, nn.SiLU)
            layers += [Inverted(channels, wide, out, kernel_size, stride, nn.SiLU, gate)]
            channels = out
    last = conv_norm(channels, 4 * channels, 1, activation=nn.SiLU)
    return nn.Sequential(*layers, last, nn.Dropout(0.2), pooled_head(4 * channels))


class ShuffleUnit(nn.Module):
    """ShuffleNet v2's unit: half of the channels pass by, then all are shuffled."""

    def __init__(self, channels, out, stride):
        super().__init__()
        half = out // 2
        self.stride, read = stride, channels if stride > 1 else half
        self.beside = nn.Sequential()
        if stride > 1:
            depthwise = conv_norm(channels, channels, 3, 2, groups=channels, activation=None)
            self.beside = nn.Sequential(depthwise, conv_norm(channels, half, 1))
        self.path = nn.Sequential(
            conv_norm(read, half, 1),
            conv_norm(half, half, 3, stride, groups=half, activation=None),
            conv_norm(half, half, 1),
        )

    def forward(self, x):
        """Split, concatenate, shuffle."""
        left, right = (x, x) if self.stride > 1 else x.chunk(2, dim=1)
        x = torch.cat([self.beside(left), self.path(right)], dim=1)
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


def shufflenet_v2(widths=(24, 116, 232, 464, 1024)):
    """ShuffleNet v2 (Ma et al. 2018)."""
    channels, *stages, last = widths
    layers = [conv_norm(3, channels, 3, 2), nn.MaxPool2d(3, 2, 1)]
    for out, count in zip(stages, (4, 8, 4), strict=True):
        for number in range(count):
            layers += [ShuffleUnit(channels, out, 2 if number == 0 else 1)]
            channels = out
    return nn.Sequential(*layers, conv_norm(channels, last, 1), pooled_head(last))


class RegnetBlock(nn.Module):
    """ResNet's bottleneck without a bottleneck, with groups, perhaps with a gate."""

    def __init__(self, channels, out, stride, group_width, gate):
        super().__init__()
        layers = [conv_norm(channels, out, 1)]
        layers += [conv_norm(out, out, 3, stride, groups=out // group_width)]
        layers += [Squeeze(out, round(channels / 4))] if gate else []
        self.layers = nn.Sequential(*layers, conv_norm(out, out, 1, activation=None))
        self.proj = nn.Identity()
        if stride > 1 or channels != out:
            self.proj = conv_norm(channels, out, 1, stride, activation=None)

    def forward(self, x):
        """Add the input."""
        return F.relu(self.proj(x) + self.layers(x))


def regnet(widths, counts, group_width, gate):
    """RegNetX, or RegNetY with gates (Radosavovic et al. 2020)."""
    layers, channels = [conv_norm(3, 32, 3, 2)], 32
    for out, count in zip(widths, counts, strict=True):
        for number in range(count):
            layers += [RegnetBlock(channels, out, 2 if number == 0 else 1, group_width, gate)]
            channels = out
    return nn.Sequential(*layers, pooled_head(channels))


class LayerNorm2d(nn.LayerNorm):
    """Layer normalization of the channels of each pixel."""

    def forward(self, x):
        """Move the channels to the end and back."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvnextBlock(nn.Module):
    """7 x 7 depthwise convolution and two linear layers."""

    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.wide, self.narrow = (
            nn.Linear(channels, 4 * channels),
            nn.Linear(4 * channels, channels),
        )
        self.scale = nn.Parameter(torch.full((channels, 1, 1), 1e-6))

    def forward(self, x):
        """Add the input."""
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.narrow(F.gelu(self.wide(y))).permute(0, 3, 1, 2)
        return x + self.scale * y


def convnext(counts=(3, 3, 9, 3), widths=(96, 192, 384, 768)):
    """ConvNeXt (Liu et al. 2022)."""
    layers = [nn.Conv2d(3, widths[0], 4, 4), LayerNorm2d(widths[0], eps=1e-6)]
    for stage, (count, width) in enumerate(zip(counts, widths, strict=True)):
        if stage:
            channels = widths[stage - 1]
            layers += [LayerNorm2d(channels, eps=1e-6), nn.Conv2d(channels, width, 2, 2)]
        layers += [ConvnextBlock(width) for _ in range(count)]
    head = nn.AdaptiveAvgPool2d(1), LayerNorm2d(widths[-1], eps=1e-6), nn.Flatten()
    return nn.Sequential(*layers, *head, nn.Linear(widths[-1], 1000))


class Xception(nn.Module):
    """Xception (Chollet 2017)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, 32, 3, 2, 0), conv_norm(32, 64, 3, 1, 0))
        blocks = [XceptionBlock((64, 128, 128), first=False), XceptionBlock((128, 256, 256))]
        blocks += [XceptionBlock((256, 728, 728))]
        blocks += [XceptionBlock((728,) * 4, stride=1) for _ in range(8)]
        self.blocks = nn.Sequential(*blocks, XceptionBlock((728, 728, 1024)))
        self.last = nn.Sequential(
            *(separable(1024, 1536), nn.ReLU(), separable(1536, 2048), nn.ReLU())
        )
        self.head = pooled_head(2048)

    def forward(self, x):
        """Classify images."""
        return self.head(self.last(self.blocks(self.stem(x))))


def separable(channels, out):
    """Depthwise and pointwise convolution, and normalization."""
    depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
    return nn.Sequential(depthwise, conv_norm(channels, out, 1, activation=None))


class XceptionBlock(nn.Module):
    """Separable convolutions and a shortcut."""

    def __init__(self, widths, stride=2, first=True):
        super().__init__()
        layers = []
        for channels, out in pairwise(widths):
            layers += [nn.ReLU(), separable(channels, out)]
        layers = layers if first else layers[1:]
        layers += [nn.MaxPool2d(3, 2, 1)] if stride > 1 else []
        self.layers = nn.Sequential(*layers)
        changes = stride > 1 or widths[0] != widths[-1]
        self.skip = (
            conv_norm(widths[0], widths[-1], 1, stride, activation=None)
            if changes
            else nn.Identity()
        )

    def forward(self, x):
        """Add the input."""
        return self.layers(x) + self.skip(x)


# Attention ----------------------------------------------------------------------------------


class EncoderBlock(nn.Module):
    """Self-attention and two linear layers, each with a shortcut."""

    def __init__(self, width, heads, wide):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(width, wide), nn.GELU(), nn.Linear(wide, width))

    def forward(self, x):
        """Add the input, twice."""
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """ViT (Dosovitskiy et al. 2021)."""

    def __init__(self, patch=16, width=768, depth=12, heads=12):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.zeros(1, (224 // patch) ** 2 + 1, width))
        blocks = (EncoderBlock(width, heads, 4 * width) for _ in range(depth))
        self.blocks = nn.Sequential(*blocks, nn.LayerNorm(width, eps=1e-6))
        self.head = nn.Linear(width, 1000)

    def forward(self, x):
        """Classify images by the token of the class."""
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(x), -1, -1), x], 1) + self.positions
        return self.head(self.blocks(x)[:, 0])


# Maps of the size of the image --------------------------------------------------------------


class Unet(nn.Module):
    """U-Net (Ronneberger et al. 2015) with borders and batch normalization, for any size."""

    def __init__(self, channels=3, classes=1, widths=(64, 128, 256, 512, 1024)):
        super().__init__()
        self.first = self.two(channels, widths[0])
        self.down = nn.ModuleList(map(self.two, widths[:-1], widths[1:]))
        turned = widths[::-1]
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(wide, out, 2, 2) for wide, out in pairwise(turned)
        )
        self.join = nn.ModuleList(map(self.two, turned[:-1], turned[1:]))
        self.last = nn.Conv2d(widths[0], classes, 1)

    @staticmethod
    def two(channels, out):
        """Two 3 x 3 convolutions."""
        return nn.Sequential(conv_norm(channels, out), conv_norm(out, out))

    def forward(self, x):
        """Give each pixel a number for each class."""
        maps = [self.first(x)]
        for down in self.down:
            maps.append(down(F.max_pool2d(maps[-1], 2)))
        x = maps.pop()
        for up, join in zip(self.up, self.join, strict=True):
            beside = maps.pop()
            x = up(x)
            rows, columns = (beside.size(axis) - x.size(axis) for axis in (2, 3))
            x = F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))
            x = join(torch.cat([beside, x], 1))
        return self.last(x)


class Segmenter(nn.Module):
    """A ResNet with dilation, a head, and a side head of its third stage; maps are enlarged."""

    def __init__(self, head):
        super().__init__()
        self.backbone = Resnet(Bottleneck, (3, 4, 6, 3), dilated=True)
        del self.backbone.head
        self.head, self.side = head, fcn_head(1024)

    def forward(self, x):
        """Give each pixel a number for each class."""
        third, fourth = self.backbone.maps(x)
        maps = {"out": self.head(fourth), "aux": self.side(third)}
        size = x.shape[-2:]
        return {
            name: F.interpolate(each, size, mode="bilinear", align_corners=False)
            for name, each in maps.items()
        }


def fcn_head(channels):
    """Head of a fully convolutional network (Long et al. 2015)."""
    middle = channels // 4
    return nn.Sequential(conv_norm(channels, middle), nn.Dropout(0.1), nn.Conv2d(middle, 21, 1))


class Pyramid(nn.Module):
    """DeepLab's pyramid (Chen et al. 2017): dilations side by side, and the pooled image."""

    def __init__(self, channels, dilations=(12, 24, 36)):
        super().__init__()
        self.paths = nn.ModuleList([conv_norm(channels, 256, 1)])
        self.paths.extend(
            conv_norm(channels, 256, 3, padding=each, dilation=each) for each in dilations
        )
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), conv_norm(channels, 256, 1))
        self.last = nn.Sequential(conv_norm(5 * 256, 256, 1), nn.Dropout(0.5))

    def forward(self, x):
        """Concatenate all paths."""
        pooled = F.interpolate(self.pooled(x), x.shape[-2:], mode="bilinear", align_corners=False)
        return self.last(torch.cat([*(path(x) for path in self.paths), pooled], 1))


def deeplab():
    """DeepLab v3 on ResNet-50."""
    return Segmenter(nn.Sequential(Pyramid(2048), conv_norm(256, 256), nn.Conv2d(256, 21, 1)))


def dcgan(count=64):
    """Generator of DCGAN (Radford et al. 2016): from 100 numbers to 3 x 64 x 64 pixels."""
    widths = 100, 8 * count, 4 * count, 2 * count, count, 3
    layers = []
    for number, (channels, out) in enumerate(pairwise(widths)):
        stride, padding = (1, 0) if number == 0 else (2, 1)
        layers += [nn.ConvTranspose2d(channels, out, 4, stride, padding, bias=False)]
        layers += [nn.BatchNorm2d(out), nn.ReLU()] if out > 3 else [nn.Tanh()]
    return nn.Sequential(*layers)


def dcgan_discriminator(count=64):
    """Discriminator of DCGAN: from 3 x 64 x 64 pixels to one number."""
    layers = [nn.Conv2d(3, count, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for factor in (1, 2, 4):
        channels = factor * count
        layers += [nn.Conv2d(channels, 2 * channels, 4, 2, 1, bias=False)]
        layers += [nn.BatchNorm2d(2 * channels), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(8 * count, 1, 4, bias=False), nn.Sigmoid())


IMAGE = (3, 224, 224)
BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}

# Name: how it is built, the shape of an image, and the published number of parameters
ARCHITECTURES = {
    "lenet": (lenet, (1, 32, 32), 61_706),
    "alexnet": (Alexnet, IMAGE, 61_100_840),
    "vgg11": (partial(Vgg, 11), IMAGE, 132_863_336),
    "vgg11_bn": (partial(Vgg, 11, True), IMAGE, 132_868_840),
    "vgg13": (partial(Vgg, 13), IMAGE, 133_047_848),
    "vgg13_bn": (partial(Vgg, 13, True), IMAGE, 133_053_736),
    "vgg16": (partial(Vgg, 16), IMAGE, 138_357_544),
    "vgg16_bn": (partial(Vgg, 16, True), IMAGE, 138_365_992),
    "vgg19": (partial(Vgg, 19), IMAGE, 143_667_240),
    "vgg19_bn": (partial(Vgg, 19, True), IMAGE, 143_678_248),
    "resnet18": (partial(Resnet, Basic, (2, 2, 2, 2)), IMAGE, 11_689_512),
    "resnet34": (partial(Resnet, Basic, (3, 4, 6, 3)), IMAGE, 21_797_672),
    "resnet50": (partial(Resnet, Bottleneck, BLOCKS[50]), IMAGE, 25_557_032),
    "resnet101": (partial(Resnet, Bottleneck, BLOCKS[101]), IMAGE, 44_549_160),
    "resnet152": (partial(Resnet, Bottleneck, BLOCKS[152]), IMAGE, 60_192_808),
    "resnext50_32x4d": (partial(Resnet, Bottleneck, BLOCKS[50], 32, 4), IMAGE, 25_028_904),
    "wide_resnet50_2": (partial(Resnet, Bottleneck, BLOCKS[50], 1, 128), IMAGE, 68_883_240),
    "se_resnet50": (
        partial(Resnet, Bottleneck, BLOCKS[50], gate=Squeeze),
        IMAGE,
        28_088_024,
    ),
    "resnet20": (CifarResnet, (3, 32, 32), 269_722),
    "squeezenet1_0": (partial(squeezenet, "1.0"), IMAGE, 1_248_424),
    "squeezenet1_1": (partial(squeezenet, "1.1"), IMAGE, 1_235_496),
    "densenet121": (partial(densenet, (6, 12, 24, 16)), IMAGE, 7_978_856),
    "densenet169": (partial(densenet, (6, 12, 32, 32)), IMAGE, 14_149_480),
    "googlenet": (googlenet, IMAGE, 6_624_904),
    "inception_v3": (InceptionV3, (3, 299, 299), 27_161_264),
    "mobilenet_v1": (mobilenet_v1, IMAGE, 4_231_976),
    "mobilenet_v2": (mobilenet_v2, IMAGE, 3_504_872),
    "mobilenet_v3_large": (partial(mobilenet_v3, LARGE, 1280), IMAGE, 5_483_032),
    "mobilenet_v3_small": (partial(mobilenet_v3, SMALL, 1024), IMAGE, 2_542_856),
    "mnasnet1_0": (mnasnet, IMAGE, 4_383_312),
    "efficientnet_b0": (efficientnet, IMAGE, 5_288_548),
    "shufflenet_v2_x1_0": (shufflenet_v2, IMAGE, 2_278_604),
    "regnet_x_400mf": (
        partial(regnet, (32, 64, 160, 400), (1, 2, 7, 12), 16, False),
        IMAGE,
        5_495_976,
    ),
    "regnet_y_400mf": (
        partial(regnet, (48, 104, 208, 440), (1, 3, 6, 6), 8, True),
        IMAGE,
        4_344_144,
    ),
    "convnext_tiny": (convnext, IMAGE, 28_589_128),
    "xception": (Xception, (3, 299, 299), 22_855_952),
    "vit_b_16": (VisionTransformer, IMAGE, 86_567_656),
    "unet": (Unet, (3, 97, 80), 31_037_633),
    "fcn_resnet50": (lambda: Segmenter(fcn_head(2048)), (3, 97, 80), 35_322_218),
    "deeplabv3_resnet50": (deeplab, (3, 97, 80), 42_004_074),
    "dcgan": (dcgan, (100, 1, 1), 3_576_704),
    "dcgan_discriminator": (dcgan_discriminator, (3, 64, 64), 2_765_568),
}


def build(name):
    """Build an architecture on the meta device, for evaluation."""
    make, _, _ = ARCHITECTURES[name]
    with torch.device("meta"):
        return make().eval()
