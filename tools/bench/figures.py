"""The two pictures of the report, on a transparent background."""

import math

import matplotlib as mpl
from matplotlib.figure import Figure

from convlib.diagrams.canvas import DPI, GREY, INPUT, KERNEL, OUTPUT
from tools.bench.ratios import FIRST, mean, ratio, short, slowest_machine

WIDTH = 7.0  # inches: 1050 pixels, to be shown at 700
ROW = 0.17  # inches
STYLES = {
    "im2col": {"color": GREY, "marker": "o"},
    "onnxruntime": {"color": KERNEL.strong, "marker": "D"},
    "convlib exact=False": {"color": OUTPUT.strong, "marker": "o", "markerfacecolor": "none"},
    "convlib, numba": {"color": INPUT.strong, "marker": "^", "markerfacecolor": "none"},
    "convlib": {"color": INPUT.strong, "marker": "o"},
}
MILLISECONDS = [digit * 10.0**power for power in range(-4, 5) for digit in (1, 3)]


def draw(records, folder):
    """Draw the pictures for which the machine that README shows has records."""
    records = records[slowest_machine(records)]
    style = {"font.family": "DejaVu Sans", "font.size": 8, "text.color": GREY}
    with mpl.rc_context({**style, "lines.markersize": 4.5}):
        draw_layers(records[FIRST]["layers"], folder / "bench.png")
        if "scaling" in records:
            draw_scaling(records["scaling"]["axes"], folder / "scaling.png")


def draw_layers(layers, path):
    """Draw a row of dots for each layer: time divided by torch's, on a logarithmic scale."""
    rows = []  # a label and ratios; a heading has none
    for family in dict.fromkeys(layer["family"] for layer in layers):
        members = [layer for layer in layers if layer["family"] == family]
        rows += [(family, {}), *((layer["name"], _ratios(layer)) for layer in members)]
    means = {name: found for name in STYLES if (found := mean(layers, name)) is not None}
    rows += [("", {}), ("geometric mean", means)]

    figure = Figure(figsize=(WIDTH, ROW * len(rows) + 0.7), dpi=DPI)
    ax = figure.subplots()
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.3, right=0.92, top=1 - 0.4 / height, bottom=0.3 / height)
    _clear(ax)
    ax.set(xscale="log", ylim=(len(rows) - 0.3, -0.7), yticks=[])
    ax.axvline(1, color=GREY, linewidth=1)
    for y, (label, ratios) in enumerate(rows):
        weight = "bold" if ratios in ({}, means) else "normal"
        _write(ax, label, (0, y), -8, GREY, ha="right", weight=weight)
        if ratios:
            ax.axhline(y, color=GREY, linewidth=0.3, alpha=0.5)
            text = short(ratios["convlib"])
            _write(ax, text, (1, y), 34, INPUT.strong, ha="right", weight=weight)
        for name, value in ratios.items():
            ax.plot(value, y, **STYLES[name])
    low, high = map(math.log2, ax.get_xlim())
    ticks = [2.0**power for power in range(math.ceil(low), math.floor(high) + 1)]
    ax.set_xticks(ticks, [f"{tick:g}" if tick >= 1 else f"1/{1 / tick:g}" for tick in ticks])
    ax.set_xticks([], minor=True)
    _write(ax, "time / torch:", (0, -1.3), -8, GREY, ha="right")
    left = 0.02
    for name in reversed(means):
        style = STYLES[name]
        ax.plot(left, -1.3, transform=ax.get_yaxis_transform(), clip_on=False, **style)
        _write(ax, name, (left, -1.3), 7, style["color"])
        left += 0.063 + 0.0143 * len(name)
    _save(figure, path)


def _ratios(layer):
    return {name: ratio(layer, name) for name in STYLES if name in layer["ms"]}


def draw_scaling(axes, path):
    """Draw time against each argument that is changed, a panel for each."""
    figure = Figure(figsize=(WIDTH, 4.4), dpi=DPI)
    panels = figure.subplots(2, 3)
    figure.subplots_adjust(left=0.06, right=0.98, top=0.93, bottom=0.06, wspace=0.2, hspace=0.35)
    for ax, (axis, points) in zip(panels.flat, axes.items(), strict=True):
        _clear(ax)
        values = [point["value"] for point in points]
        for name, colour in (("torch", GREY), ("convlib", INPUT.strong)):
            times = [point["ms"][name] for point in points]
            ax.plot(values, times, "o-", color=colour, markersize=3.5, linewidth=1.2)
        ax.set_title(f"ms by {axis}", fontsize=9)
        if axis == "dilation":  # the work stays the same
            ax.set_ylim(bottom=0)
        else:
            ax.set_yscale("log")
            low, high = ax.get_ylim()
            ticks = [tick for tick in MILLISECONDS if low <= tick <= high]
            ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
            ax.set_yticks([], minor=True)
        ax.set_xscale("linear" if axis == "kernel size" else "log")
        ax.set_xticks(values, [str(value) for value in values])
        ax.set_xticks([], minor=True)
    key = {"xycoords": "axes fraction", "fontsize": 9}
    panels[0, 0].annotate("torch", (0.08, 0.76), color=GREY, **key)
    panels[0, 0].annotate("convlib", (0.08, 0.88), color=INPUT.strong, **key)
    _save(figure, path)


def _clear(ax):
    """Remove the background and all spines but two grey ones, for the scales."""
    ax.set_facecolor("none")
    ax.tick_params(colors=GREY, which="both")
    for side, spine in ax.spines.items():
        spine.set(color=GREY, visible=side in ("left", "bottom"))


def _write(ax, text, place, shift, colour, **style):
    """Write beside a row; the place is a fraction of the width and the row's number."""
    at = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    ax.annotate(text, place, (shift, 0), va="center", color=colour, **at, **style)


def _save(figure, path):
    figure.savefig(path, facecolor="none", pil_kwargs={"optimize": True})
