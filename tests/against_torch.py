"""The reference: a function of convlib and its counterpart in torch, case by case.

Integers are drawn, so that sums are exact in every dtype and in any order, and results are
compared to the last bit. torch itself is not the same on every machine: on some processors its
float16 is wrong on these integers (`torch's faults`), and in float16, float32 and complex64 it
depends on the processor and on the number of threads whether some calls are accepted. Its
float64 and complex128 do not vary, so `reference` asks them, and what torch's own narrower
dtypes say against them is counted and printed, where ``pytest -rA`` shows it, but fails no test.
"""

import contextlib
import itertools
import linecache
import multiprocessing
import os
import random
import warnings
from collections import Counter
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import torch

import convlib
from convlib import compute as computing
from convlib import functional
from convlib.engines import able

DTYPES = ("float64", "float32", "float16", "int64", "complex64", "complex128")
WIDER = {"float16": "float64", "float32": "float64", "complex64": "complex128"}
BATCHES = [None, 0, 1, 3]
POOL = 10_007
PACKAGE = Path(convlib.__file__).parent
SHARE = 1 if os.environ.get("CONVLIB_CASES") == "all" else 8  # weekly all, else one in eight

if "OMP_NUM_THREADS" not in os.environ:  # `make test-processors` sets it
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
    """Yield dtype, chance and combination; of each dtype, every so manyth combination.

    One case in `SHARE` is drawn; each has a `chance` of its own, so that it is the same case
    whichever others are drawn.
    """
    for start, (dtype, step) in enumerate(every.items()):
        chosen = itertools.islice(itertools.product(*lists), start % step, None, step)
        for number, combination in enumerate(chosen):
            chance = random.Random(start * 1_000_003 + number)
            if chance.randrange(8) % SHARE == 0:
                yield dtype, chance, combination


def check_counts(counts, expected):
    """Assert how many cases of each dtype were equal, and how many rejected by both libraries.

    Of all cases the numbers are stored; of a share, each kind must occur.
    """
    if SHARE == 1:
        assert counts == expected
    else:
        assert counts.keys() == expected.keys()
        for dtype, pair in counts.items():
            assert all(pair)
            assert sum(expected[dtype]) / 12 < sum(pair) < sum(expected[dtype]) / 5


def of_torch(function):
    """Let a function of torch take arrays and return one; it can be sent to another process."""
    return partial(_on_tensors, function)


def _on_tensors(function, *arguments, **named):
    tensors = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    return function(*tensors, **named).numpy()


def through_float64(function):
    """Let a function of torch take integers, small enough to be exact as float64."""
    return partial(_in_float64, function)


def _in_float64(function, *arguments, **named):
    return function(*cast(arguments, "float64"), **named).astype(np.int64)


def cast(values, dtype):
    """Convert the arrays among some values to a dtype."""
    return [a.astype(dtype) if isinstance(a, np.ndarray) else a for a in values]


def answer(function, arrays, arguments):
    """Return what a function of torch returns, or the error with which it rejects the call."""
    try:
        return function(*arrays, **arguments)
    except NotImplementedError:  # torch lacks the dtype: no case to count
        raise
    except (RuntimeError, ValueError, TypeError) as error:
        return error


class OtherProcess:
    """A process that calls torch, and may crash: some processors do so on float16 conv3d."""

    def __init__(self):
        self.process = None

    def answer(self, function, arrays, arguments):
        """Return what `answer` returns there, or None if the process ended."""
        if self.process is None:
            # not forked: torch's threads do not survive a fork
            context = multiprocessing.get_context("spawn")
            self.pipe, theirs = context.Pipe()
            self.process = context.Process(target=serve, args=(theirs,), daemon=True)
            self.process.start()
            theirs.close()
        try:
            self.pipe.send((function, arrays, arguments))
            return self.pipe.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            ended, self.process = self.process.exitcode, None
            if ended >= 0:  # no signal: not torch, but an error of Python that it has printed
                raise RuntimeError(f"{function} cannot be called in another process") from None
            return None


def serve(pipe):
    """Answer calls until the other side hangs up."""
    warnings.simplefilter("ignore")
    while True:
        try:
            function, arrays, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(answer(function, arrays, arguments))
        except NotImplementedError as error:
            pipe.send(error)


FLOAT16 = OtherProcess()


def reference(theirs, arrays, arguments):
    """Return what torch's function should return, or its error, and torch's fault or None.

    float64's or complex128's decision counts. Where they accept the call, the numbers are
    torch's own, but for float16: there they are float64's, rounded once.
    """
    dtype, *others = {array.dtype.name for array in arrays if isinstance(array, np.ndarray)}
    if others or dtype not in WIDER:
        return answer(theirs, arrays, arguments), None
    wanted = answer(theirs, cast(arrays, WIDER[dtype]), arguments)
    if not isinstance(wanted, Exception):
        with np.errstate(over="ignore"):
            wanted = wanted.astype(dtype)
    asked = FLOAT16.answer if dtype == "float16" else answer
    own = asked(theirs, arrays, arguments)
    if dtype != "float16" and isinstance(own, np.ndarray) and isinstance(wanted, np.ndarray):
        return own, None
    return wanted, fault(own, wanted)


def fault(own, wanted):
    """Say how torch's answer contradicts the wanted one; None where it does not."""
    if own is None:
        return "crashes"
    if isinstance(own, Exception) or isinstance(wanted, Exception):
        if isinstance(own, Exception) and isinstance(wanted, Exception):
            return None
        return "rejects a call" if isinstance(own, Exception) else "accepts a call"
    if (own.dtype, own.shape) != (wanted.dtype, wanted.shape):
        return "returns another shape"
    wrong = ~((own == wanted) | np.isnan(own) & np.isnan(wanted))
    if np.isnan(own[wrong]).any():
        return "returns NaN"
    return "returns wrong numbers" if wrong.any() else None


def report(faults):
    """Print each kind of fault of torch once: how often there, and the first case."""
    cases = {}
    for dtype, kind, case in faults:
        cases.setdefault((dtype, kind), []).append(case)
    for (dtype, kind), found in cases.items():
        print(f"torch's fault: {dtype} {kind}, unlike {WIDER[dtype]}: {len(found)}, as {found[0]}")


def compare(ours, theirs, arrays, arguments, faults=None):
    """Return "equal" or "refused", which both libraries must be; both are given arrays.

    Every byte counts, but -0.0 is 0.0: for a sum of zeros torch gives now one, now the
    other. The result must be new and writeable, and no argument changed. A fault of torch is
    added to the list `faults`, or printed if there is none.
    """
    copies = [array.copy() if isinstance(array, np.ndarray) else array for array in arrays]
    case = arguments, [getattr(array, "shape", array) for array in arrays]
    wanted, said = reference(theirs, copies, arguments)
    if said:
        found = dtype_of(arrays), said, case
        if faults is None:
            report([found])
        else:
            faults.append(found)
    if isinstance(wanted, Exception):
        _refused(ours, arrays, arguments, wanted)
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


def dtype_of(arrays):
    """Name the dtype of the first array among some values."""
    return next(array.dtype.name for array in arrays if isinstance(array, np.ndarray))


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
    source = Path(frame.tb_frame.f_code.co_filename)
    assert source.is_relative_to(PACKAGE), repr(refusal)
    assert linecache.getline(str(source), frame.tb_lineno).lstrip().startswith("raise "), refusal


def tally(ours, theirs, cases, faults=None):
    """Compare case by case; return for each dtype how many were equal and how many refused.

    How often torch itself was at fault is no part of that: it depends on the processor. It is
    printed, and added to the list `faults`: dtype, kind of fault, case.
    """
    counts, faults = {}, [] if faults is None else faults
    for arrays, arguments in cases:
        dtype = dtype_of(arrays)
        equal, refused = counts.get(dtype, (0, 0))
        verdict = compare(ours, theirs, arrays, arguments, faults)
        counts[dtype] = equal + (verdict == "equal"), refused + (verdict == "refused")
    asked = {dtype: sum(counts[dtype]) for dtype in WIDER if dtype in counts}
    print(f"asked beside a wider dtype, in so many cases: {asked}; faults: {len(faults)}")
    report(faults)
    return counts


@contextlib.contextmanager
def engines_by_chance():
    """Compute with an engine drawn among those that can; yield how often each was drawn."""
    drawn, chance = Counter(), random.Random(0)

    def choose(spec, exact=True, kind="f"):
        engines = able(spec, exact, kind)
        rarest = min(drawn[engine.name] for engine in engines)
        often = 4 * (rarest + 1)  # some are able to compute few cases
        engine = chance.choice([each for each in engines if drawn[each.name] <= often])
        drawn[engine.name] += 1
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(computing, "fastest", choose)
        patch.setattr(functional, "_plans", NoPlans())
        yield drawn


class NoPlans(dict):
    """A cache that keeps nothing, so that an engine is drawn for each call."""

    def __setitem__(self, key, plan):
        """Forget the plan."""
