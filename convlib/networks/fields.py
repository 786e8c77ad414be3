"""What a number deep in a network sees of the input, along one axis."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from convlib import checks
from convlib.geometry import reach, sides


class Field(NamedTuple):
    """The pixels of the input that one number depends on, along one axis.

    Neighbours see as much, ``stride`` pixels further on. ``start`` is the first pixel that
    number 0 sees; below 0 it lies in the padding.
    """

    size: int
    stride: int
    start: int

    def pixels(self, place: int) -> range:
        """Name the pixels that number ``place`` sees, those in the padding among them.

        Examples
        --------
        >>> Field(size=3, stride=2, start=-1).pixels(1)
        range(1, 4)
        """
        first = self.start + place * self.stride
        return range(first, first + self.size)


EYE = Field(size=1, stride=1, start=0)  # a pixel of the input sees itself


def look_through(
    field: Field, kernel_size: int, stride: int = 1, padding: int | str = 0, dilation: int = 1
) -> Field:
    """Put one more layer behind those that the field sees through.

    Parameters
    ----------
    field : Field
        Of a number of the layer's input.
    kernel_size, stride, padding, dilation
        Of the layer, along this axis, as in `output_size`.

    Returns
    -------
    Field
        Of a number of the layer's output.

    Raises
    ------
    ValueError, TypeError
        As `output_size`.

    Notes
    -----
    Chapter ``07-networks``. After Araujo, Norris and Sim (2019), Computing Receptive Fields of
    Convolutional Neural Networks, whose effective padding is ``-start``. Zeros that a layer
    pads count as numbers that would have seen what lies there.

    Examples
    --------
    >>> look_through(Field(size=7, stride=2, start=-3), kernel_size=3, stride=2, padding=1)
    Field(size=11, stride=4, start=-5)
    """
    before, _ = sides(padding, kernel_size, dilation)
    return Field(
        size=field.size + (reach(kernel_size, dilation) - 1) * field.stride,
        stride=field.stride * checks.integer("stride", stride),
        start=field.start - before * field.stride,
    )


def receptive_field(windows: Sequence[Any]) -> Field:
    """Say what a number sees through layers that lie one behind another.

    Parameters
    ----------
    windows : list of tuples
        ``(kernel_size, stride, padding, dilation)`` of each layer along one axis, the first
        layer first; what is left out at the end of a tuple is torch's default.

    Returns
    -------
    Field
        ``size`` is the receptive field, ``stride`` the effective stride and ``-start`` the
        effective padding.

    Raises
    ------
    ValueError, TypeError
        ``windows`` is no list of such tuples; or as `output_size`.

    Notes
    -----
    Chapter ``07-networks``.

    Examples
    --------
    >>> receptive_field([(7, 2, 3), (3, 2, 1)])
    Field(size=11, stride=4, start=-5)
    >>> receptive_field([(2, 1, 0, 2**i) for i in range(10)]).size
    1024
    """
    field = EYE
    for window in checks.windows_behind("windows", windows):
        field = look_through(field, *window)
    return field


def side_by_side(fields: Sequence[Field]) -> Field:
    """Span what paths that are joined see together.

    Parameters
    ----------
    fields : list of Field
        One for each path, all of one stride.

    Returns
    -------
    Field
        From the first pixel that any of them sees to the last.

    Raises
    ------
    ValueError
        There is no field, or their strides differ: their numbers do not lie on one grid.
    TypeError
        ``fields`` is no list of fields.

    Notes
    -----
    Chapter ``07-networks``.

    Examples
    --------
    >>> side_by_side([Field(size=1, stride=2, start=0), Field(size=3, stride=2, start=-1)])
    Field(size=3, stride=2, start=-1)
    """
    stride = checks.in_step("fields", fields)
    start = min(field.start for field in fields)
    stop = max(field.start + field.size for field in fields)
    return Field(size=stop - start, stride=stride, start=start)
