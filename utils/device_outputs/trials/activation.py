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


def softmax(values: Numbers, axes: int | tuple[int, ...] = -1) -> Numbers:
    """Over the channels, or over other axes."""
    powers = np.exp(values - values.max(axis=axes, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axes, keepdims=True), np.float64)


FUNCTIONS: dict[str, Callable[[Numbers], Numbers]] = {"sigmoid": sigmoid, "softmax": softmax}
# Axes of (samples, height, width, channels). Code for channels first takes the second one.
AXES: dict[str, tuple[int, ...]] = {
    "softmax": (3,),
    "softmax over the height": (1,),
    "softmax over the width": (2,),
    "softmax over all places": (1, 2),
}


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
    return _applied(expected, given, ("sigmoid", *AXES))


def _applied(expected: Expected, given: Numbers, names: tuple[str, ...]) -> Undone | None:
    """The emulation with an activation, where the dump holds what may come of it."""
    if given.size < FEWEST_VALUES or not _are_shares(given):
        return None
    nearest: tuple[float, Undone] | None = None
    for name in names:
        # A softmax over one value is 1.
        if name in AXES and all(expected.values.shape[axis] < 2 for axis in AXES[name]):
            continue
        before = expected.values.astype(np.float64)
        values = softmax(before, AXES[name]) if name in AXES else FUNCTIONS[name](before)
        distance = float(np.abs(values - given).max())
        evidence = f"values from {given.min():.3g} to {given.max():.3g} behind one more {name}"
        if nearest is None or distance < nearest[0]:
            nearest = distance, Undone(given, evidence, in_shares(expected, values))
    return nearest[1] if nearest else None


def _are_shares(values: Numbers) -> bool:
    return bool(values.min() >= -1e-6 and values.max() <= 1 + 1e-6)


def in_shares(expected: Expected, values: Numbers) -> Expected:
    """The output behind the activation, in codes of what a byte can tell of a probability."""
    ones = np.ones(expected.shape[2])
    return expected.in_codes(values, ones / 255, 0 * ones)
