"""Constants of a normalization that cannot be those of the data, or of the network's family."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspectors.base_inspector import Context
from inspectors.normalization.channel_bounds import means_and_stds
from inspectors.normalization.judged_input import NormalizedInput
from inspectors.normalization.limits import USUAL
from inspectors.normalization.recipes import matching_recipe
from inspectors.normalization.remedy import divided_line
from inspectors.normalization.steps import NormalizationStep
from utils.facts.input_preparations import WHITE
from utils.facts.normalization_recipes import UNIT_RANGE
from utils.findings import Finding, Recommendation, Severity
from utils.outputs.heads import twins_of_boxes

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


def of_other_family(
    context: Context, entry: NormalizedInput, step: NormalizationStep, names: Iterator[str]
) -> Finding | None:
    """That a line gives a detector of YOLOv8's kind other constants than those it is trained with.

    Its boxes leave by 64 channels beside the scores of every scale. All of that family divide
    pixels by 255; a line with other constants was copied from elsewhere. What a network holds
    itself, and data that were prepared before, may be right.
    """
    is_by_line = bool(step.line) and len(entry.steps) == 1 and USUAL.is_raw(entry.values)
    is_other = step.is_computable and matching_recipe(step.mean, step.std) is not UNIT_RANGE
    if not (is_by_line and is_other and twins_of_boxes(context.model.network)):
        return None
    return Finding(
        id="normalization-unusual",
        severity=Severity.WARNING,
        headline="The normalization on the chip is not that of this family of detectors",
        evidence=f"{step.place} for {entry.layer.described()}, {step.constants}; the boxes leave "
        "by 64 channels beside the scores, as those of YOLOv8",
        why="Such detectors are trained on pixels that are divided by 255.",
        remedy="Divide by 255 with this line and quantize again, unless the network was trained "
        "otherwise.",
        layers=(entry.layer.name, *step.layers),
        measured={"mean": step.mean[0], "std": step.std[0]},
        recommendation=Recommendation(
            (divided_line(step, names),),
            question="Was the network trained on pixels that are divided by 255?",
            default=False,
        ),
        removes_cause=True,
    )
