"""Data that cannot be those of which the constants of a normalization were taken."""

from __future__ import annotations

import numpy as np

from inspectors.normalization.channel_bounds import means_and_stds
from inspectors.normalization.judged_input import NormalizedInput
from utils.facts.input_preparations import WHITE
from utils.findings import Finding, Severity

# Mean and standard deviation of data bring these to about 0 and 1. Pictures of the night keep their
# distance from it as well, but those are pixels up to 255.
LEAST_MEAN = 1.2
LEAST_RATIO = 6.0  # of that mean to the standard deviation


def unlike_own_constants(entry: NormalizedInput) -> bool:
    """Whether constants of a sensor, beyond those of pixels, leave all values far from 0.

    Values of 12 bit that were cut to 8 do, and those in another unit.
    """
    if len(entry.steps) != 1 or entry.after is None or not entry.is_image_like:
        return False
    (step,) = entry.steps
    are_statistics = step.is_computable and not step.is_known and 0.0 not in step.mean
    if not are_statistics or max(map(abs, step.mean)) <= WHITE:
        return False
    values = entry.after.values
    mean, std = np.abs(values.mean), values.std
    return bool(((mean >= LEAST_MEAN) & (mean >= LEAST_RATIO * std)).all())


def of_other_data(entry: NormalizedInput) -> Finding:
    """That the data are others than those that the constants are for."""
    (step,) = entry.steps
    after = entry.after
    made = f"{means_and_stds(after.values)}, {after.source}" if after else ""
    return Finding(
        id="normalization-unusual",
        severity=Severity.WARNING,
        headline="The data are far from those that the normalization on the chip is for",
        evidence=f"{step.place}, {step.constants}, leaves {entry.layer.described()} at {made}; "
        "mean and standard deviation of the data would bring them to about 0 and 1",
        why="The network computes with values unlike those of its training.",
        remedy="Correct the constants or the data so that they match the training.",
        layers=entry.layers,
        measured={"low": float(entry.values.low), "high": float(entry.values.high)}
        if entry.values
        else {},
    )
