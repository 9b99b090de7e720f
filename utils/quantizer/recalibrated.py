"""The network of an archive, quantized anew from other ranges by the compiler's rules."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from utils.har.model import Model
from utils.quantizer.calibration import LayerStatistics, completed_statistics
from utils.quantizer.changed_graph import completed_modes
from utils.quantizer.float_layers import FloatLayers
from utils.quantizer.integers import CodedLayer, requantized_layer
from utils.quantizer.quantized_layers import quantize_layers
from utils.quantizer.stored_layers import StoredLayers


def stored_statistics(model: Model) -> dict[str, LayerStatistics]:
    """What calibration saw, by layer of the quantized graph, as far as the archive stores it."""
    stored = StoredLayers(model)
    found = {name: stored.statistics(name) for name in model.network.layers}
    return {name: seen for name, seen in found.items() if seen is not None}


def recalibrated(model: Model, statistics: Mapping[str, LayerStatistics]) -> dict[str, CodedLayer]:
    """Every layer of the quantized graph, at its precision, from float weights and ranges.

    Channels are equalized anew where those of the archive are. Ranges that a script forces, and
    what finetuning did to the weights, are not kept.

    Parameters
    ----------
    statistics : what a calibration saw, by layer.

    Raises
    ------
    DiagnosticError : ranges or weights of a layer are not known, or no rules for it.
    """
    network = completed_modes(model.network)
    known = {name: seen for name, seen in statistics.items() if name in network}
    weights = {layer.name: dict(model.float_parameters.layer(layer.name)) for layer in network}
    facts = FloatLayers(weights, completed_statistics(network, known))
    layers = quantize_layers(network, facts, None if _is_equalized(model) else {})
    return {found.layer.name: requantized_layer(found) for found in layers}


def _is_equalized(model: Model) -> bool:
    stored = StoredLayers(model)
    vectors = (stored.equalization(name) for name in model.network.layers)
    return any(vector is not None and bool(np.ptp(vector) > 0) for vector in vectors)
