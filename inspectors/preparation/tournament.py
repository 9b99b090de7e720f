"""Hypotheses about how samples were prepared, held against what an archive was calibrated on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from inspectors.preparation.distance import distance
from inspectors.preparation.views import View
from utils.dataset.sample_digests import InputDigests
from utils.facts.input_preparations import AS_IS, WHITE, Preparation
from utils.har.statistics import ChannelStatistics

# A distance up to which samples are of one kind with those of the calibration: other sets of
# the same scenes stay below 0.3, other scenes of equal scale are at 0.7 and more.
FITS = 0.5
GAIN = 0.3  # by which a preparation has to be nearer than the samples as they are
SAME_END = 0.03  # relative; pixels that reach white do so in any unit
LEAST_ERROR, LARGEST_ERROR = 0.02, 0.3  # of a distance, by sampling
ERRORS = 2.0  # standard errors within which two hypotheses are one
# Shares of white: bicubic resizing leaves the range by up to a tenth; below an eighth pixels were
# scaled.
OVERSHOOT, DARKEST = 0.1, 0.125
# Of white, by which ends of letters may miss black and white, and their ground may spread. Least
# share of the pixels that are ground: digits that fill the picture have 0.33, sets of scenes that
# reach both ends 0.19 at most. Of a spread, by which the mean lies off the middle at least: digits
# that fill the picture 0.6, by their published constants Fashion-MNIST 0.6 and MNIST 1.2.
FULL, EVEN, GROUND, ONE_SIDED = 0.1, 0.02, 0.28, 0.4
SIXTEEN_BIT = 257  # 255 * 257 is 65535: what an 8-bit pixel becomes in 16 bit
ONLY_EIGHT_BIT = (255.0, 65025.0)  # factors that give no 16-bit pixels


@dataclass(frozen=True)
class Hypothesis:
    """One preparation in one order of the values.

    Parameters
    ----------
    distance : of the samples, once it is undone, from those of the calibration.
    """

    view: View
    preparation: Preparation
    distance: float

    @property
    def is_as_is(self) -> bool:
        """Whether nothing was done."""
        return self.preparation is AS_IS and not self.view.done

    @property
    def is_reversal(self) -> bool:
        """Whether the order of colours is all that differs."""
        return self.preparation is AS_IS and bool(self.view.done) and not self.view.is_layout

    @property
    def penalty(self) -> float:
        """How unusual it is."""
        return self.view.penalty + self.preparation.penalty

    @property
    def line(self) -> str:
        """What undoes it, as a line of numpy for an array x."""
        return f"x = {self.preparation.undo.format(x=self.view.expression)}"

    @property
    def said(self) -> str:
        """What was done, as in "The data are ..."."""
        done = [] if self.preparation is AS_IS else [self.preparation.done]
        return ", and ".join([*done, *filter(None, [self.view.done])]) or AS_IS.done


def hypotheses(
    views: Iterable[View],
    preparations: Sequence[Preparation],
    stored: ChannelStatistics,
    *,
    is_sixteen_bit: bool = False,
) -> list[Hypothesis]:
    """All of them with their distances.

    Parameters
    ----------
    stored : of the calibration.
    is_sixteen_bit : the samples are 16-bit pixels that repeat 8 bit.
    """
    tried = [
        each
        for each in preparations
        if not (is_sixteen_bit and each.factor[0] in ONLY_EIGHT_BIT and each is not AS_IS)
    ]
    return [
        Hypothesis(view, each, found)
        for view in views
        for each in tried
        if (found := _distance(view, each, stored)) < math.inf
    ]


def _distance(view: View, done: Preparation, stored: ChannelStatistics) -> float:
    if not _is_possible(done, view.statistics, stored):
        return math.inf
    if done.inverted_at and not _are_letters(view, stored, done.inverted_at):
        return math.inf
    channels = (stored.channels,)
    factor = 1.0 / np.broadcast_to(np.array(done.factor), channels)
    offset = -np.broadcast_to(np.array(done.offset), channels) * factor
    found = view.statistics.transformed(factor, offset)
    is_same_end = abs(found.high - stored.high) <= SAME_END * abs(stored.high)
    if done.to_same_end and not is_same_end:
        return math.inf
    return distance(found, view.values * factor + offset, stored)


def _is_possible(done: Preparation, given: ChannelStatistics, stored: ChannelStatistics) -> bool:
    """Whether pixels are where pixels have to be, and negative values where these have to be."""
    if done.from_white:
        return are_pixels(stored, done.from_white) and given.low < 0.0
    return not done.to_white or (are_pixels(given, done.to_white) and stored.low < 0.0)


def are_pixels(values: ChannelStatistics, white: float) -> bool:
    """Whether values can be pixels that end at white."""
    highest = values.high / white
    return values.low >= -OVERSHOOT * white and DARKEST <= highest <= 1.0 + OVERSHOOT


def _is_one_sided(values: ChannelStatistics, white: float) -> bool:
    """Whether pictures reach black and white, and their mean is nearer to one of them."""
    is_full = values.low <= FULL * white and (1 - FULL) * white <= values.high <= white
    off = np.abs(values.mean - white / 2)
    return bool(is_full and values.low >= 0 and (off >= ONE_SIDED * values.std).all())


def _are_letters(view: View, stored: ChannelStatistics, white: float) -> bool:
    """Whether samples are letters or digits on an even ground, and those of the calibration may be.

    Scenes in more light look like the negative of others, but have no such ground.
    """
    if not all(_is_one_sided(values, white) for values in (view.statistics, stored)):
        return False
    ground = white * (view.statistics.pooled_mean > white / 2)
    return bool((np.abs(view.values - ground) <= EVEN * white).mean() >= GROUND)


def sampling_error(seen: InputDigests, calibrated: int) -> float:
    """By how much chance may change a distance.

    Parameters
    ----------
    calibrated : samples that the archive was calibrated on.
    """
    share = 1 / max(len(seen.spread), 1) + 1 / max(calibrated, 1)
    height, width, _ = seen.shape
    of_means = _spread_of_means(seen) * math.sqrt(share)
    of_spread = math.sqrt(_spread_of_squares(seen) * share / (4 * height * width))
    return min(max(ERRORS * max(of_means, of_spread), LEAST_ERROR), LARGEST_ERROR)


def _spread_of_means(seen: InputDigests) -> float:
    """Standard deviation of the means of single samples, in that of all values."""
    spread = np.where(seen.statistics.std > 0, seen.statistics.std, np.inf)
    return float((seen.sample_mean_spread / spread).max(initial=0.0))


def _spread_of_squares(seen: InputDigests) -> float:
    """Variance of squared deviations, in the squared variance; large where few values make it."""
    if not seen.values.size:
        return 0.0
    squares = np.square(seen.values - seen.values.mean(axis=0), dtype=np.float64)
    mean = squares.mean(axis=0)
    varies = mean > 0
    return float((squares[:, varies].var(axis=0) / mean[varies] ** 2).max(initial=0.0))


def simplest(found: Sequence[Hypothesis], error: float) -> Hypothesis | None:
    """The simplest of those that are nearest, within an error of their distances."""
    least = min((each.distance for each in found), default=math.inf)
    nearest = [each for each in found if each.distance <= least + error]
    return min(nearest, key=lambda each: (each.penalty, each.distance), default=None)


def winner(found: Sequence[Hypothesis], error: float) -> Hypothesis | None:
    """The simplest of the nearest; None where nothing fits, or nothing has to be done to fit.

    Parameters
    ----------
    error : within which distances are equal.
    """
    as_is = next((each.distance for each in found if each.is_as_is), math.inf)
    best = simplest(found, error)
    if best is None or best.is_as_is or best.distance > FITS + error:
        return None
    return best if as_is - best.distance > max(GAIN, error) else None


def is_sixteen_bit(seen: InputDigests) -> bool:
    """Whether all values are 8-bit pixels repeated in 16 bit."""
    values = seen.values
    return bool(values.size and values.max() >= SIXTEEN_BIT and not (values % SIXTEEN_BIT).any())


def pixels_restored(
    seen: ChannelStatistics, preparations: Sequence[Preparation], expression: str = "x"
) -> str:
    """The line that makes samples into pixels whose channels end at 0 and 255; "" if none does.

    It takes nothing to compare with: pictures of full contrast end there in every channel.

    Parameters
    ----------
    expression : what brings an array x into the order in which an input takes it.
    """
    ends = np.stack([seen.minimum, seen.maximum])
    found = []
    for each in preparations:
        undone = (ends - np.array(each.offset)) / np.array(each.factor)
        off = np.abs(undone - np.array([[0.0], [WHITE]])).max()
        is_possible = each.from_white in (0.0, WHITE) and not each.to_white and each is not AS_IS
        if off <= SAME_END * WHITE and is_possible:
            found.append((each.penalty, off, f"x = {each.undo.format(x=expression)}"))
    return min(found)[2] if found else ""
