"""What a log says of the data that went in and of the noise that came out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.dfc_log.judged import JudgedEvent, by_severity, described, layers_of, texts_of
from inspectors.dfc_log.own_runs import OwnRuns, layer_of
from inspectors.noise.outputs import NumberKind, number_kind
from inspectors.normalization.judged_input import input_statistics
from utils.facts.log_lines import LogFact
from utils.findings import Finding, Severity
from utils.side_files.log_events import LogEvent


@dataclass(frozen=True)
class PixelLimits:
    """Which ranges are those of raw pixels.

    Parameters
    ----------
    unit : largest value of data that were divided before.
    negative : smallest value of raw pixels.
    raw : bounds of the largest value of raw pixels.
    """

    unit: float
    negative: float
    raw: tuple[float, float]

    def are_raw(self, low: float, high: float) -> bool:
        """Whether values of this range are pixels as they are stored."""
        return low >= self.negative and self.raw[0] <= high <= self.raw[1]

    def were_normalized(self, low: float, high: float) -> bool:
        """Whether values of this range cannot be raw pixels."""
        return high <= self.unit or low < self.negative


@dataclass(frozen=True)
class RatioLimits:
    """SNR at an output in dB below which it is a finding.

    Parameters
    ----------
    error, warning, info : for a finding of that severity.
    quantity : in place of `warning` for a regression or an embedding.
    """

    error: float
    warning: float
    info: float
    quantity: float

    def severity(self, snr_db: float, kind: NumberKind) -> Severity | None:
        """How much an SNR matters; None if it is high enough, or says nothing there."""
        if kind is NumberKind.SELECTION:
            return None
        if snr_db < self.error:
            # Small probabilities have a low ratio that does no harm; the log does not tell.
            return Severity.WARNING if kind is NumberKind.PROBABILITY else Severity.ERROR
        if snr_db < (self.quantity if kind is NumberKind.QUANTITY else self.warning):
            return Severity.WARNING
        return Severity.INFO if snr_db < self.info else None


def wrong_normalization(context: Context, own: OwnRuns, limits: PixelLimits) -> Iterator[Finding]:
    """Complaints about the range of the calibration set that no statistics tell."""
    inputs = context.model.network.input_layers
    statistics_tell = bool(inputs) and all(input_statistics(context, each) for each in inputs)
    for event in own.about(LogFact.NORMALIZED_TWICE):
        if not statistics_tell:
            yield _normalized_twice(event, limits)
    for event in own.about(LogFact.NOT_NORMALIZED):
        low, high = _range(event)
        is_raw = limits.are_raw(low, high)
        if not (is_raw and statistics_tell):
            yield _not_normalized(event, is_raw=is_raw)


def _normalized_twice(event: LogEvent, limits: PixelLimits) -> Finding:
    low, high = _range(event)
    is_certain = bool(event.numbers) and limits.were_normalized(low, high)
    return Finding(
        id="dfc-not-normalized",
        severity=Severity.ERROR if is_certain else Severity.WARNING,
        headline="The calibration data were normalized before the chip normalizes them again"
        if is_certain
        else "The compiler expected raw pixels in front of the normalization on the chip",
        evidence=_shown(event),
        why="After two normalizations the values are almost constant."
        if is_certain
        else "If the data were normalized before, they are normalized twice.",
        remedy="Pass the pixels as they are, or remove the normalization from the model script."
        if is_certain
        else "Check that the calibration set holds raw pixels from 0 to 255.",
        quotation=event.text,
        measured=_measured(event),
        location=event.location,
    )


def _not_normalized(event: LogEvent, *, is_raw: bool) -> Finding:
    return Finding(
        id="dfc-not-normalized",
        severity=Severity.WARNING if is_raw else Severity.INFO,
        headline="Calibration saw raw pixels, and the chip does not normalize them"
        if is_raw
        else "The chip does not normalize its input",
        evidence=_shown(event),
        why="A network that was trained on normalized images computes with far too large values."
        if is_raw
        else "This costs no accuracy, but the host has to scale every frame.",
        remedy="Add the normalization of the training to the model script, if the network was "
        "trained on normalized images."
        if is_raw
        else "",
        quotation=event.text,
        measured=_measured(event),
        location=event.location,
    )


def _range(event: LogEvent) -> tuple[float, float]:
    return (min(event.numbers), max(event.numbers)) if event.numbers else (math.nan, math.nan)


def _shown(event: LogEvent) -> str:
    low, high = _range(event)
    return f"values from {low:.4g} to {high:.4g}" if math.isfinite(low + high) else ""


def _measured(event: LogEvent) -> dict[str, float]:
    low, high = _range(event)
    return {"low": low, "high": high} if math.isfinite(low + high) else {}


def noisy_outputs(context: Context, own: OwnRuns, limits: RatioLimits) -> Iterator[Finding]:
    """Outputs whose SNR the compiler measured, where it was not measured anew."""
    model = context.model
    judged = []
    for event in sorted(own.about(LogFact.OUTPUT_SNR), key=lambda event: event.value):
        layer = layer_of(model, event.subject)
        is_output = layer is not None and model.network[layer].type == "output_layer"
        kind = number_kind(model.network, model.network[layer]) if layer and is_output else None
        severity = limits.severity(event.value, kind or NumberKind.OTHER)
        if severity and not (layer and _is_measured(context, layer)):
            text = f"{described(model, event.subject)} {event.value:.1f} dB"
            judged.append(JudgedEvent(event, severity, layer, text))
    remedy, command = "Pass the calibration set with -d to find the layers that lose accuracy.", ""
    if context.calibration is not None:
        # The noise could not be measured here, so what is left is the compiler's own analysis.
        remedy = "Find the layers that lose accuracy with the compiler's own analysis."
        command = "hailo analyze-noise model.har --data-path calib.npy"
    for severity, events in by_severity(judged):
        yield Finding(
            id="dfc-output-snr",
            severity=severity,
            headline="The compiler itself measured a low SNR where the network ends",
            evidence=texts_of(events),
            why="Rounding errors can change what is read from these outputs.",
            remedy=remedy,
            quotation=events[0].event.text,
            command=command,
            layers=layers_of(model, events),
            measured={
                f"SNR of {each.event.subject}": each.event.value
                for each in events
                if math.isfinite(each.event.value)
            },
            location=events[0].event.location,
        )


def _is_measured(context: Context, layer: str) -> bool:
    noise = context.measurements.noise if context.measurements else None
    return noise is not None and layer in noise.layers
