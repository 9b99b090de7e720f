"""Range and spread of an input's channels, and what kind of values these are.

Channels that are constant never count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.har.statistics import ChannelStatistics
from utils.wording import plural, rounded

CHANNELS_LISTED = 4  # what pictures have at most


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


def means_and_stds(statistics: ChannelStatistics | None) -> str:
    """Mean and standard deviation of every channel, of many their range, as part of a sentence."""
    if statistics is None:
        return ""
    mean, std = statistics.mean, statistics.std
    if statistics.channels <= CHANNELS_LISTED:
        return f"mean: {_listed(mean)}, std: {_listed(std)}"
    return f"mean: {_span(mean)}, std: {_span(std)} over {plural(statistics.channels, 'channel')}"


def _listed(values: NDArray[np.float64]) -> str:
    return f"[{' '.join(map(rounded, values))}]"


def _span(values: NDArray[np.float64]) -> str:
    return f"{rounded(values.min())} to {rounded(values.max())}"


@dataclass(frozen=True)
class PixelRange:
    """Between which values pixels lie, as they are and divided by 255.

    Parameters
    ----------
    lowest_white, white : the largest 8-bit pixel is between these.
    unit : the largest pixel that was divided by 255, with some percent of overshoot.
    negative : values that are not below this are no negative values but rounding.
    overshoot : share of the largest value by which interpolation leaves the range at both ends.
    """

    lowest_white: float
    white: float
    unit: float
    negative: float
    overshoot: float

    def are_raw(self, low: float, high: float) -> bool:
        """Whether values are 8-bit pixels as they are; not where their range is NaN."""
        highest = self.white * (1.0 + self.overshoot)
        return self.lowest_white <= high <= highest and low >= -self.overshoot * high

    def are_pixels(self, low: float, high: float) -> bool:
        """Whether values are 8-bit pixels, as they are or divided by 255."""
        return self.are_raw(low, high) or (high <= self.unit and low >= -self.overshoot * high)

    def are_divided(self, low: float, high: float) -> bool:
        """Whether values are pixels divided by 255; not where their range is NaN."""
        return low >= self.negative and high <= self.unit

    def are_signed(self, low: float, high: float) -> bool:
        """Whether there are negative values that interpolation does not explain."""
        return low < self.negative and -low > self.overshoot * high


# Below 32 pixels were scaled; bicubic resizing leaves 0..255 by up to a tenth.
PIXELS = PixelRange(lowest_white=32.0, white=255.0, unit=1.05, negative=-0.01, overshoot=0.1)


@dataclass(frozen=True)
class ChannelBounds:
    """Where mean and standard deviation of a channel have to lie.

    A standard deviation below `lowest_std` counts only in a channel that spans less than
    `lowest_span`: pictures of low contrast have few values far from the others, but have them.
    """

    lowest_mean: float
    highest_mean: float
    lowest_std: float
    highest_std: float
    lowest_span: float

    @property
    def text(self) -> str:
        """The bounds, for messages."""
        return (
            f"mean {self.lowest_mean:g}..{self.highest_mean:g} and std "
            f"{self.lowest_std:g}..{self.highest_std:g}"
        )

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
                narrow = (statistics.maximum - statistics.minimum) / unit < self.lowest_span
                low = np.where(narrow, self.lowest_std / std, 0.0)
            excess = np.maximum(excess, np.maximum(mean / self.lowest_mean, low))
        return np.where(varying_channels(statistics), excess, 0.0)
