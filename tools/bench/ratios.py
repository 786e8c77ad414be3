"""Ratios of times, their means, and part of the roofline, from the records of bench.json.

bench.json has records by the widest vectors of the processor, such as "AVX2", and by kind of run,
such as "float32, 1", "functions, float32, 2" and "scaling".
"""

import math

FIRST = "float32, 1"  # the kind of run by which machines are compared


def ratio(layer, name):
    """Divide a contestant's shortest time on a layer by torch's."""
    return layer["ms"][name] / layer["ms"]["torch"]


def mean(layers, name):
    """Return the geometric mean of a contestant's ratios over the layers that it computes."""
    ratios = [ratio(layer, name) for layer in layers if name in layer["ms"]]
    return geometric_mean(ratios) if ratios else None


def slowest_machine(records):
    """Return the vectors of the machine where convlib has the highest mean, to flatter nobody.

    Raises ValueError if no machine has a record of the first kind.
    """
    means = {
        vectors: mean(kinds[FIRST]["layers"], "convlib")
        for vectors, kinds in records.items()
        if FIRST in kinds
    }
    if not means:
        raise ValueError(f"bench.json has no record of {FIRST}")
    return max(sorted(means), key=means.get)


def geometric_mean(numbers):
    """Return the geometric mean: that of a half and a double is one."""
    return math.exp(math.fsum(map(math.log, numbers)) / len(numbers))


def bounds(layer, rates):
    """Return the milliseconds that multiplying alone would take, and moving the bytes alone."""
    return 2 * layer["macs"] / (rates["matmul"] * 1e6), layer["bytes"] / (rates["copy"] * 1e6)


def fraction(layer, rates, name):
    """Divide the shortest possible time, of multiplying or of copying, by the measured time.

    More than 1 where arrays lie in a cache, faster than memory, or zeros are not multiplied.
    """
    return max(bounds(layer, rates)) / layer["ms"][name]


def short(number):
    """Format a number with about three significant digits."""
    if number >= 99.5:
        return f"{number:.0f}"
    if number >= 9.95:
        return f"{number:.1f}"
    return f"{number:.2f}" if number >= 0.1 else f"{number:.2g}"
