"""Geometry of volumes in isometric projection: their cells as polygons, and the labels.

The explorer draws the same polygons in the browser: convlib/web/explorer/solids.js has the same
functions in the same order, and a test compares what they return.

The unit is the side of a cell. x points right and y down. Of each volume, columns lead right and
down, rows down, and channels right and up, so that its front, top and right side are seen.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from convlib.diagrams.parts import around

MOST_SIDE = 8  # rows, columns and channels that are drawn
MOST_KERNELS = 6
GAP = 0.8  # between groups of channels, and between kernels
SPACE = 1.6  # between input, kernels and output
LINE = 1.4  # from one label to the next
LETTER = 0.62  # mean width of a letter of a label
COS, SIN = math.sqrt(3) / 2, 0.5
SIDES = ("front", "top", "right")
NOUNS = ("channels", "rows", "columns")

Point = tuple[float, float]
Space = tuple[float, float, float]  # column, row, depth


class Stage(NamedTuple):
    """One convolution: shapes, and the output numbers whose window is marked."""

    in_channels: int
    out_channels: int
    groups: int
    kernel_size: tuple[int, int]
    weight_shape: tuple[int, ...]  # that the label names; a transposed layer has another order
    size: tuple[int, int]
    output_size: tuple[int, int]
    window: tuple[Sequence[int], Sequence[int]]  # rows and columns of the input that it reads
    position: tuple[int, int]  # row and column of the output numbers
    chosen: range  # their channels
    names: tuple[str, str, str] = ("input", "weight", "output")


class Face(NamedTuple):
    """A polygon: one side of a cell, or of what is transparent."""

    points: list[Point]
    part: str  # input, kernel or output
    side: str  # front, top or right
    tone: str  # chosen, plain (of the same group), other (of another group) or ghost


class Label(NamedTuple):
    """Text, centred at a point."""

    x: float
    y: float
    text: str


class Scene(NamedTuple):
    """What is drawn, in order, and within which bounds: left, top, right, bottom."""

    faces: list[Face]
    labels: list[Label]
    bounds: tuple[float, float, float, float]


class Volume(NamedTuple):
    """Input or output of a stage: its shape, and what is marked and drawn of it."""

    part: str
    name: str
    shape: tuple[int, int, int]
    per_group: int  # channels
    groups: range  # that are marked
    marked: tuple[Sequence[int], Sequence[int], Sequence[int]]  # channels, rows, columns
    drawn: tuple[range, range, range]


class Box(NamedTuple):
    """Channels that are drawn without a gap: all of one tone, but for what is marked."""

    part: str
    depth: float  # of the front
    drawn: tuple[range, range, range]
    tone: str


class Group(NamedTuple):
    """What is moved to its place as a whole: faces, their bounds, and two labels below."""

    faces: list[Face]
    bounds: tuple[float, float, float, float]
    texts: tuple[str, str]


def scene(stages: Sequence[Stage]) -> Scene:
    """Draw stages one below another."""
    faces: list[Face] = []
    labels: list[Label] = []
    right, bottom = 0.0, 0.0
    for number, stage in enumerate(stages):
        drawn = _stage_scene(stage, bottom + (SPACE if number else 0))
        faces += drawn.faces
        labels += drawn.labels
        right, bottom = max(right, drawn.bounds[2]), drawn.bounds[3]
    return Scene(faces, labels, (0, 0, right, bottom))


def omitted(stage: Stage) -> list[str]:
    """Name what is drawn of a stage, where that is not everything."""
    volumes = [_input(stage), _output(stage)]
    counts = [
        (f"{volume.name} {noun}", drawn, count)
        for volume in volumes
        for noun, drawn, count in zip(NOUNS, volume.drawn, volume.shape, strict=True)
    ]
    counts.append(("kernels", _drawn_kernels(stage), stage.out_channels))
    for noun, drawn, count in zip(NOUNS, _drawn_weights(stage), _kernel_shape(stage), strict=True):
        counts.append((f"kernel {noun}", drawn, count))
    return [
        f"{noun} {drawn[0]} to {drawn[-1]} of {count}"
        for noun, drawn, count in counts
        if len(drawn) < count
    ]


def _stage_scene(stage: Stage, top: float) -> Scene:
    """Draw input, kernels and output of one stage side by side."""
    groups = [_volume_group(_input(stage)), _kernels_group(stage), _volume_group(_output(stage))]
    height = max(map(_height, groups))
    faces: list[Face] = []
    labels: list[Label] = []
    left = 0.0
    for number, group in enumerate(groups):
        if number:
            labels.append(Label(left + SPACE / 2, top + height / 2, "*="[number - 1]))
            left += SPACE
        x0, y0, x1, y1 = group.bounds
        width = max(x1 - x0, LETTER * max(map(len, group.texts)))
        middle = left + width / 2
        faces += _moved(group.faces, middle - (x0 + x1) / 2, top + (height - y0 - y1) / 2)
        for line, text in enumerate(group.texts):
            labels.append(Label(middle, top + height + LINE * (line + 1), text))
        left += width
    return Scene(faces, labels, (0, top, left, top + height + 2.5 * LINE))


def _input(stage: Stage) -> Volume:
    """Describe the input, of which the channels of the chosen groups are read in the window."""
    per_group = stage.in_channels // stage.groups
    groups = _chosen_groups(stage)
    channels = range(groups[0] * per_group, (groups[-1] + 1) * per_group)
    shape = (stage.in_channels, *stage.size)
    marked = (channels, *stage.window)
    drawn = _drawn(marked, shape)
    return Volume("input", stage.names[0], shape, per_group, groups, marked, drawn)


def _output(stage: Stage) -> Volume:
    """Describe the output, of which one position of the chosen channels is computed."""
    row, column = stage.position
    shape = (stage.out_channels, *stage.output_size)
    marked = (stage.chosen, [row], [column])
    per_group = stage.out_channels // stage.groups
    groups = _chosen_groups(stage)
    drawn = _drawn(marked, shape)
    return Volume("output", stage.names[2], shape, per_group, groups, marked, drawn)


def _chosen_groups(stage: Stage) -> range:
    per_group = stage.out_channels // stage.groups
    return range(stage.chosen[0] // per_group, stage.chosen[-1] // per_group + 1)


def _drawn(
    marked: tuple[Sequence[int], Sequence[int], Sequence[int]], shape: tuple[int, int, int]
) -> tuple[range, range, range]:
    """Return the channels, rows and columns that are drawn, around those that are marked."""
    channels, rows, columns = (
        _around_inside([place for place in places if 0 <= place < count], count)
        for places, count in zip(marked, shape, strict=True)
    )
    return channels, rows, columns


def _around_inside(places: Sequence[int], count: int) -> range:
    return around(places[0], places[-1] + 1, count, MOST_SIDE) if places else _first(count)


def _first(count: int) -> range:
    return range(min(count, MOST_SIDE))


def _volume_group(volume: Volume) -> Group:
    """Draw a volume, split between groups and in front of what is marked."""
    channels, rows, columns = volume.drawn
    first = volume.marked[0][0]
    boxes = []
    for depth, run in _runs(channels, volume.per_group, first):
        tone = "plain" if run[0] // volume.per_group in volume.groups else "other"
        drawn = (run, rows, columns)
        boxes.append(Box(volume.part, depth, drawn, "ghost" if run[0] < first else tone))
    faces = [face for box in boxes[::-1] for face in _faces(box, volume.marked)]
    return Group(faces, _bounds(boxes[-1]), (volume.name, _times(volume.shape)))


def _runs(channels: range, per_group: int, cut: int) -> Iterator[tuple[float, range]]:
    """Split channels between groups, with a gap, and before ``cut``; yield depth and channels."""
    start = channels[0]
    for end in range(start + 1, channels[-1] + 2):
        if end > channels[-1] or end % per_group == 0 or end == cut:
            gaps = start // per_group - channels[0] // per_group
            yield start - channels[0] + GAP * gaps, range(start, end)
            start = end


def _kernels_group(stage: Stage) -> Group:
    """Draw kernels in two lines."""
    kernels = _drawn_kernels(stage)
    per_group, groups = stage.out_channels // stage.groups, _chosen_groups(stage)
    drawn = _drawn_weights(stage)
    left, top, right, bottom = _bounds(Box("kernel", 0, drawn, ""))
    pitch = (right - left + GAP, bottom - top + GAP)
    across = math.ceil(len(kernels) / 2)
    lines = math.ceil(len(kernels) / across)
    faces = []
    for number, kernel in enumerate(kernels):
        tone = "plain" if kernel // per_group in groups else "other"
        box = Box("kernel", 0, drawn, "chosen" if kernel in stage.chosen else tone)
        line, place = divmod(number, across)
        faces += _moved(_faces(box), place * pitch[0], line * pitch[1])
    bounds = (left, top, right + pitch[0] * (across - 1), bottom + pitch[1] * (lines - 1))
    return Group(faces, bounds, (stage.names[1], _times(stage.weight_shape)))


def _drawn_kernels(stage: Stage) -> range:
    first = stage.chosen[0]
    return around(first, first + 1, stage.out_channels, MOST_KERNELS)


def _drawn_weights(stage: Stage) -> tuple[range, range, range]:
    channels, rows, columns = map(_first, _kernel_shape(stage))
    return channels, rows, columns


def _kernel_shape(stage: Stage) -> tuple[int, int, int]:
    return stage.in_channels // stage.groups, *stage.kernel_size


def _faces(box: Box, marked: tuple[Sequence[int], ...] = ((), (), ())) -> list[Face]:
    """Return the faces of the front, the top and the right side, cell by cell."""
    channels, rows, columns = box.drawn
    depth, height, width = len(channels), len(rows), len(columns)
    if box.tone == "ghost":
        outlines = {
            "front": _parallelogram((0, 0, box.depth), (width, 0, 0), (0, height, 0)),
            "top": _parallelogram((0, 0, box.depth), (width, 0, 0), (0, 0, depth)),
            "right": _parallelogram((width, 0, box.depth), (0, 0, depth), (0, height, 0)),
        }
        return [Face(points, box.part, side, "ghost") for side, points in outlines.items()]
    faces = []

    def add(side: str, cell: tuple[int, int, int], points: list[Point]) -> None:
        places = zip(cell, marked, strict=True)
        tone = "chosen" if all(place in those for place, those in places) else box.tone
        faces.append(Face(points, box.part, side, tone))

    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            points = _parallelogram((x, y, box.depth), (1, 0, 0), (0, 1, 0))
            add("front", (channels[0], row, column), points)
    for z, channel in enumerate(channels):
        for x, column in enumerate(columns):
            points = _parallelogram((x, 0, box.depth + z), (1, 0, 0), (0, 0, 1))
            add("top", (channel, rows[0], column), points)
        for y, row in enumerate(rows):
            points = _parallelogram((width, y, box.depth + z), (0, 0, 1), (0, 1, 0))
            add("right", (channel, row, columns[-1]), points)
    return faces


def _parallelogram(corner: Space, along: Space, down: Space) -> list[Point]:
    """Project a corner and the two edges that begin in it."""
    return [
        _project(*(c + one * a + other * d for c, a, d in zip(corner, along, down, strict=True)))
        for one, other in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]


def _project(column: float, row: float, depth: float) -> Point:
    return COS * (column + depth), row + SIN * (column - depth)


def _bounds(last: Box) -> tuple[float, float, float, float]:
    """Return the bounds of boxes from depth 0 to the last one."""
    channels, rows, columns = map(len, last.drawn)
    depth = last.depth + channels
    return 0, -SIN * depth, COS * (columns + depth), rows + SIN * columns


def _height(group: Group) -> float:
    return group.bounds[3] - group.bounds[1]


def _moved(faces: Sequence[Face], right: float, down: float) -> list[Face]:
    return [face._replace(points=[(x + right, y + down) for x, y in face.points]) for face in faces]


def _times(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))
