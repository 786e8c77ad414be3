"""Layers explained in a terminal: ``python -m convlib LAYERS SIZE``."""

import argparse
import math
import re
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from convlib import core
from convlib.layer import Layer
from convlib.layers import ConvLayer
from convlib.networks import LayerError, Summary, onnx_summary, read, summary
from convlib.networks.pooling import AdaptivePool, Pool
from convlib.spec import Axis, Sizes

EXAMPLES = """\
examples:
  python -m convlib "Conv2d(3, 64, 7, stride=2, padding=3)" 3x224x224
  python -m convlib "Conv2d(1, 6, 5), ReLU(), MaxPool2d(2)" "Conv2d(6, 16, 5)" 1x28x28

a file is read with the package onnx, at the size that it tells, or at another one:
  python -m convlib model.onnx 3x224x224
"""
AXES = ("depth", "height", "width")
DIRECTIONS = ("deeper", "down", "to the right")
MARKS = {(True, True): "#", (True, False): "0", (False, True): ".", (False, False): ":"}
LEGEND = "# a tap on a pixel, 0 a tap on the padding, . a pixel, : padding"
LARGEST = 40  # pixels along an axis that fit a terminal

Place = tuple[bool, bool]  # whether a tap is there, and whether it is a pixel


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Print output shapes, costs and receptive fields of layers, and the window of a single one.

    Parameters
    ----------
    argv : list of str, optional
        Layers as for `convlib.networks.read`, then a size ``CxHxW``; or an ONNX file, and perhaps
        a size. By default ``sys.argv``.

    Returns
    -------
    int
        The exit code: 0, or 2 after an error, which is one line on stderr. If a layer fails, the
        table of those before it is printed first.

    Examples
    --------
    >>> main(["Conv1d(1, 1, 3, padding=(4, 0), dilation=2)", "1x6"])
           layer                                        output  parameters  MACs  field  step  start
    0      Conv1d(1, 1, 3, padding=(4, 0), dilation=2)  1 x 6            4    18      5     1     -4
    total                                               1 x 6            4    18      5     1     -4
    weights 16 bytes, activations 24 bytes
    <BLANKLINE>
    width: (4 + 6 + 0 - 2*(3 - 1) - 1) // 1 + 1 = 6
    reach 5 pixels, 3 taps
    <BLANKLINE>
    0 : 0 : # .
    <BLANKLINE>
    # a tap on a pixel, 0 a tap on the padding, . a pixel, : padding
    the next window lies 1 to the right
    0
    """
    parser = _Parser(
        prog="python -m convlib",
        usage="%(prog)s [-h] LAYERS [LAYERS ...] SIZE",
        description="Sizes, costs and receptive fields of layers, and the window of a single one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "layers", nargs="*", metavar="LAYERS", help="in torch's names, in one argument or several"
    )
    parser.add_argument("size", metavar="SIZE", help="of one image: CxHxW, also CxW or CxDxHxW")
    words = sys.argv[1:] if argv is None else list(argv)
    if not words:
        parser.print_help(sys.stderr)
        return 2
    try:
        options = parser.parse_args(words)
        print(_explained(options.layers, options.size))
    except (ValueError, TypeError, ImportError, OSError) as error:
        if isinstance(error, LayerError) and len(error.summary):
            print(error.summary)  # the layers before the one that fails
        print(error, file=sys.stderr)
        return 2
    except RecursionError:
        print("the layers are nested too deeply", file=sys.stderr)
        return 2
    return 0


def _explained(words: Sequence[str], size: str) -> str:
    file = next((word for word in (*words, size) if word.endswith(".onnx")), None)
    if file is not None:
        total = onnx_summary(file, None if file == size else _shape(size))
        return f"{total}\n\n{_field(total)}" if total.is_complete else str(total)
    shape = _shape(size)
    text = "\n".join(word.strip() for word in words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python, on backslashes in the text
        layers: Any = read(text)
    total = summary(layers, shape)
    while isinstance(layers, list) and len(layers) == 1:
        layers = layers[0]
    if isinstance(layers, ConvLayer | Pool | AdaptivePool):
        return f"{total}\n\n{_window(layers, shape)}"
    return f"{total}\n\n{_field(total)}"


def _shape(size: str) -> Sizes:
    try:
        return tuple(int(part) for part in re.split("[xX\N{MULTIPLICATION SIGN}]", size))
    except ValueError:
        raise ValueError(
            f"{size!r} is no size: the last argument is CxHxW, such as 3x224x224"
        ) from None


def _field(total: Summary) -> str:
    """Describe the receptive field of a number of the output."""
    if not total.fields:
        return "the input has no axes, and its numbers no receptive field"
    sees = f"a number of the output sees {_by(total.receptive_field)} pixels of the input"
    first = f"what the first one sees starts at pixel {_by(total.start, ', ')}"
    if total.is_bound or not all(isinstance(step, int) for step in total.effective_stride):
        return f"{sees} at most (its receptive field), and {first}"
    return (
        f"{sees} (its receptive field), its neighbour as many {_by(total.effective_stride)} "
        f"further on (the effective stride), and {first}"
    )


def _by(numbers: Sequence[int], sign: str = " x ") -> str:
    return sign.join(map(str, numbers))


def _window(layer: Layer, shape: Sizes) -> str:
    """Fill in the formula of the output size, and draw the first window."""
    cost = layer.cost(shape)
    names = AXES[1 - len(shape) :]
    axes = [axis for axis in cost.axes or () if isinstance(axis, Axis)]
    if not axes:  # a transposed convolution
        pairs = zip(names, shape[1:], cost.output[1:], strict=True)
        return "\n".join(
            f"{name}: {_transposed_size(layer, axis, size, count)}"
            for axis, (name, size, count) in enumerate(pairs)
        )
    sizes = [
        f"{name}: {_size(layer, axis, count)}"
        for name, axis, count in zip(names, axes, cost.output[1:], strict=True)
    ]
    reaches = [axis.reach for axis in axes]
    taps = math.prod(axis.kernel_size for axis in axes)
    ends = "s" * (math.prod(reaches) > 1), "s" * (taps > 1)
    spans = f"reach {_by(reaches)} pixel{ends[0]}, {taps} tap{ends[1]}"
    fits = max(reaches) <= LARGEST
    drawing = _drawing(axes) if fits else "too large to draw"
    return "\n".join([*sizes, spans, "", drawing, _next(axes, cost.output[1:])])


def _size(layer: Layer, axis: Axis, count: int) -> str:
    """Write the formula of the output size with its numbers."""
    if isinstance(layer, AdaptivePool) or getattr(layer, "ceil_mode", False):
        return f"{axis.size} -> {count}"
    padded = f"{axis.size} + 2*{axis.before}"
    if axis.before != axis.after:
        padded = f"{axis.before} + {axis.size} + {axis.after}"
    free = f"{padded} - {axis.dilation}*({axis.kernel_size} - 1) - 1"
    return f"({free}) // {axis.stride} + 1 = {count}"


def _transposed_size(layer: Any, axis: int, size: int, count: int) -> str:
    """Write the formula of a transposed convolution's output size with its numbers."""
    kernel_size, stride, dilation = (
        numbers[axis] for numbers in (layer.kernel_size, layer.stride, layer.dilation)
    )
    before, after = core.sides(layer.padding[axis], kernel_size)
    removed = f"2*{before}" if before == after else f"{before} - {after}"
    full = f"({size} - 1)*{stride} + {dilation}*({kernel_size} - 1) + 1"
    return f"{full} - {removed} + {layer.output_padding[axis]} = {count}"


def _drawing(axes: Sequence[Axis]) -> str:
    places = [_places(axis) for axis in axes]
    deep, rows, columns = [[(True, True)]] * (3 - len(places)) + places
    lines = [" ".join(_mark(deep[0], row, column) for column in columns) for row in rows]
    if len(places) == 3:
        lines += ["", "only the first plane of height and width is drawn"]
        lines[-1] += "" if deep[0][1] else ", which lies in the padding"
    return "\n".join([*lines, "", LEGEND])


def _places(axis: Axis) -> list[Place]:
    """List the positions of the padded input through the first window and one stride."""
    drawn = min(axis.reach + min(axis.stride, LARGEST), axis.padded)
    return [
        (
            place < axis.reach and place % axis.dilation == 0,
            axis.before <= place < axis.before + axis.size,
        )
        for place in range(drawn)
    ]


def _mark(*places: Place) -> str:
    return MARKS[all(tap for tap, _ in places), all(pixel for _, pixel in places)]


def _next(axes: Sequence[Axis], output: Sizes) -> str:
    directions = zip(axes, output, DIRECTIONS[-len(axes) :], strict=True)
    moves = [f"{axis.stride} {direction}" for axis, count, direction in directions if count > 1]
    if not moves:
        return "there is no other window"
    return f"the next window lies {' or '.join(reversed(moves))}"


if __name__ == "__main__":
    sys.exit(main())
