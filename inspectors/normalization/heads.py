"""Whether the outputs show that a network was trained on values as large as those that enter."""

from __future__ import annotations

from inspectors.base_inspector import Context
from utils.har.network import Layer

# Standard deviation of outputs. Three networks trained on pixels as they are had 6 to 11; of eleven
# others that were fed so, ten had 27 and more.
NARROW = 12.0
# What these make of large values is as small as ever, and shows nothing.
BOUNDING = frozenset("relu6 sigmoid hardsigmoid tanh hardswish softsign".split())
NORMALIZING = frozenset("softmax layer_normalization group_normalization batch_norm".split())


def answers_as_trained(context: Context) -> bool:
    """Whether all outputs are narrow although nothing in the network bounds or normalizes.

    Values that are a hundred times as large as in training come out about as much too large.
    """
    network = context.model.network
    if any(layer.activation in BOUNDING or layer.type in NORMALIZING for layer in network):
        return False
    heads = {head.name: head for o in network.output_layers for head in network.producers(o)}
    return bool(heads) and all(_is_narrow(context, head) for head in heads.values())


def _is_narrow(context: Context, head: Layer) -> bool:
    found = context.output_statistics(head.name)
    return found is not None and found.values.pooled_std <= NARROW
