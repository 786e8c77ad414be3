"""Run a function tile by tile: on NumPy arrays at once, on dask arrays when dask is asked to."""

from collections.abc import Callable
from typing import Any

import numpy as np

from convlib.networks.modules import is_torch_module
from convlib.tiles.dask_arrays import is_dask_array, tiled_later
from convlib.tiles.plans import Plan
from convlib.tiles.single import OnArrays, run_tile


def apply(function: Callable[[Any], Any], image: Any, plan: Plan, out: Any = None) -> Any:
    """Run a network tile by tile.

    Parameters
    ----------
    function : callable
        Returns the output of the network for an array of the shape (..., C, h, w); or the network
        itself, a torch module, which gets tensors and runs without gradients.
    image : array, shape (..., C, H, W)
        A NumPy array, or a memory-mapped one, of which one piece is in memory at a time; or a dask
        array.
    plan : Plan
        Of the network and the size of the image.
    out : array, optional
        Where the output is written, such as a memory-mapped array. Not for a dask array, which is
        stored with ``dask.array.store`` or ``to_zarr``.

    Returns
    -------
    array, shape (..., C_out, H_out, W_out)
        ``out`` if it is given, otherwise a new NumPy array. For a dask array a dask array with one
        block for each tile: nothing is computed until dask is asked to.

    Raises
    ------
    ValueError
        The shapes of the image, of what the function returns, or of ``out`` do not fit the plan;
        or ``out`` shares memory with the image.
    TypeError
        ``out`` has a dtype to which the numbers cannot be converted safely, or is given for a dask
        array.

    Notes
    -----
    Chapter ``tiles``. For a dask array, the function runs once at first, on zeros of the size of
    the smallest tile, to find the dtype of its output. Each block depends on the blocks of the
    image that its piece touches; in what order, in which threads or on which machines they are
    computed is for dask to decide. The function must be safe to run in several threads, or be
    computed with ``scheduler="processes"`` or ``"synchronous"``.

    Examples
    --------
    >>> from convlib import Conv2d, tiles
    >>> conv = Conv2d(1, 2, 3, padding=1, rng=0)
    >>> image = np.arange(400, dtype="float32").reshape(1, 1, 20, 20)
    >>> result = tiles.apply(conv, image, tiles.plan([conv], (1, 20, 20), tile=8))
    >>> bool(np.allclose(result, conv(image), atol=1e-3))
    True
    """
    if tuple(image.shape[-len(plan.input_size) :]) != plan.input_size:
        raise ValueError(f"image has shape {tuple(image.shape)}; the plan is for {plan.input_size}")
    run = OnArrays(function) if is_torch_module(function) else function
    if is_dask_array(image):
        if out is not None:
            raise TypeError(
                f"out={type(out).__name__} cannot be given for a dask array; store the result "
                "with dask.array.store or to_zarr"
            )
        return tiled_later(run, image, plan)
    if isinstance(out, np.ndarray) and np.may_share_memory(out, image):
        raise ValueError("out must not share memory with image, which later tiles read")
    for tile in plan:
        result = run_tile(run, image[(..., *tile.input)], tile, plan)
        shape = (*result.shape[: -len(tile.crop) - 1], *plan.output_size)
        if out is None:
            out = np.empty(shape, result.dtype)
        if tuple(out.shape) != shape:
            raise ValueError(f"out has shape {tuple(out.shape)}; the output has {shape}")
        if not np.can_cast(result.dtype, out.dtype, "same_kind"):
            raise TypeError(f"out has dtype {out.dtype}; the output has {result.dtype}")
        out[(..., *tile.output)] = result
    return out
