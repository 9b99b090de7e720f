"""Which layers put out probabilities, values from 0 to 1, by what the graph computes."""

from __future__ import annotations

from utils.har.network import Layer, Network

PROBABILITY_ACTIVATIONS = frozenset({"sigmoid", "hard_sigmoid", "hardsigmoid"})
# What these make of values from 0 to 1 lies there, too: products, extremes, means, copies.
_KEEPING_TYPES = frozenset(
    "ew_mult ew_max ew_min square maxpool avgpool global_avg_pool reduce_max reduce_min "
    "reduce_mean concat merge resize activation precision_change demux feature_interleave".split()
)
_KEEPING_ACTIVATIONS = frozenset("linear relu relu6 abs sqrt".split())


def is_probability_maker(layer: Layer) -> bool:
    """Whether a layer makes probabilities, whatever it takes."""
    return layer.type == "softmax" or layer.activation in PROBABILITY_ACTIVATIONS


def keeps_probabilities(layer: Layer) -> bool:
    """Whether what a layer computes in front of its activation lies in 0 to 1 where its inputs do.

    Such is the mean of sigmoids, or the product of an objectness and the score of a class.
    """
    is_sum = bool(layer.params.get("elementwise_add"))
    return (layer.is_pass_through or layer.type in _KEEPING_TYPES) and not is_sum


def probability_makers(network: Network, layer: Layer) -> tuple[Layer, ...]:
    """Layers that make the probabilities that a layer puts out; () if it may put out others."""
    found: dict[str, Layer] = {}
    pending, seen = [layer], {layer.name}
    while pending:
        current = pending.pop()
        if is_probability_maker(current):
            found[current.name] = current
        elif _hands_on(current):
            new = dict.fromkeys(name for name in current.inputs if name not in seen)
            seen.update(new)
            pending += [network[name] for name in new]
        else:
            return ()
    return tuple(each for each in network if each.name in found)


def holds_probabilities(network: Network, layer: Layer) -> bool:
    """Whether all that a layer puts out are probabilities."""
    return bool(probability_makers(network, layer))


def _hands_on(layer: Layer) -> bool:
    is_plain = layer.activation in _KEEPING_ACTIVATIONS
    return is_plain and bool(layer.inputs) and keeps_probabilities(layer)
