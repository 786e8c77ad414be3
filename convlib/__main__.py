"""Layers explained in a terminal: ``python -m convlib LAYERS SIZE``."""

import argparse
import math
import re
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from convlib.geometry import reach
from convlib.networks import Layer, Summary, read, summary
from convlib.networks.layers import Shape, Step, Window

EXAMPLES = """\
examples:
  python -m convlib "Conv2d(3, 64, 7, stride=2, padding=3)" 3x224x224
  python -m convlib "Conv2d(1, 6, 5), ReLU(), MaxPool2d(2)" "Conv2d(6, 16, 5)" 1x28x28
"""
AXES = ("depth", "height", "width")
ONWARDS = ("deeper", "down", "to the right")
MARKS = {(True, True): "#", (True, False): "0", (False, True): ".", (False, False): ":"}
LEGEND = "# a tap on a pixel, 0 a tap on the padding, . a pixel, : padding"
LARGEST = 40  # pixels along an axis that fit a terminal

Place = tuple[bool, bool]  # whether a tap lies there, and whether it is a pixel


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Print what layers make of an image.

    Parameters
    ----------
    argv : list of str, optional
        Layers as for `convlib.networks.read`, then a size ``CxHxW``; by default what was typed.

    Returns
    -------
    int
        The exit code: 0, or 2 after a refusal, which is one sentence on stderr.

    Examples
    --------
    >>> main(["Conv1d(1, 1, 3, padding=2, dilation=2)", "1x6"])
           layer                                   output  parameters  MACs  field  stride  start
    0      Conv1d(1, 1, 3, padding=2, dilation=2)  1 x 6            4    18      5       1     -2
    total                                          1 x 6            4    18      5       1     -2
    weights 16 bytes, activations 24 bytes
    <BLANKLINE>
    width: (6 + 2*2 - 2*(3 - 1) - 1) // 1 + 1 = 6
    reach 5 pixels, 3 taps
    <BLANKLINE>
    0 : # . # .
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
        given = parser.parse_args(words)
        print(_explained("\n".join(text.strip() for text in given.layers), given.size))
    except (ValueError, TypeError) as error:
        print(error, file=sys.stderr)
        return 2
    except RecursionError:
        print("the layers are nested too deeply", file=sys.stderr)
        return 2
    return 0


def _explained(text: str, size: str) -> str:
    shape = _shape(size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python, on backslashes in the text
        layers: Any = read(text)
    total = summary(layers, shape)
    while isinstance(layers, list) and len(layers) == 1:
        layers = layers[0]
    kind = type(layers).__name__
    one = isinstance(layers, Layer) and ("Conv" in kind or "Pool" in kind)
    return f"{total}\n\n{_window(layers, shape) if one else _field(total)}"


def _shape(size: str) -> Shape:
    try:
        return tuple(int(part) for part in re.split("[xX\N{MULTIPLICATION SIGN}]", size))
    except ValueError:
        raise ValueError(
            f"{size!r} is no size: the last argument is CxHxW, such as 3x224x224"
        ) from None


def _field(total: Summary) -> str:
    """Say what a number of the output sees."""
    return (
        f"a number of the output sees {_by(total.receptive_field)} pixels of the input (its "
        f"receptive field), its neighbour as many {_by(total.effective_stride)} further on (the "
        f"effective stride), and what the first one sees starts at pixel {_by(total.start, ', ')}"
    )


def _by(numbers: Sequence[int], sign: str = " x ") -> str:
    return sign.join(map(str, numbers))


def _window(layer: Layer, shape: Shape) -> str:
    """Fill in the formula of the size, and draw the first window."""
    step = layer.step(shape)
    sizes = [
        f"{name}: {_size(layer, size, window, count)}"
        for name, size, window, count in zip(
            AXES[-len(step.windows) :], shape[1:], step.windows, step.output[1:], strict=True
        )
    ]
    reaches = [reach(kernel_size, dilation) for kernel_size, _, _, dilation in step.windows]
    taps = math.prod(kernel_size for kernel_size, _, _, _ in step.windows)
    ends = "s" * (math.prod(reaches) > 1), "s" * (taps > 1)
    spans = f"reach {_by(reaches)} pixel{ends[0]}, {taps} tap{ends[1]}"
    fits = max(reaches) <= LARGEST
    drawing = _drawing(layer, shape, step) if fits else "too large to draw"
    return "\n".join([*sizes, spans, "", drawing, _next(step)])


def _size(layer: Any, size: int, window: Window, count: int) -> str:
    kernel_size, stride, padding, dilation = window
    asked = not hasattr(layer, "kernel_size")  # an adaptive pool's output_size is what comes out
    if asked or layer.padding == "same" or getattr(layer, "ceil_mode", False):
        return f"{size} -> {count}"
    spare = f"{size} + 2*{padding} - {dilation}*({kernel_size} - 1) - 1"
    return f"({spare}) // {stride} + 1 = {count}"


def _drawing(layer: Layer, shape: Shape, step: Step) -> str:
    same = getattr(layer, "padding", 0) == "same"
    places = [
        _places(size, *window, same) for size, window in zip(shape[1:], step.windows, strict=True)
    ]
    deep, rows, columns = [[(True, True)]] * (3 - len(places)) + places
    lines = [" ".join(_mark(deep[0], row, column) for column in columns) for row in rows]
    if len(places) == 3:
        lines += ["", "only the first plane of height and width is drawn"]
        lines[-1] += "" if deep[0][1] else ", which lies in the padding"
    return "\n".join([*lines, "", LEGEND])


def _places(
    size: int, kernel_size: int, stride: int, before: int, dilation: int, same: bool
) -> list[Place]:
    """Go along an axis of the padded input, as far as the first window and one stride."""
    spanned = reach(kernel_size, dilation)
    after = spanned - 1 - before if same else before
    drawn = min(spanned + min(stride, LARGEST), before + size + after)
    return [
        (place < spanned and place % dilation == 0, before <= place < before + size)
        for place in range(drawn)
    ]


def _mark(*places: Place) -> str:
    return MARKS[all(tap for tap, _ in places), all(pixel for _, pixel in places)]


def _next(step: Step) -> str:
    onwards = zip(step.windows, step.output[1:], ONWARDS[-len(step.windows) :], strict=True)
    moves = [f"{stride} {way}" for (_, stride, _, _), count, way in onwards if count > 1]
    if not moves:
        return "there is no other window"
    return f"the next window lies {' or '.join(reversed(moves))}"


if __name__ == "__main__":
    sys.exit(main())
