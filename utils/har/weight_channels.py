"""The output channels of a layer with weights: how large their integers are, and do they fire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.heard_channels import heard_channels
from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Layer
from utils.har.weight_codes import array, channel_axis, integer_weights

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Activations that leave 0 of a channel whose sums never get above it.
RECTIFIERS = ("relu", "relu6")
# Below half an 8-bit code of the largest weight, weights would be rounded to 0 anyway: training
# has switched the channel off, by a batch normalization whose gamma is about 0.
NEGLIGIBLE_WEIGHT = 0.5 / 127
COMPRESSED_BITS = 4  # of a weight; the compiler compresses to no other width
# Codes below 2 to the power of half the bits, one of which is the sign: by weight bits.
COARSE_BELOW: Mapping[int, int] = MappingProxyType({4: 2, 8: 8, 16: 128})
COARSE_SHARE = 0.1  # of a layer's output channels
# A channel that stays within one 8-bit code of the layer's range says nothing.
SILENT_SHARE = 1 / 255


@dataclass(frozen=True, eq=False)
class WeightChannels:
    """Output channels of one layer; all arrays have shape (channels,).

    Parameters
    ----------
    layer : the layer.
    weight_bits : 4, 8 or 16; 16 means 15.
    largest : largest absolute integer weight, without its zero point.
    floats : largest absolute float weight; None without float weights.
    asleep : whether calibration never saw it above 0, behind a rectifier; None where unknown.
    silent : whether its values stay within one code of the layer, and no layer behind makes much of
        them; None where unknown.
    """

    layer: Layer
    weight_bits: int
    largest: Array
    floats: Array | None
    asleep: Flags | None
    silent: Flags | None

    @property
    def count(self) -> int:
        """Number of channels."""
        return self.largest.size

    @property
    def is_compressed(self) -> bool:
        """Whether the compiler gave the weights 4 bit."""
        return self.weight_bits <= COMPRESSED_BITS

    @property
    def trained(self) -> Flags | None:
        """Channels whose float weights are more than rounding would leave of them."""
        return None if self.floats is None else self.floats > NEGLIGIBLE_WEIGHT * self.floats.max()

    @property
    def zeroed(self) -> Flags | None:
        """Channels of which calibration left no weight though training had given them some.

        Weights that were rounded to 0 in a channel that does fire are coarse, not dead. None
        where it is not known what training had given them.
        """
        trained = self.trained
        if trained is None:
            return None
        zeroed: Flags = (self.largest == 0) & trained
        return zeroed if self.asleep is None else zeroed & self.asleep

    @property
    def kept_asleep(self) -> Flags:
        """Channels with weights that calibration never saw fire."""
        if self.asleep is None:
            return np.zeros(self.count, np.bool_)
        return self.asleep & (self.largest > 0)

    def coarse(self, below: int | None = None) -> Flags:
        """Channels that say something, with weights that all have smaller codes than `below`.

        By default than half of the bits can say.
        """
        if below is None:
            below = COARSE_BELOW.get(self.weight_bits, COARSE_BELOW[8])
        coarse = (self.largest < below) & self._speaks
        for dead in (self.asleep, self.zeroed):
            coarse &= True if dead is None else ~dead
        return coarse

    @property
    def _speaks(self) -> Flags:
        # What a channel puts out tells best: small weights may meet large inputs.
        present: Flags = (self.largest if self.floats is None else self.floats) > 0
        if self.silent is not None:
            return present & ~self.silent
        trained = self.trained
        return present if trained is None else trained


def channels_by_layer(model: Model) -> dict[str, WeightChannels]:
    """All layers with weights, in graph order, as far as `weight_channels` knows them."""
    layers = [layer for layer in model.network if layer.type in WEIGHT_TYPES]
    found = {layer.name: weight_channels(model, layer) for layer in layers}
    return {name: channels for name, channels in found.items() if channels is not None}


def weight_channels(model: Model, layer: Layer) -> WeightChannels | None:
    """Take a layer apart; None without integers, or where the axis of its channels is unknown."""
    codes = integer_weights(model, layer)
    axis = None if codes is None else channel_axis(layer, codes.shape)
    mode = model.precision_mode(layer.name)
    if codes is None or axis is None:
        return None
    largest = _by_channel(codes, axis)
    floats = array(model.float_parameters.layer(layer.name), "kernel")
    comparable = floats is not None and floats.shape == codes.shape and np.isfinite(floats).all()
    sizes = _by_channel(floats, axis) if floats is not None and comparable else None
    bits = mode.weight_bits if mode else 8
    return WeightChannels(layer, bits, largest, sizes, *_activity(model, layer, largest))


def _by_channel(kernel: NDArray[Any], axis: int) -> Array:
    flat = np.moveaxis(kernel, axis, -1).reshape(-1, kernel.shape[axis])
    largest: Array = np.maximum(flat.max(axis=0), -flat.min(axis=0)).astype(np.float64)
    return largest


def _activity(model: Model, layer: Layer, largest: Array) -> tuple[Flags | None, Flags | None]:
    """Which channels never fire, and which stay within one code; None where unknown."""
    found = model.stored_statistics(layer.name, "output_0")
    if found is None or found.channels != largest.size:
        return None, None
    with np.errstate(invalid="ignore"):
        spans = found.maximum - found.minimum
    if not np.isfinite(spans).all():
        return None, None
    silent = spans < SILENT_SHARE * (max(found.high, 0.0) - min(found.low, 0.0))
    asleep = found.maximum <= 0 if layer.activation in RECTIFIERS else np.zeros_like(silent)
    if layer.params.get("elementwise_add"):
        return asleep, None  # the values are not those of the weights alone
    return asleep, silent & ~heard_channels(model, layer, spans) if silent.any() else silent
