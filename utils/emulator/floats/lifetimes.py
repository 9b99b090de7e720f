"""When a tensor is needed for the last time."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from utils.har.network import Layer, Network


def last_readers(
    network: Network, layers: Iterable[Layer], kept: Collection[str]
) -> dict[str, list[str]]:
    """By layer, whose tensors nobody needs once that layer was computed.

    Parameters
    ----------
    layers : in the order in which they are computed; others of the network are not.
    kept : layers whose tensors are needed to the end.
    """
    order = {layer.name: position for position, layer in enumerate(layers)}
    found: dict[str, list[str]] = {}
    for name in order:
        if name not in kept:
            readers = [r.name for r in network.successors(network[name]) if r.name in order]
            last = max([name, *readers], key=order.__getitem__)
            found.setdefault(last, []).append(name)
    return found
