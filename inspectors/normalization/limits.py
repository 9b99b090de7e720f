"""Limits within which the values of an input and the answer of its first layer are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.normalization.channel_bounds import (
    PIXELS,
    ChannelBounds,
    PixelRange,
    varying_range,
)
from inspectors.normalization.judged_input import FirstAnswer, NormalizedInput
from inspectors.normalization.steps import joined
from utils.facts.normalization_recipes import TYPICAL_STD
from utils.har.statistics import ChannelStatistics


@dataclass(frozen=True)
class Breach:
    """Channels outside their bounds behind all normalization, and the worst of them."""

    outside: int
    channels: int
    worst: int
    mean: float
    std: float

    def described(self, bounds: ChannelBounds, name: str) -> str:
        """The channels of an input, the bounds and the worst channel, in words."""
        return (
            f"{self.outside} of {self.channels} channels of {name} "
            f"{'is' if self.outside == 1 else 'are'} outside {bounds.text}, most of all channel "
            f"{self.worst}"
        )

    @property
    def measured(self) -> dict[str, float]:
        """Its numbers for a finding, by name."""
        return {"channels": float(self.outside), "mean": self.mean, "std": self.std}


@dataclass(frozen=True)
class InputLimits:
    """What the values of an input and the first layer behind it are held to.

    Parameters
    ----------
    bounds : of mean and standard deviation behind all normalization.
    pixels : the ranges of pixels.
    highest_first_std : of the first layer, where the network takes such values.
    usual_first_std : of the first layer, where it was surely trained on such values.
    lowest_first_spread : of the first layer within its channels, where it takes such values.
    """

    bounds: ChannelBounds
    pixels: PixelRange
    highest_first_std: float
    usual_first_std: float
    lowest_first_spread: float

    def is_raw(self, statistics: ChannelStatistics | None) -> bool:
        """Whether values are 8-bit pixels as they are."""
        return self.pixels.are_raw(*varying_range(statistics))

    def exceeds(self, first: FirstAnswer) -> bool:
        """Whether the first layer shows that it was trained on smaller values."""
        return first.std > self.highest_first_std

    def was_trained_so(self, first: FirstAnswer) -> bool:
        """Whether the first layer answers as in training, neither too widely nor too faintly."""
        is_heard = first.spread >= self.lowest_first_spread
        return first.layer is not None and is_heard and first.std <= self.usual_first_std

    def is_divided(self, statistics: ChannelStatistics | None) -> bool:
        """Whether values are 8-bit pixels divided by 255."""
        return self.pixels.are_divided(*varying_range(statistics))

    def answer(self, first: FirstAnswer) -> str:
        """What the answer of the first layer to raw pixels means."""
        if self.exceeds(first):
            return (
                "The pre-activations of the first layer spread too widely: a layer trained on "
                f"0..255 has a standard deviation of at most {self.highest_first_std:g}."
            )
        as_is = "Some networks take 0..255 as they are"
        return as_is + (
            "."
            if first.layer is None
            else ", and the pre-activations of the first layer are as small as theirs."
        )

    def is_judged_as_image(self, entry: NormalizedInput, first: FirstAnswer) -> bool:
        """Whether to hold an input to what is true of images only.

        What nothing normalizes on the chip may be prepared before in any way: it has to look
        like pixels, and the first layer must not show that it was trained on such values.
        """
        if entry.steps or not entry.is_image_like:
            return entry.is_image_like
        if first.spread >= self.lowest_first_spread and not self.exceeds(first):
            return False
        return self.pixels.are_pixels(*varying_range(entry.values))

    def breach(self, entry: NormalizedInput, first: FirstAnswer) -> Breach | None:
        """Channels outside the bounds behind all normalization; None if there are none."""
        if entry.after is None:
            return None
        values = entry.after.values
        excess = self._excess(entry, values, first)
        outside = int(np.count_nonzero(excess > 1.0))
        if not outside:
            return None
        worst = int(np.argmax(excess))
        mean, std = float(values.mean[worst]), float(values.std[worst])
        return Breach(outside, values.channels, worst, mean, std)

    def _excess(
        self, entry: NormalizedInput, values: ChannelStatistics, first: FirstAnswer
    ) -> NDArray[np.float64]:
        upwards_only = not self.is_judged_as_image(entry, first)
        excess = self.bounds.excess(values, upwards_only=upwards_only)
        if not self._may_take_grey_levels(entry, first):
            return excess
        of_grey_levels = self.bounds.excess(values, upwards_only=upwards_only, unit=TYPICAL_STD)
        return np.minimum(excess, of_grey_levels)

    def _may_take_grey_levels(self, entry: NormalizedInput, first: FirstAnswer) -> bool:
        """Whether the network may have been trained on values that nothing divided."""
        if self.exceeds(first):
            return False
        if not entry.steps:
            return first.layer is not None
        whole = joined(entry.steps)
        return whole is not None and not whole.divides


USUAL = InputLimits(
    # Data in 0..1 or -1..1 and z-scores stay within these. Black is -2.118 under ImageNet's
    # constants, so dark pictures have a mean just above it. Pictures of low contrast, as
    # X-ray and infrared, have a std down to 0.05 in 0..1; data divided twice span 0.004.
    bounds=ChannelBounds(
        lowest_mean=-2.2, highest_mean=5.0, lowest_std=0.1, highest_std=5.0, lowest_span=0.1
    ),
    pixels=PIXELS,
    # First layers of networks trained on 0..255 answer around 1; others 50 to 250 times it.
    highest_first_std=30.0,
    # A first layer that was trained on smaller values would answer them with a tenth and less.
    usual_first_std=5.0,
    # Data that are 255 times too small leave 0.004 of about 1.
    lowest_first_spread=0.05,
)
