"""Tiles of dask arrays: computed by dask, in threads, and in processes of which one is killed."""

import os
import signal
import time
from pathlib import Path

import dask
import dask.array as da
import distributed
import numpy as np
import pytest
import torch
from test_tiles import UNet, integers_of, with_integers
from torch import nn

from convlib import Conv2d, networks, tiles


@pytest.fixture(autouse=True)
def one_thread():
    """Compute in one thread unless a test says otherwise."""
    with dask.config.set(scheduler="synchronous"):
        yield


def strided():
    """Return a network whose stride is 4, with integer weights."""
    layers = nn.Conv2d(2, 3, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2)
    return with_integers(nn.Sequential(*layers))


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
@pytest.mark.parametrize("tile", [6, (7, 11), 100])
def test_a_dask_array_gives_the_numbers_of_the_whole(scheduler, tile):
    module = with_integers(UNet())
    image = integers_of((2, 3, 40, 44))
    plan = tiles.plan(module, image.shape[1:], tile)
    lazy = tiles.apply(module, da.from_array(image, chunks=(1, 3, 16, 30)), plan)
    assert isinstance(lazy, da.Array)
    assert lazy.numblocks == (2, 1, *plan.grid)
    with torch.inference_mode():
        whole = module(torch.from_numpy(image)).numpy()
    assert (lazy.shape, lazy.dtype) == (whole.shape, whole.dtype)
    np.testing.assert_array_equal(lazy.compute(scheduler=scheduler), whole)


def test_one_image_without_a_batch_and_a_function_of_numpy():
    conv = Conv2d(1, 2, 3, padding=1, dtype="float64", rng=0)
    conv.weight = np.arange(18.0).reshape(2, 1, 3, 3)
    image = integers_of((1, 20, 23))
    plan = tiles.plan([conv], image.shape, tile=8)
    lazy = tiles.apply(conv, da.from_array(image, chunks=7), plan)
    np.testing.assert_array_equal(lazy.compute(), conv(image))


def test_a_part_of_the_result_computes_its_tiles_only():
    sizes = []

    def double(piece):
        sizes.append(piece.shape)
        return 2 * piece

    layer = networks.Conv2d(1, 1, 3, padding=1)
    plan = tiles.plan([layer], (1, 90, 90), tile=40)
    lazy = tiles.apply(double, da.ones((2, 1, 90, 90), chunks=30), plan)
    assert sizes == [(1, 1, 11, 11)]  # the smallest one, to find the dtype
    part = lazy[:, :, 40:80, 40:80].compute()
    assert sizes[1:] == [(2, 1, 42, 42)]
    assert part.tolist() == np.full((2, 1, 40, 40), 2.0).tolist()


def test_the_dtype_is_that_of_the_function():
    layer = networks.Conv2d(1, 1, 1)
    plan = tiles.plan([layer], (1, 8, 8), tile=5)
    image = da.ones((1, 8, 8), dtype="uint8")
    lazy = tiles.apply(lambda piece: piece / np.float32(2), image, plan)
    assert lazy.dtype == lazy.compute().dtype == np.float32


def test_invalid_arguments_are_rejected():
    layer = networks.Conv2d(1, 1, 3)
    plan = tiles.plan([layer], (1, 8, 8), tile=3)
    image = da.ones((1, 8, 8))
    with pytest.raises(TypeError, match="out=ndarray cannot be given for a dask array"):
        tiles.apply(np.abs, image, plan, out=np.empty((1, 6, 6)))
    with pytest.raises(ValueError, match=r"image has shape \(1, 7, 8\); the plan is for"):
        tiles.apply(np.abs, image[:, 1:], plan)
    with pytest.raises(ValueError, match="function returned shape"):
        tiles.apply(lambda piece: piece[..., 3:], image, plan)


def test_map_overlap_alone_gives_an_output_of_another_size():
    module = strided()
    image = integers_of((1, 2, 64, 64))
    plan = tiles.plan(module, image.shape[1:], tile=4)
    lazy = da.from_array(image, chunks=(1, 2, 16, 16))
    halo = max(map(max, plan.halo))

    def run(piece):
        with torch.inference_mode():
            return module(torch.from_numpy(piece)).numpy()

    sizes = {"expected": tiles.apply(module, lazy, plan).compute().shape[2:]}
    for trim in (True, False):  # it removes pixels of the halo from each result, or nothing
        other = lazy.map_overlap(run, (0, 0, halo, halo), "none", trim=trim, dtype=float)
        sizes[trim] = other.compute().shape[2:]
        assert other.shape[2:] == (64, 64)  # announced
    assert sizes == {"expected": (16, 16), True: (6, 6), False: (18, 18)}


def test_a_killed_worker_changes_nothing(tmp_path):
    conv = Conv2d(1, 2, 3, stride=2, padding=1, dtype="float64", rng=0)
    conv.weight = np.arange(18.0).reshape(2, 1, 3, 3)
    image = integers_of((1, 1, 96, 96))
    plan = tiles.plan([conv], image.shape[1:], tile=8)

    def run(piece, folder=tmp_path, conv=conv):
        started = len(list(folder.glob("tile-*")))
        (folder / f"tile-{os.getpid()}-{time.monotonic_ns()}").touch()
        if started >= 8:  # the others wait until the worker is dead
            while not (folder / "killed").exists():
                time.sleep(0.01)
        return conv(piece)

    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        processes = set(client.run(os.getpid).values())
        assert len(processes - {os.getpid()}) == 2
        killed = processes.pop()
        lazy = tiles.apply(run, da.from_array(image, chunks=(1, 1, 32, 32)), plan)
        future = client.compute(lazy)
        while len(list(tmp_path.glob("tile-*"))) < 10:
            time.sleep(0.01)
        assert not future.done()
        os.kill(killed, signal.SIGKILL)
        (tmp_path / "killed").touch()
        result = future.result(timeout=60)
        workers = {Path(mark).name.split("-")[1] for mark in tmp_path.glob("tile-*")}
    np.testing.assert_array_equal(result, conv(image))
    assert str(killed) in workers
    assert len(list(tmp_path.glob("tile-*"))) > 1 + len(plan)  # some were computed again
