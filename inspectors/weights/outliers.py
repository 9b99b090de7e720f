"""Single weights far larger than all others of their layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.model import Model
from utils.har.network import Layer
from utils.har.weight_codes import array, integer_weights


def weight_sizes(model: Model, layer: Layer) -> NDArray[Any] | None:
    """Absolute integer weights, or the float ones where there are none; None without either.

    Integers are what outliers cost: scales of the channels may have evened out the float ones.
    """
    codes = integer_weights(model, layer)
    if codes is None:
        codes = array(model.float_parameters.layer(layer.name), "kernel")
    return None if codes is None else np.abs(codes)


def outlier_ratio(sizes: NDArray[Any], above: float, percentile: float) -> float:
    """The largest size over a percentile of all, 0 to 100; 0 where it is not above that many."""
    largest = float(sizes.max())
    if not math.isfinite(largest) or _are_many(sizes >= largest / above, percentile):
        return 0.0
    usual = float(np.percentile(sizes.astype(np.float64), percentile))
    return largest / usual if usual > 0 else 0.0


def _are_many(large: NDArray[np.bool_], percentile: float) -> bool:
    """Whether so many weights are large that the percentile is; counting them costs least."""
    below = math.floor((large.size - 1) * percentile / 100)
    return int(np.count_nonzero(large)) >= large.size - below
