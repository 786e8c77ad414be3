"""torch.nn.functional's convolutions: check, choose, run."""

import numpy as np

from convlib import checks
from convlib.checks import Array, Ints, Padding
from convlib.geometry import output_size, sides
from convlib.groups import conv_by_definition


def conv2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: int = 1,
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
    Chapter ``05-groups``. Agrees with ``torch.nn.functional.conv2d``. float16 is summed in
    float32 and rounded once; int64 is exact while the sums fit. Sizes after Dumoulin &
    Visin (2016), arXiv:1603.07285.

    Examples
    --------
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> conv2d(x, np.ones((1, 1, 2, 2)), stride=2)
    array([[[[10., 18.],
             [42., 50.]]]])
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def _conv(
    axes: int,
    input: Array,
    weight: Array,
    bias: Array | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> Array:
    input, weight, bias, groups = checks.operands(axes, input, weight, bias, groups)
    stride = checks.integers("stride", stride, axes)
    dilation = checks.integers("dilation", dilation, axes)
    size, kernel_size = input.shape[-axes:], weight.shape[2:]
    out = output_size(size, kernel_size, stride, padding, dilation)
    because = f" with dilation={dilation}" if padding == "same" else ""
    checks.room(padding, sides(padding, kernel_size, dilation), input, because)

    # float16 has 11 bits: sum in float32, round once.
    dtype = np.dtype(np.float32) if input.dtype == np.float16 else input.dtype
    batch = input.reshape(-1, *input.shape[-axes - 1 :]).astype(dtype, copy=False)
    with np.errstate(all="ignore"):  # infinities and NaNs pass as IEEE says
        result = conv_by_definition(
            batch,
            weight.astype(dtype, copy=False),
            None if bias is None else bias.astype(dtype, copy=False),
            stride,
            padding,
            dilation,
            groups,
        ).astype(input.dtype, copy=False)
    return result.reshape(*input.shape[: -axes - 1], len(weight), *out)
