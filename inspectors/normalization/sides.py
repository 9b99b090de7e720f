"""Whether an archive, or the data given, are as the network was trained."""

from __future__ import annotations

from inspectors.base_inspector import Context
from inspectors.normalization.judged_input import (
    NormalizedInput,
    as_calibrated,
    first_answer,
    normalized_input,
)
from inspectors.normalization.limits import USUAL
from inspectors.normalization.recipes import expected_maximum
from inspectors.normalization.steps import joined
from utils.facts.input_preparations import WHITE
from utils.har.network import Layer


def is_archive_right(context: Context, layer: Layer) -> bool:
    """Whether an input was calibrated on values of the size that its network takes.

    With a normalization for pixels the archive has to hold raw pixels, without one its first
    layer must have answered neither too widely nor hardly at all.
    """
    calibrated = as_calibrated(context)
    entry = normalized_input(calibrated, layer)
    if entry.steps:
        return _is_for_pixels(entry) and USUAL.is_raw(entry.values)
    first = first_answer(calibrated, layer)
    return first.spread >= USUAL.lowest_first_spread and not USUAL.exceeds(first)


def takes_pixels(context: Context, layer: Layer) -> bool:
    """Whether the chip normalizes an input as values from 0 to 255."""
    return _is_for_pixels(normalized_input(context, layer))


def _is_for_pixels(entry: NormalizedInput) -> bool:
    whole = joined(entry.steps)
    return whole is not None and expected_maximum(whole.mean, whole.std) == WHITE
