"""The channels of a tensor, one by one: their own SNR, and the codes they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.statistics import ChannelStatistics
from utils.measurements.noise import TensorNoise

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

BYTE_CODES = 256
# Numbers that differ by no more, relative to their size, are equal but for rounding.
ROUNDING = 1e-6


def channel_snr_db(statistics: ChannelStatistics, noise: TensorNoise) -> Floats | None:
    """SNR of every channel about its mean: variance in float against energy of the error, in dB.

    A constant says nothing, so its energy is no signal. NaN where a channel is constant in float;
    None where the error of the channels is not known.

    Parameters
    ----------
    statistics : of the tensor in float, over the same samples.
    noise : what quantization adds.
    """
    if noise.by_channel is None or noise.by_channel.shape != statistics.mean.shape:
        return None
    varies = Extremes(statistics.minimum, statistics.maximum).differ
    signal = np.where(varies, statistics.std**2 * noise.count, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = 10 * np.log10(signal / noise.by_channel)
    return np.where(signal > 0, ratios, np.nan)


def worst_channel(ratios: Floats) -> int | None:
    """The channel with the lowest SNR; None where all are constant in float."""
    # numpy's own nanargmin takes what is no number for infinity, and may name it.
    known = np.flatnonzero(~np.isnan(ratios))
    return int(known[ratios[known].argmin()]) if known.size else None


@dataclass(frozen=True, eq=False)
class Extremes:
    """Smallest and largest of something in every channel, (channels,) each."""

    low: Floats
    high: Floats

    @classmethod
    def of(cls, numbers: NDArray[Any]) -> Extremes:
        """Extremes of numbers (any number, channels)."""
        low, high = numbers.min(axis=0), numbers.max(axis=0)
        return cls(low.astype(np.float64), high.astype(np.float64))

    def merged(self, other: Extremes) -> Extremes:
        """Extremes of both."""
        return Extremes(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    @property
    def differ(self) -> Mask:
        """Which channels vary, by more than rounding."""
        largest = np.maximum(np.abs(self.low), np.abs(self.high))
        return np.asarray(self.high - self.low > ROUNDING * largest)


@dataclass(frozen=True, eq=False)
class ChannelCodes:
    """What the channels of one tensor span in float, and the codes they use on the chip.

    Parameters
    ----------
    floats : smallest and largest value in float.
    chip : smallest and largest code; values where the chip does not code them.
    seen : which of 256 codes occur, bool (channels, 256); None where there are more, or none.
    """

    floats: Extremes
    chip: Extremes
    seen: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, floats: Extremes, codes: NDArray[Any], seen: Mask | None = None) -> ChannelCodes:
        """Of codes (any number, channels): uint8, or other numbers.

        Parameters
        ----------
        floats : of the same tensor.
        seen : which codes occur, where that is known.
        """
        if codes.dtype != np.uint8:
            return cls(floats, Extremes.of(codes))
        seen = codes_seen(codes) if seen is None else seen
        first = seen.argmax(axis=1).astype(np.float64)
        last = BYTE_CODES - 1 - seen[:, ::-1].argmax(axis=1).astype(np.float64)
        return cls(floats, Extremes(first, last), seen)

    def merged(self, other: ChannelCodes) -> ChannelCodes:
        """Of both sets of samples."""
        seen = None
        if self.seen is not None and other.seen is not None:
            seen = self.seen | other.seen
        return ChannelCodes(self.floats.merged(other.floats), self.chip.merged(other.chip), seen)

    @property
    def used(self) -> Floats:
        """How many codes every channel uses; where not counted, how many lie between its ends."""
        if self.seen is not None:
            return np.asarray(self.seen.sum(axis=1), np.float64)
        return self.chip.high - self.chip.low + 1

    @property
    def silenced(self) -> Mask:
        """Channels that vary in float, and are constant on the chip."""
        return np.asarray(self.floats.differ & (self.chip.low == self.chip.high))


def codes_seen(codes: NDArray[np.uint8]) -> Mask:
    """Which of 256 codes occur in (any number, channels): bool (channels, 256)."""
    channels = codes.shape[1]
    places = codes + np.arange(channels) * BYTE_CODES
    found = np.bincount(places.ravel(), minlength=channels * BYTE_CODES)
    return np.asarray(found.reshape(channels, BYTE_CODES) > 0)
