"""Layers whose values enter no activation before the next weights."""

from __future__ import annotations

from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer, Network


def enters_no_activation(network: Network, layer: Layer) -> bool:
    """Whether nothing bends the values of a layer before they are multiplied with weights again.

    The projections of inverted residuals are such: scaled by any number, with the weights behind
    divided by it, the network computes the same, in float and in codes.
    """
    if layer.activation != "linear":
        return False
    pending, seen = [layer], {layer.name}
    while pending:
        source = pending.pop()
        for reader in network.successors(source):
            if reader.type in WEIGHT_TYPES and not _is_added(source, reader):
                continue
            if reader.activation != "linear" or reader.type in ("softmax", "output_layer"):
                return False
            if reader.name not in seen:
                seen.add(reader.name)
                pending.append(reader)
    return True


def _is_added(source: Layer, reader: Layer) -> bool:
    """Whether a layer with weights adds these values to its sums, and multiplies them with none."""
    return bool(reader.params.get("elementwise_add")) and reader.inputs[1:2] == (source.name,)
