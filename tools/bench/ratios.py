"""Ratios of times, their mean, and part of the roofline, from a record of bench.json."""

import math


def ratio(layer, name):
    """Divide a contestant's shortest time on a layer by torch's."""
    return layer["ms"][name] / layer["ms"]["torch"]


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
