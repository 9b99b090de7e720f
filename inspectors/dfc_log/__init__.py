"""What the compiler's log says and the archive does not."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inspectors.agreement.judgement import is_all_kept, spared
from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.dfc_log.contradictions import log_differs
from inspectors.dfc_log.course import course_of_the_run
from inspectors.dfc_log.data import PixelLimits, RatioLimits, noisy_outputs, wrong_normalization
from inspectors.dfc_log.failed_runs import failed_runs
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
    NOTHING_TO_GAIN,
    higher_level,
    images_at_hand,
    larger_calibration,
    remedy_for,
)
from utils.facts.log_lines import LogFact
from utils.facts.optimization_levels import (
    ACCURACY_STEPS,
    DEFAULT_CALIBRATION_SIZE,
    DEFAULT_LEVEL,
    RECOMMENDED_IMAGES,
)
from utils.findings import Finding, Severity
from utils.model_script.calibration_size import requested_calibration_size
from utils.model_script.optimization_requests import requested_flavor
from utils.side_files.log_events import LogEvent
from utils.wording import listed, plural


class DfcLogInspector(BaseInspector):
    """What did the compiler do silently, according to its log?

    The decisive lines of a log are easily missed: most are printed as [info] among hundreds of
    others. Pass ``hailo_sdk.client.log``, ``acceleras.log`` or the saved output of the console
    with ``--dfc-log``, several if you like. Logs are appended to, and networks share them: of each
    file the last run of this network counts that was done ("Model Optimization is done"), and what
    two files both say counts once. A log that says of no run that it was done is an excerpt, whose
    last run counts. Other networks are named, and nothing of them is reported. Lines that a
    terminal wrapped are joined. What is not understood is counted, and never guessed. What the
    archive itself tells is left to the inspectors that read it: stored shift deltas to
    WeightsInspector, statistics of the inputs to NormInspector, SNRs that were measured to
    NoiseInspector, 4-bit weights to CompressionInspector, the chip to TargetInspector.

    - `dfc-run-failed` (info, warning or error): the last run of this network in the log ended in an
      exception, so it made no archive. What is known of the message is said with what helps: memory
      of the GPU ("GPU memory has been exhausted"), NaN ("Unsupported NaN values were found in
      params"), the shape of the data ("BadInputsShape"), NMS ("UnsupportedMetaArchError", "doesn't
      have one output layer", "KeyError: 'bbox_decoders'"), scales that cannot be reached ("Desired
      shift is N, but op has only 8 data bits", "does not support shift delta"), "Matmul without
      transpose input and with negative range is not supported", average pools ("Shift delta in ...
      is larger than 2"), the model script ("Parsing failed at", "No argument named"), what the
      parser refuses ("Unable to find end node names", "UnsupportedModelError"), layers behind the
      heads ("expected conv but found ..."), the chip that is full ("Agent infeasible"), contexts
      ("Context switch is disabled"), a crash of the compiler, its command line, and the machine:
      memory ("exit code 137"), disk, rights, processor, system, libraries of the GPU, Python. Of
      others it is said that they are not known: search for them word for word, or leave the step
      out that died, where optimization goes on without it. A run that was interrupted from the
      keyboard is a warning, or an info behind one that was done; an unknown error behind the
      optimization is a warning.
    - `dfc-log-differs` (warning): the log and the archive disagree on the level, or on whether bias
      correction, AdaRound or finetune ran. Either the archive is not of that run, or the log is not
      of this archive; nothing else of the log is judged.
    - `dfc-random-calibration` (error): the logged command has "--use-random-calib-set". Quantize
      again on real data.
    - `dfc-training-cut` (warning): "Training cut by the user": the weights are those of that
      moment. Let finetuning run to its end.
    - `dfc-training-diverged` (error): a loss of finetuning was "nan", after which weights are
      NaN. Finetune with a lower learning rate, or not at all.
    - `dfc-analysis-missing` (info): "Layer Noise Analysis will not generate statistics", as the
      memory of the GPU was full: the archive holds no noise analysis. Pass the data with -d
      instead.
    - `dfc-level-reduced` (info or warning): "Reducing optimization level to N", with the reason and
      the steps that were skipped; an info where 16 samples or more show that every output decides
      as in float, or is clear where its kind is unknown. Without a GPU try level 1, with one and
      few images level 2, and compare the accuracy. The compiler uses a GPU only if less than 5 % of
      its memory is in use, or if CUDA_VISIBLE_DEVICES names it.
    - `dfc-calibration-entries` (info or warning): "Using dataset with N entries for calibration";
      a warning below 64, the compiler's default, and where the model script asks for more than
      were taken. Where the log names steps, only entries between the start and the end of the
      Statistics Collector count. Raise `calibset_size`, or supply more data.
    - `dfc-no-shift` (info or warning): "No shifts available for layer ..., using max shift
      instead": the weights were shrunk by more than 0.1 bit, a warning above 0.5 bit; for 16-bit
      weights, which can spare it, no more than an info. Try a scale for each output channel, and
      look at the normalization.
    - `dfc-bits-reduced` (info, warning or error): "Reducing output bits of ... (More than half)":
      at most 6 bits are left of a layer's output, error from 4 bits down. Try a scale for each
      output channel, and look at the normalization, and at an average pool in front of the layer.
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
        """Say what in the logs is not about this archive, and what cannot be read."""
        yield from own_runs(context).refused

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what went wrong, what was lowered, then what happened to layers and data."""
        own = own_runs(context)
        yield from failed_runs(context, own)
        yield from log_differs(own.contradicted)
        yield from course_of_the_run(context, own)
        yield from self._level(context, own)
        yield from self._calibration(context, own)
        yield from wrong_normalization(context, own, self.PIXELS)
        yield from shrunken_weights(context, own, self.BITS)
        yield from reduced_outputs(context, own, self.BITS)
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
        reason = _reason(event)
        finding = Finding(
            id="dfc-level-reduced",
            severity=Severity.WARNING,
            headline="The compiler lowered its optimization level by itself",
            evidence=f"level {level}{f', {listed(skipped)} skipped' if skipped else ''}",
            why=reason,
            remedy=remedy_for(context, level) or _without_lines(level),
            quotation=event.text,
            measured={"optimization_level": level},
            recommendation=higher_level(context, level),
            location=event.location,
        )
        is_spared = is_all_kept(context)
        yield spared(finding, f"{reason} {NOTHING_TO_GAIN}") if is_spared else finding

    def _calibration(self, context: Context, own: OwnRuns) -> Iterator[Finding]:
        event = own.one(LogFact.CALIBRATION_ENTRIES)
        if event is None:
            return
        used, images = int(event.value), images_at_hand(context)
        asked = requested_calibration_size(context.script)
        is_all = images is not None and used >= images
        # That the data are too few is said where they are judged.
        is_known = images is not None and images < DEFAULT_CALIBRATION_SIZE
        is_few = used < DEFAULT_CALIBRATION_SIZE and not is_known
        is_short = used < asked > DEFAULT_CALIBRATION_SIZE and not is_all
        more = images is not None and images >= self.MANY_TIMES * used and used < RECOMMENDED_IMAGES
        remedy = ""
        if is_short:
            remedy = "Check that the data hold as many samples, and that this script was loaded."
        elif more:
            remedy = CALIBRATE_ON_MORE
        elif is_few:
            remedy = f"Calibrate again on at least {DEFAULT_CALIBRATION_SIZE} samples."
        yield Finding(
            id="dfc-calibration-entries",
            severity=Severity.WARNING if is_few or is_short else Severity.INFO,
            headline=_calibrated(is_few=is_few, is_short=is_short, more=more),
            evidence=_entries(own, used, images, asked if is_short else None, is_few=is_few),
            why="Ranges that few samples decide may not fit others." if is_few or is_short else "",
            remedy=remedy,
            quotation=event.text,
            measured={"used": used} | ({} if images is None else {"samples": images}),
            recommendation=larger_calibration(images) if more and images and not is_short else None,
            location=event.location,
        )


def _entries(
    own: OwnRuns, used: int, images: int | None, asked: int | None, *, is_few: bool
) -> str:
    tuned = own.one(LogFact.FINETUNE_ENTRIES)
    facts = (
        f"{plural(used, 'sample')}{f' of {images:,}' if images else ''}",
        f"the model script asks for {asked:,}" if asked else "",
        f"the default is {DEFAULT_CALIBRATION_SIZE}" if is_few and not asked else "",
        f"and {tuned.value:,.0f} for finetuning" if tuned else "",
    )
    return ", ".join(filter(None, facts))


def _reason(event: LogEvent) -> str:
    """Why the level is lower, as far as the log gives a reason."""
    reason = event.reason.lower()
    if "gpu" in reason:
        return "The compiler found no GPU that it may use."
    if "less data" in reason:
        return (
            f"The compiler found fewer images than the {RECOMMENDED_IMAGES:,} that it recommends."
        )
    return "The compiler does less for the accuracy at a lower level."


def _without_lines(level: int) -> str:
    if level < DEFAULT_LEVEL:
        return MORE_IMAGES
    return "Mend what the log gives as the reason, and optimize again."


def _calibrated(*, is_few: bool, is_short: bool, more: bool) -> str:
    if is_short:
        return "The compiler calibrated on fewer samples than the model script asks for"
    if is_few:
        return "The compiler calibrated on very few samples"
    if more:
        return "The compiler calibrated on a small part of the data"
    return "The compiler logged on how many samples it calibrated"
