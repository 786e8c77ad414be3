"""The index of torch's error messages: each links to the section that provokes it."""

import re
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).parents[1] / "book"
PAGES = {
    name: nbformat.read(BOOK / f"{name}.ipynb", as_version=4)
    for name in ("10-errors", "differences")
}

# Messages as a reader may search for them, with the numbers of other calls.
MESSAGES = [
    "Given groups=1, weight of size [64, 3, 7, 7], expected input[1, 1, 224, 224] to have 3 "
    "channels, but got 1 channels instead",
    "Given groups=2, weight of size [8, 4, 3, 3], expected input[1, 4, 8, 8] to have 8 channels, "
    "but got 4 channels instead",
    "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight of size "
    "[[9, 2, 3, 3]] instead",
    "in_channels must be divisible by groups",
    "out_channels must be divisible by groups",
    "groups must be a positive integer",
    "non-positive groups is not supported",
    "Calculated padded input size per channel: (4 x 4). Kernel size: (11 x 11). Kernel size can't "
    "be greater than actual input size",
    "Only zero batch or zero channel inputs are supported, but got input shape: [2, 3, 0, 7]",
    "padding='same' is not supported for strided convolutions",
    "Invalid padding string 'FULL', should be one of {'valid', 'same'}",
    "Invalid padding string: 'FULL'",
    "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy "
    "of the input be created",
    "dilation should be greater than zero, but got [0, 1]",
    "non-positive stride is not supported",
    "negative padding is not supported",
    "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [9, 9]",
    "Input type (long int) and bias type (float) should be the same",
    "Input type (double) and bias type (float) should be the same",
    "expected scalar type Long but found Float",
    "Given weight of size [8, 3, 3, 3], expected bias to be 1-dimensional with 8 elements, but got "
    "bias of size [9] instead",
    "Argument #4: Padding size should be less than the corresponding input dimension, but got: "
    "padding (9, 9) at dimension 3 of input [1, 1, 9, 9]",
    "Padding value causes wrapping around more than once.",
    "padding_mode must be one of {'circular', 'zeros', 'reflect', 'replicate'}, but got "
    "padding_mode='edge'",
    "expected padding to be a single integer value or a list of 2 values to match the convolution "
    "dimensions, but got padding=[2, 2, 2]",
    "Padding size 6 is not supported for 4D input tensor.",
    "conv2d() received an invalid combination of arguments - got (Tensor, Tensor, padding=float), "
    "but expected one of:",
    "mat1 and mat2 shapes cannot be multiplied (32x4096 and 512x10)",
    "Given transposed=1, weight of size [9, 4, 3, 3], expected input[1, 4, 4, 4] to have 9 "
    "channels, but got 4 channels instead",
    "output padding must be smaller than either stride or dilation, but got "
    "output_padding_height: 3 output_padding_width: 3 stride_height: 3 stride_width: 3 "
    "dilation_height: 1 dilation_width: 1",
    'Only "zeros" padding mode is supported for ConvTranspose2d',
    "Given input with spatial size (1, 1), kernel_size=(2, 2), dilation=(1, 1), padding=(0, 0), "
    "calculated shape of the array of sliding blocks as (0, 0), but its components must be at "
    "least one.",
    "expected size of input's dimension 2 to match the calculated number of sliding blocks "
    "5 * 5 = 25, but got input.size(2)=26.",
    "\"col2im_out_cpu\" not implemented for 'Int'",
]


def markdown(page):
    return "\n".join(cell.source for cell in PAGES[page].cells if cell.cell_type == "markdown")


def rows(page):
    """Return the rows of the page's tables, without their heads."""
    lines = [line for line in markdown(page).splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if links(row)]


def links(row):
    return re.findall(r"\]\(#([^)]+)\)", " ".join(row))


def slug(heading):
    """Return the anchor that Sphinx creates for a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def pattern(row):
    """Return a regular expression for the quoted part of a message; … matches anything."""
    quoted = re.fullmatch("`(.+)`", row[0])[1]
    return re.compile(".+".join(map(re.escape, quoted.split("…"))))


def sections(page, level):
    """Return by heading what the code below it prints."""
    printed_below, heading = {}, None
    for cell in PAGES[page].cells:
        if cell.cell_type == "markdown":
            heading = re.findall(f"^{level} (.+)$", cell.source, re.MULTILINE)[-1:] or heading
        elif heading:
            printed = "".join(output.get("text", "") for output in cell.outputs)
            printed_below[heading[0]] = printed_below.get(heading[0], "") + printed
    return printed_below


INDEX = rows("10-errors")


def test_the_index_is_read_whole():
    assert len(INDEX) == 38
    assert all(len(row) == 3 for row in INDEX)


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row[0])
def test_a_message_of_the_index_is_provoked_in_the_section_it_leads_to(row):
    printed = {slug(heading): text for heading, text in sections("10-errors", "##").items()}
    assert pattern(row).search(printed[links(row)[0]])


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_with_other_numbers_is_found_in_the_index(message):
    assert [row for row in INDEX if pattern(row).search(message)]


@pytest.mark.parametrize("page", PAGES)
def test_every_row_leads_to_a_heading(page):
    headings = re.findall("^#+ (.+)$", markdown(page), re.MULTILINE)
    assert not {link for row in rows(page) for link in links(row)} - set(map(slug, headings))


def test_every_difference_of_the_table_is_run_and_every_one_run_is_in_the_table():
    run = {
        heading: text
        for heading, text in sections("differences", "###").items()
        if "torch" in text and "convlib" in text
    }
    listed = [re.match(r"\[(.+)\]\(#", row[0])[1] for row in rows("differences")]
    assert listed == list(run) == list(sections("differences", "###"))


@pytest.mark.parametrize("page", PAGES)
def test_no_message_is_that_of_a_library_below_torch_or_of_a_machine(page):
    foreign = re.compile(r"0x[0-9a-f]{4}|onednn|mkldnn|nnpack|/\w+/|\.cpp|long int", re.IGNORECASE)
    printed = "\n".join(sections(page, "#").values())
    assert "torch" in printed
    assert not foreign.findall(printed)
