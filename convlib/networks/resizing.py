"""Layers that enlarge images, or move pixels between channels and axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convlib import arguments
from convlib.arguments import shown
from convlib.connections import Connections, interpolated, nearest, picked
from convlib.layer import LayerCost, check_image_shape
from convlib.networks.description import Description
from convlib.spec import Axis, Sizes

__all__ = [
    "PixelShuffle",
    "PixelUnshuffle",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
]

REACHES = {"linear": 1, "bilinear": 1, "trilinear": 1, "bicubic": 2}
AXES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
MODES = ("nearest", "nearest-exact", *REACHES)


@dataclass(frozen=True, repr=False)
class _Resize(Description):
    """Base class of layers that resize: to a size, or by a factor."""

    size: Any = None
    scale_factor: Any = None

    def __post_init__(self) -> None:
        """Validate the arguments."""
        if (self.size is None) == (self.scale_factor is None):
            raise ValueError(
                f"size={shown(self.size)} and scale_factor={shown(self.scale_factor)}: one of "
                "them must be given"
            )
        factors = self.scale_factor
        for factor in factors if isinstance(factors, list | tuple) else [factors]:
            if factor is not None and (
                not isinstance(factor, int | float) or isinstance(factor, bool) or factor <= 0
            ):
                raise ValueError(f"scale_factor={shown(factors)} must be numbers above 0")
        if isinstance(factors, list):
            self._set(scale_factor=tuple(factors))

    def _resized(self, shape: Sizes, mode: str, corners: bool) -> LayerCost:
        axes = len(shape) - 1
        check_image_shape(shape, AXES.get(mode, max(axes, 1)))
        scales: Sequence[float | None] = [None] * axes
        if self.size is not None:
            counts = arguments.integers("size", self.size, axes)
        else:
            factors = self.scale_factor
            scales = factors if isinstance(factors, tuple) else (factors,) * axes
            if len(scales) != axes:
                raise ValueError(f"scale_factor={shown(factors)} must have {axes} entries")
            counts = tuple(int(n * scale) for n, scale in zip(shape[1:], scales, strict=True))
            if min(counts) < 1:
                raise ValueError(f"scale_factor={shown(factors)} leaves nothing of {shape[1:]}")
        connections: list[Connections] = []
        for size, count, scale in zip(shape[1:], counts, scales, strict=True):
            if mode in REACHES:
                told = None if corners else scale
                connections.append(interpolated(size, count, REACHES[mode], corners, told))
            else:
                connections.append(nearest(size, count, scale, mode == "nearest-exact"))
        return LayerCost((shape[0], *counts), tuple(connections))


@dataclass(frozen=True, repr=False)
class Upsample(_Resize):
    """Resizing by repeated or interpolated pixels."""

    mode: str = "nearest"
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None

    def __post_init__(self) -> None:
        """Validate the arguments."""
        super().__post_init__()
        arguments.choice("mode", self.mode, MODES)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, *size)."""
        return self._resized(shape, self.mode, bool(self.align_corners))


class UpsamplingNearest2d(_Resize):
    """Resizing of images by repeated pixels."""

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, H, W)."""
        check_image_shape(shape, 2)
        return self._resized(shape, "nearest", corners=False)


class UpsamplingBilinear2d(_Resize):
    """Resizing of images by interpolation, with corners that stay where they are."""

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, H, W)."""
        return self._resized(shape, "bilinear", corners=True)


@dataclass(frozen=True, repr=False)
class PixelShuffle(Description):
    """Pixels out of channels: (C * r * r, H, W) to (C, H * r, W * r)."""

    upscale_factor: int

    def __post_init__(self) -> None:
        """Validate the argument."""
        arguments.integer("upscale_factor", self.upscale_factor)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C * r * r, H, W)."""
        check_image_shape(shape, 2)
        factor = self.upscale_factor
        if shape[0] % factor**2:
            raise ValueError(
                f"upscale_factor={factor}: {factor}**2 must divide the {shape[0]} channels of its "
                "input"
            )
        axes = tuple(
            picked(np.arange(size * factor) // factor, size, (1, factor)) for size in shape[1:]
        )
        sizes = (size * factor for size in shape[1:])
        return LayerCost((shape[0] // factor**2, *sizes), axes)


@dataclass(frozen=True, repr=False)
class PixelUnshuffle(Description):
    """Channels out of pixels: (C, H * r, W * r) to (C * r * r, H, W)."""

    downscale_factor: int

    def __post_init__(self) -> None:
        """Validate the argument."""
        arguments.integer("downscale_factor", self.downscale_factor)

    def cost(self, shape: Sizes) -> LayerCost:
        """Return what the layer does to one image, (C, H * r, W * r)."""
        check_image_shape(shape, 2)
        factor = self.downscale_factor
        if any(size % factor for size in shape[1:]):
            raise ValueError(f"downscale_factor={factor} must divide the sizes {shape[1:]}")
        axes = tuple(Axis(size, factor, factor) for size in shape[1:])
        sizes = (size // factor for size in shape[1:])
        return LayerCost((shape[0] * factor**2, *sizes), axes)
