"""Who computes with the values of a layer."""

from __future__ import annotations

from utils.har.network import Layer, Network


def computing_readers(network: Network, layer: Layer) -> list[Layer]:
    """Layers that compute with a layer's values, behind concats and layers that hand them on.

    Concats at outputs are followed to these, so what only goes there has no readers.
    """
    found: dict[str, Layer] = {}
    pending, seen = list(layer.outputs), set(layer.outputs)
    while pending:
        reader = network[pending.pop(0)]
        if reader.is_pass_through or reader.type == "concat":
            pending += [name for name in reader.outputs if name not in seen]
            seen.update(reader.outputs)
        else:
            found[reader.name] = reader
    return [each for each in network if each.name in found]


def feeds_softmax(network: Network, layer: Layer) -> bool:
    """Whether a softmax is among them."""
    return any(reader.type == "softmax" for reader in computing_readers(network, layer))
