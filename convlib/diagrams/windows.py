"""Diagrams of windows: one step, one back, one of a transposed layer, all positions, one row."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convlib import arguments, core, operands
from convlib.arguments import Amounts, Array, Ints, Padding, shown
from convlib.diagrams.canvas import (
    GREY,
    INPUT,
    KERNEL,
    OUTPUT,
    Colour,
    add_box,
    add_cells,
    add_label,
    blank_axes,
    border_mask,
    check_real,
    finished,
    real_grid,
    window_mask,
)
from convlib.diagrams.parts import (
    MOST_ARTISTS,
    MOST_SIDE,
    around,
    between,
    first,
    is_too_large,
    sentence,
    square_part,
)
from convlib.geometry import transposed_sizes
from convlib.spec import Axis, Sizes, fit_axes, join_axes, normalise_window

MOST_NUMBERS = 400  # of a grid of which a part is drawn
MOST_IN_LINE = 30  # cells along a side of which a part is drawn
MOST_WINDOWS = 12  # below a row


def draw_grid(
    values: Array,
    marked: Array | None = None,
    colour: Colour = INPUT,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw an array as a grid of numbered cells.

    Parameters
    ----------
    values : ndarray, shape (H, W)
        The numbers in the cells; of more than about 500, the first rows and columns are drawn.
    marked : ndarray of bool, shape (H, W), optional
        The cells to show in the strong shade.
    colour : Colour
        ``diagrams.INPUT``, ``diagrams.KERNEL`` or ``diagrams.OUTPUT``.
    title : str
        Text above the grid.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        ``values`` is no array of two axes of real numbers, or ``marked`` no bool array of its
        shape.

    Examples
    --------
    >>> figure = draw_grid(np.arange(6).reshape(2, 3), marked=np.eye(2, 3, dtype=bool))
    """
    values = real_grid("values", values)
    if marked is not None:
        marked = _mask("marked", marked, values.shape)
    shape = rows, columns = values.shape
    height, width = shape
    if is_too_large(2 * values.size, width, height):
        height, width = square_part(rows, columns, MOST_NUMBERS, MOST_IN_LINE)
    note = sentence(first((height, width), shape, "numbers"))
    ax = blank_axes(ax, (0, width), (-1 if title else 0, height), note)
    add_cells(ax, values[:height, :width], (0, 0), colour, marked)
    add_label(ax, width / 2, -0.5, title)
    return finished(ax)


def draw_step(
    input: Array,
    weight: Array,
    at: tuple[int, int] = (0, 0),
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    only: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Draw one step of a convolution: window, kernel, and the output pixel they give.

    Parameters
    ----------
    input : ndarray, shape (H, W) or (C, H, W)
        With more than about 500 numbers, together with the weight and the output, the part
        around the window is drawn.
    weight : ndarray, shape (kH, kW) or (C, kH, kW)
        One kernel. Channels are drawn one below another.
    at : (int, int)
        Row and column of the output pixel.
    stride, padding, dilation
        As in `conv2d`.
    only : bool
        Leave out the numbers of the other output pixels, for the reader to find.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `conv2d`; or ``at`` is outside of the output.

    Examples
    --------
    >>> figure = draw_step(np.arange(25.0).reshape(5, 5), np.ones((2, 2)), at=(1, 0), stride=2)
    """
    images, kernels = _image_and_kernel("input", input, weight)
    operands.check_channels("input", images.shape, 0, "weight", (1, *kernels.shape), 1)
    axes = join_axes(images.shape[1:], kernels.shape[1:], stride, padding, dilation)
    out = (axes[0].output_size, axes[1].output_size)
    pixel = _position(at, out)
    only = arguments.flag("only", only)

    view = _view(axes, pixel, len(images))
    channels, pixels, taps, outputs = view
    kernel_size, shown_out = tuple(map(len, taps)), tuple(map(len, outputs))
    height, width = map(len, pixels)
    pitch = max(height, kernel_size[0]) + 1.6  # from one channel to the next
    middle = (pitch * channels - 1.6) / 2
    kernel_left = width + 1
    output_left = kernel_left + kernel_size[1] + 1
    output_top = middle - shown_out[0] / 2
    right = output_left + max(shown_out[1], 1.8)
    top, bottom = min(-1, output_top - 1), max(2 * middle, output_top + shown_out[0])

    padded = _gather(images, *map(_column, axes, pixels))[:, :, 0, :, 0]
    windows = _gather(images, *map(_taps, axes, outputs))
    output = np.tensordot(windows, kernels, ((0, 2, 4), (0, 1, 2)))
    border, window = border_mask(axes, pixels), window_mask(axes, pixel, pixels)
    note = sentence(
        first(channels, len(images), "channels"),
        between(pixels, (axes[0].padded, axes[1].padded), _pixels(axes)),
        first(kernel_size, kernels.shape[1:], "taps"),
        between(outputs, out, "outputs"),
    )
    ax = blank_axes(ax, (0, right), (top, bottom), note)
    for channel in range(channels):
        top = pitch * channel
        kernel_top = top + (height - kernel_size[0]) / 2
        name = f" {channel}" if len(images) > 1 else ""
        add_cells(ax, padded[channel], (0, top), INPUT, window, border)
        kernel = kernels[channel, : kernel_size[0], : kernel_size[1]]
        add_cells(ax, kernel, (kernel_left, kernel_top), KERNEL)
        add_label(ax, width / 2, top - 0.5, f"input{name}")
        add_label(ax, kernel_left + kernel_size[1] / 2, kernel_top - 0.5, f"weight{name}")
        add_label(ax, kernel_left - 0.5, top + height / 2, "*")
        if channel:
            add_label(
                ax,
                kernel_left + kernel_size[1] / 2,
                kernel_top - pitch + height + 0.3,
                "+",
            )
    marked = np.zeros(shown_out, dtype=bool)
    marked[outputs[0].index(pixel[0]), outputs[1].index(pixel[1])] = True
    numbers = np.where(marked | (not only), output, np.nan)
    add_cells(ax, numbers, (output_left, output_top), OUTPUT, marked)
    add_label(ax, output_left + shown_out[1] / 2, output_top - 0.5, "output")
    add_label(ax, output_left - 0.5, middle, "=")
    return finished(ax)


def draw_step_back(
    grad_output: Array,
    weight: Array,
    size: Ints,
    at: tuple[int, int] = (0, 0),
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    only: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Draw one step of the input gradient.

    One number of ``grad_output``, times the kernel, is added to the pixels that its window
    read.

    Parameters
    ----------
    grad_output : ndarray, shape (H_out, W_out)
        With more than about 500 numbers, together with the weight and the input, the part
        around the window is drawn.
    weight : ndarray, shape (kH, kW)
    size : int or (int, int)
        Height and width of the input.
    at : (int, int)
        Row and column of the number.
    stride, padding, dilation
        As in `conv2d`.
    only : bool
        Show what this number alone contributes, not the sum over all of them.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`; or ``at`` is outside of the output.

    Examples
    --------
    >>> figure = draw_step_back(np.ones((2, 2)), np.array([[1.0, 2], [3, 4]]), size=5, stride=2)
    """
    (grad,), (kernel,) = _image_and_kernel("grad_output", grad_output, weight, channels=False)
    sizes = arguments.integers("size", size, 2)
    axes = join_axes(sizes, kernel.shape, stride, padding, dilation)
    out = (axes[0].output_size, axes[1].output_size)
    if grad.shape != out:
        raise ValueError(f"grad_output of shape {grad.shape} must have the output's shape, {out}")
    position = _position(at, out)
    only = arguments.flag("only", only)

    names = ("grad_output", "weight", "grad_input")
    return _draw_scatter(
        grad, kernel, axes, position, only, names, (OUTPUT, INPUT), "gradients", ax
    )


def draw_step_transposed(
    input: Array,
    weight: Array,
    at: tuple[int, int] = (0, 0),
    stride: Ints = 1,
    padding: Amounts = 0,
    dilation: Ints = 1,
    only: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Draw one step of a transposed convolution: pixel, kernel, and the copy that is added.

    Parameters
    ----------
    input : ndarray, shape (H, W)
        With more than about 500 numbers, together with the weight and the output, the part
        around the copy is drawn.
    weight : ndarray, shape (kH, kW)
    at : (int, int)
        Row and column of the input pixel.
    stride, padding, dilation
        As in `conv_transpose2d`. What the padding removes is drawn as outlines.
    only : bool
        Show the copy of this pixel alone, not the sum over all of them.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `conv_transpose2d`; or ``at`` is outside of the input.

    Examples
    --------
    >>> image = np.array([[1, 10], [100, 1000]])
    >>> figure = draw_step_transposed(image, np.array([[1, 2], [3, 4]]), at=(1, 0), stride=2)
    """
    (image,), (kernel,) = _image_and_kernel("input", input, weight, channels=False)
    strides = arguments.integers("stride", stride, 2)
    pairs = arguments.padding(padding, kernel.shape, words=False)
    dilations = arguments.integers("dilation", dilation, 2)
    sizes = transposed_sizes(image.shape, kernel.shape, strides, pairs, (0, 0), dilations)
    axes = fit_axes(sizes, kernel.shape, strides, pairs, dilations)
    pixel = _position(at, image.shape, "input")
    only = arguments.flag("only", only)
    names = ("input", "weight", "output")
    return _draw_scatter(
        image, kernel, axes, pixel, only, names, (INPUT, OUTPUT), "input pixels", ax
    )


def _draw_scatter(
    grad: Array,
    kernel: Array,
    axes: Sequence[Axis],
    position: tuple[int, int],
    only: bool,
    names: tuple[str, str, str],
    colours: tuple[Colour, Colour],
    noun: str,
    ax: Axes | None,
) -> Figure:
    """Draw one of many numbers, the kernel, and the pixels to which their product is added."""
    out = (axes[0].output_size, axes[1].output_size)
    _, pixels, taps, outputs = _view(axes, position)
    (rows, columns), (kH, kW) = map(len, outputs), map(len, taps)
    height, width = map(len, pixels)
    middle = max(rows, height, kH) / 2
    kernel_left = columns + 1
    image_left = kernel_left + kW + 1

    border, window = border_mask(axes, pixels), window_mask(axes, position, pixels)
    sent = np.zeros_like(grad) if only else grad
    if only:
        sent[position] = grad[position]
    senders = _gather(sent[np.newaxis], *map(_windows_of, axes, pixels))
    sums = np.tensordot(senders[0], kernel, ((1, 3), (0, 1)))
    numbers = np.where(~border & (window | (not only)), sums, np.nan)
    marked = np.zeros((rows, columns), dtype=bool)
    marked[outputs[0].index(position[0]), outputs[1].index(position[1])] = True
    note = sentence(
        between(outputs, out, noun),
        first((kH, kW), kernel.shape, "taps"),
        between(pixels, (axes[0].padded, axes[1].padded), _pixels(axes)),
    )

    ax = blank_axes(ax, (0, image_left + width), (-1, 2 * middle), note)
    top = middle - rows / 2
    add_cells(ax, grad[np.ix_(*outputs)], (0, top), colours[0], marked)
    add_label(ax, columns / 2, top - 0.5, names[0])
    top = middle - kH / 2
    add_cells(ax, kernel[:kH, :kW], (kernel_left, top), KERNEL)
    add_label(ax, kernel_left + kW / 2, top - 0.5, names[1])
    top = middle - height / 2
    add_cells(ax, numbers, (image_left, top), colours[1], window, border)
    add_label(ax, image_left + width / 2, top - 0.5, names[2])
    add_label(ax, kernel_left - 0.5, middle, "*")
    add_label(ax, image_left - 0.5, middle, "=")
    return finished(ax)


def draw_positions(
    size: Ints,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    ax: Axes | None = None,
) -> Figure:
    """Draw every position of the sliding window: the input once for each, laid out as the output.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`; an int means height and width. Where all copies of the input
        together have more than 1000 cells, the first windows are drawn, on the first pixels.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Examples
    --------
    >>> figure = draw_positions(5, kernel_size=2, stride=2)
    """
    sizes = arguments.integers("size", size, 2)
    kernel = arguments.integers("kernel_size", kernel_size, 2)
    axes = join_axes(sizes, kernel, stride, padding, dilation)
    count = rows, columns = (axes[0].output_size, axes[1].output_size)
    padded = (axes[0].padded, axes[1].padded)
    scale, gap = 0.5, 0.8

    def paper(rows: int, columns: int, height: int, width: int) -> tuple[float, float, float]:
        pitch = max(scale * width, 2.2) + gap
        return pitch, columns * pitch - gap, rows * (scale * height + 1) - 1

    pitch, right, bottom = paper(*count, *padded)
    pixels = padded
    if is_too_large(rows * columns * math.prod(padded), right, bottom):
        (rows, columns), pixels = _first_windows(axes)
        pitch, right, bottom = paper(rows, columns, *pixels)
    height, width = (scale * side for side in pixels)
    note = sentence(
        first(rows * columns, math.prod(count), "windows"),
        first(pixels, padded, _pixels(axes)),
    )
    places = [range(side) for side in pixels]
    border, blank = border_mask(axes, places), np.full(pixels, np.nan)
    ax = blank_axes(ax, (0, right), (-0.7, bottom), note)
    for row, column in np.ndindex(rows, columns):
        corner = (column * pitch, row * (height + 1))
        window = window_mask(axes, (row, column), places)
        add_cells(ax, blank, corner, INPUT, window, border, scale)
        add_label(
            ax,
            corner[0] + width / 2,
            corner[1] - 0.35,
            f"output[{row}, {column}]",
            fontsize=11,
        )
    return finished(ax)


def draw_row(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | tuple[int, int] | str = 0,
    dilation: int = 1,
    ax: Axes | None = None,
) -> Figure:
    """Draw one row of pixels, and below it every window that fits and the next, which does not.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`, for one axis; padding may be (before, after). Where they give
        too many windows or pixels to be drawn, the first are.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    Figure
        Of matplotlib; a notebook shows it once.

    Raises
    ------
    ValueError, TypeError
        As `output_size`, but a kernel that is larger than the row is drawn, and shows why.

    Examples
    --------
    >>> figure = draw_row(7, kernel_size=3, stride=3)
    """
    pixels = arguments.integer("size", size)
    taps, step, pair, spread = normalise_window(kernel_size, stride, padding, dilation)
    axis = Axis(pixels, taps, step, pair, spread)
    count = max(axis.output_size, 0)
    end = max(axis.padded, count * step + axis.reach) - axis.before  # of the row, or of windows
    windows = count + 1
    artists = 2 * axis.padded + windows * (taps + 2)
    if is_too_large(artists, end + 3.4 + axis.before, count + 2.2):
        end = min(end, MOST_IN_LINE - axis.before)
        windows = min(windows, MOST_WINDOWS, -(-MOST_IN_LINE // step))
    right, bottom = end + 3.4, windows + 1.2
    last = min(pixels + axis.after, end)
    note = sentence(
        first(min(windows, count), count, "windows"),
        first(axis.before + last, axis.padded, _pixels([axis])),
    )
    starts = np.arange(windows)[:, np.newaxis] * step - axis.before
    places = starts + spread * np.arange(min(taps, MOST_SIDE))
    ax = blank_axes(ax, (-axis.before, right), (0, bottom), note)
    line = np.arange(-axis.before, last)[np.newaxis]
    outside = (line < 0) | (line >= pixels)
    read = np.isin(line, places[:count]) & ~outside
    add_cells(ax, np.where(outside, np.nan, line), (-axis.before, 0), INPUT, read, outside)
    for window, row in enumerate(places):
        fits = window < count
        top = 1.2 + window
        inside = row[row < end]
        ax.plot(
            [inside[0] + 0.5, min(row[-1] + 0.5, end)],
            [top + 0.5] * 2,
            color=GREY,
            linewidth=1,
            zorder=0,
        )
        for x in inside:
            corner = (x + 0.1, top + 0.1)
            if fits:
                add_box(ax, corner, 0.8, KERNEL.strong)
            else:
                add_box(ax, corner, 0.8, "none", edgecolor=GREY, linestyle=":")
        text = f"window {window}" if fits else "does not fit"
        add_label(ax, end + 0.3, top + 0.5, text, ha="left", fontsize=11)
    return finished(ax)


class View(NamedTuple):
    """What is drawn of one step: a number of channels, and places along both axes."""

    channels: int
    pixels: tuple[range, range]  # of the padded input
    taps: tuple[range, range]
    outputs: tuple[range, range]


def _view(axes: Sequence[Axis], position: Sizes, channels: int = 1) -> View:
    """Choose what to draw of one step: everything, or the part around the window."""
    height, width = (axis.padded for axis in axes)
    kH, kW = (axis.kernel_size for axis in axes)
    rows, columns = (axis.output_size for axis in axes)
    numbers = channels * (height * width + kH * kW) + rows * columns
    across = width + kW + max(columns, 1.8) + 2
    down = max(channels * (max(height, kH) + 1.6), rows + 1)
    if not is_too_large(2 * numbers, across, down):
        every = (
            (range(height), range(width)),
            (range(kH), range(kW)),
            (range(rows), range(columns)),
        )
        return View(channels, *every)
    first, second = map(_around_window, axes, position)
    return View(min(channels, 3), *zip(first, second, strict=True))


def _around_window(axis: Axis, window: int) -> tuple[range, range, range]:
    """Return at most 9 pixels of the padded input, 7 taps and 5 outputs, around a window."""
    taps = range(min(axis.kernel_size, 7))
    start = window * axis.stride
    stop = start + core.reach(len(taps), axis.dilation)
    pixels = around(start, stop, axis.padded, most=9)
    return pixels, taps, around(window, window + 1, axis.output_size, most=5)


def _first_windows(axes: Sequence[Axis]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return rows and columns of the windows to draw, and of the pixels under each.

    At most four by four windows are drawn, and one pixel more than they need, so that it is
    seen that the input continues.
    """
    for most in range(4, 0, -1):
        rows, columns = (min(axis.output_size, most) for axis in axes)
        height, width = (
            min(axis.padded, (count - 1) * axis.stride + axis.reach + 1)
            for axis, count in zip(axes, (rows, columns), strict=True)
        )
        few = rows * columns * height * width <= MOST_ARTISTS
        if few and max(height, width) <= MOST_IN_LINE:
            return (rows, columns), (height, width)
    return (1, 1), square_part(height, width, MOST_NUMBERS, MOST_IN_LINE)


def _gather(images: Array, rows: Array, columns: Array) -> Array:
    """Take the pixels at (m, i) rows and (n, j) columns of (C, H, W); zeros outside of the image.

    Returns an array of shape (C, m, i, n, j).
    """
    height, width = images.shape[1:]
    inside = np.multiply.outer((rows >= 0) & (rows < height), (columns >= 0) & (columns < width))
    taken = images[:, rows.clip(0, height - 1)][..., columns.clip(0, width - 1)]
    return np.where(inside, taken, taken.dtype.type(0))


def _pixels(axes: Sequence[Axis]) -> str:
    return "pixels, padding included" if any(sum(axis.padding) for axis in axes) else "pixels"


def _column(axis: Axis, places: range) -> Array:
    """Return the pixels at some places of the padded input, (n, 1)."""
    return np.array(places)[:, np.newaxis] - axis.before


def _taps(axis: Axis, windows: range) -> Array:
    """Return the pixels under each tap of some windows, (n, k)."""
    starts = np.array(windows)[:, np.newaxis] * axis.stride - axis.before
    return starts + axis.dilation * np.arange(axis.kernel_size)


def _windows_of(axis: Axis, places: range) -> Array:
    """Return the window that reads a place of the padded input with each tap, (n, k), or -1."""
    starts = np.array(places)[:, np.newaxis] - axis.dilation * np.arange(axis.kernel_size)
    return np.where(starts % axis.stride == 0, starts // axis.stride, -1)


def _mask(name: str, value: object, shape: Sizes) -> Array:
    """Return an array of bool of a given shape."""
    mask = arguments.array(name, value)
    if mask.shape != shape or mask.dtype != bool:
        raise ValueError(
            f"{name} of shape {mask.shape} and dtype {mask.dtype} must be bool of shape {shape}"
        )
    return mask


def _image_and_kernel(
    name: str, image: object, weight: object, channels: bool = True
) -> tuple[Array, Array]:
    """Return one image and one kernel, each with a channel axis."""
    arrays = {name: arguments.numbers(name, image), "weight": arguments.numbers("weight", weight)}
    shapes = [array.shape for array in arrays.values()]
    ranks = {array.ndim for array in arrays.values()}
    if ranks not in ([{2}, {3}] if channels else [{2}]):
        with_channels = " or both (channels, rows, columns)" if channels else ""
        raise ValueError(
            f"{name} of shape {shapes[0]} and weight of shape {shapes[1]} must both have "
            f"the axes (rows, columns){with_channels}"
        )
    for each, array in arrays.items():
        check_real(each, array)
        operands.check_not_empty(each, array.shape if array.ndim == 3 else (1, *array.shape), 2)
    operands.check_dtypes(**arrays)
    first, second = (array[np.newaxis] if array.ndim == 2 else array for array in arrays.values())
    return first, second


def _position(at: object, out: Sizes, name: str = "output") -> tuple[int, int]:
    """Return row and column of a pixel of the output, or of another array."""
    row, column = arguments.integers("at", at, 2, "(row, column)")
    if row >= out[0] or column >= out[1]:
        raise ValueError(f"at={shown(at)} is outside of the {name}, whose shape is {out}")
    return row, column
