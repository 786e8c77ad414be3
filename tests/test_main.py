"""The command line: numbers compared with torch, complete drawings, every error."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from convlib.__main__ import main
from convlib.networks import read, summary

ROOT = Path(__file__).parents[1]
LEGEND = "# a tap on a pixel, 0 a tap on the padding, . a pixel, : padding"
STEM = "Conv2d(3, 64, 7, stride=2, padding=3)"


def output_of(capsys, *words):
    """Run the command and return what it prints after the table, which must be the summary's."""
    assert main(words) == 0
    out, err = capsys.readouterr()
    *layers, size = words
    shape = tuple(map(int, size.lower().split("x")))
    table = f"{summary(read(chr(10).join(map(str.strip, layers))), shape)}\n\n"
    assert err == ""
    assert out.startswith(table)
    return out.removeprefix(table)


def test_the_command_explains_the_layer_of_its_help():
    command = [sys.executable, "-m", "convlib", STEM, "3x224x224"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(str(summary(read(STEM), (3, 224, 224))))
    assert "height: (224 + 2*3 - 1*(7 - 1) - 1) // 2 + 1 = 112\nwidth: (224" in done.stdout
    assert "\nreach 7 x 7 pixels, 49 taps\n" in done.stdout
    assert done.stdout.endswith(f"{LEGEND}\nthe next window lies 2 to the right or 2 down\n")


def test_the_command_reports_an_error_in_one_sentence():
    command = [sys.executable, "-m", "convlib", r"Conv2d(1, 1, '\d')", "1x5x5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "kernel_size=" in done.stderr


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (STEM, "3x224x224"),
        ("Conv2d(4, 8, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 3))", "4x9x11"),
        ("Conv2d(4, 4, 3, padding='valid', stride=2)", "4x6x9"),
        ("Conv2d(4, 4, 4, padding='same', dilation=2)", "4x6x9"),
        ("Conv2d(4, 4, (4, 3), padding='same')", "4x6x9"),
        ("Conv1d(2, 6, 3, stride=2, padding=1, dilation=2)", "2x17"),
        ("Conv3d(2, 4, (1, 2, 3), padding=(0, 1, 1))", "2x4x5x6"),
        ("MaxPool2d(3, 2, 1)", "3x8x9"),
        ("MaxPool1d(3, 2, ceil_mode=True)", "3x8"),
        ("AvgPool2d(2)", "3x7x9"),
        ("AdaptiveAvgPool2d((2, None))", "3x8x9"),
        ("ConvTranspose2d(3, 4, (3, 2), stride=(1, 3), padding=(2, 1), dilation=(3, 1))", "3x8x9"),
        ("ConvTranspose1d(3, 4, 4, stride=3, output_padding=2)", "3x8"),
        ("ConvTranspose3d(3, 4, 2, padding=1)", "3x4x3x2"),
    ],
)
def test_sizes_are_torch_s_and_so_are_the_formulas(text, size, capsys):
    lines = output_of(capsys, text, size).splitlines()
    shape = tuple(map(int, size.split("x")))
    output = eval(text, vars(nn).copy())(torch.ones(1, *shape)).shape[2:]
    formulas = [line.split(": ")[1] for line in lines[: len(output)]]
    names = [line.split(": ")[0] for line in lines[: len(output)]]
    assert names == ["depth", "height", "width"][-len(output) :]
    bare = any(word in text for word in ("ceil_mode", "Adaptive"))
    for before, formula, after in zip(shape[1:], formulas, output, strict=True):
        left, sign, right = re.split(" (=|->) ", formula)
        assert (sign, int(right)) == ("->" if bare else "=", after)
        assert eval(left) == (before if bare else after)


def test_the_formula_is_filled_in_by_axis(capsys):
    text = "Conv2d(1, 1, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 3))"
    assert output_of(capsys, text, "1x9x11").splitlines()[:3] == [
        "height: (9 + 2*1 - 1*(3 - 1) - 1) // 2 + 1 = 5",
        "width: (11 + 2*2 - 3*(2 - 1) - 1) // 1 + 1 = 12",
        "reach 3 x 4 pixels, 6 taps",
    ]


def test_the_formula_has_both_sides_where_they_differ(capsys):
    text = "Conv2d(1, 1, 2, stride=2, padding=((1, 0), (2, 2)))"
    assert output_of(capsys, text, "1x4x5").splitlines()[:2] == [
        "height: (1 + 4 + 0 - 1*(2 - 1) - 1) // 2 + 1 = 2",
        "width: (5 + 2*2 - 1*(2 - 1) - 1) // 2 + 1 = 4",
    ]
    text = "ConvTranspose1d(1, 1, 4, stride=2, padding=(0, 2))"  # causal
    assert output_of(capsys, text, "1x6") == "width: (6 - 1)*2 + 1*(4 - 1) + 1 - 0 - 2 + 0 = 12\n"


def test_after_a_transposed_convolution_the_largest_field_is_given(capsys):
    answer = output_of(capsys, "Conv2d(3, 8, 3)", "ConvTranspose2d(8, 1, 3, stride=2)", "3x8x8")
    assert answer == (
        "a number of the output sees 4 x 4 pixels of the input at most (its receptive field), and "
        "what the first one sees starts at pixel -1, -1\n"
    )
    assert main(["ConvTranspose2d(3, 1, 2, stride=2)", "3x2x2"]) == 0
    row = capsys.readouterr().out.splitlines()[1].split()
    assert row[-10:] == ["1", "x", "4", "x", "4", "13", "48", "1", "1/2", "0"]


def test_what_people_ask_about_is_answered(capsys):
    dcgan = (
        "ConvTranspose2d(100, 512, 4, 1, 0, bias=False), BatchNorm2d(512), ReLU(), "
        "ConvTranspose2d(512, 256, 4, 2, 1, bias=False), Tanh()"
    )
    assert main([dcgan, "100x1x1"]) == 0
    total = capsys.readouterr().out.splitlines()[6].split()
    assert total[1:8] == ["256", "x", "8", "x", "8", "2,917,376", "34,373,632"]
    assert main(["MaxPool3d(3, padding=1, ceil_mode=True)", "2x3x6x5"]) == 0
    assert "  2 x 2 x 3 x 2  " in capsys.readouterr().out
    assert main(["Linear(4096, 10)", "4096"]) == 0
    assert "the input has no axes" in capsys.readouterr().out


def test_the_layers_before_one_that_fails_are_printed(capsys):
    assert main(["Conv2d(3, 8, 3), ReLU(), Conv2d(4, 8, 3)", "3x8x8"]) == 2
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["layer", "0", "1", "total", "weights"]
    assert err.startswith("layer 2, Conv2d(4, 8, 3): in_channels=4, but its input has 8 channels")
    assert err.count("\n") == 1


def drawn(capsys, text, size):
    """Return the drawing, which is between the reach and the legend, and the last line."""
    _, drawing, rest = output_of(capsys, text, size).split("\n\n")
    legend, onwards = rest.splitlines()
    assert legend == LEGEND
    return drawing, onwards


def test_the_first_window_is_drawn(capsys):
    assert drawn(capsys, "MaxPool2d(2)", "1x5x3") == (
        "# # .\n# # .\n. . .\n. . .",
        "the next window lies 2 down",
    )


def test_padding_and_dilation_are_drawn(capsys):
    text = "Conv2d(1, 1, (2, 3), stride=(1, 3), padding=(1, 2), dilation=2)"
    assert drawn(capsys, text, "1x4x6") == (
        """\
0 : 0 : 0 : : :
: : . . . . . .
0 : # . # . . .
: : . . . . . .""",
        "the next window lies 3 to the right or 1 down",
    )


def test_padding_before_and_after_is_drawn(capsys):
    text = "Conv1d(1, 1, 3, padding=(2, 0))"
    assert drawn(capsys, text, "1x8") == ("0 0 # .", "the next window lies 1 to the right")
    text = "Conv2d(1, 1, 2, stride=3, padding=((0, 2), (1, 0)))"
    assert drawn(capsys, text, "1x3x4") == (
        """\
0 # . . .
0 # . . .
: . . . .
: : : : :
: : : : :""",
        "the next window lies 3 to the right or 3 down",
    )


def test_same_padding_is_drawn_with_its_extra_column_after(capsys):
    text = "Conv1d(1, 1, 4, padding='same')"
    assert drawn(capsys, text, "1x5") == ("0 # # # .", "the next window lies 1 to the right")
    assert drawn(capsys, text, "1x2")[0] == "0 # # 0 :"


def test_a_row_and_a_plane_are_drawn_of_other_axes(capsys):
    assert drawn(capsys, "Conv1d(1, 1, 3, stride=2, padding=1)", "1x9") == (
        "0 # # . .",
        "the next window lies 2 to the right",
    )
    *_, drawing, note, rest = output_of(capsys, "Conv3d(1, 1, 2, stride=3)", "1x5x5x5").split(
        "\n\n"
    )
    assert drawing == "# # . . .\n" * 2 + ". . . . .\n" * 2 + ". . . . ."
    assert note == "only the first plane of height and width is drawn"
    assert rest.endswith("the next window lies 3 to the right or 3 down or 3 deeper\n")
    *_, drawing, note, _ = output_of(capsys, "Conv3d(1, 1, 1, padding=1)", "1x5x5x5").split("\n\n")
    assert drawing == "0 :\n: :"
    assert note.endswith("is drawn, which lies in the padding")


def test_a_single_window_has_no_next_one(capsys):
    drawing, onwards = drawn(capsys, "AdaptiveAvgPool2d(1)", "3x2x3")
    assert (drawing, onwards) == ("# # #\n# # #", "there is no other window")


def test_one_pixel_and_one_tap_are_singular(capsys):
    assert "\nreach 1 x 1 pixel, 1 tap\n" in output_of(capsys, "Conv2d(3, 8, 1)", "3x4x4")
    assert "\nreach 3 pixels, 2 taps\n" in output_of(capsys, "Conv1d(3, 8, 2, dilation=2)", "3x4")


@pytest.mark.parametrize("reach", [40, 41])
def test_a_reach_above_40_is_not_drawn(reach, capsys):
    answer = output_of(capsys, f"Conv1d(1, 1, {reach}, stride=2)", "1x50")
    assert ("too large to draw" in answer, "# # #" in answer) == (reach > 40, reach <= 40)
    assert f"reach {reach} pixels" in answer
    assert (LEGEND in answer) == (reach <= 40)
    assert "the next window lies 2 to the right" in answer


def test_a_long_stride_is_not_drawn_to_its_end(capsys):
    drawing, onwards = drawn(capsys, "Conv1d(1, 1, 1, stride=99)", "1x200")
    assert drawing == "# " + " ".join("." * 40)
    assert onwards == "the next window lies 99 to the right"


def test_several_layers_describe_the_receptive_field(capsys):
    sentence = (
        "a number of the output sees 6 x 5 pixels of the input (its receptive field), its "
        "neighbour as many 2 x 1 further on (the effective stride), and what the first one sees "
        "starts at pixel -1, 0\n"
    )
    layers = "Conv2d(1, 6, 5, padding=(1, 0))", "ReLU()", "MaxPool2d((2, 1))"
    assert output_of(capsys, *layers, "1x28x28") == sentence
    assert output_of(capsys, ", ".join(layers), "1x28x28") == sentence
    assert output_of(capsys, layers[0], " " + "\n".join(layers[1:]), "1x28x28") == sentence


def test_a_layer_without_a_kernel_describes_the_receptive_field(capsys):
    assert output_of(capsys, "Flatten()", "3x4x5").startswith(
        "a number of the output sees 4 x 5 pix"
    )


def test_a_single_layer_in_a_block_is_drawn(capsys):
    assert "# #" in output_of(capsys, "Sequential(MaxPool2d(2))", "3x4x4")


@pytest.mark.parametrize("sign", ["x", "X", "\N{MULTIPLICATION SIGN}"])
def test_a_size_is_written_with_any_sign(sign, capsys):
    assert main(["MaxPool2d(2)", sign.join("345")]) == 0
    assert "  3 x 2 x 2  " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["Conv2d(3, 8, 9)", "3x8x8"], r"layer 0, .*spans 9 pixels, more than the input has: 8"),
        (["Conv2d(3, 8, 3)", "3x8"], r"layer 0, .*\(C, H, W\) is needed"),
        (["Conv2d(3, 8)", "3x8x8"], r"layer 0, Conv2d\(3, 8\): missing .*'kernel_size'"),
        (["Conv2D(3, 8, 3)", "3x8x8"], r"layer 0, .*: Conv2D is not known; did you mean Conv2d"),
        (["Conv2d(3,", "3x8x8"], r"text 'Conv2d\(3,' is no list of layers: "),
        ([r"Conv2d(1, 1, '\d')", "1x5x5"], r"layer 0, .*kernel_size='.*' must be an int, not str"),
        (["3x8x8"], r"text '' has no layer in it"),
        (["", "3x8x8"], r"text '' has no layer in it"),
        (["ReLU()", "3x8y8"], r"'3x8y8' is no size: the last argument is CxHxW, such as 3x224"),
        (["ReLU()", "3x8x"], r"'3x8x' is no size"),
        (["ReLU()", ""], r"'' is no size"),
        (["Conv2d(3, 8, 3)"], r"'Conv2d\(3, 8, 3\)' is no size: the last argument is CxHxW"),
        (["ReLU()", "Tanh()"], r"'Tanh\(\)' is no size"),
        (["ReLU()", "1x2x3x4x5"], r"input_size=\(1, 2, 3, 4, 5\) must be the shape"),
        (["ReLU()", "3x0x8"], r"size=\(3, 0, 8\) must be at least 1"),
        (["ReLU()", "3x-8"], r"size=\(3, -8\) must be at least 1"),
        (["ReLU()", "3x" + "9" * 5000], r"'3x9+' is no size"),
        (["ReLU()", "-3x8"], r"unrecognized arguments: -3x8"),
        (["--layers", "ReLU()", "3x8"], r"unrecognized arguments: --layers"),
        (["--layers"], r"the following arguments are required: SIZE"),
        (["(" * 500, "3x8"], r"text .* is no list of layers"),
        (["Conv2d" + ".a" * 900 + "()", "3x8"], r"the layers are nested too deeply"),
    ],
)
def test_an_error_is_reported_in_one_sentence(words, sentence, capsys):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(f"{sentence}.*\n", err)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "Conv2d(3, 8, __import__('os').system('x'))",
        "Conv2d(3, 8, kernel_size=open('x', 'w'))",
        "ReLU(), exec('raise SystemExit')",
        "import os",
        "[ReLU() for _ in iter(int, 1)]",
        "(lambda: 1)()",
        "print(1)",
    ],
)
def test_text_is_never_evaluated(text, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.system", lambda command: pytest.fail("it was run"))
    assert main([text, "3x8x8"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), list(tmp_path.iterdir())) == ("", 1, [])


def test_help_has_two_examples_that_run(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("usage: python -m convlib [-h] LAYERS [LAYERS ...] SIZE\n")
    examples = re.findall(r"^  python -m convlib (\".*) (\S+)$", out, re.MULTILINE)
    assert len(examples) == 2
    for layers, size in examples:
        output_of(capsys, *re.findall(r'"(.*?)"', layers), size)


def test_no_arguments_print_the_help(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["convlib"])
    assert main() == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: python -m convlib")
    assert "examples:\n" in err
