"""What a diagram contains: how many cells, which are coloured, which numbers."""

import pickle
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from processes import printed_by

import convlib
from convlib import arguments, connectivity, coverage, diagrams
from convlib.diagrams import GREY, INPUT, KERNEL, OUTPUT
from convlib.diagrams.parts import MOST_ARTISTS
from convlib.networks import Conv2d, MaxPool2d, summary


@pytest.fixture(autouse=True)
def close():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def cells(colour):
    """Find the corners of the cells of a colour on the current Axes, row by row."""
    corners = [patch.get_xy() for patch in plt.gca().patches if to_hex(patch.get_fc()) == colour]
    return sorted((round(float(y), 3), round(float(x), 3)) for x, y in corners)


def read_padding():
    """Find the new pixels under a window, each by the corner of its cell."""
    return [(round(y), round(x)) for y, x in cells(INPUT.middle)]


def outlined():
    return [patch for patch in plt.gca().patches if patch.get_fc()[3] == 0]


def texts():
    return [text.get_text() for text in plt.gca().texts]


def test_a_grid_has_a_numbered_cell_for_each_entry_and_marks_some():
    diagrams.draw_grid(np.arange(6).reshape(2, 3), np.eye(2, 3, dtype=bool), title="six")
    assert cells(INPUT.strong) == [(0, 0), (1, 1)]
    assert len(cells(INPUT.pale)) == 4
    assert texts() == ["0", "1", "2", "3", "4", "5", "six"]


def test_a_step_marks_the_window_and_its_output():
    diagrams.draw_step(np.arange(25).reshape(5, 5), np.ones((2, 2), dtype=int), (1, 0), stride=2)
    assert cells(INPUT.strong) == [(2, 0), (2, 1), (3, 0), (3, 1)]
    assert len(cells(INPUT.pale)) == 21
    assert len(cells(KERNEL.pale)) == 4
    assert len(cells(OUTPUT.strong)) == 1
    assert [text for text in texts() if text in {"12", "20", "52", "60"}][-4:] == [
        "12",
        "20",
        "52",
        "60",
    ]


def test_a_step_can_leave_the_other_outputs_to_the_reader():
    diagrams.draw_step(np.arange(9).reshape(3, 3), np.ones((2, 2), dtype=int), (0, 1), only=True)
    assert texts().count("12") == 1
    assert not {"8", "20", "24"} & set(texts()[-3:])
    assert len(cells(OUTPUT.pale)) == 3


def test_a_step_shows_padding_as_outlines_and_dilation_as_gaps():
    image, kernel = np.arange(15).reshape(3, 5), np.ones((2, 2), dtype=int)
    diagrams.draw_step(image, kernel, (0, 0), padding=(1, 0), dilation=(2, 3))
    assert cells(INPUT.strong) == [(2, 0), (2, 3)]
    assert read_padding() == [(0, 0), (0, 3)]
    styles = {patch.get_linestyle() for patch in plt.gca().patches}
    assert len(styles) == 3  # dotted, dashed under the window, and solid
    assert len(outlined()) == 2 * 5 - 2


def test_a_step_stacks_channels_and_adds_them():
    image, kernel = np.ones((3, 4, 4), dtype=int), np.ones((3, 2, 2), dtype=int)
    diagrams.draw_step(image, kernel, at=(2, 1))
    assert len(cells(INPUT.strong)) == 3 * 4
    assert texts().count("12") == 9
    assert texts().count("+") == 2
    assert {"input 0", "input 2", "weight 1"} <= set(texts())


GRADIENT, WEIGHT = np.array([[1, 10], [100, 1000]]), np.array([[1, 2], [3, 4]])


def test_a_step_back_shows_what_one_number_sends_to_its_window():
    diagrams.draw_step_back(GRADIENT, WEIGHT, size=5, at=(1, 0), stride=2, only=True)
    assert cells(OUTPUT.strong) == [(2.5, 0)]
    assert cells(INPUT.strong) == [(2, 6), (2, 7), (3, 6), (3, 7)]
    assert len(cells(INPUT.pale)) == 21
    assert texts()[-7:-3] == ["100", "200", "300", "400"]


def test_a_step_back_adds_up_and_cuts_the_padding_off():
    diagrams.draw_step_back(GRADIENT, WEIGHT, 4, (0, 1), stride=2, padding=1, dilation=2)
    assert len(cells(INPUT.strong)) == 2
    assert len(cells(KERNEL.pale)) == 4
    assert len(read_padding()) == 2
    assert len(outlined()) == 36 - 16 - 2
    assert "1234" in texts()
    with pytest.raises(ValueError, match=r"at=\(2, 0\) is outside"):
        diagrams.draw_step_back(GRADIENT, WEIGHT, 5, (2, 0), stride=2)
    with pytest.raises(ValueError, match="grad_output of shape"):
        diagrams.draw_step_back(GRADIENT, WEIGHT, 6, stride=1)


def test_a_transposed_step_shows_the_copy_of_one_pixel():
    diagrams.draw_step_transposed(GRADIENT, WEIGHT, at=(1, 0), stride=2, only=True)
    assert cells(INPUT.strong) == [(2, 0)]
    assert cells(OUTPUT.strong) == [(2, 6), (2, 7), (3, 6), (3, 7)]
    assert len(cells(OUTPUT.pale)) == 16 - 4
    assert texts()[-7:] == ["100", "200", "300", "400", "output", "*", "="]


def test_a_transposed_step_adds_up_and_outlines_what_the_padding_removes():
    diagrams.draw_step_transposed(GRADIENT, WEIGHT, (0, 1), padding=(1, 0), dilation=2)
    size = convlib.conv_transpose2d(GRADIENT[None], WEIGHT[None, None], padding=(1, 0), dilation=2)
    assert size.shape == (1, 2, 4)
    assert len(outlined()) + len(cells(OUTPUT.middle)) == 2 * 4
    assert len(cells(OUTPUT.strong)) + len(cells(OUTPUT.pale)) == 2 * 4
    diagrams.draw_step_transposed(GRADIENT, WEIGHT)
    assert "1234" in texts()
    with pytest.raises(ValueError, match=r"at=\(2, 0\) is outside of the input"):
        diagrams.draw_step_transposed(GRADIENT, WEIGHT, (2, 0))
    with pytest.raises(ValueError, match="padding=3 removes more than there is"):
        diagrams.draw_step_transposed(GRADIENT, WEIGHT, padding=3)


@pytest.mark.parametrize(
    ("size", "kernel_size", "stride", "copies"), [(5, 2, 2, 4), ((4, 6), (3, 2), (1, 4), 4)]
)
def test_positions_copy_the_input_once_for_each_window(size, kernel_size, stride, copies):
    diagrams.draw_positions(size, kernel_size, stride)
    height, width = (size, size) if isinstance(size, int) else size
    taps = kernel_size**2 if isinstance(kernel_size, int) else np.prod(kernel_size)
    assert len(cells(INPUT.strong)) == copies * taps
    assert len(cells(INPUT.pale)) == copies * (height * width - taps)
    assert len(texts()) == copies


def test_a_row_shows_what_fits_and_what_does_not():
    diagrams.draw_row(8, kernel_size=3, stride=3)
    assert cells(INPUT.strong) == [(0, x) for x in range(6)]
    assert cells(INPUT.pale) == [(0, 6), (0, 7)]
    assert len(cells(KERNEL.strong)) == 6
    assert len(outlined()) == 3
    assert texts()[-3:] == ["window 0", "window 1", "does not fit"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: diagrams.draw_row((7,), 3),
        lambda: diagrams.draw_row(7, (3,)),
        lambda: diagrams.draw_grid(np.eye(2), [[True]]),
        lambda: diagrams.draw_grid(np.array([["a"]])),
        lambda: diagrams.draw_images([], []),
        lambda: diagrams.draw_positions(range(5), 3),
        lambda: diagrams.draw_positions(5, 3, ax=plt),
        lambda: diagrams.draw_step(np.eye(3) * 1j, np.eye(2) * 1j),
        lambda: diagrams.draw_step(np.eye(3), np.eye(2), only=1),
        lambda: diagrams.draw_step(np.eye(3), np.eye(2, dtype="float32")),
        lambda: diagrams.draw_step_back(np.eye(2) * 1j, np.eye(2) * 1j, 3),
        lambda: diagrams.draw_modes(np.arange(4), "same"),
        lambda: diagrams.draw_modes([1, 2, 3], 1),
        lambda: diagrams.draw_counts(np.eye(3), scale="1"),
        lambda: diagrams.draw_connectivity(4, 4, (1, 2.0)),
        lambda: diagrams.draw_fields([Conv2d(1, 1, 3)]),
        lambda: diagrams.draw_costs(3),
    ],
)
def test_an_argument_of_an_invalid_type_raises(call):
    with pytest.raises(TypeError, match=r"must be|real numbers"):
        call()
    assert not plt.get_fignums()


def test_positions_show_the_padding_as_outlines():
    diagrams.draw_positions((2, 3), kernel_size=2, stride=2, padding=(0, 1))
    assert len(read_padding()) == 2  # taps of window 0 on the frame
    assert len(outlined()) == 2 * 4 - 2
    assert len(cells(INPUT.strong)) == 2 + 4


def test_counts_may_all_be_zero_and_numbers_may_be_long():
    diagrams.draw_counts(np.zeros((1, 2), dtype=int))
    assert len(outlined()) == 2
    diagrams.draw_grid(np.array([[1_000_001, -0.5]]))
    assert texts()[:2] == ["1000001", "-0.5"]


def test_images_keep_their_shape():
    diagrams.draw_images([np.zeros((3, 9)), np.zeros((9, 3))], ["wide", "high"])
    spans = [image.get_extent() for image in plt.gca().images]
    assert [round((x1 - x0) / (y0 - y1), 3) for x0, x1, y0, y1 in spans] == [3.0, 0.333]


def test_a_row_shows_a_kernel_that_overhangs():
    diagrams.draw_row(8, kernel_size=3, dilation=4)
    assert not cells(INPUT.strong)
    assert [box.get_x() for box in outlined()] == pytest.approx([0.1, 4.1, 8.1])
    assert texts()[-1] == "does not fit"


def test_a_row_begins_in_the_padding():
    diagrams.draw_row(5, kernel_size=3, stride=2, padding=1, dilation=2)
    assert sorted(patch.get_x() for patch in outlined())[:1] == [-1]
    assert texts()[:5] == ["0", "1", "2", "3", "4"]
    assert len(cells(INPUT.pale)) + len(cells(INPUT.strong)) == 5
    assert cells(KERNEL.strong)[0] == (1.3, -0.9)


@pytest.mark.parametrize("layer", [(5, 2, 1), (5, 2, 2), ((7, 10), (2, 3), (3, 4))])
def test_a_coverage_map_shows_the_counts_and_hatches_what_is_never_read(layer):
    diagrams.draw_coverage(*layer, title="coverage")
    size = layer[0] if isinstance(layer[0], tuple) else (layer[0],) * 2
    counts = coverage(size, *layer[1:])
    assert texts() == [f"{count}" for count in counts.ravel() if count] + ["coverage"]
    hatched = [patch for patch in outlined() if patch.get_hatch()]
    assert len(hatched) == (counts == 0).sum()


def test_modes_are_four_strips_with_the_new_pixels_as_outlines():
    diagrams.draw_modes(np.array([1, 2, 3, 4]), 2)
    assert [text for text in texts() if text.isalpha()] == [
        "zeros",
        "reflect",
        "replicate",
        "circular",
    ]
    assert "".join(text for text in texts() if text.isdigit()) == "00123400321234321112344434123412"
    assert len(cells(INPUT.pale)) == 16
    assert len(outlined()) == 16


@pytest.mark.parametrize("groups", [1, 2, (1, 2, 6)])
def test_connectivity_has_a_dark_cell_for_each_pair_of_connected_channels(groups):
    diagrams.draw_connectivity(6, 12, groups)
    several = groups if isinstance(groups, tuple) else (groups,)
    assert len(cells(KERNEL.strong)) == sum(6 * 12 // parts for parts in several)
    assert len(cells(KERNEL.strong)) + len(outlined()) == 6 * 12 * len(several)
    assert [f"groups={parts}" for parts in several] == [t for t in texts() if "=" in t]


def test_images_are_side_by_side_under_their_titles():
    diagrams.draw_images([np.eye(3), np.eye(4)], ["three", "four"])
    assert [image.get_array().shape for image in plt.gca().images] == [(3, 3), (4, 4)]
    assert texts() == ["three", "four"]


CALLS = {
    "draw_grid": lambda **ax: diagrams.draw_grid(np.eye(2), **ax),
    "draw_step": lambda **ax: diagrams.draw_step(np.eye(3), np.eye(2), **ax),
    "draw_step_back": lambda **ax: diagrams.draw_step_back(np.eye(2), np.eye(2), 3, **ax),
    "draw_step_transposed": lambda **ax: diagrams.draw_step_transposed(np.eye(2), np.eye(2), **ax),
    "draw_positions": lambda **ax: diagrams.draw_positions(3, 2, **ax),
    "draw_row": lambda **ax: diagrams.draw_row(3, 2, **ax),
    "draw_coverage": lambda **ax: diagrams.draw_coverage(3, 2, **ax),
    "draw_counts": lambda **ax: diagrams.draw_counts(np.eye(2, dtype=int), **ax),
    "draw_modes": lambda **ax: diagrams.draw_modes(np.arange(3), 2, **ax),
    "draw_connectivity": lambda **ax: diagrams.draw_connectivity(4, 4, (1, 2), **ax),
    "draw_stack": lambda **ax: diagrams.draw_stack(5, [(3, 1), (2, 1)], **ax),
    "draw_chain": lambda **ax: diagrams.draw_chain([np.eye(2)] * 2, ["one", "two"], **ax),
    "draw_fields": lambda **ax: diagrams.draw_fields(summary([MaxPool2d(2)], (1, 4, 4)), **ax),
    "draw_costs": lambda **ax: diagrams.draw_costs(summary([Conv2d(1, 1, 1)], (1, 4, 4)), **ax),
    "draw_images": lambda **ax: diagrams.draw_images([np.eye(2)], ["two"], **ax),
    "draw_volumes": lambda **ax: diagrams.draw_volumes(3, 4, 3, **ax),
}


def test_every_drawing_function_is_called_here():
    assert set(CALLS) == {name for name in vars(diagrams) if name.startswith("draw_")}


@pytest.mark.parametrize("name", CALLS)
def test_draws_on_given_axes_or_on_a_new_figure_and_returns_the_figure(name):
    figure, (left, right) = plt.subplots(1, 2)
    assert CALLS[name](ax=right) is figure
    assert plt.get_fignums() == [figure.number]
    assert not left.patches
    assert not left.images
    assert right.patches or right.images or right.collections
    assert CALLS[name]() is plt.figure(2)
    assert len(plt.get_fignums()) == 2


@pytest.mark.parametrize("name", CALLS)
def test_letters_shrink_with_the_cells_on_small_axes(name):
    own = CALLS[name]()
    free = [text.get_fontsize() for text in plt.gca().texts]
    figure, axes = plt.subplots(3, 3, figsize=(4, 4))
    CALLS[name](ax=axes[1, 1])
    small = [text.get_fontsize() for text in axes[1, 1].texts]
    place = axes[1, 1].get_position(original=True)
    inches = figure.get_size_inches() * (place.width, place.height)
    shrunk = min(1, *(inches / own.get_size_inches()))
    assert np.divide(small, free) == pytest.approx(shrunk, abs=0.001)


CELLS = [
    "diagrams.draw_grid(ones)",
    "diagrams.draw_grid(ones);",
    "diagrams.draw_grid(ones)\nplt.show()",
    "figure = diagrams.draw_grid(ones)",
    "figure, ax = plt.subplots(facecolor='none')\ndiagrams.draw_grid(ones, ax=ax)",
    "figure",
    "figure",
]


def test_a_cell_shows_the_returned_figure_once():
    first = "import matplotlib.pyplot as plt, numpy as np\nfrom convlib import diagrams"
    cells = [f"{first}; ones = np.ones((2, 2))", *CELLS]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    _, *run = NotebookClient(notebook, kernel_name="python3").execute().cells
    outputs = [cell.outputs for cell in run]
    assert [[sorted(output.data) for output in each] for each in outputs] == [
        [["image/png", "text/plain"]] for _ in CELLS
    ]
    assert [each[0].output_type for each in outputs[:5]] == ["display_data"] * 5
    assert [each[0].metadata for each in outputs[:5]] == [{"needs_background": "light"}] * 5
    assert len({each[0].data["image/png"] for each in outputs[:4]}) == 1


def test_a_returned_figure_can_be_saved_and_pickled(tmp_path):
    figure = diagrams.draw_grid(np.eye(2))
    figure.savefig(tmp_path / "grid.svg")
    assert pickle.loads(pickle.dumps(figure)).axes


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.dot(linear, (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_numbers_are_legible_on_their_cells_and_labels_on_both_grounds():
    for colour in (INPUT, KERNEL, OUTPUT):
        assert contrast(colour.on_pale, colour.pale) >= 7
        assert contrast(colour.on_pale, colour.middle) >= 7
        assert contrast(colour.on_strong, colour.strong) >= 4.5
    assert contrast(GREY, "#ffffff") >= 4
    assert contrast(GREY, "#121212") >= 4


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: diagrams.draw_step(np.eye(2), np.eye(3)), "spans 3 pixels"),
        (lambda: diagrams.draw_positions(5, 2, stride=0), "stride=0 must be at least 1"),
        (lambda: diagrams.draw_row(5, 3, 2, "same"), "padding='same' keeps the size"),
        (lambda: diagrams.draw_coverage((5, 5), 7), "kernel_size=7 with dilation=1 spans"),
        (lambda: diagrams.draw_step(np.eye(3), np.eye(2), at=(2, 0)), "at=(2, 0)"),
        (lambda: diagrams.draw_modes(np.arange(3), 3), "in mode 'reflect' must be at most 2"),
        (lambda: diagrams.draw_connectivity(4, 6, (1, 4)), "out_channels=6 must be divisible by"),
        (lambda: diagrams.draw_counts(np.zeros(3)), "counts of shape (3,)"),
        (lambda: diagrams.draw_step(np.eye(3), np.zeros(2)), "weight of shape (2,) must both"),
        (lambda: diagrams.draw_step(np.eye(3), np.eye(2), at=(0, 2)), "at=(0, 2)"),
        (lambda: diagrams.draw_grid(np.eye(2), np.eye(3) > 0), "marked of shape (3, 3)"),
        (lambda: diagrams.draw_images([np.eye(2)], ["a", "b"]), "titles has 2 entries"),
        (lambda: diagrams.draw_images([np.zeros(2)], ["a"]), "images of shape (2,)"),
        (lambda: diagrams.draw_positions((5, 5, 5), 3), "size=(5, 5, 5) has 3 entries"),
        (lambda: diagrams.draw_grid(np.zeros(3)), "values of shape (3,)"),
        (lambda: diagrams.draw_grid(np.zeros((0, 3))), "values of shape (0, 3) has no cells"),
        (
            lambda: diagrams.draw_step(np.ones((2, 3, 3)), np.ones((3, 2, 2))),
            "input has 2 channels",
        ),
        (lambda: diagrams.draw_step(np.ones((0, 3)), np.ones((2, 2))), "has 0 rows"),
        (lambda: diagrams.draw_step_back(np.ones((1, 2, 2)), np.ones((1, 2, 2)), 3), "grad_output"),
        (lambda: diagrams.draw_modes(np.zeros((2, 2)), 1), "row of shape (2, 2) must have 1 axis"),
        (lambda: diagrams.draw_modes(np.arange(3), ((1, 2), (1, 2))), "one pair per axis"),
        (lambda: diagrams.draw_counts(np.eye(3), scale=0), "scale=0 must be a positive number"),
        (lambda: diagrams.draw_counts(np.eye(3), scale=float("nan")), "scale=nan must be"),
        (lambda: diagrams.draw_connectivity(4, 4, ()), "groups=() must contain at least one"),
    ],
)
def test_an_invalid_value_raises_inside_convlib(call, text):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the text is compared below)
        call()
    assert text in str(caught.value)
    assert "convlib" in caught.traceback[-1].path.parts
    assert not plt.get_fignums()


def bars(colour):
    """Find the bars of a colour: left, width and place of each."""
    return [
        (bar.get_x(), bar.get_width(), bar.get_y())
        for bar in plt.gca().patches
        if to_hex(bar.get_facecolor()) == colour
    ]


def test_a_field_s_bar_is_as_wide_as_the_field_and_begins_where_it_begins():
    layers = {"a": Conv2d(1, 1, 3, padding=1), "b": MaxPool2d(2), "c": Conv2d(1, 1, 3, padding=1)}
    total = summary(layers, (1, 8, 8))
    diagrams.draw_fields(total)
    ((left, image, _),) = bars(diagrams.INPUT.pale)
    assert left == 0
    drawn = bars(diagrams.KERNEL.strong)
    assert np.allclose([8 * width / image for _, width, _ in drawn], [3, 4, 8])
    assert np.allclose([8 * x / image for x, _, _ in drawn], [-1, -1, -3])
    assert [y for _, _, y in drawn] == sorted(y for _, _, y in drawn)
    words = texts()
    assert words == ["the image, 8 wide", "a", "3", "b", "4", "c", "8"]


def test_a_stack_marks_all_that_one_output_depends_on():
    diagrams.draw_stack(13, [(3, 1), (3, 2), (3, 1)], place=1)
    assert cells(INPUT.strong) == [(0, pixel) for pixel in range(2, 11)]
    assert len(cells(INPUT.pale)) == 13 - 9
    pitch = cells(OUTPUT.strong)[0][0]
    drawn = [(1, 1 + number) for number in range(2, 9)]
    drawn += [(2, 2 + 2 * number) for number in (1, 2, 3)] + [(3, 6)]
    assert cells(OUTPUT.strong) == [(round(level * pitch, 3), x) for level, x in drawn]
    assert [text for text in texts() if text.isdigit()] == [
        str(number) for count in (13, 11, 5, 3) for number in range(count)
    ]
    assert len([line for line in plt.gca().lines if line.get_color() == KERNEL.strong]) == 3 * 11


def test_a_stack_outlines_the_padding_that_is_read_and_leads_lines_to_it():
    diagrams.draw_stack(9, [(3, 2, 1), (3, 2, 1)])
    assert sorted(patch.get_xy() for patch in outlined()) == [(-2, 2.2), (-1, 0), (9, 0), (10, 2.2)]
    assert cells(INPUT.strong) == [(0, pixel) for pixel in range(4)]
    ends = {tuple(line.get_xdata()) for line in plt.gca().lines}
    assert {(0.5, -0.5), (8.5, 9.5), (0.5, -1.5), (8.5, 10.5)} <= ends


def test_a_stack_without_layers_and_one_with_holes():
    diagrams.draw_stack(5, [], place=2)
    assert cells(INPUT.strong) == [(0, 2)]
    plt.close("all")
    diagrams.draw_stack(7, [(3, 1, 0, 2), (2, 1, 0, 2)])
    assert cells(INPUT.strong) == [(0, 0), (0, 2), (0, 4), (0, 6)]


def test_a_chain_has_its_names_and_signs():
    x = np.array([[1, -2, 3]])
    diagrams.draw_chain([x, np.maximum(x, 0), x[:, :1]], ["x", "ReLU", "first"], signs="→=")
    assert texts() == ["1", "-2", "3", "x", "1", "0", "3", "ReLU", "→", "1", "first", "="]
    assert len(cells(INPUT.pale)) == 3
    assert len(cells(OUTPUT.pale)) == 4


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: diagrams.draw_stack(5, [(3, 1)], 3), ValueError, "place=3 must be the number of"),
        (lambda: diagrams.draw_stack(5, [(3, 1)], True), TypeError, "place=True must be an int"),
        (lambda: diagrams.draw_stack(5, [(3, 1), (4, 1)]), ValueError, "kernel_size=4"),
        (lambda: diagrams.draw_chain([np.eye(2)], []), ValueError, "names has 0 entries, not one"),
        (lambda: diagrams.draw_chain([np.eye(2)], ["x"], "+"), ValueError, "for each of 0 gaps"),
    ],
)
def test_what_a_stack_or_a_chain_cannot_draw_raises(call, error, text):
    with pytest.raises(error, match=text):
        call()
    assert not plt.get_fignums()


def test_the_bars_of_costs_are_parts_of_the_whole():
    layers = [Conv2d(1, 3, 1, bias=False), MaxPool2d(2), Conv2d(3, 3, 1, bias=False)]
    diagrams.draw_costs(summary(layers, (1, 4, 4)))
    widths = [width for _, width, _ in bars(diagrams.KERNEL.strong)]
    assert np.allclose(np.array(widths) / max(widths), [3 / 9, 1])
    widths = [width for _, width, _ in bars(diagrams.OUTPUT.strong)]
    assert np.allclose(np.array(widths) / max(widths), [1, 36 / 48])
    words = texts()
    assert words == ["parameters", "25 %", "75 %", "MACs", "57 %", "43 %", "0", "2"]


PAIRS = ((0, 1), (2, 0))  # a row below, two columns on the left


def test_a_step_with_padding_that_differs_before_and_after():
    diagrams.draw_step(np.ones((2, 3), int), np.ones((2, 2), int), at=(1, 0), padding=PAIRS)
    assert len(outlined()) + len(read_padding()) == 3 * 5 - 2 * 3
    assert read_padding() == [(1, 0), (1, 1), (2, 0), (2, 1)]  # the window is in the padding
    assert not cells(INPUT.strong)


def test_a_step_back_with_padding_that_differs_before_and_after():
    grad = np.ones((2, 4), dtype=int)
    diagrams.draw_step_back(grad, WEIGHT, (2, 3), at=(1, 3), padding=PAIRS, only=True)
    assert cells(INPUT.strong) == [(1, 11), (1, 12)]  # the window's second row is padding
    assert texts()[-5:-3] == ["1", "2"]
    with pytest.raises(ValueError, match="grad_output of shape"):
        diagrams.draw_step_back(grad.T.copy(), WEIGHT, (2, 3), padding=PAIRS)


def test_positions_rows_and_coverage_with_padding_that_differs_before_and_after():
    diagrams.draw_positions((2, 3), 2, 2, PAIRS)
    assert len(texts()) == 1 * 2
    assert len(outlined()) + len(read_padding()) == 2 * (3 * 5 - 2 * 3)
    diagrams.draw_row(5, 3, padding=(2, 0))
    assert sorted(patch.get_x() for patch in outlined())[:2] == [-2, -1]
    assert cells(KERNEL.strong)[0] == (1.3, -1.9)
    assert texts()[-2:] == ["window 4", "does not fit"]
    diagrams.draw_coverage((2, 3), 2, 1, PAIRS)
    assert texts()[:-1] == [str(n) for n in coverage((2, 3), 2, 1, PAIRS).ravel()]
    diagrams.draw_modes(np.arange(4), (0, 2))
    assert "".join(text for text in texts() if text.isdigit()) == "012300012321012333012301"


def large(*shape):
    return np.ones(shape, dtype=int)


def artists():
    """Count what is drawn on the current Axes."""
    axes = plt.gca()
    lists = (axes.patches, axes.texts, axes.lines, axes.images, axes.collections)
    return sum(map(len, lists))


def note():
    """Return the sentence that says what is drawn, which is the only text in sentences."""
    lines = [text.get_text() for text in plt.gca().texts if text.get_ha() == "left"]
    start = next((n for n, line in enumerate(lines) if line.startswith("Drawn: ")), len(lines))
    return " ".join(lines[start:])


STEM = (7, 2, 3)  # kernel size, stride and padding of ResNet's first layer
BIG = np.arange(3 * 224 * 224).reshape(3, 224, 224)
LARGE = {
    "draw_positions 60": (
        lambda: diagrams.draw_positions((60, 60), 3),
        "the first 16 of 3,364 windows; the first 7 x 7 of 60 x 60 pixels.",
    ),
    "draw_positions 20": (
        lambda: diagrams.draw_positions((20, 3), 3),
        "the first 4 of 18 windows; the first 7 x 3 of 20 x 3 pixels.",
    ),
    "draw_positions 1": (
        lambda: diagrams.draw_positions((1, 40), 1),
        "the first 4 of 40 windows; the first 1 x 5 of 1 x 40 pixels.",
    ),
    "draw_positions 224": (
        lambda: diagrams.draw_positions(224, *STEM),
        "the first 4 of 12,544 windows; the first 10 x 10 of 230 x 230 pixels, padding included.",
    ),
    "draw_positions kernel": (
        lambda: diagrams.draw_positions(224, 100),
        "the first of 15,625 windows; the first 20 x 20 of 224 x 224 pixels.",
    ),
    "draw_grid": (
        lambda: diagrams.draw_grid(large(224, 224)),
        "the first 20 x 20 of 224 x 224 numbers.",
    ),
    "draw_grid row": (
        lambda: diagrams.draw_grid(large(1, 65)),
        "the first 1 x 30 of 1 x 65 numbers.",
    ),
    "draw_step": (
        lambda: diagrams.draw_step(BIG, large(3, 7, 7), (50, 60), 2, 3),
        "rows 99 to 107 and columns 119 to 127 of 230 x 230 pixels, padding included; "
        "rows 48 to 52 and columns 58 to 62 of 112 x 112 outputs.",
    ),
    "draw_step channels": (
        lambda: diagrams.draw_step(large(64, 512, 512), large(64, 31, 31)),
        "the first 3 of 64 channels; rows 0 to 8 and columns 0 to 8 of 512 x 512 pixels; the "
        "first 7 x 7 of 31 x 31 taps; rows 0 to 4 and columns 0 to 4 of 482 x 482 outputs.",
    ),
    "draw_step padding": (
        lambda: diagrams.draw_step(large(5, 5), large(3, 3), padding=2**31 - 1),
        "rows 0 to 8 and columns 0 to 8 of 4,294,967,299 x 4,294,967,299 pixels",
    ),
    "draw_step_back": (
        lambda: diagrams.draw_step_back(large(112, 112), large(7, 7), 224, (3, 4), 2, 3),
        "rows 1 to 5 and columns 2 to 6 of 112 x 112 gradients; rows 5 to 13 and columns 7 to 15 "
        "of 230 x 230 pixels, padding included.",
    ),
    "draw_step_transposed": (
        lambda: diagrams.draw_step_transposed(large(112, 112), large(7, 7), (3, 4), 2, 3),
        "rows 1 to 5 and columns 2 to 6 of 112 x 112 input pixels; rows 5 to 13 and columns 7 to "
        "15 of 229 x 229 pixels, padding included.",
    ),
    "draw_row": (
        lambda: diagrams.draw_row(224, *STEM),
        "the first 12 of 112 windows; the first 30 of 230 pixels, padding included.",
    ),
    "draw_row padding": (
        lambda: diagrams.draw_row(5, 3, 1, 2**31 - 1),
        "the first 12 of 4,294,967,297 windows; the first 30 of 4,294,967,299 pixels",
    ),
    "draw_row kernel": (lambda: diagrams.draw_row(224, 300), "the first 30 of 224 pixels."),
    "draw_modes": (
        lambda: diagrams.draw_modes(np.arange(224), 2),
        "the first 20 and the last 20 of 228 pixels, padding included.",
    ),
    "draw_coverage": (
        lambda: diagrams.draw_coverage(60_000, 3),
        "the first 1,024 x 1,024 of 60,000 x 60,000 pixels. Without numbers: the darkest pixels "
        "have 9.",
    ),
    "draw_counts": (
        lambda: diagrams.draw_counts(np.broadcast_to(1, (4096, 4096))),
        "the first 1,024 x 1,024 of 4,096 x 4,096 pixels.",
    ),
    "draw_connectivity": (
        lambda: diagrams.draw_connectivity(4096, 512, (1, 64)),
        "1 pair of channels of 2 x 16.",
    ),
    "draw_connectivity groups": (
        lambda: diagrams.draw_connectivity(8, 8, (1,) * 30),
        "the first 16 of 30 tables.",
    ),
    "draw_images": (
        lambda: diagrams.draw_images([np.eye(2)] * 101, ["x"] * 101, columns=50),
        "the first 100 of 101 images.",
    ),
    "draw_volumes": (
        lambda: diagrams.draw_volumes(64, 64, 3),
        "input channels 0 to 7 of 64; output channels 0 to 7 of 64; kernels 0 to 5 of 64; kernel "
        "channels 0 to 7 of 64.",
    ),
    "draw_stack": (
        lambda: diagrams.draw_stack(300, [(3, 1)] * 20),
        "the first 17 of 300 pixels; the first 8 of 20 layers.",
    ),
    "draw_chain": (
        lambda: diagrams.draw_chain([np.ones((50, 40))] * 7, ["x"] * 7),
        "the first 6 of 7 maps; "
        + "; ".join(["the first 8 x 8 of 50 x 40 numbers of x"] * 6)
        + ".",
    ),
    "draw_fields": (
        lambda: diagrams.draw_fields(summary([MaxPool2d(1)] * 301, (1, 4, 4))),
        "the first 100 of 301 rows.",
    ),
    "draw_costs": (
        lambda: diagrams.draw_costs(summary([Conv2d(1, 1, 1)] * 301, (1, 4, 4))),
        "the first 100 of 301 rows.",
    ),
}


def test_every_drawing_function_has_a_limit():
    assert {name.split()[0] for name in LARGE} == set(CALLS)


@pytest.mark.parametrize("name", LARGE)
def test_of_what_is_too_large_a_part_is_drawn_and_the_figure_says_which(name):
    call, text = LARGE[name]
    call()
    assert note().startswith(f"Drawn: {text}")
    assert 0 < artists() <= MOST_ARTISTS + 20
    assert sum(np.prod(image.get_array().shape[:2]) for image in plt.gca().images) <= 2**21
    assert max(plt.gcf().get_size_inches()) * 150 <= 5200


def test_a_part_of_a_step_has_the_numbers_of_the_whole():
    weight = np.arange(3 * 7 * 7).reshape(3, 7, 7)
    diagrams.draw_step(BIG, weight, (50, 60), 2, 3)
    output = convlib.conv2d(BIG, weight[np.newaxis], stride=2, padding=3)[0]
    drawn = texts()
    expected = [f"{number}" for number in output[48:53, 58:63].ravel()]
    end = drawn.index("output")
    assert drawn[end - 25 : end] == expected
    top_left = next(text for text in drawn if text.isdigit())
    assert top_left == f"{BIG[0, 99 - 3, 119 - 3]}"
    assert len(cells(INPUT.strong)) == 3 * 49


def test_a_part_of_a_step_back_has_the_numbers_of_the_whole():
    grad, weight = np.arange(112 * 112).reshape(112, 112), np.arange(49).reshape(7, 7)
    diagrams.draw_step_back(grad, weight, 224, (30, 4), 2, 3)
    shapes = (1, 1, 224, 224), weight[np.newaxis, np.newaxis], grad[np.newaxis, np.newaxis]
    (whole,) = convlib.conv2d_input(*shapes, stride=2, padding=3)
    top, left = 30 * 2 - 3 - 1, 4 * 2 - 3 - 1  # one pixel around the window
    expected = [f"{number}" for number in whole[0, top : top + 9, left : left + 9].ravel()]
    end = texts().index("grad_input")
    assert texts()[end - 81 : end] == expected


def test_the_first_positions_and_windows_are_those_of_the_whole():
    diagrams.draw_positions((60, 60), 3)
    assert texts()[-16:][:3] == ["output[0, 0]", "output[0, 1]", "output[0, 2]"]
    assert len(cells(INPUT.strong)) == 16 * 9
    diagrams.draw_row(224, 7, 2, 3)
    assert texts()[-12:] == [f"window {number}" for number in range(12)]
    assert len(cells(KERNEL.strong)) == 12 * 7


def test_of_a_long_row_both_ends_are_drawn_in_every_mode():
    diagrams.draw_modes(np.arange(100), 2)
    ends = [text for text in texts() if text.isdigit()]
    assert texts().count("...") == 4
    assert ends[:3] == ["0", "0", "0"]
    circular = ends[-40:]
    assert (circular[:3], circular[-3:]) == (["98", "99", "0"], ["99", "0", "1"])


def test_the_beginning_of_a_large_coverage_is_that_of_the_whole(monkeypatch):
    monkeypatch.setattr("convlib.diagrams.maps.MOST_PIXELS", 400)
    for layer in [((90, 70), 7, 2, 3), ((90, 70), (5, 2), (3, 4), ((9, 0), (0, 40)), (2, 9))]:
        diagrams.draw_coverage(*layer)
        pixels = plt.gca().images[0].get_array()
        height, width = pixels.shape[:2]
        assert (height, width) == (20, 20)
        counts = coverage(*layer)[:height, :width]
        shade = plt.get_cmap("Blues")(0.15 + 0.7 * counts / counts.max(), bytes=True)
        assert (pixels == shade)[counts > 0].all()


def test_what_is_small_is_drawn_whole_without_a_sentence():
    for name in CALLS:
        CALLS[name]()
        assert not note()


@pytest.mark.parametrize(
    "call",
    [
        lambda: diagrams.draw_positions(6, 3),
        lambda: diagrams.draw_grid(large(20, 25)),
        lambda: diagrams.draw_counts(large(25, 40), scale=0.5),
        lambda: diagrams.draw_step(large(14, 14), large(5, 5)),
        lambda: diagrams.draw_step_back(large(12, 12), large(3, 3), 14),
        lambda: diagrams.draw_row(30, 3, 2),
        lambda: diagrams.draw_modes(large(56), 2),
    ],
)
def test_a_whole_diagram_has_a_bounded_number_of_artists(call):
    call()
    labels = 200  # titles, positions, names of windows
    assert 0 < artists() <= MOST_ARTISTS + labels
    assert not plt.gca().images
    assert max(plt.gcf().get_size_inches()) * 150 <= 5000


@pytest.mark.parametrize(
    ("layer", "out"),
    [((224, 7, 2, 3), (224, 224)), (((40, 60), 2, 3), (40, 60)), (((1, 5000), (1, 3)), (1, 5000))],
)
def test_a_large_coverage_map_is_one_picture(layer, out):
    diagrams.draw_coverage(*layer, title="coverage")
    axes = plt.gca()
    assert (len(axes.patches), len(axes.images), texts()[-1]) == (1, 1, "coverage")
    pixels, counts = axes.images[0].get_array(), coverage(out, *layer[1:])
    assert pixels.shape == (*out, 4)
    grey = [int(GREY[i : i + 2], 16) for i in (1, 3, 5)]
    assert ((pixels[..., :3] == grey).all(-1) == (counts == 0)).all()
    light = pixels[..., :3].astype(int).sum(-1)
    order = [light[counts == count].max() for count in np.unique(counts) if count]
    assert order == sorted(order, reverse=True)
    left, right, bottom, top = axes.images[0].get_extent()
    assert (left, top) == (0, 0)
    assert max(right, bottom) == 16
    assert min(right, bottom) == max(0.5, 16 * min(out) / max(out))
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert axes.get_aspect() == 1


def test_large_tables_of_connectivity_are_one_picture_each():
    diagrams.draw_connectivity(64, 128, (1, 2, 4))
    axes = plt.gca()
    assert [t for t in texts() if "=" in t] == ["groups=1", "groups=2", "groups=4"]
    for image, parts in zip(axes.images, (1, 2, 4), strict=True):
        dark = image.get_array()[..., 3] == 1
        assert (dark == connectivity(64, 128, parts)).all()
    lefts = [image.get_extent()[0] for image in axes.images]
    assert lefts == sorted(set(lefts))
    assert len(axes.patches) == 3


def test_of_a_large_image_every_few_pixels_are_drawn():
    image = np.arange(3000.0)[:, np.newaxis] * np.ones(2000)
    diagrams.draw_images([image, np.eye(96)], ["large", "small"])
    shapes = [drawn.get_array().shape for drawn in plt.gca().images]
    assert shapes == [(1000, 667), (96, 96)]
    left, right, bottom, top = plt.gca().images[0].get_extent()
    assert (right - left) / (bottom - top) == pytest.approx(2 / 3)


def test_numbers_that_are_not_finite_are_drawn():
    diagrams.draw_grid(np.array([[np.inf, -np.inf, np.nan]]))
    assert texts()[:2] == ["inf", "-inf"]
    diagrams.draw_step(np.array([[np.inf, 1], [1, 1]]), np.ones((1, 1)))
    assert "inf" in texts()


def test_a_network_without_layers_has_no_bars():
    total = summary([], (1, 4, 4))
    diagrams.draw_fields(total)
    diagrams.draw_costs(total)
    assert not bars(KERNEL.strong)
    assert texts() == ["parameters", "MACs"]


ARGUMENTS = {
    "draw_step": (
        lambda: diagrams.draw_step(np.eye(3), np.eye(2), (0, 0), 1, 1, 1, False),
        ["array", "array", "flag", "integers at", "integers dilation", "integers stride"],
    ),
    "draw_step_back": (
        lambda: diagrams.draw_step_back(np.eye(2), np.eye(2), 3, (0, 0), 1, 0, 1, False),
        [
            "array",
            "array",
            "flag",
            "integers at",
            "integers dilation",
            "integers size",
            "integers stride",
        ],
    ),
    "draw_step_transposed": (
        lambda: diagrams.draw_step_transposed(np.eye(2), np.eye(2), (0, 0), 1, 0, 1, False),
        ["array", "array", "flag", "integers at", "integers dilation", "integers stride"],
    ),
    "draw_positions": (
        lambda: diagrams.draw_positions(3, 2, 1, 0, 1),
        ["integers dilation", "integers kernel_size", "integers size", "integers stride"],
    ),
    "draw_coverage": (
        lambda: diagrams.draw_coverage(3, 2, 1, 0, 1),
        ["integers dilation", "integers kernel_size", "integers size", "integers stride"],
    ),
    "draw_row": (
        lambda: diagrams.draw_row(3, 2, 1, 0, 1),
        ["integer dilation", "integer kernel_size", "integer size", "integer stride"],
    ),
    "draw_connectivity": (
        lambda: diagrams.draw_connectivity(4, 4, 2),
        ["integer groups", "integer in_channels", "integer out_channels"],
    ),
    "draw_volumes": (
        lambda: diagrams.draw_volumes(4, 4, 3, 1, 0, 1, 4, 5, (0, 0, 0), pointwise=True),
        [
            "flag",
            "integer groups",
            "integer in_channels",
            "integer out_channels",
            "integers at",
            "integers dilation",
            "integers kernel_size",
            "integers size",
            "integers stride",
        ],
    ),
    "draw_modes": (lambda: diagrams.draw_modes(np.arange(3), 2), ["array"]),
    "draw_grid": (lambda: diagrams.draw_grid(np.eye(2), np.eye(2) > 0), ["array", "array"]),
    "draw_counts": (lambda: diagrams.draw_counts(np.eye(2)), ["array"]),
    "draw_images": (
        lambda: diagrams.draw_images([np.eye(2)], ["x"], 2),
        ["array", "integer columns"],
    ),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_each_argument_is_normalised_once(name, monkeypatch):
    call, expected = ARGUMENTS[name]
    seen, paddings = [], []
    for function in ("integer", "integers", "padding", "array", "flag"):
        original = getattr(arguments, function)

        def counted(*given, original=original, function=function, **options):
            own = sys._getframe(1).f_globals["__name__"] == "convlib.arguments"
            named = f"{function} {given[0]}" if function.startswith("integer") else function
            if function == "padding":
                paddings.append(given[0])
            elif not own or function == "array":
                seen.append(named)
            return original(*given, **options)

        monkeypatch.setattr(arguments, function, counted)
    call()
    assert sorted(seen) == expected
    assert len(paddings) <= 1


def test_without_matplotlib_the_import_names_the_extra():
    code = (
        "import sys; sys.modules['matplotlib'] = None; import convlib.exercises.stride\n"
        "try: import convlib.diagrams\n"
        "except ModuleNotFoundError as missing: print(missing.name, missing, sep='|')"
    )
    name, text = printed_by(code).strip().split("|")
    assert name == "matplotlib"
    assert "[diagrams]" in text


def test_rows_without_a_receptive_field_are_not_drawn():
    class Scaled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))
            self.up = torch.nn.ConvTranspose2d(1, 1, 2, stride=2)

        def forward(self, x):
            return self.up(x) * self.scale

    total = summary(Scaled(), (1, 9, 9))
    assert [row.position for row in total] == ["scale", "up", "mul"]
    diagrams.draw_fields(total)
    assert len(bars(KERNEL.strong)) == 2
