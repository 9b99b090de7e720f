"""A layer of an archive without its activation, as the compiler would quantize it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.har.model import Model
from utils.har.network import Layer
from utils.har.quantization import Encoding
from utils.quantizer.archive_facts import ArchiveFacts, fitting_grid
from utils.quantizer.calibrated_encoding import calibrated_encoding, widened
from utils.quantizer.float_layers import precision_mode
from utils.quantizer.multiplication import multiplied
from utils.quantizer.piecewise import PiecewiseLinear, activation_curve
from utils.quantizer.precision_plan import MULTIPLYING_TYPES
from utils.quantizer.quantized_layers import QuantizedLayer
from utils.quantizer.stored_layers import StoredLayers

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _WithoutActivations:
    """Facts about layers whose activation is left out."""

    facts: ArchiveFacts

    def multiplies(self, layer: Layer) -> bool:
        return self.facts.multiplies(layer)

    def live_weights(self, layer: Layer) -> tuple[Array, Array]:
        return self.facts.live_weights(layer)

    def peaks(self, layer: Layer) -> Array:
        return self.facts.peaks(layer)

    def curve(self, layer: Layer) -> PiecewiseLinear:
        del layer
        return activation_curve("linear", 0.0, 0.0)


def linear_output(model: Model, name: str, low: Array, high: Array) -> QuantizedLayer:
    """A layer with weights that hands out its sums as they are.

    Parameters
    ----------
    low, high : range of its pre-activations, float64 (channels,).

    Raises
    ------
    ArchiveError : there is no way to its integers.
    """
    stored = StoredLayers(model)
    layer = stored.network[name]
    if layer.type not in MULTIPLYING_TYPES or len(layer.inputs) != 1:
        raise ArchiveError("it does not multiply one input by weights")
    linear = replace(layer, params={**layer.params, "activation": "linear"})
    entering = stored.encoding(layer.inputs[0])
    if entering is None:
        raise ArchiveError("the archive does not say how its input is coded")
    facts, mode = _WithoutActivations(ArchiveFacts(stored)), precision_mode(linear)
    leaving: Encoding = calibrated_encoding(low, high, mode.output_bits)
    kernel, _ = facts.live_weights(linear)
    fitting_grid(linear, kernel, entering.scales, leaving.scales)
    made = multiplied(linear, facts, entering, leaving)
    if made is None:
        raise ArchiveError("it does not multiply")
    leaving = widened(leaving, made.correction)
    return QuantizedLayer(linear, mode, None, (entering,), leaving, None, made)
