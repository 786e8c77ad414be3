"""Markdown tables and sentences, each from one record of bench.json."""

import convlib
from tools.bench.ratios import bounds, fraction, mean, ratio, short

ALONE = "31x31"  # a family of one layer, far from all others: means are given without it, too
GAP = ""
BESIDE, KEPT = 48 << 20, 16 << 20  # bytes that a call may take beside its result, and then keep
# The contestants that tables of layers show, and the heads of their columns.
HEADS = {
    "convlib": "convlib",
    "convlib, numba": "with numba",
    "convlib exact=False": "exact=False",
    "convlib exact=False, numba": "exact=False, with numba",
    "onnxruntime": "onnxruntime",
    "LiteRT": "LiteRT",
}
IN_README = tuple(HEADS)[:-1]
LINES = "convlib", "convlib, numba"  # of which tables show the part of the roofline, as of torch
# What the chapter ``columns`` compares: each kind of layer, and its layers of the suite by batch.
COMPARED = {
    "normal, 3 x 3, 128 channels of 28 x 28": {
        1: "resnet50 128@28 3x3",
        8: "batch 8, 128@28 3x3",
    },
    "1 x 1, 1024 to 256 channels of 14 x 14": {
        1: "resnet50 1024-256@14 1x1",
        8: "batch 8, 1024-256@14 1x1",
    },
    "depthwise, 3 x 3, 512 channels of 14 x 14": {
        1: "mobilenet dw 512@14 3x3",
        8: "batch 8, dw 512@14 3x3",
    },
    "depthwise, 3 x 3, 32 channels of 112 x 112": {1: "mobilenet dw 32@112 3x3"},
    "depthwise, 7 x 7, 96 channels of 56 x 56": {1: "convnext dw 96@56 7x7"},
}
# The rows of README's table, each of some families of the suite.
KINDS = {
    "depthwise: a kernel for each channel": ("depthwise",),
    "tiny: an image of 5 x 5 pixels": ("tiny",),
    "grouped: 32 groups": ("grouped",),
    "dense: 3 x 3 to 7 x 7": ("dense",),
    "1 x 1, and dilated": ("1x1", "dilated"),
}


def title(record):
    """Return what a record is about, such as "conv2d, float32, one thread"."""
    words = {"conv2d": "conv2d", "functions": "other functions", "scaling": "how time grows"}
    return f"{words[record['suite']]}, {record['dtype']}, {_threads(record)}"


def section(record):
    """Return a record as Markdown: its tables and its circumstances."""
    parts = {"conv2d": _conv2d, "functions": _functions, "scaling": _scaling}[record["suite"]]
    return "\n\n".join([*parts(record), circumstances(record)])


def _conv2d(record):
    layers = record["layers"]
    yield f"**Geometric mean of time / torch: {title(record)}**"
    yield summary_table(layers)
    yield f"**Layer by layer, time / torch and part of the roofline: {title(record)}**"
    yield layer_table(layers, record["rates"])
    yield from _memory(record)


def _functions(record):
    layers = record["layers"]
    yield f"**Geometric mean of time / torch: {title(record)}**"
    yield family_table(layers)
    yield f"**Layer by layer, time / torch: {title(record)}**"
    yield layer_table(layers)
    yield from _memory(record)


def _scaling(record):
    yield f"**Milliseconds: {title(record)}**"
    yield scaling_table(record)


def _memory(record):
    if any(layer["memory"] for layer in record["layers"]):
        yield (
            f"**Memory in MB, bold above {BESIDE >> 20} beside the result and above "
            f"{KEPT >> 20} kept between calls: {title(record)}**"
        )
        yield memory_table(record["layers"])


def _heads(layers, key="ms", among=tuple(HEADS)):
    """Return the heads of those contestants of which layers have something."""
    return {name: HEADS[name] for name in among if any(name in layer[key] for layer in layers)}


def summary_table(layers):
    """Return each contestant's mean over the layers that it can compute, and over each family."""
    families = list(dict.fromkeys(layer["family"] for layer in layers))
    names = [name for layer in layers for name in layer["ms"] if name != "torch"]
    rows = []
    for name in dict.fromkeys(names):
        able = [layer for layer in layers if name in layer["ms"]]
        parts = [able, [layer for layer in able if layer["family"] != ALONE]]
        parts += [_members(able, family) for family in families]
        rows.append([name, *(_mean(part, name) for part in parts), len(able)])
    return markdown_table(["", "all", f"without {ALONE}", *families, "layers"], rows)


def family_table(layers):
    """Return the mean of each family, and of all layers, a column for each contestant."""
    heads = _heads(layers)
    families = dict.fromkeys(layer["family"] for layer in layers)
    parts = {**{family: _members(layers, family) for family in families}, "all": layers}
    rows = [
        [family, *(_mean(part, name) for name in heads), len(part)]
        for family, part in parts.items()
    ]
    return markdown_table(["", *heads.values(), "layers"], rows)


def layer_table(layers, rates=None):
    """Return time / torch for each layer, and the part of the roofline if there are rates."""
    heads = _heads(layers)
    lines = ["torch", *(name for name in LINES if name in heads)] if rates else []
    head = ["", "torch, ms", *heads.values()]
    head += ["roofline, " + ("torch" if name == "torch" else heads[name]) for name in lines]
    rows = [
        [
            _unbroken(layer["name"]),
            short(layer["ms"]["torch"]),
            *(short(ratio(layer, name)) if name in layer["ms"] else GAP for name in heads),
            *(
                f"{fraction(layer, rates, name):.2f}" if name in layer["ms"] else GAP
                for name in lines
            ),
        ]
        for layer in layers
    ]
    return markdown_table(head, rows)


def memory_table(layers):
    """Return the memory that each layer takes beside its result, and what is kept after it."""
    heads = _heads(layers, "memory")
    head = ["", *(f"{text}, beside" for text in heads.values())]
    head += [f"{text}, kept" for text in heads.values()]
    rows = [
        [
            _unbroken(layer["name"]),
            *(_megabytes(layer["memory"].get(name, {}).get("beside"), BESIDE) for name in heads),
            *(_megabytes(layer["memory"].get(name, {}).get("kept"), KEPT) for name in heads),
        ]
        for layer in layers
    ]
    return markdown_table(head, rows)


def kinds_table(layers):
    """Return the mean of each kind of layer that README shows, what is slowest first."""
    heads = _heads(layers, among=IN_README)
    parts = {
        kind: [layer for family in families for layer in _members(layers, family)]
        for kind, families in KINDS.items()
    }
    parts = {kind: part for kind, part in parts.items() if part}
    order = sorted(parts, key=lambda kind: mean(parts[kind], "convlib"), reverse=True)
    rows = [[kind, *(_mean(parts[kind], name) for name in heads)] for kind in order]
    return markdown_table(["time / torch", *heads.values()], rows)


def means_sentence(layers):
    """Return the means over all layers, and those without the layer far from all others."""
    near = [layer for layer in layers if layer["family"] != ALONE]
    means = [
        f"{head} {_mean(layers, name)} ({_mean(near, name)})"
        for name, head in _heads(layers, among=IN_README).items()
    ]
    kernel = ALONE.replace("x", " x ")
    return (
        f"Means over all {len(layers)} layers, in brackets without the one with kernels of "
        f"{kernel}, which is in no row: {'; '.join(means)}."
    )


def functions_sentence(record):
    """Return the mean of each family of other functions, what is slowest first."""
    layers = record["layers"]
    families = dict.fromkeys(layer["family"] for layer in layers)
    parts = {family: _members(layers, family) for family in families}
    order = sorted(parts, key=lambda family: mean(parts[family], "convlib"), reverse=True)
    compiled = "convlib, numba"
    means = []
    for family in order:
        other = _mean(parts[family], compiled)
        means.append(f"{family} {_mean(parts[family], 'convlib')}" + (other and f" ({other})"))
    note = ", in brackets with numba" if mean(layers, compiled) else ""
    return f"The other functions{note}: {'; '.join(means)}."


def _members(layers, family):
    return [layer for layer in layers if layer["family"] == family]


def _mean(layers, name):
    value = mean(layers, name)
    return GAP if value is None else short(value)


def bounds_table(record):
    """Return what the MACs and the bytes of a few layers would take alone, and torch's time."""
    layers = {layer["name"]: layer for layer in record["layers"]}
    rows = []
    for kind, names in COMPARED.items():
        for batch, name in names.items():
            if layer := layers.get(name):
                times = *bounds(layer, record["rates"]), layer["ms"]["torch"]
                counts = layer["macs"] / 1e6, layer["bytes"] / 1e6
                rows.append([kind, batch, *map(short, counts), *map(short, times)])
    head = ["", "batch", "million MACs", "million bytes"]
    head += ["MACs alone, ms", "bytes alone, ms", "torch, ms"]
    matmul, copy = record["rates"]["matmul"], record["rates"]["copy"]
    where = (
        f"Measured on {record['date']} with torch {record['versions']['torch']} on "
        f"{record['processor']}: one thread, CPU time, {record['dtype']}, a process of its own. A "
        f"large matrix product made {matmul / 2:.0f} billion MACs a second there. Copying a large "
        f"array moved {copy:.0f} billion bytes a second, read or written."
    )
    return "\n\n".join([markdown_table(head, rows), where])


def pace_table(records):
    """Return convlib's mean of each record of conv2d, over all layers and over each family."""
    layers = [layer for record in records for layer in record["layers"]]
    families = list(dict.fromkeys(layer["family"] for layer in layers))
    rows = []
    for record in records:
        parts = [record["layers"], *(_members(record["layers"], family) for family in families)]
        name = f"{record['dtype']}, {_threads(record)}"
        rows.append([name, *(_mean(part, "convlib") for part in parts)])
    return markdown_table(["time / torch", "all", *families], rows)


def scaling_table(record):
    """Return how time grows with each argument of one layer."""
    rows = [
        [axis, point["value"], *(short(point["ms"][name]) for name in ("torch", "convlib"))]
        for axis, points in record["axes"].items()
        for point in points
    ]
    return markdown_table(["64@56 3x3, but", "", "torch, ms", "convlib, ms"], rows)


def circumstances(record):
    """Return when, where and with what a record was measured."""
    clock = "CPU time" if record["threads"] == 1 else "wall time"
    processes = "a process for each contestant" if record["own_process"] else "all in one process"
    if record.get("memory_kept"):
        processes += ", which keeps its memory"
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    best = ""
    if rates := record.get("rates"):
        best = f" ({rates['matmul']:.0f} GFLOP/s in matmul, {rates['copy']:.0f} GB/s in copying)"
    return (
        f"Measured {record['date']} on {record['processor']}, {record['vectors']}{best}; {clock}, "
        f"{_threads(record)}, {processes}, {record['dtype']}; {versions}. Meanwhile others kept "
        f"{record['others']:.0%} of one core busy.{_outdated(record['versions']['convlib'])}"
    )


def _outdated(measured):
    """Return a sentence if another version of convlib was measured than this one."""
    current = convlib.__version__
    if measured == current:
        return ""
    return f" **Version {measured} of convlib was measured; the current one is {current}.**"


def _megabytes(count, bound):
    """Format bytes as MB, bold above the bound."""
    if count is None:
        return GAP
    return f"**{count / 2**20:.1f}**" if count > bound else f"{count / 2**20:.1f}"


def _unbroken(name):
    return name.replace(" ", "\N{NO-BREAK SPACE}")


def _threads(record):
    count = record["threads"]
    return "one thread" if count == 1 else f"{count} threads"


def markdown_table(head, rows):
    """Return a Markdown table whose columns are numbers, except the first."""
    width = max(len(str(row[0])) for row in [head, *rows])
    lines = [head, [":" + "-" * (width - 1), *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(
        "| " + " | ".join([str(line[0]).ljust(width), *map(str, line[1:])]) + " |" for line in lines
    )
