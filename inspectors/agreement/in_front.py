"""Layers in front of a choice: what computes the channels, and what only moves them."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import Context
from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer, Network


def layers_in_front(context: Context) -> Iterator[str]:
    """Layers whose channels are those that outputs choose among, with what computes them."""
    found = context.measurements.agreement if context.measurements else None
    if found is not None:
        network = context.model.network
        for name in found.outputs:
            layers = moved_channels(network, network[found.judged_layer(name)])
            yield from (layer.name for layer in layers)


def moved_channels(network: Network, layer: Layer) -> Iterator[Layer]:
    """A layer, and those before it back to the one with weights that computes its channels."""
    yield layer
    while layer.type not in WEIGHT_TYPES and len(layer.inputs) == 1:
        layer = network.predecessors(layer)[0]
        yield layer
