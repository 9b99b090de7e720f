"""How near two tensors come to each other, whatever they have in common for all samples."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from utils.measurements.noise import decibels

Floats = NDArray[np.float32]

# Two libraries that compute the same in float32 were seen 90 dB apart and more; those that round
# to half precision, or approximate a GELU, 50 dB.
EQUAL_DB = 40.0
# What all samples have in common says little: what varies among them has to be the same as well.
VARYING_DB = 20.0
CLEARLY_DB = 6.0  # half the error: less is no reason


def closeness(earlier: Floats, later: Floats) -> float:
    """SNR in dB of the later tensor, less where what varies from value to value is not the same.

    Infinite where both are equal; minus infinite where the shapes differ, or one is not finite.

    Parameters
    ----------
    earlier, later : (samples, height, width, channels).
    """
    if earlier.shape != later.shape or not earlier.size:
        return -math.inf
    with np.errstate(over="ignore", invalid="ignore"):
        first = earlier.astype(np.float64)
        noise = float(np.square(later - first).sum())
        signal = float(np.square(first).sum())
        spread = float(np.square(first - first.mean(axis=(0, 1, 2))).sum())
    if not math.isfinite(noise) or not math.isfinite(signal):
        return -math.inf
    whole = decibels(signal, noise)
    if not spread or not math.isfinite(whole):
        return whole
    return min(whole, decibels(spread, noise) + EQUAL_DB - VARYING_DB)


def is_same(closeness_db: float) -> bool:
    """Whether two tensors are one and the same, computed by two libraries."""
    return closeness_db >= EQUAL_DB


def is_clearly_closer(after_db: float, before_db: float) -> bool:
    """Whether a change takes at least half of the difference away."""
    return after_db - before_db >= CLEARLY_DB if after_db != before_db else False
