"""What the compiler's log says and the archive does not."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.dfc_log.data import PixelLimits, RatioLimits, noisy_outputs, wrong_normalization
from inspectors.dfc_log.layers import (
    BitLimits,
    changed_activations,
    reduced_outputs,
    shrunken_weights,
)
from inspectors.dfc_log.own_runs import OwnRuns, own_runs
from inspectors.optimization_flow.remedies import (
    CALIBRATE_ON_MORE,
    MORE_IMAGES,
    higher_level,
    images_at_hand,
    larger_calibration,
    remedy_for,
)
from inspectors.optimization_flow.requests import requested_flavor
from utils.facts.log_lines import LogFact
from utils.facts.optimization_levels import (
    ACCURACY_STEPS,
    DEFAULT_CALIBRATION_SIZE,
    DEFAULT_LEVEL,
    RECOMMENDED_IMAGES,
)
from utils.findings import Finding, Severity
from utils.side_files.dfc_log import LogEvent
from utils.wording import listed, plural


class DfcLogInspector(BaseInspector):
    """What did the compiler do silently, according to its log?

    The decisive lines of a log are easily missed: most are printed as [info] among hundreds of
    others. Pass ``hailo_sdk.client.log``, ``acceleras.log`` or the saved output of the console
    with ``--dfc-log``, several if you like. Logs are appended to: of each file the last run counts
    whose layers and optimization level are those of the archive, and what two files both say
    counts once. A log of another network, or of another run, is named, and nothing of it reported.
    What the archive itself tells is left to the inspectors that read it: stored shift deltas to
    WeightsInspector, statistics of the inputs to NormInspector, SNRs that were measured to
    NoiseInspector, 4-bit weights to CompressionInspector, the chip to TargetInspector.

    - `dfc-level-reduced` (warning): "Reducing optimization level to N", with the reason and the
      steps that were skipped. Without a GPU try level 1, with one and few images level 2, and
      compare the accuracy. The compiler uses a GPU only if less than 5 % of its memory is in use,
      or if CUDA_VISIBLE_DEVICES names it.
    - `dfc-calibration-entries` (info or warning): "Using dataset with N entries for calibration";
      a warning below 64, the compiler's default. Raise `calibset_size`, or supply more data.
    - `dfc-no-shift` (info or warning): "No shifts available for layer ..., using max shift
      instead": the weights were shrunk by more than 0.1 bit, a warning above 0.5 bit; for 16-bit
      weights, which can spare it, no more than an info. Try a scale for each output channel, and
      look at the normalization.
    - `dfc-bits-reduced` (info, warning or error): "Reducing output bits of ... (More than half)":
      at most 6 bits are left of a layer's output, error from 4 bits down, or quantization failed
      ("Desired shift is N, but op has only 8 data bits"). Try a scale for each output channel,
      and look at the pooling in front of these layers and at the normalization.
    - `dfc-range-forced` (info): the compiler put the range of a sigmoid output to [0, 1], or a
      sigmoid on an output. Nothing needs to be done if the output is a probability.
    - `dfc-not-normalized` (info, warning or error): "The calibration set seems to not be
      normalized": an info, as it costs time on the host but no accuracy, a warning for values up
      to 255; "The expected calibration set should be [0, 255]": an error if the data were
      normalized before, else a warning. Pass raw pixels and normalize on the chip.
    - `dfc-output-snr` (info, warning or error): the compiler measured less than 25 dB at an
      output, warning below 20, error below 10; for a regression or an embedding warning below 30.
      Pass the data with -d to find the cause.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.NOTHING

    BITS = BitLimits(
        shift_info=0.1,  # bits of the weights
        shift_warning=0.5,  # the weights lose a third of their codes
        left_error=4,  # bits, 16 levels; outputs with 2 and 3 bits left made a network useless
        left_warning=6,  # bits, 64 levels
    )
    PIXELS = PixelLimits(
        unit=1.05,  # 1, with what resizing adds
        negative=-0.01,
        raw=(32.0, 255.5),  # dark pictures reach no further than 32
    )
    MANY_TIMES = 4  # as many samples as calibration took; with fewer it has seen a good share
    RATIOS = RatioLimits(  # in dB
        error=10.0,  # Hailo's own mark: noise has a tenth of the signal's power
        warning=20.0,  # a hundredth
        info=25.0,  # a robot driven by features of 19 to 26 dB is reported to fail every task
        quantity=30.0,  # rms error of 3 %
    )

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without a log there is nothing to read."""
        if context.dfc_logs:
            return ""
        return NotChecked(
            "without a log, what the compiler did silently is not known",
            "pass the compiler's log with --dfc-log",
        )

    def not_checked(self, context: Context) -> Iterator[NotChecked]:
        """Say which logs are not about this archive."""
        yield from own_runs(context).refused

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what was lowered, then what happened to layers, inputs and outputs."""
        own = own_runs(context)
        yield from self._level(context, own)
        yield from self._calibration(context, own)
        yield from wrong_normalization(context, own, self.PIXELS)
        yield from shrunken_weights(context.model, own, self.BITS)
        yield from reduced_outputs(context.model, own, self.BITS)
        yield from changed_activations(context.model, own)
        yield from noisy_outputs(context, own, self.RATIOS)

    def _level(self, context: Context, own: OwnRuns) -> Iterator[Finding]:
        event = own.one(LogFact.LEVEL_REDUCED)
        if event is None and context.model.optimization_level is None:
            # The archive does not tell, so the next best line has to.
            asked = requested_flavor(context.script, "optimization_level")
            event = own.one(LogFact.LEVEL_ZERO) if asked is None else None
        if event is None:
            return
        level = 0 if math.isnan(event.value) else int(event.value)
        skipped = [name for name in own.skipped_steps if name in ACCURACY_STEPS]
        yield Finding(
            id="dfc-level-reduced",
            severity=Severity.WARNING,
            headline="The compiler lowered its optimization level by itself",
            evidence=f"level {level}{f', {listed(skipped)} skipped' if skipped else ''}",
            why=_reason(event),
            remedy=remedy_for(context, level) or _without_lines(level),
            quotation=event.text,
            measured={"optimization_level": level},
            recommendation=higher_level(context, level),
            location=event.location,
        )

    def _calibration(self, context: Context, own: OwnRuns) -> Iterator[Finding]:
        event = own.one(LogFact.CALIBRATION_ENTRIES)
        if event is None:
            return
        used, images = int(event.value), images_at_hand(context)
        tuned = own.one(LogFact.FINETUNE_ENTRIES)
        # That the data are too few is said where they are judged.
        is_known = images is not None and images < DEFAULT_CALIBRATION_SIZE
        is_few = used < DEFAULT_CALIBRATION_SIZE and not is_known
        more = images is not None and images >= self.MANY_TIMES * used and used < RECOMMENDED_IMAGES
        remedy = ""
        if more:
            remedy = CALIBRATE_ON_MORE
        elif is_few:
            remedy = f"Calibrate again on at least {DEFAULT_CALIBRATION_SIZE} samples."
        yield Finding(
            id="dfc-calibration-entries",
            severity=Severity.WARNING if is_few else Severity.INFO,
            headline=_calibrated(is_few=is_few, more=more),
            evidence=f"{plural(used, 'sample')}{f' of {images:,}' if images else ''}"
            f"{f', the default is {DEFAULT_CALIBRATION_SIZE}' if is_few else ''}"
            f"{f', and {tuned.value:,.0f} for finetuning' if tuned else ''}",
            why="Ranges that few samples decide may not fit others." if is_few else "",
            remedy=remedy,
            quotation=event.text,
            measured={"used": used} | ({} if images is None else {"samples": images}),
            recommendation=larger_calibration(images) if more and images else None,
            location=event.location,
        )


def _reason(event: LogEvent) -> str:
    """Why the level is lower, as far as the log gives a reason."""
    reason = event.reason.lower()
    if "gpu" in reason:
        return "The compiler found no GPU that it may use."
    if "less data" in reason:
        return "The compiler found fewer images than it wants."
    return "The compiler does less for the accuracy at a lower level."


def _without_lines(level: int) -> str:
    if level < DEFAULT_LEVEL:
        return MORE_IMAGES
    return "Mend what the log gives as the reason, and optimize again."


def _calibrated(*, is_few: bool, more: bool) -> str:
    if is_few:
        return "The compiler calibrated on very few samples"
    if more:
        return "The compiler calibrated on a small part of the data"
    return "The compiler logged on how many samples it calibrated"
