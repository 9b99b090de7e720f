"""Equalization: one scale per channel, so that small channels use all codes, too.

A small channel is amplified (its scale made smaller than the layer's) until either its largest
activation or its largest weight reaches the last code, or until too few codes would be left for
the weights that read it. Archives store the vectors that the compiler chose; what is made here
follows the same limits, but is not the compiler's own choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from utils.har.network import Layer, Network
from utils.har.statistics import ChannelStatistics
from utils.quantizer.float_layers import LayerFacts
from utils.quantizer.requantize import scale_grid

Array = NDArray[np.float64]

SOURCE_TYPES = ("conv", "dw", "dense")
# Layers behind which every channel is still the same channel.
CHANNELWISE_TYPES = ("maxpool", "avgpool", "global_avg_pool")
# The strongest weight that reads an amplified channel keeps this share of the codes.
WEIGHT_SHARE_KEPT = 1 / 8


def is_source(layer: Layer) -> bool:
    """Whether a layer can give each of its channels a scale of its own."""
    return layer.type in SOURCE_TYPES and len(layer.inputs) == 1


def readers(network: Network, layer: Layer) -> list[Layer] | None:
    """Layers whose weights can absorb the scales of this layer's channels.

    None if any consumer cannot: a network output, an element-wise layer, the operand that a
    fused addition adds.
    """
    found = []
    for successor in network.successors(layer):
        if successor.type in CHANNELWISE_TYPES:
            behind = readers(network, successor)
            if behind is None:
                return None
            found += behind
        elif successor.type in SOURCE_TYPES and successor.inputs == (layer.name,):
            found.append(successor)
        else:
            return None
    return found or None


def absorbed_scales(
    network: Network,
    layer: Layer,
    facts: LayerFacts,
    seen: ChannelStatistics,
    input_scales: Array,
) -> Array | None:
    """Relative scales of a layer's channels that the layers behind take back; None without any.

    Parameters
    ----------
    seen : of the layer's output.
    input_scales : of the channels that the layer reads.
    """
    if not can_scale(layer, facts):
        return None
    reading = readers(network, layer)
    if not reading or not all(facts.multiplies(other) for other in reading):
        return None
    channels = len(seen.maximum)
    weights = [reading_weights(each, facts.live_weights(each)[0], channels) for each in reading]
    return own_scales(layer, facts, seen, input_scales, weights)


def can_scale(layer: Layer, facts: LayerFacts) -> bool:
    """Whether every channel can have a scale of its own: one table serves them all."""
    return is_source(layer) and facts.multiplies(layer) and facts.curve(layer).is_homogeneous


def own_scales(
    layer: Layer,
    facts: LayerFacts,
    seen: ChannelStatistics,
    input_scales: Array,
    reading: Sequence[Array],
) -> Array:
    """Relative scales of a layer's channels, as its own range and weights allow them.

    Parameters
    ----------
    reading : for every layer behind, largest abs(weight) that reads each channel.
    """
    kernel, _ = facts.live_weights(layer)
    ones = np.ones_like(seen.maximum)
    grid = scale_grid(layer.type, kernel.shape, input_scales, ones)
    return equalization_vector(
        np.maximum(seen.maximum, -seen.minimum),
        np.abs(kernel * grid.inputs).reshape(-1, len(ones)).max(axis=0),
        reading,
    )


def equalization_vector(maximum: Array, weights: Array, reading: Iterable[Array]) -> Array:
    """Relative scale of every channel, at most 1.

    Parameters
    ----------
    maximum : largest abs(activation) of every channel that calibration saw.
    weights : largest abs(weight), relative to the input's scale, that makes each channel.
    reading : for every layer behind, largest abs(weight) that reads each channel.
    """
    needed = [_share(maximum), _share(weights)]
    for weight in reading:
        with np.errstate(divide="ignore"):
            needed.append(np.minimum(WEIGHT_SHARE_KEPT / _share(weight), 1.0))
    vector: Array = np.max(needed, axis=0)
    # A dead channel has no activations or weights to amplify.
    return np.where(maximum > 0, vector, 1.0)


def reading_weights(layer: Layer, kernel: Array, channels: int) -> Array:
    """Largest abs(weight) with which a layer reads each of its input channels."""
    sizes = np.abs(kernel)
    rows: Array = sizes.reshape(-1, *sizes.shape[-2:]).max(axis=(0, 2))
    if layer.type == "dense":
        rows = np.amax(rows.reshape(-1, channels), axis=0)
    # Every group of a grouped convolution has its own rows; their maximum is a safe stand-in.
    return np.tile(rows, channels // len(rows))


def _share(values: Array) -> Array:
    largest = float(values.max())
    return values / largest if largest > 0 else np.ones_like(values)
