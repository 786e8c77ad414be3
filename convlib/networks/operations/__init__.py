"""What each operation of torch reads, and its MACs: from the shapes and arguments of a call.

Names are torch's, without a namespace and without the last underscore of those that work in
place. Each module has the rules of one kind of operation.
"""

from collections.abc import Mapping, Sequence

from convlib.networks import reads
from convlib.networks.operations import places, sums, views, windows
from convlib.networks.operations.call import Call, Rule
from convlib.networks.operations.costs import RECURRENT, macs
from convlib.networks.operations.views import VIEWS
from convlib.networks.reads import Seen

__all__ = ["ELEMENTWISE", "VIEWS", "Call", "counts", "is_known", "macs", "seen_behind"]

ON_EACH_NUMBER = """
    _to_copy abs add addcdiv addcmul alias alpha_dropout atan bernoulli bitwise_and bitwise_not
    bitwise_or celu clamp clamp_max clamp_min clone contiguous cos cosh detach div dropout elu eq
    erf exp expm1 feature_alpha_dropout feature_dropout fill float floor floor_divide fmod ge gelu
    gt hardshrink hardsigmoid hardswish hardtanh isnan le leaky_relu lerp lift_fresh log log10
    log1p log2 log_sigmoid log_sigmoid_forward logical_and logical_not logical_or lt masked_fill
    maximum minimum mish mul native_dropout ne neg positive pow prelu reciprocal relu
    relu6 remainder round rrelu rrelu_with_noise rsqrt rsub selu sigmoid sign silu sin softplus
    softshrink sqrt square sub tan tanh threshold to type_as where xlogy
"""
ELEMENTWISE = frozenset(ON_EACH_NUMBER.split())
RULES: Mapping[str, Rule] = {**windows.RULES, **places.RULES, **sums.RULES, **views.RULES}


def is_known(name: str) -> bool:
    """Return whether an operation has a rule, so that it is not taken apart."""
    return name in RULES or name in ELEMENTWISE


def counts(name: str) -> bool:
    """Return whether the MACs of an operation are known."""
    return is_known(name) or name in RECURRENT


def seen_behind(call: Call) -> Sequence[Seen]:
    """Return what each output reads."""
    if call.name in RULES:
        seen = RULES[call.name](call)
        return [seen] * len(call.outputs) if isinstance(seen, Mapping) else seen
    if call.name in ELEMENTWISE:
        return [reads.joined(tuple(each.shape), call.tensors()) for each in call.outputs]
    return [reads.all_of(call.tensors(), is_bound=True)] * len(call.outputs)
