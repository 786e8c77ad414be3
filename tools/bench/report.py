"""The report: tables and pictures, written from bench.json and nothing else.

bench.json contains a record for each kind of run, such as "float32, 1", and "scaling".
"""

import json
from pathlib import Path

import convlib
from tools.bench import figures
from tools.bench.ratios import bounds, fraction, geometric_mean, ratio, short

README = Path(__file__).parents[2] / "README.md"
FOLDER = README.parent / "book" / "_static"
BEGIN, END = "<!-- bench: written by the benchmark from bench.json -->", "<!-- end of bench -->"
OURS = "convlib", "convlib exact=False"
ALONE = "31x31"  # a family of one layer, far from all others: means are given without it, too
GAP = ""
MADE = "<!-- Made from bench.json by python -m tools.bench --report; not to be edited. -->"
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


def write(folder=FOLDER):
    """Write bench.json as tables and as pictures."""
    records = json.loads((folder / "bench.json").read_text())
    (folder / "bench.md").write_text(markdown(records))
    (folder / "pace.md").write_text(pace_table(records))
    if "float32, 1" in records:
        (folder / "bounds.md").write_text(bounds_table(records["float32, 1"]))
    figures.draw(records, folder)
    if folder == FOLDER:
        README.write_text(readme(README.read_text(), records))


def save(kind, record, folder=FOLDER):
    """Store a record in bench.json beside those of other kinds, and write the report."""
    path = folder / "bench.json"
    records = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(dict(sorted({**records, kind: record}.items())), indent=1) + "\n")
    write(folder)


def markdown(records):
    """Return all records as Markdown, one after the other."""
    runs = [section(records[kind]) for kind in sorted(records) if kind != "scaling"]
    if "scaling" in records:
        runs.append(scaling_table(records["scaling"]))
    return "\n\n".join([MADE, *runs]) + "\n"


def readme(text, records):
    """Replace what is between the two marks in README's text by the record of one thread."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    record = records["float32, 1"]
    block = [BEGIN, summary_table(record["layers"]), circumstances(record), END]
    return before + "\n\n".join(block) + after


def section(record):
    """Return a record as Markdown: means, layer by layer, and its circumstances."""
    kind = f"{record['dtype']}, {_threads(record)}"
    return "\n\n".join(
        [
            f"**Geometric mean of time / torch, {kind}**",
            summary_table(record["layers"]),
            f"**Layer by layer, {kind}: time / torch, extra memory, part of the roofline**",
            layer_table(record["layers"], record["rates"]),
            circumstances(record),
        ]
    )


def summary_table(layers):
    """Return each contestant's mean over the layers that it can compute, and over each family."""
    families = list(dict.fromkeys(layer["family"] for layer in layers))
    names = [name for layer in layers for name in layer["ms"] if name != "torch"]
    rows = []
    for name in dict.fromkeys(names):
        able = [layer for layer in layers if name in layer["ms"]]
        parts = [able, [layer for layer in able if layer["family"] != ALONE]]
        parts += [[layer for layer in able if layer["family"] == family] for family in families]
        rows.append([name, *(_mean(part, name) for part in parts), len(able)])
    return markdown_table(["", "all", f"without {ALONE}", *families, "layers"], rows)


def _mean(layers, name):
    return short(geometric_mean([ratio(layer, name) for layer in layers])) if layers else GAP


def layer_table(layers, rates):
    """Return time, memory and part of the roofline for each layer."""
    head = ["", "torch, ms", "convlib", "exact=False", "MB, convlib", "exact=False", "bound"]
    head += ["roofline, torch", "convlib", "exact=False"]
    rows = [
        [
            layer["name"].replace(" ", "\N{NO-BREAK SPACE}"),
            short(layer["ms"]["torch"]),
            *(short(ratio(layer, name)) for name in OURS),
            *(_megabytes(layer["memory"].get(name), layer["bound"]) for name in OURS),
            _megabytes(layer["bound"], layer["bound"]),
            *(f"{fraction(layer, rates, name):.2f}" for name in ("torch", *OURS)),
        ]
        for layer in layers
    ]
    return markdown_table(head, rows)


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
    return "\n\n".join([MADE, markdown_table(head, rows), where]) + "\n"


def pace_table(records):
    """Return convlib's mean of each record, over all layers and over each family."""
    kinds = [kind for kind in sorted(records) if kind != "scaling"]
    layers = [layer for kind in kinds for layer in records[kind]["layers"]]
    families = list(dict.fromkeys(layer["family"] for layer in layers))
    rows = []
    for kind in kinds:
        record = records[kind]
        parts = [record["layers"]]
        parts += [[layer for layer in parts[0] if layer["family"] == name] for name in families]
        name = f"{record['dtype']}, {_threads(record)}"
        rows.append([name, *(_mean(part, "convlib") for part in parts)])
    table = markdown_table(["time / torch", "all", *families], rows)
    return "\n\n".join([MADE, table]) + "\n"


def scaling_table(record):
    """Return how time grows with each argument of one layer."""
    rows = [
        [axis, point["value"], *(short(point["ms"][name]) for name in ("torch", "convlib"))]
        for axis, points in record["axes"].items()
        for point in points
    ]
    kind = f"{record['dtype']}, {_threads(record)}"
    table = markdown_table(["64@56 3x3, but", "", "torch, ms", "convlib, ms"], rows)
    return "\n\n".join([f"**How time grows, {kind}**", table, circumstances(record)])


def circumstances(record):
    """Return when, where and with what a record was measured."""
    clock = "CPU time" if record["threads"] == 1 else "wall time"
    processes = "a process for each contestant" if record["own_process"] else "all in one process"
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    best = ""
    if rates := record.get("rates"):
        best = f" ({rates['matmul']:.0f} GFLOP/s in matmul, {rates['copy']:.0f} GB/s in copying)"
    return (
        f"Measured {record['date']} on {record['processor']}{best}; {clock}, {_threads(record)}, "
        f"{processes}, {record['dtype']}; {versions}. Meanwhile others kept "
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


def save_record(name, record, table, folder=FOLDER):
    """Store a record of its own, and write its table."""
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
    write_table(name, table, folder)


def write_table(name, table, folder=FOLDER):
    """Write the table of a stored record."""
    record = json.loads((folder / f"{name}.json").read_text())
    (folder / f"{name}.md").write_text(table(record))
