"""What a layer takes from the layers before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Protocol, TypeVar

from utils.har.network import Layer, Network

PartT_co = TypeVar("PartT_co", covariant=True)


class _HasParts(Protocol[PartT_co]):
    @property
    def parts(self) -> tuple[PartT_co, ...]: ...


def parts_taken(
    network: Network, layer: Layer, computed: Mapping[str, _HasParts[PartT_co]]
) -> list[PartT_co]:
    """What a layer takes from its predecessors, in operand order."""
    found = []
    taken: Counter[str] = Counter()
    for source in network.predecessors(layer):
        # A layer may take several parts of a splitter; they come in the order of its edges.
        edges = [index for index, name in enumerate(source.outputs) if name == layer.name]
        edge = edges[min(taken[source.name], len(edges) - 1)]
        taken[source.name] += 1
        found.append(computed[source.name].parts[edge])
    return found
