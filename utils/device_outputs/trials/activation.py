"""A sigmoid or softmax that is missing, or was applied once more than in the network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import FEWEST_VALUES, Undone

LARGEST = 80.0  # beyond it a sigmoid is 0 or 1 in every digit


def sigmoid(values: Numbers) -> Numbers:
    """Between 0 and 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -LARGEST, LARGEST))), np.float64)


def softmax(values: Numbers) -> Numbers:
    """Over the channels."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float64)


FUNCTIONS: dict[str, Callable[[Numbers], Numbers]] = {"sigmoid": sigmoid, "softmax": softmax}
PROBABILITIES = tuple(FUNCTIONS)


def missing(expected: Expected, given: Numbers) -> Undone | None:
    """The activation of the output, applied to the dump."""
    name = expected.activation
    if name not in FUNCTIONS or _are_shares(given):
        return None
    evidence = f"values from {given.min():.3g} to {given.max():.3g} in front of a {name}"
    return Undone(FUNCTIONS[name](given), evidence, expected)


def twice(expected: Expected, given: Numbers) -> Undone | None:
    """The activation of the output, applied to the emulation once more."""
    if expected.activation not in FUNCTIONS:
        return None
    return _applied(expected, given, (expected.activation,))


def added(expected: Expected, given: Numbers) -> Undone | None:
    """An activation that the network has not, applied to the emulation."""
    if expected.activation in FUNCTIONS:
        return None
    return _applied(expected, given, PROBABILITIES)


def _applied(expected: Expected, given: Numbers, names: tuple[str, ...]) -> Undone | None:
    """The emulation with an activation, where the dump holds what may come of it."""
    if given.size < FEWEST_VALUES or not _are_shares(given):
        return None
    nearest: tuple[float, Undone] | None = None
    for name in names:
        if name == "softmax" and expected.shape[2] < 2:
            continue
        values = FUNCTIONS[name](expected.values.astype(np.float64))
        distance = float(np.abs(values - given).max())
        evidence = f"values from {given.min():.3g} to {given.max():.3g} behind one more {name}"
        if nearest is None or distance < nearest[0]:
            nearest = distance, Undone(given, evidence, _uncoded(expected, values))
    return nearest[1] if nearest else None


def _are_shares(values: Numbers) -> bool:
    return bool(values.min() >= -1e-6 and values.max() <= 1 + 1e-6)


def _uncoded(expected: Expected, values: Numbers) -> Expected:
    """The output behind the activation, in codes of what a byte can tell of a probability."""
    ones = np.ones(expected.shape[2])
    return expected.in_codes(values, ones / 255, 0 * ones)
