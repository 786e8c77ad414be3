"""torch.nn.functional's convolutions: check, choose, run."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from convlib import checks
from convlib.checks import Array, Ints, Padding
from convlib.engines import choose
from convlib.groups import conv_by_definition
from convlib.precision import rounded_once
from convlib.problem import Problem


def conv1d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Slide a bank of kernels along a batch of rows.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, W) or (C_in, W)
        Rows: sound, text, a series in time.
    weight : ndarray, shape (C_out, C_in // groups, kW)
    bias : ndarray, shape (C_out,), optional
    stride, padding, dilation, groups
        As in `conv2d`, with one axis in place of two.

    Returns
    -------
    ndarray, shape (N, C_out, W_out) or (C_out, W_out)

    Raises
    ------
    ValueError, TypeError
        As `conv2d`.

    Notes
    -----
    Chapter ``05-groups``. Agrees with ``torch.nn.functional.conv1d``.

    Examples
    --------
    >>> row = np.arange(1.0, 6.0).reshape(1, 5)
    >>> conv1d(row, np.array([[[1.0, 10.0]]]), padding="same")
    array([[21., 32., 43., 54.,  5.]])
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
    *,
    exact: bool = True,
) -> Array:
    """Slide a bank of kernels over a batch of images.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, H, W) or (C_in, H, W)
        Images. The kernels are not flipped: this is cross-correlation.
    weight : ndarray, shape (C_out, C_in // groups, kH, kW)
    bias : ndarray, shape (C_out,), optional
    stride, dilation : int or (int, int)
        Step from one window to the next, and from one tap of the kernel to
        the next; 1 is the neighbour. A pair is (height, width).
    padding : int, (int, int), 'same' or 'valid'
        Rows and columns of zeros added on *each* side. 'same' keeps the size and
        wants stride 1; of an odd total the spare row and column come after.
    groups : int
        Blocks of channels that never see one another.
    exact : bool
        False also allows ways that multiply less often than the definition and are off by
        more: 3x3 and 5x5 kernels by Winograd's, large depthwise ones by Fourier's. They
        blur what is small beside what is large; see the notes.

    Returns
    -------
    ndarray, shape (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        A new array of ``input``'s dtype, with
        ``H_out = (H + 2*padding - dilation*(kH - 1) - 1) // stride + 1``.

    Raises
    ------
    ValueError
        ``groups`` does not divide both channel counts, ``weight`` reads another
        number of channels than ``input`` has, or a kernel overhangs the image.
    TypeError
        The arrays differ in dtype, or an argument is of the wrong kind.

    Notes
    -----
    Chapter ``05-groups``. What makes it fast: ``09-speed``. Agrees with
    ``torch.nn.functional.conv2d``. float16 is summed in float32 and rounded once; int64 is
    exact while the sums fit. Sizes after Dumoulin & Visin (2016), arXiv:1603.07285.

    An error is at most (terms + 8) eps times the sum of the absolute terms: a pixel's own
    terms, and no others. With ``exact=False`` a pixel's error may come from its neighbours:
    by Winograd's way those of its tile, at most (C_in + 2 * points + kH * kW + 10) eps times
    what the transforms of absolute values give, with 16 or 36 points; by Fourier's way the
    whole channel, at most 8 eps log2(H * W) times the norm of the padded image times that of
    the kernel.

    Examples
    --------
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> conv2d(x, np.ones((1, 1, 2, 2)), stride=2)
    array([[[[10., 18.],
             [42., 50.]]]])
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups, exact)


def conv3d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """Slide a bank of kernels through a batch of volumes.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, D, H, W) or (C_in, D, H, W)
        Volumes: scans, or films with time for depth.
    weight : ndarray, shape (C_out, C_in // groups, kD, kH, kW)
    bias : ndarray, shape (C_out,), optional
    stride, padding, dilation, groups
        As in `conv2d`, with three axes, depth first.

    Returns
    -------
    ndarray, shape (N, C_out, D_out, H_out, W_out) or (C_out, D_out, H_out, W_out)

    Raises
    ------
    ValueError, TypeError
        As `conv2d`.

    Notes
    -----
    Chapter ``05-groups``. Agrees with ``torch.nn.functional.conv3d``.

    Examples
    --------
    >>> film = np.ones((1, 4, 6, 6))
    >>> conv3d(film, np.ones((1, 1, 2, 3, 3)), stride=(1, 3, 3))[0, 0]
    array([[18., 18.],
           [18., 18.]])
    """
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


class Plan(NamedTuple):
    """A call that was checked: how it is computed, and the shapes that it has on the way."""

    compute: Callable[[Array, Array, Array | None], Array]
    input: tuple[int, ...]
    weight: tuple[int, ...]
    result: tuple[int, ...]


PLANS = 1024  # calls that are remembered, by what their checks depend on
_plans: dict[object, Plan] = {}


def _conv(
    axes: int,
    input: Array,
    weight: Array,
    bias: Array | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
    exact: bool = True,
) -> Array:
    key = _key(axes, (input, weight, bias), (stride, padding, dilation, groups), exact)
    plan = _plans.get(key)
    if plan is None:
        plan = _planned(axes, input, weight, bias, stride, padding, dilation, groups, exact)
        if len(_plans) >= PLANS:
            _plans.clear()
        if key is not None:
            _plans[key] = plan
    image, kernels = np.asarray(input), np.asarray(weight)
    added = None if bias is None else np.asarray(bias)
    result = plan.compute(image.reshape(plan.input), kernels.reshape(plan.weight), added)
    return result.reshape(plan.result)


def _key(
    axes: int, arrays: tuple[object, ...], arguments: tuple[object, ...], exact: object
) -> object:
    """Name all that the checks of a call depend on; None where an equal name could mislead."""
    parts: list[object] = [axes, *arguments, exact]
    for array in arrays:
        if type(array) is np.ndarray:
            parts += array.shape, array.dtype
        elif array is not None:
            return None
    for argument in arguments:
        for entry in argument if type(argument) is tuple else (argument,):
            if type(entry) is not int and type(entry) is not str:  # 1 == 1.0 == True
                return None
    return tuple(parts) if type(exact) is bool else None


def _planned(
    axes: int,
    input: Array,
    weight: Array,
    bias: Array | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
    exact: bool,
) -> Plan:
    input, weight, bias, groups = checks.operands(axes, input, weight, bias, groups)
    stride = checks.integers("stride", stride, axes)
    dilation = checks.integers("dilation", dilation, axes)
    checks.padding_per_axis(padding, axes, stride)
    batch = input.reshape(-1, *input.shape[-axes - 1 :]).shape
    itemsize = max(4, input.itemsize)  # float16 is summed as float32
    problem = Problem.of(batch, weight.shape, stride, padding, dilation, groups, itemsize)
    because = f" with dilation={dilation}" if padding == "same" else ""
    checks.room(padding, problem.frame, input.shape, because)
    result = (*input.shape[: -axes - 1], *problem.output[1:])
    exact = checks.switch("exact", exact)
    if batch[0] == 0 or input.dtype.kind != "f":
        defined = partial(
            conv_by_definition, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
        return Plan(rounded_once(defined), batch, weight.shape, result)
    problem = problem.upright()
    compute = partial(choose(problem, exact).compute, problem=problem)
    return Plan(
        rounded_once(compute),
        (*batch[:2], *problem.size),
        (*weight.shape[:2], *problem.kernel_size),
        result,
    )
