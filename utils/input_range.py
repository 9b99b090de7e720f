"""Range and spread of an input's channels; channels that are constant never count."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.har.statistics import ChannelStatistics


def varying_channels(statistics: ChannelStatistics) -> NDArray[np.bool_]:
    """Which channels hold more than one value, and no NaN or infinity; shape (channels,)."""
    known = np.isfinite([statistics.minimum, statistics.maximum, statistics.mean, statistics.std])
    varying: NDArray[np.bool_] = known.all(axis=0) & (statistics.maximum > statistics.minimum)
    return varying


def varying_range(statistics: ChannelStatistics | None) -> tuple[float, float]:
    """Smallest and largest value over the channels that vary; NaN if there are none."""
    if statistics is None or not (varying := varying_channels(statistics)).any():
        return math.nan, math.nan
    return float(statistics.minimum[varying].min()), float(statistics.maximum[varying].max())


@dataclass(frozen=True)
class Bounds:
    """Where mean and standard deviation of a channel have to lie."""

    lowest_mean: float
    highest_mean: float
    lowest_std: float
    highest_std: float

    def excess(
        self, statistics: ChannelStatistics, *, upwards_only: bool, unit: float = 1.0
    ) -> NDArray[np.float64]:
        """By how much each channel breaks a bound: a ratio, above 1 outside, 0 if constant.

        Parameters
        ----------
        upwards_only : values that are too small or vary too little are no breach.
        unit : of the values, in which the bounds are meant.
        """
        mean, std = statistics.mean / unit, statistics.std / unit
        excess = np.maximum(mean / self.highest_mean, std / self.highest_std)
        if not upwards_only:
            with np.errstate(divide="ignore", invalid="ignore"):
                low = np.maximum(mean / self.lowest_mean, self.lowest_std / std)
            excess = np.maximum(excess, low)
        return np.where(varying_channels(statistics), excess, 0.0)
