"""Every refusal says the argument, its value and the rule."""

import numpy as np
import pytest

from convlib import (
    Conv2d,
    DepthwiseSeparableConv2d,
    channel_shuffle,
    connectivity,
    conv2d,
    coverage,
    output_size,
    pad,
    reach,
    sides,
    taps,
    windows,
)

NAN = float("nan")


def image(*shape, dtype="float32"):
    return np.ones(shape, dtype=dtype)


def refusal(call, *args, **kwargs):
    """Return the type and the text of what a call raises, straight from convlib."""
    with pytest.raises((ValueError, TypeError)) as caught:
        call(*args, **kwargs)
    assert caught.traceback[-1].path.parent.name == "checks"
    return caught.type, str(caught.value)


OF_CONV2D = [
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
    (ValueError, {"padding": ()}, "padding=() must hold at least one int"),
    (
        ValueError,
        {"padding": 10**9},
        "padding=1000000000 frames input of shape (1, 4, 5, 6)",
        "makes room",
    ),
    (ValueError, {"padding": 40_000}, "padding=40000 frames input", "makes room for"),
    (ValueError, {"padding": (10**9, 0)}, "padding=(1000000000, 0) frames input"),
    (
        ValueError,
        {"padding": "same", "dilation": 10**9},
        "padding='same' with dilation=(1000000000, 1",
    ),
    (ValueError, {"padding": 2**62}, f"padding={2**62} must be at most {2**31 - 1}"),
    (ValueError, {"stride": 10**5000}, "stride=<an int of thousands of digits> must be at most"),
    (TypeError, {"stride": np.timedelta64(2)}, "must be an int, not timedelta64"),
    (ValueError, {"padding": "x" * 5000}, "padding='xxx", "'same' or 'valid'"),
    (TypeError, {"input": np.ones((1, 4, 5, 6), dtype=np.longdouble)}, "input has dtype", "takes"),
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
    (TypeError, {"padding": ((1, 1), (1, 1))}, "padding=((1, 1), (1, 1)) must be ints, not tuple"),
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
    # no arrays
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


@pytest.mark.parametrize("row", OF_CONV2D, ids=lambda row: row[2])
def test_conv2d_refuses(row):
    error, arguments, *words = row
    given = {"input": image(1, 4, 5, 6), "weight": image(6, 4, 3, 3), **arguments}
    kind, text = refusal(conv2d, **given)
    assert kind is error
    for word in words:
        assert word in text


@pytest.mark.parametrize("arguments", [{"stride": 0}, {"groups": 3}, {"padding": -1}])
def test_an_empty_batch_is_checked_like_any_other(arguments):
    refusal(conv2d, image(0, 4, 5, 6), image(6, 4, 3, 3), **arguments)


def test_an_empty_batch_gives_an_empty_result():
    assert conv2d(image(0, 4, 5, 6), image(6, 4, 3, 3)).shape == (0, 6, 3, 4)


OF_OTHERS = [
    (reach, (0,), ValueError, "kernel_size=0 must be at least 1"),
    (reach, (3, 0), ValueError, "dilation=0 must be at least 1"),
    (reach, (3.0,), TypeError, "kernel_size=3.0 must be an int, not float"),
    (reach, ((),), ValueError, "kernel_size=() must hold at least one int"),
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
    (coverage, ((1,) * 33, 1), ValueError, "size has 33 entries; convlib takes at most 32 axes"),
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
    (channel_shuffle, ([1], 1), TypeError, "input must be a NumPy array, not list"),
    (channel_shuffle, (image(4, 4), 2), ValueError, "input of shape (4, 4) must have at least 3"),
    (channel_shuffle, (image(1, 4, 4), 3), ValueError, "groups=3 must divide the 4 channels"),
    (channel_shuffle, (image(1, 4, 4), "2"), TypeError, "groups='2' must be an int, not str"),
    (pad, (None, 1), TypeError, "input must be a NumPy array, not NoneType"),
    (pad, (np.array(["a"]), (1,)), TypeError, "input has dtype str32"),
    (pad, (image(3, 3), -1), ValueError, "padding=-1 must be at least 0"),
    (pad, (image(3, 3), ()), ValueError, "padding=() must hold an entry"),
    (pad, (image(3), 1), ValueError, "input of shape (3,) has 1 axes, but padding=1 frames 2"),
    (
        pad,
        (image(3, 3), ((1, 2, 3), 1)),
        ValueError,
        "padding=(1, 2, 3) has 3 entries",
        "(before, ",
    ),
    (pad, (image(3, 3), 2**62), ValueError, f"padding={2**62} must be at most"),
    (pad, (image(3, 3), 10**6), ValueError, "padding=1000000 frames input of shape (3, 3)"),
    (pad, (image(3, 3), (1, -1)), ValueError, "padding=-1 must be at least 0"),
    (pad, (image(3, 3), 1, np.array("zeros")), ValueError, "mode=array('zeros'"),
    (pad, (image(3, 3), ((0, 3), 0), "reflect"), ValueError, "padding=(0, 3) in mode 'reflect'"),
    (pad, (image(3, 3), (0, (3, 0)), "reflect"), ValueError, "padding=(3, 0) in mode 'reflect'"),
    (pad, (image(3, 3), (0, (0, 4)), "circular"), ValueError, "(0, 4) in mode 'circular'"),
    (pad, (image(0, 3), (0, 1), "reflect"), ValueError, "no pixel to repeat: size is 0"),
    (pad, (image(0, 3), ((0, 1), 0), "replicate"), ValueError, "no pixel to repeat"),
    (pad, (np.array([3], dtype="m8[s]"), (1,)), TypeError, "input has dtype timedelta64[s]"),
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


@pytest.mark.parametrize("row", OF_OTHERS, ids=lambda row: f"{row[0].__name__}: {row[3]}")
def test_the_helpers_refuse(row):
    call, args, error, *words = row
    kind, text = refusal(call, *args)
    assert kind is error
    for word in words:
        assert word in text


def test_what_python_itself_refuses():
    with pytest.raises(TypeError, match="weight"):
        conv2d(image(1, 1, 3, 3))
    with pytest.raises(TypeError, match="strides"):
        conv2d(image(1, 1, 3, 3), image(1, 1, 2, 2), strides=1)
    with pytest.raises(TypeError, match="kernel_size"):
        output_size(5)


OF_LAYERS = [
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
@pytest.mark.parametrize("row", OF_LAYERS, ids=lambda row: row[2])
def test_layers_refuse_at_construction(layer, row):
    error, arguments, *words = row
    given = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, **arguments}
    kind, text = refusal(layer, **given)
    assert kind is error
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    ("layer", "arguments", "text"),
    [
        (Conv2d, {"groups": 3}, "in_channels=4 must be divisible by groups=3"),
        (Conv2d, {"groups": 4}, "out_channels=6 must be divisible by groups=4"),
        (Conv2d, {"groups": 0}, "groups=0 must be at least 1"),
        (DepthwiseSeparableConv2d, {"multiplier": 0}, "multiplier=0 must be at least 1"),
    ],
)
def test_what_only_one_of_the_layers_refuses(layer, arguments, text):
    assert refusal(layer, 4, 6, 3, **arguments) == (ValueError, text)


def test_a_layer_refuses_an_input_that_does_not_fit():
    layer = Conv2d(4, 6, 3, padding=2, padding_mode="reflect")
    assert "input has 3 channels" in refusal(layer, image(1, 3, 5, 6))[1]
    assert "mode 'reflect' must be at most 1" in refusal(layer, image(1, 4, 2, 6))[1]
    assert "float64" in refusal(layer, image(1, 4, 5, 6, dtype="float64"))[1]
    assert refusal(layer, [1])[1] == "input must be a NumPy array, not list: [1]"
