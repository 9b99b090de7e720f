"""Which input of the original is which of the archive, and how its tensors lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.layouts import Layout, layouts, settled
from utils.errors import UsageError
from utils.har.network import Layer, Network
from utils.references import OPEN, Reference, ReferenceInput
from utils.wording import listed, printable


@dataclass(frozen=True)
class Feed:
    """One input of the original.

    Parameters
    ----------
    layer : input layer of the archive.
    taken : input of the original.
    layout : how its tensor lies there.
    """

    layer: str
    taken: ReferenceInput
    layout: Layout

    def array(self, values: NDArray[np.float32]) -> NDArray[Any]:
        """Samples (samples, height, width, channels) as the original takes them."""
        ordered = [self.layout.shape[axis] for axis in self.layout.order]
        written = self.layout.written(values, settled(self.taken.sizes, ordered) or ordered)
        if self.taken.dtype.kind in "iu":
            limits = np.iinfo(self.taken.dtype)
            written = np.clip(np.rint(written), limits.min, limits.max)
        return written.astype(self.taken.dtype)


def feeds_of(reference: Reference, network: Network) -> tuple[Feed, ...]:
    """Where the archive's samples enter the original.

    Raises
    ------
    UsageError : it takes others.
    """
    free = list(network.input_layers)
    found: dict[str, Feed] = {}
    for is_it in (_is_named, _fits):
        for taken in reference.inputs:
            layer = next((x for x in free if is_it(x, taken, reference)), None)
            if taken.name in found or layer is None:
                continue
            layout = _layouts(layer, taken, reference)[0]
            found[taken.name] = Feed(layer.name, taken, layout)
            free.remove(layer)
    if len(found) != len(reference.inputs) or not found:
        raise _other_inputs(reference, network)
    return tuple(found.values())


def arrays_for(
    feeds: Sequence[Feed], samples: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[Any]]:
    """Samples by name of the original's input."""
    return {feed.taken.name: feed.array(samples[feed.layer]) for feed in feeds}


def _layouts(layer: Layer, taken: ReferenceInput, reference: Reference) -> tuple[Layout, ...]:
    return layouts(taken.sizes, layer.output_shape, is_channels_first=reference.is_channels_first)


def _is_named(layer: Layer, taken: ReferenceInput, reference: Reference) -> bool:
    names = {layer.name, layer.base_name, *layer.original_names}
    return taken.name in names and _fits(layer, taken, reference)


def _fits(layer: Layer, taken: ReferenceInput, reference: Reference) -> bool:
    return bool(_layouts(layer, taken, reference))


def _other_inputs(reference: Reference, network: Network) -> UsageError:
    theirs = [f"{printable(each.name)} of {_sizes(each.sizes)}" for each in reference.inputs] or [
        "nothing"
    ]
    ours = [
        f"{printable(layer.described())} of {_sizes(layer.output_shape)}"
        for layer in network.input_layers
    ]
    return UsageError(
        f"{printable(reference.path)} takes {listed(theirs, 3)}, but the archive takes "
        f"{listed(ours, 3)}",
        "Give the model that the archive was parsed from, cut at the same start nodes.",
    )


def _sizes(sizes: Sequence[int]) -> str:
    return "x".join("?" if size == OPEN else str(size) for size in sizes) or "1"
