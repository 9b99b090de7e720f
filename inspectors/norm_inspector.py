"""Normalization of the inputs: whether the network sees the range it was trained on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.normalized_input import (
    NormalizedInput,
    first_answer,
    input_statistics,
    normalized_input,
)
from utils.findings import Finding, Recommendation, Severity
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.input_normalization import free_layer_names, normalization_steps, script_steps
from utils.input_range import Bounds, varying_range
from utils.normalization_recipes import (
    IMAGENET,
    SYMMETRIC,
    TOLERANCE,
    TYPICAL_STD,
    UNIT_RANGE,
    WHITE,
    Recipe,
    constants_text,
    expected_maximum,
    in_grey_levels,
    is_in_unit_range,
    recipe_of_family,
    statement,
)
from utils.normalization_step import NormalizationStep, complaint, joined


class NormInspector(BaseInspector):
    """Does the network see its inputs in the range it was trained on?

    Wrong normalization is the most frequent reason for a network that finds nothing on the
    chip. This inspector looks for it in the model script and behind each input in the graph,
    and judges data as they enter and as they leave it: measured ones, else the statistics
    that calibration stored in the archive. Rules about pixels are silent unless the input is
    image-like: 1, 3 or 4 channels of at least 32 x 32 with at least 20 % of values other than
    0. Channels that are constant never count. Recipes that only subtract a mean are legal.

    - `normalization-missing` (warning or error): pixels of 0..255 enter a network without any
      normalization on the chip ("The calibration set seems to not be normalized"). Some good
      networks are trained that way, so it is an error only if the first layer answers with a
      standard deviation above 30. Add the recipe that the network was trained with.
    - `data-normalized-twice` (error): the chip normalizes, and the data were normalized before
      ("The expected calibration set should be [0, 255] when using an in-net normalization
      layer"). Pass the pixels as they are, or delete the normalization line.
    - `data-not-normalized` (info or error): channels have a mean outside -2..5 or a standard
      deviation outside 0.1..5 after normalization; an error for images, for other data an info
      and only if they are too large. Normalize as in training, on the chip or before.
    - `normalization-in-unit-range` (warning): mean and std are meant for 0..1 while the data are
      0..255. Multiply them by 255.
    - `normalization-malformed` (error): mean and std differ in length or do not fit the channels,
      hold a 0 or what is no number, or one is in RGB and the other in BGR order. Correct the line.
    - `normalization-unusual` (info): the constants are within 1 % of no recipe that Hailo's model
      zoo uses. Compare them with those of the training.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.INPUT_STATISTICS | Need.OUTPUT_STATISTICS | Need.PREACTIVATION_STATISTICS

    # Data in 0..1 or -1..1 and z-scores, a skewed channel included, stay within these.
    BOUNDS = Bounds(lowest_mean=-2.0, highest_mean=5.0, lowest_std=0.1, highest_std=5.0)
    # Grey levels: below 32 the data were scaled, above 255 they are no 8-bit pixels.
    LOWEST_RAW_MAXIMUM, HIGHEST_RAW_MAXIMUM = 32.0, WHITE
    UNIT_MAXIMUM = 1.05  # resizing overshoots 1 by some percent
    NEGATIVE = -0.01  # pixels have none; less is rounding
    # First layers of networks trained on 0..255 stay around 1; others answer 50 to 250 times it.
    HIGHEST_FIRST_STD = 30.0

    def should_skip(self, context: Context) -> str:
        """Without any statistics and any normalization there is nothing to judge."""
        inputs = context.model.network.input_layers
        if not inputs:
            return "the graph has no input layer"
        if any(input_statistics(context, layer) for layer in inputs):
            return ""
        if any(normalization_steps(context.model, context.script, layer) for layer in inputs):
            return ""
        return (
            "the archive holds no statistics of its inputs and no normalization; "
            "pass the calibration data with --dataset"
        )

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Judge every input, then the script lines that are about no input."""
        names = free_layer_names(context.model, context.script)
        reported: set[int] = set()
        for layer in context.model.network.input_layers:
            entry = normalized_input(context, layer)
            for step, before in entry.steps_with_statistics():
                # A line without an input is about all of them, but is one line to correct.
                if step.line not in reported and (
                    found := self._judge_constants(entry, step, before, names)
                ):
                    reported |= {step.line} - {0}
                    yield found
            if entry.steps or not _is_script_unread(context):
                yield from (
                    list(self._missing(context, entry, names))
                    or list(self._twice(entry))
                    or self._not_normalized(entry)
                )
        for step in script_steps(context.script):
            if step.line not in reported and (reason := complaint(step, frozenset())):
                yield _malformed(step, reason)

    def _judge_constants(
        self,
        entry: NormalizedInput,
        step: NormalizationStep,
        before: ChannelStatistics | None,
        names: Iterator[str],
    ) -> Finding | None:
        if reason := complaint(step, entry.channels):
            return _malformed(step, reason, (entry.layer.name, *step.layers))
        if not step.is_computable:
            return None
        if self._has_wrong_unit(entry, step, before):
            return _in_unit_range(entry, step, names)
        return _unusual(entry, step) if entry.may_hold_images and not step.is_known else None

    def _has_wrong_unit(
        self, entry: NormalizedInput, step: NormalizationStep, before: ChannelStatistics | None
    ) -> bool:
        if not (is_in_unit_range(step.mean, step.std) and self._looks_raw(before)):
            return False
        return entry.is_image_like or step.is_known

    def _looks_raw(self, statistics: ChannelStatistics | None) -> bool:
        """Whether values are 8-bit pixels as they are."""
        low, high = varying_range(statistics)
        return low >= 0.0 and self.LOWEST_RAW_MAXIMUM <= high <= self.HIGHEST_RAW_MAXIMUM

    def _missing(
        self, context: Context, entry: NormalizedInput, names: Iterator[str]
    ) -> Iterator[Finding]:
        if entry.steps or not (entry.is_image_like and self._looks_raw(entry.values)):
            return
        first, std = first_answer(context, entry.layer)
        is_error = std > self.HIGHEST_FIRST_STD
        low, high = varying_range(entry.values)
        yield Finding(
            id="normalization-missing",
            severity=Severity.ERROR if is_error else Severity.WARNING,
            message=f"{entry.layer.described()} takes values from {low:.4g} to {high:.4g} "
            f"({entry.source}) and nothing on the chip normalizes them ("
            '"The calibration set seems to not be normalized"), and '
            f"{self._answer(first, std)}; {_advice(entry)}",
            layers=(entry.layer.name, *([first.name] if first else [])),
            measured={"low": low, "high": high} | ({"first_layer_std": std} if first else {}),
            recommendation=_recipe_line(context, entry, next(names), is_error=is_error),
        )

    def _answer(self, first: Layer | None, std: float) -> str:
        if first is None:
            return "what its first layer answers is not known"
        answer = f"{first.described()} answers with a standard deviation of {std:.3g}"
        limit = f"{self.HIGHEST_FIRST_STD:g}"
        if std > self.HIGHEST_FIRST_STD:
            return f"{answer}, where a layer trained on 0..255 stays below {limit}"
        return f"{answer}, below {limit} as if it had been trained on 0..255"

    def _twice(self, entry: NormalizedInput) -> Iterator[Finding]:
        whole = joined(entry.steps)
        maximum = expected_maximum(whole.mean, whole.std) if whole else None
        if maximum is None:
            return
        low, high = varying_range(entry.values)
        if low < self.NEGATIVE or (maximum == WHITE and high <= self.UNIT_MAXIMUM):
            yield Finding(
                id="data-normalized-twice",
                severity=Severity.ERROR,
                message=f"{entry.layer.described()} is normalized on the chip by {entry.place}, for "
                f"values from 0 to {maximum:g}, but the data reach from {low:.4g} to {high:.4g} "
                f'({entry.source}) and were normalized before ("The expected calibration set '
                'should be [0, 255] when using an in-net normalization layer"); pass them as '
                "they are, or delete the normalization",
                layers=entry.layers,
                measured={"low": low, "high": high},
            )

    def _not_normalized(self, entry: NormalizedInput) -> Iterator[Finding]:
        if entry.after is None:
            return
        values, whole = entry.after.values, joined(entry.steps)
        upwards_only = not entry.is_image_like
        excess = self.BOUNDS.excess(values, upwards_only=upwards_only)
        if whole is not None and np.allclose(whole.std, 1.0, rtol=TOLERANCE):
            # Where nothing is divided, grey levels may be what the network was trained on.
            of_grey_levels = self.BOUNDS.excess(values, upwards_only=upwards_only, unit=TYPICAL_STD)
            excess = np.minimum(excess, of_grey_levels)
        outside = np.flatnonzero(excess > 1.0)
        if not outside.size:
            return
        worst = int(np.argmax(excess))
        mean, std = float(values.mean[worst]), float(values.std[worst])
        bounds = self.BOUNDS
        yield Finding(
            id="data-not-normalized",
            severity=Severity.ERROR if entry.is_image_like else Severity.INFO,
            message=f"{entry.layer.described()} is not normalized "
            f"{f'even after {entry.place}' if entry.steps else 'when it enters the network'}: "
            f"{outside.size} of {values.channels} channels are outside mean "
            f"{bounds.lowest_mean:g}..{bounds.highest_mean:g} and standard deviation "
            f"{bounds.lowest_std:g}..{bounds.highest_std:g}, the worst, channel {worst}, with "
            f"mean {mean:.4g} and standard deviation {std:.4g} ({entry.after.source})",
            layers=entry.layers,
            measured={"channels": float(outside.size), "mean": mean, "std": std},
        )


def _is_script_unread(context: Context) -> bool:
    """Whether a script that cannot be parsed may hold a normalization fused into a layer."""
    return context.script is None and "normalization" in (context.model.script_text or "")


def _malformed(step: NormalizationStep, reason: str, layers: tuple[str, ...] = ()) -> Finding:
    return Finding(
        id="normalization-malformed",
        severity=Severity.ERROR,
        message=f"The normalization of {step.place} is malformed: {reason}",
        layers=layers,
        measured={"means": float(len(step.mean)), "standard_deviations": float(len(step.std))},
    )


def _in_unit_range(
    entry: NormalizedInput, step: NormalizationStep, names: Iterator[str]
) -> Finding:
    if step.line:
        target = ", ".join(step.targets) or next(names)
        mean, std = in_grey_levels(step.mean, step.std)
        line = statement(target, mean, std, step.input_argument)
    else:
        # The network itself expects 0..1: what is missing stands in front of its own layers.
        line = statement(next(names), *UNIT_RANGE.constants(len(step.mean)), entry.named)
    low, high = varying_range(entry.values)
    return Finding(
        id="normalization-in-unit-range",
        severity=Severity.WARNING,
        message=f"The constants of {step.place}, {step.constants}, are "
        f"meant for values from 0 to 1, but those of {entry.layer.described()} reach from "
        f"{low:.4g} to {high:.4g} ({entry.source}); use `{line}`",
        layers=(entry.layer.name, *step.layers),
        measured={"low": low, "high": high, "mean": step.mean[0], "std": step.std[0]},
        recommendation=Recommendation((line,)),
    )


def _unusual(entry: NormalizedInput, step: NormalizationStep) -> Finding:
    return Finding(
        id="normalization-unusual",
        severity=Severity.INFO,
        message=f"The constants of {step.place} for {entry.layer.described()}, "
        f"{step.constants}, are within {TOLERANCE:.0%} of no recipe that Hailo's "
        "model zoo uses; compare them with those of the training",
        layers=(entry.layer.name, *step.layers),
        measured={"mean": step.mean[0], "std": step.std[0]},
    )


def _recipe_line(
    context: Context, entry: NormalizedInput, name: str, *, is_error: bool
) -> Recommendation:
    channels = entry.channel_count
    recipe = _family_recipe(context, channels)
    certain = is_error and recipe is not None
    recipe = recipe or UNIT_RANGE
    line = statement(name, *recipe.constants(channels), entry.named)
    question = f"Was the network trained on images normalized by {recipe.name}? Then add `{line}`"
    return Recommendation((line,), "" if certain else question, default=is_error)


def _family_recipe(context: Context, channels: int) -> Recipe | None:
    """The recipe of the network's family, where its name or its post-processing tells it."""
    script = context.script
    written = [statement.text for statement in script.commands("nms_postprocess")] if script else []
    recipe = recipe_of_family(" ".join([context.model.name, *written]))
    return recipe if recipe and recipe.fits(channels) else None


def _advice(entry: NormalizedInput) -> str:
    channels = entry.channel_count
    usual = [
        f"{constants_text(*recipe.constants(channels))} ({recipe.name})"
        for recipe in (UNIT_RANGE, IMAGENET, SYMMETRIC)
        if recipe.fits(channels)
    ]
    return f"add the one it was trained with, most often {' or '.join(usual)}"
