"""Counts by group of samples: what an interval needs, without a number for every sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement.decisions import BestClasses
from utils.measurements.agreement.intervals import Floats, Interval, bootstrap

Integers = NDArray[np.int64]
B = TypeVar("B", bound="BoxCounts")

GROUPS = 64  # a sample belongs to that of its position, modulo 64
OVERLAP_BINS = 1000  # of the IoU of two boxes, 0 to 1
# Errors of boxes from 1/256 of a pixel to 4,096 pixels, in bins of 2 %; the ends hold the rest.
LOWEST_DOUBLING, DOUBLINGS, BINS_OF_A_DOUBLING = -8, 20, 32
ERROR_BINS = DOUBLINGS * BINS_OF_A_DOUBLING


def grouped(positions: Integers, counts: Integers) -> Integers:
    """Sums over the samples of every group, (64, ...) of (samples, ...)."""
    sums = np.zeros((GROUPS, *counts.shape[1:]), np.int64)
    np.add.at(sums, positions % GROUPS, counts)
    return sums


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """How many pixels each class has.

    Parameters
    ----------
    both, floats, chip : on both sides, in float, on the chip; (64, classes).
    """

    both: Integers
    floats: Integers
    chip: Integers

    @classmethod
    def of(cls, positions: Integers, best: BestClasses, classes: int) -> ClassCounts:
        """Counts of some samples.

        Parameters
        ----------
        positions : of the samples.
        classes : how many there are.
        """
        same = best.floats == best.chip
        return cls(
            _class_counts(positions, best.floats, classes, same),
            _class_counts(positions, best.floats, classes),
            _class_counts(positions, best.chip, classes),
        )

    def merged(self, other: ClassCounts) -> ClassCounts:
        """Counts over both sets of samples."""
        classes = max(self.both.shape[1], other.both.shape[1])
        mine, theirs = self._padded(classes), other._padded(classes)
        return ClassCounts(*(a + b for a, b in zip(mine, theirs, strict=True)))

    def _padded(self, classes: int) -> Iterator[Integers]:
        """Class numbers of an argmax do not say how many classes there are."""
        missing = classes - self.both.shape[1]
        for counts in (self.both, self.floats, self.chip):
            yield np.pad(counts, ((0, 0), (0, missing))) if missing else counts

    @property
    def mean_iou(self) -> float:
        """Intersection over union, mean of the classes that occur on either side."""
        return float(self._mean_iou(np.ones((1, GROUPS)))[0])

    @property
    def interval(self) -> Interval:
        """Where the mean IoU lies."""
        seen = self.floats.sum(axis=1) > 0
        return bootstrap(int(seen.sum()), lambda drawn: self._mean_iou(_among(seen, drawn)))

    def _mean_iou(self, drawn: Floats) -> Floats:
        both = drawn @ self.both
        union = drawn @ self.floats + drawn @ self.chip - both
        found = np.where(union > 0, both / np.where(union > 0, union, 1), 0).sum(axis=1)
        means: Floats = found / np.maximum((union > 0).sum(axis=1), 1)
        return means


@dataclass(frozen=True, eq=False)
class BoxCounts:
    """How many boxes fall into each bin of a measure, where a cell fires in float.

    Parameters
    ----------
    counts : by measure, (64, bins).
    """

    counts: Integers

    def merged(self: B, other: B) -> B:
        """Counts of both sets of samples."""
        return type(self)(self.counts + other.counts)

    @property
    def boxes(self) -> int:
        """How many boxes were compared."""
        return int(self.counts.sum())

    @property
    def median(self) -> float:
        """Median in the unit of the measure; NaN without boxes."""
        return float(self._medians(np.ones((1, GROUPS)))[0])

    @property
    def interval(self) -> Interval:
        """Where the median lies."""
        return _median_interval(self.counts, self._medians)

    def _medians(self, drawn: Floats) -> Floats:
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class BoxOverlaps(BoxCounts):
    """Intersection over union of the boxes of both sides, in 1000 bins: exact to 0.001."""

    @classmethod
    def of(cls, positions: Integers, overlaps: NDArray[np.float32]) -> BoxOverlaps:
        """Counts of single boxes.

        Parameters
        ----------
        positions : of the sample of every box, (boxes,).
        overlaps : their IoU, 0 to 1, (boxes,).
        """
        bins = np.clip((overlaps * OVERLAP_BINS).astype(np.int64), 0, OVERLAP_BINS - 1)
        return cls(_bin_counts(positions, bins, OVERLAP_BINS))

    def _medians(self, drawn: Floats) -> Floats:
        return _median_bins(self.counts, drawn) / OVERLAP_BINS


@dataclass(frozen=True, eq=False)
class BoxErrors(BoxCounts):
    """How far the sides of boxes are off, in pixels of the input, in 640 bins: exact to 1 %."""

    @classmethod
    def of(cls, positions: Integers, errors: NDArray[np.float32]) -> BoxErrors:
        """Counts of single boxes.

        Parameters
        ----------
        positions : of the sample of every box, (boxes,).
        errors : in pixels, 0 or more, (boxes,).
        """
        doublings = np.log2(np.maximum(errors, 2.0**LOWEST_DOUBLING)) - LOWEST_DOUBLING
        bins = np.minimum((doublings * BINS_OF_A_DOUBLING).astype(np.int64), ERROR_BINS - 1)
        return cls(_bin_counts(positions, bins, ERROR_BINS))

    def _medians(self, drawn: Floats) -> Floats:
        bins = _median_bins(self.counts, drawn)
        medians: Floats = 2.0 ** (LOWEST_DOUBLING + bins / BINS_OF_A_DOUBLING)
        return medians


def _bin_counts(positions: Integers, numbers: Integers, bins: int) -> Integers:
    """How often each bin occurs in every group, (64, bins)."""
    places = positions % GROUPS * bins + numbers
    return np.bincount(places, minlength=GROUPS * bins).reshape(GROUPS, bins)


def _median_bins(counts: Integers, drawn: Floats) -> Floats:
    """Middle of the bin that holds the median, in bins, of every draw; NaN where none is drawn."""
    reached = np.cumsum(drawn @ counts, axis=1)
    total = reached[:, -1:]
    bins = (reached < total / 2).sum(axis=1) + 0.5
    medians: Floats = np.where(total[:, 0] > 0, bins, np.nan)
    return medians


def _median_interval(counts: Integers, medians: Callable[[Floats], Floats]) -> Interval:
    seen = counts.sum(axis=1) > 0
    return bootstrap(int(seen.sum()), lambda drawn: medians(_among(seen, drawn)))


def _among(seen: NDArray[np.bool_], drawn: Floats) -> Floats:
    """How often each of all groups was drawn, from how often each of those with samples was."""
    weights = np.zeros((len(drawn), len(seen)))
    weights[:, seen] = drawn
    return weights


def _class_counts(
    positions: Integers, numbers: Integers, classes: int, among: NDArray[np.bool_] | None = None
) -> Integers:
    places = (positions % GROUPS)[:, None] * classes + numbers
    chosen = places.ravel() if among is None else places[among]
    return np.bincount(chosen, minlength=GROUPS * classes).reshape(GROUPS, classes)
