"""What the ranges of the archive cost on the data given, as a trial in emulation shows it."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.held_out_trials import severity_of, why_not_tried
from inspectors.narrow_ranges import narrowing_lines
from inspectors.optimization_flow.remedies import calibrated_again
from inspectors.quantizing_again import ON_THESE, given_set, quantize_again
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.measurements.agreement import trial as outcomes
from utils.measurements.recalibration import RecalibrationTrial, ends_elsewhere
from utils.measurements.spread import spread_of
from utils.model_script.range_settings import range_lines
from utils.quantizer.recalibrated import has_stored_statistics
from utils.wording import listed, without_scope


class RecalibrationInspector(BaseInspector):
    """Would a calibration on the data given bring back what the chip loses?

    The archive holds the range that calibration saw of every layer, and no other. Where an output
    loses something, and some range of these data ends elsewhere by more than a fifth of its width,
    this tool quantizes the network again by the compiler's rules, with the ranges of all samples
    that it measures. Half of the samples that it keeps judge it. The same is done with the ranges
    that the archive stores, so that what the ranges gain is told from what else differs. Precision
    and equalization stay as they are, and biases are corrected if the compiler corrected them; what
    a script clips, and finetuning, are left out. Nothing is tried where corrected biases are found
    to be enough, and no gain is told where a line of the model script sets a range that ends
    elsewhere, or cuts it at percentiles that leave out as many values as lie beyond it: it would do
    so again. It takes data, at least 16 samples.

    - `calibration-costs` (info or warning): with the ranges of these data half of what is lost or
      more comes back at every output, over the archive and over its ranges quantized again.
      A warning as well where the kind of an output below 15 dB is not known, and 12 dB come back.
      Each decibel more that comes back lifts these 15 dB by half a decibel, up to 20 dB.
      Quantize again on these data, if the network will see such data, with the line for
      calibset_size where the script lets calibration see fewer of them.
    - `calibration-not-to-blame` (info): with the ranges of these data no output gains anything,
      and the stored ranges quantized again lose what the archive loses. Another calibration will
      not help.
    """

    PRIORITY = Priority.HIGH
    NEEDS = (
        Need.NOISE
        | Need.OUTPUT_STATISTICS
        | Need.PREACTIVATION_STATISTICS
        | Need.SENSITIVITY
        | Need.HISTOGRAMS
        | Need.RECALIBRATION
    )

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so where no ranges are stored, or nothing was measured."""
        if not has_stored_statistics(context.model):
            return "the archive does not hold what calibration saw of its layers"
        return why_not_tried(context, "a calibration is")

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Say where lines of the script come first."""
        yield from super().not_checked(context)
        if names := _set_by_lines(context):
            places = listed([without_scope(name) for name in names])
            yield f"what another calibration gains, as lines of the script set ranges of {places}"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what the trial showed."""
        trial = context.measurements.recalibration if context.measurements else None
        if trial is None:
            return
        if trial.shows_gain and not _set_by_lines(context):
            yield _costs(context, trial)
        elif trial.shows_no_gain:
            yield _not_to_blame(trial)


def _set_by_lines(context: Context) -> list[str]:
    """Layers whose range a line of the script sets, elsewhere than these data end.

    Whatever calibration sees, such a line sets the same range again, or cuts off as many values.
    """
    network = context.model.network
    return [
        layer.name
        for layer in network
        if _ends_elsewhere(context, layer.name) and _is_set_by_line(context, layer)
    ]


def _is_set_by_line(context: Context, layer: Layer) -> bool:
    lines = range_lines(context.script, context.model.network, [layer.name])
    if not lines or any(line.span for line in lines):
        return bool(lines)
    spread = spread_of(context.model, layer, context.measured(layer.name), tail_values=0)
    return spread is not None and bool(narrowing_lines(context, [spread]))


def _ends_elsewhere(context: Context, name: str) -> bool:
    stored, measured = context.model.stored_statistics(name, "output_0"), context.measured(name)
    if stored is None or measured is None:
        return False
    return ends_elsewhere(measured.output, stored)


def _costs(context: Context, trial: RecalibrationTrial) -> Finding:
    facts = (
        f"quantized again with the ranges of these data: {trial.described()}",
        *_by_ranges_alone(trial),
        trial.on_which_samples(),
    )
    remedy, line = calibrated_again(context, ON_THESE)
    return Finding(
        id="calibration-costs",
        severity=severity_of(context, trial, Severity.WARNING),
        headline="Calibrated on these data, the network would lose less",
        evidence="; ".join(facts),
        why="Codes are spread over the ranges that calibration saw. Those of these data end "
        "elsewhere.",
        remedy=remedy,
        layers=trial.reached,
        measured=trial.measured,
        # Without the line the compiler would see as few of the samples as before.
        recommendation=line,
        command="" if line else quantize_again(context, given_set(context)),
        gain=trial.gain,
    )


def _by_ranges_alone(trial: RecalibrationTrial) -> Iterator[str]:
    """What the ranges gain where quantizing the stored ones again gives something else."""
    if not trial.is_made_alike:
        gained = outcomes.described(trial.as_stored, trial.after)
        yield f"the same beside the stored ranges, quantized again as well: {gained}"


def _not_to_blame(trial: RecalibrationTrial) -> Finding:
    facts = (
        f"quantized again with the ranges of these data: {trial.described()}",
        trial.on_which_samples(),
    )
    return Finding(
        id="calibration-not-to-blame",
        severity=Severity.INFO,
        headline="Another calibration would bring nothing back",
        evidence="; ".join(facts),
        why="What the outputs lose does not come from the ranges that calibration saw.",
        remedy="Do not calibrate again for that: look at the other findings.",
        layers=tuple(trial.before),
        measured=trial.measured,
    )
