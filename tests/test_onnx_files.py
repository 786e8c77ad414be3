"""ONNX files: exported networks compared with the torch modules that they come from."""

import warnings

import architectures
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from processes import printed_by
from torch import nn
from torch.nn import functional as F

from convlib.__main__ import main
from convlib.networks import onnx_summary, summary


class Small(nn.Module):
    """Crops, joins, reductions, resizing: what exporters write as several nodes."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect")
        self.deep = nn.Conv2d(8, 8, (3, 2), stride=2, dilation=(1, 2), groups=2)
        self.norm = nn.InstanceNorm2d(8, affine=True)
        self.head = nn.Linear(8, 5, bias=False)

    def forward(self, x):
        """Return a map and a vector."""
        x = F.relu(self.conv(x))[..., 1:, :-1:2]
        y = F.interpolate(self.norm(self.deep(x)), scale_factor=2, mode="bilinear")
        y = F.avg_pool2d(F.pad(y, (1, 0, 2, 1)), 3, 2, ceil_mode=True)
        left, right = torch.split(y, 4, 1)
        y = torch.cat([right, left * torch.sigmoid(right)], 1)
        return y, self.head(y.mean((2, 3)))


NETWORKS = {
    "lenet": (architectures.lenet, (1, 32, 32)),
    "squeezenet": (lambda: architectures.squeezenet("1.1"), (3, 64, 48)),
    "shufflenet": (
        lambda: architectures.shufflenet_v2((8, 16, 32, 64, 64)),
        (3, 64, 64),
    ),
    "resnet20": (architectures.CifarResnet, (3, 32, 32)),
    "transformer": (lambda: architectures.VisionTransformer(56, 24, 1, 2), (3, 224, 224)),
    "unet": (lambda: architectures.Unet(2, 1, (4, 8, 16)), (2, 32, 24)),
    "dcgan": (lambda: architectures.dcgan(4), (100, 1, 1)),
    "pyramid": (lambda: architectures.Pyramid(4, (2, 3, 5)), (4, 15, 12)),
    "encoder": (lambda: architectures.EncoderBlock(8, 2, 16), (5, 8)),
    "small": (Small, (3, 17, 20)),
}
FOLDED = {"resnet20", "shufflenet", "unet", "dcgan", "pyramid"}  # their batch normalizations


@pytest.fixture
def exported(tmp_path):
    """Export a module to a file."""

    def export(module, shape):
        path = tmp_path / "model.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the exporter
            torch.onnx.export(module.eval(), torch.ones(1, *shape), str(path), dynamo=False)
        return path

    return export


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_is_described_as_the_module_that_it_comes_from(name, exported):
    make, shape = NETWORKS[name]
    module = make().eval()
    for parameter in module.parameters():
        nn.init.uniform_(parameter)  # the exporter writes equal ones once
    total, traced = onnx_summary(exported(module, shape)), summary(module, shape)
    assert [each.shape for each in total.outputs] == [each.shape for each in traced.outputs]
    assert total.inputs == (shape,)
    assert total.macs == traced.macs
    assert (total.notes, total.is_complete) == ((), True)
    for ours, theirs in zip(total.outputs, traced.outputs, strict=True):
        for file, torchs in zip(ours.reads(), theirs.reads(), strict=True):
            if not file.is_bound:
                assert file.padded.field.size == torchs.padded.field.size
                assert file.inside.field == torchs.inside.field
            assert file.inside.field.size >= torchs.inside.field.size
    assert bool(total.unaligned) == bool(traced.unaligned)
    if name not in FOLDED:
        assert total.parameters == traced.parameters
        assert total.weight_bytes == 4 * total.parameters
    assert sum(row.macs for row in total) == total.macs


def test_a_file_is_read_in_the_terminal(exported, capsys, tmp_path):
    path = exported(architectures.lenet(), (1, 32, 32))
    assert main([str(path)]) == 0
    out, err = capsys.readouterr()
    assert (out.startswith(str(onnx_summary(path))), err) == (True, "")
    assert out.endswith("starts at pixel 0, 0\n")
    assert main([str(path), "1x40x32"]) == 2  # Gemm has 400 numbers
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()[1:3]] == ["0/Conv", "1/Tanh"]
    assert err.count("\n") == 1
    assert err.startswith("layer 7/Gemm, Gemm(alpha=1.0, beta=1.0, transB=1): ")
    assert main([str(tmp_path / "other.onnx")]) == 2
    assert "other.onnx" in capsys.readouterr().err


def write(path, nodes, shape, constants=()):
    """Write a file with one input x and one output y, of which no size is told."""
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)
        for name, sizes in (("x", shape), ("y", None))
    ]
    graph = helper.make_graph(nodes, "net", values[:1], values[1:], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


def constant(name, *shape):
    return helper.make_tensor(name, TensorProto.FLOAT, shape, [1.0] * torch.Size(shape).numel())


@pytest.mark.parametrize(("mode", "start"), [("SAME_UPPER", 0), ("SAME_LOWER", -1), ("VALID", 0)])
def test_automatic_padding_is_that_of_the_specification(mode, start, tmp_path):
    node = helper.make_node(
        "Conv", ["x", "w"], ["y"], auto_pad=mode, strides=[2, 2], kernel_shape=[3, 3]
    )
    path = write(tmp_path / "same.onnx", [node], ["n", 1, 8, 8], [constant("w", 2, 1, 3, 3)])
    total = onnx_summary(path)
    assert total.output == ((2, 3, 3) if mode == "VALID" else (2, 4, 4))
    assert total.fields == ((3, 2, start),) * 2
    assert (total.parameters, total.macs) == (18, 18 * total.output[1] ** 2)


def test_what_the_file_does_not_tell(tmp_path, capsys):
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=[3, 3]),
        helper.make_node("NonZero", ["a"], ["b"], name="/where"),
        helper.make_node("Cast", ["b"], ["y"], to=TensorProto.FLOAT),
    ]
    path = write(tmp_path / "open.onnx", nodes, ["n", 1, "height", 8], [constant("w", 2, 1, 3, 3)])
    with pytest.raises(ValueError, match=r"^input_size must be given: .*'height'$"):
        onnx_summary(path)
    with pytest.raises(ValueError, match=r"^input_size=\(8, 8\)"):
        onnx_summary(path, (8, 8))
    total = onnx_summary(path, (1, 8, 8))
    assert [row.position for row in total] == ["a"]
    assert (total.is_complete, total.macs) == (False, 18 * 36)
    assert total.notes == ("the rows end at NonZero(): onnx infers no shape",)
    assert main([str(path), "1x8x8"]) == 0
    assert capsys.readouterr().out == f"{total}\n"
    unknown = [helper.make_node("DeformConv", ["x", "w", "o"], ["y"], kernel_shape=[3, 3])]
    constants = [constant("w", 2, 1, 3, 3), constant("o", 1, 18, 6, 6)]
    total = onnx_summary(write(tmp_path / "deform.onnx", unknown, [1, 1, 8, 8], constants))
    assert total.is_bound or not total.is_complete


def test_onnx_is_imported_only_to_read_a_file():
    code = (
        "import sys; from convlib.networks import onnx_summary; print('onnx' in sys.modules);"
        "sys.modules['onnx'] = None\n"
        "try: onnx_summary('model.onnx')\n"
        "except ImportError as error: print(error)"
    )
    assert printed_by(code).splitlines() == [
        "False",
        "reading a file needs onnx, which the extra [onnx] installs, "
        "as does pip install 'onnx>=1.18'",
    ]
