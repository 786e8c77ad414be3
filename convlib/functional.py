"""torch.nn.functional's convolutions: check, choose, run."""

from convlib import checks
from convlib.checks import Array, Ints, Padding
from convlib.geometry import output_size, sides
from convlib.groups import conv_by_definition
from convlib.precision import rounded_once


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
    checks.padding_per_axis(padding, axes, stride)
    size, kernel_size = input.shape[-axes:], weight.shape[2:]
    out = output_size(size, kernel_size, stride, padding, dilation)
    because = f" with dilation={dilation}" if padding == "same" else ""
    checks.room(padding, sides(padding, kernel_size, dilation), input.shape, because)
    batch = input.reshape(-1, *input.shape[-axes - 1 :])
    compute = rounded_once(conv_by_definition)
    result = compute(batch, weight, bias, stride, padding, dilation, groups)
    return result.reshape(*input.shape[: -axes - 1], len(weight), *out)
