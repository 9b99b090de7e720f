"""The network of an archive, quantized anew from other ranges by the compiler's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.har.model import Model
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
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


def within_ranges(model: Model) -> dict[str, LayerStatistics]:
    """What calibration saw, with the ends that the archive gives its ranges.

    A line of the model script may have set or cut them, and does so again.
    """
    stored = StoredLayers(model)
    found = stored_statistics(model)
    for name, seen in found.items():
        encoding = stored.uncorrected_encoding(name)
        if encoding is not None:
            output = _with_ends(seen.output, encoding.low, encoding.high)
            found[name] = replace(seen, output=output)
    return found


def _with_ends(seen: ChannelStatistics, low: float, high: float) -> ChannelStatistics:
    """Channels within the ends, and those that reached farthest up to them."""
    minimum, maximum = seen.minimum, seen.maximum
    return replace(
        seen,
        minimum=np.where(minimum <= seen.low, low, np.clip(minimum, low, high)),
        maximum=np.where(maximum >= seen.high, high, np.clip(maximum, low, high)),
    )


def has_stored_statistics(model: Model) -> bool:
    """Whether the archive stores what calibration saw of some layer."""
    stored = StoredLayers(model)
    return any(stored.statistics(name) is not None for name in model.network.layers)


def recalibrated(model: Model, statistics: Mapping[str, LayerStatistics]) -> dict[str, CodedLayer]:
    """Every layer of the quantized graph, at its precision, from float weights and ranges.

    Channels are equalized anew where those of the archive are. Ranges that a script forces, and
    what finetuning did to the weights, are not kept.

    Parameters
    ----------
    statistics : what a calibration saw, by layer.

    Raises
    ------
    ArchiveError : ranges or weights of a layer are not known, contradict each other or are no
        numbers.
    UnsupportedLayerError : no table is known for an activation.
    """
    network = completed_modes(model.network)
    known = {name: seen for name, seen in statistics.items() if name in network}
    stored = StoredLayers(model)
    weights = {layer.name: _weights(stored, layer) for layer in network}
    facts = FloatLayers(weights, completed_statistics(network, known))
    vectors: dict[str, NDArray[np.float64]] | None = None if _is_equalized(model, stored) else {}
    try:
        with np.errstate(all="ignore"):  # damaged weights yield no numbers
            layers = quantize_layers(network, facts, vectors)
        return {found.layer.name: requantized_layer(found) for found in layers}
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ArchiveError(f"its weights and ranges do not fit together: {error}") from error


def _weights(stored: StoredLayers, layer: Layer) -> dict[str, NDArray[np.float64]]:
    found = stored.float_weights(layer)
    arrays = {} if found is None else {"kernel": found[0], "bias": found[1]}
    numbers = stored.activation_numbers(layer)
    return arrays | {name: np.array(value) for name, value in numbers.items()}


def _is_equalized(model: Model, stored: StoredLayers) -> bool:
    vectors = (stored.equalization(name) for name in model.network.layers)
    return any(vector is not None and bool(np.ptp(vector) > 0) for vector in vectors)
