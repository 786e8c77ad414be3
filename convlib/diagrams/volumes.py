"""Volumes in isometric projection: channels of input, kernels and output."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from convlib import arguments
from convlib.arguments import Ints, Padding, shown
from convlib.diagrams import solids
from convlib.diagrams.canvas import GREY, add_label, blank_axes, finished
from convlib.diagrams.parts import sentence
from convlib.spec import Axis, join_axes

SCALE = 0.5  # of a cell on paper
OTHER = {"front": "#dcdcdc", "top": "#ebebeb", "right": "#c4c4c4"}  # groups
# Of a part, the colours of front, top and right side, pale and chosen; as in shades.js.
SHADES = {
    "input": {
        "plain": {"front": "#cfe3f2", "top": "#e3eff8", "right": "#b3cde0"},
        "chosen": {"front": "#0072b2", "top": "#3390c5", "right": "#005a8d"},
    },
    "kernel": {
        "plain": {"front": "#f8dcae", "top": "#fbebd0", "right": "#e3c593"},
        "chosen": {"front": "#a65300", "top": "#be7b3a", "right": "#833f00"},
    },
    "output": {
        "plain": {"front": "#c3e6d8", "top": "#dbf0e8", "right": "#a5cfbe"},
        "chosen": {"front": "#00775a", "top": "#33947d", "right": "#005b45"},
    },
}


def draw_volumes(
    in_channels: int,
    out_channels: int,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
    size: Ints = 5,
    at: tuple[int, int, int] = (0, 0, 0),
    *,
    pointwise: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Draw the volumes of a convolution: input, kernels and output, channels behind one another.

    One number of the output is dark, and so are the kernel and the part of the input that it is
    computed from. Groups of channels are drawn apart; those that it does not depend on are grey,
    and what would hide it is transparent.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups
        As in `Conv2d`. At most 8 channels of each volume are drawn, and 6 kernels.
    size : int or (int, int)
        Height and width of the input. At most 8 rows and columns are drawn, around the window.
    at : (int, int, int)
        Channel, row and column of the output number.
    pointwise : bool
        Whether the convolution has in_channels outputs and is followed by a 1 x 1 convolution to
        out_channels, below it. With groups=in_channels that is depthwise-separable.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `Conv2d` and `conv2d`; or ``at`` is outside of the output.

    Notes
    -----
    Chapter ``05-groups``. Of a larger layer a part is drawn, and the figure says which.

    Examples
    --------
    >>> figure = draw_volumes(4, 4, kernel_size=3, groups=4)
    """
    inputs = arguments.integer("in_channels", in_channels)
    outputs = arguments.integer("out_channels", out_channels)
    parts = arguments.integer("groups", groups)
    separable = arguments.flag("pointwise", pointwise)
    between = inputs if separable else outputs  # channels after the first convolution
    arguments.check_groups(inputs, between, parts)
    kernel = arguments.integers("kernel_size", kernel_size, 2)
    sizes = arguments.integers("size", size, 2)
    axes = join_axes(sizes, kernel, stride, padding, dilation)
    shape = (outputs, axes[0].output_size, axes[1].output_size)
    channel, *place = _output_number(at, shape)
    position, one = (place[0], place[1]), range(channel, channel + 1)
    if separable:
        pixels = [Axis(axis.output_size, 1) for axis in axes]
        spatial = ("input", "weight", "middle")
        mixing = ("middle", "1 x 1 weight", "output")
        stages = [
            _stage((inputs, inputs, parts), axes, position, range(inputs), spatial),
            _stage((inputs, outputs, 1), pixels, position, one, mixing),
        ]
    else:
        stages = [_stage((inputs, outputs, parts), axes, position, one)]
    faces, labels, (left, top, right, bottom) = solids.scene(stages)
    note = sentence(*(part for stage in stages for part in solids.omitted(stage)))
    ax = blank_axes(ax, (SCALE * left, SCALE * right), (SCALE * top, SCALE * bottom), note)
    _add_faces(ax, faces)
    for x, y, text in labels:
        add_label(ax, SCALE * x, SCALE * y, text, fontsize=16)
    return finished(ax)


def _stage(
    channels: tuple[int, int, int],
    axes: Sequence[Axis],
    position: tuple[int, int],
    chosen: range,
    names: tuple[str, str, str] = ("input", "weight", "output"),
) -> solids.Stage:
    """Describe a convolution, given its channels and groups, and the window at a position."""
    rows, columns = axes
    inputs, outputs, groups = channels
    kernel_size = (rows.kernel_size, columns.kernel_size)
    return solids.Stage(
        inputs,
        outputs,
        groups,
        kernel_size,
        (outputs, inputs // groups, *kernel_size),
        (rows.size, columns.size),
        (rows.output_size, columns.output_size),
        (_taps(rows, position[0]), _taps(columns, position[1])),
        position,
        chosen,
        names,
    )


def _taps(axis: Axis, window: int) -> list[int]:
    start = window * axis.stride - axis.before
    return [start + axis.dilation * tap for tap in range(axis.kernel_size)]


def _output_number(at: object, shape: tuple[int, int, int]) -> tuple[int, int, int]:
    channel, row, column = arguments.integers("at", at, 3, "(channel, row, column)")
    if channel >= shape[0] or row >= shape[1] or column >= shape[2]:
        raise ValueError(f"at={shown(at)} is outside of the output, whose shape is {shape}")
    return channel, row, column


def _add_faces(ax: Axes, faces: Sequence[solids.Face]) -> None:
    """Draw all faces as one collection, in their order."""
    corners = [[(SCALE * x, SCALE * y) for x, y in face.points] for face in faces]
    fills = [_fill(face) for face in faces]
    edges = [GREY if face.tone == "ghost" else "#ffffff" for face in faces]
    ax.add_collection(PolyCollection(corners, facecolors=fills, edgecolors=edges, linewidths=0.8))


def _fill(face: solids.Face) -> str:
    if face.tone == "ghost":
        return "none"
    return OTHER[face.side] if face.tone == "other" else SHADES[face.part][face.tone][face.side]
