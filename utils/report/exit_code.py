"""From how bad a finding on the exit code is 1, as ``--fail-on`` says."""

from __future__ import annotations

from collections.abc import Iterable

from utils.baseline import BaselineComparison
from utils.findings import Severity

INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C has ended


def code_of_findings(severities: Iterable[Severity], limit: Severity) -> int:
    """1 if a finding is told at least so bad, else 0."""
    return int(any(severity >= limit for severity in severities))


def code_of_changes(comparison: BaselineComparison | None, limit: Severity) -> int:
    """1 if what is new or worse, or may be, is at least so bad; 2 without any comparison."""
    if comparison is None or not comparison.is_comparable:
        return 2
    return int(any(Severity.labelled(f.severity) >= limit for f in comparison.regressions()))
