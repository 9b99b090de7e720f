"""Encodings of a changed network that stay as close to the stored ones as the changes allow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from utils.har.network import Layer
from utils.har.quantization import HIGHEST_CODE, Encoding
from utils.quantizer.calibrated_encoding import calibrated_encoding, narrowed
from utils.quantizer.changed_graph import is_precision_change, same_mode
from utils.quantizer.equalization import CHANNELWISE_TYPES
from utils.quantizer.float_layers import precision_mode
from utils.quantizer.quantized_layers import handed_on
from utils.quantizer.stored_layers import StoredLayers
from utils.quantizer.widening import Widening

Array = NDArray[np.float64]

# Scales are stored as float32: what differs by less is the same.
SCALE_TOLERANCE = 1e-6


def same_encoding(one: Encoding | None, other: Encoding | None) -> bool:
    """Whether two encodings give the same codes, up to the rounding of stored scales."""
    if one is None or other is None:
        return one is other
    return (
        one.scales.shape == other.scales.shape
        and np.allclose(one.scales, other.scales, rtol=SCALE_TOLERANCE, atol=0.0)
        and np.array_equal(one.zero_points, other.zero_points)
    )


def proportional(one: Encoding, other: Encoding) -> bool:
    """Whether the channels of two encodings have the same proportions."""
    if one.scales.shape != other.scales.shape:
        return False
    ratios = one.scales / other.scales
    return bool(np.allclose(ratios, ratios[0], rtol=SCALE_TOLERANCE, atol=0.0))


class KeptEncodings:
    """Encodings of the layers passed so far, in topological order.

    A layer whose output gets another width, or another range, keeps the proportions of its
    channels. Layers that hand codes on take over what enters them. Where nothing is stored, an
    encoding follows from stored statistics; without these there is none.
    """

    def __init__(
        self,
        stored: StoredLayers,
        widening: Widening,
        ranges: Mapping[str, tuple[float, float]],
        vectors: Mapping[str, Array] | None = None,
    ) -> None:
        """Start from an archive.

        Parameters
        ----------
        ranges : new ranges (low, high) by scoped layer name.
        vectors : relative scales (channels,) of layers whose channels get scales of their own.
        """
        self._stored = stored
        self._widening = widening
        self._ranges = ranges
        self._vectors = {} if vectors is None else vectors
        self._settled: dict[str, Encoding | None] = {}

    def before(self, layer: Layer) -> Layer | None:
        """The layer as the archive has it; None for one that was inserted."""
        found = self._stored.network.layers.get(layer.name)
        if found is not None and is_precision_change(layer) and found.inputs != layer.inputs:
            return None
        return found

    def settle(self, layer: Layer, encoding: Encoding | None) -> None:
        """Take the encoding of a layer's output as final."""
        self._settled[layer.name] = encoding

    def entering(self, layer: Layer) -> tuple[Encoding | None, ...]:
        """Encodings of the inputs of a layer."""
        return tuple(self._settled[name] for name in layer.inputs)

    def keeps_inputs(self, layer: Layer) -> bool:
        """Whether all inputs of a layer are coded as they were."""
        before = self.before(layer)
        if before is None or len(before.inputs) != len(layer.inputs):
            return False
        return all(
            same_encoding(encoding, self._stored.encoding(name))
            for encoding, name in zip(self.entering(layer), before.inputs, strict=True)
        )

    def keeps_everything(self, layer: Layer, wanted: Encoding | None) -> bool:
        """Whether a layer that wants this encoding is what it was."""
        before = self.before(layer)
        return (
            before is not None
            and same_mode(layer, precision_mode(layer), precision_mode(before))
            and self.keeps_inputs(layer)
            and same_encoding(wanted, self._stored.uncorrected_encoding(layer.name))
        )

    def wanted(self, layer: Layer) -> Encoding | None:
        """Encoding for a layer's output, before corrections for the slopes of its table."""
        stored = self._stored.uncorrected_encoding(layer.name) if self.before(layer) else None
        highest = HIGHEST_CODE[precision_mode(layer).output_bits]
        followed = self._followed(layer, stored)
        start = stored if followed is None else self._handed_on(layer, followed, stored)
        if layer.name in self._ranges:
            return self._with_range(layer, start, highest)
        if layer.name in self._vectors:
            return self._with_scales(layer, self._vectors[layer.name])
        if followed is not None:
            return start
        if stored is None:
            return self._from_statistics(layer)
        if precision_mode(layer).output_bits != self._stored.mode(layer.name).output_bits:
            stored = narrowed(stored, stored.low, stored.high, highest)
        return self._widening.renewed(layer, stored)

    def _with_range(self, layer: Layer, start: Encoding | None, highest: int) -> Encoding:
        low, high = self._ranges[layer.name]
        if start is not None:
            return narrowed(start, low, high, highest)
        channels = np.ones(layer.output_shape[2])
        return calibrated_encoding(
            low * channels, high * channels, precision_mode(layer).output_bits
        )

    def _with_scales(self, layer: Layer, vector: Array) -> Encoding | None:
        """An encoding as calibration would have made it with these scales."""
        found = self._stored.statistics(layer.name)
        if found is None or vector.shape != found.output.maximum.shape:
            return self._stored.uncorrected_encoding(layer.name)
        seen, bits = found.output, precision_mode(layer).output_bits
        encoding = calibrated_encoding(seen.minimum, seen.maximum, bits, vector)
        return self._widening.fitted(layer, encoding)

    def _followed(self, layer: Layer, stored: Encoding | None) -> Encoding | None:
        """Encoding that a layer takes over from its input; None if it has its own."""
        entering = self._settled[layer.inputs[0]] if layer.inputs else None
        if layer.is_pass_through:
            return entering
        mode, before = precision_mode(layer), self.before(layer)
        if layer.type not in CHANNELWISE_TYPES or mode.input_bits != mode.output_bits:
            return None
        if stored is None or before is None or not before.inputs:
            return entering
        taken_over = same_encoding(stored, self._stored.encoding(before.inputs[0]))
        return entering if taken_over else None

    def _handed_on(self, layer: Layer, entering: Encoding, stored: Encoding | None) -> Encoding:
        mode, before = precision_mode(layer), self.before(layer)
        if before is None or stored is None:
            stored = entered = None
        elif self.keeps_inputs(layer) and same_mode(layer, mode, precision_mode(before)):
            return stored
        else:
            entered = self._stored.encoding(before.inputs[0]) if before.inputs else None
        if mode.input_bits != mode.output_bits:
            entering = self._at_output_width(layer, entering)
        channels = layer.output_shape[2] if stored is None else len(stored.scales)
        if channels == len(entering.scales) or stored is None or entered is None:
            return handed_on(entering, channels)
        return _rearranged(stored, entering, entered)

    def _at_output_width(self, layer: Layer, entering: Encoding) -> Encoding:
        """What enters a layer, at the width of its output: as stored, if it had that width."""
        bits, source = precision_mode(layer).output_bits, layer.inputs[0]
        if source in self._stored.network and self._stored.mode(source).output_bits == bits:
            stored = self._stored.encoding(source)
            if stored is not None and _spans_the_same(stored, entering):
                return stored
        return narrowed(entering, entering.low, entering.high, HIGHEST_CODE[bits])

    def _from_statistics(self, layer: Layer) -> Encoding | None:
        found = self._stored.statistics(layer.name) if self.before(layer) else None
        if found is None:
            return None
        vector = self._stored.equalization(layer.name)
        seen = found.output
        if vector is not None and vector.shape != seen.maximum.shape:
            vector = None
        bits = precision_mode(layer).output_bits
        return calibrated_encoding(seen.minimum, seen.maximum, bits, vector)


def _spans_the_same(one: Encoding, other: Encoding) -> bool:
    """Whether two encodings reach as far, up to a code of the first."""
    code = float(one.scales.max())
    return proportional(one, other) and bool(
        abs(one.low - other.low) <= code and abs(one.high - other.high) <= code
    )


def _rearranged(stored: Encoding, entering: Encoding, entered: Encoding) -> Encoding:
    """The stored encoding of a layer that rearranges channels, changed as its input was.

    Parameters
    ----------
    entering, entered : encoding of the input as it is now, and as it is stored.
    """
    widest = float(entered.scales.max())
    share, factor = float(stored.scales.max()) / widest, float(entering.scales.max()) / widest
    return Encoding(
        stored.scales * factor,
        np.full_like(stored.scales, entering.zero_points[0]),
        entering.low * share,
        entering.high * share,
    )
