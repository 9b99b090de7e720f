"""Findings on the terminal: a line each, which says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from utils.findings import Finding, InspectorResult, Severity
from utils.renderers.terminal.wording import ShortNames
from utils.terminal.shown import Shown, Text


def result_shown(
    result: InspectorResult, names: ShortNames, is_verbose: bool = False
) -> Iterator[Shown]:
    """What one inspector said, behind the line that opens it.

    With -v also what asks for nothing, and why it did not run.
    """
    for finding in result.findings:
        if is_verbose or not finding.asks_for_nothing:
            yield finding_shown(finding, names, is_verbose)
    if result.crashed:
        what = f"{result.name} crashed and did not finish: {result.crashed}"
        yield Text(what, Severity.ERROR)
    elif result.skipped and is_verbose:
        yield Text(f"Skipped {result.name}: {result.skipped}", Severity.INFO)


def finding_shown(finding: Finding, names: ShortNames, is_verbose: bool = False) -> Text:
    """What is wrong, and by which numbers; what to do follows at the end of the run.

    Without -v layers are called by their short names, and what the compiler says is left out.
    """
    said = " ".join(filter(None, (finding.headline, finding.evidence and f"({finding.evidence})")))
    if is_verbose and finding.quotation:
        said += f'; look for "{finding.quotation}" in logs'
    return Text(f"{said if is_verbose else names.within(said)} [{finding.id}]", finding.severity)


def problem_shown(finding: Finding) -> Text:
    """A problem of a text file, as compilers write it, so that editors find the place."""
    said = f"{finding.location}: {finding.severity.label}: {finding.message} [{finding.id}]"
    return Text(said, hanging=4)
