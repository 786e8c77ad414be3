"""Layers compared with torch.nn: results, initial weights, state_dict, files."""

import copy
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from against_torch import (
    BATCHES,
    check_counts,
    combinations,
    drawn,
    engines_by_chance,
    integers,
    tally,
)

from convlib import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d

MODES = ["zeros", "reflect", "replicate", "circular"]
GRID = [  # crossed: modes, kernels, strides, paddings, dilations, groups, batches
    MODES,
    [1, (2, 3), (3, 2), (4, 1)],
    [1, 2, (2, 1)],
    [0, (1, 0), (2, 3), "same", "valid"],
    [1, 2, (1, 2)],
    [1, 2, 4],
    BATCHES,
]
EVERY = {"float64": 1, "float32": 1, "float16": 7, "complex64": 7, "complex128": 7}
LAYERS = [
    (4, 6, 3),
    (4, 6, (3, 2), 2),
    (4, 6, 3, (1, 2), (2, 1), 2, 2),
    (4, 8, 2, 1, "same", 1, 4, False),
    (4, 6, 3, 1, "valid", 2),
    (4, 6, [3, 2], [2], [1]),
    *[(4, 6, (3, 4), 1, (2, 1), 1, 2, True, mode) for mode in ("reflect", "replicate", "circular")],
    *[(4, 6, 4, 1, "same", 1, 1, True, mode) for mode in ("zeros", "reflect", "circular")],
]


def equal_layers(arguments, dtype="float32"):
    """Create the layer in both libraries, with the same integers as weights."""
    ours = Conv2d(*arguments, dtype=dtype, rng=0)
    theirs = torch.nn.Conv2d(*arguments, dtype=getattr(torch, dtype))
    rng = np.random.default_rng(1)
    ours.weight = rng.integers(-9, 10, ours.weight.shape).astype(dtype)
    theirs.weight.data = torch.tensor(ours.weight)
    if ours.bias is not None:
        ours.bias[...] = rng.integers(-9, 10, ours.bias.shape)
        theirs.bias.data = torch.tensor(ours.bias)
    return ours, theirs


def cases():
    """Yield every combination of the lists above, with images and biases drawn at random."""
    for dtype, chance, combination in combinations(*GRID, every=EVERY):
        mode, kernel, stride, padding, dilation, groups, batch = combination
        batched = () if batch is None else (batch,)
        input = drawn((*batched, 4, *chance.choice([(5, 7), (4, 3)])), dtype, chance)
        taps, C_out = np.broadcast_to(kernel, 2), groups * chance.choice([1, 2])
        weight = drawn((C_out, 4 // groups, *taps), dtype, chance)
        bias = chance.choice([None, drawn((C_out,), dtype, chance)])
        yield (
            (input, weight, bias),
            {
                "kernel_size": kernel, "stride": stride, "padding": padding,
                "dilation": dilation, "groups": groups, "padding_mode": mode,
            },
        )  # fmt: skip


def ours(input, weight, bias, **arguments):
    layer = Conv2d(
        4, len(weight), **arguments, bias=bias is not None, dtype=weight.dtype, rng=SEEDED
    )
    layer.weight, layer.bias = weight, bias
    return layer(input)


SEEDED = np.random.default_rng(0)


@torch.no_grad()
def theirs(input, weight, bias, **arguments):
    dtype = getattr(torch, weight.dtype.name)
    layer = torch.nn.Conv2d(4, len(weight), **arguments, bias=bias is not None, dtype=dtype)
    layer.weight.data = torch.from_numpy(weight)
    if bias is not None:
        layer.bias.data = torch.from_numpy(bias)
    return layer(torch.from_numpy(input)).numpy()


def test_equals_torch_in_every_mode_bit_for_bit_on_integers():
    with engines_by_chance():
        counts = tally(ours, theirs, cases())
    check_counts(
        counts,
        {  # equal, rejected by both
            "float64": (6_350, 2_290),
            "float32": (6_304, 2_336),
            "float16": (902, 332),
            "complex64": (899, 335),
            "complex128": (913, 321),
        },
    )


def padding_mode_ignored(*arrays, padding_mode, **rest):
    return ours(*arrays, padding_mode="zeros", **rest)


def replicate_for_reflect(*arrays, padding_mode, **rest):
    mode = "replicate" if padding_mode == "reflect" else padding_mode
    return ours(*arrays, padding_mode=mode, **rest)


@pytest.mark.parametrize("broken", [padding_mode_ignored, replicate_for_reflect])
def test_the_grid_of_modes_catches(broken):
    with pytest.raises(AssertionError):
        tally(broken, theirs, cases())


@pytest.mark.parametrize("shape", [(2, 4, 8, 7), (4, 8, 7), (0, 4, 8, 7)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("arguments", LAYERS, ids=str)
def test_equals_torch_bit_for_bit_on_integers(arguments, dtype, shape):
    ours, theirs = equal_layers(arguments, dtype)
    input = np.random.default_rng(2).integers(-9, 10, shape).astype(dtype)
    kept = input.copy()
    expected = theirs(torch.tensor(input)).detach().numpy()
    result = ours(input)
    assert result.shape == expected.shape
    assert result.dtype == expected.dtype
    assert np.array_equal(result, expected)
    assert np.array_equal(input, kept)


@pytest.mark.parametrize("arguments", LAYERS, ids=str)
def test_the_repr_can_be_typed_into_both_libraries(arguments):
    text = repr(Conv2d(*arguments))
    pairs = [tuple(a) * 2 if isinstance(a, list) and len(a) == 1 else a for a in arguments]
    pairs = [tuple(a) if isinstance(a, list) else a for a in pairs]
    assert repr(eval(text, vars(torch.nn))) == repr(torch.nn.Conv2d(*pairs))
    assert repr(eval(text, {"Conv2d": Conv2d})) == text


def test_the_repr_leaves_out_what_is_the_default():
    assert repr(Conv2d(3, 64, 7, stride=2, padding=3)) == "Conv2d(3, 64, 7, stride=2, padding=3)"
    assert repr(Conv2d(3, 8, (3, 3), exact=False)) == "Conv2d(3, 8, 3, exact=False)"
    assert repr(Conv2d(3, 8, (3, 5), dtype="float64")) == "Conv2d(3, 8, (3, 5), dtype='float64')"
    causal = "Conv1d(1, 2, 3, padding=(2, 0))"
    assert repr(Conv1d(1, 2, 3, padding=(2, 0))) == causal
    assert repr(ConvTranspose1d(1, 2, 4, 2, output_padding=1, bias=False)) == (
        "ConvTranspose1d(1, 2, 4, stride=2, output_padding=1, bias=False)"
    )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_initial_weights_have_the_distribution_of_torch(dtype):
    layer = Conv2d(8, 512, (3, 2), groups=2, dtype=dtype, rng=0)
    bound = 1 / np.sqrt(4 * 3 * 2)
    for numbers in (layer.weight, layer.bias):
        assert numbers.dtype == dtype
        parts = (numbers.real, numbers.imag) if dtype.startswith("complex") else (numbers,)
        for part in parts:
            assert np.abs(part).max() <= bound * 1.001
            assert np.abs(part).max() > 0.98 * bound
            assert abs(float(part.mean(dtype=np.float64))) < 0.1 * bound


def test_a_seed_repeats_and_layers_differ():
    one, same, other = Conv2d(2, 3, 2, rng=7), Conv2d(2, 3, 2, rng=7), Conv2d(2, 3, 2)
    assert np.array_equal(one.weight, same.weight)
    assert not np.array_equal(one.weight, other.weight)
    shared = np.random.default_rng(0)
    first, second = Conv2d(2, 3, 2, rng=shared), Conv2d(2, 3, 2, rng=shared)
    assert not np.array_equal(first.weight, second.weight)


def test_writing_into_weights_and_assigning_new_ones_counts_at_the_next_call():
    layer = Conv2d(1, 1, 1, dtype=np.float64)
    image = np.ones((1, 1, 1, 1))
    layer.weight[...] = 2
    layer.bias = np.array([3.0])
    assert layer(image).item() == 5
    layer.weight, layer.bias = np.array([[[[7.0]]]]), None
    assert layer(image).item() == 7


def different_layers(dtype="float32", bias=True):
    """Create a layer and the same layer of torch, with different weights."""
    ours = Conv2d(4, 6, (3, 2), groups=2, bias=bias, dtype=dtype, rng=0)
    theirs = torch.nn.Conv2d(4, 6, (3, 2), groups=2, bias=bias, dtype=getattr(torch, dtype))
    return ours, theirs


def check_same_results(ours, theirs):
    """Compare with torch; its float16 is not reliable, so float64 is computed and rounded once."""
    dtype = ours.weight.dtype.name
    input = integers((2, 4, 6, 5), dtype, 5)
    given = torch.tensor(input)
    if dtype == "float16":
        theirs, given = copy.deepcopy(theirs).double(), given.double()
    result, expected = ours(input), theirs(given).detach().numpy().astype(dtype)
    assert result.dtype == dtype
    assert np.array_equal(result, expected)


def with_integers(layer):
    for seed, (name, array) in enumerate(layer.state_dict().items()):
        setattr(layer, name, integers(array.shape, array.dtype.name, seed))
    return layer


DTYPES = ["float16", "float32", "float64", "complex64", "complex128"]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_weights_round_trip_through_torch(dtype, bias):
    ours, theirs = different_layers(dtype, bias)
    with_integers(ours)
    state = ours.state_dict()
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    check_same_results(ours, theirs)
    other = Conv2d(4, 6, (3, 2), groups=2, bias=bias, dtype=dtype)
    other.load_state_dict(theirs.state_dict())
    for name, array in other.state_dict().items():
        assert array.dtype == dtype
        assert array.tobytes() == state[name].tobytes()
    check_same_results(other, theirs)


def test_names_are_torchs():
    for bias in (True, False):
        ours, theirs = different_layers(bias=bias)
        shapes = {name: tuple(tensor.shape) for name, tensor in theirs.state_dict().items()}
        assert {name: array.shape for name, array in ours.state_dict().items()} == shapes


def test_parameters_that_require_a_gradient_are_read():
    ours, theirs = different_layers()
    ours.load_state_dict(dict(theirs.named_parameters()))
    assert np.array_equal(ours.weight, theirs.weight.detach())


@pytest.mark.parametrize("dtype", DTYPES)
def test_weights_round_trip_through_a_file(tmp_path, dtype):
    layer, other = Conv2d(2, 3, 2, dtype=dtype, rng=0), Conv2d(2, 3, 2, dtype=dtype, rng=1)
    np.savez(tmp_path / "layer.npz", **layer.state_dict())
    with np.load(tmp_path / "layer.npz") as file:
        other.load_state_dict(file)
    assert other.weight.tobytes() == layer.weight.tobytes()
    assert other.bias.tobytes() == layer.bias.tobytes()


def test_a_file_of_torchs_weights_is_read_where_torch_is_not_imported(tmp_path):
    theirs = torch.nn.Conv2d(2, 3, 2)
    np.savez(tmp_path / "torch.npz", **{k: t.numpy() for k, t in theirs.state_dict().items()})
    code = (
        "import sys, numpy as np, convlib\n"
        "layer = convlib.Conv2d(2, 3, 2)\n"
        "layer.load_state_dict(np.load(sys.argv[1]))\n"
        "np.savez(sys.argv[2], **layer.state_dict())\n"
        "assert 'torch' not in sys.modules\n"
    )
    files = [tmp_path / "torch.npz", tmp_path / "back.npz"]
    subprocess.run([sys.executable, "-c", code, *files], check=True)
    with np.load(files[1]) as back:
        theirs.load_state_dict({name: torch.from_numpy(back[name]) for name in back})
        assert np.array_equal(back["weight"], theirs.weight.detach())


def test_layers_are_read_from_the_file_of_a_whole_network(tmp_path):
    network = torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, 2), torch.nn.ReLU(), torch.nn.ConvTranspose2d(3, 2, 2)
    )
    named = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    np.savez(tmp_path / "network.npz", **named)
    first, last = Conv2d(2, 3, 2), ConvTranspose2d(3, 2, 2)
    with np.load(tmp_path / "network.npz") as state:
        first.load_state_dict(state, prefix="0.")
        last.load_state_dict(state, prefix="2.")
    assert np.array_equal(first.weight, named["0.weight"])
    assert np.array_equal(last.weight, named["2.weight"])
    assert np.array_equal(last.bias, named["2.bias"])


def test_a_state_shares_no_memory_with_the_layer_it_came_from_or_went_to():
    ours, theirs = different_layers()
    own_state, torch_state = ours.state_dict(), theirs.state_dict()
    arrays = [own_state["weight"], own_state["bias"]]
    assert not any(np.shares_memory(a, b) for a in arrays for b in (ours.weight, ours.bias))
    ours.load_state_dict(own_state)
    assert not any(np.shares_memory(a, b) for a in arrays for b in (ours.weight, ours.bias))
    ours.load_state_dict(torch_state)
    ours.weight[...], kept = 7, theirs.weight.detach().clone()
    assert torch.equal(theirs.weight, kept)
    with torch.no_grad():
        theirs.bias.fill_(8)
    assert not (ours.bias == 8).any()


def test_a_state_that_does_not_fit_changes_nothing():
    layer = Conv2d(2, 3, 2, rng=0)
    kept, state = layer.state_dict(), Conv2d(2, 3, 2, rng=1).state_dict()
    with pytest.raises(ValueError, match="bias of shape"):
        layer.load_state_dict({**state, "bias": state["bias"][:2]})
    with pytest.raises(TypeError, match="bias has dtype"):
        layer.load_state_dict({**state, "bias": state["bias"].astype(float)})
    assert layer.weight.tobytes() == kept["weight"].tobytes()
    assert layer.bias.tobytes() == kept["bias"].tobytes()


def test_a_loaded_weight_can_be_written_into():
    frozen = Conv2d(2, 3, 2, rng=0).state_dict()
    for array in frozen.values():
        array.flags.writeable = False
    layer = Conv2d(2, 3, 2)
    layer.load_state_dict(frozen)
    layer.weight[...] = 1
    assert layer.weight.sum() == layer.weight.size


def test_a_bias_can_be_removed_and_assigned_again():
    layer = Conv2d(1, 2, 1, dtype=np.float64)
    layer.bias = None
    assert set(layer.state_dict()) == {"weight"}
    assert "bias=False" in repr(layer)
    layer.bias = np.array([1.0, 2.0])
    assert set(layer.state_dict()) == {"weight", "bias"}


OTHER_LAYERS = [
    (Conv1d, (4, 6, 3), {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}),
    (Conv1d, (4, 6, 4), {"padding": "same", "padding_mode": "circular"}),
    (Conv3d, (4, 6, (2, 3, 1)), {"stride": (1, 2, 1), "padding": 1, "bias": False}),
    (Conv3d, (4, 4, 3), {"padding": (1, 0, 2), "groups": 4, "padding_mode": "replicate"}),
    (ConvTranspose1d, (4, 6, 4), {"stride": 2, "padding": 1, "output_padding": 1}),
    (ConvTranspose2d, (4, 6, (3, 2)), {"stride": (2, 1), "groups": 2, "dilation": 2}),
    (ConvTranspose2d, (4, 6, 3), {"stride": 3, "output_padding": (2, 0), "bias": False}),
    (ConvTranspose3d, (4, 6, 2), {"stride": 2, "padding": (0, 1, 0)}),
]
SIZES = {1: (9,), 2: (6, 7), 3: (5, 4, 6)}


@pytest.mark.parametrize(("kind", "arguments", "named"), OTHER_LAYERS, ids=repr)
def test_every_kind_of_layer_equals_torchs_bit_for_bit_on_integers(kind, arguments, named):
    ours = kind(*arguments, **named, dtype=np.float64, rng=0)
    theirs = getattr(torch.nn, kind.__name__)(*arguments, **named, dtype=torch.float64)
    with_integers(ours)
    theirs.load_state_dict({k: torch.from_numpy(a) for k, a in ours.state_dict().items()})
    input = integers((2, 4, *SIZES[kind.axes]), "float64", 5)
    batch_output = theirs(torch.tensor(input)).detach().numpy()
    for images, expected in ((input, batch_output), (input[0], batch_output[0])):
        result = ours(images)
        assert result.shape == expected.shape
        assert np.array_equal(result, expected)
    assert repr(eval(repr(ours), {kind.__name__: kind})) == repr(ours)
    cost = ours.cost(input.shape[1:])
    assert cost.output == batch_output.shape[1:]
    assert cost.parameters == sum(parameter.numel() for parameter in theirs.parameters())


@pytest.mark.parametrize(("kind", "arguments", "named"), OTHER_LAYERS, ids=repr)
def test_initial_weights_of_every_layer_have_the_range_of_torch(kind, arguments, named):
    ours, theirs = kind(*arguments, **named, rng=0), None
    torch_layer = getattr(torch.nn, kind.__name__)(*arguments, **named)
    theirs = max(abs(p).max().item() for p in torch_layer.parameters())
    bound = 1 / np.sqrt(np.prod(ours.weight_shape[1:]))
    assert theirs <= bound * 1.001
    assert np.abs(ours.weight).max() <= bound
    assert np.abs(ours.weight).max() > 0.8 * bound


def test_causal_and_asymmetric_padding_in_layers():
    layer = Conv1d(1, 1, 3, padding=(2, 0), dtype=np.float64)
    layer.weight, layer.bias = np.array([[[100.0, 10, 1]]]), None
    assert layer(np.array([[1.0, 2, 3]])).tolist() == [[1, 12, 123]]
    layer = Conv2d(1, 1, 2, padding=((1, 0), (0, 1)), padding_mode="replicate", dtype=np.float64)
    layer.weight, layer.bias = np.ones((1, 1, 2, 2)), None
    assert layer(np.array([[[1.0, 2], [3, 4]]])).tolist() == [[[6, 8], [10, 12]]]


def test_weights_are_created_on_first_access_only_and_the_seed_decides_at_construction():
    layer = Conv2d(64, 64, 3)
    assert layer.cost((64, 8, 8)).parameters == 36_928
    assert layer._weight is None  # a description costs nothing
    shared = np.random.default_rng(3)
    first, second = Conv2d(2, 3, 2, rng=shared), Conv2d(2, 3, 2, rng=shared)
    later = second.weight.copy()  # accessed in the other order
    earlier = first.weight.copy()
    shared = np.random.default_rng(3)
    again = [Conv2d(2, 3, 2, rng=shared).weight for _ in range(2)]
    assert np.array_equal(again[0], earlier)
    assert np.array_equal(again[1], later)


def test_a_copy_from_before_the_weights_are_created_has_the_same():
    layer = Conv2d(2, 3, 2)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert np.array_equal(other.weight, layer.weight)
        assert np.array_equal(other.bias, layer.bias)


def test_an_assigned_weight_survives_the_creation_of_the_bias():
    layer = Conv2d(1, 2, 1, rng=0)
    layer.weight = np.full((2, 1, 1, 1), 5, np.float32)
    assert layer.bias.shape == (2,)
    assert (layer.weight == 5).all()


def test_threads_that_access_the_weights_at_once_get_the_same_arrays():
    layer, accessed = Conv2d(64, 64, 3), []
    start = threading.Barrier(8)

    def access():
        start.wait()
        accessed.append((layer.weight, layer.bias))

    threads = [threading.Thread(target=access) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accessed) == 8
    assert (
        len({id(weight) for weight, _ in accessed}) == len({id(bias) for _, bias in accessed}) == 1
    )


def test_complex_weights_have_an_imaginary_part_of_their_own():
    layer = Conv2d(2, 8, 3, dtype="complex128", rng=0)
    for numbers in (layer.weight, layer.bias):
        assert not np.array_equal(numbers.real, numbers.imag)
