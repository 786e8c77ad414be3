"""Networks of papers: run in torch; every published figure compared, every difference explained."""

from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import convlib
from convlib import zoo
from convlib.networks import Branch, summary
from convlib.zoo import compare, published, tables

NETWORKS = {
    "alexnet": (zoo.alexnet(), (3, 227, 227)),
    "alexnet dense": (zoo.alexnet(groups=1, classes=10), (3, 227, 227)),
    "vgg11": (zoo.vgg(11, classes=10), (3, 224, 224)),
    "vgg16": (zoo.vgg(16), (3, 224, 224)),
    "squeezenet": (zoo.squeezenet(), (3, 227, 227)),
    "resnet50": (zoo.resnet(50), (3, 224, 224)),
    "resnet50 3x3": (zoo.resnet(50, "3x3", classes=10), (3, 224, 224)),
    "resnext50": (zoo.resnet(50, "3x3", 32, 4), (3, 224, 224)),
    "resnet101": (zoo.resnet(101), (3, 64, 64)),
    "resnet152": (zoo.resnet(152), (3, 64, 64)),
    "mobilenet": (zoo.mobilenet(), (3, 224, 224)),
    "mobilenet narrow": (zoo.mobilenet(0.25, classes=10), (3, 128, 128)),
    "mobilenet dense": (zoo.mobilenet(separable=False), (3, 64, 64)),
    "mobilenet shallow": (zoo.mobilenet(shallow=True), (3, 64, 64)),
    **{f"shufflenet {g}": (zoo.shufflenet(g), (3, 224, 224)) for g in (1, 2, 3, 4, 8)},
    "deeplab": (zoo.deeplab(), (3, 65, 65)),
    "deeplab heads": (zoo.deeplab(3, (6, 12, 18, 24)), (3, 65, 65)),
    "context": (zoo.context(5), (5, 40, 40)),
    "wavenet": (zoo.wavenet(1, channels=4), (4, 1100)),
}


class Joined(nn.Module):
    """Parallel paths."""

    def __init__(self, branch):
        super().__init__()
        self.paths = nn.ModuleList(built(path) for path in branch.paths)
        self.join = branch.join

    def forward(self, x):
        """Join the outputs of the paths."""
        outputs = [path(x) for path in self.paths]
        return sum(outputs) if self.join == "add" else torch.cat(outputs, dim=1)


def built(layers):
    """Build layers in torch on the meta device, from their repr."""
    if isinstance(layers, Branch):
        return Joined(layers)
    if isinstance(layers, list | dict):
        inner = layers.values() if isinstance(layers, dict) else layers
        return nn.Sequential(*map(built, inner))
    with torch.device("meta"):
        return eval(repr(layers), vars(nn))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_runs_in_torch_with_as_many_parameters_and_macs(name):
    layers, shape = NETWORKS[name]
    total, model = summary(layers, shape), built(layers).eval()
    counter, image = FlopCounterMode(display=False), torch.zeros(1, *shape, device="meta")
    with torch.no_grad(), counter:
        assert total.output == model(image)[0].shape
    assert 2 * total.macs == counter.get_total_flops()
    assert total.parameters == sum(each.numel() for each in model.parameters())


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_traced_in_torch_has_the_fields_of_the_list(name):
    layers, shape = NETWORKS[name]
    total, traced = summary(layers, shape), summary(built(layers), shape)
    for view in ("output", "parameters", "macs", "fields", "receptive_field_inside"):
        assert getattr(traced, view) == getattr(total, view)


@pytest.fixture(scope="module")
def comparisons():
    """Run the page, and return its comparisons."""
    plt.switch_backend("agg")
    path = Path(__file__).parents[1] / "book" / "papers.ipynb"
    names = {"display": lambda *_: None}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, path.name, "exec"), names)
    plt.close("all")
    return names["found"]


def test_the_page_compares_every_printed_table(comparisons):
    assert set(comparisons) == set(tables())
    assert sum(len(list(one)) for one in comparisons.values()) == 267


def test_every_figure_that_differs_has_a_reason_and_no_other_has(comparisons):
    for key, one in comparisons.items():
        for figure in one:
            assert figure.equal != bool(figure.why), (key, figure)
        assert set(tables()[key].why) <= {f"{each.row}, {each.column}" for each in one}


def test_no_printed_number_is_among_the_layers():
    printed = {
        number
        for key, table in tables().items()
        if not key.startswith("fields")
        for row in table.rows.values()
        for number in row
        if len(number) > 4
    }
    for path in Path(published.__file__).parent.glob("*.py"):
        if path.name != "published.py":
            code = path.read_text().replace("_", "")
            assert not [number for number in printed if number in code]


def test_sources_name_their_kind():
    for table in tables().values():
        assert table.read in ("paper", "transcription", "repository", "quotation")
        assert len(table.source) > 20
        assert all(
            len(row) == len(table.columns) == len(table.units) for row in table.rows.values()
        )


def test_a_figure_is_rounded_half_up_to_the_printed_digits():
    (figure,) = compare("alexnet-parameters", [[65_000_000]])
    assert (figure.computed, figure.equal) == ("7", False)
    (figure,) = compare("alexnet-parameters", [[64_999_999]])
    assert (figure.computed, figure.equal) == ("6", True)


@pytest.mark.parametrize(
    ("key", "computed", "sentence"),
    [
        ("vgg", [[1]], r"key='vgg' must be one of 'alexnet-neurons'"),
        ("vgg-flops", [[1]], r"computed has 1 rows, not 2: 16, 19"),
        ("vgg-flops", [[1], [1, 2]], r"computed has 2 numbers in row 19, not 1"),
    ],
)
def test_numbers_that_are_not_the_table_s_are_rejected(key, computed, sentence):
    with pytest.raises(ValueError, match=sentence):
        compare(key, computed)
    with pytest.raises(TypeError, match=r"computed=\[3\] must be a list of lists"):
        compare("vgg-flops", [3])


@pytest.mark.parametrize(
    ("build", "error", "sentence"),
    [
        (lambda: zoo.resnet(18), ValueError, r"^depth=18 must be one of 50, 101, 152$"),
        (lambda: zoo.resnet("50"), TypeError, r"^depth='50' must be an int"),
        (
            lambda: zoo.resnet(50, "2x2"),
            ValueError,
            r"^stride_in='2x2' must be one of '1x1'",
        ),
        (lambda: zoo.resnet(width=0), ValueError, r"^width=0 must be at least 1"),
        (lambda: zoo.vgg(12), ValueError, r"^depth=12 must be one of 11, 13, 16, 19$"),
        (lambda: zoo.shufflenet(5), ValueError, r"^groups=5 must be one of 1, 2, 3, 4, 8$"),
        (lambda: zoo.shufflenet(True), TypeError, r"^groups=True must be an int, not bool"),
        (lambda: zoo.mobilenet("1"), TypeError, r"^width='1' must be a number"),
        (lambda: zoo.mobilenet(-1), ValueError, r"^width=-1 must be above 0"),
        (lambda: zoo.mobilenet(separable=1), TypeError, r"^separable=1 must be True or False"),
        (lambda: zoo.mobilenet(shallow=1), TypeError, r"^shallow=1 must be True or False"),
        (lambda: zoo.wavenet(0), ValueError, r"^blocks=0 must be at least 1"),
        (lambda: zoo.deeplab(dilations=()), ValueError, r"^dilations=\(\) must contain"),
        (lambda: zoo.deeplab(0), ValueError, r"^kernel_size=0 must be at least 1"),
        (lambda: zoo.alexnet(5), ValueError, r"must be divisible by groups=5"),
    ],
)
def test_a_network_that_does_not_exist_is_rejected_in_a_sentence(build, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        build()
    assert Path(convlib.__file__).parent in Path(caught.traceback[-1].path).parents


def test_one_dilation_may_be_an_int():
    assert repr(zoo.deeplab(dilations=4)) == repr(zoo.deeplab(dilations=(4,)))
