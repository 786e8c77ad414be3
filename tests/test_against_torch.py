"""The reference itself: torch's faults are counted and fail nothing, convlib's fail."""

import os
import signal
from dataclasses import dataclass

import numpy as np
import pytest
import torch.nn.functional as F
from against_torch import (
    WIDER,
    cast,
    compare,
    integers,
    of_torch,
    reference,
    tally,
)

from convlib import conv2d, conv_transpose2d

DTYPES = ("float64", "float32", "float16", "complex64")
ACCEPTED, REJECTED = 6, 2  # cases of each dtype
CONV2D = of_torch(F.conv2d)


def cases(dtypes=DTYPES):
    """Yield a few calls of conv2d in each dtype; a kernel of 6 overhangs the image."""
    for dtype in dtypes:
        for number, kernel in enumerate([1, 2, 3, 6] * 2):
            input = integers((2, 4, 5, 5), dtype, number)
            weight = integers((6, 2, kernel, kernel), dtype, number + 10)
            yield (input, weight, integers((6,), dtype, number + 20)), {"groups": 2}


@dataclass(frozen=True)
class Torch:
    """conv2d of a torch that is right, but for one dtype and one fault there."""

    fault: str
    dtype: str = "float16"

    def __call__(self, *arrays, **arguments):
        """Compute in the wider dtype, so that this processor's float16 plays no part."""
        dtype = arrays[0].dtype.name
        broken = dtype == self.dtype
        if broken and self.fault == "crashes":
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            result = CONV2D(*cast(arrays, WIDER.get(dtype, dtype)), **arguments).astype(dtype)
        except RuntimeError:
            if broken and self.fault == "accepts a call":
                return arrays[0]
            raise
        if broken and self.fault == "rejects a call":
            raise RuntimeError("not on this processor")
        if broken and self.fault == "returns another shape":
            return result[..., 1:]
        if broken and self.fault in ("returns wrong numbers", "returns NaN"):
            result[-1, -1, -1, -1] = 99 if self.fault == "returns wrong numbers" else np.nan
        return result


SOUND = dict.fromkeys(DTYPES, (ACCEPTED, REJECTED))
FAULTS = {  # kind: in how many of the eight cases
    "returns wrong numbers": ACCEPTED,
    "returns NaN": ACCEPTED,
    "returns another shape": ACCEPTED,
    "rejects a call": ACCEPTED,
    "accepts a call": REJECTED,
}


def test_a_sound_torch_has_no_faults(capsys):
    faults = []
    assert tally(conv2d, Torch("none"), cases(), faults) == SOUND
    assert faults == []
    asked = "{'float16': 8, 'float32': 8, 'complex64': 8}"
    assert (
        capsys.readouterr().out
        == f"asked beside a wider dtype, in so many cases: {asked}; faults: 0\n"
    )


@pytest.mark.parametrize("kind", FAULTS)
def test_only_the_count_of_faults_tells_that_torchs_float16_is_broken(kind, capsys):
    faults = []
    assert tally(conv2d, Torch(kind), cases(), faults) == SOUND
    assert [fault[:2] for fault in faults] == [("float16", kind)] * FAULTS[kind]
    said = capsys.readouterr().out
    assert f"torch's fault: float16 {kind}, unlike float64: {FAULTS[kind]}, as " in said


def test_a_crash_of_torch_is_one_fault_and_the_next_case_is_asked_again(capsys):
    faults = []
    few = list(cases(["float16"]))[:2]
    assert tally(conv2d, Torch("crashes"), few, faults) == {"float16": (2, 0)}
    assert [kind for _, kind, _ in faults] == ["crashes"] * 2
    # read, so that `pytest -rA` shows no planted fault where torch's own are counted
    assert "torch's fault: float16 crashes, unlike float64: 2, as " in capsys.readouterr().out


def mistaken(*arrays, **arguments):
    if arrays[0].dtype == np.float16:
        raise KeyError("a slip in the test")
    return CONV2D(*arrays, **arguments)


def test_a_slip_in_a_test_is_no_crash_of_torch():
    with pytest.raises(RuntimeError, match="cannot be called in another process"):
        tally(conv2d, mistaken, cases(["float16"]))
    assert compare(conv2d, Torch("none"), *next(cases(["float16"]))) == "equal"


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
@pytest.mark.parametrize("kind", ["accepts a call", "rejects a call"])
def test_a_decision_that_only_float32_or_complex64_takes_is_torchs_fault(dtype, kind, capsys):
    faults = []
    assert tally(conv2d, Torch(kind, dtype), cases(), faults) == SOUND
    assert [fault[:2] for fault in faults] == [(dtype, kind)] * FAULTS[kind]
    assert f"torch's fault: {dtype} {kind}, unlike {WIDER[dtype]}: " in capsys.readouterr().out


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex64"])
def test_other_numbers_than_torchs_float32_or_float64_fail(dtype):
    with pytest.raises(AssertionError):
        tally(conv2d, Torch("returns wrong numbers", dtype), cases([dtype]))


def test_a_fault_without_a_list_is_printed(capsys):
    compare(conv2d, Torch("returns NaN"), *next(cases(["float16"])))
    assert capsys.readouterr().out.startswith(
        "torch's fault: float16 returns NaN, unlike float64: 1"
    )


def wrong_numbers(input, weight, bias, **arguments):
    result = conv2d(input, weight, bias, **arguments)
    result[-1, -1, -1, -1] += 1
    return result


def rejects(*arrays, **arguments):
    raise ValueError("not here")


def accepts(input, weight, bias, **arguments):
    return conv2d(input, weight[..., :3, :3], bias, **arguments)


def in_another_dtype(input, weight, bias, **arguments):
    return conv2d(*cast((input, weight, bias), "complex128"), **arguments)


def argument_changed(input, weight, bias, **arguments):
    result = conv2d(input, weight, bias, **arguments)
    input += 1
    return result


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "broken", [wrong_numbers, rejects, accepts, in_another_dtype, argument_changed]
)
def test_a_convlib_that_is_broken_in_one_dtype_fails(broken, dtype):
    def ours(*arrays, **arguments):
        call = broken if arrays[0].dtype == dtype else conv2d
        return call(*arrays, **arguments)

    with pytest.raises(AssertionError):
        tally(ours, Torch("none"), cases())


def test_float16_is_float64_rounded_once():
    ones = np.ones((1, 1, 1, 4), np.float16)
    row = np.array([2048, 1, 1, 1], np.float16).reshape(1, 1, 1, 4)
    wanted, _ = reference(CONV2D, (row, ones, None), {})
    assert wanted.dtype == np.float16
    assert wanted.item() == 2052  # 2051, halfway to even; one by one, float16 stays at 2048
    row[...] = 60000
    wanted, _ = reference(CONV2D, (row, ones, None), {})
    assert np.isposinf(wanted.item())


def test_dtypes_that_are_mixed_are_not_unified():
    arrays = np.ones((1, 1, 3, 3), np.float16), np.ones((1, 1, 2, 2), np.float32), None
    wanted, fault = reference(CONV2D, arrays, {})
    assert isinstance(wanted, RuntimeError)
    assert fault is None


def test_a_size_of_0_is_rejected_whatever_torchs_float32_does():
    arrays = np.ones((3, 2, 2, 3), np.float32), np.ones((2, 2, 1, 1), np.float32), None
    theirs = of_torch(F.conv_transpose2d)
    assert compare(conv_transpose2d, theirs, arrays, {"padding": 1}) == "refused"


def test_the_smallest_call_that_a_processor_was_seen_to_get_wrong():
    x = (np.arange(54) % 5 - 2).reshape(1, 6, 3, 3).astype(np.float16)
    w = (np.arange(12) % 3 - 1).reshape(1, 6, 1, 2).astype(np.float16)
    wanted, _ = reference(CONV2D, (x, w, None), {"stride": (1, 2)})
    assert wanted.ravel().tolist() == [6, 6, -4]
    assert compare(conv2d, CONV2D, (x, w, None), {"stride": (1, 2)}) == "equal"
