"""Findings that somebody has decided to live with: who says so, and what it was said of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from utils.findings import Finding, InspectorResult

FINDING_ID = "^[a-z0-9]+(-[a-z0-9]+)*$"  # what an id looks like, as schemas say it


@dataclass(frozen=True)
class IgnoreRule:
    """A decision to ignore every finding of one id.

    Parameters
    ----------
    id : of the findings.
    reason : why, in the words of whoever decided.
    until : the last day on which it holds; None for no end.
    """

    id: str
    reason: str
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it has not ended yet."""
        return self.until is None or day <= self.until

    @property
    def described(self) -> str:
        """The reason, with the last day where there is one."""
        return f"{self.reason} (until {self.until})" if self.until else self.reason


@dataclass(frozen=True)
class Ignored:
    """A finding that was made and is ignored: it counts nowhere, and is listed everywhere.

    Parameters
    ----------
    inspector : name of the inspector that made it; "" where a file was checked without one.
    """

    finding: Finding
    rule: IgnoreRule
    inspector: str = ""


def without_ignored(
    result: InspectorResult, rules: Iterable[IgnoreRule], today: date
) -> tuple[InspectorResult, tuple[Ignored, ...]]:
    """What one inspector said without what is ignored, and that."""
    kept, ignored = parted(result.findings, rules, today, result.name)
    return replace(result, findings=kept), ignored


def parted(
    findings: Sequence[Finding], rules: Iterable[IgnoreRule], today: date, inspector: str = ""
) -> tuple[tuple[Finding, ...], tuple[Ignored, ...]]:
    """Findings that count, and those that are ignored, each in their order."""
    by_id = {rule.id: rule for rule in rules if rule.holds_on(today)}
    kept = tuple(finding for finding in findings if finding.id not in by_id)
    ignored = tuple(Ignored(f, by_id[f.id], inspector) for f in findings if f.id in by_id)
    return kept, ignored
