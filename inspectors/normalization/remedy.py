"""What to do about a wrong normalization, in words and as lines of a model script."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspectors.base_inspector import Context
from inspectors.normalization.channel_bounds import PIXELS, varying_range
from inspectors.normalization.corrected import corrected
from inspectors.normalization.judged_input import NormalizedInput
from inspectors.normalization.recipes import (
    constants_text,
    expected_maximum,
    in_grey_levels,
    matching_recipe,
    recipe_of_family,
    statement,
)
from inspectors.normalization.steps import NormalizationStep, joined
from inspectors.preparation.tournament import Hypothesis
from utils.facts.input_preparations import WHITE
from utils.facts.normalization_recipes import IMAGENET, SYMMETRIC, UNIT_RANGE, Recipe
from utils.findings import Recommendation
from utils.wording import listed

USUAL = (UNIT_RANGE, IMAGENET, SYMMETRIC)  # the most frequent first


class RecipeAdvice:
    """Which recipe to try for an input that nothing normalizes, and what else it may be."""

    def __init__(
        self,
        context: Context,
        entry: NormalizedInput,
        *,
        was_divided: bool = False,
        shown: Hypothesis | None = None,
    ) -> None:
        """Choose by what calibration saw, by the network's family, or by the number of channels.

        Parameters
        ----------
        was_divided : the archive was calibrated on pixels divided by 255, unlike these.
        shown : how the data given were prepared, unlike those of the calibration.
        """
        self.entry = entry
        self.was_divided = was_divided
        self.shown = None if was_divided else _shown_recipe(shown, entry.channel_count)
        family = self.shown or _family_recipe(context, entry.channel_count)
        family = UNIT_RANGE if was_divided else family
        self.is_known = family is not None and not was_divided
        usual = [recipe for recipe in USUAL if recipe.fits(entry.channel_count)]
        self.recipe = family or usual[0]
        self.others = [recipe for recipe in usual if recipe is not self.recipe]

    def remedy(self, *, is_error: bool) -> str:
        """The recipe and its alternatives, as a sentence."""
        if self.was_divided:
            return (
                f"Divide the pixels{_place(self.entry)} by 255, as in the calibration data, "
                "or add this line and quantize again on the raw pixels."
            )
        if self.shown:
            return (
                "Add this line, which does on the chip what was done to these data before, and "
                "quantize again on the raw pixels."
            )
        likely = (
            f"most likely {self.recipe.name}, else {' or '.join(each.name for each in self.others)}"
        )
        if is_error:
            return (
                f"Add the normalization that the network was trained with{_place(self.entry)}, "
                f"{likely}, and quantize again."
            )
        return (
            f"If the network was trained with a normalization, {likely}, add it and quantize again."
        )

    def recommendation(self, name: str, *, is_error: bool) -> Recommendation:
        """The line with the recipe; nobody is asked where family and first layer agree on it.

        Parameters
        ----------
        name : of the layer that the line creates.
        """
        constants = self.recipe.constants(self.entry.channel_count)
        line = statement(name, *constants, self.entry.named)
        certain = is_error and self.is_known
        question = (
            f"Was the network trained on images normalized by {self._described(self.recipe)}, not "
            f"{' or '.join(map(self._described, self.others))}? Then add `{line}`"
        )
        return Recommendation((line,), "" if certain else question, default=certain)

    def _described(self, recipe: Recipe) -> str:
        constants = constants_text(*recipe.constants(self.entry.channel_count))
        return f"{recipe.name} ({constants})"


def _place(entry: NormalizedInput) -> str:
    """`` at input_layer2``, to follow what enters there; "" where there is one input only."""
    return f" at {entry.named}" if entry.named else ""


def _shown_recipe(shown: Hypothesis | None, channels: int) -> Recipe | None:
    """The known recipe that data were prepared with before."""
    if shown is None or shown.view.done:
        return None
    done = shown.preparation
    factor, offset = (np.broadcast_to(values, channels) for values in (done.factor, done.offset))
    return matching_recipe((-offset / factor).tolist(), (1.0 / factor).tolist())


def _family_recipe(context: Context, channels: int) -> Recipe | None:
    """The recipe of the network's family, where its name or its post-processing tells it."""
    script = context.script
    written = [statement.text for statement in script.commands("nms_postprocess")] if script else []
    recipe = recipe_of_family(" ".join([context.model.name, *written]))
    return recipe if recipe and recipe.fits(channels) else None


def corrected_line(step: NormalizationStep, channels: frozenset[int], names: Iterator[str]) -> str:
    """The line of a malformed step with the constants that were meant; "" where none tell them."""
    meant = corrected(step, channels) if step.line else None
    if meant is None:
        return ""
    return statement(_target(step, names), meant.mean, meant.std, step.input_argument)


def line_in_grey_levels(
    entry: NormalizedInput, step: NormalizationStep, names: Iterator[str]
) -> str:
    """The line that makes raw pixels fit a step which is meant for 0..1."""
    if step.line:
        mean, std = in_grey_levels(step.mean, step.std)
        return statement(_target(step, names), mean, std, step.input_argument)
    # The network itself expects 0..1: what is missing stands in front of its own layers.
    return line_for_pixels(entry, names)


def divided_line(step: NormalizationStep, names: Iterator[str]) -> str:
    """The line instead of a step that divides pixels by 255."""
    constants = UNIT_RANGE.constants(len(step.mean))
    return statement(_target(step, names), *constants, step.input_argument)


def line_for_pixels(entry: NormalizedInput, names: Iterator[str]) -> str:
    """The line that divides an input by 255."""
    return statement(next(names), *UNIT_RANGE.constants(entry.channel_count), entry.named)


def example_line(entry: NormalizedInput, names: Iterator[str]) -> str:
    """The line to try where values are too large for the first layer, as part of a sentence."""
    if entry.steps:
        return ""
    return f", for example by `{line_for_pixels(entry, names)}` if the network was trained on 0..1"


def line_for_doubled(
    first: NormalizationStep, second: NormalizationStep, names: Iterator[str]
) -> str:
    """The line instead of the first of two steps; "" where the better remedy is to remove one.

    What the network itself expects in 0..1 lacks the division once the line is gone.
    """
    if not first.line or second.line or expected_maximum(second.mean, second.std) == WHITE:
        return ""
    return divided_line(first, names)


def remedy_for_normalized_data(
    entry: NormalizedInput,
    whole: NormalizationStep,
    names: Iterator[str],
    maximum: float,
    *,
    is_signed: bool,
    is_archive_right: bool,
    line: str = "",
) -> str:
    """What to do where data that were normalized are normalized on the chip once more.

    Parameters
    ----------
    whole : all steps of the input as one.
    names : free names for a layer that a line inserts.
    maximum : white, as the steps expect it: 255 or 1.
    is_signed : the data have negative values, so that more was done to them than to divide.
    is_archive_right : calibration has seen the right data, so that these are to be passed alone.
    line : of numpy, that makes the data into those of the calibration; "" if unknown.
    """
    right = "raw pixels 0..255" if maximum == WHITE else "pixels divided by 255 and nothing else"
    right = f"{right}{_place(entry)}"
    restored = f", which `{line}` restores" if line and maximum == WHITE else ""
    if is_archive_right:
        return f"Pass the {right}{restored or ', as for the calibration'}."
    wrong, instead = _lines_for_normalized(entry, whole, names, is_signed=is_signed)
    if maximum != WHITE or not wrong:
        return f"Quantize again on the {right}{restored}."
    change = f"with `{instead}` instead of {wrong}" if instead else f"without {wrong}"
    return f"Quantize again on the {right}{restored}, or on normalized data {change}."


def _lines_for_normalized(
    entry: NormalizedInput, whole: NormalizationStep, names: Iterator[str], *, is_signed: bool
) -> tuple[str, str]:
    """Which lines of the script do not fit normalized data, and the one that does.

    Returns
    -------
    The places of the wrong lines, "" where to change lines is not enough, and the line to have
    instead, "" where none is needed.
    """
    lines = [f"line {step.line}" for step in entry.steps if step.line]
    if len(lines) != len(entry.steps):
        return "", ""
    places = f"{listed(lines)} of the model script"
    if is_signed or matching_recipe(whole.mean, whole.std) is UNIT_RANGE:
        return places, ""
    if len(entry.steps) > 1:
        return "", ""
    mean, std = ([value / WHITE for value in values] for values in (whole.mean, whole.std))
    step = entry.steps[0]
    return places, statement(_target(step, names), mean, std, step.input_argument)


def _target(step: NormalizationStep, names: Iterator[str]) -> str:
    return ", ".join(step.targets) or next(names)


def as_in_training(
    entry: NormalizedInput, is_error: bool, example: str = "", *, needs_other: bool = False
) -> str:
    """What to do about values that are not as in training.

    Parameters
    ----------
    example : a line that normalizes on the chip, as the end of a sentence; "" for none.
    needs_other : whether the archive saw these very data, and has to see others.
    """
    if entry.steps:
        return _constants_as_in_training(entry)
    if not is_error and not example:
        again = ", and quantize again on data that are" if needs_other else ""
        return f"Check whether the data are scaled as in training{again}."
    return f"Normalize the data as in training, on the chip or before{example}."


def _constants_as_in_training(entry: NormalizedInput) -> str:
    """To correct the constants, with where they stand, and what is likely where they do nothing."""
    lines = [f"line {step.line}" for step in entry.steps if step.line]
    where = f" in {listed(lines)} of the model script" if lines else ""
    whole = joined(entry.steps)
    does_nothing = whole is not None and not any(whole.mean) and set(whole.std) == {1.0}
    is_raw = does_nothing and PIXELS.are_raw(*varying_range(entry.values))
    likely = ", most likely with a division by 255" if is_raw else ""
    return f"Correct the constants{where}, or the data, so that they match the training{likely}."
