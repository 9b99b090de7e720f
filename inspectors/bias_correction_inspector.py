"""What the chip loses because nobody corrected the biases, as a trial in emulation shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from inspectors.agreement.judgement import bounded, is_all_kept
from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.bias_correction import (
    bias_trial,
    how_to_correct,
    is_worth_it,
    tried_lines,
)
from inspectors.held_out_trials import why_not_tried
from utils.findings import Finding, Severity
from utils.har.algorithms_run import lacks_bias_correction
from utils.measurements.agreement.wording import in_words
from utils.measurements.bias_trial import BiasTrial


class BiasCorrectionInspector(BaseInspector):
    """Would bias correction bring back what the chip loses, where the compiler left it out?

    Rounded weights shift the mean of every channel that they compute, and the shifts of all layers
    add up. From optimization level 1 on the compiler measures them and changes the biases, which
    costs nothing on the chip; at level 0, which it takes by itself where it finds no GPU, it does
    not. Where an archive shows that biases were not corrected and nothing was trained, and an
    output would need 16 bit, or has less than 30 dB that are mostly an offset, this tool corrects
    them itself: layer by layer it brings the mean of the sums to that of the float network,
    measured on every other one of the samples that it keeps. The samples between judge what it
    gains. How the compiler does it in detail is not published, so its gain may differ. It takes
    data, at least 16 samples.

    - `bias-correction-missing` (info or warning): with corrected biases every output comes where a
      16-bit plan would have to bring it, so no plan is searched for. Quantize again with the line,
      and compare.
    - `bias-correction-helps` (info or warning): some output gains a decision or 1 dB and none
      loses any, but that is not enough, or no 16 bit would be needed. A warning where half of what
      is lost comes back and no 16-bit plan mends all, or where such a plan has 16 bit for more than
      half of the multiply-accumulates: take the line first, as it costs nothing. Not said where 16
      samples or more show that nothing is lost.
    """

    PRIORITY = Priority.LOW
    NEEDS = Need.NOISE | Need.SENSITIVITY | Need.BIAS_TRIAL

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so where biases were corrected, or nothing was measured."""
        if not lacks_bias_correction(context.model):
            return "the archive does not show that bias correction was left out"
        return why_not_tried(context, "bias correction is")

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what the trial gained."""
        trial = bias_trial(context)
        if trial is not None and trial.helps and not is_all_kept(context):
            yield _found(context, trial)


def _found(context: Context, trial: BiasTrial) -> Finding:
    outputs = trial.reached
    facts = (
        trial.described(),
        *_still_lost(trial),
        trial.on_which_samples(),
        _why_not_run(context),
    )
    severity = Severity.WARNING if is_worth_it(context) else Severity.INFO
    finding = Finding(
        id="bias-correction-missing",
        severity=bounded(context, severity, outputs),
        headline="Bias correction would mend the outputs, but did not run",
        evidence="; ".join(facts),
        why="Rounding shifts the mean of every channel. A bias takes that back, and costs "
        "nothing on the chip.",
        remedy=how_to_correct(context),
        layers=outputs,
        measured=trial.measured,
        recommendation=tried_lines(context),
    )
    if trial.suffices:
        return finding
    headline = "Bias correction would take noise away, but did not run"
    return replace(finding, id="bias-correction-helps", headline=headline)


def _still_lost(trial: BiasTrial) -> Iterator[str]:
    """Where another measure is the worst one afterwards, what that says."""
    for name, after in trial.after.items():
        worst = after.deciding
        if after.severity is not None and worst and worst != trial.before[name].deciding:
            yield f"still lost at {name}: {in_words(worst, after.measures[worst])}"


def _why_not_run(context: Context) -> str:
    level = context.model.optimization_level
    if level is not None and level <= 0:
        return f"optimization level {level} has none"
    return "the archive records that it did not run"
