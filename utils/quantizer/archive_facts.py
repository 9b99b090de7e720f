"""What the integers of an archive's layers are made of when they are quantized anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError, DiagnosticError
from utils.har.network import Layer
from utils.har.quantization import Encoding, PrecisionMode
from utils.quantizer.float_layers import loses_dead_channels
from utils.quantizer.peaks import bounded_peaks, held_peaks
from utils.quantizer.piecewise import FITTED, PiecewiseLinear, activation_curve
from utils.quantizer.precision_plan import MULTIPLYING_TYPES
from utils.quantizer.requantize import ScaleGrid, lost_bits, scale_grid
from utils.quantizer.stored_layers import StoredLayers

Array = NDArray[np.float64]

# Types whose weights lie in the order that the arithmetic takes them in.
KNOWN_LAYOUTS = tuple(name for name in MULTIPLYING_TYPES if name != "deconv")


class ArchiveFacts:
    """Weights, peaks and activation tables of the layers of an archive."""

    def __init__(self, stored: StoredLayers) -> None:
        """Take what the archive stores."""
        self._stored = stored
        # Weights are asked for several times for one layer before the next one's turn.
        self._latest: tuple[str, tuple[Array, Array]] | None = None
        self._lost_bits: dict[tuple[str, int, int, bytes], float] = {}

    def multiplies(self, layer: Layer) -> bool:
        """Whether the layer is of a type that multiplies by weights stored with it."""
        return layer.type in MULTIPLYING_TYPES

    def live_weights(self, layer: Layer) -> tuple[Array, Array]:
        """Kernel and bias; channels of a convolution whose relu never opened are 0.

        Raises
        ------
        ArchiveError : there are none, or none that fit together.
        """
        if self._latest is None or self._latest[0] != layer.name:
            self._latest = layer.name, self._live_weights(layer)
        return self._latest[1]

    def _live_weights(self, layer: Layer) -> tuple[Array, Array]:
        if layer.type not in KNOWN_LAYOUTS:
            raise ArchiveError(f"how integer weights of {layer.type} layers lie is not known")
        weights = self._stored.weights(layer)
        if weights is None:
            raise ArchiveError("the archive holds no float weights for it that can be used")
        kernel, bias = weights
        seen = self._stored.seen(layer.name, "output_0")
        if not loses_dead_channels(layer) or seen is None:
            return weights
        dead = seen.maximum <= 0
        if dead.shape != bias.shape or not dead.any():
            return weights
        return np.where(dead, 0.0, kernel), np.where(dead, 0.0, bias)

    def peaks(self, layer: Layer) -> Array:
        """Largest abs(pre-activation) of every channel that calibration saw, or a bound of it.

        Raises
        ------
        ArchiveError : nothing in the archive bounds it.
        """
        kernel, bias = self.live_weights(layer)
        seen = self._stored.seen(layer.name, "preact")
        if seen is not None and seen.channels == len(bias):
            return seen.reach
        inputs = self._stored.network[layer.name].inputs
        entering = self._stored.encoding(inputs[0]) if inputs else None
        if entering is None:
            raise ArchiveError("the archive does not say what its accumulator has to hold")
        held = self._held_peaks(layer, kernel, entering)
        if held is not None:
            return held
        grid = fitting_grid(layer, kernel, entering.scales, np.ones(len(bias)))
        return bounded_peaks(kernel, bias, entering, grid, self._stored.mode(layer.name))

    def _held_peaks(self, layer: Layer, kernel: Array, entering: Encoding) -> Array | None:
        leaving = self._stored.uncorrected_encoding(layer.name)
        codes, shift = self._stored.kernel_codes(layer.name), self._stored.mac_shift(layer.name)
        if leaving is None or codes is None or shift is None or codes[0].shape != kernel.shape:
            return None
        grid = fitting_grid(layer, kernel, entering.scales, leaving.scales)
        bits = self._stored.mode(layer.name).input_bits
        return held_peaks(kernel, codes[0] - codes[1], grid, leaving.scales, shift, bits)

    def lost_bits(self, layer: Layer, mode: PrecisionMode, entering: Encoding) -> float:
        """Bits of weight precision that the largest shift lacks if a layer reads this encoding.

        0 where nothing tells.
        """
        key = layer.name, mode.input_bits, mode.weight_bits, entering.scales.tobytes()
        if key not in self._lost_bits:
            try:
                self._lost_bits[key] = self._lacking(layer, mode, entering)
            except DiagnosticError:
                self._lost_bits[key] = 0.0
        return self._lost_bits[key]

    def _lacking(self, layer: Layer, mode: PrecisionMode, entering: Encoding) -> float:
        leaving = self._stored.uncorrected_encoding(layer.name)
        if leaving is None:
            return 0.0
        kernel, _ = self.live_weights(layer)
        grid = fitting_grid(layer, kernel, entering.scales, leaving.scales)
        bits = mode.input_bits, mode.weight_bits
        return lost_bits(kernel, grid, leaving.scales, self.peaks(layer), bits)

    def curve(self, layer: Layer) -> PiecewiseLinear:
        """The activation as a piecewise-linear function: the optimizer's own, or a new one."""
        found = self._stored.curve(layer.name)
        if found is not None:
            return found
        low, high = 0.0, 0.0
        if layer.activation in FITTED:
            low, high = self._preactivation_range(layer)
        numbers = self._stored.activation_numbers(layer)
        return activation_curve(layer.activation, low, high, numbers)

    def _preactivation_range(self, layer: Layer) -> tuple[float, float]:
        seen = self._stored.seen(layer.name, "preact")
        if seen is not None:
            return seen.low, seen.high
        if layer.type == "activation":
            entering = self._stored.encoding(self._stored.network[layer.name].inputs[0])
            if entering is None:
                raise ArchiveError("the archive does not say over which range its activation works")
            return entering.low, entering.high
        highest = float(self.peaks(layer).max())
        return -highest, highest


def fitting_grid(
    layer: Layer, kernel: Array, input_scales: Array, output_scales: Array
) -> ScaleGrid:
    """Scales of every weight.

    Raises
    ------
    ArchiveError : the weights do not fit the channels.
    """
    rows, columns = kernel.shape[-2:]
    inputs, outputs = len(input_scales), len(output_scales)
    if layer.type in ("dw", "normalization"):
        fits = (rows, columns) == (inputs, 1) and outputs == inputs
    elif layer.type == "dense":
        fits = rows % inputs == 0 and columns == outputs
    else:
        fits = inputs % rows == 0 and columns == outputs
    if not fits:
        raise ArchiveError(
            f"its kernel {kernel.shape} does not fit {inputs} channels in and {outputs} out"
        )
    return scale_grid(layer.type, kernel.shape, input_scales, output_scales)
