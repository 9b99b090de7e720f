"""The layers around a finding: which ones, and how they are connected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from utils.har.network import Network
from utils.renderers.html.layers import NumberedLayer, NumberedLayers

RADIUS = 2  # edges from a layer of the finding
MAX_CENTRES = 3  # layers of a finding that are drawn
MAX_LAYERS = 40  # of all pictures of a finding


@dataclass(frozen=True)
class Neighbourhood:
    """A connected part of the network.

    Parameters
    ----------
    layers : in graph order.
    centres : names of those that the finding is about.
    edges : pairs of names, from producer to reader.
    left_out : how many more layers are as near, but would not fit into a picture.
    """

    layers: tuple[NumberedLayer, ...]
    centres: frozenset[str]
    edges: tuple[tuple[str, str], ...]
    left_out: int = 0


def neighbourhoods(layers: NumberedLayers, names: Sequence[str]) -> list[Neighbourhood]:
    """Parts of the quantized network around the layers of a finding, the noisiest of them."""
    network = layers.report.model.network
    present = [name for name in dict.fromkeys(names) if name in network]
    centres = sorted(present, key=lambda name: _snr(layers.by_name[name]))[:MAX_CENTRES]
    near, left_out = _near(network, centres)
    parts = _connected(network, near)
    return [
        _part(layers, network, part, frozenset(present), left_out if part is parts[0] else 0)
        for part in parts
    ]


def _snr(layer: NumberedLayer) -> float:
    value = layer.entry.get("snr_db")
    return float("inf") if value is None or value != value else float(value)


def _near(network: Network, centres: Sequence[str]) -> tuple[dict[str, int], int]:
    """Distance by name of all layers within the radius, and how many more there are."""
    found = dict.fromkeys(centres, 0)
    queue = list(centres)
    for name in queue:
        if found[name] < RADIUS:
            layer = network[name]
            new = [n for n in (*layer.inputs, *layer.outputs) if n not in found]
            found.update(dict.fromkeys(new, found[name] + 1))
            queue.extend(dict.fromkeys(new))
    # They were found by distance: what is farthest is left out first.
    kept = dict(list(found.items())[:MAX_LAYERS])
    return kept, len(found) - len(kept)


def _connected(network: Network, near: Collection[str]) -> list[set[str]]:
    parts: list[set[str]] = []
    rest = [layer.name for layer in network if layer.name in near]
    seen: set[str] = set()
    for start in rest:
        if start in seen:
            continue
        part, queue = {start}, [start]
        for name in queue:
            layer = network[name]
            new = {n for n in (*layer.inputs, *layer.outputs) if n in near} - part
            part |= new
            queue.extend(sorted(new))
        seen |= part
        parts.append(part)
    return parts


def _part(
    layers: NumberedLayers,
    network: Network,
    names: Collection[str],
    centres: frozenset[str],
    left_out: int,
) -> Neighbourhood:
    inside = [layer for layer in network if layer.name in names]
    edges = [
        (layer.name, reader)
        for layer in inside
        for reader in dict.fromkeys(layer.outputs)
        if reader in names
    ]
    return Neighbourhood(
        tuple(layers.by_name[layer.name] for layer in inside),
        centres & set(names),
        tuple(edges),
        left_out,
    )
