"""Every error names the argument, its value and the rule."""

from pathlib import Path

import numpy as np
import pytest
import torch

import convlib
from convlib import (
    Conv2d,
    DepthwiseSeparableConv2d,
    channel_shuffle,
    connectivity,
    conv1d,
    conv2d,
    conv2d_input,
    conv2d_weight,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    coverage,
    fold,
    output_size,
    pad,
    reach,
    sides,
    taps,
    tensorflow_same,
    transposed_size,
    unfold,
    windows,
)

NAN = float("nan")
PACKAGE = Path(convlib.__file__).parent


def image(*shape, dtype="float32"):
    return np.ones(shape, dtype=dtype)


def error_of(call, *args, **kwargs):
    """Return type and message of the error that a call raises by a `raise` of convlib."""
    with pytest.raises((ValueError, TypeError)) as caught:
        call(*args, **kwargs)
    last = caught.traceback[-1]
    assert last.path.is_relative_to(PACKAGE)
    assert str(last.statement).lstrip().startswith("raise ")
    return caught.type, str(caught.value)


def check_error(error, words, call, *args, **kwargs):
    """Assert that a call raises an error of convlib of that type, with these words in it."""
    kind, text = error_of(call, *args, **kwargs)
    assert kind is error
    for word in words:
        assert word in text


CONV2D_ERRORS = [
    # shapes
    (ValueError, {"input": image(5, 6)}, "input of shape (5, 6) must have 4 axes"),
    (ValueError, {"input": image(1, 1, 4, 5, 6)}, "input of shape (1, 1, 4, 5, 6) must"),
    (ValueError, {"weight": image(6, 3, 3)}, "weight of shape (6, 3, 3) must have 4 axes"),
    (ValueError, {"input": image(1, 3, 5, 6)}, "input has 3 channels", "reads 4 * 1 = 4"),
    (ValueError, {"weight": image(6, 3, 3, 3)}, "input has 4 channels", "reads 3 * 1 = 3"),
    (ValueError, {"input": image(1, 0, 5, 6)}, "input of shape (1, 0, 5, 6) has 0 channels"),
    (ValueError, {"input": image(1, 4, 0, 6)}, "input of shape (1, 4, 0, 6) has 0 rows"),
    (ValueError, {"input": image(4, 5, 0), "padding": 9}, "input", "has 0 columns"),
    (ValueError, {"weight": image(0, 4, 3, 3)}, "weight of shape (0, 4, 3, 3) has 0 kernels"),
    (ValueError, {"weight": image(6, 4, 0, 3)}, "weight of shape (6, 4, 0, 3) has 0 rows"),
    (ValueError, {"weight": image(6, 4, 3, 0)}, "weight", "has 0 columns"),
    (ValueError, {"weight": image(6, 4, 6, 3)}, "kernel_size=6", "spans 6 pixels", "input has: 5"),
    (ValueError, {"dilation": 4}, "kernel_size=3 with dilation=4 spans 9 pixels", "has: 5"),
    (ValueError, {"input": image(0, 3, 5, 6)}, "input has 3 channels"),
    (ValueError, {"input": image(0, 4, 2, 6)}, "spans 3 pixels", "input has: 2"),
    # groups
    (ValueError, {"groups": 3}, "groups=3 must divide both the 4 channels of input and the 6"),
    (ValueError, {"groups": 4, "weight": image(6, 1, 3, 3)}, "groups=4", "6 kernels of weight"),
    (ValueError, {"groups": 2}, "input has 4 channels", "groups=2 reads 4 * 2 = 8"),
    (ValueError, {"groups": 0}, "groups=0 must be at least 1"),
    (ValueError, {"groups": -1}, "groups=-1 must be at least 1"),
    (TypeError, {"groups": 2.0}, "groups=2.0 must be an int, not float"),
    (TypeError, {"groups": "2"}, "groups='2' must be an int, not str"),
    (TypeError, {"groups": None}, "groups=None must be an int"),
    (TypeError, {"groups": (2,)}, "groups=(2,) must be an int, not tuple"),
    (TypeError, {"groups": True}, "groups=True must be an int, not bool"),
    # bias
    (ValueError, {"bias": image(5)}, "bias of shape (5,) must have shape (6,)"),
    (ValueError, {"bias": image(1)}, "bias of shape (1,) must have shape (6,)"),
    (ValueError, {"bias": image(6, 1)}, "bias of shape (6, 1) must have shape (6,)"),
    (ValueError, {"bias": np.array(1, dtype="float32")}, "bias of shape () must have shape (6,)"),
    (TypeError, {"bias": 1.0}, "bias must be a NumPy array, not float: 1.0"),
    (TypeError, {"bias": [0.0] * 6}, "bias must be a NumPy array, not list"),
    # stride and dilation
    *[
        (error, {name: value}, f"{name}={value!r}", rule)
        for name in ("stride", "dilation")
        for error, value, rule in [
            (ValueError, 0, "must be at least 1"),
            (ValueError, -1, "must be at least 1"),
            (ValueError, (1, 0), "must be at least 1"),
            (ValueError, (1, 2, 3), "has 3 entries, not an int or 2 ints: (height, width)"),
            (ValueError, (), "has 0 entries"),
            (ValueError, 2**70, f"must be at most {2**63 - 1}"),
            (TypeError, 2.0, "must be an int, not float"),
            (TypeError, NAN, "must be an int, not float"),
            (TypeError, (1, 2.0), "must be ints, not float"),
            (TypeError, "1", "must be an int, not str"),
            (TypeError, None, "must be an int, not NoneType"),
            (TypeError, True, "must be an int, not bool"),
            (TypeError, (True, 1), "must be ints, not bool"),
            (TypeError, ((1, 2), 3), "must be ints, not tuple"),
            (TypeError, range(1, 3), "must be an int, not range"),
            (TypeError, np.array([1, 2]), "must be an int, not ndarray"),
            (TypeError, np.array(1), "must be an int, not ndarray"),
            (TypeError, np.float64(1.0), "must be an int, not float64"),
        ]
    ],
    # padding
    (ValueError, {"padding": -1}, "padding=-1 must be at least 0"),
    (ValueError, {"padding": (0, -1)}, "padding=(0, -1) must be at least 0"),
    (ValueError, {"padding": (1, 1, 0, 0)}, "padding=(1, 1, 0, 0) has 4 entries", "2 ints"),
    (ValueError, {"padding": ()}, "padding=() has 0 entries"),
    (
        ValueError,
        {"padding": 10**9},
        "padding=1000000000 extends input of shape (1, 4, 5, 6)",
        "allocates",
    ),
    (ValueError, {"padding": 40_000}, "padding=40000 extends input", "allocates"),
    (ValueError, {"padding": (10**9, 0)}, "padding=(1000000000, 0) extends input"),
    (
        ValueError,
        {"padding": "same", "dilation": 10**9},
        "padding='same' with dilation=(1000000000, 1",
    ),
    (ValueError, {"padding": 2**62}, f"padding={2**62} must be at most {2**31 - 1}"),
    (ValueError, {"stride": 10**5000}, "stride=<an int of thousands of digits> must be at most"),
    (TypeError, {"stride": np.timedelta64(2)}, "must be an int, not timedelta64"),
    (ValueError, {"padding": "x" * 5000}, "padding='xxx", "'same' or 'valid'"),
    (TypeError, {"input": np.ones((1, 4, 5, 6), dtype=np.longdouble)}, "input has dtype", "astype"),
    (TypeError, {"bias": np.ones(6, dtype=bool)}, "bias has dtype bool"),
    (ValueError, {"padding": 2**70}, f"padding={2**70} must be at most {2**31 - 1}"),
    (ValueError, {"padding": "SAME"}, "padding='SAME' must be", "'same' or 'valid'"),
    (ValueError, {"padding": "full"}, "padding='full' must be", "'same' or 'valid'"),
    (ValueError, {"padding": ""}, "padding='' must be", "'same' or 'valid'"),
    (ValueError, {"padding": "same", "stride": 2}, "padding='same'", "stride=(2, 2)"),
    (ValueError, {"padding": "same", "stride": (1, 2)}, "padding='same'", "stride=(1, 2)"),
    (TypeError, {"padding": 0.5}, "padding=0.5 must be an int, not float"),
    (TypeError, {"padding": None}, "padding=None must be an int"),
    (TypeError, {"padding": b"same"}, "padding=b'same' must be an int, not bytes"),
    (TypeError, {"padding": ("same", "same")}, "padding=('same', 'same') must be ints, not str"),
    (
        ValueError,
        {"padding": ((1, 1), 1)},
        "padding=((1, 1), 1) must have one pair per axis: ((top",
    ),
    (ValueError, {"padding": ((1, 1),)}, "padding=((1, 1),) must have one pair per axis"),
    (ValueError, {"padding": ((1, 1, 1), (1, 1))}, "must have one pair per axis"),
    (ValueError, {"padding": ((1, -1), (1, 1))}, "padding=((1, -1), (1, 1)) must be at least 0"),
    (TypeError, {"padding": ((1, 1.5), (1, 1))}, "padding=((1, 1.5), (1, 1)) must be ints, not f"),
    (TypeError, {"padding": ((1, (1,)), (1, 1))}, "must be ints, not tuple"),
    (ValueError, {"padding": "reflect"}, "pad(input, padding, mode='reflect') adds such a border"),
    (ValueError, {"padding": "causal"}, "causal is (dilation * (kernel_size - 1), 0) along"),
    # dtypes
    (TypeError, {"weight": image(6, 4, 3, 3, dtype="float64")}, "float32", "weight", "float64"),
    (TypeError, {"bias": image(6, dtype="int64")}, "float32", "bias", "int64"),
    *[
        (TypeError, {"input": image(1, 4, 5, 6, dtype=dtype)}, f"input has dtype {dtype}", "wrap")
        for dtype in ("int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64")
    ],
    *[
        (TypeError, {name: np.zeros((6, 4, 3, 3), dtype=dtype)}, f"{name} has dtype {shown}")
        for name in ("input", "weight")
        for dtype, shown in [
            ("bool", "bool"),
            ("O", "object"),
            ("U3", "str96"),
            ("M8[s]", "datetime64[s]"),
            ("i4,f4", "void64"),
        ]
    ],
    (TypeError, {"input": image(1, 4, 5, 6).astype(">f4")}, "'>f4'", "float32", "byte order"),
    (TypeError, {"input": np.ma.ones((1, 4, 5, 6))}, "input must not be a MaskedArray"),
    # not arrays
    *[
        (TypeError, {name: value}, f"{name} must be a NumPy array, not {kind}")
        for name in ("input", "weight")
        for value, kind in [
            ([[1.0]], "list"),
            ([[1.0], [2.0, 3.0]], "list"),
            (None, "NoneType"),
            (1.0, "float"),
            (np.float32(1), "float32"),
            ("image", "str"),
            ({}, "dict"),
        ]
    ],
]


@pytest.mark.parametrize("row", CONV2D_ERRORS, ids=lambda row: row[2])
def test_the_errors_of_conv2d(row):
    error, arguments, *words = row
    keywords = {"input": image(1, 4, 5, 6), "weight": image(6, 4, 3, 3), **arguments}
    check_error(error, words, conv2d, **keywords)


@pytest.mark.parametrize("arguments", [{"stride": 0}, {"groups": 3}, {"padding": -1}])
def test_an_empty_batch_is_checked_like_any_other(arguments):
    error_of(conv2d, image(0, 4, 5, 6), image(6, 4, 3, 3), **arguments)


def test_an_empty_batch_gives_an_empty_result():
    assert conv2d(image(0, 4, 5, 6), image(6, 4, 3, 3)).shape == (0, 6, 3, 4)


HELPER_ERRORS = [
    (reach, (0,), ValueError, "kernel_size=0 must be at least 1"),
    (reach, (3, 0), ValueError, "dilation=0 must be at least 1"),
    (reach, (3.0,), TypeError, "kernel_size=3.0 must be an int, not float"),
    (reach, ((),), ValueError, "kernel_size=() must contain at least one int"),
    (reach, ((3, 3), (1, 1, 1)), ValueError, "dilation=(1, 1, 1) has 3 entries"),
    (sides, (-1, 3), ValueError, "padding=-1 must be at least 0"),
    (sides, ("SAME", 3), ValueError, "padding='SAME' must be"),
    (output_size, (0, 1), ValueError, "size=0 must be at least 1"),
    (output_size, (5, 3, 0), ValueError, "stride=0 must be at least 1"),
    (output_size, (5, 7), ValueError, "kernel_size=7 with dilation=1 spans 7 pixels"),
    (output_size, (8, 3, 1, 0, 4), ValueError, "dilation=4 spans 9 pixels"),
    (output_size, ((5, 5), 3, 2, "same"), ValueError, "stride=(2, 2) cannot"),
    (output_size, ((5, 5), (3, 3, 3)), ValueError, "kernel_size=(3, 3, 3) has 3 entries"),
    (output_size, (5, 7, 1, 0), ValueError, "more than the input has: 5"),
    (output_size, (5, 9, 1, 1), ValueError, "the padded input has: 7 (size=5, padding=(1, 1))"),
    (output_size, (2**31, 1), ValueError, "size=2147483648 must be at most 2147483647"),
    (coverage, ((1,) * 33, 1), ValueError, "size has 33 entries; convlib supports 32 axes"),
    (taps, (5, "3"), TypeError, "kernel_size='3' must be an int"),
    (coverage, ((5, 0), 1), ValueError, "size=(5, 0) must be at least 1"),
    (coverage, (5, 3, True), TypeError, "stride=True must be an int"),
    (windows, ([1, 2], 1), TypeError, "input must be a NumPy array, not list"),
    (windows, (image(5), 2), ValueError, "input of shape (5,) has 1 axes, but kernel_size=2"),
    (windows, (image(5, 5), (2, 2), (1, 1, 1)), ValueError, "stride=(1, 1, 1) has 3 entries"),
    (windows, (image(5, 5), 3, 1, 3), ValueError, "spans 7 pixels, more than the input has: 5"),
    (windows, (image(5, 5), 0), ValueError, "kernel_size=0 must be at least 1"),
    (connectivity, (4, 6, 4), ValueError, "out_channels=6 must be divisible by groups=4"),
    (connectivity, (0, 6), ValueError, "in_channels=0 must be at least 1"),
    (connectivity, (4, 6.0), TypeError, "out_channels=6.0 must be an int, not float"),
    (connectivity, (4, 6, 0), ValueError, "groups=0 must be at least 1"),
    (reach, (3, (2, 4)), ValueError, "dilation=(2, 4) has 2 entries, not an int or 1 ints"),
    (output_size, (5, (3, 2)), ValueError, "kernel_size=(3, 2) has 2 entries, not an int or 1"),
    (output_size, ((3, 224, 224), 7), ValueError, "size=(3, 224, 224) is (depth, height, width)"),
    (output_size, ((9, 9), 3, 1, ((1, 0),)), ValueError, "must have one pair per axis"),
    (coverage, (8, 8, 4, (7, 0, 1)), ValueError, "padding=(7, 0, 1) has 3 entries"),
    (tensorflow_same, (0, 3), ValueError, "size=0 must be at least 1"),
    (tensorflow_same, (5, 3, 0), ValueError, "stride=0 must be at least 1"),
    (tensorflow_same, ((5, 5), 3, (1, 1, 1)), ValueError, "stride=(1, 1, 1) has 3 entries"),
    (tensorflow_same, (5, 3.0), TypeError, "kernel_size=3.0 must be an int, not float"),
    (channel_shuffle, ([1], 1), TypeError, "input must be a NumPy array, not list"),
    (channel_shuffle, (image(4, 4), 2), ValueError, "input of shape (4, 4) must have at least 3"),
    (channel_shuffle, (image(1, 4, 4), 3), ValueError, "groups=3 must divide the 4 channels"),
    (channel_shuffle, (image(1, 4, 4), "2"), TypeError, "groups='2' must be an int, not str"),
    (pad, (None, 1), TypeError, "input must be a NumPy array, not NoneType"),
    (pad, (np.array(["a"]), ((1, 1),)), TypeError, "input has dtype str32"),
    (pad, (image(3, 3), -1), ValueError, "padding=-1 must be at least 0"),
    (pad, (image(3, 3), ()), ValueError, "padding=() must contain a pair"),
    (pad, (image(3), 1), ValueError, "input of shape (3,) has 1 axes, but padding=1 extends 2"),
    (
        pad,
        (image(3, 3), ((1, 2, 3), (1, 1))),
        ValueError,
        "padding=((1, 2, 3), (1, 1)) must have one pair per axis",
        "((top, bottom), (left, right))",
    ),
    (
        pad,
        (image(1, 1, 8), (2, 0)),
        ValueError,
        "padding=(2, 0) is ambiguous",
        "((2, 0),) before and after the last axis, or ((2, 2), (0, 0)) for height and width",
    ),
    (
        pad,
        (image(3, 3), (2,)),
        ValueError,
        "padding=(2,) is ambiguous",
        "such as ((top, bottom), (left, right))",
    ),
    (pad, (image(3, 3), (0, 1, 0, 1)), ValueError, "((0, 1), (0, 1)) if this is F.pad's order"),
    (pad, (image(3, 3), (1, (2, 0))), ValueError, "padding=(1, (2, 0)) must have one pair per"),
    (pad, (image(3, 3), "same"), TypeError, "padding='same' must be an int, not str"),
    (
        pad,
        (image(3, 3), ((1, 1), (1, 1), (1, 1))),
        ValueError,
        "input of shape (3, 3) has 2 axes, but padding=((1, 1), (1, 1), (1, 1)) extends 3",
    ),
    (pad, (image(3, 3), 2**62), ValueError, f"padding={2**62} must be at most"),
    (pad, (image(3, 3), 10**6), ValueError, "padding=1000000 extends input of shape (3, 3)"),
    (pad, (image(3, 3), ((1, -1), (0, 0))), ValueError, "(0, 0)) must be at least 0"),
    (pad, (image(3, 3), 1, np.array("zeros")), ValueError, "mode=array('zeros'"),
    (
        pad,
        (image(3, 3), ((0, 3), (0, 0)), "reflect"),
        ValueError,
        "padding=(0, 3) in mode 'reflect'",
    ),
    (
        pad,
        (image(3, 3), ((0, 0), (3, 0)), "reflect"),
        ValueError,
        "padding=(3, 0) in mode 'reflect'",
    ),
    (pad, (image(3, 3), ((0, 0), (0, 4)), "circular"), ValueError, "(0, 4) in mode 'circular'"),
    (pad, (image(0, 3), ((0, 0), (1, 1)), "reflect"), ValueError, "no pixel to repeat: size is 0"),
    (pad, (image(0, 3), ((0, 1), (0, 0)), "replicate"), ValueError, "no pixel to repeat"),
    (pad, (np.array([3], dtype="m8[s]"), ((1, 1),)), TypeError, "input has dtype timedelta64[s]"),
    (pad, (image(3, 3), 1.5), TypeError, "padding=1.5 must be an int"),
    (pad, (image(3, 3), 1, "zero"), ValueError, "mode='zero'", "'zeros', 'reflect', 'replicate'"),
    (pad, (image(3, 3), 1, None), ValueError, "mode=None must be one of"),
    (
        pad,
        (image(3, 3), 3, "reflect"),
        ValueError,
        "(3, 3) in mode 'reflect'",
        "at most 2",
        "size 3",
    ),
    (pad, (image(3, 3), 4, "circular"), ValueError, "in mode 'circular'", "at most 3", "size 3"),
    (pad, (image(0, 3), 1, "reflect"), ValueError, "mode 'reflect'", "size is 0"),
    (pad, (image(0, 3), 1, "circular"), ValueError, "mode 'circular'", "size is 0"),
    (pad, (image(0, 3), 1, "replicate"), ValueError, "no pixel to repeat: size is 0"),
]


@pytest.mark.parametrize("row", HELPER_ERRORS, ids=lambda row: f"{row[0].__name__}: {row[3]}")
def test_the_errors_of_helpers(row):
    call, args, error, *words = row
    check_error(error, words, call, *args)


def test_the_errors_of_python_itself():
    with pytest.raises(TypeError, match="weight"):
        conv2d(image(1, 1, 3, 3))
    with pytest.raises(TypeError, match="strides"):
        conv2d(image(1, 1, 3, 3), image(1, 1, 2, 2), strides=1)
    with pytest.raises(TypeError, match="kernel_size"):
        output_size(5)


LAYER_ERRORS = [
    (ValueError, {"in_channels": 0}, "in_channels=0 must be at least 1"),
    (ValueError, {"out_channels": -6}, "out_channels=-6 must be at least 1"),
    (TypeError, {"in_channels": 4.0}, "in_channels=4.0 must be an int, not float"),
    (ValueError, {"kernel_size": 0}, "kernel_size=0 must be at least 1"),
    (ValueError, {"kernel_size": (3, 3, 3)}, "kernel_size=(3, 3, 3) has 3 entries"),
    (TypeError, {"kernel_size": 3.0}, "kernel_size=3.0 must be an int, not float"),
    (ValueError, {"stride": 0}, "stride=0 must be at least 1"),
    (ValueError, {"stride": ()}, "stride=() has 0 entries"),
    (ValueError, {"dilation": (1, 0)}, "dilation=(1, 0) must be at least 1"),
    (ValueError, {"padding": -1}, "padding=-1 must be at least 0"),
    (ValueError, {"padding": "SAME"}, "padding='SAME' must be", "'same' or 'valid'"),
    (ValueError, {"padding": "same", "stride": 2}, "padding='same'", "stride=(2, 2)"),
    (ValueError, {"padding_mode": "zero"}, "padding_mode='zero' must be one of 'zeros', 'reflect'"),
    (ValueError, {"padding_mode": None}, "padding_mode=None must be one of", "'circular'"),
    (TypeError, {"dtype": np.int64}, "dtype=int64 must be one of float16, float32"),
    (TypeError, {"dtype": "nonsense"}, "dtype='nonsense' must be one of"),
    (TypeError, {"dtype": None}, "dtype=None must be one of"),
    (TypeError, {"dtype": ">f4"}, "dtype='>f4' must be one of"),
    (TypeError, {"rng": "seed"}, "rng='seed' must be an int, not str"),
    (ValueError, {"rng": -1}, "rng=-1 must be at least 0"),
]


@pytest.mark.parametrize("layer", [Conv2d, DepthwiseSeparableConv2d])
@pytest.mark.parametrize("row", LAYER_ERRORS, ids=lambda row: row[2])
def test_layers_reject_arguments_at_construction(layer, row):
    error, arguments, *words = row
    keywords = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, **arguments}
    check_error(error, words, layer, **keywords)


@pytest.mark.parametrize(
    ("layer", "arguments", "text"),
    [
        (Conv2d, {"groups": 3}, "in_channels=4 must be divisible by groups=3"),
        (Conv2d, {"groups": 4}, "out_channels=6 must be divisible by groups=4"),
        (Conv2d, {"groups": 0}, "groups=0 must be at least 1"),
        (DepthwiseSeparableConv2d, {"multiplier": 0}, "multiplier=0 must be at least 1"),
    ],
)
def test_the_errors_of_what_only_one_of_the_layers(layer, arguments, text):
    assert error_of(layer, 4, 6, 3, **arguments) == (ValueError, text)


def test_a_layer_rejects_an_input_that_does_not_fit():
    layer = Conv2d(4, 6, 3, padding=2, padding_mode="reflect")
    assert "input has 3 channels" in error_of(layer, image(1, 3, 5, 6))[1]
    assert "mode 'reflect' must be at most 1" in error_of(layer, image(1, 4, 2, 6))[1]
    assert "float64" in error_of(layer, image(1, 4, 5, 6, dtype="float64"))[1]
    assert error_of(layer, [1])[1] == "input must be a NumPy array, not list: [1]"


ROW, KERNELS = image(1, 4, 6), image(6, 4, 3)
VOLUME, BLOCKS = image(1, 4, 3, 5, 6), image(6, 4, 2, 3, 3)
OTHER_RANK_ERRORS = [
    (conv1d, (image(6), KERNELS), "input of shape (6,) must have 3 axes", "or 2 without the batch"),
    (conv1d, (image(1, 4, 5, 6), KERNELS), "input of shape (1, 4, 5, 6) must have 3 axes"),
    (conv1d, (ROW, image(6, 4)), "weight of shape (6, 4) must have 3 axes", "C_in / groups, kW)"),
    (conv1d, (ROW, image(6, 4, 3, 3)), "weight of shape (6, 4, 3, 3) must have 3 axes"),
    (conv1d, (ROW, image(6, 3, 3)), "input has 4 channels", "groups=1 reads 3 * 1 = 3"),
    (conv1d, (image(1, 4, 0), KERNELS), "input of shape (1, 4, 0) has 0 columns"),
    (conv1d, (ROW, image(6, 4, 0)), "weight of shape (6, 4, 0) has 0 columns"),
    (conv1d, (ROW, image(6, 4, 7)), "spans 7 pixels", "the input has: 6"),
    (conv1d, (ROW, KERNELS, image(5)), "bias of shape (5,) must have shape (6,)"),
    (conv1d, (ROW, KERNELS, None, (1, 1)), "stride=(1, 1) has 2 entries", "1 ints: (width,)"),
    (
        conv1d,
        (ROW, KERNELS, None, 1, (1, 1, 1)),
        "padding=(1, 1, 1) has 3 entries, not an int or 1",
    ),
    (conv1d, (ROW, KERNELS, None, 1, ((1, 1), (1, 1))), "must have one pair per axis: (before, "),
    (conv1d, (ROW, KERNELS, None, 2, "same"), "padding='same'", "stride=(2,) cannot"),
    (conv1d, (ROW, KERNELS, None, 1, 2**30), "padding=1073741824 extends input", "allocates"),
    (conv3d, (image(3, 5, 6), BLOCKS), "input of shape (3, 5, 6) must have 5 axes", "or 4 without"),
    (conv3d, (VOLUME, image(6, 4, 3, 3)), "must have 5 axes", "(C_out, C_in / groups, kD, kH, kW)"),
    (conv3d, (image(1, 4, 0, 5, 6), BLOCKS), "input of shape (1, 4, 0, 5, 6) has 0 planes"),
    (conv3d, (VOLUME, image(6, 4, 0, 3, 3)), "weight of shape (6, 4, 0, 3, 3) has 0 planes"),
    (conv3d, (VOLUME, image(6, 4, 4, 3, 3)), "spans 4 pixels", "the input has: 3"),
    (
        conv3d,
        (VOLUME, BLOCKS, None, (1, 2)),
        "stride=(1, 2) has 2",
        "3 ints: (depth, height, width)",
    ),
    (conv3d, (VOLUME, BLOCKS, None, 1, 0, 1, 3), "groups=3 must divide both the 4 channels"),
    (conv3d, (VOLUME, BLOCKS, None, (1, 2, 1), "same"), "stride=(1, 2, 1) cannot"),
    (conv3d, (VOLUME, BLOCKS, None, 1, 2000), "padding=2000 extends input", "allocates"),
]


@pytest.mark.parametrize("row", OTHER_RANK_ERRORS, ids=lambda row: f"{row[0].__name__}: {row[2]}")
def test_the_errors_of_conv1d_and_conv3d(row):
    call, args, *words = row
    check_error(ValueError, words, call, *args)


@pytest.mark.parametrize("call", [conv1d, conv3d, conv_transpose1d, conv_transpose3d])
def test_dtypes_are_checked_along_any_number_of_axes(call):
    axes = int(call.__name__[-2])
    shapes = (1, 2, *[3] * axes), (2, 2, *[2] * axes)
    kind, text = error_of(call, image(*shapes[0]), image(*shapes[1], dtype="float64"))
    assert (kind, "weight has dtype float64" in text) == (TypeError, True)
    kind, text = error_of(call, image(*shapes[0], dtype="int8"), image(*shapes[1]))
    assert (kind, "input has dtype int8, whose sums would wrap" in text) == (TypeError, True)
    assert error_of(call, [1], image(*shapes[1]))[1] == "input must be a NumPy array, not list: [1]"


CONV_TRANSPOSE2D_ERRORS = [
    # shapes
    (ValueError, {"input": image(5, 6)}, "input of shape (5, 6) must have 4 axes", "or 3 without"),
    (ValueError, {"input": image(1, 1, 4, 5, 6)}, "input of shape (1, 1, 4, 5, 6) must"),
    (ValueError, {"weight": image(4, 6, 3)}, "must have 4 axes: (C_in, C_out / groups, kH, kW)"),
    (
        ValueError,
        {"input": image(1, 6, 5, 6)},
        "input has 6 channels but weight of shape (4, 6, 3, 3) has 4 kernels",
        "one for each channel of input",
    ),
    (ValueError, {"input": image(0, 6, 5, 6)}, "input has 6 channels but weight"),
    (ValueError, {"input": image(1, 0, 5, 6)}, "input of shape (1, 0, 5, 6) has 0 channels"),
    (ValueError, {"input": image(1, 4, 0, 6)}, "input of shape (1, 4, 0, 6) has 0 rows"),
    (ValueError, {"input": image(1, 4, 5, 0)}, "input of shape (1, 4, 5, 0) has 0 columns"),
    (ValueError, {"weight": image(0, 6, 3, 3)}, "weight of shape (0, 6, 3, 3) has 0 kernels"),
    (ValueError, {"weight": image(4, 0, 3, 3)}, "weight of shape (4, 0, 3, 3) has 0 channels"),
    (ValueError, {"weight": image(4, 6, 0, 3)}, "weight of shape (4, 6, 0, 3) has 0 rows"),
    # groups and bias
    (ValueError, {"groups": 3}, "groups=3 must divide the 4 channels of input"),
    (ValueError, {"groups": 0}, "groups=0 must be at least 1"),
    (TypeError, {"groups": (1, 1)}, "groups=(1, 1) must be an int, not tuple"),
    (ValueError, {"bias": image(4)}, "bias of shape (4,) must have shape (6,)", "output channel"),
    (ValueError, {"bias": image(6), "groups": 2}, "bias of shape (6,) must have shape (12,)"),
    (TypeError, {"bias": 0.0}, "bias must be a NumPy array, not float"),
    # stride, dilation, padding, output_padding
    *[
        (error, {name: value}, f"{name}={value!r}", rule)
        for name, least in (("stride", 1), ("dilation", 1), ("padding", 0), ("output_padding", 0))
        for error, value, rule in [
            (ValueError, least - 1, f"must be at least {least}"),
            (ValueError, (1, least - 1), f"must be at least {least}"),
            (ValueError, (1, 1, 1), "has 3 entries"),
            (ValueError, 2**70, "must be at most"),
            (TypeError, 1.0, "must be an int, not float"),
            (TypeError, "same", "must be an int, not str"),
            (TypeError, None, "must be an int, not NoneType"),
            (TypeError, True, "must be an int, not bool"),
            (TypeError, (1, "1"), "must be ints, not str"),
            (TypeError, np.array([1, 1]), "must be an int, not ndarray"),
        ]
    ],
    (ValueError, {"stride": ()}, "stride=() has 0 entries"),
    (ValueError, {"padding": ()}, "padding=() has 0 entries"),
    (ValueError, {"output_padding": ()}, "output_padding=() has 0 entries"),
    (TypeError, {"padding": "valid"}, "padding='valid' must be an int, not str"),
    (ValueError, {"padding": ((1, 1), 1)}, "padding=((1, 1), 1) must have one pair per axis"),
    (
        ValueError,
        {"output_padding": 1},
        "output_padding=1 must be smaller than 1, the larger of stride=1 and dil",
    ),
    (
        ValueError,
        {"output_padding": (1, 2), "stride": 2},
        "output_padding=2 must be smaller than 2, the larger of stride=2 and dilation=1",
    ),
    (ValueError, {"output_padding": 3, "dilation": 3}, "stride=1 and dilation=3"),
    (ValueError, {"input": image(0, 4, 5, 6), "output_padding": 1}, "output_padding=1 must be"),
    # output sizes
    (
        ValueError,
        {"padding": (0, 4)},
        "padding=4 removes more than there is: the output would have size 0",
    ),
    (ValueError, {"padding": 5}, "padding=5 removes more", "would have size -3"),
    (ValueError, {"input": image(0, 4, 5, 6), "padding": 5}, "would have size -3"),
    (
        ValueError,
        {"stride": 10**6},
        "stride=(1000000, 1000000) and dilation=(1, 1) stretch input of shape (1, 4, 5, 6) to",
        "more than the 2147483648 that convlib allocates",
    ),
    (ValueError, {"stride": (1, 2**62)}, f"stride=(1, {2**62})", "allocates"),
    (ValueError, {"dilation": 10**9}, "dilation=(1000000000, 1000000000) stretch input"),
    # dtypes
    (
        TypeError,
        {"weight": image(4, 6, 3, 3, dtype="float64")},
        "float32",
        "weight has dtype float64",
    ),
    (TypeError, {"bias": image(6, dtype="complex64")}, "bias has dtype complex64"),
    (TypeError, {"input": image(1, 4, 5, 6, dtype="uint8")}, "input has dtype uint8", "wrap"),
    (TypeError, {"input": image(1, 4, 5, 6).astype(">f4")}, "input", "byte order"),
    (TypeError, {"weight": None}, "weight must be a NumPy array, not NoneType"),
]


@pytest.mark.parametrize("row", CONV_TRANSPOSE2D_ERRORS, ids=lambda row: row[2])
def test_the_errors_of_conv_transpose2d(row):
    error, arguments, *words = row
    keywords = {"input": image(1, 4, 5, 6), "weight": image(4, 6, 3, 3), **arguments}
    check_error(error, words, conv_transpose2d, **keywords)


def columns(*shape):
    return np.ones(shape)


GRADIENT_ERRORS = [
    (conv_transpose1d, (image(6), KERNELS), ValueError, "input of shape (6,) must have 3 axes"),
    (conv_transpose1d, (ROW, KERNELS), ValueError, "input has 4 channels", "has 6 kernels"),
    (
        conv_transpose1d,
        (ROW, image(4, 1, 3), None, 2, 0, (0, 1)),
        ValueError,
        "output_padding=(0, 1) has 2 entries, not an int or 1 ints: (width,)",
    ),
    (conv_transpose1d, (ROW, image(4, 4)), ValueError, "axes: (C_in, C_out / groups, kW)"),
    (conv_transpose1d, (ROW, image(4, 1, 1), None, 1, 3), ValueError, "would have size 0"),
    (conv_transpose3d, (VOLUME, image(4, 6, 3, 3)), ValueError, "C_out / groups, kD, kH, kW)"),
    (conv_transpose3d, (VOLUME, BLOCKS), ValueError, "input has 4 channels", "6 kernels"),
    (conv_transpose3d, (image(4, 0, 2, 2), image(4, 1, 1, 1, 1)), ValueError, "has 0 planes"),
    # transposed_size
    (transposed_size, (0, 1), ValueError, "size=0 must be at least 1"),
    (transposed_size, (2.0, 1), TypeError, "size=2.0 must be an int, not float"),
    (transposed_size, (2, 0), ValueError, "kernel_size=0 must be at least 1"),
    (transposed_size, (2, 2, 0), ValueError, "stride=0 must be at least 1"),
    (transposed_size, (2, 2, 1, -1), ValueError, "padding=-1 must be at least 0"),
    (transposed_size, (2, 2, 1, "same"), TypeError, "padding='same' must be an int, not str"),
    (transposed_size, (2, 2, 1, "valid"), TypeError, "padding='valid' must be an int, not str"),
    (transposed_size, (2, 2, 2, 0, -1), ValueError, "output_padding=-1 must be at least 0"),
    (
        transposed_size,
        (2, 2, 2, 0, 2),
        ValueError,
        "output_padding=2 must be smaller than 2",
    ),
    (transposed_size, (2, 2, 1, 0, 3, 3), ValueError, "output_padding=3", "dilation=3"),
    (transposed_size, ((2, 2), 2, 2, 0, (0, 2)), ValueError, "output_padding=2 must be smaller"),
    (transposed_size, (2, 2, 1, 2), ValueError, "the output would have size -1"),
    (transposed_size, ((2, 2), (1, 1, 1)), ValueError, "kernel_size=(1, 1, 1) has 3 entries"),
    (transposed_size, ((), 1), ValueError, "size=() must contain at least one int"),
    (transposed_size, (2, 2, 1, 0, 0, True), TypeError, "dilation=True must be an int, not bool"),
    # unfold
    (unfold, ([[1.0]], 1), TypeError, "input must be a NumPy array, not list"),
    (unfold, (image(4, 4), 2), ValueError, "input of shape (4, 4) must have 4 axes", "along 2"),
    (unfold, (image(1, 1, 1, 4, 4), 2), ValueError, "must have 4 axes", "or 3 without the batch"),
    (unfold, (image(1, 1, 4, 4), (2,)), ValueError, "must have 3 axes", "slides along 1"),
    (unfold, (image(1, 0, 4, 4), 2), ValueError, "input of shape (1, 0, 4, 4) has 0 channels"),
    (unfold, (image(1, 1, 0, 4), 2, 1, 2), ValueError, "input of shape (1, 1, 0, 4) has 0 rows"),
    (unfold, (image(1, 1, 4, 4), 0), ValueError, "kernel_size=0 must be at least 1"),
    (unfold, (image(1, 1, 4, 4), ()), ValueError, "kernel_size=() must contain at least one int"),
    (unfold, (image(1, 1, 4, 4), 2.0), TypeError, "kernel_size=2.0 must be an int, not float"),
    (unfold, (image(1, 1, 4, 4), 5), ValueError, "spans 5 pixels, more than the input has: 4"),
    (unfold, (image(1, 1, 4, 4), 3, 3, 1), ValueError, "spans 7 pixels", "input has: 6"),
    (unfold, (image(0, 1, 4, 4), 5), ValueError, "spans 5 pixels"),
    (unfold, (image(1, 1, 4, 4), 2, 0), ValueError, "dilation=0 must be at least 1"),
    (unfold, (image(1, 1, 4, 4), 2, 1, -1), ValueError, "padding=-1 must be at least 0"),
    (unfold, (image(1, 1, 4, 4), 2, 1, "same"), TypeError, "padding='same' must be an int"),
    (unfold, (image(1, 1, 4, 4), 2, 1, 0, 0), ValueError, "stride=0 must be at least 1"),
    (unfold, (image(1, 1, 4, 4), 2, 1, 0, (1, 1, 1)), ValueError, "stride=(1, 1, 1) has 3 entries"),
    (unfold, (image(1, 1, 4, 4), 2, 1, 10**6), ValueError, "padding=1000000 extends"),
    (unfold, (np.full((1, 1, 4, 4), "a"), 2), TypeError, "input has dtype str"),
    # fold
    (fold, ([[1.0]], 1, 1), TypeError, "input must be a NumPy array, not list"),
    (fold, (columns(4), 2, 2), ValueError, "input of shape (4,) must have 3 axes", "2 without"),
    (fold, (columns(1, 1, 4, 1), 2, 2), ValueError, "input of shape (1, 1, 4, 1) must have 3 axes"),
    (fold, (columns(1, 0, 1), 2, 2), ValueError, "shape (1, 0, 1)", "only the batch can be empty"),
    (fold, (columns(1, 4, 0), 2, 2), ValueError, "shape (1, 4, 0)", "only the batch can be empty"),
    (fold, (columns(1, 6, 9), 4, 2), ValueError, "columns of 6 numbers, no multiple of the 4 taps"),
    (
        fold,
        (columns(1, 4, 8), 4, 2),
        ValueError,
        "input has 8 columns, but output_size and kernel_size make 3 * 3 = 9 windows",
    ),
    (fold, (columns(0, 4, 8), 4, 2), ValueError, "input has 8 columns", "3 * 3 = 9 windows"),
    (fold, (columns(1, 4, 9), (4, 4, 4), 2), ValueError, "no multiple of the 8 taps"),
    (fold, (columns(1, 4, 9), 0, 2), ValueError, "output_size=0 must be at least 1"),
    (fold, (columns(1, 4, 9), 4.0, 2), TypeError, "output_size=4.0 must be an int, not float"),
    (
        fold,
        (columns(1, 4, 9), (4, 4), (2, 2, 2)),
        ValueError,
        "kernel_size=(2, 2, 2) has 3 entries",
    ),
    (fold, (columns(1, 4, 9), 4, 0), ValueError, "kernel_size=0 must be at least 1"),
    (fold, (columns(1, 4, 9), 1, 2), ValueError, "spans 2 pixels, more than the input has: 1"),
    (fold, (columns(1, 4, 9), 4, 2, 0), ValueError, "dilation=0 must be at least 1"),
    (fold, (columns(1, 4, 9), 4, 2, 1, -1), ValueError, "padding=-1 must be at least 0"),
    (fold, (columns(1, 4, 9), 4, 2, 1, "same"), TypeError, "padding='same' must be an int"),
    (fold, (columns(1, 4, 9), 4, 2, 1, 0, 0), ValueError, "stride=0 must be at least 1"),
    (
        fold,
        (columns(1, 4, 1), 10**6, 2, 1, 0, 10**6),
        ValueError,
        "output_size=(1000000, 1000000) and padding=0 stretch input of shape (1, 4, 1)",
        "allocates",
    ),
    (fold, (np.ones((4, 9), dtype=np.int32), 4, 2), TypeError, "input has dtype int32", "wrap"),
    (fold, (np.ones((4, 9), dtype=bool), 4, 2), TypeError, "input has dtype bool"),
]


@pytest.mark.parametrize("row", GRADIENT_ERRORS, ids=lambda row: f"{row[0].__name__}: {row[3]}")
def test_the_errors_of_gradients(row):
    call, args, error, *words = row
    check_error(error, words, call, *args)


SIZE, SHAPE, GRAD = (2, 4, 5, 6), (6, 4, 3, 3), image(2, 6, 3, 4)
ORDERS = {"input_size": "(N, C_in, H, W)", "weight_size": "(C_out, C_in / groups, kH, kW)"}


def gradient_of(size):
    """Return the function that has a size argument of that name, and valid arguments."""
    if size == "input_size":
        return conv2d_input, {"input_size": SIZE, "weight": image(*SHAPE), "grad_output": GRAD}
    return conv2d_weight, {"input": image(*SIZE), "weight_size": SHAPE, "grad_output": GRAD}


SIZE_ERRORS = [
    (ValueError, (2, 4, 5), "={value} has 3 entries, not 4: {order}"),
    (ValueError, (2, 4, 5, 6, 7), "={value} has 5 entries, not 4: {order}"),
    (ValueError, (), "=() has 0 entries, not 4: {order}"),
    (ValueError, (2, 4, 5, -6), "={value} must be at least "),
    (ValueError, (2, 4, 5, 2**70), "must be at most"),
    (ValueError, (2, 0, 5, 6), "={value}"),
    (ValueError, (2, 4, 0, 6), "={value}"),
    (ValueError, (2, 4, 5, 0), "={value}"),
    (TypeError, (2, 4, 5, 6.0), "={value} must be ints, not float"),
    (TypeError, (2, 4, 5, "6"), "={value} must be ints, not str"),
    (TypeError, (2, 4, 5, True), "={value} must be ints, not bool"),
    (TypeError, (2, 4, 5, None), "={value} must be ints, not NoneType"),
    (TypeError, 5, "=5 must be a tuple or list of ints: {order}"),
    (TypeError, None, "=None must be a tuple or list of ints: {order}"),
    (TypeError, np.array([2, 4, 5, 6]), "must be a tuple or list of ints: {order}"),
    (TypeError, range(4), "=range(0, 4) must be a tuple or list of ints: {order}"),
    (TypeError, "2456", "='2456' must be a tuple or list of ints: {order}"),
    (TypeError, {2: 4}, "must be a tuple or list of ints: {order}"),
]


@pytest.mark.parametrize("name", ["input_size", "weight_size"])
@pytest.mark.parametrize("row", SIZE_ERRORS, ids=lambda row: repr(row[1]))
def test_the_gradients_reject_a_size(name, row):
    error, value, text = row
    call, keywords = gradient_of(name)
    kind, message = error_of(call, **{**keywords, name: value})
    assert kind is error
    assert name + text.format(value=value, order=ORDERS[name]) in message or (
        not text.startswith("=") and name in message and text.format(order=ORDERS[name]) in message
    )


GRADIENT_ERRORS = [
    # sizes that do not fit
    ("input_size", {"input_size": (2, 3, 5, 6)}, "input_size has 3 channels", "reads 4 * 1 = 4"),
    ("input_size", {"input_size": (2, 0, 5, 6)}, "has 0 for C_in; only N can be 0"),
    ("input_size", {"input_size": (2, 4, 0, 6)}, "has 0 for H; only N can be 0"),
    ("input_size", {"input_size": (2, 4, 2, 6)}, "spans 3 pixels, more than the input has: 2"),
    (
        "weight_size",
        {"weight_size": (6, 3, 3, 3)},
        "input has 4 channels but weight_size=(6, 3, 3,",
    ),
    ("weight_size", {"weight_size": (0, 4, 3, 3)}, "must be at least 1"),
    ("weight_size", {"weight_size": (6, 4, 7, 3)}, "spans 7 pixels, more than the input has: 5"),
    ("weight_size", {"input": image(4, 5, 6)}, "input of shape (4, 5, 6) must have 4 axes"),
    ("weight_size", {"input": image(2, 4, 0, 6)}, "input of shape (2, 4, 0, 6) has 0 rows"),
    (
        "weight_size",
        {"weight_size": (4, 4, 3, 3), "groups": 3},
        "groups=3",
        "4 kernels of weight_s",
    ),
    ("input_size", {"weight": image(6, 4, 3)}, "weight of shape (6, 4, 3) must have 4 axes"),
    ("input_size", {"weight": image(0, 4, 3, 3)}, "weight of shape (0, 4, 3, 3) has 0 kernels"),
    # both
    *[
        (name, arguments, *words)
        for name in ("input_size", "weight_size")
        for arguments, *words in [
            (
                {"grad_output": image(2, 6, 3, 5)},
                "grad_output of shape (2, 6, 3, 5) must have the output's shape, (2, 6, 3, 4)",
            ),
            (
                {"grad_output": image(6, 3, 4)},
                "grad_output of shape (6, 3, 4) must",
                "(2, 6, 3, 4)",
            ),
            ({"grad_output": image(1, 6, 3, 4)}, "grad_output of shape (1, 6, 3, 4) must"),
            ({"grad_output": image(2, 5, 3, 4)}, "grad_output of shape (2, 5, 3, 4) must"),
            ({"stride": 2}, "grad_output of shape (2, 6, 3, 4) must", "(2, 6, 2, 2)"),
            ({"padding": "same"}, "grad_output", "(2, 6, 5, 6)"),
            ({"groups": 3}, "groups=3 must divide both the 4 channels of"),
            ({"groups": 2}, "has 4 channels", "groups=2 reads 4 * 2 = 8"),
            ({"groups": 0}, "groups=0 must be at least 1"),
            ({"stride": 0}, "stride=0 must be at least 1"),
            ({"dilation": (1, 0)}, "dilation=(1, 0) must be at least 1"),
            ({"dilation": 3}, "kernel_size=3 with dilation=3 spans 7 pixels"),
            ({"padding": -1}, "padding=-1 must be at least 0"),
            ({"padding": "SAME"}, "padding='SAME' must be", "'same' or 'valid'"),
            ({"padding": "full"}, "padding='full' must be", "'same' or 'valid'"),
            ({"padding": "same", "stride": 2}, "padding='same'", "stride=(2, 2)"),
        ]
    ],
]


@pytest.mark.parametrize("row", GRADIENT_ERRORS, ids=lambda row: f"{row[0]}: {row[2]}")
def test_the_errors_of_the_gradients(row):
    name, arguments, *words = row
    call, keywords = gradient_of(name)
    check_error(ValueError, words, call, **{**keywords, **arguments})


@pytest.mark.parametrize("name", ["input_size", "weight_size"])
def test_the_gradients_reject_other_dtypes(name):
    call, keywords = gradient_of(name)
    for dtype, words in [("float64", "has dtype float64"), ("int8", "int8, whose sums would wrap")]:
        kind, text = error_of(call, **{**keywords, "grad_output": GRAD.astype(dtype)})
        assert kind is TypeError
        assert "grad_output" in text
        assert words in text
    assert error_of(call, **{**keywords, "grad_output": None})[0] is TypeError
    assert error_of(call, **{**keywords, "padding": None})[0] is TypeError
    assert error_of(call, **{**keywords, "stride": 1.0})[0] is TypeError


def test_a_gradient_that_does_not_fit_in_memory_is_rejected():
    lone, huge = image(1, 1, 1, 1), (1, 1, 10**6, 10**6)
    text = error_of(conv2d_input, huge, lone, lone, 10**6)[1]
    assert text.startswith("input_size=(1, 1, 1000000, 1000000) and padding=0 stretch grad_output")
    text = error_of(conv2d_input, (1, 1, 1, 1), lone, lone, 10**6, 10**5)[1]
    assert "padding=100000 stretch grad_output of shape (1, 1, 1, 1)" in text
    text = error_of(conv2d_weight, lone, (1, 1, 1, 1), lone, 10**6, 10**5)[1]
    assert text.startswith("padding=100000 extends input of shape (1, 1, 1, 1)")


@pytest.mark.parametrize("name", ["input_size", "weight_size"])
def test_the_gradients_accept_a_list_as_a_size(name):
    call, keywords = gradient_of(name)
    expected = call(**keywords)
    assert np.array_equal(call(**{**keywords, name: list(keywords[name])}), expected)
    assert np.array_equal(
        call(**{**keywords, name: tuple(map(np.int64, keywords[name]))}), expected
    )


def filled(**changed):
    """Return a state of Conv2d(4, 6, 3) with some entries replaced; None removes one."""
    state = {"weight": image(6, 4, 3, 3), "bias": image(6), **changed}
    return {name: array for name, array in state.items() if array is not None}


STATE_ERRORS = [
    (ValueError, filled(bias=None), "state lacks 'bias'; expected: 'weight', 'bias'"),
    (ValueError, {}, "state lacks 'bias', 'weight'; expected: 'weight', 'bias'"),
    (ValueError, filled(scale=image(6)), "state has 'scale'; expected: 'weight', 'bias'"),
    (ValueError, {**filled(), 1: image(6), "a": image(6)}, "state has 'a', 1; expected"),
    (
        ValueError,
        filled(weight=image(6, 4, 3, 2)),
        "weight of shape (6, 4, 3, 2) must have the lay",
    ),
    (ValueError, filled(bias=image(1)), "bias of shape (1,) must have the layer's shape (6,)"),
    (
        TypeError,
        filled(bias=image(6, dtype="float64")),
        "bias has dtype float64, but the layer's is",
    ),
    (
        TypeError,
        filled(bias=image(6, dtype="int64")),
        "bias has dtype int64, but the layer's is fl",
    ),
    (
        TypeError,
        filled(bias=image(6, dtype="uint8")),
        "bias has dtype uint8, whose sums would wrap",
    ),
    (TypeError, filled(bias=[1.0] * 6), "bias must be a NumPy array, not list"),
    (TypeError, [image(6, 4, 3, 3), image(6)], "state must be a mapping of names to arrays, not l"),
    (TypeError, None, "state must be a mapping of names to arrays, not NoneType"),
    (TypeError, filled(bias=torch.ones(6).bfloat16()), "bias cannot be read as an array: "),
    (ValueError, filled(bias=torch.ones(5)), "bias of shape (5,) must have the layer's shape (6,)"),
    (TypeError, filled(bias=torch.ones(6).double()), "bias has dtype float64, but the layer's is"),
    (TypeError, filled(bias=torch.ones(6).to_sparse()), "bias cannot be read as an array: "),
]


@pytest.mark.parametrize("row", STATE_ERRORS, ids=lambda row: row[2])
def test_a_layer_rejects_a_state(row):
    error, state, text = row
    kind, message = error_of(Conv2d(4, 6, 3).load_state_dict, state)
    assert kind is error
    assert message.startswith(text)


def of_network(layers):
    """Return the state of a network of such layers, as torch.nn.Sequential names it."""
    return {f"{n}.{name}": array for n in range(layers) for name, array in filled().items()}


PREFIX_ERRORS = [
    (
        ValueError,
        of_network(2),
        "2.",
        "state lacks '2.bias', '2.weight'; expected: '2.weight', '2.bias'; "
        "found: '0.weight', '0.bias', '1.weight', '1.bias'",
    ),
    (
        ValueError,
        of_network(40),
        "",
        "state lacks 'bias', 'weight'; expected: 'weight', 'bias'; found: '0.weight', '0.bias', "
        "'1.weight', '1.bias', '2.weight', '2.bias', '3.weight', '3.bias' and 72 more",
    ),
    (
        ValueError,
        {},
        "0.",
        "state lacks '0.bias', '0.weight'; expected: '0.weight', '0.bias'; found: nothing",
    ),
    (
        ValueError,
        {**of_network(2), "1.scale": image(6)},
        "1.",
        "state has '1.scale'; expected: '1.weight', '1.bias'",
    ),
    (
        ValueError,
        {**of_network(2), "1.bias": image(5)},
        "1.",
        "1.bias of shape (5,) must have the layer's shape (6,)",
    ),
    (TypeError, of_network(2), 0, "prefix=0 must be a string, not int"),
]


@pytest.mark.parametrize("row", PREFIX_ERRORS, ids=lambda row: row[3][:40])
def test_a_layer_rejects_a_prefix(row):
    error, state, prefix, text = row
    assert error_of(Conv2d(4, 6, 3).load_state_dict, state, prefix=prefix) == (error, text)


def test_a_layer_without_a_bias_rejects_a_state_with_one():
    kind, message = error_of(Conv2d(4, 6, 3, bias=False).load_state_dict, filled())
    assert (kind, message) == (ValueError, "state has 'bias'; expected: 'weight'")


def test_a_separable_layer_rejects_the_state_of_a_plain_one():
    layer = DepthwiseSeparableConv2d(4, 6, 3)
    message = error_of(layer.load_state_dict, filled())[1]
    assert message.startswith(
        "state lacks 'depthwise.weight', 'pointwise.bias', 'pointwise.weight'"
    )
    state = {**layer.state_dict(), "pointwise.bias": image(5)}
    message = error_of(layer.load_state_dict, state)[1]
    assert message == "pointwise.bias of shape (5,) must have the layer's shape (6,)"


ASSIGNMENT_ERRORS = [
    (ValueError, "weight", image(6, 4, 3), "weight of shape (6, 4, 3) must have the layer's shape"),
    (ValueError, "weight", image(4, 6, 3, 3), "must have the layer's shape (6, 4, 3, 3)"),
    (ValueError, "bias", image(4), "bias of shape (4,) must have the layer's shape (6,)"),
    (ValueError, "bias", image(6, 1), "bias of shape (6, 1) must have the layer's shape (6,)"),
    (TypeError, "weight", None, "weight must be a NumPy array, not NoneType"),
    (TypeError, "weight", [1.0], "weight must be a NumPy array, not list"),
    (
        TypeError,
        "weight",
        image(6, 4, 3, 3, dtype="float64"),
        "weight has dtype float64, but the layer's is float32: weight.astype('float32')",
    ),
    (
        TypeError,
        "bias",
        image(6, dtype="int64"),
        "bias has dtype int64, but the layer's is float32",
    ),
    (TypeError, "weight", image(6, 4, 3, 3, dtype="int32"), "weight has dtype int32"),
    (TypeError, "bias", 0.0, "bias must be a NumPy array, not float"),
    (TypeError, "bias", torch.ones(6), "bias must be a NumPy array, not Tensor"),
]


@pytest.mark.parametrize("row", ASSIGNMENT_ERRORS, ids=lambda row: row[3])
def test_a_layer_rejects_other_weights(row):
    error, name, value, text = row
    layer = Conv2d(4, 6, 3, rng=0)
    kept = layer.state_dict()
    kind, message = error_of(setattr, layer, name, value)
    assert kind is error
    assert text in message
    assert getattr(layer, name).tobytes() == kept[name].tobytes()


CORRECTIONS = [  # a common mistake, and the correction in its message
    ({"input": image(5, 6)}, ("input[None] adds an axis of length 1",)),
    ({"input": image(1, 5, 6, 4)}, ("the last axis has 4", "np.moveaxis(input, -1, -3)")),
    ({"input": image(5, 6, 4)}, ("the last axis has 4", "np.moveaxis(input, -1, -3)")),
    ({"input": image(1, 4, 5, 6, dtype="float64")}, ("input.astype('float32')",)),
    ({"input": image(1, 4, 5, 6, dtype="uint8")}, ("input.astype('float32')",)),
    (
        {"weight": image(6, 4, 3, 3, dtype="float64")},
        ("weight.astype('float32')",),  # not the image: float64 is NumPy's default
    ),
    ({"padding": "SAME"}, ("convlib.tensorflow_same gives",)),
    ({"padding": (0, 1, 0, 1)}, ("2 ints: (height, width), or a pair (before, after)",)),
    ({"padding": "replicate"}, ("pad(input, padding, mode='replicate')",)),
    ({"padding": "same", "stride": 2}, ("convlib.tensorflow_same",)),
]


@pytest.mark.parametrize(("arguments", "words"), CORRECTIONS, ids=repr)
def test_a_message_suggests_a_correction(arguments, words):
    keywords = {"input": image(1, 4, 5, 6), "weight": image(6, 4, 3, 3), **arguments}
    _, text = error_of(conv2d, **keywords)
    for word in words:
        assert word in text


def test_the_suggested_correction_works():
    photo, weight = image(1, 5, 6, 4), image(6, 4, 3, 3)
    assert conv2d(np.moveaxis(photo, -1, -3), weight).shape == (1, 6, 3, 4)
    assert conv2d(np.moveaxis(photo[0], -1, -3), weight).shape == (6, 3, 4)
    assert conv2d(image(5, 6)[None], image(1, 1, 3, 3)).shape == (1, 3, 4)


def test_a_long_value_is_not_quoted_whole():
    nested = [[[[0.123456789] * 6] * 6] * 6] * 6
    _, text = error_of(conv2d, nested, image(1, 1, 1, 1))
    assert text.startswith("input must be a NumPy array, not list: [[[[0.123")
    assert len(text) < 160
    assert "\n" not in text
