"""The report: tables, pictures and README's block, written from bench.json and nothing else."""

import json
from pathlib import Path

from tools.bench import figures, tables
from tools.bench.ratios import FIRST, mean, short, slowest_machine

README = Path(__file__).parents[2] / "README.md"
FOLDER = README.parent / "book" / "_static"
BEGIN, END = "<!-- bench: written by the benchmark from bench.json -->", "<!-- end of bench -->"
MADE = "<!-- Made from bench.json by python -m tools.bench --report; not to be edited. -->"
FENCE = "`" * 4


def write(folder=FOLDER):
    """Write bench.json as tables and as pictures."""
    records = json.loads((folder / "bench.json").read_text())
    for name, text in pages(records).items():
        (folder / name).write_text(f"{MADE}\n\n{text}\n")
    figures.draw(records, folder)
    if folder == FOLDER:
        README.write_text(readme(README.read_text(), records))


def save(kind, record, folder=FOLDER):
    """Store a record in bench.json beside those of other kinds and machines; write the report."""
    path = folder / "bench.json"
    records = json.loads(path.read_text()) if path.exists() else {}
    kinds = {**records.get(record["vectors"], {}), kind: record}
    records[record["vectors"]] = dict(sorted(kinds.items()))
    path.write_text(json.dumps(dict(sorted(records.items())), indent=1) + "\n")
    write(folder)


def pages(records):
    """Return the text of each file of tables, by its name."""
    kinds = records[slowest_machine(records)]
    conv2d = [kinds[kind] for kind in ordered(kinds) if kinds[kind]["suite"] == "conv2d"]
    return {
        "bench.md": markdown(records),
        "pace.md": tables.pace_table(conv2d),
        "bounds.md": tables.bounds_table(kinds[FIRST]),
    }


def markdown(records):
    """Return all records as Markdown, each to be unfolded by its title."""
    sections = (
        (f"{vectors}: {tables.title(records[vectors][kind])}", records[vectors][kind])
        for vectors in sorted(records)
        for kind in ordered(records[vectors])
    )
    return "\n\n".join(
        f"{FENCE}{{dropdown}} {title}\n{tables.section(record)}\n{FENCE}"
        for title, record in sections
    )


def ordered(kinds):
    """Return the kinds of run in the order of the report: conv2d, functions, scaling."""
    suites = "conv2d", "functions", "scaling"
    return sorted(kinds, key=lambda kind: (suites.index(kinds[kind]["suite"]), kind))


def readme(text, records):
    """Replace what is between the two marks in README's text."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + "\n\n".join([BEGIN, *block(records), END]) + after


def block(records):
    """Return what README shows, from the machine where convlib has the highest mean."""
    vectors = slowest_machine(records)
    kinds = records[vectors]
    layers = kinds[FIRST]["layers"]
    yield tables.kinds_table(layers)
    sentences = [tables.means_sentence(layers)]
    functions = f"functions, {FIRST}"
    if functions in kinds:
        sentences.append(tables.functions_sentence(kinds[functions]))
    for other, record in sorted(records.items()):
        if other != vectors and FIRST in record:
            shorter = short(mean(record[FIRST]["layers"], "convlib"))
            sentences.append(f"On a processor with {other}, the mean of convlib is {shorter}.")
    yield " ".join(sentences)
    yield tables.circumstances(kinds[FIRST])


def save_record(name, record, table, folder=FOLDER):
    """Store a record of its own, and write its table."""
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
    write_table(name, table, folder)


def write_table(name, table, folder=FOLDER):
    """Write the table of a stored record."""
    record = json.loads((folder / f"{name}.json").read_text())
    (folder / f"{name}.md").write_text(table(record))
