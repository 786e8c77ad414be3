"""What separating a layer saves in torch: the measured times of the chapter ``separable``.

A normal layer, its depthwise-separable replacement, and the depthwise step alone run in processes
of their own, one thread each, and are timed in turns by CPU time.
"""

from functools import lru_cache
from typing import NamedTuple

from tools.bench.measure import circumstances, contestants, milliseconds, minima, usage
from tools.bench.processes import memory_kept
from tools.bench.ratios import short
from tools.bench.tables import markdown_table
from tools.bench.worker import clock, timed

NAME = "separable"
KINDS = "torch", "separable", "depthwise"  # the first one is the normal layer


class Layer(NamedTuple):
    """A layer that keeps its size and its number of channels."""

    channels: int
    kernel_size: int
    size: int
    batch: int

    @property
    def macs(self):
        """MACs of the normal layer and of its separable replacement, for each output pixel."""
        taps = self.kernel_size**2
        return self.channels**2 * taps, self.channels * (taps + self.channels)

    @property
    def moved(self):
        """Bytes of input, weight and output: of the normal layer, and of both steps together."""
        maps = self.batch * self.channels * self.size**2
        normal, separable = self.macs  # for each output pixel as many as there are weights
        return 4 * (2 * maps + normal), 4 * (4 * maps + separable)


LAYERS = [
    Layer(channels, kernel_size, size, batch)
    for channels, kernel_size, size in ((128, 3, 56), (512, 3, 14), (128, 5, 28), (96, 7, 56))
    for batch in (1, 16)
]


@lru_cache(maxsize=1)
def prepared(kind, layer):
    """Prepare a layer of torch and its input; the last one is kept."""
    import torch

    torch.set_num_threads(1)
    C, k = layer.channels, layer.kernel_size
    step = torch.nn.Conv2d(C, C, k, padding=k // 2, groups=1 if kind == "torch" else C)
    layers = [step, torch.nn.Conv2d(C, C, 1)] if kind == "separable" else [step]
    module = torch.nn.Sequential(*layers)
    image = torch.randn(layer.batch, C, layer.size, layer.size)

    def call():
        with torch.inference_mode():
            module(image)

    return call


def seconds(kind, layer, repeats, warm_up):
    """Time a number of calls in a row, after one that is not timed if ``warm_up``."""
    return timed(prepared(kind, layer), repeats, clock(1), warm_up)


def times():
    """Measure the milliseconds of each kind of each layer."""
    with contestants(dict.fromkeys(KINDS), 1) as pools:
        for layer in LAYERS:
            timers = {
                kind: lambda repeats, warm_up, kind=kind, layer=layer: (
                    pools[kind].submit(seconds, kind, layer, repeats, warm_up).result()
                )
                for kind in KINDS
            }
            yield milliseconds(minima(timers))


def measure():
    """Measure all layers, with memory kept and with the settings of a new process."""
    before = usage()
    with memory_kept():
        kept = list(times())
    rows = [
        {"layer": layer, "ms": ms, "ms_new_memory": other}
        for layer, ms, other in zip(LAYERS, kept, times(), strict=True)
    ]
    return {**circumstances("float32", 1, before, ("torch",)), "layers": rows}


def together(text):
    """Let no line of a narrow table end within a text."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def table(record):
    """Return a record as Markdown."""
    rows = []
    for row in record["layers"]:
        layer, ms = Layer(*row["layer"]), row["ms"]
        macs, moved = (normal / separable for normal, separable in (layer.macs, layer.moved))
        normal, separable, depthwise = (ms[kind] for kind in KINDS)
        rows.append(
            [
                f"{together(f'{layer.channels}, {layer.kernel_size} x {layer.kernel_size}')}, "
                f"{together(f'{layer.size} x {layer.size}')}, {together(f'batch {layer.batch}')}",
                short(macs),
                short(moved),
                together(f"{normal} / {separable} = {short(normal / separable)}"),
                str(depthwise),
            ]
        )
    head = ["channels, kernel, pixels", "MACs: normal / separable", "bytes: normal / separable"]
    head += ["time in ms: normal / separable", "time of the depthwise step, ms"]
    made = f"<!-- Made from {NAME}.json by python -m tools.bench --report; not to be edited. -->"
    where = (
        f"Measured on {record['date']} with torch {record['versions']['torch']} on "
        f"{record['processor']}: one thread, CPU time, the shortest of at least 15 rounds, each "
        "kind of layer in a process of its own that keeps its memory."
    )
    return "\n\n".join([made, markdown_table(head, rows), where]) + "\n"
