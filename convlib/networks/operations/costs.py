"""Multiply-adds of operations."""

import math

from convlib.networks.operations.call import Call
from convlib.networks.operations.sums import ATTENTION

RECURRENT = frozenset(["lstm", "gru", "rnn_tanh", "rnn_relu"])


def macs(call: Call) -> int:
    """Return the multiply-adds of a call: each weight once for each number that it makes."""
    name = call.name
    if name in ("conv1d", "conv2d", "conv3d", "convolution", "_convolution") or name.startswith(
        "conv_transpose"
    ):
        is_transposed = call.get("transposed") or "transpose" in name
        numbers = call.input if is_transposed else call.outputs[0]
        return int(numbers.numel() * call["weight"][0].numel())
    if name == "linear":
        return int(call.outputs[0].numel() * call["weight"].shape[-1])
    if name in ("addmm", "baddbmm", "addbmm"):
        left = call["mat1"] if name == "addmm" else call["batch1"]
        return int(call.outputs[0].numel() * left.shape[-1])
    if name in ("mm", "bmm", "matmul") or (name in ("mv", "dot") and call.tensors()):
        return int(call.outputs[0].numel() * call.input.shape[-1])
    if name in ATTENTION:
        keys = call["key"].shape[-2]
        return int((call["query"].numel() + call.outputs[0].numel()) * keys)
    if name in RECURRENT:
        weights = [each for each in call["params"] if each.dim() == 2]
        steps = math.prod(call.input.shape[:-1])
        return int(steps * sum(each.numel() for each in weights))
    return 0
