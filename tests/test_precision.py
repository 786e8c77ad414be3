"""Accumulation dtype: float16 is summed in float32 and rounded once."""

import warnings

import numpy as np
import pytest

from convlib.precision import rounded_once


def dtype_inside(array, *rest):
    seen = []

    @rounded_once
    def look(*arguments):
        seen.extend(argument.dtype for argument in arguments if isinstance(argument, np.ndarray))
        return arguments[0]

    result = look(array, *rest)
    return seen, result


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "complex64", "complex128"])
def test_every_other_dtype_is_unchanged(dtype):
    array = np.ones(3, dtype)
    seen, result = dtype_inside(array, array, None, (2, 2), "same")
    assert seen == [dtype, dtype]
    assert result is array  # nothing is copied


def test_float16_is_computed_in_float32_and_converted_back():
    array = np.ones(3, np.float16)
    seen, result = dtype_inside(array, array, None, 1)
    assert seen == [np.float32, np.float32]
    assert result.dtype == np.float16


def test_other_arguments_are_passed_on_unchanged():
    passed = []
    rounded_once(lambda array, *rest: passed.extend(rest) or array)(
        np.ones(1), None, (1, 2), "same"
    )
    assert passed == [None, (1, 2), "same"]


def test_sums_beyond_float16_are_returned_if_the_result_fits():
    half = np.array([60000, 60000, -60000], np.float16)
    assert rounded_once(lambda x: x.cumsum()[-1:])(half) == 60000
    with np.errstate(over="ignore"):
        assert np.isposinf(half[:2].sum(dtype=np.float16))


def test_one_rounding_is_not_two():
    half = np.array([2048, 1, 1, 1], np.float16)
    assert rounded_once(lambda x: x.sum(keepdims=True))(half) == 2052  # 2051, halfway to even
    one_by_one = np.float16(2048)
    for number in half[1:]:
        one_by_one = np.float16(one_by_one + number)
    assert one_by_one == 2048


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_infinities_and_nans_propagate_without_a_warning(dtype):
    largest = np.array([np.finfo(dtype).max], dtype)
    endless = np.array([np.inf], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isposinf(rounded_once(lambda x: x * 4)(largest))
        assert np.isnan(rounded_once(lambda x: x - x)(endless))


def test_warnings_of_other_code_are_unchanged():
    largest = np.array([np.finfo(np.float32).max])
    rounded_once(lambda x: x)(largest)
    with pytest.warns(RuntimeWarning, match="overflow"):
        largest * 4


def test_the_wrapped_function_keeps_its_name_and_docstring():
    def named(x):
        """Say."""
        return x

    wrapped = rounded_once(named)
    assert (wrapped.__name__, wrapped.__doc__) == ("named", "Say.")
