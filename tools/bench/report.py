"""The report: tables and pictures from bench.json, and from nothing else.

bench.json holds a record for each kind of run, such as "float32, 1", and "scaling".
"""

import json
import math
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
FOLDER = README.parent / "book" / "_static"
BEGIN, END = "<!-- bench: written by the benchmark from bench.json -->", "<!-- end of bench -->"
OWN = "convlib", "convlib exact=False"
ALONE = "31x31"  # a family of one layer, so far from all others that each mean is told without it
GAP = ""


def write(folder=FOLDER):
    """Write what bench.json says as tables and as pictures."""
    from tools.bench import figures

    found = json.loads((folder / "bench.json").read_text())
    (folder / "bench.md").write_text(markdown(found))
    figures.draw(found, folder)
    if folder == FOLDER:
        README.write_text(readme(README.read_text(), found))


def save(kind, record, folder=FOLDER):
    """Keep a record in bench.json beside those of other kinds, and write the report."""
    path = folder / "bench.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(dict(sorted({**found, kind: record}.items())), indent=1) + "\n")
    write(folder)


def markdown(found):
    """Write all records, one below the other."""
    runs = [section(found[kind]) for kind in sorted(found) if kind != "scaling"]
    if "scaling" in found:
        runs.append(scaling_table(found["scaling"]))
    head = "<!-- Made from bench.json by python -m tools.bench --report; not to be edited. -->"
    return "\n\n".join([head, *runs]) + "\n"


def readme(text, found):
    """Put what was measured in one thread between the two marks in README's text."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    record = found["float32, 1"]
    block = [BEGIN, summary_table(record["layers"]), circumstances(record), END]
    return before + "\n\n".join(block) + after


def section(record):
    """Write a record: who is how fast, layer by layer, and under what circumstances."""
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
    """Tell each contestant's mean over the layers that it can do, and over those of a family."""
    families = list(dict.fromkeys(layer["family"] for layer in layers))
    rivals = [name for layer in layers for name in layer["ms"] if name != "torch"]
    rows = []
    for name in dict.fromkeys(rivals):
        able = [layer for layer in layers if name in layer["ms"]]
        parts = [able, [layer for layer in able if layer["family"] != ALONE]]
        parts += [[layer for layer in able if layer["family"] == family] for family in families]
        rows.append([name, *(_mean(part, name) for part in parts), len(able)])
    return _table(["", "all", f"without {ALONE}", *families, "layers"], rows)


def _mean(layers, name):
    return short(geometric_mean([ratio(layer, name) for layer in layers])) if layers else GAP


def layer_table(layers, rates):
    """Tell time, memory and part of the roofline for each layer."""
    head = ["", "torch, ms", "convlib", "exact=False", "MB, convlib", "exact=False", "bound"]
    head += ["roofline, torch", "convlib", "exact=False"]
    rows = [
        [
            layer["name"].replace(" ", "\N{NO-BREAK SPACE}"),
            short(layer["ms"]["torch"]),
            *(short(ratio(layer, name)) for name in OWN),
            *(_megabytes(layer["memory"].get(name), layer["bound"]) for name in OWN),
            _megabytes(layer["bound"], layer["bound"]),
            *(f"{fraction(layer, rates, name):.2f}" for name in ("torch", *OWN)),
        ]
        for layer in layers
    ]
    return _table(head, rows)


def scaling_table(record):
    """Tell how time grows with each thing about one layer."""
    rows = [
        [axis, point["value"], *(short(point["ms"][name]) for name in ("torch", "convlib"))]
        for axis, points in record["axes"].items()
        for point in points
    ]
    kind = f"{record['dtype']}, {_threads(record)}"
    table = _table(["64@56 3x3, but", "", "torch, ms", "convlib, ms"], rows)
    return "\n\n".join([f"**How time grows, {kind}**", table, circumstances(record)])


def circumstances(record):
    """Write when, where and with what a record was measured."""
    clock = "CPU time" if record["threads"] == 1 else "wall time"
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    best = ""
    if rates := record.get("rates"):
        best = f" ({rates['matmul']:.0f} GFLOP/s in matmul, {rates['copy']:.0f} GB/s in copying)"
    return (
        f"Measured {record['date']} on {record['processor']}{best}; {clock}, {_threads(record)}, "
        f"{record['dtype']}; {versions}. Meanwhile others kept {record['others']:.0%} of one core "
        "busy."
    )


def ratio(layer, name):
    """Divide a contestant's shortest time on a layer by torch's."""
    return layer["ms"][name] / layer["ms"]["torch"]


def geometric_mean(numbers):
    """Average such that a half and a double come to one."""
    return math.exp(math.fsum(map(math.log, numbers)) / len(numbers))


def fraction(layer, rates, name):
    """Divide the time that multiplying or copying takes at best by the time that was taken.

    More than 1 where arrays lie in a cache, faster than memory, or zeros are not multiplied.
    """
    multiplying = 2 * layer["macs"] / (rates["matmul"] * 1e9)
    copying = layer["bytes"] / (rates["copy"] * 1e9)
    return max(multiplying, copying) / (layer["ms"][name] / 1e3)


def short(number):
    """Write a number with three digits or so."""
    if number >= 99.5:
        return f"{number:.0f}"
    if number >= 9.95:
        return f"{number:.1f}"
    return f"{number:.2f}" if number >= 0.1 else f"{number:.2g}"


def _megabytes(count, bound):
    """Write bytes as MB, bold above the bound."""
    if count is None:
        return GAP
    return f"**{count / 2**20:.1f}**" if count > bound else f"{count / 2**20:.1f}"


def _threads(record):
    count = record["threads"]
    return "one thread" if count == 1 else f"{count} threads"


def _table(head, rows):
    """Set a table whose columns are numbers, but for the first."""
    width = max(len(str(row[0])) for row in [head, *rows])
    lines = [head, [":" + "-" * (width - 1), *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(
        "| " + " | ".join([str(line[0]).ljust(width), *map(str, line[1:])]) + " |" for line in lines
    )
