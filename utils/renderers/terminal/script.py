"""The lines of the model script that the findings of a run recommend, ready to be copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from utils.findings import Finding
from utils.renderers.terminal.findings import standing
from utils.renderers.terminal.shown import BLANK, Shown, Text
from utils.report import Report

HEADINGS = {
    "proven by a trial": "Model script lines that a trial has proven",
    "recommended": "Model script lines recommended",
    "worth a try": "Worth a try: measure what they change",
    "not proven by a trial": "Not proven by a trial",
}


def script_shown(report: Report) -> Iterator[Shown]:
    """Every line once, with the findings that ask for it as a comment above it."""
    by_standing: dict[str, dict[str, list[str]]] = {}
    for finding, command, how in _wishes(report.findings()):
        by_standing.setdefault(how, {}).setdefault(command, []).append(finding.id)
    for how, heading in HEADINGS.items():
        if how in by_standing:
            yield BLANK
            yield Text(heading, is_heading=True)
            yield from _block(by_standing[how])


def _wishes(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str, str]]:
    """Lines with the strongest that stands behind each."""
    order = list(HEADINGS)
    wishes = [
        (finding, command, standing(finding.recommendation))
        for finding in findings
        if finding.recommendation
        for command in finding.recommendation.commands
    ]
    best: dict[str, str] = {}
    for _, command, how in wishes:
        best[command] = min(best.get(command, how), how, key=order.index)
    return ((finding, command, best[command]) for finding, command, _ in wishes)


def _block(asked_by: dict[str, list[str]]) -> Iterator[Shown]:
    comment = ""
    for command, ids in asked_by.items():
        before, comment = comment, ", ".join(dict.fromkeys(ids))
        if comment != before:  # lines of one finding stand together
            yield Text(f"# {comment}", indent=2, hanging=2)
        yield Text(command, indent=2, is_breakable=False)
