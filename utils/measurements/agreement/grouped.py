"""Counts by group of samples: what an interval needs, without a number for every sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement.decisions import BestClasses
from utils.measurements.agreement.intervals import Floats, Interval, bootstrap

Integers = NDArray[np.int64]

GROUPS = 64  # a sample belongs to that of its position, modulo 64
OVERLAP_BINS = 1000  # of the IoU of two boxes, 0 to 1


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
        missing = ((0, 0), (0, classes - self.both.shape[1]))
        for counts in (self.both, self.floats, self.chip):
            yield np.pad(counts, missing)

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
class BoxOverlaps:
    """Intersection over union of the boxes of both sides, where a cell fires in float.

    Parameters
    ----------
    counts : by IoU, (64, 1000).
    """

    counts: Integers

    @classmethod
    def of(cls, positions: Integers, overlaps: NDArray[np.float32]) -> BoxOverlaps:
        """Counts of single boxes.

        Parameters
        ----------
        positions : of the sample of every box, (boxes,).
        overlaps : their IoU, 0 to 1, (boxes,).
        """
        bins = np.clip((overlaps * OVERLAP_BINS).astype(np.int64), 0, OVERLAP_BINS - 1)
        places = positions % GROUPS * OVERLAP_BINS + bins
        counts = np.bincount(places, minlength=GROUPS * OVERLAP_BINS)
        return cls(counts.reshape(GROUPS, OVERLAP_BINS))

    def merged(self, other: BoxOverlaps) -> BoxOverlaps:
        """Counts of both sets of samples."""
        return BoxOverlaps(self.counts + other.counts)

    @property
    def boxes(self) -> int:
        """How many boxes were compared."""
        return int(self.counts.sum())

    @property
    def median(self) -> float:
        """Median IoU, exact to 0.001; NaN without boxes."""
        return float(self._medians(np.ones((1, GROUPS)))[0])

    @property
    def interval(self) -> Interval:
        """Where the median lies."""
        seen = self.counts.sum(axis=1) > 0
        return bootstrap(int(seen.sum()), lambda drawn: self._medians(_among(seen, drawn)))

    def _medians(self, drawn: Floats) -> Floats:
        reached = np.cumsum(drawn @ self.counts, axis=1)
        total = reached[:, -1:]
        bins = (reached < total / 2).sum(axis=1)
        medians: Floats = np.where(total[:, 0] > 0, (bins + 0.5) / OVERLAP_BINS, np.nan)
        return medians


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
