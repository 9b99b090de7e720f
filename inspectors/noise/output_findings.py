"""Findings about the outputs themselves: how far they are off, and which cannot be judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import Context
from inspectors.noise.outputs import JudgedOutput, WantedRatios, reasons_not_judged
from inspectors.noise.remedies import remedy_for_output
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.measurements.noise import NoiseMeasurements
from utils.wording import itemized

_HOW_MUCH = {Severity.ERROR: "strongly", Severity.WARNING: "clearly", Severity.INFO: "a little"}


def low_outputs(
    wanted: WantedRatios,
    context: Context,
    outputs: Sequence[JudgedOutput],
    causes: Sequence[Finding],
) -> Iterator[Finding]:
    """One finding for each severity, the worst output first.

    Parameters
    ----------
    causes : findings about causes, in the order in which they are to be considered.
    """
    severities = {}
    for output in outputs:
        if (own := wanted.severity(output)) is not None:
            severities[output] = bounded(context, own, [output.layer.name])
    for severity in sorted(Severity, reverse=True):
        low = [output for output in outputs if severities.get(output) is severity]
        if low:
            low.sort(key=lambda output: output.snr_db)
            yield _low(wanted, context, severity, low, causes)


def _low(
    wanted: WantedRatios,
    context: Context,
    severity: Severity,
    low: Sequence[JudgedOutput],
    causes: Sequence[Finding],
) -> Finding:
    network, worst = context.model.network, low[0]
    why = remedy = ""
    if severity > Severity.INFO:
        why = "The chip may decide differently from the float network."
        remedy = remedy_for_output(context, worst.layer.name, worst.snr_db, causes)
    names = {output.layer.name for output in low}
    return Finding(
        id="output-snr-low",
        severity=severity,
        headline=f"{_subject(network)} {_HOW_MUCH[severity]} from the float network",
        evidence=itemized([output.described(wanted.remark(output)) for output in low]),
        why=why,
        remedy=remedy,
        layers=tuple(layer.name for layer in network.output_layers if layer.name in names),
        measured={output.layer.name: output.snr_db for output in low},
    )


def _subject(network: Network) -> str:
    one = len(network.output_layers) == 1
    return "The output of the chip differs" if one else "Outputs of the chip differ"


def outputs_not_judged(network: Network, noise: NoiseMeasurements) -> Iterator[Finding]:
    """One finding for all outputs that no ratio can judge, with the reasons."""
    reasons = reasons_not_judged(network, noise)
    if reasons:
        yield Finding(
            id="output-snr-low",
            severity=Severity.INFO,
            headline="Not every output can be judged by its noise",
            evidence=itemized([f"{name}: {reason}" for name, reason in reasons.items()]),
            layers=tuple(reasons),
        )
