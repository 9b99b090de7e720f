"""Samples like those that decide, among those that were not measured."""

from __future__ import annotations

import numpy as np

from inspectors.base_inspector import Context
from inspectors.few_samples.outputs import named_samples
from inspectors.named_data import data_of
from utils.wording import rounded


def not_all_in_words(context: Context) -> str:
    """``; 64 of 512 samples were measured``, to follow numbers; "" where all were."""
    measured, samples = _counts(context)
    return f"; {measured:,} of {samples:,} samples were measured" if measured < samples else ""


def without_samples(context: Context, places: tuple[int, ...], instead: str) -> str:
    """What to do, or to calibrate without these samples, and without others like them.

    Parameters
    ----------
    places : of the samples in the file.
    instead : what else helps, an imperative without its end.
    """
    measured, samples = _counts(context)
    if measured >= samples:
        return f"{instead}, or calibrate without {named_samples(places)}."
    found = _condition(context, places)
    how = f", which {found} finds" if found else f", as only {measured:,} of all were measured"
    return f"{instead}, or calibrate without all samples like {named_samples(places)}{how}."


def _counts(context: Context) -> tuple[int, int]:
    measured = context.measurements.samples if context.measurements else 0
    return measured, context.calibration.samples if context.calibration else measured


def _condition(context: Context, places: tuple[int, ...]) -> str:
    """An expression that is true of these samples, and of no other one that was measured."""
    digests, calibration = context.samples, context.calibration
    if digests is None or calibration is None:
        return ""
    is_named = np.isin(digests.indices, places)
    is_other = np.isin(digests.indices, calibration.indices) & ~is_named
    if is_named.sum() < len(places) or not is_other.any():
        return ""
    for name, seen in digests.inputs.items():
        largest = np.maximum(np.abs(seen.minimum), np.abs(seen.maximum))
        low, high = float(largest[is_other].max()), float(largest[is_named].min())
        limit = float(f"{(low + high) / 2:.3g}")
        if low < limit < high:
            more = int((largest > limit).sum())
            return (
                f"`np.abs(x).max(axis=(1, 2, 3)) > {limit:g}` in {data_of(context, [name])} "
                f"({rounded(more)} of the first {digests.samples:,})"
            )
    return ""
