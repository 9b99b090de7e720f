"""Weights that the optimizer moved away from those of the float network.

From optimization level 2 on the compiler trains the network that it quantizes. Its own weights are
stored beside those of the float network, in the same units.
"""

from __future__ import annotations

import numpy as np

from utils.har.model import WEIGHT_TYPES, Model
from utils.har.weight_codes import array

# Of the energy of the weights of a layer: a hundredth of their size. Float32 makes far less.
MOVED = 1e-4


def moved_layers(model: Model) -> dict[str, float]:
    """Layers with moved weights, in graph order: the energy of the change over that of the weights.

    Channels that the optimizer set to 0, as calibration saw them asleep, do not count.
    """
    found = {}
    for layer in model.network:
        share = _moved(model, layer.name) if layer.type in WEIGHT_TYPES else 0.0
        if share > MOVED:
            found[layer.name] = share
    return found


def _moved(model: Model, name: str) -> float:
    own = array(model.optimized.layer(name), "kernel")
    trained = array(model.float_parameters.layer(name), "kernel")
    if own is None or trained is None or own.shape != trained.shape:
        return 0.0
    with np.errstate(all="ignore"):  # weights may be damaged; what is no number is not judged
        change = np.where(own == 0, 0.0, own - trained).ravel()
        energy = float(trained.ravel() @ trained.ravel())
        share = float(change @ change) / energy if energy else 0.0
    return share if np.isfinite(share) else 0.0
