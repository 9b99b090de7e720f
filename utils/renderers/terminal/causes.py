"""The diagnosis at the end of a run: causes first, each with what it explains and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from utils.causes import Cause
from utils.findings import Finding, Severity
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.terminal.shown import BLANK, Shown, Text
from utils.wording import plural

INDENT = 4


def causes_shown(report: Report, names: ShortNames, is_verbose: bool = False) -> Iterator[Shown]:
    """Causes with consequences, then what stands alone; with -v also what asks for nothing."""
    told = [c for c in report.diagnosis.causes if is_verbose or not _is_quiet(c)]
    for heading, causes in (
        ("Causes", [cause for cause in told if cause.explains]),
        ("Besides", [cause for cause in told if not cause.explains]),
    ):
        if causes:
            yield BLANK
            yield Text(heading, is_heading=True)
        for same in _by_advice(causes):
            yield from _shown(same, names, is_verbose)
    quiet = len(report.diagnosis.causes) - len(told)
    if quiet:
        yield Text(f"and {plural(quiet, 'info')} that asks for nothing (-v tells which)", indent=2)


def _is_quiet(cause: Cause) -> bool:
    return not cause.explains and cause.finding.asks_for_nothing


def _by_advice(causes: Sequence[Cause]) -> list[list[Cause]]:
    """Findings of one id that ask for the same are told once."""
    found: dict[tuple[str, str, str, bool], list[Cause]] = {}
    for cause in causes:
        finding = cause.finding
        key = (finding.id, finding.headline, finding.remedy, bool(cause.explains))
        found.setdefault(key, []).append(cause)
    return list(found.values())


def _shown(same: Sequence[Cause], names: ShortNames, is_verbose: bool) -> Iterator[Shown]:
    def said(text: str) -> str:
        return text if is_verbose else names.within(text)

    finding, severity = same[0].finding, max(cause.severity for cause in same)
    yield Text(f"{said(finding.headline)} [{finding.id}]", severity)
    explained = [other for cause in same for other in cause.explains]
    if explained:
        yield Text(f"{_explains(explained)}; {same[0].proof.in_words}", indent=INDENT, hanging=2)
    if is_verbose and finding.why:
        yield Text(said(finding.why), indent=INDENT, hanging=2)
    if finding.remedy:
        yield Text(said(finding.remedy), indent=INDENT, hanging=2)
    if finding.command:
        yield Text(finding.command, indent=INDENT, is_breakable=False)


def _explains(findings: Sequence[Finding]) -> str:
    ids = ", ".join(dict.fromkeys(finding.id for finding in findings))
    return f"explains {plural(len(findings), 'finding')}: {ids}"


def counts_in_words(report: Report) -> str:
    """Causes and consequences, e.g. ``1 cause, 6 consequences``."""
    causes = sum(bool(cause.explains) for cause in report.diagnosis.causes)
    alone = sum(
        not cause.explains and cause.severity > Severity.INFO for cause in report.diagnosis.causes
    )
    said = [plural(causes, "cause"), plural(report.consequences, "consequence")] if causes else []
    return ", ".join([*said, *([plural(alone, "finding") + " besides"] if alone else [])])
