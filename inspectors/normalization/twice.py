"""Data that were normalized before they enter a network that normalizes on the chip."""

from __future__ import annotations

import numpy as np

from inspectors.base_inspector import Context
from inspectors.normalization.channel_bounds import (
    PIXELS,
    PixelRange,
    varying_channels,
    varying_range,
)
from inspectors.normalization.judged_input import NormalizedInput, as_calibrated, normalized_input
from inspectors.normalization.recipes import expected_maximum, matching_recipe
from inspectors.normalization.steps import NormalizationStep, doubled, joined
from inspectors.preparation.noise import mean_nothing
from utils.facts.input_preparations import WHITE
from utils.har.statistics import ChannelStatistics

# Behind constants that suit them, values have about mean 0 and spread 1; normalized twice, their
# spread is a few hundredths or their mean is far off.
FARTHEST_MEAN = 0.75
SPREADS = (0.1, 10.0)


def normalized_before(entry: NormalizedInput, pixels: PixelRange = PIXELS) -> bool:
    """Whether the data of an input had been normalized, or divided by 255, before."""
    whole = joined(entry.steps)
    maximum = expected_maximum(whole.mean, whole.std) if whole else None
    if whole is None or maximum is None or _suit(whole, entry.values):
        return False
    low, high = varying_range(entry.values)
    return pixels.are_signed(low, high) or (maximum == WHITE and high <= pixels.unit)


def inputs_normalized_twice(context: Context) -> tuple[str, ...]:
    """Names of the inputs whose data, or whose archive's data, were normalized twice."""
    found = []
    for layer in context.model.network.input_layers:
        entries = [normalized_input(as_calibrated(context), layer)]
        # Random numbers, and what a cast has left, were not normalized.
        if not mean_nothing(context, layer):
            entries.append(normalized_input(context, layer))
        if any(e.steps and (doubled(e.steps) or normalized_before(e)) for e in entries):
            found.append(layer.name)
    return tuple(found)


def _suit(whole: NormalizationStep, values: ChannelStatistics | None) -> bool:
    """Whether constants that are no recipe for pixels were made for these very values.

    So are those of tables, maps and sensors in units of their own, which may be negative. Most
    channels have to show it, of those whose constants change something.
    """
    if values is None or matching_recipe(whole.mean, whole.std):
        return False
    after = whole.applied(values)
    if after is None:
        return False
    low, high = SPREADS
    mean, std = np.array(whole.mean), np.array(whole.std)
    telling = varying_channels(values) & ((np.abs(mean) > 1.0) | (std < 0.5) | (std > 2.0))
    suited = (np.abs(after.mean) <= FARTHEST_MEAN) & (after.std >= low) & (after.std <= high)
    return bool(2 * np.count_nonzero(suited & telling) > np.count_nonzero(telling))
