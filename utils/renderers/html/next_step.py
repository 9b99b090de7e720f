"""What to do first: advice of the finding to begin with, and where it stands on the page."""

from __future__ import annotations

from dataclasses import dataclass

from utils.renderers.html.findings import MAX_MESSAGE, anchors
from utils.renderers.terminal.wording import clauses
from utils.renderers.verdict import first_finding
from utils.report import Report
from utils.wording import short


@dataclass(frozen=True)
class NextStep:
    """The finding to begin with; no advice where its message has none."""

    id: str
    anchor: str
    advice: str


def next_step(report: Report) -> NextStep | None:
    """None where nothing above an info was found."""
    first = first_finding(report)
    if first is None:
        return None
    (anchor, *_) = (
        anchors(report)[first.severity, first.id, result.name]
        for result in report.results
        if any(finding is first for finding in result.findings)
    )
    if first.recommendation and first.recommendation.commands:
        advice = "try its lines for the model script"
    else:
        advice = "; ".join(clauses(first.message)[1:])
    return NextStep(first.id, anchor, short(advice, MAX_MESSAGE))
