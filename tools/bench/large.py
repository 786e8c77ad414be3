"""Images of any size: time and memory of a network in torch, on the whole image and tile by tile.

The network has five layers, a stride, a pool, a dilation and a transposed convolution. Image and
output are memory-mapped files. Each way runs once, in a process of its own. All weights and pixels
are small integers, so that every sum is exact and the outputs must be equal.
"""

import hashlib
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tools.bench import processes
from tools.bench.measure import circumstances, usage
from tools.bench.ratios import short
from tools.bench.tables import markdown_table

NAME = "large"
MOST = 15  # value of a pixel
TILE = 500  # numbers of the output, along both axes
BLOCK = 1000  # pixels of the blocks of the dask array
STATUS = Path("/proc/self/status")


class Run(NamedTuple):
    """A way to compute the output, on an image of a number of pixels along both axes."""

    way: str
    size: int
    threads: int


RUNS = [
    Run("whole", 4000, 1),
    Run("tiles", 4000, 1),
    Run("whole", 8000, 1),
    Run("tiles", 8000, 1),
    Run("tiles", 20000, 1),
    Run("dask", 20000, 2),
]
WAYS = {
    "whole": "the whole image at once",
    "tiles": "`tiles.apply`",
    "dask": "`tiles.apply` on a dask array",
}


def network():
    """Return a network with weights -1, 0 and 1."""
    import torch
    from torch import nn

    module = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, padding=1, bias=False),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3, padding=2, dilation=2, bias=False),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 4, 4, stride=2, padding=1, bias=False),
    ).eval()
    generator = torch.Generator().manual_seed(0)
    largest = MOST
    for layer in module:
        for weight in layer.parameters():
            values = torch.randint(-4, 5, weight.shape, generator=generator)
            weight.data = torch.where(values.abs() == 4, values.sign(), 0).float()
            outputs = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
            terms = weight.abs().transpose(0, outputs).flatten(1).sum(1)
            largest *= int(terms.max())
    if largest >= 2**24:
        raise ValueError(f"numbers up to {largest} are not exact in float32")
    return module


def write_image(path, size):
    """Write an image of random bytes, row by row."""
    image = np.lib.format.open_memmap(path, "w+", np.uint8, (3, size, size))
    rng = np.random.default_rng(0)
    for row in range(0, size, BLOCK):
        part = image[:, row : row + BLOCK]
        part[...] = rng.integers(0, MOST + 1, part.shape, np.uint8)


def compute(way, size, threads, folder):
    """Compute the output of the image in a folder; return seconds, bytes and a hash."""
    import torch

    from convlib import tiles

    torch.set_num_threads(1)
    module, image = network(), np.load(Path(folder) / f"{size}.npy", mmap_mode="r")

    def run(piece):
        with torch.inference_mode():
            return module(torch.from_numpy(piece.astype(np.float32))).numpy()

    with Memory() as memory:
        start = time.perf_counter()
        if way == "whole":
            output = run(image)
        else:
            plan = tiles.plan(module, image.shape, TILE)
            output = np.lib.format.open_memmap(
                Path(folder) / f"{way}.npy", "w+", np.float32, plan.output_size
            )
            if way == "tiles":
                tiles.apply(run, image, plan, out=output)
            else:
                store(tiles.apply, run, image, plan, output, threads)
        seconds = time.perf_counter() - start
    digest = hashlib.sha256()
    for channel in output:
        digest.update(np.ascontiguousarray(channel))
    overhead = None if way == "whole" else plan.overhead
    return {
        "seconds": seconds,
        "bytes": memory.peak,
        "tiles": 1 if way == "whole" else len(plan),
        "overhead": overhead,
        "sha256": digest.hexdigest(),
    }


class Blocks:
    """An array in a file, read block by block: of a NumPy array dask first makes a copy."""

    def __init__(self, array):
        """Keep the array, and what dask asks for."""
        self.array, self.shape, self.dtype, self.ndim = array, array.shape, array.dtype, array.ndim

    def __getitem__(self, slices):
        """Return a block."""
        return self.array[slices]


def store(apply, run, image, plan, output, threads):
    """Compute with dask, in threads, into a memory-mapped array."""
    import dask.array

    # without name=False, dask would read the whole image, to compute a name from it
    blocks = dask.array.from_array(Blocks(image), chunks=(3, BLOCK, BLOCK), name=False)
    lazy = apply(run, blocks, plan)
    dask.array.store(lazy, output, lock=False, scheduler="threads", num_workers=threads)


class Memory:
    """The largest amount of memory that this process has, without its memory-mapped files."""

    def __init__(self):
        """Start with nothing."""
        self.peak, self.done = 0, threading.Event()
        self.watch = threading.Thread(target=self.look)

    def look(self):
        """Read the kernel's figure every two milliseconds."""
        while not self.done.wait(0.002):
            (line,) = (
                line for line in STATUS.read_text().splitlines() if line.startswith("RssAnon")
            )
            self.peak = max(self.peak, 1024 * int(line.split()[1]))

    def __enter__(self):
        """Begin to look."""
        self.watch.start()
        return self

    def __exit__(self, *error):
        """Stop."""
        self.done.set()
        self.watch.join()


def measure():
    """Measure all runs, and compare their outputs."""
    before, rows = usage(), []
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted({run.size for run in RUNS}):
            write_image(Path(folder) / f"{size}.npy", size)
        for run in RUNS:
            with processes.start(1) as pool:
                result = pool.submit(compute, *run, folder).result()
            print(run, result, flush=True)
            rows.append({"run": run, **result})
    check(rows)
    return {**circumstances("float32", 1, before, ("torch", "dask")), "runs": rows}


def check(rows):
    """Raise ValueError if two ways give different outputs."""
    for row in rows:
        same = {other["sha256"] for other in rows if other["run"][1] == row["run"][1]}
        if len(same) > 1:
            raise ValueError(f"the outputs of {row['run'][1]} x {row['run'][1]} pixels differ")


def table(record):
    """Return a record as Markdown."""
    rows = []
    for row in record["runs"]:
        run = Run(*row["run"])
        share = "" if row["overhead"] is None else f"{100 * row['overhead']:.1f} %"
        rows.append(
            [
                f"{run.size:,} x {run.size:,} pixels, {WAYS[run.way]}, {run.threads} "
                f"thread{'s' if run.threads > 1 else ''}",
                f"{row['tiles']:,}",
                share,
                short(row["seconds"]),
                f"{row['bytes'] / 1e9:.2f}",
            ]
        )
    head = ["", "tiles", "pixels computed more than once", "seconds", "memory, GB"]
    made = f"<!-- Made from {NAME}.json by python -m tools.bench --report; not to be edited. -->"
    where = (
        f"Measured on {record['date']} with torch {record['versions']['torch']} and dask "
        f"{record['versions']['dask']} on {record['processor']}: wall time of one run, each in a "
        "process of its own. Memory is the largest amount that the whole process had, Python and "
        "torch included, memory-mapped files not. The outputs of each size are equal, bit for bit."
    )
    return "\n\n".join([made, markdown_table(head, rows), where]) + "\n"
