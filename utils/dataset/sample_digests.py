"""What single samples are like: equal ones, blank ones, noise; taken while the data are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from utils.dataset.byte_order import ByteOrders
from utils.dataset.facts import named
from utils.dataset.wrapped_steps import WrappedSteps
from utils.har.image_like import MIN_NON_ZERO_SHARE, is_image_shaped
from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class OutsideCounts:
    """How often each channel leaves its stored range, for more than rounding; (channels,) each.

    Parameters
    ----------
    below, above : values that lie outside.
    samples_below, samples_above : samples with any such value.
    """

    below: Integers
    above: Integers
    samples_below: Integers
    samples_above: Integers


@dataclass(frozen=True, eq=False)
class Reading:
    """Some samples with their values in one order.

    Parameters
    ----------
    correlation : of neighbouring pixels, per sample, NaN for flat ones; float64 (samples,).
    statistics : over these samples, per channel.
    values : thinned out, float32 (values, channels).
    evenness, likeness : as of `utils.dataset.plane_order`, per sample, where the order undoes a
        reshape; else empty.
    """

    correlation: Floats
    statistics: ChannelStatistics
    values: NDArray[np.float32]
    evenness: Floats = field(default_factory=lambda: np.zeros(0))
    likeness: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def median_correlation(self) -> float:
        """Of the median sample that is not flat; NaN where all are."""
        return _median_of_known(self.correlation)

    @property
    def median_evenness(self) -> float:
        """Of the median sample that is not flat; NaN where all are, or where none was taken."""
        return _median_of_known(self.evenness)

    @property
    def median_likeness(self) -> float:
        """Of the median sample whose planes are not flat; NaN as of `median_evenness`."""
        return _median_of_known(self.likeness)

    def merged(self, other: Reading) -> Reading:
        """Both sets of samples."""
        return Reading(
            np.concatenate([self.correlation, other.correlation]),
            self.statistics.merged(other.statistics),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.evenness, other.evenness]),
            np.concatenate([self.likeness, other.likeness]),
        )


def _median_of_known(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


@dataclass(frozen=True, eq=False)
class InputDigests:
    """The samples of one input.

    Parameters
    ----------
    shape : (height, width, channels) of a sample.
    dtype : numpy's name of the type in the file.
    minimum, maximum : smallest and largest value of every sample, float64 (samples,).
    spread : standard deviation of every sample, over all its values, or within its channels where
        these hold more than one value, so that a picture of one colour has none; (samples,).
    zero_share : share of the values that are 0, per sample, 0 to 1; (samples,).
    not_finite : values that are NaN, infinite or beyond what can be measured, per sample; they
        count as 0 everywhere else; int64 (samples,).
    statistics : over all samples, per channel.
    sample_mean_spread : standard deviation of the samples' own channel means, (channels,).
    outside : values outside the range that calibration stored; None where it stored none.
    correlation : of neighbouring pixels, per sample, NaN for flat ones; None if no image fits in.
    hashes : difference hash of every sample, uint64; None if no image fits in.
    map_kinds : masks or pictures, as of `utils.dataset.label_maps`, (samples,); None if no image
        fits in.
    values : thinned out, float32 (values, channels).
    readings : some samples in every order that the shape does not tell apart, by the expression
        of the layout; ``x`` as they are; empty where there is one order only.
    wrapped, byte_orders : steps between neighbours in some samples.
    """

    shape: Shape
    dtype: str
    minimum: Floats
    maximum: Floats
    spread: Floats
    zero_share: Floats
    not_finite: Integers
    statistics: ChannelStatistics
    sample_mean_spread: Floats
    outside: OutsideCounts | None = None
    correlation: Floats | None = None
    hashes: NDArray[np.uint64] | None = None
    map_kinds: NDArray[np.int8] | None = None
    values: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    readings: Mapping[str, Reading] = field(default_factory=dict)
    wrapped: WrappedSteps = field(default_factory=WrappedSteps)
    byte_orders: ByteOrders = field(default_factory=ByteOrders)

    @cached_property
    def is_flat(self) -> NDArray[np.bool_]:
        """Which samples hold one value only, or one colour; shape (samples,)."""
        is_image = is_image_shaped(self.shape)
        flat: NDArray[np.bool_] = self.spread == 0 if is_image else self.minimum == self.maximum
        return flat

    @cached_property
    def is_image_like(self) -> bool:
        """Whether they are pictures, as far as shape and zeros tell; empty frames do not count."""
        if not is_image_shaped(self.shape) or self.is_flat.all():
            return False
        return 1.0 - float(self.zero_share[~self.is_flat].mean()) >= MIN_NON_ZERO_SHARE

    @property
    def largest(self) -> Floats:
        """Largest absolute value of every sample, (samples,)."""
        return np.maximum(np.abs(self.minimum), np.abs(self.maximum))

    @property
    def values_per_sample(self) -> int:
        """Number of values of one sample."""
        height, width, channels = self.shape
        return height * width * channels


@dataclass(frozen=True, eq=False)
class SampleDigests:
    """Facts about the samples of a calibration set.

    Parameters
    ----------
    samples : how many were looked at, in the order of the file.
    first_equal : index in the file of the first sample that is the same byte by byte at all
        inputs; a sample that is not a copy has its own index. int64 (samples,).
    inputs : by scoped name of the input layer.
    places : indices in the file, (samples,); None where they are the first ones of the file.
    names : file of each of them; empty where samples have no file of their own.
    """

    samples: int
    first_equal: Integers
    inputs: Mapping[str, InputDigests]
    places: Integers | None = None
    names: tuple[str, ...] = ()

    @property
    def indices(self) -> Integers:
        """Place of every sample in the file, counted from 0, (samples,)."""
        return np.arange(self.samples) if self.places is None else self.places

    def named(self, index: int) -> str:
        """A sample as it is told: its place, and its file where it has one."""
        if not self.names:
            return str(index)
        return named(index, self.names[int(np.searchsorted(self.indices, index))])

    @property
    def different(self) -> int:
        """How many samples are no copies: those tell no more of a mean than one of them."""
        return len(self.is_copy) - int(np.count_nonzero(self.is_copy))

    @property
    def is_copy(self) -> NDArray[np.bool_]:
        """Which samples are equal to an earlier one; shape (samples,)."""
        copies: NDArray[np.bool_] = self.first_equal != self.indices
        return copies
