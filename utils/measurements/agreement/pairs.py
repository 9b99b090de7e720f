"""Single values of an output, in float and on the chip: a sample of them, to be drawn.

Which values are taken depends on their places and on whether they fire, never on how the samples
were cut into batches. An output keeps at most 2,000 pairs, 32 kB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]
Integers = NDArray[np.int64]

# Pairs that fire, and as many that do not: of a detector's cells hardly any fires.
MOST = 1_000
_PLACES_OF_A_SAMPLE = 32  # bits


@dataclass(frozen=True, eq=False)
class DrawnPairs:
    """Those with the smallest keys.

    Parameters
    ----------
    keys : as good as random, and different for every place of every sample; ascending, (pairs,).
    floats, chip : (pairs,).
    """

    keys: Integers
    floats: Floats32
    chip: Floats32

    @classmethod
    def lowest(cls, keys: Integers, floats: Floats32, chip: Floats32) -> DrawnPairs:
        """At most `MOST` of these."""
        if len(keys) > MOST:
            chosen = np.argpartition(keys, MOST)[:MOST]
            keys, floats, chip = keys[chosen], floats[chosen], chip[chosen]
        order = np.argsort(keys)
        return cls(keys[order], floats[order], chip[order])

    def merged(self, other: DrawnPairs) -> DrawnPairs:
        """Of both sets of values."""
        return DrawnPairs.lowest(
            np.concatenate([self.keys, other.keys]),
            np.concatenate([self.floats, other.floats]),
            np.concatenate([self.chip, other.chip]),
        )


@dataclass(frozen=True, eq=False)
class ValuePairs:
    """Values that exceed the threshold in float or on the chip, and others.

    Parameters
    ----------
    fires : whether a threshold decides anything here; without, all pairs are others.
    """

    fires: bool
    firing: DrawnPairs
    others: DrawnPairs

    @classmethod
    def of(
        cls, positions: Integers, floats: Floats32, chip: Floats32, threshold: float | None
    ) -> ValuePairs:
        """Of values (samples, ...), floats and chip alike.

        Parameters
        ----------
        positions : places of the samples among all that are run, (samples,).
        threshold : a value has to exceed it to fire; None where none decides.
        """
        floats, chip = (values.reshape(len(positions), -1) for values in (floats, chip))
        size = floats.shape[1]
        firing: list[Integers] = []
        others: list[Integers] = []
        for position, in_float, on_chip in zip(positions, floats, chip, strict=True):
            drawn = _drawn(position, size)
            if threshold is not None:
                fires = (in_float > threshold) | (on_chip > threshold)
                exceeding = np.flatnonzero(fires)
                firing.append(exceeding[_drawn(position, len(exceeding))])
                drawn = drawn[~fires[drawn]]
            others.append(drawn)
        return cls(
            threshold is not None,
            _pairs(positions, floats, chip, firing),
            _pairs(positions, floats, chip, others),
        )

    def merged(self, other: ValuePairs) -> ValuePairs:
        """Of both sets of samples."""
        return ValuePairs(
            self.fires, self.firing.merged(other.firing), self.others.merged(other.others)
        )


def _drawn(position: np.int64, size: int) -> Integers:
    """Some of so many places of a sample, at most `MOST`: other ones of every sample."""
    if size <= MOST:
        return np.arange(size)
    keys = _keys(np.full(MOST, position), np.arange(MOST)).view(np.uint64)
    return np.unique(keys % np.uint64(size)).astype(np.int64)


def _pairs(
    positions: Integers, floats: Floats32, chip: Floats32, places: list[Integers]
) -> DrawnPairs:
    """The pairs at some places of each sample."""
    rows = np.repeat(np.arange(len(places)), [len(each) for each in places])
    columns = np.concatenate([np.zeros(0, np.int64), *places])
    keys = _keys(positions[rows], columns)
    return DrawnPairs.lowest(keys, floats[rows, columns], chip[rows, columns])


def _keys(positions: Integers, places: Integers) -> Integers:
    """A number for each place of a sample, mixed by the last steps of splitmix64."""
    mixed = ((np.asarray(positions, np.int64) << _PLACES_OF_A_SAMPLE) + places).view(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    keys: Integers = (mixed ^ (mixed >> np.uint64(31))).view(np.int64)
    return keys
