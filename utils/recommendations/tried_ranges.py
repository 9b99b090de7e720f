"""What becomes of a finding whose recommended ranges were tried."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from utils.findings import Finding, Severity
from utils.jobs.range_trial import RangeTrial
from utils.measurements.agreement.outcome import Outcomes

_CONFIRMED = ("a trial confirms it", "a trial confirms it for all other samples")


def settled(finding: Finding, trials: Mapping[str, RangeTrial]) -> Finding:
    """The finding after its ranges were tried: proven, or no more than an info.

    A range that helps no output is nothing to be warned of, and is not recommended. One that
    gains less than a decibel is offered, but comes before nothing. A finding whose ranges were not
    all tried stays as it is.
    """
    recommendation = finding.recommendation
    if recommendation is None or not recommendation.ranges:
        return finding
    if not recommendation.ranges.keys() <= trials.keys():
        return finding
    # Layers that were changed at once share their trial, whose words are then the same.
    tried = [trials[layer] for layer in recommendation.ranges]
    numbers = "; ".join(dict.fromkeys(trial.described() for trial in tried))
    measured = {
        **finding.measured,
        "output_snr_before_db": _lowest(trial.before for trial in tried),
        "output_snr_after_db": _lowest(trial.after for trial in tried),
    }
    gain = next(filter(None, (trial.gain for trial in tried)), None)
    few = recommendation.gives_up_few
    if all(trial.serves_most if few else trial.accepted for trial in tried):
        return replace(
            finding,
            severity=finding.severity if any(trial.helps for trial in tried) else Severity.INFO,
            evidence=_joined(finding.evidence, f"{_CONFIRMED[few]}: {numbers}"),
            measured=measured,
            recommendation=replace(recommendation, ranges={}, proven=True, gain=gain),
        )
    return replace(
        finding,
        severity=Severity.INFO,
        evidence=_joined(finding.evidence, f"a trial shows that it does not help: {numbers}"),
        remedy="",
        measured=measured,
        recommendation=None,
    )


def untried_eased(recommended: Sequence[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings that were not tried are an info where no other of their id was worth a warning.

    The ranges that narrow most are tried first, so the rest promises less.

    Parameters
    ----------
    recommended, after : the same findings before and behind the trials.
    """
    pairs = list(zip(recommended, after, strict=True))
    tried = [new for old, new in pairs if new is not old]
    easy = {each.id for each in tried} - {
        each.id for each in tried if each.severity > Severity.INFO
    }
    return tuple(
        replace(new, severity=Severity.INFO)
        if new is old and new.id in easy and new.recommendation and new.recommendation.ranges
        else new
        for old, new in pairs
    )


def _joined(*phrases: str) -> str:
    return "; ".join(filter(None, phrases))


def _lowest(tried: Iterable[Outcomes]) -> float:
    every = (outcome.snr_db for outcomes in tried for outcome in outcomes.values())
    return min((db for db in every if not math.isnan(db)), default=math.nan)
