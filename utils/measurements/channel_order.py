"""How sure a network is with the channels of its images as they are, and reversed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from utils.har.image_like import is_image_like, is_image_shaped
from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics

COLOURS = 3  # red, green and blue, in either order
RELEVANT_GAIN = 0.10  # relative; below it a network's taste for colours may be chance
STANDARD_ERRORS = 3.0  # of the paired difference, so that chance does not pass
FEWEST_SAMPLES = 8  # in colour; with fewer the standard error itself is a guess


@dataclass(frozen=True)
class Confidence:
    """One measure of confidence, 0 to 1, over the same samples in both orders.

    Parameters
    ----------
    samples : how many.
    as_is, reversed : sums over the samples.
    squares : sum of the squared differences, reversed minus as is, of single samples.
    """

    samples: int = 0
    as_is: float = 0.0
    reversed: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, as_is: NDArray[np.floating], reversed_: NDArray[np.floating]) -> Confidence:
        """Confidence from one value for each sample, in the same order."""
        first, second = as_is.astype(np.float64), reversed_.astype(np.float64)
        squares = float(np.square(second - first).sum())
        return cls(len(first), float(first.sum()), float(second.sum()), squares)

    def merged(self, other: Confidence) -> Confidence:
        """Confidence over both sets of samples."""
        return Confidence(
            self.samples + other.samples,
            self.as_is + other.as_is,
            self.reversed + other.reversed,
            self.squares + other.squares,
        )

    @property
    def mean_as_is(self) -> float:
        """Mean with the channels as they are."""
        return self.as_is / max(self.samples, 1)

    @property
    def mean_reversed(self) -> float:
        """Mean with the channels reversed."""
        return self.reversed / max(self.samples, 1)

    @property
    def gain(self) -> float:
        """Mean of the differences of single samples: above 0 if reversed is surer."""
        return self.mean_reversed - self.mean_as_is

    @property
    def standard_error(self) -> float:
        """Of the gain, from the spread of the differences; infinite for a single sample."""
        if self.samples < 2:
            return math.inf
        spread = self.squares - self.samples * self.gain**2
        return math.sqrt(max(spread, 0.0) / (self.samples - 1) / self.samples)

    @property
    def may_gain(self) -> bool:
        """Whether reversed may turn out relevantly surer, as far as the samples tell."""
        return self.gain + STANDARD_ERRORS * self.standard_error > RELEVANT_GAIN * self.mean_as_is


@dataclass(frozen=True)
class HeadConfidence:
    """How sure one layer is, in both readings of its values; which one holds is for others to say.

    Parameters
    ----------
    probability : the largest probability of a softmax over the channels, mean of the pixels.
    score : the sigmoid of the largest values, mean of the first few cells of a map; of a single
        value for the whole sample, of its yes or its no.
    winners_as_is, winners_reversed : in how many cells of all samples a channel was the largest.
    """

    probability: Confidence
    score: Confidence
    winners_as_is: Mapping[int, int] = field(default_factory=dict)
    winners_reversed: Mapping[int, int] = field(default_factory=dict)

    def merged(self, other: HeadConfidence) -> HeadConfidence:
        """Both sets of samples."""
        return HeadConfidence(
            self.probability.merged(other.probability),
            self.score.merged(other.score),
            Counter(self.winners_as_is) + Counter(other.winners_as_is),
            Counter(self.winners_reversed) + Counter(other.winners_reversed),
        )

    @property
    def is_map(self) -> bool:
        """Whether a sample has more than one cell."""
        return sum(self.winners_as_is.values()) > self.probability.samples

    @property
    def kept_variety(self) -> float:
        """Effective number of winners with the channels reversed, relative to as they are."""
        return _variety(self.winners_reversed) / _variety(self.winners_as_is)


def _variety(winners: Mapping[int, int]) -> float:
    """How many equally frequent winners have the same entropy; 1 where there is none."""
    total = sum(winners.values())
    shares = [count / total for count in winners.values() if count]
    return math.exp(-sum(share * math.log(share) for share in shares))


@dataclass(frozen=True)
class ChannelOrder:
    """Result of running the same samples in both orders through the float network.

    Parameters
    ----------
    inputs : names of the inputs whose channels were reversed, all together.
    samples : how many were run; those whose channels are equal are left out.
    grey : how many were left out.
    heads : by name of the layer that computes what leaves the network.
    """

    inputs: tuple[str, ...]
    samples: int
    grey: int
    heads: Mapping[str, HeadConfidence]

    @property
    def is_settled(self) -> bool:
        """Whether more samples would hardly show that a head is surer reversed."""
        return self.samples >= FEWEST_SAMPLES and not any(
            head.probability.may_gain or head.score.may_gain for head in self.heads.values()
        )

    def merged(self, other: ChannelOrder) -> ChannelOrder:
        """Both sets of samples, of the same network.

        Raises
        ------
        ValueError : the channels of other inputs were reversed.
        """
        if self.inputs != other.inputs:
            raise ValueError("channels of different inputs were reversed")
        heads = dict(self.heads)
        for name, found in other.heads.items():
            heads[name] = heads[name].merged(found) if name in heads else found
        return ChannelOrder(
            self.inputs, self.samples + other.samples, self.grey + other.grey, heads
        )


def is_colour_shaped(shape: Shape) -> bool:
    """Whether an input of this (height, width, channels) can hold images of three colours."""
    return shape[2] == COLOURS and is_image_shaped(shape)


def holds_colour_images(shape: Shape, statistics: ChannelStatistics | None) -> bool:
    """Whether an input holds images of three colours, as far as its shape and values tell."""
    return is_colour_shaped(shape) and is_image_like(shape, statistics)
