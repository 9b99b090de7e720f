"""Data that were normalized before they enter a network that normalizes on the chip."""

from __future__ import annotations

from inspectors.base_inspector import Context
from inspectors.normalization.channel_bounds import PIXELS, PixelRange, varying_range
from inspectors.normalization.judged_input import NormalizedInput, as_calibrated, normalized_input
from inspectors.normalization.recipes import expected_maximum
from inspectors.normalization.steps import doubled, joined
from inspectors.preparation.noise import mean_nothing
from utils.facts.input_preparations import WHITE


def normalized_before(entry: NormalizedInput, pixels: PixelRange = PIXELS) -> bool:
    """Whether the data of an input had been normalized, or divided by 255, before."""
    whole = joined(entry.steps)
    maximum = expected_maximum(whole.mean, whole.std) if whole else None
    if maximum is None:
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
