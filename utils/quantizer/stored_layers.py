"""What an archive stores of its layers, checked, so that they can be quantized anew.

Arrays that are missing, hold no finite numbers or have the wrong shape count as absent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.har.model import Model
from utils.har.network import Layer
from utils.har.parameters import LayerParameters
from utils.har.quantization import HIGHEST_CODE, Encoding, PrecisionMode
from utils.har.statistics import ChannelStatistics
from utils.quantizer.calibrated_encoding import widened
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.changed_graph import completed_modes
from utils.quantizer.float_layers import precision_mode
from utils.quantizer.piecewise import ACTIVATION_NUMBERS, PiecewiseLinear

Array = NDArray[np.float64]

# Products of a few numbers within stay far from the ends of floating point.
SMALLEST, LARGEST = 1e-30, 1e30
MAX_CORRECTION = 15
MAX_SHIFT = 31
CORRECTION = "layer_params/negative_slopes_correction_factor"


class StoredLayers:
    """Encodings, statistics, weights and integers of the layers of an archive."""

    def __init__(self, model: Model) -> None:
        """Take an archive; its arrays are read when they are asked for."""
        self._model = model
        self.network = completed_modes(model.network)
        self._encodings: dict[str, Encoding | None] = {}

    def mode(self, name: str) -> PrecisionMode:
        """Precision mode of a layer; 8 bit where none is stored."""
        return precision_mode(self.network[name])

    def encoding(self, name: str) -> Encoding | None:
        """Encoding of a layer's output."""
        if name not in self._encodings:
            self._encodings[name] = self._encoding(name)
        return self._encodings[name]

    def _encoding(self, name: str) -> Encoding | None:
        try:
            found = self._model.encoding(name)
        except (TypeError, ValueError):
            return None
        if found is None or not _are_scales(found.scales):
            return None
        if found.zero_points.shape != found.scales.shape or not _is_finite(found.zero_points):
            return None
        if -LARGEST < found.low <= 0 <= found.high < LARGEST and found.high - found.low > SMALLEST:
            return found
        highest, widest = HIGHEST_CODE[self.mode(name).output_bits], float(found.scales.max())
        zero_point = float(np.clip(found.zero_points[0], 0, highest))
        low, high = -zero_point * widest, (highest - zero_point) * widest
        return Encoding(found.scales, found.zero_points, low, high)

    def uncorrected_encoding(self, name: str) -> Encoding | None:
        """Encoding of a layer's output before its scales were doubled for slopes to fit."""
        found, stored = self.encoding(name), self._array(name, CORRECTION)
        times = int(stored.flat[0]) if stored is not None and stored.size == 1 else 0
        return widened(found, -times) if found and 0 < times <= MAX_CORRECTION else found

    def statistics(self, name: str) -> LayerStatistics | None:
        """Statistics of a layer; None without those of its output."""
        output = self.seen(name, "output_0")
        if output is None:
            return None
        inputs = [self.seen(name, f"input_{i}") for i in range(len(self.network[name].inputs))]
        found = tuple(seen for seen in inputs if seen)
        return LayerStatistics(output, self.seen(name, "preact"), found)

    def seen(self, name: str, place: str) -> ChannelStatistics | None:
        """Statistics of one place of a layer: ``input_<i>``, ``preact`` or ``output_<i>``."""
        try:
            found = self._model.stored_statistics(name, place)
        except (LookupError, TypeError, ValueError):
            return None
        if found is None or not (_is_finite(found.minimum) and _is_finite(found.maximum)):
            return None
        return found if (found.minimum <= found.maximum).all() else None

    def equalization(self, name: str) -> Array | None:
        """Relative scales of a layer's channels; None where they have one scale."""
        vector = self._array(name, "layer_params/eq_vec_out")
        return vector if vector is not None and vector.ndim and _are_scales(vector) else None

    def weights(self, layer: Layer) -> tuple[Array, Array] | None:
        """Float kernel and bias.

        The optimizer's own, which hold what bias correction and finetuning did, go before those
        of the float network.
        """
        tuned = _weights(layer, self._model.optimized.layer(layer.name))
        native = self.float_weights(layer)
        if tuned and (native is None or tuned[0].shape == native[0].shape):
            return tuned
        return native

    def float_weights(self, layer: Layer) -> tuple[Array, Array] | None:
        """Kernel and bias of the float network, before anything was done to them."""
        return _weights(layer, self._model.float_parameters.layer(layer.name))

    def activation_numbers(self, layer: Layer) -> dict[str, float]:
        """Numbers of a layer's activation that the archive holds, as the slope of ``leaky``."""
        arrays = self._model.float_parameters.layer(layer.name)
        found = {
            name: _array(arrays, name) for name in ACTIVATION_NUMBERS.get(layer.activation, {})
        }
        return {
            name: float(value.flat[0])
            for name, value in found.items()
            if value is not None and value.size == 1
        }

    def curve(self, name: str) -> PiecewiseLinear | None:
        """The table that the optimizer made for a layer's activation."""
        keys = ("thresholds", "slopes", "offsets")
        arrays = self._model.optimized.layer(name)
        thresholds, slopes, offsets = (_array(arrays, f"act_op/{key}") for key in keys)
        if thresholds is None or slopes is None or offsets is None or not slopes.any():
            return None
        if thresholds.ndim != 1 or not (len(thresholds) + 1,) == slopes.shape == offsets.shape:
            return None
        ascends = bool((np.diff(thresholds) >= 0).all())
        return PiecewiseLinear(thresholds, slopes, offsets) if ascends else None

    def kernel_codes(self, name: str) -> tuple[NDArray[np.int64], int] | None:
        """Integer weights and the code of the weight 0."""
        arrays = self._model.quantized.layer(name)
        codes, zero_point = _integers(arrays, "kernel"), _integers(arrays, "zp_kernel")
        if codes is None or zero_point is None or zero_point.size != 1:
            return None
        return codes, int(zero_point.flat[0])

    def bias_codes(self, name: str) -> tuple[NDArray[np.int64], int] | None:
        """Integer bias of every channel and their common factor."""
        arrays = self._model.quantized.layer(name)
        codes, factor = _integers(arrays, "bias_q"), _integers(arrays, "bias_factor")
        if codes is None or factor is None or factor.size != 1:
            return None
        return codes.ravel(), int(factor.flat[0])

    def lost_bits(self, name: str) -> float:
        """Bits of weight precision given up because no shift was large enough."""
        found = self._array(name, "conv_op/shift_delta")
        if found is None or found.size != 1:
            return 0.0
        return float(np.clip(found.flat[0], 0.0, MAX_SHIFT))

    def mac_shift(self, name: str) -> int | None:
        """Right shift of a layer's accumulator."""
        found = _integers(self._model.quantized.layer(name), "output_stage/mult_shift")
        if found is None or found.size != 1 or not 0 <= found.flat[0] <= MAX_SHIFT:
            return None
        return int(found.flat[0])

    def _array(self, name: str, suffix: str) -> Array | None:
        for parameters in (self._model.quantized, self._model.optimized):
            found = _array(parameters.layer(name), suffix)
            if found is not None:
                return found
        return None


def _array(parameters: LayerParameters, suffix: str) -> Array | None:
    """A non-empty array of finite numbers of a sane size."""
    if suffix not in parameters or parameters[suffix].dtype.kind not in "fiub":
        return None
    found = np.asarray(parameters[suffix], dtype=np.float64)
    return found if _is_finite(found) else None


def _integers(parameters: LayerParameters, suffix: str) -> NDArray[np.int64] | None:
    if suffix not in parameters or parameters[suffix].dtype.kind not in "iu":
        return None
    found = parameters[suffix].astype(np.int64)
    return found if found.size else None


def _weights(layer: Layer, parameters: LayerParameters) -> tuple[Array, Array] | None:
    kernel = _array(parameters, "kernel")
    if kernel is None or kernel.ndim < 2:
        return None
    channels = kernel.shape[-2 if layer.type in ("dw", "normalization") else -1]
    bias = _array(parameters, "bias") if "bias" in parameters else np.zeros(channels)
    return None if bias is None or bias.size != channels else (kernel, bias.ravel())


def _is_finite(values: Array) -> bool:
    return values.size > 0 and bool((np.abs(values) < LARGEST).all())


def _are_scales(values: Array) -> bool:
    return _is_finite(values) and bool((values > SMALLEST).all())
