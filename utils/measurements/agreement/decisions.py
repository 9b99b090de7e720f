"""Decisions that can be counted: a class, a score that fires, a pixel, a cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

TOP = 5  # the best of so many classes are shown to people


@dataclass(frozen=True, eq=False)
class Decisions:
    """How many decisions are the same in float and on the chip, sample by sample.

    Parameters
    ----------
    same, of : how many of how many, (samples,).
    undecided : how many of those that differ were undecided in float, by less than one code of
        the output, (samples,).
    """

    same: Integers
    of: Integers
    undecided: Integers

    def merged(self, other: Decisions) -> Decisions:
        """Of both sets of samples, those of the other behind these."""
        return Decisions(
            np.concatenate([self.same, other.same]),
            np.concatenate([self.of, other.of]),
            np.concatenate([self.undecided, other.undecided]),
        )

    def taken(self, order: Integers) -> Decisions:
        """Those of some samples, by their place."""
        return Decisions(self.same[order], self.of[order], self.undecided[order])

    @property
    def share(self) -> float:
        """Share of the decisions that are the same, 0 to 1; NaN where there are none."""
        of = int(self.of.sum())
        return int(self.same.sum()) / of if of else float("nan")


@dataclass(frozen=True, eq=False)
class BestClasses:
    """The class that wins at every place, in float and on the chip.

    Parameters
    ----------
    floats, chip : class numbers, (samples, pixels).
    undecided : whether float was undecided between the two, (samples, pixels).
    """

    floats: Integers
    chip: Integers
    undecided: Mask

    def decisions(self) -> Decisions:
        """Where the same class wins."""
        return counted(self.floats == self.chip, self.undecided)

    def at_places(self) -> Decisions:
        """Where the same class wins, without the background that both see.

        The class of more than half of a sample's places is its background, as the blank is that of
        a line of text: so many places would hide what becomes of the others.
        """
        is_told = np.ones(self.floats.shape, np.bool_)
        for row, floats, chip in zip(is_told, self.floats, self.chip, strict=True):
            numbers, counts = np.unique(floats, return_counts=True)
            if counts.max() > len(floats) / 2:
                background = numbers[counts.argmax()]
                row[:] = (floats != background) | (chip != background)
        differs = is_told & (self.floats != self.chip)
        of = counts_per_sample(is_told)
        return Decisions(
            of - counts_per_sample(differs), of, counts_per_sample(differs & self.undecided)
        )


def best_classes(floats: Floats32, chip: Floats32, step: Floats32) -> BestClasses:
    """Winners of values (samples, pixels, channels); the first channel wins a tie.

    Parameters
    ----------
    step : what one code is worth, (channels,).
    """
    winners, chosen = floats.argmax(axis=2), chip.argmax(axis=2)
    undecided = np.zeros(winners.shape, np.bool_)
    differing = places_of(winners != chosen)
    undecided[differing] = is_close(floats, differing, winners[differing], chosen[differing], step)
    return BestClasses(winners, chosen, undecided)


def is_close(
    floats: Floats32, places: tuple[Integers, ...], one: Integers, other: Integers, step: Floats32
) -> Mask:
    """Whether one class exceeds another by less than one code, at some places.

    Parameters
    ----------
    places : samples and pixels.
    one, other : classes there.
    """
    samples, pixels = places
    margin = floats[samples, pixels, one] - floats[samples, pixels, other]
    return np.asarray(margin < np.maximum(step[one], step[other]))


def among_the_best(best: BestClasses, chip: Floats32) -> Decisions:
    """Where the winner in float is among the first five on the chip."""
    own = np.take_along_axis(chip, best.floats[:, :, None], axis=2)
    channels = np.arange(chip.shape[2])
    earlier = (chip == own) & (channels < best.floats[:, :, None])
    rank = ((chip > own) | earlier).sum(axis=2)
    return counted(rank < TOP, best.undecided)


def fired(
    floats: Floats32, chip: Floats32, threshold: float, step: Floats32
) -> dict[str, Decisions]:
    """What fires in values (samples, any number, channels), each by itself.

    Parameters
    ----------
    threshold : a value has to exceed it to fire.
    step : what one code is worth, (channels,).

    Returns
    -------
    ``same_decision`` of all values, ``still_fire`` of those that fire in float, and
    ``fired_rightly`` of those that fire on the chip.
    """
    in_float, on_chip = floats > threshold, chip > threshold
    flips = flips_of(floats, in_float, on_chip, threshold, step)
    samples = len(floats)
    every = np.full(samples, floats[0].size if samples else 0, np.int64)
    return {
        "same_decision": _without(every, flips),
        **kept_and_rightly(in_float, on_chip, flips),
    }


@dataclass(frozen=True, eq=False)
class Flips:
    """What fires on one side only; few places of many.

    Parameters
    ----------
    samples : in which sample each of them lies.
    in_float : which of them fire in float.
    undecided : which of them were nearer to the threshold in float than a code.
    """

    samples: Integers
    in_float: Mask
    undecided: Mask

    def among(self, chosen: Mask) -> Flips:
        """Some of them."""
        return Flips(self.samples[chosen], self.in_float[chosen], self.undecided[chosen])


def flips_of(
    floats: Floats32, in_float: Mask, on_chip: Mask, threshold: float, step: Floats32
) -> Flips:
    """What fires on one side only.

    Parameters
    ----------
    floats, in_float, on_chip : (samples, any number, channels).
    step : what one code is worth, (channels,).
    """
    places = places_of(in_float != on_chip)
    undecided = np.abs(floats[places] - np.float32(threshold)) < step[places[2]]
    return Flips(places[0], in_float[places], undecided)


def places_of(mask: Mask) -> tuple[Integers, ...]:
    """Where a mask is true, an array for each axis; numpy finds few places fastest in a row."""
    return tuple(np.unravel_index(np.flatnonzero(mask), mask.shape))


def kept_and_rightly(in_float: Mask, on_chip: Mask, flips: Flips) -> dict[str, Decisions]:
    """Of what fires in float how much still does, and of what fires on the chip how much rightly.

    Parameters
    ----------
    in_float, on_chip : (samples, ...).
    """
    return {
        "still_fire": _without(counts_per_sample(in_float), flips.among(flips.in_float)),
        "fired_rightly": _without(counts_per_sample(on_chip), flips.among(~flips.in_float)),
    }


def _without(of: Integers, flips: Flips) -> Decisions:
    """Decisions that are the same but for some."""
    lost = np.bincount(flips.samples, minlength=len(of))
    undecided = np.bincount(flips.samples[flips.undecided], minlength=len(of))
    return Decisions(of - lost, of, undecided)


def counted(same: Mask, undecided: Mask) -> Decisions:
    """Decisions from a mask (samples, ...)."""
    of = np.full(len(same), same[0].size if len(same) else 0, np.int64)
    return Decisions(counts_per_sample(same), of, counts_per_sample(~same & undecided))


def counts_per_sample(mask: Mask) -> Integers:
    """How many places of every sample are true; numpy counts a whole array fastest."""
    return np.array([np.count_nonzero(part) for part in mask], np.int64)
