"""What lies behind layers of a network, and in front of them."""

from __future__ import annotations

from collections.abc import Collection

from utils.har.network import Network


def reached_from(network: Network, names: Collection[str]) -> set[str]:
    """Some layers, and all that a change of them reaches."""
    found: set[str] = set()
    for layer in network:
        if layer.name in names or not found.isdisjoint(layer.inputs):
            found.add(layer.name)
    return found


def reaching(network: Network, outputs: Collection[str]) -> set[str]:
    """Layers from which a change reaches any of these outputs, with the outputs themselves."""
    found = set(outputs)
    pending = [network[name] for name in outputs]
    while pending:
        for source in network.predecessors(pending.pop()):
            if source.name not in found:
                found.add(source.name)
                pending.append(source)
    return found
