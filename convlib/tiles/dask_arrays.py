"""Tiles of a dask array: one block of the result for each tile, computed by dask."""

import sys
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from convlib.tiles.plans import Plan, Tile
from convlib.tiles.single import Run, run_tile


def is_dask_array(image: Any) -> bool:
    """Return whether an array is one of dask, which is not imported for that."""
    dask_array = sys.modules.get("dask.array")
    return dask_array is not None and isinstance(image, dask_array.Array)


def tiled_later(run: Run, image: Any, plan: Plan) -> Any:
    """Return the output for a dask array as a dask array.

    The blocks along the leading axes, such as the batch, are those of the image; along the others
    there is one block for each tile. A piece may touch several blocks of the image: dask joins
    them.
    """
    dask: Any = sys.modules["dask"]
    leading = [_slices_of_blocks(chunks) for chunks in image.chunks[: -len(plan.input_size)]]
    dtype = _dtype_of_output(run, image, plan)
    shared = dask.delayed(run, traverse=False)  # sent to a worker once, not with each tile
    tile_later = dask.delayed(run_tile)
    blocks = np.empty((*map(len, leading), 1, *plan.grid), dtype=object)
    for place in np.ndindex(blocks.shape):
        batch = [slices[n] for slices, n in zip(leading, place, strict=False)]
        tile = plan[int(np.ravel_multi_index(place[-len(plan.grid) :], plan.grid))]
        piece = image[(*batch, slice(None), *tile.input)]
        kept = tile_later(shared, piece, tile, plan)
        shape = (*_sizes(batch), plan.output_size[0], *_sizes(tile.output))
        blocks[place] = dask.array.from_delayed(kept, shape, dtype)
    return dask.array.block(blocks.tolist())


def _slices_of_blocks(chunks: tuple[int, ...]) -> list[slice]:
    return [slice(*ends) for ends in pairwise(accumulate(chunks, initial=0))]


def _sizes(slices: Any) -> tuple[int, ...]:
    return tuple(each.stop - each.start for each in slices)


def _dtype_of_output(run: Run, image: Any, plan: Plan) -> np.dtype[Any]:
    """Run the smallest tile on zeros, with one image in the batch."""
    smallest: Tile = min((plan[0], plan[-1]), key=lambda tile: np.prod(_sizes(tile.input)))
    one = (1,) * (image.ndim - len(plan.input_size))
    zeros = np.zeros((*one, plan.input_size[0], *_sizes(smallest.input)), image.dtype)
    dtype: np.dtype[Any] = run_tile(run, zeros, smallest, plan).dtype
    return dtype
