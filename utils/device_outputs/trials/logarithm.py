"""Logarithms of probabilities, as log_softmax gives them, in place of what the network gives."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.activation import AXES, FUNCTIONS, in_shares, softmax
from utils.device_outputs.trials.undone import FEWEST_VALUES, Undone

HIGHEST = 1e-3  # of the logarithm of a probability to which something small was added
WHOLE = 1e-3  # by which probabilities that belong together may miss 1


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Probabilities of the network from their logarithms, or its values behind a log_softmax."""
    if given.size < FEWEST_VALUES or np.isnan(given).any() or given.max() > HIGHEST:
        return None
    ends = f"{given.min():.3g} to {given.max():.3g}"
    if expected.activation in FUNCTIONS:
        evidence = f"values from {ends} are the logarithms of a {expected.activation}"
        return Undone(np.exp(given), evidence, expected)
    shares = np.exp(given)
    for name, axes in AXES.items():
        is_of_several = any(given.shape[axis] > 1 for axis in axes)
        if is_of_several and (np.abs(shares.sum(axis=axes) - 1) <= WHOLE).all():
            values = softmax(expected.values.astype(np.float64), axes)
            evidence = f"values from {ends} are the logarithms of a {name}"
            return Undone(shares, evidence, in_shares(expected, values))
    return None
