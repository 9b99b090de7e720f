"""Normalization of the inputs: whether the network sees the range it was trained on."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.normalization import own_constants
from inspectors.normalization.channel_bounds import means_and_stds, varying_range
from inspectors.normalization.judged_input import (
    NormalizedInput,
    as_calibrated,
    first_answer,
    input_statistics,
    is_script_unread,
    normalized_input,
)
from inspectors.normalization.limits import USUAL
from inspectors.normalization.missing import missing
from inspectors.normalization.on_chip import normalization_steps, script_steps
from inspectors.normalization.recipes import (
    expected_maximum,
    is_in_unit_range,
)
from inspectors.normalization.remedy import (
    as_in_training,
    example_line,
    remedy_for_normalized_data,
)
from inspectors.normalization.steps import NormalizationStep, complaint, doubled, joined
from inspectors.normalization.twice import normalized_before
from inspectors.normalization.unlike_training import unlike_training
from inspectors.normalization.wrong_constants import (
    ALMOST_CONSTANT,
    in_unit_range,
    malformed,
    normalized_twice,
    unusual,
)
from inspectors.preparation.casts import holds_flags
from inspectors.preparation.judged import recipe_of
from inspectors.preparation.noise import mean_nothing
from inspectors.preparation.seen import seen_at
from inspectors.preparation.tournament import pixels_restored
from inspectors.quantizing_again import given_set, quantize_again
from utils.facts.input_preparations import WHITE, preparations
from utils.facts.optimize_command import CHANGED
from utils.findings import Finding, NotChecked, Severity
from utils.har.statistics import ChannelStatistics
from utils.model_script.free_names import free_layer_names

UNLIKE_TRAINING = "The network computes with values unlike those of its training."
# What the compiler logs when it quantizes on such data.
FOR_PIXELS = (
    "The expected calibration set should be [0, 255] when using an in-net normalization layer"
)


class NormInspector(BaseInspector):
    """Does the network see its inputs in the range it was trained on?

    Wrong normalization is the most frequent reason for a network that finds nothing on the
    chip. This inspector looks for it in the model script and behind each input in the graph,
    and judges data as they enter and as they leave it: measured ones, else the statistics
    that calibration stored in the archive. Where both are there, it looks in both for data that
    were normalized twice or not at all. Rules about pixels are silent unless the input is
    image-like: 1, 3 or 4 channels of at least 32 x 32 with at least 20 % of values other than
    0. Channels that are constant never count. Recipes that only subtract a mean are legal, and
    so are data in grey levels or with a mean subtracted before, as long as the first layer
    answers with a standard deviation of at most 30. It skips archives whose script cannot be
    read but holds a normalization.

    - `normalization-missing` (info, warning or error): pixels of 0..255 enter a network without any
      normalization on the chip ("The calibration set seems to not be normalized"). Some good
      networks are trained that way, as YOLOX: it is an info where the first layer answers with a
      standard deviation of at most 5. It is an error only if that is above 30, and the outputs
      spread by more than 12 or something in the network bounds them; of 1 or 3 channels of 12 to 31
      pixels, which may be a table, and of masks of 0 and 255 only then. Add the recipe that the
      network was trained with; the one that is recommended goes into the script unasked only if the
      family of the network has it, or the data given show it, and then only for an error. If the
      archive was calibrated on pixels divided by 255, divide these as well.
    - `data-normalized-twice` (error): the chip normalizes, and the data were normalized before
      ("The expected calibration set should be [0, 255] when using an in-net normalization
      layer"), or two normalizations on the chip follow each other. Quantize again on the raw
      pixels, or delete one normalization. If the archive was calibrated on raw pixels, it is
      right: pass these, which the line of numpy restores. Tables and maps in units of their own
      are right if constants that are no recipe give them about mean 0 and spread 1.
    - `data-not-normalized` (info, warning or error): channels have a mean outside -2.2..5, a
      standard deviation above 5, or one below 0.1 while they span less than 0.1, after
      normalization; an error for images. For other data it is told only if they are too large:
      a warning where more than 10 % of a layer's channels never fire behind them, or where a first
      layer with batch normalization answers with a standard deviation above 30, else an info.
      Normalize as in training, on the chip or before.
    - `normalization-in-unit-range` (warning): mean and std are meant for 0..1 while the data are
      0..255. Multiply them by 255.
    - `normalization-malformed` (error): mean and std differ in length or do not fit the channels,
      hold a 0 or something that is not a number, have changed places, or one is in RGB and the
      other in BGR order. Correct the line.
    - `normalization-unusual` (info or warning): the constants are within 1 % of no recipe that
      Hailo's model zoo uses. Compare them with those of the training. A warning for pictures of
      sensors whose constants, with means above 255, leave all channels at 1.2 or more and at 6
      times their spread: those of the training would bring them to about 0 and 1. Also where a line
      gives raw pixels of a detector like YOLOv8 other constants than 0 and 255.
    """

    PRIORITY = Priority.HIGH
    NEEDS = (
        Need.INPUT_STATISTICS
        | Need.OUTPUT_STATISTICS
        | Need.PREACTIVATION_STATISTICS
        | Need.SAMPLE_DIGESTS
    )

    LIMITS = USUAL

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without any statistics and any normalization there is nothing to judge."""
        inputs = context.model.network.input_layers
        if not inputs:
            return "the graph has no input layer"
        if any(normalization_steps(context.model, context.script, layer) for layer in inputs):
            return ""
        if is_script_unread(context):
            return NotChecked(
                "the model script cannot be read and may hold a normalization",
                "correct the model script",
            )
        if any(input_statistics(context, layer) for layer in inputs):
            return ""
        return NotChecked(
            "the archive holds neither input statistics nor a normalization", context.without_data
        )

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Judge every input, then the script lines that are about no input."""
        names = free_layer_names(context.model, context.script, "normalization")
        reported: set[int] = set()
        for layer in context.model.network.input_layers:
            entry = normalized_input(context, layer)
            for step, before in entry.steps_with_statistics():
                # A line without an input is about all of them, but is one line to correct.
                if step.line not in reported and (
                    found := self._judge_constants(context, entry, step, before, names)
                ):
                    reported |= {step.line} - {0}
                    yield found
            if entry.steps or not is_script_unread(context):
                yield from self._judge_values(context, entry, names)
        for step in script_steps(context.script):
            if step.line not in reported and (wrong := complaint(step, frozenset())):
                yield malformed(step, wrong, names)

    def _judge_values(
        self, context: Context, entry: NormalizedInput, names: Iterator[str]
    ) -> Iterator[Finding]:
        # Random numbers, and what a cast has left, say nothing of normalization.
        found: list[Finding] = []
        if not mean_nothing(context, entry.layer):
            found += self._wrong_count(context, entry, names)
            yield from found or self._not_normalized(context, entry, names)
        if not found and context.measured(entry.layer.name):
            # Correct data do not mend an archive that was calibrated on others.
            calibrated = as_calibrated(context)
            archived = normalized_input(calibrated, entry.layer)
            yield from self._wrong_count(calibrated, archived, names)

    def _wrong_count(
        self, context: Context, entry: NormalizedInput, names: Iterator[str]
    ) -> Iterator[Finding]:
        """Normalized not at all, or once more than it should be; at most one of these."""
        if not entry.steps:
            yield from missing(context, entry, names, self.LIMITS)
        elif pair := doubled(entry.steps):
            yield normalized_twice(entry, *pair, names)
        else:
            yield from self._twice(context, entry, names)

    def _judge_constants(
        self,
        context: Context,
        entry: NormalizedInput,
        step: NormalizationStep,
        before: ChannelStatistics | None,
        names: Iterator[str],
    ) -> Finding | None:
        if wrong := complaint(step, entry.channels):
            return malformed(step, wrong, names, entry.channels, (entry.layer.name, *step.layers))
        if not step.is_computable:
            return None
        if self._has_wrong_unit(entry, step, before):
            return in_unit_range(entry, step, names)
        if own_constants.unlike_own_constants(entry):
            return own_constants.of_other_data(entry)
        if found := own_constants.of_other_family(context, entry, step, names):
            return found
        return unusual(entry, step) if entry.may_hold_images and not step.is_known else None

    def _has_wrong_unit(
        self, entry: NormalizedInput, step: NormalizationStep, before: ChannelStatistics | None
    ) -> bool:
        if doubled(entry.steps) or not self.LIMITS.is_raw(before):
            return False
        return is_in_unit_range(step.mean, step.std) and (entry.is_image_like or step.is_known)

    def _twice(
        self, context: Context, entry: NormalizedInput, names: Iterator[str]
    ) -> Iterator[Finding]:
        whole = joined(entry.steps)
        maximum = expected_maximum(whole.mean, whole.std) if whole else None
        if whole is None or maximum is None:
            return
        low, high = varying_range(entry.values)
        if normalized_before(entry, self.LIMITS.pixels):
            is_signed = self.LIMITS.pixels.are_signed(low, high)
            stored = input_statistics(as_calibrated(context), entry.layer)
            is_archive_right = stored is not None and self.LIMITS.is_raw(stored.values)
            yield Finding(
                id="data-normalized-twice",
                severity=Severity.ERROR,
                headline="The data were normalized before, and the chip normalizes them again",
                evidence=f"{entry.place} expects values from 0 to {maximum:g}; "
                f"{entry.layer.described()} reaches {entry.reach}",
                quotation=FOR_PIXELS if maximum == WHITE else "",
                why=ALMOST_CONSTANT if maximum == WHITE else UNLIKE_TRAINING,
                remedy=remedy_for_normalized_data(
                    entry,
                    whole,
                    names,
                    maximum,
                    is_signed=is_signed,
                    is_archive_right=is_archive_right,
                    line=_restoring(context, entry, is_archive_right=is_archive_right),
                ),
                command="" if is_archive_right else quantize_again(context, _right_data(context)),
                layers=entry.layers,
                measured={"low": low, "high": high, "expected_high": maximum},
                holds_for_any_calibration=context.measured(entry.layer.name) is not None,
            )

    def _not_normalized(
        self, context: Context, entry: NormalizedInput, names: Iterator[str]
    ) -> Iterator[Finding]:
        first = first_answer(context, entry.layer)
        breach = self.LIMITS.breach(entry, first)
        if entry.after is None or breach is None:
            return
        is_error = self.LIMITS.is_judged_as_image(entry, first)
        is_example = self.LIMITS.is_raw(entry.values) and self.LIMITS.exceeds(first)
        shown = unlike_training(context, entry.layer, first, self.LIMITS.highest_first_std)
        doubtful = Severity.WARNING if shown else Severity.INFO
        yield Finding(
            id="data-not-normalized",
            severity=Severity.ERROR if is_error else doubtful,
            headline="Even after the normalization on the chip the values are too large or too "
            "small"
            if entry.steps
            else "The values that enter the network are not normalized",
            evidence=_joined(
                breach.described(self.LIMITS.bounds, entry.layer.described()),
                f"{means_and_stds(entry.after.values)}, {entry.after.source}",
                first.text,
                *shown,
            ),
            why=UNLIKE_TRAINING,
            remedy=as_in_training(entry, is_error, example_line(entry, names))
            if is_example
            else as_in_training(entry, is_error, needs_other=bool(shown)),
            layers=entry.layers,
            measured=breach.measured | first.measured,
        )


def _restoring(context: Context, entry: NormalizedInput, *, is_archive_right: bool) -> str:
    """The line of numpy that makes the data given into raw pixels; "" if none is known."""
    seen = seen_at(context, entry.layer)
    if entry.values is None or not context.measured(entry.layer.name):
        return ""
    if seen is not None and holds_flags(seen):
        return ""  # nothing restores what was rounded
    recipe = recipe_of(context, entry.layer)
    if recipe and is_archive_right:
        return recipe.line
    # What makes them into those of a wrong calibration may tell their order, but not their size.
    order = recipe.view.expression if recipe else "x"
    return pixels_restored(entry.values, preparations(entry.values.channels), order)


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def _right_data(context: Context) -> str:
    """The file to calibrate on: the one that was given, where only the archive saw others."""
    is_unseen = not context.measurements and not context.data_failed
    return given_set(context, CHANGED) if is_unseen else CHANGED
