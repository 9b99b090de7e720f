"""What is wrong where data differ from those of the calibration, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from inspectors.agreement.judgement import is_all_kept, spared
from inspectors.base_inspector import Context
from inspectors.calibration.awake import Shown, Suits, shown_by_channels
from inspectors.calibration.first_samples import (
    SortedFile,
    is_calibrated_on_the_first,
    sorted_file,
)
from inspectors.calibration.identity import is_error
from inspectors.calibration.stored_sentinel import stored_sentinel
from inspectors.calibration.unlike_channels import of_channels
from inspectors.calibration.unlike_colours import of_colours
from inspectors.calibration.unlike_words import compared, how_far
from inspectors.named_data import data_of
from inspectors.normalization.channel_bounds import PIXELS, varying_range
from inspectors.normalization.sides import is_archive_right, takes_pixels
from inspectors.preparation.difference import Difference
from inspectors.preparation.judged import Prepared
from inspectors.preparation.tournament import Hypothesis
from inspectors.quantizing_again import given_set, quantize_again
from utils.facts.input_preparations import WHITE
from utils.facts.optimize_command import CHANGED
from utils.findings import Finding, Severity
from utils.har.image_like import is_image_shaped
from utils.har.network import Layer
from utils.wording import plural, rounded

Make = Callable[..., Finding]  # a finding with what all of these have in common
REACH_ON = (
    "The data reach a little farther, as in another light, and the outputs lose nothing by it."
)
SLIGHT, FARTHER = 0.02, 0.25  # of the values, that lie outside; of the stored width, how far
SAME_WAY = "Prepare these data as the calibration data were prepared."
BLACK = 0.05  # of the largest pixel, the smallest one at most
BEYOND = 2.0  # times the largest pixel; less may be the overshoot of a resize
DARKER = 0.6  # of the largest pixel given, what calibration saw at most where it saw other light


def unlike_finding(
    context: Context, found: Prepared, difference: Difference, samples: int
) -> Finding:
    """What is wrong with data that differ from those of the calibration, and what to do.

    Parameters
    ----------
    found : how the samples of an input differ.
    samples : how many there are.
    """
    finding = partial(
        Finding,
        id="dataset-differs",
        severity=Severity.ERROR if is_error(found) else Severity.WARNING,
        layers=(found.layer.name,),
        measured={
            "outside": difference.outside,
            "outside_beyond_chance": difference.excess,
            "channels_with_other_mean": difference.channels_off,
        },
    )
    if is_calibrated_on_the_first(context, found.layer):
        return _of_the_first(finding, sorted_file(context), how_far(difference, samples))
    evidence = compared(found, difference, samples)
    shown = shown_by_channels(context, found.layer)
    if wrong := _of_a_wrong_archive(context, finding, found, difference, evidence, shown):
        return wrong
    if found.recipe is None and difference.fault is not None:
        return of_channels(context, finding, difference, samples)
    if found.ratio:
        return _scaled(finding, evidence)
    if found.recipe is None and _is_slight(difference) and is_all_kept(context):
        return spared(_of_other_data(context, finding, difference, evidence, shown), REACH_ON)
    if found.recipe is None:
        return _of_other_data(context, finding, difference, evidence, shown)
    is_right = difference.is_scaled and (
        shown is not None or is_archive_right(context, found.layer)
    )
    return _of_recipe(
        context, finding, found.layer, found.recipe, difference, evidence, is_right=is_right
    )


def _of_recipe(
    context: Context,
    finding: Make,
    layer: Layer,
    recipe: Hypothesis,
    difference: Difference,
    evidence: str,
    *,
    is_right: bool,
) -> Finding:
    if recipe.preparation.colour_space:
        return of_colours(context, finding, layer, recipe, evidence)
    if _are_these_pixels(context, layer, recipe, difference):
        return _of_pixels(context, finding, evidence)
    data = data_of(context, [layer.name])
    return _otherwise_prepared(finding, recipe, data, evidence, is_right=is_right)


def _of_a_wrong_archive(
    context: Context,
    finding: Make,
    found: Prepared,
    difference: Difference,
    evidence: str,
    shown: Shown | None,
) -> Finding | None:
    """What is said where these data are known to be right, and those of the calibration wrong."""
    if found.recipe is None and not found.ratio:
        sentinel = stored_sentinel(difference.seen, difference.stored)
        if sentinel is not None:
            return _of_sentinel(context, finding, evidence, sentinel)
    if shown is not None and shown.suits is Suits.DATA:
        return _of_the_archive(context, finding, evidence, shown)
    if _saw_no_pixels(difference) and takes_pixels(context, found.layer):
        return _of_pixels(context, finding, evidence)
    return None


def _of_the_first(finding: Make, file: SortedFile, evidence: str) -> Finding:
    return finding(
        headline="The archive was calibrated on the first samples, unlike the rest of the file",
        evidence=f"the first {plural(file.calibrated, 'sample')} have the smallest and largest "
        f"values that the archive stores; "
        f"{evidence}",
        why="Calibration takes the first samples. In a file that is sorted they are of one kind.",
        remedy=file.remedy,
        recommendation=file.recommendation,
        command=file.command,
    )


def _of_the_archive(context: Context, finding: Make, evidence: str, shown: Shown) -> Finding:
    return finding(
        headline="The archive was calibrated on data that left much of the network inactive",
        evidence=f"{evidence}; {shown.described()}",
        why="Training makes use of nearly all channels, so these data match the training, and the "
        "calibration data do not.",
        remedy="Quantize again on these data.",
        command=quantize_again(context, given_set(context)),
    )


def _of_sentinel(context: Context, finding: Make, evidence: str, value: float) -> Finding:
    return finding(
        headline="The archive was calibrated on data with a value far from all others",
        evidence=f"{evidence}; a few values of {rounded(value)} alone make what calibration saw so "
        "large",
        why="Such a value is padding, or stands for what was not measured. It takes the codes from "
        "all others.",
        remedy="Quantize again on these data.",
        command=quantize_again(context, given_set(context)),
    )


def _scaled(finding: Make, evidence: str) -> Finding:
    return finding(
        headline="These data have another scale than the calibration data",
        evidence=evidence,
        why="These are other data, or were scaled by an unusual factor. Whatever this run measures "
        "holds for these data only.",
        remedy="Look up by which factor the data were scaled and undo it, or quantize again on "
        "these data if the network was trained on such values.",
    )


def _of_pixels(context: Context, finding: Make, evidence: str) -> Finding:
    return finding(
        headline="The archive was calibrated on other values than the pixels that the chip takes",
        evidence=evidence,
        why="The chip normalizes pixels from 0 to 255, as these data are. Those of the calibration "
        "were darker, or reached far beyond.",
        remedy="Quantize again on these data.",
        command=quantize_again(context, given_set(context)),
    )


def _of_other_data(
    context: Context, finding: Make, difference: Difference, evidence: str, shown: Shown | None
) -> Finding:
    # These data alone are no mix.
    dataset = CHANGED if _is_darker(difference) else given_set(context)
    told = shown.described() if shown is not None and difference.is_scaled else ""
    return finding(
        headline="The data are unlike those that the archive was calibrated on",
        evidence="; ".join(filter(None, (evidence, told))),
        why="These are other data, or were prepared in an unusual way: the usual scales, constants "
        "and orders of colours do not explain the difference. Whatever this run measures holds for "
        "these data only.",
        remedy=SAME_WAY if told else _remedy(difference),
        command="" if difference.is_scaled else quantize_again(context, dataset),
    )


def _otherwise_prepared(
    finding: Make, recipe: Hypothesis, data: str, evidence: str, *, is_right: bool
) -> Finding:
    """What helps against a known preparation; less is asked where the archive is right."""
    return finding(
        headline="Red and blue are exchanged between these data and the calibration"
        if recipe.is_reversal
        else "These data were prepared differently from the calibration data",
        evidence=evidence,
        why="The archive fits the values that it was calibrated on, so these data are wrong."
        if is_right
        else "Only one of the two can match the training: these data or the calibration data.",
        remedy=f"Change {data} with `{recipe.line}` and keep the archive as it is."
        if is_right
        else f"Change {data} with `{recipe.line}`, or quantize again on these data if the "
        "network was trained on such values.",
    )


def _remedy(found: Difference) -> str:
    if found.is_scaled:
        return (
            "Prepare these data as the calibration data were prepared, or quantize again if the "
            "network will see data like these."
        )
    if _is_darker(found):
        # Of a file in two parts calibration may take the first alone.
        return "Shuffle these data and those of the calibration into one set and quantize on that."
    return (
        "Quantize again on these data if the network will see such data, else pass the set that "
        "the "
        "archive was calibrated on."
    )


def _is_slight(found: Difference) -> bool:
    """Whether a few values lie outside, not far from the others, and nothing else differs."""
    stored, seen = found.stored, found.seen
    farthest = max(seen.high - stored.high, stored.low - seen.low)
    is_near = farthest <= FARTHER * (stored.high - stored.low)
    return is_near and found.outside < SLIGHT and not found.channels_off and not found.is_scaled


def _saw_no_pixels(found: Difference) -> bool:
    """Whether these data are pixels from 0 to 255, and calibration saw values far beyond."""
    low, high = varying_range(found.seen)
    beyond = varying_range(found.stored)[1]
    return found.is_scaled and PIXELS.are_raw(low, high) and beyond > BEYOND * WHITE


def _are_these_pixels(
    context: Context, layer: Layer, recipe: Hypothesis, found: Difference
) -> bool:
    """Whether these data are the pixels that the chip takes, and calibration saw smaller ones.

    In another light they may have the ratio of two scales by chance.
    """
    is_factor = recipe.view.expression == "x" and not any(recipe.preparation.offset)
    return is_factor and _is_darker(found) and takes_pixels(context, layer)


def _is_darker(found: Difference) -> bool:
    """Whether calibration saw pixels, but in less light than these."""
    low, high = varying_range(found.seen)
    stored_low, stored_high = varying_range(found.stored)
    return (
        is_image_shaped(found.layer.output_shape)
        and PIXELS.are_raw(low, high)
        and PIXELS.are_raw(stored_low, stored_high)
        # Some place is black in any light; temperatures and heights end elsewhere.
        and low <= BLACK * high
        and stored_low <= BLACK * stored_high
        and stored_high < DARKER * high
    )
