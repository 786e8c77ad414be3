"""The search of the pages: a word of the trade finds the right page among the first three."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tools.browser import console, open_page

pytestmark = pytest.mark.browser

FIRST = 3
# Types a query into the search of the open page; calls back with the results, best first.
SEARCH = """
    const [query, done] = arguments;
    document.getElementById("search-results").replaceChildren();
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;  // these load every page that is found
    Search.performSearch(query);
    const waiting = setInterval(() => {
        if (!document.querySelector("#search-results .search-summary").textContent) return;
        clearInterval(waiting);
        const links = [...document.querySelectorAll("#search-results ul.search > li > a")];
        done(links.map(link => [link.getAttribute("href"), link.textContent]));
    }, 5);
"""

# What readers type, by the page that answers it.
QUERIES = {
    "parameters": [
        "halve the size",
        "double the size",
        "upsampling",
        "even kernel",
        "ceil_mode",
        "ceil",
        "round up",
        "causal",
        "causal convolution",
        "streaming",
        "globe",
        "panorama",
        "360",
        "partial convolution",
        "quantized",
        "zero point",
        "int8",
        "AdaptiveAvgPool2d",
        "blur",
        "edge detection",
        "training loop",
        "thread safe",
        "threads",
        "npz",
        "output_padding",
        "receptive field same cost",
    ],
    "frameworks": [
        "Keras",
        "TensorFlow",
        "Flax",
        "JAX",
        "MLX",
        "ONNX",
        "TFLite",
        "SciPy",
        "HWIO",
        "OHWI",
        "HWCM",
        "weight layout",
        "convert weights",
        "convolve2d",
        "NHWC to NCHW",
        "depth_multiplier",
        "eps momentum",
        "auto_pad",
        "channels last",
    ],
    "errors": [
        "checkpoint",
        "state_dict",
        "size mismatch for",
        "missing key(s) in state_dict",
        "sizes of tensors must match",
        "output size is too small",
        "mat1 and mat2 shapes cannot be multiplied",
        "expected input to have 3 channels",
        "kernel size can't be greater than actual input size",
        "CUDA out of memory",
        "should be the same",
        "U-Net",
        "concatenate",
        "running_mean should contain",
        "invalid combination of arguments",
        "padding='same' is not supported for strided convolutions",
    ],
    "window": ["not flipped", "cross-correlation"],
    "stride": ["stride", "output size"],
    "padding": ["which padding keeps the size", "reflect", "same padding", "padding_mode"],
    "dilation": ["dilation", "gridding", "atrous", "effective kernel size"],
    "groups": ["groups", "channel shuffle", "grouped convolution"],
    "separable": [
        "depthwise separable",
        "depthwise",
        "pointwise",
        "1x1 convolution",
        "MobileNet",
        "why is depthwise slow",
    ],
    "networks": [
        "receptive field",
        "ResNet",
        "parameters of a network",
        "effective receptive field",
        "fold batch norm",
        "model summary",
    ],
    "papers": ["errata", "misprint", "SqueezeNet"],
    "transposed": ["transposed convolution", "deconvolution", "checkerboard"],
    "gradients": [
        "backward",
    ],
    "columns": ["fold unfold", "im2col", "cache"],
    "engines": ["Winograd", "FFT", "roofline"],
    "tiles": ["halo", "seam", "tiles", "blending"],
    "large_images": ["large image", "does not fit into memory", "dask", "map_overlap"],
    "conventions": ["memory_format", "FLOPs", "MACs", "device"],
    "differences": ["bfloat16", "bit for bit"],
    "formulas": ["formula", "formulas"],
    "glossary": ["步长", "感受野", "池化", "bottleneck"],
    "bibliography": ["further reading", "CS231n"],
}
# Questions and messages as readers type them, by the section that answers. The first fifteen are
# the most frequent misconceptions.
SECTIONS = {
    "groups=in_channels same as depthwise separable convolution?": (
        "separable.html#depthwise-is-not-depthwise-separable"
    ),
    "shape of the weight with groups, who sees whom": "groups.html#the-shape-of-the-weight",
    "is the same kernel used for every input channel": "window.html#channels",
    "dilation=1 or dilation=0 for a normal convolution": ("dilation.html#by-hand"),
    "output size formula gives 2.5": "stride.html#how-many-windows-fit",
    "does padding=1 add 1 or 2 pixels": "padding.html#on-each-side-not-in-total",
    "padding to keep size with dilation=2": "dilation.html#how-many-pixels-does-it-span",
    "padding='same' with stride=2 like tensorflow": (
        "padding.html#a-silent-mistake-tensorflow-s-same"
    ),
    "conv2d gives different result than scipy.signal.convolve2d": "frameworks.html#scipy",
    "my image is 224x224x3 and conv2d complains about channels": (
        "errors.html#images-into-a-layer"
    ),
    "number of in_features for Linear after conv layers": "errors.html#flatten-and-linear",
    "depthwise conv has 9x fewer MACs but is not faster": (
        "separable.html#why-it-need-not-be-nine-times-faster"
    ),
    "depthwise convolution slower than expected on cpu with a large batch": (
        "columns.html#why-a-depthwise-layer-takes-longer-than-its-macs-say"
    ),
    "receptive field of wavenet 3 blocks of dilations 1..512": (
        "dilation.html#what-a-stack-of-layers-sees"
    ),
    "fold(unfold(x)) != x": "columns.html#overlaps-add-up",
    "conv output not exactly equal for batch size 1 and 2": (
        "differences.html#the-last-bits-of-floats"
    ),
    "which input channels does a group read": "groups.html#the-shape-of-the-weight",
    "conv2d vs scipy": "frameworks.html#scipy",
    "expected input[1, 224, 224, 3] to have 3 channels, but got 224 channels instead": (
        "errors.html#images-into-a-layer"
    ),
    "how to make a causal conv1d": "parameters.html#causal-layers",
    "convert keras depthwise weights to pytorch": "frameworks.html#keras-depthwise-weights-hwcm",
    "network fails at another image size": "parameters.html#images-of-any-size",
    "Sizes of tensors must match except in dimension 1. Expected size 64 but got size 63 for "
    "tensor number 1 in the list.": "errors.html#adding-and-concatenating",
    "RuntimeError: Given input size: (512x1x1). Calculated output size: (512x0x0). Output size is "
    "too small": "errors.html#sizes",
    "multiply weights into batch norm": "frameworks.html#batch-normalization-eps-and-momentum",
}
LIST = [(query, f"{page}.html") for page, queries in QUERIES.items() for query in queries]


def missed(browser, server, queries):
    """Return the queries whose page or section is not among the first results, with these."""
    open_page(browser, server, "search.html")
    found = {query: browser.execute_async_script(SEARCH, query)[:FIRST] for query, _ in queries}
    return [
        (query, wanted, found[query])
        for query, wanted in queries
        if not any(f"book/{wanted}" in address for address, _ in found[query])
    ]


def test_each_word_finds_its_page(browser, server):
    assert len(LIST) >= 60
    assert missed(browser, server, LIST) == []


def test_each_question_finds_its_section(browser, server):
    assert missed(browser, server, SECTIONS.items()) == []


def test_a_search_without_an_answer_is_missed(browser, server):
    assert missed(browser, server, [("stride", "bibliography.html")])
    assert missed(browser, server, [("xylophone", "")]) == [("xylophone", "", [])]


def test_a_result_names_its_section_and_leads_to_it(browser, server):
    open_page(browser, server, "search.html?q=panorama")
    result = (
        By.LINK_TEXT,
        "Which parameter do I need? > A globe or a panorama: circular in width only",
    )
    WebDriverWait(browser, 10).until(lambda browser: browser.find_elements(*result))
    browser.find_element(*result).click()
    heading = "return document.querySelector(':target h3')?.textContent"
    WebDriverWait(browser, 10).until(lambda browser: browser.execute_script(heading))
    assert console(browser) == []
