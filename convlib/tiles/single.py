"""Compute one tile."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from convlib.arguments import Array
from convlib.tiles.plans import Plan, Tile

Run = Callable[[Any], Any]


class OnArrays:
    """A torch module as a function of NumPy arrays, which a dask worker can receive."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def __call__(self, piece: Array) -> Array:
        """Run the module without gradients."""
        torch = sys.modules["torch"]
        with torch.inference_mode():
            result: Array = self.module(torch.from_numpy(piece)).numpy()
        return result


def run_tile(run: Run, piece: Any, tile: Tile, plan: Plan) -> Array:
    """Return the numbers of a tile, from its piece of the image.

    The function gets a copy of the piece, so it may change it.
    """
    piece = np.array(piece)
    result: Any = np.asarray(run(piece))
    axes = len(tile.crop)
    sizes = zip(result.shape[-axes:], tile.crop, strict=True)
    fits = result.ndim == piece.ndim and all(size >= crop.stop for size, crop in sizes)
    if not fits or result.shape[-axes - 1] != plan.output_size[0]:
        places = ", ".join(f"{crop.start}:{crop.stop}" for crop in tile.crop)
        raise ValueError(
            f"function returned shape {result.shape} for a piece of shape {piece.shape}; the plan "
            f"keeps [{places}] of {plan.output_size[0]} channels: it is for another network"
        )
    kept: Array = result[(..., *tile.crop)]
    return kept
