"""The end of a run: what to look at next, what was not checked, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from utils.findings import Severity
from utils.renderers.terminal.noise import noise_shown
from utils.renderers.terminal.notes import notes_shown
from utils.renderers.terminal.remedies import remedies_shown
from utils.renderers.terminal.script import script_shown
from utils.renderers.terminal.wording import ShortNames, advice_of
from utils.renderers.verdict import first_finding, verdict
from utils.report import Report
from utils.terminal.shown import BLANK, Shown, Text
from utils.wording import listed, plural


def summary_shown(report: Report, names: ShortNames, is_verbose: bool = False) -> Iterator[Shown]:
    """Noise, model script, what was not checked, what to do, and last the verdict."""
    yield from noise_shown(report, names)
    yield from script_shown(report)
    yield from _with_blank(notes_shown(report, names, is_verbose))
    yield from _with_blank(_overview(report))
    yield from remedies_shown(report, names, is_verbose)
    yield BLANK
    for failure in report.failures:
        yield Text(f"Not whole: {failure}", Severity.ERROR)
    yield Text(f"Verdict: {verdict(report)}", hanging=2, is_heading=True)
    yield from _next_step(report, names)


def _with_blank(blocks: Iterator[Shown]) -> Iterator[Shown]:
    for count, block in enumerate(blocks):
        if count == 0:
            yield BLANK
        yield block


def _overview(report: Report) -> Iterator[Shown]:
    """Ids of what matters: the findings themselves may have left the screen."""
    for severity in (Severity.ERROR, Severity.WARNING):
        ids = [finding.id for finding in report.findings() if finding.severity == severity]
        if ids:
            said = ", ".join(dict.fromkeys(ids))
            yield Text(f"{plural(len(ids), severity.label)}: {said}", hanging=2)


def _next_step(report: Report, names: ShortNames) -> Iterator[Shown]:
    """What to do about the finding to begin with."""
    first = first_finding(report)
    if first is None:
        return
    proven = [f.id for f in report.findings() if f.recommendation and f.recommendation.proven]
    if proven and first.severity < Severity.ERROR:
        said = listed(list(dict.fromkeys(proven)))
        advice = f"take the lines above that a trial has proven: {said}"
    elif first.recommendation and first.recommendation.commands:
        advice = f"try the model script lines above for {first.id}"
    else:
        advice = names.within(advice_of(first.message))
    if advice:
        yield Text(f"Next: {advice}", hanging=2)
