"""Laws that hold for every shape and every argument; Hypothesis chooses them."""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F
from against_torch import (
    DTYPES,
    LAYOUTS,
    POOL,
    compare,
    integers,
    of_torch,
    through_float64,
)
from hypothesis import event, given, settings
from hypothesis import strategies as st

import convlib
from convlib import conv2d, conv2d_input, conv2d_weight, fold, output_size, unfold

many = settings(deadline=None, derandomize=True, database=None, max_examples=300)
FLOATS = ("float64", "float32", "float16")


@st.composite
def arrays_of(draw, shape, dtype):
    """Draw integers in any layout."""
    return draw(st.sampled_from(LAYOUTS))(integers(shape, dtype, draw(st.integers(0, POOL - 1))))


def per_axis(axes, least, most):
    """Draw an int, or a tuple or list of one for each axis."""
    one = st.integers(least, most)
    entries = st.lists(one, min_size=axes, max_size=axes)
    return one | entries.map(tuple) | entries


@st.composite
def layers(draw, axes, dtypes=DTYPES, strings=True):
    """Draw an image, weights and arguments, invalid combinations among them."""
    most = {1: 12, 2: 8, 3: 5}[axes]
    size = draw(st.lists(st.integers(1, most), min_size=axes, max_size=axes))
    kernel = draw(st.lists(st.integers(1, 4), min_size=axes, max_size=axes))
    groups, read, out = (draw(st.integers(1, 3)) for _ in range(3))
    dtype = draw(st.sampled_from(dtypes))
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    padding = per_axis(axes, 0, 3)
    arguments = {
        "stride": draw(per_axis(axes, 1, 4)),
        "padding": draw(padding | st.sampled_from(["same", "valid"]) if strings else padding),
        "dilation": draw(per_axis(axes, 1, 3)),
        "groups": groups,
    }
    return batch, groups * read, groups * out, read, out, size, kernel, dtype, arguments


def compare_with_torch(ours, theirs, arrays, arguments):
    event(compare(ours, theirs, arrays, arguments))


@many
@given(st.data(), st.integers(1, 3))
def test_convolutions_equal_torchs(data, axes):
    batch, C_in, C_out, read, _, size, kernel, dtype, arguments = data.draw(layers(axes))
    input = data.draw(arrays_of((*batch, C_in, *size), dtype))
    weight = data.draw(arrays_of((C_out, read, *kernel), dtype))
    bias = data.draw(st.none() | arrays_of((C_out,), dtype))
    name = f"conv{axes}d"
    theirs = of_torch(getattr(F, name))
    compare_with_torch(getattr(convlib, name), theirs, (input, weight, bias), arguments)


@many
@given(st.data(), st.integers(1, 3))
def test_transposed_convolutions_equal_torchs(data, axes):
    drawn = data.draw(layers(axes, strings=False))
    batch, C_in, C_out, _, out, size, kernel, dtype, arguments = drawn
    batch = (1,) if batch == (0,) else batch  # torch does not check an empty one
    arguments["output_padding"] = data.draw(per_axis(axes, 0, 2))
    input = data.draw(arrays_of((*batch, C_in, *size), dtype))
    weight = data.draw(arrays_of((C_in, out, *kernel), dtype))
    bias = data.draw(st.none() | arrays_of((C_out,), dtype))
    name = f"conv_transpose{axes}d"
    theirs = of_torch(getattr(F, name))
    compare_with_torch(getattr(convlib, name), theirs, (input, weight, bias), arguments)


@many
@given(st.data())
def test_gradients_equal_torchs(data):
    drawn = data.draw(layers(2, dtypes=FLOATS, strings=False))
    batch, C_in, C_out, read, _, size, kernel, dtype, arguments = drawn
    batch = batch or (1,)
    try:
        geometry = {name: arguments[name] for name in ("stride", "padding", "dilation")}
        out = output_size(size, kernel, **geometry)
    except ValueError:
        event("no window fits")
        return
    input_size, weight_size = (*batch, C_in, *size), (C_out, read, *kernel)
    grad = data.draw(arrays_of((*batch, C_out, *out), dtype))
    weight = data.draw(arrays_of(weight_size, dtype))
    input = data.draw(arrays_of(input_size, dtype))
    theirs = of_torch(torch.nn.grad.conv2d_input)
    compare_with_torch(conv2d_input, theirs, (input_size, weight, grad), arguments)
    theirs = of_torch(torch.nn.grad.conv2d_weight)
    compare_with_torch(conv2d_weight, theirs, (input, weight_size, grad), arguments)


@many
@given(st.data())
def test_columns_equal_torchs(data):
    batch, C, *_, size, kernel, dtype, arguments = data.draw(layers(2, strings=False))
    del arguments["groups"]
    image = data.draw(arrays_of((*batch, C, *size), dtype))
    there, back = of_torch(F.unfold), of_torch(F.fold)
    if dtype == "int64":
        there, back = through_float64(there), through_float64(back)
    arguments["kernel_size"] = tuple(kernel)
    compare_with_torch(unfold, there, (image,), arguments)
    try:
        columns = unfold(image, **arguments)
    except ValueError:
        return
    wrong = data.draw(st.sampled_from([0, 0, 0, 1]))
    shape = (*columns.shape[:-1], columns.shape[-1] + wrong)
    arguments["output_size"] = tuple(size)
    compare_with_torch(fold, back, (data.draw(arrays_of(shape, dtype)),), arguments)


@many
@given(st.data())
def test_layers_equal_torchs(data):
    dtypes = ("float64", "float32", "complex128")
    drawn = data.draw(layers(2, dtypes=dtypes))
    batch, C_in, C_out, read, _, size, kernel, dtype, arguments = drawn
    mode = data.draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    arguments |= {"padding_mode": mode, "kernel_size": tuple(kernel)}
    for name in ("stride", "padding", "dilation"):  # torch's layer keeps a list and then fails
        if isinstance(arguments[name], list):
            arguments[name] = tuple(arguments[name])
    input = data.draw(arrays_of((*batch, C_in, *size), dtype))
    weight = data.draw(arrays_of((C_out, read, *kernel), dtype))

    def ours(input, weight, **arguments):
        layer = convlib.Conv2d(C_in, C_out, **arguments, bias=False, dtype=weight.dtype)
        layer.load_state_dict({"weight": weight})
        return layer(input)

    @torch.no_grad()
    def theirs(input, weight, **arguments):
        kind = getattr(torch, weight.dtype.name)
        layer = torch.nn.Conv2d(C_in, C_out, **arguments, bias=False, dtype=kind)
        layer.load_state_dict({"weight": torch.from_numpy(weight)})
        return layer(torch.from_numpy(input)).numpy()

    compare_with_torch(ours, theirs, (input, weight), arguments)


@many
@given(st.data(), st.integers(1, 3))
def test_the_gradients_and_the_transposed_convolution_are_adjoints(data, axes):
    batch, C_in, C_out, read, _, size, kernel, _, arguments = data.draw(layers(axes, strings=False))
    batch = batch or (1,)
    x = data.draw(arrays_of((*batch, C_in, *size), "int64"))
    w = data.draw(arrays_of((C_out, read, *kernel), "int64"))
    try:
        there = getattr(convlib, f"conv{axes}d")(x, w, **arguments)
    except ValueError:
        event("no window fits")
        return
    y = data.draw(arrays_of(there.shape, "int64"))
    product = (there * y).sum()
    geometry = {name: arguments[name] for name in ("stride", "padding", "dilation")}
    sizes = (there.shape[-axes:], kernel)
    spread = np.broadcast_to(arguments["stride"], axes), np.broadcast_to(geometry["padding"], axes)
    steps, frame = (list(map(int, entries)) for entries in spread)
    spans = convlib.reach(kernel, arguments["dilation"])
    smallest = [
        (n - 1) * s - 2 * p + r for n, s, p, r in zip(sizes[0], steps, frame, spans, strict=True)
    ]
    left_over = [n - m for n, m in zip(size, smallest, strict=True)]
    if min(smallest) >= 1:
        back = getattr(convlib, f"conv_transpose{axes}d")
        assert product == (x * back(y, w, output_padding=left_over, **arguments)).sum()
    if axes == 2:
        assert product == (x * conv2d_input(x.shape, w, y, **arguments)).sum()
        assert product == (w * conv2d_weight(x, w.shape, y, **arguments)).sum()


def in_full(x, w, stride, padding, dilation):
    """Convolve tap by tap in longdouble; return the sums, and those of the absolute values."""
    x, w = (array.astype(np.longdouble) for array in (x, w))
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    rows, columns = np.subtract(x.shape[2:], dilation * np.subtract(w.shape[2:], 1))
    total, bound = 0, 0
    for i, j in np.ndindex(*w.shape[2:]):
        top, left = i * dilation, j * dilation
        seen = x[:, None, :, top : top + rows : stride, left : left + columns : stride]
        products = seen * w[None, :, :, i, j, None, None]  # (N, C_out, C_in, y, x)
        total, bound = total + products.sum(axis=2), bound + np.abs(products).sum(axis=2)
    return total, bound


def noise(data, shape, dtype):
    """Draw numbers from a normal distribution, some with one far larger than the others."""
    numbers = np.random.default_rng(data.draw(st.integers(0, 10**6))).normal(size=shape)
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, numbers.size - 1))
        numbers.ravel()[place] *= 30 if dtype == "float16" else 10**6  # float16 ends at 65504
    return numbers.astype(dtype)


def assert_close(result, total, bound, terms, dtype):
    if dtype == "float16":  # summed in float32, then rounded once: to half a step
        terms, eps = terms + 8, np.finfo(np.float32).eps
        step = np.spacing(np.abs(total).astype(np.float16)).astype(np.longdouble)
        assert (np.abs(result - total) <= step / 2 + terms * eps * bound).all()
    else:
        assert (np.abs(result - total) <= (terms + 8) * np.finfo(dtype).eps * bound).all()


@many
@given(st.data(), st.sampled_from(FLOATS))
def test_errors_stay_within_the_bound_of_adding_the_own_terms(data, dtype):
    N, C_in, C_out, stride, dilation = (data.draw(st.integers(1, 3)) for _ in range(5))
    padding = data.draw(st.integers(0, 2))
    size = [data.draw(st.integers(1, 8)) for _ in range(2)]
    kernel = [data.draw(st.integers(1, 3)) for _ in range(2)]
    x, w = noise(data, (N, C_in, *size), dtype), noise(data, (C_out, C_in, *kernel), dtype)
    try:
        result = conv2d(x, w, None, stride, padding, dilation)
    except ValueError:
        event("no window fits")
        return
    total, bound = in_full(x, w, stride, padding, dilation)
    assert_close(result, total, bound, math.prod(w.shape[1:]), dtype)
    y = noise(data, result.shape, dtype)
    wide, frame = y.astype(np.longdouble), [(0, 0), (0, 0), (padding, padding), (padding, padding)]
    padded = np.pad(x.astype(np.longdouble), frame)
    by_pixel, by_tap = np.zeros((2, *padded.shape), wide.dtype), np.zeros((2, *w.shape), wide.dtype)
    for (i, j), (r, q) in itertools.product(np.ndindex(*kernel), np.ndindex(*y.shape[2:])):
        place = (..., r * stride + i * dilation, q * stride + j * dilation)
        sent = wide[:, :, None, r, q] * w[None, :, :, i, j]  # (N, C_out, C_in)
        by_pixel[place] += sent.sum(axis=1), np.abs(sent).sum(axis=1)
        products = wide[:, :, None, r, q] * padded[place][:, None]
        by_tap[..., i, j] += products.sum(axis=0), np.abs(products).sum(axis=0)
    inside = (..., slice(padding, padding + size[0]), slice(padding, padding + size[1]))
    result = conv2d_input(x.shape, w, y, stride, padding, dilation)
    assert_close(result, *by_pixel[inside], C_out * math.prod(kernel), dtype)
    result = conv2d_weight(x, w.shape, y, stride, padding, dilation)
    assert_close(result, *by_tap, y.size // C_out, dtype)
