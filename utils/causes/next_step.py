"""The one thing to do first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from utils.causes import Cause, Diagnosis, NextStep
from utils.causes.consequences import LOST
from utils.causes.links import Link, link_of
from utils.causes.offers import is_offered, spoils_measurements
from utils.findings import Finding, Severity
from utils.wording import sentences

PLAN = "mixed-precision-plan"
# What no precision of layers mends: another network before quantization, another result behind it.
OUTSIDE = frozenset({Link.FLOAT, Link.DEVICE})
# The compiler refuses such a script as a whole, with all lines that are added to it.
REFUSED = frozenset(
    {
        "script-syntax",
        "script-unknown-command",
        "script-unknown-argument",
        "script-bad-value",
        "script-unknown-layer",
    }
)
DATA_FIRST = "Pass a data file that can be read with -d, and run again."
TRY_LINES = "Add these lines to the model script and quantize again."


def next_step(diagnosis: Diagnosis, findings: Iterable[Finding]) -> NextStep | None:
    """What is proven comes first, that of the first cause before all else.

    Unless it only works around what is wrong, or mends less than a worse first cause.

    It does where the calibration or the data are wrong, where the float network already is or the
    chip gives something else, and where the first cause can be taken out of the model. No lines are
    added to a script that the compiler refuses.

    Parameters
    ----------
    findings : all, since what a trial has proven may be folded under a cause.

    Returns
    -------
    None where nothing above an info was found, or nothing can be done about it.
    """
    pressing = [cause for cause in diagnosis.causes if cause.severity > Severity.INFO]
    first = _first_step(pressing, diagnosis, findings)
    if first is not None and first.is_script:
        refused = (c for c in pressing if c.finding.id in REFUSED and c.severity is Severity.ERROR)
        return next(filter(None, (_step(cause.finding) for cause in refused)), first)
    return first


def _first_step(
    pressing: Sequence[Cause], diagnosis: Diagnosis, findings: Iterable[Finding]
) -> NextStep | None:
    works_around = any(map(spoils_measurements, pressing)) or (
        bool(pressing)
        and (pressing[0].finding.removes_cause or link_of(pressing[0].finding.id) in OUTSIDE)
    )
    if pressing and not works_around:
        every = tuple(findings)
        is_lost = any(each.id in LOST and each.severity > Severity.INFO for each in every)
        for finding in (pressing[0].finding, *every):
            if _is_proven(finding) and _presses(finding, pressing[0], diagnosis, is_lost):
                return _step(finding)
    return next(filter(None, (_step(cause.finding) for cause in pressing)), None)


def mended_first(remedy: str, command: str) -> NextStep:
    """What to do about data that cannot be used, where no finding says so."""
    return NextStep("", sentences(remedy or DATA_FIRST), (command,) if command else ())


def _is_proven(finding: Finding) -> bool:
    return finding.recommendation is not None and finding.recommendation.proven


def _presses(finding: Finding, first: Cause, diagnosis: Diagnosis, is_lost: bool) -> bool:
    """Whether what is proven mends something that presses, and not only what is worth knowing.

    A plan mends the outputs, whatever it is that costs them, but half a network in 16 bit is no
    answer to what is only worth knowing. Anything else does not come before the step of a first
    cause that is worse than what it mends.

    Parameters
    ----------
    is_lost : whether some output lost more than is only worth knowing.
    """
    root = diagnosis.cause_of(finding) or finding
    severity = diagnosis.severity_of(root)
    comes_later = severity < first.severity and _step(first.finding) is not None
    is_grave = severity > Severity.INFO
    mends = is_lost or is_grave if finding.id == PLAN else is_grave and not comes_later
    return mends and is_offered(finding, diagnosis)


def _step(finding: Finding) -> NextStep | None:
    if finding.command:
        return NextStep(finding.id, sentences(finding.remedy), (finding.command,))
    # Ranges that no trial has proven do not go into a script.
    if finding.recommendation and finding.commands and not finding.recommendation.ranges:
        text = sentences(finding.remedy) or TRY_LINES
        return NextStep(finding.id, text, finding.commands, is_script=True)
    return NextStep(finding.id, sentences(finding.remedy)) if finding.remedy else None
