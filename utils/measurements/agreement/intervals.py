"""How far a share may lie from the truth, for no more than the samples that were seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]

CONFIDENCE = 0.95
QUANTILE = 1.959964  # of the normal distribution, for 95 % between both sides
DRAWS = 1000
SEED = 15  # the same data always give the same interval
# Samples beyond these are drawn in blocks; a thousand tell as much about the spread as ten.
MOST_UNITS = 1024
UNKNOWN: Interval = (math.nan, math.nan)


def wilson(kept: float, of: float) -> Interval:
    """Wilson's interval of a share, for decisions that do not depend on each other.

    Parameters
    ----------
    kept, of : how many of how many; NaN without any.
    """
    if of <= 0:
        return UNKNOWN
    share, square = kept / of, QUANTILE**2 / of
    middle = (share + square / 2) / (1 + square)
    reach = math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    low = 0.0 if kept <= 0 else middle - reach
    high = 1.0 if kept >= of else middle + reach
    return max(low, 0.0), min(high, 1.0)


def bootstrap(units: int, statistic: Callable[[Floats], Floats]) -> Interval:
    """Percentile interval of a statistic over units that are drawn with replacement.

    Decisions within one sample go together, so the unit is a sample, or a block of samples.

    Parameters
    ----------
    units : how many there are.
    statistic : (draws,) from how often each unit was drawn, (draws, units).
    """
    if units < 1:
        return UNKNOWN
    outside = (1 - CONFIDENCE) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        found = statistic(_drawn(units))
        found = found[~np.isnan(found)]
        if not found.size:
            return UNKNOWN
        low, high = np.quantile(found, [outside, 1 - outside])
    return float(low), float(high)


def ratio_interval(kept: NDArray[np.int64], of: NDArray[np.int64]) -> Interval:
    """Interval of ``sum(kept) / sum(of)``, from both numbers of every sample, (samples,) each.

    Wilson's where no sample has more than one decision, else by drawing samples.
    """
    if not of.sum():
        return UNKNOWN
    if of.max() <= 1:
        return wilson(float(kept.sum()), float(of.sum()))
    numbers = in_blocks(np.stack([kept, of], axis=1).astype(np.float64))

    def ratios(drawn: Floats) -> Floats:
        sums = drawn @ numbers
        quotients: Floats = sums[:, 0] / sums[:, 1]
        return quotients

    return bootstrap(len(numbers), ratios)


def in_blocks(numbers: Floats) -> Floats:
    """Sums over blocks of samples, where there are more than are drawn one by one.

    Parameters
    ----------
    numbers : (samples, ...) in the order of the samples.
    """
    if len(numbers) <= MOST_UNITS:
        return numbers
    sums = np.zeros((MOST_UNITS, *numbers.shape[1:]))
    np.add.at(sums, np.arange(len(numbers)) % MOST_UNITS, numbers)
    return sums


@cache
def _drawn(units: int) -> Floats:
    random = np.random.default_rng(SEED)
    return random.multinomial(units, np.full(units, 1 / units), DRAWS).astype(np.float64)
