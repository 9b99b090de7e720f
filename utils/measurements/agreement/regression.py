"""Numbers that count as they are: targets, keypoints, depth; every channel by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement.histograms import SizeHistogram, ValueHistogram

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

# Distance between the quartiles of a normal distribution, in standard deviations: 1.349.
QUARTILES, NINETY_PERCENT = 1.35, 3.29
# With fewer bins between the quartiles their distance is not known well enough.
LEAST_BINS = 4.0
# Places of a map that are looked at in every sample: neighbours tell the same.
PLACES = 1024
# Relative size of what rounding leaves of the variance of a constant.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Regression:
    """Errors of every channel, relative to how far its values spread.

    Parameters
    ----------
    count : values of every channel.
    moments : sums of x, y, x^2, y^2 and x y of every channel, x in float and y on the chip, both
        less `origin`; float64 (5, channels).
    origin : some value of every channel, against cancellation, (channels,).
    values : what is computed in float.
    errors : sizes of the errors.
    """

    count: int
    moments: Floats
    origin: Floats
    values: ValueHistogram
    errors: SizeHistogram

    @classmethod
    def of(cls, floats: Floats32, chip: Floats32) -> Regression:
        """Of values (samples, pixels, channels); of large maps, of pixels evenly spread."""
        channels = floats.shape[2]
        real, coded = (_by_channel(_thinned(values)) for values in (floats, chip))
        origin = real[:, 0].astype(np.float64)
        x, y = real - origin[:, None], coded - origin[:, None]
        moments = np.empty((5, channels))
        moments[0], moments[1] = x.sum(axis=1), y.sum(axis=1)
        for place, (one, other) in enumerate(((x, x), (y, y), (x, y)), start=2):
            moments[place] = np.einsum("cn,cn->c", one, other)
        errors = SizeHistogram.of(coded - real)
        return cls(x.shape[1], moments, origin, ValueHistogram.of(real), errors)

    def merged(self, other: Regression) -> Regression:
        """Of both sets of values."""
        return Regression(
            self.count + other.count,
            self.moments + other._moments_about(self.origin),
            self.origin,
            self.values.merged(other.values),
            self.errors.merged(other.errors),
        )

    def _moments_about(self, origin: Floats) -> Floats:
        """The moments with another value taken off."""
        shift, n = self.origin - origin, self.count
        x, y, xx, yy, xy = self.moments
        return np.stack(
            [
                x + n * shift,
                y + n * shift,
                xx + 2 * shift * x + n * shift**2,
                yy + 2 * shift * y + n * shift**2,
                xy + shift * (x + y) + n * shift**2,
            ]
        )

    @property
    def spread(self) -> Floats:
        """Robust standard deviation of every channel in float, as a normal distribution has it.

        Of the inner half of the values or of 90 % of them, whichever says more: half of a map may
        be background. The plain one where less than four bins lie between the quartiles, as where
        most values are alike; 0 where all are.
        """
        half, most = (
            self.values.quantile(1 - tail) - self.values.quantile(tail) for tail in (0.25, 0.05)
        )
        is_known = half >= LEAST_BINS * self.values.bin_widths
        found = np.maximum(half / QUARTILES, most / NINETY_PERCENT)
        return np.where(is_known, found, np.sqrt(self._variances()[0]))

    def beyond(self, share_of_spread: float) -> Floats:
        """Share of the values whose error exceeds a share of the spread, for every channel.

        Exact to what one bin of the errors holds: sizes are known to an eighth. NaN where a
        channel is constant in float.
        """
        spread = self.spread
        found = self.errors.share_above(share_of_spread * spread)
        return np.where(spread > 0, found, np.nan)

    @property
    def correlation(self) -> Floats:
        """R of every channel, -1 to 1; 0 where it is constant on the chip, NaN where in float."""
        in_float, on_chip, both = self._variances()
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.clip(both / np.sqrt(in_float * on_chip), -1.0, 1.0)
        found = np.where(on_chip > 0, found, 0.0)
        return np.where(in_float > 0, found, np.nan)

    def _variances(self) -> Floats:
        """Variance in float and on the chip, and covariance, of every channel, (3, channels)."""
        x, y, xx, yy, xy = self.moments / self.count
        found = np.stack([xx - x * x, yy - y * y, xy - x * y])
        found[:2][found[:2] <= ROUNDING * np.stack([xx, yy])] = 0.0
        found[0][self.values.low == self.values.high] = 0.0
        return found


def _thinned(values: Floats32) -> Floats32:
    """Some pixels of every sample, evenly spread; the same ones in every batch."""
    pixels = values.shape[1]
    if pixels <= PLACES:
        return values
    return values[:, np.linspace(0, pixels - 1, PLACES).round().astype(np.int64)]


def _by_channel(values: Floats32) -> Floats32:
    """(channels, any number), each channel in a row: numpy is fastest along rows."""
    return np.ascontiguousarray(values.reshape(-1, values.shape[2]).T)
