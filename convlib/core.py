"""Convolution on NumPy alone: the definitions of the book, in its order.

N images, C_in and C_out channels. size, kernel_size and out (the output's size)
have an entry per axis, such as (H, W); in comments k is kernel_size. A tap is a
position in the kernel. Rules of one axis take ints. Functions on arrays take
tuples with an entry per axis, and padding as a pair (before, after) per axis.
Arguments are valid: the public functions of convlib validate them, and compute
the same faster.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# Padding ----------------------------------------------------------------------


def pad(input, padding, mode="zeros"):
    """Add pixels around the last axes, (..., *size)."""
    names = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}
    unchanged = [(0, 0)] * (input.ndim - len(padding))
    return np.pad(input, [*unchanged, *padding], mode=names.get(mode, mode))


# One axis: reach, padding, size, taps; then the windows along all axes --------


def reach(kernel_size, dilation=1):
    """Effective kernel size: the pixels that a dilated kernel spans."""
    return dilation * (kernel_size - 1) + 1


def sides(padding, kernel_size, dilation=1):
    """Padding (before, after), given as an int, a pair, 'same' or 'valid'."""
    if padding == "valid":
        return 0, 0
    if padding == "same":
        total = reach(kernel_size, dilation) - 1
        return total // 2, total - total // 2  # of an odd total, one more after
    return padding if isinstance(padding, tuple) else (padding, padding)


def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """Number of windows that fit."""
    before, after = sides(padding, kernel_size, dilation)
    return (before + size + after - reach(kernel_size, dilation)) // stride + 1


def taps(size, kernel_size, stride=1, padding=0, dilation=1):
    """Pixels that each window reads, (out, k); < 0 or >= size is padding."""
    before, _ = sides(padding, kernel_size, dilation)
    count = output_size(size, kernel_size, stride, padding, dilation)
    starts = np.arange(count) * stride - before
    return starts[:, np.newaxis] + np.arange(kernel_size) * dilation


def coverage(size, kernel_size, stride=1, padding=0, dilation=1):
    """Number of windows that read each pixel, (size,)."""
    pixels = taps(size, kernel_size, stride, padding, dilation)
    inside = pixels[(pixels >= 0) & (pixels < size)]  # the others are padding
    return np.bincount(inside, minlength=size)


def windows(input, kernel_size, stride, dilation):
    """View of every window of the last axes, (..., *out, *k): no copy."""
    axes = tuple(range(-len(kernel_size), 0))
    spans = [reach(k, d) for k, d in zip(kernel_size, dilation)]
    view = sliding_window_view(input, spans, axes)  # every start, every pixel
    steps = [slice(None, None, step) for step in (*stride, *dilation)]
    return view[(..., *steps)]


# Convolution and groups -------------------------------------------------------


def convolve(input, weight, bias, stride, padding, dilation, groups):
    """Cross-correlation of (N, C_in, *size) with (C_out, C_in/groups, *k)."""
    kernel_size = weight.shape[2:]
    view = windows(pad(input, padding), kernel_size, stride, dilation)
    images = np.split(view, groups, axis=1)  # each (N, C_in/groups, *out, *k)
    kernels = np.split(weight, groups)  # each (C_out/groups, C_in/groups, *k)
    axes = [1, *range(-len(kernel_size), 0)]  # summed: channels and taps
    sums = [np.tensordot(v, w, [axes, axes]) for v, w in zip(images, kernels)]
    output = np.concatenate(sums, axis=-1)  # of (N, *out, C_out/groups) each
    output = np.moveaxis(output, -1, 1)  # (N, C_out, *out)
    if bias is not None:
        output = output + bias.reshape(-1, *[1] * len(kernel_size))
    return output


def connectivity(in_channels, out_channels, groups=1):
    """1 where an output channel reads an input channel, (C_out, C_in)."""
    block = np.ones((out_channels // groups, in_channels // groups), dtype=int)
    return np.kron(np.eye(groups, dtype=int), block)


def channel_shuffle(input, groups):
    """Channels reordered so that the next layer's groups mix, (N, C, *size)."""
    N, C, *size = input.shape
    table = input.reshape(N, groups, C // groups, *size)  # a row for each group
    return table.swapaxes(1, 2).reshape(N, C, *size)  # read column by column


# Networks ---------------------------------------------------------------------


def through_layer(field, kernel_size, stride=1, padding=0, dilation=1):
    """Receptive field (size, step, start) after a layer, at first (1, 1, 0)."""
    size, step, start = field
    before, _ = sides(padding, kernel_size, dilation)
    size = size + (reach(kernel_size, dilation) - 1) * step
    return size, step * stride, start - before * step


def parallel(fields):
    """Receptive field of branches that are joined, all with the same step."""
    first = min(start for size, step, start in fields)
    last = max(start + size for size, step, start in fields)
    return last - first, fields[0][1], first


def macs(weight_size, output_size):
    """Multiply-adds for one image: each weight once at each output position."""
    count = 1
    for number in (*weight_size, *output_size):
        count *= number
    return count


# Transposed convolution -------------------------------------------------------


def overlap_add(parts, size, stride, padding, dilation):
    """Sum of windows (..., *out, *k) at their places, (..., *size)."""
    axes = len(size)
    out, kernel_size = parts.shape[-2 * axes : -axes], parts.shape[-axes:]
    padded = [before + n + after for n, (before, after) in zip(size, padding)]
    image = np.zeros((*parts.shape[: -2 * axes], *padded), parts.dtype)
    for tap in np.ndindex(*kernel_size):  # one tap of all windows: no two coincide
        rules = zip(tap, out, stride, dilation)
        places = [slice(i * d, i * d + n * s, s) for i, n, s, d in rules]
        image[(..., *places)] += parts[(..., *tap)]
    inside = [slice(b, b + n) for n, (b, _) in zip(size, padding)]
    return image[(..., *inside)]


def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Output size of a transposed convolution."""
    before, after = sides(padding, kernel_size, dilation)
    full = (size - 1) * stride + reach(kernel_size, dilation)
    return full - before - after + output_padding


# Gradients --------------------------------------------------------------------


def input_gradient(input_size, weight, grad_output, stride, padding, dilation, groups):
    """Gradient of the input, (N, C_in, *size): a transposed convolution."""
    axes, size = len(stride), input_size[2:]
    grads = np.split(grad_output, groups, axis=1)  # (N, C_out/groups, *out)
    kernels = np.split(weight, groups)  # each (C_out/groups, C_in/groups, *k)
    parts = [np.tensordot(g, w, [[1], [0]]) for g, w in zip(grads, kernels)]
    parts = np.concatenate(parts, axis=axes + 1)  # (N, *out, C_in, *k)
    parts = np.moveaxis(parts, axes + 1, 1)  # (N, C_in, *out, *k)
    return overlap_add(parts, size, stride, padding, dilation)


def weight_gradient(input, weight_size, grad_output, stride, padding, dilation, groups):
    """Gradient of the weight, (C_out, C_in/groups, *k)."""
    view = windows(pad(input, padding), weight_size[2:], stride, dilation)
    images = np.split(view, groups, axis=1)  # each (N, C_in/groups, *out, *k)
    grads = np.split(grad_output, groups, axis=1)  # (N, C_out/groups, *out)
    axes = [0, *range(2, input.ndim)]  # summed: images and output positions
    parts = [np.tensordot(g, v, [axes, axes]) for g, v in zip(grads, images)]
    return np.concatenate(parts)  # of (C_out/groups, C_in/groups, *k) each


# Columns ----------------------------------------------------------------------


def unfold(input, kernel_size, dilation, padding, stride):
    """Every window as a column (im2col), (N, C * taps, windows)."""
    axes = len(kernel_size)
    view = windows(pad(input, padding), kernel_size, stride, dilation)
    last = range(-axes, 0)
    view = np.moveaxis(view, last, range(2, 2 + axes))  # (N, C, *k, *out)
    N, C, *shape = view.shape
    return view.reshape(N, C * np.prod(shape[:axes]), np.prod(shape[axes:]))


def fold(input, output_size, kernel_size, dilation, padding, stride):
    """Columns added up as windows (col2im), (N, C, *output_size)."""
    axes = len(kernel_size)
    N, rows, _ = input.shape
    rules = zip(output_size, kernel_size, stride, padding, dilation)
    out = [len(taps(*rule)) for rule in rules]  # taps has a row for each window
    parts = input.reshape(N, rows // np.prod(kernel_size), *kernel_size, *out)
    last = range(-axes, 0)
    parts = np.moveaxis(parts, range(2, 2 + axes), last)  # (N, C, *out, *k)
    return overlap_add(parts, output_size, stride, padding, dilation)
