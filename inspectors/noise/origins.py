"""Where noise comes from: layers at which the ratio falls, and what lies in front of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer, Network
from utils.measurements.noise import LayerNoise, NoiseMeasurements, TensorNoise
from utils.wording import tenths


@dataclass(frozen=True)
class Origin:
    """A layer with the SNR, in dB, in front of it and behind it.

    Parameters
    ----------
    layer : it codes what it computes.
    input_db : of its noisiest input; infinite if all are exact.
    output_db : at the layer.
    drop_db : how far it falls, from no more than what 8 bit can reach.
    noise : of the layer's output.
    """

    layer: Layer
    input_db: float
    output_db: float
    drop_db: float
    noise: TensorNoise

    def described(self) -> str:
        """Name and numbers."""
        before = "no noise" if math.isinf(self.input_db) else f"{tenths(self.input_db)} dB"
        name = self.layer.described()
        return f"{name} has an SNR of {tenths(self.output_db)} dB, its input {before}"


def codes_anew(layer: Layer, measured: LayerNoise) -> bool:
    """Whether a layer adds noise of its own; the others hand on what they receive."""
    return layer.type in WEIGHT_TYPES or measured.clipped is not None


def origins(network: Network, noise: NoiseMeasurements, best_db: float) -> list[Origin]:
    """Layers that code what they compute, where the SNR in front and behind is known.

    Parameters
    ----------
    best_db : better inputs count as this good.
    """
    found = []
    for layer in network:
        measured = noise.layers.get(layer.name)
        if measured is None or not codes_anew(layer, measured):
            continue
        entering, leaving = _worst_input_db(layer, noise), measured.output.snr_db
        if entering is not None and math.isfinite(leaving):
            drop = min(entering, best_db) - leaving
            found.append(Origin(layer, entering, leaving, drop, measured.output))
    return found


def _worst_input_db(layer: Layer, noise: NoiseMeasurements) -> float | None:
    if any(name not in noise.layers for name in layer.inputs):
        return None
    ratios = [noise.layers[name].output.snr_db for name in layer.inputs]
    # An input without any signal says nothing about the others.
    ratios = [ratio for ratio in ratios if ratio > -math.inf]
    return min(ratios, default=None)
