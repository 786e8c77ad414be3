"""Vector instructions for `convlib.engines.loops`, which numba's compiler does not find alone.

A *block* is some rows of sums, each of some vectors. All of them stay in registers while taps
are added: what is read serves all rows, and a weight all vectors of its row, so most
instructions are multiply-adds. That is the inner loop of every fast matrix product; but here
nothing is arranged as a matrix, since each tap says where in the image to read.

Functions of numba's compiler (intrinsics) generate code for LLVM: they are called once for each
place in the loops and each dtype, and never while a convolution is computed.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

Value = Any  # a number or vector of the generated code
Builder = Any  # what appends instructions to the generated code
Intrinsic = Callable[..., Any]

# What the processor can do, in the words of LLVM: "+avx", "-avx512f".
_config: Any = numba.config
_host: str = get_host_cpu_features()  # type: ignore[no-untyped-call]
FEATURES: set[str] = {*(_host if _config.CPU_FEATURES is None else _config.CPU_FEATURES).split(",")}
AVX512, AVX = "+avx512f" in FEATURES, "+avx" in FEATURES
BYTES = 64 if AVX512 else 32 if AVX else 16  # of a vector
# Rows, and vectors of sums, of a block; the other registers, of 32 or 16, hold what is read.
ROWS, SUMS = (4, 12) if AVX and not AVX512 else (8, 24)
LONGEST = 8  # vectors of a row
EIGHT = 8  # numbers that are copied at a time


def vectors(rows: int) -> int:
    """Vectors of each row of a wide block.

    Examples
    --------
    >>> vectors(rows=1)
    8
    """
    return min(LONGEST, SUMS // min(rows, ROWS))


def lanes(array: Any) -> int:
    """Numbers of a vector, for arrays of a type."""
    return BYTES * 8 // int(array.dtype.bitwidth)


class Memory:
    """The numbers of a contiguous array, in the generated code."""

    def __init__(self, context: Any, builder: Builder, array_type: Any, array: Value) -> None:
        view: Any = cgutils.create_struct_proxy(array_type)  # type: ignore[no-untyped-call]
        self.builder = builder
        self.data: Value = view(context, builder, value=array).data
        self.number: Any = context.get_data_type(array_type.dtype)
        self.bytes: int = array_type.dtype.bitwidth // 8

    def load(self, index: Value) -> Value:
        """Load one number."""
        return self.builder.load(self.builder.gep(self.data, [index]))

    def load_vector(self, index: Value, kind: Any) -> Value:
        """Load a vector that begins at a number."""
        vector = self.builder.load(self._vector(index, kind))
        vector.align = self.bytes  # it may begin at any number
        return vector

    def store_vector(self, vector: Value, index: Value) -> None:
        """Store a vector."""
        self.builder.store(vector, self._vector(index, vector.type)).align = self.bytes

    def _vector(self, index: Value, kind: Any) -> Value:
        """Address of a vector."""
        return self.builder.bitcast(self.builder.gep(self.data, [index]), kind.as_pointer())


def shuffle(builder: Builder, first: Value, second: Value, order: list[int]) -> Value:
    """Choose numbers of two vectors of equal length; those of the second are counted on."""
    places = ir.VectorType(ir.IntType(32), len(order))
    return builder.shuffle_vector(first, second, ir.Constant(places, order))


def repeat(builder: Builder, number: Value, kind: Any) -> Value:
    """Make a vector whose numbers are all the same."""
    undefined = ir.Constant(kind, ir.Undefined)
    vector = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    return shuffle(builder, vector, undefined, [0] * kind.count)


def multiply_add(builder: Builder, total: Value, a: Value, b: Value) -> Value:
    """Add a product to a sum, in one step where the processor can, rounded once."""
    return builder.fadd(total, builder.fmul(a, b, flags=["contract"]), flags=["contract"])


class Taps(NamedTuple):
    """What is added: for each tap, a run of ``flat`` times a weight."""

    flat: Memory
    at: Value  # what is added to ``starts``
    starts: Memory  # indices in ``flat``
    weights: Memory
    count: Value  # of taps, at least 1


def add_block(
    builder: Builder, taps: Taps, kernels: list[Value], sums: list[list[Value]]
) -> list[list[Value]]:
    """Generate a loop over taps that adds to a block; return the new sums.

    Parameters
    ----------
    kernels : list of Value
        For each row, the index of its weight for the first tap.
    sums : list of list of Value
        For each row, its vectors.
    """
    kind, integer = sums[0][0].type, taps.at.type
    before = builder.block
    loop, after = map(builder.append_basic_block, ("tap", "after"))
    builder.branch(loop)
    builder.position_at_end(loop)

    def variable(first: Value) -> Value:
        changing = builder.phi(first.type)
        changing.add_incoming(first, before)
        return changing

    tap = variable(integer(0))
    totals = [[variable(vector) for vector in row] for row in sums]
    start = builder.add(taps.at, taps.starts.load(tap))
    indices = (builder.add(start, integer(v * kind.count)) for v in range(len(sums[0])))
    numbers = [taps.flat.load_vector(index, kind) for index in indices]
    added = []
    for kernel, row in zip(kernels, totals, strict=True):
        weight = repeat(builder, taps.weights.load(builder.add(kernel, tap)), kind)
        pairs = zip(row, numbers, strict=True)
        added.append([multiply_add(builder, total, weight, number) for total, number in pairs])
        for total, following in zip(row, added[-1], strict=True):
            total.add_incoming(following, loop)
    following = builder.add(tap, integer(1))
    tap.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", following, taps.count), loop, after)
    builder.position_at_end(after)
    return added


def make_add_taps(wide: bool) -> Intrinsic:
    """Make a function that adds taps to some rows of sums, many vectors wide or one.

    Its arguments are those of `convlib.engines.loops.sum_taps`, but `at` for ``count``: where
    in ``flat`` the run of a tap with start 0 begins.
    """

    def add_taps(
        typing: Any,
        flat: Any,
        at: Any,
        starts: Any,
        taps: Any,
        weights: Any,
        first: Any,
        step: Any,
        last: Any,
        sums: Any,
        place: Any,
        rows: Any,
    ) -> Any:
        signature = types.void(
            flat, at, starts, taps, weights, first, step, last, sums, place, rows
        )

        def generate(context: Any, builder: Builder, signature: Any, arguments: Any) -> Value:
            flat, starts, weights, sums = (
                Memory(context, builder, signature.args[i], arguments[i]) for i in (0, 2, 4, 8)
            )
            at, count, first, step, last, place = (arguments[i] for i in (1, 3, 5, 6, 7, 9))
            offsets: Any = cgutils.unpack_tuple(builder, arguments[10])  # type: ignore[no-untyped-call]
            taps = Taps(flat, at, starts, weights, count)
            kind, integer = ir.VectorType(flat.number, lanes(signature.args[0])), at.type
            width = vectors(len(offsets)) if wide else 1

            kernels, indices = [], []
            for row, offset in enumerate(offsets):
                exists = builder.icmp_signed("<=", integer(row), last)
                kernel = builder.select(exists, integer(row), last)
                kernels.append(builder.add(first, builder.mul(kernel, step)))
                begin = builder.add(place, offset)
                indices.append([builder.add(begin, integer(v * kind.count)) for v in range(width)])
            for top in range(0, len(offsets), ROWS):
                block = slice(top, top + ROWS)
                zeros = [[ir.Constant(kind, None)] * width for _ in kernels[block]]
                totals = add_block(builder, taps, kernels[block], zeros)
                for row_totals, row_indices in zip(totals, indices[block], strict=True):
                    for total, index in zip(row_totals, row_indices, strict=True):
                        before = sums.load_vector(index, kind)
                        sums.store_vector(builder.fadd(before, total), index)
            return context.get_dummy_value()

        return signature, generate

    made: Intrinsic = intrinsic(add_taps)
    return made


def make_width(wide: bool) -> Intrinsic:
    """Make a function of an array and rows: how many sums of a row a block has."""

    def width(typing: Any, array: Any, rows: Any) -> Any:
        sums = lanes(array) * (vectors(len(rows)) if wide else 1)
        return types.intp(array, rows), lambda context, *_: context.get_constant(types.intp, sums)

    made: Intrinsic = intrinsic(width)
    return made


def make_copy(stride: int) -> Intrinsic:
    """Make a function that copies eight numbers, one after the other or every second.

    Its arguments are an array, an index in it, an array to write to, and an index in that one.
    Nothing behind the last number is read: the second of two vectors begins at number 7.
    """

    def copy(typing: Any, source: Any, at: Any, into: Any, place: Any) -> Any:
        def generate(context: Any, builder: Builder, signature: Any, arguments: Any) -> Value:
            _, at, _, place = arguments
            source, into = (
                Memory(context, builder, signature.args[i], arguments[i]) for i in (0, 2)
            )
            kind = ir.VectorType(source.number, EIGHT)
            numbers = source.load_vector(at, kind)
            if stride == 2:
                more = source.load_vector(builder.add(at, at.type(EIGHT - 1)), kind)
                numbers = shuffle(builder, numbers, more, [0, 2, 4, 6, 9, 11, 13, 15])
            into.store_vector(numbers, place)
            return context.get_dummy_value()

        return types.void(source, at, into, place), generate

    made: Intrinsic = intrinsic(copy)
    return made


add_taps_wide: Intrinsic = make_add_taps(wide=True)
add_taps_narrow: Intrinsic = make_add_taps(wide=False)
wide: Intrinsic = make_width(wide=True)
narrow: Intrinsic = make_width(wide=False)
copy_eight: Intrinsic = make_copy(stride=1)
copy_every_second: Intrinsic = make_copy(stride=2)
