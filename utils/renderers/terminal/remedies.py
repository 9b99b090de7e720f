"""What to do about the findings of a run: said once, where the run ends."""

from __future__ import annotations

from collections.abc import Iterator

from utils.findings import Severity
from utils.renderers.terminal.wording import ShortNames, advice_of, without_quotations
from utils.renderers.verdict import urgency
from utils.report import Report
from utils.terminal.shown import BLANK, Shown, Text


def remedies_shown(report: Report, names: ShortNames, is_verbose: bool = False) -> Iterator[Shown]:
    """An entry for each error and warning that has a remedy, the most urgent first.

    With -v infos have theirs as well, and layers are called by their whole names.
    """
    least = Severity.INFO if is_verbose else Severity.WARNING
    entries: dict[str, None] = {}  # two findings of an id may say the same
    for finding in sorted(report.findings(), key=urgency, reverse=True):
        advice = advice_of(finding.message)
        said = advice if is_verbose else without_quotations(names.within(advice))
        if said and finding.severity >= least:
            entries[f"{finding.id}: {said}"] = None
    if entries:
        yield BLANK
        yield Text("What to do", is_heading=True)
    for entry in entries:
        yield Text(entry, indent=2, hanging=2)
