"""Per-channel statistics, the same for what an archive stores and for what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MASK_ERROR = 1e-3  # relative, of sums of float32


@dataclass(frozen=True, eq=False)
class ChannelStatistics:
    """Minimum, maximum, mean and energy of every channel of one tensor.

    Parameters
    ----------
    minimum, maximum, mean, energy : float64 arrays of shape (channels,); energy is the mean
        square, pooled like the mean over all samples and pixels.
    count : values per channel they rest on; 0 where an archive does not say.
    non_zero_share : share of all values that are not 0, 0 to 1; None where unknown.
    """

    minimum: Array
    maximum: Array
    mean: Array
    energy: Array
    count: int = 0
    non_zero_share: float | None = None

    @cached_property
    def std(self) -> Array:
        """Standard deviation of every channel, shape (channels,)."""
        return np.sqrt(np.maximum(self.energy - self.mean**2, 0.0))

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.mean)

    @property
    def low(self) -> float:
        """Smallest value of the whole tensor."""
        return float(self.minimum.min())

    @property
    def high(self) -> float:
        """Largest value of the whole tensor."""
        return float(self.maximum.max())

    @property
    def reach(self) -> Array:
        """Largest absolute value of every channel, shape (channels,)."""
        return np.maximum(np.abs(self.minimum), np.abs(self.maximum))

    @property
    def pooled_mean(self) -> float:
        """Mean over all channels."""
        return float(self.mean.mean())

    @property
    def pooled_std(self) -> float:
        """Standard deviation over all values of all channels."""
        return float(np.sqrt(max(self.energy.mean() - self.mean.mean() ** 2, 0.0)))

    @property
    def is_mask(self) -> bool:
        """Whether all values are 0 or one other, as of a mask: then no square is left over.

        Of values between 0 and the largest the mean square is less than the mean times that.
        """
        expected = self.high * self.mean
        left = np.abs(self.energy - expected)
        return self.low == 0.0 < self.high and bool((left <= MASK_ERROR * expected).all())

    def merged(self, other: ChannelStatistics) -> ChannelStatistics:
        """Statistics of both sets of values together.

        Raises
        ------
        ValueError : one of them does not know its count, as those of archives.
        """
        if not self.count or not other.count:
            raise ValueError("statistics without a count cannot be joined")
        total = self.count + other.count
        mine, theirs = self.count / total, other.count / total
        shares = (self.non_zero_share, other.non_zero_share)
        return ChannelStatistics(
            minimum=np.minimum(self.minimum, other.minimum),
            maximum=np.maximum(self.maximum, other.maximum),
            mean=self.mean * mine + other.mean * theirs,
            energy=self.energy * mine + other.energy * theirs,
            count=total,
            non_zero_share=(
                None
                if shares[0] is None or shares[1] is None
                else shares[0] * mine + shares[1] * theirs
            ),
        )

    def transformed(self, factor: Array, offset: Array) -> ChannelStatistics:
        """Statistics of ``factor * x + offset``, per channel; used for on-chip normalization."""
        ends = np.sort(np.stack([self.minimum * factor, self.maximum * factor]), axis=0) + offset
        mean = self.mean * factor + offset
        return ChannelStatistics(
            minimum=ends[0],
            maximum=ends[1],
            mean=mean,
            energy=(self.std * factor) ** 2 + mean**2,
            count=self.count,
        )
