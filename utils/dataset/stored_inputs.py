"""What calibration stored about the inputs: the data that the archive was quantized with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import LARGEST_VALUE
from utils.har.model import Model
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics

# Share of a channel's stored span by which values may leave it and still count as inside: far
# more than rounding and resizing change, far less than another kind of data does.
RANGE_MARGIN = 0.02

Bounds = tuple[NDArray[np.float32], NDArray[np.float32]]  # lowest and highest, (channels,) each


def stored_input_statistics(model: Model, layer: Layer) -> ChannelStatistics | None:
    """Per channel of an input, in full and finite, with one entry for each of its channels.

    They are stored at the input itself, else at a layer that takes it. None where neither holds
    any that can be used.
    """
    places = [(layer.name, "output_0")]
    places += [
        (successor.name, f"input_{successor.inputs.index(layer.name)}")
        for successor in model.network.successors(layer)
    ]
    for name, place in places:
        found = model.stored_statistics(name, place)
        if found is not None and _is_usable(found, layer.output_shape[2]):
            return found
    return None


def _is_usable(found: ChannelStatistics, channels: int) -> bool:
    arrays = np.array([found.minimum, found.maximum, found.mean])
    limit = bool((np.abs(arrays) <= LARGEST_VALUE).all())  # never true of what is not a number
    ordered = bool((found.minimum <= found.maximum).all())
    return (
        found.channels == channels and limit and ordered and bool(np.isfinite(found.energy).all())
    )


def stored_bounds(model: Model) -> dict[str, Bounds]:
    """Range of every channel with its margin, by input for which calibration stored one."""
    bounds = {}
    for layer in model.network.input_layers:
        stored = stored_input_statistics(model, layer)
        if stored is not None:
            margin = RANGE_MARGIN * (stored.maximum - stored.minimum)
            low, high = stored.minimum - margin, stored.maximum + margin
            bounds[layer.name] = (low.astype(np.float32), high.astype(np.float32))
    return bounds
