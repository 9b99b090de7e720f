"""Histograms of single channels that need no range beforehand, and are joined without a loss.

The bins of `ValueHistogram` are cut at multiples of a power of two, the smallest with which all
values seen fit in. So the counts depend on the values alone: not on their order, nor on how they
were split. Those of `SizeHistogram` are eight to every doubling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Bins of all channels together, and of one: with many channels each has fewer.
ALL_BINS, MOST_BINS, FEWEST_BINS = 2**18, 4096, 256
SMALLEST_EXPONENT = -149  # float32 has no finer steps
_ALL_BITS = 62  # of a place

# A size as float32 without its sign: eight bits of exponent and three of the fraction are kept.
_KEPT_FROM_BIT, _BINS_OF_A_DOUBLING = 20, 8
_EXPONENT_OF_ONE = 127
SMALLEST_DOUBLING, DOUBLINGS = -32, 64  # sizes from 2**-32 to 2**32; beyond, the last bin counts
SIZE_BINS = DOUBLINGS * _BINS_OF_A_DOUBLING


def bins_for(channels: int) -> int:
    """Number of bins of one channel."""
    return min(max(ALL_BINS // max(channels, 1), FEWEST_BINS), MOST_BINS)


@dataclass(frozen=True, eq=False)
class ValueHistogram:
    """How the values of every channel spread; quantiles are exact to one bin.

    A bin is between 1/2048 (of up to 64 channels) and 1/128 (of more than 512) of what the
    channel spans.

    Parameters
    ----------
    low, high : smallest and largest value of every channel, (channels,).
    exponents : a bin of the channel is ``2 ** exponent`` wide, (channels,).
    counts : (channels, bins); the first bin of a channel holds its smallest value.
    """

    low: Floats
    high: Floats
    exponents: Integers
    counts: Integers

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> ValueHistogram:
        """Histogram of values (channels, any number), of which there has to be one."""
        bins = bins_for(len(values))
        low, high = (f(axis=1).astype(np.float64) for f in (values.min, values.max))
        exponents = _exponents(low, high, bins)
        places = values * np.ldexp(1.0, -exponents)[:, None]  # a power of two changes no digit
        np.floor(places, out=places)
        places -= _first_bins(low, exponents)[:, None]
        counts = _counts(places.astype(np.int64), bins)
        return cls(low, high, exponents, counts)

    def merged(self, other: ValueHistogram) -> ValueHistogram:
        """Histogram of both sets of values."""
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        exponents = _exponents(low, high, self.counts.shape[1])
        counts = self._as_in(low, exponents) + other._as_in(low, exponents)
        return ValueHistogram(low, high, exponents, counts)

    def _as_in(self, low: Floats, exponents: Integers) -> Integers:
        """The counts in bins as wide as these, from the bin of `low` on."""
        first = _first_bins(self.low, self.exponents)
        wanted = _first_bins(low, exponents)
        if np.array_equal(exponents, self.exponents) and np.array_equal(first, wanted):
            return self.counts
        coarser = np.minimum(exponents - self.exponents, _ALL_BITS)
        found = np.zeros_like(self.counts)
        for channel, counts in enumerate(self.counts):
            if not coarser[channel]:
                # Moved as a whole; what falls off at the end is empty.
                ahead = first[channel] - wanted[channel]
                found[channel, ahead:] = counts[: len(counts) - ahead]
                continue
            bins = np.flatnonzero(counts)
            places = ((bins + first[channel]) >> coarser[channel]) - wanted[channel]
            np.add.at(found[channel], places, counts[bins])
        return found

    def quantile(self, share: float) -> Floats:
        """The value below which so large a share lies, for every channel."""
        places = _quantile_places(self.counts, share)
        found = np.ldexp(places + _first_bins(self.low, self.exponents), self.exponents)
        return np.clip(found, self.low, self.high)

    @property
    def bin_widths(self) -> Floats:
        """Width of a bin, (channels,)."""
        return np.ldexp(1.0, self.exponents)


@dataclass(frozen=True, eq=False)
class SizeHistogram:
    """How large the numbers of every channel are, whatever their sign.

    A bin is an eighth to a sixteenth of what it counts, and shares are interpolated within it.

    Parameters
    ----------
    counts : (channels, 512).
    """

    counts: Integers

    @classmethod
    def of(cls, numbers: NDArray[np.float32]) -> SizeHistogram:
        """Histogram of numbers (channels, any number)."""
        lowest = (_EXPONENT_OF_ONE + SMALLEST_DOUBLING) * _BINS_OF_A_DOUBLING
        sizes = np.ascontiguousarray(numbers, np.float32).view(np.int32) & np.int32(0x7FFFFFFF)
        bins = np.clip((sizes >> _KEPT_FROM_BIT) - lowest, 0, SIZE_BINS - 1)
        return cls(_counts(bins.astype(np.int64), SIZE_BINS))

    def merged(self, other: SizeHistogram) -> SizeHistogram:
        """Histogram of both sets of numbers."""
        return SizeHistogram(self.counts + other.counts)

    def share_above(self, limits: Floats) -> Floats:
        """Share of the numbers of every channel that are larger than its limit, 0 to 1."""
        edges = _size_edges()
        shares = np.zeros(len(limits))
        for channel, limit in enumerate(limits):
            reached = np.concatenate([[0], np.cumsum(self.counts[channel])])
            inside = np.interp(limit, edges, reached.astype(np.float64))
            shares[channel] = 1 - inside / max(reached[-1], 1)
        return shares


def _counts(places: Integers, bins: int) -> Integers:
    """How often each bin occurs in every row, (rows, bins)."""
    rows = len(places)
    places += np.arange(rows)[:, None] * bins
    return np.bincount(places.ravel(), minlength=rows * bins).reshape(rows, bins)


def _size_edges() -> Floats:
    bins = np.arange(SIZE_BINS + 1)
    fractions = 1 + (bins % _BINS_OF_A_DOUBLING) / _BINS_OF_A_DOUBLING
    edges = np.ldexp(fractions, SMALLEST_DOUBLING + bins // _BINS_OF_A_DOUBLING)
    edges[0] = 0.0  # what is smaller, and 0 itself, counts in the first bin
    return edges


def _exponents(low: Floats, high: Floats, bins: int) -> Integers:
    """The smallest exponent with which all from low to high falls into so many bins.

    No bin is finer than the steps of float32 there, so that a place is a whole number below 2**25.
    """
    largest = np.maximum(np.abs(low), np.abs(high))
    finest = np.where(largest > 0, np.frexp(largest)[1] - 24, SMALLEST_EXPONENT)
    with np.errstate(divide="ignore"):
        too_fine = np.log2((high - low) / bins) - 1  # whatever rounding makes of the edges
    exponents = np.maximum(np.maximum(too_fine, finest), SMALLEST_EXPONENT).astype(np.int64)
    while True:
        too_many = _first_bins(high, exponents) - _first_bins(low, exponents) >= bins
        if not too_many.any():
            return np.asarray(exponents, np.int64)
        exponents = exponents + too_many


def _first_bins(low: Floats, exponents: Integers) -> Integers:
    places: Integers = np.floor(np.ldexp(low, -exponents)).astype(np.int64)
    return places


def _quantile_places(counts: Integers, share: float) -> Floats:
    """Place of a quantile in bins, with a fraction, for every channel."""
    reached = np.cumsum(counts, axis=1)
    wanted = share * reached[:, -1]
    bins = (reached < wanted[:, None]).sum(axis=1)
    bins = np.minimum(bins, counts.shape[1] - 1)
    rows = np.arange(len(counts))
    inside = counts[rows, bins]
    before = reached[rows, bins] - inside
    places: Floats = bins + (wanted - before) / np.maximum(inside, 1)
    return places
