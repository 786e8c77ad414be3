"""torch.nn.functional's convolutions: validate, choose an engine, compute."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from convlib import calls, core
from convlib.arguments import Array, Ints, Padding, Pairs
from convlib.calls import Call
from convlib.compute import plan_convolution
from convlib.spec import Sizes


def conv1d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """1-D convolution (cross-correlation) of a batch of rows: sound, text, a series.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, W) or (C_in, W)
    weight : ndarray, shape (C_out, C_in // groups, kW)
    bias : ndarray, shape (C_out,), optional
    stride, padding, dilation, groups
        As in `conv2d`, with one axis. Here a flat ``padding=(before, after)`` is a pair, too:
        ``((kernel_size - 1) * dilation, 0)`` makes a causal convolution.

    Returns
    -------
    ndarray, shape (N, C_out, W_out) or (C_out, W_out)

    Raises
    ------
    ValueError, TypeError
        As `conv2d`.

    Notes
    -----
    Chapter ``groups``. Agrees with ``torch.nn.functional.conv1d``.

    Examples
    --------
    >>> row = np.arange(1.0, 6.0).reshape(1, 5)
    >>> conv1d(row, np.array([[[1.0, 10.0]]]), padding="same")
    array([[21., 32., 43., 54.,  5.]])
    """
    return convolution(1, input, weight, bias, stride, padding, dilation, groups)


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
    """2-D convolution (cross-correlation) of a batch of images.

    Parameters
    ----------
    input : ndarray, shape (N, C_in, H, W) or (C_in, H, W)
        Images. The kernels are not flipped: this is cross-correlation.
    weight : ndarray, shape (C_out, C_in // groups, kH, kW)
    bias : ndarray, shape (C_out,), optional
    stride, dilation : int or (int, int)
        Pixels from one window to the next, and from one tap of the kernel to
        the next; 1 is the neighbour. A pair is (height, width).
    padding : int, (int, int), ((int, int), (int, int)), 'same' or 'valid'
        Rows and columns of zeros added on *each* side, or ((top, bottom), (left, right)).
        'same' keeps the size and requires stride 1; of an odd total the extra row and
        column are after.
    groups : int
        Blocks of channels that are convolved separately.
    exact : bool
        False also allows algorithms that multiply less often than the definition, with larger
        errors: Winograd's for 3x3 and 5x5 kernels, the FFT for large depthwise ones. They
        lose what is small beside what is large; see the notes.

    Returns
    -------
    ndarray, shape (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        A new array of ``input``'s dtype, with
        ``H_out = (H + 2*padding - dilation*(kH - 1) - 1) // stride + 1``.

    Raises
    ------
    ValueError
        ``groups`` does not divide both channel counts, ``weight`` reads another
        number of channels than ``input`` has, or a kernel spans more than the image.
    TypeError
        The arrays differ in dtype, or an argument has an invalid type.

    Notes
    -----
    Chapter ``groups``. How it is made fast: ``engines``. Agrees with
    ``torch.nn.functional.conv2d``. float16 is summed in float32 and rounded once; int64 is
    exact while the sums fit. Sizes after Dumoulin & Visin (2016), arXiv:1603.07285.

    An error is at most (terms + 8) eps times the sum of the absolute terms: a pixel's own
    terms, and no others. With ``exact=False`` a pixel's error may come from its neighbours:
    with Winograd's algorithm those of its tile, at most (C_in + 2 * points + kH * kW + 10)
    eps times what the transforms of absolute values give, with 16 or 36 points; with the FFT
    the whole channel, at most 8 eps log2(H * W) times the norm of the padded image times that of
    the kernel.

    Examples
    --------
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> conv2d(x, np.ones((1, 1, 2, 2)), stride=2)
    array([[[[10., 18.],
             [42., 50.]]]])
    """
    return convolution(2, input, weight, bias, stride, padding, dilation, groups, exact)


def conv3d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Array:
    """3-D convolution (cross-correlation) of a batch of volumes.

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
    Chapter ``groups``. Agrees with ``torch.nn.functional.conv3d``.

    Examples
    --------
    >>> film = np.ones((1, 4, 6, 6))
    >>> conv3d(film, np.ones((1, 1, 2, 3, 3)), stride=(1, 3, 3))[0, 0]
    array([[18., 18.],
           [18., 18.]])
    """
    return convolution(3, input, weight, bias, stride, padding, dilation, groups)


class Plan(NamedTuple):
    """A validated call: how it is computed, and the shapes of its arrays."""

    compute: Callable[[Array, Array, Array | None], Array]
    input: Sizes
    weight: Sizes
    result: Sizes
    border: tuple[Pairs, str] | None  # what is added to the input first, if not zeros


MOST_PLANS = 1024  # calls that are remembered, by everything that their validation depends on
_plans: dict[object, Plan] = {}


def convolution(
    axes: int,
    input: Array,
    weight: Array,
    bias: Array | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
    exact: bool = True,
    padding_mode: str = "zeros",
) -> Array:
    """Convolve along ``axes`` axes; what the public functions and the layers have in common."""
    settings = (stride, padding, dilation, groups)
    key = _key((axes, exact, padding_mode), (input, weight, bias), settings)
    plan = _plans.get(key)
    if plan is None:
        plan = _plan(calls.read(axes, input, weight, bias, *settings, exact, padding_mode))
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        if key is not None:
            _plans[key] = plan
    image, kernels = np.asarray(input), np.asarray(weight)
    added = None if bias is None else np.asarray(bias)
    if plan.border:
        image = core.pad(image, *plan.border)
    result = plan.compute(image.reshape(plan.input), kernels.reshape(plan.weight), added)
    return result.reshape(plan.result)


def _key(
    fixed: tuple[object, ...], arrays: tuple[object, ...], settings: tuple[object, ...]
) -> object:
    """Return everything that validation depends on; None where equal keys could mislead."""
    parts = [*fixed, *settings]
    for array in arrays:
        if type(array) is np.ndarray:
            parts += array.shape, array.dtype
        elif array is not None:
            return None
    for setting in settings:
        if type(setting) is int:
            continue
        for entry in setting if type(setting) is tuple else (setting,):
            for number in entry if type(entry) is tuple else (entry,):
                if type(number) is not int and type(number) is not str:  # 1 == 1.0 == True
                    return None
    return tuple(parts) if type(fixed[1]) is bool else None


def _plan(call: Call) -> Plan:
    """Choose how a call is computed."""
    return Plan(
        compute=plan_convolution(call.spec, call.dtype, call.exact),
        input=call.spec.input_shape,
        weight=call.spec.weight_shape,
        result=call.result,
        border=call.border,
    )
