"""What quantization starts from: weights, calibration statistics and a precision mode per layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.har.network import Layer
from utils.har.quantization import PrecisionMode, parse_precision_mode
from utils.har.statistics import ChannelStatistics
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.piecewise import ACTIVATION_NUMBERS, PiecewiseLinear, activation_curve
from utils.quantizer.precision_plan import MULTIPLYING_TYPES

Array = NDArray[np.float64]
# Arrays of one layer by suffix: kernel, bias, alpha, ...
Weights = Mapping[str, NDArray[Any]]


class LayerFacts(Protocol):
    """What the integers of a layer are made of."""

    def multiplies(self, layer: Layer) -> bool:
        """Whether the layer multiplies by weights that are stored with it."""

    def live_weights(self, layer: Layer) -> tuple[Array, Array]:
        """Kernel and bias; channels that never carry anything are 0."""

    def peaks(self, layer: Layer) -> Array:
        """Largest abs(pre-activation) of every channel."""

    def curve(self, layer: Layer) -> PiecewiseLinear:
        """The activation as a piecewise-linear function."""


class FloatLayers:
    """Facts about the layers of a float network, by layer."""

    def __init__(
        self, weights: Mapping[str, Weights], statistics: Mapping[str, LayerStatistics]
    ) -> None:
        """Take weights and complete statistics by scoped layer name."""
        self._weights = weights
        self._statistics = statistics

    def statistics(self, layer: Layer) -> LayerStatistics:
        """Calibration statistics of all places."""
        return self._statistics[layer.name]

    def preact(self, layer: Layer) -> ChannelStatistics:
        """Statistics before the activation."""
        seen = self._statistics[layer.name].preact
        if seen is None:
            raise ArchiveError(f"no statistics before the activation of layer {layer.name}")
        return seen

    def peaks(self, layer: Layer) -> Array:
        """Largest abs(pre-activation) of every channel."""
        return self.preact(layer).reach

    def multiplies(self, layer: Layer) -> bool:
        """Whether the layer multiplies by weights that are stored with it."""
        return layer.type in MULTIPLYING_TYPES and "kernel" in self._weights.get(layer.name, {})

    def live_weights(self, layer: Layer) -> tuple[Array, Array]:
        """Kernel and bias; channels of a convolution whose relu never opened are 0."""
        arrays = self._weights.get(layer.name, {})
        if "kernel" not in arrays:
            raise ArchiveError(f"no kernel among the weights of layer {layer.name}")
        kernel = np.asarray(arrays["kernel"], dtype=np.float64)
        maximum = self._statistics[layer.name].output.maximum
        bias = np.asarray(arrays.get("bias", np.zeros(len(maximum))), dtype=np.float64)
        dead = maximum <= 0
        if not loses_dead_channels(layer) or not dead.any():
            return kernel, bias
        return np.where(dead, 0.0, kernel), np.where(dead, 0.0, bias)

    def curve(self, layer: Layer) -> PiecewiseLinear:
        """The activation as a piecewise-linear function."""
        seen = self.preact(layer)
        arrays = self._weights.get(layer.name, {})
        numbers = {
            name: float(np.ravel(arrays[name])[0])
            for name in ACTIVATION_NUMBERS.get(layer.activation, {})
            if name in arrays
        }
        return activation_curve(layer.activation, seen.low, seen.high, numbers)


def loses_dead_channels(layer: Layer) -> bool:
    """Whether channels that calibration never woke are set to 0.

    Where a second input is added, the weights have to keep down what it brings.
    """
    return layer.type == "conv" and layer.activation == "relu" and len(layer.inputs) == 1


def precision_mode(layer: Layer) -> PrecisionMode:
    """Precision mode of a layer of a quantized graph."""
    mode = parse_precision_mode(str(layer.quantization_params.get("precision_mode")))
    if mode is None:
        raise ArchiveError(f"layer {layer.name} has no precision mode")
    return mode
