"""Layers whose values are meant to be wide, known from what stands behind them."""

from __future__ import annotations

from utils.har.network import Layer, Network

# Logits, box coordinates and gates are meant to be wide: training bounds them by what becomes of
# them, not by normalization. They are recognized from behind, from an output, a softmax or a
# sigmoid back over layers that score, choose, move, average, scale or add. Batch normalization
# may stand before a sum or an average, too, but a layer wrongly left out costs less than an
# alarm at every segmentation or detection head.
LOGIT_CONSUMERS = frozenset(
    "softmax argmax activation concat nms postprocess resize avgpool global_avg_pool".split()
)
LINEAR_CONSUMERS = frozenset("normalization ew_add ew_sub".split())  # unless activated


def logit_layers(network: Network) -> frozenset[str]:
    """Layers whose values are logits, gates, or what an output makes of them."""
    found: set[str] = set()
    pending = [network[name] for name in network.feeds_output]
    pending += [
        layer for layer in network if layer.type == "softmax" or layer.activation == "sigmoid"
    ]
    while pending:
        layer = pending.pop()
        if layer.name not in found:
            found.add(layer.name)
            if _hands_logits_on(network, layer):
                pending += sources(network, layer)
    return frozenset(found)


def _hands_logits_on(network: Network, layer: Layer) -> bool:
    if layer.type in LOGIT_CONSUMERS or layer.type.startswith("reduce_"):
        return True
    if layer.activation != "linear":
        return False
    # A product of two tensors is attention; one with a constant only scales.
    is_scaling = layer.type == "ew_mult" and any(
        source.type == "const_input" for source in sources(network, layer)
    )
    return is_scaling or layer.type in LINEAR_CONSUMERS


def sources(network: Network, layer: Layer) -> list[Layer]:
    """What computes the tensors that a layer reads."""
    return [p for before in network.predecessors(layer) for p in network.producers(before)]
