"""Findings as annotations of GitHub's workflows, one line each."""

from __future__ import annotations

from collections.abc import Iterator

from utils.causes import Cause
from utils.findings import Severity
from utils.renderers.explains import explains
from utils.renderers.ignored_lines import ignored_lines
from utils.renderers.next_lines import next_lines
from utils.renderers.scripts.wording import counted
from utils.renderers.standing import label
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.report.linted import LintRun
from utils.terminal.annotations import annotation
from utils.tool import NAME

INCOMPLETE = "The run is incomplete"


def report_annotations(report: Report, least: Severity | None = None) -> Iterator[str]:
    """Causes and what stands alone, what the run could not do, and last verdict and next step.

    What a cause explains is told with it: GitHub shows ten annotations of a kind and no more.

    Parameters
    ----------
    least : what is milder is left out; None leaves out what asks for nothing.
    """
    for cause in report.diagnosis.causes:
        if cause.severity >= (least or Severity.INFO) and (least or not cause.asks_for_nothing):
            yield _cause(report, cause)
    for failure in report.shortfalls:
        yield annotation(Severity.ERROR, failure, INCOMPLETE)
    ignored = [f"Ignored: {line}" for line in ignored_lines(report.ignored)]
    lines = [verdict(report), *next_lines(report), *ignored]
    yield annotation(Severity.INFO, "\n".join(lines), f"{NAME}: {report.model.name}")


def _cause(report: Report, cause: Cause) -> str:
    finding = cause.finding
    lines = [
        finding.message,
        f"It {explains(cause)}." if cause.explains else "",
        f"Run: {finding.command}" if finding.command else "",
        *(f"{label(finding)}: {command}" for command in report.offered_commands(finding)),
    ]
    title = f"{finding.headline} [{finding.id}]"
    return annotation(cause.severity, "\n".join(filter(None, lines)), title)


def script_annotations(run: LintRun, least: Severity | None = None) -> Iterator[str]:
    """Problems of model scripts, each at its line, and last how many there are."""
    for finding in run.findings():
        if finding.severity >= (least or Severity.INFO):
            place = finding.location
            yield annotation(finding.severity, finding.message, finding.id, place)
    ignored = [f"Ignored: {line}" for line in ignored_lines(run.ignored)]
    yield annotation(Severity.INFO, "\n".join([counted(run), *ignored]), f"{NAME}: model scripts")
