"""Windows on an image: one step, one step back, all positions, one row."""

import numpy as np
from matplotlib.axes import Axes

from convlib import checks
from convlib.checks import Array, Ints, Padding
from convlib.diagrams.canvas import (
    GREY,
    INPUT,
    KERNEL,
    OUTPUT,
    Colour,
    border_mask,
    ground,
    pair,
    put_box,
    put_cells,
    put_label,
    window_mask,
)
from convlib.functional import conv2d
from convlib.geometry import output_size, reach, sides, taps
from convlib.gradients import conv2d_input
from convlib.padding import pad


def draw_grid(
    values: Array,
    marked: Array | None = None,
    colour: Colour = INPUT,
    title: str = "",
    ax: Axes | None = None,
) -> None:
    """Draw an array as numbered cells.

    Parameters
    ----------
    values : ndarray, shape (H, W)
        The numbers in the cells.
    marked : ndarray of bool, shape (H, W), optional
        The cells to show in the strong shade.
    colour : Colour
        ``diagrams.INPUT``, ``diagrams.KERNEL`` or ``diagrams.OUTPUT``.
    title : str
        Stands above the grid.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        ``values`` is no array of two axes of real numbers, or ``marked`` no bool array of
        its shape.

    Examples
    --------
    >>> draw_grid(np.arange(6).reshape(2, 3), marked=np.eye(2, 3, dtype=bool))
    """
    height, width = checks.grid("values", values).shape
    if marked is not None:
        marked = checks.mask("marked", marked, values.shape)
    ax = ground(ax, (0, width), (-1 if title else 0, height))
    put_cells(ax, values, (0, 0), colour, marked)
    put_label(ax, width / 2, -0.5, title)


def draw_step(
    input: Array,
    weight: Array,
    at: tuple[int, int] = (0, 0),
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    only: bool = False,
    ax: Axes | None = None,
) -> None:
    """Draw how one pixel of the output comes about: window, kernel, sum.

    Parameters
    ----------
    input : ndarray, shape (H, W) or (C, H, W)
    weight : ndarray, shape (kH, kW) or (C, kH, kW)
        One kernel. Channels stand one below another.
    at : (int, int)
        Row and column of the output pixel.
    stride, padding, dilation
        As in `conv2d`.
    only : bool
        Leave the numbers of the other output pixels out, for the reader to find.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `conv2d`, which computes the output; or ``at`` lies outside of it.

    Examples
    --------
    >>> draw_step(np.arange(25.0).reshape(5, 5), np.ones((2, 2)), at=(1, 0), stride=2)
    """
    input, weight = checks.step(input, weight)
    images = input[np.newaxis] if input.ndim == 2 else input
    kernels = weight[np.newaxis] if weight.ndim == 2 else weight
    (output,) = conv2d(images, kernels[np.newaxis], None, stride, padding, dilation)
    pixel = checks.place("at", at, output.shape)
    kernel_size = kernels.shape[1:]
    frame = sides(padding, kernel_size, dilation)
    border = border_mask(images.shape[1:], frame)
    window = window_mask(border.shape, taps(border.shape, kernel_size, stride, 0, dilation), pixel)

    height, width = window.shape
    pitch = max(height, kernel_size[0]) + 1.6  # from one channel to the next
    middle = (pitch * len(images) - 1.6) / 2
    kernel_left = width + 1
    output_left = kernel_left + kernel_size[1] + 1
    output_top = middle - output.shape[0] / 2
    right = output_left + max(output.shape[1], 1.8)
    ax = ground(
        ax,
        (0, right),
        (min(-1, output_top - 1), max(2 * middle, output_top + len(output))),
    )
    for channel, (image, kernel) in enumerate(zip(images, kernels, strict=True)):
        top = pitch * channel
        kernel_top = top + (height - kernel_size[0]) / 2
        name = f" {channel}" if len(images) > 1 else ""
        put_cells(ax, pad(image, frame), (0, top), INPUT, window, border)
        put_cells(ax, kernel, (kernel_left, kernel_top), KERNEL)
        put_label(ax, width / 2, top - 0.5, f"input{name}")
        put_label(ax, kernel_left + kernel_size[1] / 2, kernel_top - 0.5, f"weight{name}")
        put_label(ax, kernel_left - 0.5, top + height / 2, "*")
        if channel:
            put_label(
                ax,
                kernel_left + kernel_size[1] / 2,
                kernel_top - pitch + height + 0.3,
                "+",
            )
    shown = np.zeros(output.shape, dtype=bool)
    shown[pixel] = True
    numbers = np.where(shown | (not only), output, np.nan)
    put_cells(ax, numbers, (output_left, output_top), OUTPUT, shown)
    put_label(ax, output_left + output.shape[1] / 2, output_top - 0.5, "output")
    put_label(ax, output_left - 0.5, middle, "=")


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
) -> None:
    """Draw how one number goes back through the kernel to the pixels that its window read.

    Parameters
    ----------
    grad_output : ndarray, shape (H_out, W_out)
    weight : ndarray, shape (kH, kW)
    size : int or (int, int)
        Height and width of the input.
    at : (int, int)
        Row and column of the number.
    stride, padding, dilation
        As in `conv2d`.
    only : bool
        Show what this number alone sends back, not the sum over all of them.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`, which computes the sum; or ``at`` lies outside of the output.

    Examples
    --------
    >>> draw_step_back(np.ones((2, 2)), np.array([[1.0, 2], [3, 4]]), size=5, stride=2)
    """
    grad_output, weight = checks.step(grad_output, weight)
    size = pair("size", size)
    number = checks.place("at", at, grad_output.shape)
    frame = sides(padding, weight.shape, dilation)
    border = border_mask(size, frame)
    pixels = taps(border.shape, weight.shape, stride, 0, dilation)
    window = window_mask(border.shape, pixels, number)
    shown = np.zeros(grad_output.shape, dtype=bool)
    shown[number] = True
    sent = np.where(shown | (not only), grad_output, 0)[np.newaxis, np.newaxis]
    bank, batch = weight[np.newaxis, np.newaxis], (1, 1, *size)
    sums = conv2d_input(batch, bank, sent, stride, padding, dilation)[0, 0]
    framed = np.full(border.shape, np.nan)
    framed[~border] = np.where(window[~border] | (not only), sums.ravel(), np.nan)

    (rows, columns), (height, width), (kH, kW) = grad_output.shape, border.shape, weight.shape
    middle = max(rows, height, kH) / 2
    kernel_left = columns + 1
    image_left = kernel_left + kW + 1
    ax = ground(ax, (0, image_left + width), (-1, 2 * middle))
    top = middle - rows / 2
    put_cells(ax, grad_output, (0, top), OUTPUT, shown)
    put_label(ax, columns / 2, top - 0.5, "grad_output")
    top = middle - kH / 2
    put_cells(ax, weight, (kernel_left, top), KERNEL)
    put_label(ax, kernel_left + kW / 2, top - 0.5, "weight")
    top = middle - height / 2
    put_cells(ax, framed, (image_left, top), INPUT, window, border)
    put_label(ax, image_left + width / 2, top - 0.5, "grad_input")
    put_label(ax, kernel_left - 0.5, middle, "*")
    put_label(ax, image_left - 0.5, middle, "=")


def draw_positions(
    size: Ints,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    ax: Axes | None = None,
) -> None:
    """Draw the input once for each window, laid out as the output.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`; an int stands for height and width.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Examples
    --------
    >>> draw_positions(5, kernel_size=2, stride=2)
    """
    size, kernel_size = pair("size", size), pair("kernel_size", kernel_size)
    rows, columns = output_size(size, kernel_size, stride, padding, dilation)
    frame = sides(padding, kernel_size, dilation)
    border = border_mask(size, frame)
    pixels = taps(border.shape, kernel_size, stride, 0, dilation)
    blank = np.full(border.shape, np.nan)
    scale = 0.5
    height, width = (scale * side for side in border.shape)
    pitch = max(width, 2.2) + 0.8
    ax = ground(ax, (0, columns * pitch - 0.8), (-0.7, rows * (height + 1) - 1))
    for row, column in np.ndindex(rows, columns):
        corner = (column * pitch, row * (height + 1))
        window = window_mask(border.shape, pixels, (row, column))
        put_cells(ax, blank, corner, INPUT, window, border, scale)
        put_label(
            ax,
            corner[0] + width / 2,
            corner[1] - 0.35,
            f"output[{row}, {column}]",
            fontsize=11,
        )


def draw_row(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    ax: Axes | None = None,
) -> None:
    """Draw one row of pixels, and below it every window that fits, and the next, which does not.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`, for one axis.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `output_size`; but a kernel that overhangs is drawn, and shows why.

    Examples
    --------
    >>> draw_row(7, kernel_size=3, stride=3)
    """
    size = checks.integer("size", size)
    kernel_size = checks.integer("kernel_size", kernel_size)
    stride = checks.integer("stride", stride)
    dilation = checks.integer("dilation", dilation)
    (border,) = checks.padding_per_axis(padding, 1, (stride,))
    before, after = sides(border, kernel_size, dilation)
    free = before + size + after - reach(kernel_size, dilation)
    count = free // stride + 1 if free >= 0 else 0
    starts = stride * np.arange(count + 1) - before
    pixels = starts[:, np.newaxis] + dilation * np.arange(kernel_size)
    right = max(size + after, pixels[-1, -1] + 1)
    ax = ground(ax, (-before, right + 3.4), (0, count + 2.2))
    line = np.arange(-before, size + after)[np.newaxis]
    outside = (line < 0) | (line >= size)
    read = np.isin(line, pixels[:-1]) & ~outside
    put_cells(ax, np.where(outside, np.nan, line), (-before, 0), INPUT, read, outside)
    for window, row in enumerate(pixels):
        fits = window < count
        top = 1.2 + window
        ax.plot(
            [row[0] + 0.5, row[-1] + 0.5],
            [top + 0.5] * 2,
            color=GREY,
            linewidth=1,
            zorder=0,
        )
        for x in row:
            place = (x + 0.1, top + 0.1)
            if fits:
                put_box(ax, place, 0.8, KERNEL.strong)
            else:
                put_box(ax, place, 0.8, "none", edgecolor=GREY, linestyle=":")
        said = f"window {window}" if fits else "does not fit"
        put_label(ax, right + 0.3, top + 0.5, said, ha="left", fontsize=11)
