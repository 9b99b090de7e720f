"""Everything that quantization adds to a float network, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from utils.har.network import Layer, Network
from utils.har.quantization import Encoding, PrecisionMode
from utils.quantizer.calibrated_encoding import calibrated_encoding, widened
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.equalization import CHANNELWISE_TYPES, absorbed_scales
from utils.quantizer.float_layers import FloatLayers, precision_mode
from utils.quantizer.multiplication import Multiplication, multiplied, quantized_kernel
from utils.quantizer.requantize import QuantizedKernel

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class QuantizedLayer:
    """A layer with its encodings and, where it has any, its integers.

    Parameters
    ----------
    statistics : what calibration saw of the layer; None where nothing is known.
    inputs : encodings of the inputs, in operand order; empty where one of them is not known.
    equalization : relative scale of every output channel; None if all are the same.
    """

    layer: Layer
    mode: PrecisionMode
    statistics: LayerStatistics | None
    inputs: tuple[Encoding, ...]
    output: Encoding
    equalization: Array | None = None
    multiplication: Multiplication | None = None


def quantize_layers(
    network: Network, facts: FloatLayers, vectors: Mapping[str, Array] | None = None
) -> list[QuantizedLayer]:
    """Quantize all layers of a graph with precision modes, in topological order.

    Parameters
    ----------
    vectors : relative scales of the channels, by layer; None to choose them.
    """
    if vectors is None:
        vectors = _equalization(network, facts)
    scaling = _Scaling(network, facts, vectors, _widening(network, facts, vectors))
    found = []
    for layer in network:
        encoding = scaling.encode(layer)
        entering = tuple(scaling.encodings[name] for name in layer.inputs)
        multiplication = multiplied(layer, facts, entering[0], encoding) if entering else None
        if multiplication and multiplication.correction:
            encoding = widened(encoding, multiplication.correction)
            scaling.encodings[layer.name] = encoding
        found.append(
            QuantizedLayer(
                layer,
                precision_mode(layer),
                facts.statistics(layer),
                entering,
                encoding,
                vectors.get(layer.name),
                multiplication,
            )
        )
    return found


class _Scaling:
    """Encodings of the layers passed so far."""

    def __init__(
        self,
        network: Network,
        facts: FloatLayers,
        vectors: Mapping[str, Array],
        widening: Mapping[str, float],
    ) -> None:
        self.encodings: dict[str, Encoding] = {}
        self._network = network
        self._facts = facts
        self._vectors = vectors
        self._widening = widening

    def encode(self, layer: Layer) -> Encoding:
        """Encoding of a layer's output; its inputs have been passed."""
        mode, seen = precision_mode(layer), self._facts.statistics(layer).output
        keeps = layer.is_pass_through or layer.type in CHANNELWISE_TYPES
        if keeps and layer.inputs and mode.input_bits == mode.output_bits:
            encoding = handed_on(self.encodings[layer.inputs[0]], layer.output_shape[2])
        else:
            low, high = seen.minimum, seen.maximum
            if layer.name in self._network.feeds_output and _is_probability(layer):
                low, high = np.zeros_like(low), np.ones_like(high)
            encoding = calibrated_encoding(
                low,
                high,
                mode.output_bits,
                self._vectors.get(layer.name),
                self._widening.get(layer.name, 0.0),
            )
        self.encodings[layer.name] = encoding
        return encoding

    def quantized_kernel(self, layer: Layer) -> QuantizedKernel:
        """Integer weights of a layer that has been passed."""
        entering, leaving = self.encodings[layer.inputs[0]], self.encodings[layer.name]
        return quantized_kernel(layer, self._facts, entering, leaving)


def _equalization(network: Network, facts: FloatLayers) -> dict[str, Array]:
    """Relative scales of the channels of every layer whose consumers can absorb them."""
    vectors: dict[str, Array] = {}
    scaling = _Scaling(network, facts, vectors, {})
    for layer in network:
        scaling.encode(layer)
        if not layer.inputs:
            continue
        inputs, seen = scaling.encodings[layer.inputs[0]].scales, facts.statistics(layer).output
        found = absorbed_scales(network, layer, facts, seen, inputs)
        if found is not None:
            vectors[layer.name] = found
            scaling.encode(layer)
    return vectors


def _widening(
    network: Network, facts: FloatLayers, vectors: Mapping[str, Array]
) -> dict[str, float]:
    """Half of the bits that the largest shift lacks, taken over by the producer's range.

    The other half shrinks the weights of the layer itself.
    """
    widening: dict[str, float] = {}
    scaling = _Scaling(network, facts, vectors, {})
    for layer in network:
        scaling.encode(layer)
        if not facts.multiplies(layer):
            continue
        delta = scaling.quantized_kernel(layer).choice.shift_delta
        for producer in network.producers(network[layer.inputs[0]]):
            if delta and producer.name in vectors:
                widening[producer.name] = max(widening.get(producer.name, 0.0), delta / 2)
    return widening


def _is_probability(layer: Layer) -> bool:
    return layer.activation == "sigmoid" or layer.type == "softmax"


def handed_on(encoding: Encoding, channels: int) -> Encoding:
    """The same encoding behind a layer that may rearrange channels."""
    if len(encoding.scales) == channels:
        return encoding
    # Only layers whose channels share one scale feed layers that rearrange channels.
    return replace(
        encoding,
        scales=np.full(channels, encoding.scales[0]),
        zero_points=np.full(channels, encoding.zero_points[0]),
    )
