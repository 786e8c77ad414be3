"""Diagrams of windows: one step, one step backwards, all positions, one row."""

import math

import numpy as np
from matplotlib.axes import Axes

from convlib import arguments, core, operands
from convlib.arguments import Array, Ints, Padding, shown
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
    check_size,
    real_grid,
    window_mask,
)
from convlib.spec import Axis, ConvSpec, Sizes, join_axes, normalise_window


def draw_grid(
    values: Array,
    marked: Array | None = None,
    colour: Colour = INPUT,
    title: str = "",
    ax: Axes | None = None,
) -> None:
    """Draw an array as a grid of numbered cells.

    Parameters
    ----------
    values : ndarray, shape (H, W)
        The numbers in the cells, at most 1000.
    marked : ndarray of bool, shape (H, W), optional
        The cells to show in the strong shade.
    colour : Colour
        ``diagrams.INPUT``, ``diagrams.KERNEL`` or ``diagrams.OUTPUT``.
    title : str
        Text above the grid.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        ``values`` is no array of two axes of real numbers, or too large, or ``marked`` no
        bool array of its shape.

    Examples
    --------
    >>> draw_grid(np.arange(6).reshape(2, 3), marked=np.eye(2, 3, dtype=bool))
    """
    values = real_grid("values", values)
    height, width = values.shape
    if marked is not None:
        marked = _mask("marked", marked, values.shape)
    what = f"values of shape {values.shape}"
    check_size(what, 2 * values.size, width, height, "draw_images draws large arrays")
    ax = blank_axes(ax, (0, width), (-1 if title else 0, height))
    add_cells(ax, values, (0, 0), colour, marked)
    add_label(ax, width / 2, -0.5, title)


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
    """Draw one step of a convolution: window, kernel, and the output pixel they give.

    Parameters
    ----------
    input : ndarray, shape (H, W) or (C, H, W)
        At most about 1000 numbers, together with the weight and the output.
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

    Raises
    ------
    ValueError, TypeError
        As `conv2d`; or ``at`` is outside of the output, or the input is too large to draw.

    Examples
    --------
    >>> draw_step(np.arange(25.0).reshape(5, 5), np.ones((2, 2)), at=(1, 0), stride=2)
    """
    images, kernels = _image_and_kernel("input", input, weight)
    operands.check_channels("input", images.shape, 0, "weight", (1, *kernels.shape), 1)
    axes = join_axes(images.shape[1:], kernels.shape[1:], stride, padding, dilation)
    spec = ConvSpec(1, len(images), 1, 1, axes)
    out = spec.output_size
    pixel = _position(at, out)
    only = arguments.flag("only", only)

    kernel_size = kernels.shape[1:]
    height, width = (axis.padded for axis in axes)
    pitch = max(height, kernel_size[0]) + 1.6  # from one channel to the next
    middle = (pitch * len(images) - 1.6) / 2
    kernel_left = width + 1
    output_left = kernel_left + kernel_size[1] + 1
    output_top = middle - out[0] / 2
    right = output_left + max(out[1], 1.8)
    top, bottom = min(-1, output_top - 1), max(2 * middle, output_top + out[0])
    numbered = len(images) * height * width + kernels.size + math.prod(out)
    what = f"input of shape {input.shape}"
    check_size(what, 2 * numbered, right, bottom - top, "give a part of it, such as 8 x 8 pixels")

    bank, batch = kernels[np.newaxis], images[np.newaxis]
    output = core.convolve(batch, bank, None, spec.stride, spec.padding, spec.dilation, 1)[0, 0]
    border, window = border_mask(axes), window_mask(axes, pixel)
    ax = blank_axes(ax, (0, right), (top, bottom))
    for channel, (image, kernel) in enumerate(zip(images, kernels, strict=True)):
        top = pitch * channel
        kernel_top = top + (height - kernel_size[0]) / 2
        name = f" {channel}" if len(images) > 1 else ""
        add_cells(ax, core.pad(image, spec.padding), (0, top), INPUT, window, border)
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
    marked = np.zeros(out, dtype=bool)
    marked[pixel] = True
    numbers = np.where(marked | (not only), output, np.nan)
    add_cells(ax, numbers, (output_left, output_top), OUTPUT, marked)
    add_label(ax, output_left + out[1] / 2, output_top - 0.5, "output")
    add_label(ax, output_left - 0.5, middle, "=")


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
    """Draw one step of the input gradient, or of a transposed convolution.

    One number of ``grad_output``, times the kernel, is added to the pixels that its window
    read.

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
        Show what this number alone contributes, not the sum over all of them.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `conv2d_input`; or ``at`` is outside of the output, or the diagram is too large.

    Examples
    --------
    >>> draw_step_back(np.ones((2, 2)), np.array([[1.0, 2], [3, 4]]), size=5, stride=2)
    """
    (grad,), (kernel,) = _image_and_kernel("grad_output", grad_output, weight, channels=False)
    sizes = arguments.integers("size", size, 2)
    axes = join_axes(sizes, kernel.shape, stride, padding, dilation)
    spec = ConvSpec(1, 1, 1, 1, axes)
    out = spec.output_size
    if grad.shape != out:
        raise ValueError(f"grad_output of shape {grad.shape} must have the output's shape, {out}")
    position = _position(at, out)
    only = arguments.flag("only", only)

    (rows, columns), (kH, kW) = grad.shape, kernel.shape
    height, width = (axis.padded for axis in axes)
    middle = max(rows, height, kH) / 2
    kernel_left = columns + 1
    image_left = kernel_left + kW + 1
    numbered = grad.size + kernel.size + height * width
    what = f"size={sizes} with grad_output of shape {grad.shape}"
    alternative = "draw a smaller size, such as 8"
    check_size(what, 2 * numbered, image_left + width, 2 * middle + 1, alternative)

    border, window = border_mask(axes), window_mask(axes, position)
    marked = np.zeros(grad.shape, dtype=bool)
    marked[position] = True
    sent = np.where(marked | (not only), grad, 0)[np.newaxis, np.newaxis]
    bank, geometry = kernel[np.newaxis, np.newaxis], (spec.stride, spec.padding, spec.dilation)
    sums = core.input_gradient(spec.input_shape, bank, sent, *geometry, 1)[0, 0]
    numbers = np.full(border.shape, np.nan)
    numbers[~border] = np.where(window[~border] | (not only), sums.ravel(), np.nan)

    ax = blank_axes(ax, (0, image_left + width), (-1, 2 * middle))
    top = middle - rows / 2
    add_cells(ax, grad, (0, top), OUTPUT, marked)
    add_label(ax, columns / 2, top - 0.5, "grad_output")
    top = middle - kH / 2
    add_cells(ax, kernel, (kernel_left, top), KERNEL)
    add_label(ax, kernel_left + kW / 2, top - 0.5, "weight")
    top = middle - height / 2
    add_cells(ax, numbers, (image_left, top), INPUT, window, border)
    add_label(ax, image_left + width / 2, top - 0.5, "grad_input")
    add_label(ax, kernel_left - 0.5, middle, "*")
    add_label(ax, image_left - 0.5, middle, "=")


def draw_positions(
    size: Ints,
    kernel_size: Ints,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    ax: Axes | None = None,
) -> None:
    """Draw every position of the sliding window: the input once for each, laid out as the output.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`; an int means height and width. All copies of the input together
        have at most 2000 cells.
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `output_size`; or there are too many cells.

    Examples
    --------
    >>> draw_positions(5, kernel_size=2, stride=2)
    """
    sizes = arguments.integers("size", size, 2)
    kernel = arguments.integers("kernel_size", kernel_size, 2)
    axes = join_axes(sizes, kernel, stride, padding, dilation)
    rows, columns = (axis.output_size for axis in axes)
    padded = tuple(axis.padded for axis in axes)
    scale = 0.5
    height, width = (scale * side for side in padded)
    pitch = max(width, 2.2) + 0.8
    right, bottom = columns * pitch - 0.8, rows * (height + 1) - 1
    check_size(
        f"a copy of {padded[0]} x {padded[1]} cells for each of {rows} x {columns} positions",
        rows * columns * math.prod(padded),
        right,
        bottom,
        "draw_coverage shows all windows in one picture, draw_row those along one axis",
    )
    border, blank = border_mask(axes), np.full(padded, np.nan)
    ax = blank_axes(ax, (0, right), (-0.7, bottom))
    for row, column in np.ndindex(rows, columns):
        corner = (column * pitch, row * (height + 1))
        window = window_mask(axes, (row, column))
        add_cells(ax, blank, corner, INPUT, window, border, scale)
        add_label(
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
    padding: int | tuple[int, int] | str = 0,
    dilation: int = 1,
    ax: Axes | None = None,
) -> None:
    """Draw one row of pixels, and below it every window that fits and the next, which does not.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation
        As in `output_size`, for one axis; padding may be (before, after).
    ax : Axes, optional
        Where to draw; a new figure without it.

    Raises
    ------
    ValueError, TypeError
        As `output_size`, but a kernel that is larger than the row is drawn, and shows why; or
        the row or the number of windows is too large to draw.

    Examples
    --------
    >>> draw_row(7, kernel_size=3, stride=3)
    """
    pixels = arguments.integer("size", size)
    taps, step, pair, spread = normalise_window(kernel_size, stride, padding, dilation)
    axis = Axis(pixels, taps, step, pair, spread)
    count = max(axis.output_size, 0)
    end = max(axis.padded, count * step + axis.reach) - axis.before  # of the row, or of windows
    right, bottom = end + 3.4, count + 2.2
    artists = 2 * axis.padded + (count + 1) * (taps + 2)
    check_size(
        f"size={pixels} with {count} windows",
        artists,
        right + axis.before,
        bottom,
        "taps(size, kernel_size, ...) returns the pixels under each window",
    )
    places = np.arange(count + 1)[:, np.newaxis] * step - axis.before + spread * np.arange(taps)
    ax = blank_axes(ax, (-axis.before, right), (0, bottom))
    line = np.arange(-axis.before, pixels + axis.after)[np.newaxis]
    outside = (line < 0) | (line >= pixels)
    read = np.isin(line, places[:-1]) & ~outside
    add_cells(ax, np.where(outside, np.nan, line), (-axis.before, 0), INPUT, read, outside)
    for window, row in enumerate(places):
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
            corner = (x + 0.1, top + 0.1)
            if fits:
                add_box(ax, corner, 0.8, KERNEL.strong)
            else:
                add_box(ax, corner, 0.8, "none", edgecolor=GREY, linestyle=":")
        text = f"window {window}" if fits else "does not fit"
        add_label(ax, end + 0.3, top + 0.5, text, ha="left", fontsize=11)


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


def _position(at: object, out: Sizes) -> tuple[int, int]:
    """Return row and column of a pixel of the output."""
    row, column = arguments.integers("at", at, 2, "(row, column)")
    if row >= out[0] or column >= out[1]:
        raise ValueError(f"at={shown(at)} is outside of the output, whose shape is {out}")
    return row, column
