"""The index of torch's error messages: each links to the section that provokes it."""

import re
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).parents[1] / "book"
PAGES = {
    name: nbformat.read(BOOK / f"{name}.ipynb", as_version=4) for name in ("errors", "differences")
}

# Messages as a reader may search for them, with the numbers of other calls, by the section
# that they lead to.
MESSAGES = {
    "building-a-layer": [
        "empty(): argument 'size' (position 1) must be tuple of ints, but found element of type "
        "float at pos 1",
        "empty(): argument 'size' failed to unpack the object at pos 4 with error \"type must be "
        'tuple of ints,but got float"',
        "torch.nn.modules.batchnorm.BatchNorm2d is not a Module subclass",
    ],
    "images-into-a-layer": [
        "Given groups=1, weight of size [64, 3, 7, 7], expected input[1, 1, 224, 224] to "
        "have 3 channels, but got 1 channels instead",
        "Given groups=1, weight of size [16, 40, 5], expected input[8, 200, 40] to have "
        "40 channels, but got 200 channels instead",
        "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [9, 9]",
        "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [100]",
        "permute(sparse_coo): number of dimensions in the tensor input does not match "
        "the length of the desired ordering of dimensions i.e. input.dim() = 2 is not "
        "equal to len(dims) = 3",
        "expected stride to be a single integer value or a list of 1 values to match the "
        "convolution dimensions, but got stride=[2, 2]",
        "Expected 4-dimensional input for 4-dimensional weight [8, 1, 3, 3], but got "
        "3-dimensional input of size [1, 1, 8] instead",
        "At least one stride in the given numpy array is negative, and tensors with "
        "negative strides are not currently supported. (You can probably work around "
        "this by making a copy of your array  with array.copy().)",
        "stack expects each tensor to be equal size, but got [3, 480, 640] at entry 0 "
        "and [3, 500, 375] at entry 1",
    ],
    "groups": [
        "Given groups=2, weight of size [8, 4, 3, 3], expected input[1, 4, 8, 8] to have "
        "8 channels, but got 4 channels instead",
        "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got "
        "weight of size [[9, 2, 3, 3]] instead",
        "in_channels must be divisible by groups",
        "out_channels must be divisible by groups",
        "groups must be a positive integer",
        "non-positive groups is not supported",
    ],
    "sizes": [
        "Calculated padded input size per channel: (4 x 4). Kernel size: (11 x 11). "
        "Kernel size can't be greater than actual input size",
        "Calculated padded input size per channel: (6). Kernel size: (7). Kernel size "
        "can't be greater than actual input size",
        "Only zero batch or zero channel inputs are supported, but got input shape: [2, 3, 0, 7]",
        "Given input size: (512x1x1). Calculated output size: (512x0x0). Output size is too small",
        "max_pool1d() Invalid computed output size: 0",
        "pad should be at most half of effective kernel size, but got pad=1, "
        "kernel_size=1 and dilation=1",
        "max_pool1d() padding should be at most half of kernel size, but got padding=3 "
        "and kernel_size=2",
        "pad should be smaller than or equal to half of kernel size, but got padW = 3, "
        "padH = 3, kW = 3, kH = 3",
        "max_pool2d: stride should not be zero",
        "avg_pool2d: kernel_size must either be a single int, or a tuple of two ints",
    ],
    "padding": [
        "padding='same' is not supported for strided convolutions",
        "Invalid padding string 'FULL', should be one of {'valid', 'same'}",
        "Invalid padding string: 'FULL'",
        "Using padding='same' with even kernel lengths and odd dilation may require a "
        "zero-padded copy of the input be created",
        "negative padding is not supported",
        "Argument #4: Padding size should be less than the corresponding input "
        "dimension, but got: padding (9, 9) at dimension 3 of input [1, 1, 9, 9]",
        "Padding value causes wrapping around more than once.",
        "padding_mode must be one of {'circular', 'zeros', 'reflect', 'replicate'}, but "
        "got padding_mode='edge'",
        "expected padding to be a single integer value or a list of 2 values to match "
        "the convolution dimensions, but got padding=[2, 2, 2]",
        "Padding size 6 is not supported for 4D input tensor.",
        "conv2d() received an invalid combination of arguments - got (Tensor, Tensor, "
        "padding=float), but expected one of:",
        "Padding length must be divisible by 2",
    ],
    "stride-and-dilation": [
        "dilation should be greater than zero, but got [0, 1]",
        "non-positive stride is not supported",
        "kernel size should be greater than zero, but got kernel_height: 3 kernel_width: 0",
    ],
    "dtypes-and-weights": [
        "Input type (long int) and bias type (float) should be the same",
        "Input type (double) and bias type (float) should be the same",
        "expected scalar type Long but found Float",
        "mat1 and mat2 must have the same dtype, but got Long and Float",
        "Given weight of size [8, 3, 3, 3], expected bias to be 1-dimensional with 8 "
        "elements, but got bias of size [9] instead",
        "\"slow_conv_dilated<>\" not implemented for 'Byte'",
        "\"slow_conv_transpose2d_out_cpu\" not implemented for 'Int'",
        "cannot assign 'torch.FloatTensor' as parameter 'bias' (torch.nn.Parameter or "
        "None expected)",
        "a leaf Variable that requires grad is being used in an in-place operation.",
    ],
    "transposed-unfold-and-fold": [
        "Given transposed=1, weight of size [9, 4, 3, 3], expected input[1, 4, 4, 4] to "
        "have 9 channels, but got 4 channels instead",
        "output padding must be smaller than either stride or dilation, but got "
        "output_padding_height: 3 output_padding_width: 3 stride_height: 3 stride_width: "
        "3 dilation_height: 1 dilation_width: 1",
        'Only "zeros" padding mode is supported for ConvTranspose2d',
        "Given input with spatial size (1, 1), kernel_size=(2, 2), dilation=(1, 1), "
        "padding=(0, 0), calculated shape of the array of sliding blocks as (0, 0), but "
        "its components must be at least one.",
        "expected size of input's dimension 2 to match the calculated number of sliding "
        "blocks 5 * 5 = 25, but got input.size(2)=26.",
        "\"col2im_out_cpu\" not implemented for 'Int'",
        "Given input size per channel: (2 x 2). Calculated output size per channel: (-3 "
        "x -3). Output size is too small",
        "requested an output size of (7, 7), but valid sizes range from [5, 5] to [6, 6] "
        "(for an input of torch.Size([3, 3]))",
        "Got 3D input, but bicubic mode needs 4D input",
    ],
    "adding-and-concatenating": [
        "Sizes of tensors must match except in dimension 1. Expected size 64 but got "
        "size 63 for tensor number 1 in the list.",
        "Tensors must have same number of dimensions: got 3 and 4",
        "The size of tensor a (64) must match the size of tensor b (32) at non-singleton "
        "dimension 1",
        "Target size (torch.Size([8])) must be the same as input size (torch.Size([8, 1]))",
        "expected target dtype to be Long or Byte, but got Double",
        "only batches of spatial targets supported (3D tensors) but got targets of dimension: 2",
        "size mismatch (got input: [4, 21, 60, 60] , target: [4, 64, 64]",
    ],
    "normalizing": [
        "running_mean should contain 64 elements not 32",
        "Expected more than 1 value per channel when training, got input size torch.Size([1, 64])",
        "expected 4D input (got 2D input)",
        "expected 2D or 3D input (got 5D input)",
        "num_channels (10) must be divisible by num_groups (3)",
        "Given normalized_shape=[64], expected input with shape [*, 64], but got input "
        "of size[1, 64, 9, 9]",
    ],
    "flatten-and-linear": [
        "mat1 and mat2 shapes cannot be multiplied (32x4096 and 512x10)",
        "shape '[-1, 512]' is invalid for input of size 676",
        "view size is not compatible with input tensor's size and stride (at least one "
        "dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
    ],
    "checkpoints": [
        "size mismatch for fc.weight: copying a param with shape torch.Size([1000, 512]) "
        "from checkpoint, the shape in current model is torch.Size([10, 512]).",
        'Missing key(s) in state_dict: "conv1.weight", "bn1.weight".',
        'Unexpected key(s) in state_dict: "module.conv1.weight".',
        "Expected state_dict to be dict-like, got <class 'net.Net'>.",
    ],
    "devices": [
        "Tensor on device cuda:0 is not on the expected device cpu!",
    ],
}


def markdown(page):
    return "\n".join(cell.source for cell in PAGES[page].cells if cell.cell_type == "markdown")


def rows(page):
    """Return the rows of the page's tables, without their heads."""
    lines = [line for line in markdown(page).splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if links(row)]


def links(row):
    return re.findall(r"\]\(#([^)]+)\)", " ".join(row))


def section(row):
    """Return the section that provokes the message of a row: the link of its last cell."""
    return links(row[-1:])[0]


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


INDEX = rows("errors")
PRINTED = {slug(heading): text for heading, text in sections("errors", "##").items()}


def provoked():
    """Return every message that torch prints on the page, with the lines up to the next one."""
    lines = "\n".join(PRINTED.values()).split("\ntorch:   ")[1:]
    return [line.partition("\n")[::2] for line in lines]


def test_the_index_is_read_whole():
    assert len(INDEX) == 90
    assert all(len(row) == 3 for row in INDEX)


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row[0])
def test_a_message_of_the_index_is_provoked_in_the_section_it_leads_to(row):
    assert pattern(row).search(PRINTED[section(row)])


def test_a_row_can_be_read_without_the_one_above_it():
    assert not [row for row in INDEX if row[1] == "the same" or "the same," in row[2]]


@pytest.mark.parametrize(
    ("name", "message"), [(name, message) for name in MESSAGES for message in MESSAGES[name]]
)
def test_a_message_with_other_numbers_is_found_in_the_index(name, message):
    assert name in [section(row) for row in INDEX if pattern(row).search(message)]


def test_every_message_that_is_provoked_is_in_the_index():
    for message, _ in provoked():
        assert message != "no error"
        assert [row for row in INDEX if pattern(row).search(message)], message


def test_every_message_is_followed_by_a_fix_that_runs_on_the_same_input():
    assert not [message for message, below in provoked() if "fixed:   (" not in below]
    assert len({message for message, _ in provoked()}) >= 60


def test_what_needs_another_device_is_marked():
    (table,) = (c.source for c in PAGES["errors"].cells if "`CUDA out of memory`" in c.source)
    assert "**not reproduced by us**" in table
    assert "cuda" not in "".join(PRINTED.values()).lower()


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
