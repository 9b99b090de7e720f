"""The channels of a tensor, one by one: their own SNR, and the codes they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.statistics import ChannelStatistics
from utils.measurements.noise import TensorNoise

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

BYTE_CODES = 256
# Means of samples that differ by no more, relative to their size, are equal but for rounding.
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
    variances = np.maximum(statistics.energy - statistics.mean**2, 0.0)
    variances = np.where(statistics.minimum == statistics.maximum, 0.0, variances)
    return _decibels(variances * noise.count, noise.by_channel)


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
    def differ(self) -> NDArray[np.bool_]:
        """Which channels vary, by more than rounding."""
        largest = np.maximum(np.abs(self.low), np.abs(self.high))
        differing: NDArray[np.bool_] = self.high - self.low > ROUNDING * largest
        return differing


@dataclass(frozen=True, eq=False)
class ChannelFigures:
    """What the channels of one tensor are like, in float and on the chip.

    Parameters
    ----------
    count : values per channel.
    sums, squares : of the values in float less `origin`, (channels,).
    origin : some value of every channel, against cancellation, (channels,).
    noise : energy of the error, (channels,).
    floats : smallest and largest value in float.
    chip : the same of the codes on the chip; of the values where it does not code them.
    means_in_float, means_on_chip : smallest and largest mean of a sample.
    seen : which of 256 codes occur, bool (channels, 256); None where there are more, or none.
    """

    count: int
    sums: Floats
    squares: Floats
    origin: Floats
    noise: Floats
    floats: Extremes
    chip: Extremes
    means_in_float: Extremes
    means_on_chip: Extremes
    seen: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, floats: Floats32, chip: Floats32, codes: NDArray[Any]) -> ChannelFigures:
        """Of tensors (samples, pixels, channels).

        Parameters
        ----------
        codes : of `chip`, uint8 or whole numbers; the values where it is not coded.
        """
        samples, pixels, channels = floats.shape
        origin = floats[0, 0].astype(np.float64)
        shifted = floats - origin
        error = chip - floats
        rows = codes.reshape(-1, channels)
        return cls(
            count=samples * pixels,
            sums=shifted.sum(axis=(0, 1)),
            squares=np.square(shifted, out=shifted).sum(axis=(0, 1)),
            origin=origin,
            noise=np.square(error, out=error).sum(axis=1).sum(axis=0, dtype=np.float64),
            floats=Extremes.of(floats.reshape(-1, channels)),
            chip=Extremes.of(rows),
            means_in_float=Extremes.of(floats.mean(axis=1, dtype=np.float64)),
            means_on_chip=Extremes.of(chip.mean(axis=1, dtype=np.float64)),
            seen=_seen(rows) if rows.dtype == np.uint8 else None,
        )

    def merged(self, other: ChannelFigures) -> ChannelFigures:
        """Of both sets of samples."""
        shift, n = other.origin - self.origin, other.count
        seen = None
        if self.seen is not None and other.seen is not None:
            seen = self.seen | other.seen
        return ChannelFigures(
            self.count + n,
            self.sums + other.sums + n * shift,
            self.squares + other.squares + 2 * shift * other.sums + n * shift**2,
            self.origin,
            self.noise + other.noise,
            self.floats.merged(other.floats),
            self.chip.merged(other.chip),
            self.means_in_float.merged(other.means_in_float),
            self.means_on_chip.merged(other.means_on_chip),
            seen,
        )

    @property
    def variances(self) -> Floats:
        """Of the values in float, (channels,); 0 of a channel that is constant."""
        found = self.squares / self.count - (self.sums / self.count) ** 2
        return np.where(self.floats.differ, np.maximum(found, 0.0), 0.0)

    @property
    def snr_db(self) -> Floats:
        """SNR of every channel about its mean, in dB; NaN where it is constant in float."""
        return _decibels(self.variances * self.count, self.noise)

    @property
    def worst(self) -> int | None:
        """The channel with the lowest SNR; None where all are constant in float."""
        ratios = self.snr_db
        return None if np.isnan(ratios).all() else int(np.nanargmin(ratios))

    @property
    def codes_used(self) -> Floats:
        """How many codes every channel uses, or may use: those between its ends where not known."""
        if self.seen is not None:
            return np.asarray(self.seen.sum(axis=1), np.float64)
        return self.chip.high - self.chip.low + 1

    @property
    def silenced(self) -> NDArray[np.bool_]:
        """Channels that vary in float, and are constant on the chip."""
        silent: NDArray[np.bool_] = self.floats.differ & (self.chip.low == self.chip.high)
        return silent

    @property
    def is_constant_in_float(self) -> bool:
        """Whether no channel differs from sample to sample, in float."""
        return not self.means_in_float.differ.any()

    @property
    def is_constant_on_chip(self) -> bool:
        """Whether no channel differs from sample to sample, on the chip."""
        return not self.means_on_chip.differ.any()


def _seen(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    channels = codes.shape[1]
    places = codes + np.arange(channels) * BYTE_CODES
    found = np.bincount(places.ravel(), minlength=channels * BYTE_CODES)
    return np.asarray(found.reshape(channels, BYTE_CODES) > 0)


def _decibels(signal: Floats, noise: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = 10 * np.log10(signal / noise)
    return np.where(signal > 0, ratios, np.nan)
