"""The judge: a function of convlib and its twin of torch, case by case, to the last bit.

Integers are drawn, so that sums are exact in every dtype and in any order.
"""

import itertools
import random
from functools import cache
from pathlib import Path

import numpy as np
import torch

DTYPES = ("float64", "float32", "float16", "int64", "complex64", "complex128")
BATCHES = [None, 0, 1, 3]
POOL = 10_007

torch.set_num_threads(1)  # the cases are too small for more


@cache
def _pool(dtype):
    rng, most = np.random.default_rng(0), 3 if dtype == "float16" else 9  # float16: exact to 2048
    drawn = rng.integers(-most, most + 1, (2, POOL))
    numbers = drawn[0] + 1j * drawn[1] if dtype.startswith("complex") else drawn[0]
    return np.concatenate([numbers, numbers]).astype(dtype)


def integers(shape, dtype, seed):
    """Draw small integers; of a complex dtype, both parts."""
    start = seed * 1_009 % POOL
    return _pool(dtype)[start : start + int(np.prod(shape))].reshape(shape).copy()


def with_gaps(array):
    """Give the same numbers, with others between them."""
    return np.repeat(array, 2, axis=-1)[..., ::2]


def backwards(array):
    """Give the same numbers, with negative strides."""
    return array[..., ::-1].copy()[..., ::-1]


def read_only(array):
    """Give the same numbers, and nobody may write."""
    frozen = array.copy()
    frozen.flags.writeable = False
    return frozen


def unaligned(array):
    """Give the same numbers, one byte off."""
    shifted = np.empty(array.nbytes + 1, dtype=np.uint8)[1:].view(array.dtype).reshape(array.shape)
    shifted[...] = array
    return shifted


def broadcast(array):
    """Give the first number of each row, shown over and over without being stored."""
    return np.broadcast_to(array[..., :1], array.shape)


SAME_NUMBERS = (np.asfortranarray, with_gaps, backwards, read_only, unaligned)
LAYOUTS = (np.ascontiguousarray, *SAME_NUMBERS, broadcast)


def drawn(shape, dtype, chance):
    """Draw an array of integers, and its layout."""
    return chance.choice(LAYOUTS)(integers(shape, dtype, chance.randrange(POOL)))


def combinations(*lists, every):
    """Yield dtype, chance and combination; of each dtype, every so manyth combination."""
    for start, (dtype, step) in enumerate(every.items()):
        chance = random.Random(start)
        for combination in itertools.islice(itertools.product(*lists), start % step, None, step):
            yield dtype, chance, combination


def of_torch(function):
    """Let a function of torch take arrays and give one."""

    def called(*arguments, **named):
        tensors = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in arguments]
        return function(*tensors, **named).numpy()

    return called


def through_float64(function):
    """Let a function of torch take integers, small enough to be exact as float64."""

    def called(*arguments, **named):
        cast = [a.astype(float) if isinstance(a, np.ndarray) else a for a in arguments]
        return function(*cast, **named).astype(np.int64)

    return called


def compare(ours, theirs, arrays, arguments):
    """Return "equal" or "refused", which both libraries must be; both are given arrays.

    Every byte counts, but -0.0 is 0.0: for a sum of zeros torch gives now one, now the
    other. The result must be new and writeable, and no argument changed.
    """
    copies = [array.copy() if isinstance(array, np.ndarray) else array for array in arrays]
    case = arguments, [getattr(array, "shape", array) for array in arrays]
    try:
        wanted = theirs(*copies, **arguments)
    except NotImplementedError:  # torch lacks the dtype: no case to count
        raise
    except (RuntimeError, ValueError, TypeError) as error:
        _refused(ours, arrays, arguments, error)
        return "refused"
    try:
        result = ours(*arrays, **arguments)
    except (ValueError, TypeError) as error:
        raise AssertionError("torch takes", *case) from error
    assert type(result) is np.ndarray, case
    assert (result.dtype, result.shape) == (wanted.dtype, wanted.shape), case
    assert (result + 0).tobytes() == (wanted + 0).tobytes(), case
    assert result.flags.writeable, case
    for array, copy in zip(arrays, copies, strict=True):
        if isinstance(array, np.ndarray):
            assert array.tobytes() == copy.tobytes(), ("an argument was changed", case)
            assert not np.may_share_memory(result, array), ("the result is a view", case)
    return "equal"


def _refused(ours, arrays, arguments, theirs):
    try:
        ours(*arrays, **arguments)
    except (ValueError, TypeError) as error:
        refusal = error
    else:
        raise AssertionError("convlib takes what torch refuses", arguments) from theirs
    frame = refusal.__traceback__
    while frame.tb_next:
        frame = frame.tb_next
    assert Path(frame.tb_frame.f_code.co_filename).parent.name == "checks", repr(refusal)


def tally(ours, theirs, cases):
    """Compare case by case; return for each dtype how many were equal and how many refused."""
    counts = {}
    for arrays, arguments in cases:
        dtype = next(array.dtype.name for array in arrays if isinstance(array, np.ndarray))
        equal, refused = counts.get(dtype, (0, 0))
        verdict = compare(ours, theirs, arrays, arguments)
        counts[dtype] = equal + (verdict == "equal"), refused + (verdict == "refused")
    return counts


def total(counts):
    """Sum up what `tally` gives."""
    return sum(map(sum, counts.values()))
