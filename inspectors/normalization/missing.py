"""Raw pixels that enter a network which nothing on the chip normalizes for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspectors.base_inspector import Context
from inspectors.normalization.channel_bounds import varying_range
from inspectors.normalization.heads import answers_as_trained
from inspectors.normalization.judged_input import (
    FirstAnswer,
    NormalizedInput,
    as_calibrated,
    first_answer,
    input_statistics,
    normalized_input,
)
from inspectors.normalization.limits import USUAL, InputLimits
from inspectors.normalization.remedy import RecipeAdvice
from inspectors.preparation.judged import recipe_of
from inspectors.preparation.seen import seen_at
from utils.findings import Finding, Severity
from utils.har.image_like import is_image_shaped, is_small_picture_shaped

# Of pixels that were resized, as many may be fractions, but some place is light.
MOST_FRACTIONS, FAR_BELOW_WHITE = 0.5, 100.0
# What the compiler logs when it quantizes on such data.
NOT_NORMALIZED = "The calibration set seems to not be normalized"
AS_TRAINED = (
    "Some networks take 0..255 as they are, and the outputs of this one are as small as theirs."
)


def missing(
    context: Context, entry: NormalizedInput, names: Iterator[str], limits: InputLimits
) -> Iterator[Finding]:
    """One finding if pixels of 0..255 enter, and nothing normalizes them.

    Parameters
    ----------
    names : free names for a layer that a line inserts.
    """
    first = first_answer(context, entry.layer)
    if not _takes_raw_pixels(entry, limits, first) or _are_quantities(context, entry):
        return
    low, high = varying_range(entry.values)
    is_excused = limits.exceeds(first) and answers_as_trained(context)
    is_error = limits.exceeds(first) and not is_excused
    if is_excused and not entry.is_image_like:
        return
    stored = input_statistics(as_calibrated(context), entry.layer)
    was_divided = stored is not None and limits.is_divided(stored.values)
    advice = RecipeAdvice(
        context, entry, was_divided=was_divided, shown=recipe_of(context, entry.layer)
    )
    is_trained_so = limits.was_trained_so(first) and not (was_divided or advice.shown)
    severity = Severity.ERROR if is_error else Severity.WARNING
    yield Finding(
        id="normalization-missing",
        severity=Severity.INFO if is_trained_so else severity,
        headline=_headline(advice, is_mask=_is_mask(entry)),
        evidence="; ".join(
            filter(None, (f"{entry.layer.described()} reaches {entry.reach}", first.text))
        ),
        quotation=NOT_NORMALIZED,
        why=AS_TRAINED if is_excused else limits.answer(first),
        remedy="" if is_trained_so else advice.remedy(is_error=is_error),
        layers=(entry.layer.name, *([first.layer.name] if first.layer else [])),
        measured={"low": low, "high": high} | first.measured,
        holds_for_any_calibration=context.measured(entry.layer.name) is not None,
        recommendation=None
        if is_trained_so
        else advice.recommendation(next(names), is_error=is_error),
    )


def inputs_without_normalization(context: Context) -> tuple[str, ...]:
    """Names of inputs whose archive lacks a normalization that the data given have had before."""
    found = []
    for layer in context.model.network.input_layers:
        calibrated = as_calibrated(context)
        entry = normalized_input(calibrated, layer)
        first = first_answer(calibrated, layer)
        is_wrong = _takes_raw_pixels(entry, USUAL, first) and USUAL.exceeds(first)
        if is_wrong and recipe_of(context, layer) is not None:
            found.append(layer.name)
    return tuple(found)


def _headline(advice: RecipeAdvice, *, is_mask: bool) -> str:
    """Who met raw pixels: the network, or calibration alone if the data were normalized before."""
    what, them = ("a mask of 0 and 255", "it") if is_mask else ("raw pixels", "them")
    if advice.shown:
        return f"Calibration saw {what}, and nothing on the chip normalizes {them}"
    enters = "enters" if is_mask else "enter"
    return f"{what.capitalize()} {enters} the network, and nothing on the chip normalizes {them}"


def _takes_raw_pixels(entry: NormalizedInput, limits: InputLimits, first: FirstAnswer) -> bool:
    """Whether 8-bit pixels enter as they are; of masks and small pictures the first layer tells."""
    if entry.steps or not limits.is_raw(entry.values):
        return False
    is_small = is_small_picture_shaped(entry.layer.output_shape)
    return entry.is_image_like or ((is_small or _is_mask(entry)) and limits.exceeds(first))


def _is_mask(entry: NormalizedInput) -> bool:
    """Whether an input of one channel holds 0 and 255 alone, most of it 0."""
    shape = entry.layer.output_shape
    is_shaped = is_image_shaped(shape) or is_small_picture_shaped(shape)
    return shape[2] == 1 and is_shaped and entry.values is not None and entry.values.is_mask


def _are_quantities(context: Context, entry: NormalizedInput) -> bool:
    """Whether samples of one channel are no pixels: fractions that end far below white."""
    seen = seen_at(context, entry.layer)
    if seen is None or seen.shape[2] > 1 or not seen.values.size:
        return False
    fractions = np.count_nonzero(seen.values % 1) / seen.values.size
    return bool(fractions > MOST_FRACTIONS) and seen.statistics.high < FAR_BELOW_WHITE
