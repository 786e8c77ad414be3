"""Receptive fields along one axis, and the MACs of a convolution."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from convlib import arguments, core
from convlib.arguments import Padding, shown
from convlib.spec import normalise_window

Window = tuple[int, int, tuple[int, int], int]  # kernel_size, stride, padding, dilation


class Field(NamedTuple):
    """Receptive field: the pixels of the input that a number depends on, along one axis.

    The field of the number's neighbour is as large and begins ``step`` pixels further on.
    ``start`` is the first pixel of the field of number 0; below 0 it is padding.

    Behind an upsampling the fields of neighbours differ: then ``size`` is the largest, ``step``
    the average, a Fraction. Where there is no regular step, it is None.
    """

    size: int
    step: Any  # int, Fraction or None
    start: int

    def pixels(self, place: int) -> range:
        """Return the pixels in the field of number ``place``, those of the padding included.

        Raises
        ------
        ValueError
            The step is no int.

        Examples
        --------
        >>> Field(size=3, step=2, start=-1).pixels(1)
        range(1, 4)
        """
        if not isinstance(self.step, int):
            raise ValueError(f"step={self.step}: fields differ, see Row.pixels")
        first = self.start + place * self.step
        return range(first, first + self.size)


IDENTITY = Field(size=1, step=1, start=0)  # of a pixel of the input: itself


def through_layer(
    field: tuple[int, int, int],
    kernel_size: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
) -> Field:
    """Receptive field after one more layer.

    Parameters
    ----------
    field : Field, or tuple (size, step, start)
        Of a number of the layer's input.
    kernel_size, stride, padding, dilation
        Of the layer, along this axis, as in `output_size`.

    Returns
    -------
    Field
        Of a number of the layer's output.

    Raises
    ------
    ValueError
        An argument is out of bounds, or padding='same' is combined with a stride.
    TypeError
        An argument has an invalid type.

    Notes
    -----
    Chapter ``networks``. After Araujo, Norris and Sim (2019), Computing Receptive Fields of
    Convolutional Neural Networks, whose effective stride is ``step`` and whose effective
    padding is ``-start``. Padding counts as pixels of the field.

    Examples
    --------
    >>> through_layer(Field(size=7, step=2, start=-3), kernel_size=3, stride=2, padding=1)
    Field(size=11, step=4, start=-5)
    """
    window = normalise_window(kernel_size, stride, padding, dilation)
    return Field(*core.through_layer(_field("field", field), *window))


def receptive_field(windows: Sequence[Any]) -> Field:
    """Receptive field of layers in sequence.

    Parameters
    ----------
    windows : list of tuples
        ``(kernel_size, stride, padding, dilation)`` of each layer along one axis, the first
        layer first; what is left out at the end of a tuple is torch's default.

    Returns
    -------
    Field
        ``size`` is the receptive field, ``step`` the effective stride and ``-start`` the
        effective padding.

    Raises
    ------
    ValueError, TypeError
        ``windows`` is no list of such tuples; or as `networks.through_layer`.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> receptive_field([(7, 2, 3), (3, 2, 1)])
    Field(size=11, step=4, start=-5)
    >>> receptive_field([(2, 1, 0, 2**i) for i in range(10)]).size
    1024
    """
    field = IDENTITY
    for window in parse_windows(windows):
        field = Field(*core.through_layer(field, *window))
    return field


def parallel(fields: Sequence[tuple[int, int, int]]) -> Field:
    """Receptive field of parallel branches whose outputs are added or concatenated.

    Parameters
    ----------
    fields : list of Field, or of tuples (size, step, start)
        One for each branch, all with the same step.

    Returns
    -------
    Field
        From the first pixel of any of the fields to the last.

    Raises
    ------
    ValueError
        There is no field, a number is out of bounds, or the steps differ: the outputs do not
        lie on one grid.
    TypeError
        ``fields`` is no list of fields.

    Notes
    -----
    Chapter ``networks``.

    Examples
    --------
    >>> parallel([Field(size=1, step=2, start=0), Field(size=3, step=2, start=-1)])
    Field(size=3, step=2, start=-1)
    """
    if not isinstance(fields, list | tuple):
        raise TypeError(f"fields={shown(fields)} must be a list of fields")
    if not fields:
        raise ValueError(f"fields={fields!r} must contain at least one field")
    valid = [_field("fields", field) for field in fields]
    steps = dict.fromkeys(str(field.step) for field in valid)
    if len(steps) > 1:
        raise ValueError(f"fields of parallel branches must have one step, not {', '.join(steps)}")
    return Field(*core.parallel(valid))


def macs(weight_size: Sequence[int], output_size: int | Sequence[int]) -> int:
    """Multiply-adds (MACs) of a convolution for one image: each weight once at each place.

    Parameters
    ----------
    weight_size : tuple of int
        Shape of the weight, ``(C_out, C_in / groups, *kernel_size)``.
    output_size : tuple of int, or int for one axis
        Of the output, (H_out, W_out): an entry for each axis of the kernel, without batch and
        channels.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        A number is below 1, or ``output_size`` has not one entry for each axis of the kernel.
    TypeError
        An argument is no tuple of ints.

    Notes
    -----
    Chapter ``networks``. Of a transposed convolution each weight is used once for each
    place of its *input*: give the input's size.

    Examples
    --------
    >>> macs((64, 3, 7, 7), (112, 112))
    118013952
    """
    if not isinstance(weight_size, list | tuple):
        raise TypeError(f"weight_size={shown(weight_size)} must be a tuple of ints")
    if len(weight_size) < 3:
        raise ValueError(
            f"weight_size={shown(weight_size)} must be a shape (C_out, C_in / groups, *kernel_size)"
        )
    axes = len(weight_size) - 2
    if arguments.count_axes("output_size", output_size) != axes:
        expected = {1: "(W_out,)", 2: "(H_out, W_out)", 3: "(D_out, H_out, W_out)"}.get(axes, "")
        raise ValueError(
            f"output_size={shown(output_size)} must have {axes} entries {expected}".rstrip()
            + f", without batch and channels, for weight_size={shown(weight_size)}"
        )
    shape = arguments.integers("weight_size", weight_size, len(weight_size))
    return core.macs(shape, arguments.integers("output_size", output_size, axes))


def parse_windows(value: object) -> list[Window]:
    """Return validated (kernel_size, stride, padding, dilation) of layers in sequence."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"windows={shown(value)} must be a list of tuples")
    windows = []
    for number, window in enumerate(value):
        if not isinstance(window, list | tuple) or not 1 <= len(window) <= 4:
            raise ValueError(
                f"windows has an entry {shown(window)}, which must be a tuple "
                "(kernel_size, stride, padding, dilation); the last ones may be left out"
            )
        try:
            windows.append(normalise_window(*window, *(1, 1, 0, 1)[len(window) :]))
        except (ValueError, TypeError) as error:
            raise type(error)(f"windows[{number}]={shown(window)}: {error}") from None
    return windows


def _field(name: str, value: Any) -> Field:
    """Return a valid field; only its start may be below 0."""
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise TypeError(
            f"{name} must be {'a field' if name == 'field' else 'fields'}, (size, step, start), "
            f"not {shown(value)}"
        )
    size, step, start = value
    if not isinstance(start, int | np.integer) or isinstance(start, bool):
        raise TypeError(f"{name} has {shown(value)}, whose start must be an int")
    return Field(
        arguments.integer(name, size, container=value),
        arguments.integer(name, step, container=value),
        int(start),
    )
