"""Scales of single channels that an archive could have, and has not.

The compiler gives the channels of a layer scales of their own where the layers behind can absorb
them (equalization), and at outputs where a script asks for it (``output_encoding_vector``). What is
chosen here follows the limits that archives show; it is not the compiler's own choice. That the
flag gives every channel of an output the scale that its own range and weights allow, and all of
them one zero point, is a reading: nothing public says more than its name and where scripts set it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.errors import DiagnosticError
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.quantizer.archive_facts import ArchiveFacts
from utils.quantizer.equalization import absorbed_scales, can_scale, own_scales
from utils.quantizer.kept_encodings import KeptEncodings
from utils.quantizer.stored_layers import StoredLayers
from utils.quantizer.widening import Widening

Array = NDArray[np.float64]


def missing_equalization(stored: StoredLayers, facts: ArchiveFacts) -> dict[str, Array]:
    """Relative scales by layer, for layers of an archive whose channels share one."""
    network = stored.network
    vectors: dict[str, Array] = {}
    encodings = KeptEncodings(stored, Widening(stored, facts, network), {}, vectors)
    for layer in network:
        encodings.settle(layer, encodings.wanted(layer))
        found = None
        if not has_scales(stored, layer.name):
            found = _of_archive(stored, facts, encodings, layer, at_output=False)
        if found is not None:
            vectors[layer.name] = found
            encodings.settle(layer, encodings.wanted(layer))
    return {name: vector for name, vector in vectors.items() if np.ptp(vector) > 0}


def output_scales(stored: StoredLayers, facts: ArchiveFacts) -> dict[str, Array]:
    """Relative scales by layer, for layers that feed outputs alone."""
    network = stored.network
    encodings = KeptEncodings(stored, Widening(stored, facts, network), {})
    vectors = {}
    for layer in network:
        encodings.settle(layer, stored.encoding(layer.name))
        behind = {successor.type for successor in network.successors(layer)}
        if behind == {"output_layer"} and not has_scales(stored, layer.name):
            found = _of_archive(stored, facts, encodings, layer, at_output=True)
            if found is not None and np.ptp(found) > 0:
                vectors[layer.name] = found
    return vectors


def has_scales(stored: StoredLayers, name: str) -> bool:
    """Whether channels of a layer have scales of their own in the archive."""
    vector = stored.equalization(name)
    return vector is not None and bool(np.ptp(vector) > 0)


def _of_archive(
    stored: StoredLayers,
    facts: ArchiveFacts,
    encodings: KeptEncodings,
    layer: Layer,
    *,
    at_output: bool,
) -> Array | None:
    """None where the archive lacks what it takes."""
    seen = stored.seen(layer.name, "output_0")
    if seen is None or len(layer.inputs) != 1:
        return None
    entering = encodings.entering(layer)[0]
    try:
        if entering is None or not can_scale(layer, facts) or not _fits(layer, facts, seen):
            return None
        if at_output:
            return own_scales(layer, facts, seen, entering.scales, [])
        return absorbed_scales(stored.network, layer, facts, seen, entering.scales)
    except DiagnosticError:
        return None


def _fits(layer: Layer, facts: ArchiveFacts, seen: ChannelStatistics) -> bool:
    return len(facts.live_weights(layer)[1]) == seen.channels
