"""Cost model of the engines: nanoseconds of one core with AVX2 and NumPy's OpenBLAS.

Measured once; only the ratios matter, which decide between engines.
"""

COPY = 0.25  # a number copied
ADD = 0.12  # a number added to another, both in cache
REORDER = 0.4  # a weight moved to another order
PLAIN = 1.5  # a multiply-add of einsum, in the order of the definition
TILE = 20_000  # Python's overhead of a tile


def matmul(M: int, K: int, N: int) -> float:
    """Estimate (M, K) @ (K, N): the call, multiply-adds, packing of operands, writing."""
    if M == 1:  # nothing is packed, but each number that is read is used once
        return 60 + 0.095 * K * N + 0.17 * N
    return 450 + 0.023 * M * K * N + 0.1 * K * (N + M) + 0.2 * M * N
