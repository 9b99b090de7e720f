"""Which tensor of the original is which layer of the archive, and how near they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.closeness import Floats, is_same
from utils.backends.stages.original.layouts import Layout, best_layout, layouts
from utils.har.network import Layer, Network
from utils.references import Reference
from utils.stages import MatchedBy
from utils.stages.runs import Tensors

Found = Mapping[str, NDArray[np.float32]]
SPLITTING = "splitter"  # in the types of layers whose successors get different parts


@dataclass(frozen=True)
class Pair:
    """One tensor in both.

    Parameters
    ----------
    layer : of the archive.
    tensor : of the original.
    by : how it was found.
    layout : how it lies in the original.
    closeness_db : of the archive's values; see `closeness`.
    """

    layer: str
    tensor: str
    by: MatchedBy
    layout: Layout
    closeness_db: float

    @property
    def is_same(self) -> bool:
        """Whether both compute it alike."""
        return is_same(self.closeness_db)


def named_tensors(reference: Reference, network: Network, layer: Layer) -> tuple[str, ...]:
    """Tensors that a layer is named after, what leaves it first.

    An output without a name of its own has that of what computes it.
    """
    sources = [layer, *(network.predecessors(layer) if layer.type == "output_layer" else ())]
    for source in sources:
        found = dict.fromkeys(map(reference.tensor_of, reversed(source.original_names)))
        found.pop("", None)
        if found:
            return tuple(found)
    return ()


def inner_layers(network: Network) -> tuple[Layer, ...]:
    """Layers that compute something and have one result."""
    return tuple(
        layer
        for layer in network
        if layer.type not in ("input_layer", "output_layer", "const_input")
        and SPLITTING not in layer.type
    )


def pairs_by_name(
    reference: Reference, network: Network, layers: Sequence[Layer], found: Found, own: Tensors
) -> dict[str, Pair]:
    """Layers with the tensors that they are named after; of several the nearest."""
    pairs = {}
    for layer in layers:
        candidates = list(
            _pairs(layer, named_tensors(reference, network, layer), found, own, reference)
        )
        if candidates:
            nearest = max(candidates, key=lambda pair: pair.closeness_db)
            pairs[layer.name] = nearest if nearest.is_same else candidates[0]
    return pairs


def pairs_by_shape(
    reference: Reference, layers: Sequence[Layer], free: Sequence[str], found: Found, own: Tensors
) -> dict[str, Pair]:
    """Outputs with those of the original that alone have as many values."""
    pairs = {}
    for layer in layers:
        fitting = list(_pairs(layer, free, found, own, reference, by="shape"))
        rivals = [x for x in layers if x.output_shape == layer.output_shape]
        if len(fitting) == 1 and len(rivals) == 1:
            pairs[layer.name] = fitting[0]
    return pairs


def pairs_by_values(
    reference: Reference, layers: Sequence[Layer], free: Sequence[str], found: Found, own: Tensors
) -> dict[str, Pair]:
    """Layers with tensors that hold the same, wherever they stand."""
    pairs = {}
    for layer in layers:
        same = (
            pair
            for pair in _pairs(layer, free, found, own, reference, by="correlation")
            if pair.is_same
        )
        pair = next(same, None)
        if pair is not None:
            pairs[layer.name] = pair
    return pairs


def _pairs(
    layer: Layer,
    tensors: Sequence[str],
    found: Found,
    own: Tensors,
    reference: Reference,
    by: MatchedBy = "original name",
) -> Iterator[Pair]:
    values = own.get(layer.name)
    if values is None:
        return
    for tensor in tensors:
        theirs = found.get(tensor)
        if theirs is None or theirs.size != values.size:
            continue
        ways = ways_to_read(theirs, values, reference)
        if ways:
            yield Pair(layer.name, tensor, by, *best_layout(theirs, values, ways))


def ways_to_read(
    theirs: NDArray[np.float32], values: Floats, reference: Reference
) -> tuple[Layout, ...]:
    """Layouts in which a tensor of the original has the shape of one of the archive."""
    _, height, width, channels = values.shape
    return layouts(
        theirs.shape[1:],
        (height, width, channels),
        is_channels_first=reference.is_channels_first,
    )


def has_more_axes(theirs: NDArray[np.float32], values: Floats) -> bool:
    """Whether the original splits an axis, as into heads: in which order is then not known."""
    first, second = (sum(size > 1 for size in a.shape[1:]) for a in (theirs, values))
    return bool(first > second)
