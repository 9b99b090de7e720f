"""The one thing to do first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from utils.causes import Cause, NextStep
from utils.causes.links import Link, link_of
from utils.findings import Finding, Severity

TRY_LINES = "Add these lines to the model script and quantize again"


def next_step(causes: Sequence[Cause], findings: Iterable[Finding]) -> NextStep | None:
    """What is proven comes first, unless the calibration or the data are wrong.

    Nothing that is measured with wrong data, or in ranges of a wrong calibration, says what helps
    once these are right.

    Parameters
    ----------
    causes : what matters most first.
    findings : all, since what a trial has proven may be folded under a cause.

    Returns
    -------
    None where nothing above an info was found, or nothing can be done about it.
    """
    pressing = [cause for cause in causes if cause.severity > Severity.INFO]
    if not pressing:
        return None
    if link_of(pressing[0].finding.id) > Link.DATA:
        for finding in findings:
            if finding.recommendation and finding.recommendation.proven:
                return _step(finding)
    return next(filter(None, (_step(cause.finding) for cause in pressing)), None)


def _step(finding: Finding) -> NextStep | None:
    if finding.command:
        return NextStep(finding.id, finding.remedy, (finding.command,))
    if finding.commands:
        text = finding.remedy or TRY_LINES
        return NextStep(finding.id, text, finding.commands, is_script=True)
    return NextStep(finding.id, finding.remedy) if finding.remedy else None
